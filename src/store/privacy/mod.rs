//! The data of a chat as a whole: exporting, deleting and moving it.

pub(super) mod delete;
mod export;
pub(super) mod migrate;
