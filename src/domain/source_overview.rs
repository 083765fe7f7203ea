//! What a place sees of a source.

use super::{Entry, Origin, PollStatus, SourceId};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What a page shows besides its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNotes {
    /// Lines with telephone numbers, addresses and mail addresses, as printed.
    pub contacts: Vec<String>,
    /// The places whose time the page shows, with their offset from UTC in minutes at the last poll.
    pub clocks: Vec<(String, i32)>,
}

/// A source with its state, as a place sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceOverview {
    /// The ID of the source.
    pub source_id: SourceId,
    /// The permanent name.
    pub name: String,
    /// The title.
    pub title: String,
    /// The address of the page or feed.
    pub url: String,
    /// Who added the source.
    pub origin: Origin,
    /// Whether the place is subscribed to it.
    pub is_subscribed: bool,
    /// Whether the place has settings for this source alone.
    pub has_settings: bool,
    /// The newest entry.
    pub newest: Option<Entry>,
    /// The status of the last poll.
    pub reason: PollStatus,
    /// When it was last read successfully.
    pub read_at: Option<DateTime<Utc>>,
    /// Since when a list is held.
    pub held_since_at: Option<DateTime<Utc>>,
    /// The time zone of its dates.
    pub zone: Tz,
    /// What the page shows besides its list.
    pub notes: PageNotes,
}
