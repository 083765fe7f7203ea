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

/// Day as printed, day, title and number of four entries.
pub(crate) const ROWS: [(&str, &str, &str, &str); 4] = [
    ("18 June 2026", "2026-06-18", "The northern pier is closed for repairs", "4"),
    ("11 June 2026", "2026-06-11", "Tolls at the eastern lock rise in autumn", "3"),
    ("29 May 2026", "2026-05-29", "A new keeper takes over the cape lamp", "2"),
    ("14 May 2026", "2026-05-14", "Fog signals are tested at night", "1"),
];

/// A page with a row for each entry, made by a function of its number, day, title and path.
pub(crate) fn rows(row: impl Fn(usize, &str, &str, &str) -> String) -> String {
    let all = ROWS.iter().enumerate();
    all.map(|(n, (printed, _, title, path))| row(n, printed, title, &format!("/n/{path}")))
        .collect()
}

/// The four entries, without leads.
pub(crate) fn expected() -> Vec<String> {
    ROWS.iter().map(|(_, on, title, path)| format!("{on} {title} /n/{path} -")).collect()
}

/// Asserts that a page of the four entries is read as they are.
pub(crate) fn assert_rows(name: &str, page: &str) {
    let page = format!("<html lang=en><main>{page}</main>");
    assert_eq!(entries(&page, &PageRules::default()), expected(), "{name}");
}
