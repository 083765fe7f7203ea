//! `/export`: the data that is kept about a chat, as a file.
//!
//! Grammar: `/export`. Further words are ignored.

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
    let phrases = context.lang.phrases();
    Ok(match tx.export(context.place.chat).await? {
        Some(kept) => {
            let file = serde_json::to_string_pretty(&kept).unwrap_or_default();
            CommandReply::File(message::plain(phrases.export), file)
        }
        None => message::plain(phrases.nothing_kept).into(),
    })
}
