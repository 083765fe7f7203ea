//! Days that stand beside printed dates for programs: in attributes, in JSON-LD, in the addresses of
//! links.
//!
//! Guarantees: only what names its year first, which can be read in one way; bounded work for each line.

use crate::extract::layout::{Line, Page};
use chrono::{Datelike, NaiveDate};
use url::Url;

/// The most links and attributes of one line that are looked at.
const LINE_DAYS_MAX: usize = 8;
/// The longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 500;
/// Years that an address can name.
const YEARS: std::ops::Range<i32> = 1990..2100;

/// A day or month for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Of an attribute or of JSON-LD: in another zone it is the day before or after.
    Instant(NaiveDate),
    /// Of an address.
    Day(NaiveDate),
    /// Year and month, of an address.
    Month(i32, u32),
}

impl Beside {
    /// Returns whether a day is this one.
    pub(super) fn is(self, on: NaiveDate) -> bool {
        match self {
            Beside::Instant(day) => (day - on).num_days().abs() <= 1,
            Beside::Day(day) => day == on,
            Beside::Month(year, month) => (on.year(), on.month()) == (year, month),
        }
    }
}

/// Returns what the attributes and links of a line say.
pub(super) fn of_line(page: &Page, line: &Line) -> Vec<Beside> {
    let marks = line.marks.iter().take(LINE_DAYS_MAX).map(|(_, on)| Beside::Instant(*on));
    let of_link = |(_, link): &(_, Url)| {
        let linked = || {
            let mut link = link.clone();
            link.set_fragment(None);
            page.linked_data.get(&link).copied().map(Beside::Instant)
        };
        // Most pages have none, and addresses are long.
        let instant = if page.linked_data.is_empty() { None } else { linked() };
        [instant, of_address(link)].into_iter().flatten()
    };
    marks.chain(line.links.iter().take(LINE_DAYS_MAX).flat_map(of_link)).collect()
}

/// Returns the day in an address, else the month: "20260304", "2026/03/04", "2026-03-04", "/2026/03/".
pub(crate) fn of_address(url: &Url) -> Option<Beside> {
    let text = url.path();
    if text.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    // The numbers, with what is between each and the one before.
    let mut runs: Vec<(&str, &str)> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        runs.push((before, digits));
        rest = after;
    }
    let number = |digits: &str| digits.parse::<u32>().ok();
    let in_years = |year: &i32| YEARS.contains(year);
    let compact = runs.iter().filter(|(_, digits)| digits.len() == 8).find_map(|(_, digits)| {
        NaiveDate::parse_from_str(digits, "%Y%m%d").ok().filter(|on| in_years(&on.year()))
    });
    let year_of = |digits: &str| {
        let year = (digits.len() == 4).then(|| digits.parse::<i32>().ok())??;
        in_years(&year).then_some(year)
    };
    let parted = || {
        runs.array_windows().find_map(|[(_, y), (first, m), (second, d)]| {
            let is_one = first == second && matches!(*first, "/" | "-" | "_" | ".");
            let is_short = m.len() <= 2 && d.len() <= 2;
            let year = year_of(y).filter(|_| is_one && is_short)?;
            NaiveDate::from_ymd_opt(year, number(m)?, number(d)?)
        })
    };
    let month = || {
        runs.array_windows().find_map(|[(before, y), (between, m)]| {
            let is_folder = before.ends_with('/') && matches!(*between, "/" | "-") && m.len() == 2;
            let year = year_of(y).filter(|_| is_folder)?;
            let month = number(m).filter(|month| (1..=12).contains(month))?;
            Some(Beside::Month(year, month))
        })
    };
    compact.or_else(parted).map(Beside::Day).or_else(month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_hold_its_day_or_month() {
        let day = |text: &str| Some(Beside::Day(text.parse().unwrap()));
        for (path, expected) in [
            ("/media/board20240604.mp4", day("2024-06-04")),
            ("/2024/06/04/lock", day("2024-06-04")),
            ("/news/2024-6-4-lock", day("2024-06-04")),
            ("/files/2024/06/lock.pdf", Some(Beside::Month(2024, 6))),
            ("/files/2024-06/lock.pdf", Some(Beside::Month(2024, 6))),
            ("/files/2024/16/lock.pdf", None),
            ("/board/20241604", None),
            ("/news/12024/06/04", None),
            ("/news/18640604", None),
            ("/06/04/2024", None),
            ("/", None),
        ] {
            let url = Url::parse(&format!("https://canals.example{path}")).unwrap();
            assert_eq!(of_address(&url), expected, "{path}");
        }
    }
}
