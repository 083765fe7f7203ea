//! How words and marks of dates are compared.
//!
//! Guarantees: a word is the same in capital letters, and whatever marks of direction are in it.

use super::{digits::value, tokens::is_of_word};
use unicode_normalization::UnicodeNormalization;

/// Returns a word in small letters without what is not seen.
pub(super) fn word(text: &str) -> String {
    // A capital İ is two characters in small letters, of which the second is a dot.
    let is_kept = |c: &char| !matches!(c, '\u{307}' | '\u{200b}'..='\u{200d}');
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).filter(is_kept).collect()
}

/// Adds the marks of a text, which are neither letters nor blanks.
pub(super) fn add_marks(text: &str, marks: &mut String) {
    let is_mark =
        |c: &char| !is_of_word(*c) && value(*c).is_none() && !c.is_whitespace() && !c.is_control();
    for mark in text.chars().filter(is_mark) {
        if !marks.contains(mark) {
            marks.push(mark);
        }
    }
}
