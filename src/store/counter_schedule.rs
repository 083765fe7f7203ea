//! What is told of counters by the calendar: milestones of pages to all who are subscribed, daily
//! messages and milestones of their own to the places that asked for them.
//!
//! Promises: what is to be told on a day is a delivery, made in the transaction that moves its place's
//! agenda on; a place gets one of a kind a day. Fan-outs are chunks, and what they make is due in the third
//! lane, where it holds up no statement.
//! Leaves out: what the messages say (`contents`, `render`).

use super::{
    Result, Store, Tx, chats,
    counters::{MORNING, counters_of, custom_counters_of},
    day, instant, millis,
};
use crate::domain::{Milestone, SettingsOverrides, local_time};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

/// Places that are looked at in one transaction.
const BATCH: i64 = 200;
/// Places that are told of a milestone in one transaction.
const ENQUEUED_MAX: i64 = 1000;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// So many deliveries were made; there may be more to do at once.
    Some(u64),
    /// Nothing is to be told before this time, if ever.
    Nothing(Option<DateTime<Utc>>),
}

impl Store {
    /// Makes the next deliveries that the calendar asks for.
    pub async fn run_counter_schedule(&self, now: DateTime<Utc>) -> Result<Tick> {
        let next_morning_at = match self.find_milestones(now).await? {
            Tick::Some(_) => return self.enqueue_milestones(now).await.map(Tick::Some),
            Tick::Nothing(at) => at,
        };
        let untold = "select exists (select 1 from milestone where is_announced = 0)";
        if sqlx::query_scalar(untold).fetch_one(&self.readers).await? {
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

    /// Looks for milestones of the day at each source where it is morning and they were not looked for.
    async fn find_milestones(&self, now: DateTime<Utc>) -> Result<Tick> {
        let sources: Vec<(i64, String, Option<String>)> = sqlx::query_as(
            "select id, zone, milestones_on from source where watched = 1
                and exists (select 1 from subscription where source_id = source.id)",
        )
        .fetch_all(&self.readers)
        .await?;
        let (mut due, mut next_at) = (Vec::new(), None::<DateTime<Utc>>);
        for (source_id, zone, done_on) in sources {
            let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
            let today_on = local_time::day(zone, now);
            let is_morning = local_time::local_at(zone, today_on, MORNING) <= now;
            let is_done = day(done_on.as_deref()).is_some_and(|on| on >= today_on);
            if is_morning && !is_done {
                due.push((source_id, today_on));
            } else {
                let at = local_time::next_daily(zone, MORNING, now);
                next_at = Some(next_at.map_or(at, |next_at| next_at.min(at)));
            }
        }
        if due.is_empty() {
            return Ok(Tick::Nothing(next_at));
        }
        let mut tx = self.begin().await?;
        for (source_id, on) in due {
            for (key, counter) in counters_of(&mut tx, source_id).await? {
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
                .execute(&mut *tx)
                .await?;
            }
            sqlx::query("update source set milestones_on = ? where id = ?")
                .bind(on.to_string())
                .bind(source_id)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(Tick::Some(0))
    }

    /// Makes the deliveries of the next places that are to be told of a milestone.
    async fn enqueue_milestones(&self, now: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let open: Option<(i64, i64, i64, i64)> = sqlx::query_as(
            "select id, source_id, chat_id, thread_id from milestone where is_announced = 0
             order by id limit 1",
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some((id, source_id, chat_id, thread_id)) = open else {
            tx.rollback().await?;
            return Ok(0);
        };
        let places: Vec<(i64, i64)> = sqlx::query_as(
            "select chat_id, thread_id from subscription
             where source_id = ? and (chat_id, thread_id) > (?, ?)
             order by chat_id, thread_id limit ?",
        )
        .bind(source_id)
        .bind(chat_id)
        .bind(thread_id)
        .bind(ENQUEUED_MAX)
        .fetch_all(&mut *tx)
        .await?;
        let last = places.last().copied().unwrap_or((chat_id, thread_id));
        let made = sqlx::query(
            "insert into delivery (lane, milestone_id, chat_id, thread_id, created_at, due_at)
             select 2, ?1, chat_id, thread_id, ?2, ?2 from subscription
             where source_id = ?3 and (chat_id, thread_id) > (?4, ?5)
                and (chat_id, thread_id) <= (?6, ?7)
             order by chat_id, thread_id
             on conflict do nothing",
        )
        .bind(id)
        .bind(millis(now))
        .bind(source_id)
        .bind(chat_id)
        .bind(thread_id)
        .bind(last.0)
        .bind(last.1)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "update milestone set chat_id = ?, thread_id = ?, is_announced = ? where id = ?",
        )
        .bind(last.0)
        .bind(last.1)
        .bind(i64::try_from(places.len()).unwrap_or(0) < ENQUEUED_MAX)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(made.rows_affected())
    }

    /// Tells the next places whose time has come, and sets when they are told next.
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
        let mut made = 0;
        for (chat_id, thread_id, minute, was_at, settings) in rows {
            let place = chats::place(chat_id, thread_id);
            let choices: SettingsOverrides = chats::settings_from_json(settings.as_deref());
            let zone = chats::zone_in(&mut tx, place, &choices).await?;
            let on: NaiveDate = local_time::day(zone, instant(was_at));
            // A day that went by while nothing was running is not made up for.
            let is_today = on == local_time::day(zone, now);
            let tells = match minute {
                Some(_) => true,
                None => custom_counters_of(&mut tx, place)
                    .await?
                    .iter()
                    .any(|own| own.milestone(on).is_some()),
            };
            if is_today && tells {
                made += sqlx::query(
                    "insert into delivery (lane, daily_on, chat_id, thread_id, created_at, due_at)
                     values (2, ?1, ?2, ?3, ?4, ?4) on conflict do nothing",
                )
                .bind(on.to_string())
                .bind(chat_id)
                .bind(thread_id)
                .bind(millis(now))
                .execute(&mut *tx)
                .await?
                .rows_affected();
            }
            let minute = minute.unwrap_or(MORNING);
            // What went by today is told today.
            let today_at = local_time::local_at(zone, local_time::day(zone, now), minute);
            let is_missed = !is_today && today_at <= now;
            let next_at =
                if is_missed { today_at } else { local_time::next_daily(zone, minute, now) };
            sqlx::query(
                "update counter_schedule set next_at = ? where chat_id = ? and thread_id = ?",
            )
            .bind(millis(next_at))
            .bind(chat_id)
            .bind(thread_id)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(made)
    }
}

/// The clock was set back: what is not to be told before the day after tomorrow was set by a clock that
/// was wrong.
pub(super) async fn shift_due_times(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    let latest = now + TimeDelta::days(2);
    type Row = (i64, i64, Option<u16>, Option<String>);
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
            let place = chats::place(*chat_id, *thread_id);
            let zone =
                chats::zone_in(tx, place, &chats::settings_from_json(settings.as_deref())).await?;
            let next_at = local_time::next_daily(zone, minute.unwrap_or(MORNING), now);
            sqlx::query(
                "update counter_schedule set next_at = ? where chat_id = ? and thread_id = ?",
            )
            .bind(millis(next_at))
            .bind(chat_id)
            .bind(thread_id)
            .execute(&mut **tx)
            .await?;
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
