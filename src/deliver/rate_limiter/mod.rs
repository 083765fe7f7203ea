//! The rate limiter: when the next message may be sent. Pure: the time is an argument.
//!
//! The rate falls after 429 responses and rises again slowly (`aimd`); failures pause all sending.
//!
//! Guarantees: sends are spread evenly, never in bursts. The limits are the configured rate over
//! all chats, one message per second to a chat, and 20 per minute to a group or channel (`chat`).
//! After a 429 only its chat waits; after 429s for two chats within a second, all wait. As few
//! sends as the rate needs are in flight, because a crash may repeat each. A hanging send is not
//! counted.
//! Out of scope: what is sent, and in which order (`store::outbox`).

mod aimd;
mod chat;
#[cfg(test)]
mod tests;

use self::{
    aimd::{Aimd, Throttled},
    chat::ChatLimit,
};
use crate::domain::{ChatId, RateEstimate, SendOutcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeMap, time::Duration};

/// A send without a response for this long, while others have one, does not count as in flight.
const STUCK_AFTER: TimeDelta = TimeDelta::milliseconds(3_000);
/// The most sends in flight, hanging ones included.
const IN_FLIGHT_MAX: usize = 512;
/// Sends due within this time are claimed in one transaction; each still starts at its own time.
const AHEAD: TimeDelta = TimeDelta::milliseconds(20);
/// Consecutive failures, of any chats, after which all sending pauses; without a connection the
/// first one is enough.
const FAILURES_BEFORE_PAUSE: u32 = 3;
/// The longest of these pauses, in seconds.
const PAUSE_MAX_S: i64 = 15;

/// The state of the rate limiter: what was sent lately, and how Telegram responded.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    aimd: Aimd,
    next_at: DateTime<Utc>,
    paused_until_at: Option<DateTime<Utc>>,
    chats: BTreeMap<ChatId, ChatLimit>,
    in_flight: BTreeMap<u64, DateTime<Utc>>,
    last_permit: u64,
    /// The smoothed time from a send to its response, in seconds.
    round_trip_s: f64,
    /// Its mean deviation, in seconds.
    deviation_s: f64,
    /// Consecutive failures of Telegram or the network.
    failures: u32,
    /// When Telegram last responded.
    answered_at: Option<DateTime<Utc>>,
}

/// The permission for one send. It is handed back with the outcome.
#[derive(Debug)]
pub struct Permit {
    number: u64,
    chat: ChatId,
    /// When the send may start: now, or a few milliseconds later.
    pub send_at: DateTime<Utc>,
}

impl RateLimiter {
    /// Creates a rate limiter of at most `per_second` messages over all chats. The first send is a
    /// second after `now`, because a process that has just ended may have used up the limit. An
    /// earlier estimate is used if it was made under the same limit.
    pub fn new(per_second: f64, estimate: Option<RateEstimate>, now: DateTime<Utc>) -> Self {
        RateLimiter {
            aimd: Aimd::new(per_second, estimate),
            next_at: now + TimeDelta::seconds(1),
            paused_until_at: None,
            chats: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            last_permit: 0,
            round_trip_s: 0.1,
            deviation_s: 0.05,
            failures: 0,
            answered_at: None,
        }
    }

    /// Counts a message that an earlier process sent, towards the limits of its chat.
    pub fn record_past_send(&mut self, chat: ChatId, sent_at: DateTime<Utc>) {
        self.chats.entry(chat).or_default().count(chat, sent_at);
    }

    /// Returns the rate at the moment, in messages per second.
    pub fn rate(&self) -> f64 {
        self.aimd.rate()
    }

    /// Returns the estimate, to be stored for the next process.
    pub fn estimate(&self) -> RateEstimate {
        self.aimd.estimate()
    }

    /// Returns when the next send may start. `None` until a send in flight finishes.
    pub fn ready_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            return None;
        }
        let at = self.next_at.max(self.paused_until_at.unwrap_or(self.next_at));
        if self.active(at.max(now)).count() < self.max_in_flight() {
            return Some(at);
        }
        // A slot becomes free when enough of the sends in flight have hung for `STUCK_AFTER`.
        let excess = self.active(now).count().saturating_sub(self.max_in_flight());
        let mut starts: Vec<_> = self.active(now).filter(|at| self.may_be_stuck(*at)).collect();
        starts.sort();
        starts.get(excess).map(|started_at| at.max(*started_at + STUCK_AFTER))
    }

    /// Whether Telegram has responded and no send has failed since it last accepted or refused one.
    pub fn is_answered(&self) -> bool {
        self.failures == 0 && self.answered_at.is_some()
    }

    /// Returns how many sends to claim in one transaction, at least 1. Ask `ready_at` first.
    pub fn batch_size(&self, now: DateTime<Utc>) -> u32 {
        let due = (now + AHEAD - self.next_at.max(now - self.gap())).as_seconds_f64() * self.rate();
        let free = self.max_in_flight().saturating_sub(self.active(now).count());
        let free = free.min(IN_FLIGHT_MAX.saturating_sub(self.in_flight.len()));
        (due.floor() as u32).min(u32::try_from(free).unwrap_or(u32::MAX)).max(1)
    }

    /// Returns the chats to which nothing may be sent now.
    pub fn blocked_chats(&mut self, now: DateTime<Utc>) -> Vec<ChatId> {
        self.chats.retain(|_, chat| !chat.is_idle(now));
        let blocked =
            self.chats.iter().filter(|(_, chat)| chat.free_at().is_some_and(|at| at > now));
        blocked.map(|(id, _)| *id).collect()
    }

    /// Returns the first time at which a chat that is blocked now is free again.
    pub fn first_freed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.chats.values().filter_map(ChatLimit::free_at).filter(|at| *at > now).min()
    }

    /// Counts a send. The permit says when it may start.
    pub fn start(&mut self, chat: ChatId, now: DateTime<Utc>) -> Permit {
        let gap = self.gap();
        let send_at = self.next_at.max(now);
        // A send that starts late, by at most one gap, does not delay the next; otherwise coarse
        // timers would lower the rate.
        self.next_at = self.next_at.max(now - gap) + gap;
        self.chats.entry(chat).or_default().count(chat, send_at);
        self.last_permit += 1;
        self.in_flight.insert(self.last_permit, send_at);
        Permit { number: self.last_permit, chat, send_at }
    }

    /// Adapts to the outcome of a send.
    pub fn finish(&mut self, permit: &Permit, outcome: &SendOutcome, now: DateTime<Utc>) {
        self.in_flight.remove(&permit.number);
        let is_answer = !matches!(outcome, SendOutcome::NotSent(_) | SendOutcome::Unanswered(_));
        if is_answer {
            self.answered_at = Some(now);
            let took_s = (now - permit.send_at).as_seconds_f64().clamp(0.0, 3.0);
            self.deviation_s += ((took_s - self.round_trip_s).abs() - self.deviation_s) * 0.1;
            self.round_trip_s += (took_s - self.round_trip_s) * 0.1;
        }
        match outcome {
            SendOutcome::RetryAfter(wait) => self.on_throttled(permit, *wait, now),
            SendOutcome::NotSent(_) | SendOutcome::Unanswered(_) | SendOutcome::ServerError(_) => {
                self.failures = self.failures.saturating_add(1);
                // Without a connection the next send would fail as well. With a connection, the
                // failure may be the fault of this message.
                let is_unreachable = matches!(outcome, SendOutcome::NotSent(_));
                if is_unreachable || self.failures >= FAILURES_BEFORE_PAUSE {
                    let doublings = self.failures.min(10) - 1;
                    let pause_s = (1i64 << doublings).min(PAUSE_MAX_S);
                    self.pause_until(now + TimeDelta::seconds(pause_s));
                }
            }
            _ => {
                self.failures = 0;
                self.aimd.increase();
            }
        }
    }

    /// Moves all times back, so that nothing waits longer because of the clock change.
    pub fn clock_moved_back(&mut self, by: TimeDelta) {
        let back = |at: &mut DateTime<Utc>| *at -= by;
        back(&mut self.next_at);
        self.paused_until_at.iter_mut().for_each(back);
        self.answered_at.iter_mut().for_each(back);
        self.aimd.clock_moved_back(by);
        self.in_flight.values_mut().for_each(back);
        self.chats.values_mut().for_each(|chat| chat.clock_moved_back(by));
    }

    /// After a 429 response.
    fn on_throttled(&mut self, permit: &Permit, wait: Duration, now: DateTime<Utc>) {
        let until_at = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1));
        self.chats.entry(permit.chat).or_default().block_until(until_at);
        match self.aimd.on_throttled(permit.chat, permit.send_at, now) {
            Throttled::Chat => {}
            Throttled::All => self.pause_until(until_at),
        }
    }

    fn pause_until(&mut self, until_at: DateTime<Utc>) {
        self.paused_until_at = self.paused_until_at.max(Some(until_at));
    }

    fn gap(&self) -> TimeDelta {
        TimeDelta::microseconds((1_000_000.0 / self.rate()) as i64)
    }

    /// The start times of the sends in flight that do not hang.
    fn active(&self, now: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let hangs = move |at: &DateTime<Utc>| *at + STUCK_AFTER <= now && self.may_be_stuck(*at);
        self.in_flight.values().copied().filter(move |at| !hangs(at))
    }

    /// Whether Telegram responded to another send since this one started. If not, the connection
    /// hangs rather than this send.
    fn may_be_stuck(&self, started_at: DateTime<Utc>) -> bool {
        self.answered_at.is_some_and(|answered_at| answered_at > started_at)
    }

    /// How many sends may be in flight: as many as the rate needs for a round trip of usual length,
    /// plus one. After repeated failures a single send, as a probe.
    fn max_in_flight(&self) -> usize {
        if self.failures >= FAILURES_BEFORE_PAUSE {
            return 1;
        }
        let round_trip_s = self.round_trip_s + 2.0 * self.deviation_s + AHEAD.as_seconds_f64();
        (self.rate() * round_trip_s).ceil() as usize + 1
    }
}
