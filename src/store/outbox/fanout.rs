//! Fan-out: materializes the deliveries of a notification in chunks, about as fast as they are sent.
//!
//! Guarantees: a place that was subscribed when the notification was created, and still is when its
//! turn comes, gets one delivery, in whatever order the chunks are created. The deliveries of a place
//! have the order of the notifications. Each chunk is one short transaction.
//! Out of scope: when the next chunk is created (`deliver`).

use crate::domain::{ChatId, NotificationId, SourceId};
use crate::store::{Result, Store, encoding::millis, tx::Tx};
use chrono::{DateTime, Utc};

/// A chunk that was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FanoutBatch {
    /// The notification that had its turn.
    pub notification_id: NotificationId,
    /// How many deliveries were created.
    pub made: u64,
}

/// SQL that creates the deliveries of the places that match a condition on `p`: of all open
/// fan-outs, not only of the one whose turn it is, so that a place receives its entries in order.
///
/// If the place waits, because its topic is closed for example, the new deliveries wait as long, so
/// that they are not claimed too early. A delivery in flight does not count here, since its due
/// time is the end of its lease.
///
/// `cross join` fixes the order of the loops. `indexed by` keeps SQLite from reading all deliveries for
/// the greatest `due_at`.
macro_rules! materialize {
    ($of:literal) => {
        concat!(
            "insert into delivery (lane, notification_id, chat_id, thread_id, created_at, due_at)
             select 1, f.notification_id, t.chat_id, t.thread_id, ?1,
                max(?1, ifnull((select max(d.due_at) from delivery d indexed by delivery_queue
                    where d.chat_id = t.chat_id and d.thread_id = t.thread_id and d.lane = 1
                        and d.settled_at is null and d.state = 'pending'), 0))
             from subscription p
             cross join fanout f
             cross join subscription t on t.source_id = f.source_id
                and t.chat_id = p.chat_id and t.thread_id = p.thread_id
             where ",
            $of,
            " and t.after_id < f.notification_id
                and (t.chat_id, t.thread_id) > (f.chat_id, f.thread_id)
             order by p.chat_id, p.thread_id, f.notification_id
             on conflict (notification_id, chat_id, thread_id) do nothing"
        )
    };
}

impl Store {
    /// Creates the deliveries of the next `places_max` places of an open fan-out. `turn` is the
    /// notification of the previous chunk, so that open fan-outs alternate. `None`: there is no
    /// open fan-out.
    pub async fn fan_out(
        &self,
        turn: NotificationId,
        places_max: u32,
        now: DateTime<Utc>,
    ) -> Result<Option<FanoutBatch>> {
        let any = "select exists (select 1 from fanout)";
        if !sqlx::query_scalar(any).fetch_one(&self.readers).await? {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let open: Option<(NotificationId, SourceId, i64, i64)> = sqlx::query_as(
            "select notification_id, source_id, chat_id, thread_id from fanout
             order by notification_id <= ?, notification_id limit 1",
        )
        .bind(turn)
        .fetch_optional(&mut *tx)
        .await?;
        let Some((notification_id, source_id, chat_id, thread_id)) = open else {
            tx.rollback().await?;
            return Ok(None);
        };
        let last: Option<(i64, i64)> = sqlx::query_as(
            "select chat_id, thread_id from subscription
             where source_id = ? and (chat_id, thread_id) > (?, ?)
             order by chat_id, thread_id limit 1 offset ?",
        )
        .bind(source_id)
        .bind(chat_id)
        .bind(thread_id)
        .bind(places_max.max(1) - 1)
        .fetch_optional(&mut *tx)
        .await?;
        let (last_chat_id, last_thread_id) = last.unwrap_or((i64::MAX, i64::MAX));
        let made = sqlx::query(materialize!(
            "p.source_id = ?2 and (p.chat_id, p.thread_id) > (?3, ?4)
                and (p.chat_id, p.thread_id) <= (?5, ?6)"
        ))
        .bind(millis(now))
        .bind(source_id)
        .bind(chat_id)
        .bind(thread_id)
        .bind(last_chat_id)
        .bind(last_thread_id)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let done = match last {
            Some(_) => "update fanout set chat_id = ?2, thread_id = ?3 where notification_id = ?1",
            None => "delete from fanout where notification_id = ?1 and ?2 = ?3",
        };
        sqlx::query(done)
            .bind(notification_id)
            .bind(last_chat_id)
            .bind(last_thread_id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(FanoutBatch { notification_id, made }))
    }

    /// Whether there is an open fan-out, and fewer than `fewer_than` immediate deliveries are due.
    pub async fn has_fewer_immediate(&self, fewer_than: u32, now: DateTime<Utc>) -> Result<bool> {
        let sql = "select exists (select 1 from fanout) and (select count(*) from (
                select 1 from delivery where lane = 1 and settled_at is null and due_at <= ?1
                limit ?2)) < ?2";
        let query = sqlx::query_scalar(sql).bind(millis(now)).bind(fewer_than);
        Ok(query.fetch_one(&self.readers).await?)
    }

    /// Returns how many deliveries are not materialized yet.
    pub async fn pending_fanout(&self) -> Result<i64> {
        let sql = "select count(*) from fanout f
            join subscription t on t.source_id = f.source_id and t.after_id < f.notification_id
                and (t.chat_id, t.thread_id) > (f.chat_id, f.thread_id)
            where not exists (select 1 from delivery d where d.notification_id = f.notification_id
                and d.chat_id = t.chat_id and d.thread_id = t.thread_id)";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
    }
}

/// Opens the fan-out of a notification, if a place is subscribed. Returns how many are.
pub(crate) async fn open(
    tx: &mut Tx,
    notification_id: NotificationId,
    source_id: SourceId,
) -> Result<u64> {
    let places: i64 = sqlx::query_scalar("select count(*) from subscription where source_id = ?")
        .bind(source_id)
        .fetch_one(&mut **tx)
        .await?;
    if places > 0 {
        sqlx::query("insert into fanout (notification_id, source_id) values (?, ?)")
            .bind(notification_id)
            .bind(source_id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(places.unsigned_abs())
}

/// Creates the remaining deliveries for a chat. Called before the chat id, which the fan-out cursor
/// uses, changes, or when everything that waits for the chat is merged or set aside.
pub(crate) async fn materialize_for_chat(
    tx: &mut Tx,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(materialize!("p.chat_id = ?2"))
        .bind(millis(now))
        .bind(chat)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
