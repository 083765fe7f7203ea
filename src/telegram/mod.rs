//! Telegram: the only teloxide, and the few calls of the Bot API that the bot needs.
//!
//! Guarantees: every response becomes a value of the domain. No error text contains the token.
//! Out of scope: when something is sent (`deliver`), what an update means (`bot`).

mod client;
mod outcome;
mod updates;

pub use self::client::Client;
pub use self::outcome::classify_description;
pub use self::updates::{
    BotStatus, CallbackQuery, Event, Incoming, InlineQuery, Membership, Message, Sender,
    parse_update,
};

use crate::domain::{ChatId, EntryId, Lang, Outgoing, SendOutcome, UserId};
use std::{future::Future, time::Duration};

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The user ID of the bot.
    pub id: UserId,
    /// The username, without the @.
    pub username: String,
}

/// Who sees a command menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Users in private chats.
    Private,
    /// Members of groups.
    Group,
    /// Admins of groups.
    GroupAdmins,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 3] = [Scope::Private, Scope::Group, Scope::GroupAdmins];
}

/// An entry that is offered in reply to an inline query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineResult {
    /// The number of the entry.
    pub entry_id: EntryId,
    /// The title.
    pub title: String,
    /// The source, the date and the beginning of the lead.
    pub description: String,
    /// The message that is posted, as HTML.
    pub html: String,
}

/// Why a call other than a send failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The token is not valid, or not any more.
    #[error("Telegram refuses the token")]
    Unauthorized,
    /// Another process receives the updates of this bot.
    #[error("another copy of this bot is running")]
    Conflict,
    /// A webhook is set, so there is no long polling.
    #[error("a webhook is set for this bot")]
    Webhook,
    /// Telegram asks to wait.
    #[error("Telegram asks to wait {0:?}")]
    RetryAfter(Duration),
    /// Any other failure, which may pass.
    #[error("{0}")]
    Failed(String),
}

/// Telegram. Tests and the simulation have their own.
pub trait Telegram: Send + Sync {
    /// Returns who the bot is, which shows whether the token is valid.
    fn me(&self) -> impl Future<Output = Result<Me, CallError>> + Send;

    /// Returns the updates from `offset` on, which confirms all before it. Waits for one up to
    /// `wait`.
    fn updates(
        &self,
        offset: i64,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<Incoming>, CallError>> + Send;

    /// Removes a webhook, so that there is long polling.
    fn delete_webhook(&self) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Sets a command menu for users of a language; `None` for all others.
    fn set_menu(
        &self,
        lang: Option<Lang>,
        scope: Scope,
        menu: &[(&str, &str)],
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Returns whether a user is an admin of a group or channel.
    fn is_admin(
        &self,
        chat: ChatId,
        user_id: UserId,
    ) -> impl Future<Output = Result<bool, CallError>> + Send;

    /// Returns the channel of a public name; `None` if the bot knows none.
    fn find_channel(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<ChatId>, CallError>> + Send;

    /// Answers a callback query, with a text for the user who pressed the button or without.
    fn answer_callback_query(
        &self,
        query_id: &str,
        words: Option<&str>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Answers an inline query.
    fn answer_inline_query(
        &self,
        query_id: &str,
        offers: &[InlineResult],
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Sends or edits a message.
    fn send(&self, message: &Outgoing) -> impl Future<Output = SendOutcome> + Send;
}
