//! JSON as a tree, parsed within bounds.
//!
//! Guarantees: at most [`DEPTH_MAX`] levels and [`VALUES_MAX`] values are kept; what is beyond is
//! skipped, and the rest stays. So neither the tree nor a walk through it can exhaust the memory or
//! the stack.

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::{cell::Cell, fmt};

/// The levels of a tree.
pub(super) const DEPTH_MAX: usize = 64;
/// The values of all scripts of a page.
const VALUES_MAX: usize = 200_000;
/// How many bytes are searched and parsed for all scripts of a page, those of failed attempts
/// included: a page as large as is read, three times.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// The shortest text that may be JSON itself, in bytes.
const NESTED_BYTES_MIN: usize = 20;

/// The fields of an object, in their order.
pub(super) type Fields = [(String, Data)];

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    /// Null, true and false, and what is beyond the limits.
    Nothing,
    Number(f64),
    Text(String),
    List(Vec<Data>),
    Object(Vec<(String, Data)>),
}

impl Data {
    /// Returns the text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number, if it is a whole one.
    pub(super) fn as_whole(&self) -> Option<i64> {
        match self {
            // Whole numbers up to this one are exact.
            Data::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Some(*n as i64),
            _ => None,
        }
    }
}

/// What may still be spent on the scripts of a page.
#[derive(Debug)]
pub(super) struct Budget {
    values: Cell<usize>,
    bytes: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { values: Cell::new(VALUES_MAX), bytes: Cell::new(BYTES_MAX) }
    }
}

impl Budget {
    /// Takes one value; false if none is left.
    pub(super) fn take_value(&self) -> bool {
        take(&self.values, 1)
    }

    /// Returns whether no value is left.
    fn is_spent(&self) -> bool {
        self.values.get() == 0
    }

    /// Takes bytes that are searched or parsed; false if fewer are left.
    pub(super) fn take_bytes(&self, bytes: usize) -> bool {
        take(&self.bytes, bytes)
    }
}

fn take(left: &Cell<usize>, amount: usize) -> bool {
    let rest = left.get().checked_sub(amount);
    left.set(rest.unwrap_or_default());
    rest.is_some()
}

/// Parses a text that is one JSON value and nothing else.
pub(super) fn parse(text: &str, budget: &Budget) -> Option<Data> {
    parse_at(text, 0, budget)
}

fn parse_at(text: &str, depth: usize, budget: &Budget) -> Option<Data> {
    if !budget.take_bytes(text.len()) {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Builder { depth, budget }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// Returns whether a text begins and ends as a list or an object does.
pub(super) fn is_enclosed(text: &str) -> bool {
    text.starts_with('{') && text.ends_with('}') || text.starts_with('[') && text.ends_with(']')
}

/// Builds the value at one level.
#[derive(Clone, Copy)]
struct Builder<'b> {
    depth: usize,
    budget: &'b Budget,
}

impl Builder<'_> {
    fn below(self) -> Self {
        Builder { depth: self.depth + 1, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Builder<'_> {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        if !self.budget.take_value() || self.depth >= DEPTH_MAX {
            // This skips without recursion.
            IgnoredAny::deserialize(deserializer)?;
            return Ok(Data::Nothing);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Builder<'_> {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Data, E> {
        Ok(Data::Nothing)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Data, E> {
        Ok(Data::Nothing)
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Data, E> {
        Ok(Data::Number(n as f64))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Data, E> {
        Ok(Data::Number(n as f64))
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<Data, E> {
        Ok(Data::Number(n))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Data, E> {
        // The body of a response is kept as a text that is JSON.
        let trimmed = text.trim();
        let nested = (trimmed.len() >= NESTED_BYTES_MIN && is_enclosed(trimmed))
            .then(|| parse_at(trimmed, self.depth + 1, self.budget))
            .flatten();
        Ok(nested.unwrap_or_else(|| Data::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Data, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self.below())? {
            if !self.budget.is_spent() {
                values.push(value);
            }
        }
        Ok(Data::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Data, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(self.below())?;
            if !matches!(value, Data::Nothing) {
                fields.push((name, value));
            }
        }
        Ok(Data::Object(fields))
    }
}
