//! `/privacy` and `/export`: what is kept about a chat, in words and as a file.

use super::Context;
use crate::{
    domain::Message,
    render,
    store::{Result, UpdateTx},
};

pub(super) async fn privacy(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let mut words = phrases.privacy.to_owned();
    if let Some(until) = tx.kept_until(ask.place).await? {
        let zone = tx.zone(ask.place).await?;
        words += "\n\n";
        words += &(phrases.privacy_kept)(&render::settings::local_time(zone, until));
    }
    Ok(render::plain(&words))
}

/// The file, if anything is kept.
pub(super) async fn export(
    tx: &mut UpdateTx,
    ask: Context<'_>,
) -> Result<(Message, Option<String>)> {
    let phrases = ask.lang.phrases();
    Ok(match tx.export(ask.place.chat).await? {
        Some(kept) => {
            let file = serde_json::to_string_pretty(&kept).unwrap_or_default();
            (render::plain(phrases.export), Some(file))
        }
        None => (render::plain(phrases.nothing_kept), None),
    })
}
