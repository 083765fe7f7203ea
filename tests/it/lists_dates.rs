//! Which date of several is the day of an entry: where it stands, and what is printed before it.

use crate::support::page::{ROWS, assert_rows, entries, rows};
use communique::domain::PageRules;

#[test]
fn dates_below_their_titles_date_these() {
    assert_rows(
        "in strict turn",
        &rows(|_, day, title, path| {
            format!("<p><a href={path}>{title}</a></p><p>Office of lamps</p><p>{day}</p>")
        }),
    );
    assert_rows(
        "in strict turn above, and nearer to the title before",
        &rows(|_, day, title, path| {
            let office = "<p>Office of lamps</p>".repeat(2);
            format!("<h3>{day}</h3>{office}<ul><li><a href={path}>{title}</a></ul>")
        }),
    );
    // A date in the element of a title dates nothing outside of it.
    let page = "<html lang=en><main><div><p><a href=/n/2>The northern pier is closed for repairs</a>\
         <p>18 June 2026</div><ul><li><a href=/about>The history of the northern pier</a>\
         <li><a href=/map>The map of the northern pier</a></ul></main>";
    let found = entries(page, &PageRules::default());
    assert_eq!(found, ["2026-06-18 The northern pier is closed for repairs /n/2 -"]);
}

#[test]
fn a_date_in_a_remark_dates_nothing() {
    let title = |n: usize| format!("<p><a href=/n/{}>{}</a></p>", ROWS[n].3, ROWS[n].2);
    let remark = "<p>The stay of 2 March 2026 was lifted again.</p>";
    let page = format!(
        "<html lang=en><main><h3>18 June 2026</h3>{}{remark}{}<h3>29 May 2026</h3>{}{}</main>",
        title(0),
        title(1),
        title(2),
        title(3)
    );
    let found = entries(&page, &PageRules::default());
    let days: Vec<&str> = found.iter().map(|entry| &entry[..10]).collect();
    assert_eq!(days, ["2026-06-18", "2026-06-18", "2026-05-29", "2026-05-29"], "{found:?}");
}

#[test]
fn the_words_before_a_date_say_what_it_is() {
    let cases = [
        ("en", "Hearing", "Posted"),
        ("en", "Updated", "Published by the office of lamps"),
        ("ru", "Слушание", "Опубликовано"),
        ("uk", "Засідання", "Оприлюднено"),
        ("de", "Aktualisiert", "Veröffentlicht"),
        ("fr", "Mis à jour", "Publié"),
        ("es", "Vigencia", "Publicado"),
    ];
    for (lang, other, own) in cases {
        let row = |row: &(&str, &str, &str, &str)| {
            format!(
                "<li><a href=/n/{}>{}</a><div>{other}: {}</div><div>{own}: {}</div>",
                row.3,
                row.2,
                "2026-01-0".to_owned() + row.3,
                row.1
            )
        };
        let list: String = ROWS.iter().map(row).collect();
        let found = entries(&format!("<html lang={lang}><ul>{list}</ul>"), &PageRules::default());
        let days: Vec<&str> = found.iter().map(|entry| &entry[..10]).collect();
        assert_eq!(days, ROWS.map(|row| row.1), "{lang} {own}");
        // A label may stand in a line of its own.
        let list = list.replace(": ", ":<br>");
        let found = entries(&format!("<html lang={lang}><ul>{list}</ul>"), &PageRules::default());
        let days: Vec<&str> = found.iter().map(|entry| &entry[..10]).collect();
        assert_eq!(days, ROWS.map(|row| row.1), "{lang} {own}, above");
    }
}

#[test]
fn a_date_after_the_title_in_a_link_is_not_the_one_before_it() {
    let page = rows(|n, day, title, path| {
        let own = if n == 0 { "2 March 2026, " } else { "" };
        format!("<li><a href={path}>{own}{title} ({day})</a>")
    });
    let found = entries(&format!("<html lang=en><ul>{page}</ul>"), &PageRules::default());
    let days: Vec<&str> = found.iter().map(|entry| &entry[..10]).collect();
    assert_eq!(days, ROWS.map(|row| row.1), "{found:?}");
}

#[test]
fn labels_between_titles_date_what_follows_them() {
    assert_rows(
        "authors and categories",
        &rows(|_, day, title, path| {
            format!(
                "<div class=by>{day} by <a href=/keeper>The keeper of the lamps</a></div>\
                 <h3><a href={path}>{title}</a></h3>"
            )
        }),
    );
}

#[test]
fn rows_below_a_dated_row_are_parts_of_its_entry() {
    let list = rows(|_, day, title, path| {
        format!("<tr><td>{day}<td>Office of lamps<tr><td colspan=2><a href={path}>{title}</a>")
    });
    assert_rows("the title is in the next row", &format!("<table>{list}</table>"));
    let list = rows(|n, day, title, path| {
        format!("<tr><td>{day}<td><a href={path}>26-{n}</a><tr><td colspan=2>{title}")
    });
    assert_rows("what is linked is a number", &format!("<table>{list}</table>"));
}

#[test]
fn what_follows_a_linked_number_is_the_title() {
    let list =
        rows(|n, day, title, path| format!("<tr><td>{day}<td><a href={path}>26-{n}</a> {title}"));
    assert_rows("a number before the title", &format!("<table>{list}</table>"));
}

#[test]
fn lines_of_a_cell_with_links_of_one_name_are_entries() {
    let lines = rows(|n, day, title, path| {
        let row = if n % 2 == 0 { "<tr><td>" } else { "" };
        format!("{row}{title}, {day} <a href={path}>PDF</a><br>")
    });
    let page = format!("<html lang=en><table>{lines}</table>");
    let found = entries(&page, &PageRules::default());
    assert_eq!(found.len(), ROWS.len(), "{found:?}");
    for (entry, (_, on, title, path)) in found.iter().zip(ROWS) {
        assert!(entry.starts_with(&format!("{on} {title}")), "{entry}");
        assert!(entry.contains(&format!(" /n/{path} ")), "{entry}");
    }
}

#[test]
fn documents_of_the_same_names_are_read() {
    let page = rows(|_, day, _, path| {
        format!(
            "<tr><td>{day}<td><a href={path}>Order of business</a><td><a href={path}m>Minutes of the board</a>"
        )
    });
    let found = entries(&format!("<html lang=en><table>{page}</table>"), &PageRules::default());
    let expected: Vec<String> =
        ROWS.iter().map(|row| format!("{} Order of business /n/{} -", row.1, row.3)).collect();
    assert_eq!(found, expected);
}

#[test]
fn writing_is_counted_in_characters_and_a_clock_may_be_the_last() {
    let titles = [
        "افتتاح منارة جديدة على الساحل الشمالي",
        "تقرير سنوي عن حالة المنارات والموانئ",
        "تعيين حارس جديد لمنارة الرأس الغربي",
    ];
    let short = "أعلن مكتب المنارات هذا الخبر صباح اليوم في الميناء";
    let long = format!("{short} الكبير بعد اجتماع طويل حضره حراس المنارات كلهم وممثلو الموانئ");
    let cases = [
        ("fewer than 80 characters", format!("{short} DAY في الميناء")),
        ("before a clock", format!("{long}، DAY 12:26:00 م")),
    ];
    for (name, line) in cases {
        let row = |(n, title): (usize, &&str)| {
            let day = format!("\u{200f}{}/06/2026\u{200f}", 18 - n);
            format!("<li><a href=/n/{n}>{title}</a><p>{}</p>", line.replace("DAY", &day))
        };
        let list: String = titles.iter().enumerate().map(row).collect();
        // A date that stands alone elsewhere does not make these the words of texts.
        let page = format!("<html lang=ar><p>1/06/2026</p><ul>{list}</ul>");
        let found = entries(&page, &PageRules::default());
        let days: Vec<&str> = found.iter().map(|entry| &entry[..10]).collect();
        assert_eq!(days, ["2026-06-18", "2026-06-17", "2026-06-16"], "{name}: {found:?}");
    }
}
