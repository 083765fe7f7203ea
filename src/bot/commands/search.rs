//! `/search`: entries that match a query.
//!
//! Grammar: `/search QUERY`, as `domain::search_query` describes it.

use crate::{
    bot::{
        context::Context,
        reply::{CallbackReply, CommandReply},
    },
    domain::{EntryWithSource, Message, Paragraph, archive::Cursor, search_query::Query},
    message,
    store::{PAGE_ENTRIES, Result, UpdateTx},
};

/// The most bytes of full texts that are searched for passages of one page of hits. Other updates
/// wait meanwhile.
const TEXT_BYTES_MAX: usize = 100_000;

/// The query; `None` without words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument(Option<Query>);

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Argument(Query::parse(text))
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    Argument(query): Argument,
) -> Result<CommandReply> {
    Ok(match query {
        Some(query) => show(tx, context, &query, Cursor::First).await?.into(),
        None => message::plain(context.lang.phrases().search_usage).into(),
    })
}

/// Shows another page of hits. `words` are those of the search, as its message shows them.
pub(in crate::bot) async fn handle_callback(
    tx: &mut UpdateTx,
    context: Context<'_>,
    words: Option<&str>,
    cursor: Cursor,
) -> Result<CallbackReply> {
    Ok(match words.and_then(Query::parse) {
        Some(query) => CallbackReply::edit(show(tx, context, &query, cursor).await?),
        None => CallbackReply::toast(context.lang.phrases().search_again),
    })
}

async fn show(
    tx: &mut UpdateTx,
    context: Context<'_>,
    query: &Query,
    cursor: Cursor,
) -> Result<Message> {
    let page = tx.search(context.place, query, cursor, PAGE_ENTRIES).await?;
    let names_sources = tx.overviews_of_place(context.place).await?.len() > 1;
    let mut passages = Vec::with_capacity(page.entries.len());
    let mut bytes_left = TEXT_BYTES_MAX;
    for entry in &page.entries {
        passages.push(passage(tx, entry, query, &mut bytes_left).await?);
    }
    Ok(message::search_results(&page, &passages, query, names_sources, context.lang))
}

/// Returns the passage of an entry that matches, unless its title does: the lead, or a paragraph of
/// the full text if that is stored.
async fn passage(
    tx: &mut UpdateTx,
    entry: &EntryWithSource,
    query: &Query,
    bytes_left: &mut usize,
) -> Result<Option<String>> {
    let matches = |text: &str| !query.hits(text).is_empty();
    if matches(&entry.entry.title) {
        return Ok(None);
    }
    if let Some(lead) = entry.entry.lead.as_ref().filter(|lead| matches(lead)) {
        return Ok(Some(lead.clone()));
    }
    if *bytes_left == 0 {
        return Ok(None);
    }
    let article = tx.article(entry.entry_ref.entry_id).await?.unwrap_or_default();
    for Paragraph { text, .. } in article.paragraphs {
        if text.len() > *bytes_left {
            *bytes_left = 0;
            break;
        }
        *bytes_left -= text.len();
        if matches(&text) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}
