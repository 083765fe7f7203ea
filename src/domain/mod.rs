//! The nouns of communique, without a door to anything outside.
//!
//! Promises: plain values, no I/O, no clock. Instants are `DateTime<Utc>` in fields that end in
//! `_at`; days are `NaiveDate` in fields that end in `_on`, and a day always belongs to the zone of
//! the source that printed it.
//! Leaves out: how any of this is read (`extract`), kept (`store`) or shown (`render`).

pub mod chat;
pub mod counter;
pub mod delivery;
pub mod entry;
pub mod hints;
pub mod line;
pub mod reading;
pub mod source;

pub use chat::{ChatId, ChatKind, Place, ThreadId};
pub use counter::{Counter, CounterSeen};
pub use delivery::{Answer, Lesson, Manner, Rules, SendOutcome, Settlement, Tries};
pub use entry::{Candidate, Entry, EntryKey};
pub use hints::{FeedUse, Hints, Order};
pub use reading::{Clock, Kind, Reading};
pub use source::{Reason, Source, SourceName};
