//! The texts of a record, each with its place: the elements around it, and which of their texts it
//! is. Texts at one place in the records of a list are of one sort.
//!
//! Guarantees: a date is cut off only if it dates the record, and only at the edge of a text; the
//! work is linear in the text of a record, and bounded.
//! Out of scope: which of the texts is the title (`columns`).

use super::{
    super::wording::{clock_bytes, is_title, strip_a11y_note},
    index::{Dated, PageIndex},
    segment::Record,
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};
use url::Url;

/// The most lines of one record that are considered.
const RECORD_LINES_MAX: usize = 500;
/// The most links of one line that are considered.
const LINE_LINKS_MAX: usize = 20;
/// How many elements distinguish one place in a record from another.
const PATH_LEVELS: usize = 8;
/// How much of a class or of the name of an element distinguishes it, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// How far from the start of a text a date still begins it, in characters: behind "On".
const EDGE_CHARS: usize = 12;
/// The longest clock, in bytes: "12:20:00 a.m.".
const CLOCK_BYTES_MAX: usize = 16;

/// Brackets around a date.
const OPENING: [char; 4] = ['(', '[', '（', '【'];
const CLOSING: [char; 4] = [')', ']', '）', '】'];

/// What a text is in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    Line,
    Link,
    /// What follows a link in its line.
    Rest,
    /// What a picture says.
    Picture,
}

/// Where a text is in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) part: Part,
    /// A hash of the elements around it: a page may repeat a long class in each.
    pub(super) path: u64,
    /// Which of the texts with this path it is.
    pub(super) number: usize,
}

/// A text of a record.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) place: Place,
    /// The text without the date of the record.
    pub(super) text: String,
    pub(super) line: usize,
    /// Where it is in its line.
    pub(super) range: Range<usize>,
    pub(super) link: Option<&'a Url>,
    /// Whether the date of the record was cut off.
    pub(super) is_cut: bool,
    /// Whether it is a heading, or in one.
    pub(super) is_heading: bool,
    /// Whether its line has a link or the date of the record.
    pub(super) is_beside: bool,
}

impl<'a> PageIndex<'a> {
    /// Returns the texts of a record: its lines, their links, and what its linked pictures say.
    pub(super) fn texts(&self, record: &Record, dated: Option<&Dated>) -> Vec<Text<'a>> {
        let mut texts = Vec::new();
        let mut numbers: HashMap<(Part, u64), usize> = HashMap::new();
        let mut last: Option<(usize, u64, bool)> = None;
        for n in record.lines.clone().take(RECORD_LINES_MAX) {
            let line = &self.page.lines[n];
            if self.page.blocks[line.block].is_navigation {
                continue;
            }
            if last.as_ref().is_none_or(|(block, ..)| *block != line.block) {
                last = Some((line.block, self.path(record, n), self.is_heading(record, n)));
            }
            let Some((_, path, is_heading)) = last else { continue };
            let is_beside = !line.links.is_empty() || dated.is_some_and(|dated| dated.line == n);
            let mut add = |part: Part, range: Range<usize>, text: String, link: Option<&'a Url>| {
                let number = numbers.entry((part, path)).or_default();
                let text = strip_a11y_note(&text).to_owned();
                let place = Place { part, path, number: *number };
                *number += 1;
                let is_cut = part != Part::Picture && text.len() + 4 < range.len();
                texts.push(Text {
                    place,
                    text,
                    line: n,
                    range,
                    link,
                    is_cut,
                    is_heading,
                    is_beside,
                });
            };
            let dated = dated.filter(|dated| dated.line == n).map(|dated| &dated.range);
            let whole = 0..line.text.len();
            add(Part::Line, whole.clone(), without_date(&line.text, &whole, dated), None);
            for (range, url) in
                line.links.iter().filter(|(r, _)| !r.is_empty()).take(LINE_LINKS_MAX)
            {
                let is_own = |dated: &&Range<usize>| {
                    line.has_edge(dated.start) || is_parted(&line.text, range, dated)
                };
                let text = without_date(&line.text, range, dated.filter(is_own));
                add(Part::Link, range.clone(), text, Some(url));
            }
            // What follows a number or a label that alone is linked.
            if let [(range, _)] = &line.links[..]
                && range.start == 0
                && !range.is_empty()
                && !is_title(&line.text[range.clone()])
                && is_title(&line.text[range.end..])
            {
                let rest = range.end..line.text.len();
                add(Part::Rest, rest.clone(), without_date(&line.text, &rest, dated), None);
            }
            for (link, text) in line.pictures.iter().take(LINE_LINKS_MAX) {
                if let Some((range, url)) = line.links.get(*link) {
                    add(Part::Picture, range.clone(), text.clone(), Some(url));
                }
            }
        }
        texts
    }

    /// Returns a hash of the elements between a record and a line of it.
    fn path(&self, record: &Record, line: usize) -> u64 {
        let around = self.ancestors(self.page.lines[line].block);
        let mut hasher = DefaultHasher::new();
        for n in around.take_while(|block| *block > record.block).take(PATH_LEVELS) {
            let (tag, class) = (&self.page.blocks[n].tag, self.part_class(n));
            let bytes = |text: &str| text.len().min(NAME_BYTES_MAX);
            hasher.write(&tag.as_bytes()[..bytes(tag)]);
            hasher.write(&class.as_bytes()[..bytes(class)]);
            self.cell(n).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Returns whether a line of a record is a heading.
    fn is_heading(&self, record: &Record, line: usize) -> bool {
        self.ancestors(self.page.lines[line].block)
            .take_while(|block| *block >= record.block)
            .take(PATH_LEVELS)
            .any(|block| self.page.blocks[block].is_heading())
    }
}

/// Returns a part of a line without the date of its record, which is cut off with its clock if it
/// is at the edge.
pub(super) fn without_date(
    line: &str,
    part: &Range<usize>,
    dated: Option<&Range<usize>>,
) -> String {
    let inside = |dated: &&Range<usize>| {
        dated.start >= part.start
            && dated.end <= part.end
            && (has_at_most(&line[part.start..dated.start], EDGE_CHARS)
                || dated.end + 2 >= part.end)
    };
    let Some(dated) = dated.filter(|dated| !dated.is_empty()).filter(inside) else {
        return line[part.clone()].trim_start_matches(is_separator).trim_end().to_owned();
    };
    let before = line[part.start..dated.start].trim_end_matches(is_separator);
    let after = line[dated.end..part.end].trim_start_matches(is_separator);
    let before = without_clock_at_end(before).trim_matches(is_separator);
    let after = after[clock_bytes(after)..].trim_matches(is_separator);
    match (before.is_empty(), after.is_empty()) {
        (true, _) => trim_brackets(after).to_owned(),
        (_, true) => trim_brackets(before).trim_end_matches(is_separator).to_owned(),
        _ => match (before.strip_suffix(OPENING), after.strip_prefix(CLOSING)) {
            (Some(before), Some(after)) => format!("{before}{after}").trim_end().to_owned(),
            _ => format!("{before} {after}"),
        },
    }
}

/// Returns whether a date is parted from the words before it in its link. "Briefing of 5 May" names
/// what the entry is about.
fn is_parted(line: &str, link: &Range<usize>, dated: &Range<usize>) -> bool {
    let before = line.get(link.start..dated.start).unwrap_or_default().trim_end();
    !before.ends_with(char::is_alphanumeric) || has_at_most(before, EDGE_CHARS)
}

/// Returns whether a text has at most so many characters; the rest is not read.
fn has_at_most(text: &str, chars: usize) -> bool {
    text.chars().nth(chars).is_none()
}

/// Characters that part a date from a title.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || "-–—:,;|·•/．：，、".contains(c)
}

/// Removes the halves of brackets that were around a date.
fn trim_brackets(text: &str) -> &str {
    text.trim_end_matches(OPENING).trim_start_matches(CLOSING).trim_matches(is_separator)
}

/// Removes a clock at the end of a text.
fn without_clock_at_end(text: &str) -> &str {
    let starts = text
        .char_indices()
        .rev()
        .take(CLOCK_BYTES_MAX)
        .filter(|(at, c)| c.is_ascii_digit() && !text[..*at].ends_with(char::is_alphanumeric));
    let clock = starts.filter(|(at, _)| at + clock_bytes(&text[*at..]) == text.len()).last();
    clock.map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::without_date;

    #[test]
    fn a_date_is_cut_off_with_its_clock() {
        let cut = |line: &str, date: &str| {
            let at = line.find(date).unwrap();
            without_date(line, &(0..line.len()), Some(&(at..at + date.len())))
        };
        let day = "17.11.2026";
        assert_eq!(cut("17.11.2026, 12:20:00Fog bells", day), "12:20:00Fog bells");
        assert_eq!(cut("17.11.2026, 12:20:00 Fog bells", day), "Fog bells");
        assert_eq!(cut("9:15 am, 17.11.2026 | Fog bells", day), "Fog bells");
        assert_eq!(cut("Fog bells (17.11.2026)", day), "Fog bells");
        assert_eq!(cut("Fog bells – 9.15 Uhr, 17.11.2026", day), "Fog bells");
        assert_eq!(
            cut("Fog bells of 17.11.2026 and later", day),
            "Fog bells of 17.11.2026 and later"
        );
        assert_eq!(cut("17.11.2026 10.000 bells", day), "10.000 bells");
    }
}
