//! Since when a source fails, and whether its server can be trusted with conditional requests.
//!
//! Guarantees: a source that fails for a day is reported once, and so is its recovery.
//! Out of scope: what a poll status means (`source`), and who receives the report (`poll`).

use super::PollStatus;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a source fails before it is reported.
const REPORTED_AFTER: TimeDelta = TimeDelta::hours(24);
/// Consecutive 304 responses after which a request is sent without validators.
const UNCHANGED_MAX: u32 = 10;
/// The upper limit of that number, which doubles each time the server proves right.
const UNCHANGED_TRUSTED_MAX: u32 = 160;

/// Since when polls of a source fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Since when; `None` while they succeed.
    pub since_at: Option<DateTime<Utc>>,
    /// Whether this was reported.
    pub is_reported: bool,
}

/// A change in the health of a source that is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthNews {
    /// Its polls fail since then.
    Failing(DateTime<Utc>),
    /// Its server says that it is gone for good (410).
    Gone,
    /// It can be read again; since when it failed.
    Recovered(DateTime<Utc>),
}

impl Health {
    /// Returns the health after a poll, and what has to be reported.
    pub fn after(self, reason: PollStatus, now: DateTime<Utc>) -> (Self, Option<HealthNews>) {
        if reason.is_readable() {
            let since_at = self.since_at.filter(|_| self.is_reported);
            return (Health::default(), since_at.map(HealthNews::Recovered));
        }
        // If the clock was set back, the start may lie in the future.
        let since_at = self.since_at.filter(|at| *at <= now).unwrap_or(now);
        let is_gone = reason == PollStatus::Gone;
        let is_news = !self.is_reported && (is_gone || now - since_at >= REPORTED_AFTER);
        let health = Health { since_at: Some(since_at), is_reported: self.is_reported || is_news };
        let news = if is_gone { HealthNews::Gone } else { HealthNews::Failing(since_at) };
        (health, is_news.then_some(news))
    }
}

/// The `ETag` and `Last-Modified` of a response, byte for byte, for the next conditional request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// How far the 304 responses of a server are trusted. Some servers send 304 to every conditional
/// request, so now and then a request is sent without validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorTrust {
    /// Consecutive 304 responses.
    pub unchanged: u32,
    /// The number of them after which a request has no validators. 0: a 304 response was wrong
    /// once, and no request has validators any more.
    pub unchanged_max: u32,
}

impl Default for ValidatorTrust {
    fn default() -> Self {
        ValidatorTrust { unchanged: 0, unchanged_max: UNCHANGED_MAX }
    }
}

impl ValidatorTrust {
    /// Whether the next request has validators.
    pub fn are_sent(self) -> bool {
        self.unchanged < self.unchanged_max
    }

    /// Returns the trust after a 304 response.
    pub fn after_unchanged(self) -> Self {
        ValidatorTrust { unchanged: self.unchanged.saturating_add(1), ..self }
    }

    /// Returns the trust after a document. `has_news`: it has new entries; `is_same`: its validators
    /// are those of the document before.
    pub fn after_document(self, has_news: bool, is_same: bool) -> Self {
        let was_check = !self.are_sent() && self.unchanged > 0;
        let unchanged_max = match self.unchanged_max {
            0 => 0,
            _ if was_check && has_news && is_same => 0,
            _ if was_check && has_news => UNCHANGED_MAX,
            max if was_check => (max * 2).min(UNCHANGED_TRUSTED_MAX),
            max => max,
        };
        ValidatorTrust { unchanged: 0, unchanged_max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_fails_for_a_day_is_reported_once_and_so_is_its_recovery() {
        let start: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut health = Health::default();
        let mut reported = Vec::new();
        let hours = [
            (0, PollStatus::Ok),
            (1, PollStatus::Timeout),
            (20, PollStatus::Dns),
            (24, PollStatus::Timeout),
            (25, PollStatus::Timeout),
            (90, PollStatus::Timeout),
            (91, PollStatus::Unchanged),
            (92, PollStatus::Timeout),
            (93, PollStatus::Held),
            (94, PollStatus::Gone),
            (95, PollStatus::Gone),
            (96, PollStatus::Ok),
        ];
        for (hour, reason) in hours {
            let now = start + TimeDelta::hours(hour);
            let (next, news) = health.after(reason, now);
            health = next;
            reported.extend(news.map(|news| (hour, news)));
        }
        let at = |hour| start + TimeDelta::hours(hour);
        let expected = [
            (25, HealthNews::Failing(at(1))),
            (91, HealthNews::Recovered(at(1))),
            (94, HealthNews::Gone),
            (96, HealthNews::Recovered(at(94))),
        ];
        assert_eq!(reported, expected);
    }

    #[test]
    fn a_server_that_always_responds_304_is_detected() {
        let mut honest = ValidatorTrust::default();
        let mut asked = Vec::new();
        for poll in 0..100 {
            if honest.are_sent() {
                honest = honest.after_unchanged();
            } else {
                asked.push(poll);
                honest = honest.after_document(false, true);
            }
        }
        assert_eq!(asked, [10, 31, 72], "less and less often");
        let mut liar = ValidatorTrust { unchanged: 10, unchanged_max: 10 };
        assert!(!liar.are_sent());
        liar = liar.after_document(true, true);
        assert!(!liar.are_sent(), "for good");
        let busy = ValidatorTrust { unchanged: 3, unchanged_max: 10 }.after_document(true, false);
        assert_eq!(busy, ValidatorTrust { unchanged: 0, unchanged_max: 10 });
        let unlucky =
            ValidatorTrust { unchanged: 40, unchanged_max: 40 }.after_document(true, false);
        assert_eq!(unlucky.unchanged_max, 10);
    }
}
