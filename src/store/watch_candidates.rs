//! Pages that users asked to add: checked ones that wait for a confirmation.
//!
//! Guarantees: a confirmed page becomes a source once, however many chats confirm it; their number is
//! limited.
//! Out of scope: fetching the page (`jobs`).

use super::{Result, Store, UpdateTx, encoding::millis, tx::Tx};
use crate::domain::{ChatId, Place, SourceId};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use url::Url;

/// How many pages that users added are kept, as a multiple of those that may be followed: they are
/// kept with their entries when no chat follows them any more.
const KEPT_FACTOR: i64 = 10;

/// How long a candidate may be confirmed.
const CANDIDATE_KEPT: TimeDelta = TimeDelta::days(7);

/// The zone of the days of a page that users added.
const ZONE_DEFAULT: Tz = Tz::UTC;

impl UpdateTx {
    /// Adds the page of a watch candidate that a place was shown. Returns the source, or `None` where
    /// there is no such candidate or users have added as many pages (`most`) as they may.
    pub async fn accept_watch_candidate(
        &mut self,
        candidate_id: i64,
        place: Place,
        most: usize,
    ) -> Result<Option<SourceId>> {
        let candidate: Option<(String, String)> =
            sqlx::query_as("select url, title from watch_candidate where id = ? and chat_id = ?")
                .bind(candidate_id)
                .bind(place.chat)
                .fetch_optional(&mut *self.tx)
                .await?;
        let Some((url, title)) = candidate else {
            return Ok(None);
        };
        let known = find_source(&mut self.tx, &url).await?;
        if let Some(KnownSource { id, is_polled: true }) = known {
            return Ok(Some(id));
        }
        let (followed, kept) = count_user_sources(&mut self.tx).await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        if followed >= most {
            return Ok(None);
        }
        if let Some(KnownSource { id, .. }) = known {
            restart_source(&mut self.tx, id, self.now).await?;
            return Ok(Some(id));
        }
        if kept >= most.saturating_mul(KEPT_FACTOR) {
            return Ok(None);
        }
        insert_source(&mut self.tx, &url, &title, self.now).await.map(Some)
    }

    /// Returns the address of a watch candidate that a place was shown.
    pub async fn watch_candidate_url(
        &mut self,
        candidate_id: i64,
        place: Place,
    ) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("select url from watch_candidate where id = ? and chat_id = ?")
            .bind(candidate_id)
            .bind(place.chat)
            .fetch_optional(&mut *self.tx)
            .await?)
    }
}

impl Store {
    /// Deletes candidates that were not confirmed in time.
    pub async fn delete_old_watch_candidates(&self, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from watch_candidate where created_at < ?")
            .bind(millis(now - CANDIDATE_KEPT))
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}

/// A source with the address of a candidate.
struct KnownSource {
    id: SourceId,
    /// Whether it is polled, or may be again when a subscription is restored.
    is_polled: bool,
}

async fn find_source(tx: &mut Tx, url: &str) -> Result<Option<KnownSource>> {
    let row: Option<(SourceId, bool)> = sqlx::query_as(
        "select id, origin = 'operator'
            or exists (select 1 from subscription where source_id = source.id)
            or exists (select 1 from removed_subscription where source_id = source.id)
         from source where url = ? and watched = 1 order by id",
    )
    .bind(url)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|(id, is_polled)| KnownSource { id, is_polled }))
}

/// Returns how many sources that users added are followed by any chat, and how many there are.
async fn count_user_sources(tx: &mut Tx) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(
        "select ifnull(sum(exists (select 1 from subscription where source_id = source.id)
                or exists (select 1 from removed_subscription where source_id = source.id)), 0),
            count(*)
         from source where origin = 'chat'",
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Polls a source again that no chat followed for a while. What it shows now is its new baseline.
async fn restart_source(tx: &mut Tx, source_id: SourceId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "update source set baseline_at = null, read_at = null, etag = null,
            last_modified = null, failures = 0, reason = 'new', note = null,
            next_poll_at = ?2 where id = ?1",
    )
    .bind(source_id)
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_source(
    tx: &mut Tx,
    url: &str,
    title: &str,
    now: DateTime<Utc>,
) -> Result<SourceId> {
    Ok(sqlx::query_scalar(
        "insert into source (name, title, url, zone, next_poll_at, origin, is_default, secret)
         select 'chat-' || (ifnull((select max(id) from source), 0) + 1), ?1, ?2, ?3, ?4, 'chat', 0,
            1 + abs(random() % 4294967295)
         returning id",
    )
    .bind(title)
    .bind(url)
    .bind(ZONE_DEFAULT.name())
    .bind(millis(now))
    .fetch_one(&mut **tx)
    .await?)
}

/// Stores a page that was checked for a chat. Returns its id, which the button carries.
pub(super) async fn insert(
    tx: &mut Tx,
    chat: ChatId,
    url: &Url,
    title: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "insert into watch_candidate (url, title, chat_id, created_at) values (?, ?, ?, ?)
         returning id",
    )
    .bind(url.as_str())
    .bind(title)
    .bind(chat)
    .bind(millis(now))
    .fetch_one(&mut **tx)
    .await?)
}
