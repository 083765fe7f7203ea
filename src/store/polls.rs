//! Recording a poll: entries and their notifications, in one transaction.
//!
//! Guarantees: an entry is announced in the transaction that stores it, to the places that are
//! subscribed at that moment. A poll that failed changes only the state of the source.
//! Out of scope: what is new (`detect`).

use super::{
    Result, Store,
    encoding::{day, json, millis},
    holds::{self, HoldChange},
    outbox::{enqueue, fanout},
    search,
    tx::Tx,
};
use crate::{
    detect::{Changes, KeyedCandidate, Place as Listed, Verdict},
    domain::{
        Candidate, CounterSeen, DocumentKind, EntryId, EntryKey, Health, NotificationId, PageNotes,
        PollStatus, Reply, SourceId, ValidatorTrust, Validators, counter::reconcile_start,
        web_url::AddressPart,
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// The most earlier versions of an entry that are kept. Some titles change at every poll.
const REVISIONS_MAX: i64 = 20;

/// The result of a poll, as it is recorded.
#[derive(Clone, Debug)]
pub struct Poll {
    /// The source.
    pub source_id: SourceId,
    /// The poll status.
    pub reason: PollStatus,
    /// An explanation for the operator, if any.
    pub note: Option<String>,
    /// When the poll was made.
    pub polled_at: DateTime<Utc>,
    /// The day of the poll in the zone of the source.
    pub polled_on: NaiveDate,
    /// When the next poll is due.
    pub next_poll_at: DateTime<Utc>,
    /// The result of detection, if a list was extracted.
    pub verdict: Option<Verdict>,
    /// Whether texts that changed are edits. Otherwise they come from another document.
    pub is_edit: bool,
    /// More new entries than this are announced in one digest.
    pub digest_above: usize,
    /// The counters that were extracted.
    pub counters: Vec<CounterSeen>,
    /// What the page shows next to its list; `None`: no page was fetched.
    pub notes: Option<PageNotes>,
    /// The kind of the document, if one was fetched.
    pub kind: Option<DocumentKind>,
    /// The validators of the response.
    pub validators: Validators,
    /// The feed that is polled instead of the page.
    pub feed_url: Option<Url>,
    /// When the page and its feeds were last compared.
    pub compared_at: Option<DateTime<Utc>>,
    /// How the hold of the source changes.
    pub hold: HoldChange,
    /// The volatile parts of addresses that were found.
    pub volatile_parts: BTreeSet<AddressPart>,
    /// How far 304 responses of the server are trusted.
    pub validator_trust: ValidatorTrust,
    /// Since when polls fail.
    pub health: Health,
    /// Notices to the operator.
    pub notices: Vec<Reply>,
}

impl Store {
    /// Records a poll. Returns how many deliveries will follow from it.
    pub async fn record_poll(&self, poll: &Poll) -> Result<u64> {
        let mut tx = self.begin().await?;
        let (deliveries, listed) = match &poll.verdict {
            None | Some(Verdict::Suspicious(..)) => (0, None),
            Some(Verdict::Baseline(entries)) => {
                let mut ids = Vec::with_capacity(entries.len());
                for entry in entries {
                    ids.push(insert_entry(&mut tx, poll, entry).await?);
                }
                (0, Some(ids))
            }
            Some(Verdict::Found(found)) => {
                let (deliveries, ids) = apply(&mut tx, poll, found).await?;
                (deliveries, Some(ids))
            }
        };
        if listed.is_some() {
            record_counters(&mut tx, poll).await?;
        }
        holds::record(&mut tx, poll.source_id, &poll.hold, poll.polled_at).await?;
        for notice in &poll.notices {
            enqueue::enqueue_notice(&mut tx, notice, poll.polled_at).await?;
        }
        update_source(&mut tx, poll, listed.as_deref()).await?;
        tx.commit().await?;
        Ok(deliveries)
    }
}

/// Updates the state of the source. `listed`: the entries of an accepted list, oldest first.
async fn update_source(tx: &mut Tx, poll: &Poll, listed: Option<&[EntryId]>) -> Result<()> {
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
    .bind(listed.is_some())
    .bind(&poll.validators.etag)
    .bind(&poll.validators.last_modified)
    .bind(poll.kind.map(DocumentKind::as_str))
    .bind(poll.feed_url.as_ref().map(Url::as_str))
    .bind(poll.compared_at.map(millis))
    .bind(poll.notes.as_ref().map(|notes| json(&notes.contacts)))
    .bind(poll.notes.as_ref().map(|notes| json(&notes.clocks)))
    // An empty list says nothing about the neighbors of entries.
    .bind(listed.filter(|ids| !ids.is_empty()).map(|ids| json(&ids)))
    .bind(Some(&poll.volatile_parts).filter(|parts| !parts.is_empty()).map(json))
    .bind(poll.validator_trust.unchanged)
    .bind(poll.validator_trust.unchanged_max)
    .bind(poll.health.since_at.map(millis))
    .bind(poll.health.is_reported)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores changes. Returns how many deliveries will follow, and the ids of the list.
async fn apply(tx: &mut Tx, poll: &Poll, found: &Changes) -> Result<(u64, Vec<EntryId>)> {
    // First, so that the keys of the new entries do not collide with them.
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

async fn insert_entry(tx: &mut Tx, poll: &Poll, entry: &KeyedCandidate) -> Result<EntryId> {
    let Candidate { date_on, title, link, lead, .. } = &entry.candidate;
    let entry_id: EntryId = sqlx::query_scalar(
        "insert into entry (source_id, date_on, order_on, seen_at, title, link, lead)
         values (?, ?, ?, ?, ?, ?, ?) returning id",
    )
    .bind(poll.source_id)
    .bind(date_on.map(|d| d.to_string()))
    .bind(order_on(*date_on, poll.polled_on).to_string())
    .bind(millis(poll.polled_at))
    .bind(title)
    .bind(link.as_ref().map(Url::as_str))
    .bind(lead)
    .fetch_one(&mut **tx)
    .await?;
    for key in &entry.keys {
        insert_key(tx, poll.source_id, key, entry_id).await?;
    }
    search::index(tx, entry_id, None).await?;
    Ok(entry_id)
}

/// Stores a key. It belongs to the entry that had it first; if another entry has it as well, it
/// identifies neither from then on.
async fn insert_key(
    tx: &mut Tx,
    source_id: SourceId,
    key: &EntryKey,
    entry_id: EntryId,
) -> Result<()> {
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

async fn share_key(tx: &mut Tx, source_id: SourceId, key: &EntryKey) -> Result<()> {
    sqlx::query("update entry_key set is_shared = 1 where source_id = ? and key = ?")
        .bind(source_id)
        .bind(key.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Creates a notification of entries, oldest first. Returns how many deliveries will follow.
async fn notify(tx: &mut Tx, poll: &Poll, entry_ids: &[EntryId]) -> Result<u64> {
    let Some(newest_id) = entry_ids.last() else { return Ok(0) };
    let notification_id: NotificationId = sqlx::query_scalar(
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

/// Updates an entry. If it was edited, its earlier version is kept.
async fn revise(tx: &mut Tx, poll: &Poll, entry_id: EntryId, now: &Candidate) -> Result<()> {
    if poll.is_edit {
        keep_revision(tx, poll, entry_id).await?;
        // Its own page was probably corrected as well, and is fetched again when it is asked for.
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
    .bind(now.link.as_ref().map(Url::as_str))
    .bind(&now.lead)
    .execute(&mut **tx)
    .await?;
    search::index(tx, entry_id, day(was_on.as_deref())).await
}

/// Stores the version of an entry before an edit.
async fn keep_revision(tx: &mut Tx, poll: &Poll, entry_id: EntryId) -> Result<()> {
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

/// The day that an entry is sorted by (see the migration).
fn order_on(date_on: Option<NaiveDate>, seen_on: NaiveDate) -> NaiveDate {
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
