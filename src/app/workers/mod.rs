//! The workers of the process. Each calls steps that say when they want to be called again.

mod conflicts;
pub(crate) mod delivery;
pub(crate) mod jobs;
mod long_poll;
pub(crate) mod maintenance;
mod pending_updates;
mod poll_reports;
mod poll_slots;
pub(crate) mod polling;
pub(crate) mod scheduler;
pub(crate) mod updates;
