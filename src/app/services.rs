//! What the workers share: the database, Telegram, the web, and the wakers between them.

use crate::{config::Config, fetch::HttpWeb, store::Store, telegram::Client};
use anyhow::Context;
use std::sync::Arc;
use tokio::sync::Notify;

/// What the workers share. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) telegram: Client,
    pub(crate) web: HttpWeb,
    pub(crate) wakers: Wakers,
}

/// Wakes the workers that others make work for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wakers {
    /// There may be something to send.
    pub(crate) outbox: Arc<Notify>,
    /// There may be a job.
    pub(crate) jobs: Arc<Notify>,
}

impl Wakers {
    /// Wakes all: an update may have made work for each.
    pub(crate) fn wake_all(&self) {
        self.outbox.notify_one();
        self.jobs.notify_one();
    }
}

impl Services {
    /// Sets up the clients for a store that is open.
    ///
    /// # Errors
    /// If a client cannot be set up.
    pub(crate) fn connect(config: &Config, store: Store) -> anyhow::Result<Self> {
        let telegram = Client::new(&config.token, config.api_url.clone())
            .context("the client for Telegram cannot be set up")?;
        let web = HttpWeb::new(config.watch.contact.as_deref(), &config.watch.reach)
            .context("the client for pages cannot be set up")?
            .with_clock(super::clock::now);
        Ok(Services { store, telegram, web, wakers: Wakers::default() })
    }
}
