//! The jobs worker: runs several background jobs at the same time.

use crate::app::{backoff::Backoff, clock::now, services::Wakers};
use crate::{fetch::HttpWeb, jobs::JobRunner, store::JobClaim};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    task::{Id, JoinSet},
    time::Instant,
};
use tracing::Instrument;

/// Jobs that run at the same time, without the slow ones.
const QUICK_MAX: usize = 4;
/// Jobs that run at the same time.
const RUNNING_MAX: usize = 16;
/// A job is slow once it takes longer. Another may start then, so that a few slow hosts do not
/// occupy all slots.
const SLOW_AFTER: Duration = Duration::from_secs(2);
/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Runs jobs, forever. `wakers.jobs` reports new ones.
///
/// # Errors
/// If the database is damaged, or a job panics.
pub(crate) async fn run_jobs(runner: JobRunner<HttpWeb>, wakers: Wakers) -> anyhow::Result<()> {
    let runner = Arc::new(runner);
    let mut running = JoinSet::new();
    let mut since: BTreeMap<Id, Instant> = BTreeMap::new();
    let mut backoff = Backoff::new("running jobs");
    loop {
        let mut sleep = SLEEP_MAX;
        let free_at = free_at(since.values().copied());
        if free_at.is_some_and(|at| at <= Instant::now()) {
            match runner.next(now()).await {
                Ok(JobClaim::Claimed(job)) => {
                    let span = tracing::error_span!("job", id = job.id, attempt = job.attempt);
                    let runner = runner.clone();
                    let work = async move { runner.run(&job, now).await };
                    let task = running.spawn(work.instrument(span));
                    since.insert(task.id(), Instant::now());
                    continue;
                }
                Ok(JobClaim::NotBefore(next_at)) => {
                    let wait = next_at.and_then(|at| (at - now()).to_std().ok());
                    sleep = wait.unwrap_or(SLEEP_MAX).min(SLEEP_MAX);
                }
                Err(error) => {
                    backoff.wait_for_database(error).await?;
                    continue;
                }
            }
        } else if let Some(at) = free_at {
            sleep = at - Instant::now();
        }
        tokio::select! {
            Some(done) = running.join_next_with_id() => {
                let (id, done) = done?;
                since.remove(&id);
                match done {
                    Ok(()) => {
                        backoff.reset();
                        wakers.outbox.notify_one();
                    }
                    // Its lease expires, and it is claimed again.
                    Err(error) => backoff.wait_for_database(error).await?,
                }
            }
            () = wakers.jobs.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Returns when one more job may start beside those that started at these times: a time in the past
/// if it may start now, `None` if one of them has to end first.
fn free_at(started: impl Iterator<Item = Instant>) -> Option<Instant> {
    let mut started: Vec<Instant> = started.collect();
    if started.len() >= RUNNING_MAX {
        return None;
    }
    // Newest first: the first few are those that may not be slow yet.
    started.sort_unstable_by(|a, b| b.cmp(a));
    let last = started.get(QUICK_MAX - 1).map(|last| *last + SLOW_AFTER);
    Some(last.unwrap_or_else(Instant::now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_jobs_leave_their_slots_to_others() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let free = |started: &[u64]| free_at(started.iter().map(|ms| at(*ms)));
        assert!(free(&[]).unwrap() <= Instant::now());
        assert!(free(&[0, 0, 0]).unwrap() <= Instant::now());
        // Two at each of two slow hosts.
        assert_eq!(free(&[0, 0, 100, 100]), Some(at(2000)));
        assert_eq!(free(&[0, 0, 100, 100, 2000]), Some(at(2000)));
        assert_eq!(free(&[0, 0, 100, 100, 2000, 2100, 2100]), Some(at(2100)));
        assert_eq!(free(&[0, 0, 100, 100, 2000, 2100, 2100, 2200]), Some(at(4000)));
        assert_eq!(free(&[0; RUNNING_MAX]), None);
    }
}
