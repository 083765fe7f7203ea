//! The sandbox: a Bot API on loopback and a sample source, for the demo, the tests and the
//! benchmarks.
//!
//! Promises: `World` is a state machine without clock, chance or I/O (the simulation calls it
//! directly); it knows the methods that the bot uses, with Telegram's rules, limits and error texts,
//! and refuses what Telegram would refuse. Faults happen on request only.
//! Leaves out: everything else that Telegram can do, and all that needs no bot to be seen.

mod api;
mod article;
mod form;
mod limits;
mod markup;
mod site;
mod wire;
mod world;

pub use api::{Api, Server, WorldGuard, serve};
pub use limits::{Counting, Limits};
pub use markup::{Entity, Marked, parse};
pub use site::{
    Fault as SiteFault, Response as SiteResponse, Site, Statement, TITLE as SITE_TITLE,
    ZONE as SITE_ZONE,
};
pub use world::{
    Answer, Call, CallbackAnswer, CallbackQuery, Chat, ChatType, Document, Fault, InlineAnswer,
    InlineQuery, Menus, Role, Scope, Sent, TelegramState, User,
};
