//! How values are stored: instants in milliseconds, days and lists as text, places as two numbers.
//!
//! Guarantees: a stored value that cannot be read becomes an empty one; it never fails a transaction.

use crate::domain::{
    ChatId, DeliveryId, EntryId, MessageId, NotificationId, Place, SettingsOverrides, SourceId,
    ThreadId, UpdateId, UserId,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Database, Decode, Encode, Sqlite, Type, encode::IsNull, error::BoxDynError,
    sqlite::SqliteTypeInfo,
};

/// Stores ids as their numbers. The types of `domain` do not know the database.
macro_rules! stored_as_number {
    ($($id:ident),+) => {$(
        impl Type<Sqlite> for $id {
            fn type_info() -> SqliteTypeInfo {
                <i64 as Type<Sqlite>>::type_info()
            }

            fn compatible(ty: &SqliteTypeInfo) -> bool {
                <i64 as Type<Sqlite>>::compatible(ty)
            }
        }

        impl Encode<'_, Sqlite> for $id {
            fn encode_by_ref(
                &self,
                buffer: &mut <Sqlite as Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                <i64 as Encode<'_, Sqlite>>::encode_by_ref(&self.0, buffer)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $id {
            fn decode(value: <Sqlite as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                <i64 as Decode<'r, Sqlite>>::decode(value).map($id)
            }
        }
    )+};
}

stored_as_number!(
    ChatId,
    DeliveryId,
    EntryId,
    MessageId,
    NotificationId,
    SourceId,
    UpdateId,
    UserId
);

/// Encodes an instant.
pub(super) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// Decodes an instant. Values out of range become the epoch.
pub(super) fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// Decodes a day.
pub(super) fn day(text: Option<&str>) -> Option<NaiveDate> {
    text.and_then(|text| text.parse().ok())
}

/// Encodes the topic of a place.
pub(super) fn thread(place: Place) -> i64 {
    place.thread.map_or(0, |thread| i64::from(thread.0))
}

/// Decodes a place.
pub(super) fn place(chat_id: i64, thread_id: i64) -> Place {
    let thread = i32::try_from(thread_id).ok().filter(|id| *id != 0).map(ThreadId);
    Place { chat: ChatId(chat_id), thread }
}

/// Decodes settings. What cannot be read was written by a later version, and counts as not chosen.
pub(super) fn settings_from_json(json: Option<&str>) -> SettingsOverrides {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Decodes JSON.
pub(super) fn from_json<T: DeserializeOwned + Default>(text: Option<String>) -> T {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Encodes a list as JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}
