//! What readers ask for: the newest entries, the archive page by page, a search.
//!
//! Promises: each page costs as much as the first, however far back it is and however many entries there
//! are: a page begins after an entry, not after a number of them, and of each source no more is looked at
//! than a page holds.

use super::{Result, Store, Tx, UpdateTx, chats::thread, day, instant};
use crate::domain::{
    ArchiveYear, Entry, EntryPage, EntryRef, EntryWithSource, Place,
    callback::{ArchiveQuery, Cursor},
    search_query::{self, Query},
};
use chrono::{Datelike, Months, NaiveDate};

/// Entries on a page of the archive and of a search.
pub const PAGE_ENTRIES: usize = 10;
/// Entries that are made searchable in one transaction.
const INDEXED_MAX: i64 = 500;
/// See the migration: the number of a row of the search is that of the day times this, plus the entry's.
const DAY_FACTOR: i64 = 1_000_000_000;

/// Which sources a place asks about: those it is subscribed to, or all that the operator has watched.
pub(super) const SOURCES_OF_PLACE: &str = "
    source.watched = 1 and (
        exists (select 1 from subscription s
                where s.source_id = source.id and s.chat_id = ?1 and s.thread_id = ?2)
        or (source.origin = 'operator' and not exists (
            select 1 from subscription s where s.chat_id = ?1 and s.thread_id = ?2)))";

/// The columns of an entry `e` that make an [`EntryRow`].
pub(super) const ENTRY_COLUMNS: &str =
    "e.id as entry_id, e.date_on, e.order_on, e.seen_at, e.title, e.link, e.lead";

/// An entry as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct EntryRow {
    entry_id: i64,
    date_on: Option<String>,
    order_on: String,
    seen_at: i64,
    title: String,
    link: Option<String>,
    lead: Option<String>,
}

impl EntryRow {
    pub(super) fn entry_id(&self) -> i64 {
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
struct EntryWithSourceRow {
    source_title: String,
    secret: u32,
    #[sqlx(flatten)]
    entry: EntryRow,
}

/// What entries are sorted by.
type Order = (String, i64);

impl EntryWithSourceRow {
    fn order(&self) -> Order {
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
    /// The newest entries of the sources that concern a place, or of one of them, newest first.
    pub async fn latest(
        &mut self,
        place: Place,
        source_id: Option<i64>,
        count: usize,
    ) -> Result<Vec<EntryWithSource>> {
        let view = ArchiveQuery { source_id, month_on: None, cursor: Cursor::First };
        let mut rows = self.rows(place, view, count).await?;
        rows.truncate(count);
        Ok(rows.into_iter().map(EntryWithSource::from).collect())
    }

    /// A page of the archive of a place.
    pub async fn archive(&mut self, place: Place, view: ArchiveQuery) -> Result<EntryPage> {
        let rows = self.rows(place, view, PAGE_ENTRIES + 1).await?;
        page(rows, view.cursor)
    }

    /// The rows of a view, the next `count` from its cursor on, newest first.
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
        // The days in question, so that nothing is looked at that is before or after them. Text sorts as
        // days do: what is empty comes before all of them, '~' after.
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
            Cursor::First => (true, ("~".to_owned(), i64::MAX)),
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

    /// The months of a year in which there are entries of a place, or of one source, with the newest year
    /// where none is given; and the years before and after it in which there are some.
    pub async fn months(
        &mut self,
        place: Place,
        source_id: Option<i64>,
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

    /// The entries of the sources that concern a place in which something is found, a page of them,
    /// newest first.
    pub async fn search(
        &mut self,
        place: Place,
        query: &Query,
        cursor: Cursor,
        count: usize,
    ) -> Result<EntryPage> {
        let sources = source_ids(&mut self.tx, place).await?;
        if sources.is_empty() {
            return Ok(EntryPage::default());
        }
        let of_sources: Vec<String> = sources.iter().map(|id| format!("\"s{id}\"")).collect();
        let wanted = format!("({}) AND source : ({})", query.fts(), of_sources.join(" OR "));
        let (than, order, at) = match cursor {
            Cursor::First => ("<", "desc", i64::MAX),
            Cursor::OlderThan(on, id) => ("<", "desc", row_number(on, id)),
            Cursor::NewerThan(on, id) => (">", "asc", row_number(on, id)),
        };
        let sql = format!(
            "select rowid from search where search match ?1 and rowid {than} ?2
             order by rowid {order} limit ?3"
        );
        let found: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(wanted)
            .bind(at)
            .bind(i64::try_from(count + 1).unwrap_or(i64::MAX))
            .fetch_all(&mut *self.tx)
            .await?;
        let ids =
            serde_json::Value::from_iter(found.iter().map(|row| row % DAY_FACTOR)).to_string();
        let sql = format!(
            "select source.title as source_title, source.secret, {ENTRY_COLUMNS}
             from json_each(?) j cross join entry e on e.id = j.value
             join source on source.id = e.source_id"
        );
        let mut rows: Vec<EntryWithSourceRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.tx).await?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.order()));
        page_of(rows, cursor, count)
    }

    /// An entry by its handle, if the place may see it: what the operator has watched, what the chat is
    /// subscribed to, and what somebody passed on.
    pub async fn entry(
        &mut self,
        place: Place,
        handle: EntryRef,
    ) -> Result<Option<EntryWithSource>> {
        let sql = format!(
            "select source.title as source_title, source.secret, {ENTRY_COLUMNS}
             from entry e join source on source.id = e.source_id
             where e.id = ?1 and (source.origin = 'operator' or source.secret = ?2
                or exists (select 1 from subscription s
                    where s.source_id = source.id and s.chat_id = ?3))"
        );
        let row: Option<EntryWithSourceRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(handle.entry_id)
            .bind(handle.secret)
            .bind(place.chat.0)
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.map(EntryWithSource::from))
    }
}

fn page(rows: Vec<EntryWithSourceRow>, cursor: Cursor) -> Result<EntryPage> {
    page_of(rows, cursor, PAGE_ENTRIES)
}

/// Makes a page of rows, newest first, of which there is one more than the page holds if there are more.
fn page_of(mut rows: Vec<EntryWithSourceRow>, cursor: Cursor, count: usize) -> Result<EntryPage> {
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
    Ok(EntryPage { entries: rows.into_iter().map(EntryWithSource::from).collect(), newer, older })
}

/// The numbers of the sources that concern a place.
pub(super) async fn source_ids(tx: &mut Tx, place: Place) -> Result<Vec<i64>> {
    let sql = format!("select id from source where {SOURCES_OF_PLACE} order by id");
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(place.chat.0)
        .bind(thread(place))
        .fetch_all(&mut **tx)
        .await?)
}

fn row_number(order_on: NaiveDate, entry_id: i64) -> i64 {
    i64::from(order_on.num_days_from_ce()) * DAY_FACTOR + entry_id % DAY_FACTOR
}

/// Makes an entry searchable as it is now, with its whole text where that is known. `was_on`: the day
/// under which it was before.
pub(super) async fn index(tx: &mut Tx, entry_id: i64, was_on: Option<NaiveDate>) -> Result<()> {
    type Row = (i64, String, String, Option<String>, Option<String>, bool);
    let row: Option<Row> = sqlx::query_as(
        "select source_id, order_on, title, lead,
            (select group_concat(value ->> 'text', char(10)) from article, json_each(body, '$.paragraphs')
             where article.entry_id = e.id),
            is_indexed
         from entry e where id = ?",
    )
    .bind(entry_id)
    .fetch_optional(&mut **tx)
    .await?;
    let Some((source_id, order_on, title, lead, text, is_known)) = row else {
        return Ok(());
    };
    let on = day(Some(&order_on)).unwrap_or_default();
    if is_known {
        sqlx::query("delete from search where rowid = ?")
            .bind(row_number(was_on.unwrap_or(on), entry_id))
            .execute(&mut **tx)
            .await?;
    }
    let all = [Some(title), lead, text].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let indexed = search_query::index_text(&all);
    sqlx::query("insert into search (rowid, words, stems, source) values (?, ?, ?, ?)")
        .bind(row_number(on, entry_id))
        .bind(indexed.words)
        .bind(indexed.stems)
        .bind(format!("s{source_id}"))
        .execute(&mut **tx)
        .await?;
    sqlx::query("update entry set is_indexed = 1 where id = ?")
        .bind(entry_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Makes the next entries searchable that are not; how many there were.
    pub async fn index_batch(&self) -> Result<usize> {
        let any = "select exists (select 1 from entry where is_indexed = 0)";
        if !sqlx::query_scalar(any).fetch_one(&self.readers).await? {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let ids: Vec<i64> =
            sqlx::query_scalar("select id from entry where is_indexed = 0 order by id limit ?")
                .bind(INDEXED_MAX)
                .fetch_all(&mut *tx)
                .await?;
        for id in &ids {
            index(&mut tx, *id, None).await?;
        }
        tx.commit().await?;
        Ok(ids.len())
    }
}
