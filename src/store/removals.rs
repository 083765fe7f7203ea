//! Leaving with a way back: where `/stop` would lose something, all of it is kept for some minutes, in which
//! it can be restored, and then deleted.
//!
//! Promises: nothing that is kept takes effect: it is moved out of the tables of what is in force. Restored,
//! a place has all that it had, and gets what it missed meanwhile, each message once. What is kept is
//! deleted at its time, or at the first opportunity after it; nothing is restored after that.
//! Leaves out: leaving for good (`chats`), and when to look for what is to be deleted (`app`).

use super::{
    Result, Store, Tx, UpdateTx,
    chats::{self, IS_DEFAULT, place, thread},
    counters::MORNING,
    instant, millis,
    outbox::{QueueHead, fanout},
};
use crate::domain::{ChatId, EffectiveSettings, Place, SettingsOverrides, local_time};
use chrono::{DateTime, TimeDelta, Utc};

/// How long what was stopped can be restored. The phrases say "ten minutes".
pub const RESTORABLE_FOR: TimeDelta = TimeDelta::minutes(10);
/// A second `/stop` so soon is a doubled tap, and not somebody who has read what the first one did.
const DOUBLED_WITHIN: TimeDelta = TimeDelta::seconds(5);
/// Places whose data are deleted in one transaction.
const DELETED_MAX: i64 = 100;

/// What came of `/stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsubscribed {
    /// It was subscribed, and is not any more; nothing is kept about the chat.
    Left,
    /// It was subscribed, and is not any more; other topics of the chat still are.
    LeftTopic,
    /// It was not subscribed.
    WasNot,
    /// The same as [`Unsubscribed::Left`], but all of it is kept and can be restored for a while.
    Kept,
    /// The same as [`Unsubscribed::LeftTopic`], but all of it is kept and can be restored for a while.
    KeptTopic,
    /// It had been stopped before, and what was kept since is deleted now.
    Deleted,
}

impl UpdateTx {
    /// Ends the subscriptions of a place with all that it has of its own. What `/start` would not bring
    /// back is kept for a while; said again, it is deleted at once.
    pub async fn unsubscribe(&mut self, place: Place) -> Result<Unsubscribed> {
        let is_used = is_used(&mut self.tx, place).await?;
        match (self.kept_until(place).await?, is_used) {
            (Some(delete_at), false) if self.now < delete_at - RESTORABLE_FOR + DOUBLED_WITHIN => {}
            (Some(_), false) => {
                chats::unsubscribe_place(&mut self.tx, place).await?;
                return Ok(Unsubscribed::Deleted);
            }
            // What was added since is kept together with what was kept already.
            (Some(_), true) => {
                self.restore(place).await?;
                suspend(&mut self.tx, place, self.now).await?;
            }
            (None, _) if has_something_to_lose(&mut self.tx, place).await? => {
                suspend(&mut self.tx, place, self.now).await?;
            }
            (None, _) => return chats::unsubscribe_place(&mut self.tx, place).await,
        }
        Ok(match is_used_elsewhere(&mut self.tx, place).await? {
            true => Unsubscribed::KeptTopic,
            false => Unsubscribed::Kept,
        })
    }

    /// Until when what a place had before it was stopped can be restored; `None`: nothing is kept.
    pub async fn kept_until(&mut self, place: Place) -> Result<Option<DateTime<Utc>>> {
        let delete_at: Option<i64> = sqlx::query_scalar(
            "select delete_at from pending_removal where chat_id = ? and thread_id = ?",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .fetch_optional(&mut *self.tx)
        .await?;
        let delete_at = delete_at.map(instant);
        if delete_at.is_some_and(|at| at <= self.now) {
            // Nobody came to delete it yet.
            delete(&mut self.tx, place).await?;
            return Ok(None);
        }
        Ok(delete_at)
    }

    /// Whether a place is subscribed to anything, or has counters of its own or a daily message of them.
    pub async fn is_used(&mut self, place: Place) -> Result<bool> {
        is_used(&mut self.tx, place).await
    }

    /// Brings back all that a place had before it was stopped, with what it missed since; whether there
    /// was anything to restore. What was chosen meanwhile stays.
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
            // What waited has the numbers that it had, and so goes before what came since.
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
            // What is kept goes with it.
            "delete from pending_removal where chat_id = ?1 and thread_id = ?2",
        ] {
            sqlx::query(statement)
                .bind(place.chat.0)
                .bind(thread(place))
                .bind(millis(self.now))
                .execute(&mut *self.tx)
                .await?;
        }
        self.reschedule_counters_of(place).await?;
        Ok(true)
    }

    /// The zone may be another one by now. What was to be told meanwhile is told now.
    async fn reschedule_counters_of(&mut self, place: Place) -> Result<()> {
        let minute: Option<Option<u16>> = sqlx::query_scalar(
            "select minute from counter_schedule where chat_id = ? and thread_id = ? and next_at > ?",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(millis(self.now))
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some(minute) = minute else {
            return Ok(());
        };
        let zone = self.zone(place).await?;
        let next_at = local_time::next_daily(zone, minute.unwrap_or(MORNING), self.now);
        sqlx::query("update counter_schedule set next_at = ? where chat_id = ? and thread_id = ?")
            .bind(millis(next_at))
            .bind(place.chat.0)
            .bind(thread(place))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Deletes what can be restored no longer; returns when there is more to delete.
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
            delete(&mut tx, place(chat_id, thread_id)).await?;
        }
        let next_at: Option<i64> = sqlx::query_scalar(next).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(next_at.map(instant))
    }
}

/// Whether a place is subscribed to anything, or has counters of its own or a daily message of them.
async fn is_used(tx: &mut Tx, place: Place) -> Result<bool> {
    exists(tx, place, "chat_id = ?1 and thread_id = ?2").await
}

/// Whether another topic of the same chat is.
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
    Ok(query.bind(place.chat.0).bind(thread(place)).fetch_one(&mut **tx).await?)
}

/// Whether a place has what `/start` would not bring back: counters of its own, a daily message of them,
/// settings, another choice of sources. What the whole chat chose is lost with the last of its places.
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
    let has_own: bool = query.bind(place.chat.0).bind(thread(place)).fetch_one(&mut **tx).await?;
    Ok(has_own || has_settings(tx, place).await?)
}

/// Whether anything was chosen for a place that is not as it would be without a choice.
async fn has_settings(tx: &mut Tx, place: Place) -> Result<bool> {
    let none = SettingsOverrides::default();
    let (mut of_chat, mut is_lang_chosen) = (SettingsOverrides::default(), false);
    if !is_used_elsewhere(tx, place).await? {
        let row: Option<(Option<String>, bool)> =
            sqlx::query_as("select settings, is_lang_chosen from chat where id = ?")
                .bind(place.chat.0)
                .fetch_optional(&mut **tx)
                .await?;
        let (settings, is_chosen) = row.unwrap_or_default();
        (of_chat, is_lang_chosen) = (chats::settings_from_json(settings.as_deref()), is_chosen);
    }
    let of_sources: Vec<String> = sqlx::query_scalar(
        "select settings from subscription
         where chat_id = ? and thread_id = ? and settings is not null",
    )
    .bind(place.chat.0)
    .bind(thread(place))
    .fetch_all(&mut **tx)
    .await?;
    let zone = chats::zone_in(tx, place, &none).await?;
    let default = EffectiveSettings::of(&none, &none, zone);
    let differs =
        |of_source: &SettingsOverrides| EffectiveSettings::of(&of_chat, of_source, zone) != default;
    let of_sources = of_sources.iter().map(|json| chats::settings_from_json(Some(json)));
    Ok(is_lang_chosen || differs(&none) || of_sources.into_iter().any(|own| differs(&own)))
}

/// Moves all that a place has to where it takes no effect and can be restored from.
async fn suspend(tx: &mut Tx, place: Place, now: DateTime<Utc>) -> Result<()> {
    // What is still to be made for it waits as well.
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
        // Nobody is answered any more.
        "delete from job where chat_id = ?1 and thread_id = ?2",
    ] {
        sqlx::query(statement)
            .bind(place.chat.0)
            .bind(thread(place))
            .bind(millis(now))
            .bind(millis(now + RESTORABLE_FOR))
            .execute(&mut **tx)
            .await?;
    }
    let waiting: Vec<i64> = sqlx::query_scalar(
        "select id from delivery d indexed by delivery_queue
         where chat_id = ? and thread_id = ? and lane > 0 and settled_at is null
            and state = 'pending'
            -- What is on its way arrives or not, with all that it carries.
            and not exists (select 1 from delivery c where c.id = d.merged_into_id and c.state = 'in_flight')",
    )
    .bind(place.chat.0)
    .bind(thread(place))
    .fetch_all(&mut **tx)
    .await?;
    set_aside(tx, &waiting).await
}

/// Sets aside a delivery, with all that it carries, if it is of before its place was stopped: it was on its
/// way then, and did not arrive. Whether it is.
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
        let carried = "select id from delivery where merged_into_id = ? and settled_at is null";
        let mut ids: Vec<i64> =
            sqlx::query_scalar(carried).bind(head.id).fetch_all(&mut **tx).await?;
        ids.push(head.id);
        set_aside(tx, &ids).await?;
    }
    Ok(is_late)
}

async fn set_aside(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    let ids = serde_json::Value::from(ids).to_string();
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

/// What can be restored in a chat, for its export.
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
    .bind(chat.0)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.iter().filter_map(|json| serde_json::from_str(json).ok()).collect())
}

/// The clock was set back: nothing is kept any longer for it.
pub(super) async fn shift_due_times(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    sqlx::query("update pending_removal set delete_at = ?1 where delete_at > ?1")
        .bind(millis(now + RESTORABLE_FOR))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes what is kept of a place that was stopped, and forgets the chat if nothing of it remains.
async fn delete(tx: &mut Tx, place: Place) -> Result<()> {
    for which in ["is null", "is not null"] {
        // Each half has an index of its own.
        let sql = format!(
            "delete from delivery
             where chat_id = ?1 and thread_id = ?2 and lane > 0 and settled_at {which}
                and id <= (select delivery_id from pending_removal
                    where chat_id = ?1 and thread_id = ?2)"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(place.chat.0)
            .bind(thread(place))
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query("delete from pending_removal where chat_id = ? and thread_id = ?")
        .bind(place.chat.0)
        .bind(thread(place))
        .execute(&mut **tx)
        .await?;
    chats::delete_chat_if_empty(tx, place.chat).await?;
    Ok(())
}
