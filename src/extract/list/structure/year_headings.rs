//! Dates without a year below a heading that is a year: "2026", then "Nov 24" or "11-24".
//!
//! Guarantees: the month and the day are set apart from the text beside them, and the year is the
//! nearest one above.
//! Out of scope: dates with a year (`date`).

use super::index::Dated;
use crate::extract::{
    date::{self, Style},
    layout::{Line, Page},
};
use chrono::{Datelike, NaiveDate};
use std::ops::Range;

/// The longest month with its day, in bytes.
const PART_BYTES_MAX: usize = 32;

/// The year of the last heading.
pub(super) struct YearHeading(Option<i32>);

impl YearHeading {
    pub(super) fn new() -> Self {
        YearHeading(None)
    }

    /// Notes a line, if it is a year alone, outside of rows and items.
    pub(super) fn pass(&mut self, page: &Page, line: &Line, style: Style<'_>) {
        let is_row = matches!(&*page.blocks[line.block].tag, "td" | "th" | "li" | "tr");
        let text = line.text.trim_matches(|c: char| !c.is_alphanumeric());
        if is_row || text.len() != 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let latest = style.now.map_or(2100, |now| now.year() + 1);
        if let Some(year) = text.parse().ok().filter(|year| (1990..=latest).contains(year)) {
            self.0 = Some(year);
        }
    }

    /// Returns the day that a line prints without its year, and where, apart from these `dates`.
    pub(super) fn day(
        &self,
        line: &Line,
        dates: &[Dated],
        style: Style<'_>,
    ) -> Option<(Range<usize>, NaiveDate)> {
        let year = self.0?;
        if line.text.len() > PART_BYTES_MAX && line.edges.is_empty() && line.links.is_empty() {
            return None;
        }
        let mut ends = vec![0, line.text.len()];
        ends.extend(line.edges.iter().copied());
        ends.extend(line.links.iter().flat_map(|(range, _)| [range.start, range.end]));
        ends.sort_unstable();
        ends.dedup();
        ends.windows(2).find_map(|pair| {
            let is_in_part =
                |dated: &Dated| dated.range.start < pair[1] && pair[0] < dated.range.end;
            if dates.iter().any(is_in_part) {
                return None;
            }
            let part = line.text.get(pair[0]..pair[1])?;
            let text = part.trim_matches(|c: char| c.is_whitespace() || ",;:|·•–—()[]".contains(c));
            if text.is_empty()
                || text.len() > PART_BYTES_MAX
                || !text.contains(|c: char| c.is_numeric())
            {
                return None;
            }
            let written = format!("{text} {year}");
            let numeric = format!("{year}-{}", text.replace(['/', '.'], "-"));
            let on = date::whole(&written, style).or_else(|| date::whole(&numeric, style))?;
            (on.year() == year).then_some((pair[0]..pair[1], on))
        })
    }
}
