//! Which of several lists of a page is that of its statements, and what says so.

use crate::support::page::{ROWS, assert_rows, document, entries, expected, rows};
use communique::{domain::PageRules, extract::explain};

/// Items of a list, made by a function of their numbers.
fn items(count: usize, item: impl Fn(usize) -> String) -> String {
    format!("<ul>{}</ul>", (1..=count).map(item).collect::<String>())
}

#[test]
fn lists_are_compared_by_what_their_entries_are() {
    let headed = rows(|_, day, title, path| {
        format!("<article><h2><a href={path}>{title}</a></h2><p>{day}</article>")
    });
    let bare =
        rows(|_, day, title, path| format!("<div class=it><a href={path}>{title}</a> {day}</div>"));
    let pier = |n: usize| {
        format!("<li><a href=/pier/{n}>The depth of water at pier {n} today</a> 3 June 2026")
    };
    let same = |n: usize| {
        format!("<li><a href=/m/{n}>Minutes of the harbour board's meeting</a> {n} June 2026")
    };
    let short = |n: usize| format!("<li><a href=/m/{n}>Pier of bay {n}</a> {n} June 2026");
    let cases = [
        ("titles that are headings", &headed, items(8, pier)),
        ("titles that differ", &bare, items(12, same)),
        ("entries with more text", &bare, items(5, short)),
    ];
    for (name, list, other) in cases {
        assert_rows(name, &format!("{list}{other}"));
        assert_rows(name, &format!("{other}{list}"));
    }
}

#[test]
fn a_page_that_a_script_fills_in_has_its_data() {
    let data = (1..=6).map(|n| {
        format!(
            r#"{{"title":"Light number {n} is lit again","date":"2026-06-{:02}","url":"/d/{n}"}}"#,
            20 - n
        )
    });
    let data = data.collect::<Vec<_>>().join(",");
    let script = format!("<script type=application/json>{{\"news\":[{data}]}}</script>");
    let shown = |count: usize| {
        let rows = rows(|_, day, title, path| format!("<li><a href={path}>{title}</a> {day}\n"));
        rows.lines().take(count).collect::<String>()
    };
    let found = |count: usize| {
        entries(&format!("<html lang=en><ul>{}</ul>{script}", shown(count)), &PageRules::default())
    };
    let of_data = found(2);
    assert_eq!(of_data.len(), 6, "{of_data:?}");
    assert_eq!(of_data[0], "2026-06-19 Light number 1 is lit again /d/1 -");
    // Where the page shows as many itself, what it shows counts.
    assert_eq!(found(3), expected()[..3]);
}

#[test]
fn features_explain_a_choice() {
    let list = rows(|_, day, title, path| {
        format!("<article><h2><a href={path}>{title}</a></h2><p>{day}</article>")
    });
    let same = items(12, |n| format!("<li><a href=/m/{n}>Minutes of the board</a> {n} June 2026"));
    let page = format!("<html lang=en>{list}{same}");
    let rules = PageRules::default();
    let seen = explain(&document(page.as_bytes(), &rules));
    let [chosen, other] = &seen[..] else { panic!("{seen:?}") };
    assert!(chosen.is_chosen && !other.is_chosen);
    assert_eq!(chosen.entries.len(), ROWS.len());
    let texts = [chosen, other].map(|list| list.features.to_string());
    assert!(texts[0].contains("order 1.00, past 1.00, links 1.00"), "{texts:?}");
    assert!(texts[0].contains("headings 1.00, main 1.00"), "{texts:?}");
    assert!(texts[1].contains("variety 0.08 (-46 %)"), "{texts:?}");
    assert!(texts[1].contains("headings 0.00 (-50 %)"), "{texts:?}");
}

#[test]
fn the_only_row_of_a_table_with_a_head_is_the_entry() {
    let (printed, on, title, path) = ROWS[0];
    let page = format!(
        "<html lang=en><main><div class=box><p><a href=/about>About the office of lamps</a>\
         <p>Open since 2 March 2019</div><div class=box><h3>Rulings of the office</h3>\
         <p><a href=/form>How to write to the office</a>\
         <table><tr><th>Day<th>Ruling<tr><td>{printed}<td><a href=/n/{path}>{title}</a></table></div></main>"
    );
    let found = entries(&page, &PageRules::default());
    assert_eq!(found, [format!("{on} {title} /n/{path} -")]);
}

#[test]
fn a_footer_of_each_record_and_a_list_beside_a_menu_are_no_navigation() {
    assert_rows(
        "footers",
        &rows(|_, day, title, path| {
            format!("<article><p>{day}</p><footer><a href={path}>{title}</a></footer></article>")
        }),
    );
    let list = rows(|_, day, title, path| format!("<li>{day} <a href={path}>{title}</a>"));
    assert_rows("beside a menu", &format!("<ul class=list--near-menu>{list}</ul>"));
}

#[test]
fn what_is_alone_in_its_box_is_what_others_are() {
    // Three boxes of a month, the last of which has one entry.
    let entry = |row: &(&str, &str, &str, &str)| {
        format!("<div class=note><div>{}</div><a href=/n/{}>{}</a></div>", row.0, row.3, row.2)
    };
    let all: Vec<String> = ROWS.iter().map(entry).collect();
    let page =
        format!("<div class=month>{}</div><div class=month>{}</div>", all[..3].concat(), all[3]);
    assert_rows("alone", &page);
}

#[test]
fn several_links_to_one_address_are_one_entry() {
    let list = rows(|_, day, title, path| {
        format!(
            "<div class=card><p>{day}</p><ul><li><a href={path}>{title}</a>\
             <p>Office of lamps<li><a href={path}>Statement of the office in full</a></ul></div>"
        )
    });
    assert_rows("title and button", &list);
}

#[test]
fn the_newest_entry_may_be_in_the_folder_of_another_year() {
    let card = |row: &(&str, &str, &str, &str), year: usize| {
        format!("<h2><a href=/{year}/n/{}>{}</a></h2><p>{}</p>", row.3, row.2, row.0)
    };
    let others: String =
        ROWS[1..].iter().map(|row| format!("<article>{}</article>", card(row, 2025))).collect();
    let page = format!(
        "<html lang=en><main><div class=top>{}</div><div>{others}</div>",
        card(&ROWS[0], 2026)
    );
    let found = entries(&page, &PageRules::default());
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].contains("/2026/n/4"), "{found:?}");
}
