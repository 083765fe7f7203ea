//! The send rate over all chats: additive increase, multiplicative decrease.
//!
//! Guarantees: the rate rises slowly while no 429 response comes, falls at once when one does, and then
//! stays below that rate for a long time. It never exceeds the configured limit.

use crate::domain::{ChatId, RateEstimate};
use chrono::{DateTime, TimeDelta, Utc};

/// The fraction of the limit at the start. With the usual jitter of a network no way of counting
/// messages objects to it.
pub(super) const START_FRACTION: f64 = 0.915;
/// The highest fraction, which a token bucket accepts.
pub(super) const TOP_FRACTION: f64 = 0.99;
/// The part of a fraction that led to a 429 response which is used after it.
const BELOW: f64 = 0.98;
/// The lowest ceiling. A 429 response at a lower fraction has another cause.
pub(super) const CEILING_MIN: f64 = 0.925;
/// The part of the rate that remains, at or below the start fraction, when one chat is throttled, which
/// may be a limit of that chat.
pub(super) const DECREASE_ONE: f64 = 0.97;
/// The part that remains when several chats are throttled.
pub(super) const DECREASE_ALL: f64 = 0.85;
/// The lowest fraction.
const FRACTION_MIN: f64 = 0.05;
/// The lowest rate, in messages per second.
const RATE_MIN: f64 = 1.0;
/// What the fraction gains with each second's worth of messages, above the start fraction: each step
/// there is an experiment. By time and not by message, since a 429 response costs time.
pub(super) const INCREASE: f64 = 0.002_4;
/// What it gains below the start fraction.
const INCREASE_BELOW_START: f64 = 0.024;
/// Seconds' worth of messages without a 429 response after which the ceiling is forgotten.
const FORGOTTEN_AFTER: f64 = 1000.0;
/// 429 responses within this time belong to one incident: they answer what was in flight.
const INCIDENT: TimeDelta = TimeDelta::milliseconds(3_000);
/// Two throttled chats within this time mean that the limit over all chats was exceeded.
const ALL_WINDOW: TimeDelta = TimeDelta::milliseconds(1_000);

/// Which limit a 429 response is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Throttled {
    /// That of the chat, as far as is known.
    Chat,
    /// That over all chats.
    All,
}

/// The send rate and what it was adapted by.
#[derive(Clone, Debug)]
pub(super) struct Aimd {
    /// The configured limit, in messages per second.
    limit: f64,
    estimate: RateEstimate,
    /// The last 429 response.
    pub(super) throttled: Option<(DateTime<Utc>, ChatId)>,
    /// When the rate was last decreased, and to which part; 0: to below the rate that was tried.
    pub(super) decreased: Option<(DateTime<Utc>, f64)>,
}

impl Aimd {
    /// Starts with an earlier estimate, if it was made under the same limit.
    pub(super) fn new(limit: f64, estimate: Option<RateEstimate>) -> Self {
        let fresh = RateEstimate {
            per_second: limit,
            fraction: START_FRACTION,
            ceiling: None,
            clean_sends: 0,
        };
        let estimate = estimate.filter(|estimate| estimate.per_second == limit).unwrap_or(fresh);
        Aimd {
            limit,
            estimate: RateEstimate {
                fraction: estimate.fraction.clamp(FRACTION_MIN, TOP_FRACTION),
                ..estimate
            },
            throttled: None,
            decreased: None,
        }
    }

    /// Messages per second at the moment.
    pub(super) fn rate(&self) -> f64 {
        (self.limit * self.estimate.fraction).max(RATE_MIN.min(self.limit))
    }

    pub(super) fn estimate(&self) -> RateEstimate {
        self.estimate
    }

    /// After a message without a 429 response.
    pub(super) fn increase(&mut self) {
        let estimate = &mut self.estimate;
        estimate.clean_sends = estimate.clean_sends.saturating_add(1);
        if f64::from(estimate.clean_sends) > FORGOTTEN_AFTER * self.limit {
            estimate.ceiling = None;
        }
        let top =
            estimate.ceiling.map_or(TOP_FRACTION, |ceiling| (ceiling * BELOW).min(TOP_FRACTION));
        let rise = if estimate.fraction < START_FRACTION { INCREASE_BELOW_START } else { INCREASE };
        estimate.fraction = estimate.fraction.max((estimate.fraction + rise / self.limit).min(top));
    }

    /// After a 429 response to a message that was sent at `sent_at`.
    pub(super) fn on_throttled(
        &mut self,
        chat: ChatId,
        sent_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Throttled {
        let last = self.throttled.replace((now, chat));
        // A single chat that is throttled repeatedly has a limit of its own.
        let Some((last_at, _)) = last.filter(|(_, last_chat)| *last_chat != chat) else {
            if last.is_none() {
                self.decrease(DECREASE_ONE, sent_at, now);
            }
            return Throttled::Chat;
        };
        if now - last_at < ALL_WINDOW {
            self.decrease(DECREASE_ALL, sent_at, now);
            Throttled::All
        } else {
            self.decrease(DECREASE_ONE, sent_at, now);
            Throttled::Chat
        }
    }

    /// Decreases the rate: to below what was tried, or to a part of it at or below the start fraction.
    /// Once for everything that was in flight, by the smallest part that any of it asks for.
    fn decrease(&mut self, part: f64, sent_at: DateTime<Utc>, now: DateTime<Utc>) {
        let estimate = &mut self.estimate;
        estimate.clean_sends = 0;
        if let Some((_, before)) = self.decreased.filter(|(at, _)| sent_at - *at < INCIDENT) {
            if part < before {
                estimate.fraction = (estimate.fraction * part / before).max(FRACTION_MIN);
                self.decreased = Some((now, part));
            }
            return;
        }
        let ceiling =
            estimate.ceiling.map_or(estimate.fraction, |ceiling| ceiling.min(estimate.fraction));
        estimate.ceiling = Some(ceiling.max(CEILING_MIN));
        if estimate.fraction > START_FRACTION {
            estimate.fraction = START_FRACTION.min(estimate.fraction * BELOW);
            self.decreased = Some((now, 0.0));
        } else {
            estimate.fraction = (estimate.fraction * part).max(FRACTION_MIN);
            self.decreased = Some((now, part));
        }
    }

    /// After the clock was set back.
    pub(super) fn clock_moved_back(&mut self, by: TimeDelta) {
        self.decreased.iter_mut().for_each(|(at, _)| *at -= by);
        self.throttled.iter_mut().for_each(|(at, _)| *at -= by);
    }
}
