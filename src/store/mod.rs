//! The only SQL: what is known and what is still to be done, in one SQLite file.
//!
//! Promises: every function is one transaction, named by its intent; what it wrote survives a
//! power cut (WAL, synchronous=FULL); one process runs on a file at a time; one writer, so nobody
//! waits for a lock inside a transaction.
//! Leaves out: deciding anything (`detect`, `domain::delivery` and `pace` do), and a second
//! database engine.

mod chats;
mod connect;
mod counter_schedule;
mod counters;
mod database_file;
mod entries;
mod holds;
mod jobs;
mod outbox;
mod pending_updates;
mod polls;
mod rate_estimate;
mod removals;
mod sources;
mod tx;
mod update_tx;

pub use self::chats::{ChatState, SubscribeResult, SubscribeSummary};
pub use self::connect::{Access, OpenError};
pub use self::counter_schedule::Tick;
pub use self::counters::CUSTOM_COUNTERS_MAX;
pub use self::database_file::CopyError;
pub use self::entries::PAGE_ENTRIES;
pub use self::holds::{HeldSource, Recipient};
pub use self::jobs::{ATTEMPTS_MAX, Enqueued, EntrySource, Job, JobKind, JobResult};
pub use self::outbox::fanout::FanoutBatch;
pub use self::outbox::inspect::{DeliveryState, DeliveryStatus, RetryResult};
pub use self::outbox::payload::{DailyCounters, MilestoneNotice, Payload, Statement};
pub use self::outbox::{ClaimRequest, ClaimResult, Claimed};
pub use self::pending_updates::{DeferredUpdate, PendingUpdate};
pub use self::polls::{HoldChange, Poll};
pub use self::removals::{RESTORABLE_FOR, Unsubscribed};
pub use self::sources::{DuePoll, SourceState};
pub use self::update_tx::UpdateTx;

use self::tx::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::SqlitePool;
use std::{fs::File, path::Path};

/// The database. Cheap to clone; all clones share the connections and the file lock.
#[derive(Clone, Debug)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    searchers: SqlitePool,
    /// Held while the store lives, so that a second process does not run on the same file.
    _lock: Option<std::sync::Arc<File>>,
}

/// A statement of the database that failed; says what to do. Nothing of the transaction has happened.
#[derive(Debug, thiserror::Error)]
#[error("the database failed{}", remedy(.0))]
pub struct StoreError(#[from] sqlx::Error);

impl StoreError {
    /// Whether the file is damaged, so that nothing more may be written to it.
    pub fn is_damaged(&self) -> bool {
        matches!(code(&self.0), Some(SQLITE_CORRUPT | SQLITE_NOTADB))
    }
}

const SQLITE_READONLY: i64 = 8;
const SQLITE_IOERR: i64 = 10;
const SQLITE_CORRUPT: i64 = 11;
const SQLITE_FULL: i64 = 13;
const SQLITE_CANTOPEN: i64 = 14;
const SQLITE_NOTADB: i64 = 26;

/// What to do about it, for the end of a sentence.
fn remedy(error: &sqlx::Error) -> &'static str {
    match code(error) {
        Some(SQLITE_FULL) => ", its disk is full: make room, and it goes on by itself",
        Some(SQLITE_READONLY | SQLITE_CANTOPEN) => {
            ", its file cannot be written: let this user write to the file and its folder, and it goes on by itself"
        }
        Some(SQLITE_IOERR) => {
            ", its disk cannot be read or written: look whether it is full or failing"
        }
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => {
            ", its file is damaged: put a backup in its place (see Backup in the README)"
        }
        _ => "",
    }
}

/// SQLite's word for an error, without what extends it.
fn code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

/// The result of every function of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Writes a whole and consistent copy into a new file, while others go on reading and writing. It is
    /// readable to its user alone, and has its name only when it is whole.
    ///
    /// # Errors
    /// When something has that name already, or it cannot be written.
    pub async fn backup(&self, file: &Path) -> std::result::Result<(), CopyError> {
        let db = self.readers.acquire().await;
        let mut db = db.map_err(|cause| CopyError::Unwritable { path: file.to_owned(), cause })?;
        self::database_file::copy(&mut db, file).await
    }

    /// Closes the connections, so that the last of them folds the log into the file.
    pub async fn close(&self) {
        self.searchers.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// An instant as it is stored.
fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// A stored instant. Values that no calendar holds become the epoch.
fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// A stored day.
fn day(text: Option<&str>) -> Option<NaiveDate> {
    text.and_then(|text| text.parse().ok())
}

/// The steps in which SQLite would carry out a statement.
#[cfg(test)]
async fn plan(sql: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("plan.db").display());
    let store = Store::open(&address, Access::Run).await.unwrap();
    let plan = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
    let steps: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(plan).fetch_all(&store.readers).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}
