//! The short dates of a page: "18 Jun 24", "6-18-24" (`date::short`).
//!
//! Guarantees: a line has one only at its end: alone, in an inline element, after a label, or where
//! other lines have the same words before dates in their order. Linear in the lines.

use crate::extract::{
    date::{
        self, Style,
        short::{self, Short},
    },
    layout::{Line, Page},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

/// How many lines show that words before something like a date introduce dates.
const INTRODUCED_MIN: usize = 3;
/// How many lines show that three numbers are dates.
const NUMERIC_MIN: usize = 2;

/// What short dates that belong together have in common: the form, the element, and the words before
/// them if nothing sets those apart.
type Kind<'a> = (String, &'a str, &'a str);

/// Returns the short dates of a page by their lines.
pub(super) fn short_dates(
    page: &Page,
    style: Style<'_>,
) -> HashMap<usize, (Range<usize>, NaiveDate)> {
    let mut kinds: BTreeMap<Kind<'_>, Vec<(usize, Short)>> = BTreeMap::new();
    for (n, line) in page.lines.iter().enumerate() {
        let block = &page.blocks[line.block];
        if block.is_outside || style.format.is_some() {
            continue;
        }
        let Some(short) = short::at_end(&line.text) else { continue };
        let mut dates = date::all(&line.text, style).into_iter();
        if dates.all(|(range, _)| range == short.range) {
            let words = introduction(line, &short);
            kinds.entry((short.form.clone(), &block.tag, words)).or_default().push((n, short));
        }
    }
    let mut found = HashMap::new();
    for ((_, _, words), lines) in kinds {
        let all: Vec<&Short> = lines.iter().map(|(_, short)| short).collect();
        let is_named = all.iter().all(|short| short.is_named());
        let least = match (words.is_empty(), is_named) {
            (false, _) => INTRODUCED_MIN,
            (true, true) => 1,
            (true, false) => NUMERIC_MIN,
        };
        if lines.len() < least {
            continue;
        }
        let Some(days) = short::days(&all, style) else { continue };
        if words.is_empty() || days.is_sorted() || days.is_sorted_by(|a, b| a >= b) {
            found.extend(
                lines.iter().zip(days).map(|((n, short), on)| (*n, (short.range.clone(), on))),
            );
        }
    }
    found
}

/// Returns the words of a line before its date, or nothing where these are a label or the date is an
/// element of its own.
fn introduction<'a>(line: &'a Line, short: &Short) -> &'a str {
    let before = line.text.get(..short.range.start).unwrap_or_default().trim();
    let is_apart = before.ends_with(':')
        || line.edges.iter().any(|edge| short.range.start.abs_diff(*edge) <= 1);
    if is_apart { "" } else { before }
}
