//! Adding replies and notices to the outbox.
//!
//! Guarantees: the replies that wait for one place are limited; of more the newest are kept.

use crate::domain::Reply;
use crate::store::{
    Result, UpdateTx,
    encoding::{millis, thread},
    tx::Tx,
};
use chrono::{DateTime, Utc};

/// The most replies that wait for one place. The newest are kept.
const REPLIES_WAITING_MAX: i64 = 30;

/// Replies that a place gets as soon as possible, and the space between those after them, in
/// milliseconds.
const REPLIES_UNSPACED: i64 = 4;

const REPLY_SPACING_MS: i64 = 2000;

impl UpdateTx {
    /// Adds a reply to the outbox.
    pub async fn reply(&mut self, reply: &Reply) -> Result<()> {
        enqueue_reply(&mut self.tx, reply, self.now).await?;
        // Many replies for one place leave room for others in the send rate.
        sqlx::query(
            "update delivery set due_at = due_at + ?4 * max(0, (
                select count(*) from delivery
                where chat_id = ?1 and thread_id = ?2 and lane = 0 and settled_at is null) - ?3)
             where id = last_insert_rowid()",
        )
        .bind(reply.place.chat)
        .bind(thread(reply.place))
        .bind(REPLIES_UNSPACED)
        .bind(REPLY_SPACING_MS)
        .execute(&mut *self.tx)
        .await?;
        // The user waits for the newest reply.
        sqlx::query(
            "delete from delivery where id in (
                select id from delivery
                where chat_id = ?1 and thread_id = ?2 and lane = 0 and settled_at is null
                    and state = 'pending' and is_notice = 0
                order by id desc limit -1 offset ?3)",
        )
        .bind(reply.place.chat)
        .bind(thread(reply.place))
        .bind(REPLIES_WAITING_MAX)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// Adds a reply to the outbox.
pub(crate) async fn enqueue_reply(tx: &mut Tx, reply: &Reply, now: DateTime<Utc>) -> Result<()> {
    let buttons = (!reply.message.buttons.is_empty())
        .then(|| serde_json::to_string(&reply.message.buttons).unwrap_or_default());
    sqlx::query(
        "insert into delivery (lane, html, chat_id, thread_id, created_at, due_at, buttons, edit_id,
            reply_id, file)
         values (0, ?3, ?1, ?2, ?4, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(reply.place.chat)
    .bind(thread(reply.place))
    .bind(&reply.message.html)
    .bind(millis(now))
    .bind(buttons)
    .bind(reply.edit_id)
    .bind(reply.reply_id)
    .bind(&reply.file)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds a notice to the operator to the outbox. It does not expire.
pub(crate) async fn enqueue_notice(tx: &mut Tx, notice: &Reply, now: DateTime<Utc>) -> Result<()> {
    enqueue_reply(tx, notice, now).await?;
    sqlx::query("update delivery set is_notice = 1 where id = last_insert_rowid()")
        .execute(&mut **tx)
        .await?;
    Ok(())
}
