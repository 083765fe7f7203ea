//! The numeric dates of a text, before it is known which number is the day; and whether its written
//! dates name the month before the day.
//!
//! Guarantees: nothing is decided here (`date_order`); the work is linear in the text, and bounded.

use super::{
    DateOrder, SCANNED_BYTES, Style,
    calendars::{Calendar, century},
    forms::is_longer,
    months::month,
    tokens::{Kind, Token, tokens},
};
use chrono::NaiveDate;

/// Three numbers that may be a date whose year is last, or of which all have two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// As printed.
    values: [u32; 3],
    /// Whether the last one has two digits.
    pub is_short: bool,
    /// Whether dots separate them.
    pub is_dotted: bool,
    /// Whether hyphens do.
    pub is_hyphenated: bool,
}

impl Numbers {
    /// Returns the day that they are in this order.
    pub fn day(&self, order: DateOrder) -> Option<NaiveDate> {
        let [x, y, z] = self.values;
        let (year, month, day) = match order {
            DateOrder::DayFirst => (century(z, self.is_short, Style::default()), y, x),
            DateOrder::MonthFirst => (century(z, self.is_short, Style::default()), x, y),
            DateOrder::YearFirst if self.is_short => (century(x, true, Style::default()), y, z),
            DateOrder::YearFirst => return None,
        };
        let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into());
        Calendar::Gregorian.day(year, month, day.ok()?)
    }

    /// Returns the only order in which the first two numbers can be day and month.
    pub fn only_order(&self) -> Option<DateOrder> {
        let [x, y, _] = self.values;
        match (x, y) {
            (13..=31, 1..=12) => Some(DateOrder::DayFirst),
            (1..=12, 13..=31) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// Returns whether day and month can be swapped, which gives another day.
    pub fn is_ambiguous(&self) -> bool {
        let [x, y, _] = self.values;
        x != y && (1..=12).contains(&x) && (1..=12).contains(&y)
    }

    /// Returns the first and the last number, of which one is the year if all are short.
    pub fn ends(&self) -> (u32, u32) {
        (self.values[0], self.values[2])
    }
}

/// Returns the numeric dates of a text whose order is open, at most `limit`.
pub fn numbers(text: &str, limit: usize) -> Vec<Numbers> {
    let tokens = tokens(text, SCANNED_BYTES);
    let at = |(from, [a, b, c]): (usize, &[Token<'_>; 3])| {
        let (Kind::Number(x, 1..=2), Kind::Number(y, 1..=2), Kind::Number(z, digits @ (2 | 4))) =
            (a.kind, b.kind, c.kind)
        else {
            return None;
        };
        let separator = b.before;
        let is_one = separator == c.before
            && matches!(separator, "/" | "-" | "–" | ".")
            && !is_longer(&tokens, from, from + 2, separator);
        let is_short = digits == 2;
        // "1.2.20" is a number of a section.
        let has_two_digits = a.text.len() == 2 && b.text.len() == 2;
        let found = Numbers {
            values: [x, y, z],
            is_short,
            is_dotted: separator == ".",
            is_hyphenated: matches!(separator, "-" | "–"),
        };
        (is_one && (!is_short || separator == "/" || has_two_digits)).then_some(found)
    };
    tokens.array_windows().enumerate().filter_map(at).take(limit).collect()
}

/// Returns how many more of the written dates of a text have the month before the day than after it.
pub fn months_before_days(text: &str) -> i32 {
    let is_month = |token: &Token<'_>| i32::from(month(token.text).is_some());
    let sign = |[a, b, c]: &[Token<'_>; 3]| match (a.kind, b.kind, c.kind) {
        (Kind::Word, Kind::Number(1..=31, 1..=2), Kind::Number(_, 4)) => is_month(a),
        (Kind::Number(1..=31, 1..=2), Kind::Word, Kind::Number(_, 4)) => -is_month(b),
        _ => 0,
    };
    tokens(text, SCANNED_BYTES).array_windows().map(sign).sum()
}
