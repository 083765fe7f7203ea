//! `/privacy` and `/export`: what is kept about a chat, in words and as a file.

use super::Ask;
use crate::{
    domain::Message,
    render,
    store::{Inbox, Result},
};

pub(super) fn privacy(ask: Ask<'_>) -> Message {
    render::plain(ask.lang.phrases().privacy)
}

/// The file, if anything is kept.
pub(super) async fn export(inbox: &mut Inbox, ask: Ask<'_>) -> Result<(Message, Option<String>)> {
    let phrases = ask.lang.phrases();
    Ok(match inbox.export(ask.place.chat).await? {
        Some(kept) => {
            let file = serde_json::to_string_pretty(&kept).unwrap_or_default();
            (render::plain(phrases.export), Some(file))
        }
        None => (render::plain(phrases.nothing_kept), None),
    })
}
