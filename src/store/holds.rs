//! Held lists, and decisions about them.
//!
//! Guarantees: a decision is about the hold that was shown; a later hold, or one that has ended, is not
//! affected.
//! Out of scope: when a list is held or adopted (`domain::hold`).

use super::{
    Result, Store, UpdateTx,
    encoding::{instant, millis, settings_from_json},
    tx::Tx,
    zone::zone_in,
};
use crate::domain::{
    ChatId, Hold, HoldDecision, HoldReason, HoldRef, Lang, Place, SourceId, SourceName, UserId,
    Zone,
};
use chrono::{DateTime, Utc};

#[derive(sqlx::FromRow)]
struct Row {
    since_at: i64,
    list_since_at: i64,
    counts_from_at: i64,
    reason: String,
    entries: String,
    decision: Option<String>,
    asked_at: Option<i64>,
    times_asked: u32,
    is_active: bool,
}

impl From<Row> for Hold {
    fn from(row: Row) -> Self {
        Hold {
            since_at: instant(row.since_at),
            list_since_at: instant(row.list_since_at),
            reason: serde_json::from_str(&row.reason).unwrap_or(HoldReason::NoneKnown { total: 0 }),
            entries: serde_json::from_str(&row.entries).unwrap_or_default(),
            decision: row.decision.as_deref().and_then(HoldDecision::parse),
            counts_from_at: instant(row.counts_from_at),
            asked_at: row.asked_at.map(instant),
            times_asked: row.times_asked,
            is_active: row.is_active,
        }
    }
}

/// How the hold of a source changes with a poll.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HoldChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// The source has this hold from now on.
    Set(Box<Hold>),
    /// The hold has ended. It is remembered for a while.
    End,
    /// The hold has ended by a decision, or because its time had come. The entries that its list adds do
    /// not count towards the limit of a day.
    Decide,
}

const COLUMNS: &str =
    "since_at, list_since_at, counts_from_at, reason, entries, decision, asked_at, times_asked,
    is_active";

/// Returns the hold of a source, or the last one that it had.
pub(super) async fn read(tx: &mut Tx, source_id: SourceId) -> Result<Option<Hold>> {
    let sql = format!("select {COLUMNS} from hold where source_id = ?");
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(source_id).fetch_optional(&mut **tx).await?;
    Ok(row.map(Hold::from))
}

/// Writes how a hold has changed.
pub(super) async fn record(
    tx: &mut Tx,
    source_id: SourceId,
    change: &HoldChange,
    now: DateTime<Utc>,
) -> Result<()> {
    let hold = match change {
        HoldChange::Keep => return Ok(()),
        HoldChange::End | HoldChange::Decide => {
            if *change == HoldChange::Decide {
                sqlx::query("update source set decided_at = ? where id = ?")
                    .bind(millis(now))
                    .bind(source_id)
                    .execute(&mut **tx)
                    .await?;
            }
            sqlx::query("update hold set is_active = 0, decision = null where source_id = ?")
                .bind(source_id)
                .execute(&mut **tx)
                .await?;
            return Ok(());
        }
        HoldChange::Set(hold) => hold,
    };
    sqlx::query(
        "insert into hold (source_id, since_at, list_since_at, counts_from_at, reason, entries, decision,
            asked_at, times_asked, is_active)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         on conflict (source_id) do update set since_at = ?2, list_since_at = ?3, counts_from_at = ?4,
            reason = ?5, entries = ?6, asked_at = ?8, times_asked = ?9, is_active = ?10,
            -- A decision that was made meanwhile counts, if it was about this list.
            decision = iif(list_since_at = ?3, ifnull(decision, ?7), ?7)",
    )
    .bind(source_id)
    .bind(millis(hold.since_at))
    .bind(millis(hold.list_since_at))
    .bind(millis(hold.counts_from_at))
    .bind(serde_json::to_string(&hold.reason).unwrap_or_default())
    .bind(serde_json::to_string(&hold.entries).unwrap_or_else(|_| "[]".to_owned()))
    .bind(hold.decision.map(HoldDecision::as_str))
    .bind(hold.asked_at.map(millis))
    .bind(hold.times_asked)
    .bind(hold.is_active)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes a decision about the hold of a source, and makes its next poll due. Returns false if the
/// source is not held, or holds another list than that of `since_s`.
async fn decide(
    tx: &mut Tx,
    source_id: SourceId,
    since_s: Option<i64>,
    decision: HoldDecision,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = sqlx::query(
        "update hold set decision = ?3, counts_from_at = ?4
         where source_id = ?1 and is_active = 1 and (?2 is null or list_since_at / 1000 = ?2)
            and (decision is null or decision = 'wait')",
    )
    .bind(source_id)
    .bind(since_s)
    .bind(decision.as_str())
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    if decision != HoldDecision::Wait {
        sqlx::query(
            "update source set next_poll_at = ?2, etag = null, last_modified = null, compared_at = null
             where id = ?1",
        )
        .bind(source_id)
        .bind(millis(now))
        .execute(&mut **tx)
        .await?;
    }
    Ok(true)
}

impl Store {
    /// Returns the hold of a source, if it has one now.
    pub async fn hold(&self, name: &SourceName) -> Result<Option<Hold>> {
        let sql = format!(
            "select {COLUMNS} from hold where is_active = 1
                and source_id = (select id from source where name = ? and watched = 1)"
        );
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(name.as_str())
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(Hold::from))
    }

    /// Decides about the held list of a source. Returns false if none is held.
    pub async fn decide(
        &self,
        name: &SourceName,
        decision: HoldDecision,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let id: Option<SourceId> =
            sqlx::query_scalar("select id from source where name = ? and watched = 1")
                .bind(name.as_str())
                .fetch_optional(&mut *tx)
                .await?;
        let Some(id) = id else { return Ok(false) };
        let is_done = decide(&mut tx, id, None, decision, now).await?;
        tx.commit().await?;
        Ok(is_done)
    }
}

/// The source of a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSource {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A private chat that receives notices about a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipient {
    /// The chat.
    pub chat: ChatId,
    /// Its language.
    pub lang: Lang,
    /// Its zone.
    pub zone: Zone,
}

impl Store {
    /// Returns which of these users receive notices about a source: all of them about a source of the
    /// operator, and the subscribers among them about a source that users added.
    pub async fn recipients(
        &self,
        users: &[UserId],
        source_id: SourceId,
    ) -> Result<Vec<Recipient>> {
        let mut tx = self.begin_reading().await?;
        let mut recipients = Vec::new();
        for id in users {
            let is_recipient: bool = sqlx::query_scalar(
                "select exists (select 1 from source where id = ?1 and (origin = 'operator'
                    or exists (select 1 from subscription where source_id = ?1 and chat_id = ?2)))",
            )
            .bind(source_id)
            .bind(id)
            .fetch_one(&mut *tx)
            .await?;
            if !is_recipient {
                continue;
            }
            let chat: Option<(String, Option<String>)> =
                sqlx::query_as("select lang, settings from chat where id = ?")
                    .bind(id)
                    .fetch_optional(&mut *tx)
                    .await?;
            let (lang, chosen) = match &chat {
                Some((lang, settings)) => {
                    (Lang::parse(lang), settings_from_json(settings.as_deref()))
                }
                None => Default::default(),
            };
            let chat = ChatId(id.0);
            let zone = zone_in(&mut tx, Place { chat, thread: None }, &chosen).await?;
            recipients.push(Recipient { chat, lang, zone });
        }
        tx.rollback().await?;
        Ok(recipients)
    }
}

impl UpdateTx {
    /// Returns the source of a hold.
    pub async fn source_of_hold(&mut self, source_id: SourceId) -> Result<Option<HeldSource>> {
        let row: Option<(String, String)> =
            sqlx::query_as("select title, url from source where id = ?")
                .bind(source_id)
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(row.map(|(title, url)| HeldSource { title, url }))
    }

    /// Decides about a held list. Returns the hold, or `None` if it has ended or was decided already.
    pub async fn decide(&mut self, hold: HoldRef, decision: HoldDecision) -> Result<Option<Hold>> {
        let (id, since_s) = (hold.source_id, Some(hold.since_s));
        let held = read(&mut self.tx, id).await?;
        let is_done = decide(&mut self.tx, id, since_s, decision, self.now).await?;
        Ok(held.filter(|_| is_done))
    }
}
