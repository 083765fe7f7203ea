//! Entries as the archive, a search and inline results show them: references, pages, queries.
//!
//! Guarantees: a page begins after an entry and not after a number of them.
//! Out of scope: finding the entries (`store`), and showing them (`message`).

use super::{Entry, EntryId, SourceId};
use chrono::NaiveDate;
use std::{fmt, num::ParseIntError, str::FromStr};

/// The reference to an entry: `17`, or `17-2309737967` if users added its source. Only the
/// chats that are subscribed to it, and whom they pass the link to, know the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef {
    /// The ID of the entry.
    pub entry_id: EntryId,
    /// An unguessable token; 0 for public sources.
    pub secret: u32,
}

impl fmt::Display for EntryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.secret {
            0 => write!(f, "{}", self.entry_id),
            secret => write!(f, "{}-{secret}", self.entry_id),
        }
    }
}

impl FromStr for EntryRef {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (entry_id, secret) = text.split_once('-').unwrap_or((text, "0"));
        Ok(EntryRef { entry_id: entry_id.parse()?, secret: secret.parse()? })
    }
}

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
    /// Where the page of older ones begins, if there are any.
    pub older: Option<Cursor>,
}

/// Where a page of the archive begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// With the newest entry.
    First,
    /// With what is older than the entry of this day and number.
    OlderThan(NaiveDate, EntryId),
    /// With what is newer than it.
    NewerThan(NaiveDate, EntryId),
}

/// Which entries a page of the archive shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// The source; `None` is those that the place is subscribed to, else all of the operator.
    pub source_id: Option<SourceId>,
    /// The first day of the month that the archive is limited to.
    pub month_on: Option<NaiveDate>,
    /// Where the page begins.
    pub cursor: Cursor,
}

/// The months of a year that have entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveYear {
    /// Its number.
    pub number: i32,
    /// The first days of these months.
    pub months: Vec<NaiveDate>,
    /// The year before, if there are earlier entries.
    pub before: Option<i32>,
    /// The year after, if there are later entries.
    pub after: Option<i32>,
}
