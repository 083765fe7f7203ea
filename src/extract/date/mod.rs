//! Dates as institutions print them.
//!
//! Guarantees: a date is found only where day, month and year are all printed and make a day of the
//! calendar.
//! Out of scope: which of several dates is that of an entry (`list`).

mod calendars;
pub(crate) mod digits;
mod forms;
mod languages;
#[cfg(test)]
mod locales;
mod months;
mod names;
mod numbers;
mod patterns;
mod relative;
mod relative_words;
pub mod short;
mod style;
mod tokens;
mod words;
mod written;

pub(crate) use self::{languages::languages, names::LANG_BYTES_MAX};
pub use self::{
    numbers::{Numbers, months_before_days, numbers},
    style::Style,
};
pub use crate::domain::DateOrder;

use self::{
    calendars::{before_era, before_era_letter},
    forms::{at, numeric},
    tokens::{Kind, Token, tokens},
};
use chrono::{
    Datelike, NaiveDate, NaiveTime,
    format::{Item, StrftimeItems},
};
use std::ops::Range;

/// How far into a text dates are looked for, in bytes: what comes later is a body.
const SCANNED_BYTES: usize = 2000;

/// Returns whether a format has day, month and year.
pub fn is_format(format: &str) -> bool {
    let Some(on) = NaiveDate::from_ymd_opt(2020, 7, 14) else { return false };
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    if items.is_empty() || items.contains(&Item::Error) {
        return false;
    }
    let at = on.and_time(NaiveTime::MIN).and_utc();
    let printed = at.format_with_items(items.into_iter()).to_string();
    NaiveDate::parse_and_remainder(&printed, format).is_ok_and(|(read, _)| read == on)
}

/// Returns the dates of a text in a given format.
fn in_format(text: &str, format: &str) -> Vec<(Range<usize>, NaiveDate)> {
    let mut found: Vec<(Range<usize>, NaiveDate)> = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices().take_while(|(at, _)| *at < SCANNED_BYTES) {
        // A date begins a word, and does not lie in another one.
        let is_start = c.is_alphanumeric() && !before.is_alphanumeric();
        before = c;
        if !is_start || found.last().is_some_and(|(last, _)| at < last.end) {
            continue;
        }
        if let Ok((on, rest)) = NaiveDate::parse_and_remainder(&text[at..], format) {
            found.push((at..text.len() - rest.len(), on));
        }
    }
    found
}

/// Returns all dates of a text, in order, each with the bytes that print it.
pub fn all(text: &str, style: Style<'_>) -> Vec<(Range<usize>, NaiveDate)> {
    if let Some(format) = style.format {
        return in_format(text, format);
    }
    let tokens = tokens(text, SCANNED_BYTES);
    // Most lines have no number.
    if tokens.iter().all(|token| token.kind == Kind::Word) {
        return Vec::new();
    }
    let names = style.lang.and_then(names::of);
    let names = names.as_deref();
    let months = written::months(&tokens, style, names);
    let mut found: Vec<Printed> = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        let written = || written::at(&tokens, from, style, names);
        let is_near = || written::is_near(&months, from);
        match numeric(&tokens, from, style).or_else(|| is_near().then(written)?) {
            Some((on, used)) => {
                let start = with_weekday(&tokens, from, names);
                let range = tokens[start].start..tokens[from + used - 1].end;
                let year = PrintedYear::of(&tokens[from..from + used], on);
                match found.last_mut() {
                    Some(last) if is_same_day(text, last, &range, on, year) => {
                        if year == PrintedYear::Gregorian {
                            last.1 = on;
                        }
                        last.0.end = range.end;
                        last.2 = PrintedYear::Gregorian;
                    }
                    _ => found.push((range, on, year)),
                }
                from += used;
            }
            None => from += 1,
        }
    }
    found.into_iter().map(|(range, on, _)| (range, on)).collect()
}

/// A date, where it is printed, and with which year.
type Printed = (Range<usize>, NaiveDate, PrintedYear);

/// The year that a date is printed with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PrintedYear {
    Gregorian,
    /// That of another calendar or of an era.
    Other,
    /// Two digits, which do not tell the calendar.
    Short,
}

impl PrintedYear {
    fn of(tokens: &[Token<'_>], on: NaiveDate) -> Self {
        let year = tokens.iter().find_map(|token| match token.kind {
            Kind::Number(year, 3..=4) => Some(i32::try_from(year) == Ok(on.year())),
            _ => None,
        });
        let is_era = |token: &Token<'_>| {
            before_era(token.text.trim_end_matches('元')).is_some()
                || before_era_letter(token.text).is_some()
        };
        match year {
            Some(true) => PrintedYear::Gregorian,
            Some(false) => PrintedYear::Other,
            None if tokens.iter().any(is_era) => PrintedYear::Other,
            None => PrintedYear::Short,
        }
    }
}

/// Returns whether two dates beside each other are one day in two calendars, of which one is the
/// Gregorian. Where the moon is watched, the other one may be off.
fn is_same_day(
    text: &str,
    last: &Printed,
    range: &Range<usize>,
    on: NaiveDate,
    year: PrintedYear,
) -> bool {
    const OFF_MAX: i64 = 2;
    const BETWEEN_CHARS_MAX: usize = 16;
    let (known, known_on, known_year) = last;
    let between = text.get(known.end..range.start).unwrap_or_default();
    matches!(
        (known_year, year),
        (PrintedYear::Gregorian, PrintedYear::Other) | (PrintedYear::Other, PrintedYear::Gregorian)
    ) && (*known_on - on).num_days().abs() <= OFF_MAX
        && between.chars().count() <= BETWEEN_CHARS_MAX
}

/// Returns how many tokens the name of a weekday at `at` is: in the language, else in English, else
/// in any. None is 0.
fn weekday(tokens: &[Token<'_>], at: usize, names: Option<&names::Names>) -> usize {
    let of_lang = names.map_or(0, |names| names::weekday(tokens, at, Some(names)));
    let in_english = || names::weekday(tokens, at, Some(names::english()));
    let is_one = |found: &usize| *found > 0;
    Some(of_lang)
        .filter(is_one)
        .or_else(|| Some(in_english()).filter(is_one))
        .unwrap_or_else(|| names::weekday(tokens, at, None))
}

/// Returns where a date that begins at `from` begins with the weekday before it.
fn with_weekday(tokens: &[Token<'_>], from: usize, names: Option<&names::Names>) -> usize {
    let mut starts = from.saturating_sub(names::WORDS_MAX)..from;
    starts.find(|start| weekday(tokens, *start, names) == from - start).unwrap_or(from)
}

/// Returns the days of a text that are the same in each order of day and month.
pub fn certain(text: &str, lang: &str) -> impl Iterator<Item = NaiveDate> {
    let lang = Some(lang);
    let day_first = Style { order: DateOrder::DayFirst, lang, ..Style::default() };
    let month_first =
        Style { order: DateOrder::MonthFirst, is_dotted_month_first: true, ..day_first };
    let others = all(text, month_first);
    all(text, day_first).into_iter().filter(move |found| others.contains(found)).map(|(_, on)| on)
}

/// Returns the date that a text starts with, and how many bytes of it are the date. A weekday
/// before it and the word for "year" after it belong to it.
pub fn leading(text: &str, style: Style<'_>) -> Option<(NaiveDate, usize)> {
    /// Tokens of a date, at most: "Tuesday the 14th day of July, 2020 year".
    const HEAD_BYTES: usize = 120;
    if let Some(format) = style.format {
        let (range, on) = in_format(text, format).into_iter().next()?;
        return (range.start <= 2).then_some((on, range.end));
    }
    let tokens = tokens(text, HEAD_BYTES);
    if tokens.iter().all(|token| token.kind == Kind::Word) {
        return None;
    }
    // Only a bracket may precede the date.
    if tokens.first()?.before.chars().count() > 2 {
        return None;
    }
    let names = style.lang.and_then(names::of);
    let names = names.as_deref();
    let found = at(&tokens, 0, style, names).map(|found| (0, found)).or_else(|| {
        let start = weekday(&tokens, 0, names);
        if start == 0 || tokens.get(start)?.before.chars().count() > 2 {
            return None;
        }
        Some((start, at(&tokens, start, style, names)?))
    });
    let (start, (on, used)) = found?;
    Some((on, tokens[start + used - 1].end))
}

/// Returns the date of a text that is nothing but a date.
pub fn whole(text: &str, style: Style<'_>) -> Option<NaiveDate> {
    let (on, end) = leading(text, style)?;
    text[end..]
        .trim_matches(|c: char| c.is_whitespace() || ".,;:".contains(c))
        .is_empty()
        .then_some(on)
}

/// Returns the day that a text gives relative to the time of the poll ("yesterday"), and where in
/// it. A printed date takes precedence.
pub fn relative(text: &str, style: Style<'_>) -> Option<(Range<usize>, NaiveDate)> {
    relative::day(text, style.lang, style.now?)
}

/// Returns the day of a machine's timestamp: "2020-07-14", "2020-07-14T10:00:00+02:00", and what
/// some servers write instead, "7/14/2020 1:10:00 PM".
pub fn parse_machine_date(text: &str) -> Option<NaiveDate> {
    let text = &*digits::ascii(text.trim());
    if text.ends_with("AM") || text.ends_with("PM") {
        return Some(leading(text, DateOrder::MonthFirst.into())?.0);
    }
    let on = text.get(..10)?.parse().ok()?;
    let rest = text.get(10..)?;
    (rest.is_empty() || rest.starts_with(['T', 't', ' '])).then_some(on)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_FIRST: Style<'_> = Style {
        order: DateOrder::DayFirst,
        is_order_configured: false,
        is_order_guessed: false,
        is_dotted_month_first: false,
        format: None,
        now: None,
        lang: None,
    };
    const MONTH_FIRST: Style<'_> = Style { order: DateOrder::MonthFirst, ..DAY_FIRST };

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
            ("1st day of May, 2026 are", "2026-05-01", " are"),
            ("31Dec22", "2022-12-31", ""),
            ("12/31/22 T", "2022-12-31", " T"),
            ("14.07.20 T", "2020-07-14", " T"),
            ("le 1er mai 2020".trim_start_matches("le "), "2020-05-01", ""),
            ("14 de julio de 2020", "2020-07-14", ""),
            ("3. März 2020", "2020-03-03", ""),
            ("3 września 2020 r.", "2020-09-03", "."),
            ("3 Ağustos 2020", "2020-08-03", ""),
            ("3 травня 2020 року", "2020-05-03", ""),
            ("2026年11月3日 発表", "2026-11-03", " 発表"),
            ("3 نوفمبر 2026", "2026-11-03", ""),
        ];
        for (text, expected, rest) in cases {
            let (on, end) = leading(text, DAY_FIRST).unwrap_or_else(|| panic!("{text}"));
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
            "1.14.07.2020",
            "14.07.2020.3",
            "20-07-14",
            "1.2.20",
            "",
        ];
        for text in cases {
            assert_eq!(leading(text, DAY_FIRST), None, "{text}");
        }
        assert_eq!(whole("14.07.2020 - Title", DAY_FIRST), None);
        assert!(whole(" 14.07.2020. ", DAY_FIRST).is_some());
    }

    #[test]
    fn all_dates_of_a_text_are_found_where_they_stand() {
        let text = "Posted: May 29, 2026 on the decision of Fri 3/20/2026, no. 12-2026";
        let found: Vec<_> = all(text, DAY_FIRST)
            .into_iter()
            .map(|(range, on)| (&text[range], on.to_string()))
            .collect();
        let expected =
            [("May 29, 2026", "2026-05-29".to_owned()), ("Fri 3/20/2026", "2026-03-20".to_owned())];
        assert_eq!(found, expected);
        let days = |text| all(text, DAY_FIRST).into_iter().map(|(_, on)| on.to_string()).collect();
        let both: Vec<String> = days("30.06.26 – 01.07.2026");
        assert_eq!(both, ["2026-06-30", "2026-07-01"]);
    }

    #[test]
    fn numbers_are_read_in_the_order_of_the_style() {
        assert_eq!(leading("3/4/2020", MONTH_FIRST).unwrap().0.to_string(), "2020-03-04");
        assert_eq!(leading("3.4.2020", MONTH_FIRST).unwrap().0.to_string(), "2020-04-03");
        let dotted = Style { is_dotted_month_first: true, ..DAY_FIRST };
        assert_eq!(leading("3.4.2020", dotted).unwrap().0.to_string(), "2020-03-04");
        assert_eq!(leading("06.18.24", dotted).unwrap().0.to_string(), "2024-06-18");
        assert_eq!(leading("3/4/2020", dotted).unwrap().0.to_string(), "2020-04-03");
    }

    #[test]
    fn what_the_operator_says_of_dates_goes_before_what_they_seem() {
        let configured = |order| Style { order, is_order_configured: true, ..DAY_FIRST };
        let on = |text, style| leading(text, style).map(|(on, _)| on.to_string());
        assert_eq!(
            on("3.4.2020", configured(DateOrder::MonthFirst)).as_deref(),
            Some("2020-03-04")
        );
        assert_eq!(
            on("20-04-03 T", configured(DateOrder::YearFirst)).as_deref(),
            Some("2020-04-03")
        );
        assert_eq!(
            on("2020-04-03 T", configured(DateOrder::YearFirst)).as_deref(),
            Some("2020-04-03")
        );
        let style = Style { format: Some("%y%m%d"), ..DAY_FIRST };
        let found = all("Note 200403, not x200404 nor 3.4.2020", style);
        assert_eq!(found, [(5..11, "2020-04-03".parse().unwrap())]);
        assert_eq!(on("200403 - T", style).as_deref(), Some("2020-04-03"));
        for (format, is_one) in
            [("%d.%m.%Y", true), ("%-d %B %Y", true), ("%Y", false), ("%Q", false), ("", false)]
        {
            assert_eq!(is_format(format), is_one, "{format}");
        }
    }

    #[test]
    fn dates_are_read_in_the_language_of_their_page() {
        let cases = [
            ("el", "24 Νοεμβρίου 2026", "2026-11-24"),
            ("hi", "24 नवंबर 2026", "2026-11-24"),
            ("hu", "2026. november 24.", "2026-11-24"),
            ("lt", "2026 m. lapkričio 24 d.", "2026-11-24"),
            ("vi", "ngày 24 tháng 11 năm 2026", "2026-11-24"),
            ("ko", "2026년 11월 24일", "2026-11-24"),
            ("fi", "24. marraskuuta 2026", "2026-11-24"),
            ("heb", "24 בנובמבר 2026", "2026-11-24"),
            ("ar", "٢٤ نوفمبر ٢٠٢٦", "2026-11-24"),
            ("ar", "24\u{200f}/11\u{200f}/2026", "2026-11-24"),
            ("ka", "24 ნოემბერი, 2026", "2026-11-24"),
            ("ja", "17 11月 2026", "2026-11-17"),
            // A name that two languages have.
            ("hr", "24. listopada 2026.", "2026-10-24"),
            ("pl", "24 listopada 2026", "2026-11-24"),
            // A weekday that is written as a month is.
            ("fr", "mar. 24/11/2026", "2026-11-24"),
            ("fr", "24 mars 2026", "2026-03-24"),
            ("en", "18 Setpember 2026", "2026-09-18"),
            ("en", "18 Setpembar 2026", ""),
            ("en", "18 Septenber 2026", "2026-09-18"),
            ("de", "18 Septenber 2026", ""),
        ];
        for (lang, text, expected) in cases {
            assert_eq!(day_in(lang, text), expected, "{lang}: {text}");
        }
    }

    #[test]
    fn dates_of_other_calendars_are_gregorian_days() {
        let cases = [
            ("fa", "۳ آذر ۱۴۰۵", "2026-11-24"),
            ("fa", "1405/09/03", "2026-11-24"),
            ("th", "24 พฤศจิกายน 2569", "2026-11-24"),
            ("th", "24/11/2569", "2026-11-24"),
            ("ja", "令和8年11月24日", "2026-11-24"),
            ("ja", "令和元年5月1日", "2019-05-01"),
            ("ja", "R8.11.24", "2026-11-24"),
            ("zh-TW", "民國115年11月24日", "2026-11-24"),
            ("zh-TW", "115-11-24", "2026-11-24"),
            ("ar", "14 جمادى الآخرة 1448 هـ", "2026-11-24"),
            ("am", "15 ኅዳር 2019", "2026-11-24"),
            ("heb", "14 בכסלו 5787", "2026-11-24"),
            ("heb", "14 באדר א׳ 5784", "2024-02-23"),
            ("heb", "14 באדר ב׳ 5784", "2024-03-24"),
            ("ja", "令和八年十一月二十四日", "2026-11-24"),
            ("zh", "二〇二六年十一月二十四日", "2026-11-24"),
            ("th", "24/11/69", "2026-11-24"),
            ("ti", "15 ታሕሳስ 2019 AM", "2026-12-24"),
            // One day in two calendars: the Gregorian counts.
            ("ar", "15 جمادى الآخرة 1448 هـ الموافق 24 نوفمبر 2026 م", "2026-11-24"),
            ("ar", "24 تشرين الثاني/نوفمبر 2026", "2026-11-24"),
            ("ar", "24 تموز/يوليو 2026", "2026-07-24"),
            // Elsewhere such years are none.
            ("en", "3/9/1405", ""),
            ("en", "24/11/2569", ""),
        ];
        for (lang, text, expected) in cases {
            assert_eq!(day_in(lang, text), expected, "{lang}: {text}");
        }
    }

    /// The first day of a text on a page of this language; empty if there is none.
    fn day_in(lang: &str, text: &str) -> String {
        let style = Style { lang: Some(lang), ..DAY_FIRST };
        let found = all(text, style).into_iter().next();
        found.map(|(_, on)| on.to_string()).unwrap_or_default()
    }
}
