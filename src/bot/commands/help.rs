//! `/help`, and the replies to what is no command.
//!
//! Grammar: `/help`. Further words are ignored.

pub(in crate::bot) use crate::bot::argument::{NoArgument as Argument, ignore as parse};

use crate::{
    bot::{catalog::Audience, context::Context, permission::Permission, reply::CommandReply},
    domain::{ChatKind, Message},
    message,
    store::{Result, UpdateTx},
};

pub(in crate::bot) async fn run(
    _: &mut UpdateTx,
    context: Context<'_>,
    Argument: Argument,
) -> Result<CommandReply> {
    Ok(commands(context, context.lang.phrases().help).into())
}

/// Returns the reply to a text that is no command.
pub(in crate::bot) fn not_understood(context: Context<'_>) -> Message {
    commands(context, context.lang.phrases().not_understood)
}

/// Returns the reply to an unknown command: the one that was meant, or all of them.
pub(in crate::bot) fn unknown(context: Context<'_>, nearest: Option<&str>) -> Message {
    match nearest {
        Some(name) => message::plain(&(context.lang.phrases().did_you_mean)(name)),
        None => not_understood(context),
    }
}

fn commands(context: Context<'_>, opening: &str) -> Message {
    let may_watch = context.policy.may_watch(context.user_id);
    let menu = (context.catalog.menu)(context.lang, audience(context), may_watch);
    message::help(opening, &menu)
}

fn audience(context: Context<'_>) -> Audience {
    match context.kind {
        ChatKind::Private => Audience::Private,
        // Telegram is not asked for this, so members of a group see all commands unless it is known
        // that they may not use them.
        ChatKind::Group if context.permission == Permission::Denied => Audience::Group,
        ChatKind::Group | ChatKind::Channel => Audience::GroupAdmins,
    }
}
