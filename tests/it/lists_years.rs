//! Days whose year is not printed beside them, or only its end: what proves the year, and where
//! nothing does.

use crate::support::page::{ROWS, entries};
use communique::domain::PageRules;

/// The days of the entries of a page.
fn days(page: &str) -> Vec<String> {
    let found = entries(&format!("<html lang=en><main>{page}</main>"), &PageRules::default());
    found.iter().map(|entry| entry.split(' ').next().unwrap().to_owned()).collect()
}

/// A list with a row for each of the dates.
fn list(dates: &[&str], row: impl Fn(usize, &str, &str) -> String) -> String {
    let all = dates.iter().enumerate();
    let rows: String = all.map(|(n, date)| row(n, date, ROWS[n % ROWS.len()].2)).collect();
    format!("<ul>{rows}</ul>")
}

/// A row with its date in an element.
fn in_element(n: usize, date: &str, title: &str) -> String {
    format!("<li><span>{date}</span> <a href=/n/{n}>{title}</a>")
}

#[test]
fn the_year_is_that_of_a_heading_or_an_address() {
    let of_link = |path: &'static str| {
        move |n: usize, date: &str, title: &str| {
            format!("<li><span>{date}</span> <a href={path}{n}>{title}</a>")
        }
    };
    let two = ["18 June", "11 June"];
    let cases = [
        ("a year", format!("<h3>2025</h3>{}", list(&two, in_element))),
        ("a month", format!("<p>June 2025</p>{}", list(&two, in_element))),
        ("a year with a count", format!("<h3>2025 (14)</h3>{}", list(&two, in_element))),
        ("an address", list(&two, of_link("/2025/06/lamp-"))),
        (
            "an address above a heading",
            format!("<h3>2024</h3>{}", list(&two, of_link("/2025-06-18-lamp-"))),
        ),
    ];
    for (name, page) in cases {
        assert_eq!(days(&page), ["2025-06-18", "2025-06-11"], "{name}");
    }
}

#[test]
fn the_order_of_a_list_proves_its_years() {
    let cases = [
        ("in words", ["20 November", "3 February", "29 December"]),
        ("badges", ["<b>20</b><b>NOV</b>", "<b>3</b><b>FEB</b>", "<b>29</b><b>DEC</b>"]),
        ("in two lines", ["<p>20<p>NOV", "<p>3<p>FEB", "<p>29<p>DEC"]),
    ];
    for (name, dates) in cases {
        let page = list(&dates, |n, date, title| {
            format!("<li><div>{date}</div><a href=/n/{n}>{title}</a>")
        });
        assert_eq!(days(&page), ["2026-11-20", "2026-02-03", "2025-12-29"], "{name}");
    }
}

#[test]
fn a_year_elsewhere_dates_nothing() {
    let list = || list(&["18 June", "11 June"], in_element);
    let cases = [
        ("a title", format!("<h3>2025</h3>{}<h3>Report of 2019 published</h3>", list())),
        (
            "an archive beside it",
            format!("<h3>2025</h3><div><h4>Archive</h4><p>2019</div>{}", list()),
        ),
        (
            "words with a year",
            format!(
                "<section><h3>News of 2025</h3>{}</section><section><h3>News of 2024</h3></section>",
                list()
            ),
        ),
    ];
    for (name, page) in cases {
        assert_eq!(days(&page), ["2025-06-18", "2025-06-11"], "{name}");
    }
}

#[test]
fn numbers_are_days_where_all_of_their_kind_are() {
    let days = |dates: &[&str]| days(&format!("<h3>2025</h3>{}", list(dates, in_element)));
    assert_eq!(days(&["24-11", "10-11", "05-03"]), ["2025-11-24", "2025-11-10", "2025-03-05"]);
    assert_eq!(days(&["11-24", "11-10", "05-03"]), ["2025-11-24", "2025-11-10", "2025-05-03"]);
    assert_eq!(days(&["24.11.", "3.11."]), ["2025-11-24", "2025-11-03"]);
    // Sections, ratings, votes.
    for numbers in [["1.2", "1.3", "2.1"], ["4.5", "4.8", "3.9"], ["5/4", "6/3", "5/4"]] {
        let found = days(&numbers);
        assert!(found.iter().all(|day| day == "-"), "{found:?}");
    }
}

#[test]
fn without_evidence_there_is_no_year() {
    let cases: [(&str, &[&str]); 5] = [
        ("several to come on one day", &["28 November"; 4]),
        ("the oldest first", &["1 June", "1 June", "1 June", "2 June", "2 June", "2 June"]),
        ("not in order", &["3 January", "20 November", "4 May", "18 June"]),
        ("events to come", &["28 November", "3 December", "12 December", "4 January"]),
        ("too few", &["20 November", "3 January"]),
    ];
    for (name, dates) in cases {
        let found = days(&list(dates, in_element));
        assert!(found.iter().all(|day| day == "-"), "{name}: {found:?}");
    }
}

#[test]
fn short_dates_are_read_by_those_beside_them() {
    let cases: [(&str, &[&str]); 4] = [
        ("the month first, as one shows", &["6-18-24", "6-11-24", "5-2-24"]),
        ("the day first, as one shows", &["18.6.24", "11.6.24", "2.5.24"]),
        ("in words", &["18 Jun 24", "11 Jun 24", "2 May 24"]),
        ("behind a label", &["Posted: 6-18-24", "Posted: 6-11-24", "Posted: 5-2-24"]),
    ];
    for (name, dates) in cases {
        let page = list(dates, |n, date, title| {
            format!("<li><a href=/n/{n}>{title}</a><div>{date}</div>")
        });
        assert_eq!(days(&page), ["2024-06-18", "2024-06-11", "2024-05-02"], "{name}");
    }
}

#[test]
fn a_leaf_of_a_calendar_is_one_date() {
    let leaves = ["<div>June 2026</div><div>18</div>", "<div>June 2026</div><div>11</div>"];
    let page = list(&leaves, |n, leaf, title| {
        format!("<li><div class=leaf>{leaf}</div><a href=/n/{n}>{title}</a>")
    });
    assert_eq!(days(&page), ["2026-06-18", "2026-06-11"]);
}
