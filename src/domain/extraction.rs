//! Extractions: what is read from a document.
//!
//! Guarantees: only what the document itself says. An extraction without entries is a value, not an
//! error.

use super::{Candidate, CounterSeen, word_enum::word_enum};
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use std::time::Duration;
use url::Url;

/// The kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// An HTML page.
    Html,
    /// Plain text.
    Text,
    /// RSS of any version.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    JsonFeed,
}

impl DocumentKind {
    /// Returns whether it is a feed.
    pub fn is_feed(self) -> bool {
        // Without a wildcard, so that the compiler asks about a new kind.
        match self {
            DocumentKind::Rss | DocumentKind::Atom | DocumentKind::JsonFeed => true,
            DocumentKind::Html | DocumentKind::Text => false,
        }
    }
}

// The words in the database and in `check`.
word_enum!(DocumentKind {
    Html => "html",
    Text => "text",
    Rss => "rss",
    Atom => "atom",
    JsonFeed => "json_feed",
});

/// A clock on the page: a place and the time there, as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The place, as printed ("Moscow").
    pub place: String,
    /// The time, as printed ("20:03").
    pub time: String,
}

impl Clock {
    /// Returns the offset of the clock from UTC in minutes, if it showed its time at `at`. Zones
    /// differ from UTC by quarters of an hour; a clock may be some minutes off.
    pub fn offset_minutes(&self, at: DateTime<Utc>) -> Option<i32> {
        let mut parts = self.time.split(':');
        let mut part = || parts.next()?.trim().parse::<i32>().ok();
        let shown = part()? * 60 + part()?;
        let utc = i32::try_from(at.hour() * 60 + at.minute()).ok()?;
        let quarters = (f64::from(shown - utc) / 15.0).round() as i32;
        let offset = (quarters * 15).rem_euclid(24 * 60);
        // From UTC-11 to UTC+12: what is beyond is rare and has the same time on another day.
        Some(if offset > 12 * 60 { offset - 24 * 60 } else { offset })
    }
}

/// What is read from a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Extraction {
    /// The kind of the document.
    pub kind: DocumentKind,
    /// The dated entries in the order of the document.
    pub entries: Vec<Candidate>,
    /// The day counters.
    pub counters: Vec<CounterSeen>,
    /// The date that the page prints as today.
    pub page_date: Option<NaiveDate>,
    /// The clocks.
    pub clocks: Vec<Clock>,
    /// Telephone numbers in the international form, as printed.
    pub phones: Vec<String>,
    /// Telephone, address and mail lines, as printed.
    pub contacts: Vec<String>,
    /// The address of the page's list of older entries.
    pub archive: Option<Url>,
    /// The next page of the list.
    pub next: Option<Url>,
    /// The feeds that the page names.
    pub feeds: Vec<Url>,
    /// The title of the document.
    pub title: Option<String>,
    /// The language of the document.
    pub lang: Option<String>,
    /// How long a feed says that it stays fresh (`ttl`).
    pub fresh_for: Option<Duration>,
    /// What shows a challenge or a maintenance page, if there are no entries.
    pub challenge: Option<String>,
    /// Whether it is a whole feed without entries, which is healthy.
    pub is_empty_list: bool,
    /// What could not be read, in words for the operator.
    pub notes: Vec<String>,
}

impl Extraction {
    /// Creates an empty extraction.
    pub fn empty(kind: DocumentKind) -> Self {
        Extraction {
            kind,
            entries: Vec::new(),
            counters: Vec::new(),
            page_date: None,
            clocks: Vec::new(),
            phones: Vec::new(),
            contacts: Vec::new(),
            archive: None,
            next: None,
            feeds: Vec::new(),
            title: None,
            lang: None,
            fresh_for: None,
            challenge: None,
            is_empty_list: false,
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_tells_its_distance_from_utc() {
        let at = "2020-07-15T17:03:40Z".parse().unwrap();
        let cases = [
            ("20:03", Some(180)),
            ("18:02", Some(60)),
            ("13:03:10", Some(-240)),
            ("22:33", Some(330)),
            ("5:03", Some(720)),
            ("x", None),
        ];
        for (time, expected) in cases {
            let clock = Clock { place: "Somewhere".to_owned(), time: time.to_owned() };
            assert_eq!(clock.offset_minutes(at), expected, "{time}");
        }
    }
}
