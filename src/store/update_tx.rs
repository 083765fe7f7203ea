//! The transaction of one update: that it was seen, what it changed, what is answered.
//!
//! Promises: all of it or nothing, so an update that Telegram sends again after a crash is either
//! new or already answered for.

use super::{Result, Store, Tx, millis};
use chrono::{DateTime, TimeDelta, Utc};

/// How long numbers of updates are remembered: twice as long as Telegram keeps updates. Not much
/// longer, since after a quiet week numbers start anew at random.
const REMEMBERED: TimeDelta = TimeDelta::hours(48);

/// The transaction in which an update takes effect. Dropped without [`Inbox::commit`], nothing
/// has happened.
#[derive(Debug)]
pub struct UpdateTx {
    pub(super) tx: Tx,
    pub(super) now: DateTime<Utc>,
}

impl Store {
    /// Opens the transaction of an update; `None` when it was seen before.
    pub async fn begin_update(
        &self,
        update_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<UpdateTx>> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from seen_update where seen_at < ?")
            .bind(millis(now - REMEMBERED))
            .execute(&mut *tx)
            .await?;
        let inserted =
            sqlx::query("insert or ignore into seen_update (update_id, seen_at) values (?, ?)")
                .bind(update_id)
                .bind(millis(now))
                .execute(&mut *tx)
                .await?;
        if inserted.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        Ok(Some(UpdateTx { tx, now }))
    }

    /// The same for what changes nothing, may be done twice, and may take a while: a search.
    pub async fn read_only(&self, now: DateTime<Utc>) -> Result<UpdateTx> {
        Ok(UpdateTx { tx: self.begin_searching().await?, now })
    }
}

impl UpdateTx {
    /// Ends what was only looked at.
    pub async fn close(self) -> Result<()> {
        self.tx.rollback().await
    }

    /// Makes it all so.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await
    }

    /// The time at which the update is handled.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}
