//! `/words`: sets the filter of the chat or of a source in it, and shows what it would have let
//! through.
//!
//! Grammar: `/words`, `/words [SOURCE] with LIST`, `/words [SOURCE] without LIST`, `/words [SOURCE]
//! off`. The first of the three verbs counts. A list is as `domain::search_query` describes it.

use super::settings;
use crate::{
    bot::{context::Context, reply::CommandReply, source_name::find_source},
    domain::{
        SourceId,
        callback::SettingsPage,
        filter::{Filter, WordList},
    },
    message,
    store::{Result, UpdateTx},
};

/// Entries that a new filter is tried on.
const TRIED_MAX: usize = 30;

/// What to do with the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Show it.
    Show,
    /// Change it.
    Change {
        /// The name of a source; `None` for the chat.
        source: Option<String>,
        /// The new words; `None` if the list is not valid.
        change: Option<FilterChange>,
    },
    /// Words without a verb.
    Invalid,
}

/// A change of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FilterChange {
    /// Only entries with one of these words.
    With(WordList),
    /// No entries with these words.
    Without(WordList),
    /// All entries.
    Off,
}

impl FilterChange {
    fn apply(self, filter: &mut Filter) {
        match self {
            FilterChange::With(list) => filter.with = list,
            FilterChange::Without(list) => filter.without = list,
            FilterChange::Off => *filter = Filter::default(),
        }
    }
}

pub(in crate::bot) fn parse(text: &str) -> Argument {
    if text.is_empty() {
        return Argument::Show;
    }
    let Some((before, verb, after)) = split_at_verb(text) else {
        return Argument::Invalid;
    };
    let list = || after.parse::<WordList>().ok();
    Argument::Change {
        source: (!before.is_empty()).then(|| before.to_owned()),
        change: match verb {
            Verb::With => list().map(FilterChange::With),
            Verb::Without => list().map(FilterChange::Without),
            Verb::Off => Some(FilterChange::Off),
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    With,
    Without,
    Off,
}

/// Returns what is before the first verb, the verb, and what is after it.
fn split_at_verb(text: &str) -> Option<(&str, Verb, &str)> {
    let mut at = 0;
    for word in text.split_whitespace() {
        let start = text[at..].find(word)? + at;
        at = start + word.len();
        let verb = match word.to_lowercase().as_str() {
            "with" => Verb::With,
            "without" => Verb::Without,
            "off" => Verb::Off,
            _ => continue,
        };
        return Some((text[..start].trim(), verb, text[at..].trim()));
    }
    None
}

/// Whether it changes the filter, or tries to.
pub(in crate::bot) fn changes_place(argument: &Argument) -> bool {
    *argument != Argument::Show
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let usage = || context.usage(context.lang.phrases().words_usage);
    match argument {
        Argument::Show => {
            let shown = settings::show(tx, context, None, SettingsPage::Words).await?;
            Ok(shown.unwrap_or_else(usage).into())
        }
        Argument::Change { source, change } => {
            let sources = tx.source_overviews(context.target).await?;
            let source_id = match source {
                None => None,
                Some(name) => match find_source(&sources, &name) {
                    Some(source) => Some(source.source_id),
                    None => return Ok(usage().into()),
                },
            };
            change_filter(tx, context, source_id, change).await
        }
        Argument::Invalid => Ok(usage().into()),
    }
}

async fn change_filter(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: Option<SourceId>,
    change: Option<FilterChange>,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    let Some(mut overrides) = settings::overrides(tx, context, source_id).await? else {
        return Ok(message::plain(phrases.source_not_chosen).into());
    };
    let Some(change) = change else {
        return Ok(context.usage(phrases.words_usage).into());
    };
    let mut filter = overrides.filter.take().unwrap_or_default();
    change.apply(&mut filter);
    let is_off = filter.with.is_empty() && filter.without.is_empty();
    // An empty filter of a source overrides that of the chat.
    overrides.filter = (!is_off || source_id.is_some()).then(|| filter.clone());
    tx.ensure_chat(context.target.chat, context.target_kind, context.lang).await?;
    tx.set_settings(context.target, source_id, &overrides).await?;
    let tried = tx.latest(context.target, source_id, TRIED_MAX).await?;
    let passed: Vec<&str> = tried
        .iter()
        .filter(|entry| filter.passes(&entry.entry.title, entry.entry.lead.as_deref()))
        .map(|entry| entry.entry.title.as_str())
        .collect();
    let opening = message::settings::filter_words(&filter, context.lang);
    let preview = message::settings::filter_preview(&opening, &passed, tried.len(), context.lang);
    Ok(preview.into())
}
