//! Sources: mirrored from the configuration, with the state of polling each of them.

use super::{
    Result, Store, Tx, UpdateTx,
    chats::thread,
    entries::{ENTRY_COLUMNS, EntryRow, SOURCES_OF_PLACE},
    instant, millis,
};
use crate::domain::{
    Entry, Health, Origin, PageNotes, Place, PollStatus, Source, SourceName, SourceOverview,
    ValidatorTrust, web_url::AddressPart,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use url::Url;

/// A source that is due, with what its next request should carry.
#[derive(Clone, Debug, PartialEq)]
pub struct DuePoll {
    /// Which one.
    pub name: SourceName,
    /// Its number in the database.
    pub source_id: i64,
    /// Unhealthy polls in a row so far.
    pub failures: u32,
    /// Whether its last healthy reading was a feed.
    pub was_feed: bool,
    /// Whether the operator takes whatever it shows next.
    pub accepts_any_list: bool,
    /// What the last poll came to.
    pub reason: PollStatus,
    /// The feed that stands for its page.
    pub feed_url: Option<Url>,
    /// When page and feeds were last compared.
    pub compared_at: Option<DateTime<Utc>>,
    /// The `ETag` of the last healthy reading, byte for byte.
    pub etag: Option<String>,
    /// Its `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// How far the server's word is believed that nothing changed.
    pub validators: ValidatorTrust,
    /// Since when it cannot be read.
    pub health: Health,
    /// Parts of addresses that differ at every reading.
    pub volatile_parts: BTreeSet<AddressPart>,
    /// The source itself, where people of chats had it watched; else it is in the operator's file.
    pub user_added: Option<Box<Source>>,
}

/// A source as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Its key.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What the last poll came to.
    pub reason: PollStatus,
    /// In words.
    pub note: Option<String>,
    /// When it was last polled.
    pub polled_at: Option<DateTime<Utc>>,
    /// When it was last read in good health.
    pub read_at: Option<DateTime<Utc>>,
    /// Entries known.
    pub entries: i64,
    /// Places subscribed.
    pub subscriptions: i64,
}

impl Store {
    /// Makes the database watch these sources and no others. A source whose address changed is
    /// due at once and without validators; one that is new is due at once.
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
                    -- A start is a reason to look: whoever changed the settings wants to see.
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

    /// The watched sources that are due, the longest due first. One that was polled at a time that
    /// is still to come is due as well: the clock was set back.
    pub async fn due_polls(&self, now: DateTime<Utc>) -> Result<Vec<DuePoll>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: i64,
            name: String,
            failures: u32,
            reason: String,
            was_feed: bool,
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
        let sql = format!(
            "select id, name, failures, reason, accepts_any_list, feed_url, compared_at, etag, last_modified,
                    not_modified, not_modified_max, failing_since_at, is_failure_reported, volatile_parts,
                    ifnull(kind in ('rss', 'atom', 'json_feed'), 0) as was_feed,
                    origin, title, url, zone
             from source
             where {IS_READ} and (next_poll_at <= ?1 or polled_at > ?1)
             order by next_poll_at, id"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(millis(now))
            .fetch_all(&self.readers)
            .await?;
        let due = rows.into_iter().filter_map(|row| {
            let name = SourceName::parse(&row.name)?;
            let of_chat = (row.origin == Origin::Chat.as_str()).then(|| {
                let url = row.url.parse().ok()?;
                let zone = row.zone.parse().unwrap_or(Tz::UTC);
                let source = Source::user_added(name.clone(), row.title.clone(), url);
                Some(Box::new(Source { zone, ..source }))
            });
            Some(DuePoll {
                name,
                user_added: of_chat.flatten(),
                source_id: row.id,
                failures: row.failures,
                was_feed: row.was_feed,
                accepts_any_list: row.accepts_any_list,
                validators: ValidatorTrust {
                    unchanged: row.not_modified,
                    unchanged_max: row.not_modified_max,
                },
                health: Health {
                    since_at: row.failing_since_at.map(instant),
                    is_reported: row.is_failure_reported,
                },
                volatile_parts: list(row.volatile_parts).into_iter().collect(),
                reason: PollStatus::parse(&row.reason),
                feed_url: row.feed_url.and_then(|url| url.parse().ok()),
                compared_at: row.compared_at.map(instant),
                etag: row.etag,
                last_modified: row.last_modified,
            })
        });
        Ok(due.collect())
    }

    /// When the next watched source is due that is not one of these.
    pub async fn next_poll_at(&self, but: &BTreeSet<SourceName>) -> Result<Option<DateTime<Utc>>> {
        let but = serde_json::Value::from_iter(but.iter().map(SourceName::as_str)).to_string();
        let sql = format!(
            "select min(next_poll_at) from source
             where {IS_READ} and name not in (select value from json_each(?))"
        );
        let at: Option<i64> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(but).fetch_one(&self.readers).await?;
        Ok(at.map(instant))
    }

    /// All watched sources, for the operator.
    pub async fn source_states(&self) -> Result<Vec<SourceState>> {
        type Row = (String, String, String, Option<String>, Option<i64>, Option<i64>, i64, i64);
        let rows: Vec<Row> = sqlx::query_as(
            "select name, url, reason, note, polled_at, read_at,
                    (select count(*) from entry where source_id = source.id),
                    (select count(*) from subscription where source_id = source.id)
             from source where watched = 1 and (origin = 'operator'
                or exists (select 1 from subscription where source_id = source.id))
             order by name",
        )
        .fetch_all(&self.readers)
        .await?;
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

    /// The operator takes what the source shows now, where a page came in the place of a feed; the next
    /// poll is due at once. False where no such source is watched.
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

/// Which sources are read: the operator's, and those of people as long as somebody is subscribed.
const IS_READ: &str = "watched = 1 and (origin = 'operator'
    or exists (select 1 from subscription where source_id = source.id))";

impl UpdateTx {
    /// The sources that a place can choose among, and those that it chose, by title.
    pub async fn source_overviews(&mut self, place: Place) -> Result<Vec<SourceOverview>> {
        let which = "source.watched = 1 and (source.origin = 'operator' or s.chat_id is not null)";
        self.overviews(place, which).await
    }

    /// The sources that concern a place, by title.
    pub async fn subscribed_overviews(&mut self, place: Place) -> Result<Vec<SourceOverview>> {
        self.overviews(place, SOURCES_OF_PLACE).await
    }

    async fn overviews(&mut self, place: Place, which: &str) -> Result<Vec<SourceOverview>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: i64,
            name: String,
            source_title: String,
            url: String,
            origin: String,
            is_subscribed: bool,
            has_choices: bool,
            reason: String,
            read_at: Option<i64>,
            held_since_at: Option<i64>,
            zone: String,
            contacts: Option<String>,
            clocks: Option<String>,
        }
        let sql = format!(
            "select source.id, source.name, source.title as source_title, source.url, source.origin,
                s.chat_id is not null as is_subscribed, s.settings is not null as has_choices,
                source.reason, source.read_at, hold.since_at as held_since_at, source.zone, source.contacts, source.clocks
             from source left join subscription s
                on s.source_id = source.id and s.chat_id = ?1 and s.thread_id = ?2
             left join hold on hold.source_id = source.id and hold.is_active = 1
             where {which} order by source.title, source.id"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(place.chat.0)
            .bind(thread(place))
            .fetch_all(&mut *self.tx)
            .await?;
        let newest = format!(
            "select {ENTRY_COLUMNS} from entry e where source_id = ?
             order by order_on desc, id desc limit 1"
        );
        let mut cards = Vec::with_capacity(rows.len());
        for row in rows {
            let newest: Option<EntryRow> = sqlx::query_as(sqlx::AssertSqlSafe(newest.clone()))
                .bind(row.id)
                .fetch_optional(&mut *self.tx)
                .await?;
            cards.push(SourceOverview {
                source_id: row.id,
                name: row.name,
                title: row.source_title,
                url: row.url,
                origin: Origin::parse(&row.origin),
                is_subscribed: row.is_subscribed,
                has_settings: row.has_choices,
                newest: newest.map(Entry::from),
                reason: PollStatus::parse(&row.reason),
                read_at: row.read_at.map(instant),
                held_since_at: row.held_since_at.map(instant),
                zone: row.zone.parse().unwrap_or(Tz::UTC),
                notes: PageNotes { contacts: list(row.contacts), clocks: list(row.clocks) },
            });
        }
        Ok(cards)
    }
}

fn list<T: serde::de::DeserializeOwned>(json: Option<String>) -> Vec<T> {
    json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

impl Store {
    /// Keeps who the bot is.
    pub async fn set_username(&self, username: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into bot (id, username) values (1, ?1)
             on conflict (id) do update set username = ?1",
        )
        .bind(username)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}

/// Makes the configured counters of a source these, after those of its page.
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
