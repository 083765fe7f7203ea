//! After a crash, and after the clock was set back.
//!
//! Guarantees: a send that a crash interrupted is tried again, as one that may have arrived.
//! Nothing waits longer because of a clock change.

use crate::domain::{ChatId, DeliveryId, Settlement};
use crate::store::{
    Result, Store, counter_schedule,
    encoding::{instant, millis},
    jobs, removals,
};
use chrono::{DateTime, TimeDelta, Utc};

impl Store {
    /// Makes due again what an earlier process had in flight when it ended: it may have arrived. Returns
    /// how many deliveries there were.
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<u64> {
        // The last poll lies in the future if the clock was set back.
        let latest: Option<i64> = sqlx::query_scalar("select max(polled_at) from source")
            .fetch_one(&self.readers)
            .await?;
        self.shift_due_times(latest.map_or(TimeDelta::zero(), |at| instant(at) - now), now).await?;
        let mut tx = self.begin().await?;
        let rows: Vec<(DeliveryId, u32)> = sqlx::query_as(
            "select id, unanswered from delivery where settled_at is null and state = 'in_flight'",
        )
        .fetch_all(&mut *tx)
        .await?;
        for (id, unanswered) in &rows {
            sqlx::query(
                "update delivery set state = 'pending', due_at = ?2, unanswered = unanswered + 1
                 where id = ?1",
            )
            .bind(id)
            .bind(millis(now + Settlement::wait_after_crash(*unanswered)))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    /// After the clock was set back `by` so much, moves all due times back, so that nothing waits
    /// longer because of the clock change.
    pub async fn shift_due_times(&self, by: TimeDelta, now: DateTime<Utc>) -> Result<()> {
        if by <= TimeDelta::zero() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "update delivery set due_at = max(due_at - ?1, ?2)
             where settled_at is null and due_at > ?2",
        )
        .bind(by.num_milliseconds())
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        sqlx::query("update job set due_at = ?1 where due_at > ?2")
            .bind(millis(now))
            .bind(millis(now + jobs::LEASE))
            .execute(&mut *tx)
            .await?;
        removals::shift_due_times(&mut tx, now).await?;
        counter_schedule::shift_due_times(&mut tx, now).await?;
        tx.commit().await
    }

    /// Returns what was sent to groups and channels since then, oldest first: they may have reached the
    /// limit of a minute.
    pub async fn sent_since(
        &self,
        since_at: DateTime<Utc>,
    ) -> Result<Vec<(ChatId, DateTime<Utc>)>> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "select chat_id, settled_at from delivery
             where settled_at is not null and settled_at >= ? and state = 'sent' and chat_id < 0
             order by settled_at",
        )
        .bind(millis(since_at))
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|(chat, at)| (ChatId(chat), instant(at))).collect())
    }
}
