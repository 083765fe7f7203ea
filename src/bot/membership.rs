//! What follows when the bot is let into a chat, put out of it, or blocked.

use crate::{
    domain::{Answer, ChatKind, Place},
    render,
    store::{Inbox, Result},
    telegram::{Membership, Standing},
};

/// A channel subscribes by making the bot an admin that may post; a group is told how to. Whoever
/// puts the bot out unsubscribes.
pub(super) async fn changed(inbox: &mut Inbox, change: &Membership) -> Result<Option<Answer>> {
    let place = Place { chat: change.chat, thread: None };
    let may_write = |standing| match change.kind {
        ChatKind::Channel => standing == Standing::Poster,
        ChatKind::Private | ChatKind::Group => standing != Standing::Out,
    };
    let (before, now) = (may_write(change.before), may_write(change.now));
    if !now {
        inbox.forget(change.chat, "the bot was blocked or removed").await?;
        return Ok(None);
    }
    let html = match change.kind {
        ChatKind::Channel if !before => {
            let subscribed = inbox.subscribe(place, change.kind, change.lang).await?;
            render::greeting(&subscribed.titles, subscribed.added > 0, change.lang)
        }
        ChatKind::Group if !before => change.lang.phrases().introduction.to_owned(),
        _ => return Ok(None),
    };
    Ok(Some(Answer { place, html }))
}
