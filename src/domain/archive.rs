//! The archive: entries as they are shown page by page.

use super::{Entry, EntryRef, callback::Cursor};
use chrono::NaiveDate;

/// An entry with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWithSource {
    /// The reference to the entry.
    pub entry_ref: EntryRef,
    /// The title of the source.
    pub source_title: String,
    /// The entry.
    pub entry: Entry,
}

/// A page of entries, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryPage {
    /// The entries.
    pub entries: Vec<EntryWithSource>,
    /// Where the page with newer entries begins, if there are any.
    pub newer: Option<Cursor>,
    /// Where the page with older entries begins, if there are any.
    pub older: Option<Cursor>,
}

/// The months of a year that have entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveYear {
    /// The year.
    pub number: i32,
    /// The first days of these months.
    pub months: Vec<NaiveDate>,
    /// The year before, if there are earlier entries.
    pub before: Option<i32>,
    /// The year after, if there are later entries.
    pub after: Option<i32>,
}
