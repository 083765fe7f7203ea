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

/// A list: for each entry what is printed as its date, the attribute `datetime` if any, and the end
/// of its address.
fn list(lang: &str, rows: &[(&str, &str, &str)], footer: &str) -> String {
    let row = |(n, (date, datetime, path)): (usize, &(&str, &str, &str))| {
        let attribute = match *datetime {
            "" => String::new(),
            datetime => format!(" datetime=\"{datetime}\""),
        };
        let title = TITLES[n % TITLES.len()];
        format!(
            "<article><time{attribute}>{date}</time><h3><a href=\"/n{path}-{n}\">{title}</a></h3></article>"
        )
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    format!(
        "<html lang=\"{lang}\"><body><main>{rows}</main><footer><p>{footer}</p></footer></body></html>"
    )
}

fn plain(lang: &str, dates: &[&str], footer: &str) -> String {
    let rows: Vec<_> = dates.iter().map(|date| (*date, "", "")).collect();
    list(lang, &rows, footer)
}

#[test]
fn the_order_follows_from_what_the_whole_page_shows() {
    const COM: &str = "https://canals.example.com/news";
    let gov = |end: &str| format!("https://canals.example{end}/news");
    let open = ["04/03/2026", "03/02/2026", "02/01/2026"];
    let (day_first, month_first) =
        ("2026-03-04 2026-02-03 2026-01-02", "2026-04-03 2026-03-02 2026-02-01");
    let cases: Vec<(&str, String, String, &str, OrderCertainty)> = vec![
        ("nothing", COM.into(), plain("en", &open, ""), day_first, Guessed),
        ("American English", COM.into(), plain("en-US", &open, ""), month_first, Usual),
        ("British ministry", gov(".gov.uk"), plain("en", &open, ""), day_first, Usual),
        (
            "Kenya with the default of a program",
            gov(".go.ke"),
            plain("en-US", &open, ""),
            day_first,
            Usual,
        ),
        ("the Philippines", gov(".gov.ph"), plain("en", &open, ""), month_first, Usual),
        ("American agency", gov(".gov"), plain("en", &open, ""), month_first, Usual),
        ("American embassy in German", gov(".gov"), plain("de", &open, ""), day_first, Guessed),
        ("French Canada", gov(".ca"), plain("fr-CA", &open, ""), day_first, Usual),
        ("Canada", gov(".ca"), plain("en-CA", &open, ""), day_first, Guessed),
        (
            "an address in the footer",
            COM.into(),
            plain("en", &open, "100 Lock Street, Norvale, OR 97301 (202) 555-0143"),
            month_first,
            Usual,
        ),
        (
            "a written date",
            COM.into(),
            plain("en", &open, "Last changed on March 14, 2026"),
            month_first,
            Usual,
        ),
        (
            "a written date against the country",
            gov(".gov.uk"),
            plain("en-GB", &open, "Last changed on March 14, 2026"),
            day_first,
            Usual,
        ),
        (
            "a number that is no month against language and country",
            gov(".gov"),
            plain("en-US", &["14/03/2026", "03/02/2026", "02/01/2026"], ""),
            "2026-03-14 2026-02-03 2026-01-02",
            Proved,
        ),
        (
            "datetime on some rows, the day before in another zone",
            gov(".gov.uk"),
            list(
                "en-GB",
                &[
                    ("04/03/2026", "", ""),
                    ("03/02/2026", "2026-03-01T23:00:00Z", ""),
                    ("02/01/2026", "", ""),
                ],
                "",
            ),
            month_first,
            Proved,
        ),
        (
            "days in addresses",
            COM.into(),
            list(
                "en",
                &[
                    ("04/03/2026", "", "/2026/04/03/a"),
                    ("03/02/2026", "", "/2026/03/02/b"),
                    ("02/01/2026", "", ""),
                ],
                "",
            ),
            month_first,
            Proved,
        ),
        (
            "months in addresses",
            COM.into(),
            list(
                "en",
                &[
                    ("04/03/2026", "", "/2026/04/a"),
                    ("04/02/2026", "", "/2026/04/b"),
                    ("03/02/2026", "", "/2026/03/c"),
                    ("02/01/2026", "", "/2026/02/d"),
                ],
                "",
            ),
            "2026-04-03 2026-04-02 2026-03-02 2026-02-01",
            Usual,
        ),
        (
            "sorted in one order alone, the oldest first",
            COM.into(),
            plain(
                "en",
                &[
                    "02/09/2026",
                    "02/11/2026",
                    "03/04/2026",
                    "03/10/2026",
                    "04/02/2026",
                    "04/12/2026",
                ],
                "",
            ),
            "2026-02-09 2026-02-11 2026-03-04 2026-03-10 2026-04-02 2026-04-12",
            Usual,
        ),
        (
            "sorted in one order alone, against the country",
            gov(".gov"),
            plain(
                "en",
                &[
                    "09/07/2026",
                    "02/07/2026",
                    "10/06/2026",
                    "03/06/2026",
                    "11/05/2026",
                    "04/05/2026",
                ],
                "",
            ),
            "2026-07-09 2026-07-02 2026-06-10 2026-06-03 2026-05-11 2026-05-04",
            Usual,
        ),
        (
            "one entry that would be ahead",
            COM.into(),
            plain("en", &["11/12/2026", "11/11/2026", "10/10/2026"], ""),
            "2026-11-12 2026-11-11 2026-10-10",
            Guessed,
        ),
        (
            "a calendar of events ahead",
            gov(".gov.uk"),
            plain("en-GB", &["02/12/2026", "04/12/2026", "08/12/2026", "11/12/2026"], ""),
            "2026-12-02 2026-12-04 2026-12-08 2026-12-11",
            Usual,
        ),
        (
            "Chinese",
            gov(".cn"),
            plain("zh", &["2026/04/03", "2026/03/02", "2026/02/01"], ""),
            month_first,
            Proved,
        ),
        (
            "Chinese with short years",
            COM.into(),
            plain("zh", &["26/11/14", "26/10/28", "26/10/22"], ""),
            "2026-11-14 2026-10-28 2026-10-22",
            Proved,
        ),
        (
            "short years first, in no such language",
            COM.into(),
            plain("en", &["26/11/14", "26/10/28", "26/10/22"], ""),
            "2026-11-14 2026-10-28 2026-10-22",
            Usual,
        ),
        (
            "Swedish with short years at the end",
            COM.into(),
            plain("sv", &["14/11/26", "12/11/26", "03/10/26"], ""),
            "2026-11-14 2026-11-12 2026-10-03",
            Proved,
        ),
        (
            "dots with the month first",
            COM.into(),
            plain("en", &["04.18.2026", "04.03.2026", "03.29.2026"], ""),
            "2026-04-18 2026-04-03 2026-03-29",
            Proved,
        ),
    ];
    for (why, url, html, expected, certainty) in cases {
        let found = days(&url, &html, &PageRules::default());
        assert_eq!((found.0.as_str(), found.1), (expected, Some(certainty)), "{why}");
        let has_note = found.2.iter().any(|note| note.contains("date_order"));
        assert_eq!(has_note, certainty == Guessed, "{why}: {:?}", found.2);
    }
}

#[test]
fn a_day_that_the_page_contradicts_is_none() {
    let one = list(
        "en",
        &[
            ("14/03/2026", "2026-03-14", ""),
            ("03/02/2026", "2026-02-03", ""),
            ("02/01/2026", "2026-02-01", ""),
            ("28/12/2025", "2025-12-28", ""),
        ],
        "",
    );
    let two_orders = plain("en", &["14/03/2026", "03/02/2026", "01/25/2026"], "");
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
