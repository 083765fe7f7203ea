//! Full texts of entries, and failures to get them.
//!
//! Guarantees: a failure is remembered for a while, for all chats, so that nothing is fetched again.
//! Out of scope: fetching (the module `jobs`).

use super::{Result, UpdateTx, encoding::millis, search, tx::Tx};
use crate::domain::{Article, EntryId, NoText};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a failure is remembered.
const NO_TEXT_KEPT: TimeDelta = TimeDelta::hours(1);

impl UpdateTx {
    /// Returns the full text of an entry, if it was fetched.
    pub async fn article(&mut self, entry_id: EntryId) -> Result<Option<Article>> {
        article(&mut self.tx, entry_id).await
    }

    /// Returns why an entry has no full text, if that was found out recently.
    pub async fn no_text(&mut self, entry_id: EntryId) -> Result<Option<NoText>> {
        no_text(&mut self.tx, entry_id, self.now).await
    }
}

/// Stores the full text of an entry.
pub(super) async fn store(
    tx: &mut Tx,
    entry_id: EntryId,
    article: &Article,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("insert or replace into article (entry_id, body, fetched_at) values (?, ?, ?)")
        .bind(entry_id)
        .bind(serde_json::to_string(article).unwrap_or_default())
        .bind(millis(now))
        .execute(&mut **tx)
        .await?;
    sqlx::query("delete from article_failure where entry_id = ?")
        .bind(entry_id)
        .execute(&mut **tx)
        .await?;
    search::index(tx, entry_id, None).await
}

/// Stores why an entry has no full text. A failure that is remembered already keeps its time.
pub(super) async fn store_failure(
    tx: &mut Tx,
    entry_id: EntryId,
    why: NoText,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from article_failure where failed_at <= ?")
        .bind(millis(now - NO_TEXT_KEPT))
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "insert into article_failure (entry_id, reason, failed_at) values (?1, ?2, ?3)
         on conflict (entry_id) do update set reason = ?2, failed_at = ?3
            where failed_at > ?3",
    )
    .bind(entry_id)
    .bind(why.as_str())
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Returns the full text of an entry, if it was fetched.
pub(super) async fn article(tx: &mut Tx, entry_id: EntryId) -> Result<Option<Article>> {
    let body: Option<String> = sqlx::query_scalar("select body from article where entry_id = ?")
        .bind(entry_id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

/// Returns why an entry has no full text, if that was found out recently.
pub(super) async fn no_text(
    tx: &mut Tx,
    entry_id: EntryId,
    now: DateTime<Utc>,
) -> Result<Option<NoText>> {
    let why: Option<String> = sqlx::query_scalar(
        // One of the future was written before the clock was set back.
        "select reason from article_failure where entry_id = ?1 and failed_at > ?2 and failed_at <= ?3",
    )
    .bind(entry_id)
    .bind(millis(now - NO_TEXT_KEPT))
    .bind(millis(now))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(why.as_deref().and_then(NoText::parse))
}
