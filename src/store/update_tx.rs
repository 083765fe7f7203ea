//! The transaction of one update: that it was seen, its effect, and the reply.
//!
//! Guarantees: either all of it is written or none of it, so an update that Telegram sends again
//! after a crash is either new or already handled. The methods of [`UpdateTx`] are in the files of
//! their subjects.

use super::{Result, Store, encoding::millis, tx::Tx};
use crate::domain::UpdateId;
use chrono::{DateTime, TimeDelta, Utc};

/// How long ids of updates are remembered: twice as long as Telegram keeps updates. Not much longer,
/// since after a week without updates the ids start again at random.
const REMEMBERED: TimeDelta = TimeDelta::hours(48);

/// The transaction in which an update takes effect. Without [`UpdateTx::commit`] nothing of it is
/// written.
#[derive(Debug)]
pub struct UpdateTx {
    pub(super) tx: Tx,
    pub(super) now: DateTime<Utc>,
}

impl Store {
    /// Begins the transaction of an update; `None` if the update was seen before.
    pub async fn begin_update(
        &self,
        update_id: UpdateId,
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

    /// Begins a transaction for an update that only reads, which may take a while: a search. It does not
    /// matter if such an update is handled twice.
    pub async fn read_only(&self, now: DateTime<Utc>) -> Result<UpdateTx> {
        Ok(UpdateTx { tx: self.begin_searching().await?, now })
    }
}

impl UpdateTx {
    /// Ends a transaction that only read.
    pub async fn close(self) -> Result<()> {
        self.tx.rollback().await
    }

    /// Commits. On error, nothing was written.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await
    }

    /// Returns the time at which the update is handled.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}
