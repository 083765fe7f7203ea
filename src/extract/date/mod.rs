//! Dates as institutions print them.
//!
//! Promises: a date is taken only when day, month and year are all printed and make a day of the
//! calendar. Leaves out: which of several dates is an entry's own (`list`, `records`).

pub(crate) mod relative;

pub use crate::domain::DateOrder;
use chrono::{
    NaiveDate, NaiveDateTime, NaiveTime,
    format::{Item, StrftimeItems},
};
use std::{
    cmp::Ordering, collections::HashMap, iter::Peekable, ops::Range, str::CharIndices,
    sync::LazyLock,
};

/// Years that a page of statements can name.
const YEARS: Range<i32> = 1900..2100;
/// Two-digit years from here on belong to the last century.
const LAST_CENTURY: i32 = 70;
/// How far into a text dates are looked for, in bytes: what comes later is a body.
const SCANNED_BYTES: usize = 2000;

/// How a page prints its dates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style<'a> {
    /// In which order numeric dates stand.
    pub order: DateOrder,
    /// Whether the operator says so, and it is not a guess.
    pub is_told: bool,
    /// The only form in which they are printed, as chrono writes formats.
    pub format: Option<&'a str>,
    /// The local time from which "yesterday" is told; nothing where it cannot be told.
    pub now: Option<NaiveDateTime>,
}

impl From<DateOrder> for Style<'_> {
    fn from(order: DateOrder) -> Self {
        Style { order, ..Style::default() }
    }
}

/// Whether a format tells day, month and year.
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

/// The dates of a text in a given format.
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

/// All dates of a text, in order, each with the bytes that print it.
pub fn all(text: &str, style: Style<'_>) -> Vec<(Range<usize>, NaiveDate)> {
    if let Some(format) = style.format {
        return in_format(text, format);
    }
    let tokens = tokens(text, SCANNED_BYTES);
    let mut found = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        match at(&tokens, from, style) {
            Some((on, used)) => {
                let start = if from > 0 && tokens[from - 1].is_weekday() { from - 1 } else { from };
                found.push((tokens[start].start..tokens[from + used - 1].end, on));
                from += used;
            }
            None => from += 1,
        }
    }
    found
}

/// The date that a text starts with, and how many bytes of it are the date. A weekday before it
/// and the word for "year" after it belong to it.
pub fn leading(text: &str, style: Style<'_>) -> Option<(NaiveDate, usize)> {
    /// Tokens of a date, at most: "Tuesday the 14th day of July, 2020 year".
    const HEAD_BYTES: usize = 120;
    if let Some(format) = style.format {
        let (range, on) = in_format(text, format).into_iter().next()?;
        return (range.start <= 2).then_some((on, range.end));
    }
    let tokens = tokens(text, HEAD_BYTES);
    let start = usize::from(tokens.first().is_some_and(Token::is_weekday));
    // A date starts a text, or stands behind a bracket at most.
    if tokens.iter().take(start + 1).any(|token| token.before.chars().count() > 2) {
        return None;
    }
    let (on, used) = at(&tokens, start, style)?;
    Some((on, tokens[start + used - 1].end))
}

/// The date of a text that is nothing but a date.
pub fn whole(text: &str, style: Style<'_>) -> Option<NaiveDate> {
    let (on, end) = leading(text, style)?;
    text[end..]
        .trim_matches(|c: char| c.is_whitespace() || ".,;:".contains(c))
        .is_empty()
        .then_some(on)
}

/// The day that a text tells from the time of reading, and where in it; a date that is printed goes
/// before it.
pub fn relative(text: &str, style: Style<'_>) -> Option<(Range<usize>, NaiveDate)> {
    relative::day(text, style.now?)
}

/// The day of a machine's timestamp: "2020-07-14", "2020-07-14T10:00:00+02:00", and what some
/// servers write instead, "7/14/2020 1:10:00 PM".
pub fn parse_machine_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.ends_with("AM") || text.ends_with("PM") {
        return Some(leading(text, DateOrder::MonthFirst.into())?.0);
    }
    let on = text.get(..10)?.parse().ok()?;
    let rest = text.get(10..)?;
    (rest.is_empty() || rest.starts_with(['T', 't', ' '])).then_some(on)
}

/// The order in which the dates of a document stand: as its numeric dates show by numbers that cannot
/// be months, else as it writes dates with a month's name ("July 14, 2020"), for whoever writes the
/// one mostly prints its numbers so as well. `None` if they show nothing.
pub fn order_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<DateOrder> {
    // How much speaks for the month first, by numbers and by names.
    let (mut by_numbers, mut by_names) = (0, 0);
    for text in texts {
        for [a, b, c] in tokens(text, SCANNED_BYTES).array_windows() {
            let is_month = |token: &Token<'_>| i32::from(month(token.text).is_some());
            match (a.kind, b.kind, c.kind) {
                (
                    Kind::Number(x @ 1..=31, 1..=2),
                    Kind::Number(y @ 1..=31, 1..=2),
                    Kind::Number(_, 2 | 4),
                ) if b.before == c.before && matches!(b.before, "/" | "-") => {
                    by_numbers += i32::from(y > 12) - i32::from(x > 12);
                }
                (Kind::Word, Kind::Number(1..=31, 1..=2), Kind::Number(_, 4)) => {
                    by_names += is_month(a);
                }
                (Kind::Number(1..=31, 1..=2), Kind::Word, Kind::Number(_, 4)) => {
                    by_names -= is_month(b);
                }
                _ => {}
            }
        }
    }
    let told = if by_numbers == 0 { by_names } else { by_numbers };
    match told.cmp(&0) {
        Ordering::Greater => Some(DateOrder::MonthFirst),
        Ordering::Less => Some(DateOrder::DayFirst),
        Ordering::Equal => None,
    }
}

/// A number or word, and what stands between it and the one before.
#[derive(Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    /// The signs before it, without the blanks around them; whether there were blanks.
    before: &'a str,
    is_apart: bool,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Its value and its number of digits.
    Number(u32, usize),
    Word,
}

fn tokens(text: &str, bytes_max: usize) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    // Most lines of a page have no digit, and so no date.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return tokens;
    }
    let (mut last_end, mut is_apart) = (0, true);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if start > bytes_max {
            break;
        }
        let kind = if c.is_ascii_digit() {
            let end = run(&mut chars, text, |c| c.is_ascii_digit());
            // More digits than a year has are not part of a date.
            Kind::Number(text[start..end].parse().unwrap_or(u32::MAX), end - start)
        } else if is_ideograph(c) {
            Kind::Word
        } else if c.is_alphabetic() {
            run(&mut chars, text, |c| c.is_alphabetic() && !is_ideograph(c));
            Kind::Word
        } else {
            is_apart |= c.is_whitespace();
            continue;
        };
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let before = text[last_end..start].trim();
        last_end = end;
        tokens.push(Token { kind, text: &text[start..end], before, is_apart, start, end });
        is_apart = false;
    }
    tokens
}

/// The signs for year, month and day, each a word by itself.
fn is_ideograph(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '년' | '월' | '일')
}

/// Moves on while characters belong to the run; the end of the run.
fn run(chars: &mut Peekable<CharIndices<'_>>, text: &str, belongs: fn(char) -> bool) -> usize {
    while chars.next_if(|(_, c)| belongs(*c)).is_some() {}
    chars.peek().map_or(text.len(), |(at, _)| *at)
}

/// The date that the tokens from there on start with, and how many of them it is.
fn at(tokens: &[Token<'_>], from: usize, style: Style<'_>) -> Option<(NaiveDate, usize)> {
    let first = tokens.get(from)?;
    // The three that tell, with words between them that only join: "1st day of May, 2026".
    let mut found = [from; 3];
    let mut next = from + 1;
    for place in found.iter_mut().skip(1) {
        while tokens.get(next).is_some_and(|token| token.is_joint()) {
            next += 1;
        }
        *place = next;
        next += 1;
    }
    let [a, b, c] = [first, tokens.get(found[1])?, tokens.get(found[2])?];
    let is_straight = found[2] == from + 2;
    let loose = || tokens[from + 1..=found[2]].iter().all(|token| is_loose(token.before));
    let (year, month, day) = match (a.kind, b.kind, c.kind) {
        // 2020-07-14, 2020.07.14
        (Kind::Number(y, 4), Kind::Number(m, 1..=2), Kind::Number(d, 1..=2))
            if is_straight && b.before == c.before && is_separator(b.before) =>
        {
            (y, m, d)
        }
        // 14.07.2020, 14/07/2020 or 07/14/2020, 14.07.20
        (
            Kind::Number(x, xs @ 1..=2),
            Kind::Number(y, ys @ 1..=2),
            Kind::Number(year, digits @ (2 | 4)),
        ) if is_straight && b.before == c.before && is_separator(b.before) => {
            let is_short_year = digits == 2;
            if is_short_year && style.order == DateOrder::YearFirst {
                let on = day_of(century(x, true), y, year)?;
                return (!is_longer(tokens, from, found[2], b.before)).then_some((on, 3));
            }
            let is_number = b.before == "." && (xs, ys) != (2, 2) || b.before == "-";
            if is_short_year && is_number || is_longer(tokens, from, found[2], b.before) {
                return None;
            }
            let is_american = style.order == DateOrder::MonthFirst;
            let is_month_first = (b.before != "." || style.is_told && is_american)
                && (y > 12 || is_american)
                && x <= 12;
            let year = century(year, is_short_year);
            if is_month_first { (year, x, y) } else { (year, y, x) }
        }
        // 14 July 2020, 31Dec22
        (Kind::Number(d, 1..=2), Kind::Word, Kind::Number(y, digits @ (2 | 4))) if loose() => {
            let month = month(b.text)?;
            let is_short_year = digits == 2;
            if is_short_year && (c.is_apart && c.before != "-" || !is_straight) {
                return None;
            }
            (century(y, is_short_year), month, d)
        }
        // July 14, 2020
        (Kind::Word, Kind::Number(d, 1..=2), Kind::Number(y, 4)) if loose() => {
            (y, month(a.text)?, d)
        }
        // 2020年7月14日
        (Kind::Number(y, 4), Kind::Word, Kind::Number(m, 1..=2)) if is_one_of(b.text, "年년") => {
            let [sign, d] = tokens.get(found[2] + 1..found[2] + 3)? else {
                return None;
            };
            let (Kind::Number(d, 1..=2), true) = (d.kind, is_one_of(sign.text, "月월")) else {
                return None;
            };
            let on = day_of(y, m, d)?;
            let end = found[2] + 3;
            let has_sign = tokens.get(end).is_some_and(|token| is_one_of(token.text, "日일"));
            return Some((on, end + usize::from(has_sign) - from));
        }
        _ => return None,
    };
    let on = day_of(year, month, day)?;
    // "14 июля 2020 г.", "… года"
    let used = found[2] + 1 - from;
    let has_year_word = tokens.get(from + used).is_some_and(|word| {
        word.before.is_empty() && matches!(word.text, "г" | "года" | "р" | "року" | "r")
    });
    Some((on, used + usize::from(has_year_word)))
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

/// Whether the numbers are part of a longer row of them: a version, an address, a case number.
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

/// What parts the numbers of a numeric date.
fn is_separator(before: &str) -> bool {
    matches!(before, "." | "/" | "-" | "–")
}

/// What may stand between the parts of a written date.
fn is_loose(before: &str) -> bool {
    matches!(before, "" | "," | "." | "-" | "/" | "º" | "°")
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
        self.kind == Kind::Word && STEMS.iter().any(|stem| word.starts_with(stem))
    }

    /// Whether it only joins the parts of a date.
    fn is_joint(&self) -> bool {
        const JOINTS: [&str; 16] = [
            "st", "nd", "rd", "th", "day", "of", "the", "er", "de", "del", "do", "di", "d", "re",
            "e", "ª",
        ];
        self.kind == Kind::Word
            && self.text.len() <= 3
            && JOINTS.iter().any(|joint| self.text.eq_ignore_ascii_case(joint))
    }
}

/// Names of months, full or shortened to three letters or more, in the languages in which
/// institutions most often publish; with the forms that a day before it asks for.
static MONTHS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    const NAMES: [&str; 12] = [
        "january января январь janvier januar jänner enero gennaio janeiro січня січень stycznia styczeń ocak يناير",
        "february февраля февраль février fevrier februar febrero febbraio fevereiro лютого лютий lutego luty şubat subat فبراير شباط",
        "march марта март mars märz maerz marzo março marco березня березень marca marzec mart مارس آذار",
        "april апреля апрель avril abril aprile квітня квітень kwietnia kwiecień nisan أبريل ابريل إبريل نيسان",
        "may мая май mai mayo maggio maio травня травень maja maj mayıs mayis مايو أيار",
        "june июня июнь juin juni junio giugno junho червня червень czerwca czerwiec haziran يونيو حزيران",
        "july июля июль juillet juli julio luglio julho липня липень lipca lipiec temmuz يوليو تموز",
        "august августа август août aout agosto серпня серпень sierpnia sierpień ağustos agustos أغسطس اغسطس آب",
        "september сентября сентябрь septembre septiembre setiembre settembre setembro вересня вересень września wrzesień eylül eylul سبتمبر أيلول",
        "october октября октябрь octobre oktober octubre ottobre outubro жовтня жовтень października październik ekim أكتوبر اكتوبر",
        "november ноября ноябрь novembre noviembre novembro листопада листопад listopada listopad kasım kasim نوفمبر",
        "december декабря декабрь décembre dezember diciembre dicembre dezembro грудня грудень grudnia grudzień aralık aralik ديسمبر",
    ];
    let mut months = HashMap::new();
    for (month, names) in (1..).zip(NAMES) {
        for name in names.split(' ') {
            let ends = name.char_indices().map(|(at, c)| at + c.len_utf8());
            for end in ends.skip(2).chain([name.len()]) {
                // A beginning that two months share is the first one's.
                months.entry(name[..end].to_owned()).or_insert(month);
            }
        }
    }
    months
});
/// The longest name of a month, in bytes.
const MONTH_BYTES_MAX: usize = 24;

/// The number of a month by its name.
fn month(name: &str) -> Option<u32> {
    (name.len() <= MONTH_BYTES_MAX).then(|| MONTHS.get(&name.to_lowercase()).copied())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_FIRST: Style<'_> =
        Style { order: DateOrder::DayFirst, is_told: false, format: None, now: None };
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
    }

    #[test]
    fn the_order_of_day_and_month_is_inferred_from_all_dates() {
        assert_eq!(order_of(["3/4/2020 a", "3/14/2020 b"]), Some(DateOrder::MonthFirst));
        assert_eq!(order_of(["3/4/2020 a", "14/3/2020 b"]), Some(DateOrder::DayFirst));
        assert_eq!(leading("3/4/2020", MONTH_FIRST).unwrap().0.to_string(), "2020-03-04");
        assert_eq!(leading("3.4.2020", MONTH_FIRST).unwrap().0.to_string(), "2020-04-03");
    }

    #[test]
    fn what_the_operator_says_of_dates_goes_before_what_they_seem() {
        let told = |order| Style { order, is_told: true, ..DAY_FIRST };
        let on = |text, style| leading(text, style).map(|(on, _)| on.to_string());
        assert_eq!(on("3.4.2020", told(DateOrder::MonthFirst)).as_deref(), Some("2020-03-04"));
        assert_eq!(on("20-04-03 T", told(DateOrder::YearFirst)).as_deref(), Some("2020-04-03"));
        assert_eq!(on("2020-04-03 T", told(DateOrder::YearFirst)).as_deref(), Some("2020-04-03"));
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
}
