//! The inline mode: statements to share, from the input line of whatever chat.

use crate::{
    domain::{Place, callback::Cursor, search_query::Query},
    message,
    store::{Result, UpdateTx},
    telegram::{InlineQuery, InlineResult},
};

/// Statements that are offered.
const RESULTS_MAX: usize = 20;

/// The statements that match what was typed, or the newest; of the sources that the person is subscribed
/// to, or of all.
pub(super) async fn results(tx: &mut UpdateTx, asked: &InlineQuery) -> Result<Vec<InlineResult>> {
    let place = Place::of(asked.user_id);
    let known = tx.chat(place.chat).await?;
    let lang = known.map_or(asked.lang, |chat| chat.lang);
    let found = match Query::parse(&asked.text) {
        Some(query) => tx.search(place, &query, Cursor::First, RESULTS_MAX).await?.entries,
        None if asked.text.trim().is_empty() => tx.latest(place, None, RESULTS_MAX).await?,
        None => Vec::new(),
    };
    let offers = found.iter().map(|listed| {
        let (title, description, html) = message::inline_result(listed, lang);
        InlineResult { entry_id: listed.entry_ref.entry_id, title, description, html }
    });
    Ok(offers.collect())
}
