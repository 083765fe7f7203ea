//! The loop that sends: what may go goes, each at its time; what came of it is settled.
//!
//! Promises: what was answered is settled at once, or where many are on their way within `TOGETHER`, and
//! however long the database takes for it; at a stop, and when the token is refused, what is on its way is
//! waited for, within a limit. Each send is a task of its own, so that its answer is heard while the
//! database is waited for.

use crate::app::{backoff::Backoff, now};
use crate::{
    bot::FatalError,
    deliver::{self, Dispatcher, SendAttempt, Step},
    domain::SendOutcome,
    store::StoreError,
    telegram::Client,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

/// How long sends on their way may take to be settled at shutdown.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
/// Where so many are on their way (far more than at Telegram's ordinary limit), what is answered within
/// so long is settled in one transaction: each is a write to the disk.
const MANY: usize = 16;
const TOGETHER: Duration = Duration::from_millis(10);

/// The longest sleep, and the longest that a job waits for its time: if the clock is set back between a
/// look at it and the sleep, what was to be milliseconds is not to be hours.
const SLEEP_MAX: Duration = Duration::from_secs(60);
const AHEAD_MAX: Duration = Duration::from_millis(100);

/// Sends what may go, until told to stop; then settles what is on its way.
pub(crate) async fn run_delivery(
    mut dispatcher: Dispatcher,
    telegram: Client,
    outbox: Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut running: JoinSet<(SendAttempt, SendOutcome)> = JoinSet::new();
    let mut trouble = Backoff::new("nothing can be sent");
    let mut answered = PendingSettlements::default();
    let mut is_refused = false;
    while !stop.is_cancelled() && !is_refused {
        if answered.is_to_be_settled(running.len()) {
            is_refused = answered.settle(&mut dispatcher, &mut trouble).await?;
            continue;
        }
        let sleep_until_at = match dispatcher.step(now()).await {
            Ok(Step::Send(jobs)) => {
                trouble.reset();
                for job in jobs {
                    running.spawn(send(telegram.clone(), job));
                }
                now()
            }
            Ok(Step::IdleUntil(at)) => at,
            Err(error) => {
                tokio::select! {
                    waited = trouble.wait_for_database(error) => waited?,
                    () = stop.cancelled() => {}
                }
                continue;
            }
        };
        let sleep = (sleep_until_at - now()).to_std().unwrap_or_default().min(SLEEP_MAX);
        tokio::select! {
            Some(first) = running.join_next() => {
                answered.push(first?);
                while let Some(next) = running.try_join_next() {
                    answered.push(next?);
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
            is_refused |= answered.settle(&mut dispatcher, &mut trouble).await?;
            let Some(next) = running.join_next().await else { return anyhow::Ok(()) };
            answered.push(next?);
        }
    };
    match tokio::time::timeout(DRAIN_TIMEOUT, drain).await {
        Ok(drained) => drained?,
        Err(_) => tracing::warn!(
            "messages on their way had no answer yet; they are sent again at the next start"
        ),
    }
    if is_refused { Err(FatalError::Token.into()) } else { Ok(()) }
}

/// Sends a job at its time.
async fn send(telegram: Client, job: SendAttempt) -> (SendAttempt, SendOutcome) {
    let wait = (job.send_at() - now()).to_std().unwrap_or_default();
    tokio::time::sleep(wait.min(AHEAD_MAX)).await;
    let outcome = deliver::send(&telegram, &job).await;
    (job, outcome)
}

/// What was answered and is to be settled.
#[derive(Default)]
struct PendingSettlements {
    done: Vec<(SendAttempt, SendOutcome)>,
    since: Option<Instant>,
}

impl PendingSettlements {
    fn push(&mut self, one: (SendAttempt, SendOutcome)) {
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
        trouble.reset();
        self.since = None;
        Ok(self.done.drain(..).any(|(_, outcome)| outcome == SendOutcome::Unauthorized))
    }
}
