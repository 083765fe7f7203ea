//! Entries as they are shown: the newest ones, and the archive page by page.
//!
//! Guarantees: each page costs as much as the first, however many entries there are. A page begins
//! after an entry and not after a number of them, and of each source no more rows are read than a page
//! holds.
//! Out of scope: searching (`search`), and storing entries (`polls`).

use super::{
    Result, UpdateTx,
    encoding::{day, instant, thread},
    tx::Tx,
};
use crate::domain::{
    ArchiveYear, Entry, EntryId, EntryPage, EntryRef, EntryWithSource, Place, SourceId,
    archive::{ArchiveQuery, Cursor},
};
use chrono::{Datelike, Months, NaiveDate};

/// Entries on a page of the archive or of a search.
pub const PAGE_ENTRIES: usize = 10;

/// The condition for the sources of a place: those that it is subscribed to, or else all sources of the
/// operator. ?1 is the chat, ?2 the topic.
pub(super) const SOURCES_OF_PLACE: &str = "
    source.watched = 1 and (
        exists (select 1 from subscription s
                where s.source_id = source.id and s.chat_id = ?1 and s.thread_id = ?2)
        or (source.origin = 'operator' and not exists (
            select 1 from subscription s where s.chat_id = ?1 and s.thread_id = ?2)))";

/// The columns of an entry `e` for an [`EntryRow`].
pub(super) const ENTRY_COLUMNS: &str =
    "e.id as entry_id, e.date_on, e.order_on, e.seen_at, e.title, e.link, e.lead";

/// An entry as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct EntryRow {
    entry_id: EntryId,
    date_on: Option<String>,
    order_on: String,
    seen_at: i64,
    title: String,
    link: Option<String>,
    lead: Option<String>,
}

impl EntryRow {
    pub(super) fn entry_id(&self) -> EntryId {
        self.entry_id
    }
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

#[derive(sqlx::FromRow)]
pub(super) struct EntryWithSourceRow {
    source_title: String,
    secret: u32,
    #[sqlx(flatten)]
    entry: EntryRow,
}

/// What entries are sorted by: day and id.
type Order = (String, EntryId);

impl EntryWithSourceRow {
    pub(super) fn order(&self) -> Order {
        (self.entry.order_on.clone(), self.entry.entry_id)
    }
}

impl From<EntryWithSourceRow> for EntryWithSource {
    fn from(row: EntryWithSourceRow) -> Self {
        EntryWithSource {
            entry_ref: EntryRef { entry_id: row.entry.entry_id, secret: row.secret },
            source_title: row.source_title,
            entry: row.entry.into(),
        }
    }
}

impl UpdateTx {
    /// Returns the newest entries of the sources of a place, or of one source, newest first.
    pub async fn latest(
        &mut self,
        place: Place,
        source_id: Option<SourceId>,
        count: usize,
    ) -> Result<Vec<EntryWithSource>> {
        let view = ArchiveQuery { source_id, month_on: None, cursor: Cursor::First };
        let mut rows = self.rows(place, view, count).await?;
        rows.truncate(count);
        Ok(rows.into_iter().map(EntryWithSource::from).collect())
    }

    /// Returns a page of the archive of a place.
    pub async fn archive(&mut self, place: Place, view: ArchiveQuery) -> Result<EntryPage> {
        let rows = self.rows(place, view, PAGE_ENTRIES + 1).await?;
        Ok(page_of(rows, view.cursor, PAGE_ENTRIES))
    }

    /// Returns the next `count` rows of a view from its cursor on, newest first.
    async fn rows(
        &mut self,
        place: Place,
        view: ArchiveQuery,
        count: usize,
    ) -> Result<Vec<EntryWithSourceRow>> {
        let sources = match view.source_id {
            Some(source_id) => vec![source_id],
            None => source_ids(&mut self.tx, place).await?,
        };
        // The range of days, so that no row outside of it is read. As text, the empty string sorts
        // before all days, and '~' after them.
        let day_after = |on: NaiveDate| on.succ_opt().unwrap_or(on).to_string();
        let (mut from_on, mut to_on) = match view.month_on {
            Some(on) => {
                let next_on = on.checked_add_months(Months::new(1)).unwrap_or(on);
                (on.to_string(), next_on.to_string())
            }
            None => (String::new(), "~".to_owned()),
        };
        match view.cursor {
            Cursor::First => {}
            Cursor::OlderThan(on, _) => to_on = to_on.min(day_after(on)),
            Cursor::NewerThan(on, _) => from_on = from_on.max(on.to_string()),
        }
        let (is_older, (at_on, at_id)) = match view.cursor {
            Cursor::First => (true, ("~".to_owned(), EntryId(i64::MAX))),
            Cursor::OlderThan(on, id) => (true, (on.to_string(), id)),
            Cursor::NewerThan(on, id) => (false, (on.to_string(), id)),
        };
        let (than, order) = if is_older { ("<", "desc") } else { (">", "asc") };
        let sql = format!(
            "select source.title as source_title, source.secret, {ENTRY_COLUMNS}
             from entry e join source on source.id = e.source_id
             where e.source_id = ?1 and e.order_on >= ?2 and e.order_on < ?3
                and (e.order_on, e.id) {than} (?4, ?5)
             order by e.order_on {order}, e.id {order} limit ?6"
        );
        let mut rows: Vec<EntryWithSourceRow> = Vec::new();
        for source_id in sources {
            let found: Vec<EntryWithSourceRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql.clone()))
                .bind(source_id)
                .bind(&from_on)
                .bind(&to_on)
                .bind(&at_on)
                .bind(at_id)
                .bind(i64::try_from(count).unwrap_or(i64::MAX))
                .fetch_all(&mut *self.tx)
                .await?;
            rows.extend(found);
        }
        rows.sort_by_key(EntryWithSourceRow::order);
        if is_older {
            rows.reverse();
            rows.truncate(count);
        } else {
            rows.truncate(count);
            rows.reverse();
        }
        Ok(rows)
    }

    /// Returns the months of a year that have entries of the sources of a place, or of one source, and
    /// whether there are years before and after it. Without `year` it is the newest one.
    pub async fn months(
        &mut self,
        place: Place,
        source_id: Option<SourceId>,
        year: Option<i32>,
    ) -> Result<ArchiveYear> {
        let sources = match source_id {
            Some(source_id) => vec![source_id],
            None => source_ids(&mut self.tx, place).await?,
        };
        let mut years: Vec<i32> = Vec::new();
        for (source_id, edge) in sources.iter().flat_map(|id| [(id, "min"), (id, "max")]) {
            let sql = format!("select {edge}(order_on) from entry where source_id = ?");
            let on: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                .bind(source_id)
                .fetch_one(&mut *self.tx)
                .await?;
            years.extend(day(on.as_deref()).map(|on| on.year()));
        }
        let (first, last) = (years.iter().min().copied(), years.iter().max().copied());
        let Some((first, last)) = first.zip(last) else {
            return Ok(ArchiveYear::default());
        };
        let year = year.unwrap_or(last).clamp(first, last);
        let mut months = Vec::new();
        for month in 1..=12 {
            let Some(on) = NaiveDate::from_ymd_opt(year, month, 1) else { continue };
            let next_on = on.checked_add_months(Months::new(1)).unwrap_or(on);
            for source_id in &sources {
                let has_any: bool = sqlx::query_scalar(
                    "select exists (select 1 from entry
                        where source_id = ? and order_on >= ? and order_on < ?)",
                )
                .bind(source_id)
                .bind(on.to_string())
                .bind(next_on.to_string())
                .fetch_one(&mut *self.tx)
                .await?;
                if has_any {
                    months.push(on);
                    break;
                }
            }
        }
        Ok(ArchiveYear {
            number: year,
            months,
            before: (year > first).then_some(year - 1),
            after: (year < last).then_some(year + 1),
        })
    }

    /// Returns an entry, if the place may see it: entries of the sources of the operator, of sources
    /// that the chat is subscribed to, and those whose secret a user passed on.
    pub async fn entry(
        &mut self,
        place: Place,
        entry_ref: EntryRef,
    ) -> Result<Option<EntryWithSource>> {
        let sql = format!(
            "select source.title as source_title, source.secret, {ENTRY_COLUMNS}
             from entry e join source on source.id = e.source_id
             where e.id = ?1 and (source.origin = 'operator' or source.secret = ?2
                or exists (select 1 from subscription s
                    where s.source_id = source.id and s.chat_id = ?3))"
        );
        let row: Option<EntryWithSourceRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(entry_ref.entry_id)
            .bind(entry_ref.secret)
            .bind(place.chat)
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.map(EntryWithSource::from))
    }
}

/// Builds a page from rows, newest first. There is one row more than the page holds if there are more.
pub(super) fn page_of(
    mut rows: Vec<EntryWithSourceRow>,
    cursor: Cursor,
    count: usize,
) -> EntryPage {
    let has_more = rows.len() > count;
    let (has_newer, has_older) = match cursor {
        Cursor::First => (false, has_more),
        Cursor::OlderThan(..) => (true, has_more),
        Cursor::NewerThan(..) => (has_more, true),
    };
    match cursor {
        Cursor::NewerThan(..) if has_more => drop(rows.remove(0)),
        _ => rows.truncate(count),
    }
    let at = |row: Option<&EntryWithSourceRow>| {
        let row = row?;
        Some((day(Some(&row.entry.order_on))?, row.entry.entry_id))
    };
    let newer = at(rows.first()).filter(|_| has_newer).map(|(on, id)| Cursor::NewerThan(on, id));
    let older = at(rows.last()).filter(|_| has_older).map(|(on, id)| Cursor::OlderThan(on, id));
    EntryPage { entries: rows.into_iter().map(EntryWithSource::from).collect(), newer, older }
}

/// Returns the ids of the sources of a place.
pub(super) async fn source_ids(tx: &mut Tx, place: Place) -> Result<Vec<SourceId>> {
    let sql = format!("select id from source where {SOURCES_OF_PLACE} order by id");
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(place.chat)
        .bind(thread(place))
        .fetch_all(&mut **tx)
        .await?)
}
