//! Short forms of dates, which are dates only where nothing else stands beside them and others of the
//! page look the same: "18 Jun 24", "6-18-24", "06.18.24".
//!
//! Guarantees: one order is used for all that look the same, and none if no order makes all of them
//! days, or if several do and neither the page nor its language decides.
//! Out of scope: where on a page the texts are (`list`).

use super::{
    DateOrder, Style,
    calendars::{Calendar, century},
    months,
    tokens::{Kind, Token, tokens},
};
use chrono::NaiveDate;
use std::ops::Range;

/// The longest text that ends with a short date, in bytes.
const TEXT_BYTES_MAX: usize = 120;
const ORDERS: [DateOrder; 3] = [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::YearFirst];

/// A short date at the end of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// The bytes that print it.
    pub range: Range<usize>,
    /// What dates that look the same have in common: the separators, and whether a name is the month.
    pub form: String,
    parts: [u32; 3],
    /// Which of the parts may be a year, by its two digits.
    is_year: [bool; 3],
    /// The place of the month if it has a name.
    named: Option<usize>,
}

/// Returns the short date that a text ends with.
pub fn at_end(text: &str) -> Option<Short> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let tokens = tokens(text, TEXT_BYTES_MAX);
    let first = tokens.len().checked_sub(3)?;
    let [a, b, c] = tokens.get(first..)? else { return None };
    let rest = text.get(c.end..)?;
    if !rest.chars().all(|c| c.is_whitespace() || ".,;)]".contains(c)) || !is_separated(a, first) {
        return None;
    }
    let mut named = None;
    let mut parts = [0; 3];
    for (n, (part, token)) in parts.iter_mut().zip([a, b, c]).enumerate() {
        *part = match token.kind {
            Kind::Number(value @ 0..=99, 1..=2) => value,
            Kind::Word if named.is_none() && n < 2 => {
                named = Some(n);
                months::month(token.text)?
            }
            _ => return None,
        };
    }
    let is_year = |token: &Token<'_>| token.text.chars().count() == 2;
    let form = match named {
        // The year is last: two digits, as "24" or "'24".
        Some(_) if is_year(c) && is_loose(b) && is_loose(c) => format!("{named:?}"),
        None if b.before == c.before
            && matches!(b.before, "." | "/" | "-" | "–")
            && !b.is_apart
            && !c.is_apart
            && (is_year(c) || is_year(a)) =>
        {
            b.before.to_owned()
        }
        _ => return None,
    };
    let is_year = [is_year(a), false, is_year(c)];
    Some(Short { range: a.start..c.end, form, parts, is_year, named })
}

/// Returns whether nothing is joined to the front of the token.
fn is_separated(token: &Token<'_>, at: usize) -> bool {
    at == 0 || token.is_apart && !token.before.ends_with(|c: char| ".-–/№#".contains(c))
}

fn is_loose(token: &Token<'_>) -> bool {
    matches!(token.before, "" | "." | "," | "-" | ".," | "'" | "’")
}

/// Returns the days of texts that look the same, in the one order that makes days of all of them.
pub fn days(all: &[&Short], style: Style<'_>) -> Option<Vec<NaiveDate>> {
    let in_order =
        |order| all.iter().map(|short| short.day(order, style)).collect::<Option<Vec<_>>>();
    let today = style.now.map(|now| now.date());
    let is_past = |days: &[NaiveDate]| {
        // Some of a list may be announced, all of it not.
        today.is_none_or(|today| days.iter().any(|on| *on <= today))
    };
    if all.iter().all(|short| short.named.is_some()) {
        return in_order(DateOrder::DayFirst);
    }
    let possible: Vec<(DateOrder, Vec<NaiveDate>)> = ORDERS
        .iter()
        .filter(|order| !style.is_order_configured || **order == style.order)
        .filter_map(|order| Some((*order, in_order(*order)?)))
        .filter(|(_, days)| is_past(days))
        .collect();
    let usual = if style.is_order_guessed {
        None
    } else if style.order == DateOrder::YearFirst {
        Some(DateOrder::YearFirst)
    } else if all.iter().all(|short| short.form == ".") && !style.is_order_configured {
        Some(DateOrder::DayFirst)
    } else {
        Some(style.order)
    };
    match possible.as_slice() {
        [(_, days)] => Some(days.clone()),
        several => {
            let found = several.iter().find(|(order, _)| Some(*order) == usual);
            found.map(|(_, days)| days.clone())
        }
    }
}

impl Short {
    /// Returns whether the month has a name, so that no order is to be guessed.
    pub fn is_named(&self) -> bool {
        self.named.is_some()
    }

    fn day(&self, order: DateOrder, style: Style<'_>) -> Option<NaiveDate> {
        let [a, b, c] = self.parts;
        let (year, month, day) = match (self.named, order) {
            (Some(0), _) | (None, DateOrder::MonthFirst) => (c, a, b),
            (Some(_), _) | (None, DateOrder::DayFirst) => (c, b, a),
            (None, DateOrder::YearFirst) => (a, b, c),
        };
        let [is_first, _, is_last] = self.is_year;
        let can_be =
            if self.named.is_none() && order == DateOrder::YearFirst { is_first } else { is_last };
        let year = i32::try_from(century(year, true, style)).ok().filter(|_| can_be)?;
        Calendar::Gregorian.day(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str], style: Style<'_>) -> Vec<String> {
        let found: Vec<Short> = texts.iter().map(|text| at_end(text).unwrap()).collect();
        let days = days(&found.iter().collect::<Vec<_>>(), style).unwrap_or_default();
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn short_dates_are_read_in_the_order_that_all_of_them_have() {
        let style = Style::from(DateOrder::DayFirst);
        let cases: [(&[&str], &[&str]); 6] = [
            (&["18 Jun 24", "11 Jun 24"], &["2024-06-18", "2024-06-11"]),
            (&["Jun 18, 24", "May 1, 24"], &["2024-06-18", "2024-05-01"]),
            (&["6-18-24", "6-11-24"], &["2024-06-18", "2024-06-11"]),
            (&["06.18.24", "05.02.24"], &["2024-06-18", "2024-05-02"]),
            (&["Minutes 18-6-24", "Minutes 2-5-24"], &["2024-06-18", "2024-05-02"]),
            // No order makes days of both.
            (&["6-18-24", "18-6-24"], &[]),
        ];
        for (texts, expected) in cases {
            assert_eq!(read(texts, style), expected, "{texts:?}");
        }
        let guessed = Style { is_order_guessed: true, ..style };
        assert!(read(&["6-8-24", "5-2-24"], guessed).is_empty());
        assert_eq!(read(&["6-18-24", "5-2-24"], guessed), ["2024-06-18", "2024-05-02"]);
        let year_first = Style::from(DateOrder::YearFirst);
        assert_eq!(read(&["24.06.18", "24.05.02"], year_first), ["2024-06-18", "2024-05-02"]);
    }

    #[test]
    fn what_is_part_of_something_longer_is_no_short_date() {
        for text in ["v1.2.24", "No. 5-1-2-24", "1.2.3", "18 Jun 2024", "18 Jun", "24", "x-6-18-24"]
        {
            assert_eq!(at_end(text), None, "{text}");
        }
    }
}
