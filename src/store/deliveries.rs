//! The outbox: claiming what is due, settling what was sent.
//!
//! Promises: what is claimed is first in its place, so that entries arrive in the order they were
//! published; answers to commands come before pushes; the time to wake comes from the same query
//! as the claim. A settlement applies to the attempt it names, or to nothing.
//! Leaves out: how fast (`pace`), and what an outcome means (`domain::delivery`).

use super::{
    Inbox, Result, Store, Tx, chats,
    chats::{place, thread},
    entries::{ENTRY_COLUMNS, EntryRow, Listed, counters_of},
    instant, millis,
};
use crate::{
    domain::{Answer, ChatId, Counter, Entry, Place, Settlement, Tries},
    lang::Lang,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// How long a claim holds. Longer than a send can take, so that only a crash, or a settlement that
/// could not be written, lets it run out.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// Answers that may wait for one chat; a flood of commands gets no more.
const ANSWERS_WAITING_MAX: i64 = 10;
/// The age at which an answer is of no use any more: Telegram keeps updates as long.
const ANSWER_USELESS_AFTER: TimeDelta = TimeDelta::hours(24);
/// Rows deleted in one housekeeping transaction.
const PRUNED_MAX: i64 = 10_000;

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The answer to a command, as it was set then.
    Answer(String),
    /// An entry, to be set now.
    Push(Box<Push>),
}

/// All that the message of an entry is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The language of the chat.
    pub lang: Lang,
    /// The entry as it is now.
    pub listed: Listed,
    /// Of a digest all its entries, oldest first; else nothing.
    pub digest: Vec<Entry>,
    /// The address of the source.
    pub source_url: String,
    /// The zone whose day the counters go by.
    pub zone: Tz,
    /// The counters of the source.
    pub counters: Vec<Counter>,
}

/// A delivery that is ours to send, until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its number.
    pub delivery_id: i64,
    /// Where to.
    pub place: Place,
    /// What.
    pub content: Content,
    /// What was tried so far, this attempt included.
    pub tries: Tries,
}

/// What a claim came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What may be sent now.
    pub claimed: Vec<Claimed>,
    /// When the next one is due, as far as it is not for a chat that is held; `None`: none waits.
    pub next_due_at: Option<DateTime<Utc>>,
}

type Head = (i64, i64, i64, i64, i64, i64, i64, bool, Option<String>, Option<i64>);

impl Inbox {
    /// Puts the answer to a command into the outbox.
    pub async fn answer(&mut self, answer: &Answer) -> Result<()> {
        sqlx::query(
            "insert into delivery (lane, html, chat_id, thread_id, made_at, due_at)
             select 0, ?3, ?1, ?2, ?4, ?4
             where (select count(*) from delivery
                    where chat_id = ?1 and thread_id = ?2 and lane = 0 and settled_at is null) < ?5",
        )
        .bind(answer.place.chat.0)
        .bind(thread(answer.place))
        .bind(&answer.html)
        .bind(millis(self.now))
        .bind(ANSWERS_WAITING_MAX)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Claims up to `limit` deliveries that are due and not for a chat in `held`.
    pub async fn claim(&self, now: DateTime<Utc>, limit: u32, held: &[ChatId]) -> Result<Claim> {
        let held = serde_json::Value::from_iter(held.iter().map(|chat| chat.0)).to_string();
        let mut tx = self.begin().await?;
        let mut claim = Claim { claimed: Vec::new(), next_due_at: None };
        for lane in [0, 1] {
            let wanted = i64::from(limit) - i64::try_from(claim.claimed.len()).unwrap_or(0);
            for head in heads(&mut tx, lane, &held, wanted.max(1)).await? {
                let due_at = instant(head.3);
                let is_full = claim.claimed.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
                if due_at > now || is_full {
                    claim.next_due_at =
                        [claim.next_due_at, Some(due_at)].into_iter().flatten().min();
                    break;
                }
                if let Some(claimed) = lease(&mut tx, head, now).await? {
                    claim.claimed.push(claimed);
                }
            }
        }
        if claim.claimed.is_empty() {
            // Nothing was written that is worth a write to the disk.
            tx.rollback().await?;
        } else {
            tx.commit().await?;
        }
        Ok(claim)
    }

    /// Applies what follows from the outcome of a claimed send.
    pub async fn settle(
        &self,
        claimed: &Claimed,
        settlement: &Settlement,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let Claimed { delivery_id, place, tries, .. } = claimed;
        let again = |due_at: DateTime<Utc>, unanswered: bool, plain: bool| {
            sqlx::query(
                "update delivery set state = 'pending', due_at = ?3,
                    unanswered = unanswered + ?4, plain = max(plain, ?5)
                 where id = ?1 and attempt = ?2 and state = 'in_flight'",
            )
            .bind(*delivery_id)
            .bind(tries.attempt)
            .bind(millis(due_at))
            .bind(unanswered)
            .bind(plain)
        };
        match settlement {
            Settlement::Sent(message_id) => {
                end(&mut tx, claimed, "sent", Some(*message_id), None, now).await?;
            }
            Settlement::Dead(why) => end(&mut tx, claimed, "dead", None, Some(why), now).await?,
            Settlement::Again(wait) => {
                again(now + *wait, false, false).execute(&mut *tx).await?;
            }
            Settlement::AgainUnanswered(wait) => {
                again(now + *wait, true, false).execute(&mut *tx).await?;
            }
            Settlement::AgainPlain => {
                again(now, false, true).execute(&mut *tx).await?;
            }
            Settlement::Migrate(to) => {
                again(now, false, false).execute(&mut *tx).await?;
                chats::migrate(&mut tx, place.chat, *to).await?;
            }
            Settlement::ForgetPlace(why) => chats::forget_place(&mut tx, *place, why, now).await?,
            Settlement::ForgetChat(why) => chats::forget(&mut tx, place.chat, why, now).await?,
        }
        Ok(tx.commit().await?)
    }

    /// Takes back what a process before this one had in flight when it ended: whether it arrived
    /// is not known. Returns how many there were.
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<u64> {
        let rows: Vec<(i64, u32)> = sqlx::query_as(
            "select id, unanswered from delivery where settled_at is null and state = 'in_flight'",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut tx = self.begin().await?;
        for (id, unanswered) in &rows {
            sqlx::query(
                "update delivery set state = 'pending', due_at = ?2, unanswered = unanswered + 1
                 where id = ?1",
            )
            .bind(id)
            .bind(millis(now + Settlement::wait_after_crash(*unanswered)))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    /// What was sent to groups and channels since then, oldest first: their minute may be full.
    pub async fn sent_since(
        &self,
        since_at: DateTime<Utc>,
    ) -> Result<Vec<(ChatId, DateTime<Utc>)>> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "select chat_id, settled_at from delivery
             where settled_at is not null and settled_at >= ? and state = 'sent' and chat_id < 0
             order by settled_at",
        )
        .bind(millis(since_at))
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|(chat, at)| (ChatId(chat), instant(at))).collect())
    }

    /// How many deliveries are still to be settled.
    pub async fn open_deliveries(&self) -> Result<i64> {
        let open = "select count(*) from delivery where settled_at is null";
        Ok(sqlx::query_scalar(open).fetch_one(&self.readers).await?)
    }

    /// Deletes deliveries that were settled before then. Returns how many; there may be more.
    pub async fn prune(&self, before_at: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "delete from delivery where id in (select id from delivery
                where settled_at is not null and settled_at < ? limit ?)",
        )
        .bind(millis(before_at))
        .bind(PRUNED_MAX)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// The open deliveries of a lane that are first in their place and whose chat is not held, the
/// soonest due first.
async fn heads(tx: &mut Tx, lane: i64, held: &str, limit: i64) -> Result<Vec<Head>> {
    Ok(sqlx::query_as(
        "select id, chat_id, thread_id, due_at, made_at, attempt, unanswered, plain, html,
                notification_id
         from delivery d
         where lane = ?1 and settled_at is null
            and not exists (select 1 from delivery e
                where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
                    and e.id < d.id and e.settled_at is null)
            and chat_id not in (select value from json_each(?2))
         order by due_at, id limit ?3",
    )
    .bind(lane)
    .bind(held)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await?)
}

/// Marks a delivery as in flight; one whose lease ran out lost its answer. An answer that is too
/// old is deleted instead.
async fn lease(tx: &mut Tx, head: Head, now: DateTime<Utc>) -> Result<Option<Claimed>> {
    let (delivery_id, chat_id, thread_id, _, made_at, _, _, _, html, notification_id) = head;
    let age = now - instant(made_at);
    if html.is_some() && age > ANSWER_USELESS_AFTER {
        sqlx::query("delete from delivery where id = ?")
            .bind(delivery_id)
            .execute(&mut **tx)
            .await?;
        return Ok(None);
    }
    let (attempt, unanswered, plain): (u32, u32, bool) = sqlx::query_as(
        "update delivery set state = 'in_flight', attempt = attempt + 1, due_at = ?2,
            unanswered = unanswered + (state = 'in_flight')
         where id = ?1 returning attempt, unanswered, plain",
    )
    .bind(delivery_id)
    .bind(millis(now + LEASE))
    .fetch_one(&mut **tx)
    .await?;
    let content = match (html, notification_id) {
        (Some(html), _) => Content::Answer(html),
        (None, id) => Content::Push(Box::new(push(tx, id.unwrap_or_default(), chat_id).await?)),
    };
    Ok(Some(Claimed {
        delivery_id,
        place: place(chat_id, thread_id),
        content,
        tries: Tries { attempt, unanswered, plain, age: age.to_std().unwrap_or_default() },
    }))
}

/// What the message of a notification is made of.
async fn push(tx: &mut Tx, notification_id: i64, chat_id: i64) -> Result<Push> {
    #[derive(sqlx::FromRow)]
    struct Row {
        source_id: i64,
        source_title: String,
        source_url: String,
        zone: String,
        lang: Option<String>,
        #[sqlx(flatten)]
        entry: EntryRow,
    }
    let sql = format!(
        "select source.id as source_id, source.title as source_title, source.url as source_url,
                source.zone, (select lang from chat where id = ?2) as lang, {ENTRY_COLUMNS}
         from notification n
         join entry e on e.id = n.entry_id
         join source on source.id = e.source_id
         where n.id = ?1"
    );
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(notification_id)
        .bind(chat_id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(Push {
        lang: Lang::parse(&row.lang.unwrap_or_default()),
        listed: Listed { source_title: row.source_title, entry: row.entry.into() },
        digest: digest(tx, notification_id).await?,
        source_url: row.source_url,
        zone: row.zone.parse().unwrap_or(Tz::UTC),
        counters: counters_of(tx, row.source_id).await?,
    })
}

/// The entries of a digest, oldest first; none if the notification is of one entry.
async fn digest(tx: &mut Tx, notification_id: i64) -> Result<Vec<Entry>> {
    let sql = format!(
        "select {ENTRY_COLUMNS} from digest_entry d join entry e on e.id = d.entry_id
         where d.notification_id = ? order by e.id"
    );
    let rows: Vec<EntryRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(notification_id).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// Ends a delivery. An answer is deleted with it: nobody will ask for it again.
async fn end(
    tx: &mut Tx,
    claimed: &Claimed,
    state: &str,
    message_id: Option<i64>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = match claimed.content {
        Content::Answer(_) => {
            "delete from delivery where id = ?1 and attempt = ?2 and state = 'in_flight'"
        }
        Content::Push(_) => {
            "update delivery set state = ?3, message_id = ?4, reason = ?5, settled_at = ?6
             where id = ?1 and attempt = ?2 and state = 'in_flight'"
        }
    };
    let query = sqlx::query(sql).bind(claimed.delivery_id).bind(claimed.tries.attempt);
    let query = match claimed.content {
        Content::Answer(_) => query,
        Content::Push(_) => query.bind(state).bind(message_id).bind(reason).bind(millis(now)),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}
