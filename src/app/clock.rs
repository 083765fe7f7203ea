//! The clock: the one place that reads the time.
//!
//! Guarantees: everything else gets the time as an argument, so that tests choose it.

use chrono::{DateTime, Utc};

/// Returns the current time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
