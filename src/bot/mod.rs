//! The bot: receives updates, checks permissions, and handles commands and callback queries.
//!
//! An update passes through these files: `receiver` gets it and parses it into a `request`
//! (`command`, `registry`); `user_rate_limit` admits it; `pending_updates` handles it later if it
//! is slow; `handler` asks Telegram for permissions and opens the transaction; `handle`, `commands`
//! and `callback` decide what it changes and what is replied.
//! Out of scope: sending replies (`deliver`), and fetching pages for them (`jobs`).

mod argument;
mod callback;
mod catalog;
mod channel_target;
mod command;
mod commands;
mod context;
mod ephemeral;
mod handle;
mod handler;
mod holds;
mod inline;
mod membership;
mod pending_updates;
mod permission;
mod receiver;
mod registry;
mod reply;
mod request;
mod source_name;
mod user_rate_limit;

pub use self::catalog::Audience;
pub use self::ephemeral::{EphemeralReply, send_ephemeral};
pub use self::handle::handle;
pub use self::pending_updates::PendingUpdateHandler;
pub use self::permission::{Permission, PermissionFacts};
pub use self::receiver::{FatalError, POLL_WAIT, Received, UpdateReceiver};
pub use self::registry::menu;
pub use self::reply::Handled;
pub use self::request::Request;
