//! The order of day and month in numeric dates ("03/04/2026"), decided from all that a page shows.
//!
//! What can be read in one way only proves the order: numbers that are no months (`weigh`), days for
//! programs (`beside`), a list that is sorted in one reading alone. Else what is usual in the
//! language and country (`usual`) and in the written dates of the page is weighed. Short dates may
//! begin with the year (`short_years`).
//!
//! Guarantees: each piece of evidence has a name and a weight; what little speaks for is called a
//! guess, and dates whose order the page contradicts are reported (`Decision::settle`).
//! Out of scope: how a date is parsed (`date`).

mod american;
pub(crate) mod beside;
mod short_years;
#[cfg(test)]
mod tests;
mod usual;
mod weigh;

use self::{
    beside::Beside,
    weigh::{Evidence, Findings},
};
use super::{
    date::{self, Numbers},
    document::Document,
    layout::Page,
};
use crate::domain::DateOrder;
use chrono::{NaiveDate, TimeDelta};
use std::{cell::LazyCell, collections::HashSet};

/// The most dates of one line, and of a page, that are weighed.
const LINE_ROWS_MAX: usize = 4;
const ROWS_MAX: usize = 5000;
/// How many lines before and after a date are beside it.
const LINES_BESIDE: usize = 3;
/// The longest line whose date may be an entry's in a sorted list, in bytes.
const LISTED_BYTES_MAX: usize = 300;

/// How certain the order of day and month in the days of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderCertainty {
    /// It is configured, or the page can be read in one order only, or another order finds the same
    /// days.
    Proved,
    /// More speaks for it than against it: the language and country, the written dates, the order of
    /// a short list.
    Usual,
    /// Little shows it, or what shows it disagrees.
    Guessed,
}

impl OrderCertainty {
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderCertainty::Proved => "proved",
            OrderCertainty::Usual => "usual",
            OrderCertainty::Guessed => "guessed",
        }
    }
}

/// A numeric date, with what stands beside it for programs.
#[derive(Clone, Debug)]
pub(super) struct Row {
    numbers: Numbers,
    beside: Vec<Beside>,
    /// Whether it may be the date of an entry in a list.
    is_listed: bool,
}

impl Row {
    /// Returns the first date of a text, with days for programs beside it.
    pub(super) fn of(text: &str, days: Vec<NaiveDate>) -> Option<Self> {
        let numbers = date::numbers(text, 1).into_iter().next()?;
        let beside = days.into_iter().map(Beside::Instant).collect();
        Some(Row { numbers, beside, is_listed: true })
    }

    /// Returns the whole days beside it.
    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.beside.iter().filter_map(|beside| match beside {
            Beside::Instant(on) | Beside::Day(on) => Some(*on),
            Beside::Month(..) => None,
        })
    }
}

/// What is known about where dates are from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin<'a> {
    /// The language that the operator says.
    pub lang_rule: Option<&'a str>,
    /// The one that the document declares.
    pub lang: Option<&'a str>,
    pub host: Option<&'a str>,
    /// How many more of its written dates have the month before the day than after it.
    pub months_before_days: i32,
    pub has_american_address: bool,
    pub has_american_phone: bool,
}

/// The order that was decided on.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) order: DateOrder,
    /// Whether dates with dots, which nearly everywhere have the day first, have the month first.
    pub(crate) is_dotted_month_first: bool,
    pub(crate) certainty: OrderCertainty,
    /// The days that another order would change.
    ambiguous: HashSet<NaiveDate>,
    /// Those that something beside them contradicts.
    contradicted: HashSet<NaiveDate>,
    /// Those of the contradicted that are also printed in a way that has no other reading: which of
    /// the two an entry has is not known.
    spared: HashSet<NaiveDate>,
}

impl Decision {
    /// Returns whether little shows the order.
    pub(crate) fn is_guessed(&self) -> bool {
        self.certainty == OrderCertainty::Guessed
    }

    /// Removes the days of entries that the page contradicts. Returns what the operator has to know.
    pub(crate) fn settle<'a>(
        &self,
        days: impl Iterator<Item = &'a mut Option<NaiveDate>>,
    ) -> Option<String> {
        let mut removed = 0;
        let mut has_guesses = false;
        for day in days {
            let Some(on) = *day else { continue };
            if self.contradicted.contains(&on) {
                *day = None;
                removed += 1;
            }
            has_guesses |=
                self.spared.contains(&on) || self.is_guessed() && self.ambiguous.contains(&on);
        }
        const SETTING: &str = "set page.date_order to \"dmy\" or \"mdy\"";
        if removed > 0 {
            let have = if removed == 1 { "has" } else { "have" };
            return Some(format!(
                "{removed} of its entries {have} no day, since the page contradicts itself about day and month: {SETTING}"
            ));
        }
        has_guesses.then(|| {
            format!("day and month of its dates may be swapped, since little shows their order: {SETTING}")
        })
    }

    /// Keeps contradicted days that are among these, which can be read in one way only.
    fn spare(&mut self, certain: impl Iterator<Item = NaiveDate>) {
        self.spared = certain.filter(|on| self.contradicted.contains(on)).collect();
        self.contradicted.retain(|on| !self.spared.contains(on));
    }
}

/// Decides the order of the numeric dates of a page.
pub(crate) fn of_page(page: &Page, document: &Document<'_>) -> Decision {
    let texts = || page.lines.iter().map(|line| line.text.as_str());
    let host = document.url.and_then(|url| url.host_str());
    let host = host.filter(|host| usual::country(host).is_some()).or(page.host.as_deref());
    let origin = Origin {
        lang_rule: document.page_rules.lang.as_deref(),
        lang: Some(&page.lang),
        host,
        months_before_days: texts().map(date::months_before_days).sum(),
        has_american_address: texts().any(american::has_address),
        has_american_phone: texts().any(american::has_phone),
    };
    let mut decision = decide(&rows(page), &origin, document.today_on());
    if !decision.contradicted.is_empty() {
        let lang = origin.lang_rule.unwrap_or(&page.lang);
        decision.spare(texts().flat_map(|text| date::certain(text, lang)));
    }
    decision
}

/// Returns the numeric dates of a page, each with what is beside it.
fn rows(page: &Page) -> Vec<Row> {
    let beside: Vec<_> =
        page.lines.iter().map(|line| LazyCell::new(move || beside::of_line(page, line))).collect();
    let mut rows = Vec::new();
    for (n, line) in page.lines.iter().enumerate() {
        let mut is_listed = line.text.len() <= LISTED_BYTES_MAX;
        for numbers in date::numbers(&line.text, LINE_ROWS_MAX) {
            let from = n.saturating_sub(LINES_BESIDE);
            let to = (n + LINES_BESIDE + 1).min(page.lines.len());
            let near = beside.get(from..to).unwrap_or_default();
            let beside = near.iter().flat_map(|of_line| of_line.iter().copied()).collect();
            rows.push(Row { numbers, beside, is_listed });
            is_listed = false;
        }
        if rows.len() >= ROWS_MAX {
            break;
        }
    }
    rows
}

/// Decides the order of numeric dates.
pub(super) fn decide(rows: &[Row], origin: &Origin<'_>, today_on: NaiveDate) -> Decision {
    let latest_on = today_on + TimeDelta::days(1);
    let lang = origin.lang_rule.or(origin.lang).unwrap_or_default();
    let is_usual = usual::of_lang(lang) == Some(DateOrder::YearFirst);
    let year_first = short_years::year_first(rows, is_usual, today_on);
    let is_year_first = |row: &&Row| {
        let has_day = row.numbers.day(DateOrder::YearFirst).is_some();
        year_first.is_some() && row.numbers.is_short && has_day
    };
    let (dotted, other): (Vec<Row>, Vec<Row>) = rows
        .iter()
        .filter(|row| !is_year_first(row))
        .cloned()
        .partition(|row| row.numbers.is_dotted);
    let findings = Findings::of(&other, origin, latest_on);
    // Dots are day-first nearly everywhere, so that only proof counts.
    let dots = Findings::of(&dotted, &Origin::default(), latest_on);
    let is_dotted_month_first = dots.proved() == Some(DateOrder::MonthFirst);
    let (order, certainty) = match (findings.order(), year_first) {
        (_, Some(certainty)) if other.is_empty() => (DateOrder::YearFirst, certainty),
        (DateOrder::MonthFirst, _) | (_, None) => (findings.order(), findings.certainty()),
        (_, Some(certainty)) => (DateOrder::YearFirst, certainty.max(findings.certainty())),
    };
    let mut decision = Decision {
        order,
        is_dotted_month_first,
        certainty,
        ambiguous: HashSet::new(),
        contradicted: HashSet::new(),
        spared: HashSet::new(),
    };
    let mut supported = HashSet::new();
    for row in other.iter().filter(|row| row.numbers.is_ambiguous()) {
        let is_month_first = order == DateOrder::MonthFirst;
        let read_as = if is_month_first { order } else { DateOrder::DayFirst };
        let Some(on) = row.numbers.day(read_as) else { continue };
        decision.ambiguous.insert(on);
        match weigh::beside(row).filter(|(evidence, _)| *evidence != Evidence::AddressMonth) {
            Some((_, proved)) if proved != read_as => decision.contradicted.insert(on),
            Some(_) => supported.insert(on),
            None if findings.is_contradictory() => decision.contradicted.insert(on),
            None => false,
        };
    }
    decision.contradicted.retain(|on| !supported.contains(on));
    let year_last = [DateOrder::DayFirst, DateOrder::MonthFirst];
    let is_open = |row: &&Row| year_last.iter().any(|order| row.numbers.day(*order).is_some());
    let short = rows.iter().filter(is_year_first).filter(is_open);
    decision.ambiguous.extend(short.filter_map(|row| row.numbers.day(DateOrder::YearFirst)));
    decision
}
