//! Page rules of the operator, and markup of a page that is meant for machines.

use crate::support::page::{document, entries as found};
use communique::{
    domain::{DateOrder, Extraction, PageRules},
    extract::{Document, OrderCertainty, derive, order_certainty, read, unmatched},
};

fn reading(source: &str, rules: &PageRules) -> Extraction {
    read(&document(source.as_bytes(), rules))
}

fn rules(settings: &[(&str, &str)]) -> PageRules {
    let mut rules = PageRules::default();
    for (name, value) in settings {
        let value = Some((*value).to_owned());
        match *name {
            "entry" => rules.entry = value,
            "title" => rules.title = value,
            "link" => rules.link = value,
            "date" => rules.date = value,
            "lead" => rules.lead = value,
            "within" => rules.within = value,
            "exclude" => rules.exclude = value,
            "date_format" => rules.date_format = value,
            "lang" => rules.lang = value,
            _ => panic!("{name}"),
        }
    }
    rules
}

/// A difficult page: what looks like its list is not the wanted one.
const PAGE: &str = "<title>Harbour</title><main>
    <ul class=ads><li>1 May 2026 <a href=/ad/1>Boats for hire at the northern pier</a>
    <li>2 May 2026 <a href=/ad/2>Boats for hire at the southern pier</a>
    <li>3 May 2026 <a href=/ad/3>Boats for hire at the eastern pier</a></ul>
    <section id=notes>
    <span class=note><b>Fog <i class=tag>new</i></b> <u data-date=2026-06-01>first of June</u>
      <a href=/more/1>go on</a><q>Fog is expected.</q></span>
    <span class=note><b>Ice</b> <u>260530</u> <a href=/more/2>go on</a><q>Ice is not.</q></span>
    <span class=note><b>Sun</b> <a href=/more/3>go on</a></span>
    </section></main>";

#[test]
fn configured_selectors_define_the_entries() {
    let parts = [
        ("entry", "#notes .note"),
        ("title", "b"),
        ("link", "a"),
        ("date", "u"),
        ("lead", "q"),
        ("exclude", ".tag"),
        ("date_format", "%y%m%d"),
    ];
    assert_eq!(
        found(PAGE, &rules(&parts)),
        [
            "2026-06-01 Fog /more/1 Fog is expected.",
            "2026-05-30 Ice /more/2 Ice is not.",
            "- Sun /more/3 -",
        ]
    );
    // A selector may name the entry itself. What is not configured is detected.
    let cards = "<a class=card href=/1>3 May 2026<p>On the new lamp at the cape</p></a>
        <a class=card href=/2>1 May 2026<p>On the old lamp at the cape</p></a>";
    let entry = rules(&[("entry", "a.card"), ("link", "a.card"), ("title", "p")]);
    assert_eq!(
        found(cards, &entry),
        [
            "2026-05-03 On the new lamp at the cape /1 -",
            "2026-05-01 On the old lamp at the cape /2 -"
        ]
    );
    // Entries without a date have that of the heading above them.
    let headed = "<h3>3 May 2026</h3><p class=e><a href=/1>Fog</a><p class=e><a href=/2>Ice</a>
        <h3>1 May 2026</h3><p class=e><a href=/3>Sun</a>";
    assert_eq!(
        found(headed, &rules(&[("entry", ".e")])),
        ["2026-05-03 Fog /1 -", "2026-05-03 Ice /2 -", "2026-05-01 Sun /3 -"]
    );
    assert_eq!(found(PAGE, &rules(&[("entry", ".nothing")])), Vec::<String>::new());
}

#[test]
fn within_and_exclude_limit_where_the_list_is_searched() {
    let page = format!(
        "<p>10 days have passed since the fog.</p>{PAGE}<div class=old><p>1 March 2026 <a href=/o/1>\
         The lamp was painted white</a><p>1 February 2026 <a href=/o/2>The lamp was painted red</a></div>"
    );
    let ads = found(&page, &PageRules::default());
    assert_eq!(ads.len(), 3, "{ads:?}");
    let old = [
        "2026-03-01 The lamp was painted white /o/1 -",
        "2026-02-01 The lamp was painted red /o/2 -",
    ];
    for settings in [("within", ".old"), ("exclude", ".ads")] {
        assert_eq!(found(&page, &rules(&[settings])), old, "{settings:?}");
    }
    let within = reading(&page, &rules(&[("within", ".old")]));
    assert_eq!(within.counters.len(), 1, "counters are looked for on the whole page");
    let short = PageRules { entries_min: 4, ..PageRules::default() };
    assert_eq!(found(&page, &short), Vec::<String>::new());
}

#[test]
fn date_order_language_and_date_format_can_be_configured() {
    let page = "<ul><li>03/04/26 <a href=/1>On the new lamp at the cape</a>
        <li>02/04/26 <a href=/2>On the old lamp at the cape</a></ul>";
    let days = |rules: &PageRules| -> Vec<String> {
        let entries = reading(page, rules).entries;
        entries.iter().map(|entry| entry.date_on.unwrap().to_string()).collect()
    };
    let order = |order| PageRules { date_order: Some(order), ..PageRules::default() };
    assert_eq!(days(&PageRules::default()), ["2026-04-03", "2026-04-02"]);
    assert_eq!(days(&order(DateOrder::MonthFirst)), ["2026-03-04", "2026-02-04"]);
    assert_eq!(days(&order(DateOrder::YearFirst)), ["2003-04-26", "2002-04-26"]);
    assert_eq!(days(&rules(&[("lang", "en-US")])), ["2026-03-04", "2026-02-04"]);
    assert_eq!(days(&rules(&[("date_format", "%y/%d/%m")])), [] as [&str; 0]);
}

#[test]
fn relative_days_count_from_the_day_of_the_poll_or_the_pages_own() {
    let list = "<ul><li><span>2 hours ago</span> <a href=/1>On the new lamp at the cape</a>
        <li><span>Yesterday, 14:05</span> <a href=/2>On the old lamp at the cape</a>
        <li><span>20 November 2026</span> <a href=/3>On the lamp before the old one</a></ul>";
    let days = |source: &str| -> Vec<String> {
        let entries = reading(source, &PageRules::default()).entries;
        entries.iter().map(|entry| entry.date_on.unwrap().to_string()).collect()
    };
    assert_eq!(days(list), ["2026-11-24", "2026-11-23", "2026-11-20"]);
    let kept = format!("<p>22 November 2026</p>{list}");
    assert_eq!(days(&kept), ["2026-11-22", "2026-11-21", "2026-11-20"]);
}

#[test]
fn machine_readable_dates_count_where_none_are_printed() {
    let expected = [
        "2026-11-03 On the new lamp at the cape /1 -",
        "2026-11-02 On the old lamp at the cape /2 -",
    ];
    let pages = [
        // JSON-LD
        r#"<script type="application/ld+json">{"@graph": [{"@type": "ItemList", "itemListElement": [
            {"@type": "NewsArticle", "url": "/1", "datePublished": "2026-11-03T10:00:00Z"},
            {"item": {"@id": "https://lighthouses.example/2#x", "datePublished": "2026-11-02"}}]}]}</script>
           <ul><li><a href=/1><img src=a></a><p><a href=/1>On the new lamp at the cape</a>
           <li><a href=/2><img src=b></a><p><a href=/2>On the old lamp at the cape</a></ul>"#,
        // microdata
        "<div class=n><meta itemprop=datePublished content=2026-11-03><a href=/1>On the new lamp at the cape</a></div>
         <div class=n><meta itemprop=datePublished content=2026-11-02><a href=/2>On the old lamp at the cape</a></div>",
        // microformats
        "<div class=hentry><abbr class=published title=2026-11-03T08:00>Tue</abbr> <a href=/1>On the new lamp at the cape</a></div>
         <div class=hentry><abbr class=published title=2026-11-02T08:00>Mon</abbr> <a href=/2>On the old lamp at the cape</a></div>",
        // what servers write instead of ISO
        "<ul><li><time datetime='11/3/2026 1:10:00 PM'></time><a href=/1>On the new lamp at the cape</a>
         <li><time datetime='11/2/2026 1:10:00 PM'></time><a href=/2>On the old lamp at the cape</a></ul>",
    ];
    for page in pages {
        assert_eq!(found(page, &PageRules::default()), expected, "{page}");
    }
    // The dates of a calendar are not those of entries.
    let calendar = "<table><tr><td data-date=2026-11-03><a href=/1>On the new lamp at the cape</a>
        <td data-date=2026-11-04><a href=/2>On the old lamp at the cape</a></table>";
    assert_eq!(found(calendar, &PageRules::default()), Vec::<String>::new());
    // Printed dates take precedence over those for machines.
    let both = pages[0].replace("<ul><li>", "<ul><li>5 November 2026 ");
    assert_eq!(
        found(&both, &PageRules::default())[0],
        "2026-11-05 On the new lamp at the cape /1 -"
    );
}

#[test]
fn rows_with_alternating_classes_are_one_list() {
    let row = |class: &str, day: &str, n: usize| {
        format!(
            "<tr class={class}><td>{day}<td><a href=/d/{n}>Opinion</a><td><a href=/c/{n}>11-2{n}-CR</a>"
        )
    };
    let page = format!(
        "<table>{}{}{}</table>",
        row("rgRow", "3 May 2026", 3),
        row("rgAltRow", "2 May 2026", 2),
        row("rgRow", "1 May 2026", 1)
    );
    assert_eq!(
        found(&page, &PageRules::default()),
        ["2026-05-03 11-23-CR /c/3 -", "2026-05-02 11-22-CR /c/2 -", "2026-05-01 11-21-CR /c/1 -"]
    );
}

#[test]
fn the_number_of_a_document_is_not_its_title() {
    let page = "<table><tr><td>3 May 2026<td><a href=/1>2026 SlipOp 01443 (opens in a new window)</a><td>On the lamps of the north
        <tr><td>2 May 2026<td><a href=/2>2026 SlipOp 01442 (opens in a new window)</a><td>On the lamps of the south</table>";
    assert_eq!(
        found(page, &PageRules::default()),
        ["2026-05-03 On the lamps of the north /1 -", "2026-05-02 On the lamps of the south /2 -"]
    );
}

#[test]
fn derived_page_rules_find_the_same_entries() {
    let items: String = (1..6)
        .map(|n| format!("<li class='item odd'><i>0{n}/03/2026</i> <a href=/{n}>On lamp number {n} at the cape</a>"))
        .collect();
    let source = format!(
        "<html lang=en-GB><nav><ul><li><a href=/x>About the lamps here</a></ul></nav><ul class=news>{items}</ul>"
    );
    let no_rules = PageRules::default();
    let document = document(source.as_bytes(), &no_rules);
    let rules = derive(&document);
    let expected = PageRules {
        entry: Some("li.item".to_owned()),
        lang: Some("en-GB".to_owned()),
        ..PageRules::default()
    };
    assert_eq!(rules, expected);
    assert_eq!(read(&Document { page_rules: &rules, ..document }).entries.len(), 5);
}

#[test]
fn a_date_order_is_derived_only_if_no_other_finds_the_same_entries() {
    let page = |days: [&str; 4]| {
        let item = |(n, day): (usize, &&str)| {
            format!("<li class=item><i>{day}</i> <a href=/{n}>On lamp number {n} at the cape</a>")
        };
        let items: String = days.iter().enumerate().map(item).collect();
        format!(
            "<html lang=en><ul>{items}</ul><p>The lamp was switched off on March 3, 2019. The last keeper left on \
             January 9, 2020.</p>"
        )
    };
    for (days, order) in [
        // Dates with names of months do not decide the order of numeric ones.
        (["12.11.26", "09.11.26", "04.11.26", "02.11.26"], Some(DateOrder::DayFirst)),
        (["12/24/26", "11/09/26", "11/04/26", "11/02/26"], Some(DateOrder::MonthFirst)),
        // With a year of four digits, year-first finds the same days as day-first.
        (["12.11.2026", "09.11.2026", "04.11.2026", "02.11.2026"], None),
        (["12/24/2026", "11/09/2026", "11/04/2026", "11/02/2026"], Some(DateOrder::MonthFirst)),
        (["12 November 2026", "9 November 2026", "4 November 2026", "2 November 2026"], None),
    ] {
        let source = page(days);
        let no_rules = PageRules::default();
        let now = "2026-12-30T12:00:00Z".parse().unwrap();
        let document = Document { now, ..document(source.as_bytes(), &no_rules) };
        let rules = derive(&document);
        assert_eq!(rules.date_order, order, "{days:?}");
        let entries = |rules| read(&Document { page_rules: rules, ..document }).entries;
        assert_eq!(entries(&rules), entries(&no_rules), "{days:?}");
        assert_eq!(entries(&rules).len(), 4);
    }
}

#[test]
fn the_order_of_days_is_proved_or_usual() {
    for (days, expected) in [
        (["3 April 2026", "2 April 2026"], OrderCertainty::Proved),
        (["2026-04-03", "2026-04-02"], OrderCertainty::Proved),
        (["14/04/2026", "02/04/2026"], OrderCertainty::Proved),
        (["03/04/2026", "02/04/2026"], OrderCertainty::Guessed),
    ] {
        let item = |day: &str| format!("<li>{day} <a href=/{day}>On the lamp at the cape</a>");
        let source = format!("<ul>{}{}</ul>", item(days[0]), item(days[1]));
        let read_with = |rules: &PageRules| {
            let document = document(source.as_bytes(), rules);
            order_certainty(&document, &read(&document))
        };
        assert_eq!(read_with(&PageRules::default()), Some(expected), "{days:?}");
        if expected == OrderCertainty::Guessed {
            let of_country = PageRules { lang: Some("en-GB".to_owned()), ..PageRules::default() };
            assert_eq!(read_with(&of_country), Some(OrderCertainty::Usual), "{days:?}");
        }
        let order = Some(DateOrder::DayFirst);
        let configured = PageRules { date_order: order, ..PageRules::default() };
        assert_eq!(read_with(&configured), Some(OrderCertainty::Proved), "{days:?}");
    }
}

#[test]
fn a_selector_that_matches_nothing_is_reported_with_what_is_found_without_it() {
    type Settings = [(&'static str, &'static str)];
    type Unmatched = [(&'static str, usize)];
    let cases: [(&Settings, &Unmatched); 6] = [
        (&[], &[]),
        (&[("entry", ".note"), ("title", "b"), ("exclude", ".tag")], &[]),
        (&[("entry", ".news"), ("title", "b")], &[("entry", 3)]),
        (&[("entry", ".note"), ("title", "h9"), ("date", "u")], &[("title", 3)]),
        (&[("within", "#old")], &[("within", 3)]),
        (&[("exclude", ".old"), ("within", ".ads")], &[("exclude", 3)]),
    ];
    for (settings, expected) in cases {
        let rules = rules(settings);
        let document = document(PAGE.as_bytes(), &rules);
        let found = unmatched(&document);
        let found: Vec<_> = found.iter().map(|rule| (rule.key, rule.without.len())).collect();
        assert_eq!(found, expected, "{settings:?}");
    }
}
