//! Entries as they are shown to somebody who asks for them.

use super::{Entry, keyboard::Cursor};
use chrono::NaiveDate;

/// An entry with the source that said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub entry_id: i64,
    /// The institution's name.
    pub source_title: String,
    /// The entry.
    pub entry: Entry,
}

/// A page of entries, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries.
    pub entries: Vec<Listed>,
    /// Where the page of newer ones begins, if there are any.
    pub newer: Option<Cursor>,
    /// Where the page of older ones begins, if there are any.
    pub older: Option<Cursor>,
}

/// The months of a year in which there is something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// Its number.
    pub number: i32,
    /// Their first days.
    pub months: Vec<NaiveDate>,
    /// The year before, if there is something then or earlier.
    pub before: Option<i32>,
    /// The year after, the same.
    pub after: Option<i32>,
}
