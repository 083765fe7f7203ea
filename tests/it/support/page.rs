//! A page of an institution as extraction gets it.

use chrono_tz::Tz;
use communique::{
    domain::{Candidate, PageRules},
    extract::{Document, read},
};
use std::sync::LazyLock;
use url::Url;

static ADDRESS: LazyLock<Url> =
    LazyLock::new(|| "https://lighthouses.example/news/".parse().unwrap());

/// A document of the institution, fetched on 24 November 2026.
pub(crate) fn document<'a>(bytes: &'a [u8], page_rules: &'a PageRules) -> Document<'a> {
    Document {
        bytes,
        seam: None,
        content_type: None,
        url: Some(&ADDRESS),
        zone: Tz::UTC,
        now: "2026-11-24T12:00:00Z".parse().unwrap(),
        page_rules,
    }
}

/// Day, title, path and lead of the entries of a page, with "-" for what is missing.
pub(crate) fn entries(source: &str, rules: &PageRules) -> Vec<String> {
    let of = |entry: &Candidate| {
        let day = entry.date_on.map_or("-".to_owned(), |on| on.to_string());
        let path = entry.link.as_ref().map_or("-", |link| link.path());
        format!("{day} {} {path} {}", entry.title, entry.lead.as_deref().unwrap_or("-"))
    };
    read(&document(source.as_bytes(), rules)).entries.iter().map(of).collect()
}
