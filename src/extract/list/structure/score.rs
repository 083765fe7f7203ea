//! Turns records of one kind into a list, and rates how much it is like a list of statements.

use super::{
    super::{sortedness::sortedness, wording::is_title},
    index::PageIndex,
    segment::Record,
};
use crate::domain::Candidate;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use url::Url;

/// How much more a list counts whose titles are headings.
const HEADED_WEIGHT: f64 = 0.8;

/// A list that was found, and how much it is like a list of statements.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// How it is set: what its records are in the structure of the page.
    pub how: String,
    pub entries: Vec<Candidate>,
    pub score: f64,
    /// The line with which it begins.
    pub first_line: usize,
    /// Selectors that may name its records, the plainest first; none where they are no elements.
    pub selectors: Vec<String>,
}

impl PageIndex<'_> {
    /// Records of one kind as entries. Duplicates are left out, and so are records without a day,
    /// unless a page rule names them.
    pub(super) fn list(&self, records: &[&Record]) -> List {
        let position = self.date_position(records);
        let common = self.common(records);
        let mut entries: Vec<Candidate> = Vec::new();
        let mut seen: BTreeSet<(Option<NaiveDate>, Option<Url>, String)> = BTreeSet::new();
        for record in records {
            let day = self.day(record, position.as_deref());
            let rule_match = self.page.blocks[record.block].rule_match;
            // What the selector for entries names is one, even without a day.
            if day.is_none() && rule_match.is_none() && !record.is_undated {
                continue;
            }
            let mut entry = self.entry(record, day, &common);
            if let Some(n) = rule_match {
                self.apply_rule(&mut entry, &self.page.rule_matches[n]);
            }
            if seen.insert((entry.date_on, entry.link.clone(), entry.title.clone())) {
                entries.push(entry);
            }
        }
        let asides = records.iter().filter(|r| self.page.blocks[r.block].is_aside).count();
        let in_headings = records.iter().filter(|record| self.has_linked_heading(record)).count();
        let headed = in_headings as f64 / (records.len() as f64).max(1.0);
        let score = score(&entries, asides, records.len()) * (1.0 + HEADED_WEIGHT * headed);
        let how = records.first().map(|record| record.kind.clone()).unwrap_or_default();
        let first_line = records.iter().map(|record| record.from).min().unwrap_or_default();
        let own = records.first().filter(|record| self.is_item[record.block]);
        let selectors = own.map(|record| self.selectors(record.block)).unwrap_or_default();
        List { how, entries, score, first_line, selectors }
    }
}

/// Returns how much entries are like a list of statements: many, with text, in the order of their
/// days, with links and titles, in the main part of the page.
fn score(entries: &[Candidate], asides: usize, records: usize) -> f64 {
    let count = entries.len() as f64;
    let chars = |entry: &Candidate| {
        entry.title.chars().count().min(120)
            + entry.lead.as_ref().map_or(0, |lead| lead.chars().count().min(200))
    };
    let text: usize = entries.iter().map(chars).sum();
    let days: Vec<NaiveDate> = entries.iter().filter_map(|entry| entry.date_on).collect();
    let links: BTreeSet<&Url> = entries.iter().filter_map(|entry| entry.link.as_ref()).collect();
    let titled = entries.iter().filter(|entry| is_title(&entry.title)).count() as f64;
    // One entry may be anything that has a date.
    let many = if entries.len() > 1 { (1.0 + count).ln() } else { 0.2 };
    many * (0.4 + 0.8 * (text as f64 / count.max(1.0) / 80.0).min(1.0))
        * (0.5 + 0.5 * sortedness(&days))
        * (0.2 + 0.8 * links.len() as f64 / count.max(1.0))
        * (0.5 + 0.5 * titled / count.max(1.0))
        * (1.0 - 0.6 * asides as f64 / (records as f64).max(1.0))
}
