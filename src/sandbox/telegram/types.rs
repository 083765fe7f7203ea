//! What Telegram's state consists of: users, chats, messages, queries, calls and faults.

use super::html::Marked;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A user of Telegram.
#[derive(Clone, Debug)]
pub struct User {
    /// The ID of the user, which is also that of the private chat with the bot.
    pub id: i64,
    /// The first name.
    pub name: String,
    /// The language of their client.
    pub language: String,
}

/// The kind of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatType {
    /// A private chat with one user.
    Private,
    /// A small group, which may become a supergroup.
    Group,
    /// A supergroup.
    Supergroup,
    /// A supergroup with topics.
    Forum,
    /// A channel.
    Channel,
}

/// The role of a member in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The creator.
    Owner,
    /// An administrator, who may post in a channel.
    Admin,
    /// An ordinary member.
    Member,
    /// Left the chat, or never joined it.
    Left,
    /// Banned; in a private chat, the bot is blocked.
    Kicked,
}

/// A chat.
#[derive(Clone, Debug)]
pub struct Chat {
    /// The ID of the chat.
    pub id: i64,
    /// The kind of the chat.
    pub kind: ChatType,
    /// The title, or the name of the user.
    pub title: String,
    /// The public username, without the "@".
    pub username: Option<String>,
    /// The role of the bot.
    pub bot: Role,
    /// The roles of its members, by user ID.
    pub members: BTreeMap<i64, Role>,
    /// Its topics, and whether each is open.
    pub topics: BTreeMap<i64, bool>,
    /// The ID of the supergroup that the group became.
    pub migrated_to: Option<i64>,
}

/// A message in a chat, of the bot or of a user.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// The chat it was sent to.
    pub chat: i64,
    /// The topic of a forum it was sent to.
    pub thread: Option<i64>,
    /// Its ID in the chat.
    pub message_id: i64,
    /// The user who sent it; `None` for the bot.
    pub from: Option<i64>,
    /// Whether a user chose it from the inline results of the bot.
    pub is_via: bool,
    /// The channel that it was forwarded from, and its ID there.
    pub origin: Option<(i64, i64)>,
    /// The current text, or the caption of a document.
    pub marked: Marked,
    /// The rows of inline buttons as they were sent; null if there are none.
    pub buttons: Value,
    /// The attached file.
    pub document: Option<Document>,
    /// The message of the same chat that it replies to.
    pub reply_to: Option<i64>,
    /// Whether it was sent without a notification sound.
    pub is_silent: bool,
    /// Whether it has a link preview.
    pub has_preview: bool,
    /// How often its text or buttons were edited.
    pub edits: u32,
    /// When its text was last edited. Users do not see that buttons were edited.
    pub edited_at: Option<DateTime<Utc>>,
    /// Whether it was deleted. Deleted messages are kept, so that indices into `sent` stay valid.
    pub is_deleted: bool,
}

/// A file that is attached to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The file name.
    pub file_name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A press of an inline button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackQuery {
    /// When the button was pressed.
    pub at: DateTime<Utc>,
    /// The chat of the message.
    pub chat: i64,
    /// The message with the button.
    pub message_id: i64,
    /// The user who pressed it.
    pub by: i64,
    /// The callback data of the button.
    pub data: String,
    /// The bot's answer, if there is one yet.
    pub answer: Option<CallbackAnswer>,
}

/// The bot's answer to a callback query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// When the bot answered.
    pub at: DateTime<Utc>,
    /// The text of the notification; empty if there is none.
    pub text: String,
    /// Whether the text is shown as an alert.
    pub is_alert: bool,
}

/// An inline query.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineQuery {
    /// When it was typed.
    pub at: DateTime<Utc>,
    /// The user who typed it.
    pub by: i64,
    /// The text of the query.
    pub query: String,
    /// The bot's answer, if there is one yet.
    pub answer: Option<InlineAnswer>,
}

/// The bot's answer to an inline query.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineAnswer {
    /// The results as they were sent.
    pub results: Vec<Value>,
    /// The button above the results as it was sent, or null.
    pub button: Value,
    /// How long Telegram may cache the results, in seconds.
    pub cache_s: i64,
    /// Whether they are cached for this user alone.
    pub is_personal: bool,
}

/// A recorded request.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// The method, spelled as in the documentation of the Bot API.
    pub method: String,
    /// The parameters.
    pub body: Value,
    /// The answer to it.
    pub answer: Answer,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Success, with the result.
    Done(Value),
    /// An error: code, description, parameters.
    Refused(u16, String, Value),
    /// Success, but the response is lost.
    Lost(Value),
    /// The request is lost: no effect and no response.
    Dropped,
    /// No effect; a gateway responds with an HTML page.
    Gateway,
}

/// A fault of the next request that sends a message or edits a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with this `retry_after`, in seconds.
    Flood(i64),
    /// The request takes effect and its response is lost.
    LostAnswer,
    /// The request is lost.
    LostRequest,
    /// 500.
    ServerError,
    /// 502 with an HTML page.
    Gateway,
    /// 400 for markup that cannot be parsed.
    Markup,
    /// This code and description.
    Says(u16, &'static str),
}

/// An error without parameters.
pub(crate) fn refused(code: u16, description: &str) -> Answer {
    Answer::Refused(code, description.to_owned(), Value::Null)
}

/// 429 that asks to retry after `wait_s` seconds.
pub(crate) fn flood(wait_s: i64) -> Answer {
    let description = format!("Too Many Requests: retry after {wait_s}");
    Answer::Refused(429, description, json!({"retry_after": wait_s}))
}
