//! Pages whose numeric dates can be read in both orders.

use crate::{
    domain::{DateOrder, PageRules},
    extract::{Document, OrderCertainty, order_certainty, read},
};
use OrderCertainty::{Guessed, Proved, Usual};
use url::Url;

/// Reads a page on the 29th of November 2026; returns the days of its entries, how certain their order
/// is, and its notes.
fn days(url: &str, html: &str, rules: &PageRules) -> (String, Option<OrderCertainty>, Vec<String>) {
    let url = Url::parse(url).unwrap();
    let document = Document {
        bytes: html.as_bytes(),
        seam: None,
        content_type: Some("text/html; charset=utf-8"),
        url: Some(&url),
        zone: chrono_tz::Tz::UTC,
        now: "2026-11-29T12:00:00Z".parse().unwrap(),
        page_rules: rules,
    };
    let found = read(&document);
    let day = |on: Option<chrono::NaiveDate>| on.map_or("-".to_owned(), |on| on.to_string());
    let days: Vec<String> = found.entries.iter().map(|entry| day(entry.date_on)).collect();
    let certainty = order_certainty(&document, &found);
    (days.join(" "), certainty, found.notes)
}

const TITLES: [&str; 6] = [
    "The lower lock of the canal is closed for repairs",
    "Tolls on the eastern cut rise in autumn",
    "The new harbour master takes up her office",
    "Dredging of the western basin begins on Monday",
    "Night passages are allowed again at the weir",
    "The ferry to the outer island sails twice a day",
];

/// A list in a language: for each entry what is printed as its date, then after bars the attribute
/// `datetime` and the end of its address; and what is below the list.
fn list(lang: &str, rows: &[&str], footer: &str) -> String {
    let row = |(n, row): (usize, &&str)| {
        let mut parts = row.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (date, datetime, path) = (part(), part(), part());
        let attribute = match datetime {
            "" => String::new(),
            datetime => format!(" datetime=\"{datetime}\""),
        };
        let title = TITLES[n % TITLES.len()];
        format!(
            "<article><time{attribute}>{date}</time>\
             <h3><a href=\"/n{path}-{n}\">{title}</a></h3></article>"
        )
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    format!("<html lang=\"{lang}\"><main>{rows}</main><footer><p>{footer}</p></footer></html>")
}

/// What it is, the end of the host, language, rows and footer; the days, and how certain they are.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
    OrderCertainty,
);

const OPEN: &[&str] = &["04/03/2026", "03/02/2026", "02/01/2026"];
const DAY_FIRST: &str = "2026-03-04 2026-02-03 2026-01-02";
const MONTH_FIRST: &str = "2026-04-03 2026-03-02 2026-02-01";

const CASES: &[Case] = &[
    ("nothing", ".com", "en", OPEN, "", DAY_FIRST, Guessed),
    ("American English", ".com", "en-US", OPEN, "", MONTH_FIRST, Usual),
    ("British ministry", ".gov.uk", "en", OPEN, "", DAY_FIRST, Usual),
    ("Kenya with the default of a program", ".go.ke", "en-US", OPEN, "", DAY_FIRST, Usual),
    ("the Philippines", ".gov.ph", "en", OPEN, "", MONTH_FIRST, Usual),
    ("American agency", ".gov", "en", OPEN, "", MONTH_FIRST, Usual),
    ("American embassy in German", ".gov", "de", OPEN, "", DAY_FIRST, Guessed),
    ("French Canada", ".ca", "fr-CA", OPEN, "", DAY_FIRST, Usual),
    ("Canada", ".ca", "en-CA", OPEN, "", DAY_FIRST, Guessed),
    (
        "an address in the footer",
        ".com",
        "en",
        OPEN,
        "100 Lock Street, Norvale, OR 97301 (202) 555-0143",
        MONTH_FIRST,
        Usual,
    ),
    ("a written date", ".com", "en", OPEN, "Last changed on March 14, 2026", MONTH_FIRST, Usual),
    (
        "a written date against the country",
        ".gov.uk",
        "en-GB",
        OPEN,
        "Last changed on March 14, 2026",
        DAY_FIRST,
        Usual,
    ),
    (
        "a number that is no month against language and country",
        ".gov",
        "en-US",
        &["14/03/2026", "03/02/2026", "02/01/2026"],
        "",
        "2026-03-14 2026-02-03 2026-01-02",
        Proved,
    ),
    (
        "datetime on some rows, the day before in another zone",
        ".gov.uk",
        "en-GB",
        &["04/03/2026", "03/02/2026|2026-03-01T23:00:00Z", "02/01/2026"],
        "",
        MONTH_FIRST,
        Proved,
    ),
    (
        "days in addresses",
        ".com",
        "en",
        &["04/03/2026||/2026/04/03/a", "03/02/2026||/2026/03/02/b", "02/01/2026"],
        "",
        MONTH_FIRST,
        Proved,
    ),
    (
        "months in addresses",
        ".com",
        "en",
        &[
            "04/03/2026||/2026/04/a",
            "04/02/2026||/2026/04/b",
            "03/02/2026||/2026/03/c",
            "02/01/2026||/2026/02/d",
        ],
        "",
        "2026-04-03 2026-04-02 2026-03-02 2026-02-01",
        Usual,
    ),
    (
        "sorted in one order alone, the oldest first",
        ".com",
        "en",
        &["02/09/2026", "02/11/2026", "03/04/2026", "03/10/2026", "04/02/2026", "04/12/2026"],
        "",
        "2026-02-09 2026-02-11 2026-03-04 2026-03-10 2026-04-02 2026-04-12",
        Usual,
    ),
    (
        "sorted in one order alone, against the country",
        ".gov",
        "en",
        &["09/07/2026", "02/07/2026", "10/06/2026", "03/06/2026", "11/05/2026", "04/05/2026"],
        "",
        "2026-07-09 2026-07-02 2026-06-10 2026-06-03 2026-05-11 2026-05-04",
        Usual,
    ),
    (
        "one entry that would be ahead",
        ".com",
        "en",
        &["11/12/2026", "11/11/2026", "10/10/2026"],
        "",
        "2026-11-12 2026-11-11 2026-10-10",
        Guessed,
    ),
    (
        "a calendar of events ahead",
        ".gov.uk",
        "en-GB",
        &["02/12/2026", "04/12/2026", "08/12/2026", "11/12/2026"],
        "",
        "2026-12-02 2026-12-04 2026-12-08 2026-12-11",
        Usual,
    ),
    ("Chinese", ".cn", "zh", &["2026/04/03", "2026/03/02", "2026/02/01"], "", MONTH_FIRST, Proved),
    (
        "Chinese with short years",
        ".com",
        "zh",
        &["26/11/14", "26/10/28", "26/10/22"],
        "",
        "2026-11-14 2026-10-28 2026-10-22",
        Proved,
    ),
    (
        "short years first, in no such language",
        ".com",
        "en",
        &["26/11/14", "26/10/28", "26/10/22"],
        "",
        "2026-11-14 2026-10-28 2026-10-22",
        Usual,
    ),
    (
        "Swedish with short years at the end",
        ".com",
        "sv",
        &["14/11/26", "12/11/26", "03/10/26"],
        "",
        "2026-11-14 2026-11-12 2026-10-03",
        Proved,
    ),
    (
        "dots with the month first",
        ".com",
        "en",
        &["04.18.2026", "04.03.2026", "03.29.2026"],
        "",
        "2026-04-18 2026-04-03 2026-03-29",
        Proved,
    ),
];

#[test]
fn the_order_follows_from_what_the_whole_page_shows() {
    for (why, host, lang, rows, footer, expected, certainty) in CASES {
        let url = format!("https://canals.example{host}/news");
        let found = days(&url, &list(lang, rows, footer), &PageRules::default());
        assert_eq!((found.0.as_str(), found.1), (*expected, Some(*certainty)), "{why}");
        let has_note = found.2.iter().any(|note| note.contains("date_order"));
        assert_eq!(has_note, *certainty == Guessed, "{why}: {:?}", found.2);
    }
}

#[test]
fn a_day_that_the_page_contradicts_is_none() {
    let one = list(
        "en",
        &[
            "14/03/2026|2026-03-14",
            "03/02/2026|2026-02-03",
            "02/01/2026|2026-02-01",
            "28/12/2025|2025-12-28",
        ],
        "",
    );
    let two_orders = list("en", &["14/03/2026", "03/02/2026", "01/25/2026"], "");
    for (html, expected) in
        [(one, "2026-03-14 2026-02-03 - 2025-12-28"), (two_orders, "2026-03-14 - 2026-01-25")]
    {
        let url = "https://canals.example.com/news";
        let (found, _, notes) = days(url, &html, &PageRules::default());
        assert_eq!(found, expected);
        assert!(
            notes.iter().any(|note| note.starts_with("1 of its entries has no day")),
            "{notes:?}"
        );
        let rules = PageRules { date_order: Some(DateOrder::DayFirst), ..PageRules::default() };
        let (found, certainty, notes) = days(url, &html, &rules);
        assert!(!found.contains(" - ") && certainty == Some(Proved) && notes.is_empty(), "{found}");
    }
}

#[test]
fn a_day_that_is_also_printed_in_words_is_kept_with_a_note() {
    let rows = ["14/03/2026", "3 February 2026", "03/02/2026|2026-03-02", "03/01/2026|2026-01-03"];
    let url = "https://canals.example.com/news";
    let (found, _, notes) = days(url, &list("en", &rows, ""), &PageRules::default());
    assert!(found.starts_with("2026-03-14 2026-02-03 "), "{found}");
    assert!(notes.iter().any(|note| note.contains("date_order")), "{notes:?}");
}
