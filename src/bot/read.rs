//! `/read [n]`, and the button for it: a whole statement. Where its text is not known yet, somebody is
//! sent for it, and the answer comes from there.

use super::Ask;
use crate::{
    domain::Message,
    render,
    store::{Inbox, Result, Sent},
};

/// How far back a number reaches.
const BACK_MAX: usize = 50;

pub(super) async fn command(
    inbox: &mut Inbox,
    ask: Ask<'_>,
    argument: &str,
) -> Result<Option<Message>> {
    let phrases = ask.lang.phrases();
    let number = if argument.is_empty() { Some(1) } else { argument.parse().ok() };
    let Some(number) = number.filter(|n| (1..=BACK_MAX).contains(n)) else {
        return Ok(Some(render::plain(phrases.read_usage)));
    };
    let listed = inbox.latest(ask.place, None, number).await?;
    match listed.get(number - 1) {
        Some(listed) => show(inbox, ask, listed.entry_id, 0).await,
        None => Ok(Some(render::plain(phrases.nothing_yet))),
    }
}

/// A part of a statement; `None`: it is being fetched.
pub(super) async fn show(
    inbox: &mut Inbox,
    ask: Ask<'_>,
    entry_id: i64,
    part: usize,
) -> Result<Option<Message>> {
    let phrases = ask.lang.phrases();
    let Some(listed) = inbox.entry(entry_id).await? else {
        return Ok(Some(render::plain(phrases.statement_gone)));
    };
    if let Some(article) = inbox.article(entry_id).await? {
        let message = render::article(&listed, &article, part, ask.lang);
        return Ok(Some(message.unwrap_or_else(|| render::plain(phrases.statement_gone))));
    }
    if listed.entry.link.is_none() {
        return Ok(Some(render::without_text(&listed, phrases.no_own_page, ask.lang)));
    }
    let reply_id = (ask.kind == crate::domain::ChatKind::Group).then_some(ask.message_id);
    match inbox.send_for_text(ask.place, reply_id, ask.lang, entry_id).await? {
        Sent::Yes => Ok(None),
        Sent::TooMany => Ok(Some(render::plain(phrases.busy))),
    }
}
