//! `/search words`: entries in which something is found.

use crate::bot::Context;
use crate::{
    domain::{EntryWithSource, Message, Paragraph, callback::Cursor, search_query::Query},
    message,
    store::{PAGE_ENTRIES, Result, UpdateTx},
};

pub(crate) async fn search(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    let Some(query) = Query::parse(argument) else {
        return Ok(message::plain(ask.lang.phrases().search_usage));
    };
    show(tx, ask, &query, Cursor::First).await
}

pub(crate) async fn show(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    query: &Query,
    cursor: Cursor,
) -> Result<Message> {
    let listing = tx.search(ask.place, query, cursor, PAGE_ENTRIES).await?;
    let names_sources = tx.subscribed_overviews(ask.place).await?.len() > 1;
    let mut passages = Vec::with_capacity(listing.entries.len());
    let mut room = TEXT_BYTES_MAX;
    for listed in &listing.entries {
        passages.push(passage(tx, listed, query, &mut room).await?);
    }
    Ok(message::search_results(&listing, &passages, query, names_sources, ask.lang))
}

/// What is looked at of whole texts for a page of hits, in bytes: others wait meanwhile.
const TEXT_BYTES_MAX: usize = 100_000;

/// Where something is found that is not in the title: the lead, or a paragraph of the whole text if
/// that was read here.
async fn passage(
    tx: &mut UpdateTx,
    listed: &EntryWithSource,
    query: &Query,
    room: &mut usize,
) -> Result<Option<String>> {
    let has_it = |text: &str| !query.hits(text).is_empty();
    if has_it(&listed.entry.title) {
        return Ok(None);
    }
    if let Some(lead) = listed.entry.lead.as_ref().filter(|lead| has_it(lead)) {
        return Ok(Some(lead.clone()));
    }
    if *room == 0 {
        return Ok(None);
    }
    let article = tx.article(listed.entry_ref.entry_id).await?.unwrap_or_default();
    for Paragraph { text, .. } in article.paragraphs {
        if text.len() > *room {
            *room = 0;
            break;
        }
        *room -= text.len();
        if has_it(&text) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}
