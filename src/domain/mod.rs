//! The types that the modules share: sources, entries, chats, counters, settings, deliveries.
//!
//! Guarantees: plain values, no I/O, no clock. Instants are `DateTime<Utc>` in fields that end in
//! `_at`. Days are `NaiveDate` in fields that end in `_on`, in the time zone of their source.
//! Out of scope: reading any of it from documents (`extract`), storing it (`store`), showing it
//! (`message`).

pub mod access;
pub mod archive;
pub mod article;
pub mod callback;
mod callback_field;
pub mod chat;
pub mod counter;
pub mod counter_schedule;
pub mod delivery;
pub mod entry;
pub mod extraction;
pub mod filter;
pub mod health;
pub mod hold;
pub mod host;
pub mod ids;
pub mod lang;
pub mod local_time;
pub mod milestone;
pub mod page_rules;
pub mod readiness;
pub mod search_query;
pub mod setting;
pub mod settings;
pub mod source;
pub mod source_overview;
pub mod stem;
pub mod text;
pub mod web_url;
pub(crate) mod word_enum;
pub mod zone;

pub use self::access::{AccessPolicy, WatchPermission};
pub use self::archive::{ArchiveQuery, ArchiveYear, Cursor, EntryPage, EntryRef, EntryWithSource};
pub use self::article::{Article, NoText, Paragraph, ParagraphKind};
pub use self::callback::{Action, Button, ButtonKind, Keyboard};
pub use self::chat::{ChatId, ChatKind, Place, ThreadId};
pub use self::counter::{Counter, CounterSeen, CustomCounter, SourceCounters};
pub use self::counter_schedule::{CounterSchedule, MORNING, MilestoneCheck};
pub use self::delivery::{
    AttemptHistory, DeliveryConfig, Message, Outgoing, RateEstimate, Reply, SendOptions,
    SendOutcome, SendOutcomeKind, Settlement,
};
pub use self::entry::{Candidate, Entry, EntryKey, KeyKind};
pub use self::extraction::{Clock, DocumentKind, Extraction};
pub use self::health::{Health, HealthNews, ValidatorTrust, Validators};
pub use self::hold::{Hold, HoldDecision, HoldEntry, HoldReason, HoldRef};
pub use self::ids::{DeliveryId, EntryId, MessageId, NotificationId, SourceId, UpdateId, UserId};
pub use self::lang::Lang;
pub use self::milestone::Milestone;
pub use self::page_rules::{DateOrder, FeedUse, PageRules};
pub use self::readiness::{DailyFacts, MergeRule, MilestoneFacts, Readiness, StatementFacts};
pub use self::setting::Setting;
pub use self::settings::{
    DetailLevel, EffectiveSettings, Frequency, QuietHours, SettingsOverrides, Timing,
};
pub use self::source::{Origin, PollStatus, Source, SourceName};
pub use self::source_overview::{PageNotes, SourceOverview};
pub use self::zone::Zone;
