//! Settings that were chosen for a chat, or for one source in a place.
//!
//! Guarantees: a change holds for everything that was not sent yet. What waits for a time that the
//! chat chose is checked again at once.
//! Out of scope: what settings mean (`domain::settings`).

use super::{
    Result, UpdateTx,
    encoding::{millis, settings_from_json, thread},
    zone::zone_in,
};
use crate::domain::{Place, SettingsOverrides, SourceId, Zone};

impl UpdateTx {
    /// Returns the settings for a source in a place; `None`: the place is not subscribed to it.
    pub async fn source_settings(
        &mut self,
        place: Place,
        source_id: SourceId,
    ) -> Result<Option<SettingsOverrides>> {
        let row: Option<Option<String>> = sqlx::query_scalar(
            "select settings from subscription where source_id = ? and chat_id = ? and thread_id = ?",
        )
        .bind(source_id)
        .bind(place.chat)
        .bind(thread(place))
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.map(|settings| settings_from_json(settings.as_deref())))
    }

    /// Sets the settings of a chat that is known, or with `source_id` those for one source in a place.
    pub async fn set_settings(
        &mut self,
        place: Place,
        source_id: Option<SourceId>,
        chosen: &SettingsOverrides,
    ) -> Result<()> {
        let settings =
            (!chosen.is_empty()).then(|| serde_json::to_string(chosen).unwrap_or_default());
        match source_id {
            None => {
                sqlx::query("update chat set settings = ? where id = ?")
                    .bind(settings)
                    .bind(place.chat)
                    .execute(&mut *self.tx)
                    .await?;
                self.reschedule_counters(place).await?;
            }
            Some(source_id) => {
                sqlx::query(
                    "update subscription set settings = ?
                     where source_id = ? and chat_id = ? and thread_id = ?",
                )
                .bind(settings)
                .bind(source_id)
                .bind(place.chat)
                .bind(thread(place))
                .execute(&mut *self.tx)
                .await?;
            }
        }
        // What waits for a time is checked again at once.
        sqlx::query(
            "update delivery indexed by delivery_queue set due_at = min(due_at, ?2)
             where chat_id = ?1 and lane = 2 and settled_at is null and state = 'pending'",
        )
        .bind(place.chat)
        .bind(millis(self.now))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Returns the time zone of a place: the one that its chat chose, or that of its first source.
    pub async fn zone(&mut self, place: Place) -> Result<Zone> {
        let chosen = self.chat(place.chat).await?.map(|chat| chat.settings).unwrap_or_default();
        zone_in(&mut self.tx, place, &chosen).await
    }
}
