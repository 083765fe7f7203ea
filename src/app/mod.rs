//! Wiring: opens the doors, starts the loops, ends them.
//!
//! Promises: the first loop to end ends all, and is named; shutdown takes less than ten seconds, in
//! which sends on their way are settled. The only place that sleeps, spawns and asks for the time.
//! Leaves out: everything the loops do; each of them is a step that says when to call it again.

mod backoff;
pub(crate) mod workers;

pub use self::backoff::ErrorChain;

use crate::{
    bot::FatalError,
    config::Config,
    deliver::Dispatcher,
    fetch::HttpWeb,
    jobs::JobRunner,
    poll::Poller,
    store::{Access, Store, StoreError},
    telegram::Client,
    telemetry::metrics,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// How long everything may take to end at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(9_500);

/// The time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Runs until `shutdown` is ready, or until a loop cannot go on.
///
/// # Errors
/// When a door cannot be opened, or the loop that ended first did not end well.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    // Before anything is touched: an address that cannot be had is a fault of the settings.
    let metrics = match config.watch.metrics {
        Some(listen) => Some(metrics::Server::bind(listen).await?),
        None => None,
    };
    let store = Store::open(&config.database_url, Access::Run).await?;
    store.sync_sources(&config.watch.sources, now()).await?;
    log_startup(&config, &store).await?;
    let telegram = Client::new(&config.token, config.api_url.clone())
        .context("the client for Telegram cannot be set up")?;
    let web = HttpWeb::new(config.watch.contact.as_deref(), &config.watch.reach)
        .context("the client for pages cannot be set up")?
        .with_clock(now);
    let errands = JobRunner::new(store.clone(), web.clone(), &config.watch.sources);
    let digest_above = config.watch.rules.digest_above;
    let poller = Poller::new(store.clone(), web, &config.watch.sources, digest_above)
        .with_access_policy(&config.watch.policy);
    let dispatcher = Dispatcher::start(store.clone(), config.watch.rules, now()).await?;

    let stop = CancellationToken::new();
    let (outbox, errands_due) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut loops: JoinSet<(&'static str, anyhow::Result<()>)> = JoinSet::new();
    let (s, o) = (stop.clone(), outbox.clone());
    let hosts = self::workers::polling::hosts(&config.watch.sources);
    loops.spawn(async move {
        (
            "poller",
            run_until_cancelled(s, self::workers::polling::run_polling(poller, hosts, o)).await,
        )
    });
    let (t, s, o) = (telegram.clone(), stop.clone(), outbox.clone());
    loops.spawn(async move {
        ("dispatcher", self::workers::delivery::run_delivery(dispatcher, t, o, s).await)
    });
    let (st, s, o, e) = (store.clone(), stop.clone(), outbox.clone(), errands_due.clone());
    let policy = config.watch.policy;
    loops.spawn(async move {
        (
            "intake",
            run_until_cancelled(
                s,
                self::workers::updates::receive_updates(telegram, st, policy, o, e),
            )
            .await,
        )
    });
    let (s, o) = (stop.clone(), outbox.clone());
    loops.spawn(async move {
        (
            "errands",
            run_until_cancelled(s, self::workers::jobs::run_jobs(errands, o, errands_due)).await,
        )
    });
    let (st, s) = (store.clone(), stop.clone());
    loops.spawn(async move {
        (
            "calendar",
            run_until_cancelled(s, self::workers::scheduler::run_scheduler(st, outbox)).await,
        )
    });
    let (st, s) = (store.clone(), stop.clone());
    loops.spawn(async move {
        (
            "housekeeping",
            run_until_cancelled(
                s,
                self::workers::maintenance::run_maintenance(st, config.watch.keep),
            )
            .await,
        )
    });
    let (st, s) = (store.clone(), stop.clone());
    loops.spawn(async move {
        ("removals", run_until_cancelled(s, self::workers::maintenance::delete_removed(st)).await)
    });
    if let Some(server) = metrics {
        let s = stop.clone();
        loops.spawn(async move { ("metrics", run_until_cancelled(s, server.serve()).await) });
    }
    let (st, s) = (store.clone(), stop.clone());
    loops.spawn(async move {
        ("progress", run_until_cancelled(s, self::workers::maintenance::report_progress(st)).await)
    });

    let first = tokio::select! {
        ended = loops.join_next() => ended,
        () = shutdown => None,
    };
    tracing::info!("stopping");
    stop.cancel();
    let rest = async { while loops.join_next().await.is_some() {} };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, rest).await.is_err() {
        tracing::warn!("some work did not end in time; it goes on at the next start");
    }
    store.close().await;
    match first {
        None => Ok(()),
        Some(Ok((_, Err(error)))) if error.is::<FatalError>() || error.is::<StoreError>() => {
            Err(error)
        }
        Some(Ok((name, outcome))) => outcome.with_context(|| format!("the {name} ended")),
        Some(Err(error)) => Err(error).context("a loop panicked, which is a bug: please report it"),
    }
}

/// Says what this process is about to do.
async fn log_startup(config: &Config, store: &Store) -> anyhow::Result<()> {
    tracing::info!("communique {}, database {}", env!("CARGO_PKG_VERSION"), config.database_url);
    if config.watch.rules.paid {
        tracing::warn!(
            "allow_paid_broadcast is on: of every second's messages Telegram takes 0.1 Star for each above 30, at {} a second up to {} Stars an hour while a broadcast lasts",
            config.watch.rules.per_second,
            ((config.watch.rules.per_second - 30.0).max(0.0) * 360.0).round()
        );
    }
    if !config.watch.rules.paid && config.watch.rules.per_second > 30.0 {
        tracing::warn!(
            "delivery.per_second is {}: Telegram lets about 30 a second pass, unless allow_paid_broadcast is on",
            config.watch.rules.per_second
        );
    }
    let states = store.source_states().await?;
    for source in &config.watch.sources {
        let state = states.iter().find(|state| state.name == source.name.as_str());
        let (entries, subscribed) = state.map_or((0, 0), |s| (s.entries, s.subscriptions));
        let every = humantime::format_duration(source.interval);
        tracing::info!(
            "watching {} ({}) every {every}: {entries} entries known, {subscribed} subscribed",
            source.name,
            source.url,
        );
    }
    Ok(())
}

/// A loop that has nothing to finish: it may be dropped at any point.
async fn run_until_cancelled(
    stop: CancellationToken,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    tokio::select! {
        outcome = work => outcome,
        () = stop.cancelled() => Ok(()),
    }
}
