//! `/channel`: manages a channel from a private chat with one of its admins.
//!
//! Grammar: `/channel CHANNEL`, where the channel is `@name`, a bare name, a link, or an ID
//! (`bot::channel_target`). Forwarding a post of the channel does the same.

pub(in crate::bot) use crate::bot::argument::{NoArgument as Argument, ignore as parse};

use crate::{
    bot::{context::Context, reply::CommandReply},
    message,
    store::{Result, UpdateTx},
};

pub(in crate::bot) async fn run(
    _: &mut UpdateTx,
    context: Context<'_>,
    Argument: Argument,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    if context.target == context.place {
        return Ok(message::plain(phrases.channel_usage).into());
    }
    let id = context.target.chat.to_string();
    let opening = (phrases.channel_menu)(context.channel.unwrap_or(&id));
    Ok(message::channel(&opening, context.button_target(), context.lang).into())
}
