//! `/stop`: ends all that a place gets. Asks nothing, leaves nothing.

use super::Ask;
use crate::{
    domain::Message,
    render,
    store::{Inbox, Result, Unsubscribed},
};

pub(super) async fn stop(inbox: &mut Inbox, ask: Ask<'_>) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let words = match inbox.unsubscribe(ask.place).await? {
        Unsubscribed::Left => phrases.stopped,
        Unsubscribed::LeftTopic => phrases.stopped_topic,
        Unsubscribed::WasNot => phrases.not_subscribed,
    };
    Ok(render::plain(words))
}
