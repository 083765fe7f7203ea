//! Lists whose rows are not all alike, and what stands around them: each case is a page and the
//! entries that a reader of it would name.

use crate::support::page::{ROWS, assert_rows, entries, expected, rows};
use communique::domain::PageRules;

#[test]
fn what_only_some_rows_have_changes_no_list() {
    assert_rows(
        "attachments",
        &rows(|n, day, title, path| {
            let files = format!(
                "<div><p><a href=/f/{n}a>Recording of the hearing</a><p><a href=/f/{n}b>Recording of the vote</a></div>"
            );
            let files = if n % 2 == 0 { files } else { String::new() };
            format!("<div class=it><h3><a href={path}>{title}</a></h3><p>{day}</p>{files}</div>")
        }),
    );
    assert_rows(
        "a second date",
        &rows(|n, day, title, path| {
            let changed = if n == 1 { " (changed on 2 August 2026)" } else { "" };
            format!("<li><a href={path}>{title}</a><div>{day}{changed}</div>")
        }),
    );
    assert_rows(
        "menus",
        &rows(|n, day, title, path| {
            format!(
                "<div class=it><h3><a href={path}>{title}</a></h3><div>{day}</div>\
                 <ul><li><a href=/p/{n}>All about this keeper</a><li><a href=/q/{n}>Write to this keeper</a></ul></div>"
            )
        }),
    );
    assert_rows(
        "classes of categories and of colors",
        &rows(|n, day, title, path| {
            let class = ["a-piers it", "it b-tolls", "c-people it", "it"][n];
            format!("<div class='{class}'><a href={path}>{title}</a><div>{day}</div></div>")
        }),
    );
    assert_rows(
        "stripes",
        &rows(|n, day, title, path| {
            let class = if n % 2 == 0 { "row" } else { "row bg-smoke" };
            format!("<div class='{class}'><a href={path}>{title}</a><div>{day}</div></div>")
        }),
    );
}

#[test]
fn what_stands_around_a_list_is_none_of_it() {
    let list = rows(|_, day, title, path| format!("<dt>{day}<dd><a href={path}>{title}</a>"));
    let below = "<p>Pages: <a href=?p=2>2</a></p><div><h4>Elsewhere</h4>\
         <ul><li><a href=https://other.example/>Office of the harbour master</a></ul></div>";
    assert_rows("links below", &format!("<div><dl>{list}</dl>{below}</div>"));
    let list = rows(|_, day, title, path| format!("Filed {day}<br><a href={path}>{title}</a><br>"));
    let above = "<h3>As of 20 June 2026 12:20</h3><a href=/r>Notices of the other kind</a><br>\
         <a href=/t>Notices that were filed today</a><br>";
    assert_rows("when the page was made", &format!("{above}<hr>{list}"));
    let menu = "<div class=top-menu><ul><li><a href=/e/1>9 August 2022 Results of the vote</a>\
         <li><a href=/e/2>8 November 2020 Results of the vote</a></ul></div>";
    let list = rows(|_, day, title, path| format!("<li>{day} <a href={path}>{title}</a>"));
    assert_rows("a dated menu", &format!("{menu}<ul>{list}</ul>"));
}

#[test]
fn the_parts_of_a_list_are_one() {
    let item = |row: &(&str, &str, &str, &str), tag: &str| {
        format!("<{tag} class=x><a href=/n/{}>{} {}</a></{tag}>", row.3, row.0, row.2)
    };
    let part = |rows: &[(&str, &str, &str, &str)], tag: &str| -> String {
        rows.iter().map(|row| item(row, tag)).collect()
    };
    let (one, two) = ROWS.split_at(2);
    let page =
        format!("<div>{}</div><h3>May 2026</h3><ul>{}</ul>", part(one, "div"), part(two, "li"));
    assert_rows("two sections", &page);
    let card = |row: &(&str, &str, &str, &str)| {
        format!("<h2><a href=/n/{}>{}</a></h2><p>{}</p>", row.3, row.2, row.0)
    };
    let (newest, others) = ROWS.split_at(1);
    let others: String =
        others.iter().map(|row| format!("<article>{}</article>", card(row))).collect();
    assert_rows(
        "the newest apart",
        &format!("<div class=top>{}</div><div>{others}</div>", card(&newest[0])),
    );
}

#[test]
fn a_row_whose_date_cannot_be_read_has_no_date() {
    let page = rows(|n, day, title, path| {
        let day = if n == 1 { "on a day in June" } else { day };
        format!("<div class=it><h3><a href={path}>{title}</a></h3><p>{day}</p></div>")
    });
    let mut expected = expected();
    expected[1] = expected[1].replace("2026-06-11", "-");
    let found = entries(&format!("<html lang=en>{page}"), &PageRules::default());
    let found: Vec<String> =
        found.iter().map(|entry| entry.replace("on a day in June", "-")).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_date_belongs_to_what_it_stands_at() {
    assert_rows(
        "above its heading",
        &rows(|_, day, title, path| {
            format!("<span>{day}</span><h2><a href={path}>{title}</a></h2><hr>")
        }),
    );
    // The last day is for two; one of them has a date in its title.
    let page = "<h2>18 June 2026</h2><ul><li><a href=/a>The lamps at the weir are lit again</a>\
         <li><a href=/b>Weekly letter of the harbour master, 5 June 2026</a>\
         <li><a href=/c>Tolls at the eastern lock rise</a><li><a href=/d>The dredging goes on</a></ul>";
    let found = entries(page, &PageRules::default());
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|entry| entry.starts_with("2026-06-18")), "{found:?}");
    assert!(found[1].contains("Weekly letter of the harbour master, 5 June 2026"), "{found:?}");
    // A heading may link to something of its own.
    let day = |day: &str, n: usize| {
        format!(
            "<p><b>{day} - <a href=/s/{n}>Summaries of all rulings</a></b></p>\
             <ul><li><a href=/r/{n}a>Owners of the barge against the toll house</a>\
             <li><a href=/r/{n}b>Heirs of Penn against the parish of Saltmere</a></ul>"
        )
    };
    let found = entries(&(day("18 June 2026", 2) + &day("11 June 2026", 1)), &PageRules::default());
    let paths: Vec<&str> =
        found.iter().map(|entry| entry.split(' ').nth_back(1).unwrap()).collect();
    assert_eq!(paths, ["/r/2a", "/r/2b", "/r/1a", "/r/1b"], "{found:?}");
    assert!(found[3].starts_with("2026-06-11"), "{found:?}");
}

#[test]
fn a_day_below_a_heading_has_its_year() {
    let page = "<html lang=en><h3>2026</h3><ul>\
         <li><time>18 June</time> <a href=/n/4>The northern pier is closed for repairs</a>\
         <li><time>2 May</time> <a href=/n/3>Tolls at the eastern lock rise in autumn</a></ul>\
         <h3>2025</h3><ul>\
         <li><time>29 December</time> <a href=/n/2>A new keeper takes over the cape lamp</a>\
         <li><time>12-14</time> <a href=/n/1>Fog signals are tested at night</a></ul>";
    let days: Vec<String> = entries(page, &PageRules::default())
        .iter()
        .map(|entry| entry.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(days, ["2026-06-18", "2026-05-02", "2025-12-29", "2025-12-14"]);
}

#[test]
fn old_markup_is_read() {
    let page = rows(|n, day, title, path| format!("<a href={path}>{n}.pdf</a>  {day}  {title}\n"));
    let found = entries(&format!("<pre>{page}</pre>"), &PageRules::default());
    let days: Vec<&str> = found.iter().map(|entry| &entry[..10]).collect();
    assert_eq!(days, ["2026-06-18", "2026-06-11", "2026-05-29", "2026-05-14"], "{found:?}");
    // Each cell leaves elements open; they end with it.
    let row = |n: usize| {
        format!(
            "<tr><td><font size=1><a href=/n/{n}>The ruling of number {n} in full</a>\
             <td><font size=1><b>2026-05-{:02}<td><font size=1>slip",
            31 - n
        )
    };
    let table: String = (1..=30).map(row).collect();
    let found = entries(&format!("<table>{table}</table>"), &PageRules::default());
    assert_eq!(found.len(), 30, "{found:?}");
    assert_eq!(found[29], "2026-05-01 The ruling of number 30 in full /n/30 -");
}
