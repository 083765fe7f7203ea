//! `/unwatch`: ends the subscription to a source.
//!
//! Grammar: `/unwatch [SOURCE]`, by a part of its title, its permanent name or its address.

use crate::{
    bot::{context::Context, reply::CommandReply, source_name::find_source},
    message,
    store::{Result, UpdateTx},
};

/// The words that name a source; may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument(String);

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Argument(text.to_owned())
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    Argument(name): Argument,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    let mut subscribed = tx.source_overviews(context.target).await?;
    subscribed.retain(|source| source.is_subscribed);
    let by_url = || subscribed.iter().find(|source| !name.is_empty() && source.url == name);
    if let Some(source) = find_source(&subscribed, &name).or_else(by_url) {
        tx.unsubscribe_from(context.target, source.source_id).await?;
        return Ok(message::plain(&(phrases.unwatched)(&source.title)).into());
    }
    let words = if subscribed.is_empty() { phrases.not_subscribed } else { phrases.which_to_drop };
    let message = message::plain(words);
    Ok(message::unsubscribe_list(message, &subscribed, context.button_target()).into())
}
