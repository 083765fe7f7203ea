//! `/stop` with a way back: what a place had is kept for some minutes, can be restored, and is then
//! deleted.
//!
//! Guarantees: nothing that is kept takes effect, since it is moved out of the tables that others read.
//! A restored place has everything that it had, and receives what it missed, each message once. What
//! is kept is deleted when its time has come, and cannot be restored after that.
//! Out of scope: leaving for good (`privacy`), and when deletion runs (`app`).

use super::{
    Result, Store, UpdateTx, counter_schedule,
    encoding::{instant, json, millis, place, settings_from_json, thread},
    outbox::{fanout, queue::QueueHead},
    privacy::delete::{self, Unsubscribed},
    subscriptions::IS_DEFAULT,
    tx::Tx,
    zone::zone_in,
};
use crate::domain::{ChatId, DeliveryId, EffectiveSettings, Place, SettingsOverrides};
use chrono::{DateTime, TimeDelta, Utc};

/// How long `/stop` can be undone. The phrases say "ten minutes".
pub const RESTORABLE_FOR: TimeDelta = TimeDelta::minutes(10);
/// A second `/stop` within this time is a double tap: the user has not read the first reply.
const DOUBLED_WITHIN: TimeDelta = TimeDelta::seconds(5);
/// The most places whose data are deleted in one transaction.
const DELETED_MAX: i64 = 100;

impl UpdateTx {
    /// Ends the subscriptions of a place, with its counters and settings. If it has anything that
    /// `/start` would not bring back, everything is kept for a while; a second `/stop` deletes it.
    pub async fn unsubscribe(&mut self, place: Place) -> Result<Unsubscribed> {
        let is_used = is_used(&mut self.tx, place).await?;
        match (self.kept_until(place).await?, is_used) {
            (Some(delete_at), false) if self.now < delete_at - RESTORABLE_FOR + DOUBLED_WITHIN => {}
            (Some(_), false) => {
                delete::unsubscribe_place(&mut self.tx, place).await?;
                return Ok(Unsubscribed::Deleted);
            }
            // What was added since is kept together with the rest.
            (Some(_), true) => {
                self.restore(place).await?;
                suspend(&mut self.tx, place, self.now).await?;
            }
            (None, _) if has_something_to_lose(&mut self.tx, place).await? => {
                suspend(&mut self.tx, place, self.now).await?;
            }
            (None, _) => return delete::unsubscribe_place(&mut self.tx, place).await,
        }
        Ok(match is_used_elsewhere(&mut self.tx, place).await? {
            true => Unsubscribed::KeptTopic,
            false => Unsubscribed::Kept,
        })
    }

    /// Returns until when `/stop` can be undone in a place; `None`: nothing is kept.
    pub async fn kept_until(&mut self, place: Place) -> Result<Option<DateTime<Utc>>> {
        let delete_at: Option<i64> = sqlx::query_scalar(
            "select delete_at from pending_removal where chat_id = ? and thread_id = ?",
        )
        .bind(place.chat)
        .bind(thread(place))
        .fetch_optional(&mut *self.tx)
        .await?;
        let delete_at = delete_at.map(instant);
        if delete_at.is_some_and(|at| at <= self.now) {
            // Maintenance has not deleted it yet.
            delete_removed_place(&mut self.tx, place).await?;
            return Ok(None);
        }
        Ok(delete_at)
    }

    /// Whether a place has subscriptions, counters or a counter schedule.
    pub async fn is_used(&mut self, place: Place) -> Result<bool> {
        is_used(&mut self.tx, place).await
    }

    /// Restores what a place had before `/stop`, with what it missed since. Settings that were chosen
    /// meanwhile stay. Returns whether there was anything to restore.
    pub async fn restore(&mut self, place: Place) -> Result<bool> {
        if self.kept_until(place).await?.is_none() {
            return Ok(false);
        }
        for statement in [
            "insert into subscription (source_id, chat_id, thread_id, since_at, settings, after_id)
             select source_id, chat_id, thread_id, since_at, settings,
                ifnull((select seq from sqlite_sequence where name = 'notification'), 0)
             from removed_subscription where chat_id = ?1 and thread_id = ?2
             on conflict (source_id, chat_id, thread_id) do update set
                since_at = excluded.since_at, after_id = excluded.after_id,
                settings = iif(settings is null, excluded.settings,
                    json_patch(ifnull(excluded.settings, '{}'), settings))",
            "insert into custom_counter (id, chat_id, thread_id, since_on, words, created_at)
             select id, chat_id, thread_id, since_on, words, created_at
             from removed_counter where chat_id = ?1 and thread_id = ?2 order by id",
            "insert into counter_schedule (chat_id, thread_id, minute, next_at)
             select chat_id, thread_id, schedule_minute, schedule_next_at
             from pending_removal
             where chat_id = ?1 and thread_id = ?2 and schedule_next_at is not null
             on conflict (chat_id, thread_id) do update set
                next_at = iif(minute is null, excluded.next_at, next_at),
                minute = ifnull(minute, excluded.minute)",
            // With their old ids, these go before deliveries that came since.
            "insert into delivery (id, lane, notification_id, milestone_id, daily_on, chat_id, thread_id,
                created_at, due_at, attempt, unanswered, ignored, plain)
             select id, lane, notification_id, milestone_id, daily_on, chat_id, thread_id,
                created_at, due_at, attempt, unanswered, ignored, plain
             from removed_delivery where chat_id = ?1 and thread_id = ?2 order by id
             on conflict do nothing",
            "insert into delivery (lane, notification_id, chat_id, thread_id, created_at, due_at)
             select 1, n.id, s.chat_id, s.thread_id, ?3, ?3
             from pending_removal p
             join removed_subscription s on s.chat_id = p.chat_id and s.thread_id = p.thread_id
             cross join notification n on n.id > p.notification_id
             join entry e on e.id = n.entry_id and e.source_id = s.source_id
             where p.chat_id = ?1 and p.thread_id = ?2
             order by n.id
             on conflict do nothing",
            "insert into delivery (lane, milestone_id, chat_id, thread_id, created_at, due_at)
             select 2, m.id, s.chat_id, s.thread_id, ?3, ?3
             from pending_removal p
             join removed_subscription s on s.chat_id = p.chat_id and s.thread_id = p.thread_id
             cross join milestone m on m.id > p.milestone_id and m.source_id = s.source_id
             where p.chat_id = ?1 and p.thread_id = ?2
             order by m.id
             on conflict do nothing",
            // The removed_* rows are deleted with it.
            "delete from pending_removal where chat_id = ?1 and thread_id = ?2",
        ] {
            sqlx::query(statement)
                .bind(place.chat)
                .bind(thread(place))
                .bind(millis(self.now))
                .execute(&mut *self.tx)
                .await?;
        }
        counter_schedule::reschedule_restored(&mut self.tx, place, self.now).await?;
        Ok(true)
    }
}

impl Store {
    /// Deletes what cannot be restored any more. Returns when there is more to delete.
    pub async fn delete_removed(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let next = "select min(delete_at) from pending_removal";
        let next_at: Option<i64> = sqlx::query_scalar(next).fetch_one(&self.readers).await?;
        if next_at.map(instant).is_none_or(|at| at > now) {
            return Ok(next_at.map(instant));
        }
        let mut tx = self.begin().await?;
        let due: Vec<(i64, i64)> = sqlx::query_as(
            "select chat_id, thread_id from pending_removal where delete_at <= ?
             order by delete_at limit ?",
        )
        .bind(millis(now))
        .bind(DELETED_MAX)
        .fetch_all(&mut *tx)
        .await?;
        for (chat_id, thread_id) in due {
            delete_removed_place(&mut tx, place(chat_id, thread_id)).await?;
        }
        let next_at: Option<i64> = sqlx::query_scalar(next).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(next_at.map(instant))
    }
}

/// Whether a place has subscriptions, counters or a counter schedule.
async fn is_used(tx: &mut Tx, place: Place) -> Result<bool> {
    exists(tx, place, "chat_id = ?1 and thread_id = ?2").await
}

/// Whether another topic of the same chat has any.
async fn is_used_elsewhere(tx: &mut Tx, place: Place) -> Result<bool> {
    exists(tx, place, "chat_id = ?1 and thread_id <> ?2").await
}

async fn exists(tx: &mut Tx, place: Place, which: &str) -> Result<bool> {
    let sql = format!(
        "select exists (select 1 from subscription where {which})
            or exists (select 1 from custom_counter where {which})
            or exists (select 1 from counter_schedule where {which})"
    );
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
    Ok(query.bind(place.chat).bind(thread(place)).fetch_one(&mut **tx).await?)
}

/// Whether a place has anything that `/start` would not bring back: counters, a counter schedule,
/// settings, another choice of sources. The settings of a chat are lost with its last place.
async fn has_something_to_lose(tx: &mut Tx, place: Place) -> Result<bool> {
    let sql = format!(
        "with mine as (
            select source_id from subscription s join source on source.id = s.source_id
            where s.chat_id = ?1 and s.thread_id = ?2 and source.watched = 1),
         usual as (select id from source where {IS_DEFAULT})
         select exists (select 1 from custom_counter where chat_id = ?1 and thread_id = ?2)
            or exists (select 1 from counter_schedule where chat_id = ?1 and thread_id = ?2)
            or exists (select 1 from mine where source_id not in (select id from usual))
            or (exists (select 1 from mine)
                and exists (select 1 from usual where id not in (select source_id from mine)))"
    );
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
    let has_own: bool = query.bind(place.chat).bind(thread(place)).fetch_one(&mut **tx).await?;
    Ok(has_own || has_settings(tx, place).await?)
}

/// Whether the settings of a place, or the language of its chat, differ from the defaults.
async fn has_settings(tx: &mut Tx, place: Place) -> Result<bool> {
    let none = SettingsOverrides::default();
    let (mut of_chat, mut is_lang_chosen) = (SettingsOverrides::default(), false);
    if !is_used_elsewhere(tx, place).await? {
        let row: Option<(Option<String>, bool)> =
            sqlx::query_as("select settings, is_lang_chosen from chat where id = ?")
                .bind(place.chat)
                .fetch_optional(&mut **tx)
                .await?;
        let (settings, is_chosen) = row.unwrap_or_default();
        (of_chat, is_lang_chosen) = (settings_from_json(settings.as_deref()), is_chosen);
    }
    let of_sources: Vec<String> = sqlx::query_scalar(
        "select settings from subscription
         where chat_id = ? and thread_id = ? and settings is not null",
    )
    .bind(place.chat)
    .bind(thread(place))
    .fetch_all(&mut **tx)
    .await?;
    let zone = zone_in(tx, place, &none).await?;
    let default = EffectiveSettings::of(&none, &none, zone);
    let differs =
        |of_source: &SettingsOverrides| EffectiveSettings::of(&of_chat, of_source, zone) != default;
    let of_sources = of_sources.iter().map(|json| settings_from_json(Some(json)));
    Ok(is_lang_chosen || differs(&none) || of_sources.into_iter().any(|own| differs(&own)))
}

/// Moves everything that a place has to the tables of removals.
async fn suspend(tx: &mut Tx, place: Place, now: DateTime<Utc>) -> Result<()> {
    // Deliveries that are not materialized yet are kept as well.
    fanout::materialize_for_chat(tx, place.chat, now).await?;
    for statement in [
        "insert into delivery (lane, milestone_id, chat_id, thread_id, created_at, due_at)
         select 2, m.id, s.chat_id, s.thread_id, ?3, ?3
         from milestone m
         join subscription s on s.source_id = m.source_id and s.chat_id = ?1 and s.thread_id = ?2
            and (s.chat_id, s.thread_id) > (m.chat_id, m.thread_id)
         where m.is_announced = 0
         order by m.id
         on conflict do nothing",
        "insert into pending_removal (chat_id, thread_id, delete_at, notification_id, milestone_id,
            delivery_id, schedule_minute, schedule_next_at)
         select ?1, ?2, ?4,
            ifnull((select seq from sqlite_sequence where name = 'notification'), 0),
            ifnull((select seq from sqlite_sequence where name = 'milestone'), 0),
            ifnull((select seq from sqlite_sequence where name = 'delivery'), 0),
            (select minute from counter_schedule where chat_id = ?1 and thread_id = ?2),
            (select next_at from counter_schedule where chat_id = ?1 and thread_id = ?2)",
        "insert into removed_subscription (chat_id, thread_id, source_id, since_at, settings)
         select chat_id, thread_id, source_id, since_at, settings
         from subscription where chat_id = ?1 and thread_id = ?2",
        "insert into removed_counter (id, chat_id, thread_id, since_on, words, created_at)
         select id, chat_id, thread_id, since_on, words, created_at
         from custom_counter where chat_id = ?1 and thread_id = ?2",
        "delete from subscription where chat_id = ?1 and thread_id = ?2",
        "delete from custom_counter where chat_id = ?1 and thread_id = ?2",
        "delete from counter_schedule where chat_id = ?1 and thread_id = ?2",
        // Jobs are not answered any more.
        "delete from job where chat_id = ?1 and thread_id = ?2",
    ] {
        sqlx::query(statement)
            .bind(place.chat)
            .bind(thread(place))
            .bind(millis(now))
            .bind(millis(now + RESTORABLE_FOR))
            .execute(&mut **tx)
            .await?;
    }
    let waiting: Vec<DeliveryId> = sqlx::query_scalar(
        "select id from delivery d indexed by delivery_queue
         where chat_id = ? and thread_id = ? and lane > 0 and settled_at is null
            and state = 'pending'
            -- A message in flight may arrive, with what is merged into it.
            and not exists (select 1 from delivery c where c.id = d.merged_into_id and c.state = 'in_flight')",
    )
    .bind(place.chat)
    .bind(thread(place))
    .fetch_all(&mut **tx)
    .await?;
    set_aside(tx, &waiting).await
}

/// Sets a delivery aside, with what is merged into it, if it is older than the `/stop` of its place: it
/// was in flight then, and did not arrive. Returns whether it was.
pub(super) async fn set_aside_late(tx: &mut Tx, head: &QueueHead) -> Result<bool> {
    let is_late: bool = sqlx::query_scalar(
        "select exists (select 1 from pending_removal
            where chat_id = ? and thread_id = ? and delivery_id >= ?)",
    )
    .bind(head.chat_id)
    .bind(head.thread_id)
    .bind(head.id)
    .fetch_one(&mut **tx)
    .await?;
    if is_late {
        let merged = "select id from delivery where merged_into_id = ? and settled_at is null";
        let mut ids: Vec<DeliveryId> =
            sqlx::query_scalar(merged).bind(head.id).fetch_all(&mut **tx).await?;
        ids.push(head.id);
        set_aside(tx, &ids).await?;
    }
    Ok(is_late)
}

async fn set_aside(tx: &mut Tx, ids: &[DeliveryId]) -> Result<()> {
    let ids = json(&ids);
    for statement in [
        "insert into removed_delivery (id, lane, notification_id, milestone_id, daily_on, chat_id,
            thread_id, created_at, due_at, attempt, unanswered, ignored, plain)
         select id, lane, notification_id, milestone_id, daily_on, chat_id,
            thread_id, created_at, due_at, attempt, unanswered + (state = 'in_flight'), ignored, plain
         from delivery where id in (select value from json_each(?))",
        "delete from delivery where id in (select value from json_each(?))",
    ] {
        sqlx::query(statement).bind(&ids).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Returns what can be restored in a chat, for its export.
pub(super) async fn export(tx: &mut Tx, chat: ChatId) -> Result<Vec<serde_json::Value>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select json_object(
            'topic', nullif(thread_id, 0),
            'until', strftime('%Y-%m-%dT%H:%M:%SZ', delete_at / 1000, 'unixepoch'),
            'subscriptions', (select json_group_array(json_object(
                    'source', source.name, 'title', source.title, 'url', source.url,
                    'since', strftime('%Y-%m-%dT%H:%M:%SZ', since_at / 1000, 'unixepoch'),
                    'settings', json(ifnull(s.settings, '{}'))))
                from removed_subscription s join source on source.id = s.source_id
                where s.chat_id = p.chat_id and s.thread_id = p.thread_id),
            'counters', (select json_group_array(json_object('since', since_on, 'text', words))
                from removed_counter c
                where c.chat_id = p.chat_id and c.thread_id = p.thread_id),
            'daily_counters', iif(schedule_minute is null, null,
                format('%02d:%02d', schedule_minute / 60, schedule_minute % 60)),
            'waiting', (select count(*) from removed_delivery d
                where d.chat_id = p.chat_id and d.thread_id = p.thread_id))
         from pending_removal p where chat_id = ? order by thread_id",
    )
    .bind(chat)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.iter().filter_map(|json| serde_json::from_str(json).ok()).collect())
}

/// After the clock was set back: nothing is kept longer than it would have been.
pub(super) async fn shift_due_times(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    sqlx::query("update pending_removal set delete_at = ?1 where delete_at > ?1")
        .bind(millis(now + RESTORABLE_FOR))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes what is kept of a place, and the chat if nothing of it remains.
async fn delete_removed_place(tx: &mut Tx, place: Place) -> Result<()> {
    for which in ["is null", "is not null"] {
        // Each half has an index of its own.
        let sql = format!(
            "delete from delivery
             where chat_id = ?1 and thread_id = ?2 and lane > 0 and settled_at {which}
                and id <= (select delivery_id from pending_removal
                    where chat_id = ?1 and thread_id = ?2)"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(place.chat)
            .bind(thread(place))
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query("delete from pending_removal where chat_id = ? and thread_id = ?")
        .bind(place.chat)
        .bind(thread(place))
        .execute(&mut **tx)
        .await?;
    delete::delete_chat_if_empty(tx, place.chat).await?;
    Ok(())
}
