//! The fields of alike objects, as columns: what they are named, and what kind of values they have.
//!
//! Guarantees: bounded work; kinds are judged by a sample of the values.

use super::{
    days::{Calendar, Form},
    value::{Data, Fields},
};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// The levels of objects inside an object whose fields are its own.
const LEVELS_MAX: usize = 5;
/// The columns of a group.
const COLUMNS_MAX: usize = 300;
/// The values of a column that are looked at.
const SAMPLE_MAX: usize = 40;

/// One field of the objects of a group.
#[derive(Debug)]
pub(super) struct Column<'d> {
    /// Its name in lower case, with those of the objects around it: "node.frontmatter.title".
    pub path: String,
    /// Its values, each with the number of its object.
    pub cells: Vec<(usize, &'d Data)>,
    /// How many objects are around it.
    pub level: usize,
}

impl<'d> Column<'d> {
    /// Returns its own name.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// Returns whether its name, or one around it, has one of these words in it.
    pub(super) fn is_named(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.path.contains(word))
    }

    /// Returns how near it is to its object: the fields of what it refers to are less its own.
    pub(super) fn nearness(&self) -> f64 {
        0.9_f64.powi(i32::try_from(self.level).unwrap_or(i32::MAX))
    }

    /// Returns the values that are looked at.
    fn sample(&self) -> impl Iterator<Item = &'d Data> {
        let step = self.cells.len().div_ceil(SAMPLE_MAX).max(1);
        self.cells.iter().step_by(step).map(|(_, value)| *value)
    }

    /// Returns the texts of the sample.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'d str> {
        self.sample().filter_map(Data::as_text)
    }

    /// Returns how many of the sample are texts of a kind, from 0 to 1.
    pub(super) fn share(&self, is: impl Fn(&str) -> bool) -> f64 {
        let found = self.texts().filter(|text| is(text)).count();
        found as f64 / self.sample().count().max(1) as f64
    }

    /// Returns how many of its values differ, from 0 to 1.
    pub(super) fn distinctness(&self) -> f64 {
        let distinct: HashSet<String> = self
            .cells
            .iter()
            .map(|(_, value)| match value {
                Data::Text(text) => text.clone(),
                value => format!("{value:?}"),
            })
            .collect();
        distinct.len() as f64 / self.cells.len().max(1) as f64
    }

    /// Returns the days of the sample, if it is a column of days, and their form.
    pub(super) fn days(&self, calendar: Calendar<'_>) -> Option<(Vec<NaiveDate>, Form)> {
        let days: Vec<(NaiveDate, Form)> =
            self.sample().filter_map(|value| calendar.day(value)).collect();
        let form = days.first()?.1;
        let is_of_days = days.len() * 5 >= self.sample().count() * 4;
        is_of_days.then(|| (days.into_iter().map(|(on, _)| on).collect(), form))
    }
}

/// Returns the columns of objects, in the order of their fields.
pub(super) fn columns<'d>(records: &[&'d Fields]) -> Vec<Column<'d>> {
    let mut found = Vec::new();
    let numbered: Vec<(usize, &Fields)> = records.iter().copied().enumerate().collect();
    collect(&numbered, "", 0, &mut found);
    // A field of few objects is none that they share.
    found.retain(|column| column.cells.len() > 1 && column.cells.len() * 4 >= records.len());
    found
}

fn collect<'d>(
    records: &[(usize, &'d Fields)],
    around: &str,
    level: usize,
    found: &mut Vec<Column<'d>>,
) {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut columns: Vec<(&str, Vec<(usize, &'d Data)>)> = Vec::new();
    for (n, fields) in records {
        for (name, value) in *fields {
            let at = *names.entry(name).or_insert(columns.len());
            if at == columns.len() {
                columns.push((name, Vec::new()));
            }
            columns[at].1.push((*n, only(value)));
        }
    }
    for (name, mut cells) in columns {
        // Of two fields with one name, the last counts.
        cells.reverse();
        cells.dedup_by_key(|cell| cell.0);
        cells.reverse();
        if found.len() >= COLUMNS_MAX || cells.len() < 2 {
            continue;
        }
        let path = format!("{around}{}", name.to_lowercase());
        let objects: Vec<(usize, &Fields)> = cells
            .iter()
            .filter_map(|(n, value)| match value {
                Data::Object(fields) => Some((*n, &fields[..])),
                _ => None,
            })
            .collect();
        if objects.len() > 1 && level + 1 < LEVELS_MAX {
            collect(&objects, &format!("{path}."), level + 1, found);
        }
        cells.retain(|(_, value)| matches!(value, Data::Number(_) | Data::Text(_)));
        if !cells.is_empty() {
            found.push(Column { path, cells, level });
        }
    }
}

/// Returns the only value of a list, and any other value as it is: some write each field as a list.
fn only(value: &Data) -> &Data {
    match value {
        Data::List(values) if values.len() == 1 => values.first().unwrap_or(value),
        _ => value,
    }
}
