//! Plain text → lines.
//!
//! Guarantees: columns that are separated by a run of blanks become lines of their own.

use super::layout::{Block, LINES_MAX, LineBuilder, Page};

/// The number of blanks that separates columns.
const COLUMN_GAP: usize = 4;

/// Splits a text into lines. They are all in one block and have no links.
pub(crate) fn lines(source: &str) -> Page {
    let mut page = Page { blocks: vec![Block::default()], ..Page::default() };
    let mut builder = LineBuilder::default();
    let mut is_paragraph = true;
    for line in source.lines() {
        if page.lines.len() >= LINES_MAX {
            break;
        }
        let before = page.lines.len();
        for column in columns(line) {
            builder.push(column, None);
            page.lines.extend(builder.finish(0, is_paragraph));
        }
        is_paragraph = page.lines.len() == before;
    }
    page
}

fn columns(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut blanks = 0;
        for (at, c) in text.char_indices() {
            if c.is_whitespace() {
                blanks += if c == '\t' { COLUMN_GAP } else { 1 };
            } else {
                if blanks >= COLUMN_GAP && !text[..at].trim().is_empty() {
                    rest = Some(&text[at..]);
                    return Some(&text[..at]);
                }
                blanks = 0;
            }
        }
        rest = None;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_columns_and_paragraphs_are_distinguished() {
        let page = lines("a b\n  c\n\n  \nd e      f g  h\n\ti\n");
        let found: Vec<_> = page.lines.iter().map(|l| (l.text.as_str(), l.is_paragraph)).collect();
        assert_eq!(
            found,
            [("a b", true), ("c", false), ("d e", true), ("f g h", true), ("i", false)]
        );
    }
}
