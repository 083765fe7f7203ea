//! Subscriptions of places to sources.
//!
//! Guarantees: a new subscription receives only notifications that are created after it.
//! Out of scope: `/stop` and restoring (`removals`), and deleting a chat (`privacy`).

use super::{
    Result, UpdateTx,
    encoding::{millis, thread},
};
use crate::domain::{ChatId, ChatKind, Lang, Place, SourceId};

/// The condition for sources that `/start` subscribes to.
pub(super) const IS_DEFAULT: &str = "watched = 1 and origin = 'operator' and is_default = 1";

/// The result of subscribing a place to one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscribeResult {
    /// It is subscribed now.
    Yes,
    /// It was subscribed before.
    Already,
    /// Its chat has as many subscriptions as it may.
    TooMany,
    /// There is no such source.
    Unknown,
}

/// The subscriptions of a place after `/start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribeSummary {
    /// The titles of all its sources, by name.
    pub titles: Vec<String>,
    /// How many of them are new.
    pub added: u64,
}

impl UpdateTx {
    /// Subscribes a place that has no subscription to the default sources.
    pub async fn subscribe(
        &mut self,
        place: Place,
        kind: ChatKind,
        lang: Lang,
    ) -> Result<SubscribeSummary> {
        self.ensure_chat(place.chat, kind, lang).await?;
        let sql = format!(
            "insert or ignore into subscription (source_id, chat_id, thread_id, since_at, after_id)
             select id, ?1, ?2, ?3,
                ifnull((select seq from sqlite_sequence where name = 'notification'), 0)
             from source where {IS_DEFAULT}
                and not exists (select 1 from subscription s join source o on o.id = s.source_id
                    where s.chat_id = ?1 and s.thread_id = ?2 and o.watched = 1)"
        );
        let added = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(place.chat)
            .bind(thread(place))
            .bind(millis(self.now))
            .execute(&mut *self.tx)
            .await?
            .rows_affected();
        Ok(SubscribeSummary { titles: self.titles(place).await?, added })
    }

    /// Subscribes a place to one source, if its chat has fewer than `most` subscriptions.
    pub async fn subscribe_to(
        &mut self,
        place: Place,
        kind: ChatKind,
        lang: Lang,
        source_id: SourceId,
        most: usize,
    ) -> Result<SubscribeResult> {
        let known: Option<(bool, bool)> = sqlx::query_as(
            "select exists (select 1 from subscription
                    where source_id = ?3 and chat_id = ?1 and thread_id = ?2),
                exists (select 1 from removed_subscription
                    where source_id = ?3 and chat_id = ?1 and thread_id = ?2)
             from source where id = ?3 and watched = 1",
        )
        .bind(place.chat)
        .bind(thread(place))
        .bind(source_id)
        .fetch_optional(&mut *self.tx)
        .await?;
        match known {
            None => return Ok(SubscribeResult::Unknown),
            Some((true, _)) => return Ok(SubscribeResult::Already),
            // It is counted already.
            Some((false, true)) => {}
            Some((false, false)) if self.subscriptions(place.chat).await? >= most => {
                return Ok(SubscribeResult::TooMany);
            }
            Some((false, false)) => {}
        }
        self.ensure_chat(place.chat, kind, lang).await?;
        sqlx::query(
            "insert into subscription (source_id, chat_id, thread_id, since_at, after_id)
             values (?, ?, ?, ?,
                ifnull((select seq from sqlite_sequence where name = 'notification'), 0))",
        )
        .bind(source_id)
        .bind(place.chat)
        .bind(thread(place))
        .bind(millis(self.now))
        .execute(&mut *self.tx)
        .await?;
        Ok(SubscribeResult::Yes)
    }

    /// Ends the subscription of a place to one source, and deletes what was still to be sent of it.
    /// Everything else about the place stays. Returns whether it was subscribed.
    pub async fn unsubscribe_from(&mut self, place: Place, source_id: SourceId) -> Result<bool> {
        let ended = sqlx::query(
            "delete from subscription where source_id = ? and chat_id = ? and thread_id = ?",
        )
        .bind(source_id)
        .bind(place.chat)
        .bind(thread(place))
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "delete from delivery where id in (select d.id from delivery d
                join notification n on n.id = d.notification_id
                join entry e on e.id = n.entry_id
                where d.chat_id = ?1 and d.thread_id = ?2 and d.settled_at is null
                    and d.lane > 0 and e.source_id = ?3)",
        )
        .bind(place.chat)
        .bind(thread(place))
        .bind(source_id)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "delete from watch_candidate where chat_id = ? and url = (select url from source where id = ?)",
        )
        .bind(place.chat)
        .bind(source_id)
        .execute(&mut *self.tx)
        .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Returns how many subscriptions a chat has, in all its topics, with those that can be restored.
    pub async fn subscriptions(&mut self, chat: ChatId) -> Result<usize> {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from (
                select source_id, thread_id from subscription where chat_id = ?1
                union select source_id, thread_id from removed_subscription where chat_id = ?1)",
        )
        .bind(chat)
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Returns the titles of the sources that a place is subscribed to, by name.
    pub async fn titles(&mut self, place: Place) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select title from subscription s join source on source.id = s.source_id
             where chat_id = ? and thread_id = ? and watched = 1 order by name",
        )
        .bind(place.chat)
        .bind(thread(place))
        .fetch_all(&mut *self.tx)
        .await?)
    }
}
