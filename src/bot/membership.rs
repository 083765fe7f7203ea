//! What follows when the bot is let into a chat, put out of it, or blocked.

use crate::{
    domain::{ChatId, ChatKind, Place, Reply},
    message,
    store::{Result, UpdateTx},
    telegram::{BotStatus, Membership},
};

/// A channel subscribes by making the bot an admin that may post, and whoever did so is shown where it is
/// managed; a group is told how to subscribe. Whoever puts the bot out unsubscribes.
pub(super) async fn changed(tx: &mut UpdateTx, change: &Membership) -> Result<Vec<Reply>> {
    let place = Place { chat: change.chat, thread: None };
    let may_write = |standing| match change.kind {
        ChatKind::Channel => standing == BotStatus::Poster,
        ChatKind::Private | ChatKind::Group => standing != BotStatus::Out,
    };
    let (before, now) = (may_write(change.before), may_write(change.now));
    if !now {
        tx.delete_chat(change.chat, "the bot was blocked or removed").await?;
        return Ok(Vec::new());
    }
    let answers = match change.kind {
        ChatKind::Channel if !before => {
            let subscribed = tx.subscribe(place, change.kind, change.lang).await?;
            let is_new = subscribed.added > 0;
            let greeting = message::greeting(&subscribed.titles, is_new, change.kind, change.lang);
            let mut answers = vec![Reply::new(place, greeting)];
            answers.extend(invitation(tx, change, place).await?);
            answers
        }
        ChatKind::Group if !before => {
            vec![Reply::new(place, message::plain(change.lang.phrases().introduction))]
        }
        _ => Vec::new(),
    };
    Ok(answers)
}

/// To whoever made the bot an admin of a channel, if they talk with it.
async fn invitation(
    tx: &mut UpdateTx,
    change: &Membership,
    channel: Place,
) -> Result<Option<Reply>> {
    let private = ChatId(change.user_id);
    let Some(chat) = tx.chat(private).await? else {
        return Ok(None);
    };
    let words = chat.lang.phrases().channel_invitation;
    let message = message::channel(words, Some(channel), chat.lang);
    Ok(Some(Reply::new(Place { chat: private, thread: None }, message)))
}
