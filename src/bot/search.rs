//! `/search words`: entries in which something is found.

use super::Ask;
use crate::{
    domain::{Message, keyboard::Cursor, words::Query},
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
    Ok(render::found(&listing, query, names_sources, ask.lang))
}
