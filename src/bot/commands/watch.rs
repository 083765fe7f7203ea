//! `/watch ADDRESS`, for whom the operator lets: the page is read first, and subscribed to when its reader
//! says that it is right. `/unwatch [source]` ends a subscription.

use crate::bot::{Context, find_source};
use crate::{
    domain::{Message, web_url::has_userinfo},
    message,
    store::{Enqueued, Result, SubscribeResult, UpdateTx},
};
use url::Url;

/// The longest address, in bytes.
const URL_BYTES_MAX: usize = 1000;

pub(crate) async fn watch(tx: &mut UpdateTx, ask: Context<'_>, argument: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    if !ask.policy.may_watch(ask.user_id) {
        return Ok(message::plain(phrases.watch_off));
    }
    let Some(url) = address(argument) else {
        return Ok(ask.usage(phrases.watch_usage));
    };
    let (about, reply_id) = (ask.button_target(), Some(ask.message_id));
    let sent = tx.enqueue_page_job(ask.place, about, reply_id, ask.lang, &url).await?;
    let words = match sent {
        Enqueued::Yes => (phrases.watch_reading)(url.host_str().unwrap_or_default()),
        Enqueued::TooMany => phrases.busy.to_owned(),
    };
    Ok(message::plain(&words))
}

/// A web address as people write it, with or without the scheme.
fn address(text: &str) -> Option<Url> {
    if text.is_empty() || text.len() > URL_BYTES_MAX || text.contains(char::is_whitespace) {
        return None;
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&whole).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let has_dot = url.host_str().is_some_and(|host| host.contains('.') || host.contains(':'));
    let is_plain = !has_userinfo(&url);
    url.set_fragment(None);
    (is_web && has_dot && is_plain).then_some(url)
}

/// What follows from the answer to "is it right?".
pub(crate) async fn confirm_watch(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    probe_id: i64,
    is_right: bool,
) -> Result<Message> {
    let phrases = ask.lang.phrases();
    if !is_right {
        let url = tx.watch_candidate_url(probe_id, ask.place).await?;
        if let Some(mut url) = url.and_then(|url| Url::parse(&url).ok()) {
            // What may be personal in an address stands there.
            url.set_query(None);
            tracing::info!(
                "somebody who asked for {url} says that its list is misread: see `communique check`"
            );
        }
        return Ok(message::plain(phrases.watch_wrong));
    }
    if !ask.policy.may_watch(ask.user_id) {
        return Ok(message::plain(phrases.watch_off));
    }
    let Some(url) = tx.watch_candidate_url(probe_id, ask.place).await? else {
        return Ok(message::plain(phrases.button_old));
    };
    // Nothing is watched for whom it is too much; whoever has it already, by a double tap, is told so.
    let cards = tx.source_overviews(ask.target).await?;
    let has_it = cards.iter().any(|card| card.is_subscribed && card.url == url);
    let most = ask.policy.subscriptions_max;
    if !has_it && tx.subscriptions(ask.target.chat).await? >= most {
        let words = (phrases.too_many_sources)(most as i64);
        return Ok(message::plain(&ask.too_many(tx, words).await?));
    }
    let watched_max = ask.policy.watched_max;
    let Some(source_id) = tx.accept_watch_candidate(probe_id, ask.place, watched_max).await? else {
        return Ok(message::plain(phrases.watch_full));
    };
    let chosen = tx.subscribe_to(ask.target, ask.target_kind, ask.lang, source_id, most).await?;
    let words = match chosen {
        SubscribeResult::Yes | SubscribeResult::Already => phrases.watch_done.to_owned(),
        SubscribeResult::TooMany => {
            ask.too_many(tx, (phrases.too_many_sources)(most as i64)).await?
        }
        SubscribeResult::Unknown => phrases.unknown_source.to_owned(),
    };
    Ok(message::plain(&words))
}

pub(crate) async fn unwatch(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    argument: &str,
) -> Result<Message> {
    let cards = tx.source_overviews(ask.target).await?;
    let mine: Vec<_> = cards.into_iter().filter(|card| card.is_subscribed).collect();
    let named = find_source(&mine, argument)
        .or_else(|| mine.iter().find(|card| !argument.is_empty() && card.url == argument));
    match named {
        Some(card) => {
            tx.unsubscribe_from(ask.target, card.source_id).await?;
            Ok(message::plain(&(ask.lang.phrases().unwatched)(&card.title)))
        }
        None => {
            let phrases = ask.lang.phrases();
            let words =
                if mine.is_empty() { phrases.not_subscribed } else { phrases.which_to_drop };
            Ok(message::unsubscribe_list(message::plain(words), &mine, ask.button_target()))
        }
    }
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
