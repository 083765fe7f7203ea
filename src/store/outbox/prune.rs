//! Deleting settled deliveries after some time.
//!
//! Guarantees: their number stays with the notification; a delivery of an open fan-out is not deleted,
//! so that it is not created again.

use crate::store::{Result, Store, encoding::millis};
use chrono::{DateTime, Utc};

/// The most rows that are deleted in one transaction.
const PRUNED_MAX: i64 = 10_000;

impl Store {
    /// Deletes deliveries that were settled before then, and adds their number to the notification.
    /// Returns how many; there may be more.
    pub async fn prune(&self, before_at: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let old = "with old as (
            select id, notification_id, state from delivery
            where settled_at is not null and settled_at < ?1
                -- An open fan-out would create them again.
                and (notification_id is null
                    or notification_id not in (select notification_id from fanout))
            order by settled_at, id limit ?2) ";
        let total = "update notification set
                sent_before = sent_before + t.sent, dead_before = dead_before + t.dead
             from (select notification_id, sum(state = 'sent') as sent, sum(state = 'dead') as dead
                from old group by notification_id) t
             where notification.id = t.notification_id";
        let delete = "delete from delivery where id in (select id from old)";
        let mut deleted = 0;
        for statement in [total, delete] {
            deleted = sqlx::query(sqlx::AssertSqlSafe(format!("{old}{statement}")))
                .bind(millis(before_at))
                .bind(PRUNED_MAX)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        }
        tx.commit().await?;
        Ok(deleted)
    }
}
