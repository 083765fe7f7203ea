//! Chooses the list of statements among the candidate lists of a page.
//!
//! Guarantees: the choice can be explained (`communique check --explain`).
//! Out of scope: how lists are found (`dated_lines`, `structure`, `embedded_data`).

use super::{dated_lines, embedded_data, structure};
use crate::domain::Candidate;
use crate::extract::{
    date::{self, Style},
    date_order::{self, Decision},
    document::Document,
    layout::{Line, Page},
    page::info,
};
use std::collections::BTreeSet;

/// Characters of a title that count when lists are compared.
const TITLE_CHARS_COMPARED: usize = 120;

/// A list that was found, whether or not it was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateList {
    /// Its layout: the elements, innermost first, or the form of its lines.
    pub how: String,
    /// Its entries.
    pub entries: Vec<Candidate>,
    /// How much it resembles a list of statements; lists of lines have no score.
    pub score: Option<f64>,
    /// The line of the page on which it begins.
    pub(crate) first_line: usize,
    /// Selectors that may match its entries.
    pub(crate) selectors: Vec<String>,
    /// Whether it is the chosen list.
    pub is_chosen: bool,
}

/// The entries of the chosen list.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub entries: Vec<Candidate>,
    /// The line on which they begin.
    pub first_line: usize,
    /// What the operator has to know of their days.
    pub note: Option<String>,
}

/// Returns the entries of the chosen list. Those whose day the page contradicts have none.
pub(crate) fn entries(page: &Page, document: &Document<'_>) -> Chosen {
    let decided = date_order::of_page(page, document);
    let lists = lists(page, document, style(page, document, &decided));
    let chosen = lists.into_iter().find(|seen| seen.is_chosen);
    let (mut entries, first_line) =
        chosen.map_or((Vec::new(), page.lines.len()), |seen| (seen.entries, seen.first_line));
    let rules = document.page_rules;
    let is_told = rules.date_order.is_some() || rules.date_format.is_some();
    let note = (!is_told).then(|| decided.settle(&mut entries)).flatten();
    Chosen { entries, first_line, note }
}

/// Returns all lists of a page, the best first.
pub(crate) fn explain(page: &Page, document: &Document<'_>) -> Vec<CandidateList> {
    let decided = date_order::of_page(page, document);
    lists(page, document, style(page, document, &decided))
}

fn lists<'a>(page: &'a Page, document: &Document<'a>, style: Style<'a>) -> Vec<CandidateList> {
    let is_long = |entries: usize| entries >= document.page_rules.entries_min;
    let (lines, first_line) = match page.has_entry_rule {
        true => (Vec::new(), page.lines.len()),
        false => dated_lines::find(page, style),
    };
    let mut records = structure::find(page, style);
    records.sort_by_key(|list| !is_long(list.entries.len()));
    let best = records.first().map_or(&[][..], |list| &list.entries);
    // "DATE – TITLE" is explicit. Where most of the list has this form, the structure is not needed,
    // unless the lines belong to several lists.
    // A line "DATE CATEGORY" below a title has this form too: its link is one of few, its text short.
    let linked = |entries: &[Candidate]| {
        entries.iter().filter_map(|entry| entry.link.as_ref()).collect::<BTreeSet<_>>().len()
    };
    let letters = |entries: &[Candidate]| -> usize {
        entries.iter().map(|entry| entry.title.chars().take(TITLE_CHARS_COMPARED).count()).sum()
    };
    let is_enough = |a: usize, b: usize| a * 10 >= b * 8;
    let is_one = best.is_empty() || is_enough(best.len(), lines.len());
    let is_by_lines = !lines.is_empty()
        && is_long(lines.len())
        && is_one
        && is_enough(lines.len(), best.len())
        && is_enough(linked(&lines), linked(best))
        && is_enough(letters(&lines) * best.len(), letters(best) * lines.len());
    let by_structure = records.into_iter().enumerate().map(|(n, list)| CandidateList {
        is_chosen: n == 0 && !is_by_lines && is_long(list.entries.len()),
        how: list.how,
        entries: list.entries,
        score: Some(list.score),
        first_line: list.first_line,
        selectors: list.selectors,
    });
    let how = "lines DATE - TITLE".to_owned();
    let by_lines = CandidateList {
        how,
        entries: lines,
        score: None,
        first_line,
        selectors: Vec::new(),
        is_chosen: is_by_lines,
    };
    let by_lines = Some(by_lines).filter(|seen| !seen.entries.is_empty());
    let mut all: Vec<CandidateList> = by_lines.into_iter().chain(by_structure).collect();
    add_embedded(&mut all, page, document, style);
    all.sort_by_key(|seen| !seen.is_chosen);
    all
}

/// Adds the lists in the data of scripts. The best one is chosen where the page itself shows fewer
/// than half as many entries, and no selector says where these are.
fn add_embedded(
    all: &mut Vec<CandidateList>,
    page: &Page,
    document: &Document<'_>,
    style: Style<'_>,
) {
    let rules = document.page_rules;
    let shown = all.iter().find(|seen| seen.is_chosen).map_or(0, |seen| seen.entries.len());
    let is_better = |entries: usize| shown * 2 < entries && entries >= rules.entries_min;
    let may_be_chosen = !page.has_entry_rule && rules.within.is_none();
    for (n, list) in embedded_data::find(page, document, style).into_iter().enumerate() {
        let is_chosen = n == 0 && may_be_chosen && is_better(list.entries.len());
        if is_chosen {
            all.iter_mut().for_each(|seen| seen.is_chosen = false);
        }
        all.push(CandidateList {
            how: format!("data of a script: {}", list.path),
            entries: list.entries,
            score: Some(list.score),
            first_line: page.lines.len(),
            selectors: Vec::new(),
            is_chosen,
        });
    }
}

/// Returns how the page prints its dates: as configured, else as the page shows.
fn style<'a>(page: &'a Page, document: &Document<'a>, decided: &Decision) -> Style<'a> {
    let order_rule = document.page_rules.date_order;
    let now = document.now.with_timezone(&document.zone).naive_local();
    let mut style = Style {
        order: order_rule.unwrap_or(decided.order),
        is_order_configured: order_rule.is_some(),
        is_dotted_month_first: decided.is_dotted_month_first,
        format: document.page_rules.date_format.as_deref(),
        now: Some(now),
        lang: document.page_rules.lang.as_deref().or(Some(page.lang.as_str())),
    };
    // On a cached page "yesterday" is relative to its own day, at an unknown hour.
    let is_relative = |line: &Line| date::relative(&line.text, style).is_some();
    if let Some(first) = page.lines.iter().position(is_relative)
        && let Some(on) = info::find(page, first).page_date
        && on != now.date()
    {
        style.now = on.and_hms_opt(12, 0, 0);
    }
    style
}
