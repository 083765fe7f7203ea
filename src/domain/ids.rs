//! The ids of things in the database and at Telegram, one type each.
//!
//! Guarantees: an id is displayed, parsed and serialized as its number alone.
//! Out of scope: the ids of chats and topics (`chat`), and how ids are stored (`store`).

use serde::{Deserialize, Serialize};
use std::{fmt, num::ParseIntError, str::FromStr};

/// Defines the types of ids.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map($name)
            }
        }
    )+};
}

ids! {
    /// The id of a source.
    SourceId,
    /// The id of an entry.
    EntryId,
    /// The id of a delivery.
    DeliveryId,
    /// The id of a notification.
    NotificationId,
    /// The id of a user at Telegram.
    UserId,
    /// The id of a message in its chat.
    MessageId,
    /// The id of an update at Telegram.
    UpdateId,
}
