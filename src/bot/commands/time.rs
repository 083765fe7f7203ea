//! `/time`: the local time of the institutions, from the clocks on their pages.
//!
//! Grammar: `/time`. Further words are ignored.

pub(in crate::bot) use crate::bot::argument::{NoArgument as Argument, ignore as parse};

use crate::{
    bot::{context::Context, reply::CommandReply},
    message,
    store::{Result, UpdateTx},
};

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    Argument: Argument,
) -> Result<CommandReply> {
    let now = tx.now();
    let sources = tx.overviews_of_place(context.place).await?;
    Ok(message::clocks(&sources, now, context.lang).into())
}
