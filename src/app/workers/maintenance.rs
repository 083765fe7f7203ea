//! Periodic work: reporting the progress of a broadcast, indexing entries for the search, deleting
//! old rows and what `/stop` removed.

use crate::app::{backoff::Backoff, clock::now, error_chain::ErrorChain};
use crate::{
    store::{Store, StoreError},
    telemetry::metrics,
};
use std::time::Duration;

/// How often progress is reported.
const PROGRESS_EVERY: Duration = Duration::from_secs(30);
/// The number of messages left from which progress is logged.
const PROGRESS_ABOVE: i64 = 100;
/// How often old rows are deleted.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// The longest sleep between two looks at what `/stop` removed.
const REMOVALS_EVERY: Duration = Duration::from_secs(20);

/// Reports the progress of a broadcast in the log and the metrics, forever.
pub(crate) async fn report_progress(store: Store) -> anyhow::Result<()> {
    let mut since_at = None;
    loop {
        // A failure of the database is logged where work depends on it.
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

/// Returns the line of the log about messages left, and sent since the last one.
fn progress(left: i64, sent: i64) -> String {
    let seconds = PROGRESS_EVERY.as_secs();
    let sent = u64::try_from(sent).unwrap_or_default();
    let seconds_left =
        u64::try_from(left).unwrap_or_default().saturating_mul(seconds).checked_div(sent);
    let outlook = match seconds_left {
        Some(left) => {
            format!("done in about {}", humantime::format_duration(Duration::from_secs(left)))
        }
        None => "none is being sent".to_owned(),
    };
    let per_second = sent as f64 / seconds as f64;
    format!(
        "{sent} messages sent in the last {seconds} s ({per_second:.1}/s), {left} left, {outlook}"
    )
}

/// Indexes what an older version left, then deletes old rows, forever.
pub(crate) async fn run_maintenance(store: Store, keep: Duration) -> anyhow::Result<()> {
    index_entries(&store).await;
    loop {
        if let Err(error) = store.delete_old_watch_candidates(now()).await {
            warn("deleting old watch candidates failed", &error);
        }
        match store.prune(now() - keep).await {
            Ok(0) => tokio::time::sleep(PRUNE_EVERY).await,
            Ok(rows) => tracing::debug!(rows, "old deliveries deleted"),
            Err(error) => {
                warn("deleting old deliveries failed", &error);
                tokio::time::sleep(PRUNE_EVERY).await;
            }
        }
    }
}

/// Deletes the data of chats that were stopped as soon as it cannot be restored any more, forever.
///
/// # Errors
/// If the database is damaged.
pub(crate) async fn delete_removed(store: Store) -> anyhow::Result<()> {
    let mut backoff = Backoff::new("deleting the data of stopped chats");
    loop {
        match store.delete_removed(now()).await {
            Ok(next_at) => {
                backoff.reset();
                let wait =
                    next_at.map_or(REMOVALS_EVERY, |at| (at - now()).to_std().unwrap_or_default());
                tokio::time::sleep(wait.min(REMOVALS_EVERY)).await;
            }
            Err(error) => backoff.wait_for_database(error).await?,
        }
    }
}

/// Indexes the entries that the search does not know. After a failure it continues at the next
/// start; searches work without.
async fn index_entries(store: &Store) {
    let mut entries = 0;
    loop {
        match store.index_batch().await {
            Ok(0) => break,
            Ok(indexed) => entries += indexed,
            Err(error) => {
                warn("indexing for the search failed", &error);
                break;
            }
        }
        // Commands get their turn between two batches.
        tokio::task::yield_now().await;
    }
    if entries > 0 {
        tracing::info!(entries, "older entries indexed for the search");
    }
}

/// Logs a failure of work that is not urgent.
fn warn(message: &'static str, error: &StoreError) {
    tracing::warn!(error = %ErrorChain(error), "{message}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_much_is_left_and_how_long_it_takes() {
        assert_eq!(
            progress(9000, 900),
            "900 messages sent in the last 30 s (30.0/s), 9000 left, done in about 5m"
        );
        assert!(progress(9000, 0).ends_with("none is being sent"));
    }
}
