//! The order of the outbox: which delivery is next in its place.
//!
//! Guarantees: entries reach a place in the order in which they were published. A delivery that waits
//! for a time that its chat chose holds up no reply and no immediate statement.
//! Out of scope: whether the next one is sent (`claim`).

use super::lane::Lane;
use crate::domain::{DeliveryId, Place};
use crate::store::{
    Result,
    encoding::{millis, place},
    tx::Tx,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// The delivery that is next in its place and lane.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct QueueHead {
    pub(crate) id: DeliveryId,
    pub(crate) lane: Lane,
    pub(crate) chat_id: i64,
    pub(crate) thread_id: i64,
    pub(crate) due_at: i64,
    pub(crate) created_at: i64,
    /// Whether it is a notice to the operator, which does not expire.
    pub(crate) is_notice: bool,
}

impl QueueHead {
    pub(crate) fn place(&self) -> Place {
        place(self.chat_id, self.thread_id)
    }
}

/// Of the deferred deliveries that are due the oldest is next. One that failed and is tried again
/// within an hour is not overtaken; one that is merged into another is sent with that.
const IS_NEXT_DEFERRED: &str = "
    merged_into_id is null
    and not exists (select 1 from delivery e indexed by delivery_queue
        where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
            and e.id < d.id and e.settled_at is null and e.merged_into_id is null
            and (e.due_at <= max(d.due_at, ?4)
                or (e.attempt > 0 and e.due_at <= ?4 + 3600000)))";
/// Immediate deliveries let deferred statements go first that are due, so that a place receives
/// entries in the order in which they were published.
const IS_NEXT_IMMEDIATE: &str = "
    not exists (select 1 from delivery e
        where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
            and e.id < d.id and e.settled_at is null)
    and not exists (select 1 from delivery e indexed by delivery_queue
        where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = 2
            and e.notification_id is not null and e.settled_at is null
            and (e.due_at <= ?4 or e.state = 'in_flight'))";
const IS_NEXT_REPLY: &str = "
    not exists (select 1 from delivery e
        where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
            and e.id < d.id and e.settled_at is null)";

/// Returns open deliveries of a lane that are next in their place, the soonest due first, without
/// those for the chats that are `blocked`.
pub(crate) async fn queue_heads(
    tx: &mut Tx,
    lane: Lane,
    blocked: &BTreeSet<i64>,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Vec<QueueHead>> {
    let blocked = serde_json::Value::from_iter(blocked.iter().copied()).to_string();
    let is_next = match lane {
        Lane::Reply => IS_NEXT_REPLY,
        Lane::Immediate => IS_NEXT_IMMEDIATE,
        Lane::Deferred => IS_NEXT_DEFERRED,
    };
    let sql = format!(
        "select id, lane, chat_id, thread_id, due_at, created_at, is_notice
         from delivery d
         where lane = ?1 and settled_at is null and {is_next}
            and chat_id not in (select value from json_each(?2))
         order by due_at, id limit ?3"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(lane)
        .bind(blocked)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(millis(now))
        .fetch_all(&mut **tx)
        .await?)
}
