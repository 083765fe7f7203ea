//! The forms in which a date is printed: numbers, else a written date (`written`).
//!
//! Guarantees: day, month and year are all there and make a day of the calendar.

use super::{
    DateOrder, Style,
    calendars::{BEFORE_MINGUO, Calendar, Found, before_era_letter, buddhist, century},
    names::Names,
    tokens::{Kind, Token},
    written,
};
use chrono::NaiveDate;

/// Returns the date that the tokens from `from` on start with, and how many of them it is.
/// The names are those of the language of the style.
pub(super) fn at(
    tokens: &[Token<'_>],
    from: usize,
    style: Style<'_>,
    names: Option<&Names>,
) -> Option<Found> {
    numeric(tokens, from, style).or_else(|| written::at(tokens, from, style, names))
}

/// Parses three numbers with separators, and the letter of an era before them.
pub(super) fn numeric(tokens: &[Token<'_>], from: usize, style: Style<'_>) -> Option<Found> {
    let first = tokens.get(from)?;
    if first.kind == Kind::Word {
        let before = before_era_letter(first.text).filter(|_| style.is_in(&["ja"]))?;
        let [a, b, c] = tokens.get(from + 1..from + 4)? else { return None };
        let (Kind::Number(y, 1..=2), Kind::Number(m, 1..=2), Kind::Number(d, 1..=2)) =
            (a.kind, b.kind, c.kind)
        else {
            return None;
        };
        let is_one = a.before.is_empty() && b.before == c.before && is_separator(b.before);
        let year = u32::try_from(before).ok()?.checked_add(y)?;
        return Some((day_of(year, m, d, style)?, 4)).filter(|_| is_one);
    }
    let [a, b, c] = tokens.get(from..from + 3)? else { return None };
    if b.before != c.before || !is_separator(b.before) {
        return None;
    }
    match (a.kind, b.kind, c.kind) {
        (Kind::Number(y, 4), Kind::Number(m, 1..=2), Kind::Number(d, 1..=2)) => {
            Some((day_of(y, m, d, style)?, 3))
        }
        (Kind::Number(y @ 80..=199, 3), Kind::Number(m, 1..=2), Kind::Number(d, 1..=2))
            if style.is_in(&["zh"]) =>
        {
            let is_longer = is_longer(tokens, from, from + 2, b.before);
            Some((day_of(y + BEFORE_MINGUO.unsigned_abs(), m, d, style)?, 3)).filter(|_| !is_longer)
        }
        (Kind::Number(_, 1..=2), Kind::Number(_, 1..=2), Kind::Number(_, 2 | 4)) => {
            three_numbers(tokens, from, style)
        }
        _ => None,
    }
}

/// Parses "14.07.2020", "14/07/2020" or "07/14/2020", "14.07.20"; "20-07-14" where configured.
fn three_numbers(tokens: &[Token<'_>], from: usize, style: Style<'_>) -> Option<Found> {
    let [a, b, c] = tokens.get(from..from + 3)? else { return None };
    let (Kind::Number(x, xs), Kind::Number(y, ys), Kind::Number(year, digits)) =
        (a.kind, b.kind, c.kind)
    else {
        return None;
    };
    let is_short_year = digits == 2;
    if is_longer(tokens, from, from + 2, b.before) {
        return None;
    }
    let is_year_first =
        style.order == DateOrder::YearFirst && (style.is_order_configured || (xs, ys) == (2, 2));
    if is_short_year && is_year_first {
        return Some((day_of(century(x, true, style), y, year, style)?, 3));
    }
    let is_number = b.before == "." && (xs, ys) != (2, 2) || b.before == "-";
    if is_short_year && is_number {
        return None;
    }
    let is_american = style.order == DateOrder::MonthFirst;
    let is_month_first = x <= 12
        && match b.before {
            "." => style.is_dotted_month_first || style.is_order_configured && is_american,
            _ => y > 12 || is_american,
        };
    let year = century(year, is_short_year, style);
    let (month, day) = if is_month_first { (x, y) } else { (y, x) };
    let on = day_of(year, month, day, style)?;
    Some((on, 3 + usize::from(tokens.get(from + 3).is_some_and(written::is_year_word))))
}

/// Returns the day of three numbers, in the calendar in which the language has such years.
fn day_of(year: u32, month: u32, day: u32, style: Style<'_>) -> Option<NaiveDate> {
    let (year, month) = (i32::try_from(year).ok()?, u8::try_from(month).ok()?);
    let day = u8::try_from(day).ok()?;
    if let Some(on) = Calendar::Gregorian.day(year, month, day) {
        return Some(on);
    }
    if style.is_in(&["th"]) {
        return Calendar::Gregorian.day(buddhist(year)?, month, day);
    }
    let calendar = if style.is_in(&["fa", "ps", "ckb", "mzn", "lrc"]) {
        Calendar::Persian
    } else if style.is_in(&["ar"]) {
        Calendar::Hijri
    } else {
        return None;
    };
    calendar.day(year, month, day)
}

/// Returns whether the numbers are part of a longer row of them: a version, an address, a case
/// number.
pub(super) fn is_longer(tokens: &[Token<'_>], first: usize, last: usize, separator: &str) -> bool {
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

/// Returns whether this is a separator of a numeric date.
fn is_separator(before: &str) -> bool {
    matches!(before, "." | "/" | "-" | "–")
}
