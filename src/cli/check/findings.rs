//! What `check` finds out about a document beyond its extraction: what is wrong, which settings do
//! nothing, how certain its days are.
//!
//! Out of scope: how it is shown (`report`).

use crate::{
    domain::{Extraction, SourceName},
    extract::{self, Document, OrderCertainty, UnmatchedRule},
};

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// A challenge or a maintenance page.
    Challenge,
    /// A page that says that it is none, with its words.
    ErrorPage(String),
    /// A feed without entries, which is healthy.
    EmptyList,
    /// No list.
    NoList,
    /// A list without days.
    NoDates,
}

impl Problem {
    /// Returns the word for programs.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Problem::Challenge => "challenge",
            Problem::ErrorPage(_) => "error_page",
            Problem::EmptyList => "empty_list",
            Problem::NoList => "no_list",
            Problem::NoDates => "no_dates",
        }
    }

    fn find(document: &Document<'_>, extraction: &Extraction) -> Option<Self> {
        let entries = &extraction.entries;
        if !entries.is_empty() {
            let is_dated = entries.iter().any(|entry| entry.date_on.is_some());
            return (!is_dated).then_some(Problem::NoDates);
        }
        if extraction.is_empty_list {
            return Some(Problem::EmptyList);
        }
        Some(match (extract::error_page(document), &extraction.challenge) {
            (Some(words), _) => Problem::ErrorPage(words),
            (None, Some(_)) => Problem::Challenge,
            (None, None) => Problem::NoList,
        })
    }
}

/// What is found out about a document.
pub(super) struct Findings {
    /// The configured source whose settings were used.
    pub(super) source: Option<SourceName>,
    pub(super) problem: Option<Problem>,
    pub(super) unmatched: Vec<UnmatchedRule>,
    pub(super) order_certainty: Option<OrderCertainty>,
}

impl Findings {
    /// Finds out about a document with this extraction.
    pub(super) fn new(
        source: Option<SourceName>,
        document: &Document<'_>,
        extraction: &Extraction,
    ) -> Self {
        Findings {
            source,
            problem: Problem::find(document, extraction),
            unmatched: extract::unmatched(document),
            order_certainty: extract::order_certainty(document, extraction),
        }
    }
}
