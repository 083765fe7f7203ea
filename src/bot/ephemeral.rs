//! What is said for the moment only: whoever does not get it presses or types again.

use super::inline;
use crate::{
    store::{Store, StoreError},
    telegram::{InlineQuery, Telegram},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use std::time::Duration;

/// What is said at the same time, and how long it may take.
const AT_ONCE: usize = 16;
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// Something to be said at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EphemeralReply {
    /// That a press was heard, with words or without.
    Press(String, Option<String>),
    /// What is offered to an inline question.
    Inline(InlineQuery),
}

/// Says it all, side by side; what takes too long is dropped.
pub async fn send_ephemeral<T: Telegram>(
    store: &Store,
    telegram: &T,
    moments: Vec<EphemeralReply>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let one = |moment: EphemeralReply| async move {
        let answered = match moment {
            EphemeralReply::Press(id, words) => {
                telegram.answer_callback_query(&id, words.as_deref()).await
            }
            EphemeralReply::Inline(asked) => {
                // Somebody types: this is not worth a write to the disk for each letter.
                let mut tx = store.read_only(now).await?;
                let offers = inline::results(&mut tx, &asked).await?;
                tx.close().await?;
                telegram.answer_inline_query(&asked.query_id, &offers).await
            }
        };
        if let Err(error) = answered {
            tracing::debug!("a press or an inline question was not answered: {error}");
        }
        Ok::<(), StoreError>(())
    };
    let all = stream::iter(moments.into_iter().map(one)).buffer_unordered(AT_ONCE);
    match tokio::time::timeout(SEND_TIMEOUT, all.collect::<Vec<_>>()).await {
        Ok(said) => said.into_iter().collect(),
        Err(_) => {
            tracing::debug!("presses and inline questions stay unanswered: it takes too long");
            Ok(())
        }
    }
}
