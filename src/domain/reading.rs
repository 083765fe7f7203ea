//! What one look at a page or feed found.
//!
//! Promises: only what the page itself says. A reading without entries is a value, not an error.

use super::{Candidate, CounterSeen};
use chrono::NaiveDate;
use std::time::Duration;
use url::Url;

/// What sort of document was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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

impl Kind {
    /// Whether it is a feed, made for programs.
    pub fn is_feed(self) -> bool {
        matches!(self, Kind::Rss | Kind::Atom | Kind::JsonFeed)
    }

    /// The word for it in `check`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Html => "html",
            Kind::Text => "text",
            Kind::Rss => "rss",
            Kind::Atom => "atom",
            Kind::JsonFeed => "json_feed",
        }
    }
}

/// A clock that the page shows: a place and the time there, as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The place, as printed ("Moscow").
    pub place: String,
    /// The time, as printed ("20:03").
    pub time: String,
}

/// Everything found in one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What sort of document it was.
    pub kind: Kind,
    /// The dated entries in the order of the document.
    pub entries: Vec<Candidate>,
    /// The day counters.
    pub counters: Vec<CounterSeen>,
    /// The date that the page gives as its own day.
    pub page_date: Option<NaiveDate>,
    /// The clocks.
    pub clocks: Vec<Clock>,
    /// Telephone numbers, as printed.
    pub phones: Vec<String>,
    /// The address of the page's own list of older entries.
    pub archive: Option<Url>,
    /// The next page of its list.
    pub next: Option<Url>,
    /// The feeds that the page names.
    pub feeds: Vec<Url>,
    /// The name that it gives itself, and its language.
    pub title: Option<String>,
    /// Same.
    pub lang: Option<String>,
    /// How long a feed says that it stays as it is (`ttl`).
    pub fresh_for: Option<Duration>,
    /// Words that show a challenge or a maintenance page, where there are no entries.
    pub challenge: Option<String>,
}

impl Reading {
    /// A reading that found nothing.
    pub fn empty(kind: Kind) -> Self {
        Reading {
            kind,
            entries: Vec::new(),
            counters: Vec::new(),
            page_date: None,
            clocks: Vec::new(),
            phones: Vec::new(),
            archive: None,
            next: None,
            feeds: Vec::new(),
            title: None,
            lang: None,
            fresh_for: None,
            challenge: None,
        }
    }
}
