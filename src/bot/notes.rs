//! `/time` and `/contact`: what the pages show beside their lists.

use super::Context;
use crate::{
    domain::Message,
    render,
    store::{Result, UpdateTx},
};

pub(super) async fn time(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let now = tx.now();
    Ok(render::clocks(&tx.subscribed_overviews(ask.place).await?, now, ask.lang))
}

pub(super) async fn contact(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    Ok(render::contacts(&tx.subscribed_overviews(ask.place).await?, ask.lang))
}
