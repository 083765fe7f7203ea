//! Data that is written as one flat list, whose objects and lists hold places in it instead of
//! values: so an object that occurs twice is written once.
//!
//! Guarantees: a list that refers to itself ends at the limits of depth and values.

use super::value::{Budget, DEPTH_MAX, Data, Fields};

/// Returns the tree that a flat list stands for; the value itself if it is none.
pub(super) fn resolve(data: Data, budget: &Budget) -> Data {
    match &data {
        Data::List(values) if is_flat(values) => Flat { values, budget }.at(0, 0),
        _ => data,
    }
}

/// Returns whether each object of a list holds nothing but places in it.
fn is_flat(values: &[Data]) -> bool {
    let mut objects = values.iter().filter_map(|value| match value {
        Data::Object(fields) if !fields.is_empty() => Some(fields),
        _ => None,
    });
    let is_place = |value: &Data| {
        value.as_whole().is_some_and(|n| n < i64::try_from(values.len()).unwrap_or(0))
    };
    let is_of_places = |fields: &Fields| fields.iter().all(|(_, value)| is_place(value));
    match objects.next() {
        // The first value is the whole: an object, or a list that leads to one.
        Some(first) => {
            matches!(values.first(), Some(Data::Object(_) | Data::List(_)))
                && is_of_places(first)
                && objects.all(|fields| is_of_places(fields))
        }
        None => false,
    }
}

struct Flat<'a> {
    values: &'a [Data],
    budget: &'a Budget,
}

impl Flat<'_> {
    /// Returns the value at a place.
    fn at(&self, place: usize, depth: usize) -> Data {
        if depth >= DEPTH_MAX || !self.budget.take_value() {
            return Data::Nothing;
        }
        match self.values.get(place) {
            // A named value, as of a class: `["Date", "2026-11-20T09:00:00Z"]`, `["Ref", 5]`.
            Some(Data::List(parts)) if matches!(parts.first(), Some(Data::Text(_))) => {
                match &parts[1..] {
                    [Data::Text(text)] => Data::Text(text.clone()),
                    [part] => self.below(part, depth),
                    parts => Data::List(self.all(parts, depth)),
                }
            }
            Some(Data::List(parts)) => Data::List(self.all(parts, depth)),
            Some(Data::Object(fields)) => {
                let field = |(name, part): &(String, Data)| (name.clone(), self.below(part, depth));
                Data::Object(fields.iter().map(field).collect())
            }
            Some(value) => value.clone(),
            None => Data::Nothing,
        }
    }

    fn all(&self, parts: &[Data], depth: usize) -> Vec<Data> {
        parts.iter().map(|part| self.below(part, depth)).collect()
    }

    fn below(&self, part: &Data, depth: usize) -> Data {
        let place = part.as_whole().and_then(|n| usize::try_from(n).ok());
        place.map_or(Data::Nothing, |place| self.at(place, depth + 1))
    }
}
