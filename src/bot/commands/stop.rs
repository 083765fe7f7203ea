//! `/stop`: ends all subscriptions of the place, or one of them. *Restore* and `/start` bring back
//! what it removed.
//!
//! Grammar: `/stop`, `/stop SOURCE`; in a private chat `/stop CHANNEL [SOURCE]`.
//! Guarantees: nothing is lost by a slip. Words that are no source change nothing, words like "all"
//! included; the reply says that `/stop` alone ends everything. What `/start` does not bring back
//! can be restored for ten minutes.

use crate::{
    bot::{
        argument::non_empty,
        context::Context,
        reply::{CallbackReply, CommandReply},
        source_name::find_source,
    },
    domain::{ChatKind, Message, Origin, SourceOverview, entry::fold},
    message,
    store::{Result, Unsubscribed, UpdateTx},
};

/// The least letters of a part of a title: shorter words ("it", "the", "all") are in many titles by
/// chance.
const PART_CHARS_MIN: usize = 4;
/// Words for "everything", folded. They do not count as a part of a title.
const EVERYTHING: [&str; 20] = [
    "all",
    "everything",
    "все",
    "всё",
    "всех",
    "всего",
    "усе",
    "все це",
    "всі",
    "усі",
    "alle",
    "alles",
    "tous",
    "tout",
    "toute",
    "toutes",
    "todo",
    "todos",
    "toda",
    "todas",
];

/// What to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// All subscriptions.
    All,
    /// The subscription to a source, if these words name one.
    Source(String),
}

pub(in crate::bot) fn parse(text: &str) -> Argument {
    non_empty(text).map_or(Argument::All, Argument::Source)
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    Ok(match argument {
        Argument::All => stop_all(tx, context).await?,
        Argument::Source(name) => stop_source(tx, context, &name).await?,
    }
    .into())
}

async fn stop_source(tx: &mut UpdateTx, context: Context<'_>, name: &str) -> Result<Message> {
    let phrases = context.lang.phrases();
    let sources = tx.source_overviews(context.target).await?;
    let subscribed: Vec<SourceOverview> =
        sources.iter().filter(|source| source.is_subscribed).cloned().collect();
    let message = match named(&sources, &subscribed, name) {
        Some(source) if source.is_subscribed => {
            tx.unsubscribe_from(context.target, source.source_id).await?;
            let mut words = (phrases.unwatched)(&source.title);
            let mut next = vec![(phrases.get_back, resubscribe_hint(context, source))];
            if subscribed.len() == 1 {
                words = format!("{words} {}", phrases.last_source);
                next.push((phrases.delete_rest, context.typed("/stop")));
            }
            message::advice(&words, &next, context.lang)
        }
        Some(source) => {
            let next = (phrases.all_sources, context.typed("/sources"));
            message::advice(&(phrases.not_subscribed_to)(&source.title), &[next], context.lang)
        }
        None => usage(context, &subscribed),
    };
    Ok(in_its_channel(context, message))
}

/// Returns the forms of the command, with a button for each subscription.
fn usage(context: Context<'_>, subscribed: &[SourceOverview]) -> Message {
    let phrases = context.lang.phrases();
    let command = context.typed("/stop");
    let one = format!("{command} {}", phrases.stop_example);
    let mut forms = vec![(command, phrases.stop_all), (one, phrases.stop_source)];
    if context.kind == ChatKind::Private && context.target == context.place {
        forms.push(("/stop @channel".to_owned(), phrases.stop_channel));
    }
    message::unsubscribe_list(
        message::forms(phrases.stop_usage, &forms),
        subscribed,
        context.button_target(),
    )
}

/// Returns the source of a name: by its permanent name or address; or by its title or a part of it,
/// if only one source has that. Subscriptions take precedence.
fn named<'a>(
    sources: &'a [SourceOverview],
    subscribed: &'a [SourceOverview],
    argument: &str,
) -> Option<&'a SourceOverview> {
    let wanted = fold(argument);
    let name = argument.to_lowercase();
    let is_called = |source: &&SourceOverview| source.name == name || source.url == argument;
    let whole = |sources: &'a [SourceOverview]| {
        let mut titled = sources.iter().filter(|source| fold(&source.title) == wanted);
        let titled = titled.next().filter(|_| !wanted.is_empty() && titled.next().is_none());
        sources.iter().find(is_called).or(titled)
    };
    if let Some(source) = whole(subscribed).or_else(|| whole(sources)) {
        return Some(source);
    }
    if wanted.chars().count() < PART_CHARS_MIN || EVERYTHING.contains(&wanted.as_str()) {
        return None;
    }
    let begins_a_word = |source: &&SourceOverview| {
        format!(" {}", fold(&source.title)).contains(&format!(" {wanted}"))
    };
    let part = |sources: &'a [SourceOverview]| find_source(sources, argument).filter(begins_a_word);
    part(subscribed).or_else(|| part(sources))
}

/// Returns the command that subscribes to a source again. A page that users added is listed to its
/// subscribers only.
fn resubscribe_hint(context: Context<'_>, source: &SourceOverview) -> String {
    match source.origin {
        Origin::Operator => context.typed("/sources"),
        Origin::Chat => format!("{} {}", context.typed("/watch"), source.url),
    }
}

async fn stop_all(tx: &mut UpdateTx, context: Context<'_>) -> Result<Message> {
    let phrases = context.lang.phrases();
    let stopped = tx.unsubscribe(context.target).await?;
    let message = match context.channel_name() {
        None => message::plain(match stopped {
            Unsubscribed::Left => phrases.stopped,
            Unsubscribed::LeftTopic => phrases.stopped_topic,
            Unsubscribed::WasNot => phrases.not_subscribed,
            Unsubscribed::Deleted => phrases.deleted,
            Unsubscribed::Kept => phrases.stopped_kept,
            Unsubscribed::KeptTopic => phrases.stopped_topic_kept,
        }),
        Some(name) => match stopped {
            Unsubscribed::Left | Unsubscribed::LeftTopic => {
                channel_advice(context, &(phrases.stopped_channel)(&name))
            }
            Unsubscribed::WasNot => {
                channel_advice(context, &(phrases.channel_not_subscribed)(&name))
            }
            Unsubscribed::Deleted => channel_advice(context, &(phrases.channel_deleted)(&name)),
            Unsubscribed::Kept | Unsubscribed::KeptTopic => {
                message::plain(&(phrases.stopped_channel_kept)(&name))
            }
        },
    };
    Ok(match stopped {
        Unsubscribed::Kept | Unsubscribed::KeptTopic => {
            message::restorable(message, context.button_target(), context.lang)
        }
        _ => message,
    })
}

/// Returns words about a channel without subscriptions, and the command that changes that.
fn channel_advice(context: Context<'_>, words: &str) -> Message {
    let next = (context.lang.phrases().choose_for_channel, context.typed("/channel"));
    message::advice(words, &[next], context.lang)
}

/// Adds a line that names the channel, if the message is about one.
fn in_its_channel(context: Context<'_>, message: Message) -> Message {
    match context.channel_name() {
        Some(name) => message::headed(&(context.lang.phrases().in_named_channel)(&name), message),
        None => message,
    }
}

/// Restores what `/stop` removed, or says that it is too late. While the place is in use anyway,
/// its message remains as it is.
pub(in crate::bot) async fn restore(
    tx: &mut UpdateTx,
    context: Context<'_>,
) -> Result<CallbackReply> {
    let phrases = context.lang.phrases();
    if tx.restore(context.target).await? {
        return Ok(CallbackReply::edit(restored(tx, context).await?));
    }
    if tx.is_used(context.target).await? {
        return Ok(CallbackReply::toast(phrases.nothing_to_restore));
    }
    Ok(CallbackReply::edit(match context.channel_name() {
        None => message::plain(&[phrases.restored_too_late, phrases.not_subscribed].join("\n\n")),
        Some(name) => {
            let is_not = (phrases.channel_not_subscribed)(&name);
            channel_advice(context, &[phrases.restored_too_late, &is_not].join("\n\n"))
        }
    }))
}

/// Returns the subscriptions that were restored.
pub(super) async fn restored(tx: &mut UpdateTx, context: Context<'_>) -> Result<Message> {
    let titles = tx.titles(context.target).await?;
    let message = message::restored(&titles, context.kind, context.button_target(), context.lang);
    Ok(in_its_channel(context, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::SourceId, store::RESTORABLE_FOR};

    fn source(name: &str, title: &str, is_subscribed: bool) -> SourceOverview {
        SourceOverview {
            source_id: SourceId(1),
            name: name.to_owned(),
            title: title.to_owned(),
            url: format!("https://{name}.example/"),
            origin: Origin::Operator,
            is_subscribed,
            has_settings: false,
            newest: None,
            reason: crate::domain::PollStatus::Ok,
            read_at: None,
            held_since_at: None,
            zone: chrono_tz::Tz::UTC,
            notes: crate::domain::PageNotes::default(),
        }
    }

    #[test]
    fn a_source_is_named_by_what_only_it_has_and_by_no_chance() {
        let sources = [
            source("lights", "Ministry of Lighthouses", true),
            source("harbour", "Harbour Board", true),
            source("todo", "Todo y todas: Alles über All Saints, it & me", true),
            source("embassy", "Embassy in Lumen", false),
            source("harbour-news", "News of the Harbour", false),
            source("stars", "★", true),
            source("chat-7", "Fog News", true),
            source("chat-8", "Fog news", true),
        ];
        let subscribed: Vec<SourceOverview> =
            sources.iter().filter(|source| source.is_subscribed).cloned().collect();
        let found =
            |text: &str| named(&sources, &subscribed, text).map(|source| source.name.as_str());
        for text in ["lights", "LIGHTS", "ministry", "Ministry of", "lighthouse", "of lighthouses"]
        {
            assert_eq!(found(text), Some("lights"), "{text}");
        }
        for text in ["Harbour", "harbour board!", "«Harbour Board»", "https://harbour.example/"] {
            assert_eq!(found(text), Some("harbour"), "{text}");
        }
        assert_eq!(found("https://chat-8.example/"), Some("chat-8"));
        for text in ["Embassy in Lumen", "embassy", "https://embassy.example/", "Lumen"] {
            assert_eq!(found(text), Some("embassy"), "it says that it does not come here: {text}");
        }
        // The operator calls one like that.
        assert_eq!(found("todo"), Some("todo"));
        let chance = [
            "fog news",
            "it",
            "all",
            "All",
            "alles",
            "ALLES",
            "todas",
            "me",
            "the",
            "of",
            "ighthouses",
            "istry",
            "5",
            "please",
            "-",
            "…",
            "lights harbour",
            "@lights",
            "now",
            "board of lighthouses",
        ];
        for text in chance {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn what_means_everything_is_kept_as_titles_are_compared() {
        for word in EVERYTHING {
            assert_eq!(fold(word), word);
        }
    }

    #[test]
    fn the_phrases_say_how_long_it_is() {
        assert_eq!(RESTORABLE_FOR, chrono::TimeDelta::minutes(10));
    }
}
