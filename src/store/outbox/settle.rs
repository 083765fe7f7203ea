//! Settling deliveries: writing the outcome of an attempt.
//!
//! Guarantees: a settlement applies to the attempt that it names, or has no effect. Merged deliveries
//! share the outcome of the one that they are merged into.
//! Out of scope: what an outcome means (`domain::delivery`).

use super::{claim::Claimed, payload::Payload, status::DeliveryStatus};
use crate::domain::{DeliveryId, MessageId, Place, Settlement};
use crate::store::{
    Result, Store,
    encoding::{millis, thread},
    privacy::{delete, migrate},
    tx::Tx,
};
use chrono::{DateTime, Utc};
use std::time::Duration;

impl Store {
    /// Applies the settlements of claimed deliveries, all of them or none.
    pub async fn settle(
        &self,
        settled: &[(&Claimed, Settlement)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        for (claimed, settlement) in settled {
            settle(&mut tx, claimed, settlement, now).await?;
        }
        tx.commit().await
    }
}

/// How a delivery ends.
enum Ending<'a> {
    /// It was sent; the message id.
    Sent(MessageId),
    /// It was given up; why.
    Dead(&'a str),
}

/// How a delivery is tried again.
#[derive(Default)]
struct Retry<'a> {
    wait: Duration,
    /// Whether it may have arrived.
    is_unanswered: bool,
    /// Whether Telegram answered other messages meanwhile.
    is_ignored: bool,
    is_plain: bool,
    /// Whether it neither edits nor replies any more.
    is_new_message: bool,
    why: Option<&'a str>,
}

/// Applies a settlement to the attempt that it is about.
async fn settle(
    tx: &mut Tx,
    claimed: &Claimed,
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> Result<()> {
    let place = claimed.place;
    let retry = match settlement {
        Settlement::Sent(message_id) => {
            return finish(tx, claimed, &Ending::Sent(*message_id), now).await;
        }
        Settlement::Dead(why) => return finish(tx, claimed, &Ending::Dead(why), now).await,
        Settlement::ForgetPlace(why) => return forget(tx, claimed, Some(place), why, now).await,
        Settlement::ForgetChat(why) => return forget(tx, claimed, None, why, now).await,
        Settlement::Migrate(to) => {
            try_again(tx, claimed, &Retry::default(), now).await?;
            return migrate::migrate(tx, place.chat, *to, now).await;
        }
        Settlement::Again { wait, why } => {
            Retry { wait: *wait, why: Some(why), ..Retry::default() }
        }
        Settlement::AgainUnanswered { wait, ignored } => {
            Retry { wait: *wait, is_unanswered: true, is_ignored: *ignored, ..Retry::default() }
        }
        Settlement::AgainPlain(why) => Retry { is_plain: true, why: Some(why), ..Retry::default() },
        Settlement::AgainAsNew(why) => {
            Retry { is_new_message: true, why: Some(why), ..Retry::default() }
        }
    };
    try_again(tx, claimed, &retry, now).await
}

/// Forgets a topic (`place`) or the whole chat. If the attempt is not the current one, the chat may
/// have come back since.
async fn forget(
    tx: &mut Tx,
    claimed: &Claimed,
    place: Option<Place>,
    why: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if !is_current_attempt(tx, claimed).await? {
        return Ok(());
    }
    match place {
        Some(place) => delete::delete_place(tx, place, why, now).await,
        None => delete::delete_chat(tx, claimed.place.chat, why, now).await,
    }
}

/// Whether the attempt is the one that is in flight.
async fn is_current_attempt(tx: &mut Tx, claimed: &Claimed) -> Result<bool> {
    let sql = "select exists (select 1 from delivery
        where id = ? and attempt = ? and state = 'in_flight')";
    let query = sqlx::query_scalar(sql).bind(claimed.delivery_id).bind(claimed.tries.attempt);
    Ok(query.fetch_one(&mut **tx).await?)
}

/// Makes a delivery due again, and defers the deliveries queued behind it.
async fn try_again(
    tx: &mut Tx,
    claimed: &Claimed,
    retry: &Retry<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let due_at = now + retry.wait;
    let done = sqlx::query(
        "update delivery set state = 'pending', due_at = ?3, unanswered = unanswered + ?4,
            ignored = ignored + ?5, plain = max(plain, ?6), reason = ifnull(?7, reason),
            edit_id = iif(?8, null, edit_id), reply_id = iif(?8, null, reply_id)
         where id = ?1 and attempt = ?2 and state = 'in_flight'",
    )
    .bind(claimed.delivery_id)
    .bind(claimed.tries.attempt)
    .bind(millis(due_at))
    .bind(retry.is_unanswered)
    .bind(retry.is_ignored)
    .bind(retry.is_plain)
    .bind(retry.why)
    .bind(retry.is_new_message)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 || due_at <= now {
        return Ok(());
    }
    // Otherwise every claim would check those deliveries again.
    sqlx::query(
        "update delivery indexed by delivery_queue set due_at = ?4
         where chat_id = ?1 and thread_id = ?2 and settled_at is null and due_at < ?4
            and lane = (select lane from delivery where id = ?3) and id > ?3",
    )
    .bind(claimed.place.chat)
    .bind(thread(claimed.place))
    .bind(claimed.delivery_id)
    .bind(millis(due_at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends a delivery. A reply is deleted: nothing needs it any more.
async fn finish(
    tx: &mut Tx,
    claimed: &Claimed,
    ending: &Ending<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    if let Payload::Reply(_) = claimed.content {
        sqlx::query("delete from delivery where id = ?1 and attempt = ?2 and state = 'in_flight'")
            .bind(claimed.delivery_id)
            .bind(claimed.tries.attempt)
            .execute(&mut **tx)
            .await?;
        return Ok(());
    }
    let (status, message_id, why) = match ending {
        Ending::Sent(message_id) => (DeliveryStatus::Sent, Some(*message_id), None),
        Ending::Dead(why) => (DeliveryStatus::Dead, None, Some(*why)),
    };
    let done = sqlx::query(
        // Why a message was sent as plain text stays known.
        "update delivery set state = ?3, message_id = ?4,
            reason = iif(?3 = 'sent' and plain = 1, reason, ?5), settled_at = ?6
         where id = ?1 and attempt = ?2 and state = 'in_flight'",
    )
    .bind(claimed.delivery_id)
    .bind(claimed.tries.attempt)
    .bind(status.as_str())
    .bind(message_id)
    .bind(why)
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() > 0 {
        finish_merged(tx, claimed.delivery_id, ending, now).await?;
    }
    Ok(())
}

/// Ends the deliveries that were merged into one that was sent. If it was given up, they are sent
/// separately.
async fn finish_merged(
    tx: &mut Tx,
    delivery_id: DeliveryId,
    ending: &Ending<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let query = match ending {
        Ending::Sent(message_id) => sqlx::query(
            "update delivery set state = ?2, message_id = ?3, settled_at = ?4
             where merged_into_id = ?1 and settled_at is null",
        )
        .bind(delivery_id)
        .bind(DeliveryStatus::Sent.as_str())
        .bind(*message_id)
        .bind(millis(now)),
        Ending::Dead(_) => {
            sqlx::query("update delivery set merged_into_id = null where merged_into_id = ?1")
                .bind(delivery_id)
        }
    };
    query.execute(&mut **tx).await?;
    Ok(())
}
