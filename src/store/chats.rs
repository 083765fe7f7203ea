//! Chats: their subscriptions, and what they chose.
//!
//! Promises: leaving deletes everything that is kept about a chat, in one transaction with what
//! was still due to it; a choice holds for all that is still to come, what waits for its time included.

use super::{Result, Tx, Unsubscribed, UpdateTx, millis, outbox::fanout, removals};
use crate::domain::Lang;
use crate::domain::{ChatId, ChatKind, Place, SettingsOverrides, ThreadId, Zone};
use chrono::{DateTime, Utc};

/// Messages that an export tells of.
const EXPORTED_MAX: i64 = 1000;
/// The condition on `source` of what `/start` subscribes to.
pub(super) const IS_DEFAULT: &str = "watched = 1 and origin = 'operator' and is_default = 1";

/// What is known of a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatState {
    /// What sort of chat it is.
    pub kind: ChatKind,
    /// Its language.
    pub lang: Lang,
    /// What it chose.
    pub settings: SettingsOverrides,
}

/// What came of subscribing a place to one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscribeResult {
    /// It is subscribed now.
    Yes,
    /// It was before.
    Already,
    /// It has as many as it may.
    TooMany,
    /// There is no such source.
    Unknown,
}

/// What a subscription came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribeSummary {
    /// Titles of all sources that the place now gets, by name.
    pub titles: Vec<String>,
    /// How many of them are new to it.
    pub added: u64,
}

impl UpdateTx {
    /// Makes a chat known, if it is not.
    pub async fn ensure_chat(&mut self, chat: ChatId, kind: ChatKind, lang: Lang) -> Result<()> {
        sqlx::query("insert or ignore into chat (id, kind, lang, joined_at) values (?, ?, ?, ?)")
            .bind(chat.0)
            .bind(kind.as_str())
            .bind(lang.code())
            .bind(millis(self.now))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Subscribes a place that has no subscription to every source that one starts with.
    pub async fn subscribe(
        &mut self,
        place: Place,
        kind: ChatKind,
        lang: Lang,
    ) -> Result<SubscribeSummary> {
        self.ensure_chat(place.chat, kind, lang).await?;
        let sql = format!(
            "insert or ignore into subscription (source_id, chat_id, thread_id, since_at, after_id)
             select id, ?1, ?2, ?3,
                ifnull((select seq from sqlite_sequence where name = 'notification'), 0)
             from source where {IS_DEFAULT}
                and not exists (select 1 from subscription s join source o on o.id = s.source_id
                    where s.chat_id = ?1 and s.thread_id = ?2 and o.watched = 1)"
        );
        let added = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(place.chat.0)
            .bind(thread(place))
            .bind(millis(self.now))
            .execute(&mut *self.tx)
            .await?
            .rows_affected();
        Ok(SubscribeSummary { titles: self.titles(place).await?, added })
    }

    /// Subscribes a place to one source, where its chat has fewer than `most`.
    pub async fn subscribe_to(
        &mut self,
        place: Place,
        kind: ChatKind,
        lang: Lang,
        source_id: i64,
        most: usize,
    ) -> Result<SubscribeResult> {
        let known: Option<(bool, bool)> = sqlx::query_as(
            "select exists (select 1 from subscription
                    where source_id = ?3 and chat_id = ?1 and thread_id = ?2),
                exists (select 1 from removed_subscription
                    where source_id = ?3 and chat_id = ?1 and thread_id = ?2)
             from source where id = ?3 and watched = 1",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(source_id)
        .fetch_optional(&mut *self.tx)
        .await?;
        match known {
            None => return Ok(SubscribeResult::Unknown),
            Some((true, _)) => return Ok(SubscribeResult::Already),
            // Its room was kept.
            Some((false, true)) => {}
            Some((false, false)) if self.subscriptions(place.chat).await? >= most => {
                return Ok(SubscribeResult::TooMany);
            }
            Some((false, false)) => {}
        }
        self.ensure_chat(place.chat, kind, lang).await?;
        sqlx::query(
            "insert into subscription (source_id, chat_id, thread_id, since_at, after_id)
             values (?, ?, ?, ?,
                ifnull((select seq from sqlite_sequence where name = 'notification'), 0))",
        )
        .bind(source_id)
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(millis(self.now))
        .execute(&mut *self.tx)
        .await?;
        Ok(SubscribeResult::Yes)
    }

    /// Ends the subscription of a place to one source, with what was due of it; whether there was one.
    /// What else is kept about the place stays.
    pub async fn unsubscribe_from(&mut self, place: Place, source_id: i64) -> Result<bool> {
        let ended = sqlx::query(
            "delete from subscription where source_id = ? and chat_id = ? and thread_id = ?",
        )
        .bind(source_id)
        .bind(place.chat.0)
        .bind(thread(place))
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "delete from delivery where id in (select d.id from delivery d
                join notification n on n.id = d.notification_id
                join entry e on e.id = n.entry_id
                where d.chat_id = ?1 and d.thread_id = ?2 and d.settled_at is null
                    and d.lane > 0 and e.source_id = ?3)",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(source_id)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "delete from watch_candidate where chat_id = ? and url = (select url from source where id = ?)",
        )
        .bind(place.chat.0)
        .bind(source_id)
        .execute(&mut *self.tx)
        .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// How many subscriptions a chat has, in all its topics, with those that can be restored: there is room
    /// for them.
    pub async fn subscriptions(&mut self, chat: ChatId) -> Result<usize> {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from (
                select source_id, thread_id from subscription where chat_id = ?1
                union select source_id, thread_id from removed_subscription where chat_id = ?1)",
        )
        .bind(chat.0)
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// The titles of the watched sources that a place is subscribed to, by name.
    pub async fn titles(&mut self, place: Place) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select title from subscription s join source on source.id = s.source_id
             where chat_id = ? and thread_id = ? and watched = 1 order by name",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// What is known of a chat.
    pub async fn chat(&mut self, chat: ChatId) -> Result<Option<ChatState>> {
        let row: Option<(String, String, Option<String>)> =
            sqlx::query_as("select kind, lang, settings from chat where id = ?")
                .bind(chat.0)
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(row.map(|(kind, lang, settings)| ChatState {
            kind: ChatKind::parse(&kind).unwrap_or(ChatKind::Private),
            lang: Lang::parse(&lang),
            settings: settings_from_json(settings.as_deref()),
        }))
    }

    /// What a place chose for a source; `None`: it is not subscribed to it.
    pub async fn source_settings(
        &mut self,
        place: Place,
        source_id: i64,
    ) -> Result<Option<SettingsOverrides>> {
        let row: Option<Option<String>> = sqlx::query_scalar(
            "select settings from subscription where source_id = ? and chat_id = ? and thread_id = ?",
        )
        .bind(source_id)
        .bind(place.chat.0)
        .bind(thread(place))
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.map(|settings| settings_from_json(settings.as_deref())))
    }

    /// Keeps what a chat that is known chose; `source_id`: for one source in one place of it. What waits
    /// for a time is looked at anew.
    pub async fn set_settings(
        &mut self,
        place: Place,
        source_id: Option<i64>,
        choices: &SettingsOverrides,
    ) -> Result<()> {
        let settings =
            (!choices.is_empty()).then(|| serde_json::to_string(choices).unwrap_or_default());
        match source_id {
            None => {
                sqlx::query("update chat set settings = ? where id = ?")
                    .bind(settings)
                    .bind(place.chat.0)
                    .execute(&mut *self.tx)
                    .await?;
                self.reschedule_counters(place).await?;
            }
            Some(source_id) => {
                sqlx::query(
                    "update subscription set settings = ?
                     where source_id = ? and chat_id = ? and thread_id = ?",
                )
                .bind(settings)
                .bind(source_id)
                .bind(place.chat.0)
                .bind(thread(place))
                .execute(&mut *self.tx)
                .await?;
            }
        }
        // Each is asked again whether it is its time.
        sqlx::query(
            "update delivery indexed by delivery_queue set due_at = min(due_at, ?2)
             where chat_id = ?1 and lane = 2 and settled_at is null and state = 'pending'",
        )
        .bind(place.chat.0)
        .bind(millis(self.now))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Keeps the language of a chat that is known.
    pub async fn set_lang(&mut self, chat: ChatId, lang: Lang) -> Result<()> {
        sqlx::query(
            "update chat set lang = ?1, is_lang_chosen = max(is_lang_chosen, lang <> ?1) where id = ?2",
        )
        .bind(lang.code())
        .bind(chat.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The time zone that a place goes by: the one it chose, or that of its first source.
    pub async fn zone(&mut self, place: Place) -> Result<Zone> {
        let choices = self.chat(place.chat).await?.map(|chat| chat.settings).unwrap_or_default();
        zone_in(&mut self.tx, place, &choices).await
    }

    /// Forgets a chat with all its topics (the bot was blocked or removed).
    pub async fn delete_chat(&mut self, chat: ChatId, reason: &str) -> Result<()> {
        delete_chat(&mut self.tx, chat, reason, self.now).await
    }

    /// Moves everything about a group to the supergroup that it became.
    pub async fn migrate(&mut self, from: ChatId, to: ChatId) -> Result<()> {
        migrate(&mut self.tx, from, to, self.now).await
    }
}

impl UpdateTx {
    /// All that is kept about a chat; `None`: nothing is.
    pub async fn export(&mut self, chat: ChatId) -> Result<Option<serde_json::Value>> {
        let kept: Option<String> = sqlx::query_scalar(
            "select json_object(
                'chat', id, 'kind', kind, 'language', lang,
                'since', strftime('%Y-%m-%dT%H:%M:%SZ', joined_at / 1000, 'unixepoch'),
                'settings', json(ifnull(settings, '{}')),
                'subscriptions', (select json_group_array(json_object(
                        'source', source.name, 'title', source.title, 'url', source.url,
                        'topic', nullif(thread_id, 0),
                        'since', strftime('%Y-%m-%dT%H:%M:%SZ', since_at / 1000, 'unixepoch'),
                        'settings', json(ifnull(s.settings, '{}'))))
                    from subscription s join source on source.id = s.source_id
                    where s.chat_id = chat.id),
                'counters', (select json_group_array(json_object(
                        'topic', nullif(thread_id, 0), 'since', since_on, 'text', words))
                    from custom_counter where chat_id = chat.id),
                'daily_counters', (select json_group_array(json_object(
                        'topic', nullif(thread_id, 0),
                        'time', format('%02d:%02d', minute / 60, minute % 60)))
                    from counter_schedule where chat_id = chat.id and minute is not null),
                'pages_looked_at', (select json_group_array(url) from (
                    select url from watch_candidate where chat_id = chat.id
                    union select url from job where chat_id = chat.id and url is not null)),
                'waiting', (select count(*) from delivery
                    where chat_id = chat.id and settled_at is null),
                'messages', (select json_group_array(json_object(
                        'message', message_id, 'state', state, 'topic', nullif(thread_id, 0),
                        'made', strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch')))
                    from (select * from delivery where chat_id = chat.id and settled_at is not null
                        and lane > 0 order by id desc limit ?2))
             ) from chat where id = ?1",
        )
        .bind(chat.0)
        .bind(EXPORTED_MAX)
        .fetch_optional(&mut *self.tx)
        .await?;
        let mut kept: Option<serde_json::Value> =
            kept.and_then(|json| serde_json::from_str(&json).ok());
        let restorable = removals::export(&mut self.tx, chat).await?;
        if let Some(kept) = kept.as_mut().filter(|_| !restorable.is_empty()) {
            kept["can_be_restored"] = restorable.into();
        }
        Ok(kept)
    }
}

/// Choices as they were kept; what cannot be read was made by a later version, and is as if not chosen.
pub(super) fn settings_from_json(json: Option<&str>) -> SettingsOverrides {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// The time zone that a place goes by.
pub(super) async fn zone_in(
    tx: &mut Tx,
    place: Place,
    choices: &SettingsOverrides,
) -> Result<Zone> {
    if let Some(zone) = choices.zone {
        return Ok(zone);
    }
    let zone: Option<String> = sqlx::query_scalar(
        "select zone from source left join subscription s
            on s.source_id = source.id and s.chat_id = ? and s.thread_id = ?
         where watched = 1 and (origin = 'operator' or s.chat_id is not null)
         order by s.chat_id is null, name limit 1",
    )
    .bind(place.chat.0)
    .bind(thread(place))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(zone.and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC))
}

/// The topic as it is stored.
pub(super) fn thread(place: Place) -> i64 {
    place.thread.map_or(0, |thread| i64::from(thread.0))
}

/// A place as it was stored.
pub(super) fn place(chat_id: i64, thread_id: i64) -> Place {
    let thread = i32::try_from(thread_id).ok().filter(|id| *id != 0).map(ThreadId);
    Place { chat: ChatId(chat_id), thread }
}

/// Ends the subscriptions of one place for good. What was pushed or due to it, and what could be restored,
/// is deleted with them; answers stay, since they say that it ended. The chat is forgotten if no other topic
/// of it remains.
pub(super) async fn unsubscribe_place(tx: &mut Tx, place: Place) -> Result<Unsubscribed> {
    let (chat, thread) = (place.chat.0, thread(place));
    let ended = sqlx::query("delete from subscription where chat_id = ? and thread_id = ?")
        .bind(chat)
        .bind(thread)
        .execute(&mut **tx)
        .await?;
    for which in ["is null", "is not null"] {
        // Each half has an index of its own.
        let sql = format!(
            "delete from delivery
             where chat_id = ? and thread_id = ? and lane > 0 and settled_at {which}"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(chat).bind(thread).execute(&mut **tx).await?;
    }
    for table in ["custom_counter", "counter_schedule", "job", "pending_removal"] {
        let sql = format!("delete from {table} where chat_id = ? and thread_id = ?");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(chat).bind(thread).execute(&mut **tx).await?;
    }
    let was_last = delete_chat_if_empty(tx, place.chat).await?;
    Ok(match (ended.rows_affected(), was_last) {
        (_, true) => Unsubscribed::Left,
        (0, false) => Unsubscribed::WasNot,
        (_, false) => Unsubscribed::LeftTopic,
    })
}

/// Deletes a chat that has neither subscriptions nor counters any more, nor any that could be restored;
/// whether that was so.
pub(super) async fn delete_chat_if_empty(tx: &mut Tx, chat: ChatId) -> Result<bool> {
    let deleted = sqlx::query(
        "delete from chat where id = ?1
            and not exists (select 1 from subscription where chat_id = ?1)
            and not exists (select 1 from custom_counter where chat_id = ?1)
            and not exists (select 1 from counter_schedule where chat_id = ?1)
            and not exists (select 1 from pending_removal where chat_id = ?1)",
    )
    .bind(chat.0)
    .execute(&mut **tx)
    .await?;
    let was_last = deleted.rows_affected() > 0;
    if was_last {
        sqlx::query("delete from watch_candidate where chat_id = ?")
            .bind(chat.0)
            .execute(&mut **tx)
            .await?;
    }
    Ok(was_last)
}

/// Ends everything with a chat that is gone: its subscriptions are deleted, what was still due to
/// it is dead for this reason.
pub(super) async fn delete_chat(
    tx: &mut Tx,
    chat: ChatId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from chat where id = ?") // with its subscriptions, and what could be restored
        .bind(chat.0)
        .execute(&mut **tx)
        .await?;
    for what in [
        "delivery where chat_id = ? and lane = 0 and settled_at is null",
        "job where chat_id = ?",
        "watch_candidate where chat_id = ?",
    ] {
        let sql = format!("delete from {what}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(chat.0).execute(&mut **tx).await?;
    }
    sqlx::query(
        "update delivery set state = 'dead', settled_at = ?2, reason = ?3
         where chat_id = ?1 and settled_at is null",
    )
    .bind(chat.0)
    .bind(millis(now))
    .bind(reason)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The same for one topic that is gone, while the chat is still there.
pub(super) async fn delete_place(
    tx: &mut Tx,
    place: Place,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let (chat, thread) = (place.chat.0, thread(place));
    sqlx::query(
        "delete from delivery
         where chat_id = ? and thread_id = ? and lane = 0 and settled_at is null",
    )
    .bind(chat)
    .bind(thread)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "update delivery set state = 'dead', settled_at = ?3, reason = ?4
         where chat_id = ?1 and thread_id = ?2 and settled_at is null",
    )
    .bind(chat)
    .bind(thread)
    .bind(millis(now))
    .bind(reason)
    .execute(&mut **tx)
    .await?;
    for table in ["subscription", "custom_counter", "counter_schedule", "job", "pending_removal"] {
        let sql = format!("delete from {table} where chat_id = ? and thread_id = ?");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(chat).bind(thread).execute(&mut **tx).await?;
    }
    delete_chat_if_empty(tx, place.chat).await?;
    Ok(())
}

/// Moves a chat to another number. Where both are known, what the new one has already is kept.
pub(super) async fn migrate(
    tx: &mut Tx,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<()> {
    if from == to {
        return Ok(());
    }
    fanout::materialize_for_chat(tx, from, now).await?;
    for statement in [
        "insert or ignore into chat (id, kind, lang, joined_at, settings, is_lang_chosen)
            select ?2, kind, lang, joined_at, settings, is_lang_chosen from chat where id = ?1",
        "update or ignore pending_removal set chat_id = ?2 where chat_id = ?1",
        "update or ignore subscription set chat_id = ?2 where chat_id = ?1",
        "update custom_counter set chat_id = ?2 where chat_id = ?1",
        "update or ignore counter_schedule set chat_id = ?2 where chat_id = ?1",
        "update job set chat_id = ?2 where chat_id = ?1",
        "delete from chat where id = ?1",
        "update or ignore delivery set chat_id = ?2 where chat_id = ?1 and settled_at is null",
        "update or ignore delivery set chat_id = ?2 where chat_id = ?1 and settled_at is not null",
        "delete from delivery where chat_id = ?1 and settled_at is null",
        "delete from delivery where chat_id = ?1 and settled_at is not null",
    ] {
        sqlx::query(statement).bind(from.0).bind(to.0).execute(&mut **tx).await?;
    }
    Ok(())
}
