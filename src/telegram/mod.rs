//! The only teloxide: Telegram's Bot API as the few things that are asked of it.
//!
//! Promises: every answer becomes a value of ours; no error text carries the token.
//! Leaves out: when something is sent (`dispatcher`), and what an update means (`bot`).

mod client;
mod outcome;
mod updates;

pub use self::client::Client;
pub use self::outcome::classify_description;
pub use self::updates::{
    BotStatus, CallbackQuery, Event, Incoming, InlineQuery, Membership, Message, Sender,
    parse_update,
};

use crate::domain::{ChatId, Lang, Outgoing, SendOutcome};
use std::{future::Future, time::Duration};

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its number.
    pub id: i64,
    /// Its name, without the @.
    pub username: String,
}

/// To whom a command menu is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In private chats.
    Private,
    /// In groups.
    Group,
    /// To the admins of groups.
    GroupAdmins,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 3] = [Scope::Private, Scope::Group, Scope::GroupAdmins];
}

/// A statement that is offered where somebody asks inline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineResult {
    /// Its number.
    pub entry_id: i64,
    /// Its title.
    pub title: String,
    /// Who said it and when, and how it begins.
    pub description: String,
    /// The message that is posted, in HTML.
    pub html: String,
}

/// Why a call other than a send failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The token is not valid (any more).
    #[error("Telegram refuses the token")]
    Unauthorized,
    /// Another process takes the updates of this bot.
    #[error("another copy of this bot is running")]
    Conflict,
    /// A webhook is set, so updates cannot be asked for.
    #[error("a webhook is set for this bot")]
    Webhook,
    /// Telegram asks to wait.
    #[error("Telegram asks to wait {0:?}")]
    RetryAfter(Duration),
    /// Anything else, which may pass.
    #[error("{0}")]
    Failed(String),
}

/// The door to Telegram; the simulation has another one.
pub trait Telegram: Send + Sync {
    /// Who the bot is; shows whether the token is valid.
    fn me(&self) -> impl Future<Output = Result<Me, CallError>> + Send;

    /// The updates from `offset` on, which confirms all before it. Waits for one up to `wait`.
    fn updates(
        &self,
        offset: i64,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<Incoming>, CallError>> + Send;

    /// Removes a webhook, so that updates can be asked for.
    fn delete_webhook(&self) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Shows a command menu to users of a language; `None`: to all others.
    fn set_menu(
        &self,
        lang: Option<Lang>,
        scope: Scope,
        menu: &[(&str, &str)],
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Whether a user is an admin of a group or channel.
    fn is_admin(
        &self,
        chat: ChatId,
        user_id: i64,
    ) -> impl Future<Output = Result<bool, CallError>> + Send;

    /// The channel of a public name; `None`: there is none that the bot knows.
    fn find_channel(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<ChatId>, CallError>> + Send;

    /// Tells whoever pressed a button that it was heard, with words for them alone or without.
    fn answer_callback_query(
        &self,
        query_id: &str,
        words: Option<&str>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Offers statements to whoever asks inline.
    fn answer_inline_query(
        &self,
        query_id: &str,
        offers: &[InlineResult],
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Sends a message, or edits one.
    fn send(&self, message: &Outgoing) -> impl Future<Output = SendOutcome> + Send;
}
