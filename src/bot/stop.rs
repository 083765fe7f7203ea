//! `/stop`: ends the subscription of the place it is said in. Asks nothing, leaves nothing.

use super::Ask;
use crate::store::{Inbox, Result, Unsubscribed};

pub(super) async fn stop(inbox: &mut Inbox, ask: Ask) -> Result<String> {
    if let Some(refusal) = ask.refusal() {
        return Ok(refusal);
    }
    let phrases = ask.lang.phrases();
    let answer = match inbox.unsubscribe(ask.place).await? {
        Unsubscribed::Left => phrases.stopped,
        Unsubscribed::LeftTopic => phrases.stopped_topic,
        Unsubscribed::WasNot => phrases.not_subscribed,
    };
    Ok(answer.to_owned())
}
