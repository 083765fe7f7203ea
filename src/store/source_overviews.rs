//! Sources as they are shown to a place.

use super::{
    Result, UpdateTx,
    encoding::{from_json, instant, thread},
    entries::{ENTRY_COLUMNS, EntryRow, SOURCES_OF_PLACE},
};
use crate::domain::{Entry, Origin, PageNotes, Place, PollStatus, SourceId, SourceOverview};
use chrono_tz::Tz;

impl UpdateTx {
    /// Returns the sources that a place may choose, and those that it is subscribed to, by title.
    pub async fn source_overviews(&mut self, place: Place) -> Result<Vec<SourceOverview>> {
        let which = "source.watched = 1 and (source.origin = 'operator' or s.chat_id is not null)";
        self.overviews(place, which).await
    }

    /// Returns the sources of a place, by title: those that it is subscribed to, else all of the
    /// operator.
    pub async fn overviews_of_place(&mut self, place: Place) -> Result<Vec<SourceOverview>> {
        self.overviews(place, SOURCES_OF_PLACE).await
    }

    async fn overviews(&mut self, place: Place, which: &str) -> Result<Vec<SourceOverview>> {
        let sql = format!(
            "select source.id, source.name, source.title as source_title, source.url, source.origin,
                s.chat_id is not null as is_subscribed, s.settings is not null as has_settings,
                source.reason, source.read_at, hold.since_at as held_since_at, source.zone,
                source.contacts, source.clocks
             from source left join subscription s
                on s.source_id = source.id and s.chat_id = ?1 and s.thread_id = ?2
             left join hold on hold.source_id = source.id and hold.is_active = 1
             where {which} order by source.title, source.id"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(place.chat)
            .bind(thread(place))
            .fetch_all(&mut *self.tx)
            .await?;
        let newest = format!(
            "select {ENTRY_COLUMNS} from entry e where source_id = ?
             order by order_on desc, id desc limit 1"
        );
        let mut overviews = Vec::with_capacity(rows.len());
        for row in rows {
            let newest: Option<EntryRow> = sqlx::query_as(sqlx::AssertSqlSafe(newest.clone()))
                .bind(row.id)
                .fetch_optional(&mut *self.tx)
                .await?;
            overviews.push(row.into_overview(newest));
        }
        Ok(overviews)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: SourceId,
    name: String,
    source_title: String,
    url: String,
    origin: String,
    is_subscribed: bool,
    has_settings: bool,
    reason: String,
    read_at: Option<i64>,
    held_since_at: Option<i64>,
    zone: String,
    contacts: Option<String>,
    clocks: Option<String>,
}

impl Row {
    fn into_overview(self, newest: Option<EntryRow>) -> SourceOverview {
        SourceOverview {
            source_id: self.id,
            name: self.name,
            title: self.source_title,
            url: self.url,
            origin: Origin::parse(&self.origin),
            is_subscribed: self.is_subscribed,
            has_settings: self.has_settings,
            newest: newest.map(Entry::from),
            reason: PollStatus::parse(&self.reason),
            read_at: self.read_at.map(instant),
            held_since_at: self.held_since_at.map(instant),
            zone: self.zone.parse().unwrap_or(Tz::UTC),
            notes: PageNotes { contacts: from_json(self.contacts), clocks: from_json(self.clocks) },
        }
    }
}
