//! Sources: mirrored from the configuration, with the state of polling each of them.
//!
//! Guarantees: a source whose address changed starts without validators and is due at once.
//! Out of scope: how a source is shown to users (`source_overviews`).

use super::{
    Result, Store,
    encoding::{from_json, instant, millis},
    tx::Tx,
};
use crate::domain::{
    DocumentKind, Health, Origin, PollStatus, Source, SourceId, SourceName, ValidatorTrust,
    Validators, web_url::AddressPart,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use url::Url;

/// A source that is due, with what its next request should carry.
#[derive(Clone, Debug, PartialEq)]
pub struct DuePoll {
    /// Its name.
    pub name: SourceName,
    /// Its id in the database.
    pub source_id: SourceId,
    /// Consecutive polls that failed.
    pub failures: u32,
    /// Whether its last healthy poll returned a feed.
    pub was_feed: bool,
    /// Whether the operator accepts whatever it shows next.
    pub accepts_any_list: bool,
    /// The status of the last poll.
    pub reason: PollStatus,
    /// The feed that is polled instead of its page.
    pub feed_url: Option<Url>,
    /// When the page and its feeds were last compared.
    pub compared_at: Option<DateTime<Utc>>,
    /// The validators of the last healthy poll.
    pub validators: Validators,
    /// How far 304 responses of the server are trusted.
    pub validator_trust: ValidatorTrust,
    /// Since when polls fail.
    pub health: Health,
    /// The volatile parts of addresses.
    pub volatile_parts: BTreeSet<AddressPart>,
    /// The source itself, if users added it. Otherwise it is in the configuration.
    pub user_added: Option<Box<Source>>,
}

/// A source as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The status of the last poll.
    pub reason: PollStatus,
    /// An explanation.
    pub note: Option<String>,
    /// When it was last polled.
    pub polled_at: Option<DateTime<Utc>>,
    /// When it was last polled successfully.
    pub read_at: Option<DateTime<Utc>>,
    /// The number of its entries.
    pub entries: i64,
    /// The number of places that are subscribed.
    pub subscriptions: i64,
}

/// The condition for sources that are polled: those of the operator, and those that users added, while
/// a place is subscribed.
const IS_POLLED: &str = "watched = 1 and (origin = 'operator'
    or exists (select 1 from subscription where source_id = source.id))";

#[derive(sqlx::FromRow)]
struct DuePollRow {
    id: SourceId,
    name: String,
    failures: u32,
    reason: String,
    kind: Option<String>,
    accepts_any_list: bool,
    not_modified: u32,
    not_modified_max: u32,
    failing_since_at: Option<i64>,
    is_failure_reported: bool,
    volatile_parts: Option<String>,
    feed_url: Option<String>,
    compared_at: Option<i64>,
    etag: Option<String>,
    last_modified: Option<String>,
    origin: String,
    title: String,
    url: String,
    zone: String,
}

impl DuePollRow {
    /// `None` for a name that an earlier version allowed.
    fn into_due_poll(self) -> Option<DuePoll> {
        let name = SourceName::parse(&self.name)?;
        Some(DuePoll {
            user_added: self.user_added(&name).map(Box::new),
            name,
            source_id: self.id,
            failures: self.failures,
            was_feed: self
                .kind
                .as_deref()
                .and_then(DocumentKind::parse)
                .is_some_and(DocumentKind::is_feed),
            accepts_any_list: self.accepts_any_list,
            validator_trust: ValidatorTrust {
                unchanged: self.not_modified,
                unchanged_max: self.not_modified_max,
            },
            health: Health {
                since_at: self.failing_since_at.map(instant),
                is_reported: self.is_failure_reported,
            },
            volatile_parts: from_json(self.volatile_parts),
            reason: PollStatus::parse(&self.reason),
            feed_url: self.feed_url.and_then(|url| url.parse().ok()),
            compared_at: self.compared_at.map(instant),
            validators: Validators { etag: self.etag, last_modified: self.last_modified },
        })
    }

    /// The source itself, if users added it.
    fn user_added(&self, name: &SourceName) -> Option<Source> {
        if Origin::parse(&self.origin) != Origin::Chat {
            return None;
        }
        let url = self.url.parse().ok()?;
        let zone = self.zone.parse().unwrap_or(Tz::UTC);
        Some(Source { zone, ..Source::user_added(name.clone(), self.title.clone(), url) })
    }
}

impl Store {
    /// Mirrors the configured sources. A source that is new, or whose address changed, is due at once;
    /// the latter without validators. Sources that are not configured any more are not polled.
    pub async fn sync_sources(&self, sources: &[Source], now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("update source set watched = 0 where origin = 'operator'")
            .execute(&mut *tx)
            .await?;
        for source in sources {
            sqlx::query(
                "insert into source (name, title, url, zone, next_poll_at, is_default)
                 values (?1, ?2, ?3, ?4, ?5, ?6)
                 on conflict (name) do update set
                    title = ?2, zone = ?4, watched = 1, url = ?3, origin = 'operator', is_default = ?6,
                    etag = iif(url = ?3, etag, null),
                    last_modified = iif(url = ?3, last_modified, null),
                    kind = iif(url = ?3, kind, null),
                    feed_url = iif(url = ?3, feed_url, null),
                    not_modified = iif(url = ?3, not_modified, 0),
                    not_modified_max = iif(url = ?3, not_modified_max, 10),
                    compared_at = iif(url = ?3, compared_at, null),
                    -- The operator may have changed its settings, so it is polled at each start.
                    next_poll_at = min(next_poll_at, ?5)",
            )
            .bind(source.name.as_str())
            .bind(&source.title)
            .bind(source.url.as_str())
            .bind(source.zone.name())
            .bind(millis(now))
            .bind(source.is_default)
            .execute(&mut *tx)
            .await?;
            configure_counters(&mut tx, source).await?;
        }
        tx.commit().await
    }

    /// Returns the sources that are due, the longest due first. A source whose last poll lies in the
    /// future is due as well: the clock was set back.
    pub async fn due_polls(&self, now: DateTime<Utc>) -> Result<Vec<DuePoll>> {
        let sql = format!(
            "select id, name, failures, reason, accepts_any_list, feed_url, compared_at, etag, last_modified,
                    not_modified, not_modified_max, failing_since_at, is_failure_reported, volatile_parts,
                    kind, origin, title, url, zone
             from source
             where {IS_POLLED} and (next_poll_at <= ?1 or polled_at > ?1)
             order by next_poll_at, id"
        );
        let rows: Vec<DuePollRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(millis(now))
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().filter_map(DuePollRow::into_due_poll).collect())
    }

    /// Returns when the next source is due, apart from these.
    pub async fn next_poll_at(&self, but: &BTreeSet<SourceName>) -> Result<Option<DateTime<Utc>>> {
        let but = serde_json::Value::from_iter(but.iter().map(SourceName::as_str)).to_string();
        let sql = format!(
            "select min(next_poll_at) from source
             where {IS_POLLED} and name not in (select value from json_each(?))"
        );
        let at: Option<i64> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(but).fetch_one(&self.readers).await?;
        Ok(at.map(instant))
    }

    /// Returns all sources that are polled, for the operator.
    pub async fn source_states(&self) -> Result<Vec<SourceState>> {
        type Row = (String, String, String, Option<String>, Option<i64>, Option<i64>, i64, i64);
        let sql = format!(
            "select name, url, reason, note, polled_at, read_at,
                    (select count(*) from entry where source_id = source.id),
                    (select count(*) from subscription where source_id = source.id)
             from source where {IS_POLLED} order by name"
        );
        let rows: Vec<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
        let state =
            |(name, url, reason, note, polled, read, entries, subscriptions): Row| SourceState {
                name,
                url,
                reason: PollStatus::parse(&reason),
                note,
                polled_at: polled.map(instant),
                read_at: read.map(instant),
                entries,
                subscriptions,
            };
        Ok(rows.into_iter().map(state).collect())
    }

    /// Lets the next poll of a source, which is due at once, accept whatever it shows, even a page in the
    /// place of a feed. Returns false if there is no such source.
    pub async fn accept_any_list(&self, name: &SourceName, now: DateTime<Utc>) -> Result<bool> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "update source set accepts_any_list = 1, next_poll_at = ?2, etag = null, last_modified = null,
                compared_at = null
             where name = ?1 and watched = 1",
        )
        .bind(name.as_str())
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Replaces the configured counters of a source. They come after those of its page.
async fn configure_counters(tx: &mut Tx, source: &Source) -> Result<()> {
    let name = source.name.as_str();
    sqlx::query(
        "delete from counter where seen_at is null
            and source_id = (select id from source where name = ?)",
    )
    .bind(name)
    .execute(&mut **tx)
    .await?;
    for (n, counter) in (0i64..).zip(&source.counters) {
        sqlx::query(
            "insert into counter (source_id, key, since_on, template, position)
             select id, 'config:' || ?2, ?3, ?4, 1000 + ?2 from source where name = ?1",
        )
        .bind(name)
        .bind(n)
        .bind(counter.since_on.to_string())
        .bind(&counter.template)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
