//! What a user may do in a place, and what Telegram has to be asked to find out.
//!
//! Who may do what is decided elsewhere: for commands by `Access` in their rows of `registry`, for
//! buttons by `Action::requires_admin` in `domain::callback`. `handle` and `callback` enforce it.
//! Out of scope: which updates need a permission (`request`), and asking Telegram (`handler`).

use crate::domain::{ChatId, UserId};

/// Whether a user may change the subscriptions and settings of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// They may.
    #[default]
    Granted,
    /// They may not.
    Denied,
    /// Telegram did not respond.
    Unknown,
}

/// A question to Telegram before an update can be handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PermissionQuery {
    /// Is this user an admin of this chat?
    IsAdmin(ChatId, UserId),
    /// Which channel has this public name, and is this user an admin of it?
    Channel(String, UserId),
}

/// The response of Telegram. The default is what holds where nothing had to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermissionFacts {
    /// What the sender may do.
    pub permission: Permission,
    /// The channel of the public name that was asked about.
    pub channel: Option<ChatId>,
}
