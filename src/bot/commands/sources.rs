//! `/sources`: the sources, each with a button to subscribe or unsubscribe.
//!
//! Grammar: `/sources`. Further words are ignored.

pub(in crate::bot) use crate::bot::argument::{NoArgument as Argument, ignore as parse};

use crate::{
    bot::{
        context::Context,
        reply::{CallbackReply, CommandReply},
    },
    domain::{Message, SourceId, callback::SubscriptionChange},
    message,
    store::{Result, SubscribeResult, UpdateTx},
};

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    Argument: Argument,
) -> Result<CommandReply> {
    Ok(show(tx, context, 0).await?.into())
}

/// Returns a page of the sources, counted from 0.
pub(in crate::bot) async fn show(
    tx: &mut UpdateTx,
    context: Context<'_>,
    page: u32,
) -> Result<Message> {
    let sources = tx.source_overviews(context.target).await?;
    let zone = tx.zone(context.target).await?;
    let page = usize::try_from(page).unwrap_or(0);
    Ok(message::sources(&sources, page, context.button_target(), zone, context.lang))
}

/// Changes a subscription, and shows the page of its source.
pub(in crate::bot) async fn handle_callback(
    tx: &mut UpdateTx,
    context: Context<'_>,
    source_id: SourceId,
    change: SubscriptionChange,
) -> Result<CallbackReply> {
    let words = match change {
        SubscriptionChange::Subscribe => subscribe(tx, context, source_id).await?,
        SubscriptionChange::Unsubscribe => {
            tx.unsubscribe_from(context.target, source_id).await?;
            context.lang.phrases().unsubscribed_from.to_owned()
        }
    };
    let page = page_of(tx, context, source_id).await?;
    Ok(CallbackReply::edit(show(tx, context, page).await?).with_toast(words))
}

/// Subscribes to a source, and returns the words for the user.
async fn subscribe(tx: &mut UpdateTx, context: Context<'_>, source_id: SourceId) -> Result<String> {
    let phrases = context.lang.phrases();
    // Callback data can be made up: a source that is not listed here does not exist here.
    let sources = tx.source_overviews(context.target).await?;
    if !sources.iter().any(|source| source.source_id == source_id) {
        return Ok(phrases.unknown_source.to_owned());
    }
    let most = context.policy.subscriptions_max;
    let result =
        tx.subscribe_to(context.target, context.target_kind, context.lang, source_id, most).await?;
    Ok(match result {
        SubscribeResult::Yes | SubscribeResult::Already => phrases.subscribed_to.to_owned(),
        SubscribeResult::TooMany => {
            context.too_many(tx, (phrases.too_many_sources)(most as i64)).await?
        }
        SubscribeResult::Unknown => phrases.unknown_source.to_owned(),
    })
}

/// Returns the page that lists a source.
async fn page_of(tx: &mut UpdateTx, context: Context<'_>, source_id: SourceId) -> Result<u32> {
    let sources = tx.source_overviews(context.target).await?;
    let at = sources.iter().position(|source| source.source_id == source_id).unwrap_or(0);
    Ok(u32::try_from(at / message::PAGE_SOURCES).unwrap_or(0))
}
