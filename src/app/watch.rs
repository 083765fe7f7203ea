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
use std::{collections::BTreeSet, sync::Arc, time::Duration};
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
    // Those that this process has told of.
    let mut told: BTreeSet<SourceName> = BTreeSet::new();
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
                            report(&polled, told.insert(polled.name.clone()));
                            if polled.deliveries > 0 {
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

/// Says what a poll came to: once for each change, and the first time whatever is not well.
fn report(polled: &Polled, is_first: bool) {
    let Polled { name, before, reason, new, edited, deliveries, .. } = polled;
    if let Some(entries) = polled.baseline {
        tracing::info!("{name}: first reading, {entries} entries stored in silence");
    }
    if *new > 0 {
        tracing::info!("{name}: {new} new, {deliveries} deliveries");
    }
    if *edited > 0 {
        tracing::info!("{name}: {edited} edited");
    }
    if (reason == before && !is_first) || (reason.is_healthy() && before.is_healthy()) {
        return;
    }
    let note = polled.note.as_deref().unwrap_or_default();
    match reason {
        Reason::Held => tracing::warn!(
            "{name} is held, nothing of it is sent: {note}. Look at the page; if it is right: communique source confirm {name}"
        ),
        reason if !reason.is_healthy() => {
            tracing::warn!("{name} is not read ({}): {note}", reason.as_str())
        }
        _ if *before != Reason::New => tracing::info!("{name} is well again"),
        _ => {}
    }
}
