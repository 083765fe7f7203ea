//! The commands, one file each.
//!
//! A file has the grammar of its command in the header, and in this order: `Argument`, `parse`,
//! `run`, and what buttons do with the same messages. The registry (`bot::registry`) has a row for
//! each.

pub(super) mod archive;
pub(super) mod channel;
pub(super) mod contact;
pub(super) mod counter;
pub(super) mod digest;
pub(super) mod export;
pub(super) mod help;
pub(super) mod language;
pub(super) mod latest;
pub(super) mod privacy;
pub(super) mod quiet;
pub(super) mod read;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod sources;
pub(super) mod start;
pub(super) mod stop;
pub(super) mod time;
pub(super) mod unwatch;
pub(super) mod watch;
pub(super) mod words;
pub(super) mod zone;
