//! `/help`, and the answer to words that are no command.

use crate::bot::{Context, Permission};
use crate::{
    domain::{ChatKind, Message},
    lang::Audience,
    message,
};

pub(crate) fn help(ask: Context<'_>) -> Message {
    all(ask, ask.lang.phrases().help)
}

pub(crate) fn not_understood(ask: Context<'_>) -> Message {
    all(ask, ask.lang.phrases().not_understood)
}

/// A command that is not known: the one that was meant, or all of them.
pub(crate) fn unknown(ask: Context<'_>, nearest: Option<&str>) -> Message {
    match nearest {
        Some(name) => message::plain(&(ask.lang.phrases().did_you_mean)(name)),
        None => not_understood(ask),
    }
}

fn all(ask: Context<'_>, opening: &str) -> Message {
    message::help(opening, audience(ask), ask.policy.may_watch(ask.user_id), ask.lang)
}

fn audience(ask: Context<'_>) -> Audience {
    match ask.kind {
        ChatKind::Private => Audience::Private,
        // Who may what is not asked for this: those who may are shown all.
        ChatKind::Group if ask.permission == Permission::Denied => Audience::Group,
        ChatKind::Group | ChatKind::Channel => Audience::GroupAdmins,
    }
}
