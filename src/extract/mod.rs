//! The reader: bytes → what a page or feed says. Pure; never an error, never a panic.
//!
//! Promises: nothing invented (no date is no date, no link is no link); whatever the bytes are, the
//! work is bounded. A document in which nothing is found gives an empty reading.
//! Leaves out: fetching (`web`), and what is new (`detect`).
//!
//! A document becomes lines in blocks (`markup`, `text`). Dated entries are looked for in two ways,
//! as lines "DATE – TITLE" (`list`) and by the structure (`records`), and one is chosen (`page`);
//! counters (`counter`), contacts (`contact`) and notes (`notes`) are lines. A feed is read as such (`feed`).

mod article;
mod charset;
pub mod date;
mod feed;
mod html;
mod layout;
pub(crate) mod list;
pub(crate) mod page;
mod plain_text;
mod selectors;

pub use self::list::choose::CandidateList;
use self::selectors::Selectors;
pub use self::selectors::problems;
use crate::domain::{Article, DateOrder, DocumentKind, Extraction, PageRules};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use url::Url;

/// The largest document that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 5 * 1024 * 1024;
/// What stands in a text where a part of the document is missing: a character that is none.
const SEAM: char = '\u{fdd0}';
/// The most entries that are taken from one document.
const ENTRIES_MAX: usize = 1000;

/// The largest document of which selectors are derived, in bytes: each is tried by reading it again.
const DERIVED_BYTES_MAX: usize = 1024 * 1024;

/// A document to be read.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its bytes; beyond [`BODY_BYTES_MAX`] they are not looked at.
    pub bytes: &'a [u8],
    /// Where in them a part is missing: what comes from there on is the end of the document.
    pub seam: Option<usize>,
    /// The `Content-Type` that came with it.
    pub content_type: Option<&'a str>,
    /// The address that relative links start from.
    pub url: Option<&'a Url>,
    /// The zone whose days its dates are.
    pub zone: Tz,
    /// When it was fetched.
    pub now: DateTime<Utc>,
    /// What the operator says of it.
    pub hints: &'a PageRules,
}

impl Document<'_> {
    /// Its text, with [`SEAM`] where a part is missing.
    fn text(&self) -> String {
        let bytes = &self.bytes[..self.bytes.len().min(BODY_BYTES_MAX)];
        match self.seam.filter(|seam| *seam < bytes.len()) {
            Some(seam) => self::charset::decode_in_parts(bytes, seam, self.content_type),
            None => self::charset::decode(bytes, self.content_type),
        }
    }

    /// The day in the zone of the source.
    fn today_on(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}

/// Reads a document.
pub fn read(document: &Document<'_>) -> Extraction {
    let source = document.text();
    let mut reading = match sniff(&source, document.content_type) {
        Shape::Feed => self::feed::read(&source, document)
            .unwrap_or_else(|| Extraction::empty(DocumentKind::Text)),
        Shape::Markup => {
            let page = self::html::lines(&source, document.url, &Selectors::of(document.hints));
            page_reading(DocumentKind::Html, &page, document)
        }
        Shape::Text => {
            page_reading(DocumentKind::Text, &self::plain_text::lines(&source), document)
        }
    };
    // What stands on both sides of a missing part is of two entries.
    reading.entries.retain(|entry| {
        !entry.title.contains(SEAM) && !entry.lead.as_ref().is_some_and(|lead| lead.contains(SEAM))
    });
    keep_newest(&mut reading);
    if reading.entries.is_empty() {
        reading.challenge = self::page::challenge::find(&source).map(str::to_owned);
    }
    reading
}

/// The main text of a page; `None`: there is none to be found.
pub fn article(document: &Document<'_>) -> Option<Article> {
    let source = document.text();
    self::article::find(&source, document)
}

/// The lists that were seen in a page, the best first; of a feed none.
pub fn explain(document: &Document<'_>) -> Vec<CandidateList> {
    let source = document.text();
    match sniff(&source, document.content_type) {
        Shape::Feed => Vec::new(),
        Shape::Markup => self::list::choose::explain(
            &self::html::lines(&source, document.url, &Selectors::of(document.hints)),
            document,
        ),
        Shape::Text => self::list::choose::explain(&self::plain_text::lines(&source), document),
    }
}

/// What was derived of a page, as the operator would have to say it for the same entries to be found: each
/// setting was tried, and finds the same. An order of dates is among them only where the others find
/// other days.
pub fn derive(document: &Document<'_>) -> PageRules {
    let source = document.text();
    let mut hints = document.hints.clone();
    if sniff(&source, document.content_type) != Shape::Markup || source.len() > DERIVED_BYTES_MAX {
        return hints;
    }
    let page = self::html::lines(&source, document.url, &Selectors::of(document.hints));
    let found = read(document).entries;
    let finds_same = |hints: &PageRules| read(&Document { hints, ..*document }).entries == found;
    let lang = Some(page.lang.clone()).filter(|lang| !lang.is_empty() && hints.lang.is_none());
    let with_lang = PageRules { lang, ..hints.clone() };
    if with_lang.lang.is_some() && finds_same(&with_lang) {
        hints = with_lang;
    }
    if hints.date_order.is_none() {
        let with = |order| PageRules { date_order: Some(order), ..hints.clone() };
        let same = [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::YearFirst]
            .map(|order| finds_same(&with(order)));
        // A year of four digits is known by itself, whatever the order.
        hints.date_order = match same {
            [true, false, _] => Some(DateOrder::DayFirst),
            [false, true, _] => Some(DateOrder::MonthFirst),
            [false, false, true] => Some(DateOrder::YearFirst),
            [true, true, _] | [false, false, false] => None,
        };
    }
    let lists = self::list::choose::explain(&page, document);
    // A list of lines has no elements, but the same entries may be elements as well.
    for selector in lists.iter().take(2).flat_map(|list| &list.selectors) {
        let told = PageRules { entry: Some(selector.clone()), ..hints.clone() };
        if finds_same(&told) {
            return told;
        }
    }
    hints
}

/// Finds in lines all that a page shows.
fn page_reading(
    kind: DocumentKind,
    page: &self::layout::Page,
    document: &Document<'_>,
) -> Extraction {
    let (entries, first_line) = self::list::choose::entries(page, document);
    let notes = self::page::info::find(page, first_line);
    let contacts = self::page::contacts::find(page);
    let as_of = notes.page_date.map_or((document.today_on(), false), |on| (on, true));
    Extraction {
        kind,
        counters: self::page::day_counters::find(page, as_of),
        page_date: notes.page_date,
        clocks: notes.clocks,
        phones: contacts.phones,
        contacts: contacts.lines,
        archive: notes.archive,
        next: page.next.clone().or(notes.next),
        title: page.title.clone(),
        lang: Some(page.lang.clone()).filter(|lang| !lang.is_empty()),
        feeds: page.feeds.clone(),
        entries,
        fresh_for: None,
        challenge: None,
        is_empty_list: false,
        notes: Vec::new(),
    }
}

/// Leaves out what is oldest of a list that is longer than [`ENTRIES_MAX`]. Where nothing says which end of
/// it is the old one, it is taken from the middle.
fn keep_newest(reading: &mut Extraction) {
    let all = reading.entries.len();
    if all <= ENTRIES_MAX {
        return;
    }
    reading.notes.push(format!("{ENTRIES_MAX} of its {all} entries are taken, the newest"));
    let days: Vec<NaiveDate> = reading.entries.iter().filter_map(|e| e.date_on).collect();
    let forward = days.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let back = days.windows(2).filter(|pair| pair[0] > pair[1]).count();
    if forward == back {
        reading.entries.drain(ENTRIES_MAX / 2..all - ENTRIES_MAX / 2);
        return;
    }
    // An entry without a day is as old as the one before it.
    let mut last_on = days.first().copied();
    let dated = reading.entries.iter().enumerate().map(|(n, entry)| {
        last_on = entry.date_on.or(last_on);
        (last_on, if forward > back { n } else { all - n }, n)
    });
    let mut by_age: Vec<_> = dated.collect();
    by_age.sort_unstable();
    let kept: BTreeSet<usize> =
        by_age.split_off(all - ENTRIES_MAX).into_iter().map(|e| e.2).collect();
    let mut n = 0;
    reading.entries.retain(|_| {
        n += 1;
        kept.contains(&(n - 1))
    });
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Feed,
    Markup,
    Text,
}

/// How far into a document the beginning of a feed is looked for, in bytes: a program may have written its
/// warnings before it.
const SNIFFED_BYTES_MAX: usize = 64 * 1024;

/// Tells feeds, pages and plain text apart by what they hold: what servers say of it is often wrong.
fn sniff(source: &str, content_type: Option<&str>) -> Shape {
    let start = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with('{') && start.contains("\"items\"") {
        return Shape::Feed;
    }
    if is_feed(&start[..start.floor_char_boundary(SNIFFED_BYTES_MAX)]) {
        return Shape::Feed;
    }
    let says_text = content_type.is_some_and(|t| t.trim_start().starts_with("text/plain"));
    let has_tags = start.starts_with('<') || source.contains("</") || source.contains("<br");
    if has_tags && !says_text { Shape::Markup } else { Shape::Text }
}

/// Whether a document is a feed: its first element that tells is one of a feed, and not one of a page. XML
/// of another name is one as well, if there are items in it.
fn is_feed(head: &str) -> bool {
    let mut is_xml = false;
    let mut has_items = false;
    let mut is_rss = None;
    let (mut at, mut has_comments) = (0, true);
    while let Some(next) = head[at..].find('<') {
        let rest = &head[at + next + 1..];
        at += next + 1;
        // What is commented out is no element.
        if let Some(comment) = rest.strip_prefix("!--").filter(|_| has_comments) {
            let end = comment.find("-->");
            at += end.map_or(0, |end| "!--".len() + end);
            has_comments = end.is_some();
            continue;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "!?:_-".contains(c)));
        let name = rest[..end.unwrap_or(rest.len())].to_ascii_lowercase();
        let local = name.rsplit(':').next().unwrap_or_default();
        match (local, &*name) {
            ("rss" | "channel" | "feed", _) => return true,
            // Pictures have metadata in RDF as well.
            ("rdf", _) if *is_rss.get_or_insert_with(|| has_rss(rest)) => return true,
            (_, "?xml") => is_xml = true,
            ("html" | "head" | "body", _) => return false,
            ("item" | "entry", _) => has_items = true,
            ("title", _) if is_xml && has_items => return true,
            _ => {}
        }
    }
    false
}

/// Whether RDF is that of RSS.
fn has_rss(rest: &str) -> bool {
    let lower = rest.to_ascii_lowercase();
    lower.contains("<item") || lower.contains(":item") || lower.contains("channel")
}
