//! Deleting what is stored about a chat or one topic of it.
//!
//! Guarantees: everything is deleted in one transaction. If a user asked for it, what was still to
//! be sent is deleted too, except replies, since one of them confirms the deletion. If the chat or
//! topic is gone, open replies are deleted, and what else was still to be sent is kept as `dead`,
//! with the reason.
//! Out of scope: `/stop` with a way back (`removals`).

use crate::domain::{ChatId, Place};
use crate::store::{
    Result, UpdateTx,
    encoding::{millis, thread},
    tx::Tx,
};
use chrono::{DateTime, Utc};

/// The result of `/stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsubscribed {
    /// The subscriptions were ended; nothing is stored about the chat any more.
    Left,
    /// The subscriptions were ended; other topics of the chat still have some.
    LeftTopic,
    /// There were no subscriptions.
    WasNot,
    /// Like [`Unsubscribed::Left`], but everything can be restored for a while.
    Kept,
    /// Like [`Unsubscribed::LeftTopic`], but everything can be restored for a while.
    KeptTopic,
    /// It had been stopped before; what was kept is deleted now.
    Deleted,
}

impl UpdateTx {
    /// Deletes a chat with all its topics, after the bot was blocked or removed.
    pub async fn delete_chat(&mut self, chat: ChatId, reason: &str) -> Result<()> {
        delete_chat(&mut self.tx, chat, reason, self.now).await
    }
}

/// Ends the subscriptions of a place for good, and deletes its deliveries and what could be restored.
/// Replies stay, since one of them confirms the deletion. The chat is deleted if no other topic of it
/// remains.
pub(in crate::store) async fn unsubscribe_place(tx: &mut Tx, place: Place) -> Result<Unsubscribed> {
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

/// Deletes a chat that has no subscriptions and counters any more, and none that could be restored.
/// Returns whether it did.
pub(in crate::store) async fn delete_chat_if_empty(tx: &mut Tx, chat: ChatId) -> Result<bool> {
    let deleted = sqlx::query(
        "delete from chat where id = ?1
            and not exists (select 1 from subscription where chat_id = ?1)
            and not exists (select 1 from custom_counter where chat_id = ?1)
            and not exists (select 1 from counter_schedule where chat_id = ?1)
            and not exists (select 1 from pending_removal where chat_id = ?1)",
    )
    .bind(chat)
    .execute(&mut **tx)
    .await?;
    let was_last = deleted.rows_affected() > 0;
    if was_last {
        sqlx::query("delete from watch_candidate where chat_id = ?")
            .bind(chat)
            .execute(&mut **tx)
            .await?;
    }
    Ok(was_last)
}

/// Deletes what is stored about a chat that is gone. Open replies are deleted; other deliveries
/// that were still to be sent are kept as `dead`, for this reason.
pub(in crate::store) async fn delete_chat(
    tx: &mut Tx,
    chat: ChatId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from chat where id = ?") // with its subscriptions, and what could be restored
        .bind(chat)
        .execute(&mut **tx)
        .await?;
    for what in [
        "delivery where chat_id = ? and lane = 0 and settled_at is null",
        "job where chat_id = ?",
        "watch_candidate where chat_id = ?",
    ] {
        let sql = format!("delete from {what}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(chat).execute(&mut **tx).await?;
    }
    sqlx::query(
        "update delivery set state = 'dead', settled_at = ?2, reason = ?3
         where chat_id = ?1 and settled_at is null",
    )
    .bind(chat)
    .bind(millis(now))
    .bind(reason)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes what is stored about a topic that is gone, while the chat is still there. For its
/// deliveries see `delete_chat`.
pub(in crate::store) async fn delete_place(
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
