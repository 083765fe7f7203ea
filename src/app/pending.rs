//! The loop that deals with updates that take time, several chats at the same time.

use super::{backoff::Backoff, now};
use crate::{bot::Pending, domain::ChatId, store::Store, telegram::Client};
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
pub(super) async fn deal(
    pending: Pending,
    store: Store,
    telegram: Client,
    due: Arc<Notify>,
    bell: impl Fn(),
) -> anyhow::Result<()> {
    let mut running = JoinSet::new();
    let mut chats: BTreeMap<Id, ChatId> = BTreeMap::new();
    let mut trouble = Backoff::new("updates that wait cannot be dealt with");
    loop {
        if running.len() < CHATS_AT_ONCE {
            let busy: BTreeSet<ChatId> = chats.values().copied().collect();
            match store.next_pending(&busy).await {
                Ok(Some(update)) => {
                    let (pending, store, telegram) =
                        (pending.clone(), store.clone(), telegram.clone());
                    let chat = update.chat;
                    let task = running
                        .spawn(async move { pending.run(&store, &telegram, &update, now).await });
                    chats.insert(task.id(), chat);
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
                let (id, done) = done?;
                chats.remove(&id);
                match done {
                    Ok(()) => {
                        trouble.is_over();
                        bell();
                    }
                    // It is still in line.
                    Err(error) => trouble.wait_for_database(error).await?,
                }
            }
            () = due.notified() => {}
            () = tokio::time::sleep(SLEEP_MAX) => {}
        }
    }
}
