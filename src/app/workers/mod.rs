//! The workers of the process. Each calls steps that say when they want to be called again.

pub(crate) mod conflicts;
pub(crate) mod delivery;
pub(crate) mod jobs;
pub(crate) mod long_poll;
pub(crate) mod maintenance;
pub(crate) mod pending_updates;
pub(crate) mod poll_slots;
pub(crate) mod polling;
pub(crate) mod scheduler;
pub(crate) mod updates;
