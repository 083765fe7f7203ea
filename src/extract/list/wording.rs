//! What a text of a list is by its words: a title, the number of a document, a label, "Read more".
//!
//! Guarantees: no name of a site is known here; bounded work whatever the length of the text.

use crate::extract::pattern::compile;
use regex::Regex;
use std::sync::LazyLock;
use url::Url;

/// What ends a sentence, in any script.
static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| compile(r"\p{Sentence_Terminal}"));

/// The fewest letters of a title.
const TITLE_LETTERS_MIN: usize = 8;
/// How many letters a character of Chinese, Japanese or Korean counts as.
const SYLLABLE_LETTERS: usize = 2;
/// The longest text that is generic, or is the number of a document, in bytes.
const SHORT_BYTES_MAX: usize = 120;
/// The fewest digits of a document number.
const REFERENCE_DIGITS_MIN: usize = 5;

/// Removes a "Read more" at the end.
pub(super) fn strip_read_more(text: &str) -> &str {
    let text = text.trim();
    let mut ends =
        text.char_indices().filter(|(_, c)| ".!?…".contains(*c)).map(|(at, c)| at + c.len_utf8());
    match ends.next_back() {
        Some(end) if end < text.len() && is_generic(&text[end..]) => &text[..end],
        _ => text,
    }
}

/// Returns whether a text has this many letters; the rest is not read.
pub(super) fn has_letters(text: &str, least: usize) -> bool {
    letters(text, least) == least
}

/// Returns how many letters a text has, at most `most`. A character that stands for a word or a
/// syllable counts as several.
pub(super) fn letters(text: &str, most: usize) -> usize {
    let mut count = 0;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        count += if is_syllable(c) { SYLLABLE_LETTERS } else { 1 };
        if count >= most {
            return most;
        }
    }
    count
}

/// Returns whether a character is of Chinese, Japanese, Korean or Ethiopic writing.
fn is_syllable(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{139F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Returns whether a text ends as a sentence does.
pub(super) fn is_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || "\"'”’»)]）」".contains(c));
    let last = text.chars().next_back();
    last.is_some_and(|c| c == '…' || SENTENCE_END.is_match(c.encode_utf8(&mut [0; 4])))
}

/// Returns whether a text may be the title of a statement.
pub(super) fn is_title(text: &str) -> bool {
    let text = strip_a11y_note(text);
    has_letters(text, TITLE_LETTERS_MIN) && !is_generic(text) && !is_number(text)
}

/// Returns whether a text is a reference, as of a docket: "2026 Slip Op 01443", "No. 24-1012/KA".
pub(super) fn is_number(text: &str) -> bool {
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let digits = if text.len() > SHORT_BYTES_MAX { 0 } else { count(u8::is_ascii_digit) };
    digits >= REFERENCE_DIGITS_MIN && digits >= count(u8::is_ascii_alphabetic) && text.is_ascii()
}

/// Removes text for screen readers.
pub(super) fn strip_a11y_note(text: &str) -> &str {
    const NOTES: [&str; 6] = [
        "(opens in a new window)",
        "(opens in new window)",
        "(opens in a new tab)",
        "(opens in new tab)",
        "(link is external)",
        "(external link)",
    ];
    let text = text.trim();
    let ends_with = |note: &&&str| {
        let start = text.len().checked_sub(note.len());
        start.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(note))
    };
    match NOTES.iter().find(ends_with) {
        Some(note) => text[..text.len() - note.len()].trim_end(),
        None => text,
    }
}

/// Returns how many bytes at the start of a text are a clock: "12:20:00", "9.15 am", "14h05".
pub(super) fn clock_bytes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let hours = digits(0);
    if !matches!(hours, 1 | 2) || !matches!(bytes.get(hours), Some(b':' | b'.' | b'h')) {
        return 0;
    }
    let mut end = hours + 1 + 2;
    if digits(hours + 1) != 2 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b':' | b'.')) && digits(end + 1) == 2 {
        end += 3;
    }
    let rest = &text[end..];
    let after = rest.trim_start();
    for half in ["am", "pm", "a.m.", "p.m.", "uhr", "z"] {
        let is_half = after.get(..half.len()).is_some_and(|t| t.eq_ignore_ascii_case(half));
        if is_half && !after[half.len()..].starts_with(char::is_alphanumeric) {
            return text.len() - after.len() + half.len();
        }
    }
    if rest.starts_with(char::is_alphanumeric) { 0 } else { end }
}

/// Returns whether a link text is generic ("Read more", "Download").
pub(super) fn is_generic(text: &str) -> bool {
    const WORDS: [&str; 34] = [
        "read",
        "more",
        "download",
        "pdf",
        "doc",
        "docx",
        "html",
        "view",
        "open",
        "file",
        "full",
        "text",
        "details",
        "detail",
        "here",
        "click",
        "see",
        "continue",
        "reading",
        "article",
        "opinion",
        "document",
        "the",
        "print",
        "share",
        "link",
        "подробнее",
        "далее",
        "читать",
        "скачать",
        "mehr",
        "lire",
        "suite",
        "leer",
    ];
    if text.len() > SHORT_BYTES_MAX {
        return false;
    }
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let is_known = |word: &str| WORDS.contains(&word);
    words.clone().count() <= 5
        && words.clone().all(|word| is_known(word) || word.len() <= 2)
        && words.clone().any(is_known)
}

/// Returns whether an address is of a document to be downloaded, by its name.
pub(super) fn is_document(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".pdf", ".doc", ".docx", ".rtf", ".odt", ".zip", ".xls", ".xlsx", ".wpd"]
        .iter()
        .any(|ending| path.ends_with(ending))
}
