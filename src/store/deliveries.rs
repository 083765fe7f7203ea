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
    fanout, instant, millis,
};
use crate::{
    domain::{Answer, ChatId, Counter, Entry, Place, Settlement, Tries},
    lang::Lang,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::{collections::BTreeSet, time::Duration};

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

/// What may be claimed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// At most so many.
    pub limit: u32,
    /// Not for these chats.
    pub held: &'a [ChatId],
    /// Where more than so many pushes of a source wait for one place, one message tells of all.
    pub digest_above: usize,
}

/// Number, chat, topic, when due, when made, text of an answer.
type Head = (i64, i64, i64, i64, i64, Option<String>);

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
    /// Claims deliveries that are due, at most one for a chat.
    pub async fn claim(&self, now: DateTime<Utc>, wanted: Wanted<'_>) -> Result<Claim> {
        let mut held: BTreeSet<i64> = wanted.held.iter().map(|chat| chat.0).collect();
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let mut claim = Claim { claimed: Vec::new(), next_due_at: None };
        let mut tx = self.begin().await?;
        let mut is_written = false;
        for lane in [0, 1] {
            let mut is_done = false;
            while !is_done {
                is_done = true;
                let room = limit.saturating_sub(claim.claimed.len()).max(1);
                for head in heads(&mut tx, lane, &held, room).await? {
                    let (chat_id, due_at) = (head.1, instant(head.3));
                    if due_at > now || claim.claimed.len() >= limit {
                        claim.next_due_at =
                            [claim.next_due_at, Some(due_at)].into_iter().flatten().min();
                        break;
                    }
                    // The next topic of the same chat waits for the next claim.
                    if held.contains(&chat_id) {
                        continue;
                    }
                    is_written = true;
                    match lease(&mut tx, head, wanted.digest_above, now).await? {
                        Some(claimed) => {
                            held.insert(chat_id);
                            claim.claimed.push(claimed);
                        }
                        // It was deleted; what was behind it comes forward.
                        None => is_done = false,
                    }
                }
            }
        }
        if is_written {
            tx.commit().await?;
        } else {
            // Nothing was written that is worth a write to the disk.
            tx.rollback().await?;
        }
        Ok(claim)
    }

    /// Applies what follows from the outcomes of claimed sends, all or none of it.
    pub async fn settle(
        &self,
        settled: &[(&Claimed, Settlement)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        for (claimed, settlement) in settled {
            settle(&mut tx, claimed, settlement, now).await?;
        }
        tx.commit().await
    }

    /// Takes back what a process before this one had in flight when it ended: whether it arrived
    /// is not known. Returns how many there were.
    pub async fn recover(&self, now: DateTime<Utc>) -> Result<u64> {
        // The last thing that is known to have happened: is it still to come, the clock was set back.
        let latest: Option<i64> = sqlx::query_scalar("select max(polled_at) from source")
            .fetch_one(&self.readers)
            .await?;
        self.set_back(latest.map_or(TimeDelta::zero(), |at| instant(at) - now), now).await?;
        let mut tx = self.begin().await?;
        let rows: Vec<(i64, u32)> = sqlx::query_as(
            "select id, unanswered from delivery where settled_at is null and state = 'in_flight'",
        )
        .fetch_all(&mut *tx)
        .await?;
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

    /// The clock was set back by so much: nothing waits longer for it.
    pub async fn set_back(&self, by: TimeDelta, now: DateTime<Utc>) -> Result<()> {
        if by <= TimeDelta::zero() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "update delivery set due_at = max(due_at - ?1, ?2)
             where settled_at is null and due_at > ?2",
        )
        .bind(by.num_milliseconds())
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await
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

    /// How many deliveries are still to be settled, or even to be made.
    pub async fn open_deliveries(&self) -> Result<i64> {
        let open = "select count(*) from delivery where settled_at is null";
        let made: i64 = sqlx::query_scalar(open).fetch_one(&self.readers).await?;
        Ok(made + self.unmade().await?)
    }

    /// Deletes deliveries that were settled before then, and keeps their number with the
    /// notification. Returns how many; there may be more.
    pub async fn prune(&self, before_at: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let old = "with old as (
            select id, notification_id, state from delivery
            where settled_at is not null and settled_at < ?1
                -- While it is still being made, what was made already must not be made again.
                and notification_id not in (select notification_id from fanout)
            order by settled_at, id limit ?2) ";
        let total = "update notification set
                sent_before = sent_before + t.sent, dead_before = dead_before + t.dead
             from (select notification_id, sum(state = 'sent') as sent, sum(state = 'dead') as dead
                from old group by notification_id) t
             where notification.id = t.notification_id";
        let delete = "delete from delivery where id in (select id from old)";
        let mut deleted = 0;
        for statement in [total, delete] {
            deleted = sqlx::query(sqlx::AssertSqlSafe(format!("{old}{statement}")))
                .bind(millis(before_at))
                .bind(PRUNED_MAX)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        }
        tx.commit().await?;
        Ok(deleted)
    }
}

/// Applies what follows from the outcome of one send.
async fn settle(
    tx: &mut Tx,
    claimed: &Claimed,
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> Result<()> {
    let place = claimed.place;
    let (wait, unanswered, ignored, plain) = match settlement {
        Settlement::Sent(message_id) => {
            return end(tx, claimed, "sent", Some(*message_id), None, now).await;
        }
        Settlement::Dead(why) => return end(tx, claimed, "dead", None, Some(why), now).await,
        Settlement::ForgetPlace(_) | Settlement::ForgetChat(_) if !is_ours(tx, claimed).await? => {
            // Who was gone may have come back since.
            return Ok(());
        }
        Settlement::ForgetPlace(why) => return chats::forget_place(tx, place, why, now).await,
        Settlement::ForgetChat(why) => return chats::forget(tx, place.chat, why, now).await,
        Settlement::Again(wait) => (*wait, 0, false, false),
        Settlement::AgainUnanswered { wait, ignored } => (*wait, 1, *ignored, false),
        Settlement::AgainPlain => (Duration::ZERO, 0, false, true),
        Settlement::Migrate(_) => (Duration::ZERO, 0, false, false),
    };
    let due_at = now + wait;
    let again = sqlx::query(
        "update delivery set state = 'pending', due_at = ?3, unanswered = unanswered + ?4,
            ignored = ignored + ?5, plain = max(plain, ?6)
         where id = ?1 and attempt = ?2 and state = 'in_flight'",
    )
    .bind(claimed.delivery_id)
    .bind(claimed.tries.attempt)
    .bind(millis(due_at))
    .bind(unanswered)
    .bind(ignored)
    .bind(plain)
    .execute(&mut **tx)
    .await?;
    if again.rows_affected() > 0 && due_at > now {
        // What is behind it waits as well, and is not looked at in vain.
        sqlx::query(
            "update delivery indexed by delivery_queue set due_at = ?4
             where chat_id = ?1 and thread_id = ?2 and settled_at is null and due_at < ?4
                and lane = (select lane from delivery where id = ?3) and id > ?3",
        )
        .bind(place.chat.0)
        .bind(thread(place))
        .bind(claimed.delivery_id)
        .bind(millis(due_at))
        .execute(&mut **tx)
        .await?;
    }
    if let Settlement::Migrate(to) = settlement {
        chats::migrate(tx, place.chat, *to, now).await?;
    }
    Ok(())
}

/// Whether the attempt is still the one that is on its way.
async fn is_ours(tx: &mut Tx, claimed: &Claimed) -> Result<bool> {
    let sql = "select exists (select 1 from delivery
        where id = ? and attempt = ? and state = 'in_flight')";
    let query = sqlx::query_scalar(sql).bind(claimed.delivery_id).bind(claimed.tries.attempt);
    Ok(query.fetch_one(&mut **tx).await?)
}

/// The open deliveries of a lane that are first in their place and whose chat is not held, the
/// soonest due first.
async fn heads(tx: &mut Tx, lane: i64, held: &BTreeSet<i64>, limit: usize) -> Result<Vec<Head>> {
    let held = serde_json::Value::from_iter(held.iter().copied()).to_string();
    Ok(sqlx::query_as(
        "select id, chat_id, thread_id, due_at, made_at, html
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
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await?)
}

/// Marks a delivery as in flight; one whose lease ran out lost its answer. An answer that is too
/// old is deleted instead.
async fn lease(
    tx: &mut Tx,
    head: Head,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    let (delivery_id, chat_id, thread_id, _, made_at, html) = head;
    let age = now - instant(made_at);
    if html.is_some() && age > ANSWER_USELESS_AFTER {
        sqlx::query("delete from delivery where id = ?")
            .bind(delivery_id)
            .execute(&mut **tx)
            .await?;
        return Ok(None);
    }
    let (attempt, unanswered, ignored, plain): (u32, u32, u32, bool) = sqlx::query_as(
        "update delivery set state = 'in_flight', attempt = attempt + 1, due_at = ?2,
            unanswered = unanswered + (state = 'in_flight')
         where id = ?1 returning attempt, unanswered, ignored, plain",
    )
    .bind(delivery_id)
    .bind(millis(now + LEASE))
    .fetch_one(&mut **tx)
    .await?;
    let content = match html {
        Some(html) => Content::Answer(html),
        None => {
            carry(tx, delivery_id, place(chat_id, thread_id), digest_above, now).await?;
            Content::Push(Box::new(push(tx, delivery_id, chat_id).await?))
        }
    };
    Ok(Some(Claimed {
        delivery_id,
        place: place(chat_id, thread_id),
        content,
        tries: Tries {
            attempt,
            unanswered,
            ignored,
            plain,
            age: age.to_std().unwrap_or_default(),
            others_answered: false,
        },
    }))
}

/// Lets a delivery tell of all that waits behind it from the same source, if that is more than is
/// told one by one: what gathered while Telegram could not be reached.
async fn carry(
    tx: &mut Tx,
    delivery_id: i64,
    place: Place,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<()> {
    let (waiting, unmade): (i64, i64) = sqlx::query_as(
        "select (select count(*) from delivery
            where chat_id = ? and thread_id = ? and lane = 1 and settled_at is null),
            (select count(*) from fanout)",
    )
    .bind(place.chat.0)
    .bind(thread(place))
    .fetch_one(&mut **tx)
    .await?;
    if usize::try_from(waiting + unmade).unwrap_or(0) <= digest_above {
        return Ok(());
    }
    if unmade > 0 {
        // What is still to be made for the place has gathered as well.
        fanout::make_for(tx, place.chat, now).await?;
    }
    sqlx::query(
        "with behind as (
            select d.id from delivery d
            join notification n on n.id = d.notification_id
            join entry e on e.id = n.entry_id
            where d.chat_id = ?2 and d.thread_id = ?3 and d.lane = 1 and d.settled_at is null
                and d.id > ?1
                and e.source_id = (select e.source_id from delivery d
                    join notification n on n.id = d.notification_id
                    join entry e on e.id = n.entry_id where d.id = ?1))
         update delivery set carrier_id = ?1
         where id in (select id from behind) and (select count(*) from behind) >= ?4",
    )
    .bind(delivery_id)
    .bind(place.chat.0)
    .bind(thread(place))
    .bind(i64::try_from(digest_above).unwrap_or(i64::MAX))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What the message of a push is made of.
async fn push(tx: &mut Tx, delivery_id: i64, chat_id: i64) -> Result<Push> {
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
         from delivery d
         join notification n on n.id = d.notification_id
         join entry e on e.id = n.entry_id
         join source on source.id = e.source_id
         where d.id = ?1"
    );
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(delivery_id)
        .bind(chat_id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(Push {
        lang: Lang::parse(&row.lang.unwrap_or_default()),
        listed: Listed { source_title: row.source_title, entry: row.entry.into() },
        digest: digest(tx, delivery_id).await?,
        source_url: row.source_url,
        zone: row.zone.parse().unwrap_or(Tz::UTC),
        counters: counters_of(tx, row.source_id).await?,
    })
}

/// The entries that a delivery tells of, oldest first; none if it is but one.
async fn digest(tx: &mut Tx, delivery_id: i64) -> Result<Vec<Entry>> {
    let sql = format!(
        "select {ENTRY_COLUMNS} from entry e where e.id in (
            select ifnull(g.entry_id, n.entry_id) from delivery d
            join notification n on n.id = d.notification_id
            left join digest_entry g on g.notification_id = n.id
            where d.id = ?1 or d.carrier_id = ?1)
         order by e.id"
    );
    let rows: Vec<EntryRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(delivery_id).fetch_all(&mut **tx).await?;
    let is_one = rows.len() == 1;
    Ok(rows.into_iter().filter(|_| !is_one).map(Entry::from).collect())
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
    let ended = query.execute(&mut **tx).await?.rows_affected() > 0;
    if ended && matches!(claimed.content, Content::Push(_)) {
        // What it carried has arrived with it; if it was refused, the rest goes without it.
        let sql = if state == "sent" {
            "update delivery set state = ?2, message_id = ?3, settled_at = ?4
             where carrier_id = ?1 and settled_at is null"
        } else {
            "update delivery set carrier_id = null where carrier_id = ?1"
        };
        let query = sqlx::query(sql).bind(claimed.delivery_id);
        let query = match state {
            "sent" => query.bind(state).bind(message_id).bind(millis(now)),
            _ => query,
        };
        query.execute(&mut **tx).await?;
    }
    Ok(())
}
