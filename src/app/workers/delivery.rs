//! The delivery worker: sends each delivery at its time and settles the outcomes.
//!
//! Guarantees: an outcome is settled at once, or within `SETTLE_TOGETHER` where many sends are open,
//! however long the database takes. At shutdown, and if the token is refused, open sends are waited
//! for, within a limit. Each send is a task of its own, so that its response is read while the
//! database is waited for.

use crate::app::{backoff::Backoff, clock::now};
use crate::{
    bot::FatalError,
    deliver::{self, Dispatcher, SendAttempt, Step},
    domain::SendOutcome,
    store::StoreError,
    telegram::Client,
};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// How long open sends may take to be settled at shutdown.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
/// Open sends from which outcomes are settled together (far more than at Telegram's ordinary
/// limit): each transaction is a write to the disk.
const MANY_OPEN: usize = 16;
/// How long an outcome waits for others to be settled in the same transaction.
const SETTLE_TOGETHER: Duration = Duration::from_millis(10);
/// The longest sleep. If the clock is set back before it, milliseconds do not become hours.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// The longest that a send waits for its time, for the same reason.
const AHEAD_MAX: Duration = Duration::from_millis(100);

/// Sends what is due until `stop` is cancelled, then settles the open sends.
///
/// # Errors
/// If Telegram refuses the token, the database is damaged, or a send panics.
pub(crate) async fn run_delivery(
    dispatcher: Dispatcher,
    telegram: Client,
    outbox: Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut worker = DeliveryWorker {
        dispatcher,
        telegram,
        open: JoinSet::new(),
        pending: PendingSettlements::default(),
        backoff: Backoff::new("sending"),
        is_token_refused: false,
    };
    while !stop.is_cancelled() && !worker.is_token_refused {
        if worker.pending.is_due(worker.open.len()) {
            worker.settle().await?;
            continue;
        }
        let sleep_until_at = match worker.start_sends().await {
            Ok(at) => at,
            Err(error) => {
                tokio::select! {
                    waited = worker.backoff.wait_for_database(error) => waited?,
                    () = stop.cancelled() => {}
                }
                continue;
            }
        };
        let sleep = (sleep_until_at - now()).to_std().unwrap_or_default().min(SLEEP_MAX);
        tokio::select! {
            Some(first) = worker.open.join_next() => {
                worker.pending.push(first?);
                while let Some(next) = worker.open.try_join_next() {
                    worker.pending.push(next?);
                }
            }
            () = worker.pending.wait() => {}
            () = outbox.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
    worker.drain().await
}

/// The state of the worker.
struct DeliveryWorker {
    dispatcher: Dispatcher,
    telegram: Client,
    /// The open sends.
    open: JoinSet<(SendAttempt, SendOutcome)>,
    pending: PendingSettlements,
    backoff: Backoff,
    is_token_refused: bool,
}

impl DeliveryWorker {
    /// Starts the sends that are due. Returns when to call it again.
    async fn start_sends(&mut self) -> Result<DateTime<Utc>, StoreError> {
        match self.dispatcher.step(now()).await? {
            Step::Send(attempts) => {
                self.backoff.reset();
                for attempt in attempts {
                    let (id, place) = (attempt.claimed.delivery_id, attempt.claimed.place);
                    let span = tracing::error_span!("delivery", id = id.0, chat = %place);
                    self.open.spawn(send(self.telegram.clone(), attempt).instrument(span));
                }
                Ok(now())
            }
            Step::IdleUntil(at) => Ok(at),
        }
    }

    /// Settles what is pending, until that succeeds: what was sent must not be sent again because
    /// the disk was full.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if self.pending.outcomes.is_empty() {
            return Ok(());
        }
        while let Err(error) = self.dispatcher.settle(&self.pending.outcomes, now()).await {
            self.backoff.wait_for_database(error).await?;
        }
        self.backoff.reset();
        let settled = std::mem::take(&mut self.pending);
        self.is_token_refused |=
            settled.outcomes.iter().any(|(_, outcome)| *outcome == SendOutcome::Unauthorized);
        Ok(())
    }

    /// Waits for the open sends and settles them.
    async fn drain(mut self) -> anyhow::Result<()> {
        let drained = tokio::time::timeout(DRAIN_TIMEOUT, async {
            loop {
                self.settle().await?;
                let Some(next) = self.open.join_next().await else { return anyhow::Ok(()) };
                self.pending.push(next?);
            }
        });
        match drained.await {
            Ok(drained) => drained?,
            Err(_) => tracing::warn!(
                "some sends had no response yet; these messages are sent again at the next start"
            ),
        }
        if self.is_token_refused { Err(FatalError::Token.into()) } else { Ok(()) }
    }
}

/// Sends one delivery at its time.
async fn send(telegram: Client, attempt: SendAttempt) -> (SendAttempt, SendOutcome) {
    let wait = (attempt.send_at() - now()).to_std().unwrap_or_default();
    tokio::time::sleep(wait.min(AHEAD_MAX)).await;
    let outcome = deliver::send(&telegram, &attempt).await;
    (attempt, outcome)
}

/// The outcomes that are not settled yet.
#[derive(Default)]
struct PendingSettlements {
    outcomes: Vec<(SendAttempt, SendOutcome)>,
    since: Option<Instant>,
}

impl PendingSettlements {
    fn push(&mut self, outcome: (SendAttempt, SendOutcome)) {
        self.since.get_or_insert_with(Instant::now);
        self.outcomes.push(outcome);
    }

    /// Whether they are to be settled now, with this many sends open: if there are many, outcomes
    /// that arrive shortly after each other share a transaction.
    fn is_due(&self, open: usize) -> bool {
        self.since.is_some_and(|since| open < MANY_OPEN || since.elapsed() >= SETTLE_TOGETHER)
    }

    /// Ready when they are to be settled, however many sends are open.
    async fn wait(&self) {
        match self.since {
            Some(since) => tokio::time::sleep_until(since + SETTLE_TOGETHER).await,
            None => std::future::pending().await,
        }
    }
}
