//! The sandbox: a Bot API on loopback and a sample institution, for the demo, the tests and the
//! benchmarks.
//!
//! Guarantees: `TelegramState` is a state machine without a clock, randomness or I/O (the
//! simulation calls it directly). It supports the methods that the bot uses, with Telegram's rules,
//! limits and error texts. Faults happen on request only.
//! Out of scope: everything else that Telegram can do.

mod network;
mod server;
mod site;
mod telegram;

pub use self::server::{Api, Server, StateGuard, serve};
pub use self::site::{
    Fault as SiteFault, Response as SiteResponse, Site, Statement, TITLE as SITE_TITLE,
    ZONE as SITE_ZONE,
};
pub use self::telegram::{
    html::{Entity, Marked, parse},
    limits::{Counting, Limits},
    menus::{Menus, Scope},
    state::TelegramState,
    types::{
        Answer, Call, CallbackAnswer, CallbackQuery, Chat, ChatType, Document, Fault, InlineAnswer,
        InlineQuery, Role, Sent, User,
    },
};
