//! The dated list of a page whose entries are records: rows of a table, items of a list, cards,
//! or runs of lines below a date.
//!
//! Promises: no name of a site, class or identifier is known here. A record is found from its
//! links upwards: the smallest repeated element around a link in which a date stands. Where there
//! is none, the nearest dates around are headings, and tell the day of what follows them (or, where
//! the page is set so, of what goes before). Of all lists found this way the one that is most like a
//! list of statements is taken: many entries, with text, in the order of their days.

use crate::domain::Candidate;
use crate::extract::{
    date::{self, Style},
    layout::{Block, Line, Page, RuleMatch},
    page::info::is_archive_name,
};
use chrono::NaiveDate;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};
use url::Url;

/// Dates and links that take turns so often in one element are several records, not one.
const PATTERN_REPEATS_MIN: usize = 3;
/// Letters of a text that may be a title.
const TITLE_LETTERS_MIN: usize = 8;
/// The longest text that only says how to get at something, or is the number of a document, in bytes.
const SHORT_BYTES_MAX: usize = 120;
/// Digits of a text that is a number of a document, and not its title.
const REFERENCE_DIGITS_MIN: usize = 5;
/// Letters of a text that is a summary, and not a name or a number in a cell.
const LEAD_LETTERS_MIN: usize = 30;
/// Lines that a record without an element of its own may have.
const RUN_LINES_MAX: usize = 8;
/// How far from the start of a line a date still begins it, in bytes: behind "Published on".
const NEAR_BYTES: usize = 24;
/// The longest part of a date that is split over elements, in bytes.
const SPLIT_BYTES_MAX: usize = 24;
/// The longest name of a place in a menu, in bytes.
const PLACE_BYTES_MAX: usize = 30;
/// What a heading may say beside its date, in bytes: "The opinions handed down on … are as follows:".
const HEADING_BYTES_MAX: usize = 80;
/// The longest title and lead that are kept, in characters, and the most further links.
const TITLE_CHARS_MAX: usize = 1000;
const LEAD_CHARS_MAX: usize = 10_000;
const LINKS_MAX: usize = 20;
/// The most entries of one list that are looked at, and of its lines, those of one entry.
const RECORDS_MAX: usize = 2_000;
const RECORD_LINES_MAX: usize = 500;
/// Elements that tell one place in a record from another.
const PATH_LEVELS: usize = 8;
/// A distance of so many lines is as far as any.
const FAR_LINES: usize = 40;
/// Ancestors that tell one list from another.
const KIND_LEVELS: usize = 4;

/// A list that was found, and how much it is like a list of statements.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// How it is set: what its records are in the structure of the page.
    pub how: String,
    pub entries: Vec<Candidate>,
    pub score: f64,
    /// The line with which it begins.
    pub first_line: usize,
    /// Selectors that may name its records, the plainest first; none where they are no elements.
    pub selectors: Vec<String>,
}

/// Finds the lists of a page, the best first.
pub(crate) fn find(page: &Page, style: Style<'_>) -> Vec<List> {
    if page.is_told {
        let map = PageIndex::of(page, style, Days::OfMachines);
        let records = map.records_by_rule();
        let list = map.list(&records.iter().collect::<Vec<_>>());
        return Some(list).filter(|list| !list.entries.is_empty()).into_iter().collect();
    }
    let printed = find_by(page, style, Days::Printed);
    // Where the page gives days for machines alone, they are all that there is.
    let given = page.linked_data.len();
    if given > 1 {
        let is_given = |entry: &Candidate| {
            entry.link.as_ref().is_some_and(|link| page.linked_data.contains_key(link))
        };
        let count = |list: Option<&List>| {
            list.map_or(0, |list| list.entries.iter().filter(|entry| is_given(entry)).count())
        };
        let of_machines = find_by(page, style, Days::OfMachines);
        let found = count(of_machines.first());
        if found > 1 && count(printed.first()) * 2 < found {
            return of_machines.into_iter().chain(printed).collect();
        }
    }
    printed
}

/// Which days of a page count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    /// Those that are printed, and those of elements that print none.
    Printed,
    /// Those that the page gives to addresses, for machines, as well.
    OfMachines,
}

fn find_by(page: &Page, style: Style<'_>, days: Days) -> Vec<List> {
    let map = PageIndex::of(page, style, days);
    let records = map.records();
    let mut kinds: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &records {
        let of_kind = kinds.entry(&record.kind).or_default();
        if of_kind.len() < RECORDS_MAX {
            of_kind.push(record);
        }
    }
    let lists = kinds.into_values().map(|records| (map.list(&records), records));
    let mut lists: Vec<(List, Vec<&Record>)> =
        lists.filter(|(list, _)| !list.entries.is_empty()).collect();
    lists.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    if let Some((best, found)) = lists.first_mut() {
        // Rows whose link is missing or broken are entries all the same, once the list is known.
        // Where many have none, they are of another sort: announced, not published yet.
        let linkless = map.linkless(found);
        if !linkless.is_empty() && linkless.len() * 5 <= found.len() {
            let mut all: Vec<&Record> = found.iter().copied().chain(&linkless).collect();
            all.sort_by_key(|record| record.lines.start);
            *best = map.list(&all);
        }
    }
    lists.into_iter().map(|(list, _)| list).collect()
}

/// One entry, as lines of the page.
#[derive(Debug)]
struct Record {
    lines: Range<usize>,
    /// Its first line, or the one of its heading.
    from: usize,
    /// The element that it is, or that it stands in.
    block: usize,
    /// The day that a heading gives it.
    heading_on: Option<NaiveDate>,
    /// What it is in the structure of the page; the same for all of its list.
    kind: String,
}

/// A date of the page.
#[derive(Debug)]
struct Dated {
    line: usize,
    range: Range<usize>,
    on: NaiveDate,
    /// Whether it stands beside a text, and not inside it as one of its words.
    is_telling: bool,
}

/// The page with what is asked of it again and again.
struct PageIndex<'a> {
    page: &'a Page,
    style: Style<'a>,
    dates: Vec<Dated>,
    /// For each line, how many dates stand before it.
    dates_before: Vec<usize>,
    /// Lines with links that may be entries.
    linked: Vec<usize>,
    /// The lines of each block.
    spans: Vec<Range<usize>>,
    /// Whether a block has a sibling of its kind that holds links, as it does itself.
    is_item: Vec<bool>,
    /// For each line, how many dates that stand beside texts come before it.
    telling_before: Vec<usize>,
    /// For each cell of a table its number in the row, from 1; 0 for other blocks.
    cells: Vec<usize>,
    /// What was found out about repeated blocks: whether each is one record.
    is_record: RefCell<HashMap<usize, bool>>,
}

impl<'a> PageIndex<'a> {
    fn of(page: &'a Page, style: Style<'a>, days: Days) -> Self {
        let mut dates = Vec::new();
        let mut dates_before = Vec::with_capacity(page.lines.len() + 1);
        let mut spans = vec![0..0; page.blocks.len()];
        let mut linked = Vec::new();
        let mut last_link = None;
        for (n, line) in page.lines.iter().enumerate() {
            dates_before.push(dates.len());
            if page.blocks[line.block].is_outside {
                continue;
            }
            let telling = |range: Range<usize>, on| Dated { line: n, range, on, is_telling: true };
            let printed = date::all(&line.text, style);
            if printed.is_empty() && !line.marks.is_empty() {
                dates.extend(line.marks.iter().map(|(at, on)| telling(*at..*at, *on)));
            } else if printed.is_empty()
                && let Some((range, on)) = relative(line, style)
            {
                dates.push(telling(range, on));
            }
            if let (Days::OfMachines, Some((_, link))) = (days, line.links.first()) {
                // The picture, the title and the button of one entry lead to one address.
                let is_again = last_link.replace(link) == Some(link);
                let on = page.linked_data.get(link).filter(|_| !is_again && printed.is_empty());
                dates.extend(on.map(|on| telling(0..0, *on)));
            }
            dates.extend(printed.into_iter().map(|(range, on)| {
                let is_telling = is_standalone(line, &range);
                Dated { line: n, range, on, is_telling }
            }));
            if dates_before.last() == Some(&dates.len())
                && let Some(on) = split_date(page, n, style)
            {
                dates.push(Dated { line: n, range: 0..line.text.len(), on, is_telling: true });
            }
            extend_span(&mut spans[line.block], n..n + 1);
            let is_navigation = page.blocks[line.block].is_navigation || is_menu(line);
            if !line.links.is_empty() && !is_navigation {
                linked.push(n);
            }
        }
        dates_before.push(dates.len());
        // A block comes after the one around it.
        for block in (1..page.blocks.len()).rev() {
            if let Some(around) = page.blocks[block].around {
                let inner = spans[block].clone();
                extend_span(&mut spans[around], inner);
            }
        }
        let mut telling_before = vec![0; dates_before.len()];
        let mut told = 0;
        for (line, before) in dates_before.iter().enumerate().skip(1) {
            let of_line = &dates[dates_before[line - 1]..*before];
            told += of_line.iter().filter(|dated| dated.is_telling).count();
            telling_before[line] = told;
        }
        let mut map = PageIndex {
            page,
            style,
            dates,
            dates_before,
            linked,
            spans,
            is_item: Vec::new(),
            telling_before,
            cells: cells(page),
            is_record: RefCell::default(),
        };
        map.is_item = map.items();
        map
    }

    /// Which blocks are repeated: each has a sibling of the same kind, and all hold links.
    fn items(&self) -> Vec<bool> {
        let mut groups: HashMap<(usize, &str, &str), Vec<usize>> = HashMap::new();
        for (n, block) in self.page.blocks.iter().enumerate() {
            let Some(around) = block.around else { continue };
            // A cell is part of its row, whatever stands in it.
            if self.links_in(&self.spans[n]).is_empty() || matches!(&*block.tag, "td" | "th") {
                continue;
            }
            groups.entry((around, &block.tag, &block.class)).or_default().push(n);
        }
        let mut is_item = vec![false; self.page.blocks.len()];
        for ((_, tag, _), members) in groups {
            // A row or an item is one by its name, even if it is the only one.
            if members.len() > 1 || matches!(tag, "tr" | "li" | "article") {
                members.into_iter().for_each(|n| is_item[n] = true);
            }
        }
        is_item
    }

    fn links_in(&self, span: &Range<usize>) -> &[usize] {
        let from = self.linked.partition_point(|line| *line < span.start);
        let to = self.linked.partition_point(|line| *line < span.end);
        &self.linked[from..to.max(from)]
    }

    fn dates_in(&self, span: &Range<usize>) -> &[Dated] {
        if span.start >= span.end {
            return &[];
        }
        &self.dates[self.dates_before[span.start]..self.dates_before[span.end]]
    }

    fn has_standalone_date(&self, span: &Range<usize>) -> bool {
        span.start < span.end && self.telling_before[span.start] < self.telling_before[span.end]
    }

    fn ancestors(&self, block: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(block), |block| self.page.blocks[*block].around)
    }

    /// The smallest repeated block around a line.
    fn smallest_item(&self, line: usize, within: usize) -> Option<usize> {
        let block = self.page.lines[line].block;
        self.ancestors(block)
            .take_while(|block| *block != within)
            .find(|block| self.is_item[*block])
    }

    /// All records of the page, those that have a date or a heading with one.
    fn records(&self) -> Vec<Record> {
        // Where each linked line belongs: to a row of its own, or to a container of several.
        let mut rows: BTreeSet<usize> = BTreeSet::new();
        let mut containers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut homes: HashMap<usize, Option<(usize, bool)>> = HashMap::new();
        for &line in &self.linked {
            let block = self.page.lines[line].block;
            let home = *homes.entry(block).or_insert_with(|| self.enclosing_record(block));
            match home {
                Some((block, true)) => {
                    rows.insert(block);
                }
                Some((block, false)) => containers.entry(block).or_default().push(line),
                None => {}
            }
        }
        let mut records: Vec<Record> = rows
            .iter()
            .map(|block| Record {
                lines: self.spans[*block].clone(),
                from: self.spans[*block].start,
                block: *block,
                heading_on: None,
                kind: self.kind(*block, "row"),
            })
            .collect();
        let mut is_taken = vec![false; self.page.lines.len()];
        for record in &records {
            is_taken[record.lines.clone()].fill(true);
        }
        for (container, lines) in containers {
            let lines: Vec<usize> = lines.into_iter().filter(|line| !is_taken[*line]).collect();
            records.extend(self.run(container, &lines, &is_taken));
        }
        records
    }

    /// The block that a link's block belongs to, and whether that is one record. A date that is a
    /// word of a text counts only where no other is to be had.
    fn enclosing_record(&self, block: usize) -> Option<(usize, bool)> {
        let any = |span: &Range<usize>| !self.dates_in(span).is_empty();
        self.enclosing_record_by(block, |span| self.has_standalone_date(span))
            .or_else(|| self.enclosing_record_by(block, any))
    }

    fn enclosing_record_by(
        &self,
        block: usize,
        is_dated: impl Fn(&Range<usize>) -> bool,
    ) -> Option<(usize, bool)> {
        let mut around = None;
        for block in self.ancestors(block) {
            let has_dates = is_dated(&self.spans[block]);
            if self.is_item[block] && has_dates {
                let known = self.is_record.borrow().get(&block).copied();
                let is_record =
                    known.unwrap_or_else(|| !self.is_run(block) && !self.is_group(block));
                self.is_record.borrow_mut().insert(block, is_record);
                return Some((block, is_record));
            }
            around = around.or(has_dates.then_some(block));
        }
        around.map(|block| (block, false))
    }

    /// Whether dates and links take turns in a block, so that it holds several records.
    fn is_run(&self, block: usize) -> bool {
        let span = &self.spans[block];
        let mut turns = 0;
        let mut had_link = true;
        for line in span.clone() {
            let has_date = self.dates_before[line] < self.dates_before[line + 1];
            if has_date && had_link {
                turns += 1;
                had_link = false;
            }
            had_link |= !self.page.lines[line].links.is_empty();
        }
        turns >= PATTERN_REPEATS_MIN
    }

    /// Whether a dated block holds several entries below one date: smaller repeated blocks, each
    /// with a link of a title's length.
    fn is_group(&self, block: usize) -> bool {
        let span = &self.spans[block];
        let mut titled: BTreeSet<usize> = BTreeSet::new();
        for &line in self.links_in(span) {
            let has_title = self.page.lines[line]
                .links
                .iter()
                .any(|(range, _)| is_title(&self.page.lines[line].text[range.clone()]));
            if let (Some(unit), true) = (self.smallest_item(line, block), has_title)
                && !self.has_standalone_date(&self.spans[unit])
            {
                titled.insert(unit);
            }
        }
        titled.len() > 1
    }

    /// The records of a container: its dates stand beside what they date, or above it.
    fn run(&self, container: usize, lines: &[usize], is_taken: &[bool]) -> Vec<Record> {
        let mut units: Vec<Unit> = Vec::new();
        for &line in lines {
            let block = self.smallest_item(line, container).filter(|block| !self.is_run(*block));
            let span = block.map_or(line..line + 1, |block| self.spans[block].clone());
            if units.last().is_none_or(|last| last.lines.end <= line) {
                let sign = block.map_or_else(|| "line".to_owned(), |block| self.signature(block));
                let block = block.unwrap_or(self.page.lines[line].block);
                let is_archive =
                    self.page.lines[span.clone()].iter().all(|line| is_archive_name(&line.text));
                if !is_archive {
                    units.push(Unit { lines: span, block, sign });
                }
            }
        }
        let in_unit = |line: usize| {
            let n = units.partition_point(|unit| unit.lines.end <= line);
            units.get(n).is_some_and(|unit| unit.lines.contains(&line))
        };
        let free: Vec<&Dated> = self
            .dates_in(&self.spans[container])
            .iter()
            .filter(|dated| !is_taken[dated.line] && !in_unit(dated.line))
            // A heading is short; a date in a text dates nothing but what the text tells of.
            .filter(|d| self.page.lines[d.line].text.len() <= d.range.len() + HEADING_BYTES_MAX)
            .filter(|dated| !self.page.blocks[self.page.lines[dated.line].block].is_navigation)
            .collect();
        let end = self.spans[container].end;
        // Groups below their dates are of one list with those that have one entry and are rows.
        let kind = |unit: &Unit, how: &str| match self.is_item[container] {
            true => self.kind(container, "row"),
            false => self.kind(unit.block, how) + &unit.sign,
        };

        // Titles that are headings: a record goes from one to the next.
        let headings = self.headings(container, is_taken);
        let about = |a: usize, b: usize| a * 10 <= b * 13 && b * 10 <= a * 13;
        if headings.len() > 1 && about(headings.len(), free.len()) {
            let ends = headings.iter().skip(1).map(|(line, _)| *line).chain([end]);
            // Nothing ends the last one but that it is about as long as the others.
            let longest = headings.windows(2).map(|pair| pair[1].0 - pair[0].0).max();
            let longest = longest.unwrap_or(RUN_LINES_MAX);
            let record = |(&(line, block), end): (&(usize, usize), usize)| Record {
                lines: line..end.min(line + longest),
                from: line,
                block,
                heading_on: None,
                kind: self.kind(block, "headed"),
            };
            let records = headings.iter().zip(ends).map(record);
            return records.filter(|record| !self.links_in(&record.lines).is_empty()).collect();
        }

        let is_led = self.dates_precede(&units, &free);
        let mut dated: Vec<(usize, Option<&Dated>)> = Vec::new();
        for (n, unit) in units.iter().enumerate() {
            let next = free.partition_point(|dated| dated.line < unit.lines.start);
            let of = if is_led { next.checked_sub(1) } else { Some(next) };
            dated.push((n, of.and_then(|n| free.get(n)).copied()));
        }
        // Several links of different kinds below one date are one record; of one kind, several.
        let mut is_merged = true;
        for pair in dated.windows(2) {
            let same_date = pair[0].1.map(|d| d.line) == pair[1].1.map(|d| d.line);
            let same_sign = units[pair[0].0].sign == units[pair[1].0].sign;
            is_merged &= !(same_date && same_sign);
        }
        let mut records: Vec<Record> = Vec::new();
        let mut last: Option<usize> = None;
        for (n, heading) in dated {
            let unit = &units[n];
            let own = self.has_standalone_date(&unit.lines);
            let heading_line = heading.map(|dated| dated.line);
            if is_merged && !own && last.is_some() && last == heading_line {
                if let Some(record) = records.last_mut() {
                    record.lines.end = unit.lines.end;
                }
                continue;
            }
            if !own && heading.is_none() {
                continue;
            }
            last = heading_line;
            // A line goes on with the text below it, until the next link or date.
            let mut until = unit.lines.end;
            if unit.sign == "line" || is_merged {
                let next_unit = units.get(n + 1).map_or(end, |unit| unit.lines.start);
                let next_date = free.partition_point(|dated| dated.line < until);
                let next_date = free.get(next_date).map_or(end, |dated| dated.line);
                until = next_unit.min(next_date).min(until + RUN_LINES_MAX).max(until);
            }
            records.push(Record {
                lines: unit.lines.start..until,
                from: heading_line.unwrap_or(unit.lines.start).min(unit.lines.start),
                block: unit.block,
                heading_on: heading.map(|dated| dated.on).filter(|_| !own),
                kind: kind(unit, "run"),
            });
        }
        records
    }

    /// The headings of a container that are titles: their lines and blocks.
    fn headings(&self, container: usize, is_taken: &[bool]) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for line in self.spans[container].clone().filter(|line| !is_taken[*line]) {
            let heading = self
                .ancestors(self.page.lines[line].block)
                .take_while(|block| *block != container)
                .find(|block| is_heading(&self.page.blocks[*block].tag));
            if let Some(block) = heading
                && !self.page.blocks[block].is_navigation
                && found.last().is_none_or(|(_, last)| *last != block)
                && is_title(&self.without_dates(line))
            {
                found.push((line, block));
            }
        }
        // A section has a heading above those of its entries.
        let sign = found.last().map(|(_, block)| self.page.blocks[*block].tag.clone());
        found.retain(|(_, block)| Some(&self.page.blocks[*block].tag) == sign.as_ref());
        found
    }

    /// The text of a line without its dates.
    fn without_dates(&self, line: usize) -> String {
        let mut text = self.page.lines[line].text.clone();
        for dated in self.dates_in(&(line..line + 1)).iter().rev() {
            text.replace_range(dated.range.clone(), "");
        }
        text
    }

    /// Whether dates stand before what they date, going by what they are nearer to.
    fn dates_precede(&self, units: &[Unit], free: &[&Dated]) -> bool {
        let gap = |from: usize, to: usize| -> f64 {
            let lines = &self.page.lines[(from.min(to) + 1).max(to.saturating_sub(FAR_LINES))..=to];
            let breaks = lines.iter().filter(|line| line.is_paragraph).count();
            1.0 / (1.0 + lines.len() as f64 + breaks as f64)
        };
        let (mut before, mut after) = (0.0, 0.0);
        for dated in free {
            let next = units.partition_point(|unit| unit.lines.start <= dated.line);
            if let Some(unit) = units.get(next) {
                after += gap(dated.line, unit.lines.start);
            }
            if let Some(unit) = next.checked_sub(1).and_then(|n| units.get(n)) {
                before += gap(unit.lines.end - 1, dated.line);
            }
        }
        let starts_with_date = match (units.first(), free.first()) {
            (Some(unit), Some(dated)) => dated.line <= unit.lines.start,
            _ => true,
        };
        // A date that follows dates one entry: with more of them than dates, it is a heading.
        let is_crowded = units.len() > free.len() * 2;
        is_crowded || after > before * 1.05 || (starts_with_date && after * 1.05 >= before)
    }

    /// An element by its name and class; rows of a table are told apart by colour alone.
    fn signature(&self, block: usize) -> String {
        let block = &self.page.blocks[block];
        let class = if block.tag == "tr" { "" } else { &block.class };
        format!("{}.{class}", block.tag)
    }

    /// Selectors for blocks of this kind: with more and more of what is around them.
    fn selectors(&self, block: usize) -> Vec<String> {
        let simple = |block: usize| {
            let Block { tag, class, .. } = &self.page.blocks[block];
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

    /// What a record is in the structure of the page.
    fn kind(&self, block: usize, how: &str) -> String {
        let signs = self.ancestors(block).take(KIND_LEVELS).map(|block| self.signature(block));
        signs.fold(how.to_owned(), |kind, sign| kind + " " + &sign)
    }

    /// Siblings of the records of a list that have a day and a title, but no link.
    fn linkless(&self, records: &[&Record]) -> Vec<Record> {
        let own = |record: &&&Record| self.is_item[record.block] && record.heading_on.is_none();
        let Some(first) = records.iter().find(own) else { return Vec::new() };
        let sign = self.signature(first.block);
        let lists: BTreeSet<Option<usize>> = records
            .iter()
            .filter(own)
            .map(|record| self.page.blocks[record.block].around)
            .collect();
        let is_sibling = |block: &usize| {
            let span = &self.spans[*block];
            lists.contains(&self.page.blocks[*block].around)
                && self.signature(*block) == sign
                && self.links_in(span).is_empty()
                && self.has_standalone_date(span)
                && self.page.lines[span.clone()].iter().any(|line| is_title(&line.text))
        };
        let siblings = (1..self.page.blocks.len()).filter(is_sibling);
        let record = |block: usize| Record {
            lines: self.spans[block].clone(),
            from: self.spans[block].start,
            block,
            heading_on: None,
            kind: first.kind.clone(),
        };
        siblings.map(record).collect()
    }

    /// The records that the operator's selector names.
    fn records_by_rule(&self) -> Vec<Record> {
        let is_told = |block: &usize| {
            self.page.blocks[*block].told.is_some()
                && !self.spans[*block].is_empty()
                && !self.page.blocks[*block].is_outside
        };
        let blocks: Vec<usize> = (0..self.page.blocks.len()).filter(is_told).collect();
        let in_record = |line: usize| blocks.iter().any(|block| self.spans[*block].contains(&line));
        let is_heading = |dated: &&Dated| {
            let text = &self.page.lines[dated.line].text;
            text.len() <= dated.range.len() + HEADING_BYTES_MAX
        };
        let record = |&block: &usize| {
            let lines = self.spans[block].clone();
            // An entry without a day has that of the heading above it.
            let above = self.dates[..self.dates_before[lines.start]].iter().rev().take(FAR_LINES);
            let heading =
                above.filter(is_heading).find(|dated| !in_record(dated.line)).map(|d| d.on);
            let has_own = !self.dates_in(&lines).is_empty();
            Record {
                from: lines.start,
                lines,
                block,
                heading_on: heading.filter(|_| !has_own),
                kind: "as told".to_owned(),
            }
        };
        blocks.iter().take(RECORDS_MAX).map(record).collect()
    }

    /// Records of one kind as entries.
    fn list(&self, records: &[&Record]) -> List {
        let slot = self.date_position(records);
        let common = self.common(records);
        let mut entries: Vec<Candidate> = Vec::new();
        let mut text = 0;
        let mut seen: BTreeSet<(Option<NaiveDate>, Option<Url>, String)> = BTreeSet::new();
        for record in records {
            let day = self.day(record, slot.as_deref());
            let told = self.page.blocks[record.block].told.map(|told| &self.page.told[told]);
            // What the operator calls an entry is one, even without a day.
            if day.is_none() && told.is_none() {
                continue;
            }
            let mut entry = self.entry(record, day, &common);
            if let Some(told) = told {
                self.apply_rule(&mut entry, told);
            }
            if !seen.insert((entry.date_on, entry.link.clone(), entry.title.clone())) {
                continue;
            }
            text += entry.title.chars().count().min(120)
                + entry.lead.as_ref().map_or(0, |lead| lead.chars().count().min(200));
            entries.push(entry);
        }
        let count = entries.len() as f64;
        let days: Vec<NaiveDate> = entries.iter().filter_map(|entry| entry.date_on).collect();
        let links: BTreeSet<&Url> =
            entries.iter().filter_map(|entry| entry.link.as_ref()).collect();
        let titled = entries.iter().filter(|entry| is_title(&entry.title)).count() as f64;
        let aside =
            records.iter().filter(|record| self.page.blocks[record.block].is_aside).count() as f64;
        // One entry may be anything that has a date.
        let many = if entries.len() > 1 { (1.0 + count).ln() } else { 0.2 };
        let score = many
            * (0.2 + (text as f64 / count.max(1.0) / 100.0).min(1.0))
            * (0.5 + 0.5 * sortedness(&days))
            * (0.2 + 0.8 * links.len() as f64 / count.max(1.0))
            * (0.5 + 0.5 * titled / count.max(1.0))
            * (1.0 - 0.6 * aside / (records.len() as f64).max(1.0));
        let how = records.first().map(|record| record.kind.clone()).unwrap_or_default();
        let first_line = records.iter().map(|record| record.from).min().unwrap_or_default();
        let own = records.first().filter(|record| self.is_item[record.block]);
        let selectors = own.map(|record| self.selectors(record.block)).unwrap_or_default();
        List { how, entries, score, first_line, selectors }
    }

    /// The place inside the records of a list at which their day stands: where most have a date,
    /// alone rather than inside a text, in the order of days, early rather than late.
    fn date_position(&self, records: &[&Record]) -> Option<String> {
        let mut slots: BTreeMap<String, (Vec<NaiveDate>, usize, usize)> = BTreeMap::new();
        for record in records {
            for (n, (slot, dated)) in self.date_positions(record).into_iter().enumerate() {
                let (days, alone, place) = slots.entry(slot).or_default();
                days.push(dated.on);
                let text = &self.page.lines[dated.line].text;
                *alone += usize::from(text.len() <= dated.range.len() + 16);
                *place += n;
            }
        }
        let count = records.len() as f64;
        let named = records.iter().find_map(|record| self.column_names(record)).unwrap_or_default();
        let score = |slot: &String, (days, alone, place): &(Vec<NaiveDate>, usize, usize)| {
            let n = days.len() as f64;
            let name = named.get(slot).map_or("", String::as_str);
            column_weight(name)
                * (n / count).min(1.0)
                * (0.6 + 0.4 * *alone as f64 / n)
                * (0.7 + 0.3 * sortedness(days))
                * (1.0 - 0.02 * (*place as f64 / n).min(10.0))
        };
        let best = slots.iter().max_by(|a, b| score(a.0, a.1).total_cmp(&score(b.0, b.1)));
        best.map(|(slot, _)| slot.clone())
    }

    /// The dates of a record by their places in it.
    fn date_positions(&self, record: &Record) -> Vec<(String, &Dated)> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let slots = self.dates_in(&record.lines).iter().map(|dated| {
            let line = &self.page.lines[dated.line];
            let path = self
                .ancestors(line.block)
                .take_while(|block| *block > record.block)
                .take(PATH_LEVELS)
                .map(|block| format!("{}{}", self.signature(block), self.cell(block)))
                .fold(if dated.is_telling { "" } else { "inside " }.to_owned(), |path, sign| {
                    path + &sign
                });
            let n = seen.entry(path.clone()).and_modify(|n| *n += 1).or_insert(0);
            (format!("{path}#{n}"), dated)
        });
        slots.collect()
    }

    /// The names that the head of a table gives to the slots of a row; `None` without such a head.
    fn column_names(&self, record: &Record) -> Option<HashMap<String, String>> {
        let is = |block: usize, tag: &str| self.page.blocks[block].tag == tag;
        let table = self.ancestors(record.block).find(|block| is(*block, "table"))?;
        let head = (table + 1..=record.block).find(|block| is(*block, "tr"))?;
        if head == record.block || self.has_standalone_date(&self.spans[head]) {
            return None;
        }
        let cells: HashMap<String, String> = (head + 1..record.block)
            .filter(|block| self.page.blocks[*block].around == Some(head))
            .map(|block| {
                let lines = &self.page.lines
                    [self.spans[block].start.min(self.spans[block].end)..self.spans[block].end];
                let text = lines.iter().map(|line| line.text.to_lowercase());
                (self.cell(block), text.collect::<Vec<_>>().join(" "))
            })
            .collect();
        let name = |(slot, dated): (String, &Dated)| {
            let block = self.page.lines[dated.line].block;
            let cell = self.ancestors(block).find(|block| !self.cell(*block).is_empty())?;
            Some((slot, cells.get(&self.cell(cell))?.clone()))
        };
        Some(self.date_positions(record).into_iter().filter_map(name).collect())
    }

    /// The number of a cell in its row; nothing for other elements.
    fn cell(&self, block: usize) -> String {
        let number = self.cells[block];
        if number == 0 { String::new() } else { number.to_string() }
    }

    fn day(&self, record: &Record, slot: Option<&str>) -> Option<NaiveDate> {
        if record.heading_on.is_some() {
            return record.heading_on;
        }
        let slots = self.date_positions(record);
        let chosen = slots.iter().find(|(name, _)| Some(name.as_str()) == slot);
        let free = slots.iter().find(|(name, _)| !name.starts_with("inside"));
        chosen.or(free).or(slots.first()).map(|(_, dated)| dated.on)
    }

    /// Texts that many records of a list have: names of columns and buttons, never a title.
    fn common(&self, records: &[&Record]) -> BTreeSet<&'a str> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for record in records {
            let lines = &self.page.lines[record.lines.clone()];
            let links = lines.iter().flat_map(|l| l.links.iter().map(|(r, _)| &l.text[r.clone()]));
            let texts: BTreeSet<&str> =
                lines.iter().map(|l| l.text.as_str()).chain(links).collect();
            texts.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
        }
        let is_common = |n: usize| n > 2 && n * 3 > records.len();
        counts.into_iter().filter(|(_, n)| is_common(*n)).map(|(text, _)| text).collect()
    }

    /// Sets the parts of an entry that the operator's selectors found.
    fn apply_rule(&self, entry: &mut Candidate, told: &RuleMatch) {
        if let Some(title) = &told.title {
            entry.title = title.chars().take(TITLE_CHARS_MAX).collect();
        }
        if let Some(lead) = &told.lead {
            entry.lead = Some(lead.chars().take(LEAD_CHARS_MAX).collect());
        }
        if let Some(link) = told.link.as_ref().filter(|link| entry.link.as_ref() != Some(link)) {
            let before = entry.link.replace(link.clone());
            entry.links.retain(|other| other != link);
            entry.links.splice(0..0, before);
        }
        let printed = || {
            let text = told.date.as_deref()?;
            let absolute = date::all(text, self.style).into_iter().next();
            Some(absolute.or_else(|| date::relative(text, self.style))?.1)
        };
        entry.date_on = printed().or(told.on).or(entry.date_on);
    }

    fn entry(&self, record: &Record, on: Option<NaiveDate>, common: &BTreeSet<&str>) -> Candidate {
        let is_title = |text: &str| is_title(text) && !common.contains(text);
        let lines = &self.page.lines[record.lines.clone()];
        let lines = &lines[..lines.len().min(RECORD_LINES_MAX)];
        let mut links: Vec<(&str, &Url)> = Vec::new();
        for line in lines {
            for (range, url) in &line.links {
                links.push((&line.text[range.clone()], url));
            }
        }
        // The link with a title leads to the statement; a page goes before its document.
        let worth = |(text, url): &(&str, &Url)| {
            let is_own = self.page.is_own(url);
            let is_named = has_letters(text, 1) && !is_generic(text) && !common.contains(text);
            (is_title(text), is_own, !is_document(url), is_named, !text.is_empty())
        };
        let mut main: Option<(&str, &Url)> = None;
        for link in &links {
            if main.is_none_or(|main| worth(link) > worth(&main)) {
                main = Some(*link);
            }
        }
        let without_dates = |n: usize| -> String {
            let line = record.lines.start + n;
            let mut text = self.page.lines[line].text.clone();
            for dated in self.dates_in(&(line..line + 1)).iter().rev() {
                // Only the day beside the entry is cut off, not one inside its text.
                let is_edge = dated.range.start <= 12 || dated.range.end + 2 >= text.len();
                if Some(dated.on) == on && is_edge {
                    text.replace_range(dated.range.clone(), "");
                }
            }
            text.trim_matches(|c: char| c.is_whitespace() || "-–—:,|·•".contains(c)).to_owned()
        };
        let texts: Vec<String> = (0..lines.len()).map(without_dates).collect();
        let linked = main.map(|(text, _)| text).filter(|text| is_title(text));
        let linked = linked.map(|text| {
            // A date that the link starts with is beside the title, not part of it.
            let own =
                texts.iter().find(|own| own.len() < text.len() + 4 && text.contains(own.as_str()));
            own.filter(|own| is_title(own)).cloned().unwrap_or_else(|| text.to_owned())
        });
        let plain = || texts.iter().find(|text| is_title(text) && !is_label(text)).cloned();
        let rest = || main.map(|(text, _)| text.to_owned()).filter(|text| !text.is_empty());
        let any = || texts.iter().find(|text| !text.is_empty()).cloned();
        let title = linked.or_else(plain).or_else(rest).or_else(any).unwrap_or_default();
        // The whole of an entry may be a link, its summary too.
        let link = main.map(|(_, url)| url.clone());
        let leads_elsewhere = |line: &Line| {
            line.is_all_links() && line.links.iter().any(|l| Some(&l.1) != link.as_ref())
        };
        let lead: Vec<&str> = texts
            .iter()
            .zip(lines)
            .filter(|(text, line)| {
                let is_navigation = self.page.blocks[line.block].is_navigation;
                !leads_elsewhere(line)
                    && !is_navigation
                    && has_letters(text, LEAD_LETTERS_MIN)
                    && **text != title
            })
            // What stands in the line of the title before it says where and when, not what.
            .map(|(text, _)| {
                text.split_once(title.as_str()).map_or(text.as_str(), |(_, rest)| rest)
            })
            .map(strip_read_more)
            .filter(|text| has_letters(text, LEAD_LETTERS_MIN))
            .collect();
        let lead = lead.join(" ");
        let mut others: Vec<Url> = Vec::new();
        for (_, url) in links {
            if Some(url) != link.as_ref() && !others.contains(url) && others.len() < LINKS_MAX {
                others.push(url.clone());
            }
        }
        Candidate {
            date_on: on,
            title: strip_a11y_note(&title).chars().take(TITLE_CHARS_MAX).collect(),
            link,
            links: others,
            lead: (!lead.is_empty()).then(|| lead.chars().take(LEAD_CHARS_MAX).collect()),
            guid: None,
        }
    }
}

/// The numbers of cells in their rows.
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

/// A link, or several in one repeated element, before it is known what dates it.
struct Unit {
    lines: Range<usize>,
    block: usize,
    /// What sort of element it is.
    sign: String,
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

fn is_heading(tag: &str) -> bool {
    matches!(tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt")
}

/// A text without the "Read more" at its end.
fn strip_read_more(text: &str) -> &str {
    let text = text.trim();
    let mut ends =
        text.char_indices().filter(|(_, c)| ".!?…".contains(*c)).map(|(at, c)| at + c.len_utf8());
    match ends.next_back() {
        Some(end) if end < text.len() && is_generic(&text[end..]) => &text[..end],
        _ => text,
    }
}

/// Whether a text has so many letters; no more of it is looked at.
fn has_letters(text: &str, least: usize) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).take(least).count() == least
}

/// Whether a text may be the title of a statement.
fn is_title(text: &str) -> bool {
    let text = strip_a11y_note(text);
    has_letters(text, TITLE_LETTERS_MIN) && !is_generic(text) && !is_number(text)
}

/// Whether a text is a reference, as of a docket: "2026 Slip Op 01443", "No. 24-1012/KA".
fn is_number(text: &str) -> bool {
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let digits = if text.len() > SHORT_BYTES_MAX { 0 } else { count(u8::is_ascii_digit) };
    digits >= REFERENCE_DIGITS_MIN && digits >= count(u8::is_ascii_alphabetic) && text.is_ascii()
}

/// A text without what is written for those who hear the page read out.
fn strip_a11y_note(text: &str) -> &str {
    const NOTES: [&str; 6] = [
        "(opens in a new window)",
        "(opens in new window)",
        "(opens in a new tab)",
        "(opens in new tab)",
        "(link is external)",
        "(external link)",
    ];
    let text = text.trim();
    let ends_with = |note: &&&str| {
        let start = text.len().checked_sub(note.len());
        start.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(note))
    };
    match NOTES.iter().find(ends_with) {
        Some(note) => text[..text.len() - note.len()].trim_end(),
        None => text,
    }
}

/// Whether a text is only the name of what follows it: "Posted by:", "Case number:".
fn is_label(text: &str) -> bool {
    text.ends_with(':')
}

/// Whether a link says how to get at something, and not what.
fn is_generic(text: &str) -> bool {
    const WORDS: [&str; 34] = [
        "read",
        "more",
        "download",
        "pdf",
        "doc",
        "docx",
        "html",
        "view",
        "open",
        "file",
        "full",
        "text",
        "details",
        "detail",
        "here",
        "click",
        "see",
        "continue",
        "reading",
        "article",
        "opinion",
        "document",
        "the",
        "print",
        "share",
        "link",
        "подробнее",
        "далее",
        "читать",
        "скачать",
        "mehr",
        "lire",
        "suite",
        "leer",
    ];
    if text.len() > SHORT_BYTES_MAX {
        return false;
    }
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let is_known = |word: &str| WORDS.contains(&word);
    words.clone().count() <= 5
        && words.clone().all(|word| is_known(word) || word.len() <= 2)
        && words.clone().any(is_known)
}

/// Whether an address is of a document to be downloaded, as far as its name tells.
fn is_document(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".pdf", ".doc", ".docx", ".rtf", ".odt", ".zip", ".xls", ".xlsx", ".wpd"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// Whether a date of a line stands beside its text: first, or last behind a sign, or at the start of
/// a link.
fn is_standalone(line: &Line, range: &Range<usize>) -> bool {
    let start = line.links.iter().map(|(link, _)| link.start).filter(|at| *at <= range.start).max();
    let is_first = range.start <= NEAR_BYTES || start.is_some_and(|at| range.start - at <= 3);
    let before = line.text[..range.start].trim_end();
    let is_parted = before.ends_with(|c: char| !c.is_alphanumeric() && c != '"');
    let is_last = range.end + 3 >= line.text.len();
    let is_short = line.text.len() <= range.len() + HEADING_BYTES_MAX;
    let is_linked =
        line.links.iter().any(|(link, _)| link.start <= range.start && range.end <= link.end);
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
    let word = before.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_named = WORDS.iter().any(|name| word.split_whitespace().next_back() == Some(name));
    is_first || (is_last && is_parted) || (!is_linked && (is_short || is_named))
}

/// "Yesterday", and where it stands in a line: beside its links, never in them.
fn relative(line: &Line, style: Style<'_>) -> Option<(Range<usize>, NaiveDate)> {
    let start = line.links.first().map_or(line.text.len(), |(range, _)| range.start);
    let end = line.links.last().map_or(line.text.len(), |(range, _)| range.end);
    [0..start, end..line.text.len()].into_iter().find_map(|part| {
        let (found, on) = date::relative(&line.text[part.clone()], style)?;
        Some((part.start + found.start..part.start + found.end, on))
    })
}

/// The date that a line and the next ones print together: "3", "November", "2026", each in an element
/// of its own.
fn split_date(page: &Page, from: usize, style: Style<'_>) -> Option<NaiveDate> {
    let mut text = page.lines[from].text.clone();
    if text.len() > SPLIT_BYTES_MAX || !text.contains(char::is_alphanumeric) {
        return None;
    }
    for line in page.lines[from + 1..].iter().take(2) {
        if line.text.len() > SPLIT_BYTES_MAX {
            return None;
        }
        text = text + " " + &line.text;
        if let Some(on) = date::whole(&text, style) {
            return Some(on);
        }
    }
    None
}

/// Whether a line is a row of names of places in the site: "Home | Contents | Search".
fn is_menu(line: &Line) -> bool {
    let text = |range: &Range<usize>| &line.text[range.clone()];
    let is_place =
        |text: &str| text.len() <= PLACE_BYTES_MAX && has_letters(text, 4) && !is_generic(text);
    let places = line.links.iter().filter(|(range, _)| is_place(text(range))).count();
    let linked: usize = line.links.iter().map(|(range, _)| range.len()).sum();
    places > 2 && places == line.links.len() && linked * 10 > line.text.len() * 6
}

/// How much the name of a column says that its days are those of publication.
fn column_weight(name: &str) -> f64 {
    const GOOD: [&str; 12] = [
        "issued",
        "publ",
        "posted",
        "release",
        "decided",
        "decision",
        "filed",
        "опубл",
        "veröff",
        "fecha",
        "издан",
        "принят",
    ];
    const BAD: [&str; 14] = [
        "argued",
        "argument",
        "hearing",
        "deadline",
        "effective",
        "expir",
        "due",
        "modif",
        "updated",
        "valid",
        "closing",
        "submitted",
        "срок",
        "действ",
    ];
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match (has(&GOOD), has(&BAD)) {
        (true, false) => 1.2,
        (false, true) => 0.8,
        _ => 1.0,
    }
}

/// How far days stand in one order, 0 to 1.
fn sortedness(days: &[NaiveDate]) -> f64 {
    if days.len() < 2 {
        return 0.5;
    }
    let pairs = (days.len() - 1) as f64;
    let falling = days.windows(2).filter(|pair| pair[0] >= pair[1]).count() as f64 / pairs;
    let rising = days.windows(2).filter(|pair| pair[0] <= pair[1]).count() as f64 / pairs;
    falling.max(rising)
}
