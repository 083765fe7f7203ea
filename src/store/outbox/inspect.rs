//! Deliveries for the operator: listing, counting, and retrying one by hand.
//!
//! Guarantees: reading changes nothing; only a delivery to a place that is still subscribed is retried.
//! Out of scope: claiming and settling.

use super::status::DeliveryStatus;
use crate::domain::{DeliveryId, MessageId, Place};
use crate::store::{
    Result, Store,
    encoding::{instant, millis, place},
};
use chrono::{DateTime, Utc};

/// A delivery with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryState {
    /// Its id.
    pub id: DeliveryId,
    /// Where it is sent.
    pub place: Place,
    /// The name of the source and the title of the entry; a reply has none.
    pub entry: Option<(String, String)>,
    /// Its state.
    pub state: DeliveryStatus,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it is due; while it is in flight, when its lease ends.
    pub due_at: DateTime<Utc>,
    /// The number of attempts.
    pub attempts: u32,
    /// Attempts without a response, which may have arrived.
    pub unanswered: u32,
    /// The message id.
    pub message_id: Option<MessageId>,
    /// When it was sent or given up.
    pub settled_at: Option<DateTime<Utc>>,
    /// Whether it is sent, or was sent, as plain text, since Telegram refused it otherwise.
    pub plain: bool,
    /// Why it was given up; while it waits, the last error; if it was sent as plain text, why.
    pub reason: Option<String>,
}

/// The result of retrying a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryResult {
    /// It is due now.
    Yes,
    /// There is no such delivery, or not any more.
    Unknown,
    /// It was not given up.
    NotDead(DeliveryStatus),
    /// The place is not subscribed any more.
    Unwanted,
}

const COLUMNS: &str = "select d.id, d.chat_id, d.thread_id,
        coalesce(s.name, (select name from source where id = m.source_id),
            iif(d.daily_on is null, null, 'counters')) as source,
        coalesce(e.title, m.template, d.daily_on) as title, d.state,
        d.created_at, d.due_at, d.attempt, d.unanswered, d.plain, d.message_id, d.settled_at, d.reason
    from delivery d
    left join notification n on n.id = d.notification_id
    left join entry e on e.id = n.entry_id
    left join source s on s.id = e.source_id
    left join milestone m on m.id = d.milestone_id";

#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    chat_id: i64,
    thread_id: i64,
    source: Option<String>,
    title: Option<String>,
    state: String,
    created_at: i64,
    due_at: i64,
    attempt: u32,
    unanswered: u32,
    plain: bool,
    message_id: Option<MessageId>,
    settled_at: Option<i64>,
    reason: Option<String>,
}

impl From<Row> for DeliveryState {
    fn from(row: Row) -> Self {
        DeliveryState {
            id: row.id,
            place: place(row.chat_id, row.thread_id),
            entry: row.source.zip(row.title),
            state: DeliveryStatus::parse(&row.state).unwrap_or(DeliveryStatus::Pending),
            created_at: instant(row.created_at),
            due_at: instant(row.due_at),
            attempts: row.attempt,
            unanswered: row.unanswered,
            plain: row.plain,
            message_id: row.message_id,
            settled_at: row.settled_at.map(instant),
            reason: row.reason,
        }
    }
}

impl Store {
    /// Returns the number of deliveries in each state, with those that are not materialized yet and
    /// those that were pruned.
    pub async fn delivery_counts(&self) -> Result<Vec<(DeliveryStatus, i64)>> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("select state, count(*) from delivery group by state")
                .fetch_all(&self.readers)
                .await?;
        let (sent, dead): (i64, i64) = sqlx::query_as(
            "select ifnull(sum(sent_before), 0), ifnull(sum(dead_before), 0) from notification",
        )
        .fetch_one(&self.readers)
        .await?;
        let open = self.pending_fanout().await?;
        let count = |state: DeliveryStatus| {
            let known = rows.iter().find(|(word, _)| word == state.as_str());
            known.map_or(0, |(_, count)| *count)
                + match state {
                    DeliveryStatus::Pending => open,
                    DeliveryStatus::InFlight => 0,
                    DeliveryStatus::Sent => sent,
                    DeliveryStatus::Dead => dead,
                }
        };
        Ok(DeliveryStatus::ALL.iter().map(|state| (*state, count(*state))).collect())
    }

    /// Returns how many deliveries are not settled yet, with those that are not materialized, and
    /// without deferred ones.
    pub async fn open_deliveries(&self) -> Result<i64> {
        let open = "select count(*) from delivery where settled_at is null and lane < 2";
        let made: i64 = sqlx::query_scalar(open).fetch_one(&self.readers).await?;
        Ok(made + self.pending_fanout().await?)
    }

    /// Returns how many deliveries are left, with deferred ones that are due, and how many were sent since
    /// then.
    pub async fn progress(
        &self,
        since_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(i64, i64)> {
        let sent = sqlx::query_scalar(
            "select count(*) from delivery
             where settled_at is not null and settled_at >= ? and state = 'sent'",
        )
        .bind(millis(since_at))
        .fetch_one(&self.readers)
        .await?;
        let late: i64 = sqlx::query_scalar(
            "select count(*) from delivery where settled_at is null and lane = 2 and due_at <= ?",
        )
        .bind(millis(now))
        .fetch_one(&self.readers)
        .await?;
        Ok((self.open_deliveries().await? + late, sent))
    }

    /// Returns the newest deliveries, in one state or in all, at most `limit`.
    pub async fn delivery_states(
        &self,
        state: Option<DeliveryStatus>,
        limit: u32,
    ) -> Result<Vec<DeliveryState>> {
        let sql = format!("{COLUMNS} where ?1 is null or d.state = ?1 order by d.id desc limit ?2");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(state.map(DeliveryStatus::as_str))
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(DeliveryState::from).collect())
    }

    /// Returns one delivery.
    pub async fn delivery_state(&self, id: DeliveryId) -> Result<Option<DeliveryState>> {
        let sql = format!("{COLUMNS} where d.id = ?");
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&self.readers).await?;
        Ok(row.map(DeliveryState::from))
    }

    /// Makes a delivery due again that was given up.
    pub async fn retry(&self, id: DeliveryId, now: DateTime<Utc>) -> Result<RetryResult> {
        let mut tx = self.begin().await?;
        let found: Option<(String, bool)> = sqlx::query_as(
            "select state, exists (select 1 from subscription s
                where s.chat_id = d.chat_id and s.thread_id = d.thread_id)
             from delivery d where id = ?",
        )
        .bind(id)
        .fetch_optional(&mut *tx)
        .await?;
        let retried =
            match found.map(|(state, is_wanted)| (DeliveryStatus::parse(&state), is_wanted)) {
                None | Some((None, _)) => RetryResult::Unknown,
                Some((Some(DeliveryStatus::Dead), true)) => RetryResult::Yes,
                Some((Some(DeliveryStatus::Dead), false)) => RetryResult::Unwanted,
                Some((Some(state), _)) => RetryResult::NotDead(state),
            };
        if retried == RetryResult::Yes {
            sqlx::query(
                "update delivery set state = 'pending', due_at = ?2, unanswered = 0, ignored = 0,
                    plain = 0, settled_at = null, reason = null where id = ?1",
            )
            .bind(id)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(retried)
    }
}
