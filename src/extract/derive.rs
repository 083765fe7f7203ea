//! Derives page rules from a page: the selectors, language and date order with which the same entries
//! are found.
//!
//! Guarantees: each setting was tried and finds the same entries.

use super::{
    document::Document,
    list::choose,
    prepared::{Content, Prepared},
    read::read,
};
use crate::domain::{DateOrder, DocumentKind, PageRules};

/// The largest document from which rules are derived, in bytes: each rule is tried by another extraction.
const DERIVED_BYTES_MAX: usize = 1024 * 1024;

/// Derives the page rules of a document, starting from those that are configured. A date order is
/// among them only where another order would find other days.
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

/// Returns the only date order with which the same entries are found; `None` if it makes no
/// difference.
fn derive_date_order(
    rules: &PageRules,
    finds_same: impl Fn(&PageRules) -> bool,
) -> Option<DateOrder> {
    let with = |order| PageRules { date_order: Some(order), ..rules.clone() };
    // A year of four digits is known by itself, whatever the order.
    let orders = [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::YearFirst];
    match orders.map(|order| finds_same(&with(order))) {
        [true, false, _] => Some(DateOrder::DayFirst),
        [false, true, _] => Some(DateOrder::MonthFirst),
        [false, false, true] => Some(DateOrder::YearFirst),
        [true, true, _] | [false, false, false] => None,
    }
}
