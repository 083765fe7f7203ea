//! Membership: the bot is added to a chat, removed from it, or blocked.

use crate::{
    domain::{ChatId, ChatKind, Place, Reply},
    message,
    store::{Result, UpdateTx},
    telegram::{BotStatus, Membership},
};

/// Handles a change of the bot's own status. A channel is subscribed when the bot becomes an admin
/// that may post, and the admin who did that is shown how to manage it. A group gets an
/// introduction. Removing the bot deletes the chat.
pub(super) async fn changed(tx: &mut UpdateTx, change: &Membership) -> Result<Vec<Reply>> {
    let place = Place { chat: change.chat, thread: None };
    let may_write = |status| match change.kind {
        ChatKind::Channel => status == BotStatus::Poster,
        ChatKind::Private | ChatKind::Group => status != BotStatus::Out,
    };
    let (before, now) = (may_write(change.before), may_write(change.now));
    if !now {
        tx.delete_chat(change.chat, "the bot was blocked or removed").await?;
        return Ok(Vec::new());
    }
    let replies = match change.kind {
        ChatKind::Channel if !before => {
            let subscribed = tx.subscribe(place, change.kind, change.lang).await?;
            let is_new = subscribed.added > 0;
            let greeting = message::greeting(&subscribed.titles, is_new, change.kind, change.lang);
            let mut replies = vec![Reply::new(place, greeting)];
            replies.extend(invitation(tx, change, place).await?);
            replies
        }
        ChatKind::Group if !before => {
            vec![Reply::new(place, message::plain(change.lang.phrases().introduction))]
        }
        _ => Vec::new(),
    };
    Ok(replies)
}

/// Returns a message to the admin who added the bot to a channel, if they have a private chat with
/// it.
async fn invitation(
    tx: &mut UpdateTx,
    change: &Membership,
    channel: Place,
) -> Result<Option<Reply>> {
    let private = ChatId(change.user_id.0);
    let Some(chat) = tx.chat(private).await? else {
        return Ok(None);
    };
    let words = chat.lang.phrases().channel_invitation;
    let message = message::channel(words, Some(channel), chat.lang);
    Ok(Some(Reply::new(Place { chat: private, thread: None }, message)))
}
