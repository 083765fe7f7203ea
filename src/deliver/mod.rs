//! Delivery: what is due is claimed, composed, sent and settled.
//!
//! Guarantees: a message is claimed at the moment at which it may be sent and not before, so what a chat
//! does until then counts, leaving above all. A claim is settled by its own outcome only.
//! Out of scope: waiting (`app`), the meaning of outcomes (`domain::delivery`).

mod compose;
pub mod rate_limiter;

use self::rate_limiter::{Permit, RateLimiter};
use crate::{
    domain::{
        AttemptHistory, ChatId, DeliveryConfig, NotificationId, Outgoing, RateEstimate,
        SendOutcome, Settlement,
    },
    store::{ClaimRequest, Claimed, Store, StoreError},
    telegram::Telegram,
    telemetry::metrics,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// The longest sleep, so that a clock that is set back does not stop delivery for long.
const SLEEP_MAX: TimeDelta = TimeDelta::seconds(60);
/// A chunk of a fan-out has the deliveries that are sent in this many seconds, and those of at
/// least this many places. A new broadcast waits that long for its turn beside an old one.
const FANOUT_SECONDS: f64 = 2.0;
const FANOUT_PLACES_MIN: f64 = 30.0;
/// The most chunks in a step, if none of their deliveries may be sent yet; and the pause after them.
const FANOUTS_PER_STEP_MAX: u32 = 8;
const RECHECK_AFTER: TimeDelta = TimeDelta::milliseconds(10);
/// The number of steps after which a chunk is created in any case: what is due may be for chats that
/// have to wait.
const FANOUT_EVERY_STEPS: u32 = 16;
/// How often the rate estimate is stored while it changes.
const SAVE_ESTIMATE_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Sends deliveries at the rate that Telegram allows.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    config: DeliveryConfig,
    rate_limiter: RateLimiter,
    /// The number of messages in flight to each chat. Nothing else is sent there meanwhile, however
    /// long it takes and whatever the clock says.
    in_flight: BTreeMap<ChatId, u32>,
    /// The notification whose fan-out had the last turn.
    last_fanout_id: NotificationId,
    /// Whether deferred deliveries go first in this step.
    later_first: bool,
    steps: u32,
    stepped_at: DateTime<Utc>,
    saved_estimate: (RateEstimate, DateTime<Utc>),
}

/// A delivery that is being sent.
#[derive(Debug)]
pub struct SendAttempt {
    /// The delivery.
    pub claimed: Claimed,
    /// The message.
    pub outgoing: Outgoing,
    permit: Permit,
}

impl SendAttempt {
    /// Returns when it may be sent: now, or a few milliseconds later.
    pub fn send_at(&self) -> DateTime<Utc> {
        self.permit.send_at
    }
}

/// The result of a step.
#[derive(Debug)]
pub enum Step {
    /// These are to be sent, each at its time.
    Send(Vec<SendAttempt>),
    /// Nothing can be sent before this time, unless something is enqueued or settled.
    IdleUntil(DateTime<Utc>),
}

impl Dispatcher {
    /// Creates a dispatcher. What an earlier process had in flight is sent again.
    pub async fn start(
        store: Store,
        config: DeliveryConfig,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let recovered = store.recover(now).await?;
        if recovered > 0 {
            tracing::warn!(
                "{recovered} messages were on their way when the last run ended; they are sent again"
            );
        }
        let mut rate_limiter =
            RateLimiter::new(config.per_second, store.rate_estimate().await?, now);
        for (chat, sent_at) in store.sent_since(now - TimeDelta::minutes(1)).await? {
            rate_limiter.record_past_send(chat, sent_at.min(now));
        }
        let saved_estimate = (rate_limiter.estimate(), now);
        Ok(Dispatcher {
            store,
            config,
            rate_limiter,
            in_flight: BTreeMap::new(),
            last_fanout_id: NotificationId(0),
            later_first: false,
            steps: 0,
            stepped_at: now,
            saved_estimate,
        })
    }

    /// Claims the next deliveries that may be sent.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Step, StoreError> {
        self.handle_clock_change(now).await?;
        self.save_estimate(now).await?;
        let latest = now + SLEEP_MAX;
        let idle = |at: DateTime<Utc>| Ok(Step::IdleUntil(at.min(latest)));
        match self.rate_limiter.ready_at(now) {
            None => return idle(latest),
            Some(at) if at > now => return idle(at),
            Some(_) => {}
        }
        let mut blocked = self.rate_limiter.blocked_chats(now);
        blocked.extend(self.in_flight.keys());
        self.later_first = !self.later_first;
        let request = ClaimRequest {
            limit: self.rate_limiter.batch_size(now),
            blocked: &blocked,
            digest_above: self.config.digest_above,
            later_first: self.later_first,
        };
        let places = self.places_per_chunk();
        self.steps = self.steps.wrapping_add(1);
        // The fan-out must not wait until everything that is due later is sent as well.
        if self.steps.is_multiple_of(FANOUT_EVERY_STEPS)
            || self.store.has_fewer_immediate(places, now).await?
        {
            self.materialize(places, now).await?;
        }
        for _ in 0..FANOUTS_PER_STEP_MAX {
            let claim = self.store.claim(now, request).await?;
            if !claim.claimed.is_empty() {
                let claimed = claim.claimed.into_iter();
                let attempts = claimed.map(|claimed| self.start_attempt(claimed, now)).collect();
                self.update_gauges();
                return Ok(Step::Send(attempts));
            }
            if !self.materialize(places, now).await? {
                let freed_at = self.rate_limiter.first_freed_at(now);
                let next_at = [claim.next_due_at, freed_at].into_iter().flatten().min();
                return idle(next_at.unwrap_or(latest));
            }
        }
        idle(now + RECHECK_AFTER)
    }

    fn places_per_chunk(&self) -> u32 {
        (self.rate_limiter.rate() * FANOUT_SECONDS).max(FANOUT_PLACES_MIN).ceil() as u32
    }

    /// Creates the next chunk of the fan-out whose turn it is. Returns false if there is none.
    async fn materialize(&mut self, places: u32, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let chunk = self.store.fan_out(self.last_fanout_id, places, now).await?;
        self.last_fanout_id = chunk.map_or(self.last_fanout_id, |chunk| chunk.notification_id);
        Ok(chunk.is_some())
    }

    fn start_attempt(&mut self, claimed: Claimed, now: DateTime<Utc>) -> SendAttempt {
        let chat = claimed.place.chat;
        *self.in_flight.entry(chat).or_default() += 1;
        let outgoing = compose::outgoing(&claimed, self.config.paid, now);
        let permit = self.rate_limiter.start(chat, now);
        SendAttempt { claimed, outgoing, permit }
    }

    /// Settles attempts by their outcomes. If it fails, it has to be called again with the same ones.
    pub async fn settle(
        &mut self,
        done: &[(SendAttempt, SendOutcome)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // First, since what follows is written with the current time.
        self.handle_clock_change(now).await?;
        let others_answered = self.rate_limiter.is_answered();
        let settled: Vec<(&Claimed, Settlement)> = done
            .iter()
            .map(|(attempt, outcome)| {
                let tries = AttemptHistory { others_answered, ..attempt.claimed.tries };
                (&attempt.claimed, Settlement::of(outcome, tries))
            })
            .collect();
        self.store.settle(&settled, now).await?;
        for ((attempt, outcome), (_, settlement)) in done.iter().zip(&settled) {
            log_outcome(attempt, outcome, settlement);
            metrics::settled(outcome, settlement, attempt.claimed.tries.unanswered);
            self.rate_limiter.finish(&attempt.permit, outcome, now);
            let chat = attempt.claimed.place.chat;
            if let Some(n) = self.in_flight.get_mut(&chat) {
                *n -= 1;
                if *n == 0 {
                    self.in_flight.remove(&chat);
                }
            }
        }
        self.update_gauges();
        Ok(())
    }

    fn update_gauges(&self) {
        metrics::rate(self.rate_limiter.rate(), self.in_flight.values().sum());
    }

    /// After the clock was set back, moves all times back, so that nothing waits longer because of
    /// the clock change. If it is set forward, things are due early, which does no harm: what is in
    /// flight is known.
    async fn handle_clock_change(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let by = self.stepped_at - now;
        if by > TimeDelta::zero() {
            self.store.shift_due_times(by, now).await?;
            self.rate_limiter.clock_moved_back(by);
            self.saved_estimate.1 -= by;
        }
        self.stepped_at = now;
        Ok(())
    }

    async fn save_estimate(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (estimate, (saved, at)) = (self.rate_limiter.estimate(), self.saved_estimate);
        let is_due = estimate.ceiling != saved.ceiling || now - at >= SAVE_ESTIMATE_EVERY;
        if is_due && estimate != saved {
            self.store.save_rate_estimate(estimate).await?;
            self.saved_estimate = (estimate, now);
        }
        Ok(())
    }
}

/// Sends a message: the part that takes time, and changes nothing but the chat.
pub async fn send<T: Telegram>(telegram: &T, attempt: &SendAttempt) -> SendOutcome {
    telegram.send(&attempt.outgoing).await
}

/// Logs the outcome of an attempt.
#[expect(clippy::cognitive_complexity, reason = "the expansion of the log macros counts")]
fn log_outcome(sent: &SendAttempt, outcome: &SendOutcome, settlement: &Settlement) {
    let Claimed { delivery_id, place, tries, .. } = &sent.claimed;
    let attempt = tries.attempt;
    let _span = tracing::error_span!("delivery", id = delivery_id.0, chat = %place).entered();
    match settlement {
        Settlement::Sent(_) => tracing::debug!(attempt, "message sent"),
        Settlement::ForgetChat(error) => tracing::info!(%error, "the chat is gone"),
        Settlement::ForgetPlace(error) => tracing::info!(%error, "the topic is gone"),
        Settlement::Migrate(to) => tracing::info!(%to, "the group is a supergroup now"),
        Settlement::Dead(error) => tracing::warn!(%error, attempt, "message given up"),
        Settlement::AgainPlain(error) => {
            tracing::warn!(%error, attempt, "message refused, sending it once more as plain text");
        }
        Settlement::Again { why: error, .. }
            if matches!(outcome, SendOutcome::ChatClosed(_)) && attempt == 1 =>
        {
            tracing::warn!(
                %error,
                "the bot may not write to the chat, retrying every hour for a day"
            );
        }
        Settlement::Again { why: error, .. } | Settlement::AgainAsNew(error) => {
            tracing::debug!(%error, attempt, "sending failed, retrying");
        }
        Settlement::AgainUnanswered { .. } => {
            let error = tracing::field::debug(outcome);
            tracing::debug!(
                error,
                attempt,
                "sending failed, whether it arrived is unknown, retrying"
            );
        }
    }
}
