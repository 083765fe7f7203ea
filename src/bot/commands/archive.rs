//! `/archive [source]`: all entries, page by page, by source and month.

use crate::bot::{Context, find_source};
use crate::{
    domain::{
        Message,
        callback::{ArchiveQuery, Cursor},
    },
    message,
    store::{Result, UpdateTx},
};

pub(crate) async fn archive(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    argument: &str,
) -> Result<Message> {
    let source_id = if argument.is_empty() {
        None
    } else {
        let cards = tx.source_overviews(ask.place).await?;
        match find_source(&cards, argument) {
            Some(card) => Some(card.source_id),
            None => return Ok(message::plain(ask.lang.phrases().unknown_source)),
        }
    };
    show(tx, ask, ArchiveQuery { source_id, month_on: None, cursor: Cursor::First }).await
}

/// A page of it.
pub(crate) async fn show(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    view: ArchiveQuery,
) -> Result<Message> {
    let cards = tx.source_overviews(ask.place).await?;
    let mut mine = cards.iter().filter(|card| card.is_subscribed);
    let name = match view.source_id {
        // Where there is but one, it is named above all of them.
        None => mine.next().filter(|_| mine.next().is_none()).map(|card| card.title.as_str()),
        Some(id) => match cards.iter().find(|card| card.source_id == id) {
            Some(card) => Some(card.title.as_str()),
            // Not watched any more, or never to be seen from here.
            None => return Ok(message::plain(ask.lang.phrases().unknown_source)),
        },
    };
    let listing = tx.archive(ask.place, view).await?;
    Ok(message::archive(&listing, view, name, ask.lang))
}

pub(crate) async fn sources(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let cards = tx.source_overviews(ask.place).await?;
    Ok(message::archive_sources(&cards, ask.lang))
}

pub(crate) async fn months(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    source_id: Option<i64>,
    year: Option<i32>,
) -> Result<Message> {
    let cards = tx.source_overviews(ask.place).await?;
    if source_id.is_some_and(|id| !cards.iter().any(|card| card.source_id == id)) {
        return Ok(message::plain(ask.lang.phrases().unknown_source));
    }
    let year = tx.months(ask.place, source_id, year).await?;
    Ok(message::archive_months(&year, source_id, ask.lang))
}
