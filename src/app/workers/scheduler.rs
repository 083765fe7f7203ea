//! The scheduler worker: enqueues milestones and daily counter messages when they are due.

use crate::app::{backoff::Backoff, clock::now};
use crate::store::{Store, Tick};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::yield_now};

/// The longest sleep: a chat may choose the next minute for its counters.
const SLEEP_MAX: Duration = Duration::from_secs(20);

/// Enqueues what is due, forever. Wakes `outbox` when there is something to send.
///
/// # Errors
/// If the database is damaged.
pub(crate) async fn run_scheduler(store: Store, outbox: Arc<Notify>) -> anyhow::Result<()> {
    let mut backoff = Backoff::new("scheduling counter messages");
    loop {
        match store.run_counter_schedule(now()).await {
            Ok(Tick::Some(enqueued)) => {
                backoff.reset();
                if enqueued > 0 {
                    outbox.notify_one();
                }
                // Commands get their turn between two chunks.
                yield_now().await;
            }
            Ok(Tick::Nothing(next_at)) => {
                let wait = next_at.and_then(|at| (at - now()).to_std().ok());
                tokio::time::sleep(wait.unwrap_or(SLEEP_MAX).min(SLEEP_MAX)).await;
            }
            Err(error) => backoff.wait_for_database(error).await?,
        }
    }
}
