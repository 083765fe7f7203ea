//! Derives page rules from a page: the selectors, language and date order with which the same entries
//! are found, and how certain that order is.
//!
//! Guarantees: each setting was tried and finds the same entries.

use super::{
    date_order::{self, OrderCertainty},
    document::Document,
    list::choose,
    prepared::{Content, Prepared},
    read::read,
};
use crate::domain::{Candidate, DateOrder, DocumentKind, Extraction, PageRules};
use chrono::{Datelike, NaiveDate};

/// The largest document from which rules are derived, in bytes: each rule is tried by another extraction.
const DERIVED_BYTES_MAX: usize = 1024 * 1024;

/// Derives the page rules of a document, starting from those that are configured. A date order is
/// among them only if no other order finds the same days.
pub fn derive(document: &Document<'_>) -> PageRules {
    let prepared = Prepared::new(document);
    let Content::Lines(DocumentKind::Html, page) = &prepared.content else {
        return document.page_rules.clone();
    };
    let mut rules = document.page_rules.clone();
    if prepared.source.len() > DERIVED_BYTES_MAX {
        return rules;
    }
    let found = read(document).entries;
    let finds_same =
        |rules: &PageRules| read(&Document { page_rules: rules, ..*document }).entries == found;
    let lang = Some(page.lang.clone()).filter(|lang| !lang.is_empty() && rules.lang.is_none());
    let with_lang = PageRules { lang, ..rules.clone() };
    if with_lang.lang.is_some() && finds_same(&with_lang) {
        rules = with_lang;
    }
    if rules.date_order.is_none() {
        rules.date_order = derive_date_order(&rules, finds_same);
    }
    let lists = choose::explain(page, document);
    // A list of lines has no elements, but the same entries may be elements as well.
    for selector in lists.iter().take(2).flat_map(|list| &list.selectors) {
        let with_entry = PageRules { entry: Some(selector.clone()), ..rules.clone() };
        if finds_same(&with_entry) {
            return with_entry;
        }
    }
    rules
}

/// Returns the only date order with which the same entries are found; `None` if several find them, or
/// none does.
fn derive_date_order(
    rules: &PageRules,
    finds_same: impl Fn(&PageRules) -> bool,
) -> Option<DateOrder> {
    let with = |order| PageRules { date_order: Some(order), ..rules.clone() };
    let mut same = DateOrder::ALL.iter().copied().filter(|order| finds_same(&with(*order)));
    let only = same.next()?;
    same.next().is_none().then_some(only)
}

/// Returns how certain the order of the days of an extraction of a document is; `None` without days,
/// for a feed, and for a document that is too large to be read once more.
pub fn order_certainty(document: &Document<'_>, extraction: &Extraction) -> Option<OrderCertainty> {
    let days = |entries: &[Candidate]| -> Vec<Option<NaiveDate>> {
        entries.iter().map(|entry| entry.date_on).collect()
    };
    let found = days(&extraction.entries);
    let is_small = document.bytes.len() <= DERIVED_BYTES_MAX;
    if !is_small || extraction.kind.is_feed() || found.iter().all(Option::is_none) {
        return None;
    }
    let rules = document.page_rules;
    let with = |order| {
        let rules = PageRules { date_order: Some(order), ..rules.clone() };
        days(&read(&Document { page_rules: &rules, ..*document }).entries)
    };
    let others = [DateOrder::DayFirst, DateOrder::MonthFirst].map(with);
    let is_plain = rules.date_order.is_some() || rules.date_format.is_some();
    // A day that is the same in each order, though others are not, and that is no month.
    let is_shown = |n: usize, on: &Option<NaiveDate>| {
        on.is_some_and(|on| on.day() > 12) && others.iter().all(|days| days.get(n) == Some(on))
    };
    let is_proved = is_plain
        || others.iter().all(|days| *days == found)
        || others.iter().any(|days| days.len() != found.len())
        || found.iter().enumerate().any(|(n, on)| is_shown(n, on));
    Some(match Prepared::new(document).content {
        _ if is_proved => OrderCertainty::Proved,
        Content::Lines(_, page) => date_order::of_page(&page, document).certainty,
        Content::Feed => OrderCertainty::Guessed,
    })
}
