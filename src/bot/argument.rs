//! Arguments that several commands share.

/// The argument of a command that takes none. Whatever follows the command is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoArgument;

/// Ignores what was typed.
pub(super) fn ignore(_: &str) -> NoArgument {
    NoArgument
}

/// The argument of a command that may name a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OptionalSource(pub(super) Option<String>);

/// Takes all that was typed for the name of a source.
pub(super) fn optional_source(text: &str) -> OptionalSource {
    OptionalSource(non_empty(text))
}

/// The argument of a command that shows a setting or changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice<T> {
    /// Nothing was typed: show the setting.
    Show,
    /// The new value.
    Set(T),
    /// No value that the command knows.
    Invalid,
}

impl<T> Choice<T> {
    /// Parses a new value with `parse`; nothing is [`Choice::Show`].
    pub(super) fn parse(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Self {
        match text {
            "" => Choice::Show,
            _ => parse(text).map_or(Choice::Invalid, Choice::Set),
        }
    }

    /// Converts the new value.
    pub(super) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Choice<U> {
        match self {
            Choice::Show => Choice::Show,
            Choice::Set(value) => Choice::Set(convert(value)),
            Choice::Invalid => Choice::Invalid,
        }
    }

    /// Whether anything was typed, valid or not.
    pub(super) fn is_change(&self) -> bool {
        !matches!(self, Choice::Show)
    }
}

/// Returns a text unless it is empty.
pub(super) fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
