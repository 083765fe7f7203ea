//! `/stop`: ends all that a place gets; with a source, that one alone; with a channel before it, the same
//! there; with anything else, nothing. *Restore*, and `/start`, bring back what it ended.
//!
//! Promises: nothing is lost by a slip. Whatever follows `/stop` and is no source changes nothing, words like
//! "all" included: whoever means everything sends `/stop` alone, and is told so. Where that would lose what
//! `/start` does not bring back, all of it can be restored for a while.

use crate::bot::{Context, find_source};
use crate::{
    domain::{ChatKind, Message, Origin, SourceOverview, entry::fold},
    message,
    store::{Result, Unsubscribed, UpdateTx},
};

/// Letters that a part of a title has at least: what is shorter ("it", "the", "all") is in many titles by
/// chance.
const PART_CHARS_MIN: usize = 4;
/// What people may mean everything by, folded: no part of a title, should it be in one.
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

pub(crate) async fn stop(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    if argument.is_empty() {
        return all(tx, ask).await;
    }
    let phrases = ask.lang.phrases();
    let cards = tx.source_overviews(ask.target).await?;
    let mine: Vec<SourceOverview> =
        cards.iter().filter(|card| card.is_subscribed).cloned().collect();
    let message = match named(&cards, &mine, argument) {
        Some(card) if card.is_subscribed => {
            tx.unsubscribe_from(ask.target, card.source_id).await?;
            let mut words = (phrases.unwatched)(&card.title);
            let mut next = vec![(phrases.get_back, resubscribe_hint(ask, card))];
            if mine.len() == 1 {
                words = format!("{words} {}", phrases.last_source);
                next.push((phrases.delete_rest, ask.typed("/stop")));
            }
            message::advice(&words, &next, ask.lang)
        }
        Some(card) => {
            let next = (phrases.all_sources, ask.typed("/sources"));
            message::advice(&(phrases.not_subscribed_to)(&card.title), &[next], ask.lang)
        }
        None => usage(ask, &mine),
    };
    Ok(in_its_channel(ask, message))
}

/// What can be sent, and a button for each source that comes here.
fn usage(ask: Context<'_>, mine: &[SourceOverview]) -> Message {
    let phrases = ask.lang.phrases();
    let command = ask.typed("/stop");
    let one = format!("{command} {}", phrases.stop_example);
    let mut forms = vec![(command, phrases.stop_all), (one, phrases.stop_source)];
    if ask.kind == ChatKind::Private && ask.target == ask.place {
        forms.push(("/stop @channel".to_owned(), phrases.stop_channel));
    }
    message::unsubscribe_list(message::forms(phrases.stop_usage, &forms), mine, ask.button_target())
}

/// The source that is meant: by its key or its address; by its title or a part of it, if only one source
/// has that. Those that come here go first.
fn named<'a>(
    cards: &'a [SourceOverview],
    mine: &'a [SourceOverview],
    argument: &str,
) -> Option<&'a SourceOverview> {
    let wanted = fold(argument);
    let key = argument.to_lowercase();
    let is_called = |card: &&SourceOverview| card.name == key || card.url == argument;
    let whole = |cards: &'a [SourceOverview]| {
        let mut titled = cards.iter().filter(|card| fold(&card.title) == wanted);
        let titled = titled.next().filter(|_| !wanted.is_empty() && titled.next().is_none());
        cards.iter().find(is_called).or(titled)
    };
    if let Some(card) = whole(mine).or_else(|| whole(cards)) {
        return Some(card);
    }
    if wanted.chars().count() < PART_CHARS_MIN || EVERYTHING.contains(&wanted.as_str()) {
        return None;
    }
    let begins_a_word =
        |card: &&SourceOverview| format!(" {}", fold(&card.title)).contains(&format!(" {wanted}"));
    let part = |cards: &'a [SourceOverview]| find_source(cards, argument).filter(begins_a_word);
    part(mine).or_else(|| part(cards))
}

/// How a source that was ended is subscribed to again: a page that people had watched is shown to nobody
/// who is not.
fn resubscribe_hint(ask: Context<'_>, card: &SourceOverview) -> String {
    match card.origin {
        Origin::Operator => ask.typed("/sources"),
        Origin::Chat => format!("{} {}", ask.typed("/watch"), card.url),
    }
}

async fn all(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let stopped = tx.unsubscribe(ask.target).await?;
    let message = match ask.channel_name() {
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
                channel_advice(ask, &(phrases.stopped_channel)(&name))
            }
            Unsubscribed::WasNot => channel_advice(ask, &(phrases.channel_not_subscribed)(&name)),
            Unsubscribed::Deleted => channel_advice(ask, &(phrases.channel_deleted)(&name)),
            Unsubscribed::Kept | Unsubscribed::KeptTopic => {
                message::plain(&(phrases.stopped_channel_kept)(&name))
            }
        },
    };
    Ok(match stopped {
        Unsubscribed::Kept | Unsubscribed::KeptTopic => {
            message::restorable(message, ask.button_target(), ask.lang)
        }
        _ => message,
    })
}

/// Words about a channel that gets nothing, and how that is changed.
fn channel_advice(ask: Context<'_>, words: &str) -> Message {
    let next = (ask.lang.phrases().choose_for_channel, ask.typed("/channel"));
    message::advice(words, &[next], ask.lang)
}

/// A message that names the channel that it is about, if that is elsewhere.
fn in_its_channel(ask: Context<'_>, message: Message) -> Message {
    match ask.channel_name() {
        Some(name) => message::headed(&(ask.lang.phrases().in_named_channel)(&name), message),
        None => message,
    }
}

/// What a press of *Restore* comes to: the message that says that all is back, or that it is too late;
/// `Err`: words for whoever pressed it, where there is nothing to restore since the place goes on anyway.
pub(crate) async fn restore(
    tx: &mut UpdateTx,
    ask: Context<'_>,
) -> Result<std::result::Result<Message, &'static str>> {
    let phrases = ask.lang.phrases();
    if tx.restore(ask.target).await? {
        return restored(tx, ask).await.map(Ok);
    }
    if tx.is_used(ask.target).await? {
        return Ok(Err(phrases.nothing_to_restore));
    }
    Ok(Ok(match ask.channel_name() {
        None => message::plain(&[phrases.restored_too_late, phrases.not_subscribed].join("\n\n")),
        Some(name) => {
            let is_not = (phrases.channel_not_subscribed)(&name);
            channel_advice(ask, &[phrases.restored_too_late, &is_not].join("\n\n"))
        }
    }))
}

/// What a place has again.
pub(crate) async fn restored(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let titles = tx.titles(ask.target).await?;
    Ok(in_its_channel(ask, message::restored(&titles, ask.kind, ask.button_target(), ask.lang)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RESTORABLE_FOR;

    fn card(name: &str, title: &str, is_subscribed: bool) -> SourceOverview {
        SourceOverview {
            source_id: 1,
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
        let cards = [
            card("lights", "Ministry of Lighthouses", true),
            card("harbour", "Harbour Board", true),
            card("todo", "Todo y todas: Alles über All Saints, it & me", true),
            card("embassy", "Embassy in Lumen", false),
            card("harbour-news", "News of the Harbour", false),
            card("stars", "★", true),
            card("chat-7", "Fog News", true),
            card("chat-8", "Fog news", true),
        ];
        let mine: Vec<SourceOverview> = cards.iter().filter(|c| c.is_subscribed).cloned().collect();
        let found = |text: &str| named(&cards, &mine, text).map(|card| card.name.as_str());
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
