//! The counter schedule: enqueues milestones of sources, and the counter messages of places.
//!
//! Guarantees: the deliveries of a day are created in the transaction that moves the schedule on; a
//! place gets one of a kind a day. They are created in chunks, in the deferred lane, where they hold
//! up no statement.
//! Out of scope: when a run is due (`domain::counter_schedule`), and what the messages contain.

use super::{
    Result, Store, UpdateTx,
    counters::{counters_of, custom_counters_of},
    encoding::{day, instant, millis, place, settings_from_json, thread},
    outbox::lane::Lane,
    tx::Tx,
    zone::zone_in,
};
use crate::domain::{
    CounterSchedule, Milestone, MilestoneCheck, Place, SourceId, counter_schedule::due_sources,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

/// Places whose schedule is processed in one transaction.
const BATCH: i64 = 200;
/// Deliveries of a milestone that are created in one transaction.
const ENQUEUED_MAX: i64 = 1000;

/// The result of a step of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// This many deliveries were created. There may be more to do at once.
    Some(u64),
    /// Nothing is due before this time, if ever.
    Nothing(Option<DateTime<Utc>>),
}

impl Store {
    /// Creates the next deliveries about counters that are due.
    pub async fn run_counter_schedule(&self, now: DateTime<Utc>) -> Result<Tick> {
        let next_morning_at = match self.find_milestones(now).await? {
            Tick::Some(_) => return self.enqueue_milestones(now).await.map(Tick::Some),
            Tick::Nothing(at) => at,
        };
        let open = "select exists (select 1 from milestone where is_announced = 0)";
        if sqlx::query_scalar(open).fetch_one(&self.readers).await? {
            return self.enqueue_milestones(now).await.map(Tick::Some);
        }
        let next_at: Option<i64> = sqlx::query_scalar("select min(next_at) from counter_schedule")
            .fetch_one(&self.readers)
            .await?;
        match next_at.map(instant) {
            Some(at) if at <= now => self.enqueue_daily_counters(now).await.map(Tick::Some),
            next_at => Ok(Tick::Nothing([next_at, next_morning_at].into_iter().flatten().min())),
        }
    }

    /// Computes the milestones of today of the sources where it is morning.
    async fn find_milestones(&self, now: DateTime<Utc>) -> Result<Tick> {
        let rows: Vec<(SourceId, String, Option<String>)> = sqlx::query_as(
            "select id, zone, milestones_on from source where watched = 1
                and exists (select 1 from subscription where source_id = source.id)",
        )
        .fetch_all(&self.readers)
        .await?;
        let check = |(source_id, zone, on): (SourceId, String, Option<String>)| MilestoneCheck {
            source_id,
            zone: zone.parse().unwrap_or(Tz::UTC),
            checked_on: day(on.as_deref()),
        };
        let sources: Vec<MilestoneCheck> = rows.into_iter().map(check).collect();
        let (due, next_at) = due_sources(&sources, now);
        if due.is_empty() {
            return Ok(Tick::Nothing(next_at));
        }
        let mut tx = self.begin().await?;
        for (source_id, on) in due {
            insert_milestones(&mut tx, source_id, on, now).await?;
        }
        tx.commit().await?;
        Ok(Tick::Some(0))
    }

    /// Creates the next deliveries of the first milestone that is not announced to all places yet.
    async fn enqueue_milestones(&self, now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let open: Option<OpenMilestone> = sqlx::query_as(
            "select id, source_id, chat_id, thread_id from milestone where is_announced = 0
             order by id limit 1",
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(open) = open else {
            tx.rollback().await?;
            return Ok(0);
        };
        let places: Vec<(i64, i64)> = sqlx::query_as(
            "select chat_id, thread_id from subscription
             where source_id = ? and (chat_id, thread_id) > (?, ?)
             order by chat_id, thread_id limit ?",
        )
        .bind(open.source_id)
        .bind(open.chat_id)
        .bind(open.thread_id)
        .bind(ENQUEUED_MAX)
        .fetch_all(&mut *tx)
        .await?;
        let last = places.last().copied().unwrap_or((open.chat_id, open.thread_id));
        let created = enqueue_milestone(&mut tx, &open, last, now).await?;
        let is_announced = i64::try_from(places.len()).unwrap_or(0) < ENQUEUED_MAX;
        sqlx::query(
            "update milestone set chat_id = ?, thread_id = ?, is_announced = ? where id = ?",
        )
        .bind(last.0)
        .bind(last.1)
        .bind(is_announced)
        .bind(open.id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Creates the deliveries of the next places that are due, and sets their next run.
    async fn enqueue_daily_counters(&self, now: DateTime<Utc>) -> Result<u64> {
        type Row = (i64, i64, Option<u16>, i64, Option<String>);
        let mut tx = self.begin().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select a.chat_id, a.thread_id, a.minute, a.next_at, chat.settings
             from counter_schedule a join chat on chat.id = a.chat_id
             where a.next_at <= ? order by a.next_at limit ?",
        )
        .bind(millis(now))
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        let mut created = 0;
        for (chat_id, thread_id, minute, due_at, settings) in rows {
            let (place, due_at) = (place(chat_id, thread_id), instant(due_at));
            let zone = zone_in(&mut tx, place, &settings_from_json(settings.as_deref())).await?;
            let schedule = CounterSchedule { zone, minute };
            if let Some(on) = schedule.due_on(due_at, now)
                && (minute.is_some() || has_own_milestone(&mut tx, place, on).await?)
            {
                created += enqueue_daily(&mut tx, place, on, now).await?;
            }
            set_next_run(&mut tx, place, schedule.next_run(due_at, now)).await?;
        }
        tx.commit().await?;
        Ok(created)
    }
}

/// A milestone that is not announced to all places yet, with the last place that it was announced to.
#[derive(sqlx::FromRow)]
struct OpenMilestone {
    id: i64,
    source_id: SourceId,
    chat_id: i64,
    thread_id: i64,
}

/// Stores the milestones of a source on a day.
async fn insert_milestones(
    tx: &mut Tx,
    source_id: SourceId,
    on: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    for (key, counter) in counters_of(tx, source_id).await? {
        if Milestone::of(counter.since_on, on).is_none() {
            continue;
        }
        sqlx::query(
            "insert or ignore into milestone (source_id, key, since_on, template, on_day, created_at)
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(source_id)
        .bind(key)
        .bind(counter.since_on.to_string())
        .bind(counter.template)
        .bind(on.to_string())
        .bind(millis(now))
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query("update source set milestones_on = ? where id = ?")
        .bind(on.to_string())
        .bind(source_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Creates the deliveries of a milestone for the places after its cursor, up to `last`.
async fn enqueue_milestone(
    tx: &mut Tx,
    open: &OpenMilestone,
    last: (i64, i64),
    now: DateTime<Utc>,
) -> Result<u64> {
    let done = sqlx::query(
        "insert into delivery (lane, milestone_id, chat_id, thread_id, created_at, due_at)
         select ?8, ?1, chat_id, thread_id, ?2, ?2 from subscription
         where source_id = ?3 and (chat_id, thread_id) > (?4, ?5)
            and (chat_id, thread_id) <= (?6, ?7)
         order by chat_id, thread_id
         on conflict do nothing",
    )
    .bind(open.id)
    .bind(millis(now))
    .bind(open.source_id)
    .bind(open.chat_id)
    .bind(open.thread_id)
    .bind(last.0)
    .bind(last.1)
    .bind(Lane::Deferred)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Whether a day is a milestone of a counter of the place itself.
async fn has_own_milestone(tx: &mut Tx, place: Place, on: NaiveDate) -> Result<bool> {
    let counters = custom_counters_of(tx, place).await?;
    Ok(counters.iter().any(|counter| counter.milestone(on).is_some()))
}

async fn enqueue_daily(
    tx: &mut Tx,
    place: Place,
    on: NaiveDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    let done = sqlx::query(
        "insert into delivery (lane, daily_on, chat_id, thread_id, created_at, due_at)
         values (?5, ?1, ?2, ?3, ?4, ?4) on conflict do nothing",
    )
    .bind(on.to_string())
    .bind(place.chat)
    .bind(thread(place))
    .bind(millis(now))
    .bind(Lane::Deferred)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

async fn set_next_run(tx: &mut Tx, place: Place, next_at: DateTime<Utc>) -> Result<()> {
    sqlx::query("update counter_schedule set next_at = ? where chat_id = ? and thread_id = ?")
        .bind(millis(next_at))
        .bind(place.chat)
        .bind(thread(place))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl UpdateTx {
    /// Sets when a place is sent its counters, from now on.
    pub(super) async fn set_counter_schedule(
        &mut self,
        place: Place,
        minute: Option<u16>,
    ) -> Result<()> {
        let zone = self.zone(place).await?;
        let next_at = CounterSchedule { zone, minute }.first_run(self.now);
        sqlx::query(
            "insert into counter_schedule (chat_id, thread_id, minute, next_at) values (?1, ?2, ?3, ?4)
             on conflict (chat_id, thread_id) do update set minute = ?3, next_at = ?4",
        )
        .bind(place.chat)
        .bind(thread(place))
        .bind(minute)
        .bind(millis(next_at))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Computes the next runs of all topics of a chat again, after its zone has changed.
    pub(super) async fn reschedule_counters(&mut self, place: Place) -> Result<()> {
        let rows: Vec<(i64, Option<u16>)> =
            sqlx::query_as("select thread_id, minute from counter_schedule where chat_id = ?")
                .bind(place.chat)
                .fetch_all(&mut *self.tx)
                .await?;
        for (thread_id, minute) in rows {
            self.set_counter_schedule(self::place(place.chat.0, thread_id), minute).await?;
        }
        Ok(())
    }
}

/// Computes the next run of a place that was stopped and restored: its zone may be another one by now.
/// A run that was due meanwhile stays due.
pub(super) async fn reschedule_restored(
    tx: &mut Tx,
    place: Place,
    now: DateTime<Utc>,
) -> Result<()> {
    let row: Option<(Option<u16>, Option<String>)> = sqlx::query_as(
        "select minute, (select settings from chat where id = ?1) from counter_schedule
         where chat_id = ?1 and thread_id = ?2 and next_at > ?3",
    )
    .bind(place.chat)
    .bind(thread(place))
    .bind(millis(now))
    .fetch_optional(&mut **tx)
    .await?;
    let Some((minute, settings)) = row else {
        return Ok(());
    };
    let zone = zone_in(tx, place, &settings_from_json(settings.as_deref())).await?;
    set_next_run(tx, place, CounterSchedule { zone, minute }.first_run(now)).await
}

/// After the clock was set back: runs later than the day after tomorrow were computed by the wrong
/// clock, and are computed again.
pub(super) async fn shift_due_times(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    type Row = (i64, i64, Option<u16>, Option<String>);
    let latest = now + TimeDelta::days(2);
    loop {
        let rows: Vec<Row> = sqlx::query_as(
            "select a.chat_id, a.thread_id, a.minute, chat.settings
             from counter_schedule a join chat on chat.id = a.chat_id where a.next_at > ? limit ?",
        )
        .bind(millis(latest))
        .bind(BATCH)
        .fetch_all(&mut **tx)
        .await?;
        for (chat_id, thread_id, minute, settings) in &rows {
            let place = place(*chat_id, *thread_id);
            let zone = zone_in(tx, place, &settings_from_json(settings.as_deref())).await?;
            let schedule = CounterSchedule { zone, minute: *minute };
            set_next_run(tx, place, schedule.first_run(now)).await?;
        }
        if rows.is_empty() {
            break;
        }
    }
    sqlx::query("update source set milestones_on = null where milestones_on > ?")
        .bind(latest.date_naive().to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
