//! Cuts a page into records: the lines of one entry each, below a repeated element, a heading or a
//! date.

use super::{
    super::wording::is_title,
    index::{Dated, HEADING_CHARS_MAX, PageIndex},
    items::Items,
};
use crate::extract::{layout::Block, page::info::is_archive_name};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

/// If this many dates are in elements of one kind, that kind is the usual one.
const USUAL_DATES_MIN: usize = 3;
/// Lines that a record without an element of its own may have.
const RUN_LINES_MAX: usize = 8;
/// The most records that are examined.
pub(super) const RECORDS_MAX: usize = 2_000;
/// How many lines may be between two links of one entry.
const REPEATED_LINES: usize = 3;
/// The signature of a unit that is a line and no element.
const LINE: &str = "line";
/// Longer distances count as this many lines.
const FAR_LINES: usize = 40;

/// One entry, as lines of the page.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) lines: Range<usize>,
    /// Its first line, or the one of its heading.
    pub(super) from: usize,
    /// The element that it is, or that contains it.
    pub(super) block: usize,
    /// The day that a heading gives it.
    pub(super) heading_on: Option<NaiveDate>,
    /// The line of this heading, if it is below.
    pub(super) dated_by: Option<usize>,
    /// Whether it is an entry though it has no day: its siblings are.
    pub(super) is_undated: bool,
    /// What it is in the structure of the page; the same for all of its list.
    pub(super) kind: String,
}

/// A link, or several in one repeated element, not yet assigned to a date.
struct Unit {
    lines: Range<usize>,
    block: usize,
    /// What sort of element it is.
    signature: String,
}

impl PageIndex<'_> {
    /// Returns all records of the page, those that have a date or a heading with one.
    pub(super) fn records(&self) -> Vec<Record> {
        // Where each linked line belongs: to a row of its own, or to a container of several. A date
        // inside running text counts only if there is no other.
        let mut rows: BTreeSet<usize> = BTreeSet::new();
        let mut containers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let by_standalone = self.find_records(&self.standalone_before);
        let by_any = self.find_records(&self.dates_before);
        for &line in &self.linked {
            let block = self.page.lines[line].block;
            let container = |items| self.enclosing_container(block, items);
            if self.ancestors(block).any(|block| by_standalone.is_heading[block]) {
                continue;
            }
            if let Some(record) = by_standalone.record_of[block] {
                rows.insert(record);
            } else if let Some(container) = container(&by_standalone) {
                containers.entry(container).or_default().push(line);
            } else if let Some(record) = by_any.record_of[block] {
                rows.insert(record);
            } else if let Some(container) = container(&by_any) {
                containers.entry(container).or_default().push(line);
            }
        }
        let mut records: Vec<Record> = rows
            .iter()
            .map(|block| Record {
                lines: self.spans[*block].clone(),
                from: self.spans[*block].start,
                block: *block,
                heading_on: None,
                dated_by: None,
                is_undated: false,
                kind: self.kind(*block, "row"),
            })
            .collect();
        self.add_rows_below(&mut records);
        let mut is_taken = vec![false; self.page.lines.len()];
        for record in &records {
            is_taken[record.lines.clone()].fill(true);
        }
        // The inner ones first: what they date is not to date what lies around them.
        for (container, lines) in containers.into_iter().rev() {
            let lines: Vec<usize> = lines.into_iter().filter(|line| !is_taken[*line]).collect();
            let found = self.records_of_container(container, &lines, &is_taken, &by_standalone);
            for record in &found {
                is_taken[record.from..record.lines.end.max(record.from)].fill(true);
                record.dated_by.into_iter().for_each(|line| is_taken[line] = true);
            }
            records.extend(found);
        }
        records.sort_by_key(|record| record.lines.start);
        records
    }

    /// Adds to each record that is a row the rows below it, where most records of its table have as
    /// many, without a day of their own, before the next one.
    fn add_rows_below(&self, records: &mut [Record]) {
        let is_row = |block: usize| self.page.blocks[block].tag == "tr";
        // The rows of each table in order, those without lines left out.
        let mut tables: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for block in (1..self.page.blocks.len()).filter(|block| is_row(*block)) {
            if !self.spans[block].is_empty() {
                tables.entry(self.page.blocks[block].around).or_default().push(block);
            }
        }
        let mut by_block: HashMap<usize, &mut Record> =
            records.iter_mut().map(|record| (record.block, record)).collect();
        for rows in tables.values() {
            let of_records: Vec<usize> =
                (0..rows.len()).filter(|n| by_block.contains_key(&rows[*n])).collect();
            let gaps = || of_records.windows(2).map(|pair| pair[1] - pair[0] - 1);
            let mut counts: HashMap<usize, usize> = HashMap::new();
            gaps().for_each(|gap| *counts.entry(gap).or_default() += 1);
            let usual = counts.into_iter().max_by_key(|(gap, count)| (*count, *gap));
            let Some((gap, _)) = usual.filter(|(gap, n)| *gap > 0 && n * 3 >= gaps().count() * 2)
            else {
                continue;
            };
            let ends = of_records.iter().skip(1).copied().chain([rows.len()]);
            for (start, end) in of_records.iter().zip(ends) {
                let below = &rows[start + 1..end.min(start + 1 + gap)];
                // A row with a title of its own is another entry.
                let is_part = |row: &&usize| {
                    let span = &self.spans[**row];
                    let is_entry = |line: &usize| self.has_title(*line);
                    self.dates_in(span).is_empty() && !self.links_in(span).iter().any(is_entry)
                };
                let below = below.iter().take_while(is_part);
                if let Some(last) = below.last()
                    && let Some(record) = by_block.get_mut(&rows[*start])
                {
                    record.lines.end = self.spans[*last].end;
                }
            }
        }
    }

    /// Returns the smallest element around a block that holds dates: a repeated one if there is one.
    fn enclosing_container(&self, block: usize, items: &Items) -> Option<usize> {
        // A date in a title is none of what lies around it.
        let titled = self.ancestors(block).filter(|block| items.is_titled[*block]).last();
        let block = titled.map_or(Some(block), |titled| self.page.blocks[titled].around)?;
        let is_dated = |block: &usize| {
            let span = &self.spans[*block];
            let before = &items.dates_before;
            span.start < span.end && before[span.start] < before[span.end]
        };
        let around = self.ancestors(block).find(is_dated)?;
        self.ancestors(around).find(|block| items.has_dated_sibling[*block]).or(Some(around))
    }

    /// Returns the records of a container: its dates are beside what they date, or above it.
    fn records_of_container(
        &self,
        container: usize,
        lines: &[usize],
        is_taken: &[bool],
        items: &Items,
    ) -> Vec<Record> {
        let mut units = self.units(container, lines);
        self.trim_units(&mut units);
        let free = self.free_dates(container, &units, is_taken, items);
        self.headed_records(container, &free, is_taken)
            .unwrap_or_else(|| self.dated_records(container, &units, &free, items))
    }

    /// Returns the links of a container in order, several in one repeated element as one unit.
    fn units(&self, container: usize, lines: &[usize]) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        for &line in lines {
            let block = self.smallest_item(line, container).filter(|block| !self.is_run(*block));
            let span = block.map_or(line..line + 1, |block| self.spans[block].clone());
            if units.last().is_some_and(|last| last.lines.end > line) {
                continue;
            }
            // One link may go on over several lines, or be repeated: a picture, a date, a title.
            if let Some(last) = units.last_mut()
                && self.is_same_entry(last, line)
            {
                last.lines.end = line + 1;
                last.block = container;
                LINE.clone_into(&mut last.signature);
                continue;
            }
            let signature = block.map_or_else(|| LINE.to_owned(), |block| self.signature(block));
            let block = block.unwrap_or(self.page.lines[line].block);
            let is_archive =
                self.page.lines[span.clone()].iter().all(|line| is_archive_name(&line.text));
            if !is_archive {
                units.push(Unit { lines: span, block, signature });
            }
        }
        units
    }

    /// Returns whether a line goes on with the link of a unit above it.
    fn is_same_entry(&self, unit: &Unit, line: usize) -> bool {
        let first_link = |line: usize| self.page.lines[line].links.first().map(|(_, url)| url);
        let is_near = line <= unit.lines.end + REPEATED_LINES;
        let is_same = first_link(unit.lines.end - 1) == first_link(line);
        is_near && is_same && (line == unit.lines.end || self.own_link(line).is_some())
    }

    /// Removes what stands before and after the units of the usual kind and has no date: page
    /// numbers, related links.
    fn trim_units(&self, units: &mut Vec<Unit>) {
        let mut kinds: HashMap<&str, usize> = HashMap::new();
        units.iter().for_each(|unit| *kinds.entry(&unit.signature).or_default() += 1);
        let usual = kinds.into_iter().max_by_key(|(name, count)| (*count, *name));
        let Some((usual, count)) = usual else { return };
        if count * 2 <= units.len() {
            return;
        }
        let usual = usual.to_owned();
        let stays = |unit: &Unit| unit.signature == usual || self.has_standalone_date(&unit.lines);
        let end = units.iter().rposition(stays).map_or(0, |last| last + 1);
        units.truncate(end);
        let start = units.iter().position(stays).unwrap_or_default();
        units.drain(..start);
    }

    /// Returns the dates of a container that may date what is around them.
    fn free_dates(
        &self,
        container: usize,
        units: &[Unit],
        is_taken: &[bool],
        items: &Items,
    ) -> Vec<&Dated> {
        let in_unit = |line: usize| {
            let n = units.partition_point(|unit| unit.lines.end <= line);
            units.get(n).is_some_and(|unit| unit.lines.contains(&line))
        };
        let is_free = |dated: &&Dated| {
            let line = &self.page.lines[dated.line];
            !is_taken[dated.line]
                && !in_unit(dated.line)
                // A heading is short; a date in a longer text dates what the text is about.
                && line.has_little_beside(&dated.range, HEADING_CHARS_MAX)
                && !self.page.blocks[line.block].is_navigation
                && !self.ancestors(line.block).any(|block| items.is_titled[block])
        };
        let free: Vec<&Dated> =
            self.dates_in(&self.spans[container]).iter().filter(is_free).collect();
        // Where nearly all are of one kind of element, one of another kind above them dates
        // something else: when the page was made.
        let mut kinds: HashMap<String, usize> = HashMap::new();
        let kind = |dated: &Dated| self.signature(self.page.lines[dated.line].block);
        free.iter().for_each(|dated| *kinds.entry(kind(dated)).or_default() += 1);
        match kinds.iter().max_by_key(|(name, count)| (**count, *name)) {
            Some((usual, count)) if *count >= USUAL_DATES_MIN && *count * 3 > free.len() * 2 => {
                free.iter().skip_while(|dated| kind(dated) != *usual).copied().collect()
            }
            _ => free,
        }
    }

    /// Returns the records of a container whose titles are headings: each goes from one heading to
    /// the next. `None` if there are not about as many headings as dates.
    fn headed_records(
        &self,
        container: usize,
        free: &[&Dated],
        is_taken: &[bool],
    ) -> Option<Vec<Record>> {
        let mut headings = self.headings(container, is_taken);
        let about = |a: usize, b: usize| a * 10 <= b * 13 && b * 10 <= a * 13;
        if headings.len() < 2 || !about(headings.len(), free.len()) {
            return None;
        }
        begin_at_dates(&mut headings, free);
        let end = self.spans[container].end;
        let ends = headings.iter().skip(1).map(|(line, _)| *line).chain([end]);
        // No heading follows the last record; limit it to the length of the longest other one.
        let longest = headings.windows(2).map(|pair| pair[1].0 - pair[0].0).max();
        let longest = longest.unwrap_or(RUN_LINES_MAX);
        let record = |(&(line, block), end): (&(usize, usize), usize)| Record {
            lines: line..end.min(line + longest),
            from: line,
            block,
            heading_on: None,
            dated_by: None,
            is_undated: false,
            kind: self.kind(block, "headed"),
        };
        let records = headings.iter().zip(ends).map(record);
        Some(records.filter(|record| !self.links_in(&record.lines).is_empty()).collect())
    }

    /// Returns the records of a container whose dates precede or follow what they date.
    fn dated_records(
        &self,
        container: usize,
        units: &[Unit],
        free: &[&Dated],
        items: &Items,
    ) -> Vec<Record> {
        let mut headings = self.headings_of_units(container, units, free);
        drop_strays(&mut headings);
        let is_merged = is_merged(units, &headings);
        let mut records: Vec<Record> = Vec::new();
        let mut last: Option<usize> = None;
        for (n, (unit, heading)) in units.iter().zip(headings).enumerate() {
            let has_own_date =
                self.has_standalone_date(&unit.lines) && !items.is_titled[unit.block];
            let heading_line = heading.map(|dated| dated.line);
            if is_merged && !has_own_date && last.is_some() && last == heading_line {
                if let Some(record) = records.last_mut() {
                    record.lines.end = unit.lines.end;
                }
                continue;
            }
            if !has_own_date && heading.is_none() {
                continue;
            }
            last = heading_line;
            let goes_on = unit.signature == LINE || is_merged;
            let end = if goes_on {
                let next_unit =
                    units.get(n + 1).map_or(self.spans[container].end, |u| u.lines.start);
                self.run_end(container, unit.lines.end, next_unit, free)
            } else {
                unit.lines.end
            };
            // Groups below a date belong to the same list as rows with one entry.
            let kind = if self.is_item[container] && !items.holds_list[container] {
                self.kind(container, "row")
            } else {
                self.kind(unit.block, "run") + &unit.signature
            };
            records.push(Record {
                lines: unit.lines.start..end,
                from: heading_line.unwrap_or(unit.lines.start).min(unit.lines.start),
                block: unit.block,
                heading_on: heading.map(|dated| dated.on).filter(|_| !has_own_date),
                dated_by: heading_line.filter(|line| {
                    let is_entry = self.own_link(unit.lines.start).is_some();
                    !has_own_date && is_entry && *line >= unit.lines.end
                }),
                is_undated: false,
                kind,
            });
        }
        records
    }

    /// Returns the date above each unit, or below it where dates follow what they date. A date below a
    /// unit in an element of their own dates nothing outside of it.
    fn headings_of_units<'d>(
        &self,
        container: usize,
        units: &[Unit],
        free: &[&'d Dated],
    ) -> Vec<Option<&'d Dated>> {
        let dates_precede = self.dates_precede(units, free);
        // The element right in the container that holds a line.
        let branch = |line: usize| {
            let mut around = self.ancestors(self.page.lines[line].block);
            around.find(|block| self.page.blocks[*block].around == Some(container))
        };
        let is_of_another = |dated: &Dated, unit: &Unit| {
            let above = units.partition_point(|above| above.lines.start < dated.line);
            let above = above.checked_sub(1).and_then(|n| units.get(n));
            let own = branch(dated.line);
            above.is_some_and(|above| own.is_some() && branch(above.lines.start) == own)
                && own != branch(unit.lines.start)
        };
        let heading = |unit: &Unit| {
            let next = free.partition_point(|dated| dated.line < unit.lines.start);
            let of = if dates_precede { next.checked_sub(1) } else { Some(next) };
            let dated = of.and_then(|n| free.get(n)).copied()?;
            (!dates_precede || !is_of_another(dated, unit)).then_some(dated)
        };
        units.iter().map(heading).collect()
    }

    /// Returns where the text below a line ends: at the next link or date, or after
    /// [`RUN_LINES_MAX`].
    fn run_end(&self, container: usize, from: usize, next_unit: usize, free: &[&Dated]) -> usize {
        let next_date = free.partition_point(|dated| dated.line < from);
        let next_date = free.get(next_date).map_or(self.spans[container].end, |dated| dated.line);
        next_unit.min(next_date).min(from + RUN_LINES_MAX).max(from)
    }

    /// Returns the headings of a container that are titles: their lines and blocks.
    fn headings(&self, container: usize, is_taken: &[bool]) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for line in self.spans[container].clone().filter(|line| !is_taken[*line]) {
            let heading = self
                .ancestors(self.page.lines[line].block)
                .take_while(|block| *block != container)
                .find(|block| is_heading(&self.page.blocks[*block]));
            if let Some(block) = heading
                && !self.page.blocks[block].is_navigation
                && found.last().is_none_or(|(_, last)| *last != block)
                && is_title(&self.without_dates(line))
            {
                found.push((line, block));
            }
        }
        // A section has a heading above those of its entries.
        let tag = found.last().map(|(_, block)| self.page.blocks[*block].tag.clone());
        found.retain(|(_, block)| Some(&self.page.blocks[*block].tag) == tag.as_ref());
        found
    }

    /// Returns the text of a line without its dates.
    fn without_dates(&self, line: usize) -> String {
        let mut text = self.page.lines[line].text.clone();
        for dated in self.dates_in(&(line..line + 1)).iter().rev() {
            text.replace_range(dated.range.clone(), "");
        }
        text
    }

    /// Returns whether dates precede what they date, judging by what they are nearer to.
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
        // One date for each unit, in strict turn: each is below what it dates where a unit is the
        // first, and above it where a date is.
        let is_below = |(unit, dated): (&Unit, &&Dated)| unit.lines.end <= dated.line;
        let is_above = |(unit, dated): (&Unit, &&Dated)| dated.line < unit.lines.start;
        if units.len() == free.len() && units.len() > 1 {
            let (next_units, next_dates) = (units.iter().skip(1), free.iter().skip(1));
            if units.iter().zip(free).all(is_below) && next_units.zip(free).all(is_above) {
                return false;
            }
            if units.iter().zip(free).all(is_above) && units.iter().zip(next_dates).all(is_below) {
                return true;
            }
        }
        let starts_with_date = match (units.first(), free.first()) {
            (Some(unit), Some(dated)) => dated.line <= unit.lines.start,
            _ => true,
        };
        // A date below an entry belongs to that entry only. If there are more than twice as many
        // entries as dates, the dates are headings.
        let is_crowded = units.len() > free.len() * 2;
        is_crowded || after > before * 1.05 || (starts_with_date && after * 1.05 >= before)
    }

    /// Returns whether a record has a link in a heading.
    pub(super) fn has_linked_heading(&self, record: &Record) -> bool {
        self.links_in(&record.lines).iter().any(|line| {
            let mut inner = self.ancestors(self.page.lines[*line].block);
            inner.any(|block| is_heading(&self.page.blocks[block]))
        })
    }

    /// Siblings of the records of a list that have a day and a title, but no link.
    pub(super) fn linkless(&self, records: &[&Record]) -> Vec<Record> {
        let is_linkless = |block: &usize| {
            let span = &self.spans[*block];
            self.links_in(span).is_empty()
                && self.has_standalone_date(span)
                && self.page.lines[span.clone()].iter().any(|line| is_title(&line.text))
        };
        self.siblings_of(records, is_linkless)
    }

    /// Returns the siblings of the records of a list that satisfy a condition, as records.
    pub(super) fn siblings_of(
        &self,
        records: &[&Record],
        holds: impl Fn(&usize) -> bool,
    ) -> Vec<Record> {
        let own = |record: &&&Record| self.is_item[record.block] && record.heading_on.is_none();
        let Some(first) = records.iter().find(own) else { return Vec::new() };
        let signature = self.signature(first.block);
        let lists: BTreeSet<Option<usize>> = records
            .iter()
            .filter(own)
            .map(|record| self.page.blocks[record.block].around)
            .collect();
        let is_sibling = |block: &usize| {
            lists.contains(&self.page.blocks[*block].around)
                && self.signature(*block) == signature
                && holds(block)
        };
        let siblings = (1..self.page.blocks.len()).filter(is_sibling);
        let record = |block: usize| Record {
            lines: self.spans[block].clone(),
            from: self.spans[block].start,
            block,
            heading_on: None,
            dated_by: None,
            is_undated: false,
            kind: first.kind.clone(),
        };
        siblings.map(record).collect()
    }

    /// Returns the records that the operator's selector names.
    pub(super) fn records_by_rule(&self) -> Vec<Record> {
        let is_named = |block: &usize| {
            self.page.blocks[*block].rule_match.is_some()
                && !self.spans[*block].is_empty()
                && !self.page.blocks[*block].is_outside
        };
        let blocks: Vec<usize> = (0..self.page.blocks.len()).filter(is_named).collect();
        let in_record = |line: usize| blocks.iter().any(|block| self.spans[*block].contains(&line));
        let is_heading = |dated: &&Dated| {
            let line = &self.page.lines[dated.line];
            line.has_little_beside(&dated.range, HEADING_CHARS_MAX)
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
                dated_by: None,
                is_undated: false,
                kind: "as told".to_owned(),
            }
        };
        blocks.iter().take(RECORDS_MAX).map(record).collect()
    }
}

/// Where nearly every date is of one unit, those that follow the unit of the last date have none.
fn drop_strays(headings: &mut [Option<&Dated>]) {
    let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
    for (n, heading) in headings.iter().enumerate() {
        let Some(dated) = heading else { continue };
        match runs.last_mut() {
            Some((line, run)) if *line == dated.line && run.end == n => run.end = n + 1,
            _ => runs.push((dated.line, n..n + 1)),
        }
    }
    let single = runs.iter().filter(|(_, run)| run.len() == 1).count();
    if single < USUAL_DATES_MIN || single * 5 < runs.len() * 4 {
        return;
    }
    if let Some((_, last)) = runs.last() {
        headings[last.clone()].iter_mut().skip(1).for_each(|heading| *heading = None);
    }
}

/// Moves headings to the dates above them where a record begins with its date: most headings have
/// it in the line above and not below, or a date is above the first and none below the last.
fn begin_at_dates(headings: &mut [(usize, usize)], free: &[&Dated]) {
    let is_dated = |line: usize| free.binary_search_by_key(&line, |dated| dated.line).is_ok();
    let is_above = |line: usize| line.checked_sub(1).is_some_and(is_dated);
    let above = headings.iter().filter(|(line, _)| is_above(*line)).count();
    let below = headings.iter().filter(|(line, _)| is_dated(*line) || is_dated(line + 1)).count();
    let ends = [headings.first(), headings.last()].map(|end| end.map(|(line, _)| *line));
    let is_before = |dated: Option<&&Dated>, end: Option<usize>| {
        dated.zip(end).is_some_and(|(dated, end)| dated.line < end)
    };
    let is_led = is_before(free.first(), ends[0]) && is_before(free.last(), ends[1]);
    if !(above * 2 > headings.len() && above > below || is_led && below == 0) {
        return;
    }
    let mut previous = 0;
    for (line, _) in headings {
        let own = *line;
        let next = free.partition_point(|dated| dated.line < own);
        if let Some(dated) = next.checked_sub(1).and_then(|n| free.get(n))
            && dated.line >= previous
        {
            *line = dated.line;
        }
        previous = own + 1;
    }
}

/// Returns whether a block has the title of an entry.
fn is_heading(block: &Block) -> bool {
    block.is_heading() || block.tag == "dt"
}

/// Returns whether several links below one date are one record. Links of different kinds are one
/// record; links of the same kind are several.
fn is_merged(units: &[Unit], headings: &[Option<&Dated>]) -> bool {
    let pairs = units.windows(2).zip(headings.windows(2));
    pairs.into_iter().all(|(units, headings)| {
        let same_date = headings[0].map(|d| d.line) == headings[1].map(|d| d.line);
        !(same_date && units[0].signature == units[1].signature)
    })
}
