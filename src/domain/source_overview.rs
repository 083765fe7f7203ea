//! A source as the people of a place see it.

use super::{Entry, Origin, PollStatus};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What a page shows beside its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNotes {
    /// Telephone, address and mail lines, as printed.
    pub contacts: Vec<String>,
    /// The places whose time it shows, with their distance from UTC in minutes when it was read.
    pub clocks: Vec<(String, i32)>,
}

/// A source as the people of a place see it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceOverview {
    /// Its number.
    pub source_id: i64,
    /// Its key.
    pub name: String,
    /// The institution's name.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Who had it watched.
    pub origin: Origin,
    /// Whether the place is subscribed to it.
    pub is_subscribed: bool,
    /// Whether the place chose something for it alone.
    pub has_settings: bool,
    /// Its newest entry.
    pub newest: Option<Entry>,
    /// What the last poll came to.
    pub reason: PollStatus,
    /// When it was last read.
    pub read_at: Option<DateTime<Utc>>,
    /// Since when its new entries are held, until somebody has looked at them.
    pub held_since_at: Option<DateTime<Utc>>,
    /// The zone of its days.
    pub zone: Tz,
    /// What its page shows beside the list.
    pub notes: PageNotes,
}
