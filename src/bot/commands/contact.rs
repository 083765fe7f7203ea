//! `/contact`: the telephone numbers and addresses on the pages of the institutions.
//!
//! Grammar: `/contact`. Further words are ignored.

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
    let sources = tx.overviews_of_place(context.place).await?;
    Ok(message::contacts(&sources, context.lang).into())
}
