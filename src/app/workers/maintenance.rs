//! What is done from time to time: telling how far a broadcast is, making searchable what is not, deleting
//! what is old and what can be restored no longer.

use crate::app::{
    backoff::{Backoff, ErrorChain},
    now,
};
use crate::{store::Store, telemetry::metrics};
use std::time::Duration;

/// How often the log is told how far a broadcast is, and of how many messages left one is spoken of.
const PROGRESS_EVERY: Duration = Duration::from_secs(30);
const PROGRESS_ABOVE: i64 = 100;
/// How often old rows are deleted.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(3600);
/// The longest time that passes before it is seen that somebody has sent `/stop`.
const REMOVALS_EVERY: Duration = Duration::from_secs(20);

/// Tells the log and the metrics how far a broadcast is, for ever.
pub(crate) async fn report_progress(store: Store) -> anyhow::Result<()> {
    let mut since_at = None;
    loop {
        // A fault of the database is told where work depends on it.
        if let Ok((left, sent)) = store.progress(since_at.unwrap_or_else(now), now()).await {
            metrics::backlog(left);
            if left >= PROGRESS_ABOVE && since_at.is_some() {
                tracing::info!("{}", progress(left, sent));
            }
        }
        if let Ok(states) = store.source_states().await {
            for state in &states {
                metrics::source(&state.name, state.read_at, state.entries);
            }
        }
        since_at = Some(now());
        tokio::time::sleep(PROGRESS_EVERY).await;
    }
}

fn progress(left: i64, sent: i64) -> String {
    let seconds = PROGRESS_EVERY.as_secs();
    let rate = u64::try_from(sent).unwrap_or_default();
    let to_go =
        match u64::try_from(left).unwrap_or_default().saturating_mul(seconds).checked_div(rate) {
            Some(to_go) => {
                format!("done in about {}", humantime::format_duration(Duration::from_secs(to_go)))
            }
            None => "nothing moves".to_owned(),
        };
    let per_second = rate as f64 / seconds as f64;
    format!(
        "{sent} messages sent in the last {seconds} s ({per_second:.1}/s), {left} left, {to_go}"
    )
}

/// Makes searchable what an older version left, then deletes old rows, for ever.
pub(crate) async fn run_maintenance(store: Store, keep: Duration) -> anyhow::Result<()> {
    make_searchable(&store).await;
    loop {
        if let Err(error) = store.delete_old_watch_candidates(now()).await {
            tracing::warn!("old rows could not be deleted: {}", ErrorChain(&error));
        }
        match store.prune(now() - keep).await {
            Ok(0) => tokio::time::sleep(HOUSEKEEPING_EVERY).await,
            Ok(rows) => tracing::debug!("{rows} old deliveries deleted"),
            Err(error) => {
                tracing::warn!("old rows could not be deleted: {}", ErrorChain(&error));
                tokio::time::sleep(HOUSEKEEPING_EVERY).await;
            }
        }
    }
}

/// Deletes what chats that were stopped had, as soon as it can be restored no longer, for ever.
pub(crate) async fn delete_removed(store: Store) -> anyhow::Result<()> {
    let mut trouble = Backoff::new("what is to be deleted after /stop is still there");
    loop {
        match store.delete_removed(now()).await {
            Ok(next_at) => {
                trouble.reset();
                let wait =
                    next_at.map_or(REMOVALS_EVERY, |at| (at - now()).to_std().unwrap_or_default());
                tokio::time::sleep(wait.min(REMOVALS_EVERY)).await;
            }
            Err(error) => trouble.wait_for_database(error).await?,
        }
    }
}

/// Whatever goes wrong is tried again at the next start; searches go on without it.
async fn make_searchable(store: &Store) {
    let mut done = 0;
    loop {
        match store.index_batch().await {
            Ok(0) => break,
            Ok(some) => done += some,
            Err(error) => {
                tracing::warn!("not all statements can be searched yet: {}", ErrorChain(&error));
                break;
            }
        }
        // Commands come between two chunks.
        tokio::task::yield_now().await;
    }
    if done > 0 {
        tracing::info!("{done} statements of before can be searched now");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_much_is_left_and_how_long_it_takes() {
        let told = progress(9000, 900);
        assert_eq!(
            told,
            "900 messages sent in the last 30 s (30.0/s), 9000 left, done in about 5m"
        );
        assert!(progress(9000, 0).ends_with("nothing moves"));
    }
}
