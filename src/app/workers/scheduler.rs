//! The loop that tells what the calendar asks for: milestones, and daily counters.

use crate::app::{backoff::Backoff, now};
use crate::store::{Store, Tick};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::yield_now};

/// The longest sleep: an agenda may be made for the next minute.
const SLEEP_MAX: Duration = Duration::from_secs(20);

/// Makes what is to be told on a day, for ever.
pub(crate) async fn run_scheduler(store: Store, outbox: Arc<Notify>) -> anyhow::Result<()> {
    let mut trouble = Backoff::new("nothing can be told of counters");
    loop {
        match store.run_counter_schedule(now()).await {
            Ok(Tick::Some(made)) => {
                trouble.reset();
                if made > 0 {
                    outbox.notify_one();
                }
                // Commands come between two chunks.
                yield_now().await;
            }
            Ok(Tick::Nothing(next_at)) => {
                let wait = next_at.and_then(|at| (at - now()).to_std().ok());
                tokio::time::sleep(wait.unwrap_or(SLEEP_MAX).min(SLEEP_MAX)).await;
            }
            Err(error) => trouble.wait_for_database(error).await?,
        }
    }
}
