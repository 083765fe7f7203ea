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
    Name,
    budget::{Budget, Heard},
    moments::Moment,
    taker::{Taker, asker, command, takes_time},
};
use crate::{
    domain::{ChatId, Policy},
    store::{Store, StoreError},
    telegram::{Asked, CallError, Event, Incoming, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::{collections::BTreeMap, time::Duration};

/// How long one request waits for updates.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// Chats dealt with at the same time, of updates that take no time.
const CHATS_AT_ONCE: usize = 8;

/// Why updates cannot be taken at all; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
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
pub enum Taken {
    /// So many updates were dealt with.
    Updates(usize),
    /// Telegram could not be asked, or asked to wait.
    Not(CallError),
}

/// The state of taking updates: what is to be confirmed next.
#[derive(Debug)]
pub struct Intake {
    username: String,
    policy: Policy,
    budget: Budget,
    /// Whether those were heard whose updates are not confirmed: they come again, and are counted once.
    heard: BTreeMap<i64, Heard>,
    /// What is to be said at once to those of the last step.
    moments: Vec<Moment>,
    /// The number after the last update dealt with; 0 asks for whatever is not confirmed.
    offset: i64,
}

/// What becomes of an update that takes no time.
enum Now {
    Take(Incoming),
    SlowDown(Incoming),
}

impl Intake {
    /// Takes updates for the bot of this name, by what the operator lets people do.
    pub fn new(username: &str, policy: Policy) -> Self {
        let (username, budget) = (username.to_owned(), Budget::default());
        let (heard, moments) = (BTreeMap::new(), Vec::new());
        Intake { username, policy, budget, heard, moments, offset: 0 }
    }

    pub(super) fn parts(&self) -> (&str, &Policy, &Budget) {
        (&self.username, &self.policy, &self.budget)
    }

    /// What is to be said at once since this was last asked.
    pub fn moments(&mut self) -> Vec<Moment> {
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
    ) -> Result<Taken, StoreError> {
        let updates = match telegram.updates(self.offset, wait).await {
            Ok(updates) => updates,
            Err(error) => return Ok(Taken::Not(error)),
        };
        let count = updates.len();
        let next = updates.iter().map(|update| update.update_id + 1).max();
        let mut waiting = match count {
            0 => Default::default(),
            _ => store.pending_chats().await?,
        };
        let at = now();
        let mut chats: BTreeMap<Option<ChatId>, Vec<Now>> = BTreeMap::new();
        let mut later: Vec<(i64, ChatId, String)> = Vec::new();
        let mut typed: BTreeMap<i64, Asked> = BTreeMap::new();
        // Of those who ask too much the last `/stop`.
        let mut stops: BTreeMap<(ChatId, Option<i64>), Incoming> = BTreeMap::new();
        let mut admitted = Vec::with_capacity(count);
        for update in updates {
            match (self.hears(&update, at), update) {
                (Heard::Yes, update) => admitted.push(update),
                (_, update) if is_stop(&update, &self.username) => {
                    if let Some(asker) = asker(&update, &self.username) {
                        stops.insert((asker.chat, asker.user_id), update);
                    }
                }
                (Heard::Told, update) => {
                    chats.entry(update.chat()).or_default().push(Now::SlowDown(update));
                }
                (Heard::No, _) => {}
            }
        }
        for update in admitted.into_iter().chain(stops.into_values()) {
            // Of what somebody types only the last is of use to them.
            if let Event::Asked(asked) = update.event {
                typed.insert(asked.user_id, asked);
                continue;
            }
            match update.chat() {
                Some(chat) if waiting.contains(&chat) || takes_time(&update, &self.username) => {
                    waiting.insert(chat);
                    // An event of ours is always JSON; one that was not would be dealt with at once.
                    match serde_json::to_string(&update) {
                        Ok(body) => later.push((update.update_id, chat, body)),
                        Err(_) => chats.entry(Some(chat)).or_default().push(Now::Take(update)),
                    }
                }
                chat => chats.entry(chat).or_default().push(Now::Take(update)),
            }
        }
        let (username, policy, now, on_effect) = (&self.username, &self.policy, &now, &on_effect);
        let of_chat = |updates: Vec<Now>| async move {
            let taker = Taker { store, telegram, username, policy };
            let mut moments = Vec::new();
            for update in updates {
                let (is_new, said) = match update {
                    Now::Take(update) => taker.take(update, None, now).await?,
                    Now::SlowDown(update) => taker.tell_to_slow_down(update, now()).await?,
                };
                moments.extend(said);
                if is_new {
                    on_effect();
                }
            }
            Ok::<_, StoreError>(moments)
        };
        let all = stream::iter(chats.into_values().map(of_chat));
        let moments: Vec<Vec<Moment>> =
            all.buffer_unordered(CHATS_AT_ONCE).try_collect::<Vec<_>>().await?;
        store.put_off(&later, now()).await?;
        if !later.is_empty() {
            on_effect();
        }
        self.moments.extend(moments.into_iter().flatten());
        let typed = typed.into_values().filter(|asked| self.budget.type_inline(asked.user_id, at));
        self.moments.extend(typed.map(Moment::Inline));
        self.heard.clear();
        // Nothing came: everything before is confirmed, and the numbers may start anew.
        self.offset = next.unwrap_or(0);
        Ok(Taken::Updates(count))
    }

    /// Whether somebody is heard, by what they asked before.
    fn hears(&mut self, update: &Incoming, now: DateTime<Utc>) -> Heard {
        let Some(asker) = asker(update, &self.username) else {
            return Heard::Yes;
        };
        let ask = || self.budget.ask(asker, takes_time(update, &self.username), now);
        *self.heard.entry(update.update_id).or_insert_with(ask)
    }
}

/// Whether somebody wants to hear no more. That is never passed over.
fn is_stop(update: &Incoming, username: &str) -> bool {
    command(update, username).is_some_and(|command| command.name == Name::Stop)
}
