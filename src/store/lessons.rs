//! What was learnt about Telegram's limits, kept from one process to the next.

use super::{Result, Store};
use crate::domain::Lesson;

impl Store {
    /// What was learnt last.
    pub async fn lesson(&self) -> Result<Option<Lesson>> {
        let row: Option<(f64, f64, Option<f64>, u32)> =
            sqlx::query_as("select per_second, share, ceiling, clean from lesson")
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(per_second, share, ceiling, clean)| Lesson {
            per_second,
            share,
            ceiling,
            clean,
        }))
    }

    /// Keeps what was learnt.
    pub async fn learn(&self, lesson: Lesson) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert or replace into lesson (id, per_second, share, ceiling, clean)
             values (1, ?, ?, ?, ?)",
        )
        .bind(lesson.per_second)
        .bind(lesson.share)
        .bind(lesson.ceiling)
        .bind(lesson.clean)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
