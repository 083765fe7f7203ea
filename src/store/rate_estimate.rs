//! What was learnt about Telegram's limits, kept from one process to the next.

use super::{Result, Store};
use crate::domain::RateEstimate;

impl Store {
    /// What was learnt last.
    pub async fn rate_estimate(&self) -> Result<Option<RateEstimate>> {
        let row: Option<(f64, f64, Option<f64>, u32)> =
            sqlx::query_as("select per_second, fraction, ceiling, clean_sends from rate_estimate")
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(per_second, share, ceiling, clean)| RateEstimate {
            per_second,
            fraction: share,
            ceiling,
            clean_sends: clean,
        }))
    }

    /// Keeps what was learnt.
    pub async fn save_rate_estimate(&self, lesson: RateEstimate) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert or replace into rate_estimate (id, per_second, fraction, ceiling, clean_sends)
             values (1, ?, ?, ?, ?)",
        )
        .bind(lesson.per_second)
        .bind(lesson.fraction)
        .bind(lesson.ceiling)
        .bind(lesson.clean_sends)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
