//! Claiming deliveries that are due.
//!
//! Guarantees: one claim has at most one delivery per chat, and replies before others. It counts
//! the attempt and begins a lease, in one transaction; it also returns when the next claim is worth
//! making.
//! Out of scope: whether a delivery is wanted (`domain::readiness`), and the send rate (`deliver`).

use super::{
    lane::Lane,
    payload::{self, Loaded, Payload},
    queue::{QueueHead, queue_heads},
};
use crate::domain::{AttemptHistory, ChatId, DeliveryId, Place};
use crate::store::{
    Result, Store,
    encoding::{instant, millis},
    removals,
    tx::Tx,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// The lease. Longer than any send, so it expires only after a crash or a settlement that could not
/// be written.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// The age at which a reply is dropped. Telegram keeps updates for the same time.
const REPLY_STALE_AFTER: TimeDelta = TimeDelta::hours(24);
/// The most deliveries one claim defers or drops. Without a limit, a milestone during the quiet
/// hours of a million chats would block replies.
const SKIPPED_MAX: u32 = 300;
/// The wait before the next claim when this limit is reached.
const RECHECK_AFTER: TimeDelta = TimeDelta::milliseconds(10);

/// A delivery that may be sent until its lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its id.
    pub delivery_id: DeliveryId,
    /// Where it is sent.
    pub place: Place,
    /// What is sent.
    pub content: Payload,
    /// Whether it is sent without a notification sound.
    pub is_silent: bool,
    /// The attempts so far, this one included.
    pub tries: AttemptHistory,
}

/// The result of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimResult {
    /// What may be sent now.
    pub claimed: Vec<Claimed>,
    /// When the next one is due, apart from those for blocked chats. `None`: none waits.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What may be claimed.
#[derive(Clone, Copy, Debug)]
pub struct ClaimRequest<'a> {
    /// At most so many.
    pub limit: u32,
    /// Not for these chats: nothing may be sent to them now.
    pub blocked: &'a [ChatId],
    /// If more than this many deliveries of one source wait for a place, they become a digest.
    pub digest_above: usize,
    /// Whether deferred deliveries go before immediate ones. The caller alternates, so that neither
    /// lane starves.
    pub later_first: bool,
}

impl ClaimRequest<'_> {
    fn lanes(&self) -> [Lane; 3] {
        match self.later_first {
            true => [Lane::Reply, Lane::Deferred, Lane::Immediate],
            false => [Lane::Reply, Lane::Immediate, Lane::Deferred],
        }
    }
}

impl Store {
    /// Claims deliveries that are due, at most one for a chat.
    pub async fn claim(&self, now: DateTime<Utc>, wanted: ClaimRequest<'_>) -> Result<ClaimResult> {
        let mut claim = Claim {
            tx: self.begin().await?,
            limit: usize::try_from(wanted.limit).unwrap_or(usize::MAX),
            blocked: wanted.blocked.iter().map(|chat| chat.0).collect(),
            digest_above: wanted.digest_above,
            now,
            claimed: Vec::new(),
            next_due_at: None,
            skipped: 0,
            has_written: false,
        };
        for lane in wanted.lanes() {
            while claim.skipped < SKIPPED_MAX && claim.claim_heads(lane).await? {}
        }
        claim.finish().await
    }
}

/// A claim in progress.
struct Claim {
    tx: Tx,
    limit: usize,
    /// Chats for which nothing more is claimed.
    blocked: BTreeSet<i64>,
    digest_above: usize,
    now: DateTime<Utc>,
    claimed: Vec<Claimed>,
    next_due_at: Option<DateTime<Utc>>,
    /// How many deliveries were deferred or dropped.
    skipped: u32,
    has_written: bool,
}

/// What became of a queue head.
enum Step {
    Claimed(Box<Claimed>),
    /// This claim already has a delivery for another topic of the chat.
    ChatBlocked,
    /// It was deferred, dropped or set aside.
    Skipped,
    /// It is not due, or as many as wanted are claimed.
    NotNow,
}

impl Claim {
    /// Claims the queue heads of a lane. Returns whether any was skipped; then call again, because
    /// the delivery behind it is a head now.
    async fn claim_heads(&mut self, lane: Lane) -> Result<bool> {
        let count = self.limit.saturating_sub(self.claimed.len()).max(1);
        let heads = queue_heads(&mut self.tx, lane, &self.blocked, count, self.now).await?;
        let mut has_skipped = false;
        for head in heads {
            let due_at = instant(head.due_at);
            match self.step(head).await? {
                Step::Claimed(claimed) => {
                    self.blocked.insert(claimed.place.chat.0);
                    self.claimed.push(*claimed);
                }
                Step::ChatBlocked => {}
                Step::Skipped => {
                    has_skipped = true;
                    self.skipped += 1;
                }
                Step::NotNow => {
                    self.wake_at(due_at);
                    break;
                }
            }
        }
        Ok(has_skipped)
    }

    async fn step(&mut self, head: QueueHead) -> Result<Step> {
        if instant(head.due_at) > self.now || self.claimed.len() >= self.limit {
            return Ok(Step::NotNow);
        }
        if self.blocked.contains(&head.chat_id) {
            return Ok(Step::ChatBlocked);
        }
        self.has_written = true;
        let claimed = lease(&mut self.tx, head, self.digest_above, self.now).await?;
        Ok(claimed.map_or(Step::Skipped, |claimed| Step::Claimed(Box::new(claimed))))
    }

    fn wake_at(&mut self, at: DateTime<Utc>) {
        self.next_due_at = Some(self.next_due_at.map_or(at, |next_at| next_at.min(at)));
    }

    async fn finish(mut self) -> Result<ClaimResult> {
        if self.skipped >= SKIPPED_MAX {
            self.wake_at(self.now + RECHECK_AFTER);
        }
        if self.has_written {
            self.tx.commit().await?;
        } else {
            // Nothing to write to the disk.
            self.tx.rollback().await?;
        }
        Ok(ClaimResult { claimed: self.claimed, next_due_at: self.next_due_at })
    }
}

/// Marks a delivery as in flight. Returns `None` if it is not sent now:
///
/// - A stale reply is deleted, unless it is a notice to the operator.
/// - What was due to a place when it was stopped is set aside.
/// - What the chat does not want is deleted.
/// - What has to wait is deferred.
async fn lease(
    tx: &mut Tx,
    head: QueueHead,
    digest_above: usize,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    let age = now - instant(head.created_at);
    let is_reply = head.lane == Lane::Reply;
    if is_reply && !head.is_notice && age > REPLY_STALE_AFTER {
        delete(tx, head.id).await?;
        return Ok(None);
    }
    if !is_reply && removals::set_aside_late(tx, &head).await? {
        return Ok(None);
    }
    let (content, is_silent) = match payload::load(tx, &head, digest_above, now).await? {
        Loaded::Send(content, is_silent) => (*content, is_silent),
        Loaded::Drop => {
            delete(tx, head.id).await?;
            return Ok(None);
        }
        Loaded::Defer(at) => {
            sqlx::query("update delivery set lane = ?2, due_at = ?3 where id = ?1")
                .bind(head.id)
                .bind(Lane::Deferred)
                .bind(millis(at))
                .execute(&mut **tx)
                .await?;
            return Ok(None);
        }
    };
    let tries = AttemptHistory {
        has_reply_or_edit: content.has_reply_or_edit(),
        age: age.to_std().unwrap_or_default(),
        ..count_attempt(tx, head.id, now).await?
    };
    Ok(Some(Claimed { delivery_id: head.id, place: head.place(), content, is_silent, tries }))
}

/// Begins an attempt and its lease. If the delivery is still `in_flight`, its lease ran out; the
/// earlier attempt counts as unanswered.
async fn count_attempt(
    tx: &mut Tx,
    delivery_id: DeliveryId,
    now: DateTime<Utc>,
) -> Result<AttemptHistory> {
    let (attempt, unanswered, ignored, is_plain): (u32, u32, u32, bool) = sqlx::query_as(
        "update delivery set state = 'in_flight', attempt = attempt + 1, due_at = ?2,
            unanswered = unanswered + (state = 'in_flight')
         where id = ?1 returning attempt, unanswered, ignored, plain",
    )
    .bind(delivery_id)
    .bind(millis(now + LEASE))
    .fetch_one(&mut **tx)
    .await?;
    Ok(AttemptHistory { attempt, unanswered, ignored, is_plain, ..AttemptHistory::default() })
}

async fn delete(tx: &mut Tx, delivery_id: DeliveryId) -> Result<()> {
    sqlx::query("delete from delivery where id = ?").bind(delivery_id).execute(&mut **tx).await?;
    Ok(())
}
