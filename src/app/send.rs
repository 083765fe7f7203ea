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
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::Instant};
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
    let mut answered = Answered::default();
    while !stop.is_cancelled() {
        if answered.is_to_be_settled(running.len())
            && answered.settle(&mut dispatcher, &mut trouble).await?
        {
            return Err(Unusable::Token.into());
        }
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
            Some(first) = running.next() => {
                answered.push(first);
                while let Some(Some(next)) = running.next().now_or_never() {
                    answered.push(next);
                }
            }
            () = answered.wait() => {}
            () = outbox.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
    let drain = async {
        loop {
            answered.settle(&mut dispatcher, &mut trouble).await?;
            let Some(next) = running.next().await else { return Ok(()) };
            answered.push(next);
        }
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

/// What was answered and is to be settled.
#[derive(Default)]
struct Answered {
    done: Vec<(Job, SendOutcome)>,
    since: Option<Instant>,
}

impl Answered {
    fn push(&mut self, one: (Job, SendOutcome)) {
        self.since.get_or_insert_with(Instant::now);
        self.done.push(one);
    }

    /// Whether it is to be settled now, while so many others are on their way: where these are many,
    /// what comes of them soon is settled in the same transaction.
    fn is_to_be_settled(&self, others: usize) -> bool {
        self.since.is_some_and(|since| others < MANY || since.elapsed() >= TOGETHER)
    }

    /// Ready when what has gathered is to be settled, however many are on their way.
    async fn wait(&self) {
        match self.since {
            Some(since) => tokio::time::sleep_until(since + TOGETHER).await,
            None => std::future::pending().await,
        }
    }

    /// Settles it, until that succeeds: what was sent must not be sent again because the disk was full.
    /// Returns whether Telegram refused the token.
    async fn settle(
        &mut self,
        dispatcher: &mut Dispatcher,
        trouble: &mut Backoff,
    ) -> Result<bool, StoreError> {
        if self.done.is_empty() {
            return Ok(false);
        }
        while let Err(error) = dispatcher.settle(&self.done, now()).await {
            trouble.wait_for_database(error).await?;
        }
        trouble.is_over();
        self.since = None;
        Ok(self.done.drain(..).any(|(_, outcome)| outcome == SendOutcome::Unauthorized))
    }
}
