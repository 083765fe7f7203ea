//! The objects of a tree that may be one list: those of one array, or of arrays in the same place of
//! alike objects, or of an object of objects.
//!
//! Guarantees: groups and their records are in the order of the data.

use super::value::{Data, Fields};
use std::collections::HashMap;

/// The step into a list, and into an object whose names are numbers.
const EACH: &str = "*";
/// The step into an object of objects.
const EACH_NAMED: &str = "{}";

/// Objects that may be the entries of one list.
#[derive(Debug)]
pub(super) struct Group<'d> {
    /// Where it is in the data.
    pub place: usize,
    pub records: Vec<&'d Fields>,
}

/// All groups of the data of a page.
#[derive(Debug, Default)]
pub(super) struct Groups<'d> {
    /// The places, each with the one around it and the step from there.
    places: Vec<(usize, &'d str)>,
    below: HashMap<(usize, &'d str), usize>,
    records: Vec<Vec<&'d Fields>>,
}

impl<'d> Groups<'d> {
    /// Finds the groups of the scripts of a page.
    pub(super) fn new(values: &'d [Data]) -> Self {
        let mut groups = Groups::default();
        for value in values {
            // Scripts are apart from each other.
            let root = groups.place(usize::MAX, "");
            groups.below.clear();
            groups.walk(value, root);
        }
        groups
    }

    /// Returns the groups of two records or more.
    pub(super) fn all(&self) -> impl Iterator<Item = Group<'d>> {
        let groups = self.records.iter().enumerate().filter(|(_, records)| records.len() > 1);
        groups.map(|(place, records)| Group { place, records: records.clone() })
    }

    /// Returns the path to a place, for people.
    pub(super) fn path(&self, place: usize) -> String {
        let mut steps: Vec<&str> = self.upwards(place).map(|place| self.places[place].1).collect();
        steps.retain(|step| !step.is_empty());
        steps.reverse();
        if let [.., last] = steps[..]
            && (last == EACH || last == EACH_NAMED)
        {
            steps.pop();
        }
        steps.join(".")
    }

    /// Returns whether a place is inside another one.
    pub(super) fn is_inside(&self, place: usize, other: usize) -> bool {
        place != other && self.upwards(place).any(|around| around == other)
    }

    fn upwards(&self, place: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(place), |place| {
            self.places
                .get(*place)
                .map(|(around, _)| *around)
                .filter(|around| *around != usize::MAX)
        })
    }

    fn place(&mut self, around: usize, step: &'d str) -> usize {
        let next = self.places.len();
        let place = *self.below.entry((around, step)).or_insert(next);
        if place == next {
            self.places.push((around, step));
            self.records.push(Vec::new());
        }
        place
    }

    /// The depth of a tree is limited, and so is this recursion.
    fn walk(&mut self, value: &'d Data, at: usize) {
        match value {
            Data::List(values) => {
                let each = self.place(at, EACH);
                for value in values {
                    if let Data::Object(fields) = value {
                        self.records[each].push(fields);
                    }
                    self.walk(value, each);
                }
            }
            Data::Object(fields) => {
                let objects = || {
                    fields.iter().filter_map(|(_, value)| match value {
                        Data::Object(fields) => Some(&fields[..]),
                        _ => None,
                    })
                };
                if objects().count() > 1 && objects().count() * 2 >= fields.len() {
                    let each = self.place(at, EACH_NAMED);
                    self.records[each].extend(objects());
                }
                for (name, value) in fields {
                    if matches!(value, Data::List(_) | Data::Object(_)) {
                        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
                        let below = self.place(at, if is_number { EACH } else { name });
                        self.walk(value, below);
                    }
                }
            }
            _ => {}
        }
    }
}
