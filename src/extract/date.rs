//! Dates as institutions print them.
//!
//! Promises: a date is taken only when day, month and year are all printed and make a day of the
//! calendar. Leaves out: which of several dates is an entry's own (`list`).

use chrono::NaiveDate;
use std::{ops::Range, str::CharIndices};

/// Years that a page of statements can name.
const YEARS: Range<i32> = 1900..2100;

/// Whether a date like 3/4/2020 is read as day and month or the other way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The third of April.
    #[default]
    DayFirst,
    /// The fourth of March.
    MonthFirst,
}

/// The date that a text starts with, and how many bytes of it are the date. A weekday before it
/// and the word for "year" after it belong to it.
pub fn leading(text: &str, order: Order) -> Option<(NaiveDate, usize)> {
    let tokens = tokens(text);
    let start = usize::from(tokens.first().is_some_and(Token::is_weekday));
    at(&tokens[start..], order)
}

/// The date of a text that is nothing but a date.
pub fn whole(text: &str, order: Order) -> Option<NaiveDate> {
    let (on, end) = leading(text, order)?;
    text[end..]
        .trim_matches(|c: char| c.is_whitespace() || ".,;:".contains(c))
        .is_empty()
        .then_some(on)
}

/// The order that the slashed dates of a text show by numbers that cannot be months.
pub fn order_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Order {
    let (mut day_first, mut month_first) = (0, 0);
    for text in texts {
        let tokens = tokens(text);
        let start = usize::from(tokens.first().is_some_and(Token::is_weekday));
        let [a, b, c, ..] = &tokens[start..] else {
            continue;
        };
        if let (Kind::Number(1..=31, 1..=2), Kind::Number(1..=31, 1..=2), Kind::Number(_, 4)) =
            (&a.kind, &b.kind, &c.kind)
        {
            day_first += i32::from(matches!(a.kind, Kind::Number(13.., _)));
            month_first += i32::from(matches!(b.kind, Kind::Number(13.., _)));
        }
    }
    if month_first > day_first { Order::MonthFirst } else { Order::DayFirst }
}

/// A number or word, and what stands between it and the one before.
#[derive(Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    /// The signs before it, without blanks.
    before: String,
    end: usize,
}

#[derive(Debug)]
enum Kind {
    /// Its value and its number of digits.
    Number(u32, usize),
    Word,
}

/// Tokens looked at: a date has at most "Tuesday the 14th day of July, 2020 year".
const TOKENS_MAX: usize = 9;

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut before = String::new();
    let mut chars = text.char_indices();
    while tokens.len() < TOKENS_MAX {
        let rest = chars.clone();
        let Some((at, c)) = chars.next() else {
            break;
        };
        if c.is_ascii_digit() {
            let end = run(&mut chars, text, |c| c.is_ascii_digit());
            let digits = &text[at..end];
            // More digits than a year has are not part of a date.
            let kind = Kind::Number(digits.parse().unwrap_or(u32::MAX), digits.len());
            tokens.push(Token { kind, text: digits, before: std::mem::take(&mut before), end });
        } else if c.is_alphabetic() {
            let end = run(&mut chars, text, char::is_alphabetic);
            let before = std::mem::take(&mut before);
            tokens.push(Token { kind: Kind::Word, text: &text[at..end], before, end });
        } else {
            drop(rest);
            if !c.is_whitespace() {
                before.push(c);
            }
            // A date starts a text, or stands behind a bracket at most.
            if before.len() > 2 {
                break;
            }
        }
    }
    tokens
}

/// Moves on while characters belong to the run; the end of the run.
fn run(chars: &mut CharIndices<'_>, text: &str, belongs: fn(char) -> bool) -> usize {
    while let Some(c) = chars.as_str().chars().next() {
        if !belongs(c) {
            break;
        }
        chars.next();
    }
    text.len() - chars.as_str().len()
}

/// The date that the tokens start with.
fn at(tokens: &[Token<'_>], order: Order) -> Option<(NaiveDate, usize)> {
    let [a, b, c, rest @ ..] = tokens else {
        return None;
    };
    let (year, month, day) = match (&a.kind, &b.kind, &c.kind) {
        // 2020-07-14, 2020.07.14
        (Kind::Number(y, 4), Kind::Number(m, 1..=2), Kind::Number(d, 1..=2))
            if b.before == c.before && is_separator(&b.before) =>
        {
            (*y, *m, *d)
        }
        // 14.07.2020, 14/07/2020 or 07/14/2020
        (Kind::Number(x, 1..=2), Kind::Number(y, 1..=2), Kind::Number(year, 4))
            if b.before == c.before && is_separator(&b.before) =>
        {
            let is_month_first =
                b.before != "." && (*y > 12 || order == Order::MonthFirst) && *x <= 12;
            if is_month_first { (*year, *x, *y) } else { (*year, *y, *x) }
        }
        // 14 July 2020
        (Kind::Number(d, 1..=2), Kind::Word, Kind::Number(y, 4))
            if is_loose(&b.before) && is_loose(&c.before) =>
        {
            (*y, month(b.text)?, *d)
        }
        // July 14, 2020
        (Kind::Word, Kind::Number(d, 1..=2), Kind::Number(y, 4))
            if is_loose(&b.before) && is_loose(&c.before) =>
        {
            (*y, month(a.text)?, *d)
        }
        _ => return None,
    };
    let year = i32::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    let on = NaiveDate::from_ymd_opt(year, month, day)?;
    // "14 июля 2020 г.", "… года"
    let end = match rest.first() {
        Some(word)
            if word.before.is_empty() && matches!(word.text, "г" | "года" | "р" | "року") =>
        {
            word.end
        }
        _ => c.end,
    };
    Some((on, end))
}

/// What parts the numbers of a numeric date.
fn is_separator(before: &str) -> bool {
    matches!(before, "." | "/" | "-" | "–")
}

/// What may stand between the parts of a written date.
fn is_loose(before: &str) -> bool {
    matches!(before, "" | "," | "." | "-" | "/")
}

impl Token<'_> {
    fn is_weekday(&self) -> bool {
        const STEMS: [&str; 15] = [
            "mon",
            "tue",
            "wed",
            "thu",
            "fri",
            "sat",
            "sun",
            "понед",
            "вторн",
            "сред",
            "четв",
            "пятн",
            "субб",
            "воскр",
            "пн",
        ];
        let word = self.text.to_lowercase();
        matches!(self.kind, Kind::Word) && STEMS.iter().any(|stem| word.starts_with(stem))
    }
}

/// The number of a month by its name, full or shortened to three letters or more.
fn month(name: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["january", "января", "январь"],
        &["february", "февраля", "февраль"],
        &["march", "марта", "март"],
        &["april", "апреля", "апрель"],
        &["may", "мая", "май"],
        &["june", "июня", "июнь"],
        &["july", "июля", "июль"],
        &["august", "августа", "август"],
        &["september", "сентября", "сентябрь"],
        &["october", "октября", "октябрь"],
        &["november", "ноября", "ноябрь"],
        &["december", "декабря", "декабрь"],
    ];
    let name = name.to_lowercase();
    let is_short = name.chars().count() >= 3;
    let names_it = |full: &&str| *full == name || (is_short && full.starts_with(&name));
    let index = NAMES.iter().position(|names| names.iter().any(names_it))?;
    u32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_printed() {
        let cases = [
            ("14.07.2020 - Title", "2020-07-14", " - Title"),
            ("2020-07-14: Title", "2020-07-14", ": Title"),
            ("14/07/2020 Title", "2020-07-14", " Title"),
            ("07/14/2020 Title", "2020-07-14", " Title"),
            ("3/4/2020", "2020-04-03", ""),
            ("14 July 2020 – T", "2020-07-14", " – T"),
            ("July 14, 2020", "2020-07-14", ""),
            ("Tue, 14 Jul 2020 10:00", "2020-07-14", " 10:00"),
            ("Tuesday, Sept. 1, 2020", "2020-09-01", ""),
            ("15 июля 2020 г. Заявление", "2020-07-15", ". Заявление"),
            ("1 мая 2020 года", "2020-05-01", ""),
        ];
        for (text, expected, rest) in cases {
            let (on, end) = leading(text, Order::DayFirst).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((on.to_string().as_str(), &text[end..]), (expected, rest), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let cases = [
            "31.02.2020",
            "14.07",
            "July 2020",
            "864 days 2020",
            "1.2.3",
            "12 345 2020",
            "Moscow, July 14, 2020",
            "14.07.20201",
            "99/99/2020",
            "14 Jurassic 2020",
            "",
        ];
        for text in cases {
            assert_eq!(leading(text, Order::DayFirst), None, "{text}");
        }
        assert_eq!(whole("14.07.2020 - Title", Order::DayFirst), None);
        assert!(whole(" 14.07.2020. ", Order::DayFirst).is_some());
    }

    #[test]
    fn the_order_of_day_and_month_is_inferred_from_all_dates() {
        assert_eq!(order_of(["3/4/2020 a", "3/14/2020 b"]), Order::MonthFirst);
        assert_eq!(order_of(["3/4/2020 a", "14/3/2020 b"]), Order::DayFirst);
        assert_eq!(leading("3/4/2020", Order::MonthFirst).unwrap().0.to_string(), "2020-03-04");
        assert_eq!(leading("3.4.2020", Order::MonthFirst).unwrap().0.to_string(), "2020-04-03");
    }
}
