//! The commands of the bot, one file for each or two.

pub(crate) mod archive;
pub(crate) mod counter;
pub(crate) mod help;
pub(crate) mod institution;
pub(crate) mod latest;
pub(crate) mod privacy;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod sources;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod watch;
