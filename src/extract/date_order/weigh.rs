//! What speaks for the day first and what for the month first, with a weight for each.
//!
//! Guarantees: the weights are in one place (`Evidence::weight`); what proves an order and what only
//! makes it likely are counted apart.

use super::{Beside, OrderCertainty, Origin, Row, usual};
use crate::domain::DateOrder;
use chrono::{NaiveDate, TimeDelta};

/// What a single piece of proof counts.
pub(super) const PROOF: i32 = 3;
/// How many times as much must speak for an order as against it.
const DOMINANCE: i32 = 3;
/// By how much the likelier order must lead to be the usual one.
const LEAD: i32 = 2;
/// How far ahead the days of a calendar of events are.
const CALENDAR_DAYS: i64 = 92;

/// A piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A number that can be no month.
    Number,
    /// A day for programs that is one reading of the date beside it.
    Instant,
    /// The same in an address.
    Address,
    /// A month in an address.
    AddressMonth,
    /// Other readings are out of order.
    Sorted,
    /// Other readings are in the future.
    NotAhead,
    /// Written dates of the page.
    Written,
    /// The language.
    Language,
    /// The country of the host.
    Country,
    AmericanAddress,
    AmericanPhone,
    /// The language that the operator says.
    LanguageRule,
}

impl Evidence {
    /// Returns what the evidence counts, of which there are so many pieces.
    fn weight(self, pieces: i32) -> i32 {
        match self {
            Evidence::Number | Evidence::Instant | Evidence::Address => PROOF * pieces,
            // A file may lie in the folder of a later month.
            Evidence::AddressMonth => pieces.min(4),
            // Two or three rows are in order by chance.
            Evidence::Sorted => (2 * pieces).min(6),
            // One may be the day of a hearing; several together outweigh a language.
            Evidence::NotAhead => match pieces {
                0 | 1 => pieces,
                2 => 2,
                _ => 4,
            },
            Evidence::AmericanPhone => 1,
            Evidence::Written
            | Evidence::Language
            | Evidence::Country
            | Evidence::AmericanAddress => 2,
            Evidence::LanguageRule => 6,
        }
    }

    /// Returns whether this much of it is proof.
    fn is_proof(self, pieces: i32) -> bool {
        match self {
            Evidence::Number | Evidence::Instant | Evidence::Address => true,
            Evidence::Sorted => pieces >= 3,
            Evidence::AddressMonth => pieces >= 4,
            _ => false,
        }
    }
}

/// What speaks for each order.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<(Evidence, DateOrder, i32)>,
}

impl Findings {
    pub(super) fn of(rows: &[Row], origin: &Origin<'_>, latest_on: NaiveDate) -> Self {
        let mut findings = Findings::default();
        findings.add_numbers(rows);
        findings.add_beside(rows);
        findings.add_sorted(rows);
        findings.add_not_ahead(rows, latest_on);
        findings.add_origin(origin);
        findings
    }

    fn add(&mut self, evidence: Evidence, order: DateOrder, pieces: i32) {
        if pieces > 0 {
            self.found.push((evidence, order, pieces));
        }
    }

    fn add_numbers(&mut self, rows: &[Row]) {
        for order in ORDERS {
            let of_order = rows.iter().filter(|row| row.numbers.only_order() == Some(order));
            self.add(Evidence::Number, order, pieces(of_order.count()));
        }
    }

    fn add_beside(&mut self, rows: &[Row]) {
        let found: Vec<_> = rows.iter().filter_map(beside).collect();
        for evidence in [Evidence::Instant, Evidence::Address, Evidence::AddressMonth] {
            let [day_first, month_first] = ORDERS.map(|order| {
                pieces(found.iter().filter(|found| **found == (evidence, order)).count())
            });
            if evidence == Evidence::AddressMonth {
                // Where they disagree, files were put there later.
                self.add(evidence, DateOrder::DayFirst, day_first - DOMINANCE * month_first);
                self.add(evidence, DateOrder::MonthFirst, month_first - DOMINANCE * day_first);
            } else {
                self.add(evidence, DateOrder::DayFirst, day_first);
                self.add(evidence, DateOrder::MonthFirst, month_first);
            }
        }
    }

    fn add_sorted(&mut self, rows: &[Row]) {
        let disorder = |order| {
            let days: Vec<NaiveDate> =
                rows.iter().filter(|row| row.is_listed).filter_map(|row| day(row, order)).collect();
            let count = |is_so: fn(&NaiveDate, &NaiveDate) -> bool| {
                pieces(days.array_windows().filter(|[a, b]| is_so(a, b)).count())
            };
            count(|a, b| a < b).min(count(|a, b| a > b))
        };
        let [day_first, month_first] = ORDERS.map(disorder);
        if month_first >= DOMINANCE * day_first {
            self.add(Evidence::Sorted, DateOrder::DayFirst, month_first - day_first);
        }
        if day_first >= DOMINANCE * month_first {
            self.add(Evidence::Sorted, DateOrder::MonthFirst, day_first - month_first);
        }
    }

    /// A statement is not dated ahead, but an event is: nothing follows from days ahead where others
    /// are ahead in any order, or where all are soon.
    fn add_not_ahead(&mut self, rows: &[Row], latest_on: NaiveDate) {
        let is_ahead = |on: &NaiveDate| *on > latest_on;
        let of_one_reading = |row: &&Row| !row.numbers.is_ambiguous();
        let mut certain = rows.iter().filter(of_one_reading);
        if certain.any(|row| day(row, DateOrder::DayFirst).as_ref().is_some_and(is_ahead)) {
            return;
        }
        let soon_on = latest_on + TimeDelta::days(CALENDAR_DAYS);
        let [day_first, month_first] = ORDERS.map(|order| {
            let days: Vec<NaiveDate> = rows.iter().filter_map(|row| day(row, order)).collect();
            let is_soon = |on: &NaiveDate| is_ahead(on) && *on <= soon_on;
            let is_calendar = days.len() > 1 && days.iter().all(is_soon);
            (days.iter().filter(|on| is_ahead(on)).count(), is_calendar)
        });
        match (day_first, month_first) {
            ((n, false), (0, _)) => self.add(Evidence::NotAhead, DateOrder::MonthFirst, pieces(n)),
            ((0, _), (n, false)) => self.add(Evidence::NotAhead, DateOrder::DayFirst, pieces(n)),
            _ => {}
        }
    }

    fn add_origin(&mut self, origin: &Origin<'_>) {
        let mut usual = |evidence, order| match order {
            Some(order @ (DateOrder::DayFirst | DateOrder::MonthFirst)) => {
                self.add(evidence, order, 1);
            }
            Some(DateOrder::YearFirst) | None => {}
        };
        let of_lang = |lang| match usual::of_lang(lang) {
            Some(DateOrder::YearFirst) => usual::of_language_elsewhere(lang),
            order => order,
        };
        let country = origin.host.and_then(usual::country);
        usual(Evidence::Country, country.and_then(usual::of_country));
        if let Some(lang) = origin.lang_rule {
            usual(Evidence::LanguageRule, of_lang(lang));
        } else if let Some(lang) = origin.lang {
            // The English of the United States is what programs are set to: it says nothing on the
            // host of another country.
            let is_default = lang.replace('_', "-").eq_ignore_ascii_case("en-us");
            let is_elsewhere = country.is_some() && country != usual::region(lang);
            usual(Evidence::Language, of_lang(lang).filter(|_| !(is_default && is_elsewhere)));
        }
        let written = match origin.months_before_days {
            0 => None,
            n if n > 0 => Some(DateOrder::MonthFirst),
            _ => Some(DateOrder::DayFirst),
        };
        usual(Evidence::Written, written);
        let month_first = |is_so: bool| is_so.then_some(DateOrder::MonthFirst);
        usual(Evidence::AmericanAddress, month_first(origin.has_american_address));
        usual(Evidence::AmericanPhone, month_first(origin.has_american_phone));
    }

    /// Returns how much speaks for the day first and for the month first.
    fn sums(&self, is_counted: impl Fn(Evidence, i32) -> bool) -> [i32; 2] {
        ORDERS.map(|order| {
            let of_order = self.found.iter().filter(|(_, for_order, _)| *for_order == order);
            let counted = of_order.filter(|(evidence, _, pieces)| is_counted(*evidence, *pieces));
            counted.map(|(evidence, _, pieces)| evidence.weight(*pieces)).sum()
        })
    }

    /// Returns the order that is proved.
    pub(super) fn proved(&self) -> Option<DateOrder> {
        match self.sums(Evidence::is_proof) {
            [day, month] if month > 0 && month >= DOMINANCE * day => Some(DateOrder::MonthFirst),
            [day, month] if day > 0 && day >= DOMINANCE * month => Some(DateOrder::DayFirst),
            _ => None,
        }
    }

    /// Returns whether both orders are proved, so that the page uses both.
    pub(super) fn is_contradictory(&self) -> bool {
        self.proved().is_none() && self.sums(Evidence::is_proof) != [0, 0]
    }

    /// Returns the order that more speaks for; the day first if as much speaks for both.
    pub(super) fn order(&self) -> DateOrder {
        let [day, month] = self.sums(|_, _| true);
        let likelier = if month > day { DateOrder::MonthFirst } else { DateOrder::DayFirst };
        self.proved().unwrap_or(likelier)
    }

    pub(super) fn certainty(&self) -> OrderCertainty {
        let [day, month] = self.sums(|_, _| true);
        if self.proved().is_some() {
            OrderCertainty::Proved
        } else if !self.is_contradictory() && (day - month).abs() >= LEAD {
            OrderCertainty::Usual
        } else {
            OrderCertainty::Guessed
        }
    }
}

const ORDERS: [DateOrder; 2] = [DateOrder::DayFirst, DateOrder::MonthFirst];

fn pieces(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 16).min(i32::MAX / 16)
}

/// Returns the day of a row in this order, or in the only one that it can have.
fn day(row: &Row, order: DateOrder) -> Option<NaiveDate> {
    row.numbers.day(row.numbers.only_order().unwrap_or(order))
}

/// Returns what beside a row shows its order: what is one of its readings and not the other.
pub(super) fn beside(row: &Row) -> Option<(Evidence, DateOrder)> {
    if !row.numbers.is_ambiguous() {
        return None;
    }
    let shown = |evidence: Evidence, is_of: fn(&Beside) -> bool| {
        let is = |order| {
            let on = row.numbers.day(order);
            on.is_some_and(|on| row.beside.iter().any(|beside| is_of(beside) && beside.is(on)))
        };
        match ORDERS.map(is) {
            [true, false] => Some((evidence, DateOrder::DayFirst)),
            [false, true] => Some((evidence, DateOrder::MonthFirst)),
            _ => None,
        }
    };
    shown(Evidence::Instant, |beside| matches!(beside, Beside::Instant(_)))
        .or_else(|| shown(Evidence::Address, |beside| matches!(beside, Beside::Day(_))))
        .or_else(|| shown(Evidence::AddressMonth, |beside| matches!(beside, Beside::Month(..))))
}
