//! `/time` and `/contact`: what the pages show beside their lists.

use crate::bot::Context;
use crate::{
    domain::Message,
    message,
    store::{Result, UpdateTx},
};

pub(crate) async fn time(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let now = tx.now();
    Ok(message::clocks(&tx.subscribed_overviews(ask.place).await?, now, ask.lang))
}

pub(crate) async fn contact(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    Ok(message::contacts(&tx.subscribed_overviews(ask.place).await?, ask.lang))
}
