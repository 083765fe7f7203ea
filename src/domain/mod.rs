//! The nouns of communique, without a door to anything outside.
//!
//! Promises: plain values, no I/O, no clock. Instants are `DateTime<Utc>` in fields that end in
//! `_at`; days are `NaiveDate` in fields that end in `_on`, and a day always belongs to the zone of
//! the source that printed it.
//! Leaves out: how any of this is read (`extract`), kept (`store`) or shown (`render`).

pub mod address;
pub mod article;
pub mod calendar;
pub mod card;
pub mod chat;
pub mod counter;
pub mod delivery;
pub mod entry;
pub mod health;
pub mod hints;
pub mod hold;
pub mod host;
pub mod keyboard;
pub mod line;
pub mod listing;
pub mod milestone;
pub mod policy;
pub mod reading;
pub mod settings;
pub mod source;
pub mod words;
pub mod zone;

pub use article::{Article, NoText, Paragraph, ParagraphKind};
pub use card::{PageNotes, SourceOverview};
pub use chat::{ChatId, ChatKind, Place, ThreadId};
pub use counter::{Counter, CounterSeen, CustomCounter, SourceCounters};
pub use delivery::{
    AttemptHistory, DeliveryConfig, Message, Outgoing, RateEstimate, Reply, SendOptions,
    SendOutcome, Settlement,
};
pub use entry::{Candidate, Entry, EntryKey, KeyKind};
pub use health::{Health, HealthNews, ValidatorTrust};
pub use hints::{DateOrder, FeedUse, PageRules};
pub use hold::{Hold, HoldDecision, HoldEntry, HoldReason, HoldRef};
pub use keyboard::{Action, Button, ButtonKind, Keyboard};
pub use listing::{ArchiveYear, EntryPage, EntryRef, EntryWithSource};
pub use milestone::Milestone;
pub use policy::{AccessPolicy, WatchPermission};
pub use reading::{Clock, DocumentKind, Extraction};
pub use settings::{
    DetailLevel, EffectiveSettings, Frequency, QuietHours, SettingsOverrides, Timing,
};
pub use source::{Origin, PollStatus, Source, SourceName};
pub use zone::Zone;
