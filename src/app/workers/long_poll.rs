//! The pause between requests for updates to a server without long polling.
//!
//! Telegram responds when there is an update, or when the requested wait is over. A server that
//! responds at once, with nothing or with the same again, would get thousands of requests a second.
//!
//! Guarantees: pure. Pauses double up to a limit, and end with the first response that is as it
//! should be.

use std::time::Duration;

/// The first pause.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The pause before the next request.
#[derive(Debug)]
pub(super) struct LongPollPause {
    next: Duration,
}

impl Default for LongPollPause {
    fn default() -> Self {
        LongPollPause { next: PAUSE_MIN }
    }
}

impl LongPollPause {
    /// Returns the pause after a response that took `took`, where it could have taken as long as
    /// `asked`.
    pub(super) fn after(&mut self, asked: Duration, took: Duration, has_news: bool) -> Duration {
        if has_news || took >= asked / 2 {
            self.next = PAUSE_MIN;
            return Duration::ZERO;
        }
        let pause = self.next;
        self.next = (pause * 2).min(PAUSE_MAX);
        // The time that it took is a part: a server may respond every ten seconds.
        pause.saturating_sub(took)
    }

    /// Whether the longest pause is reached.
    pub(super) fn is_long(&self) -> bool {
        self.next == PAUSE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Duration = Duration::from_secs(30);

    /// Counts the requests in ten minutes to a server that responds after `took`, each n-th time
    /// with news.
    fn requests(took: Duration, news_each: usize) -> usize {
        let mut pause = LongPollPause::default();
        let (mut time, mut count) = (Duration::ZERO, 0);
        while time < Duration::from_secs(600) {
            count += 1;
            time += took + pause.after(ASKED, took, count % news_each == 0);
        }
        count
    }

    #[test]
    fn a_server_without_long_polling_is_asked_less_and_less_often() {
        let millis = Duration::from_millis;
        assert!(requests(Duration::ZERO, usize::MAX) < 80);
        assert!(requests(millis(5), usize::MAX) < 80);
        // As it should be.
        assert_eq!(requests(millis(30_000), usize::MAX), 20);
        assert_eq!(requests(millis(15_000), usize::MAX), 40);
        // A gateway that ends each request after ten seconds.
        assert_eq!(requests(millis(10_000), usize::MAX), 60);
        // News never waits.
        assert_eq!(requests(millis(100), 1), 6000);
        // An empty response now and then.
        assert!(requests(millis(100), 2) > 3000);
    }

    #[test]
    fn the_first_request_asks_for_no_wait_and_is_followed_by_the_next_at_once() {
        let mut pause = LongPollPause::default();
        assert_eq!(pause.after(Duration::ZERO, Duration::ZERO, false), Duration::ZERO);
        let waits: Vec<u64> = (0..9)
            .map(|_| pause.after(ASKED, Duration::ZERO, false).as_millis().try_into().unwrap())
            .collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert!(pause.is_long());
        assert_eq!(pause.after(ASKED, Duration::ZERO, true), Duration::ZERO);
        assert_eq!(pause.after(ASKED, Duration::ZERO, false), PAUSE_MIN);
        assert!(!pause.is_long());
    }
}
