//! `/latest [n] [source]`: the newest entries.

use crate::bot::{Context, find_source};
use crate::{
    domain::Message,
    message,
    store::{Result, UpdateTx},
};

/// The entries that are shown when no number is given, and the most that are.
const COUNT_DEFAULT: usize = 1;
const COUNT_MAX: usize = 10;

pub(crate) async fn latest(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let (first, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let is_number = first.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
    let (count, name) = match (argument.is_empty(), is_number) {
        (true, _) => (Some(COUNT_DEFAULT), ""),
        (_, true) => (first.parse().ok().filter(|n| (1..=COUNT_MAX).contains(n)), rest.trim()),
        (_, false) => (Some(COUNT_DEFAULT), argument),
    };
    let Some(count) = count else {
        return Ok(message::plain(phrases.latest_usage));
    };
    let source_id = if name.is_empty() {
        None
    } else {
        let cards = tx.source_overviews(ask.place).await?;
        match find_source(&cards, name) {
            Some(card) => Some(card.source_id),
            None => return Ok(message::plain(phrases.latest_usage)),
        }
    };
    let listed = tx.latest(ask.place, source_id, count).await?;
    let mut cards = tx.subscribed_overviews(ask.place).await?;
    cards.retain(|card| source_id.is_none_or(|id| id == card.source_id));
    let zone = tx.zone(ask.place).await?;
    let held = message::held(&cards, zone, ask.lang);
    Ok(message::latest(&listed, held, ask.kind, ask.username, ask.lang))
}
