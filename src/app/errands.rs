//! The loop that does errands: several at the same time.

use super::{backoff::Backoff, now};
use crate::{errand::Errands, web::HttpWeb};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet};

/// Errands done at the same time.
const AT_ONCE: usize = 4;
/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Does errands, for ever. `due` tells of new ones.
pub(super) async fn run(
    errands: Errands<HttpWeb>,
    outbox: Arc<Notify>,
    due: Arc<Notify>,
) -> anyhow::Result<()> {
    let errands = Arc::new(errands);
    let mut running = JoinSet::new();
    let mut trouble = Backoff::new("nothing can be fetched for anybody");
    loop {
        let mut sleep = SLEEP_MAX;
        if running.len() < AT_ONCE {
            match errands.next(now()).await {
                Ok(Ok(errand)) => {
                    let errands = errands.clone();
                    running.spawn(async move { errands.run(&errand, now).await });
                    continue;
                }
                Ok(Err(next_at)) => {
                    let wait = next_at.and_then(|at| (at - now()).to_std().ok());
                    sleep = wait.unwrap_or(SLEEP_MAX).min(SLEEP_MAX);
                }
                Err(error) => {
                    trouble.wait_for_database(error).await?;
                    continue;
                }
            }
        }
        tokio::select! {
            Some(done) = running.join_next() => match done? {
                Ok(()) => {
                    trouble.is_over();
                    outbox.notify_one();
                }
                // Its lease runs out, and it is taken up again.
                Err(error) => trouble.wait_for_database(error).await?,
            },
            () = due.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}
