//! A request: an update with what it asks of the bot, parsed once.
//!
//! The receiver parses each update into a request and decides by it what is deferred. The handler
//! asks Telegram for the permission that it needs, and `handle` executes it.
//! Guarantees: pure.

use super::{
    channel_target::ChannelTarget,
    command::{Invocation, Parsed, parse},
    permission::PermissionQuery,
    registry::Command,
    user_rate_limit::{Cost, Requester},
};
use crate::{
    domain::{Action, ChatId, ChatKind},
    telegram::{Event, Incoming, Message, Sender},
};

/// An update with what it asks of the bot.
#[derive(Clone, Debug)]
pub struct Request {
    /// The update.
    pub(super) update: Incoming,
    /// What the text of a message is; of other updates it is talk.
    pub(super) parsed: Parsed,
    /// What a button asks for, if this version knows it.
    pub(super) action: Option<Action>,
}

impl Request {
    /// Parses an update to the bot of this username.
    pub fn parse(update: Incoming, username: &str) -> Self {
        let (mut parsed, mut action) = (Parsed::Talk, None);
        match &update.event {
            Event::Message(message) => {
                let text = message.text.as_deref();
                parsed = text.map_or(Parsed::Talk, |text| parse(text, username, message.kind));
            }
            Event::Callback(query) => action = Action::decode(&query.data),
            Event::Membership(_) | Event::Migrated { .. } | Event::Inline(_) | Event::Other => {}
        }
        Request { update, parsed, action }
    }

    /// Returns the command, if the update is one for this bot.
    pub(super) fn invocation(&self) -> Option<&Invocation> {
        match &self.parsed {
            Parsed::Command(invocation) => Some(invocation),
            Parsed::Unknown { .. } | Parsed::ForOthers | Parsed::Talk => None,
        }
    }

    /// Returns what Telegram has to be asked before the update can be handled.
    pub(super) fn permission_query(&self) -> Option<PermissionQuery> {
        match &self.update.event {
            Event::Message(message) => self.permission_query_of_message(message),
            Event::Callback(query) => {
                let action = self.action.as_ref()?;
                let elsewhere = action.target().filter(|target| target.chat != query.place.chat);
                match elsewhere {
                    Some(target) => Some(PermissionQuery::IsAdmin(target.chat, query.user_id)),
                    None => action
                        .requires_admin(query.kind)
                        .then_some(PermissionQuery::IsAdmin(query.place.chat, query.user_id)),
                }
            }
            Event::Membership(_) | Event::Migrated { .. } | Event::Inline(_) | Event::Other => None,
        }
    }

    fn permission_query_of_message(&self, message: &Message) -> Option<PermissionQuery> {
        let Sender::User(user_id) = message.sender else {
            return None;
        };
        if let Some(channel) = forwarded_channel(message) {
            return Some(PermissionQuery::IsAdmin(channel, user_id));
        }
        let invocation = self.invocation()?;
        match message.kind {
            ChatKind::Group if invocation.command.requires_admin() => {
                Some(PermissionQuery::IsAdmin(message.place.chat, user_id))
            }
            ChatKind::Private => match invocation.channel.as_ref()? {
                ChannelTarget::Name(name) => Some(PermissionQuery::Channel(name.clone(), user_id)),
                ChannelTarget::Id(channel) => Some(PermissionQuery::IsAdmin(*channel, user_id)),
            },
            ChatKind::Group | ChatKind::Channel => None,
        }
    }

    /// Whether it searches all entries.
    pub(super) fn is_search(&self) -> bool {
        matches!(self.action, Some(Action::Search(_)))
            || self.invocation().is_some_and(|call| matches!(call.command, Command::Search(_)))
    }

    /// Returns what it costs: what waits for Telegram or searches is slow, and no other chat waits
    /// for it.
    pub(super) fn cost(&self) -> Cost {
        match self.permission_query().is_some() || self.is_search() {
            true => Cost::Slow,
            false => Cost::Fast,
        }
    }

    /// Whether it has to wait for deferred updates of its chat: it may change something, or gets a
    /// reply. Talk has no effect and is not deferred.
    pub(super) fn keeps_order(&self) -> bool {
        match &self.update.event {
            Event::Message(message) => {
                message.channel.is_some()
                    || !matches!(self.parsed, Parsed::Talk | Parsed::ForOthers)
            }
            Event::Callback(_) | Event::Membership(_) | Event::Migrated { .. } => true,
            Event::Inline(_) | Event::Other => false,
        }
    }

    /// Returns who asks, if the update asks anything of the bot.
    pub(super) fn requester(&self) -> Option<Requester> {
        match &self.update.event {
            Event::Message(message) => {
                let is_for_bot = !matches!(self.parsed, Parsed::Talk | Parsed::ForOthers)
                    || message.kind == ChatKind::Private;
                let user_id = match message.sender {
                    Sender::User(id) => Some(id),
                    Sender::Chat | Sender::OtherChat => None,
                };
                let (chat, kind) = (message.place.chat, message.kind);
                is_for_bot.then_some(Requester { chat, kind, user_id })
            }
            Event::Callback(query) => Some(Requester {
                chat: query.place.chat,
                kind: query.kind,
                user_id: Some(query.user_id),
            }),
            Event::Membership(_) | Event::Migrated { .. } | Event::Inline(_) | Event::Other => None,
        }
    }
}

/// Returns the channel of a post that a user forwarded to the bot: they want to manage it.
pub(super) fn forwarded_channel(message: &Message) -> Option<ChatId> {
    message.channel.filter(|_| message.kind == ChatKind::Private)
}
