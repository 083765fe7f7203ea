//! The forms in which a date is printed, each with its own function, tried in order.
//!
//! Guarantees: day, month and year are all there and make a day of the calendar.

use super::{
    DateOrder, Style,
    months::month,
    tokens::{Kind, Token},
};
use chrono::NaiveDate;
use std::ops::Range;

/// Years that a page of statements can name.
const YEARS: Range<i32> = 1900..2100;
/// Two-digit years from here on belong to the last century.
const LAST_CENTURY: i32 = 70;

/// A date and how many tokens print it.
type Found = (NaiveDate, usize);

/// Three tokens that may be a date, with words between them that only join ("1st day of May, 2026").
struct Triple<'t, 'a> {
    tokens: &'t [Token<'a>],
    /// Where the three are.
    at: [usize; 3],
}

/// Returns the date that the tokens from `from` on start with, and how many of them it is.
pub(super) fn at(tokens: &[Token<'_>], from: usize, style: Style<'_>) -> Option<Found> {
    let triple = Triple::starting_at(tokens, from)?;
    let [a, b, c] = triple.parts();
    // The kinds of the three decide which form it can be.
    match (a.kind, b.kind, c.kind) {
        (Kind::Number(y, 4), Kind::Number(m, 1..=2), Kind::Number(d, 1..=2))
            if triple.has_separators() =>
        {
            triple.finish(day_of(y, m, d)?)
        }
        (Kind::Number(_, 1..=2), Kind::Number(_, 1..=2), Kind::Number(_, 2 | 4))
            if triple.has_separators() =>
        {
            triple.numeric(style)
        }
        (Kind::Number(d, 1..=2), Kind::Word, Kind::Number(_, 2 | 4)) if triple.is_written() => {
            triple.day_and_month_name(d)
        }
        (Kind::Word, Kind::Number(d, 1..=2), Kind::Number(y, 4)) if triple.is_written() => {
            triple.finish(day_of(y, month(a.text)?, d)?)
        }
        (Kind::Number(y, 4), Kind::Word, Kind::Number(m, 1..=2)) if is_one_of(b.text, "年년") => {
            triple.ideographs(y, m)
        }
        _ => None,
    }
}

impl<'t, 'a> Triple<'t, 'a> {
    fn starting_at(tokens: &'t [Token<'a>], from: usize) -> Option<Self> {
        let mut at = [from; 3];
        let mut next = from + 1;
        for place in at.iter_mut().skip(1) {
            while tokens.get(next).is_some_and(Token::is_joint) {
                next += 1;
            }
            *place = next;
            next += 1;
        }
        (at[2] < tokens.len()).then_some(Triple { tokens, at })
    }

    fn parts(&self) -> [&'t Token<'a>; 3] {
        self.at.map(|n| &self.tokens[n])
    }

    /// Returns whether nothing is between the three.
    fn is_straight(&self) -> bool {
        self.at[2] == self.at[0] + 2
    }

    /// Returns whether the three are numbers of one date, set apart by the same separator.
    fn has_separators(&self) -> bool {
        let [_, b, c] = self.parts();
        self.is_straight() && b.before == c.before && is_separator(b.before)
    }

    /// Returns whether only what joins a written date is between the three.
    fn is_written(&self) -> bool {
        self.tokens[self.at[0] + 1..=self.at[2]].iter().all(|token| is_loose(token.before))
    }

    /// Parses "14.07.2020", "14/07/2020" or "07/14/2020", "14.07.20"; "20-07-14" where configured.
    fn numeric(&self, style: Style<'_>) -> Option<Found> {
        let [a, b, c] = self.parts();
        let (Kind::Number(x, xs), Kind::Number(y, ys), Kind::Number(year, digits)) =
            (a.kind, b.kind, c.kind)
        else {
            return None;
        };
        let is_short_year = digits == 2;
        let [first, _, last] = self.at;
        if is_short_year && style.order == DateOrder::YearFirst {
            let on = day_of(century(x, true), y, year)?;
            return (!is_longer(self.tokens, first, last, b.before)).then_some((on, 3));
        }
        let is_number = b.before == "." && (xs, ys) != (2, 2) || b.before == "-";
        if is_short_year && is_number || is_longer(self.tokens, first, last, b.before) {
            return None;
        }
        let is_american = style.order == DateOrder::MonthFirst;
        let is_month_first = (b.before != "." || style.is_order_configured && is_american)
            && (y > 12 || is_american)
            && x <= 12;
        let year = century(year, is_short_year);
        let (month, day) = if is_month_first { (x, y) } else { (y, x) };
        self.finish(day_of(year, month, day)?)
    }

    /// Parses "14 July 2020", "31Dec22".
    fn day_and_month_name(&self, day: u32) -> Option<Found> {
        let [_, b, c] = self.parts();
        let Kind::Number(year, digits) = c.kind else { return None };
        let month = month(b.text)?;
        let is_short_year = digits == 2;
        if is_short_year && (c.is_apart && c.before != "-" || !self.is_straight()) {
            return None;
        }
        self.finish(day_of(century(year, is_short_year), month, day)?)
    }

    /// Parses "2020年7月14日".
    fn ideographs(&self, year: u32, month: u32) -> Option<Found> {
        let last = self.at[2];
        let [sign, day] = self.tokens.get(last + 1..last + 3)? else { return None };
        let (Kind::Number(day, 1..=2), true) = (day.kind, is_one_of(sign.text, "月월")) else {
            return None;
        };
        let on = day_of(year, month, day)?;
        let end = last + 3;
        let has_sign = self.tokens.get(end).is_some_and(|token| is_one_of(token.text, "日일"));
        Some((on, end + usize::from(has_sign) - self.at[0]))
    }

    /// Returns the date with the word for "year" after it: "14 июля 2020 г.", "… года".
    fn finish(&self, on: NaiveDate) -> Option<Found> {
        let used = self.at[2] + 1 - self.at[0];
        let has_year_word = self.tokens.get(self.at[0] + used).is_some_and(|word| {
            word.before.is_empty() && matches!(word.text, "г" | "года" | "р" | "року" | "r")
        });
        Some((on, used + usize::from(has_year_word)))
    }
}

fn day_of(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

fn century(year: u32, is_short: bool) -> u32 {
    match is_short {
        false => year,
        true if year >= LAST_CENTURY as u32 => 1900 + year,
        true => 2000 + year,
    }
}

/// Returns whether the numbers are part of a longer row of them: a version, an address, a case
/// number.
fn is_longer(tokens: &[Token<'_>], first: usize, last: usize, separator: &str) -> bool {
    let is_number = |token: &Token<'_>| matches!(token.kind, Kind::Number(..));
    let goes_on = tokens
        .get(last + 1)
        .is_some_and(|next| is_number(next) && !next.is_apart && next.before == separator);
    let comes_from = first > 0
        && is_number(&tokens[first - 1])
        && !tokens[first].is_apart
        && tokens[first].before == separator;
    goes_on || comes_from
}

fn is_one_of(text: &str, signs: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| signs.contains(c)) && chars.next().is_none()
}

/// Returns whether this is a separator of a numeric date.
fn is_separator(before: &str) -> bool {
    matches!(before, "." | "/" | "-" | "–")
}

/// Returns whether this is a separator of a written date.
fn is_loose(before: &str) -> bool {
    matches!(before, "" | "," | "." | "-" | "/" | "º" | "°")
}
