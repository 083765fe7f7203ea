//! The layout that pages and plain texts share: lines in blocks.
//!
//! A line is the text between two breaks of the rendered document. Lines refer to their block, and blocks
//! to their parent; no other structure is kept.

use crate::domain::text::normalize_whitespace;
use chrono::NaiveDate;
use std::{collections::HashMap, ops::Range};
use url::Url;

/// The most lines of a document; the longest ordinary pages have some thousands.
pub(crate) const LINES_MAX: usize = 100_000;

/// The most bytes of addresses of a document: each line may have a long one.
const LINK_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A document as lines.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// In the order of the document. None is empty.
    pub lines: Vec<Line>,
    /// The block elements, each after the one around it; the first has none around it.
    pub blocks: Vec<Block>,
    /// The language that it declares (`en-GB`), or `None`.
    pub lang: String,
    /// The host that most of its links lead to, which is the institution's own.
    pub host: Option<String>,
    /// The feeds that its head names.
    pub feeds: Vec<Url>,
    /// The name that it gives itself.
    pub title: Option<String>,
    /// The next page of its list.
    pub next: Option<Url>,
    /// The days that it gives to addresses, for machines.
    pub linked_data: HashMap<Url, NaiveDate>,
    /// The texts of its scripts.
    pub scripts: Vec<String>,
    /// The address that its relative links start from.
    pub base: Option<Url>,
    /// What the page rules matched in its entries, and whether they have a selector for entries.
    pub rule_matches: Vec<RuleMatch>,
    pub has_entry_rule: bool,
}

/// The parts of an entry that the selectors of the page rules matched.
#[derive(Debug, Default)]
pub(crate) struct RuleMatch {
    pub title: Option<String>,
    pub link: Option<Url>,
    /// The parsed day.
    pub on: Option<NaiveDate>,
    /// The printed date.
    pub date: Option<String>,
    pub lead: Option<String>,
}

impl Page {
    /// Returns whether an address is one of the institution's.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.host_str() == self.host.as_deref()
    }

    /// Returns whether two lines are in one element or in two of one parent.
    pub(super) fn is_near(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.lines[a].block, self.lines[b].block);
        let around = |block: usize| self.blocks[block].around;
        a == b || around(a) == Some(b) || around(b) == Some(a) || around(a) == around(b)
    }
}

/// A block element.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The block around it.
    pub around: Option<usize>,
    /// The name of the element.
    pub tag: String,
    /// Its classes as written that describe it, not its position ("odd", "row-3").
    pub classes: Vec<String>,
    /// Whether it, or a block around it, is navigation: a menu, a footer.
    pub is_navigation: bool,
    /// Whether it, or a block around it, is secondary content.
    pub is_aside: bool,
    /// Whether it is outside of the part of the page that the page rules restrict the list to.
    pub is_outside: bool,
    /// Which of [`Page::rule_matches`] it is.
    pub rule_match: Option<usize>,
}

impl Block {
    /// Returns whether it is a heading by its name.
    pub(super) fn is_heading(&self) -> bool {
        matches!(&*self.tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
    }
}

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its text, normalized.
    pub text: String,
    /// The links, with the byte ranges of their texts.
    pub links: Vec<(Range<usize>, Url)>,
    /// What the pictures of links without a text say, by the number of the link.
    pub pictures: Vec<(usize, String)>,
    /// The block that contains it.
    pub block: usize,
    /// Dates of its elements for machines (`time[datetime]`), by position.
    pub marks: Vec<(usize, NaiveDate)>,
    /// Where inline elements begin and end, by position.
    pub edges: Vec<usize>,
    /// Whether more than a line break precedes it.
    pub is_paragraph: bool,
}

impl Line {
    /// Returns whether a line has at most so many characters beside a part of it.
    pub(super) fn has_little_beside(&self, range: &Range<usize>, chars_max: usize) -> bool {
        let bytes = self.text.len() - range.len();
        let chars =
            || self.text[..range.start].chars().count() + self.text[range.end..].chars().count();
        bytes <= chars_max || bytes <= chars_max * char::MAX_LEN_UTF8 && chars() <= chars_max
    }

    /// Returns whether an inline element begins or ends at a position, or beside it.
    pub(super) fn has_edge(&self, at: usize) -> bool {
        let next = self.edges.partition_point(|edge| edge + 1 < at);
        self.edges.get(next).is_some_and(|edge| at.abs_diff(*edge) <= 1)
    }

    /// Adds the link of a part of the text. The parts of one link are one, whatever elements set them
    /// apart.
    fn add_link(&mut self, range: Range<usize>, link: Url) {
        match self.links.last_mut() {
            Some((last, url))
                if *url == link && last.end + 1 >= range.start && last.end > last.start =>
            {
                last.end = range.end;
            }
            _ => self.links.push((range, link)),
        }
    }

    /// Returns whether the whole of it is links: "Read more", "All messages", a menu.
    pub(super) fn is_all_links(&self) -> bool {
        let linked: usize = self.links.iter().map(|(range, _)| range.len()).sum();
        !self.links.is_empty() && linked + self.links.len() >= self.text.len()
    }
}

/// Collects pieces of text into a line.
#[derive(Debug, Default)]
pub(crate) struct LineBuilder {
    raw: Vec<Piece>,
    link_bytes: usize,
    has_mark: bool,
}

#[derive(Debug)]
enum Piece {
    Text(String, Option<Url>),
    Mark(NaiveDate),
    /// The begin or the end of an inline element.
    Edge,
    /// A link that shows a picture at most, and what the picture says.
    Picture(Url, String),
}

impl LineBuilder {
    pub(super) fn push(&mut self, text: &str, link: Option<&Url>) {
        match self.raw.last_mut() {
            Some(Piece::Text(last, l)) if l.as_ref() == link => last.push_str(text),
            _ => {
                let link = link.and_then(|link| self.kept(link));
                self.raw.push(Piece::Text(text.to_owned(), link));
            }
        }
    }

    /// Appends a blank if the text ends so that what follows would be taken for a part of its last
    /// word or number.
    pub(super) fn part_from(&mut self, next: &str) {
        let last = self.raw.iter_mut().rev().find(|piece| !matches!(piece, Piece::Edge));
        let Some(Piece::Text(last, _)) = last else { return };
        let Some((before, after)) = last.chars().next_back().zip(next.chars().next()) else {
            return;
        };
        let are_numbers = before.is_ascii_digit() && after.is_ascii_digit();
        let are_words = (before.is_lowercase() || before.is_numeric()) && after.is_uppercase();
        if are_numbers || are_words {
            last.push(' ');
        }
    }

    /// Notes a day that an element carries here.
    pub(super) fn mark(&mut self, on: NaiveDate) {
        self.has_mark = true;
        self.raw.push(Piece::Mark(on));
    }

    /// Returns whether an element of the line carries a day.
    pub(super) fn has_mark(&self) -> bool {
        self.has_mark
    }

    /// Notes that an inline element begins or ends here.
    pub(super) fn edge(&mut self) {
        if !matches!(self.raw.last(), Some(Piece::Edge)) {
            self.raw.push(Piece::Edge);
        }
    }

    /// Adds a link without text; its picture may say something.
    pub(super) fn picture(&mut self, link: &Url, text: &str) {
        if let Some(link) = self.kept(link) {
            self.raw.push(Piece::Picture(link, normalize_whitespace(text)));
        }
    }

    /// Returns an address while the limit for all addresses permits it.
    fn kept(&mut self, link: &Url) -> Option<Url> {
        self.link_bytes += link.as_str().len();
        (self.link_bytes <= LINK_BYTES_MAX).then(|| link.clone())
    }

    /// Ends the line; `None` if it has no visible content.
    pub(super) fn finish(&mut self, block: usize, is_paragraph: bool) -> Option<Line> {
        let mut line = Line {
            text: String::new(),
            links: Vec::new(),
            pictures: Vec::new(),
            block,
            marks: Vec::new(),
            edges: Vec::new(),
            is_paragraph,
        };
        let mut gap = false;
        self.has_mark = false;
        for piece in self.raw.drain(..) {
            let (raw, link) = match piece {
                Piece::Text(raw, link) => (raw, link),
                Piece::Mark(on) => {
                    line.marks.push((line.text.len(), on));
                    continue;
                }
                Piece::Edge => {
                    line.edges.push(line.text.len());
                    continue;
                }
                Piece::Picture(link, text) => {
                    if !text.is_empty() {
                        line.pictures.push((line.links.len(), text));
                    }
                    line.links.push((line.text.len()..line.text.len(), link));
                    continue;
                }
            };
            let piece = normalize_whitespace(&raw);
            gap |= raw.starts_with(char::is_whitespace);
            if piece.is_empty() {
                gap |= !raw.is_empty();
                continue;
            }
            if gap && !line.text.is_empty() {
                line.text.push(' ');
            }
            let start = line.text.len();
            line.text.push_str(&piece);
            gap = raw.ends_with(char::is_whitespace);
            if let Some(link) = link {
                line.add_link(start..line.text.len(), link);
            }
        }
        let is_seen = !line.text.is_empty() || !line.links.is_empty() || !line.marks.is_empty();
        is_seen.then_some(line)
    }
}
