//! Telegram as a state machine, as far as bots see it.
//!
//! Guarantees: without a clock, randomness or I/O; the rules, limits and error texts of Telegram.

pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod keyboard;
pub(crate) mod limits;
pub(crate) mod menus;
pub(crate) mod methods;
pub(crate) mod params;
pub(crate) mod state;
pub(crate) mod types;
pub(crate) mod user_actions;
