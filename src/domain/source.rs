//! A source: one page or feed of an institution, and what became of reading it.
//!
//! Promises: a name is the source's key for ever. Leaves out: when it is polled (`schedule`).

use super::{Counter, PageRules};
use chrono_tz::Tz;
use std::{fmt, time::Duration};
use url::Url;

/// The operator's short name of a source: 1 to 32 of `a-z 0-9 _ -`. It is the key under which
/// everything about the source is kept, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(String);

impl SourceName {
    /// The longest name, in characters: it has to fit into a deep link beside other things.
    pub const LENGTH_MAX: usize = 32;

    /// A valid name, or nothing.
    pub fn parse(name: &str) -> Option<Self> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let fits = (1..=Self::LENGTH_MAX).contains(&name.len());
        (fits && name.chars().all(good)).then(|| SourceName(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A source as the operator configured it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its key.
    pub name: SourceName,
    /// The institution's name, shown at the head of every message.
    pub title: String,
    /// The address that is read.
    pub url: Url,
    /// How often it is read, at the soonest.
    pub interval: Duration,
    /// The zone whose days its dates are.
    pub zone: Tz,
    /// Who had it watched.
    pub origin: Origin,
    /// Whether `/start` subscribes to it.
    pub is_default: bool,
    /// Whether the site's robots.txt decides what is read; the site's owner may say no.
    pub respects_robots: bool,
    /// Counters that the operator added to those of the page.
    pub counters: Vec<Counter>,
    /// What the operator says of the page.
    pub page_rules: PageRules,
}

/// Who had a source watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operator, in their file.
    Operator,
    /// People of a chat, by its address: it never leads inside a network.
    Chat,
}

impl Origin {
    /// The word for it in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Operator => "operator",
            Origin::Chat => "chat",
        }
    }

    /// The origin of a word of the database.
    pub fn parse(word: &str) -> Self {
        if word == Origin::Chat.as_str() { Origin::Chat } else { Origin::Operator }
    }
}

/// What the last poll of a source came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PollStatus {
    /// Never polled yet.
    New,
    /// Entries were read.
    Ok,
    /// The server said that nothing changed (304).
    Unchanged,
    /// An answer came, but no dated list is in it.
    Unreadable,
    /// A page that asks for a browser, a captcha or patience instead of the list.
    Challenge,
    /// A list was read, but it does not look like the one that is known.
    Held,
    /// The server answered with an error status.
    HttpStatus,
    /// The server says that the page is gone for good (410).
    Gone,
    /// The page led to one that says it is gone, or to the front page.
    ErrorPage,
    /// A page came where a feed was.
    HtmlForFeed,
    /// The site's robots.txt asks not to be read there.
    Robots,
    /// A user's address that leads inside a network.
    Refused,
    /// The host's name could not be resolved.
    Dns,
    /// Nobody listens there.
    Connect,
    /// The secure connection failed.
    Tls,
    /// The answer did not come whole in time.
    Timeout,
    /// The connection broke, or the answer made no sense.
    Broken,
}

impl PollStatus {
    const ALL: [(PollStatus, &'static str); 17] = [
        (PollStatus::New, "new"),
        (PollStatus::Ok, "ok"),
        (PollStatus::Unchanged, "unchanged"),
        (PollStatus::Unreadable, "unreadable"),
        (PollStatus::Challenge, "challenge"),
        (PollStatus::Held, "held"),
        (PollStatus::HttpStatus, "http_status"),
        (PollStatus::Gone, "gone"),
        (PollStatus::ErrorPage, "error_page"),
        (PollStatus::HtmlForFeed, "html_for_feed"),
        (PollStatus::Robots, "robots"),
        (PollStatus::Refused, "refused"),
        (PollStatus::Dns, "dns"),
        (PollStatus::Connect, "connect"),
        (PollStatus::Tls, "tls"),
        (PollStatus::Timeout, "timeout"),
        (PollStatus::Broken, "broken"),
    ];

    /// The code for it, in the database and for the operator.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(r, _)| *r == self).map_or("", |(_, s)| s)
    }

    /// The reason of a code; a code of another version is `Broken`.
    pub fn parse(code: &str) -> Self {
        Self::ALL.iter().find(|(_, s)| *s == code).map_or(PollStatus::Broken, |(r, _)| *r)
    }

    /// Whether a list came, be it one that is held: then it is read on as often as ever.
    pub fn is_readable(self) -> bool {
        self.is_healthy() || self == PollStatus::Held
    }

    /// Whether the source was seen to be well.
    pub fn is_healthy(self) -> bool {
        matches!(self, PollStatus::Ok | PollStatus::Unchanged)
    }
}
