//! The states of a delivery.

use crate::domain::word_enum::word_enum;
use std::fmt;

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It waits.
    Pending,
    /// It was sent, and there is no response yet.
    InFlight,
    /// It arrived.
    Sent,
    /// It was given up.
    Dead,
}

word_enum!(DeliveryStatus {
    Pending => "pending",
    InFlight => "in_flight",
    Sent => "sent",
    Dead => "dead",
});

impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
