//! Dates without a year: "Nov 24", "27.11.", "19" above "NOV". The year is that of the heading
//! above, of the address beside, or the one that the order of the list proves.
//!
//! Guarantees: the day and the month are all of a line, of an inline element or of two short lines;
//! without such evidence there is no date. Linear in the lines.
//! Out of scope: dates with a year (`date`).

use super::index::Dated;
use crate::extract::{
    date::{self, Style},
    layout::{Line, Page},
};
use chrono::{Datelike, NaiveDate};
use std::{collections::BTreeMap, ops::Range};
use url::Url;

/// The longest month with its day, in bytes.
const PART_BYTES_MAX: usize = 32;
/// The longest line of a date that is set in two, in bytes.
const SPLIT_BYTES_MAX: usize = 16;
/// The longest heading with a year, in characters.
const HEADING_CHARS_MAX: usize = 60;
/// The earliest year of a heading.
const YEAR_MIN: i32 = 1990;
/// How many lines away the link of an entry may be.
const LINK_LINES: usize = 6;
/// How many dates of one kind in order prove their years.
const ORDERED_MIN: usize = 3;
/// The longest time between two entries in order, in days; what seems longer is not in order.
const STEP_DAYS_MAX: i64 = 300;
/// A year in which all days are.
const LEAP_YEAR: i32 = 2024;

/// A date without its year.
struct MonthDay {
    line: usize,
    range: Range<usize>,
    month: u32,
    day: u32,
    on: Option<NaiveDate>,
}

/// Returns the dates without a printed year of a page by their lines. `dates` are the others, of
/// each line.
pub(super) fn yearless_dates(
    page: &Page,
    dates: &[Vec<Dated>],
    style: Style<'_>,
) -> BTreeMap<usize, (Range<usize>, NaiveDate)> {
    if style.format.is_some() {
        return BTreeMap::new();
    }
    let mut found = Vec::new();
    let mut year = None;
    for (n, line) in page.lines.iter().enumerate() {
        let block = &page.blocks[line.block];
        if block.is_outside || block.is_navigation {
            continue;
        }
        year = year_of_heading(page, line, style).or(year);
        let Some((range, month, day)) = month_day(page, n, &dates[n], style) else { continue };
        let of_heading = || NaiveDate::from_ymd_opt(year?, month, day);
        let on = year_of_link(page, n, month)
            .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
            .or_else(of_heading);
        found.push(MonthDay { line: n, range, month, day, on });
    }
    date_by_order(page, &mut found, style);
    found.into_iter().filter_map(|found| Some((found.line, (found.range, found.on?)))).collect()
}

/// Returns the year of a line, if it is a heading with one: "2026", "November 2026", and in the
/// element of a heading also "News of 2026 (14)".
fn year_of_heading(page: &Page, line: &Line, style: Style<'_>) -> Option<i32> {
    let block = &page.blocks[line.block];
    if matches!(&*block.tag, "td" | "li" | "tr") || line.text.len() > HEADING_CHARS_MAX * 4 {
        return None;
    }
    let latest = style.now.map_or(2100, |now| now.year() + 1);
    let is_year = |year: &i32| (YEAR_MIN..=latest).contains(year);
    let text = line.text.trim_matches(|c: char| !c.is_alphanumeric());
    if let Ok(year) = text.parse::<i32>() {
        return Some(year).filter(is_year);
    }
    if text.len() <= PART_BYTES_MAX
        && text.contains(|c: char| c.is_numeric())
        && let Some(on) = date::whole(&format!("1 {text}"), style)
    {
        return Some(on.year()).filter(is_year);
    }
    if !block.is_heading() || line.text.chars().count() > HEADING_CHARS_MAX {
        return None;
    }
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    let mut years = numbers.filter(|number| number.len() == 4).map(str::parse);
    match (years.next(), years.next()) {
        (Some(Ok(year)), None) => Some(year).filter(is_year),
        _ => None,
    }
}

/// Returns the year in the address of the nearest link, if the month beside it is this one:
/// "/2026/11/fog-bells", "/2026-11-24-fog-bells".
fn year_of_link(page: &Page, n: usize, month: u32) -> Option<i32> {
    let links = |lines: &[Line]| lines.iter().find_map(|line| line.links.first().cloned());
    let end = page.lines.len().min(n + LINK_LINES);
    let below = links(&page.lines[n..end]).and_then(|(_, link)| year_of(&link, month));
    below.or_else(|| {
        let above = page.lines[n.saturating_sub(LINK_LINES)..n].iter().rev();
        let link = above.flat_map(|line| line.links.first()).next()?;
        year_of(&link.1, month)
    })
}

fn year_of(link: &Url, month: u32) -> Option<i32> {
    let mut numbers = link.path().split(['/', '-', '_']).map(|part| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| is_number)
    });
    let mut year = None;
    numbers
        .find_map(|number| {
            let before =
                std::mem::replace(&mut year, number.filter(|year| (1990..2100).contains(year)));
            before.filter(|_| number == Some(month))
        })?
        .try_into()
        .ok()
}

/// Dates those that are of one kind of element and in order: the newest is the latest possible day,
/// and each of the others the latest one that is no later than the one before.
fn date_by_order(page: &Page, found: &mut [MonthDay], style: Style<'_>) {
    let Some(today) = style.now.map(|now| now.date()) else { return };
    let mut kinds: BTreeMap<(usize, &str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (n, found) in found.iter().enumerate().filter(|(_, found)| found.on.is_none()) {
        let block = &page.blocks[page.lines[found.line].block];
        let class = block.classes.first().map(String::as_str);
        let depth =
            std::iter::successors(block.around, |around| page.blocks[*around].around).count();
        kinds.entry((depth, &block.tag, class)).or_default().push(n);
    }
    for members in kinds.into_values().filter(|members| members.len() >= ORDERED_MIN) {
        let mut latest = today;
        let mut turns = 0;
        let mut days = Vec::new();
        for n in &members {
            let MonthDay { month, day, .. } = found[*n];
            let in_year = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
            let on = in_year(latest.year()).filter(|on| *on <= latest);
            let on = on.or_else(|| in_year(latest.year() - 1));
            // "28 November" four days ahead, or below "27 November", is not of the year before.
            let is_near = |on: &NaiveDate| (latest - *on).num_days() <= STEP_DAYS_MAX;
            let Some(on) = on.filter(is_near) else { break };
            turns += usize::from(on.year() < latest.year());
            latest = on;
            days.push(on);
        }
        // A list that is not in order seems to go back by a year at many places.
        let is_ordered = days.len() == members.len() && turns * ORDERED_MIN <= members.len();
        if is_ordered {
            members.iter().zip(days).for_each(|(n, on)| found[*n].on = Some(on));
        }
    }
}

/// Returns the month and the day that a line prints without a year, apart from its other `dates`,
/// and where.
fn month_day(
    page: &Page,
    n: usize,
    dates: &[Dated],
    style: Style<'_>,
) -> Option<(Range<usize>, u32, u32)> {
    let line = &page.lines[n];
    if let Some(found) = split_month_day(page, n, style).filter(|_| dates.is_empty()) {
        return Some((0..line.text.len(), found.month(), found.day()));
    }
    if line.text.len() > PART_BYTES_MAX && line.edges.is_empty() && line.links.is_empty() {
        return None;
    }
    // "19NOV": two elements that only a style sets apart.
    if dates.is_empty()
        && let Some(on) = parse(&spaced(line), style)
    {
        return Some((0..line.text.len(), on.month(), on.day()));
    }
    let mut ends = vec![0, line.text.len()];
    ends.extend(line.edges.iter().copied());
    ends.extend(line.links.iter().flat_map(|(range, _)| [range.start, range.end]));
    ends.sort_unstable();
    ends.dedup();
    ends.windows(2).find_map(|pair| {
        let is_in_part = |dated: &Dated| dated.range.start < pair[1] && pair[0] < dated.range.end;
        if dates.iter().any(is_in_part) {
            return None;
        }
        let on = parse(line.text.get(pair[0]..pair[1])?, style)?;
        Some((pair[0]..pair[1], on.month(), on.day()))
    })
}

/// Returns the text of a short line with spaces between its elements; nothing if it is longer.
fn spaced(line: &Line) -> String {
    if line.text.len() > PART_BYTES_MAX || line.edges.is_empty() {
        return String::new();
    }
    let mut text = line.text.clone();
    for edge in line.edges.iter().rev().filter(|edge| line.text.is_char_boundary(**edge)) {
        text.insert(*edge, ' ');
    }
    text
}

/// Returns the month and the day of two short lines: "19", "NOV".
fn split_month_day(page: &Page, n: usize, style: Style<'_>) -> Option<NaiveDate> {
    let [first, second] = [page.lines.get(n)?, page.lines.get(n + 1)?].map(|line| &line.text);
    let is_number = |text: &str| text.chars().all(char::is_numeric);
    let is_short = |text: &str| text.len() <= SPLIT_BYTES_MAX;
    if !is_short(first) || !is_short(second) || is_number(first) == is_number(second) {
        return None;
    }
    parse(&format!("{first} {second}"), style)
}

/// Parses a day and a month, as of a leap year.
fn parse(text: &str, style: Style<'_>) -> Option<NaiveDate> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || ",;:|·•–—()[]".contains(c));
    if text.is_empty() || text.len() > PART_BYTES_MAX || !text.contains(char::is_numeric) {
        return None;
    }
    let is_numeric = !text.contains(char::is_alphabetic);
    let written = [
        format!("{text} {LEAP_YEAR}"),
        format!("{LEAP_YEAR}年{text}"),
        format!("{LEAP_YEAR}년 {text}"),
        format!("{LEAP_YEAR} {text}"),
    ];
    let numeric = || {
        let mut parts = text.trim_end_matches('.').split(['.', '/', '-']);
        let (a, b) = (parts.next()?, parts.next()?);
        let is_month_first = text.contains('-');
        let separator = if is_month_first { '-' } else { '/' };
        let text = match is_month_first {
            true => format!("{LEAP_YEAR}-{a}-{b}"),
            false => format!("{a}{separator}{b}{separator}{LEAP_YEAR}"),
        };
        parts.next().is_none().then_some(())?;
        date::whole(&text, style)
    };
    let on = if is_numeric {
        numeric()
    } else {
        written.iter().find_map(|text| date::whole(text, style))
    };
    on.filter(|on| on.year() == LEAP_YEAR)
}
