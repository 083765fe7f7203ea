//! Where the year is in dates of three numbers of two digits: "26/11/14".
//!
//! Guarantees: the year is first only where more speaks for it than against it.

use super::{OrderCertainty, Row, weigh::PROOF};
use crate::domain::DateOrder;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

/// What the language counts, and what it counts that the numbers at one end are of few years.
const USUAL: i32 = 3;
const FEW_YEARS: i32 = 2;
/// From which sum on the order is proved.
const PROVED: i32 = 6;
/// How many years back the entries of a list usually go.
const YEARS_BACK: i32 = 3;

/// Returns whether and how certainly dates begin with the year, where they can.
pub(super) fn year_first(
    rows: &[Row],
    is_usual: bool,
    now_on: NaiveDate,
) -> Option<OrderCertainty> {
    // Numbers with hyphens are mostly no dates, but numbers of documents.
    let short: Vec<&Row> = rows
        .iter()
        .filter(|row| row.numbers.is_short && (is_usual || !row.numbers.is_hyphenated))
        .collect();
    if short.is_empty() || short.len() * 2 < rows.len() {
        return is_usual.then_some(OrderCertainty::Usual);
    }
    let recent = now_on.year() - YEARS_BACK..=now_on.year() + 1;
    let is_recent = |n: u32| i32::try_from(n).is_ok_and(|n| recent.contains(&(2000 + n)));
    let mut sum = if is_usual { USUAL } else { -1 };
    for row in &short {
        let first = row.numbers.day(DateOrder::YearFirst);
        let last = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|o| row.numbers.day(o));
        sum += match (first, last.iter().flatten().next()) {
            (Some(_), None) => PROOF,
            (None, Some(_)) => -PROOF,
            _ => 0,
        };
        let is_beside = |on: &NaiveDate| row.days().any(|day| day == *on);
        let is_first = first.as_ref().is_some_and(is_beside);
        let is_last = last.iter().flatten().any(is_beside);
        sum += PROOF * (i32::from(is_first) - i32::from(is_last));
        let (x, z) = row.numbers.ends();
        sum += i32::from(is_recent(x)) - i32::from(is_recent(z));
    }
    let firsts: BTreeSet<u32> = short.iter().map(|row| row.numbers.ends().0).collect();
    let lasts: BTreeSet<u32> = short.iter().map(|row| row.numbers.ends().1).collect();
    sum += match firsts.len().cmp(&lasts.len()) {
        std::cmp::Ordering::Less => FEW_YEARS,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => -FEW_YEARS,
    };
    match sum {
        ..=0 => None,
        1 => Some(OrderCertainty::Guessed),
        2..PROVED => Some(OrderCertainty::Usual),
        _ => Some(OrderCertainty::Proved),
    }
}
