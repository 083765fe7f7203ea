//! The context of a request: who asked, where, and about which place.
//!
//! Out of scope: what is asked (`request`, `command`).

use super::{catalog::Catalog, permission::Permission};
use crate::{
    domain::{AccessPolicy, ChatKind, Message, MessageId, Place, UserId},
    lang::Lang,
    message,
    store::{Result, UpdateTx},
};

/// Who asked for something, where, and about which place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// Where they asked.
    pub(super) place: Place,
    /// The kind of that chat.
    pub(super) kind: ChatKind,
    /// The place whose settings and subscriptions are meant: the same one, or a channel that they
    /// manage.
    pub(super) target: Place,
    /// The kind of the target.
    pub(super) target_kind: ChatKind,
    /// How they named the channel, if they did by name.
    pub(super) channel: Option<&'a str>,
    /// The language of the reply.
    pub(super) lang: Lang,
    /// What they may do with the target.
    pub(super) permission: Permission,
    /// The user, unless they act as a chat.
    pub(super) user_id: Option<UserId>,
    /// The message of the command or of the button.
    pub(super) message_id: MessageId,
    /// What the operator allows.
    pub(super) policy: &'a AccessPolicy,
    /// The username of the bot.
    pub(super) username: &'a str,
    /// What a handler may know of the other commands.
    pub(super) catalog: &'a Catalog,
}

impl Context<'_> {
    /// Returns why the user may not change the target, or `None` if they may.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let phrases = self.lang.phrases();
        match self.permission {
            Permission::Granted => None,
            Permission::Denied => Some(phrases.admins_only),
            Permission::Unknown => Some(phrases.admins_unknown),
        }
    }

    /// Returns the usage of a command, as it is typed here about the target.
    pub(super) fn usage(&self, words: &str) -> Message {
        let commands = &self.catalog.channel_commands;
        message::plain(&message::with_channel(words, self.button_target(), commands))
    }

    /// Returns the name of the target if it is another place: as the user named it, or its number.
    pub(super) fn channel_name(&self) -> Option<String> {
        let named = self.channel.map(str::to_owned);
        (self.target != self.place).then(|| named.unwrap_or_else(|| self.target.chat.to_string()))
    }

    /// Returns a command as it is typed here about the target.
    pub(super) fn typed(&self, command: &str) -> String {
        match self.channel_name() {
            Some(name) => format!("{command} {name}"),
            None => command.to_owned(),
        }
    }

    /// Returns the words for a limit that is reached, with a note if what can be restored counts
    /// too.
    pub(super) async fn too_many(&self, tx: &mut UpdateTx, words: String) -> Result<String> {
        Ok(match tx.kept_until(self.target).await? {
            Some(_) => format!("{words} {}", self.lang.phrases().restorable_counts),
            None => words,
        })
    }

    /// Returns the target for buttons, if it is another place than the one where they are shown.
    pub(super) fn button_target(&self) -> Option<Place> {
        (self.target != self.place).then_some(self.target)
    }
}
