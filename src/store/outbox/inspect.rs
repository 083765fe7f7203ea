//! Deliveries as the operator sees them: what waits, what became of each, and trying one again.
//!
//! Promises: looking changes nothing; a delivery is tried again only where somebody still wants it.
//! Leaves out: claiming and settling (`deliveries`).

use crate::domain::Place;
use crate::store::{Result, Store, chats::place, instant, millis};
use chrono::{DateTime, Utc};
use std::fmt;

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It waits.
    Pending,
    /// It is on its way.
    InFlight,
    /// It arrived.
    Sent,
    /// It was given up.
    Dead,
}

impl DeliveryStatus {
    /// All of them, in the order of a delivery's life.
    pub const ALL: [DeliveryStatus; 4] = [
        DeliveryStatus::Pending,
        DeliveryStatus::InFlight,
        DeliveryStatus::Sent,
        DeliveryStatus::Dead,
    ];

    /// The word for it, in the database and for the operator.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "pending",
            DeliveryStatus::InFlight => "in_flight",
            DeliveryStatus::Sent => "sent",
            DeliveryStatus::Dead => "dead",
        }
    }

    /// The state of a word, or nothing.
    pub fn parse(word: &str) -> Option<Self> {
        DeliveryStatus::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A delivery with its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryState {
    /// Its number.
    pub id: i64,
    /// Where to.
    pub place: Place,
    /// The source's name and the entry's title; an answer to a command has none.
    pub entry: Option<(String, String)>,
    /// Where it stands.
    pub state: DeliveryStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it is tried next; of one in flight, when its lease ends.
    pub due_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// Attempts that may have arrived although no answer came.
    pub unanswered: u32,
    /// Telegram's number of the message.
    pub message_id: Option<i64>,
    /// When it arrived or was given up.
    pub settled_at: Option<DateTime<Utc>>,
    /// Whether it goes, or went, as plain text and nothing else, since Telegram refused it otherwise.
    pub plain: bool,
    /// Why it was given up; of one that waits, what Telegram said last; of one in plain text, why.
    pub reason: Option<String>,
}

/// What came of asking for another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryResult {
    /// It is due now.
    Yes,
    /// There is no such delivery, or no more.
    Unknown,
    /// It was not given up.
    NotDead(DeliveryStatus),
    /// Nobody is subscribed there any more.
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
    id: i64,
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
    message_id: Option<i64>,
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
    /// How many deliveries there are in each state, those included that are still to be made and
    /// those that are kept as totals only.
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
        let unmade = self.pending_fanout().await?;
        let count = |state: DeliveryStatus| {
            let known = rows.iter().find(|(word, _)| word == state.as_str());
            known.map_or(0, |(_, count)| *count)
                + match state {
                    DeliveryStatus::Pending => unmade,
                    DeliveryStatus::InFlight => 0,
                    DeliveryStatus::Sent => sent,
                    DeliveryStatus::Dead => dead,
                }
        };
        Ok(DeliveryStatus::ALL.map(|state| (state, count(state))).to_vec())
    }

    /// How many deliveries are left, with those whose time has come since, and how many arrived since then.
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

    /// The newest deliveries, of one state or of all, at most `limit`.
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

    /// One delivery.
    pub async fn delivery_state(&self, id: i64) -> Result<Option<DeliveryState>> {
        let sql = format!("{COLUMNS} where d.id = ?");
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&self.readers).await?;
        Ok(row.map(DeliveryState::from))
    }

    /// Makes a delivery that was given up due again.
    pub async fn retry(&self, id: i64, now: DateTime<Utc>) -> Result<RetryResult> {
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
