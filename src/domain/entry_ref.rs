//! The reference to an entry in buttons and links.

use std::{fmt, num::ParseIntError, str::FromStr};

/// The reference to an entry: `17`, or `17-2309737967` if its source is private to a chat. Only members of
/// that chat, and whom they pass the link to, know the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef {
    /// The ID of the entry.
    pub entry_id: i64,
    /// An unguessable token; 0 for public sources.
    pub secret: u32,
}

impl fmt::Display for EntryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.secret {
            0 => write!(f, "{}", self.entry_id),
            secret => write!(f, "{}-{secret}", self.entry_id),
        }
    }
}

impl FromStr for EntryRef {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (entry_id, secret) = text.split_once('-').unwrap_or((text, "0"));
        Ok(EntryRef { entry_id: entry_id.parse()?, secret: secret.parse()? })
    }
}
