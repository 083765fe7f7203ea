//! Ephemeral replies: answers to callback and inline queries. They are not stored, and dropped if
//! they are late; the user presses or types again.

use super::inline;
use crate::{
    store::{Store, StoreError},
    telegram::{InlineQuery, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use std::time::Duration;

/// Replies that are sent at the same time.
const CONCURRENT_MAX: usize = 16;
/// How long sending all of them may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// A reply that is of use only for some seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EphemeralReply {
    /// The answer to the callback query of this ID, with words or without.
    Callback(String, Option<String>),
    /// The answer to an inline query, which is still to be searched for.
    Inline(InlineQuery),
}

/// Sends ephemeral replies. What takes longer than a few seconds is dropped.
///
/// # Errors
///
/// Fails if the database cannot be read. What Telegram refuses is logged only.
pub async fn send_ephemeral<T: Telegram>(
    store: &Store,
    telegram: &T,
    replies: Vec<EphemeralReply>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let send = |reply: EphemeralReply| async move {
        let result = match reply {
            EphemeralReply::Callback(id, words) => {
                telegram.answer_callback_query(&id, words.as_deref()).await
            }
            EphemeralReply::Inline(query) => {
                // A write to the disk for each letter that is typed would be too much.
                let mut tx = store.read_only(now).await?;
                let results = inline::results(&mut tx, &query).await?;
                tx.close().await?;
                telegram.answer_inline_query(&query.query_id, &results).await
            }
        };
        if let Err(error) = result {
            tracing::debug!("a callback or inline query was not answered: {error}");
        }
        Ok::<(), StoreError>(())
    };
    let all = stream::iter(replies.into_iter().map(send)).buffer_unordered(CONCURRENT_MAX);
    match tokio::time::timeout(SEND_TIMEOUT, all.collect::<Vec<_>>()).await {
        Ok(results) => results.into_iter().collect(),
        Err(_) => {
            tracing::debug!(
                "answers to callback and inline queries are dropped: it takes too long"
            );
            Ok(())
        }
    }
}
