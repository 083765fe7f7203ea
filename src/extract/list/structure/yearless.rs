//! Dates without a year: "Nov 24", "27.11.", "19" above "NOV". The year is that of the heading
//! above, of the address beside, or the one that the order of the list proves.
//!
//! Guarantees: the day and the month are all of a line, of an inline element or of two short lines,
//! and numbers count only if all of their kind are dates in one order. Without evidence for the
//! year there is no date. Linear in the lines, and bounded.
//! Out of scope: dates with a year (`date`).

use crate::extract::{
    date::{self, Style},
    date_order::beside::{Beside, of_address},
    layout::{Line, Page},
};
use chrono::{Datelike, NaiveDate};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

/// The longest month with its day, in bytes.
const PART_BYTES_MAX: usize = 32;
/// The longest line of a date that is set in two, in bytes.
const TWO_LINES_BYTES_MAX: usize = 16;
/// The longest heading with a year, in bytes.
const YEAR_HEADING_BYTES_MAX: usize = 120;
/// The earliest year of a heading.
const YEAR_MIN: i32 = 1990;
/// The most texts that are parsed.
const PARSED_MAX: usize = 5_000;
/// The most lines of the element in which the link of an entry is looked for.
const ENTRY_LINES_MAX: usize = 12;
/// How many headings above a line are looked at.
const HEADINGS_MAX: usize = 12;
/// How many dates of one kind in order prove their years.
const ORDERED_MIN: usize = 3;
/// From the beginning of a year to the end of the one before, and from an announcement to today.
const HALF_YEAR_DAYS: u32 = 182;
const ANNOUNCED_DAYS_MAX: i64 = 92;
/// A year in which all days are.
const LEAP_YEAR: i32 = 2024;

/// A date without its year.
struct Printed {
    line: usize,
    range: Range<usize>,
    parts: Parts,
}

/// What is printed of a date.
enum Parts {
    /// A month with a name, and a day.
    Named(u32, u32),
    /// Two numbers, of which one is the month, and what parts them.
    Numbers(u32, u32, char),
    /// A day alone, below a heading with the month.
    Day(u32),
}

/// A heading with a year, perhaps with a month, and the lines that it stands above.
struct Heading {
    lines: Range<usize>,
    year: i32,
    month: Option<u32>,
}

/// Returns the dates without a printed year of a page by their lines. `dates` are where the
/// others of each line are, `spans` the lines of each block.
pub(super) fn yearless_dates(
    page: &Page,
    dates: &[Vec<Range<usize>>],
    spans: &[Range<usize>],
    style: Style<'_>,
) -> BTreeMap<usize, (Range<usize>, NaiveDate)> {
    if style.format.is_some() {
        return BTreeMap::new();
    }
    let headings = headings(page, spans, style);
    // Dates that belong together are in elements of one kind.
    let mut kinds: BTreeMap<(usize, &str, Option<&str>), Vec<Printed>> = BTreeMap::new();
    let mut parsed = 0;
    for (n, line) in page.lines.iter().enumerate() {
        let block = &page.blocks[line.block];
        if block.is_outside || block.is_navigation {
            continue;
        }
        let Some((range, parts)) = printed(page, n, &dates[n], style, &mut parsed) else {
            continue;
        };
        let class = block.classes.first().map(String::as_str);
        let depth = std::iter::successors(block.around, |n| page.blocks[*n].around).count();
        let kind = (depth, block.tag.as_str(), class);
        kinds.entry(kind).or_default().push(Printed { line: n, range, parts });
    }
    let mut found = BTreeMap::new();
    for printed in kinds.into_values() {
        let order = order_of(&printed);
        // Each with its month and day, and the day that a heading or an address gives it.
        let mut days: Vec<(Printed, u32, u32, Option<NaiveDate>)> = Vec::new();
        for printed in printed {
            let heading = heading_of(&headings, printed.line);
            let month_day = match printed.parts {
                Parts::Named(month, day) => Some((month, day)),
                Parts::Numbers(a, b, _) => {
                    order.map(|is_month_first| if is_month_first { (a, b) } else { (b, a) })
                }
                Parts::Day(day) => heading.and_then(|heading| Some((heading.month?, day))),
            };
            let Some((month, day)) = month_day else { continue };
            let year = year_of_link(page, spans, printed.line, month);
            let year = year.filter(|year| *year <= latest_year(style));
            let year = year.or(heading.map(|heading| heading.year));
            let on = year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
            days.push((printed, month, day, on));
        }
        remove_unsorted_days(&mut days);
        date_by_order(&mut days, style);
        let dated = days.into_iter().filter_map(|(p, _, _, on)| Some((p.line, (p.range, on?))));
        found.extend(dated);
    }
    found
}

/// Returns the headings with a year: "2026", "November 2026", "2026 (14)", and words with a year
/// where others have the same words with another one.
fn headings(page: &Page, spans: &[Range<usize>], style: Style<'_>) -> Vec<Heading> {
    let latest = latest_year(style);
    let mut found: Vec<(usize, i32, Option<u32>)> = Vec::new();
    let mut worded: HashMap<String, BTreeSet<(usize, i32)>> = HashMap::new();
    for (n, line) in page.lines.iter().enumerate() {
        let block = &page.blocks[line.block];
        let is_row = matches!(&*block.tag, "td" | "th" | "li" | "tr");
        if line.text.len() > YEAR_HEADING_BYTES_MAX || is_row || block.is_aside || block.is_outside
        {
            continue;
        }
        let text = spaced(line);
        let text = text.trim_matches(|c: char| !c.is_alphanumeric());
        let Some((year, words)) =
            year_in(text).filter(|(year, _)| (YEAR_MIN..=latest).contains(year))
        else {
            continue;
        };
        if !words.contains(char::is_alphabetic) {
            found.push((n, year, None));
        } else if text.len() <= PART_BYTES_MAX
            && let Some(on) = date::whole(&format!("1 {text}"), style)
        {
            found.push((n, on.year(), Some(on.month())));
        } else if block.is_heading() && line.links.is_empty() {
            worded.entry(words).or_default().insert((n, year));
        }
    }
    for lines in worded.into_values() {
        let years: BTreeSet<i32> = lines.iter().map(|(_, year)| *year).collect();
        if years.len() > 1 {
            found.extend(lines.into_iter().map(|(n, year)| (n, year, None)));
        }
    }
    found.sort_unstable();
    found
        .into_iter()
        .map(|(n, year, month)| {
            // The element that holds more than the heading.
            let mut around =
                std::iter::successors(Some(page.lines[n].block), |n| page.blocks[*n].around);
            let end =
                around.find(|block| spans[*block].len() > 1).map_or(n, |block| spans[block].end);
            Heading { lines: n + 1..end, year, month }
        })
        .collect()
}

/// Returns the latest year of which a page may speak.
fn latest_year(style: Style<'_>) -> i32 {
    style.now.map_or(2100, |now| now.year() + 1)
}

/// Returns the only number of four digits in a text, and the text without numbers.
fn year_in(text: &str) -> Option<(i32, String)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() > 3);
    let year = numbers.next().filter(|number| number.len() == 4)?.parse().ok()?;
    let words = text.chars().filter(|c| !c.is_numeric()).collect();
    numbers.next().is_none().then_some((year, words))
}

/// Returns the nearest heading above a line that stands above it.
fn heading_of(headings: &[Heading], line: usize) -> Option<&Heading> {
    let above = headings.partition_point(|heading| heading.lines.start <= line);
    headings[..above].iter().rev().take(HEADINGS_MAX).find(|heading| heading.lines.contains(&line))
}

/// Returns the year in the addresses of an entry, if they have this month and agree.
fn year_of_link(page: &Page, spans: &[Range<usize>], line: usize, month: u32) -> Option<i32> {
    let links = |lines: Range<usize>| page.lines[lines].iter().flat_map(|line| &line.links);
    let around =
        std::iter::successors(Some(page.lines[line].block), |block| page.blocks[*block].around);
    let mut short =
        around.map(|block| &spans[block]).take_while(|span| span.len() <= ENTRY_LINES_MAX);
    let entry = short.find(|span| links((*span).clone()).next().is_some())?.clone();
    let months = links(entry).filter_map(|(_, url)| match of_address(url)? {
        Beside::Month(year, month) => Some((year, month)),
        Beside::Day(on) => Some((on.year(), on.month())),
        Beside::Instant(_) => None,
    });
    let years: BTreeSet<(i32, u32)> = months.collect();
    match years.into_iter().collect::<Vec<_>>()[..] {
        [(year, of_link)] if of_link == month => Some(year),
        _ => None,
    }
}

/// Returns whether the first of two numbers is the month in all dates of a kind; `None` if their
/// numbers do not show it, or are none of days.
fn order_of(printed: &[Printed]) -> Option<bool> {
    let numbers = || {
        printed.iter().filter_map(|printed| match printed.parts {
            Parts::Numbers(a, b, separator) => Some((a, b, separator)),
            _ => None,
        })
    };
    let is_date = |month: u32, day: u32| NaiveDate::from_ymd_opt(LEAP_YEAR, month, day).is_some();
    let is_month_first = numbers().all(|(a, b, _)| is_date(a, b));
    let is_day_first = numbers().all(|(a, b, _)| is_date(b, a));
    match (is_month_first, is_day_first) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        // "3.11." is a day and a month wherever it is written.
        (true, true) if numbers().all(|(_, _, separator)| separator == '.') => Some(false),
        _ => None,
    }
}

/// Removes days without a month that are not in order below their heading: they are numbers of
/// something else.
fn remove_unsorted_days(days: &mut Vec<(Printed, u32, u32, Option<NaiveDate>)>) {
    let alone: Vec<NaiveDate> = days
        .iter()
        .filter(|(printed, ..)| matches!(printed.parts, Parts::Day(_)))
        .filter_map(|(.., on)| *on)
        .collect();
    let is_sorted = alone.is_sorted() || alone.is_sorted_by(|a, b| a >= b);
    if alone.len() < 2 || !is_sorted {
        days.retain(|(printed, ..)| !matches!(printed.parts, Parts::Day(_)));
    }
}

/// Dates those of a kind that are in order from the newest to the oldest. The year changes only from
/// the beginning of one to the end of the one before.
fn date_by_order(days: &mut [(Printed, u32, u32, Option<NaiveDate>)], style: Style<'_>) {
    let Some(today) = style.now.map(|now| now.date()) else { return };
    if days.len() < ORDERED_MIN || days.iter().any(|(.., on)| on.is_some()) {
        return;
    }
    let mut dated = Vec::new();
    let mut last: Option<NaiveDate> = None;
    for (_, month, day, _) in days.iter() {
        let in_year = |year: i32| NaiveDate::from_ymd_opt(year, *month, *day);
        let on = match last {
            None => match in_year(today.year()) {
                Some(on) if on <= today => Some(on),
                // What is announced may be the newest, or of the year before.
                Some(on) if (on - today).num_days() <= ANNOUNCED_DAYS_MAX => None,
                _ => in_year(today.year() - 1),
            },
            Some(last) => match in_year(last.year()) {
                Some(on) if on <= last => Some(on),
                Some(on) if on.ordinal() > last.ordinal() + HALF_YEAR_DAYS => {
                    in_year(last.year() - 1)
                }
                _ => None,
            },
        };
        let Some(on) = on else { return };
        dated.push(on);
        last = Some(on);
    }
    days.iter_mut().zip(dated).for_each(|(day, on)| day.3 = Some(on));
}

/// Returns what a line prints of a date without a year, apart from its other `dates`, and where.
fn printed(
    page: &Page,
    n: usize,
    dates: &[Range<usize>],
    style: Style<'_>,
    parsed: &mut usize,
) -> Option<(Range<usize>, Parts)> {
    let line = &page.lines[n];
    let is_short = line.text.len() <= PART_BYTES_MAX;
    if dates.is_empty() && is_short {
        let of_lines = two_lines(page, n).and_then(|text| parse(&text, style, parsed));
        let whole = || parse(&spaced(line), style, parsed);
        if let Some(parts) = of_lines.or_else(whole).or_else(|| day_alone(page, line, style)) {
            return Some((0..line.text.len(), parts));
        }
    }
    if line.edges.is_empty() && line.links.is_empty() {
        return None;
    }
    let mut ends = vec![0, line.text.len()];
    ends.extend(line.edges.iter().copied());
    ends.extend(line.links.iter().flat_map(|(range, _)| [range.start, range.end]));
    ends.sort_unstable();
    ends.dedup();
    ends.windows(2).find_map(|pair| {
        let is_in_part = |date: &Range<usize>| date.start < pair[1] && pair[0] < date.end;
        if dates.iter().any(is_in_part) {
            return None;
        }
        Some((pair[0]..pair[1], parse(line.text.get(pair[0]..pair[1])?, style, parsed)?))
    })
}

/// Returns the text of a line with blanks between its elements: "19NOV" may be two that only a
/// style sets apart.
fn spaced(line: &Line) -> String {
    let mut text = line.text.clone();
    for edge in line.edges.iter().rev().filter(|edge| line.text.is_char_boundary(**edge)) {
        text.insert(*edge, ' ');
    }
    text
}

/// Returns the text of a number and a word in two short lines: "19", "NOV".
fn two_lines(page: &Page, n: usize) -> Option<String> {
    let [first, second] = [page.lines.get(n)?, page.lines.get(n + 1)?].map(|line| &line.text);
    let is_number = |text: &str| text.chars().all(char::is_numeric);
    let is_short = |text: &str| text.len() <= TWO_LINES_BYTES_MAX;
    let are_two = is_short(first) && is_short(second) && is_number(first) != is_number(second);
    (are_two && page.is_near(n, n + 1)).then(|| format!("{first} {second}"))
}

/// Returns the day of a line that is nothing else, but for its weekday: "27.", "27. Fr.".
fn day_alone(page: &Page, line: &Line, style: Style<'_>) -> Option<Parts> {
    if !line.links.is_empty() || matches!(&*page.blocks[line.block].tag, "td" | "th") {
        return None;
    }
    let text = spaced(line);
    let (mut number, mut words) = (None, String::new());
    for part in text.split_whitespace() {
        match part.trim_end_matches(['.', ',']).parse::<u32>() {
            Ok(day) if number.is_none() && (1..=31).contains(&day) => number = Some(day),
            Ok(_) => return None,
            Err(_) => words = words + part + " ",
        }
    }
    let is_weekday = || date::whole(&format!("{words}{LEAP_YEAR}-07-14"), style).is_some();
    number.filter(|_| words.is_empty() || is_weekday()).map(Parts::Day)
}

/// Parses a day and a month.
fn parse(text: &str, style: Style<'_>, parsed: &mut usize) -> Option<Parts> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || ",;:|·•–—()[]".contains(c));
    if text.len() > PART_BYTES_MAX || !text.contains(char::is_numeric) {
        return None;
    }
    if !text.contains(char::is_alphabetic) {
        return numbers(text);
    }
    *parsed += 1;
    if *parsed > PARSED_MAX {
        return None;
    }
    let of = |text: String| date::whole(&text, style).filter(|on| on.year() == LEAP_YEAR);
    let on = if text.contains('月') {
        of(format!("{LEAP_YEAR}年{text}"))
    } else if text.contains('월') {
        of(format!("{LEAP_YEAR}년 {text}"))
    } else {
        of(format!("{text} {LEAP_YEAR}")).or_else(|| of(format!("{LEAP_YEAR} {text}")))
    }?;
    Some(Parts::Named(on.month(), on.day()))
}

/// Parses two numbers that may be a day and a month: "27.11.", "11-27", "27/11". With dots these
/// have two digits, or a dot behind: "1.2" is a section.
fn numbers(text: &str) -> Option<Parts> {
    let separator = text.chars().find(|c| !c.is_numeric())?;
    let (a, b) = text.trim_end_matches('.').split_once(separator)?;
    let is_parted = match separator {
        '.' => text.ends_with('.') || a.len() == 2 && b.len() == 2,
        '/' | '-' => true,
        _ => false,
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|n| (1..=31).contains(n));
    Some(Parts::Numbers(number(a)?, number(b)?, separator)).filter(|_| is_parted)
}
