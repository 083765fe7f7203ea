//! Taking updates: asked for, made effective, confirmed, in this order.
//!
//! Promises: at least once. Telegram is told that an update was taken only after its effect is in
//! the database; one that comes again is dropped there. Updates of one chat take effect in order,
//! and a chat that is slow to deal with does not delay the others.
//!
//! The offset is not stored: Telegram keeps what is not confirmed, and numbers start anew at random
//! after a quiet week.

use super::{Rights, deciding_user, handle};
use crate::{
    domain::ChatId,
    store::{Store, StoreError},
    telegram::{CallError, Incoming, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::{collections::BTreeMap, time::Duration};

/// How long one request waits for updates.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// Chats dealt with at the same time.
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
    /// The number after the last update dealt with; 0 asks for whatever is not confirmed.
    offset: i64,
}

impl Intake {
    /// Takes updates for the bot of this name.
    pub fn new(username: &str) -> Self {
        Intake { username: username.to_owned(), offset: 0 }
    }

    /// Asks for updates once and deals with them. `on_answer` is called when there is something to
    /// send.
    pub async fn step<T: Telegram>(
        &mut self,
        store: &Store,
        telegram: &T,
        wait: Duration,
        now: impl Fn() -> DateTime<Utc> + Sync,
        on_answer: impl Fn() + Sync,
    ) -> Result<Taken, StoreError> {
        let updates = match telegram.updates(self.offset, wait).await {
            Ok(updates) => updates,
            Err(error) => return Ok(Taken::Not(error)),
        };
        let count = updates.len();
        let next = updates.iter().map(|update| update.update_id + 1).max();
        let mut chats: BTreeMap<Option<ChatId>, Vec<Incoming>> = BTreeMap::new();
        for update in updates {
            chats.entry(update.chat()).or_default().push(update);
        }
        let (username, now, on_answer) = (&self.username, &now, &on_answer);
        let of_chat = |updates: Vec<Incoming>| async move {
            for update in updates {
                if take(store, telegram, &update, username, now()).await? {
                    on_answer();
                }
            }
            Ok::<(), StoreError>(())
        };
        let all = stream::iter(chats.into_values().map(of_chat));
        all.buffer_unordered(CHATS_AT_ONCE).try_collect::<()>().await?;
        // Nothing came: everything before is confirmed, and the numbers may start anew.
        self.offset = next.unwrap_or(0);
        Ok(Taken::Updates(count))
    }
}

/// Deals with one update; whether there is something to send.
async fn take<T: Telegram>(
    store: &Store,
    telegram: &T,
    update: &Incoming,
    username: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    // Asked before the transaction: the answer may take seconds.
    let rights = match deciding_user(update, username) {
        None => Rights::Given,
        Some((chat, user_id)) => match telegram.is_admin(chat, user_id).await {
            Ok(true) => Rights::Given,
            Ok(false) => Rights::Missing,
            Err(_) => Rights::Unknown,
        },
    };
    let Some(mut inbox) = store.receive(update.update_id, now).await? else {
        return Ok(false);
    };
    let answer = handle(&mut inbox, update, rights, username).await?;
    if let Some(answer) = &answer {
        inbox.answer(answer).await?;
    }
    inbox.commit().await?;
    Ok(answer.is_some())
}
