//! Taking updates: asked for, made effective or put in line, confirmed, in this order.
//!
//! Guarantees: at least once. Telegram is told that an update was taken only after its effect is in the
//! database, or the update itself where it takes time (`pending`); one that comes again is dropped there.
//! Updates of one chat take effect in order, and no chat waits for another. Whoever asks too much is not heard
//! for a while (`budget`); `/stop` always is.
//!
//! The offset is not stored: Telegram keeps what is not confirmed, and numbers start anew at random
//! after a quiet week.

use super::{
    CommandName,
    ephemeral::EphemeralReply,
    handler::{UpdateHandler, command, keeps_order, requester, takes_time},
    user_rate_limit::{Admission, UserRateLimiter},
};
use crate::{
    domain::{AccessPolicy, ChatId, ChatKind},
    store::{DeferredUpdate, Store, StoreError},
    telegram::{CallError, Event, Incoming, InlineQuery, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::{collections::BTreeMap, time::Duration};

/// How long one request waits for updates.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// Chats dealt with at the same time, of updates that take no time.
const CHATS_AT_ONCE: usize = 8;

/// What somebody may stop at once who asks too much: their newest words count.
const STOPS_AT_ONCE: usize = 5;

/// Why updates cannot be taken at all; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FatalError {
    /// The token is not valid.
    #[error(
        "Telegram refuses the token: copy TELOXIDE_TOKEN anew from @BotFather (/mybots, API Token)"
    )]
    Token,
    /// Another process takes the updates.
    #[error(
        "another copy of this bot is running with the same token: stop it, or give this one a token of its own"
    )]
    OtherCopy,
}

/// What one step came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// So many updates were dealt with.
    Updates(usize),
    /// Telegram could not be asked, or asked to wait.
    Not(CallError),
}

/// The state of taking updates: what is to be confirmed next.
#[derive(Debug)]
pub struct UpdateReceiver {
    username: String,
    policy: AccessPolicy,
    budget: UserRateLimiter,
    /// Whether those were heard whose updates are not confirmed: they come again, and are counted once.
    heard: BTreeMap<i64, Admission>,
    /// What is to be said at once to those of the last step.
    moments: Vec<EphemeralReply>,
    /// The number after the last update dealt with; 0 asks for whatever is not confirmed.
    offset: i64,
}

/// What becomes of an update that takes no time.
enum Plan {
    /// It takes effect; it may be a `/stop` of somebody who asks too much.
    Take(Incoming, bool),
    /// Whoever sent it is told that they ask too much.
    SlowDown(Incoming),
}

impl UpdateReceiver {
    /// Takes updates for the bot of this name, by what the operator lets people do.
    pub fn new(username: &str, policy: AccessPolicy) -> Self {
        let (username, budget) = (username.to_owned(), UserRateLimiter::default());
        let (heard, moments) = (BTreeMap::new(), Vec::new());
        UpdateReceiver { username, policy, budget, heard, moments, offset: 0 }
    }

    pub(super) fn parts(&self) -> (&str, &AccessPolicy, &UserRateLimiter) {
        (&self.username, &self.policy, &self.budget)
    }

    /// What is to be said at once since this was last asked.
    pub fn ephemeral_replies(&mut self) -> Vec<EphemeralReply> {
        std::mem::take(&mut self.moments)
    }

    /// Asks for updates once; deals with them, or puts them in line. `on_effect` is called after each that
    /// took effect, and when some are in line: there may be something to send, to fetch, or to deal with.
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
        let next = updates.iter().map(|update| update.update_id + 1).max();
        let mut waiting = match count {
            0 => Default::default(),
            _ => store.pending_chats().await?,
        };
        let at = now();
        let mut chats: BTreeMap<Option<ChatId>, Vec<Plan>> = BTreeMap::new();
        let mut later: Vec<DeferredUpdate> = Vec::new();
        let mut typed: BTreeMap<i64, InlineQuery> = BTreeMap::new();
        // What has effect, in the order in which it came. A `/stop` of somebody who asks too much is late: of
        // several that stop the same the last counts.
        let mut admitted: BTreeMap<usize, (Incoming, Option<Stop>)> = BTreeMap::new();
        let mut stops: BTreeMap<(ChatId, i64), Vec<(String, usize)>> = BTreeMap::new();
        for (n, update) in updates.into_iter().enumerate() {
            let stop = stop(&update, &self.username);
            match (self.admit(&update, stop.is_some(), at), update, stop) {
                (Admission::Yes, update, _) => _ = admitted.insert(n, (update, None)),
                (_, update, Some((chat, (of, what)))) => {
                    let own = stops.entry((chat, of)).or_default();
                    let again = own.iter().position(|(before, _)| *before == what);
                    let again = again.or((own.len() == STOPS_AT_ONCE).then_some(0));
                    again.and_then(|again| admitted.remove(&own.remove(again).1));
                    own.push((what.clone(), n));
                    admitted.insert(n, (update, Some((of, what))));
                }
                (Admission::Told, update, None) => {
                    chats.entry(update.chat()).or_default().push(Plan::SlowDown(update));
                }
                (Admission::No, _, None) => {}
            }
        }
        for (mut update, stop) in admitted.into_values() {
            // Of what somebody types only the last is of use to them.
            if let Event::Inline(asked) = update.event {
                typed.insert(asked.user_id, asked);
                continue;
            }
            let (is_late, is_slow) = (stop.is_some(), takes_time(&update, &self.username));
            let follows = |chat| waiting.contains(&chat) && keeps_order(&update, &self.username);
            match update.chat() {
                Some(chat) if is_slow || follows(chat) => {
                    waiting.insert(chat);
                    leave_out_what_is_not_asked(&mut update);
                    // An event of ours is always JSON; one that was not would be dealt with at once.
                    match serde_json::to_string(&update) {
                        Ok(body) => later.push(DeferredUpdate {
                            update_id: update.update_id,
                            chat,
                            body,
                            stop,
                        }),
                        Err(_) => {
                            chats.entry(Some(chat)).or_default().push(Plan::Take(update, is_late))
                        }
                    }
                }
                chat => chats.entry(chat).or_default().push(Plan::Take(update, is_late)),
            }
        }
        let (username, policy, now, on_effect) = (&self.username, &self.policy, &now, &on_effect);
        let of_chat = |updates: Vec<Plan>| async move {
            let taker = UpdateHandler { store, telegram, username, policy };
            let mut moments = Vec::new();
            for update in updates {
                let (is_new, said) = match update {
                    Plan::Take(update, is_late) => taker.handle(update, None, is_late, now).await?,
                    Plan::SlowDown(update) => taker.tell_to_slow_down(update, now()).await?,
                };
                moments.extend(said);
                if is_new {
                    on_effect();
                }
            }
            Ok::<_, StoreError>(moments)
        };
        let all = stream::iter(chats.into_values().map(of_chat));
        let moments: Vec<Vec<EphemeralReply>> =
            all.buffer_unordered(CHATS_AT_ONCE).try_collect::<Vec<_>>().await?;
        store.defer_updates(&later, now()).await?;
        if !later.is_empty() {
            on_effect();
        }
        self.moments.extend(moments.into_iter().flatten());
        let typed = typed.into_values().filter(|asked| self.budget.allow_inline(asked.user_id, at));
        self.moments.extend(typed.map(EphemeralReply::Inline));
        self.heard.clear();
        // Nothing came: everything before is confirmed, and the numbers may start anew.
        self.offset = next.unwrap_or(0);
        Ok(Received::Updates(count))
    }

    /// Whether somebody is heard, by what they asked before. For a `/stop` nobody is told that it was too much.
    fn admit(&mut self, update: &Incoming, is_stop: bool, now: DateTime<Utc>) -> Admission {
        let Some(asker) = requester(update, &self.username) else {
            return Admission::Yes;
        };
        let takes_time = takes_time(update, &self.username);
        let ask = || match is_stop {
            true if self.budget.allows(asker, takes_time, now) => Admission::Yes,
            true => Admission::No,
            false => self.budget.admit(asker, takes_time, now),
        };
        *self.heard.entry(update.update_id).or_insert_with(ask)
    }
}

/// Of a post of a channel that somebody passes on, only from which channel it is, is kept.
fn leave_out_what_is_not_asked(update: &mut Incoming) {
    if let Event::Message(message) = &mut update.event
        && message.kind == ChatKind::Private
        && message.channel.is_some()
    {
        message.text = None;
    }
}

/// Who wants to hear no more, 0 where they speak for a chat, and of what: a topic of the chat, and the words
/// after the command.
type Stop = (i64, String);

/// In which chat somebody wants to hear no more, if it is that. It is never passed over.
fn stop(update: &Incoming, username: &str) -> Option<(ChatId, Stop)> {
    let Event::Message(message) = &update.event else { return None };
    let command = command(update, username).filter(|command| command.name == CommandName::Stop)?;
    let asker = requester(update, username)?;
    let thread = message.place.thread.map_or(0, |thread| thread.0);
    Some((asker.chat, (asker.user_id.unwrap_or(0), format!("{thread} {}", command.argument))))
}
