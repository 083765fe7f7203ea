//! Chooses the list of statements among the candidate lists of a page.
//!
//! Guarantees: the choice can be explained (`communique check --explain`).
//! Out of scope: how lists are found (`dated_lines`, `structure`, `embedded_data`).

use super::{
    dated_lines, embedded_data,
    features::Features,
    structure::{self, List},
};
use crate::domain::{Candidate, DateOrder, PageRules};
use crate::extract::{
    date::{self, Style},
    document::Document,
    layout::{Line, Page},
    page::info,
};

/// A list that was found, whether or not it was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateList {
    /// Its layout: the elements, innermost first, or the form of its lines.
    pub how: String,
    /// Its entries.
    pub entries: Vec<Candidate>,
    /// How much it resembles a list of statements.
    pub features: Features,
    /// The line of the page on which it begins.
    pub(crate) first_line: usize,
    /// Selectors that may match its entries.
    pub(crate) selectors: Vec<String>,
    /// Whether it is the chosen list.
    pub is_chosen: bool,
}

/// Returns the entries of the chosen list, and the line on which they begin.
pub(crate) fn entries(page: &Page, document: &Document<'_>) -> (Vec<Candidate>, usize) {
    let chosen = explain(page, document).into_iter().find(|seen| seen.is_chosen);
    chosen.map_or((Vec::new(), page.lines.len()), |seen| (seen.entries, seen.first_line))
}

/// Returns all lists of a page, the best first.
pub(crate) fn explain(page: &Page, document: &Document<'_>) -> Vec<CandidateList> {
    let style = style(page, document);
    let rules = document.page_rules;
    let mut shown: Vec<CandidateList> =
        structure::find(page, style).into_iter().map(CandidateList::from).collect();
    if !page.has_entry_rule {
        let (entries, first_line) = dated_lines::find(page, style);
        shown.extend((!entries.is_empty()).then(|| CandidateList {
            how: "lines DATE - TITLE".to_owned(),
            features: Features::of(&entries),
            entries,
            first_line,
            selectors: Vec::new(),
            is_chosen: false,
        }));
    }
    sort(&mut shown);
    let mut of_scripts: Vec<CandidateList> = embedded_data::find(page, document, style)
        .into_iter()
        .map(|list| CandidateList {
            how: format!("data of a script: {}", list.path),
            features: list.features,
            entries: list.entries,
            first_line: page.lines.len(),
            selectors: Vec::new(),
            is_chosen: false,
        })
        .collect();
    sort(&mut of_scripts);
    let is_long = |list: &&CandidateList| list.entries.len() >= rules.entries_min;
    let entries = |list: &CandidateList| list.entries.len();
    let count = shown.iter().find(is_long).map_or(0, entries);
    // The data count where the page itself shows fewer than half as many entries, and no selector
    // says where these are.
    let is_filled_in = !page.has_entry_rule
        && rules.within.is_none()
        && of_scripts.iter().find(is_long).is_some_and(|list| count * 2 < list.entries.len());
    let mut all = match is_filled_in {
        true => [of_scripts, shown].concat(),
        false => [shown, of_scripts].concat(),
    };
    if let Some(chosen) = all.iter().position(|list| is_long(&list)) {
        all[chosen].is_chosen = true;
        all[..=chosen].rotate_right(1);
    }
    all
}

/// Sorts lists, the best first.
fn sort(lists: &mut [CandidateList]) {
    lists.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
}

impl From<List> for CandidateList {
    fn from(list: List) -> Self {
        CandidateList {
            how: list.how,
            entries: list.entries,
            features: list.features,
            first_line: list.first_line,
            selectors: list.selectors,
            is_chosen: false,
        }
    }
}

/// Returns how the page prints its dates: as configured, else as the page shows.
pub(crate) fn style<'a>(page: &'a Page, document: &Document<'a>) -> Style<'a> {
    let order_rule = document.page_rules.date_order;
    let now = document.now.with_timezone(&document.zone).naive_local();
    let mut style = Style {
        order: order_rule.unwrap_or_else(|| order(page, document.page_rules)),
        is_order_configured: order_rule.is_some(),
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

/// Returns whether numeric dates of the page begin with the day or the month: as its numbers show,
/// else as its written dates do, else as is usual where it is from.
fn order(page: &Page, rules: &PageRules) -> DateOrder {
    let texts = page.lines.iter().map(|line| line.text.as_str());
    date::order_of(texts).unwrap_or_else(|| usual_order(page, rules))
}

/// Returns the usual order. The United States print the month first, nearly all other countries the
/// day.
fn usual_order(page: &Page, rules: &PageRules) -> DateOrder {
    let is_english_american = |lang: &str| lang.eq_ignore_ascii_case("en-us");
    if let Some(lang) = &rules.lang {
        return if is_english_american(lang) { DateOrder::MonthFirst } else { DateOrder::DayFirst };
    }
    let is_american = is_english_american(&page.lang) || has_american_links(page);
    if is_american { DateOrder::MonthFirst } else { DateOrder::DayFirst }
}

/// Returns whether most links of a page lead to hosts of the United States.
fn has_american_links(page: &Page) -> bool {
    let (mut american, mut all) = (0, 0);
    for (_, link) in page.lines.iter().flat_map(|line| &line.links) {
        let host = link.host_str().unwrap_or_default();
        all += 1;
        american += usize::from([".gov", ".mil", ".us"].iter().any(|end| host.ends_with(end)));
    }
    american * 2 > all
}

/// Returns whether something shows where a page is from: its links, or a language. English is written
/// where the day comes first and where the month does.
pub(crate) fn is_origin_known(page: &Page, rules: &PageRules) -> bool {
    let lang = rules.lang.as_deref().unwrap_or(&page.lang);
    let is_of_one_country = !lang.is_empty() && !lang.eq_ignore_ascii_case("en");
    is_of_one_country || has_american_links(page)
}
