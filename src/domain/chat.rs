//! Where messages go: chats, and topics inside them.
//!
//! Promises: ids are Telegram's own. Leaves out: names and titles of chats, which are not kept.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Telegram's number of a chat: positive for a person, negative for groups and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChatId(pub i64);

impl ChatId {
    /// Whether Telegram's limit of messages a minute holds here (everything but private chats).
    pub fn has_minute_limit(self) -> bool {
        self.0 < 0
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Telegram's number of a topic inside a forum; a chat without topics has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThreadId(pub i32);

/// A chat, or one topic of it: what subscribes, and what a message is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The chat.
    pub chat: ChatId,
    /// The topic, where the chat is a forum and the topic is not its general one.
    pub thread: Option<ThreadId>,
}

impl Place {
    /// The whole chat, no topic.
    pub fn of(chat: i64) -> Self {
        Place { chat: ChatId(chat), thread: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread {
            None => write!(f, "{}", self.chat),
            Some(thread) => write!(f, "{}/{}", self.chat, thread.0),
        }
    }
}

/// What sort of chat it is; decides who may subscribe it and how it is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatKind {
    /// One person.
    Private,
    /// A group or supergroup, with topics or without.
    Group,
    /// A channel: only its admins write there.
    Channel,
}

impl ChatKind {
    /// The word for it in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ChatKind::Private => "private",
            ChatKind::Group => "group",
            ChatKind::Channel => "channel",
        }
    }

    /// The kind of a word of the database.
    pub fn parse(word: &str) -> Option<Self> {
        [ChatKind::Private, ChatKind::Group, ChatKind::Channel]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}
