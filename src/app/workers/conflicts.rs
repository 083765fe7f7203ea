//! Two copies of the bot with one token: which of them exits.
//!
//! The copies take the updates from each other, and each gets conflicts. The one that started later
//! gets its first conflict soon after its start: it exits, and the other goes on. A single conflict
//! means nothing: one comes when a process replaces another.
//!
//! Guarantees: pure, the time is an argument. Out of scope: the wait between requests (`backoff`).

use std::time::Duration;
use tokio::time::Instant;

/// Conflicts without a success between them after which the later copy exits.
const IN_A_ROW_MAX: u32 = 3;
/// Conflicts of one series after which it exits, whatever succeeded between them: of two copies of a
/// busy bot, each gets some updates.
const IN_A_SERIES_MAX: u32 = 20;
/// How soon after its start the later copy gets its first conflict.
const SOON: Duration = Duration::from_secs(20);
/// The time without a conflict after which the next one begins a new series.
const SERIES_GAP: Duration = Duration::from_secs(60);

/// The conflicts that a process got.
#[derive(Clone, Debug)]
pub(super) struct Conflicts {
    started: Instant,
    last: Option<Instant>,
    /// Whether this series began soon after the start.
    is_later: bool,
    in_a_row: u32,
    in_a_series: u32,
}

impl Conflicts {
    /// Creates the record of a process that started at this time.
    pub(super) fn new(started: Instant) -> Self {
        Conflicts { started, last: None, is_later: false, in_a_row: 0, in_a_series: 0 }
    }

    /// Records that Telegram answered as it should.
    pub(super) fn record_success(&mut self) {
        self.in_a_row = 0;
    }

    /// Records a conflict. Returns whether this process is the one that exits.
    pub(super) fn record_conflict(&mut self, now: Instant) -> bool {
        let is_of_series = self.last.is_some_and(|last| now - last < SERIES_GAP);
        if !is_of_series {
            self.is_later = now - self.started < SOON;
            self.in_a_row = 0;
            self.in_a_series = 0;
        }
        self.last = Some(now);
        self.in_a_row += 1;
        self.in_a_series += 1;
        self.is_later && (self.in_a_row >= IN_A_ROW_MAX || self.in_a_series >= IN_A_SERIES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the process exits: `x` is a conflict, `.` a success, each at its second.
    fn ends(answers: &[(u64, char)]) -> bool {
        let started = Instant::now();
        let mut conflicts = Conflicts::new(started);
        answers.iter().any(|(at_s, answer)| match answer {
            'x' => conflicts.record_conflict(started + Duration::from_secs(*at_s)),
            _ => {
                conflicts.record_success();
                false
            }
        })
    }

    #[test]
    fn only_the_later_of_two_copies_exits_and_none_for_single_conflicts() {
        const DAY: u64 = 24 * 3600;
        type Answers = &'static [(u64, char)];
        let cases: [(&str, Answers, bool); 10] = [
            ("three at the start", &[(1, 'x'), (3, 'x'), (7, 'x')], true),
            ("and the first answer was good", &[(0, '.'), (1, 'x'), (3, 'x'), (7, 'x')], true),
            ("the copy before is still ending", &[(1, 'x'), (3, 'x'), (7, '.'), (57, '.')], false),
            (
                "a redeploy and two strays, days later",
                &[(1, 'x'), (3, '.'), (2 * DAY, 'x'), (2 * DAY + 1, '.'), (3 * DAY, 'x')],
                false,
            ),
            (
                "the same without a good answer that was noticed",
                &[(1, 'x'), (2 * DAY, 'x'), (3 * DAY, 'x')],
                false,
            ),
            (
                "another copy was started days later: that one ends",
                &[(1, '.'), (DAY, 'x'), (DAY + 3, 'x'), (DAY + 9, 'x'), (DAY + 20, 'x')],
                false,
            ),
            (
                "a redeploy, and days later another copy",
                &[(1, 'x'), (5, '.'), (DAY, 'x'), (DAY + 3, 'x'), (DAY + 9, 'x')],
                false,
            ),
            (
                "each second answer is good",
                &[(1, 'x'), (2, '.'), (4, 'x'), (5, '.'), (7, 'x')],
                false,
            ),
            (
                "an update came between",
                &[(1, 'x'), (4, 'x'), (5, '.'), (22, 'x'), (30, 'x'), (40, 'x')],
                true,
            ),
            ("none at all", &[(0, '.'), (50, '.')], false),
        ];
        for (what, answers, expected) in cases {
            assert_eq!(ends(answers), expected, "{what}");
        }
        let busy = |from_s: u64| {
            let pairs = (0..30).flat_map(|n| [(from_s + 3 * n, 'x'), (from_s + 3 * n + 1, '.')]);
            ends(&pairs.collect::<Vec<_>>())
        };
        assert!(busy(1), "of two copies of a busy bot the later one ends");
        assert!(!busy(100), "and the other goes on");
    }
}
