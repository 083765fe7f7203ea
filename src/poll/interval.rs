//! When a source is polled next. Pure: the time and the chance are arguments.
//!
//! Promises: never sooner than the operator's interval; after failures ever later, up to a cap;
//! never sooner than the server asked. Leaves out: polling (`poller`).

use std::time::Duration;

/// The longest that a failing source waits for its next poll, unless its interval is longer.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);
/// The most intervals that a failing source waits: one read every second is looked at again soon.
const BACKOFF_INTERVALS_MAX: u32 = 32;
/// The longest that an answer is believed to stay as it is: a day of `max-age` is meant for
/// pictures, and a statement should not wait for it.
const FRESH_MAX: Duration = Duration::from_secs(3600);
/// The longest wait that a server's `Retry-After` is granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);
/// How much of an interval chance adds, so that many sources do not move in step: a tenth.
const JITTER: f64 = 0.1;

/// The wait until the next poll. `failures` counts the unhealthy polls in a row, this one
/// included; `asked` is what the server asked for, by `Retry-After` or by saying how long its answer
/// stays fresh; `chance` is a number from 0 to 1.
pub fn poll_interval(
    every: Duration,
    failures: u32,
    asked: Option<Duration>,
    jitter: f64,
) -> Duration {
    let doubled = 1u32.checked_shl(failures).unwrap_or(u32::MAX);
    let cap = BACKOFF_MAX.max(every);
    let base = every.saturating_mul(doubled.min(BACKOFF_INTERVALS_MAX)).min(cap);
    let asked_max = if failures == 0 { FRESH_MAX } else { RETRY_AFTER_MAX };
    let asked = asked.unwrap_or_default().min(asked_max);
    base.max(asked) + base.mul_f64(JITTER * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_healthy_source_keeps_its_interval_and_a_failing_one_backs_off_to_a_cap() {
        let seconds = Duration::from_secs;
        let cases = [
            (1, 0, None, 1),
            (300, 0, None, 300),
            (300, 1, None, 600),
            (300, 3, None, 2400),
            (300, 4, None, 3600),
            (300, 4_000_000, None, 3600),
            (1, 40, None, 32),
            (86400, 5, None, 86400),
            (300, 1, Some(7200), 7200),
            (300, 1, Some(9_999_999), 86400),
        ];
        for (every, failures, retry_after, expected) in cases {
            let retry_after = retry_after.map(seconds);
            let wait = |chance| poll_interval(seconds(every), failures, retry_after, chance);
            assert_eq!(wait(0.0), seconds(expected), "{every} {failures}");
            assert!(wait(1.0) > wait(0.0) && wait(1.0) <= seconds(expected).mul_f64(1.11));
        }
    }
}
