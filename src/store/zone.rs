//! The time zone of a place, where its chat chose none.

use super::{Result, encoding::thread, tx::Tx};
use crate::domain::{Place, SettingsOverrides, Zone};

/// Returns the time zone of a place: the one that its chat chose, or that of its first source.
pub(super) async fn zone_in(tx: &mut Tx, place: Place, chosen: &SettingsOverrides) -> Result<Zone> {
    if let Some(zone) = chosen.zone {
        return Ok(zone);
    }
    let zone: Option<String> = sqlx::query_scalar(
        "select zone from source left join subscription s
            on s.source_id = source.id and s.chat_id = ? and s.thread_id = ?
         where watched = 1 and (origin = 'operator' or s.chat_id is not null)
         order by s.chat_id is null, name limit 1",
    )
    .bind(place.chat)
    .bind(thread(place))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(zone.and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC))
}
