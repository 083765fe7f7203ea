//! When a source is polled next. Pure: the jitter is an argument.
//!
//! Guarantees: never sooner than the operator's interval, nor than the server asked; after failures
//! later and later, up to a maximum. Out of scope: polling.

use std::time::Duration;

/// The longest wait of a failing source, unless its interval is longer.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);
/// The longest wait of a failing source in intervals: one polled every second is retried soon.
const BACKOFF_INTERVALS_MAX: u32 = 32;
/// The longest time for which a response counts as fresh: a `max-age` of a day is meant for
/// pictures, and entries should not wait for it.
const FRESH_MAX: Duration = Duration::from_secs(3600);
/// The longest `Retry-After` that is respected.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);
/// The part of an interval that jitter may add, so that sources do not move in step: a tenth.
const JITTER: f64 = 0.1;

/// Returns the wait until the next poll. `failures` counts the unhealthy polls in a row, this one
/// included. `asked` is the wait that the server asked for, by `Retry-After` or by the time for
/// which its response is fresh. `jitter` is a number from 0 to 1.
pub fn poll_interval(
    interval: Duration,
    failures: u32,
    asked: Option<Duration>,
    jitter: f64,
) -> Duration {
    let doubled = 1u32.checked_shl(failures).unwrap_or(u32::MAX);
    let max = BACKOFF_MAX.max(interval);
    let base = interval.saturating_mul(doubled.min(BACKOFF_INTERVALS_MAX)).min(max);
    let asked_max = if failures == 0 { FRESH_MAX } else { RETRY_AFTER_MAX };
    let asked = asked.unwrap_or_default().min(asked_max);
    base.max(asked) + base.mul_f64(JITTER * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_healthy_source_keeps_its_interval_and_a_failing_one_backs_off_to_a_maximum() {
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
        for (interval, failures, retry_after, expected) in cases {
            let retry_after = retry_after.map(seconds);
            let wait = |jitter| poll_interval(seconds(interval), failures, retry_after, jitter);
            assert_eq!(wait(0.0), seconds(expected), "{interval} {failures}");
            assert!(wait(1.0) > wait(0.0) && wait(1.0) <= seconds(expected).mul_f64(1.11));
        }
    }
}
