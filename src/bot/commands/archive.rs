//! `/archive`: all entries, page by page, by source and month.
//!
//! Grammar: `/archive [SOURCE]`.

pub(in crate::bot) use crate::bot::argument::{
    OptionalSource as Argument, optional_source as parse,
};

use crate::{
    bot::{context::Context, reply::CommandReply, source_name::find_source},
    domain::{
        Message, SourceId,
        archive::{ArchiveQuery, Cursor},
    },
    message,
    store::{Result, UpdateTx},
};

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let source_id = match argument.0 {
        None => None,
        Some(name) => {
            let sources = tx.source_overviews(context.place).await?;
            match find_source(&sources, &name) {
                Some(source) => Some(source.source_id),
                None => return Ok(message::plain(context.lang.phrases().unknown_source).into()),
            }
        }
    };
    let query = ArchiveQuery { source_id, month_on: None, cursor: Cursor::First };
    Ok(show(tx, context, query).await?.into())
}

/// Returns a page of the archive.
pub(in crate::bot) async fn show(
    tx: &mut UpdateTx,
    context: Context<'_>,
    query: ArchiveQuery,
) -> Result<Message> {
    let sources = tx.source_overviews(context.place).await?;
    let mut subscribed = sources.iter().filter(|source| source.is_subscribed);
    let title = match query.source_id {
        // The only source is named above all entries.
        None => subscribed
            .next()
            .filter(|_| subscribed.next().is_none())
            .map(|source| source.title.as_str()),
        Some(id) => match sources.iter().find(|source| source.source_id == id) {
            Some(source) => Some(source.title.as_str()),
            // It was removed, or is private to another chat.
            None => return Ok(message::plain(context.lang.phrases().unknown_source)),
        },
    };
    let page = tx.archive(context.place, query).await?;
    Ok(message::archive(&page, query, title, context.lang))
}

/// Returns the sources that the archive can be limited to.
pub(in crate::bot) async fn sources(tx: &mut UpdateTx, context: Context<'_>) -> Result<Message> {
    let sources = tx.source_overviews(context.place).await?;
    Ok(message::archive_sources(&sources, context.lang))
}

/// Returns the months of a year that the archive can be limited to.
pub(in crate::bot) async fn months(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
    year: Option<i32>,
) -> Result<Message> {
    let sources = tx.source_overviews(context.place).await?;
    if source_id.is_some_and(|id| !sources.iter().any(|source| source.source_id == id)) {
        return Ok(message::plain(context.lang.phrases().unknown_source));
    }
    let year = tx.months(context.place, source_id, year).await?;
    Ok(message::archive_months(&year, source_id, context.lang))
}
