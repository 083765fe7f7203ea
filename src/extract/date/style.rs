//! How a page prints its dates.

use crate::domain::DateOrder;
use chrono::NaiveDateTime;

/// How a page prints its dates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style<'a> {
    /// The order of numeric dates.
    pub order: DateOrder,
    /// Whether the order is configured and not a guess.
    pub is_order_configured: bool,
    /// The only format of dates, in chrono's notation.
    pub format: Option<&'a str>,
    /// The local time that "yesterday" refers to; `None` if it is not known.
    pub now: Option<NaiveDateTime>,
}

impl From<DateOrder> for Style<'_> {
    fn from(order: DateOrder) -> Self {
        Style { order, ..Style::default() }
    }
}
