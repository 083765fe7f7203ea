//! Entries as the archive, a search and inline results show them: references, pages, queries.
//!
//! Guarantees: a page begins after an entry and not after a number of them.
//! Out of scope: finding the entries (`store`), and showing them (`message`).

use super::{Entry, EntryRef};
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

/// Where a page of the archive begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// With the newest entry.
    First,
    /// With what is older than the entry of this day and number.
    OlderThan(NaiveDate, i64),
    /// With what is newer than it.
    NewerThan(NaiveDate, i64),
}

/// Which entries a page of the archive shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// The source; `None` is all that the place is subscribed to.
    pub source_id: Option<i64>,
    /// The first day of the month that the archive is limited to.
    pub month_on: Option<NaiveDate>,
    /// Where the page begins.
    pub cursor: Cursor,
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
