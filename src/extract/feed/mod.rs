//! RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed → entries, in whatever state the feed is.
//!
//! Guarantees: a feed is read entry by entry, so that an invalid one is dropped without affecting
//! the others; a note says what was dropped. Titles, leads, addresses and days are taken as the
//! format has them.
//! Out of scope: encodings (`charset`), and which entries are new (`detect`).

mod address;
mod chars;
mod dates;
mod fields;
mod json;
mod raw;
mod scan;
mod text;

pub(super) use self::text::{Place, of_html};

use self::{address::is_placeholder, raw::RawEntry};
use super::{
    document::Document,
    limits::{LEAD_CHARS_MAX, TITLE_CHARS_MAX},
};
use crate::domain::{Candidate, Extraction};

/// The longest identifier that is kept, in characters.
const ID_CHARS_MAX: usize = 1000;
/// How much of a lead replaces a missing title, in characters.
const BEGINNING_CHARS_MAX: usize = 120;
/// The title of an entry that has neither a title nor a lead.
const NO_TITLE: &str = "(no title)";

/// Extracts the entries of a feed; `None` if the document is not a feed.
pub(super) fn read(source: &str, document: &Document<'_>) -> Option<Extraction> {
    let is_json = source.trim_start_matches(is_blank).starts_with('{');
    let mut feed = if is_json {
        self::json::read(source, document.url)?
    } else {
        self::fields::read(&self::scan::scan(source), document.url)
    };
    let is_empty_list = feed.is_whole && feed.entries.is_empty() && feed.notes.is_empty();
    let dates: Vec<&[String]> = feed.entries.iter().map(|entry| &entry.dates[..]).collect();
    let context = self::dates::Context {
        zone: document.zone,
        now: document.now,
        lang: document.page_rules.lang.as_deref().or(feed.lang.as_deref()),
        host: document.url.and_then(|url| url.host_str()),
        order: document.page_rules.date_order,
        format: document.page_rules.date_format.as_deref(),
    };
    let (days, note) = self::dates::days(&dates, context);
    feed.notes.extend(note);
    let all = feed.entries.len();
    let entries: Vec<Candidate> = std::mem::take(&mut feed.entries)
        .into_iter()
        .zip(days)
        .filter_map(|(entry, date_on)| Some(Candidate { date_on, ..candidate(entry)? }))
        .collect();
    let left_out = all - entries.len();
    if left_out > 0 {
        feed.notes.push(format!("{left_out} of its entries say nothing and are left out"));
    }
    Some(Extraction {
        entries,
        title: feed.title,
        next: feed.next,
        lang: feed.lang,
        fresh_for: feed.fresh_for,
        is_empty_list,
        notes: feed.notes,
        ..Extraction::empty(feed.kind)
    })
}

/// Returns an entry without its day; `None` if it is empty.
fn candidate(entry: RawEntry) -> Option<Candidate> {
    let RawEntry { title, lead, picture, link, links, id, .. } = entry;
    let id = id.filter(|id| !is_placeholder(id));
    let is_nothing = [&title, &lead, &picture, &id].into_iter().all(Option::is_none);
    if is_nothing && link.is_none() {
        return None;
    }
    let title = title
        .or(picture)
        .or_else(|| lead.as_deref().map(beginning))
        .unwrap_or_else(|| NO_TITLE.to_owned());
    let cut = |text: String, max: usize| match text.char_indices().nth(max) {
        Some((at, _)) => text[..at].trim_end().to_owned(),
        None => text,
    };
    Some(Candidate {
        date_on: None,
        title: cut(title, TITLE_CHARS_MAX),
        link,
        links,
        lead: lead.map(|lead| cut(lead, LEAD_CHARS_MAX)),
        guid: id.map(|id| cut(id, ID_CHARS_MAX)),
    })
}

/// Returns the beginning of a lead, in whole words.
fn beginning(lead: &str) -> String {
    let Some((end, _)) = lead.char_indices().nth(BEGINNING_CHARS_MAX) else {
        return lead.to_owned();
    };
    let head = &lead[..end];
    let words = head.rsplit_once(char::is_whitespace).map_or(head, |(words, _)| words);
    format!("{}…", words.trim_end_matches(|c: char| !c.is_alphanumeric()))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_title_is_the_beginning_of_the_lead() {
        assert_eq!(beginning("Short."), "Short.");
        let long = "word ".repeat(40);
        let cut = beginning(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= 121, "{cut}");
    }
}
