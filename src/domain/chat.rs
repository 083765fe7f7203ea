//! Where messages are sent: chats, and topics inside them.
//!
//! Guarantees: IDs are those of Telegram.
//! Out of scope: names and titles of chats, which are not stored.

use super::word_enum::word_enum;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The ID of a chat: positive for a private chat, negative for groups and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChatId(pub i64);

impl ChatId {
    /// Whether Telegram limits the messages a minute here: everywhere but in private chats.
    pub fn has_minute_limit(self) -> bool {
        self.0 < 0
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The ID of a topic inside a forum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThreadId(pub i32);

/// A chat, or one topic of it: what is subscribed, and where a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The chat.
    pub chat: ChatId,
    /// The topic, if the chat is a forum and the topic is not its general one.
    pub thread: Option<ThreadId>,
}

impl Place {
    /// Returns the whole chat, without a topic.
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

/// The kind of a chat. It decides who may subscribe it and how it is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatKind {
    /// A chat with one user.
    Private,
    /// A group or supergroup, with topics or without.
    Group,
    /// A channel: only its admins post there.
    Channel,
}

word_enum!(ChatKind { Private => "private", Group => "group", Channel => "channel" });
