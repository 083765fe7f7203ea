//! Moving a group to the id of the supergroup that it became.

use crate::domain::ChatId;
use crate::store::{Result, UpdateTx, outbox::fanout, tx::Tx};
use chrono::{DateTime, Utc};

impl UpdateTx {
    /// Moves what is stored about a group to the supergroup that it became.
    pub async fn migrate(&mut self, from: ChatId, to: ChatId) -> Result<()> {
        migrate(&mut self.tx, from, to, self.now).await
    }
}

/// Moves a chat to another id. If both are known, what the new one has takes precedence.
pub(in crate::store) async fn migrate(
    tx: &mut Tx,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<()> {
    if from == to {
        return Ok(());
    }
    fanout::materialize_for_chat(tx, from, now).await?;
    for statement in [
        "insert or ignore into chat (id, kind, lang, joined_at, settings, is_lang_chosen)
            select ?2, kind, lang, joined_at, settings, is_lang_chosen from chat where id = ?1",
        "update or ignore pending_removal set chat_id = ?2 where chat_id = ?1",
        "update or ignore subscription set chat_id = ?2 where chat_id = ?1",
        "update custom_counter set chat_id = ?2 where chat_id = ?1",
        "update or ignore counter_schedule set chat_id = ?2 where chat_id = ?1",
        "update job set chat_id = ?2 where chat_id = ?1",
        "delete from chat where id = ?1",
        "update or ignore delivery set chat_id = ?2 where chat_id = ?1 and settled_at is null",
        "update or ignore delivery set chat_id = ?2 where chat_id = ?1 and settled_at is not null",
        "delete from delivery where chat_id = ?1 and settled_at is null",
        "delete from delivery where chat_id = ?1 and settled_at is not null",
    ] {
        sqlx::query(statement).bind(from).bind(to).execute(&mut **tx).await?;
    }
    Ok(())
}
