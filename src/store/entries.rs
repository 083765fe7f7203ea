//! What readers ask for: the newest entries, and the counters.

use super::{Inbox, Result, Tx, chats::thread, day, instant};
use crate::domain::{Counter, Entry, Place};
use chrono::TimeDelta;
use chrono_tz::Tz;

/// An entry with the source that said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The institution's name.
    pub source_title: String,
    /// The entry.
    pub entry: Entry,
}

/// The counters of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCounters {
    /// The institution's name.
    pub title: String,
    /// Its page.
    pub url: String,
    /// The zone whose days it counts.
    pub zone: Tz,
    /// Its counters, in the order of the page.
    pub counters: Vec<Counter>,
}

/// How long a counter may be missing from healthy readings before it is taken as removed. Pages
/// have layouts that leave parts out, and a page that cannot be read removes nothing.
const COUNTER_MISSING_MAX: TimeDelta = TimeDelta::hours(24);

/// Which sources a place asks about: those it is subscribed to, or all that are watched.
const SOURCES_OF_PLACE: &str = "
    source.watched = 1 and (
        exists (select 1 from subscription s
                where s.source_id = source.id and s.chat_id = ?1 and s.thread_id = ?2)
        or not exists (select 1 from subscription s where s.chat_id = ?1 and s.thread_id = ?2))";

/// The columns of an entry `e` that make an [`EntryRow`].
pub(super) const ENTRY_COLUMNS: &str = "e.date_on, e.seen_at, e.title, e.link, e.lead";

/// An entry as it is stored.
#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    date_on: Option<String>,
    seen_at: i64,
    title: String,
    link: Option<String>,
    lead: Option<String>,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Entry {
            date_on: day(row.date_on.as_deref()),
            seen_at: instant(row.seen_at),
            title: row.title,
            link: row.link,
            lead: row.lead,
        }
    }
}

impl Inbox {
    /// The newest entries of the sources that concern a place, newest first.
    pub async fn latest(&mut self, place: Place, count: u32) -> Result<Vec<Listed>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            source_title: String,
            #[sqlx(flatten)]
            entry: EntryRow,
        }
        let sql = format!(
            "select source.title as source_title, {ENTRY_COLUMNS}
             from entry e join source on source.id = e.source_id
             where {SOURCES_OF_PLACE}
             order by e.order_on desc, e.id desc limit ?3"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(place.chat.0)
            .bind(thread(place))
            .bind(count)
            .fetch_all(&mut *self.tx)
            .await?;
        let listed = |row: Row| Listed { source_title: row.source_title, entry: row.entry.into() };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// The sources that concern a place with their counters, by name.
    pub async fn counters(&mut self, place: Place) -> Result<Vec<SourceCounters>> {
        let sql = format!(
            "select id, title, url, zone from source where {SOURCES_OF_PLACE} order by name"
        );
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(place.chat.0)
            .bind(thread(place))
            .fetch_all(&mut *self.tx)
            .await?;
        let mut sources = Vec::with_capacity(rows.len());
        for (id, title, url, zone) in rows {
            sources.push(SourceCounters {
                title,
                url,
                zone: zone.parse().unwrap_or(Tz::UTC),
                counters: counters_of(&mut self.tx, id).await?,
            });
        }
        Ok(sources)
    }
}

/// The counters of a source: configured ones, and those that its page still shows.
pub(super) async fn counters_of(tx: &mut Tx, source_id: i64) -> Result<Vec<Counter>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select c.since_on, c.words from counter c join source on source.id = c.source_id
         where source_id = ?1 and (c.seen_at is null or c.seen_at >= source.read_at - ?2)
         order by c.position, c.key",
    )
    .bind(source_id)
    .bind(COUNTER_MISSING_MAX.num_milliseconds())
    .fetch_all(&mut **tx)
    .await?;
    let counter = |(since_on, words): (String, String)| {
        Some(Counter { since_on: since_on.parse().ok()?, words })
    };
    Ok(rows.into_iter().filter_map(counter).collect())
}
