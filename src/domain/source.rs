//! A source: a page or feed that is polled, and the status of its polls.
//!
//! Guarantees: the name of a source is its permanent key. Out of scope: when it is polled (`poll`).

use super::{Counter, PageRules, word_enum::words};
use chrono_tz::Tz;
use std::{fmt, time::Duration};
use url::Url;

/// The short name of a source: 1 to 32 of `a-z 0-9 _ -`. It is the key under which everything about
/// the source is stored, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(String);

impl SourceName {
    /// The longest name, in characters: it has to fit into a deep link with other things.
    pub const LENGTH_MAX: usize = 32;

    /// Returns a valid name, or `None`.
    pub fn parse(name: &str) -> Option<Self> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let fits = (1..=Self::LENGTH_MAX).contains(&name.len());
        (fits && name.chars().all(good)).then(|| SourceName(name.to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A source.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The key.
    pub name: SourceName,
    /// The name of the institution, shown at the top of every message.
    pub title: String,
    /// The address that is polled.
    pub url: Url,
    /// The shortest time between two polls.
    pub interval: Duration,
    /// The zone of the days that the page prints.
    pub zone: Tz,
    /// Who added it.
    pub origin: Origin,
    /// Whether `/start` subscribes to it.
    pub is_default: bool,
    /// Whether robots.txt is respected; the owner of a site may turn that off.
    pub respects_robots: bool,
    /// Counters of the configuration, in addition to those of the page.
    pub counters: Vec<Counter>,
    /// What the configuration says about the page.
    pub page_rules: PageRules,
}

impl Source {
    /// The interval of a source of the configuration that sets none.
    pub const INTERVAL_DEFAULT: Duration = Duration::from_secs(5 * 60);
    /// The interval of a source that a user added.
    pub const USER_ADDED_INTERVAL: Duration = Duration::from_secs(15 * 60);

    /// Creates a source of the operator with the defaults of the configuration.
    pub fn new(name: SourceName, title: String, url: Url) -> Self {
        Source {
            name,
            title,
            url,
            interval: Self::INTERVAL_DEFAULT,
            zone: Tz::UTC,
            origin: Origin::Operator,
            is_default: true,
            respects_robots: true,
            counters: Vec::new(),
            page_rules: PageRules::default(),
        }
    }

    /// Creates a source that a user added.
    pub fn user_added(name: SourceName, title: String, url: Url) -> Self {
        Source {
            interval: Self::USER_ADDED_INTERVAL,
            origin: Origin::Chat,
            is_default: false,
            ..Source::new(name, title, url)
        }
    }
}

/// Who added a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The operator, in communique.toml.
    Operator,
    /// A user in a chat: the source never leads into a private network.
    Chat,
}

words!(Origin {
    Operator => "operator",
    Chat => "chat",
});

impl Origin {
    /// Returns the origin of a word of the database; `Operator` for an unknown one.
    pub fn parse(word: &str) -> Self {
        let found = Self::ALL.iter().find(|origin| origin.as_str() == word);
        found.copied().unwrap_or(Origin::Operator)
    }
}

/// What a poll of a source resulted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PollStatus {
    /// Not polled yet.
    New,
    /// The list was read.
    Ok,
    /// The server reported no change (304).
    Unchanged,
    /// A document came, without a dated list.
    Unreadable,
    /// A captcha, a browser check or a maintenance page came instead of the list.
    Challenge,
    /// A list was read, but it does not look like the known one.
    Held,
    /// The server responded with an error status.
    HttpStatus,
    /// The server reports that the page is gone for good (410).
    Gone,
    /// A soft 404: the address leads to a page that says it is gone, or to the front page.
    ErrorPage,
    /// A page came where a feed was.
    HtmlForFeed,
    /// The site's robots.txt disallows the address.
    Robots,
    /// The address leads into a private network that is not allowed.
    Refused,
    /// The name of the host could not be resolved.
    Dns,
    /// The host accepts no connection.
    Connect,
    /// The secure connection failed.
    Tls,
    /// The document did not arrive in time.
    Timeout,
    /// The connection broke, or the response was invalid.
    Broken,
}

words!(PollStatus {
    New => "new",
    Ok => "ok",
    Unchanged => "unchanged",
    Unreadable => "unreadable",
    Challenge => "challenge",
    Held => "held",
    HttpStatus => "http_status",
    Gone => "gone",
    ErrorPage => "error_page",
    HtmlForFeed => "html_for_feed",
    Robots => "robots",
    Refused => "refused",
    Dns => "dns",
    Connect => "connect",
    Tls => "tls",
    Timeout => "timeout",
    Broken => "broken",
});

impl PollStatus {
    /// Returns the status of a word of the database; `Broken` for one of another version.
    pub fn parse(word: &str) -> Self {
        let found = Self::ALL.iter().find(|status| status.as_str() == word);
        found.copied().unwrap_or(PollStatus::Broken)
    }

    /// Whether a list was read, be it one that is held: the source keeps its interval.
    pub fn is_readable(self) -> bool {
        self.is_healthy() || self == PollStatus::Held
    }

    /// Whether the source is healthy.
    pub fn is_healthy(self) -> bool {
        matches!(self, PollStatus::Ok | PollStatus::Unchanged)
    }
}
