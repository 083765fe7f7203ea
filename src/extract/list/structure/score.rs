//! Turns records of one kind into a list, and rates how much it is like a list of statements.

use super::{super::features::Features, index::PageIndex, segment::Record};
use crate::domain::Candidate;
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap, HashSet};
use url::Url;

/// A list that was found, and how much it is like a list of statements.
#[derive(Debug)]
pub(crate) struct List {
    /// How it is set: what its records are in the structure of the page.
    pub how: String,
    pub entries: Vec<Candidate>,
    pub features: Features,
    /// The line with which it begins.
    pub first_line: usize,
    /// Selectors that may name its records, the plainest first; none where they are no elements.
    pub selectors: Vec<String>,
}

/// If a block holds this many records of another list, it is a part of the page and no record.
const HELD_MIN: usize = 2;

impl PageIndex<'_> {
    /// Notes how many records of each list hold several of another one.
    pub(super) fn mark_holders(&self, lists: &mut [(List, Vec<&Record>)]) {
        let siblings = self.siblings(|_| true).into_values().filter(|members| members.len() > 1);
        let repeated: HashSet<usize> = siblings.flatten().collect();
        let item = |record: &Record| {
            let mut around = self.ancestors(record.block);
            around.find(|block| repeated.contains(block)).unwrap_or(record.block)
        };
        // How many records of any list each block holds inside.
        let mut inside = vec![0; self.page.blocks.len()];
        let mut at = inside.clone();
        lists.iter().flat_map(|(_, records)| records).for_each(|record| at[item(record)] += 1);
        // A block comes after the one around it.
        for block in (1..inside.len()).rev() {
            if let Some(around) = self.page.blocks[block].around {
                inside[around] += inside[block] + at[block];
            }
        }
        for (list, records) in lists.iter_mut() {
            // For each element of a record: how many records of this list it is, and holds.
            let mut own: HashMap<usize, (usize, usize)> = HashMap::new();
            records.iter().for_each(|record| own.entry(item(record)).or_default().0 += 1);
            for record in records.iter() {
                for block in self.ancestors(item(record)).skip(1) {
                    own.entry(block).and_modify(|(_, holds)| *holds += 1);
                }
            }
            let is_holder = |record: &&&Record| {
                let block = item(record);
                let (is, holds) = own[&block];
                is == 1 && inside[block] - holds >= HELD_MIN
            };
            let holders = records.iter().filter(is_holder).count();
            list.features.apart = 1.0 - holders as f64 / records.len() as f64;
        }
    }

    /// Returns whether a day is still to come.
    fn is_coming(&self, on: NaiveDate) -> bool {
        let tomorrow = self.style.now.and_then(|now| now.date().succ_opt());
        tomorrow.is_some_and(|tomorrow| on > tomorrow)
    }

    /// Removes the records of a section in which all days are still to come, if those of another
    /// section are not: events below the statements.
    pub(super) fn without_events<'r>(&self, records: Vec<&'r Record>) -> Vec<&'r Record> {
        let section = |record: &Record| self.page.blocks[record.block].around;
        // For each section: how many records have a day, and how many one to come.
        let mut counts: HashMap<Option<usize>, (usize, usize)> = HashMap::new();
        for record in &records {
            let Some(on) = self.day(record, None) else { continue };
            let (dated, coming) = counts.entry(section(record)).or_default();
            *dated += 1;
            *coming += usize::from(self.is_coming(on));
        }
        let is_of_events = |(dated, coming): &(usize, usize)| dated == coming;
        if counts.values().all(is_of_events) {
            return records;
        }
        let stays = |record: &&Record| !counts.get(&section(record)).is_some_and(is_of_events);
        records.into_iter().filter(stays).collect()
    }

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
        let count = (records.len() as f64).max(1.0);
        let share = |n: usize| n as f64 / count;
        let asides = records.iter().filter(|r| self.page.blocks[r.block].is_aside).count();
        let in_headings = records.iter().filter(|record| self.has_linked_heading(record)).count();
        let coming =
            entries.iter().filter_map(|entry| entry.date_on).filter(|on| self.is_coming(*on));
        let features = Features {
            past: 1.0 - coming.count() as f64 / (entries.len() as f64).max(1.0),
            headings: share(in_headings),
            main: 1.0 - share(asides),
            ..Features::of(&entries)
        };
        let how = records.first().map(|record| record.kind.clone()).unwrap_or_default();
        let first_line = records.iter().map(|record| record.from).min().unwrap_or_default();
        let own = records.first().filter(|record| self.is_item[record.block]);
        let selectors = own.map(|record| self.selectors(record.block)).unwrap_or_default();
        List { how, entries, features, first_line, selectors }
    }
}
