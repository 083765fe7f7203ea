//! `/latest`: the newest entries.
//!
//! Grammar: `/latest [N] [SOURCE]`, where N is 1 to 10. A first word of digits is always N.

use crate::{
    bot::{argument::non_empty, context::Context, reply::CommandReply, source_name::find_source},
    domain::Message,
    message,
    store::{Result, UpdateTx},
};

/// The entries that are shown without a number.
const COUNT_DEFAULT: usize = 1;
/// The most entries that are shown.
const COUNT_MAX: usize = 10;

/// What to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// The newest entries.
    Newest(Newest),
    /// The number is out of bounds.
    Invalid,
}

/// How many of the newest entries, and of which source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Newest {
    count: usize,
    source: Option<String>,
}

impl Default for Newest {
    fn default() -> Self {
        Newest { count: COUNT_DEFAULT, source: None }
    }
}

pub(in crate::bot) fn parse(text: &str) -> Argument {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if text.is_empty() {
        return Argument::Newest(Newest::default());
    }
    let is_number = first.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
    if !is_number {
        return Argument::Newest(Newest { source: non_empty(text), ..Newest::default() });
    }
    match first.parse().ok().filter(|n| (1..=COUNT_MAX).contains(n)) {
        Some(count) => Argument::Newest(Newest { count, source: non_empty(rest.trim()) }),
        None => Argument::Invalid,
    }
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    Ok(match argument {
        Argument::Newest(newest) => show(tx, context, newest).await?,
        Argument::Invalid => message::plain(context.lang.phrases().latest_usage),
    }
    .into())
}

/// Returns the newest entries.
pub(in crate::bot) async fn show(
    tx: &mut UpdateTx,
    context: Context<'_>,
    Newest { count, source }: Newest,
) -> Result<Message> {
    let source_id = match source {
        None => None,
        Some(name) => {
            let sources = tx.source_overviews(context.place).await?;
            match find_source(&sources, &name) {
                Some(source) => Some(source.source_id),
                None => return Ok(message::plain(context.lang.phrases().latest_usage)),
            }
        }
    };
    let entries = tx.latest(context.place, source_id, count).await?;
    let mut sources = tx.overviews_of_place(context.place).await?;
    sources.retain(|source| source_id.is_none_or(|id| id == source.source_id));
    let zone = tx.zone(context.place).await?;
    let held = message::held(&sources, zone, context.lang);
    Ok(message::latest(&entries, held, context.kind, context.username, context.lang))
}
