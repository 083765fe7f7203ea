//! The rate estimate: what the rate limiter found out, kept across restarts.

use super::{Result, Store};
use crate::domain::RateEstimate;

impl Store {
    /// Returns the last estimate.
    pub async fn rate_estimate(&self) -> Result<Option<RateEstimate>> {
        let row: Option<(f64, f64, Option<f64>, u32)> =
            sqlx::query_as("select per_second, fraction, ceiling, clean_sends from rate_estimate")
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(per_second, fraction, ceiling, clean_sends)| RateEstimate {
            per_second,
            fraction,
            ceiling,
            clean_sends,
        }))
    }

    /// Stores an estimate.
    pub async fn save_rate_estimate(&self, estimate: RateEstimate) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert or replace into rate_estimate (id, per_second, fraction, ceiling, clean_sends)
             values (1, ?, ?, ?, ?)",
        )
        .bind(estimate.per_second)
        .bind(estimate.fraction)
        .bind(estimate.ceiling)
        .bind(estimate.clean_sends)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
