//! The languages with names of their own in CLDR.
//!
//! Guarantees: each is a language that ICU has data of.

use icu_locale_core::Locale;

/// Returns the languages with names of their own in CLDR.
pub(crate) fn languages() -> impl Iterator<Item = Locale> {
    include_str!("languages.txt").split_ascii_whitespace().filter_map(|tag| tag.parse().ok())
}
