//! `/privacy` and `/export`: what is kept about a chat, in words and as a file.

use crate::bot::Context;
use crate::{
    domain::Message,
    message,
    store::{Result, UpdateTx},
};

pub(crate) async fn privacy(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let mut words = phrases.privacy.to_owned();
    if let Some(until) = tx.kept_until(ask.place).await? {
        let zone = tx.zone(ask.place).await?;
        words += "\n\n";
        words += &(phrases.privacy_kept)(&message::settings::local_time(zone, until));
    }
    Ok(message::plain(&words))
}

/// The file, if anything is kept.
pub(crate) async fn export(
    tx: &mut UpdateTx,
    ask: Context<'_>,
) -> Result<(Message, Option<String>)> {
    let phrases = ask.lang.phrases();
    Ok(match tx.export(ask.place.chat).await? {
        Some(kept) => {
            let file = serde_json::to_string_pretty(&kept).unwrap_or_default();
            (message::plain(phrases.export), Some(file))
        }
        None => (message::plain(phrases.nothing_kept), None),
    })
}
