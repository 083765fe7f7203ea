//! `/start`: subscribes the place, or does what a deep link asks for. Within ten minutes after
//! `/stop` it restores what that removed.
//!
//! Grammar: `/start`, `/start rENTRY` shows an entry's full text, `/start SOURCE` subscribes to one
//! source. Any other payload is ignored: it is of another bot, or of a source that was removed.

use super::{read, stop};
use crate::{
    bot::{context::Context, reply::CommandReply, source_name::find_source},
    domain::EntryRef,
    message,
    store::{Result, SubscribeResult, UpdateTx},
};

/// The payload of the deep link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// An entry to read.
    Read(EntryRef),
    /// Perhaps the name of a source; empty without a deep link.
    Subscribe(String),
}

pub(in crate::bot) fn parse(text: &str) -> Argument {
    let entry_ref = text.strip_prefix('r').and_then(|text| text.parse().ok());
    match entry_ref.filter(|entry_ref: &EntryRef| entry_ref.entry_id.0 > 0) {
        Some(entry_ref) => Argument::Read(entry_ref),
        None => Argument::Subscribe(text.to_owned()),
    }
}

/// Whether it subscribes the place.
pub(in crate::bot) fn subscribes(argument: &Argument) -> bool {
    matches!(argument, Argument::Subscribe(_))
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    match argument {
        Argument::Read(entry_ref) => read::reply(tx, context, entry_ref).await,
        Argument::Subscribe(name) => subscribe(tx, context, &name).await,
    }
}

async fn subscribe(tx: &mut UpdateTx, context: Context<'_>, name: &str) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    let Context { place, kind, lang, .. } = context;
    let sources = tx.source_overviews(place).await?;
    let is_new = match find_source(&sources, name) {
        Some(source) => {
            let most = context.policy.subscriptions_max;
            match tx.subscribe_to(place, kind, lang, source.source_id, most).await? {
                SubscribeResult::Yes => true,
                SubscribeResult::Already => false,
                SubscribeResult::TooMany => {
                    let words = (phrases.too_many_sources)(most as i64);
                    return Ok(message::plain(&context.too_many(tx, words).await?).into());
                }
                SubscribeResult::Unknown => {
                    return Ok(message::plain(phrases.unknown_source).into());
                }
            }
        }
        None => {
            let is_restored = tx.restore(place).await?;
            let subscribed = tx.subscribe(place, kind, lang).await?;
            if is_restored {
                return Ok(stop::restored(tx, context).await?.into());
            }
            subscribed.added > 0
        }
    };
    let titles = tx.titles(place).await?;
    Ok(message::greeting(&titles, is_new, kind, lang).into())
}
