//! The update receiver: gets updates from Telegram, handles or defers them, and confirms them.
//!
//! Guarantees: at least once. An update is confirmed only after its effect is in the database, or
//! the update itself if it is slow (`pending_updates`); one that comes again has no further effect.
//! Updates of one chat take effect in order, and no chat waits for another. Users who exceed the
//! rate limits are ignored for a while, except for `/stop`.
//!
//! The offset is not stored: Telegram keeps what is not confirmed, and starts with a new random
//! number after a week without updates.

use super::{
    ephemeral::EphemeralReply,
    handler::{RateCheck, UpdateHandler},
    registry::Command,
    request::{Request, forwarded_channel},
    user_rate_limit::{Admission, Cost, UserRateLimiter},
};
use crate::{
    domain::{AccessPolicy, ChatId, UpdateId, UserId},
    store::{DeferredUpdate, Store, StoreError},
    telegram::{CallError, Event, Incoming, InlineQuery, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How long one request waits for updates.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// Chats whose fast updates are handled at the same time.
const CONCURRENT_CHATS_MAX: usize = 8;
/// Different `/stop` commands above the rate limits that count in one batch, for each requester.
/// The newest ones do.
const STOPS_MAX: usize = 5;

/// Why no updates can be received. The message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FatalError {
    /// The token is not valid.
    #[error(
        "Telegram refuses the token: copy TELOXIDE_TOKEN anew from @BotFather (/mybots, API Token)"
    )]
    Token,
    /// Another process receives the updates.
    #[error(
        "another copy of this bot is running with the same token: stop it, or give this one a token of its own"
    )]
    OtherCopy,
}

/// The result of one step.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// This many updates were received.
    Updates(usize),
    /// Telegram did not respond, or asked to wait.
    Not(CallError),
}

/// Receives updates. Holds the offset of the next request.
#[derive(Debug)]
pub struct UpdateReceiver {
    username: String,
    policy: AccessPolicy,
    limiter: UserRateLimiter,
    /// Whether updates were admitted that are not confirmed: they come again, and are counted once.
    admissions: BTreeMap<UpdateId, Admission>,
    /// What is to be sent after the last step.
    ephemeral: Vec<EphemeralReply>,
    /// The number after the last update that was handled, which the next request confirms; 0 asks for
    /// all that are not confirmed.
    offset: i64,
}

/// A `/stop` as it is stored with a deferred update: the user (0 if they act as the chat), and the
/// topic with the words after the command.
type Stop = (UserId, String);

/// What to do with an update that is not deferred.
enum Plan {
    Handle(Request, RateCheck),
    NotifyRateLimit(Request),
}

/// The updates of one step, by what is done with them.
#[derive(Default)]
struct Batch {
    /// What is done now, in order for each chat.
    now: BTreeMap<Option<ChatId>, Vec<Plan>>,
    /// What is deferred.
    deferred: Vec<DeferredUpdate>,
    /// The last inline query of each user: the others are obsolete.
    inline: BTreeMap<UserId, InlineQuery>,
}

impl Batch {
    fn push(&mut self, plan: Plan) {
        let (Plan::Handle(request, _) | Plan::NotifyRateLimit(request)) = &plan;
        self.now.entry(request.update.chat()).or_default().push(plan);
    }
}

/// The requests of a batch that take effect, by their position.
type Admitted = BTreeMap<usize, (Request, Option<Stop>)>;

impl UpdateReceiver {
    /// Returns a receiver for the bot of this username.
    pub fn new(username: &str, policy: AccessPolicy) -> Self {
        UpdateReceiver {
            username: username.to_owned(),
            policy,
            limiter: UserRateLimiter::default(),
            admissions: BTreeMap::new(),
            ephemeral: Vec::new(),
            offset: 0,
        }
    }

    pub(super) fn parts(&self) -> (&str, &AccessPolicy, &UserRateLimiter) {
        (&self.username, &self.policy, &self.limiter)
    }

    /// Takes the ephemeral replies of the steps since the last call.
    pub fn ephemeral_replies(&mut self) -> Vec<EphemeralReply> {
        std::mem::take(&mut self.ephemeral)
    }

    /// Requests updates once, and handles or defers them. Calls `on_effect` after each update that
    /// had an effect, and after updates were deferred: there may be something to send, to fetch, or
    /// to handle.
    ///
    /// # Errors
    ///
    /// Fails if the database does. The updates are not confirmed then, and come again.
    pub async fn step<T: Telegram>(
        &mut self,
        store: &Store,
        telegram: &T,
        wait: Duration,
        now: impl Fn() -> DateTime<Utc> + Sync,
        on_effect: impl Fn() + Sync,
    ) -> Result<Received, StoreError> {
        let updates = match telegram.updates(self.offset, wait).await {
            Ok(updates) => updates,
            Err(error) => return Ok(Received::Not(error)),
        };
        let count = updates.len();
        let next = updates.iter().map(|update| update.update_id.0 + 1).max();
        let waiting = match count {
            0 => BTreeSet::default(),
            _ => store.pending_chats().await?,
        };
        let at = now();
        let mut batch = Batch::default();
        let admitted = self.admit_all(updates, at, &mut batch);
        plan(admitted, waiting, &mut batch);
        let Batch { now: plans, deferred, inline } = batch;
        let ephemeral = self.handle_now(store, telegram, plans, &now, &on_effect).await?;
        store.defer_updates(&deferred, now()).await?;
        if !deferred.is_empty() {
            on_effect();
        }
        self.ephemeral.extend(ephemeral);
        let inline =
            inline.into_values().filter(|query| self.limiter.allow_inline(query.user_id, at));
        self.ephemeral.extend(inline.map(EphemeralReply::Inline));
        self.admissions.clear();
        // Without updates everything is confirmed, and the numbers may start anew.
        self.offset = next.unwrap_or(0);
        Ok(Received::Updates(count))
    }

    /// Parses updates, and applies the rate limits. A `/stop` above the limits takes effect all the
    /// same; of several that stop the same, the last does.
    fn admit_all(
        &mut self,
        updates: Vec<Incoming>,
        now: DateTime<Utc>,
        batch: &mut Batch,
    ) -> Admitted {
        let mut admitted = Admitted::new();
        let mut stops: BTreeMap<(ChatId, UserId), Vec<(String, usize)>> = BTreeMap::new();
        for (n, update) in updates.into_iter().enumerate() {
            let request = Request::parse(update, &self.username);
            let stop = stop(&request);
            match (self.admit(&request, stop.is_some(), now), stop) {
                (Admission::Admitted, _) => {
                    admitted.insert(n, (request, None));
                }
                (_, Some((chat, (user_id, words)))) => {
                    let of_user = stops.entry((chat, user_id)).or_default();
                    let replaced = of_user
                        .iter()
                        .position(|(before, _)| *before == words)
                        .or((of_user.len() == STOPS_MAX).then_some(0));
                    if let Some(replaced) = replaced {
                        admitted.remove(&of_user.remove(replaced).1);
                    }
                    of_user.push((words.clone(), n));
                    admitted.insert(n, (request, Some((user_id, words))));
                }
                (Admission::Rejected, None) => batch.push(Plan::NotifyRateLimit(request)),
                (Admission::Ignored, None) => {}
            }
        }
        admitted
    }

    /// Applies the rate limits to a request. They reject no `/stop` with a notification.
    fn admit(&mut self, request: &Request, is_stop: bool, now: DateTime<Utc>) -> Admission {
        let Some(requester) = request.requester() else {
            return Admission::Admitted;
        };
        let limiter = &self.limiter;
        let count = || {
            let cost = request.cost();
            match is_stop {
                true if limiter.allows(requester, cost, now) => Admission::Admitted,
                true => Admission::Ignored,
                false => limiter.admit(requester, cost, now),
            }
        };
        *self.admissions.entry(request.update.update_id).or_insert_with(count)
    }

    /// Handles the updates that are not deferred, several chats at a time.
    async fn handle_now<T: Telegram>(
        &self,
        store: &Store,
        telegram: &T,
        plans: BTreeMap<Option<ChatId>, Vec<Plan>>,
        now: &(impl Fn() -> DateTime<Utc> + Sync),
        on_effect: &(impl Fn() + Sync),
    ) -> Result<Vec<EphemeralReply>, StoreError> {
        let (username, policy) = (self.username.as_str(), &self.policy);
        let handle_chat = |plans: Vec<Plan>| async move {
            let handler = UpdateHandler { store, telegram, username, policy };
            let mut ephemeral = Vec::new();
            for plan in plans {
                let result = match plan {
                    Plan::Handle(request, rate) => handler.handle(request, None, rate, now).await?,
                    Plan::NotifyRateLimit(request) => {
                        handler.notify_rate_limit(request, now()).await?
                    }
                };
                ephemeral.extend(result.ephemeral);
                if result.is_new {
                    on_effect();
                }
            }
            Ok::<_, StoreError>(ephemeral)
        };
        let all = stream::iter(plans.into_values().map(handle_chat));
        let ephemeral: Vec<Vec<EphemeralReply>> =
            all.buffer_unordered(CONCURRENT_CHATS_MAX).try_collect().await?;
        Ok(ephemeral.into_iter().flatten().collect())
    }
}

/// Decides which requests are handled now and which are deferred. `waiting` are the chats with
/// pending updates.
fn plan(admitted: Admitted, mut waiting: BTreeSet<ChatId>, batch: &mut Batch) {
    for (mut request, stop) in admitted.into_values() {
        if let Event::Inline(query) = request.update.event {
            batch.inline.insert(query.user_id, query);
            continue;
        }
        let rate = if stop.is_some() { RateCheck::ExceededByStop } else { RateCheck::Within };
        let is_deferred = |chat: &ChatId| {
            request.cost() == Cost::Slow || (waiting.contains(chat) && request.keeps_order())
        };
        let Some(chat) = request.update.chat().filter(is_deferred) else {
            batch.push(Plan::Handle(request, rate));
            continue;
        };
        waiting.insert(chat);
        drop_forwarded_text(&mut request.update);
        let update_id = request.update.update_id;
        // An event can always be serialized; one that could not would be handled now.
        match serde_json::to_string(&request.update) {
            Ok(body) => batch.deferred.push(DeferredUpdate { update_id, chat, body, stop }),
            Err(_) => batch.push(Plan::Handle(request, rate)),
        }
    }
}

/// Removes the text of a forwarded post: only its channel is needed, and nothing else is to be
/// stored.
fn drop_forwarded_text(update: &mut Incoming) {
    if let Event::Message(message) = &mut update.event
        && forwarded_channel(message).is_some()
    {
        message.text = None;
    }
}

/// Returns the chat and the key of a `/stop`.
fn stop(request: &Request) -> Option<(ChatId, Stop)> {
    let Event::Message(message) = &request.update.event else { return None };
    let invocation = request.invocation().filter(|i| matches!(i.command, Command::Stop(_)))?;
    let requester = request.requester()?;
    let thread = message.place.thread.map_or(0, |thread| thread.0);
    let words = format!("{thread} {}", invocation.words);
    Some((requester.chat, (requester.user_id.unwrap_or(UserId(0)), words)))
}
