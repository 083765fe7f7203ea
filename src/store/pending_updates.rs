//! Updates that wait for something that takes time.
//!
//! Guarantees: an update is there or was handled, never both and never neither; those of one chat are handed
//! out in the order in which they came.
//! Out of scope: which updates wait (`bot::intake`).

use super::{Inbox, Result, Store, millis};
use crate::domain::ChatId;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// An update that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingUpdate {
    /// Its place in line.
    pub id: i64,
    /// Telegram's number of it.
    pub update_id: i64,
    /// The chat it is about.
    pub chat: ChatId,
    /// The update as JSON.
    pub body: String,
}

impl Store {
    /// Puts updates in line, in this order; those that were seen already are left out.
    pub async fn put_off(
        &self,
        updates: &[(i64, ChatId, String)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for (update_id, chat, body) in updates {
            sqlx::query(
                "insert or ignore into pending_update (update_id, chat_id, body, received_at)
                 select ?1, ?2, ?3, ?4
                 where not exists (select 1 from seen_update where update_id = ?1)",
            )
            .bind(update_id)
            .bind(chat.0)
            .bind(body)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }

    /// The chats of which updates wait.
    pub async fn pending_chats(&self) -> Result<BTreeSet<ChatId>> {
        let chats: Vec<i64> = sqlx::query_scalar("select distinct chat_id from pending_update")
            .fetch_all(&self.readers)
            .await?;
        Ok(chats.into_iter().map(ChatId).collect())
    }

    /// The first update that waits, of chats that are not `busy`.
    pub async fn next_pending(&self, busy: &BTreeSet<ChatId>) -> Result<Option<PendingUpdate>> {
        let busy = serde_json::Value::from_iter(busy.iter().map(|chat| chat.0)).to_string();
        let row: Option<(i64, i64, i64, String)> = sqlx::query_as(
            "select id, update_id, chat_id, body from pending_update
             where chat_id not in (select value from json_each(?))
             order by id limit 1",
        )
        .bind(busy)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|(id, update_id, chat, body)| PendingUpdate {
            id,
            update_id,
            chat: ChatId(chat),
            body,
        }))
    }

    /// Takes an update out of line that nothing can be made of.
    pub async fn drop_pending(&self, id: i64) -> Result<()> {
        sqlx::query("delete from pending_update where id = ?")
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

impl Inbox {
    /// Takes the update out of line that takes effect here.
    pub async fn end_pending(&mut self, id: i64) -> Result<()> {
        sqlx::query("delete from pending_update where id = ?")
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
