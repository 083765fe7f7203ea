//! `/read`, and the button for it: the full text of an entry. If it has not been fetched yet, a job
//! fetches it and replies.
//!
//! Grammar: `/read [N]`, where N counts back from the newest entry, 1 to 50.

use crate::{
    bot::{
        context::Context,
        reply::{CallbackReply, CommandReply},
    },
    domain::{ChatKind, EntryRef, Message},
    message,
    store::{Enqueued, Result, UpdateTx},
};

/// How far back a number reaches.
const BACK_MAX: usize = 50;

/// Which entry, counted from the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A number from 1.
    Number(usize),
    /// Something else.
    Invalid,
}

pub(in crate::bot) fn parse(text: &str) -> Argument {
    let number = if text.is_empty() { Some(1) } else { text.parse().ok() };
    number.filter(|n| (1..=BACK_MAX).contains(n)).map_or(Argument::Invalid, Argument::Number)
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    let Argument::Number(number) = argument else {
        return Ok(message::plain(phrases.read_usage).into());
    };
    let entries = tx.latest(context.place, None, number).await?;
    match entries.get(number - 1) {
        Some(entry) => reply(tx, context, entry.entry_ref).await,
        None => Ok(message::plain(phrases.nothing_yet).into()),
    }
}

/// Replies to a command with the beginning of a full text. In private chats it says so if the text
/// has to be fetched first; in other chats the rest of the members need not read that.
pub(super) async fn reply(
    tx: &mut UpdateTx,
    context: Context<'_>,
    entry_ref: EntryRef,
) -> Result<CommandReply> {
    Ok(match show(tx, context, entry_ref, 0).await? {
        Some(message) => message.into(),
        None if context.kind == ChatKind::Private => {
            message::plain(context.lang.phrases().fetching).into()
        }
        None => CommandReply::Later,
    })
}

/// Replies to a button with a part of a full text.
pub(in crate::bot) async fn handle_callback(
    tx: &mut UpdateTx,
    context: Context<'_>,
    entry_ref: EntryRef,
    part: u32,
) -> Result<CallbackReply> {
    let part = usize::try_from(part).unwrap_or(usize::MAX);
    Ok(match show(tx, context, entry_ref, part).await? {
        Some(message) => CallbackReply::send(message),
        None => CallbackReply::toast(context.lang.phrases().fetching),
    })
}

/// Returns a part of a full text, or `None` if a job fetches it.
async fn show(
    tx: &mut UpdateTx,
    context: Context<'_>,
    entry_ref: EntryRef,
    part: usize,
) -> Result<Option<Message>> {
    let phrases = context.lang.phrases();
    let Some(entry) = tx.entry(context.place, entry_ref).await? else {
        return Ok(Some(message::plain(phrases.statement_gone)));
    };
    if let Some(article) = tx.article(entry_ref.entry_id).await? {
        let message = message::article(&entry, &article, part, context.lang);
        return Ok(Some(message.unwrap_or_else(|| message::plain(phrases.statement_gone))));
    }
    if let Some(why) = tx.no_text(entry_ref.entry_id).await? {
        return Ok(Some(message::no_text(&entry, why, context.lang)));
    }
    if entry.entry.link.is_none() {
        return Ok(Some(message::without_text(&entry, phrases.no_own_page, context.lang)));
    }
    let reply_id = (context.kind == ChatKind::Group).then_some(context.message_id);
    match tx.enqueue_article_job(context.place, reply_id, context.lang, &entry).await? {
        Enqueued::Yes => Ok(None),
        Enqueued::TooMany => Ok(Some(message::plain(phrases.busy))),
    }
}
