//! The day of each record: the position at which most records of a list have their date, and what
//! the head of a table says of it.

use super::{
    super::sortedness::sortedness,
    index::{Dated, PageIndex},
    segment::Record,
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// How many ancestors distinguish one position in a record from another.
const PATH_LEVELS: usize = 8;

impl PageIndex<'_> {
    /// Returns the position of the day in the records of a list, the best-scoring one: standalone,
    /// sorted and early ones score higher.
    pub(super) fn date_position(&self, records: &[&Record]) -> Option<String> {
        let mut positions: BTreeMap<String, (Vec<NaiveDate>, usize, usize)> = BTreeMap::new();
        for record in records {
            for (n, (position, dated)) in self.date_positions(record).into_iter().enumerate() {
                let (days, alone, place) = positions.entry(position).or_default();
                days.push(dated.on);
                let text = &self.page.lines[dated.line].text;
                *alone += usize::from(text.len() <= dated.range.len() + 16);
                *place += n;
            }
        }
        let count = records.len() as f64;
        let named = records.iter().find_map(|record| self.column_names(record)).unwrap_or_default();
        let score = |position: &String, (days, alone, place): &(Vec<NaiveDate>, usize, usize)| {
            let n = days.len() as f64;
            let name = named.get(position).map_or("", String::as_str);
            column_weight(name)
                * (n / count).min(1.0)
                * (0.6 + 0.4 * *alone as f64 / n)
                * (0.7 + 0.3 * sortedness(days))
                * (1.0 - 0.02 * (*place as f64 / n).min(10.0))
        };
        let best = positions.iter().max_by(|a, b| score(a.0, a.1).total_cmp(&score(b.0, b.1)));
        best.map(|(position, _)| position.clone())
    }

    /// Returns the dates of a record by their places in it.
    fn date_positions(&self, record: &Record) -> Vec<(String, &Dated)> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let positions = self.dates_in(&record.lines).iter().map(|dated| {
            let line = &self.page.lines[dated.line];
            let path = self
                .ancestors(line.block)
                .take_while(|block| *block > record.block)
                .take(PATH_LEVELS)
                .map(|block| format!("{}{}", self.signature(block), self.cell(block)))
                .fold(if dated.is_standalone { "" } else { "inside " }.to_owned(), |path, sign| {
                    path + &sign
                });
            let n = seen.entry(path.clone()).and_modify(|n| *n += 1).or_insert(0);
            (format!("{path}#{n}"), dated)
        });
        positions.collect()
    }

    /// Returns the names that the head of a table gives to the date positions of a row; `None`
    /// without such a head.
    fn column_names(&self, record: &Record) -> Option<HashMap<String, String>> {
        let has_tag = |block: usize, tag: &str| self.page.blocks[block].tag == tag;
        let table = self.ancestors(record.block).find(|block| has_tag(*block, "table"))?;
        let head = (table + 1..=record.block).find(|block| has_tag(*block, "tr"))?;
        if head == record.block || self.has_standalone_date(&self.spans[head]) {
            return None;
        }
        let cells: HashMap<String, String> = (head + 1..record.block)
            .filter(|block| self.page.blocks[*block].around == Some(head))
            .map(|block| {
                let lines = &self.page.lines
                    [self.spans[block].start.min(self.spans[block].end)..self.spans[block].end];
                let text = lines.iter().map(|line| line.text.to_lowercase());
                (self.cell(block), text.collect::<Vec<_>>().join(" "))
            })
            .collect();
        let name = |(position, dated): (String, &Dated)| {
            let block = self.page.lines[dated.line].block;
            let cell = self.ancestors(block).find(|block| !self.cell(*block).is_empty())?;
            Some((position, cells.get(&self.cell(cell))?.clone()))
        };
        Some(self.date_positions(record).into_iter().filter_map(name).collect())
    }

    /// Returns the day of a record: that of its heading, else the date at `position`, else its
    /// first one.
    pub(super) fn day(&self, record: &Record, position: Option<&str>) -> Option<NaiveDate> {
        record.heading_on.or_else(|| Some(self.own_date(record, position)?.on))
    }

    /// Returns the date that dates a record, unless its heading does: the one at `position`, else
    /// the first.
    pub(super) fn own_date(&self, record: &Record, position: Option<&str>) -> Option<&Dated> {
        if record.heading_on.is_some() {
            return None;
        }
        let positions = self.date_positions(record);
        let chosen = positions.iter().find(|(name, _)| Some(name.as_str()) == position);
        let free = positions.iter().find(|(name, _)| !name.starts_with("inside"));
        chosen.or(free).or(positions.first()).map(|(_, dated)| *dated)
    }
}

/// Returns how likely a column of this name has the days of publication.
fn column_weight(name: &str) -> f64 {
    const GOOD: [&str; 12] = [
        "issued",
        "publ",
        "posted",
        "release",
        "decided",
        "decision",
        "filed",
        "опубл",
        "veröff",
        "fecha",
        "издан",
        "принят",
    ];
    const BAD: [&str; 14] = [
        "argued",
        "argument",
        "hearing",
        "deadline",
        "effective",
        "expir",
        "due",
        "modif",
        "updated",
        "valid",
        "closing",
        "submitted",
        "срок",
        "действ",
    ];
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match (has(&GOOD), has(&BAD)) {
        (true, false) => 1.2,
        (false, true) => 0.8,
        _ => 1.0,
    }
}
