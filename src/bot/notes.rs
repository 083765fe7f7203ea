//! `/time` and `/contact`: what the pages show beside their lists.

use super::Ask;
use crate::{
    domain::Message,
    render,
    store::{Inbox, Result},
};

pub(super) async fn time(inbox: &mut Inbox, ask: Ask<'_>) -> Result<Message> {
    let now = inbox.now();
    Ok(render::clocks(&inbox.own_cards(ask.place).await?, now, ask.lang))
}

pub(super) async fn contact(inbox: &mut Inbox, ask: Ask<'_>) -> Result<Message> {
    Ok(render::contacts(&inbox.own_cards(ask.place).await?, ask.lang))
}
