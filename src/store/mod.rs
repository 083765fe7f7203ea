//! The database: what is known and what is still to be done, in one SQLite file.
//!
//! Guarantees: the only module with SQL. A function that writes is one transaction; the methods of
//! [`UpdateTx`] share the transaction of their update, and nothing of it is written before it commits.
//! What is committed survives a power cut (WAL, synchronous=FULL). One process runs on a file at a
//! time, and it has one writer, so that no transaction waits for a lock half-way.
//! Out of scope: decisions (`detect`, `domain::readiness`, `domain::delivery`, `deliver`).

mod account;
mod articles;
mod chats;
mod connect;
mod copy;
mod counter_schedule;
mod counters;
mod database_file;
mod disk_space;
mod encoding;
mod entries;
mod error;
mod holds;
mod jobs;
mod known;
mod open_error;
mod outbox;
mod pending_updates;
mod polls;
mod pool;
mod privacy;
#[cfg(test)]
mod query_plan;
mod rate_estimate;
mod removals;
mod search;
mod settings;
mod source_overviews;
mod sources;
mod subscriptions;
mod tx;
mod update_tx;
mod watch_candidates;
mod zone;

pub use self::chats::ChatState;
pub use self::connect::Access;
pub use self::copy::CopyError;
pub use self::counter_schedule::Tick;
pub use self::counters::CUSTOM_COUNTERS_MAX;
pub use self::entries::PAGE_ENTRIES;
pub use self::error::{Result, StoreError};
pub use self::holds::{HeldSource, HoldChange, Recipient};
pub use self::jobs::{ATTEMPTS_MAX, Enqueued, EntrySource, Job, JobClaim, JobKind, JobResult};
pub use self::open_error::OpenError;
pub use self::outbox::claim::{ClaimRequest, ClaimResult, Claimed};
pub use self::outbox::fanout::FanoutBatch;
pub use self::outbox::inspect::{DeliveryState, RetryResult};
pub use self::outbox::payload::{DailyCounters, MilestoneNotice, Payload, Statement};
pub use self::outbox::status::DeliveryStatus;
pub use self::pending_updates::{DeferredUpdate, PendingUpdate};
pub use self::polls::Poll;
pub use self::pool::Store;
pub use self::privacy::delete::Unsubscribed;
pub use self::removals::RESTORABLE_FOR;
pub use self::sources::{DuePoll, SourceState};
pub use self::subscriptions::{SubscribeResult, SubscribeSummary};
pub use self::update_tx::UpdateTx;
