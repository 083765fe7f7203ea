//! Entries as they are shown to somebody who asks for them.

use super::Entry;
use chrono::NaiveDate;
use std::{fmt, num::ParseIntError, str::FromStr};

/// How buttons and links name an entry: `17`, or `17-2309737967` where people of a chat had its page
/// watched. Of such a page only those are told who had it watched, or to whom they passed the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef {
    /// Its number.
    pub entry_id: i64,
    /// What nobody guesses; 0 for what everybody may see.
    pub secret: u32,
}

impl fmt::Display for EntryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.secret {
            0 => write!(f, "{}", self.entry_id),
            tag => write!(f, "{}-{tag}", self.entry_id),
        }
    }
}

impl FromStr for EntryRef {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (entry_id, tag) = text.split_once('-').unwrap_or((text, "0"));
        Ok(EntryRef { entry_id: entry_id.parse()?, secret: tag.parse()? })
    }
}

/// An entry with the source that said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWithSource {
    /// How it is named.
    pub entry_ref: EntryRef,
    /// The institution's name.
    pub source_title: String,
    /// The entry.
    pub entry: Entry,
}

/// A page of entries, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryPage {
    /// The entries.
    pub entries: Vec<EntryWithSource>,
    /// Where the page of newer ones begins, if there are any.
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

/// The months of a year in which there is something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveYear {
    /// Its number.
    pub number: i32,
    /// Their first days.
    pub months: Vec<NaiveDate>,
    /// The year before, if there is something then or earlier.
    pub before: Option<i32>,
    /// The year after, the same.
    pub after: Option<i32>,
}
