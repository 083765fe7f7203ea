//! How long all requests together may take that are made for one thing.
//!
//! A poll may ask for robots.txt, a page, its feeds and further pages, and each of them may take as long as
//! one request may. What bounds them together is kept with the task that asks, since those who ask in turn
//! know nothing of each other.
//!
//! Guarantees: what is waited for at the door of a host, because its robots.txt asks for that, is counted by
//! itself, with a bound of its own.

use super::Failure;
use crate::domain::PollStatus;
use futures::FutureExt;
use std::{cell::Cell, future::Future, time::Duration};
use tokio::{task::LocalKey, task_local, time::Instant};

/// How long all that is asked for together may wait at doors.
const POLITENESS_WAIT_MAX: Duration = Duration::from_secs(300);

task_local! {
    static LEFT: Cell<Duration>;
    static POLITENESS_LEFT: Cell<Duration>;
}

/// Lets all requests that are made in this work take so long altogether. What is asked for after that fails
/// for want of time.
pub async fn within<T>(whole: Duration, work: impl Future<Output = T>) -> T {
    POLITENESS_LEFT.scope(Cell::new(POLITENESS_WAIT_MAX), LEFT.scope(Cell::new(whole), work)).await
}

/// A part of a request, as long as time is left for it.
pub(super) async fn spend<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    of(&LEFT, "all that was asked for took too long together", work).await
}

/// A wait at the door of a host, as long as time is left for that.
pub(super) async fn politeness_wait(wait: impl Future<Output = ()>) -> Result<(), Failure> {
    let why =
        "its robots.txt asks for so much time between requests that they took too long together";
    of(&POLITENESS_LEFT, why, wait.map(Ok)).await
}

async fn of<T>(
    all: &'static LocalKey<Cell<Duration>>,
    why: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Ok(left) = all.try_with(Cell::get) else {
        return work.await;
    };
    let start = Instant::now();
    let done = tokio::time::timeout(left, work).await;
    // Less what others of the same task spent meanwhile.
    all.with(|left| left.set(left.get().saturating_sub(start.elapsed())));
    done.unwrap_or_else(|_| {
        Err(Failure { reason: PollStatus::Timeout, note: why.to_owned(), retry_after: None })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn what_is_waited_for_at_doors_has_a_bound_of_its_own() {
        let reasons = POLITENESS_LEFT.scope(Cell::new(SHORT), async {
            assert!(politeness_wait(ready(())).await.is_ok());
            let reason = politeness_wait(pending()).await.unwrap_err().reason;
            (reason, politeness_wait(pending()).await.unwrap_err().reason)
        });
        assert_eq!(reasons.await, (PollStatus::Timeout, PollStatus::Timeout));
        assert!(politeness_wait(pending()).now_or_never().is_none());
    }

    #[tokio::test]
    async fn what_is_asked_for_together_ends_together() {
        let reasons = within(SHORT, async {
            assert_eq!(spend(ready(Ok(1))).await, Ok(1));
            let first = spend(pending::<Result<(), _>>()).await.unwrap_err().reason;
            // Nothing is left for another.
            (first, spend(pending::<Result<(), _>>()).await.unwrap_err().reason)
        });
        assert_eq!(reasons.await, (PollStatus::Timeout, PollStatus::Timeout));
        // Another task has its own time, and one without a bound has none.
        assert_eq!(within(SHORT, spend(ready(Ok(2)))).await, Ok(2));
        assert_eq!(spend(ready(Ok(3))).await, Ok(3));
        assert!(spend(pending::<Result<(), _>>()).now_or_never().is_none());
    }
}
