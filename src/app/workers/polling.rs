//! The loop that polls: what is due, several sources at the same time.

use super::poll_slots::PollSlots;
use crate::app::{
    backoff::{BACKOFF_MIN, Backoff},
    now,
};
use crate::{
    domain::{PollStatus, Source, SourceName},
    fetch::{HttpWeb, within},
    poll::{Polled, Poller},
    telemetry::metrics,
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::Notify,
    task::{AbortHandle, JoinSet},
    time,
};

/// How long all requests of a poll may take together.
const POLL_MAX: Duration = Duration::from_secs(90);
/// The longest that the poller sleeps, so that `source confirm` is seen soon.
const POLLER_SLEEP_MAX: Duration = Duration::from_secs(5);

/// The host of each source.
pub(crate) fn hosts(sources: &[Source]) -> BTreeMap<SourceName, String> {
    sources.iter().map(|source| (source.name.clone(), host(source))).collect()
}

fn host(source: &Source) -> String {
    source.url.origin().ascii_serialization()
}

/// Polls what is due, for ever.
pub(crate) async fn run_polling(
    poller: Poller<HttpWeb>,
    hosts: BTreeMap<SourceName, String>,
    outbox: Arc<Notify>,
) -> anyhow::Result<()> {
    let poller = Arc::new(poller);
    // Tasks of their own, so that they go on while this loop waits for the database that they use.
    let mut running = JoinSet::new();
    let mut tasks: BTreeMap<SourceName, AbortHandle> = BTreeMap::new();
    let mut lanes = PollSlots::default();
    let mut reports = Reports::default();
    let mut trouble = Backoff::new("nothing can be read");
    loop {
        for name in lanes.part(time::Instant::now()) {
            // It is due as it was, and is polled again when there is a place for it.
            if let Some(task) = tasks.get(&name) {
                task.abort();
            }
            tracing::debug!("{name} is slow, and waits for other slow sources");
        }
        // Those that wait for a place are looked at again when one is free.
        let mut known = lanes.names();
        match poller.due(now()).await {
            Ok(mut due) => {
                due.sort_by_key(|due| lanes.rank(&due.name));
                for due in due {
                    let of_chat = due.user_added.as_deref().map(host);
                    let host = of_chat.or_else(|| hosts.get(&due.name).cloned());
                    known.insert(due.name.clone());
                    let now_at = time::Instant::now();
                    // One that was given up may still be ending.
                    if tasks.contains_key(&due.name)
                        || !lanes.start(&due.name, &host.unwrap_or_default(), now_at)
                    {
                        continue;
                    }
                    let (poller, name) = (poller.clone(), due.name.clone());
                    let task = running.spawn(async move {
                        let poll = poller.poll(&due, now, fastrand::f64());
                        (due.name.clone(), within(POLL_MAX, poll).await)
                    });
                    tasks.insert(name, task);
                }
            }
            Err(error) => trouble.wait_for_database(error).await?,
        }
        let wait = poller.wait(now(), &known).await.unwrap_or(BACKOFF_MIN).min(POLLER_SLEEP_MAX);
        let wakes_at = time::Instant::now() + wait;
        let wakes_at = lanes.next_at().map_or(wakes_at, |at| at.min(wakes_at));
        tokio::select! {
            Some(done) = running.join_next() => {
                let (name, polled) = match done {
                    Ok(done) => done,
                    Err(error) if error.is_cancelled() => {
                        tasks.retain(|_, task| task.id() != error.id());
                        // Whether it got so far that something is to be sent is not known.
                        outbox.notify_one();
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                };
                tasks.remove(&name);
                lanes.end(&name, time::Instant::now());
                match polled {
                    Ok(polled) => {
                        trouble.reset();
                        if let Some(polled) = polled {
                            metrics::polled(&polled.name, polled.reason, polled.new);
                            reports.report(&polled);
                            if polled.deliveries > 0 || polled.notices > 0 {
                                outbox.notify_one();
                            }
                        }
                    }
                    Err(error) => trouble.wait_for_database(error).await?,
                }
            }
            () = time::sleep_until(wakes_at) => {}
        }
    }
}

/// How often the log is told again of a source that is held or cannot be read.
const REPORTED_EVERY: Duration = Duration::from_secs(24 * 3600);

/// What the log was told of each source by this process.
#[derive(Debug, Default)]
struct Reports(BTreeMap<SourceName, LastReport>);

#[derive(Debug)]
struct LastReport {
    reason: PollStatus,
    note: Option<String>,
    at: Instant,
}

impl Reports {
    /// Says what a poll came to: once for each change, the first time whatever is not well, and of what
    /// needs somebody again every day.
    fn report(&mut self, polled: &Polled) {
        let Polled { name, before, reason, note, new, edited, deliveries, .. } = polled;
        if let Some(entries) = polled.baseline {
            tracing::info!("{name}: first reading, {entries} entries stored in silence");
        }
        if *new > 0 {
            tracing::info!("{name}: {new} new, {deliveries} deliveries");
        }
        if *edited > 0 {
            tracing::info!("{name}: {edited} edited");
        }
        let last = self.0.get(name);
        let is_due = last.is_none_or(|last| {
            last.reason != *reason
                || !reason.is_healthy() && last.at.elapsed() >= REPORTED_EVERY
                || reason.is_healthy() && note.is_some() && last.note != *note
        });
        if !is_due {
            return;
        }
        let report = LastReport { reason: *reason, note: note.clone(), at: Instant::now() };
        let was_healthy = last.map_or(before.is_healthy(), |last| last.reason.is_healthy());
        let is_first = last.is_none();
        self.0.insert(name.clone(), report);
        let note = note.as_deref().unwrap_or_default();
        match reason {
            PollStatus::Held => tracing::warn!(
                "{name} is held, nothing of it is posted: {note}. Look at the page; then `communique source confirm {name}` posts what is new, with --silently it is only stored"
            ),
            reason if !reason.is_healthy() => {
                tracing::warn!("{name} is not read ({}): {note}", reason.as_str());
            }
            _ if !was_healthy && *before != PollStatus::New => {
                tracing::info!("{name} is well again");
            }
            PollStatus::Ok if !note.is_empty() && !is_first => tracing::warn!("{name}: {note}"),
            _ => {}
        }
    }
}
