//! Chats and their subscriptions.
//!
//! Promises: leaving deletes everything that is kept about a chat, in one transaction with what
//! was still due to it.

use super::{Inbox, Result, Tx, fanout, millis};
use crate::domain::{ChatId, ChatKind, Place, ThreadId};
use crate::lang::Lang;
use chrono::{DateTime, Utc};

/// What a subscription came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// Titles of all sources that the place now gets, by name.
    pub titles: Vec<String>,
    /// How many of them are new to it.
    pub added: u64,
}

/// Whether there was anything to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsubscribed {
    /// It was subscribed, and is not any more; nothing is kept about the chat.
    Left,
    /// It was subscribed, and is not any more; other topics of the chat still are.
    LeftTopic,
    /// It was not subscribed.
    WasNot,
}

impl Inbox {
    /// Subscribes a place to every watched source.
    pub async fn subscribe(
        &mut self,
        place: Place,
        kind: ChatKind,
        lang: Lang,
    ) -> Result<Subscribed> {
        let now = millis(self.now);
        let tx = &mut *self.tx;
        sqlx::query("insert or ignore into chat (id, kind, lang, joined_at) values (?, ?, ?, ?)")
            .bind(place.chat.0)
            .bind(kind.as_str())
            .bind(lang.code())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let added = sqlx::query(
            "insert or ignore into subscription (source_id, chat_id, thread_id, since_at, after_id)
             select id, ?, ?, ?,
                ifnull((select seq from sqlite_sequence where name = 'notification'), 0)
             from source where watched = 1",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(now)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let titles = sqlx::query_scalar(
            "select title from subscription s join source on source.id = s.source_id
             where chat_id = ? and thread_id = ? and watched = 1 order by name",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .fetch_all(tx)
        .await?;
        Ok(Subscribed { titles, added })
    }

    /// Ends the subscriptions of a place, and forgets the chat if no other topic of it remains.
    pub async fn unsubscribe(&mut self, place: Place) -> Result<Unsubscribed> {
        leave(&mut self.tx, place).await
    }

    /// Forgets a chat with all its topics (the bot was blocked or removed).
    pub async fn forget(&mut self, chat: ChatId, reason: &str) -> Result<()> {
        forget(&mut self.tx, chat, reason, self.now).await
    }

    /// Moves everything about a group to the supergroup that it became.
    pub async fn migrate(&mut self, from: ChatId, to: ChatId) -> Result<()> {
        migrate(&mut self.tx, from, to, self.now).await
    }

    /// The language of a chat that is known.
    pub async fn lang(&mut self, chat: ChatId) -> Result<Option<Lang>> {
        let code: Option<String> = sqlx::query_scalar("select lang from chat where id = ?")
            .bind(chat.0)
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(code.map(|code| Lang::parse(&code)))
    }
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

/// Ends the subscriptions of one place. What was pushed or due to it is deleted with them;
/// answers stay, since they say that it ended.
async fn leave(tx: &mut Tx, place: Place) -> Result<Unsubscribed> {
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
             where chat_id = ? and thread_id = ? and lane = 1 and settled_at {which}"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(chat).bind(thread).execute(&mut **tx).await?;
    }
    let was_last = forget_if_empty(tx, place.chat).await?;
    Ok(match (ended.rows_affected(), was_last) {
        (0, _) => Unsubscribed::WasNot,
        (_, true) => Unsubscribed::Left,
        (_, false) => Unsubscribed::LeftTopic,
    })
}

/// Deletes a chat that has no subscription any more; whether that was so.
async fn forget_if_empty(tx: &mut Tx, chat: ChatId) -> Result<bool> {
    let deleted = sqlx::query(
        "delete from chat where id = ?1
            and not exists (select 1 from subscription where chat_id = ?1)",
    )
    .bind(chat.0)
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Ends everything with a chat that is gone: its subscriptions are deleted, what was still due to
/// it is dead for this reason.
pub(super) async fn forget(
    tx: &mut Tx,
    chat: ChatId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from chat where id = ?") // its subscriptions go with it
        .bind(chat.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query("delete from delivery where chat_id = ? and lane = 0 and settled_at is null")
        .bind(chat.0)
        .execute(&mut **tx)
        .await?;
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
pub(super) async fn forget_place(
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
    sqlx::query("delete from subscription where chat_id = ? and thread_id = ?")
        .bind(chat)
        .bind(thread)
        .execute(&mut **tx)
        .await?;
    forget_if_empty(tx, place.chat).await?;
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
    fanout::make_for(tx, from, now).await?;
    for statement in [
        "insert or ignore into chat (id, kind, lang, joined_at)
            select ?2, kind, lang, joined_at from chat where id = ?1",
        "update or ignore subscription set chat_id = ?2 where chat_id = ?1",
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
