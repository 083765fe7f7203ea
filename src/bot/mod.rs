//! The bot: what an update changes, and what is answered. One file for each command.
//!
//! Promises: an update takes effect once, together with its answer; a group hears nothing that was
//! not asked of this bot; a mistake of a user is answered in the language of the chat.
//! Leaves out: sending the answers (`dispatcher`).

mod command;
mod counter;
mod help;
mod intake;
mod latest;
mod membership;
mod start;
mod stop;

pub use command::{Command, Parsed, parse};
pub use intake::{Intake, POLL_WAIT, Taken, Unusable};

use crate::{
    domain::{Answer, ChatId, ChatKind, Place},
    lang::Lang,
    store::{Inbox, Result},
    telegram::{Event, Incoming, Message, Sender},
};

/// Whether the sender of a command may change the subscription of the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// He may.
    Given,
    /// He may not.
    Missing,
    /// Telegram did not say.
    Unknown,
}

/// A command in its surroundings.
#[derive(Clone, Copy, Debug)]
struct Ask {
    place: Place,
    kind: ChatKind,
    lang: Lang,
    rights: Rights,
}

/// The user whose standing in a group decides over this update, where one does.
pub fn deciding_user(incoming: &Incoming, username: &str) -> Option<(ChatId, i64)> {
    let Event::Message(message) = &incoming.event else {
        return None;
    };
    let parsed = parse(message.text.as_deref()?, username);
    let changes = matches!(parsed, Parsed::Command(Command::Start | Command::Stop));
    match (message.kind, message.sender) {
        (ChatKind::Group, Sender::User(user_id)) if changes => Some((message.place.chat, user_id)),
        _ => None,
    }
}

/// Lets an update take effect and returns the answer to it, if it asks for one.
pub async fn handle(
    inbox: &mut Inbox,
    incoming: &Incoming,
    rights: Rights,
    username: &str,
) -> Result<Option<Answer>> {
    match &incoming.event {
        Event::Message(message) => answer(inbox, message, rights, username).await,
        Event::Membership(change) => membership::changed(inbox, change).await,
        Event::Migrated { from, to } => {
            inbox.migrate(*from, *to).await?;
            Ok(None)
        }
        Event::Other => Ok(None),
    }
}

async fn answer(
    inbox: &mut Inbox,
    message: &Message,
    rights: Rights,
    username: &str,
) -> Result<Option<Answer>> {
    let parsed = message.text.as_deref().map_or(Parsed::Talk, |text| parse(text, username));
    let lang = inbox.lang(message.place.chat).await?.unwrap_or(message.lang);
    let ask = Ask {
        place: message.place,
        kind: message.kind,
        lang,
        rights: match message.sender {
            Sender::User(_) if message.kind == ChatKind::Group => rights,
            Sender::User(_) | Sender::Chat => Rights::Given,
            Sender::OtherChat => Rights::Missing,
        },
    };
    let html = match parsed {
        Parsed::Command(Command::Start) => start::start(inbox, ask).await?,
        Parsed::Command(Command::Stop) => stop::stop(inbox, ask).await?,
        Parsed::Command(Command::Latest(count)) => latest::latest(inbox, ask, count).await?,
        Parsed::Command(Command::Counter) => counter::counter(inbox, ask).await?,
        Parsed::Command(Command::Help) => help::help(lang),
        Parsed::Unknown | Parsed::Talk if message.kind == ChatKind::Private => {
            help::not_understood(lang)
        }
        Parsed::Unknown | Parsed::Talk | Parsed::ForOthers => return Ok(None),
    };
    Ok(Some(Answer { place: message.place, html }))
}

impl Ask {
    /// Why the sender may not do what changes the subscription; `None` if he may.
    fn refusal(&self) -> Option<String> {
        let phrases = self.lang.phrases();
        match self.rights {
            Rights::Given => None,
            Rights::Missing => Some(phrases.admins_only.to_owned()),
            Rights::Unknown => Some(phrases.admins_unknown.to_owned()),
        }
    }
}
