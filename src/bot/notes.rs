//! `/time` and `/contact`: what the pages show beside their lists.

use super::Ask;
use crate::{
    domain::Message,
    render,
    store::{Result, UpdateTx},
};

pub(super) async fn time(inbox: &mut UpdateTx, ask: Ask<'_>) -> Result<Message> {
    let now = inbox.now();
    Ok(render::clocks(&inbox.subscribed_overviews(ask.place).await?, now, ask.lang))
}

pub(super) async fn contact(inbox: &mut UpdateTx, ask: Ask<'_>) -> Result<Message> {
    Ok(render::contacts(&inbox.subscribed_overviews(ask.place).await?, ask.lang))
}
