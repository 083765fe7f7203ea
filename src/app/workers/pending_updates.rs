//! Handles the updates that take time, several chats at the same time.
//!
//! Guarantees: the updates of a chat are handled one after the other. One that keeps failing by
//! itself is dropped after a few attempts, with a line in the log.

use crate::app::{backoff::Backoff, clock::now, services::Services};
use crate::{
    bot::PendingUpdateHandler,
    domain::ChatId,
    store::{PendingUpdate, StoreError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
};

/// Chats that are handled at the same time.
const CHATS_MAX: usize = 16;
/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Handles pending updates, forever. `due` reports new ones.
///
/// # Errors
/// If the database is damaged.
pub(super) async fn run_pending_updates(
    handler: PendingUpdateHandler,
    services: Services,
    due: Arc<Notify>,
) -> anyhow::Result<()> {
    let mut running = JoinSet::new();
    let mut updates: BTreeMap<Id, PendingUpdate> = BTreeMap::new();
    let mut backoff = Backoff::new("handling pending updates");
    loop {
        if running.len() < CHATS_MAX {
            let busy: BTreeSet<ChatId> = updates.values().map(|update| update.chat).collect();
            match services.store.next_pending(&busy).await {
                Ok(Some(update)) => {
                    let work = handle(handler.clone(), services.clone(), update.clone());
                    let task = running.spawn(work);
                    updates.insert(task.id(), update);
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    backoff.wait_for_database(error).await?;
                    continue;
                }
            }
        }
        tokio::select! {
            Some(done) = running.join_next_with_id() => match Ended::of(done)? {
                Ended::Handled(task) => {
                    updates.remove(&task);
                    backoff.reset();
                    services.wakers.wake_all();
                }
                Ended::Failed(task, error) => {
                    // It stays pending, unless the failure is its own.
                    if let Some(update) = updates.remove(&task)
                        && services.store.fail_pending(update.id).await.unwrap_or(false)
                    {
                        tracing::error!(id = update.update_id.0, "an update keeps failing and is dropped");
                    }
                    if let Some(error) = error {
                        backoff.wait_for_database(error).await?;
                    }
                }
            },
            () = due.notified() => {}
            () = tokio::time::sleep(SLEEP_MAX) => {}
        }
    }
}

async fn handle(
    handler: PendingUpdateHandler,
    services: Services,
    update: PendingUpdate,
) -> Result<(), StoreError> {
    handler.run(&services.store, &services.telegram, &update, now).await
}

/// How the task of an update ended.
enum Ended {
    Handled(Id),
    /// With the error, or `None` after a panic.
    Failed(Id, Option<StoreError>),
}

impl Ended {
    /// # Errors
    /// If the task was cancelled, which nothing does while this worker runs.
    fn of(done: Result<(Id, Result<(), StoreError>), JoinError>) -> Result<Self, JoinError> {
        match done {
            Ok((task, Ok(()))) => Ok(Ended::Handled(task)),
            Ok((task, Err(error))) => Ok(Ended::Failed(task, Some(error))),
            Err(error) if error.is_panic() => Ok(Ended::Failed(error.id(), None)),
            Err(error) => Err(error),
        }
    }
}
