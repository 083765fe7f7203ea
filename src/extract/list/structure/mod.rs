//! The dated list of a page whose entries are records: rows of a table, items of a list, boxes, or
//! runs of lines below a date.
//!
//! A record is found from its links upwards: the smallest repeated element around a link that
//! contains a date. Where there is none, the nearest dates around are headings and date what
//! follows them, or what precedes them where the page is laid out so. Of all lists found this way
//! the best is the one most like a list of statements: many entries, with text, in the order of
//! their days.
//!
//! Guarantees: no name of a site, class or identifier is known here.

mod classes;
mod columns;
mod date_column;
mod fields;
mod index;
mod items;
mod join;
mod leads;
mod score;
mod segment;
mod short_dates;
mod texts;
mod yearless;

pub(crate) use self::{index::relative, score::List};
use self::{
    index::{Days, PageIndex},
    segment::{RECORDS_MAX, Record},
};
use crate::{
    domain::Candidate,
    extract::{date::Style, layout::Page},
};
use std::collections::BTreeMap;

/// Finds the lists of a page, the best first.
pub(crate) fn find(page: &Page, style: Style<'_>) -> Vec<List> {
    if page.has_entry_rule {
        let index = PageIndex::new(page, style, Days::OfMachines);
        let records = index.records_by_rule();
        let list = index.list(&records.iter().collect::<Vec<_>>());
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

fn find_by(page: &Page, style: Style<'_>, days: Days) -> Vec<List> {
    let index = PageIndex::new(page, style, days);
    let records = index.records();
    let mut kinds: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &records {
        let of_kind = kinds.entry(&record.kind).or_default();
        if of_kind.len() < RECORDS_MAX {
            of_kind.push(record);
        }
    }
    let lists = kinds.into_values().map(|records| {
        let records = index.without_events(records);
        (index.list(&records), records)
    });
    let mut lists: Vec<(List, Vec<&Record>)> =
        lists.filter(|(list, _)| !list.entries.is_empty()).collect();
    index.mark_holders(&mut lists);
    lists.sort_by(|a, b| b.0.features.score().total_cmp(&a.0.features.score()));
    let mut lists = index.join(lists);
    if let Some((best, found)) = lists.first_mut() {
        // Rows without a link are entries too, and so are rows without a day. If many are such, they
        // are a different kind, for example announcements of future documents.
        let linkless = index.linkless(found);
        let undated = index.undated(found);
        let few = |added: &[Record], share: usize| added.len() * share <= found.len();
        let linkless = linkless.iter().filter(|_| few(&linkless, 5));
        let undated = undated.iter().filter(|_| few(&undated, 1));
        let mut all: Vec<&Record> = found.iter().copied().chain(linkless).chain(undated).collect();
        if all.len() > found.len() {
            all.sort_by_key(|record| record.lines.start);
            let apart = best.features.apart;
            *best = index.list(&all);
            best.features.apart = apart;
        }
    }
    lists.into_iter().map(|(list, _)| list).collect()
}
