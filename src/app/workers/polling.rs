//! The polling worker: polls the sources that are due, several at the same time.

use super::{poll_reports::PollReports, poll_slots::PollSlots};
use crate::app::{
    backoff::{BACKOFF_MIN, Backoff},
    clock::now,
};
use crate::{
    domain::{Source, SourceName},
    fetch::{HttpWeb, within},
    poll::{Polled, Poller},
    store::{DuePoll, StoreError},
    telemetry::metrics,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::{AbortHandle, JoinError, JoinSet},
    time::Instant,
};
use tracing::Instrument;

/// How long all requests of a poll may take together.
const POLL_MAX: Duration = Duration::from_secs(90);
/// The longest sleep, so that `source confirm` takes effect soon.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// Returns the host of each source.
pub(crate) fn hosts(sources: &[Source]) -> BTreeMap<SourceName, String> {
    sources.iter().map(|source| (source.name.clone(), host(source))).collect()
}

fn host(source: &Source) -> String {
    source.url.origin().ascii_serialization()
}

/// Polls what is due, forever. Wakes `outbox` when there is something to send.
///
/// # Errors
/// If the database is damaged, or a poll panics.
pub(crate) async fn run_polling(
    poller: Poller<HttpWeb>,
    hosts: BTreeMap<SourceName, String>,
    outbox: Arc<Notify>,
) -> anyhow::Result<()> {
    let mut worker = PollingWorker {
        poller: Arc::new(poller),
        hosts,
        outbox,
        running: JoinSet::new(),
        tasks: BTreeMap::new(),
        slots: PollSlots::default(),
        reports: PollReports::default(),
        backoff: Backoff::new("polling"),
    };
    loop {
        worker.abort_slow();
        let known = worker.start_due().await?;
        let wait = worker.poller.wait(now(), &known).await.unwrap_or(BACKOFF_MIN).min(SLEEP_MAX);
        let wakes_at = Instant::now() + wait;
        let wakes_at = worker.slots.next_at().map_or(wakes_at, |at| at.min(wakes_at));
        tokio::select! {
            Some(done) = worker.running.join_next() => worker.finish(done).await?,
            () = tokio::time::sleep_until(wakes_at) => {}
        }
    }
}

/// A poll that ended: `None` if the source is not known any more.
type Done = (SourceName, Result<Option<Polled>, StoreError>);

/// The state of the worker.
struct PollingWorker {
    poller: Arc<Poller<HttpWeb>>,
    hosts: BTreeMap<SourceName, String>,
    outbox: Arc<Notify>,
    /// Tasks of their own, so that polls go on while this worker waits for the database.
    running: JoinSet<Done>,
    tasks: BTreeMap<SourceName, AbortHandle>,
    slots: PollSlots,
    reports: PollReports,
    backoff: Backoff,
}

impl PollingWorker {
    /// Aborts the polls that are slow and have no slot. They stay due, and are repeated when a slot
    /// is free.
    fn abort_slow(&mut self) {
        for name in self.slots.demote_slow(Instant::now()) {
            if let Some(task) = self.tasks.get(&name) {
                task.abort();
            }
            tracing::debug!(source = %name, "source is slow, and waits for other slow sources");
        }
    }

    /// Starts the polls that are due. Returns the sources that run or wait for a slot: a slot that
    /// becomes free wakes this worker for those.
    async fn start_due(&mut self) -> Result<BTreeSet<SourceName>, StoreError> {
        let mut known = self.slots.names();
        match self.poller.due(now()).await {
            Ok(mut due) => {
                due.sort_by_key(|due| self.slots.rank(&due.name));
                for due in due {
                    known.insert(due.name.clone());
                    self.start(due);
                }
            }
            Err(error) => self.backoff.wait_for_database(error).await?,
        }
        Ok(known)
    }

    /// Starts a poll if there is a slot for it.
    fn start(&mut self, due: DuePoll) {
        let host_of_chat = due.user_added.as_deref().map(host);
        let host = host_of_chat.or_else(|| self.hosts.get(&due.name).cloned()).unwrap_or_default();
        // One that was aborted may still be ending.
        if self.tasks.contains_key(&due.name) || !self.slots.start(&due.name, &host, Instant::now())
        {
            return;
        }
        let (poller, name) = (self.poller.clone(), due.name.clone());
        let span = tracing::error_span!("poll", source = %name);
        let work = async move {
            let poll = poller.poll(&due, now, fastrand::f64());
            (due.name.clone(), within(POLL_MAX, poll).await)
        };
        let task = self.running.spawn(work.instrument(span));
        self.tasks.insert(name, task);
    }

    /// Handles the end of a poll.
    async fn finish(&mut self, done: Result<Done, JoinError>) -> anyhow::Result<()> {
        let (name, polled) = match done {
            Ok(done) => done,
            Err(error) if error.is_cancelled() => {
                self.tasks.retain(|_, task| task.id() != error.id());
                // It may have got so far that there is something to send.
                self.outbox.notify_one();
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.tasks.remove(&name);
        self.slots.finish(&name, Instant::now());
        match polled {
            Ok(polled) => {
                self.backoff.reset();
                if let Some(polled) = polled {
                    metrics::polled(&polled.name, polled.reason, polled.new);
                    self.reports.log(&polled, Instant::now());
                    if polled.deliveries > 0 || polled.notices > 0 {
                        self.outbox.notify_one();
                    }
                }
            }
            Err(error) => self.backoff.wait_for_database(error).await?,
        }
        Ok(())
    }
}
