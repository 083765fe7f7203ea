//! Recording a poll: entries and their notifications in one transaction.
//!
//! Promises: an entry is announced in the transaction that makes it known, to exactly the places
//! subscribed at that moment. A poll that was not healthy changes nothing but the source's state.

use super::{Result, Store, Tx, day, entries, fanout, millis};
use crate::{
    detect::{Found, Keyed, Known, Verdict},
    domain::{Candidate, CounterSeen, EntryKey, Kind, PageNotes, Reason, counter::settle_since},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use url::Url;

/// Edits of one entry that are kept; a title that changes with every look keeps no more.
const REVISIONS_MAX: i64 = 20;

/// What a poll came to.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Which source.
    pub source_id: i64,
    /// The code of the outcome.
    pub reason: Reason,
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
    pub kind: Option<Kind>,
    /// The validators of the answer, byte for byte.
    pub etag: Option<String>,
    /// Same.
    pub last_modified: Option<String>,
    /// The feed that stands for the page.
    pub feed_url: Option<Url>,
    /// When page and feeds were last compared.
    pub compared_at: Option<DateTime<Utc>>,
}

impl Store {
    /// What is known about these candidates.
    pub async fn known(&self, source_id: i64, candidates: &[Keyed]) -> Result<Known> {
        let (has_baseline, is_confirmed, newest_on): (bool, bool, Option<String>) = sqlx::query_as(
            "select baseline_at is not null, confirmed,
                    (select max(order_on) from entry where source_id = source.id)
             from source where id = ?",
        )
        .bind(source_id)
        .fetch_one(&self.readers)
        .await?;
        let keys: Vec<&str> =
            candidates.iter().flat_map(|c| &c.keys).map(EntryKey::as_str).collect();
        let stems: Vec<&str> =
            candidates.iter().flat_map(|c| &c.keys).filter_map(|key| Some(key.stem()?.0)).collect();
        let keys = serde_json::Value::from(keys).to_string();
        let stems = serde_json::Value::from(stems).to_string();
        type Row = (String, i64, Option<String>, String, Option<String>, Option<String>);
        let rows: Vec<Row> = sqlx::query_as(
            // An ordinal is digits, and ':' comes after '9'.
            "select k.key, e.id, e.date_on, e.title, e.link, e.lead
             from json_each(?2) j
             join entry_key k on k.source_id = ?1 and k.key = j.value
             join entry e on e.id = k.entry_id
             union
             select k.key, e.id, e.date_on, e.title, e.link, e.lead
             from json_each(?3) j
             join entry_key k on k.source_id = ?1 and k.key >= j.value and k.key < j.value || ':'
             join entry e on e.id = k.entry_id",
        )
        .bind(source_id)
        .bind(keys)
        .bind(stems)
        .fetch_all(&self.readers)
        .await?;
        let mut known = Known {
            has_baseline,
            is_confirmed,
            newest_on: day(newest_on.as_deref()),
            ..Known::default()
        };
        for (key, id, date_on, title, link, lead) in rows {
            known.by_key.insert(EntryKey::from_stored(key), id);
            let entry = Candidate {
                date_on: day(date_on.as_deref()),
                title,
                link: link.and_then(|link| link.parse().ok()),
                lead,
                ..Candidate::default()
            };
            known.entries.insert(id, entry);
        }
        Ok(known)
    }

    /// Records a poll. Returns how many deliveries come of it.
    pub async fn record_poll(&self, poll: &Poll) -> Result<u64> {
        let mut tx = self.begin().await?;
        let mut deliveries = 0;
        match &poll.verdict {
            None | Some(Verdict::Suspicious(_)) => {}
            Some(Verdict::Baseline(entries)) => {
                for entry in entries {
                    insert_entry(&mut tx, poll, entry).await?;
                }
            }
            Some(Verdict::Found(found)) => deliveries = apply(&mut tx, poll, found).await?,
        }
        let is_read = matches!(&poll.verdict, Some(Verdict::Baseline(_) | Verdict::Found(_)));
        if is_read {
            record_counters(&mut tx, poll).await?;
        }
        sqlx::query(
            "update source set
                polled_at = ?2, next_poll_at = ?3, reason = ?4, note = ?5,
                failures = iif(?6, 0, failures + 1),
                read_at = iif(?7, ?2, read_at),
                baseline_at = iif(?7, coalesce(baseline_at, ?2), baseline_at),
                confirmed = iif(?7, 0, confirmed),
                etag = iif(?7, ?8, etag),
                last_modified = iif(?7, ?9, last_modified),
                kind = iif(?7, ?10, kind),
                feed_url = iif(?7, ?11, feed_url),
                compared_at = ?12,
                contacts = ifnull(?13, contacts),
                clocks = ifnull(?14, clocks)
             where id = ?1",
        )
        .bind(poll.source_id)
        .bind(millis(poll.polled_at))
        .bind(millis(poll.next_poll_at))
        .bind(poll.reason.as_str())
        .bind(&poll.note)
        .bind(poll.reason.is_healthy())
        .bind(is_read)
        .bind(&poll.etag)
        .bind(&poll.last_modified)
        .bind(poll.kind.map(Kind::as_str))
        .bind(poll.feed_url.as_ref().map(Url::as_str))
        .bind(poll.compared_at.map(millis))
        .bind(poll.notes.as_ref().map(|notes| json(&notes.contacts)))
        .bind(poll.notes.as_ref().map(|notes| json(&notes.clocks)))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(deliveries)
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}

/// Writes what was found; returns how many deliveries come of it.
async fn apply(tx: &mut Tx, poll: &Poll, found: &Found) -> Result<u64> {
    for entry in &found.older {
        insert_entry(tx, poll, entry).await?;
    }
    let mut deliveries = 0;
    let is_digest = found.new.len() > poll.digest_above;
    let mut entry_ids = Vec::with_capacity(found.new.len());
    for entry in &found.new {
        let entry_id = insert_entry(tx, poll, entry).await?;
        entry_ids.push(entry_id);
        if !is_digest {
            deliveries += announce(tx, poll, &[entry_id]).await?;
        }
    }
    if is_digest {
        deliveries += announce(tx, poll, &entry_ids).await?;
    }
    for (entry_id, now) in &found.edited {
        revise(tx, poll, *entry_id, now).await?;
    }
    for (entry_id, key) in &found.aliases {
        insert_key(tx, poll.source_id, key, *entry_id).await?;
    }
    Ok(deliveries)
}

async fn insert_entry(tx: &mut Tx, poll: &Poll, entry: &Keyed) -> Result<i64> {
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

/// A key belongs to the entry that had it first.
async fn insert_key(tx: &mut Tx, source_id: i64, key: &EntryKey, entry_id: i64) -> Result<()> {
    sqlx::query("insert or ignore into entry_key (source_id, key, entry_id) values (?, ?, ?)")
        .bind(source_id)
        .bind(key.as_str())
        .bind(entry_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// One notification of entries, oldest first. Returns how many deliveries will be made of it.
async fn announce(tx: &mut Tx, poll: &Poll, entry_ids: &[i64]) -> Result<u64> {
    let Some(newest_id) = entry_ids.last() else { return Ok(0) };
    let notification_id: i64 = sqlx::query_scalar(
        "insert into notification (entry_id, made_at) values (?, ?) returning id",
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
        sqlx::query("delete from article where entry_id = ?")
            .bind(entry_id)
            .execute(&mut **tx)
            .await?;
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
        let Some(since_on) = settle_since(known.get(&key).copied(), seen) else {
            continue;
        };
        sqlx::query(
            "insert into counter (source_id, key, since_on, days, words, position, seen_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict (source_id, key) do update set
                since_on = ?3, days = ?4, words = ?5, position = ?6, seen_at = ?7",
        )
        .bind(poll.source_id)
        .bind(key)
        .bind(since_on.to_string())
        .bind(seen.days)
        .bind(&seen.words)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(millis(poll.polled_at))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
