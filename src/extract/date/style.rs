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
    /// Whether little shows the order.
    pub is_order_guessed: bool,
    /// Whether dates with dots have the month first.
    pub is_dotted_month_first: bool,
    /// The only format of dates, in chrono's notation.
    pub format: Option<&'a str>,
    /// The local time that "yesterday" refers to; `None` if it is not known.
    pub now: Option<NaiveDateTime>,
    /// The language that the page declares ("pt-BR"), or `None`: it decides what names of months
    /// mean that several languages have.
    pub lang: Option<&'a str>,
}

impl Style<'_> {
    /// Returns whether the language is one of these, whatever its region and script.
    pub(super) fn is_in(&self, langs: &[&str]) -> bool {
        let lang = self.lang.unwrap_or_default();
        let primary = lang.split(['-', '_']).next().unwrap_or_default();
        langs.iter().any(|known| known.eq_ignore_ascii_case(primary))
    }
}

impl From<DateOrder> for Style<'_> {
    fn from(order: DateOrder) -> Self {
        Style { order, ..Style::default() }
    }
}
