//! teloxide's updates → events of ours.

use crate::domain::{ChatId, ChatKind, Place, ThreadId};
use crate::lang::Lang;
use teloxide::types::{
    self, ChatMemberKind, MessageEntityKind, MessageKind, MessageOrigin, UpdateKind,
};

/// An update: its number, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Telegram's number of the update.
    pub update_id: i64,
    /// What happened.
    pub event: Event,
}

impl Incoming {
    /// The chat it is about, as far as it is about one: of an inline question that of whoever asks.
    pub fn chat(&self) -> Option<ChatId> {
        match &self.event {
            Event::Message(message) => Some(message.place.chat),
            Event::Membership(membership) => Some(membership.chat),
            Event::Migrated { from, .. } => Some(*from),
            Event::Pressed(pressed) => Some(pressed.place.chat),
            Event::Asked(asked) => Some(ChatId(asked.user_id)),
            Event::Other => None,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wrote something.
    Message(Message),
    /// The bot's own standing in a chat changed.
    Membership(Membership),
    /// A group became a supergroup.
    Migrated {
        /// Its number until then.
        from: ChatId,
        /// Its number from now on.
        to: ChatId,
    },
    /// Somebody pressed a button.
    Pressed(Pressed),
    /// Somebody asks inline, in whatever chat.
    Asked(Asked),
    /// Anything else.
    Other,
}

/// A button that was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// What is answered, within some seconds.
    pub query_id: String,
    /// Where the button stands.
    pub place: Place,
    /// In what sort of chat.
    pub kind: ChatKind,
    /// Who pressed it.
    pub user_id: i64,
    /// In the language that his Telegram is set to, as far as it says.
    pub lang: Lang,
    /// The message that it stands below.
    pub message_id: i64,
    /// What the button carries; anybody can make it up.
    pub data: String,
    /// What the message shows in type of its own: the words of a search.
    pub words: Option<String>,
}

/// A question from the input line of whatever chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is answered, within some seconds.
    pub query_id: String,
    /// Who asks.
    pub user_id: i64,
    /// In the language that his Telegram is set to, as far as it says.
    pub lang: Lang,
    /// What he typed so far.
    pub text: String,
}

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where.
    pub place: Place,
    /// In what sort of chat.
    pub kind: ChatKind,
    /// By whom.
    pub sender: Sender,
    /// In the language that the sender's Telegram is set to, as far as it says.
    pub lang: Lang,
    /// Its number in the chat.
    pub message_id: i64,
    /// The text; a picture or a sticker has none.
    pub text: Option<String>,
    /// The channel that it was forwarded from.
    pub channel: Option<ChatId>,
}

/// Who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A person, by number.
    User(i64),
    /// The chat itself: a channel's post, or a group's admin who stays anonymous.
    Chat,
    /// Another chat that speaks in this one, which says nothing about rights here.
    OtherChat,
}

/// The bot's own standing in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Which chat.
    pub chat: ChatId,
    /// What sort of chat it is.
    pub kind: ChatKind,
    /// What the bot was before, and what it is now.
    pub before: Standing,
    /// Same.
    pub now: Standing,
    /// Whoever changed it.
    pub user_id: i64,
    /// His language.
    pub lang: Lang,
}

/// What the bot may do in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not there: blocked, kicked, never let in.
    Out,
    /// There, but without the right to post in a channel.
    In,
    /// There, with the right to post.
    Poster,
}

/// Translates an update.
pub fn incoming(update: types::Update) -> Incoming {
    let event = match update.kind {
        UpdateKind::Message(message) | UpdateKind::ChannelPost(message) => of_message(message),
        UpdateKind::MyChatMember(change) => of_membership(&change),
        UpdateKind::CallbackQuery(query) => of_press(query),
        UpdateKind::InlineQuery(query) => of_question(query),
        _ => None,
    };
    Incoming { update_id: i64::from(update.id.0), event: event.unwrap_or(Event::Other) }
}

fn of_message(message: types::Message) -> Option<Event> {
    if let Some(to) = message.migrate_to_chat_id() {
        return Some(Event::Migrated { from: ChatId(message.chat.id.0), to: ChatId(to.0) });
    }
    if let Some(from) = message.migrate_from_chat_id() {
        return Some(Event::Migrated { from: ChatId(from.0), to: ChatId(message.chat.id.0) });
    }
    // Joined, left, pinned, or copied here by Telegram from a linked channel: nobody spoke.
    let MessageKind::Common(_) = message.kind else {
        return None;
    };
    // Nor is a statement that somebody shared through the bot said to it.
    if message.is_automatic_forward() || message.via_bot.is_some() {
        return None;
    }
    // In chats without topics a thread is a chain of replies, and nothing to post into.
    let thread = message.thread_id.filter(|_| message.is_topic_message);
    let sender = match (&message.sender_chat, &message.from) {
        (Some(chat), _) if chat.id == message.chat.id => Sender::Chat,
        (Some(_), _) => Sender::OtherChat,
        (None, Some(user)) => Sender::User(i64::try_from(user.id.0).ok()?),
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
        message_id: i64::from(message.id.0),
        channel: match message.forward_origin() {
            Some(MessageOrigin::Channel { chat, .. }) => Some(ChatId(chat.id.0)),
            _ => None,
        },
        text: message.text().map(str::to_owned),
    }))
}

fn of_press(query: types::CallbackQuery) -> Option<Event> {
    let lang = Lang::parse(query.from.language_code.as_deref().unwrap_or_default());
    let message = query.message?;
    let chat = message.chat();
    let data = query.data.unwrap_or_default();
    let (thread, words, data) = match message.regular_message() {
        Some(message) => {
            let thread = message.thread_id.filter(|_| message.is_topic_message);
            (thread, typed(message), data)
        }
        // Too old to be shown. In a group it may stand in any topic: the button is one of old.
        None if kind(chat) == ChatKind::Group => (None, None, String::new()),
        None => (None, None, data),
    };
    Some(Event::Pressed(Pressed {
        query_id: query.id.0,
        place: Place { chat: ChatId(chat.id.0), thread: thread.map(|thread| ThreadId(thread.0.0)) },
        kind: kind(chat),
        user_id: i64::try_from(query.from.id.0).ok()?,
        lang,
        message_id: i64::from(message.id().0),
        data,
        words,
    }))
}

/// What a message shows in type of its own.
fn typed(message: &types::Message) -> Option<String> {
    let entities = message.parse_entities()?;
    let code = entities.iter().find(|entity| *entity.kind() == MessageEntityKind::Code)?;
    Some(code.text().to_owned())
}

fn of_question(query: types::InlineQuery) -> Option<Event> {
    Some(Event::Asked(Asked {
        query_id: query.id.0,
        user_id: i64::try_from(query.from.id.0).ok()?,
        lang: Lang::parse(query.from.language_code.as_deref().unwrap_or_default()),
        text: query.query,
    }))
}

fn of_membership(change: &types::ChatMemberUpdated) -> Option<Event> {
    let kind = kind(&change.chat);
    let language = change.from.language_code.as_deref().unwrap_or_default();
    Some(Event::Membership(Membership {
        chat: ChatId(change.chat.id.0),
        kind,
        before: standing(&change.old_chat_member.kind, kind),
        now: standing(&change.new_chat_member.kind, kind),
        user_id: i64::try_from(change.from.id.0).ok()?,
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

fn standing(member: &ChatMemberKind, kind: ChatKind) -> Standing {
    match member {
        ChatMemberKind::Left | ChatMemberKind::Banned(_) => Standing::Out,
        ChatMemberKind::Restricted(restricted) if !restricted.is_member => Standing::Out,
        ChatMemberKind::Owner(_) => Standing::Poster,
        ChatMemberKind::Administrator(admin) if kind == ChatKind::Channel => {
            if admin.can_post_messages { Standing::Poster } else { Standing::In }
        }
        _ if kind == ChatKind::Channel => Standing::In,
        _ => Standing::Poster,
    }
}
