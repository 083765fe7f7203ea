//! The update handler: asks Telegram for permissions, and executes a request in a transaction.
//!
//! Guarantees: an update that was handled before has no effect. Its effect, the replies and its
//! removal from the pending updates are one transaction. Telegram is asked and entries are searched
//! before it begins.
//! Out of scope: which updates are deferred (`receiver`), and what each one changes (`handle`).

use super::{
    ephemeral::EphemeralReply,
    handle::handle,
    permission::{Permission, PermissionFacts, PermissionQuery},
    reply::Handled,
    request::Request,
};
use crate::{
    domain::{AccessPolicy, ChatKind, Reply},
    message,
    store::{Store, StoreError},
    telegram::{CallError, Event, Sender, Telegram},
};
use chrono::{DateTime, Utc};

/// Handles requests.
pub(super) struct UpdateHandler<'a, T> {
    pub(super) store: &'a Store,
    pub(super) telegram: &'a T,
    pub(super) username: &'a str,
    pub(super) policy: &'a AccessPolicy,
}

/// Whether a request was within the rate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RateCheck {
    /// It was.
    Within,
    /// It is a `/stop` above the limits. A user who may not send it gets no reply, so that the
    /// others in the chat are not disturbed.
    ExceededByStop,
}

/// What handling an update led to.
#[derive(Debug)]
pub(super) struct UpdateResult {
    /// Whether it had an effect: it was not handled before.
    pub(super) is_new: bool,
    /// What to send now.
    pub(super) ephemeral: Option<EphemeralReply>,
}

impl UpdateResult {
    const KNOWN: UpdateResult = UpdateResult { is_new: false, ephemeral: None };
}

impl<T: Telegram> UpdateHandler<'_, T> {
    /// Handles a request, unless its update was handled before. `pending_id` is its row among the
    /// pending updates, which is removed.
    #[tracing::instrument(
        name = "update", level = "error", skip_all, fields(id = request.update.update_id.0)
    )]
    pub(super) async fn handle(
        &self,
        request: Request,
        pending_id: Option<i64>,
        rate: RateCheck,
        now: impl Fn() -> DateTime<Utc>,
    ) -> Result<UpdateResult, StoreError> {
        // Telegram may take seconds to respond, so no transaction is open meanwhile.
        let facts = self.query_permission(request.permission_query()).await;
        let is_silent = rate == RateCheck::ExceededByStop && !may_reply(&request, facts);
        // A search takes long as well, and changes nothing.
        let searched = match request.is_search() {
            true => Some(self.search(&request, facts, now()).await?),
            false => None,
        };
        let update_id = request.update.update_id;
        let Some(mut tx) = self.store.begin_update(update_id, now()).await? else {
            if let Some(id) = pending_id {
                self.store.drop_pending(id).await?;
            }
            return Ok(UpdateResult::KNOWN);
        };
        let handled = match searched {
            Some(handled) => handled,
            None => handle(&mut tx, &request, facts, self.username, self.policy).await?,
        };
        for reply in handled.replies.iter().filter(|_| !is_silent) {
            tx.reply(reply).await?;
        }
        if let Some(id) = pending_id {
            tx.finish_pending(id).await?;
        }
        tx.commit().await?;
        let ephemeral = match request.update.event {
            Event::Callback(query) => Some(EphemeralReply::Callback(query.query_id, handled.toast)),
            _ => None,
        };
        Ok(UpdateResult { is_new: true, ephemeral })
    }

    async fn search(
        &self,
        request: &Request,
        facts: PermissionFacts,
        now: DateTime<Utc>,
    ) -> Result<Handled, StoreError> {
        let mut tx = self.store.read_only(now).await?;
        let handled = handle(&mut tx, request, facts, self.username, self.policy).await?;
        tx.close().await?;
        Ok(handled)
    }

    /// Notifies a user who exceeded the rate limits.
    pub(super) async fn notify_rate_limit(
        &self,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<UpdateResult, StoreError> {
        match request.update.event {
            Event::Callback(query) => {
                let words = query.lang.phrases().slow_down.to_owned();
                let ephemeral = Some(EphemeralReply::Callback(query.query_id, Some(words)));
                Ok(UpdateResult { is_new: false, ephemeral })
            }
            Event::Message(message) => {
                let update_id = request.update.update_id;
                let Some(mut tx) = self.store.begin_update(update_id, now).await? else {
                    return Ok(UpdateResult::KNOWN);
                };
                let known = tx.chat(message.place.chat).await?;
                let lang = known.map_or(message.lang, |chat| chat.lang);
                let reply_id = (message.kind == ChatKind::Group).then_some(message.message_id);
                let words = message::plain(lang.phrases().slow_down);
                tx.reply(&Reply { reply_id, ..Reply::new(message.place, words) }).await?;
                tx.commit().await?;
                Ok(UpdateResult { is_new: true, ephemeral: None })
            }
            _ => Ok(UpdateResult::KNOWN),
        }
    }

    async fn query_permission(&self, query: Option<PermissionQuery>) -> PermissionFacts {
        let permission = |response: Result<bool, CallError>| match response {
            Ok(true) => Permission::Granted,
            Ok(false) => Permission::Denied,
            Err(_) => Permission::Unknown,
        };
        match query {
            None => PermissionFacts::default(),
            Some(PermissionQuery::IsAdmin(chat, user_id)) => {
                let permission = permission(self.telegram.is_admin(chat, user_id).await);
                PermissionFacts { permission, channel: None }
            }
            Some(PermissionQuery::Channel(name, user_id)) => {
                match self.telegram.find_channel(&name).await {
                    Ok(Some(channel)) => {
                        let permission = permission(self.telegram.is_admin(channel, user_id).await);
                        PermissionFacts { permission, channel: Some(channel) }
                    }
                    Ok(None) => PermissionFacts { permission: Permission::Denied, channel: None },
                    Err(_) => PermissionFacts { permission: Permission::Unknown, channel: None },
                }
            }
        }
    }
}

/// Whether the sender of a `/stop` above the rate limits gets a reply: in a group, only those who
/// may send it.
fn may_reply(request: &Request, facts: PermissionFacts) -> bool {
    let Event::Message(message) = &request.update.event else { return true };
    match message.sender {
        _ if message.kind == ChatKind::Private => true,
        Sender::User(_) if message.kind == ChatKind::Group => {
            facts.permission == Permission::Granted
        }
        Sender::User(_) | Sender::Chat => true,
        Sender::OtherChat => false,
    }
}
