//! RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed → entries, in whatever state the feed is.
//!
//! Guarantees: a feed is read entry by entry, so that what is broken loses itself alone; what is left
//! out is said in a note. Titles, leads, addresses and days are taken as the format has them.
//! Out of scope: encodings (`charset`), and which entries are new (`detect`).

mod chars;
mod dates;
mod fields;
mod json;
mod scan;
mod text;

use super::Document;
use crate::domain::{Candidate, DocumentKind, Extraction};
use std::time::Duration;
use url::Url;

/// The longest title, lead and identifier that are kept, in characters.
const TITLE_CHARS_MAX: usize = 1000;
const LEAD_CHARS_MAX: usize = 10_000;
const ID_CHARS_MAX: usize = 1000;
/// How much of a lead stands for a title that is missing, in characters.
const BEGINNING_CHARS_MAX: usize = 120;
/// The longest address, in bytes, and the longest that others may start from, which is in each of them.
const ADDRESS_BYTES_MAX: usize = 8192;
const BASE_BYTES_MAX: usize = 512;
/// Other addresses of one entry.
const LINKS_MAX: usize = 20;
/// Entries of a feed that are looked at: far more than are taken of it.
const READ_MAX: usize = 10 * super::ENTRIES_MAX;
/// What stands for a title where there is nothing else.
const NO_TITLE: &str = "(no title)";

/// A feed in whatever format, before its days are read.
#[derive(Debug)]
struct RawFeed {
    kind: DocumentKind,
    title: Option<String>,
    lang: Option<String>,
    /// The next page of it.
    next: Option<Url>,
    /// How long it says that it stays as it is.
    fresh_for: Option<Duration>,
    entries: Vec<RawEntry>,
    /// Whether its end is there.
    is_whole: bool,
    /// What is wrong with it, in words for the operator.
    notes: Vec<String>,
}

#[derive(Debug, Default)]
struct RawEntry {
    title: Option<String>,
    lead: Option<String>,
    /// What its picture is of.
    picture: Option<String>,
    link: Option<Url>,
    /// Its other addresses.
    links: Vec<Url>,
    id: Option<String>,
    /// Its dates as printed, in the order in which they count.
    dates: Vec<String>,
}

/// Reads a feed; nothing if it is none.
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
        lang: document.hints.lang.as_deref().or(feed.lang.as_deref()),
        order: document.hints.date_order,
        format: document.hints.date_format.as_deref(),
    };
    let days = self::dates::days(&dates, context);
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

/// An entry, without its day; nothing if it says nothing.
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

/// Adds to a list; those in the middle of one that is too long are dropped. How many these are.
fn push_at_ends<T>(list: &mut Vec<T>, item: T) -> usize {
    list.push(item);
    if list.len() < 2 * READ_MAX {
        return 0;
    }
    list.drain(READ_MAX / 2..list.len() - READ_MAX / 2).count()
}

fn note_of_left_out(left_out: usize) -> Option<String> {
    (left_out > 0)
        .then(|| format!("{left_out} of its entries, from the middle of them, are left out"))
}

/// The beginning of a lead, in whole words.
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

/// The address of the web that a feed writes, which starts from `base`; nothing where it only says that
/// there is none.
fn address(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    let is_too_long = href.len() > ADDRESS_BYTES_MAX;
    if href.is_empty() || href == "#" || is_too_long || is_placeholder(href) {
        return None;
    }
    let is_host = href.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let found = if is_host {
        let scheme = base.map_or("https", Url::scheme);
        Url::parse(&format!("{scheme}://{href}")).ok()
    } else {
        match base {
            Some(base) => base.join(href).ok(),
            None => Url::parse(href).ok(),
        }
    };
    // Words are no path.
    let is_words = !href.contains(['/', '.', '?', '#', '%']) && href.contains(char::is_whitespace);
    found.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && !is_words)
}

/// The same of an address from which others start.
fn base_address(href: &str, base: Option<&Url>) -> Option<Url> {
    address(href, base).filter(|url| url.as_str().len() <= BASE_BYTES_MAX)
}

/// Whether a value only says that there is none: "N/A", "none", "-".
fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 12] = [
        "na",
        "none",
        "null",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "tbd",
        "tba",
        "false",
        "nolink",
        "notavailable",
    ];
    let mut word = String::new();
    for c in value.chars() {
        match c {
            c if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            '/' | '-' | '.' | '_' | ' ' | '(' | ')' | '–' | '—' => {}
            // A reference to a part of the page, a query: an address of a kind.
            _ => return false,
        }
        if word.len() > 16 {
            return false;
        }
    }
    let is_sign =
        word.is_empty() && value.trim() != "/" && value.trim() != "." && value.trim() != "..";
    is_sign || WORDS.contains(&&*word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_a_person_would_open() {
        let base = Url::parse("https://harbour.example/news/").unwrap();
        let cases = [
            ("/notices/1", Some("https://harbour.example/notices/1")),
            ("notices/2", Some("https://harbour.example/news/notices/2")),
            ("//harbour.example/3", Some("https://harbour.example/3")),
            (" \n https://harbour.example/4 \n", Some("https://harbour.example/4")),
            ("https://harbour.example/n?a=1&b=2", Some("https://harbour.example/n?a=1&b=2")),
            ("www.harbour.example/9", Some("https://www.harbour.example/9")),
            ("https://harbour.example/a b.pdf", Some("https://harbour.example/a%20b.pdf")),
            ("?id=5", Some("https://harbour.example/news/?id=5")),
            ("7", Some("https://harbour.example/news/7")),
            ("javascript:void(0)", None),
            ("mailto:a@b.example", None),
            ("N/A", None),
            ("none", None),
            ("-", None),
            ("#", None),
            ("#n12", Some("https://harbour.example/news/#n12")),
            ("see our website", None),
            ("http://", None),
            ("", None),
        ];
        for (href, expected) in cases {
            assert_eq!(address(href, Some(&base)).as_ref().map(Url::as_str), expected, "{href:?}");
        }
    }

    #[test]
    fn of_too_many_entries_both_ends_are_kept() {
        let all = 3 * READ_MAX;
        let mut kept = Vec::new();
        let left_out: usize = (0..all).map(|n| push_at_ends(&mut kept, n)).sum();
        assert_eq!(kept.len() + left_out, all);
        assert!(kept.len() >= READ_MAX && kept.is_sorted());
        assert_eq!((kept[READ_MAX / 2 - 1], kept.last()), (READ_MAX / 2 - 1, Some(&(all - 1))));
    }

    #[test]
    fn a_missing_title_is_the_beginning_of_the_lead() {
        assert_eq!(beginning("Short."), "Short.");
        let long = "word ".repeat(40);
        let cut = beginning(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= 121, "{cut}");
    }
}
