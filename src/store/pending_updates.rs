//! Updates that wait for something that takes time.
//!
//! Guarantees: every update is either pending or handled. Those of one chat are handled in the
//! order in which they came. One that fails repeatedly is dropped.
//! Out of scope: which updates wait (`bot`).

use super::{Result, Store, UpdateTx, encoding::millis};
use crate::domain::{ChatId, UpdateId, UserId};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// An update that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingUpdate {
    /// Its place in the queue.
    pub id: i64,
    /// Its id at Telegram.
    pub update_id: UpdateId,
    /// The chat it is about.
    pub chat: ChatId,
    /// The update as JSON.
    pub body: String,
    /// Whether it is a `/stop` of a user above their rate limit.
    pub is_late: bool,
}

/// An update that is added to the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredUpdate {
    /// Its id at Telegram.
    pub update_id: UpdateId,
    /// The chat it is about.
    pub chat: ChatId,
    /// The update as JSON.
    pub body: String,
    /// For a `/stop` of a user above their rate limit: the user (0: they speak for a chat), and what it
    /// stops. It waits behind the updates of other chats, and is replaced by the same `/stop` sent
    /// again.
    pub stop: Option<(UserId, String)>,
}

/// The most waiting `/stop`s of such a user in a chat. The newest are kept.
const STOPS_MAX: i64 = 10;
/// How often an update is attempted if it causes the failure itself.
const ATTEMPTS_MAX: i64 = 5;

impl Store {
    /// Adds updates to the queue, in this order, without those that were seen already.
    pub async fn defer_updates(
        &self,
        updates: &[DeferredUpdate],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for DeferredUpdate { update_id, chat, body, stop } in updates {
            let (of, what) = stop.as_ref().map(|(of, what)| (of, what)).unzip();
            sqlx::query(
                "delete from pending_update where chat_id = ? and stop_of = ? and stop_what = ?",
            )
            .bind(chat)
            .bind(of)
            .bind(what)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert or ignore into pending_update
                    (update_id, chat_id, body, received_at, stop_of, stop_what)
                 select ?1, ?2, ?3, ?4, ?5, ?6
                 where not exists (select 1 from seen_update where update_id = ?1)",
            )
            .bind(update_id)
            .bind(chat)
            .bind(body)
            .bind(millis(now))
            .bind(of)
            .bind(what)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "delete from pending_update where chat_id = ?1 and stop_of = ?2 and id <=
                    (select id from pending_update where chat_id = ?1 and stop_of = ?2
                     order by id desc limit 1 offset ?3)",
            )
            .bind(chat)
            .bind(of)
            .bind(STOPS_MAX)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }

    /// Returns the chats that have waiting updates.
    pub async fn pending_chats(&self) -> Result<BTreeSet<ChatId>> {
        let chats: Vec<i64> = sqlx::query_scalar("select distinct chat_id from pending_update")
            .fetch_all(&self.readers)
            .await?;
        Ok(chats.into_iter().map(ChatId).collect())
    }

    /// Returns the first waiting update of a chat that is not `busy`. Rate-limited `/stop`s come
    /// last.
    pub async fn next_pending(&self, busy: &BTreeSet<ChatId>) -> Result<Option<PendingUpdate>> {
        let busy = serde_json::Value::from_iter(busy.iter().map(|chat| chat.0)).to_string();
        let row: Option<(i64, UpdateId, i64, String, bool)> = sqlx::query_as(
            "select id, update_id, chat_id, body, stop_of is not null from pending_update first
             where chat_id not in (select value from json_each(?)) and not exists (
                select 1 from pending_update before
                where before.chat_id = first.chat_id and before.id < first.id)
             order by stop_of is not null, id limit 1",
        )
        .bind(busy)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|(id, update_id, chat, body, is_late)| PendingUpdate {
            id,
            update_id,
            chat: ChatId(chat),
            body,
            is_late,
        }))
    }

    /// Counts a failure of an update. After several failures the update is dropped; returns whether it
    /// was. If the database cannot be written, the failure is not counted, since this fails as well.
    pub async fn fail_pending(&self, id: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        sqlx::query("update pending_update set attempts = attempts + 1 where id = ?")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let done = sqlx::query("delete from pending_update where id = ? and attempts >= ?")
            .bind(id)
            .bind(ATTEMPTS_MAX)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Drops an update that cannot be parsed.
    pub async fn drop_pending(&self, id: i64) -> Result<()> {
        sqlx::query("delete from pending_update where id = ?")
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

impl UpdateTx {
    /// Removes the update from the queue that takes effect in this transaction.
    pub async fn finish_pending(&mut self, id: i64) -> Result<()> {
        sqlx::query("delete from pending_update where id = ?")
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Access;

    async fn with(folder: &tempfile::TempDir, updates: &[(i64, i64, Option<&str>)]) -> Store {
        let address = format!("sqlite:{}", folder.path().join("p.db").display());
        let store = Store::open(&address, Access::Run).await.unwrap();
        let put_off = |(update_id, chat, stop): &(i64, i64, Option<&str>)| DeferredUpdate {
            update_id: UpdateId(*update_id),
            chat: ChatId(*chat),
            body: "{}".to_owned(),
            stop: stop.map(|what| (UserId(7), what.to_owned())),
        };
        let updates: Vec<DeferredUpdate> = updates.iter().map(put_off).collect();
        store.defer_updates(&updates, DateTime::UNIX_EPOCH).await.unwrap();
        store
    }

    async fn order(store: &Store) -> Vec<i64> {
        let mut order = Vec::new();
        while let Some(update) = store.next_pending(&BTreeSet::new()).await.unwrap() {
            order.push(update.update_id.0);
            store.drop_pending(update.id).await.unwrap();
        }
        order
    }

    #[tokio::test]
    async fn late_ones_wait_for_other_chats_and_keep_their_order_in_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let late = Some("a");
        let updates = [(1, -1, late), (2, -1, None), (3, -2, late), (4, -3, None), (5, -2, None)];
        let store = with(&folder, &updates).await;
        assert_eq!(order(&store).await, [4, 1, 2, 3, 5]);
    }

    #[tokio::test]
    async fn a_stop_said_again_takes_its_place_and_the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let updates =
            [(1, -1, Some("a")), (2, -1, Some("b")), (3, -2, Some("a")), (4, -1, Some("a"))];
        let store = with(&folder, &updates).await;
        assert_eq!(order(&store).await, [2, 3, 4]);
        let words: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        let updates: Vec<_> =
            (10..).zip(&words).map(|(id, word)| (id, -1, Some(word.as_str()))).collect();
        let folder = tempfile::tempdir().unwrap();
        let store = with(&folder, &updates).await;
        assert_eq!(order(&store).await, (30..40).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_fails_again_and_again_leaves_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let store = with(&folder, &[(1, -1, None), (2, -1, None)]).await;
        let first = store.next_pending(&BTreeSet::new()).await.unwrap().unwrap();
        for _ in 1..ATTEMPTS_MAX {
            assert!(!store.fail_pending(first.id).await.unwrap());
        }
        assert!(store.fail_pending(first.id).await.unwrap());
        assert_eq!(order(&store).await, [2]);
    }
}
