//! Whether a source can be read, and whether what its server says of changes is to be believed.
//!
//! Guarantees: a source that cannot be read for a day is told of once, and so is that it can be read again.

use super::PollStatus;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a source may fail before somebody is told.
const REPORTED_AFTER: TimeDelta = TimeDelta::hours(24);
/// After how many answers in a row that nothing changed a server is asked without validators.
const UNCHANGED_MAX: u32 = 10;
/// The same for a server that was found to be right each time.
const UNCHANGED_TRUSTED_MAX: u32 = 160;

/// Since when a source cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Since when; nothing while it can.
    pub since_at: Option<DateTime<Utc>>,
    /// Whether somebody was told.
    pub is_reported: bool,
}

/// What somebody is told about a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthNews {
    /// It cannot be read since then.
    Failing(DateTime<Utc>),
    /// Its server says that it is gone for good.
    Gone,
    /// It can be read again, after that.
    Recovered(DateTime<Utc>),
}

impl Health {
    /// What a poll makes of it, and what there is to tell.
    pub fn after(self, reason: PollStatus, now: DateTime<Utc>) -> (Self, Option<HealthNews>) {
        if reason.is_readable() {
            let since_at = self.since_at.filter(|_| self.is_reported);
            return (Health::default(), since_at.map(HealthNews::Recovered));
        }
        // A clock that was set back must not make it wait.
        let since_at = self.since_at.filter(|at| *at <= now).unwrap_or(now);
        let is_gone = reason == PollStatus::Gone;
        let is_news = !self.is_reported && (is_gone || now - since_at >= REPORTED_AFTER);
        let health = Health { since_at: Some(since_at), is_reported: self.is_reported || is_news };
        let news = if is_gone { HealthNews::Gone } else { HealthNews::Failing(since_at) };
        (health, is_news.then_some(news))
    }
}

/// How far a server's word is believed that nothing changed. Some say so of whatever is asked with
/// validators, so now and then they are asked without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorTrust {
    /// How often in a row it said so.
    pub unchanged: u32,
    /// After how often it is asked without; 0: it lied once, and is always asked without.
    pub unchanged_max: u32,
}

impl Default for ValidatorTrust {
    fn default() -> Self {
        ValidatorTrust { unchanged: 0, unchanged_max: UNCHANGED_MAX }
    }
}

impl ValidatorTrust {
    /// Whether the next request carries validators.
    pub fn are_sent(self) -> bool {
        self.unchanged < self.unchanged_max
    }

    /// After the server said that nothing changed.
    pub fn after_unchanged(self) -> Self {
        ValidatorTrust { unchanged: self.unchanged.saturating_add(1), ..self }
    }

    /// After a document came. `has_news`: something in it is new; `is_same`: its validators are those of the
    /// document before.
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
    fn a_source_that_fails_for_a_day_is_told_of_once_and_so_is_its_recovery() {
        let start: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut health = Health::default();
        let mut told = Vec::new();
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
            told.extend(news.map(|news| (hour, news)));
        }
        let at = |hour| start + TimeDelta::hours(hour);
        let expected = [
            (25, HealthNews::Failing(at(1))),
            (91, HealthNews::Recovered(at(1))),
            (94, HealthNews::Gone),
            (96, HealthNews::Recovered(at(94))),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_server_that_always_says_unchanged_is_found_out() {
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
        assert_eq!(asked, [10, 31, 72], "ever more seldom");
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
