//! The bot: what an update changes, and what is answered. One file for each command or two.
//!
//! Promises: an update takes effect once, together with its answer; a group hears nothing that was
//! not asked of this bot; who may not change a place changes nothing, whatever a button says; a mistake
//! of a user is answered in the language of the chat.
//! Leaves out: sending the answers (`dispatcher`), and fetching what has to be fetched first (`errand`).

mod callback;
mod channel_target;
mod command;
pub(crate) mod commands;
mod ephemeral;
mod handler;
mod holds;
mod inline;
mod membership;
mod pending_updates;
mod receiver;
mod user_rate_limit;

pub use self::command::{Command, CommandName, Parsed, parse};
pub use self::ephemeral::{EphemeralReply, send_ephemeral};
pub use self::pending_updates::PendingUpdateHandler;
pub use self::receiver::{FatalError, POLL_WAIT, Received, UpdateReceiver};

use crate::{
    domain::{
        AccessPolicy, Action, ChatId, ChatKind, Message, Place, Reply, SourceOverview, entry::fold,
    },
    lang::Lang,
    message,
    store::{Result, UpdateTx},
    telegram::{self, Event, Incoming, Sender},
};

/// Whether the sender may change what a place gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// They may.
    #[default]
    Granted,
    /// They may not.
    Denied,
    /// Telegram did not say.
    Unknown,
}

/// What has to be asked of Telegram before an update can take effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionQuery {
    /// Nothing.
    Nothing,
    /// Whether this user is an admin of this chat.
    IsAdmin(ChatId, i64),
    /// Which channel has this public name, and whether this user is an admin of it.
    Channel(String, i64),
}

/// What Telegram said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermissionFacts {
    /// What the sender may.
    pub permission: Permission,
    /// The channel of the name that was asked about.
    pub channel: Option<ChatId>,
}

/// What comes of an update, besides what it changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handled {
    /// The messages.
    pub replies: Vec<Reply>,
    /// Words for whoever pressed a button, for them alone.
    pub toast: Option<String>,
}

impl Handled {
    fn of(answers: Vec<Reply>) -> Self {
        Handled { replies: answers, ..Handled::default() }
    }
}

/// Who asks for something, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
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
    permission: Permission,
    /// Who they are, if they do not speak for the chat.
    user_id: Option<i64>,
    /// The message that is answered.
    message_id: i64,
    policy: &'a AccessPolicy,
    /// The bot's name.
    username: &'a str,
}

/// What has to be asked of Telegram before an update can take effect.
pub fn permission_query(incoming: &Incoming, username: &str) -> PermissionQuery {
    match &incoming.event {
        Event::Message(message) => permission_query_of_message(message, username),
        Event::Callback(pressed) => {
            let Some(action) = Action::decode(&pressed.data) else {
                return PermissionQuery::Nothing;
            };
            let elsewhere = action.target().filter(|target| target.chat != pressed.place.chat);
            match elsewhere {
                Some(target) => PermissionQuery::IsAdmin(target.chat, pressed.user_id),
                None if action.needs_rights(pressed.kind) => {
                    PermissionQuery::IsAdmin(pressed.place.chat, pressed.user_id)
                }
                None => PermissionQuery::Nothing,
            }
        }
        _ => PermissionQuery::Nothing,
    }
}

fn permission_query_of_message(message: &telegram::Message, username: &str) -> PermissionQuery {
    let Sender::User(user_id) = message.sender else {
        return PermissionQuery::Nothing;
    };
    if let Some(channel) = message.channel.filter(|_| message.kind == ChatKind::Private) {
        return PermissionQuery::IsAdmin(channel, user_id);
    }
    let parsed = message.text.as_deref().map_or(Parsed::Talk, |text| parse(text, username));
    let Parsed::Command(command) = parsed else {
        return PermissionQuery::Nothing;
    };
    match message.kind {
        ChatKind::Group if command.requires_admin() => {
            PermissionQuery::IsAdmin(message.place.chat, user_id)
        }
        ChatKind::Private => match self::channel_target::channel_target(&command) {
            Some((self::channel_target::ChannelTarget::Name(name), _)) => {
                PermissionQuery::Channel(name, user_id)
            }
            Some((self::channel_target::ChannelTarget::Id(channel), _)) => {
                PermissionQuery::IsAdmin(channel, user_id)
            }
            None => PermissionQuery::Nothing,
        },
        _ => PermissionQuery::Nothing,
    }
}

/// Lets an update take effect.
pub async fn handle(
    tx: &mut UpdateTx,
    incoming: &Incoming,
    facts: PermissionFacts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Handled> {
    match &incoming.event {
        Event::Message(message) => handle_message(tx, message, facts, username, policy).await,
        Event::Membership(change) => self::membership::changed(tx, change).await.map(Handled::of),
        Event::Migrated { from, to } => {
            tx.migrate(*from, *to).await?;
            Ok(Handled::default())
        }
        Event::Callback(pressed) => {
            self::callback::handle_callback(tx, pressed, facts, username, policy).await
        }
        // Inline questions change nothing: `intake` looks for what is offered.
        Event::Inline(_) | Event::Other => Ok(Handled::default()),
    }
}

async fn handle_message(
    tx: &mut UpdateTx,
    message: &telegram::Message,
    facts: PermissionFacts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Handled> {
    let parsed = message.text.as_deref().map_or(Parsed::Talk, |text| parse(text, username));
    let known = tx.chat(message.place.chat).await?;
    let lang = known.map_or(message.lang, |chat| chat.lang);
    let ask = Context {
        place: message.place,
        kind: message.kind,
        target: message.place,
        target_kind: message.kind,
        channel: None,
        lang,
        permission: match message.sender {
            Sender::User(_) if message.kind == ChatKind::Group => facts.permission,
            Sender::User(_) | Sender::Chat => Permission::Granted,
            Sender::OtherChat => Permission::Denied,
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
            let command = Command { name: CommandName::Channel, argument: String::new() };
            run_in_channel(tx, ask, &command, facts.permission, Some(channel)).await?
        }
        (Parsed::Command(command), _) => {
            match self::channel_target::channel_target(&command).filter(|_| is_private) {
                Some((self::channel_target::ChannelTarget::Name(name), command)) => {
                    let ask = Context { channel: Some(&name), ..ask };
                    run_in_channel(tx, ask, &command, facts.permission, facts.channel).await?
                }
                Some((self::channel_target::ChannelTarget::Id(channel), command)) => {
                    run_in_channel(tx, ask, &command, facts.permission, Some(channel)).await?
                }
                None => run_command(tx, ask, &command).await?,
            }
        }
        (Parsed::Unknown { nearest, is_addressed }, _) if is_private || is_addressed => {
            Some(self::commands::help::unknown(ask, nearest).into())
        }
        (Parsed::Talk, _) if is_private => Some(self::commands::help::not_understood(ask).into()),
        _ => None,
    };
    let reply_id = (message.kind == ChatKind::Group).then_some(message.message_id);
    let answers = said.into_iter().map(|said| {
        let CommandReply { mut message, file } = said;
        if ask.kind == ChatKind::Channel {
            self::callback::retain_admin_buttons(&mut message);
        }
        Reply { reply_id, file, ..Reply::new(ask.place, message) }
    });
    Ok(Handled::of(answers.collect()))
}

/// What is said to a command.
struct CommandReply {
    message: Message,
    file: Option<String>,
}

impl From<Message> for CommandReply {
    fn from(message: Message) -> Self {
        CommandReply { message, file: None }
    }
}

/// A command in a private chat takes effect in a channel, if it is one that the sender may manage.
async fn run_in_channel(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    command: &Command,
    rights: Permission,
    channel: Option<ChatId>,
) -> Result<Option<CommandReply>> {
    if let Some(refusal) = self::channel_target::refusal(ask, rights, channel.is_some()) {
        return Ok(Some(refusal.into()));
    }
    let target = channel.map_or(ask.target, self::channel_target::place);
    let target_kind = tx.chat(target.chat).await?.map_or(ChatKind::Channel, |chat| chat.kind);
    let ask = Context { target, target_kind, permission: rights, ..ask };
    let said = run_command(tx, ask, command).await?;
    let names_it =
        matches!(command.name, CommandName::Channel | CommandName::Settings | CommandName::Stop);
    Ok(said.map(|said| match names_it {
        true => said,
        false => CommandReply { message: message::in_channel(said.message, ask.lang), ..said },
    }))
}

/// A command takes effect; `None`: the answer comes later.
async fn run_command(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    command: &Command,
) -> Result<Option<CommandReply>> {
    if command.requires_admin()
        && let Some(refusal) = ask.refusal()
    {
        return Ok(Some(refusal.into()));
    }
    let argument = command.argument.as_str();
    let message = match command.name {
        CommandName::Start => {
            return Ok(self::commands::start::start(tx, ask, argument)
                .await?
                .map(CommandReply::from));
        }
        CommandName::Stop => self::commands::stop::stop(tx, ask, argument).await?,
        CommandName::Latest => self::commands::latest::latest(tx, ask, argument).await?,
        CommandName::Archive => self::commands::archive::archive(tx, ask, argument).await?,
        CommandName::Search => self::commands::search::search(tx, ask, argument).await?,
        CommandName::Read => {
            return Ok(self::commands::read::command(tx, ask, argument)
                .await?
                .map(CommandReply::from));
        }
        CommandName::Counter => self::commands::counter::command(tx, ask, argument).await?,
        CommandName::Time => self::commands::institution::time(tx, ask).await?,
        CommandName::Contact => self::commands::institution::contact(tx, ask).await?,
        CommandName::Sources => self::commands::sources::show(tx, ask, 0).await?,
        CommandName::Watch => self::commands::watch::watch(tx, ask, argument).await?,
        CommandName::Unwatch => self::commands::watch::unwatch(tx, ask, argument).await?,
        CommandName::Settings => self::commands::settings::command(tx, ask, argument).await?,
        CommandName::Words => self::commands::settings::words(tx, ask, argument).await?,
        CommandName::Zone => self::commands::settings::zone(tx, ask, argument).await?,
        CommandName::Quiet => self::commands::settings::quiet(tx, ask, argument).await?,
        CommandName::Digest => self::commands::settings::digest(tx, ask, argument).await?,
        CommandName::Language => self::commands::settings::language(tx, ask, argument).await?,
        CommandName::Channel if ask.target == ask.place => self::channel_target::usage(ask),
        CommandName::Channel => self::channel_target::menu(ask),
        CommandName::Privacy => self::commands::privacy::privacy(tx, ask).await?,
        CommandName::Export => {
            let (message, file) = self::commands::privacy::export(tx, ask).await?;
            return Ok(Some(CommandReply { message, file }));
        }
        CommandName::Help => self::commands::help::help(ask),
    };
    Ok(Some(message.into()))
}

impl Context<'_> {
    /// Why the sender may not do what changes a place; `None` if they may.
    fn refusal(&self) -> Option<Message> {
        self.refusal_words().map(message::plain)
    }

    fn refusal_words(&self) -> Option<&'static str> {
        let phrases = self.lang.phrases();
        match self.permission {
            Permission::Granted => None,
            Permission::Denied => Some(phrases.admins_only),
            Permission::Unknown => Some(phrases.admins_unknown),
        }
    }

    /// How a command is used, where it was used in another way.
    fn usage(&self, words: &str) -> Message {
        message::plain(&message::with_channel(words, self.button_target()))
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
    async fn too_many(&self, tx: &mut UpdateTx, words: String) -> Result<String> {
        Ok(match tx.kept_until(self.target).await? {
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
