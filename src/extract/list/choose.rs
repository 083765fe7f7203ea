//! Chooses the list of statements among the candidate lists of a page.
//!
//! Guarantees: the choice can be explained (`communique check --explain`).
//! Out of scope: how lists are found (`dated_lines`, `structure`, `embedded_data`).

use super::{
    dated_lines,
    embedded_data::{self, DataList},
    features::Features,
    structure::{self, List},
};
use crate::domain::Candidate;
use crate::extract::{
    date::Style,
    date_order::{self, Decision},
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
    let is_given = rules.date_order.is_some() || rules.date_format.is_some();
    let days = entries.iter_mut().map(|entry| &mut entry.date_on);
    let note = if is_given { None } else { decided.settle(days) };
    Chosen { entries, first_line, note }
}

/// Returns all lists of a page, the best first.
pub(crate) fn explain(page: &Page, document: &Document<'_>) -> Vec<CandidateList> {
    let decided = date_order::of_page(page, document);
    lists(page, document, style(page, document, &decided))
}

fn lists<'a>(page: &'a Page, document: &Document<'a>, style: Style<'a>) -> Vec<CandidateList> {
    let rules = document.page_rules;
    let mut shown: Vec<CandidateList> =
        structure::find(page, style).into_iter().map(CandidateList::from).collect();
    if !page.has_entry_rule {
        let (entries, first_line) = dated_lines::find(page, style);
        // Lines of several lists are none.
        let longest = shown.iter().map(|list| list.entries.len()).max();
        let is_one = longest.is_none_or(|longest| entries.len() * 8 <= longest * 10);
        if !entries.is_empty() && is_one {
            let how = "lines DATE - TITLE".to_owned();
            let features = Features::of(&entries);
            let list = List { how, entries, features, first_line, selectors: Vec::new() };
            shown.push(list.into());
        }
    }
    shown.sort_by(|a, b| b.features.score().total_cmp(&a.features.score()));
    let of_script = |list: DataList| {
        let DataList { path, entries, features } = list;
        let how = format!("data of a script: {path}");
        List { how, entries, features, first_line: page.lines.len(), selectors: Vec::new() }.into()
    };
    let of_scripts: Vec<CandidateList> =
        embedded_data::find(page, document, style).into_iter().map(of_script).collect();
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
fn style<'a>(page: &'a Page, document: &Document<'a>, decided: &Decision) -> Style<'a> {
    let order_rule = document.page_rules.date_order;
    let now = document.now.with_timezone(&document.zone).naive_local();
    let mut style = Style {
        order: order_rule.unwrap_or(decided.order),
        is_order_configured: order_rule.is_some(),
        is_order_guessed: order_rule.is_none() && decided.is_guessed(),
        is_dotted_month_first: decided.is_dotted_month_first,
        format: document.page_rules.date_format.as_deref(),
        now: Some(now),
        lang: document.page_rules.lang.as_deref().or(Some(page.lang.as_str())),
    };
    // On a cached page "yesterday" is relative to its own day, at an unknown hour.
    let is_relative = |line: &Line| structure::relative(line, style).is_some();
    let has_day = info::find(page, page.lines.len()).page_date.is_some_and(|on| on != now.date());
    if has_day
        && let Some(first) = page.lines.iter().position(is_relative)
        && let Some(on) = info::find(page, first).page_date
        && on != now.date()
    {
        style.now = on.and_hms_opt(12, 0, 0);
    }
    style
}
