//! The loop that does errands: several at the same time.

use crate::app::{backoff::Backoff, now};
use crate::{fetch::HttpWeb, jobs::JobRunner, store::JobClaim};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    task::{Id, JoinSet},
    time::Instant,
};

/// Errands done at the same time, those that last not counted; and all together.
const AT_ONCE: usize = 4;
const ALL_AT_ONCE: usize = 16;
/// An errand lasts when it takes longer: its place is another's, so that a few slow hosts do not have them all.
const LASTS_AFTER: Duration = Duration::from_secs(2);
/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Does errands, for ever. `due` tells of new ones.
pub(crate) async fn run_jobs(
    errands: JobRunner<HttpWeb>,
    outbox: Arc<Notify>,
    due: Arc<Notify>,
) -> anyhow::Result<()> {
    let errands = Arc::new(errands);
    let mut running = JoinSet::new();
    let mut since: BTreeMap<Id, Instant> = BTreeMap::new();
    let mut trouble = Backoff::new("nothing can be fetched for anybody");
    loop {
        let mut sleep = SLEEP_MAX;
        let place = free_at(since.values().copied());
        if place.is_some_and(|at| at <= Instant::now()) {
            match errands.next(now()).await {
                Ok(JobClaim::Claimed(errand)) => {
                    let errands = errands.clone();
                    let task = running.spawn(async move { errands.run(&errand, now).await });
                    since.insert(task.id(), Instant::now());
                    continue;
                }
                Ok(JobClaim::NotBefore(next_at)) => {
                    let wait = next_at.and_then(|at| (at - now()).to_std().ok());
                    sleep = wait.unwrap_or(SLEEP_MAX).min(SLEEP_MAX);
                }
                Err(error) => {
                    trouble.wait_for_database(error).await?;
                    continue;
                }
            }
        } else if let Some(at) = place {
            sleep = at - Instant::now();
        }
        tokio::select! {
            Some(done) = running.join_next_with_id() => {
                let (id, done) = done?;
                since.remove(&id);
                match done {
                    Ok(()) => {
                        trouble.reset();
                        outbox.notify_one();
                    }
                    // Its lease runs out, and it is taken up again.
                    Err(error) => trouble.wait_for_database(error).await?,
                }
            }
            () = due.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// When there is a place for one more beside those that were begun at these times: a time that is past for
/// now, `None` for when one of them has ended.
fn free_at(begun: impl Iterator<Item = Instant>) -> Option<Instant> {
    let mut begun: Vec<Instant> = begun.collect();
    if begun.len() >= ALL_AT_ONCE {
        return None;
    }
    // Newest first: the first few of them may be at it without one that lasts.
    begun.sort_unstable_by(|a, b| b.cmp(a));
    let last = begun.get(AT_ONCE - 1).map(|last| *last + LASTS_AFTER);
    Some(last.unwrap_or_else(Instant::now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errands_that_last_leave_their_places_to_others() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let free = |begun: &[u64]| free_at(begun.iter().map(|ms| at(*ms)));
        assert!(free(&[]).unwrap() <= Instant::now());
        assert!(free(&[0, 0, 0]).unwrap() <= Instant::now());
        // Two at each of two slow hosts.
        assert_eq!(free(&[0, 0, 100, 100]), Some(at(2000)));
        assert_eq!(free(&[0, 0, 100, 100, 2000]), Some(at(2000)));
        assert_eq!(free(&[0, 0, 100, 100, 2000, 2100, 2100]), Some(at(2100)));
        assert_eq!(free(&[0, 0, 100, 100, 2000, 2100, 2100, 2200]), Some(at(4000)));
        assert_eq!(free(&[0; ALL_AT_ONCE]), None);
    }
}
