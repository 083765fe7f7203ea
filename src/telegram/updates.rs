//! Updates of Telegram → events.
//!
//! Guarantees: an update that cannot be parsed is skipped without affecting others. If its ID can
//! be read, it is confirmed. IDs are `i64`; teloxide's type has 32 bits.

use crate::domain::Lang;
use crate::domain::{ChatId, ChatKind, MessageId, Place, ThreadId, UpdateId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use teloxide::types::{
    self, ChatMemberKind, MessageEntityKind, MessageKind, MessageOrigin, UpdateKind,
};

/// The kinds of updates that the bot handles.
pub(super) const KINDS: [&str; 5] =
    ["message", "channel_post", "my_chat_member", "callback_query", "inline_query"];
/// The largest number that every JSON parser reads exactly.
const NUMBER_MAX: i64 = (1 << 53) - 1;
/// The most update IDs that are remembered: those of a few responses.
const REMEMBERED: usize = 1000;

/// An update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The number of the update.
    pub update_id: UpdateId,
    /// What happened.
    pub event: Event,
}

impl Incoming {
    /// Returns the chat that it is about; of an inline query, that of the user.
    pub fn chat(&self) -> Option<ChatId> {
        match &self.event {
            Event::Message(message) => Some(message.place.chat),
            Event::Membership(membership) => Some(membership.chat),
            Event::Migrated { from, .. } => Some(*from),
            Event::Callback(pressed) => Some(pressed.place.chat),
            Event::Inline(asked) => Some(ChatId(asked.user_id.0)),
            Event::Other => None,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A message.
    Message(Message),
    /// The status of the bot in a chat changed.
    Membership(Membership),
    /// A group became a supergroup.
    Migrated {
        /// The ID until then.
        from: ChatId,
        /// The ID from now on.
        to: ChatId,
    },
    /// A callback query.
    Callback(CallbackQuery),
    /// An inline query.
    Inline(InlineQuery),
    /// Anything else.
    Other,
}

/// A callback query: a button was pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackQuery {
    /// The ID to answer it, within some seconds.
    pub query_id: String,
    /// Where the button is.
    pub place: Place,
    /// The kind of that chat.
    pub kind: ChatKind,
    /// The user who pressed it.
    pub user_id: UserId,
    /// The language of the user's Telegram, if it is known.
    pub lang: Lang,
    /// The message with the button.
    pub message_id: MessageId,
    /// The data of the button, which anyone can make up.
    pub data: String,
    /// The text in code style in the message: the words of a search.
    pub words: Option<String>,
}

/// An inline query, from the input field of any chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineQuery {
    /// The ID to answer it, within some seconds.
    pub query_id: String,
    /// The user.
    pub user_id: UserId,
    /// The language of the user's Telegram, if it is known.
    pub lang: Lang,
    /// The text so far.
    pub text: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Where it is.
    pub place: Place,
    /// The kind of that chat.
    pub kind: ChatKind,
    /// Who wrote it.
    pub sender: Sender,
    /// The language of the sender's Telegram, if it is known.
    pub lang: Lang,
    /// The message ID.
    pub message_id: MessageId,
    /// The text; a picture or a sticker has none.
    pub text: Option<String>,
    /// The channel that it was forwarded from.
    pub channel: Option<ChatId>,
}

/// The sender of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sender {
    /// A user, by ID.
    User(UserId),
    /// The chat itself: a channel's post, or an anonymous admin of a group.
    Chat,
    /// Another chat, which implies no rights in this one.
    OtherChat,
}

/// The status of the bot in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The chat.
    pub chat: ChatId,
    /// The kind of the chat.
    pub kind: ChatKind,
    /// The access before.
    pub before: BotStatus,
    /// The access now.
    pub now: BotStatus,
    /// The user who changed it.
    pub user_id: UserId,
    /// Their language.
    pub lang: Lang,
}

/// What the bot may do in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BotStatus {
    /// Not a member: blocked, removed, or never added.
    Out,
    /// A member, without the right to post in a channel.
    In,
    /// A member, with the right to post.
    Poster,
}

/// Parses an update; `None` if it has no number by which it could be confirmed.
pub fn parse_update(mut update: Value) -> Option<Incoming> {
    let number = update.get("update_id").and_then(Value::as_i64).filter(is_number);
    let Some(update_id) = number.map(UpdateId) else {
        tracing::warn!("an update without a number is passed over");
        return None;
    };
    let parts = update.as_object_mut()?;
    let of_kind = KINDS.iter().find_map(|kind| Some((*kind, parts.remove(*kind)?)));
    let Some((kind, content)) = of_kind else {
        return Some(Incoming { update_id, event: Event::Other });
    };
    let update = Value::Object(Map::from_iter([(kind.to_owned(), content)]));
    // By reference: from an owned value, teloxide takes each kind for an unknown one.
    let event = match UpdateKind::deserialize(&update) {
        Ok(UpdateKind::Message(message) | UpdateKind::ChannelPost(message)) => {
            message_event(&message)
        }
        Ok(UpdateKind::MyChatMember(change)) => membership_event(&change),
        Ok(UpdateKind::CallbackQuery(query)) => callback_event(query),
        Ok(UpdateKind::InlineQuery(query)) => inline_event(query),
        // The error would quote the message of a user.
        _ => return Some(unreadable(update_id)),
    };
    Some(Incoming { update_id, event: event.unwrap_or(Event::Other) })
}

/// An update of which only the number can be parsed.
fn unreadable(update_id: UpdateId) -> Incoming {
    tracing::warn!("update {update_id} cannot be read, and is passed over");
    Incoming { update_id, event: Event::Other }
}

/// Returns the update of a response with a single one that is not JSON.
pub(super) fn of_text(answer: &str) -> Option<Incoming> {
    let (_, rest) = answer.split_once("\"update_id\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok().filter(is_number).map(UpdateId).map(unreadable)
}

fn is_number(number: &i64) -> bool {
    (0..=NUMBER_MAX).contains(number)
}

/// The IDs of the last updates, and whether the last response had a new one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    numbers: VecDeque<UpdateId>,
    has_news: bool,
}

impl Recent {
    /// Records the numbers of a response.
    pub(super) fn note(&mut self, updates: &[Incoming]) {
        self.has_news = false;
        for Incoming { update_id, .. } in updates {
            if !self.numbers.contains(update_id) {
                self.numbers.push_back(*update_id);
                self.has_news = true;
            }
        }
        let too_many = self.numbers.len().saturating_sub(REMEMBERED);
        self.numbers.drain(..too_many);
    }

    /// Whether the last response had a new one.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }
}

fn message_event(message: &types::Message) -> Option<Event> {
    if let Some(to) = message.migrate_to_chat_id() {
        return Some(Event::Migrated { from: ChatId(message.chat.id.0), to: ChatId(to.0) });
    }
    if let Some(from) = message.migrate_from_chat_id() {
        return Some(Event::Migrated { from: ChatId(from.0), to: ChatId(message.chat.id.0) });
    }
    // Joined, left, pinned, or copied by Telegram from a linked channel: no user wrote it.
    let MessageKind::Common(_) = message.kind else {
        return None;
    };
    // An entry shared through inline mode is not addressed to the bot either.
    if message.is_automatic_forward() || message.via_bot.is_some() {
        return None;
    }
    // In chats without topics, a thread is a chain of replies, and nothing to post into.
    let thread = message.thread_id.filter(|_| message.is_topic_message);
    let sender = match (&message.sender_chat, &message.from) {
        (Some(chat), _) if chat.id == message.chat.id => Sender::Chat,
        (Some(_), _) => Sender::OtherChat,
        (None, Some(user)) => Sender::User(UserId(i64::try_from(user.id.0).ok()?)),
        (None, None) if message.chat.is_channel() => Sender::Chat,
        (None, None) => Sender::OtherChat,
    };
    let language = message.from.as_ref().and_then(|user| user.language_code.clone());
    Some(Event::Message(Message {
        place: Place {
            chat: ChatId(message.chat.id.0),
            thread: thread.map(|thread| ThreadId(thread.0.0)),
        },
        kind: kind(&message.chat),
        sender,
        lang: Lang::parse(&language.unwrap_or_default()),
        message_id: MessageId(i64::from(message.id.0)),
        channel: match message.forward_origin() {
            Some(MessageOrigin::Channel { chat, .. }) => Some(ChatId(chat.id.0)),
            _ => None,
        },
        text: message.text().filter(|text| is_written_here(message, text)).map(str::to_owned),
    }))
}

/// Whether the sender of a text is its author: a command in a forwarded message is another's.
fn is_written_here(message: &types::Message, text: &str) -> bool {
    message.forward_origin().is_none() || !text.trim_start().starts_with('/')
}

fn callback_event(query: types::CallbackQuery) -> Option<Event> {
    let lang = Lang::parse(query.from.language_code.as_deref().unwrap_or_default());
    let message = query.message?;
    let chat = message.chat();
    let data = query.data.unwrap_or_default();
    let (thread, words, data) = match message.regular_message() {
        Some(message) => {
            let thread = message.thread_id.filter(|_| message.is_topic_message);
            (thread, typed(message), data)
        }
        // The message is inaccessible, so its topic is unknown; ignore the button.
        None if kind(chat) == ChatKind::Group => (None, None, String::new()),
        None => (None, None, data),
    };
    Some(Event::Callback(CallbackQuery {
        query_id: query.id.0,
        place: Place { chat: ChatId(chat.id.0), thread: thread.map(|thread| ThreadId(thread.0.0)) },
        kind: kind(chat),
        user_id: UserId(i64::try_from(query.from.id.0).ok()?),
        lang,
        message_id: MessageId(i64::from(message.id().0)),
        data,
        words,
    }))
}

/// Returns the text in code style in a message.
fn typed(message: &types::Message) -> Option<String> {
    let entities = message.parse_entities()?;
    let code = entities.iter().find(|entity| *entity.kind() == MessageEntityKind::Code)?;
    Some(code.text().to_owned())
}

fn inline_event(query: types::InlineQuery) -> Option<Event> {
    Some(Event::Inline(InlineQuery {
        query_id: query.id.0,
        user_id: UserId(i64::try_from(query.from.id.0).ok()?),
        lang: Lang::parse(query.from.language_code.as_deref().unwrap_or_default()),
        text: query.query,
    }))
}

fn membership_event(change: &types::ChatMemberUpdated) -> Option<Event> {
    let kind = kind(&change.chat);
    let language = change.from.language_code.as_deref().unwrap_or_default();
    Some(Event::Membership(Membership {
        chat: ChatId(change.chat.id.0),
        kind,
        before: standing(&change.old_chat_member.kind, kind),
        now: standing(&change.new_chat_member.kind, kind),
        user_id: UserId(i64::try_from(change.from.id.0).ok()?),
        lang: Lang::parse(language),
    }))
}

fn kind(chat: &types::Chat) -> ChatKind {
    if chat.is_channel() {
        ChatKind::Channel
    } else if chat.is_private() {
        ChatKind::Private
    } else {
        ChatKind::Group
    }
}

fn standing(member: &ChatMemberKind, kind: ChatKind) -> BotStatus {
    match member {
        ChatMemberKind::Left | ChatMemberKind::Banned(_) => BotStatus::Out,
        ChatMemberKind::Restricted(restricted) if !restricted.is_member => BotStatus::Out,
        ChatMemberKind::Owner(_) => BotStatus::Poster,
        ChatMemberKind::Administrator(admin) if kind == ChatKind::Channel => {
            if admin.can_post_messages { BotStatus::Poster } else { BotStatus::In }
        }
        _ if kind == ChatKind::Channel => BotStatus::In,
        _ => BotStatus::Poster,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(more: &Value) -> Value {
        let mut message = json!({
            "message_id": 7, "date": 1_600_000_000, "text": "/stop",
            "from": {"id": 11, "is_bot": false, "first_name": "Anna"},
            "chat": {"id": 11, "type": "private", "first_name": "Anna"},
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message
    }

    fn text_of(message: &Value) -> Option<String> {
        match parse_update(json!({"update_id": 1, "message": message})).unwrap().event {
            Event::Message(message) => message.text,
            _ => None,
        }
    }

    #[test]
    fn a_command_that_is_forwarded_is_nobodys() {
        assert_eq!(text_of(&message(&json!({}))).as_deref(), Some("/stop"));
        let user = json!({"id": 12, "is_bot": false, "first_name": "Boris"});
        let channel = json!({"id": -1_001_i64, "type": "channel", "title": "Coast"});
        let origins = [
            json!({"type": "user", "date": 1, "sender_user": user}),
            json!({"type": "hidden_user", "date": 1, "sender_user_name": "Boris"}),
            json!({"type": "chat", "date": 1, "sender_chat": channel}),
            json!({"type": "channel", "date": 1, "chat": channel, "message_id": 3}),
        ];
        for origin in origins {
            for text in ["/stop", " \n/stop now", "/words with fog"] {
                let forwarded = message(&json!({"forward_origin": origin, "text": text}));
                assert_eq!(text_of(&forwarded), None, "{origin} {text}");
            }
            let words = message(&json!({"forward_origin": origin, "text": "see /stop"}));
            assert_eq!(text_of(&words).as_deref(), Some("see /stop"), "{origin}");
        }
        let bot = json!({"id": 13, "is_bot": true, "first_name": "Other", "username": "other_bot"});
        assert_eq!(text_of(&message(&json!({"via_bot": bot}))), None);
    }

    #[test]
    fn an_update_is_read_alone_whatever_its_number_is() {
        for number in [0, 1, 1 << 31, 1 << 32, NUMBER_MAX] {
            let update = parse_update(json!({"update_id": number, "message": message(&json!({}))}));
            let update = update.unwrap();
            assert_eq!(update.update_id, UpdateId(number));
            assert!(matches!(update.event, Event::Message(_)), "{number}");
        }
        for number in [json!(-1), json!(NUMBER_MAX + 1), json!(u64::MAX), json!("7"), json!(null)] {
            assert_eq!(parse_update(json!({"update_id": number})), None, "{number}");
        }
        let broken = [
            json!({"update_id": 5}),
            json!({"update_id": 5, "what is to come": {"a": 1}}),
            json!({"update_id": 5, "message": null}),
            json!({"update_id": 5, "message": "text"}),
            json!({"update_id": 5, "message": {"text": "without all else"}}),
            json!({"update_id": 5, "message": message(&json!({"date": "yesterday"}))}),
            json!({"update_id": 5, "message": message(&json!({"chat": {"id": 1, "type": "moon"}}))}),
            json!({"update_id": 5, "callback_query": []}),
        ];
        for update in broken {
            let expected = Incoming { update_id: UpdateId(5), event: Event::Other };
            assert_eq!(parse_update(update.clone()), Some(expected), "{update}");
        }
        for update in [json!(null), json!(5), json!([]), json!("update_id")] {
            assert_eq!(parse_update(update), None);
        }
        // Unknown fields before and after the message.
        let update = json!({"new": 1, "update_id": 5, "message": message(&json!({})), "more": {}});
        assert!(matches!(parse_update(update).unwrap().event, Event::Message(_)));
    }

    #[test]
    fn what_comes_again_is_no_news() {
        let mut recent = Recent::default();
        let mut came = |numbers: &[i64]| {
            let updates: Vec<_> = numbers
                .iter()
                .map(|update_id| Incoming { update_id: UpdateId(*update_id), event: Event::Other })
                .collect();
            recent.note(&updates);
            recent.has_news()
        };
        assert!(came(&[5, 6]));
        assert!(!came(&[5, 6]));
        assert!(!came(&[]));
        assert!(came(&[6, 7]));
        assert!(!came(&[7]));
        // IDs start over after a quiet week.
        assert!(came(&[1]));
        assert!(came(&(100..1200).collect::<Vec<_>>()));
        assert!(came(&[5]), "what is long past is forgotten");
    }
}
