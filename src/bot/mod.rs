//! The bot: what an update changes, and what is answered. One file for each command or two.
//!
//! Promises: an update takes effect once, together with its answer; a group hears nothing that was
//! not asked of this bot; who may not change a place changes nothing, whatever a button says; a mistake
//! of a user is answered in the language of the chat.
//! Leaves out: sending the answers (`dispatcher`), and fetching what has to be fetched first (`errand`).

mod archive;
mod budget;
mod channel;
mod command;
mod counter;
mod help;
mod holds;
mod inline;
mod intake;
mod latest;
mod membership;
mod moments;
mod notes;
mod pending;
mod press;
mod privacy;
mod read;
mod search;
mod settings;
mod sources;
mod start;
mod stop;
mod taker;
mod watch;

pub use command::{Command, Name, Parsed, parse};
pub use intake::{Intake, POLL_WAIT, Taken, Unusable};
pub use moments::{Moment, say};
pub use pending::Pending;

use crate::{
    domain::{
        AccessPolicy, Action, ChatId, ChatKind, Message, Place, Reply, SourceOverview, entry::fold,
    },
    lang::Lang,
    render,
    store::{Result, UpdateTx},
    telegram::{self, Event, Incoming, Sender},
};

/// Whether the sender may change what a place gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rights {
    /// They may.
    #[default]
    Given,
    /// They may not.
    Missing,
    /// Telegram did not say.
    Unknown,
}

/// What has to be asked of Telegram before an update can take effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Nothing.
    Nothing,
    /// Whether this user is an admin of this chat.
    IsAdmin(ChatId, i64),
    /// Which channel has this public name, and whether this user is an admin of it.
    Channel(String, i64),
}

/// What Telegram said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the sender may.
    pub rights: Rights,
    /// The channel of the name that was asked about.
    pub channel: Option<ChatId>,
}

/// What comes of an update, besides what it changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effect {
    /// The messages.
    pub answers: Vec<Reply>,
    /// Words for whoever pressed a button, for them alone.
    pub words: Option<String>,
}

impl Effect {
    fn of(answers: Vec<Reply>) -> Self {
        Effect { answers, ..Effect::default() }
    }
}

/// Who asks for something, and where.
#[derive(Clone, Copy, Debug)]
struct Ask<'a> {
    /// Where they ask.
    place: Place,
    kind: ChatKind,
    /// Whose settings and subscriptions it is about: the same place, or a channel of theirs.
    target: Place,
    target_kind: ChatKind,
    /// How they named that channel, if they did.
    channel: Option<&'a str>,
    /// In which language they are answered.
    lang: Lang,
    rights: Rights,
    /// Who they are, if they do not speak for the chat.
    user_id: Option<i64>,
    /// The message that is answered.
    message_id: i64,
    policy: &'a AccessPolicy,
    /// The bot's name.
    username: &'a str,
}

/// What has to be asked of Telegram before an update can take effect.
pub fn question(incoming: &Incoming, username: &str) -> Question {
    match &incoming.event {
        Event::Message(message) => question_of_message(message, username),
        Event::Pressed(pressed) => {
            let Some(action) = Action::decode(&pressed.data) else {
                return Question::Nothing;
            };
            let elsewhere = action.target().filter(|target| target.chat != pressed.place.chat);
            match elsewhere {
                Some(target) => Question::IsAdmin(target.chat, pressed.user_id),
                None if action.needs_rights(pressed.kind) => {
                    Question::IsAdmin(pressed.place.chat, pressed.user_id)
                }
                None => Question::Nothing,
            }
        }
        _ => Question::Nothing,
    }
}

fn question_of_message(message: &telegram::Message, username: &str) -> Question {
    let Sender::User(user_id) = message.sender else {
        return Question::Nothing;
    };
    if let Some(channel) = message.channel.filter(|_| message.kind == ChatKind::Private) {
        return Question::IsAdmin(channel, user_id);
    }
    let parsed = message.text.as_deref().map_or(Parsed::Talk, |text| parse(text, username));
    let Parsed::Command(command) = parsed else {
        return Question::Nothing;
    };
    match message.kind {
        ChatKind::Group if command.changes() => Question::IsAdmin(message.place.chat, user_id),
        ChatKind::Private => match channel::aim(&command) {
            Some((channel::Aim::Name(name), _)) => Question::Channel(name, user_id),
            Some((channel::Aim::Id(channel), _)) => Question::IsAdmin(channel, user_id),
            None => Question::Nothing,
        },
        _ => Question::Nothing,
    }
}

/// Lets an update take effect.
pub async fn handle(
    inbox: &mut UpdateTx,
    incoming: &Incoming,
    facts: Facts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Effect> {
    match &incoming.event {
        Event::Message(message) => answer(inbox, message, facts, username, policy).await,
        Event::Membership(change) => membership::changed(inbox, change).await.map(Effect::of),
        Event::Migrated { from, to } => {
            inbox.migrate(*from, *to).await?;
            Ok(Effect::default())
        }
        Event::Pressed(pressed) => press::press(inbox, pressed, facts, username, policy).await,
        // Inline questions change nothing: `intake` looks for what is offered.
        Event::Asked(_) | Event::Other => Ok(Effect::default()),
    }
}

async fn answer(
    inbox: &mut UpdateTx,
    message: &telegram::Message,
    facts: Facts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Effect> {
    let parsed = message.text.as_deref().map_or(Parsed::Talk, |text| parse(text, username));
    let known = inbox.chat(message.place.chat).await?;
    let lang = known.map_or(message.lang, |chat| chat.lang);
    let ask = Ask {
        place: message.place,
        kind: message.kind,
        target: message.place,
        target_kind: message.kind,
        channel: None,
        lang,
        rights: match message.sender {
            Sender::User(_) if message.kind == ChatKind::Group => facts.rights,
            Sender::User(_) | Sender::Chat => Rights::Given,
            Sender::OtherChat => Rights::Missing,
        },
        user_id: match message.sender {
            Sender::User(id) => Some(id),
            Sender::Chat | Sender::OtherChat => None,
        },
        message_id: message.message_id,
        policy,
        username,
    };
    let is_private = message.kind == ChatKind::Private;
    let said = match (parsed, message.channel) {
        (_, Some(channel)) if is_private => {
            let command = Command { name: Name::Channel, argument: String::new() };
            aimed(inbox, ask, &command, facts.rights, Some(channel)).await?
        }
        (Parsed::Command(command), _) => match channel::aim(&command).filter(|_| is_private) {
            Some((channel::Aim::Name(name), command)) => {
                let ask = Ask { channel: Some(&name), ..ask };
                aimed(inbox, ask, &command, facts.rights, facts.channel).await?
            }
            Some((channel::Aim::Id(channel), command)) => {
                aimed(inbox, ask, &command, facts.rights, Some(channel)).await?
            }
            None => run(inbox, ask, &command).await?,
        },
        (Parsed::Unknown { nearest, is_addressed }, _) if is_private || is_addressed => {
            Some(help::unknown(ask, nearest).into())
        }
        (Parsed::Talk, _) if is_private => Some(help::not_understood(ask).into()),
        _ => None,
    };
    let reply_id = (message.kind == ChatKind::Group).then_some(message.message_id);
    let answers = said.into_iter().map(|said| {
        let Said { mut message, file } = said;
        if ask.kind == ChatKind::Channel {
            press::keep_admins_buttons(&mut message);
        }
        Reply { reply_id, file, ..Reply::new(ask.place, message) }
    });
    Ok(Effect::of(answers.collect()))
}

/// What is said to a command.
struct Said {
    message: Message,
    file: Option<String>,
}

impl From<Message> for Said {
    fn from(message: Message) -> Self {
        Said { message, file: None }
    }
}

/// A command in a private chat takes effect in a channel, if it is one that the sender may manage.
async fn aimed(
    inbox: &mut UpdateTx,
    ask: Ask<'_>,
    command: &Command,
    rights: Rights,
    channel: Option<ChatId>,
) -> Result<Option<Said>> {
    if let Some(refusal) = channel::refusal(ask, rights, channel.is_some()) {
        return Ok(Some(refusal.into()));
    }
    let target = channel.map_or(ask.target, channel::place);
    let target_kind = inbox.chat(target.chat).await?.map_or(ChatKind::Channel, |chat| chat.kind);
    let ask = Ask { target, target_kind, rights, ..ask };
    let said = run(inbox, ask, command).await?;
    let names_it = matches!(command.name, Name::Channel | Name::Settings | Name::Stop);
    Ok(said.map(|said| match names_it {
        true => said,
        false => Said { message: render::in_channel(said.message, ask.lang), ..said },
    }))
}

/// A command takes effect; `None`: the answer comes later.
async fn run(inbox: &mut UpdateTx, ask: Ask<'_>, command: &Command) -> Result<Option<Said>> {
    if command.changes()
        && let Some(refusal) = ask.refusal()
    {
        return Ok(Some(refusal.into()));
    }
    let argument = command.argument.as_str();
    let message = match command.name {
        Name::Start => return Ok(start::start(inbox, ask, argument).await?.map(Said::from)),
        Name::Stop => stop::stop(inbox, ask, argument).await?,
        Name::Latest => latest::latest(inbox, ask, argument).await?,
        Name::Archive => archive::archive(inbox, ask, argument).await?,
        Name::Search => search::search(inbox, ask, argument).await?,
        Name::Read => return Ok(read::command(inbox, ask, argument).await?.map(Said::from)),
        Name::Counter => counter::command(inbox, ask, argument).await?,
        Name::Time => notes::time(inbox, ask).await?,
        Name::Contact => notes::contact(inbox, ask).await?,
        Name::Sources => sources::show(inbox, ask, 0).await?,
        Name::Watch => watch::watch(inbox, ask, argument).await?,
        Name::Unwatch => watch::unwatch(inbox, ask, argument).await?,
        Name::Settings => settings::command(inbox, ask, argument).await?,
        Name::Words => settings::words(inbox, ask, argument).await?,
        Name::Zone => settings::zone(inbox, ask, argument).await?,
        Name::Quiet => settings::quiet(inbox, ask, argument).await?,
        Name::Digest => settings::digest(inbox, ask, argument).await?,
        Name::Language => settings::language(inbox, ask, argument).await?,
        Name::Channel if ask.target == ask.place => channel::usage(ask),
        Name::Channel => channel::menu(ask),
        Name::Privacy => privacy::privacy(inbox, ask).await?,
        Name::Export => {
            let (message, file) = privacy::export(inbox, ask).await?;
            return Ok(Some(Said { message, file }));
        }
        Name::Help => help::help(ask),
    };
    Ok(Some(message.into()))
}

impl Ask<'_> {
    /// Why the sender may not do what changes a place; `None` if they may.
    fn refusal(&self) -> Option<Message> {
        self.refusal_words().map(render::plain)
    }

    fn refusal_words(&self) -> Option<&'static str> {
        let phrases = self.lang.phrases();
        match self.rights {
            Rights::Given => None,
            Rights::Missing => Some(phrases.admins_only),
            Rights::Unknown => Some(phrases.admins_unknown),
        }
    }

    /// How a command is used, where it was used in another way.
    fn usage(&self, words: &str) -> Message {
        render::plain(&render::aimed(words, self.button_target()))
    }

    /// How the channel that it is about is named, if it is another place: as it was, or by its number.
    fn channel_name(&self) -> Option<String> {
        let named = self.channel.map(str::to_owned);
        (self.target != self.place).then(|| named.unwrap_or_else(|| self.target.chat.to_string()))
    }

    /// A command as it is typed here about the same place.
    fn typed(&self, command: &str) -> String {
        match self.channel_name() {
            Some(name) => format!("{command} {name}"),
            None => command.to_owned(),
        }
    }

    /// What is said where as many as may be are there already. What can be restored needs room as well.
    async fn too_many(&self, inbox: &mut UpdateTx, words: String) -> Result<String> {
        Ok(match inbox.kept_until(self.target).await? {
            Some(_) => format!("{words} {}", self.lang.phrases().restorable_counts),
            None => words,
        })
    }

    /// The place whose buttons are made, for buttons that stand elsewhere.
    fn button_target(&self) -> Option<Place> {
        (self.target != self.place).then_some(self.target)
    }
}

/// The source that somebody names, by its key or by a part of its title that only one has.
fn find_source<'a>(cards: &'a [SourceOverview], name: &str) -> Option<&'a SourceOverview> {
    let wanted = fold(name);
    if wanted.is_empty() {
        return None;
    }
    if let Some(card) = cards.iter().find(|card| card.name == name.trim().to_lowercase()) {
        return Some(card);
    }
    let mut matching = cards.iter().filter(|card| fold(&card.title).contains(&wanted));
    matching.next().filter(|_| matching.next().is_none())
}
