//! What handlers return: the reply to a command, to a callback query, and to any update.
//!
//! Out of scope: writing replies into the outbox (`handler`).

use crate::domain::{Message, Reply};

/// The reply to a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CommandReply {
    /// A message.
    Message(Message),
    /// A message with a file.
    File(Message, String),
    /// A job replies later.
    Later,
}

impl From<Message> for CommandReply {
    fn from(message: Message) -> Self {
        CommandReply::Message(message)
    }
}

impl CommandReply {
    /// Changes the message, if there is one.
    pub(super) fn map(self, change: impl FnOnce(Message) -> Message) -> Self {
        match self {
            CommandReply::Message(message) => CommandReply::Message(change(message)),
            CommandReply::File(message, file) => CommandReply::File(change(message), file),
            CommandReply::Later => CommandReply::Later,
        }
    }

    /// Returns the message and the file, or `None` if a job replies later.
    pub(super) fn into_parts(self) -> Option<(Message, Option<String>)> {
        match self {
            CommandReply::Message(message) => Some((message, None)),
            CommandReply::File(message, file) => Some((message, Some(file))),
            CommandReply::Later => None,
        }
    }
}

/// What a callback query does to the messages of the chat.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CallbackMessage {
    /// The message of the button becomes this one.
    Edit(Message),
    /// A new message is sent.
    Send(Message),
}

/// The reply to a callback query.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CallbackReply {
    /// The message, if there is one.
    pub(super) message: Option<CallbackMessage>,
    /// Words that only the user sees, for a moment.
    pub(super) toast: Option<String>,
}

impl CallbackReply {
    /// The message of the button becomes this one.
    pub(super) fn edit(message: Message) -> Self {
        CallbackReply { message: Some(CallbackMessage::Edit(message)), toast: None }
    }

    /// A new message is sent.
    pub(super) fn send(message: Message) -> Self {
        CallbackReply { message: Some(CallbackMessage::Send(message)), toast: None }
    }

    /// No message, only words for the user.
    pub(super) fn toast(words: impl Into<String>) -> Self {
        CallbackReply { message: None, toast: Some(words.into()) }
    }

    /// The same reply with words for the user.
    pub(super) fn with_toast(self, words: impl Into<String>) -> Self {
        CallbackReply { toast: Some(words.into()), ..self }
    }
}

/// What follows from an update, beside what it changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handled {
    /// The messages.
    pub replies: Vec<Reply>,
    /// Words that only the user who pressed a button sees.
    pub toast: Option<String>,
}

impl Handled {
    /// Replies without a toast.
    pub(super) fn of(replies: Vec<Reply>) -> Self {
        Handled { replies, toast: None }
    }
}
