//! Finding the list of entries on a page: the candidates, and the choice among them.

pub(crate) mod choose;
pub(crate) mod dated_lines;
mod embedded_data;
pub(crate) mod features;
mod sortedness;
pub(crate) mod structure;
mod wording;
