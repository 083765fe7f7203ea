//! Fields of callback data: how values are written between the colons, and read back.
//!
//! Guarantees: [`Field::read`] accepts what [`Field::write`] returns. Reading never panics.
//! Out of scope: which fields an action has (`callback`), and values of settings (`setting`).

use super::{ChatId, Place, SourceId, ThreadId, archive::Cursor};
use chrono::NaiveDate;
use std::{
    fmt::Display,
    str::{FromStr, SplitN},
};

/// The version, the name of the action, and at most three fields. Only the last field may contain a
/// colon.
const PARTS_MAX: usize = 5;

/// A value as a field of callback data.
pub(super) trait Field: Sized {
    /// Returns the text of the field.
    fn write(&self) -> String;
    /// Returns the value of a field, or `None` if it has none.
    fn read(text: &str) -> Option<Self>;
}

/// Writes callback data.
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new(version: &str) -> Self {
        Writer(version.to_owned())
    }

    /// Adds a field.
    pub(super) fn field(self, value: &impl Field) -> Self {
        self.text(value.write())
    }

    /// Adds a field as its value is displayed.
    pub(super) fn text(mut self, value: impl Display) -> Self {
        self.0 += &format!(":{value}");
        self
    }

    /// Adds the month of a day.
    pub(super) fn month(self, first_on: Option<NaiveDate>) -> Self {
        self.text(first_on.map(|on| on.format("%Y-%m").to_string()).unwrap_or_default())
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Reads callback data, one field after the other. Each method returns `None` where there is no
/// field left or the field has no such value.
pub(super) struct Reader<'a>(SplitN<'a, char>);

impl<'a> Reader<'a> {
    pub(super) fn new(data: &'a str) -> Self {
        Reader(data.splitn(PARTS_MAX, ':'))
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    pub(super) fn field<T: Field>(&mut self) -> Option<T> {
        T::read(self.text()?)
    }

    pub(super) fn parse<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// Returns the first day of a month, or `Some(None)` if the field is empty.
    pub(super) fn month(&mut self) -> Option<Option<NaiveDate>> {
        match self.text()? {
            "" => Some(None),
            month => format!("{month}-01").parse().ok().map(Some),
        }
    }

    /// Returns `None` if there are fields left.
    pub(super) fn end(mut self) -> Option<()> {
        self.0.next().is_none().then_some(())
    }
}

/// `None` is an empty field.
impl<T: Field> Field for Option<T> {
    fn write(&self) -> String {
        self.as_ref().map(Field::write).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::read(text).map(Some) }
    }
}

/// Writes numbers, and ids as their numbers.
macro_rules! number_fields {
    ($($number:ty),+) => {$(
        impl Field for $number {
            fn write(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}

number_fields!(i32, SourceId);

impl Field for Place {
    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let (chat, thread) = match text.split_once('/') {
            Some((chat, thread)) => (chat, Some(ThreadId(thread.parse().ok()?))),
            None => (text, None),
        };
        Some(Place { chat: ChatId(chat.parse().ok()?), thread })
    }
}

impl Field for Cursor {
    fn write(&self) -> String {
        match self {
            Cursor::First => String::new(),
            Cursor::OlderThan(on, id) => format!("<{on}.{id}"),
            Cursor::NewerThan(on, id) => format!(">{on}.{id}"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Cursor::First);
        }
        let (on, id) = text.get(1..)?.split_once('.')?;
        let (on, id) = (on.parse().ok()?, id.parse().ok()?);
        match &text[..1] {
            "<" => Some(Cursor::OlderThan(on, id)),
            ">" => Some(Cursor::NewerThan(on, id)),
            _ => None,
        }
    }
}

/// Defines an enum with a code for each variant.
macro_rules! field_enum {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant,)+];
        }

        impl $crate::domain::callback_field::Field for $name {
            fn write(&self) -> String {
                match self { $(Self::$variant => $code,)+ }.to_owned()
            }

            fn read(text: &str) -> Option<Self> {
                match text {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use field_enum;
