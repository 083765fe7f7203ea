//! The common form of pages and plain texts: lines in blocks.
//!
//! A line is what stands between two breaks when the document is set. It knows the block that it
//! stands in, and blocks know the blocks around them; that is all the structure that is kept.

use crate::domain::line::tidy;
use std::ops::Range;
use url::Url;

/// A document as lines.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// In the order of the document. None is empty.
    pub lines: Vec<Line>,
    /// For each block, the block around it; the first has none.
    pub blocks: Vec<Option<usize>>,
}

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    /// Its text, tidied.
    pub text: String,
    /// The parts of it that lead somewhere, as byte ranges of the text.
    pub links: Vec<(Range<usize>, Url)>,
    /// The block it stands in.
    pub block: usize,
    /// Whether more than a line break stands before it.
    pub is_paragraph: bool,
}

impl Line {
    /// Whether the whole of it is links: "Read more", "All messages", a menu.
    pub fn is_all_links(&self) -> bool {
        let linked: usize = self.links.iter().map(|(range, _)| range.len()).sum();
        !self.links.is_empty() && linked + self.links.len() >= self.text.len()
    }
}

/// Collects pieces of text into a line.
#[derive(Debug, Default)]
pub(super) struct LineBuilder {
    raw: Vec<(String, Option<Url>)>,
}

impl LineBuilder {
    pub fn push(&mut self, text: &str, link: Option<&Url>) {
        match self.raw.last_mut() {
            Some((last, l)) if l.as_ref() == link => last.push_str(text),
            _ => self.raw.push((text.to_owned(), link.cloned())),
        }
    }

    /// Ends the line; nothing if it holds nothing that can be seen.
    pub fn finish(&mut self, block: usize, is_paragraph: bool) -> Option<Line> {
        let mut text = String::new();
        let mut links: Vec<(Range<usize>, Url)> = Vec::new();
        let mut gap = false;
        for (raw, link) in self.raw.drain(..) {
            let piece = tidy(&raw);
            gap |= raw.starts_with(char::is_whitespace);
            if piece.is_empty() {
                gap |= !raw.is_empty();
                continue;
            }
            if gap && !text.is_empty() {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(&piece);
            gap = raw.ends_with(char::is_whitespace);
            if let Some(link) = link {
                links.push((start..text.len(), link));
            }
        }
        (!text.is_empty()).then_some(Line { text, links, block, is_paragraph })
    }
}
