//! The selectors of page rules that match nothing on a page, and what would be found without them.
//!
//! Out of scope: selectors that are invalid (`selectors`).

use super::{
    document::Document,
    html,
    read::read,
    selectors::named,
    sniff::{Shape, sniff},
};
use crate::domain::{Candidate, PageRules};
use scraper::Selector;

/// A selector that matches nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct UnmatchedRule {
    /// Its key in `[source.page]`.
    pub key: &'static str,
    /// The selector.
    pub selector: String,
    /// The entries that are found without it.
    pub without: Vec<Candidate>,
}

/// Returns the selectors of the page rules of a document that match nothing. Those of the parts of an
/// entry match if they do so in any entry.
pub fn unmatched(document: &Document<'_>) -> Vec<UnmatchedRule> {
    let rules = document.page_rules;
    if named(rules).iter().all(|(_, text)| text.is_none()) {
        return Vec::new();
    }
    let source = document.text();
    if !matches!(sniff(&source, document.content_type), Shape::Markup) {
        return Vec::new();
    }
    let page = html::parse(&source);
    let entry = rules.entry.as_deref().and_then(|text| Selector::parse(text).ok());
    let mut found = Vec::new();
    for (key, text) in named(rules) {
        let Some((text, selector)) =
            text.and_then(|text| Some((text, Selector::parse(text).ok()?)))
        else {
            continue;
        };
        let is_part = matches!(key, "title" | "link" | "date" | "lead");
        let has_match = match &entry {
            Some(entry) if is_part => {
                let mut entries = page.select(entry);
                let has_entries = page.select(entry).next().is_some();
                // Without entries, theirs is the selector to look at.
                !has_entries
                    || entries.any(|e| selector.matches(&e) || e.select(&selector).next().is_some())
            }
            _ => page.select(&selector).next().is_some(),
        };
        if !has_match {
            let rules = without(rules, key);
            let entries = read(&Document { page_rules: &rules, ..*document }).entries;
            found.push(UnmatchedRule { key, selector: text.to_owned(), without: entries });
        }
    }
    found
}

/// Returns rules without one of them, and without what depends on it.
fn without(rules: &PageRules, key: &str) -> PageRules {
    let mut rules = rules.clone();
    let PageRules { entry, title, link, date, lead, within, exclude, .. } = &mut rules;
    let unset: &mut [&mut Option<String>] = match key {
        "entry" => &mut [entry, title, link, date, lead],
        "title" => &mut [title],
        "link" => &mut [link],
        "date" => &mut [date],
        "lead" => &mut [lead],
        "within" => &mut [within],
        _ => &mut [exclude],
    };
    unset.iter_mut().for_each(|rule| **rule = None);
    rules
}
