//! Letting one update take effect: what Telegram has to say to it, what it changes, what is answered.
//!
//! Guarantees: an update that was seen before has no effect; effect, answers and the place in line change in
//! one transaction, and Telegram is asked and entries are searched before it begins.
//! Out of scope: which updates wait in line (`intake`), and what each changes (`handle`).

use super::{
    Command, CommandName, Parsed, Permission, PermissionFacts, PermissionQuery,
    ephemeral::EphemeralReply, handle, parse, permission_query, user_rate_limit::Requester,
};
use crate::{
    domain::{AccessPolicy, Action, ChatKind, Reply},
    message,
    store::{Store, StoreError},
    telegram::{CallError, Event, Incoming, Sender, Telegram},
};
use chrono::{DateTime, Utc};

/// Lets updates take effect.
pub(super) struct UpdateHandler<'a, T> {
    pub store: &'a Store,
    pub telegram: &'a T,
    pub username: &'a str,
    pub policy: &'a AccessPolicy,
}

impl<T: Telegram> UpdateHandler<'_, T> {
    /// Lets an update take effect, unless it was seen before: whether it did, and what is said at once.
    /// `pending_id`: its place in line, which it leaves. `is_late`: it is a `/stop` of somebody who asks too
    /// much; where they may not say it, nobody else in the chat hears that.
    #[tracing::instrument(name = "update", level = "error", skip_all, fields(id = update.update_id))]
    pub async fn handle(
        &self,
        update: Incoming,
        pending_id: Option<i64>,
        is_late: bool,
        now: impl Fn() -> DateTime<Utc>,
    ) -> Result<(bool, Option<EphemeralReply>), StoreError> {
        // Asked before the transaction: the answer may take seconds.
        let facts = self.query_permission(permission_query(&update, self.username)).await;
        let is_quiet = is_late && !may_change(&update, &facts);
        // A search takes its time as well, and changes nothing.
        let found = match is_search(&update, self.username) {
            true => {
                let mut glance = self.store.read_only(now()).await?;
                let found = handle(&mut glance, &update, facts, self.username, self.policy).await?;
                glance.close().await?;
                Some(found)
            }
            false => None,
        };
        let Some(mut tx) = self.store.begin_update(update.update_id, now()).await? else {
            if let Some(id) = pending_id {
                self.store.drop_pending(id).await?;
            }
            return Ok((false, None));
        };
        let effect = match found {
            Some(found) => found,
            None => handle(&mut tx, &update, facts, self.username, self.policy).await?,
        };
        for answer in effect.replies.iter().filter(|_| !is_quiet) {
            tx.reply(answer).await?;
        }
        if let Some(id) = pending_id {
            tx.finish_pending(id).await?;
        }
        tx.commit().await?;
        let said = match update.event {
            Event::Callback(pressed) => Some(EphemeralReply::Press(pressed.query_id, effect.toast)),
            _ => None,
        };
        Ok((true, said))
    }

    /// Tells somebody that they asked too much.
    pub async fn tell_to_slow_down(
        &self,
        update: Incoming,
        now: DateTime<Utc>,
    ) -> Result<(bool, Option<EphemeralReply>), StoreError> {
        match update.event {
            Event::Callback(pressed) => {
                let words = pressed.lang.phrases().slow_down.to_owned();
                Ok((false, Some(EphemeralReply::Press(pressed.query_id, Some(words)))))
            }
            Event::Message(message) => {
                let Some(mut tx) = self.store.begin_update(update.update_id, now).await? else {
                    return Ok((false, None));
                };
                let known = tx.chat(message.place.chat).await?;
                let lang = known.map_or(message.lang, |chat| chat.lang);
                let reply_id = (message.kind == ChatKind::Group).then_some(message.message_id);
                let said = message::plain(lang.phrases().slow_down);
                tx.reply(&Reply { reply_id, ..Reply::new(message.place, said) }).await?;
                tx.commit().await?;
                Ok((true, None))
            }
            _ => Ok((false, None)),
        }
    }

    async fn query_permission(&self, question: PermissionQuery) -> PermissionFacts {
        let rights = |answer: Result<bool, CallError>| match answer {
            Ok(true) => Permission::Granted,
            Ok(false) => Permission::Denied,
            Err(_) => Permission::Unknown,
        };
        match question {
            PermissionQuery::Nothing => PermissionFacts::default(),
            PermissionQuery::IsAdmin(chat, user_id) => {
                let rights = rights(self.telegram.is_admin(chat, user_id).await);
                PermissionFacts { permission: rights, channel: None }
            }
            PermissionQuery::Channel(name, user_id) => {
                match self.telegram.find_channel(&name).await {
                    Ok(Some(channel)) => {
                        let rights = rights(self.telegram.is_admin(channel, user_id).await);
                        PermissionFacts { permission: rights, channel: Some(channel) }
                    }
                    Ok(None) => PermissionFacts { permission: Permission::Denied, channel: None },
                    Err(_) => PermissionFacts { permission: Permission::Unknown, channel: None },
                }
            }
        }
    }
}

/// The command of an update, if it is one to this bot.
pub(super) fn command(update: &Incoming, username: &str) -> Option<Command> {
    let Event::Message(message) = &update.event else { return None };
    match parse(message.text.as_deref()?, username) {
        Parsed::Command(command) => Some(command),
        _ => None,
    }
}

/// Whether somebody in a group may change what it gets.
fn may_change(update: &Incoming, facts: &PermissionFacts) -> bool {
    let Event::Message(message) = &update.event else { return true };
    match message.sender {
        _ if message.kind == ChatKind::Private => true,
        Sender::User(_) if message.kind == ChatKind::Group => {
            facts.permission == Permission::Granted
        }
        Sender::User(_) | Sender::Chat => true,
        Sender::OtherChat => false,
    }
}

/// Whether an update has to wait for earlier ones of its chat: whatever may change something or is said about
/// it. Talk has no effect, and is not kept.
pub(super) fn keeps_order(update: &Incoming, username: &str) -> bool {
    match &update.event {
        Event::Message(message) => {
            let parsed = message.text.as_deref().map(|text| parse(text, username));
            message.channel.is_some()
                || parsed.is_some_and(|parsed| !matches!(parsed, Parsed::Talk | Parsed::ForOthers))
        }
        Event::Callback(_) | Event::Membership(_) | Event::Migrated { .. } => true,
        Event::Inline(_) | Event::Other => false,
    }
}

/// Whether an update looks for something in all entries.
fn is_search(update: &Incoming, username: &str) -> bool {
    match &update.event {
        Event::Callback(pressed) => {
            matches!(Action::decode(&pressed.data), Some(Action::Search(_)))
        }
        _ => command(update, username).is_some_and(|command| command.name == CommandName::Search),
    }
}

/// Whether an update takes its time, so that nobody else is to wait for it.
pub(super) fn takes_time(update: &Incoming, username: &str) -> bool {
    permission_query(update, username) != PermissionQuery::Nothing || is_search(update, username)
}

/// Who asks for something, if an update asks anything of the bot.
pub(super) fn requester(update: &Incoming, username: &str) -> Option<Requester> {
    match &update.event {
        Event::Message(message) => {
            let text = message.text.as_deref().unwrap_or_default();
            let is_asked = !matches!(parse(text, username), Parsed::Talk | Parsed::ForOthers)
                || message.kind == ChatKind::Private;
            let user_id = match message.sender {
                Sender::User(id) => Some(id),
                Sender::Chat | Sender::OtherChat => None,
            };
            is_asked.then_some(Requester { chat: message.place.chat, kind: message.kind, user_id })
        }
        Event::Callback(pressed) => Some(Requester {
            chat: pressed.place.chat,
            kind: pressed.kind,
            user_id: Some(pressed.user_id),
        }),
        Event::Membership(_) | Event::Migrated { .. } | Event::Inline(_) | Event::Other => None,
    }
}
