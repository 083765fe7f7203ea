//! Entries in the results of an inline query.

use super::{
    html::cut,
    statement::{SOURCE_UNITS_MAX, entry},
};
use crate::{domain::EntryWithSource, lang::Lang};

/// The longest title of a result, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 240;
/// The longest title and lead of the message, in UTF-16 units.
const ENTRY_UNITS_MAX: [usize; 2] = [600, 600];

/// Returns a result: its title, a line below it, and the HTML of the message that is posted.
pub fn inline_result(listed: &EntryWithSource, lang: Lang) -> (String, String, String) {
    let source = cut(&listed.source_title, SOURCE_UNITS_MAX);
    let day = lang.day(listed.entry.date_on.unwrap_or(listed.entry.seen_at.date_naive()));
    let description = format!("{source} · {day}");
    let html = entry(&listed.source_title, &listed.entry, ENTRY_UNITS_MAX, lang);
    (cut(&listed.entry.title, TITLE_UNITS_MAX), description, html.into_string())
}
