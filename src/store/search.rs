//! The full-text search of entries.
//!
//! Guarantees: results come newest first, and each page costs as much as the first.
//! Out of scope: parsing a query (`domain::search_query`).

use super::{
    Result, Store, UpdateTx,
    encoding::day,
    entries::{ENTRY_COLUMNS, EntryWithSourceRow, page_of, source_ids},
    tx::Tx,
};
use crate::domain::{
    EntryId, EntryPage, Place, SourceId,
    archive::Cursor,
    search_query::{Query, index_text},
};
use chrono::{Datelike, NaiveDate};

/// The most entries that are indexed in one transaction.
const INDEXED_MAX: i64 = 500;

/// The rowid of an entry in the index is the number of its day times this, plus its id (see the
/// migration).
const DAY_FACTOR: i64 = 1_000_000_000;

impl UpdateTx {
    /// Returns a page of the entries that match a query, of the sources of a place, newest first.
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
        Ok(page_of(rows, cursor, count))
    }
}

impl Store {
    /// Indexes the next entries that are not in the index. Returns their number.
    pub async fn index_batch(&self) -> Result<usize> {
        let any = "select exists (select 1 from entry where is_indexed = 0)";
        if !sqlx::query_scalar(any).fetch_one(&self.readers).await? {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let ids: Vec<EntryId> =
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

/// The rowid of an entry in the index.
fn row_number(order_on: NaiveDate, entry_id: EntryId) -> i64 {
    i64::from(order_on.num_days_from_ce()) * DAY_FACTOR + entry_id.0 % DAY_FACTOR
}

/// Indexes an entry as it is now, with its full text if that is known. `was_on`: the day under which
/// it was indexed before.
pub(super) async fn index(tx: &mut Tx, entry_id: EntryId, was_on: Option<NaiveDate>) -> Result<()> {
    type Row = (SourceId, String, String, Option<String>, Option<String>, bool);
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
    let indexed = index_text(&all);
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
