//! What is known about the entries of a list, for detection.
//!
//! Guarantees: one snapshot of the database; each item of the list is looked up by an index, however
//! many entries the source has.

use super::{
    Result, Store,
    encoding::{day, from_json, json, millis},
    holds,
    tx::Tx,
};
use crate::{
    detect::{KeyOwner, KeyedCandidate, Known, KnownEntry},
    domain::{Candidate, EntryId, EntryKey, SourceId},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// The newest entries among which those without a day are loaded, whether or not the last list had them.
const RECENT_MAX: i64 = 200;

/// The entries that have these keys (?2), or keys with these prefixes (?3) and an ordinal, in a source
/// (?1). An ordinal is digits, and ':' sorts after '9'.
///
/// Here and below, `cross join` makes SQLite look up each item of the list. With a plain join it may
/// read the whole list for each row of a table.
const OWNERS: &str = "select k.key, k.entry_id, k.is_shared from json_each(?2) j
    cross join entry_key k on k.source_id = ?1 and k.key = j.value
    union
    select k.key, k.entry_id, k.is_shared from json_each(?3) j
    cross join entry_key k on k.source_id = ?1 and k.key >= j.value and k.key < j.value || ':'";

/// The entries with these ids.
const ENTRIES: &str = "select e.id, e.date_on, e.title, e.link, e.lead
    from json_each(?) j cross join entry e on e.id = j.value";

/// The keys of these entries.
const KEYS: &str = "select k.entry_id, k.key, k.is_shared
    from json_each(?) j cross join entry_key k on k.entry_id = j.value";

impl Store {
    /// Returns what is known about these candidates.
    pub async fn known(&self, source_id: SourceId, candidates: &[KeyedCandidate]) -> Result<Known> {
        let mut tx = self.begin_reading().await?;
        let mut known = source_state(&mut tx, source_id).await?;
        known.by_key = owners(&mut tx, source_id, candidates).await?;
        let undated = recent_undated(&mut tx, source_id).await?;
        let of_keys = known.by_key.values().map(|owner| owner.entry_id);
        let ids: BTreeSet<EntryId> =
            of_keys.chain(known.listed.iter().copied()).chain(undated).collect();
        known.entries = entries(&mut tx, &ids).await?;
        tx.rollback().await?;
        Ok(known)
    }

    /// Returns how many entries of a source came since then, without those that its baseline or a
    /// decision about a held list added.
    pub async fn added(&self, source_id: SourceId, since: DateTime<Utc>) -> Result<usize> {
        let added: i64 = sqlx::query_scalar(
            "select count(*) from entry where source_id = ?1 and seen_at > max(?2,
                (select max(ifnull(baseline_at, 0), ifnull(decided_at, 0)) from source where id = ?1))",
        )
        .bind(source_id)
        .bind(millis(since))
        .fetch_one(&self.readers)
        .await?;
        Ok(usize::try_from(added).unwrap_or(usize::MAX))
    }
}

/// What is known about a source, apart from its entries.
async fn source_state(tx: &mut Tx, source_id: SourceId) -> Result<Known> {
    type Row = (bool, Option<String>, bool, Option<String>, Option<String>, bool);
    let (has_baseline, newest_on, has_entries, listed, volatile, is_open): Row = sqlx::query_as(
        // Future dates are not used to decide what is new.
        "select baseline_at is not null,
            (select max(order_on) from entry where source_id = source.id and date_on = order_on),
            exists (select 1 from entry where source_id = source.id),
            last_list, volatile_parts,
            exists (select 1 from delivery where is_notice = 1 and settled_at is null)
         from source where id = ?",
    )
    .bind(source_id)
    .fetch_one(&mut **tx)
    .await?;
    Ok(Known {
        has_baseline,
        has_entries,
        newest_on: day(newest_on.as_deref()),
        listed: from_json(listed),
        volatile: from_json(volatile),
        is_question_open: is_open,
        hold: holds::read(tx, source_id).await?,
        ..Known::default()
    })
}

/// The known keys of candidates, or keys with the same prefix, with the entries that have them.
async fn owners(
    tx: &mut Tx,
    source_id: SourceId,
    candidates: &[KeyedCandidate],
) -> Result<BTreeMap<EntryKey, KeyOwner>> {
    let keys = || candidates.iter().flat_map(|candidate| &candidate.keys);
    let exact: Vec<&str> = keys().map(EntryKey::as_str).collect();
    let prefixes: Vec<&str> = keys().filter_map(|key| Some(key.prefix()?.0)).collect();
    let rows: Vec<(String, EntryId, bool)> = sqlx::query_as(OWNERS)
        .bind(source_id)
        .bind(json(&exact))
        .bind(json(&prefixes))
        .fetch_all(&mut **tx)
        .await?;
    let owner =
        |(key, entry_id, is_shared)| (EntryKey::from_stored(key), KeyOwner { entry_id, is_shared });
    Ok(rows.into_iter().map(owner).collect())
}

/// The newest entries without a day.
async fn recent_undated(tx: &mut Tx, source_id: SourceId) -> Result<Vec<EntryId>> {
    Ok(sqlx::query_scalar(
        "select id from (select id, date_on from entry where source_id = ?
            order by order_on desc, id desc limit ?)
         where date_on is null",
    )
    .bind(source_id)
    .bind(RECENT_MAX)
    .fetch_all(&mut **tx)
    .await?)
}

/// Entries by their ids, with all their keys.
async fn entries(tx: &mut Tx, ids: &BTreeSet<EntryId>) -> Result<BTreeMap<EntryId, KnownEntry>> {
    type Row = (EntryId, Option<String>, String, Option<String>, Option<String>);
    let ids = json(ids);
    let rows: Vec<Row> = sqlx::query_as(ENTRIES).bind(&ids).fetch_all(&mut **tx).await?;
    let mut entries = BTreeMap::new();
    for (id, date_on, title, link, lead) in rows {
        let candidate = Candidate {
            date_on: day(date_on.as_deref()),
            title,
            link: link.and_then(|link| link.parse().ok()),
            lead,
            ..Candidate::default()
        };
        entries.insert(id, KnownEntry { candidate, keys: Vec::new() });
    }
    let keys: Vec<(EntryId, String, bool)> =
        sqlx::query_as(KEYS).bind(&ids).fetch_all(&mut **tx).await?;
    for (id, key, is_shared) in keys {
        if let Some(entry) = entries.get_mut(&id) {
            entry.keys.push((EntryKey::from_stored(key), is_shared));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query_plan::plan;

    #[tokio::test]
    async fn known_entries_are_looked_up_item_by_item() {
        let cases: [(&str, &[&str]); 3] = [
            (OWNERS, &["key=?", "key>? AND key<?"]),
            (ENTRIES, &["rowid=?"]),
            (KEYS, &["entry_id=?"]),
        ];
        for (sql, wanted) in cases {
            let mut steps = plan(sql).await;
            steps.retain(|step| step.starts_with("SCAN") || step.starts_with("SEARCH"));
            assert_eq!(steps.len(), 2 * wanted.len(), "{steps:?}");
            for (pair, wanted) in steps.chunks(2).zip(wanted) {
                assert!(pair[0].starts_with("SCAN j VIRTUAL TABLE"), "{steps:?}");
                assert!(pair[1].starts_with("SEARCH") && pair[1].contains(wanted), "{steps:?}");
            }
        }
    }
}
