//! The day of each record: the position at which most records of a list have their date, and what
//! the head of a table says of it.

use super::{
    super::sortedness::sortedness,
    index::{Dated, PageIndex},
    segment::Record,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};
use url::Url;

/// How many ancestors distinguish one position in a record from another.
const PATH_LEVELS: usize = 8;

/// The longest label of a date, in characters: "Date of the decision:".
const LABEL_CHARS_MAX: usize = 40;

/// What a date that is alone in its line may have beside it, in characters.
const BESIDE_CHARS_MAX: usize = 16;

/// The dates at one position in the records of a list.
#[derive(Default)]
struct Position {
    days: Vec<NaiveDate>,
    /// How many have hardly anything beside them in their line.
    alone: f64,
    /// How many dates of their records come before.
    rank: f64,
    /// What their names say.
    weight: f64,
}

impl Position {
    fn score(&self, records: usize) -> f64 {
        let count = self.days.len() as f64;
        (self.weight / count)
            * (count / records as f64).min(1.0)
            * (0.6 + 0.4 * self.alone / count)
            * (0.7 + 0.3 * sortedness(&self.days))
            * (1.0 - 0.02 * (self.rank / count).min(10.0))
    }
}

impl PageIndex<'_> {
    /// Returns the position of the day in the records of a list, the best-scoring one: standalone,
    /// sorted and early ones score higher.
    pub(super) fn date_position(&self, records: &[&Record]) -> Option<String> {
        let mut positions: BTreeMap<String, Position> = BTreeMap::new();
        let named = records.iter().find_map(|record| self.column_names(record)).unwrap_or_default();
        for record in records {
            for (n, (name, dated)) in self.date_positions(record).into_iter().enumerate() {
                let weight = match named.get(&name) {
                    Some(column) => name_weight(column),
                    None => name_weight(&self.label(record, dated)),
                };
                let is_named = (weight - 1.0).abs() > f64::EPSILON;
                let beside = if is_named { LABEL_CHARS_MAX } else { BESIDE_CHARS_MAX };
                let is_alone = self.page.lines[dated.line].has_little_beside(&dated.range, beside);
                let position = positions.entry(name).or_default();
                position.days.push(dated.on);
                position.alone += f64::from(u8::from(is_alone));
                position.rank += n as f64;
                position.weight += weight;
            }
        }
        let score = |position: &Position| position.score(records.len());
        let best = positions.iter().max_by(|a, b| score(a.1).total_cmp(&score(b.1)));
        best.map(|(name, _)| name.clone())
    }

    /// Returns the words that name a date: those before it in its line, else a label above it.
    fn label(&self, record: &Record, dated: &Dated) -> String {
        let line = &self.page.lines[dated.line];
        let others = self.dates_in(&(dated.line..dated.line + 1)).iter();
        let others = others.map(|other| other.range.end).filter(|end| *end <= dated.range.start);
        let before =
            line.text.get(others.max().unwrap_or(0)..dated.range.start).unwrap_or_default();
        if before.contains(char::is_alphabetic) {
            let from = before.char_indices().rev().take(LABEL_CHARS_MAX).last();
            return before[from.map_or(0, |(at, _)| at)..].to_lowercase();
        }
        let above = dated.line.checked_sub(1).filter(|above| record.lines.contains(above));
        let above = above.map(|above| self.page.lines[above].text.as_str());
        let is_label = |text: &&str| text.len() <= LABEL_CHARS_MAX && text.ends_with([':', '：']);
        above.filter(is_label).unwrap_or_default().to_lowercase()
    }

    /// Returns the dates of a record by their places in it.
    fn date_positions(&self, record: &Record) -> Vec<(String, &Dated)> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let positions = self.dates_in(&record.lines).iter().map(|dated| {
            let line = &self.page.lines[dated.line];
            let is_around = |(link, _): &&(Range<usize>, Url)| {
                link.start <= dated.range.start && dated.range.end <= link.end
            };
            let link = line.links.iter().find(is_around).map(|(link, _)| link.end);
            let rest = link.and_then(|end| line.text.get(dated.range.end..end));
            // In a link, a date before a text and one after it are at different places.
            let place = match (dated.is_standalone, rest) {
                (false, _) => "inside ",
                (true, None) => "",
                (true, Some(rest)) if rest.contains(char::is_alphabetic) => "before ",
                (true, Some(_)) => "after ",
            };
            let path = self
                .ancestors(line.block)
                .take_while(|block| *block > record.block)
                .take(PATH_LEVELS)
                .map(|block| {
                    let tag = &self.page.blocks[block].tag;
                    format!("{tag}.{}{}", self.part_class(block), self.cell(block))
                })
                .fold(place.to_owned(), |path, sign| path + &sign);
            let n = seen.entry(path.clone()).and_modify(|n| *n += 1).or_insert(0);
            (format!("{path}#{n}"), dated)
        });
        positions.collect()
    }

    /// Returns the head of the table of a row: its first row, if that has no date.
    pub(super) fn head_of_row(&self, row: usize) -> Option<usize> {
        let has_tag = |block: usize, tag: &str| self.page.blocks[block].tag == tag;
        let table = self.ancestors(row).find(|block| has_tag(*block, "table"))?;
        let head = (table + 1..=row).find(|block| has_tag(*block, "tr"))?;
        (head != row && !self.has_standalone_date(&self.spans[head])).then_some(head)
    }

    /// Returns the names that the head of a table gives to the date positions of a row; `None`
    /// without such a head.
    fn column_names(&self, record: &Record) -> Option<HashMap<String, String>> {
        let head = self.head_of_row(record.block)?;
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

/// Returns how likely dates of this name, in lower case, are the days of publication.
fn name_weight(name: &str) -> f64 {
    const GOOD: [&str; 18] = [
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
        "дата решения",
        "disposition",
        "erlassen",
        "entschieden",
        "mise en ligne",
        "оприлюдн",
    ];
    const BAD: [&str; 26] = [
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
        "слушани",
        "изменен",
        "обновл",
        "засідан",
        "оновл",
        "aktualisiert",
        "gültig",
        "verhandlung",
        "mis à jour",
        "audience",
        "actualiza",
        "vigencia",
    ];
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match (has(&GOOD), has(&BAD)) {
        (true, false) => 1.2,
        (false, true) => 0.8,
        _ => 1.0,
    }
}
