//! Updates that take time: those about which Telegram is asked first, searches, and whatever came after them
//! in the same chat.
//!
//! Guarantees: those of one chat take effect one after the other, in order; an update leaves the line in the
//! transaction in which it takes effect.
//! Out of scope: how many chats are dealt with at the same time, and waiting (`app`).

use super::{
    UpdateReceiver, ephemeral,
    handler::{UpdateHandler, requester},
    user_rate_limit::UserRateLimiter,
};
use crate::{
    domain::AccessPolicy,
    store::{PendingUpdate, Store, StoreError},
    telegram::{Incoming, Telegram},
};
use chrono::{DateTime, Utc};

/// Deals with updates that were put in line. Clones share the budgets.
#[derive(Clone, Debug)]
pub struct PendingUpdateHandler {
    username: String,
    policy: AccessPolicy,
    budget: UserRateLimiter,
}

impl PendingUpdateHandler {
    /// Deals with what this intake puts in line.
    pub fn of(intake: &UpdateReceiver) -> Self {
        let (username, policy, budget) = intake.parts();
        PendingUpdateHandler {
            username: username.to_owned(),
            policy: policy.clone(),
            budget: budget.clone(),
        }
    }

    /// Deals with one.
    pub async fn run<T: Telegram>(
        &self,
        store: &Store,
        telegram: &T,
        pending: &PendingUpdate,
        now: impl Fn() -> DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Ok(update) = serde_json::from_str::<Incoming>(&pending.body) else {
            // Of another version of this program.
            tracing::warn!("update {} cannot be read any more and is dropped", pending.update_id);
            return store.drop_pending(pending.id).await;
        };
        let (begun_at, asker) = (now(), requester(&update, &self.username));
        let (username, policy) = (self.username.as_str(), &self.policy);
        let taker = UpdateHandler { store, telegram, username, policy };
        let (_, said) = taker.handle(update, Some(pending.id), pending.is_late, &now).await?;
        if let Some(asker) = asker {
            self.budget.spend(asker, (now() - begun_at).as_seconds_f64(), now());
        }
        ephemeral::send_ephemeral(store, telegram, said.into_iter().collect(), now()).await
    }
}
