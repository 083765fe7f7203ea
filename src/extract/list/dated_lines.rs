//! The list of a page whose entries are lines "DATE – TITLE".
//!
//! Guarantees: an entry has a date only if one is printed at its head, and its lead is its own: the
//! text of its block, or, where entries have no blocks, the paragraph below the title.
//! Out of scope: entries whose date is elsewhere (`structure`).

use super::wording::clock_bytes;
use crate::domain::Candidate;
use crate::extract::{
    date::{self, Style},
    layout::{Line, Page},
    limits::{LEAD_CHARS_MAX, TITLE_CHARS_MAX},
    page::info::is_archive_name,
};
use chrono::NaiveDate;

/// The fewest letters of a title; less is a clock or a number.
const TITLE_LETTERS_MIN: usize = 3;

/// A line that starts with a date and goes on with a title.
struct Head {
    line: usize,
    date_on: NaiveDate,
    title_at: usize,
}

/// Finds the entries of a page, in its order, and the line with which they begin.
pub(crate) fn find(page: &Page, style: Style<'_>) -> (Vec<Candidate>, usize) {
    let heads: Vec<Head> = page
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| {
            let block = &page.blocks[line.block];
            !block.is_outside && !block.is_navigation
        })
        .filter_map(|(n, line)| head(n, line, style))
        .collect();
    let blocks = Blocks::count(page, &heads);
    let next = heads.iter().skip(1).map(|head| head.line).chain([page.lines.len()]);
    let width = page.lines.iter().map(width).max().unwrap_or_default();
    let entry = |(head, next): (&Head, usize)| entry(page, head, next, &blocks, width);
    let first_line = heads.first().map_or(page.lines.len(), |head| head.line);
    (heads.iter().zip(next).map(entry).collect(), first_line)
}

/// Returns the line as the head of an entry, if it is one.
fn head(n: usize, line: &Line, style: Style<'_>) -> Option<Head> {
    let (date_on, end) = date::leading(&line.text, style)?;
    let is_between = |c: char| !c.is_alphanumeric() && !is_opening(c);
    let rest = line.text[end..].trim_start_matches(is_between);
    let rest = rest[clock_bytes(rest)..].trim_start_matches(is_between);
    // A clock may be set against the title by a style alone: "12:20:00Fog bells".
    let starts = line.links.iter().map(|(range, _)| range.start).find(|at| *at >= end);
    let rest = match starts.map(|at| line.text.split_at(at)) {
        Some((before, link))
            if !before[end..].contains(char::is_alphabetic) || is_clock(&before[end..]) =>
        {
            link
        }
        _ => rest,
    };
    let letters = rest.chars().filter(|c| c.is_alphabetic()).take(TITLE_LETTERS_MIN).count();
    (letters == TITLE_LETTERS_MIN).then_some(Head {
        line: n,
        date_on,
        title_at: line.text.len() - rest.len(),
    })
}

/// Returns whether the text between a date and a title is a clock with its words: "AM 11:01",
/// "16:30 (UTC)".
fn is_clock(text: &str) -> bool {
    const CLOCK_BYTES_MAX: usize = 48;
    let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    text.len() <= CLOCK_BYTES_MAX
        && text.split_once(':').is_some_and(|(hours, minutes)| {
            is_digit(hours.chars().next_back()) && is_digit(minutes.chars().next())
        })
}

/// Characters that a title may start with.
fn is_opening(c: char) -> bool {
    matches!(c, '"' | '\'' | '(' | '[' | '«' | '“' | '‘' | '„' | '¿' | '¡' | '#')
}

/// How many heads are in each block, the blocks inside it included.
struct Blocks(Vec<usize>);

impl Blocks {
    fn count(page: &Page, heads: &[Head]) -> Self {
        let mut counts = vec![0; page.blocks.len()];
        for head in heads {
            counts[page.lines[head.line].block] += 1;
        }
        // A block comes after the one around it.
        for block in (1..counts.len()).rev() {
            if let Some(around) = page.blocks[block].around {
                counts[around] += counts[block];
            }
        }
        Blocks(counts)
    }

    /// Returns the largest block that contains only this head; `None` if its own block contains
    /// others, or if the page has only one head.
    fn item(&self, page: &Page, head: &Head) -> Option<usize> {
        let mut block = page.lines[head.line].block;
        if self.0[block] > 1 {
            return None;
        }
        loop {
            let around = page.blocks[block].around?;
            if self.0[around] > 1 {
                return Some(block);
            }
            block = around;
        }
    }
}

/// Returns the width of a line, in characters.
fn width(line: &Line) -> usize {
    line.text.chars().count()
}

/// Returns whether a line was wrapped at the width of the text: the next word did not fit.
fn is_full(line: &Line, next: &Line, width_of_page: usize) -> bool {
    let word = next.text.split(' ').next().unwrap_or_default();
    width(line) + 1 + word.chars().count() > width_of_page
}

fn entry(page: &Page, head: &Head, next: usize, blocks: &Blocks, width: usize) -> Candidate {
    let line = &page.lines[head.line];
    let item = blocks.item(page, head);
    let own = |line: &&Line| item.is_some_and(|item| is_within(page, line.block, item));
    let following = &page.lines[head.line + 1..next];
    let below: Vec<&Line> = following.iter().take_while(own).collect();
    // The title continues on the next line if it did not fit and the entry has no block of its own.
    // What follows is the lead.
    let mut title = line.text[head.title_at..].to_owned();
    let mut rest = following;
    if item.is_none() {
        let whole = &page.lines[head.line..next];
        let goes_on = |pair: &&[Line]| !pair[1].is_paragraph && is_full(&pair[0], &pair[1], width);
        let wrapped = whole.windows(2).take_while(goes_on).count();
        for line in &rest[..wrapped] {
            title.push(' ');
            title.push_str(&line.text);
        }
        rest = &rest[wrapped..];
    }
    let lead_lines: Vec<&Line> = if below.is_empty() { paragraph(page, rest) } else { below };
    let lead_lines: Vec<&Line> =
        lead_lines.into_iter().filter(|line| !line.is_all_links()).collect();
    let lead = lead_lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
    let mut links = line
        .links
        .iter()
        .chain(lead_lines.iter().flat_map(|line| &line.links))
        .map(|(_, link)| link.clone());
    let link = links.next();
    Candidate {
        date_on: Some(head.date_on),
        title: title.chars().take(TITLE_CHARS_MAX).collect(),
        links: links.filter(|other| Some(other) != link.as_ref()).collect(),
        link,
        lead: (!lead.is_empty()).then(|| lead.chars().take(LEAD_CHARS_MAX).collect()),
        guid: None,
    }
}

/// Returns the first paragraph, if it is text and neither a heading nor just a link to somewhere.
fn paragraph<'a>(page: &Page, lines: &'a [Line]) -> Vec<&'a Line> {
    let Some((first, more)) = lines.split_first() else {
        return Vec::new();
    };
    let is_heading = page.blocks[first.block].is_heading();
    if is_heading || first.is_all_links() || is_archive_name(&first.text) {
        return Vec::new();
    }
    let more = more.iter().take_while(|line| !line.is_paragraph && line.block == first.block);
    std::iter::once(first).chain(more).collect()
}

/// Returns whether a block is the other one or inside it.
fn is_within(page: &Page, mut block: usize, item: usize) -> bool {
    // A block comes after the one around it.
    while block > item {
        match page.blocks[block].around {
            Some(around) => block = around,
            None => return false,
        }
    }
    block == item
}
