//! `/read [n]`, and the button for it: a whole statement. Where its text is not known yet, somebody is
//! sent for it, and the answer comes from there.

use crate::bot::Context;
use crate::{
    domain::{ChatKind, EntryRef, Message},
    message,
    store::{Enqueued, Result, UpdateTx},
};

/// How far back a number reaches.
const BACK_MAX: usize = 50;

pub(crate) async fn command(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    argument: &str,
) -> Result<Option<Message>> {
    let phrases = ask.lang.phrases();
    let number = if argument.is_empty() { Some(1) } else { argument.parse().ok() };
    let Some(number) = number.filter(|n| (1..=BACK_MAX).contains(n)) else {
        return Ok(Some(message::plain(phrases.read_usage)));
    };
    let listed = tx.latest(ask.place, None, number).await?;
    match listed.get(number - 1) {
        Some(listed) => command_of(tx, ask, listed.entry_ref).await,
        None => Ok(Some(message::plain(phrases.nothing_yet))),
    }
}

/// The beginning of a statement, for whoever asked for it by a command: they are told if it has to be fetched,
/// where nobody else has to hear of that.
pub(crate) async fn command_of(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    handle: EntryRef,
) -> Result<Option<Message>> {
    let shown = show(tx, ask, handle, 0).await?;
    let fetching = || message::plain(ask.lang.phrases().fetching);
    Ok(shown.or_else(|| (ask.kind == ChatKind::Private).then(fetching)))
}

/// A part of a statement; `None`: it is being fetched.
pub(crate) async fn show(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    handle: EntryRef,
    part: usize,
) -> Result<Option<Message>> {
    let phrases = ask.lang.phrases();
    let Some(listed) = tx.entry(ask.place, handle).await? else {
        return Ok(Some(message::plain(phrases.statement_gone)));
    };
    if let Some(article) = tx.article(handle.entry_id).await? {
        let message = message::article(&listed, &article, part, ask.lang);
        return Ok(Some(message.unwrap_or_else(|| message::plain(phrases.statement_gone))));
    }
    if let Some(why) = tx.no_text(handle.entry_id).await? {
        return Ok(Some(message::no_text(&listed, why, ask.lang)));
    }
    if listed.entry.link.is_none() {
        return Ok(Some(message::without_text(&listed, phrases.no_own_page, ask.lang)));
    }
    let reply_id = (ask.kind == ChatKind::Group).then_some(ask.message_id);
    match tx.enqueue_article_job(ask.place, reply_id, ask.lang, &listed).await? {
        Enqueued::Yes => Ok(None),
        Enqueued::TooMany => Ok(Some(message::plain(phrases.busy))),
    }
}
