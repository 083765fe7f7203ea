//! The sandbox: a Bot API on loopback and a sample source, for the demo, the tests and the
//! benchmarks.
//!
//! Promises: `World` is a state machine without clock, chance or I/O (the simulation calls it
//! directly); it knows the methods that the bot uses, with Telegram's rules, limits and error texts,
//! and refuses what Telegram would refuse. Faults happen on request only.
//! Leaves out: everything else that Telegram can do, and all that needs no bot to be seen.

mod network;
mod server;
mod site;
mod telegram;

pub use self::server::{Api, Server, WorldGuard, serve};
pub use self::site::{
    Fault as SiteFault, Response as SiteResponse, Site, Statement, TITLE as SITE_TITLE,
    ZONE as SITE_ZONE,
};
pub use self::telegram::html::{Entity, Marked, parse};
pub use self::telegram::limits::{Counting, Limits};
pub use self::telegram::{
    Answer, Call, CallbackAnswer, CallbackQuery, Chat, ChatType, Document, Fault, InlineAnswer,
    InlineQuery, Menus, Role, Scope, Sent, TelegramState, User,
};
