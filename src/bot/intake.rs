//! Taking updates: asked for, made effective, confirmed, in this order.
//!
//! Promises: at least once. Telegram is told that an update was taken only after its effect is in
//! the database; one that comes again is dropped there. Updates of one chat take effect in order,
//! and those of several chats side by side. The next updates are asked for when those before have
//! been dealt with; what Telegram is asked meanwhile is bounded in time.
//!
//! The offset is not stored: Telegram keeps what is not confirmed, and numbers start anew at random
//! after a quiet week.

use super::{Facts, Parsed, Question, Rights, flood::Flood, handle, inline, parse, question};
use crate::{
    domain::{ChatId, ChatKind, Policy},
    store::{Store, StoreError},
    telegram::{CallError, Event, Incoming, Offer, Sender, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::{collections::BTreeMap, time::Duration};

/// How long one request waits for updates.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// Chats dealt with at the same time.
const CHATS_AT_ONCE: usize = 8;
/// Presses and inline questions answered at the same time, and how long the next updates wait for that.
const WORDS_AT_ONCE: usize = 16;
const WORDS_MAX: Duration = Duration::from_secs(3);

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
    flood: Flood,
    /// The number after the last update dealt with; 0 asks for whatever is not confirmed.
    offset: i64,
}

impl Intake {
    /// Takes updates for the bot of this name, by what the operator lets people do.
    pub fn new(username: &str, policy: Policy) -> Self {
        let (username, flood) = (username.to_owned(), Flood::default());
        Intake { username, policy, flood, offset: 0 }
    }

    /// Asks for updates once and deals with them. `on_effect` is called after each that took effect:
    /// there may be something to send, or to fetch.
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
        let mut chats: BTreeMap<Option<ChatId>, Vec<(Incoming, bool)>> = BTreeMap::new();
        let at = now();
        for update in updates {
            let is_heard = self.admits(&update, at);
            chats.entry(update.chat()).or_default().push((update, is_heard));
        }
        let (username, policy, now, on_effect) = (&self.username, &self.policy, &now, &on_effect);
        let of_chat = |updates: Vec<(Incoming, bool)>| async move {
            let mut taker = Taker { store, telegram, username, policy, known: Vec::new() };
            let mut words = Vec::new();
            for (update, is_heard) in updates {
                let (is_new, said) = taker.take(update, is_heard, now()).await?;
                words.extend(said);
                if is_new {
                    on_effect();
                }
            }
            Ok::<_, StoreError>(words)
        };
        let all = stream::iter(chats.into_values().map(of_chat));
        let words: Vec<Vec<AtOnce>> =
            all.buffer_unordered(CHATS_AT_ONCE).try_collect::<Vec<_>>().await?;
        say(telegram, words.into_iter().flatten()).await;
        // Nothing came: everything before is confirmed, and the numbers may start anew.
        self.offset = next.unwrap_or(0);
        Ok(Taken::Updates(count))
    }
}

impl Intake {
    /// Whether somebody is heard who asks something in a group.
    fn admits(&mut self, update: &Incoming, now: DateTime<Utc>) -> bool {
        let asks = match &update.event {
            Event::Message(message) if message.kind == ChatKind::Group => {
                let text = message.text.as_deref().unwrap_or_default();
                let is_asked =
                    !matches!(parse(text, &self.username), Parsed::Talk | Parsed::ForOthers);
                match message.sender {
                    Sender::User(user_id) if is_asked => Some((message.place.chat, user_id)),
                    _ => None,
                }
            }
            Event::Pressed(pressed) if pressed.kind == ChatKind::Group => {
                Some((pressed.place.chat, pressed.user_id))
            }
            _ => None,
        };
        asks.is_none_or(|(chat, user_id)| self.flood.admits(chat, user_id, now))
    }
}

/// What is for the moment only: whoever does not get it presses or types again.
enum AtOnce {
    /// That a press was heard, with words or without.
    Press(String, Option<String>),
    /// What is offered to an inline question.
    Offers(String, Vec<Offer>),
}

/// Says it all, side by side; what takes too long is dropped, so that the next updates do not wait.
async fn say<T: Telegram>(telegram: &T, words: impl Iterator<Item = AtOnce>) {
    let one = |words: AtOnce| async move {
        let answered = match &words {
            AtOnce::Press(id, words) => telegram.answer_press(id, words.as_deref()).await,
            AtOnce::Offers(id, offers) => telegram.answer_inline(id, offers).await,
        };
        if let Err(error) = answered {
            tracing::debug!("a press or an inline question was not answered: {error}");
        }
    };
    let all = stream::iter(words.map(one)).buffer_unordered(WORDS_AT_ONCE).collect::<()>();
    if tokio::time::timeout(WORDS_MAX, all).await.is_err() {
        tracing::debug!("Telegram is slow: presses and inline questions stay unanswered");
    }
}

/// Deals with the updates of a chat, one at a time.
struct Taker<'a, T> {
    store: &'a Store,
    telegram: &'a T,
    username: &'a str,
    policy: &'a Policy,
    /// What was asked of Telegram for those before.
    known: Vec<(Question, Facts)>,
}

impl<T: Telegram> Taker<'_, T> {
    /// Deals with one update; whether it took effect, and what is said at once.
    async fn take(
        &mut self,
        update: Incoming,
        is_heard: bool,
        now: DateTime<Utc>,
    ) -> Result<(bool, Option<AtOnce>), StoreError> {
        if !is_heard {
            let Event::Pressed(pressed) = update.event else {
                return Ok((false, None));
            };
            let words = pressed.lang.phrases().slow_down.to_owned();
            return Ok((false, Some(AtOnce::Press(pressed.query_id, Some(words)))));
        }
        if let Event::Asked(asked) = update.event {
            // Somebody types: this is not worth a write to the disk for each letter.
            let mut inbox = self.store.glance(now).await?;
            let offers = inline::offer(&mut inbox, &asked).await?;
            inbox.close().await?;
            return Ok((false, Some(AtOnce::Offers(asked.query_id, offers))));
        }
        // Asked before the transaction: the answer may take seconds.
        let facts = self.ask(question(&update, self.username)).await;
        let Some(mut inbox) = self.store.receive(update.update_id, now).await? else {
            return Ok((false, None));
        };
        let effect = handle(&mut inbox, &update, facts, self.username, self.policy).await?;
        for answer in &effect.answers {
            inbox.answer(answer).await?;
        }
        inbox.commit().await?;
        let said = match update.event {
            Event::Pressed(pressed) => Some(AtOnce::Press(pressed.query_id, effect.words)),
            _ => None,
        };
        Ok((true, said))
    }

    /// Asks Telegram, once for all updates of a chat that come together.
    async fn ask(&mut self, question: Question) -> Facts {
        if let Some((_, facts)) = self.known.iter().find(|(known, _)| *known == question) {
            return *facts;
        }
        let facts = self.ask_anew(&question).await;
        self.known.push((question, facts));
        facts
    }

    async fn ask_anew(&self, question: &Question) -> Facts {
        let rights = |answer: Result<bool, CallError>| match answer {
            Ok(true) => Rights::Given,
            Ok(false) => Rights::Missing,
            Err(_) => Rights::Unknown,
        };
        match question {
            Question::Nothing => Facts::default(),
            Question::IsAdmin(chat, user_id) => {
                let rights = rights(self.telegram.is_admin(*chat, *user_id).await);
                Facts { rights, channel: None }
            }
            Question::Channel(name, user_id) => match self.telegram.find_channel(name).await {
                Ok(Some(channel)) => {
                    let rights = rights(self.telegram.is_admin(channel, *user_id).await);
                    Facts { rights, channel: Some(channel) }
                }
                Ok(None) => Facts { rights: Rights::Missing, channel: None },
                Err(_) => Facts { rights: Rights::Unknown, channel: None },
            },
        }
    }
}
