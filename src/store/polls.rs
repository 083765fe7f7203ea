//! Recording a poll: entries and their notifications in one transaction.
//!
//! Promises: an entry is announced in the transaction that makes it known, to exactly the places
//! subscribed at that moment. A poll that was not healthy changes nothing but the source's state.

use super::{
    Result, Store, Tx, day, entries, holds, millis,
    outbox::{self, fanout},
};
use crate::{
    detect::{Changes, KeyOwner, KeyedCandidate, Known, KnownEntry, Place as Listed, Verdict},
    domain::{
        Candidate, CounterSeen, DocumentKind, EntryKey, Health, Hold, PageNotes, PollStatus, Reply,
        ValidatorTrust, counter::reconcile_start, web_url::AddressPart,
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Edits of one entry that are kept; a title that changes with every look keeps no more.
const REVISIONS_MAX: i64 = 20;
/// The newest entries among which those without a day are looked at again, whatever the last list showed.
const RECENT_MAX: i64 = 200;

/// Whose keys (?2) and stems (?3) of a source (?1) are. An ordinal is digits, and ':' comes after '9'.
///
/// Here and below each item of the list is looked up. With a plain join the planner may read the list anew
/// for each row of a table.
const OWNERS: &str = "select k.key, k.entry_id, k.is_shared from json_each(?2) j
    cross join entry_key k on k.source_id = ?1 and k.key = j.value
    union
    select k.key, k.entry_id, k.is_shared from json_each(?3) j
    cross join entry_key k on k.source_id = ?1 and k.key >= j.value and k.key < j.value || ':'";
/// The entries of these numbers.
const ENTRIES: &str = "select e.id, e.date_on, e.title, e.link, e.lead
    from json_each(?) j cross join entry e on e.id = j.value";
/// Their keys.
const KEYS: &str = "select k.entry_id, k.key, k.is_shared
    from json_each(?) j cross join entry_key k on k.entry_id = j.value";

/// What a poll came to.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Which source.
    pub source_id: i64,
    /// The code of the outcome.
    pub reason: PollStatus,
    /// The outcome in words for the operator, where there is something to say.
    pub note: Option<String>,
    /// When it was made.
    pub polled_at: DateTime<Utc>,
    /// The same time as a day in the source's zone.
    pub polled_on: NaiveDate,
    /// When the next one is due.
    pub next_poll_at: DateTime<Utc>,
    /// What was read, when something was.
    pub verdict: Option<Verdict>,
    /// Whether texts that changed were edited; else they are only those of another document.
    pub is_edit: bool,
    /// With more new entries than these, one message tells of all.
    pub digest_above: usize,
    /// The counters that were read.
    pub counters: Vec<CounterSeen>,
    /// What the page shows beside its list; `None`: no page was read.
    pub notes: Option<PageNotes>,
    /// What sort of document it was, when something was read.
    pub kind: Option<DocumentKind>,
    /// The `ETag` of the answer, byte for byte.
    pub etag: Option<String>,
    /// Its `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// The feed that stands for the page.
    pub feed_url: Option<Url>,
    /// When page and feeds were last compared.
    pub compared_at: Option<DateTime<Utc>>,
    /// What becomes of the hold of the source.
    pub hold: HoldChange,
    /// Parts of addresses that differ at every reading, as far as they are found.
    pub volatile_parts: BTreeSet<AddressPart>,
    /// How far the server's word is believed that nothing changed.
    pub validators: ValidatorTrust,
    /// Since when it cannot be read.
    pub health: Health,
    /// What the operator has to know.
    pub notices: Vec<Reply>,
}

/// What becomes of the hold of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HoldChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is this from now on.
    Set(Box<Hold>),
    /// There is none any more; what it was is remembered for a while.
    End,
    /// The same, because somebody decided, or its time had come. What its list adds is not counted among what
    /// came within a day.
    Decide,
}

impl Store {
    /// What is known about these candidates.
    pub async fn known(&self, source_id: i64, candidates: &[KeyedCandidate]) -> Result<Known> {
        let mut tx = self.begin_reading().await?;
        type Row = (bool, Option<String>, bool, Option<String>, Option<String>, bool);
        let (has_baseline, newest_on, has_entries, listed, volatile, is_open): Row = sqlx::query_as(
            // A day that was still to come when it was seen is no measure.
            "select baseline_at is not null,
                (select max(order_on) from entry where source_id = source.id and date_on = order_on),
                exists (select 1 from entry where source_id = source.id),
                last_list, volatile_parts,
                exists (select 1 from delivery where is_notice = 1 and settled_at is null)
             from source where id = ?",
        )
        .bind(source_id)
        .fetch_one(&mut *tx)
        .await?;
        let listed: Vec<i64> = from_json(listed);
        let keys: Vec<&str> =
            candidates.iter().flat_map(|c| &c.keys).map(EntryKey::as_str).collect();
        let stems: Vec<&str> = candidates
            .iter()
            .flat_map(|c| &c.keys)
            .filter_map(|key| Some(key.prefix()?.0))
            .collect();
        let owners: Vec<(String, i64, bool)> = sqlx::query_as(OWNERS)
            .bind(source_id)
            .bind(json(&keys))
            .bind(json(&stems))
            .fetch_all(&mut *tx)
            .await?;
        let mut known = Known {
            has_baseline,
            has_entries,
            newest_on: day(newest_on.as_deref()),
            listed,
            volatile: from_json(volatile),
            is_question_open: is_open,
            hold: holds::read(&mut tx, source_id).await?,
            ..Known::default()
        };
        for (key, entry_id, is_shared) in owners {
            known.by_key.insert(EntryKey::from_stored(key), KeyOwner { entry_id, is_shared });
        }
        let bare: Vec<i64> = sqlx::query_scalar(
            "select id from (select id, date_on from entry where source_id = ?
                order by order_on desc, id desc limit ?)
             where date_on is null",
        )
        .bind(source_id)
        .bind(RECENT_MAX)
        .fetch_all(&mut *tx)
        .await?;
        let of_keys = known.by_key.values().map(|owner| owner.entry_id);
        let ids: BTreeSet<i64> = of_keys.chain(known.listed.iter().copied()).chain(bare).collect();
        let ids = json(&ids);
        type Entry = (i64, Option<String>, String, Option<String>, Option<String>);
        let entries: Vec<Entry> = sqlx::query_as(ENTRIES).bind(&ids).fetch_all(&mut *tx).await?;
        for (id, date_on, title, link, lead) in entries {
            let candidate = Candidate {
                date_on: day(date_on.as_deref()),
                title,
                link: link.and_then(|link| link.parse().ok()),
                lead,
                ..Candidate::default()
            };
            known.entries.insert(id, KnownEntry { candidate, keys: Vec::new() });
        }
        let keys: Vec<(i64, String, bool)> =
            sqlx::query_as(KEYS).bind(&ids).fetch_all(&mut *tx).await?;
        for (id, key, is_shared) in keys {
            if let Some(entry) = known.entries.get_mut(&id) {
                entry.keys.push((EntryKey::from_stored(key), is_shared));
            }
        }
        tx.rollback().await?;
        Ok(known)
    }

    /// How many entries of a source came since, those left out that its first reading or a decision
    /// about a held list added.
    pub async fn added(&self, source_id: i64, since: DateTime<Utc>) -> Result<usize> {
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

    /// Records a poll. Returns how many deliveries come of it.
    pub async fn record_poll(&self, poll: &Poll) -> Result<u64> {
        let mut tx = self.begin().await?;
        let mut deliveries = 0;
        let mut listed = None;
        match &poll.verdict {
            None | Some(Verdict::Suspicious(..)) => {}
            Some(Verdict::Baseline(entries)) => {
                let mut ids = Vec::with_capacity(entries.len());
                for entry in entries {
                    ids.push(insert_entry(&mut tx, poll, entry).await?);
                }
                listed = Some(ids);
            }
            Some(Verdict::Found(found)) => {
                let (made, ids) = apply(&mut tx, poll, found).await?;
                deliveries = made;
                listed = Some(ids);
            }
        }
        let is_read = matches!(&poll.verdict, Some(Verdict::Baseline(_) | Verdict::Found(_)));
        if is_read {
            record_counters(&mut tx, poll).await?;
        }
        holds::record(&mut tx, poll.source_id, &poll.hold, poll.polled_at).await?;
        for notice in &poll.notices {
            outbox::enqueue_notice(&mut tx, notice, poll.polled_at).await?;
        }
        let Health { since_at, is_reported: is_told } = poll.health;
        sqlx::query(
            "update source set
                polled_at = ?2, next_poll_at = ?3, reason = ?4, note = ?5,
                failures = iif(?6, 0, failures + 1),
                read_at = iif(?7, ?2, read_at),
                baseline_at = iif(?7, coalesce(baseline_at, ?2), baseline_at),
                accepts_any_list = iif(?7, 0, accepts_any_list),
                etag = iif(?7, ?8, etag),
                last_modified = iif(?7, ?9, last_modified),
                kind = iif(?7, ?10, kind),
                feed_url = iif(?7, ?11, feed_url),
                compared_at = ?12,
                contacts = ifnull(?13, contacts),
                clocks = ifnull(?14, clocks),
                last_list = ifnull(?15, last_list),
                volatile_parts = ifnull(?16, volatile_parts),
                not_modified = ?17, not_modified_max = ?18,
                failing_since_at = ?19, is_failure_reported = ?20
             where id = ?1",
        )
        .bind(poll.source_id)
        .bind(millis(poll.polled_at))
        .bind(millis(poll.next_poll_at))
        .bind(poll.reason.as_str())
        .bind(&poll.note)
        .bind(poll.reason.is_readable())
        .bind(is_read)
        .bind(&poll.etag)
        .bind(&poll.last_modified)
        .bind(poll.kind.map(DocumentKind::as_str))
        .bind(poll.feed_url.as_ref().map(Url::as_str))
        .bind(poll.compared_at.map(millis))
        .bind(poll.notes.as_ref().map(|notes| json(&notes.contacts)))
        .bind(poll.notes.as_ref().map(|notes| json(&notes.clocks)))
        // An empty list says nothing of what stood where.
        .bind(listed.filter(|ids| !ids.is_empty()).map(|ids| json(&ids)))
        .bind(Some(&poll.volatile_parts).filter(|parts| !parts.is_empty()).map(json))
        .bind(poll.validators.unchanged)
        .bind(poll.validators.unchanged_max)
        .bind(since_at.map(millis))
        .bind(is_told)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(deliveries)
    }
}

fn from_json<T: serde::de::DeserializeOwned + Default>(text: Option<String>) -> T {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}

/// Writes what was found; returns how many deliveries come of it, and the list by the numbers of its
/// entries.
async fn apply(tx: &mut Tx, poll: &Poll, found: &Changes) -> Result<(u64, Vec<i64>)> {
    // First, so that what they named keeps its other keys alone.
    for key in &found.shared {
        share_key(tx, poll.source_id, key).await?;
    }
    let mut older_ids = Vec::with_capacity(found.older.len());
    for entry in &found.older {
        older_ids.push(insert_entry(tx, poll, entry).await?);
    }
    let mut deliveries = 0;
    let is_digest = found.new.len() > poll.digest_above;
    let mut entry_ids = Vec::with_capacity(found.new.len());
    for entry in &found.new {
        let entry_id = insert_entry(tx, poll, entry).await?;
        entry_ids.push(entry_id);
        if !is_digest {
            deliveries += notify(tx, poll, &[entry_id]).await?;
        }
    }
    if is_digest {
        deliveries += notify(tx, poll, &entry_ids).await?;
    }
    for (entry_id, now) in &found.edited {
        revise(tx, poll, *entry_id, now).await?;
    }
    for (entry_id, key) in &found.aliases {
        insert_key(tx, poll.source_id, key, *entry_id).await?;
    }
    let id = |place: &Listed| match place {
        Listed::Known(id) => Some(*id),
        Listed::New(n) => entry_ids.get(*n).copied(),
        Listed::Older(n) => older_ids.get(*n).copied(),
    };
    Ok((deliveries, found.listed.iter().filter_map(id).collect()))
}

async fn insert_entry(tx: &mut Tx, poll: &Poll, entry: &KeyedCandidate) -> Result<i64> {
    let Candidate { date_on, title, link, lead, .. } = &entry.candidate;
    let entry_id: i64 = sqlx::query_scalar(
        "insert into entry (source_id, date_on, order_on, seen_at, title, link, lead)
         values (?, ?, ?, ?, ?, ?, ?) returning id",
    )
    .bind(poll.source_id)
    .bind(date_on.map(|d| d.to_string()))
    .bind(order_on(*date_on, poll.polled_on).to_string())
    .bind(millis(poll.polled_at))
    .bind(title)
    .bind(link.as_ref().map(|l| l.as_str()))
    .bind(lead)
    .fetch_one(&mut **tx)
    .await?;
    for key in &entry.keys {
        insert_key(tx, poll.source_id, key, entry_id).await?;
    }
    entries::index(tx, entry_id, None).await?;
    Ok(entry_id)
}

/// A key belongs to the entry that had it first. One that another has as well tells neither from then on.
async fn insert_key(tx: &mut Tx, source_id: i64, key: &EntryKey, entry_id: i64) -> Result<()> {
    sqlx::query(
        "insert into entry_key (source_id, key, entry_id) values (?1, ?2, ?3)
         on conflict (source_id, key) do update set is_shared = 1 where entry_id <> ?3",
    )
    .bind(source_id)
    .bind(key.as_str())
    .bind(entry_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn share_key(tx: &mut Tx, source_id: i64, key: &EntryKey) -> Result<()> {
    sqlx::query("update entry_key set is_shared = 1 where source_id = ? and key = ?")
        .bind(source_id)
        .bind(key.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// One notification of entries, oldest first. Returns how many deliveries will be made of it.
async fn notify(tx: &mut Tx, poll: &Poll, entry_ids: &[i64]) -> Result<u64> {
    let Some(newest_id) = entry_ids.last() else { return Ok(0) };
    let notification_id: i64 = sqlx::query_scalar(
        "insert into notification (entry_id, created_at) values (?, ?) returning id",
    )
    .bind(newest_id)
    .bind(millis(poll.polled_at))
    .fetch_one(&mut **tx)
    .await?;
    if entry_ids.len() > 1 {
        for entry_id in entry_ids {
            sqlx::query("insert into digest_entry (notification_id, entry_id) values (?, ?)")
                .bind(notification_id)
                .bind(entry_id)
                .execute(&mut **tx)
                .await?;
        }
    }
    fanout::open(tx, notification_id, poll.source_id).await
}

/// Makes an entry what it is now, and if it was edited, keeps what it was.
async fn revise(tx: &mut Tx, poll: &Poll, entry_id: i64, now: &Candidate) -> Result<()> {
    if poll.is_edit {
        keep_revision(tx, poll, entry_id).await?;
        // Its own page was corrected as well, as likely as not: whoever asks for it gets it anew.
        for table in ["article", "article_failure"] {
            let sql = format!("delete from {table} where entry_id = ?");
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(entry_id).execute(&mut **tx).await?;
        }
    }
    let seen_on = poll.polled_on;
    let was_on: Option<String> = sqlx::query_scalar("select order_on from entry where id = ?")
        .bind(entry_id)
        .fetch_optional(&mut **tx)
        .await?;
    sqlx::query(
        "update entry set order_on = iif(date_on is ?2, order_on, ?3),
            date_on = ?2, title = ?4, link = ?5, lead = ?6 where id = ?1",
    )
    .bind(entry_id)
    .bind(now.date_on.map(|d| d.to_string()))
    .bind(order_on(now.date_on, seen_on).to_string())
    .bind(&now.title)
    .bind(now.link.as_ref().map(|l| l.as_str()))
    .bind(&now.lead)
    .execute(&mut **tx)
    .await?;
    entries::index(tx, entry_id, day(was_on.as_deref())).await
}

/// Keeps what an entry was until now.
async fn keep_revision(tx: &mut Tx, poll: &Poll, entry_id: i64) -> Result<()> {
    sqlx::query(
        "insert into revision (entry_id, until_at, date_on, title, link, lead)
         select id, ?2, date_on, title, link, lead from entry where id = ?1",
    )
    .bind(entry_id)
    .bind(millis(poll.polled_at))
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "delete from revision where entry_id = ?1 and id not in
            (select id from revision where entry_id = ?1 order by id desc limit ?2)",
    )
    .bind(entry_id)
    .bind(REVISIONS_MAX)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The day an entry is sorted by (see the migration).
pub(super) fn order_on(date_on: Option<NaiveDate>, seen_on: NaiveDate) -> NaiveDate {
    let latest_on = seen_on.checked_add_days(Days::new(1)).unwrap_or(seen_on);
    date_on.unwrap_or(seen_on).min(latest_on)
}

async fn record_counters(tx: &mut Tx, poll: &Poll) -> Result<()> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select key, since_on, days from counter where source_id = ? and days is not null",
    )
    .bind(poll.source_id)
    .fetch_all(&mut **tx)
    .await?;
    let known: BTreeMap<String, (NaiveDate, i64)> = rows
        .into_iter()
        .filter_map(|(key, since_on, days)| Some((key, (since_on.parse().ok()?, days))))
        .collect();
    for (position, seen) in poll.counters.iter().enumerate() {
        let key = seen.key();
        let Some(since_on) = reconcile_start(known.get(&key).copied(), seen) else {
            continue;
        };
        sqlx::query(
            "insert into counter (source_id, key, since_on, days, template, position, seen_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict (source_id, key) do update set
                since_on = ?3, days = ?4, template = ?5, position = ?6, seen_at = ?7",
        )
        .bind(poll.source_id)
        .bind(key)
        .bind(since_on.to_string())
        .bind(seen.days)
        .bind(&seen.template)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(millis(poll.polled_at))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan;

    #[tokio::test]
    async fn what_is_known_is_looked_up_item_by_item() {
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
