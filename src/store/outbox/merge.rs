//! Merging deliveries that wait for the same place into one message.
//!
//! Out of scope: which ones may be merged (`domain::readiness`).

use super::{fanout, queue::QueueHead};
use crate::domain::{MergeRule, SourceId};
use crate::store::{
    Result,
    encoding::{millis, thread},
    tx::Tx,
};
use chrono::{DateTime, Utc};

/// Marks the deliveries that wait behind `head` for the same source, if enough of them do. ?5 is the
/// lane of `head`: a deferred delivery merges immediate ones as well, an immediate one does not merge
/// deferred ones.
const MERGE: &str = "with behind as (
        select d.id from delivery d
        join notification n on n.id = d.notification_id
        join entry e on e.id = n.entry_id
        where d.chat_id = ?2 and d.thread_id = ?3 and d.settled_at is null and d.id > ?1
            and (d.lane = ?5 or (?5 = 2 and d.lane = 1)) and n.created_at < ?7
            and (d.lane = 1 or d.due_at <= ?8)
            and (d.merged_into_id is null or d.merged_into_id = ?1)
            and e.source_id = ?6
        order by d.id limit ?9)
     update delivery set merged_into_id = ?1, lane = ?5
     where id in (select id from behind) and (select count(*) from behind) >= ?4";

/// Merges into `head` what waits behind it from the same source.
pub(super) async fn merge_waiting(
    tx: &mut Tx,
    head: &QueueHead,
    source_id: SourceId,
    rule: MergeRule,
    now: DateTime<Utc>,
) -> Result<()> {
    let place = head.place();
    let (waiting, fanouts): (i64, i64) = sqlx::query_as(
        "select (select count(*) from delivery
            where chat_id = ?1 and thread_id = ?2 and lane > 0 and settled_at is null),
            (select count(*) from fanout)",
    )
    .bind(place.chat)
    .bind(thread(place))
    .fetch_one(&mut **tx)
    .await?;
    // `head` is one of those that wait.
    if usize::try_from(waiting + fanouts).unwrap_or(0) <= rule.waiting_min {
        return Ok(());
    }
    if fanouts > 0 {
        // What is not materialized yet for the place waits as well.
        fanout::materialize_for_chat(tx, place.chat, now).await?;
    }
    sqlx::query(MERGE)
        .bind(head.id)
        .bind(place.chat)
        .bind(thread(place))
        .bind(i64::try_from(rule.waiting_min).unwrap_or(i64::MAX))
        .bind(head.lane)
        .bind(source_id)
        .bind(rule.detected_before.map_or(i64::MAX, millis))
        .bind(millis(now))
        .bind(i64::try_from(rule.merged_max).unwrap_or(i64::MAX))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
