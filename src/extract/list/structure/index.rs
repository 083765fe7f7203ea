//! An index of the page for segmentation: the dates, the lines with links, the lines of each block,
//! and the repeated blocks.
//!
//! Guarantees: the work is linear in lines and blocks; no name of a site is known here.

use super::{
    super::wording::{clock_bytes, has_letters, is_generic},
    classes::{choose_classes, choose_part_classes},
    short_dates::short_dates,
    yearless::yearless_dates,
};
use crate::extract::{
    date::{self, Style},
    layout::{Block, Line, Page},
};
use chrono::NaiveDate;
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};
use url::Url;

/// How far from the start of a line a date still begins it, in bytes: behind "Published on".
const NEAR_BYTES: usize = 24;
/// The longest part of a date that is split over elements, in bytes.
const SPLIT_BYTES_MAX: usize = 24;
/// The longest name of a place in a menu, in bytes.
const PLACE_BYTES_MAX: usize = 30;
/// What a heading may say beside its date, in characters: "The opinions handed down on … are as follows:".
pub(super) const HEADING_CHARS_MAX: usize = 80;
/// If this many lines lead to one address, it is not that of an entry.
const SHARED_MIN: usize = 5;
/// How many ancestors distinguish one list from another.
const KIND_LEVELS: usize = 4;

/// Which dates are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    /// Printed dates, and machine-readable dates of elements that print none.
    Printed,
    /// Also dates that JSON-LD gives for addresses.
    OfMachines,
}

/// A date of the page.
#[derive(Debug)]
pub(super) struct Dated {
    pub(super) line: usize,
    pub(super) range: Range<usize>,
    pub(super) on: NaiveDate,
    /// Whether it is beside a text and not one of its words.
    pub(super) is_standalone: bool,
}

/// An index of the page for segmentation.
pub(super) struct PageIndex<'a> {
    pub(super) page: &'a Page,
    pub(super) style: Style<'a>,
    pub(super) dates: Vec<Dated>,
    /// For each line, how many dates precede it.
    pub(super) dates_before: Vec<usize>,
    /// Lines with links that may be entries.
    pub(super) linked: Vec<usize>,
    /// The addresses that are linked all over the page.
    pub(super) shared_links: HashSet<&'a Url>,
    /// The lines of each block.
    pub(super) spans: Vec<Range<usize>>,
    /// Whether a block has a sibling of its kind that holds links, as it does itself.
    pub(super) is_item: Vec<bool>,
    /// For each line, the number of standalone dates before it.
    pub(super) standalone_before: Vec<usize>,
    /// For each cell of a table its number in the row, from 1; 0 for other blocks.
    cells: Vec<usize>,
    /// The class of each block that says what it is, see `items`.
    pub(super) class: Vec<Option<usize>>,
    /// The class of each block that says which part of a record it is.
    part_class: Vec<Option<usize>>,
}

impl<'a> PageIndex<'a> {
    pub(super) fn new(page: &'a Page, style: Style<'a>, days: Days) -> Self {
        let spans = block_spans(page);
        let (dates, dates_before) = collect_dates(page, &spans, style, days);
        let standalone_before = count_standalone(&dates, &dates_before);
        let mut index = PageIndex {
            page,
            style,
            dates,
            dates_before,
            linked: linked_lines(page),
            shared_links: shared_links(page),
            spans,
            is_item: Vec::new(),
            standalone_before,
            cells: cells(page),
            class: choose_classes(page),
            part_class: choose_part_classes(page),
        };
        index.is_item = index.find_items();
        index
    }

    pub(super) fn links_in(&self, span: &Range<usize>) -> &[usize] {
        let from = self.linked.partition_point(|line| *line < span.start);
        let to = self.linked.partition_point(|line| *line < span.end);
        &self.linked[from..to.max(from)]
    }

    pub(super) fn dates_in(&self, span: &Range<usize>) -> &[Dated] {
        if span.start >= span.end {
            return &[];
        }
        &self.dates[self.dates_before[span.start]..self.dates_before[span.end]]
    }

    pub(super) fn has_standalone_date(&self, span: &Range<usize>) -> bool {
        span.start < span.end
            && self.standalone_before[span.start] < self.standalone_before[span.end]
    }

    pub(super) fn ancestors(&self, block: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(block), |block| self.page.blocks[*block].around)
    }

    /// Returns the smallest repeated block around a line.
    pub(super) fn smallest_item(&self, line: usize, within: usize) -> Option<usize> {
        let block = self.page.lines[line].block;
        self.ancestors(block)
            .take_while(|block| *block != within)
            .find(|block| self.is_item[*block])
    }

    /// Returns the name and class of an element; classes of table rows are ignored, since they only
    /// alternate colors.
    pub(super) fn signature(&self, block: usize) -> String {
        let tag = &self.page.blocks[block].tag;
        let class = if tag == "tr" { "" } else { self.class(block) };
        format!("{tag}.{class}")
    }

    /// Returns the class of a block that says what it is, or nothing.
    pub(super) fn class(&self, block: usize) -> &str {
        self.class[block].map_or("", |n| &self.page.blocks[block].classes[n])
    }

    /// Returns the class of a block that says which part of a record it is, or nothing.
    pub(super) fn part_class(&self, block: usize) -> &str {
        let is_row = self.page.blocks[block].tag == "tr";
        let class = self.part_class[block].filter(|_| !is_row);
        class.map_or("", |n| &self.page.blocks[block].classes[n])
    }

    /// Selectors for blocks of this kind: with more and more of what is around them.
    pub(super) fn selectors(&self, block: usize) -> Vec<String> {
        let simple = |block: usize| {
            let (tag, class) = (&self.page.blocks[block].tag, self.class(block));
            let is_plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
            let fits = tag != "tr" && !class.is_empty() && class.chars().all(is_plain);
            if fits { format!("{tag}.{class}") } else { tag.clone() }
        };
        let mut all: Vec<String> = Vec::new();
        for block in self.ancestors(block).take(KIND_LEVELS) {
            let inner = all.last().map(|inner| format!(" > {inner}")).unwrap_or_default();
            all.push(simple(block) + &inner);
        }
        all
    }

    /// Returns what a record is in the structure of the page.
    pub(super) fn kind(&self, block: usize, how: &str) -> String {
        let signs = self.ancestors(block).take(KIND_LEVELS).map(|block| self.signature(block));
        signs.fold(how.to_owned(), |kind, sign| kind + " " + &sign)
    }

    /// Returns the number of a cell in its row; empty for other elements.
    pub(super) fn cell(&self, block: usize) -> String {
        let number = self.cells[block];
        if number == 0 { String::new() } else { number.to_string() }
    }
}

/// Returns the dates of a page in order, and for each line how many of them precede it.
fn collect_dates(
    page: &Page,
    spans: &[Range<usize>],
    style: Style<'_>,
    days: Days,
) -> (Vec<Dated>, Vec<usize>) {
    let short = short_dates(page, style);
    let mut last_link = None;
    let mut by_line: Vec<Vec<Dated>> = Vec::with_capacity(page.lines.len());
    for (n, line) in page.lines.iter().enumerate() {
        if page.blocks[line.block].is_outside {
            by_line.push(Vec::new());
            continue;
        }
        let link_on = match (days, line.links.first()) {
            (Days::OfMachines, Some((_, link))) => {
                // The picture, the title and the button of one entry lead to one address.
                let is_again = last_link.replace(link) == Some(link);
                page.linked_data.get(link).copied().filter(|_| !is_again)
            }
            _ => None,
        };
        let mut found = dates_of_line(page, n, style, link_on);
        if let Some((range, on)) = short.get(&n).cloned() {
            match found.first_mut() {
                // All that look the same have one order.
                Some(dated) => dated.on = on,
                None => found.push(Dated { line: n, range, on, is_standalone: true }),
            }
        }
        by_line.push(found);
    }
    let ranges: Vec<Vec<Range<usize>>> = by_line
        .iter()
        .map(|dates| dates.iter().map(|dated| dated.range.clone()).collect())
        .collect();
    for (n, (range, on)) in yearless_dates(page, &ranges, spans, style) {
        let at = by_line[n].partition_point(|dated| dated.range.start < range.start);
        by_line[n].insert(at, Dated { line: n, range, on, is_standalone: true });
    }
    let mut dates = Vec::new();
    let mut dates_before = Vec::with_capacity(by_line.len() + 1);
    for of_line in by_line {
        dates_before.push(dates.len());
        dates.extend(of_line);
    }
    dates_before.push(dates.len());
    (dates, dates_before)
}

/// Returns the dates of a line: those that are printed, else those of its elements and its link,
/// else the one that it prints together with the next lines.
fn dates_of_line(
    page: &Page,
    n: usize,
    style: Style<'_>,
    link_on: Option<NaiveDate>,
) -> Vec<Dated> {
    let line = &page.lines[n];
    let printed = date::all(&line.text, style);
    if !printed.is_empty() {
        let dated = |(range, on)| {
            let is_standalone = is_standalone(line, &range);
            Dated { line: n, range, on, is_standalone }
        };
        return printed.into_iter().map(dated).collect();
    }
    let standalone = |range, on| Dated { line: n, range, on, is_standalone: true };
    let mut dates: Vec<Dated> = if line.marks.is_empty() {
        relative(line, style).map(|(range, on)| standalone(range, on)).into_iter().collect()
    } else {
        line.marks.iter().map(|(at, on)| standalone(*at..*at, *on)).collect()
    };
    dates.extend(link_on.map(|on| standalone(0..0, on)));
    if dates.is_empty()
        && let Some(on) = split_date(page, n, style)
    {
        dates.push(standalone(0..line.text.len(), on));
    }
    dates
}

/// For each line, the number of standalone dates before it.
fn count_standalone(dates: &[Dated], dates_before: &[usize]) -> Vec<usize> {
    let mut counts = vec![0; dates_before.len()];
    let mut count = 0;
    for (line, before) in dates_before.iter().enumerate().skip(1) {
        let of_line = &dates[dates_before[line - 1]..*before];
        count += of_line.iter().filter(|dated| dated.is_standalone).count();
        counts[line] = count;
    }
    counts
}

/// Returns the lines with links that may be entries.
fn linked_lines(page: &Page) -> Vec<usize> {
    // A row of places in the site always leads to the same ones; documents of the same names do not.
    let mut targets: HashMap<&str, &Url> = HashMap::new();
    let mut recurring: HashSet<&str> = HashSet::new();
    for line in page.lines.iter().filter(|line| line.links.len() > 2) {
        let Some((_, url)) = line.links.first() else { continue };
        if *targets.entry(&line.text).or_insert(url) != url {
            recurring.insert(&line.text);
        }
    }
    let is_linked = |line: &Line| {
        let block = &page.blocks[line.block];
        let is_menu = is_menu(line) && !recurring.contains(line.text.as_str());
        !block.is_outside && !line.links.is_empty() && !block.is_navigation && !is_menu
    };
    let lines = page.lines.iter().enumerate();
    lines.filter(|(_, line)| is_linked(line)).map(|(n, _)| n).collect()
}

/// Returns the addresses that many lines lead to, more than the picture, the title and the button of
/// one entry.
fn shared_links(page: &Page) -> HashSet<&Url> {
    let mut counts: HashMap<&Url, usize> = HashMap::new();
    let urls = page.lines.iter().flat_map(|line| &line.links).map(|(_, url)| url);
    urls.for_each(|url| *counts.entry(url).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count >= SHARED_MIN).map(|(url, _)| url).collect()
}

/// Returns the lines of each block, those of the blocks inside it included.
fn block_spans(page: &Page) -> Vec<Range<usize>> {
    let mut spans = vec![0..0; page.blocks.len()];
    for (n, line) in page.lines.iter().enumerate() {
        if !page.blocks[line.block].is_outside {
            extend_span(&mut spans[line.block], n..n + 1);
        }
    }
    // A block comes after the one around it.
    for block in (1..page.blocks.len()).rev() {
        if let Some(around) = page.blocks[block].around {
            let inner = spans[block].clone();
            extend_span(&mut spans[around], inner);
        }
    }
    spans
}

/// Returns the numbers of cells in their rows.
fn cells(page: &Page) -> Vec<usize> {
    let mut count: HashMap<usize, usize> = HashMap::new();
    let number = |block: &Block| match (&*block.tag, block.around) {
        ("td" | "th", Some(row)) => {
            let n = count.entry(row).or_default();
            *n += 1;
            *n
        }
        _ => 0,
    };
    page.blocks.iter().map(number).collect()
}

/// Makes a span reach over another one too; an empty span reaches over nothing.
fn extend_span(span: &mut Range<usize>, over: Range<usize>) {
    if over.start >= over.end {
        return;
    }
    *span = if span.start >= span.end {
        over
    } else {
        span.start.min(over.start)..span.end.max(over.end)
    };
}

/// Returns whether a date of a line is beside its text: first, or last after a punctuation mark, or
/// at the start of a link.
fn is_standalone(line: &Line, range: &Range<usize>) -> bool {
    const WORDS: [&str; 14] = [
        "filed",
        "decided",
        "published",
        "posted",
        "issued",
        "released",
        "dated",
        "date",
        "on",
        "опубликовано",
        "дата",
        "publié",
        "veröffentlicht",
        "publicado",
    ];
    let start = line.links.iter().map(|(link, _)| link.start).filter(|at| *at <= range.start).max();
    let is_first = range.start <= NEAR_BYTES || start.is_some_and(|at| range.start - at <= 3);
    let before = line.text[..range.start].trim_end();
    let is_parted = before.ends_with(|c: char| !c.is_alphanumeric() && c != '"');
    let rest = line.text[range.end..].trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_last = range.end + 3 >= line.text.len() || is_clock(rest);
    let is_short = line.has_little_beside(range, HEADING_CHARS_MAX);
    let is_linked =
        line.links.iter().any(|(link, _)| link.start <= range.start && range.end <= link.end);
    let word = before.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_named = WORDS.iter().any(|name| word.split_whitespace().next_back() == Some(name));
    // Set apart by an element: it is one, or follows one to the end of the line.
    let is_element =
        line.has_edge(range.start) && (line.has_edge(range.end) || is_last) && range.start > 0;
    is_first || is_element || (is_last && is_parted) || (!is_linked && (is_short || is_named))
}

/// Returns whether a text is nothing but a clock: "12:26:00 م", "14:05 Uhr".
fn is_clock(text: &str) -> bool {
    const WORD_CHARS_MAX: usize = 4;
    let end = clock_bytes(text);
    end > 0 && text[end..].chars().filter(|c| c.is_alphanumeric()).count() <= WORD_CHARS_MAX
}

/// Returns the day of "yesterday", and where it is in a line: beside its links, never in them. One
/// with a number may also be an element: "3 hours ago" behind a name.
pub(crate) fn relative(line: &Line, style: Style<'_>) -> Option<(Range<usize>, NaiveDate)> {
    const EDGES_MAX: usize = 32;
    let start = line.links.first().map_or(line.text.len(), |(range, _)| range.start);
    let end = line.links.last().map_or(line.text.len(), |(range, _)| range.end);
    let beside = [0..start, end..line.text.len()];
    let day = |part: &Range<usize>| {
        let (found, on) = date::relative(line.text.get(part.clone())?, style)?;
        Some((part.start + found.start..part.start + found.end, on))
    };
    let edges = || line.edges.iter().take(EDGES_MAX).copied().chain([line.text.len()]);
    let elements = || [0].into_iter().chain(edges()).zip(edges()).map(|(from, to)| from..to);
    let is_counted = |part: &Range<usize>| {
        let is_beside = beside.iter().any(|all| all.start <= part.start && part.end <= all.end);
        let text = line.text.get(part.clone()).unwrap_or_default();
        is_beside && text.contains(char::is_numeric)
    };
    beside.iter().find_map(day).or_else(|| {
        let mut elements = elements().filter(is_counted);
        elements.find_map(|part| day(&part))
    })
}

/// Returns the date that a line and the next ones print together: "3", "November", "2026", each in
/// an element of its own.
fn split_date(page: &Page, from: usize, style: Style<'_>) -> Option<NaiveDate> {
    let mut text = page.lines[from].text.clone();
    if text.len() > SPLIT_BYTES_MAX || !text.contains(char::is_alphanumeric) {
        return None;
    }
    for (n, line) in page.lines.iter().enumerate().skip(from + 1).take(2) {
        if line.text.len() > SPLIT_BYTES_MAX {
            return None;
        }
        // A leaf of a calendar: "June 2024" above "18".
        if n == from + 1
            && line.text.len() <= 2
            && page.is_near(from, n)
            && let Some(on) = date::whole(&format!("{} {text}", line.text), style)
        {
            return Some(on);
        }
        text = text + " " + &line.text;
        if let Some(on) = date::whole(&text, style).or_else(|| numbers_in_lines(&text, style)) {
            return Some(on);
        }
    }
    None
}

/// Returns the date of three numbers that only lines part: "2026", "11 27".
fn numbers_in_lines(text: &str, style: Style<'_>) -> Option<NaiveDate> {
    let mut parts = text.split_whitespace();
    let numbers = [parts.next()?, parts.next()?, parts.next()?];
    let is_number = |part: &&str| part.chars().all(char::is_numeric);
    let years = numbers.iter().filter(|number| number.chars().count() == 4).count();
    let separator = if numbers[2].chars().count() == 4 { "/" } else { "-" };
    let is_date = parts.next().is_none() && years == 1 && numbers.iter().all(is_number);
    is_date.then(|| date::whole(&numbers.join(separator), style)).flatten()
}

/// Returns whether a line is a row of names of places in the site: "Home | Contents | Search".
fn is_menu(line: &Line) -> bool {
    let text = |range: &Range<usize>| &line.text[range.clone()];
    let is_place =
        |text: &str| text.len() <= PLACE_BYTES_MAX && has_letters(text, 4) && !is_generic(text);
    let places = line.links.iter().filter(|(range, _)| is_place(text(range))).count();
    let linked: usize = line.links.iter().map(|(range, _)| range.len()).sum();
    places > 2 && places == line.links.len() && linked * 10 > line.text.len() * 6
}
