//! The inline mode: statements to share, from the input line of whatever chat.

use crate::{
    domain::{Place, keyboard::Cursor, words::Query},
    render,
    store::{Result, UpdateTx},
    telegram::{Asked, Offer},
};

/// Statements that are offered.
const OFFERS_MAX: usize = 20;

/// The statements that match what was typed, or the newest; of the sources that the person is subscribed
/// to, or of all.
pub(super) async fn offer(inbox: &mut UpdateTx, asked: &Asked) -> Result<Vec<Offer>> {
    let place = Place::of(asked.user_id);
    let known = inbox.chat(place.chat).await?;
    let lang = known.map_or(asked.lang, |chat| chat.lang);
    let found = match Query::parse(&asked.text) {
        Some(query) => inbox.search(place, &query, Cursor::First, OFFERS_MAX).await?.entries,
        None if asked.text.trim().is_empty() => inbox.latest(place, None, OFFERS_MAX).await?,
        None => Vec::new(),
    };
    let offers = found.iter().map(|listed| {
        let (title, description, html) = render::offer(listed, lang);
        Offer { entry_id: listed.entry_ref.entry_id, title, description, html }
    });
    Ok(offers.collect())
}
