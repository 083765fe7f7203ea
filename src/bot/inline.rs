//! Inline queries: entries to share from the input line of any chat.

use crate::{
    domain::{Place, archive::Cursor, search_query::Query},
    message,
    store::{Result, UpdateTx},
    telegram::{InlineQuery, InlineResult},
};

/// The most entries in a response.
const RESULTS_MAX: usize = 20;

/// Returns the entries that match the typed text, or the newest ones if it is empty. They are of
/// the user's subscriptions, or of all sources if there are none.
pub(super) async fn results(tx: &mut UpdateTx, query: &InlineQuery) -> Result<Vec<InlineResult>> {
    let place = Place::of(query.user_id.0);
    let known = tx.chat(place.chat).await?;
    let lang = known.map_or(query.lang, |chat| chat.lang);
    let entries = match Query::parse(&query.text) {
        Some(query) => tx.search(place, &query, Cursor::First, RESULTS_MAX).await?.entries,
        None if query.text.trim().is_empty() => tx.latest(place, None, RESULTS_MAX).await?,
        None => Vec::new(),
    };
    let result = |entry| {
        let (title, description, html) = message::inline_result(entry, lang);
        InlineResult { entry_id: entry.entry_ref.entry_id, title, description, html }
    };
    Ok(entries.iter().map(result).collect())
}
