//! `/watch`: adds a page, if the operator permits it. A job reads the page and shows a preview; the
//! user subscribes with its button.
//!
//! Grammar: `/watch ADDRESS`, with or without the scheme.

use crate::domain::web_url::is_http;
use crate::{
    bot::{
        context::Context,
        reply::{CallbackReply, CommandReply},
    },
    domain::{Message, callback::WatchAnswer, web_url::has_userinfo},
    message,
    store::{Enqueued, Result, SubscribeResult, UpdateTx},
};
use url::Url;

/// The longest address, in bytes.
const URL_BYTES_MAX: usize = 1000;

/// The address of the page; `None` if it is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument(Option<Url>);

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Argument(address(text))
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    Argument(url): Argument,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    if !context.policy.may_watch(context.user_id) {
        return Ok(message::plain(phrases.watch_off).into());
    }
    let Some(url) = url else {
        return Ok(context.usage(phrases.watch_usage).into());
    };
    let (target, reply_id) = (context.button_target(), Some(context.message_id));
    let enqueued = tx.enqueue_page_job(context.place, target, reply_id, context.lang, &url).await?;
    let words = match enqueued {
        Enqueued::Yes => (phrases.watch_reading)(url.host_str().unwrap_or_default()),
        Enqueued::TooMany => phrases.busy.to_owned(),
    };
    Ok(message::plain(&words).into())
}

/// Returns a web address that is typed with or without the scheme.
fn address(text: &str) -> Option<Url> {
    if text.is_empty() || text.len() > URL_BYTES_MAX || text.contains(char::is_whitespace) {
        return None;
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&whole).ok()?;
    let is_web = is_http(&url);
    let has_dot = url.host_str().is_some_and(|host| host.contains('.') || host.contains(':'));
    let is_plain = !has_userinfo(&url);
    url.set_fragment(None);
    (is_web && has_dot && is_plain).then_some(url)
}

/// Handles the user's answer to the preview of a page.
pub(in crate::bot) async fn handle_callback(
    tx: &mut UpdateTx,
    context: Context<'_>,
    candidate_id: i64,
    answer: WatchAnswer,
) -> Result<CallbackReply> {
    let message = match answer {
        WatchAnswer::Right => confirm(tx, context, candidate_id).await?,
        WatchAnswer::Wrong => reject(tx, context, candidate_id).await?,
    };
    Ok(CallbackReply::edit(match context.button_target() {
        Some(_) => message::in_channel(message, context.lang),
        None => message,
    }))
}

async fn reject(tx: &mut UpdateTx, context: Context<'_>, candidate_id: i64) -> Result<Message> {
    let url = tx.watch_candidate_url(candidate_id, context.place).await?;
    if let Some(mut url) = url.and_then(|url| Url::parse(&url).ok()) {
        // The query may contain personal data.
        url.set_query(None);
        tracing::info!("a user reported that the list of {url} is misread: see `communique check`");
    }
    Ok(message::plain(context.lang.phrases().watch_wrong))
}

async fn confirm(tx: &mut UpdateTx, context: Context<'_>, candidate_id: i64) -> Result<Message> {
    let phrases = context.lang.phrases();
    if !context.policy.may_watch(context.user_id) {
        return Ok(message::plain(phrases.watch_off));
    }
    let Some(url) = tx.watch_candidate_url(candidate_id, context.place).await? else {
        return Ok(message::plain(phrases.button_old));
    };
    // Above the limit no source is added. A second tap on the button is no further subscription.
    let sources = tx.source_overviews(context.target).await?;
    let is_subscribed = sources.iter().any(|source| source.is_subscribed && source.url == url);
    let most = context.policy.subscriptions_max;
    let too_many = || (phrases.too_many_sources)(most as i64);
    if !is_subscribed && tx.subscriptions(context.target.chat).await? >= most {
        return Ok(message::plain(&context.too_many(tx, too_many()).await?));
    }
    let watched_max = context.policy.watched_max;
    let accepted = tx.accept_watch_candidate(candidate_id, context.place, watched_max).await?;
    let Some(source_id) = accepted else {
        return Ok(message::plain(phrases.watch_full));
    };
    let result =
        tx.subscribe_to(context.target, context.target_kind, context.lang, source_id, most).await?;
    let words = match result {
        SubscribeResult::Yes | SubscribeResult::Already => phrases.watch_done.to_owned(),
        SubscribeResult::TooMany => context.too_many(tx, too_many()).await?,
        SubscribeResult::Unknown => phrases.unknown_source.to_owned(),
    };
    Ok(message::plain(&words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let read = |text: &str| address(text).map(String::from);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("www.example.org/news"), some("https://www.example.org/news"));
        assert_eq!(read("http://example.org/#top"), some("http://example.org/"));
        for text in ["", "news", "ftp://example.org/", "a b.example", "https://a:b@example.org/"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
