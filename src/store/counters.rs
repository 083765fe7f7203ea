//! Counters: those of sources, and those that a chat added.
//!
//! Out of scope: when they are sent (`counter_schedule`).

use super::{
    Result, UpdateTx,
    encoding::{millis, thread},
    entries::SOURCES_OF_PLACE,
    tx::Tx,
};
use crate::domain::{Counter, CustomCounter, Place, SourceCounters, SourceId};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

/// How long a counter may be missing from healthy polls before it counts as removed. Pages sometimes
/// leave parts out, and a page that cannot be read removes nothing.
const COUNTER_MISSING_MAX: TimeDelta = TimeDelta::hours(24);
/// The most counters that a chat may add in a place.
pub const CUSTOM_COUNTERS_MAX: usize = 20;

/// Deletes the deliveries of daily counters of a place.
const FORGET_DAILY: &str =
    "delete from delivery where chat_id = ? and thread_id = ? and daily_on is not null";

impl UpdateTx {
    /// Returns the sources of a place with their counters, by name.
    pub async fn counters(&mut self, place: Place) -> Result<Vec<SourceCounters>> {
        of_place(&mut self.tx, place).await
    }

    /// Returns the counters that were added in a place, oldest first.
    pub async fn custom_counters(&mut self, place: Place) -> Result<Vec<CustomCounter>> {
        custom_counters_of(&mut self.tx, place).await
    }

    /// Adds a counter to a place whose chat is known. Returns false if it has as many as it may.
    pub async fn add_counter(
        &mut self,
        place: Place,
        since_on: NaiveDate,
        words: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into custom_counter (chat_id, thread_id, since_on, words, created_at)
             select ?1, ?2, ?3, ?4, ?5 where
                (select count(*) from custom_counter where chat_id = ?1 and thread_id = ?2)
                -- Removed ones can be restored.
                + (select count(*) from removed_counter where chat_id = ?1 and thread_id = ?2) < ?6",
        )
        .bind(place.chat)
        .bind(thread(place))
        .bind(since_on.to_string())
        .bind(words)
        .bind(millis(self.now))
        .bind(i64::try_from(CUSTOM_COUNTERS_MAX).unwrap_or(i64::MAX))
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        if self.daily_minute(place).await?.is_none() {
            self.set_counter_schedule(place, None).await?;
        }
        Ok(true)
    }

    /// Removes a counter of a place. Returns whether it existed.
    pub async fn remove_counter(&mut self, place: Place, id: i64) -> Result<bool> {
        let done = sqlx::query(
            "delete from custom_counter where id = ? and chat_id = ? and thread_id = ?",
        )
        .bind(id)
        .bind(place.chat)
        .bind(thread(place))
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "delete from counter_schedule where chat_id = ?1 and thread_id = ?2 and minute is null
                and not exists (select 1 from custom_counter where chat_id = ?1 and thread_id = ?2)",
        )
        .bind(place.chat)
        .bind(thread(place))
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Returns the minute of the day at which a place is sent all counters, if it chose one.
    pub async fn daily_minute(&mut self, place: Place) -> Result<Option<u16>> {
        let minute: Option<Option<u16>> = sqlx::query_scalar(
            "select minute from counter_schedule where chat_id = ? and thread_id = ?",
        )
        .bind(place.chat)
        .bind(thread(place))
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(minute.flatten())
    }

    /// Sets the minute of the day at which a place whose chat is known is sent all counters. `None`:
    /// they are not sent any more.
    pub async fn set_daily(&mut self, place: Place, minute: Option<u16>) -> Result<()> {
        // A message that was sent at another time today does not prevent one at the new time.
        sqlx::query(FORGET_DAILY)
            .bind(place.chat)
            .bind(thread(place))
            .execute(&mut *self.tx)
            .await?;
        if minute.is_some() || !self.custom_counters(place).await?.is_empty() {
            return self.set_counter_schedule(place, minute).await;
        }
        sqlx::query("delete from counter_schedule where chat_id = ? and thread_id = ?")
            .bind(place.chat)
            .bind(thread(place))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

/// Returns the sources of a place with their counters, by name.
pub(super) async fn of_place(tx: &mut Tx, place: Place) -> Result<Vec<SourceCounters>> {
    let sql =
        format!("select id, title, url, zone from source where {SOURCES_OF_PLACE} order by name");
    let rows: Vec<(SourceId, String, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(place.chat)
        .bind(thread(place))
        .fetch_all(&mut **tx)
        .await?;
    let mut sources = Vec::with_capacity(rows.len());
    for (id, title, url, zone) in rows {
        let zone = zone.parse().unwrap_or(Tz::UTC);
        sources.push(source_counters(tx, id, title, url, zone).await?);
    }
    Ok(sources)
}

/// Returns a source with its counters.
pub(super) async fn source_counters(
    tx: &mut Tx,
    source_id: SourceId,
    title: String,
    url: String,
    zone: Tz,
) -> Result<SourceCounters> {
    let counters = counters_of(tx, source_id).await?;
    let counters = counters.into_iter().map(|(_, counter)| counter).collect();
    Ok(SourceCounters { title, url, zone, counters })
}

/// Returns the counters that were added in a place, oldest first.
pub(super) async fn custom_counters_of(tx: &mut Tx, place: Place) -> Result<Vec<CustomCounter>> {
    let rows: Vec<(i64, String, String)> = sqlx::query_as(
        "select id, since_on, words from custom_counter where chat_id = ? and thread_id = ? order by id",
    )
    .bind(place.chat)
    .bind(thread(place))
    .fetch_all(&mut **tx)
    .await?;
    let counter = |(id, since_on, words): (i64, String, String)| {
        Some(CustomCounter { id, since_on: since_on.parse().ok()?, words })
    };
    Ok(rows.into_iter().filter_map(counter).collect())
}

/// Returns the counters of a source with their keys: configured ones, and those that its page still
/// shows.
pub(super) async fn counters_of(
    tx: &mut Tx,
    source_id: SourceId,
) -> Result<Vec<(String, Counter)>> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select c.key, c.since_on, c.template from counter c join source on source.id = c.source_id
         where source_id = ?1 and (c.seen_at is null or c.seen_at >= source.read_at - ?2)
         order by c.position, c.key",
    )
    .bind(source_id)
    .bind(COUNTER_MISSING_MAX.num_milliseconds())
    .fetch_all(&mut **tx)
    .await?;
    let counter = |(key, since_on, words): (String, String, String)| {
        Some((key, Counter { since_on: since_on.parse().ok()?, template: words }))
    };
    Ok(rows.into_iter().filter_map(counter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query_plan::plan;

    #[tokio::test]
    async fn daily_counters_are_found_by_their_place() {
        let steps = plan(FORGET_DAILY).await;
        let wanted = "SEARCH delivery USING INDEX delivery_daily (chat_id=? AND thread_id=?)";
        assert_eq!(steps[0], wanted);
        // Foreign keys may point at what is deleted.
        assert!(steps.iter().all(|step| step.starts_with("SEARCH")), "{steps:?}");
    }
}
