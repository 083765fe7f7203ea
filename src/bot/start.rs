//! `/start`: subscribes the place it is said in.

use super::Ask;
use crate::{
    render,
    store::{Inbox, Result},
};

pub(super) async fn start(inbox: &mut Inbox, ask: Ask) -> Result<String> {
    if let Some(refusal) = ask.refusal() {
        return Ok(refusal);
    }
    let subscribed = inbox.subscribe(ask.place, ask.kind, ask.lang).await?;
    Ok(render::greeting(&subscribed.titles, subscribed.added > 0, ask.lang))
}
