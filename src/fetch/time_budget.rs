//! A time budget for all requests that one piece of work makes.
//!
//! A poll may fetch robots.txt, a page, its feeds and further pages, and each of them may take as
//! long as one request may. The bound of all together is kept with the task, since the callers do
//! not know each other.
//!
//! Guarantees: waits that robots.txt asks for have a bound of their own.

use super::Failure;
use crate::domain::PollStatus;
use futures::FutureExt;
use std::{cell::Cell, future::Future, time::Duration};
use tokio::{task::LocalKey, task_local, time::Instant};

/// The bound of all politeness waits.
const POLITENESS_WAIT_MAX: Duration = Duration::from_secs(300);

task_local! {
    static LEFT: Cell<Duration>;
    static POLITENESS_LEFT: Cell<Duration>;
}

/// Runs work whose requests may take this long together. Later requests fail with a timeout.
pub async fn within<T>(whole: Duration, work: impl Future<Output = T>) -> T {
    POLITENESS_LEFT.scope(Cell::new(POLITENESS_WAIT_MAX), LEFT.scope(Cell::new(whole), work)).await
}

/// Runs a part of a request, while there is time left.
pub(super) async fn spend<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    of(&LEFT, "all that was asked for took too long together", work).await
}

/// Waits for a slot at a host, while there is time left for waits.
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
    async fn politeness_waits_have_a_bound_of_their_own() {
        let reasons = POLITENESS_LEFT.scope(Cell::new(SHORT), async {
            assert!(politeness_wait(ready(())).await.is_ok());
            let reason = politeness_wait(pending()).await.unwrap_err().reason;
            (reason, politeness_wait(pending()).await.unwrap_err().reason)
        });
        assert_eq!(reasons.await, (PollStatus::Timeout, PollStatus::Timeout));
        assert!(politeness_wait(pending()).now_or_never().is_none());
    }

    #[tokio::test]
    async fn requests_of_one_work_share_a_bound() {
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
