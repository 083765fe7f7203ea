//! The repeated elements of a page, and which of them are records: one entry each.
//!
//! An element is repeated if a sibling has its name and class. Repeated elements with dates are
//! records unless most of them hold several entries: smaller repeated elements with dates, links
//! below one date, or dates and links in turn. What most siblings are decides for all of them, so
//! that one with two attachments or a second date is no exception. The outermost records count.
//!
//! Guarantees: the work is linear in blocks and lines; no name of a class is known here.
//! Out of scope: entries without an element of their own (`segment`).

use super::{
    super::wording::is_title,
    classes::Kind,
    index::{Dated, HEADING_CHARS_MAX, PageIndex},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};
use url::Url;

/// If dates and links alternate this often in one element, it holds several records.
const PATTERN_REPEATS_MIN: usize = 3;

impl PageIndex<'_> {
    /// Returns the repeated blocks: each has a sibling of the same kind, and all hold links. Where
    /// one of a kind is alone, it is what the others are.
    pub(super) fn find_items(&self) -> Vec<bool> {
        let mut is_item = vec![false; self.page.blocks.len()];
        let mut alone: Vec<usize> = Vec::new();
        let mut known: HashSet<[&str; 4]> = HashSet::new();
        for ((around, tag, class), members) in self.siblings(|_| true) {
            let kind = [tag, class, &self.page.blocks[around].tag, self.class(around)];
            // A row or an item is one by its name, even if it is the only one.
            if members.len() > 1 || matches!(tag, "tr" | "li" | "article") {
                members.into_iter().for_each(|n| is_item[n] = true);
                known.insert(kind);
            } else if !class.is_empty() {
                alone.extend(members);
            }
        }
        for n in alone {
            let around = self.page.blocks[n].around.unwrap_or(0);
            let outer = &self.page.blocks[around];
            let kind = [&*self.page.blocks[n].tag, self.class(n), &outer.tag, self.class(around)];
            is_item[n] = known.contains(&kind);
        }
        is_item
    }

    /// Returns the blocks with links that satisfy a condition, by kind.
    pub(super) fn siblings(&self, holds: impl Fn(usize) -> bool) -> HashMap<Kind<'_>, Vec<usize>> {
        self.blocks_by_kind(|n| !self.links_in(&self.spans[n]).is_empty() && holds(n))
    }

    /// Returns the blocks that satisfy a condition, by kind.
    fn blocks_by_kind(&self, holds: impl Fn(usize) -> bool) -> HashMap<Kind<'_>, Vec<usize>> {
        let mut groups: HashMap<Kind<'_>, Vec<usize>> = HashMap::new();
        for (n, block) in self.page.blocks.iter().enumerate() {
            let Some(around) = block.around else { continue };
            // A cell is part of its row, whatever it contains.
            let is_cell = matches!(&*block.tag, "td" | "th");
            if is_cell || !holds(n) {
                continue;
            }
            groups.entry((around, &block.tag, self.class(n))).or_default().push(n);
        }
        groups
    }

    /// Finds the records. `before` has, for each line, how many dates precede it.
    pub(super) fn find_records(&self, before: &[usize]) -> Items {
        let blocks = self.page.blocks.len();
        let is_dated =
            |block: usize| self.is_item[block] && count_in(before, &self.spans[block]) > 0;
        let inner = self.count_inner(before, &is_dated);
        let mut is_record = vec![false; blocks];
        let mut is_titled = vec![false; blocks];
        let mut is_heading = vec![false; blocks];
        let mut has_dated_sibling = vec![false; blocks];
        let mut holds_list = vec![false; blocks];
        let all = self.siblings(|_| true);
        for (kind, members) in self.siblings(is_dated) {
            let siblings = all.get(&kind).map_or(0, Vec::len);
            members.iter().for_each(|member| has_dated_sibling[*member] = members.len() > 1);
            let labels = self.labels(&members, before);
            labels.iter().for_each(|label| is_heading[*label] = true);
            let members: Vec<usize> =
                members.into_iter().filter(|member| !labels.contains(member)).collect();
            if self.are_titles(&members, siblings) {
                members.into_iter().for_each(|member| is_titled[member] = true);
                continue;
            }
            if self.are_headings(&members, before) {
                members.into_iter().for_each(|member| is_heading[member] = true);
            } else if self.are_records(&members, &inner) {
                // One that only holds others is none, whatever its siblings are.
                let holds_others = |member: usize, holds_list: bool| {
                    let Inner { items, has_own_date, .. } = inner[member];
                    holds_list
                        || !has_own_date && items > 1 && self.count_titles(member) > 1
                        || items == 1
                            && (self.is_shell(member, has_own_date, &is_dated)
                                || self.holds_named_row(member, before))
                };
                for &member in &members {
                    // Few siblings say nothing of a part of the page that holds a list.
                    holds_list[member] =
                        self.turns(member) > members.len().max(PATTERN_REPEATS_MIN);
                    is_record[member] =
                        !holds_others(member, holds_list[member]) && !self.is_group(member);
                }
            }
        }
        // So are dates in remarks between the records.
        let is_remark = |block: usize| {
            count_in(before, &self.spans[block]) > 0 && self.links_in(&self.spans[block]).is_empty()
        };
        for (kind, members) in self.blocks_by_kind(is_remark) {
            if self.are_titles(&members, all.get(&kind).map_or(0, Vec::len)) {
                members.into_iter().for_each(|member| is_titled[member] = true);
            }
        }
        let mut record_of: Vec<Option<usize>> = vec![None; blocks];
        for block in 1..blocks {
            let outer = self.page.blocks[block].around.and_then(|around| record_of[around]);
            record_of[block] = outer.or(is_record[block].then_some(block));
        }
        let dates_before = self.without_titles(before, &is_titled);
        Items { record_of, is_titled, is_heading, has_dated_sibling, holds_list, dates_before }
    }

    /// Returns for each line how many dates precede it, without those in titles.
    fn without_titles(&self, before: &[usize], is_titled: &[bool]) -> Vec<usize> {
        let mut is_title = vec![false; self.page.lines.len()];
        for block in (0..is_titled.len()).filter(|block| is_titled[*block]) {
            is_title[self.spans[block].clone()].fill(true);
        }
        let mut counts = vec![0; before.len()];
        for line in 0..is_title.len() {
            let of_line = if is_title[line] { 0 } else { before[line + 1] - before[line] };
            counts[line + 1] = counts[line] + of_line;
        }
        counts
    }

    /// Returns what is inside each block: the smallest dated items, and whether it has a date
    /// outside of them.
    fn count_inner(&self, before: &[usize], is_dated: &impl Fn(usize) -> bool) -> Vec<Inner> {
        let mut inner = vec![Inner::default(); self.page.blocks.len()];
        // A block comes after the one around it.
        for block in (1..self.page.blocks.len()).rev() {
            let dates = count_in(before, &self.spans[block]);
            let is_dated = is_dated(block);
            inner[block].has_own_date = dates > inner[block].dates;
            let Inner { items, dates: within, .. } = inner[block];
            if let Some(around) = self.page.blocks[block].around {
                inner[around].items += if is_dated { items.max(1) } else { items };
                inner[around].dates += if is_dated { dates } else { within };
            }
        }
        inner
    }

    /// Returns whether dated siblings are records.
    fn are_records(&self, members: &[usize], inner: &[Inner]) -> bool {
        if let [only] = members {
            return inner[*only].items == 0 && !self.is_run(*only);
        }
        let is_container = |member: &&usize| inner[**member].items > 1 || self.is_run(**member);
        let containers = members.iter().filter(is_container);
        let (containers, entries) = containers
            .fold((0, 0), |(count, entries), member| (count + 1, entries + inner[*member].items));
        let records = members.len() - containers;
        containers < records && entries <= 2 * records
    }

    /// Returns whether a block only lies around the dated item in it: all its links with titles are
    /// there, and so is a date that is no word of a link.
    fn is_shell(
        &self,
        block: usize,
        has_own_date: bool,
        is_dated: &impl Fn(usize) -> bool,
    ) -> bool {
        let is_inside = |line: usize| {
            let mut inner = self.ancestors(self.page.lines[line].block);
            inner.by_ref().take_while(|inner| *inner > block).any(is_dated)
        };
        let span = &self.spans[block];
        let mut titles = self.links_in(span).iter().filter(|line| self.has_title(**line));
        let mut dates = self.dates_in(span).iter().filter(|dated| is_inside(dated.line));
        titles.all(|line| is_inside(*line))
            && (!has_own_date || dates.any(|dated| !self.is_in_link(dated)))
    }

    /// Returns whether the first date in a block that is in a row is in one below a head, which names
    /// what the cells of its rows are.
    fn holds_named_row(&self, block: usize, before: &[usize]) -> bool {
        let span = &self.spans[block];
        let is_row = |line: &usize| {
            let row = self.row_of(*line).filter(|row| *row > block);
            count_in(before, &(*line..line + 1)) > 0 && row.is_some()
        };
        let row = span.clone().find(is_row).and_then(|line| self.row_of(line));
        row.is_some_and(|row| self.head_of_row(row).is_some())
    }

    /// Returns the table row around a line.
    fn row_of(&self, line: usize) -> Option<usize> {
        self.ancestors(self.page.lines[line].block)
            .find(|block| self.page.blocks[*block].tag == "tr")
    }

    /// Returns how many lines of a block have links with titles.
    fn count_titles(&self, block: usize) -> usize {
        self.links_in(&self.spans[block]).iter().filter(|line| self.has_title(**line)).count()
    }

    /// Returns whether a date is a part of a link's text.
    fn is_in_link(&self, dated: &Dated) -> bool {
        let mut links = self.page.lines[dated.line].links.iter();
        links.any(|(link, _)| link.start <= dated.range.start && dated.range.end <= link.end)
    }

    /// Returns whether words of the same line come before a date and after it: "stay of 5 May, lifted".
    /// A line that ends in a colon announces what follows.
    fn is_in_sentence(&self, dated: &Dated) -> bool {
        let text = self.page.lines[dated.line].text.trim_end();
        let (before, after) = (text.get(..dated.range.start), text.get(dated.range.end..));
        let has_words =
            |part: Option<&str>| part.is_some_and(|part| part.contains(char::is_alphabetic));
        has_words(before) && has_words(after) && !text.ends_with([':', '：'])
    }

    /// Returns whether the dates of these are words of their titles or texts: few of their siblings
    /// have one.
    fn are_titles(&self, members: &[usize], siblings: usize) -> bool {
        members.len() * 3 < siblings
            && members.iter().all(|member| {
                let mut dates = self.dates_in(&self.spans[*member]).iter();
                dates.all(|dated| self.is_in_link(dated) || self.is_in_sentence(dated))
            })
    }

    /// Returns whether most of these are headings of what follows them: a short dated line, then two
    /// or more undated links with titles.
    fn are_headings(&self, members: &[usize], before: &[usize]) -> bool {
        let is_heading = |(n, member): &(usize, &usize)| {
            let span = &self.spans[**member];
            // Its own siblings are entries beside it.
            let own = self.signature(**member);
            let around = self.page.blocks[**member].around;
            let is_sibling = |line: usize| {
                let mut inner = self.ancestors(self.page.lines[line].block);
                inner.any(|block| {
                    self.page.blocks[block].around == around && self.signature(block) == own
                })
            };
            let dates = self.dates_in(span);
            let dated: usize = dates.iter().map(|dated| dated.range.len()).sum();
            let below = self.titles_below(members, *n, before);
            span.len() == 1
                && self.page.lines[span.start].text.chars().count() <= dated + HEADING_CHARS_MAX
                && below.into_iter().filter(|line| !is_sibling(*line)).count() > 1
        };
        members.iter().enumerate().filter(is_heading).count() * 2 > members.len()
    }

    /// Returns which of these only say when and by whom what follows them is: their links are those
    /// of others too, as authors and categories are, and a title follows. None if these are few.
    fn labels(&self, members: &[usize], before: &[usize]) -> HashSet<usize> {
        if members.len() < PATTERN_REPEATS_MIN {
            return HashSet::new();
        }
        let mut counts: HashMap<&Url, usize> = HashMap::new();
        let urls = |member: usize| {
            let lines = self.links_in(&self.spans[member]).iter();
            let urls = lines.flat_map(|line| &self.page.lines[*line].links).map(|(_, url)| url);
            urls.collect::<HashSet<_>>()
        };
        for member in members {
            urls(*member).into_iter().for_each(|url| *counts.entry(url).or_default() += 1);
        }
        let is_label = |member: usize| {
            let titles = self.links_in(&self.spans[member]).iter();
            let mut titles = titles.filter(|line| self.has_title(**line));
            let is_shared = |(_, url): &(Range<usize>, Url)| counts[url] > 1;
            urls(member).into_iter().any(|url| counts[url] * 2 > members.len())
                && titles.all(|line| self.page.lines[*line].links.iter().all(is_shared))
        };
        let labels: HashSet<usize> = members.iter().copied().filter(|n| is_label(*n)).collect();
        let leads = |n: &usize| {
            labels.contains(&members[*n]) && !self.titles_below(members, *n, before).is_empty()
        };
        let leading = (0..members.len()).filter(leads).count();
        if leading * 2 > members.len() { labels } else { HashSet::new() }
    }

    /// Returns the lines with titles between one of these and the next, if no date is there.
    fn titles_below(&self, members: &[usize], n: usize, before: &[usize]) -> Vec<usize> {
        let span = &self.spans[members[n]];
        let next = members.get(n + 1).map_or(usize::MAX, |next| self.spans[*next].start);
        let around = self.page.blocks[members[n]].around.unwrap_or(0);
        let end = next.min(self.spans[around].end);
        let rest = span.end..end.max(span.end);
        if count_in(before, &rest) > 0 {
            return Vec::new();
        }
        self.links_in(&rest).iter().copied().filter(|line| self.has_title(*line)).collect()
    }

    /// Returns whether dates and links alternate in a block, so that it holds several records: often,
    /// or in each of its lines with links of the same name.
    pub(super) fn is_run(&self, block: usize) -> bool {
        self.is_run_of_lines(block) || self.turns(block) >= PATTERN_REPEATS_MIN
    }

    /// Returns how often a link and then a date follow in a block.
    fn turns(&self, block: usize) -> usize {
        let mut turns = 0;
        let mut had_link = true;
        for line in self.spans[block].clone() {
            let has_date = self.dates_before[line] < self.dates_before[line + 1];
            if has_date && had_link {
                turns += 1;
                had_link = false;
            }
            had_link |= !self.page.lines[line].links.is_empty();
        }
        turns
    }

    /// Returns whether each line of a block is a text with a date and one link, of the same name in all.
    fn is_run_of_lines(&self, block: usize) -> bool {
        let name = |line: usize| match &self.page.lines[line].links[..] {
            [(range, _)] => {
                let text = &self.page.lines[line].text;
                let has_date = self.dates_before[line] < self.dates_before[line + 1];
                let is_part = range.len() * 2 < text.len();
                Some(&text[range.clone()]).filter(|name| has_date && is_part && !name.is_empty())
            }
            _ => None,
        };
        let span = self.spans[block].clone();
        let first = span.clone().next().and_then(name);
        span.len() > 1 && first.is_some() && span.into_iter().all(|line| name(line) == first)
    }

    /// Returns whether a dated block holds several entries below one date: smaller repeated blocks,
    /// each with a text of a title's length and another address. It has no title of its own before
    /// them, and its date comes first.
    fn is_group(&self, block: usize) -> bool {
        let span = &self.spans[block];
        let mut first = None;
        let mut addresses: HashSet<&Url> = HashSet::new();
        for &line in self.links_in(span) {
            if let Some(item) = self.smallest_item(line, block)
                && !self.has_standalone_date(&self.spans[item])
                && self.page.lines[self.spans[item].clone()].iter().any(|line| is_title(&line.text))
                && let Some(address) = self.own_link(line)
            {
                first = first.or(Some(self.spans[item].start));
                addresses.insert(address);
            }
        }
        let Some(first) = first.filter(|_| addresses.len() > 1) else { return false };
        let head = span.start..first;
        let is_title = |line: &&usize| self.dates_in(&(**line..**line + 1)).is_empty();
        self.has_standalone_date(&head) && !self.links_in(&head).iter().any(|line| is_title(&line))
    }

    /// Returns the first link of a line that is not all over the page, as those of authors and
    /// categories are.
    pub(super) fn own_link(&self, line: usize) -> Option<&Url> {
        let mut urls = self.page.lines[line].links.iter().map(|(_, url)| url);
        urls.find(|url| !self.shared_links.contains(url))
    }

    /// Returns whether a line has a link of a title's length.
    pub(super) fn has_title(&self, line: usize) -> bool {
        let line = &self.page.lines[line];
        line.links.iter().any(|(range, _)| is_title(&line.text[range.clone()]))
    }
}

/// What the repeated elements of a page are.
pub(super) struct Items {
    /// For each block, the outermost record that it is or lies in.
    pub(super) record_of: Vec<Option<usize>>,
    /// Whether the dates of a block are words of its title.
    pub(super) is_titled: Vec<bool>,
    /// For each line, how many dates precede it that are no words of titles.
    pub(super) dates_before: Vec<usize>,
    /// Whether a block with dates has a sibling of its kind with dates.
    pub(super) has_dated_sibling: Vec<bool>,
    /// Whether a block holds more dated entries than it has siblings.
    pub(super) holds_list: Vec<bool>,
    /// Whether a block is a dated heading, whatever it links to.
    pub(super) is_heading: Vec<bool>,
}

/// What is inside a block.
#[derive(Clone, Copy, Default)]
struct Inner {
    /// The smallest items with dates.
    items: usize,
    /// The dates in items.
    dates: usize,
    /// Whether it has a date outside of them.
    has_own_date: bool,
}

/// Returns how many dates are in a span.
fn count_in(before: &[usize], span: &Range<usize>) -> usize {
    if span.start >= span.end { 0 } else { before[span.end] - before[span.start] }
}
