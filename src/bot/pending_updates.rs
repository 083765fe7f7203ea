//! Handling of deferred updates: those that wait for Telegram or search, and what came after them
//! in the same chat.
//!
//! Guarantees: an update is removed from the pending ones in the transaction of its effect.
//! Out of scope: the order within a chat, and how many chats are handled at a time (`app`).

use super::{
    UpdateReceiver, ephemeral,
    handler::{RateCheck, UpdateHandler},
    request::Request,
    user_rate_limit::UserRateLimiter,
};
use crate::{
    domain::AccessPolicy,
    store::{PendingUpdate, Store, StoreError},
    telegram::{Incoming, Telegram},
};
use chrono::{DateTime, Utc};

/// Handles deferred updates. Clones share the rate limits.
#[derive(Clone, Debug)]
pub struct PendingUpdateHandler {
    username: String,
    policy: AccessPolicy,
    limiter: UserRateLimiter,
}

impl PendingUpdateHandler {
    /// Returns a handler for the updates that a receiver defers.
    pub fn of(receiver: &UpdateReceiver) -> Self {
        let (username, policy, limiter) = receiver.parts();
        PendingUpdateHandler {
            username: username.to_owned(),
            policy: policy.clone(),
            limiter: limiter.clone(),
        }
    }

    /// Handles one update, and sends what is ephemeral.
    ///
    /// # Errors
    ///
    /// Fails if the database does. The update remains pending then.
    pub async fn run<T: Telegram>(
        &self,
        store: &Store,
        telegram: &T,
        pending: &PendingUpdate,
        now: impl Fn() -> DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Ok(update) = serde_json::from_str::<Incoming>(&pending.body) else {
            // Another version of the program stored it.
            tracing::warn!("pending update {} cannot be parsed and is dropped", pending.update_id);
            return store.drop_pending(pending.id).await;
        };
        let request = Request::parse(update, &self.username);
        let (begun_at, requester) = (now(), request.requester());
        let (username, policy) = (self.username.as_str(), &self.policy);
        let handler = UpdateHandler { store, telegram, username, policy };
        let rate = if pending.is_late { RateCheck::ExceededByStop } else { RateCheck::Within };
        let result = handler.handle(request, Some(pending.id), rate, &now).await?;
        if let Some(requester) = requester {
            self.limiter.spend(requester, (now() - begun_at).as_seconds_f64(), now());
        }
        let ephemeral = result.ephemeral.into_iter().collect();
        ephemeral::send_ephemeral(store, telegram, ephemeral, now()).await
    }
}
