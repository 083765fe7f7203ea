//! `/start`: subscribes the place it is said in; or does what a link that leads here asks for: shows a
//! statement, or subscribes one source. Soon after `/stop` it brings back what that ended: whoever sends it then
//! wants to go on as before.

use super::{read, stop};
use crate::bot::{Context, command, find_source};
use crate::{
    domain::Message,
    message,
    store::{Result, SubscribeResult, UpdateTx},
};

pub(crate) async fn start(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    payload: &str,
) -> Result<Option<Message>> {
    if let Some(handle) = command::read_of(payload) {
        return read::command_of(tx, ask, handle).await;
    }
    let cards = tx.source_overviews(ask.place).await?;
    let is_new = match find_source(&cards, payload) {
        Some(card) => {
            let most = ask.policy.subscriptions_max;
            match tx.subscribe_to(ask.place, ask.kind, ask.lang, card.source_id, most).await? {
                SubscribeResult::Yes => true,
                SubscribeResult::Already => false,
                SubscribeResult::TooMany => {
                    let words = (ask.lang.phrases().too_many_sources)(most as i64);
                    return Ok(Some(message::plain(&ask.too_many(tx, words).await?)));
                }
                SubscribeResult::Unknown => {
                    return Ok(Some(message::plain(ask.lang.phrases().unknown_source)));
                }
            }
        }
        // A link of another bot, or of a source that is not watched any more: a start all the same.
        None => {
            let is_restored = tx.restore(ask.place).await?;
            let subscribed = tx.subscribe(ask.place, ask.kind, ask.lang).await?;
            if is_restored {
                return stop::restored(tx, ask).await.map(Some);
            }
            subscribed.added > 0
        }
    };
    let titles = tx.titles(ask.place).await?;
    Ok(Some(message::greeting(&titles, is_new, ask.kind, ask.lang)))
}
