//! `/search words`: entries in which something is found.

use super::Ask;
use crate::{
    domain::{Listed, Message, keyboard::Cursor, words::Query},
    render,
    store::{Inbox, PAGE_ENTRIES, Result},
};

pub(super) async fn search(inbox: &mut Inbox, ask: Ask<'_>, argument: &str) -> Result<Message> {
    let Some(query) = Query::parse(argument) else {
        return Ok(render::plain(ask.lang.phrases().search_usage));
    };
    show(inbox, ask, &query, Cursor::First).await
}

pub(super) async fn show(
    inbox: &mut Inbox,
    ask: Ask<'_>,
    query: &Query,
    cursor: Cursor,
) -> Result<Message> {
    let listing = inbox.search(ask.place, query, cursor, PAGE_ENTRIES).await?;
    let names_sources = inbox.own_cards(ask.place).await?.len() > 1;
    let mut passages = Vec::with_capacity(listing.entries.len());
    for listed in &listing.entries {
        passages.push(passage(inbox, listed, query).await?);
    }
    Ok(render::found(&listing, &passages, query, names_sources, ask.lang))
}

/// Where something is found that is not in the title: the lead, or a paragraph of the whole text if
/// that was read here.
async fn passage(inbox: &mut Inbox, listed: &Listed, query: &Query) -> Result<Option<String>> {
    let has_it = |text: &str| !query.hits(text).is_empty();
    if has_it(&listed.entry.title) {
        return Ok(None);
    }
    if let Some(lead) = listed.entry.lead.as_ref().filter(|lead| has_it(lead)) {
        return Ok(Some(lead.clone()));
    }
    let article = inbox.article(listed.entry_id).await?.unwrap_or_default();
    let paragraphs = article.paragraphs.into_iter().map(|paragraph| paragraph.text);
    Ok(paragraphs.into_iter().find(|text| has_it(text)))
}
