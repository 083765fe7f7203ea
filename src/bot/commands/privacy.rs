//! `/privacy`: which data is kept about a chat.
//!
//! Grammar: `/privacy`. Further words are ignored.

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
    let mut words = phrases.privacy.to_owned();
    if let Some(until) = tx.kept_until(context.place).await? {
        let zone = tx.zone(context.place).await?;
        words += "\n\n";
        words += &(phrases.privacy_kept)(&message::settings::local_time(zone, until));
    }
    Ok(message::plain(&words).into())
}
