//! `/export`: everything that is stored about a chat, as JSON.
//!
//! Guarantees: the keys of the JSON object stay as they are; programs read them.

use crate::domain::ChatId;
use crate::store::{Result, UpdateTx, removals};

/// The most messages that an export lists.
const EXPORTED_MAX: i64 = 1000;

impl UpdateTx {
    /// Returns everything that is stored about a chat; `None`: nothing is.
    pub async fn export(&mut self, chat: ChatId) -> Result<Option<serde_json::Value>> {
        let kept: Option<String> = sqlx::query_scalar(
            "select json_object(
                'chat', id, 'kind', kind, 'language', lang,
                'since', strftime('%Y-%m-%dT%H:%M:%SZ', joined_at / 1000, 'unixepoch'),
                'settings', json(ifnull(settings, '{}')),
                'subscriptions', (select json_group_array(json_object(
                        'source', source.name, 'title', source.title, 'url', source.url,
                        'topic', nullif(thread_id, 0),
                        'since', strftime('%Y-%m-%dT%H:%M:%SZ', since_at / 1000, 'unixepoch'),
                        'settings', json(ifnull(s.settings, '{}'))))
                    from subscription s join source on source.id = s.source_id
                    where s.chat_id = chat.id),
                'counters', (select json_group_array(json_object(
                        'topic', nullif(thread_id, 0), 'since', since_on, 'text', words))
                    from custom_counter where chat_id = chat.id),
                'daily_counters', (select json_group_array(json_object(
                        'topic', nullif(thread_id, 0),
                        'time', format('%02d:%02d', minute / 60, minute % 60)))
                    from counter_schedule where chat_id = chat.id and minute is not null),
                'pages_looked_at', (select json_group_array(url) from (
                    select url from watch_candidate where chat_id = chat.id
                    union select url from job where chat_id = chat.id and url is not null)),
                'waiting', (select count(*) from delivery
                    where chat_id = chat.id and settled_at is null),
                'messages', (select json_group_array(json_object(
                        'message', message_id, 'state', state, 'topic', nullif(thread_id, 0),
                        'made', strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch')))
                    from (select * from delivery where chat_id = chat.id and settled_at is not null
                        and lane > 0 order by id desc limit ?2))
             ) from chat where id = ?1",
        )
        .bind(chat)
        .bind(EXPORTED_MAX)
        .fetch_optional(&mut *self.tx)
        .await?;
        let mut kept: Option<serde_json::Value> =
            kept.and_then(|json| serde_json::from_str(&json).ok());
        let restorable = removals::export(&mut self.tx, chat).await?;
        if let Some(kept) = kept.as_mut().filter(|_| !restorable.is_empty()) {
            kept["can_be_restored"] = restorable.into();
        }
        Ok(kept)
    }
}
