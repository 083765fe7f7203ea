//! The outbox: claiming what is due, settling what was sent.
//!
//! Promises: what is claimed is first in its place, so that entries arrive in the order they were
//! published; answers to commands come before everything else; what waits for a time that its chat
//! chose (the third lane) holds up nothing that does not; the time to wake comes from the same query as
//! the claim. A settlement applies to the attempt it names, or to nothing.
//! Leaves out: what a delivery tells, and whether it is its time (`contents`); how fast (`pace`), and what
//! an outcome means (`domain::delivery`).

pub(crate) mod fanout;
pub(crate) mod inspect;
pub(crate) mod payload;

use self::payload::Payload;
use super::{
    Result, Store, Tx, UpdateTx,
    chats::{self, place, thread},
    counter_schedule, instant, jobs, millis, removals,
};
use crate::domain::{AttemptHistory, ChatId, Place, Reply, Settlement};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeSet, time::Duration};

/// How long a claim holds. Longer than a send can take, so that only a crash, or a settlement that
/// could not be written, lets it run out.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// Answers that may wait for one place; of more the newest are kept.
const REPLIES_WAITING_MAX: i64 = 30;
/// Answers that a chat gets as soon as it may, and how far apart those after them are, in milliseconds.
const REPLIES_UNSPACED: i64 = 4;
const REPLY_SPACING_MS: i64 = 2000;
/// The age at which an answer is of no use any more: Telegram keeps updates as long.
const REPLY_STALE_AFTER: TimeDelta = TimeDelta::hours(24);
/// Deliveries that one claim puts off or finds unwanted: a million chats may be in their quiet hours when
/// a milestone is told, and commands come in between. And how soon the next claim goes on with it.
const SKIPPED_MAX: u32 = 300;
const RECHECK_AFTER: TimeDelta = TimeDelta::milliseconds(10);
/// Rows deleted in one housekeeping transaction.
const PRUNED_MAX: i64 = 10_000;

/// A delivery that is ours to send, until its lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its number.
    pub delivery_id: i64,
    /// Where to.
    pub place: Place,
    /// What.
    pub content: Payload,
    /// Whether it comes without a sound.
    pub is_silent: bool,
    /// What was tried so far, this attempt included.
    pub tries: AttemptHistory,
}

/// What a claim came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimResult {
    /// What may be sent now.
    pub claimed: Vec<Claimed>,
    /// When the next one is due, as far as it is not for a chat that is held; `None`: none waits.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What may be claimed.
#[derive(Clone, Copy, Debug)]
pub struct ClaimRequest<'a> {
    /// At most so many.
    pub limit: u32,
    /// Not for these chats.
    pub held: &'a [ChatId],
    /// Where more than so many pushes of a source wait for one place, one message tells of all.
    pub digest_above: usize,
    /// Whether what waited for its time goes before what is told at once. Both have their turns.
    pub later_first: bool,
}

/// A lane: answers, what is told at once, what waits for a time that the chat chose.
pub(crate) const LANE_REPLY: i64 = 0;
pub(crate) const LANE_IMMEDIATE: i64 = 1;
pub(crate) const LANE_DEFERRED: i64 = 2;

/// What is first in its place.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct QueueHead {
    pub id: i64,
    pub lane: i64,
    pub chat_id: i64,
    pub thread_id: i64,
    pub due_at: i64,
    pub created_at: i64,
    /// Whether it is an answer.
    pub is_answer: bool,
    pub is_notice: bool,
}

impl UpdateTx {
    /// Puts the answer to somebody into the outbox.
    pub async fn reply(&mut self, answer: &Reply) -> Result<()> {
        enqueue_reply(&mut self.tx, answer, self.now).await?;
        // Whoever asks for much at once leaves the others their part of what may be sent in a second.
        sqlx::query(
            "update delivery set due_at = due_at + ?4 * max(0, (
                select count(*) from delivery
                where chat_id = ?1 and thread_id = ?2 and lane = 0 and settled_at is null) - ?3)
             where id = last_insert_rowid()",
        )
        .bind(answer.place.chat.0)
        .bind(thread(answer.place))
        .bind(REPLIES_UNSPACED)
        .bind(REPLY_SPACING_MS)
        .execute(&mut *self.tx)
        .await?;
        // What was asked last is what somebody waits for.
        sqlx::query(
            "delete from delivery where id in (
                select id from delivery
                where chat_id = ?1 and thread_id = ?2 and lane = 0 and settled_at is null
                    and state = 'pending' and is_notice = 0
                order by id desc limit -1 offset ?3)",
        )
        .bind(answer.place.chat.0)
        .bind(thread(answer.place))
        .bind(REPLIES_WAITING_MAX)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// Puts an answer into the outbox.
pub(crate) async fn enqueue_reply(tx: &mut Tx, answer: &Reply, now: DateTime<Utc>) -> Result<()> {
    let buttons = (!answer.message.buttons.is_empty())
        .then(|| serde_json::to_string(&answer.message.buttons).unwrap_or_default());
    sqlx::query(
        "insert into delivery (lane, html, chat_id, thread_id, created_at, due_at, buttons, edit_id,
            reply_id, file)
         values (0, ?3, ?1, ?2, ?4, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(answer.place.chat.0)
    .bind(thread(answer.place))
    .bind(&answer.message.html)
    .bind(millis(now))
    .bind(buttons)
    .bind(answer.edit_id)
    .bind(answer.reply_id)
    .bind(&answer.file)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts something into the outbox that the operator has to know, however old it gets.
pub(crate) async fn enqueue_notice(tx: &mut Tx, notice: &Reply, now: DateTime<Utc>) -> Result<()> {
    enqueue_reply(tx, notice, now).await?;
    sqlx::query("update delivery set is_notice = 1 where id = last_insert_rowid()")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Claims deliveries that are due, at most one for a chat.
    pub async fn claim(&self, now: DateTime<Utc>, wanted: ClaimRequest<'_>) -> Result<ClaimResult> {
        let mut held: BTreeSet<i64> = wanted.held.iter().map(|chat| chat.0).collect();
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let mut claim = ClaimResult { claimed: Vec::new(), next_due_at: None };
        let mut tx = self.begin().await?;
        let mut is_written = false;
        let mut passed_over = 0;
        let (first, second) = if wanted.later_first {
            (LANE_DEFERRED, LANE_IMMEDIATE)
        } else {
            (LANE_IMMEDIATE, LANE_DEFERRED)
        };
        for lane in [LANE_REPLY, first, second] {
            let mut is_done = false;
            while !is_done && passed_over < SKIPPED_MAX {
                is_done = true;
                let room = limit.saturating_sub(claim.claimed.len()).max(1);
                for head in queue_heads(&mut tx, lane, &held, room, now).await? {
                    let (chat_id, due_at) = (head.chat_id, instant(head.due_at));
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
                        // It is not to be sent, or not now; what was behind it comes forward.
                        None => (is_done, passed_over) = (false, passed_over + 1),
                    }
                }
            }
        }
        if passed_over >= SKIPPED_MAX {
            let soon_at = now + RECHECK_AFTER;
            claim.next_due_at = claim.next_due_at.map_or(Some(soon_at), |at| Some(at.min(soon_at)));
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
        self.shift_due_times(latest.map_or(TimeDelta::zero(), |at| instant(at) - now), now).await?;
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
    pub async fn shift_due_times(&self, by: TimeDelta, now: DateTime<Utc>) -> Result<()> {
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
        sqlx::query("update job set due_at = ?1 where due_at > ?2")
            .bind(millis(now))
            .bind(millis(now + jobs::LEASE))
            .execute(&mut *tx)
            .await?;
        removals::shift_due_times(&mut tx, now).await?;
        counter_schedule::shift_due_times(&mut tx, now).await?;
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

    /// How many deliveries are still to be settled, or even to be made; without those that wait for a
    /// time that their chat chose.
    pub async fn open_deliveries(&self) -> Result<i64> {
        let open = "select count(*) from delivery where settled_at is null and lane < 2";
        let made: i64 = sqlx::query_scalar(open).fetch_one(&self.readers).await?;
        Ok(made + self.pending_fanout().await?)
    }

    /// Deletes deliveries that were settled before then, and keeps their number with the
    /// notification. Returns how many; there may be more.
    pub async fn prune(&self, before_at: DateTime<Utc>) -> Result<u64> {
        let mut tx = self.begin().await?;
        let old = "with old as (
            select id, notification_id, state from delivery
            where settled_at is not null and settled_at < ?1
                -- While it is still being made, what was made already must not be made again.
                and (notification_id is null
                    or notification_id not in (select notification_id from fanout))
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
            return finish(tx, claimed, "sent", Some(*message_id), None, now).await;
        }
        Settlement::Dead(why) => return finish(tx, claimed, "dead", None, Some(why), now).await,
        Settlement::ForgetPlace(_) | Settlement::ForgetChat(_)
            if !is_current_attempt(tx, claimed).await? =>
        {
            // Who was gone may have come back since.
            return Ok(());
        }
        Settlement::ForgetPlace(why) => return chats::delete_place(tx, place, why, now).await,
        Settlement::ForgetChat(why) => return chats::delete_chat(tx, place.chat, why, now).await,
        Settlement::Again { wait, .. } => (*wait, 0, false, false),
        Settlement::AgainUnanswered { wait, ignored } => (*wait, 1, *ignored, false),
        Settlement::AgainPlain(_) => (Duration::ZERO, 0, false, true),
        Settlement::AgainAsNew(_) | Settlement::Migrate(_) => (Duration::ZERO, 0, false, false),
    };
    // What it waits for, and why it goes otherwise than it was meant to.
    let why = match settlement {
        Settlement::Again { why, .. }
        | Settlement::AgainPlain(why)
        | Settlement::AgainAsNew(why) => Some(why),
        _ => None,
    };
    let due_at = now + wait;
    let again = sqlx::query(
        "update delivery set state = 'pending', due_at = ?3, unanswered = unanswered + ?4,
            ignored = ignored + ?5, plain = max(plain, ?6), reason = ifnull(?7, reason),
            edit_id = iif(?8, null, edit_id), reply_id = iif(?8, null, reply_id)
         where id = ?1 and attempt = ?2 and state = 'in_flight'",
    )
    .bind(claimed.delivery_id)
    .bind(claimed.tries.attempt)
    .bind(millis(due_at))
    .bind(unanswered)
    .bind(ignored)
    .bind(plain)
    .bind(why)
    .bind(matches!(settlement, Settlement::AgainAsNew(_)))
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
async fn is_current_attempt(tx: &mut Tx, claimed: &Claimed) -> Result<bool> {
    let sql = "select exists (select 1 from delivery
        where id = ? and attempt = ? and state = 'in_flight')";
    let query = sqlx::query_scalar(sql).bind(claimed.delivery_id).bind(claimed.tries.attempt);
    Ok(query.fetch_one(&mut **tx).await?)
}

/// The open deliveries of a lane that are first in their place and whose chat is not held, the
/// soonest due first.
///
/// What is told at once lets entries go first that have waited and are due, so that a place hears of
/// entries in the order in which they were published. Of what waits and is due, the oldest is first; what was tried
/// before and is soon tried again is not overtaken, and what is carried by another goes with it.
async fn queue_heads(
    tx: &mut Tx,
    lane: i64,
    held: &BTreeSet<i64>,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Vec<QueueHead>> {
    let held = serde_json::Value::from_iter(held.iter().copied()).to_string();
    let before = match lane {
        LANE_DEFERRED => {
            "and merged_into_id is null
             and not exists (select 1 from delivery e indexed by delivery_queue
                where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
                    and e.id < d.id and e.settled_at is null and e.merged_into_id is null
                    and (e.due_at <= max(d.due_at, ?4)
                        or (e.attempt > 0 and e.due_at <= ?4 + 3600000)))"
        }
        LANE_IMMEDIATE => {
            "and not exists (select 1 from delivery e
                where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
                    and e.id < d.id and e.settled_at is null)
             and not exists (select 1 from delivery e indexed by delivery_queue
                where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = 2
                    and e.notification_id is not null and e.settled_at is null
                    and (e.due_at <= ?4 or e.state = 'in_flight'))"
        }
        _ => {
            "and not exists (select 1 from delivery e
                where e.chat_id = d.chat_id and e.thread_id = d.thread_id and e.lane = d.lane
                    and e.id < d.id and e.settled_at is null)"
        }
    };
    let sql = format!(
        "select id, lane, chat_id, thread_id, due_at, created_at, html is not null as is_answer, is_notice
         from delivery d
         where lane = ?1 and settled_at is null {before}
            and chat_id not in (select value from json_each(?2))
         order by due_at, id limit ?3"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(lane)
        .bind(held)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(millis(now))
        .fetch_all(&mut **tx)
        .await?)
}

/// Marks a delivery as in flight; one whose lease ran out lost its answer. An answer that is too
/// old is deleted instead, and so is what its chat does not want; what is to come later is put off, and
/// what a place was sent before it was stopped is set aside.
async fn lease(
    tx: &mut Tx,
    head: QueueHead,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    let age = now - instant(head.created_at);
    if head.is_answer && !head.is_notice && age > REPLY_STALE_AFTER {
        delete(tx, head.id).await?;
        return Ok(None);
    }
    if !head.is_answer && removals::set_aside_late(tx, &head).await? {
        return Ok(None);
    }
    let (content, is_silent) = match payload::load(tx, &head, digest_above, now).await? {
        payload::Readiness::Now(content, is_silent) => (*content, is_silent),
        payload::Readiness::Never => {
            delete(tx, head.id).await?;
            return Ok(None);
        }
        payload::Readiness::Later(at) => {
            sqlx::query("update delivery set lane = 2, due_at = ?2 where id = ?1")
                .bind(head.id)
                .bind(millis(at))
                .execute(&mut **tx)
                .await?;
            return Ok(None);
        }
    };
    let (attempt, unanswered, ignored, plain): (u32, u32, u32, bool) = sqlx::query_as(
        "update delivery set state = 'in_flight', attempt = attempt + 1, due_at = ?2,
            unanswered = unanswered + (state = 'in_flight')
         where id = ?1 returning attempt, unanswered, ignored, plain",
    )
    .bind(head.id)
    .bind(millis(now + LEASE))
    .fetch_one(&mut **tx)
    .await?;
    let refers = match &content {
        Payload::Reply(answer) => answer.edit_id.is_some() || answer.reply_id.is_some(),
        _ => false,
    };
    Ok(Some(Claimed {
        delivery_id: head.id,
        place: place(head.chat_id, head.thread_id),
        content,
        is_silent,
        tries: AttemptHistory {
            attempt,
            unanswered,
            ignored,
            is_plain: plain,
            has_reply_or_edit: refers,
            age: age.to_std().unwrap_or_default(),
            others_answered: false,
        },
    }))
}

async fn delete(tx: &mut Tx, delivery_id: i64) -> Result<()> {
    sqlx::query("delete from delivery where id = ?").bind(delivery_id).execute(&mut **tx).await?;
    Ok(())
}

/// Ends a delivery. An answer is deleted with it: nobody will ask for it again.
async fn finish(
    tx: &mut Tx,
    claimed: &Claimed,
    state: &str,
    message_id: Option<i64>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = match claimed.content {
        Payload::Reply(_) => {
            "delete from delivery where id = ?1 and attempt = ?2 and state = 'in_flight'"
        }
        _ => {
            // Why it went as plain text is worth knowing of one that arrived, too.
            "update delivery set state = ?3, message_id = ?4,
                reason = iif(?3 = 'sent' and plain = 1, reason, ?5), settled_at = ?6
             where id = ?1 and attempt = ?2 and state = 'in_flight'"
        }
    };
    let query = sqlx::query(sql).bind(claimed.delivery_id).bind(claimed.tries.attempt);
    let query = match claimed.content {
        Payload::Reply(_) => query,
        _ => query.bind(state).bind(message_id).bind(reason).bind(millis(now)),
    };
    let ended = query.execute(&mut **tx).await?.rows_affected() > 0;
    if ended && !matches!(claimed.content, Payload::Reply(_)) {
        // What it carried has arrived with it; if it was refused, the rest goes without it.
        let sql = if state == "sent" {
            "update delivery set state = ?2, message_id = ?3, settled_at = ?4
             where merged_into_id = ?1 and settled_at is null"
        } else {
            "update delivery set merged_into_id = null where merged_into_id = ?1"
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
