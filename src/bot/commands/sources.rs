//! `/sources`: the sources to choose among, each a button.

use crate::bot::Context;
use crate::{
    domain::Message,
    message,
    store::{Result, SubscribeResult, UpdateTx},
};

pub(crate) async fn show(tx: &mut UpdateTx, ask: Context<'_>, page: u32) -> Result<Message> {
    let cards = tx.source_overviews(ask.target).await?;
    let zone = tx.zone(ask.target).await?;
    let page = usize::try_from(page).unwrap_or(0);
    Ok(message::sources(&cards, page, ask.button_target(), zone, ask.lang))
}

/// Subscribes a source or ends that; the words for whoever pressed the button.
pub(crate) async fn choose(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    source_id: i64,
    is_on: bool,
) -> Result<String> {
    let phrases = ask.lang.phrases();
    if !is_on {
        tx.unsubscribe_from(ask.target, source_id).await?;
        return Ok(phrases.unsubscribed_from.to_owned());
    }
    // A press can be made up: what is not offered here is not there.
    let cards = tx.source_overviews(ask.target).await?;
    if !cards.iter().any(|card| card.source_id == source_id) {
        return Ok(phrases.unknown_source.to_owned());
    }
    let most = ask.policy.subscriptions_max;
    let chosen = tx.subscribe_to(ask.target, ask.target_kind, ask.lang, source_id, most).await?;
    Ok(match chosen {
        SubscribeResult::Yes | SubscribeResult::Already => phrases.subscribed_to.to_owned(),
        SubscribeResult::TooMany => {
            ask.too_many(tx, (phrases.too_many_sources)(most as i64)).await?
        }
        SubscribeResult::Unknown => phrases.unknown_source.to_owned(),
    })
}

/// The page on which a source stands.
pub(crate) async fn page_of(tx: &mut UpdateTx, ask: Context<'_>, source_id: i64) -> Result<u32> {
    let cards = tx.source_overviews(ask.target).await?;
    let at = cards.iter().position(|card| card.source_id == source_id).unwrap_or(0);
    Ok(u32::try_from(at / message::PAGE_SOURCES).unwrap_or(0))
}
