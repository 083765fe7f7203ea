//! The loop that deals with updates that take time, several chats at the same time. One that fails by a fault of
//! its own is tried a few times and then dropped, with a line in the log.

use crate::app::{backoff::Backoff, now};
use crate::{
    bot::PendingUpdateHandler,
    domain::ChatId,
    store::{PendingUpdate, Store},
    telegram::Client,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::{Id, JoinSet},
};

/// Chats dealt with at the same time.
const CHATS_AT_ONCE: usize = 16;
/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Deals with updates in line, for ever. `due` tells of new ones; `bell` is called after each.
pub(crate) async fn run_pending_updates(
    pending: PendingUpdateHandler,
    store: Store,
    telegram: Client,
    due: Arc<Notify>,
    bell: impl Fn(),
) -> anyhow::Result<()> {
    let mut running = JoinSet::new();
    let mut updates: BTreeMap<Id, PendingUpdate> = BTreeMap::new();
    let mut trouble = Backoff::new("updates that wait cannot be dealt with");
    loop {
        if running.len() < CHATS_AT_ONCE {
            let busy: BTreeSet<ChatId> = updates.values().map(|update| update.chat).collect();
            match store.next_pending(&busy).await {
                Ok(Some(update)) => {
                    let (pending, store, telegram, own) =
                        (pending.clone(), store.clone(), telegram.clone(), update.clone());
                    let task = running
                        .spawn(async move { pending.run(&store, &telegram, &own, now).await });
                    updates.insert(task.id(), update);
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    trouble.wait_for_database(error).await?;
                    continue;
                }
            }
        }
        tokio::select! {
            Some(done) = running.join_next_with_id() => {
                let (task, error) = match done {
                    Ok((task, Ok(()))) => {
                        updates.remove(&task);
                        trouble.reset();
                        bell();
                        continue;
                    }
                    Ok((task, Err(error))) => (task, Some(error)),
                    Err(error) if error.is_panic() => (error.id(), None),
                    Err(error) => return Err(error.into()),
                };
                // It is still in line, unless the fault is its own.
                if let Some(update) = updates.remove(&task)
                    && store.fail_pending(update.id).await.unwrap_or(false)
                {
                    tracing::error!("update {} fails again and again and is dropped", update.update_id);
                }
                if let Some(error) = error {
                    trouble.wait_for_database(error).await?;
                }
            }
            () = due.notified() => {}
            () = tokio::time::sleep(SLEEP_MAX) => {}
        }
    }
}
