//! Handling one request: what it changes, and what is replied.
//!
//! Guarantees: an update takes effect once, together with its reply. In a group the bot says
//! nothing unless it is asked. Who may not change a place changes nothing, whatever a button says.
//! A user's mistake is answered in the language of the chat.
//! Out of scope: sending the replies (`deliver`), and fetching pages for them (`jobs`).

use super::{
    callback,
    channel_target::ChannelTarget,
    command::{Invocation, Parsed},
    commands::help,
    context::Context,
    membership,
    permission::{Permission, PermissionFacts},
    registry::{CATALOG, Command, CommandName},
    reply::{CommandReply, Handled},
    request::{Request, forwarded_channel},
};
use crate::{
    domain::{AccessPolicy, ChatId, ChatKind, Place, Reply},
    message,
    store::{Result, UpdateTx},
    telegram::{self, Event, Sender},
};

/// Handles a request in a transaction, and returns the replies.
pub async fn handle(
    tx: &mut UpdateTx,
    request: &Request,
    facts: PermissionFacts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Handled> {
    match &request.update.event {
        Event::Message(message) => {
            handle_message(tx, message, &request.parsed, facts, username, policy).await
        }
        Event::Membership(change) => membership::changed(tx, change).await.map(Handled::of),
        Event::Migrated { from, to } => {
            tx.migrate(*from, *to).await?;
            Ok(Handled::default())
        }
        Event::Callback(query) => {
            let action = request.action.as_ref();
            callback::handle_callback(tx, query, action, facts, username, policy).await
        }
        // Inline queries change nothing. They are answered as ephemeral replies.
        Event::Inline(_) | Event::Other => Ok(Handled::default()),
    }
}

async fn handle_message(
    tx: &mut UpdateTx,
    message: &telegram::Message,
    parsed: &Parsed,
    facts: PermissionFacts,
    username: &str,
    policy: &AccessPolicy,
) -> Result<Handled> {
    let known = tx.chat(message.place.chat).await?;
    let context = Context {
        place: message.place,
        kind: message.kind,
        target: message.place,
        target_kind: message.kind,
        channel: None,
        lang: known.map_or(message.lang, |chat| chat.lang),
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
        catalog: &CATALOG,
    };
    let reply = if let Some(channel) = forwarded_channel(message) {
        let command = Command::parse(CommandName::Channel, "");
        run_in_channel(tx, context, command, facts.permission, Some(channel)).await?
    } else {
        let Some(reply) = reply_to(tx, context, parsed, facts).await? else {
            return Ok(Handled::default());
        };
        reply
    };
    let Some((mut shown, file)) = reply.into_parts() else {
        return Ok(Handled::default());
    };
    if context.kind == ChatKind::Channel {
        callback::retain_admin_buttons(&mut shown);
    }
    let reply_id = (message.kind == ChatKind::Group).then_some(message.message_id);
    Ok(Handled::of(vec![Reply { reply_id, file, ..Reply::new(context.place, shown) }]))
}

/// Executes a command or explains what the bot can do; `None` where the bot stays silent.
async fn reply_to(
    tx: &mut UpdateTx,
    context: Context<'_>,
    parsed: &Parsed,
    facts: PermissionFacts,
) -> Result<Option<CommandReply>> {
    let is_private = context.kind == ChatKind::Private;
    Ok(match parsed {
        Parsed::Command(Invocation { command, channel, .. }) => {
            let command = command.clone();
            Some(match channel {
                None => run_command(tx, context, command).await?,
                Some(ChannelTarget::Name(name)) => {
                    let context = Context { channel: Some(name), ..context };
                    run_in_channel(tx, context, command, facts.permission, facts.channel).await?
                }
                Some(ChannelTarget::Id(id)) => {
                    run_in_channel(tx, context, command, facts.permission, Some(*id)).await?
                }
            })
        }
        Parsed::Unknown { nearest, is_addressed } if is_private || *is_addressed => {
            Some(help::unknown(context, *nearest).into())
        }
        Parsed::Talk if is_private => Some(help::not_understood(context).into()),
        Parsed::Unknown { .. } | Parsed::ForOthers | Parsed::Talk => None,
    })
}

/// Executes a command from a private chat in a channel, if the sender may manage it.
async fn run_in_channel(
    tx: &mut UpdateTx,
    context: Context<'_>,
    command: Command,
    permission: Permission,
    channel: Option<ChatId>,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    let channel = match (permission, channel) {
        (Permission::Granted, Some(channel)) => channel,
        (Permission::Granted, None) | (Permission::Denied, _) => {
            return Ok(message::plain(phrases.channel_unknown).into());
        }
        (Permission::Unknown, _) => return Ok(message::plain(phrases.admins_unknown).into()),
    };
    let target = Place { chat: channel, thread: None };
    let target_kind = tx.chat(channel).await?.map_or(ChatKind::Channel, |chat| chat.kind);
    let context = Context { target, target_kind, permission, ..context };
    let names_channel = command.name().reply_names_channel();
    let reply = run_command(tx, context, command).await?;
    Ok(match names_channel {
        true => reply,
        false => reply.map(|message| message::in_channel(message, context.lang)),
    })
}

async fn run_command(
    tx: &mut UpdateTx,
    context: Context<'_>,
    command: Command,
) -> Result<CommandReply> {
    if command.requires_admin()
        && let Some(refusal) = context.refusal()
    {
        return Ok(message::plain(refusal).into());
    }
    command.run(tx, context).await
}
