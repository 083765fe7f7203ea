//! Wiring: opens the database and the clients, starts the workers, stops them.
//!
//! Guarantees: the first worker that ends ends all, and is named. A shutdown takes less than ten
//! seconds, in which open sends are settled. Other modules get the time as an argument; only
//! waits between requests and CPU-bound work are started elsewhere.
//! Out of scope: what the workers do. Each calls steps of other modules that say when to be called
//! again.

mod backoff;
mod clock;
mod error_chain;
mod services;
mod startup;
mod supervisor;
pub(crate) mod workers;

pub use self::{clock::now, error_chain::ErrorChain};

use self::{
    services::Services,
    supervisor::Supervisor,
    workers::{delivery, jobs, maintenance, polling, scheduler, updates},
};
use crate::{
    config::{Config, FileConfig},
    deliver::Dispatcher,
    jobs::JobRunner,
    poll::Poller,
    store::{Access, Store},
    telemetry::metrics,
};

/// Runs until `shutdown` is ready, or until a worker cannot go on.
///
/// # Errors
/// If the database, an address or a client cannot be had, or if the worker that ended first failed.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    // Before anything is touched: an address that is taken is a problem of the configuration.
    let metrics = match config.watch.metrics {
        Some(listen) => Some(metrics::Server::bind(listen).await?),
        None => None,
    };
    let store = Store::open(&config.database_url, Access::Run).await?;
    store.sync_sources(&config.watch.sources, now()).await?;
    startup::log(&config, &store).await?;
    let services = Services::connect(&config, store)?;
    let Services { store, telegram, web, wakers } = services.clone();
    let FileConfig { sources, rules, keep, policy, .. } = config.watch;
    let jobs = JobRunner::new(store.clone(), web.clone(), &sources);
    let poller =
        Poller::new(store.clone(), web, &sources, rules.digest_above).with_access_policy(&policy);
    let dispatcher = Dispatcher::start(store.clone(), rules, now()).await?;

    let mut workers = Supervisor::default();
    let hosts = polling::hosts(&sources);
    workers.spawn("polling", polling::run_polling(poller, hosts, wakers.outbox.clone()));
    workers.spawn_draining("delivery", |stop| {
        delivery::run_delivery(dispatcher, telegram, wakers.outbox.clone(), stop)
    });
    workers.spawn("updates", updates::receive_updates(services, policy));
    workers.spawn("jobs", jobs::run_jobs(jobs, wakers.clone()));
    workers.spawn("scheduler", scheduler::run_scheduler(store.clone(), wakers.outbox));
    workers.spawn("maintenance", maintenance::run_maintenance(store.clone(), keep));
    workers.spawn("removals", maintenance::delete_removed(store.clone()));
    if let Some(server) = metrics {
        workers.spawn("metrics", server.serve());
    }
    workers.spawn("progress", maintenance::report_progress(store.clone()));
    let outcome = workers.run(shutdown).await;
    store.close().await;
    outcome
}
