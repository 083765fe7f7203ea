//! The loop that sends: what may go goes, each at its time; what came of it is settled.
//!
//! Promises: what was sent is settled before anything else is claimed, however long that takes; at a
//! stop what is on its way is waited for, within a limit.

use super::{backoff::Backoff, now};
use crate::{
    bot::Unusable,
    dispatcher::{self, Dispatcher, Job, Step},
    domain::SendOutcome,
    store::StoreError,
    telegram::Client,
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long sends on their way may take to be settled at shutdown.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
/// Where so many are on their way (far more than at Telegram's ordinary limit), what is answered within
/// so long is settled in one transaction: each is a write to the disk.
const MANY: usize = 16;
const TOGETHER: Duration = Duration::from_millis(10);

/// Sends what may go, until told to stop; then settles what is on its way.
pub(super) async fn dispatch(
    mut dispatcher: Dispatcher,
    telegram: Client,
    outbox: Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut running = FuturesUnordered::new();
    let mut trouble = Backoff::new("nothing can be sent");
    let send = |job: Job| {
        let telegram = &telegram;
        async move {
            tokio::time::sleep((job.send_at() - now()).to_std().unwrap_or_default()).await;
            let outcome = dispatcher::send(telegram, &job).await;
            (job, outcome)
        }
    };
    while !stop.is_cancelled() {
        let sleep_until_at = match dispatcher.step(now()).await {
            Ok(Step::Send(jobs)) => {
                trouble.is_over();
                running.extend(jobs.into_iter().map(send));
                now()
            }
            Ok(Step::IdleUntil(at)) => at,
            Err(error) => {
                trouble.wait_for_database(error).await?;
                continue;
            }
        };
        let sleep = (sleep_until_at - now()).to_std().unwrap_or_default();
        tokio::select! {
            Some(done) = running.next() => {
                if settle(&mut dispatcher, done, &mut running, &mut trouble).await? {
                    return Err(Unusable::Token.into());
                }
            }
            () = outbox.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
    let drain = async {
        while let Some(done) = running.next().await {
            settle(&mut dispatcher, done, &mut running, &mut trouble).await?;
        }
        Ok(())
    };
    match tokio::time::timeout(DRAIN_TIMEOUT, drain).await {
        Ok(drained) => drained,
        Err(_) => {
            tracing::warn!(
                "messages on their way had no answer yet; they are sent again at the next start"
            );
            Ok(())
        }
    }
}

/// Settles a job and whatever else is done by now, until it succeeds: what was sent must not be sent
/// again because the disk was full. Returns whether Telegram refused the token.
async fn settle(
    dispatcher: &mut Dispatcher,
    first: (Job, SendOutcome),
    running: &mut FuturesUnordered<impl Future<Output = (Job, SendOutcome)>>,
    trouble: &mut Backoff,
) -> Result<bool, StoreError> {
    let mut done = vec![first];
    if running.len() >= MANY {
        tokio::time::sleep(TOGETHER).await;
    }
    while let Some(Some(next)) = running.next().now_or_never() {
        done.push(next);
    }
    while let Err(error) = dispatcher.settle(&done, now()).await {
        trouble.wait_for_database(error).await?;
    }
    trouble.is_over();
    Ok(done.iter().any(|(_, outcome)| *outcome == SendOutcome::Unauthorized))
}
