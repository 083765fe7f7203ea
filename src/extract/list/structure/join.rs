//! Completes the best list of a page: sections that go on with it, the newest entry set apart above
//! it, and rows without a day or a link.
//!
//! Guarantees: what is added has the shape of the list, other links, and days that continue it.
//! Out of scope: which list is the best (`score`).

use super::{
    index::{HEADING_CHARS_MAX, PageIndex},
    score::List,
    segment::Record,
};
use crate::extract::layout::Line;
use chrono::NaiveDate;
use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};
use url::Url;

/// Lines of a record that make its shape.
const SHAPE_LINES: usize = 6;
/// The most lines between two parts of a list.
const BETWEEN_LINES_MAX: usize = 3;
/// The most lines between the newest entry, set apart, and the list.
const APART_LINES_MAX: usize = 12;

/// A list with its records.
pub(super) type Found<'r> = (List, Vec<&'r Record>);

impl PageIndex<'_> {
    /// Adds to the first list what belongs to it of the others, and removes it from them.
    pub(super) fn join<'r>(&self, lists: Vec<Found<'r>>) -> Vec<Found<'r>> {
        let mut lists = lists.into_iter();
        let Some((best, mut records)) = lists.next() else { return Vec::new() };
        let mut whole = Extent::of(&best);
        let shape = self.shape_of(&records);
        let count = records.len();
        let mut others: Vec<Found<'r>> = Vec::new();
        for (list, of_list) in lists {
            let extent = Extent::of(&list);
            let is_part = !whole.links.is_empty()
                && whole.links.is_disjoint(&extent.links)
                && !self.is_aside(&of_list)
                && (of_list.len() > 1
                    && self.shape_of(&of_list) == shape
                    && whole.goes_on(&extent)
                    && self.is_next_to(&records, &of_list)
                    || self.is_newest_apart(&whole, &records, &extent, &of_list));
            if is_part {
                whole.add(extent);
                records.extend(of_list);
            } else {
                others.push((list, of_list));
            }
        }
        let joined = if records.len() == count {
            (best, records)
        } else {
            records.sort_by_key(|record| record.lines.start);
            let apart = best.features.apart;
            let mut joined = self.list(&records);
            joined.features.apart = apart;
            (joined, records)
        };
        std::iter::once(joined).chain(others).collect()
    }

    /// Returns whether nothing is between two lists but a heading with a number: a year, a month.
    fn is_next_to(&self, one: &[&Record], other: &[&Record]) -> bool {
        let extent = |records: &[&Record]| {
            let start = records.iter().map(|record| record.from).min().unwrap_or_default();
            start..records.iter().map(|record| record.lines.end).max().unwrap_or_default()
        };
        let (one, other) = (extent(one), extent(other));
        let between = one.end.min(other.end)..one.start.max(other.start);
        let is_heading = |line: &Line| {
            line.links.is_empty()
                && line.text.chars().count() <= HEADING_CHARS_MAX
                && line.text.contains(char::is_numeric)
        };
        between.len() <= BETWEEN_LINES_MAX && self.page.lines[between].iter().all(is_heading)
    }

    fn is_aside(&self, records: &[&Record]) -> bool {
        records.iter().any(|record| self.page.blocks[record.block].is_aside)
    }

    /// Returns the shape that most records of a list have: the elements of their lines, and which
    /// of them have links and dates.
    fn shape_of(&self, records: &[&Record]) -> String {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for record in records {
            let shape = self.shape(record.lines.clone(), record.block);
            *counts.entry(shape).or_default() += 1;
        }
        counts.into_iter().max_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0))).unwrap_or_default().0
    }

    fn shape(&self, lines: Range<usize>, block: usize) -> String {
        let mut shape = String::new();
        for n in lines.take(SHAPE_LINES) {
            let line = &self.page.lines[n];
            for inner in self.ancestors(line.block).take_while(|inner| *inner > block) {
                shape.push_str(&self.page.blocks[inner].tag);
                shape.push('<');
            }
            shape.push_str(if line.links.is_empty() { "" } else { "link" });
            shape.push_str(if line.is_all_links() { "" } else { " text" });
            shape.push_str(if self.dates_in(&(n..n + 1)).is_empty() { ";" } else { " date;" });
        }
        shape
    }

    /// Returns whether a list is the newest entry of another one, set apart right above it: its
    /// link is of the same folder, and no entry is newer.
    fn is_newest_apart(
        &self,
        whole: &Extent,
        records: &[&Record],
        extent: &Extent,
        of_list: &[&Record],
    ) -> bool {
        let ([only], Some(first)) = (of_list, records.first()) else { return false };
        let is_above =
            only.lines.end <= first.from && first.from - only.lines.end <= APART_LINES_MAX;
        // Of one list: the links of the whole one are looked at last.
        is_above
            && whole.days.is_some()
            && extent.oldest_on() >= whole.newest_on()
            && extent.links.first().is_some_and(|link| whole.has_most_in_folder_of(link))
    }

    /// Returns the siblings of the records of a list that have its shape and a title with a link, but
    /// no day that can be read.
    pub(super) fn undated(&self, records: &[&Record]) -> Vec<Record> {
        let starts: BTreeSet<usize> = records.iter().map(|record| record.block).collect();
        let outline = |shape: &str| shape.replace(" date", "");
        let shape = outline(&self.shape_of(records));
        let is_undated = |block: &usize| {
            let span = &self.spans[*block];
            !starts.contains(block)
                && !self.page.blocks[*block].is_navigation
                && self.dates_in(span).is_empty()
                && self.links_in(span).iter().any(|line| self.has_title(*line))
                && outline(&self.shape(span.clone(), *block)) == shape
        };
        let mut undated = self.siblings_of(records, is_undated);
        undated.iter_mut().for_each(|record| record.is_undated = true);
        undated
    }
}

/// The days and links of a list.
struct Extent {
    days: Option<(NaiveDate, NaiveDate)>,
    links: BTreeSet<Url>,
}

impl Extent {
    fn of(list: &List) -> Self {
        let days = || list.entries.iter().filter_map(|entry| entry.date_on);
        Extent {
            days: days().min().zip(days().max()),
            links: list.entries.iter().filter_map(|entry| entry.link.clone()).collect(),
        }
    }

    fn oldest_on(&self) -> Option<NaiveDate> {
        self.days.map(|(oldest, _)| oldest)
    }

    fn newest_on(&self) -> Option<NaiveDate> {
        self.days.map(|(_, newest)| newest)
    }

    /// Returns whether the days of another list are all before or all after these.
    fn goes_on(&self, other: &Extent) -> bool {
        let (Some((oldest, newest)), Some((other_oldest, other_newest))) = (self.days, other.days)
        else {
            return false;
        };
        other_newest <= oldest || newest <= other_oldest
    }

    /// Returns whether most links lead to folders like the one of an address, but for numbers: a
    /// folder may be that of a year.
    fn has_most_in_folder_of(&self, link: &Url) -> bool {
        let own = folder(link);
        let alike = |other: &&Url| folder(other) == own;
        self.links.iter().filter(alike).count() * 2 > self.links.len()
    }

    fn add(&mut self, other: Extent) {
        self.days = match (self.days, other.days) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.links.extend(other.links);
    }
}

/// Returns the address up to the last segment of its path, without numbers.
fn folder(link: &Url) -> Option<String> {
    let path = link.path().trim_end_matches('/');
    let end = path.rfind('/').filter(|end| *end > 0)?;
    let folder = path[..end].chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    Some(format!("{}{folder}", link.host_str().unwrap_or_default()))
}
