//! The loop that polls: what is due, several sources at the same time.

use super::{
    backoff::{BACKOFF_MIN, Backoff},
    now,
};
use crate::{
    domain::{Reason, SourceName},
    metrics,
    poller::{Polled, Poller},
    web::HttpWeb,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Notify, task::JoinSet};

/// Sources polled at the same time.
const POLLS_AT_ONCE: usize = 8;
/// The longest that the poller sleeps, so that `source confirm` is seen soon.
const POLLER_SLEEP_MAX: Duration = Duration::from_secs(5);

/// Polls what is due, for ever.
pub(super) async fn poll(poller: Poller<HttpWeb>, outbox: Arc<Notify>) -> anyhow::Result<()> {
    let poller = Arc::new(poller);
    // Tasks of their own, so that they go on while this loop waits for the database that they use.
    let mut running = JoinSet::new();
    let mut names: BTreeSet<SourceName> = BTreeSet::new();
    let mut reports = Reports::default();
    let mut trouble = Backoff::new("nothing can be read");
    loop {
        match poller.due(now()).await {
            Ok(due) => {
                for due in due {
                    if running.len() < POLLS_AT_ONCE && names.insert(due.name.clone()) {
                        let poller = poller.clone();
                        running.spawn(async move {
                            let polled = poller.poll(&due, now, fastrand::f64()).await;
                            (due.name, polled)
                        });
                    }
                }
            }
            Err(error) => trouble.wait_for_database(error).await?,
        }
        let wait = if running.len() < POLLS_AT_ONCE {
            poller.wait(now(), &names).await.unwrap_or(BACKOFF_MIN).min(POLLER_SLEEP_MAX)
        } else {
            POLLER_SLEEP_MAX
        };
        tokio::select! {
            Some(done) = running.join_next() => {
                let (name, polled) = done?;
                names.remove(&name);
                match polled {
                    Ok(polled) => {
                        trouble.is_over();
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
            () = tokio::time::sleep(wait) => {}
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
    reason: Reason,
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
            Reason::Held => tracing::warn!(
                "{name} is held, nothing of it is posted: {note}. Look at the page; then `communique source confirm {name}` posts what is new, with --silently it is only stored"
            ),
            reason if !reason.is_healthy() => {
                tracing::warn!("{name} is not read ({}): {note}", reason.as_str());
            }
            _ if !was_healthy && *before != Reason::New => {
                tracing::info!("{name} is well again");
            }
            Reason::Ok if !note.is_empty() && !is_first => tracing::warn!("{name}: {note}"),
            _ => {}
        }
    }
}
