//! The same four entries in the layouts that institutions use, among a menu, a footer and a
//! sidebar: each layout must be read as the same list.

use crate::support::{page::document, snapshot};
use communique::{
    domain::{Candidate, Extraction, PageRules},
    extract::{Document, explain, read},
};

struct Entry {
    day: &'static str,
    printed: &'static str,
    title: &'static str,
    path: &'static str,
    lead: &'static str,
}

const ENTRIES: [Entry; 4] = [
    Entry {
        day: "2026-11-03",
        printed: "3 November 2026",
        title: "On the new lamp at Cape Sounion",
        path: "/s/12",
        lead: "The lamp was lit at dusk; ships need not slow down any more at the cape.",
    },
    Entry {
        day: "2026-11-02",
        printed: "2 November 2026",
        title: "Reply to a question on fog signals of 5 May 2020",
        path: "/s/11",
        lead: "Fog signals sound every minute and a half, as they did in the year 1911.",
    },
    Entry {
        day: "2026-10-28",
        printed: "28 October 2026",
        title: "Sea & Shore: the yearly report",
        path: "/s/10",
        lead: "Forty lights are in service, two of them new; none was lost to the sea.",
    },
    Entry {
        day: "2026-10-20",
        printed: "20 October 2026",
        title: "Statement on the keepers' pay",
        path: "/s/9",
        lead: "Keepers are paid by the lamp; the Ministry sees no reason to change this.",
    },
];

fn page(list: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Ministry</title><body>
        <nav><ul><li><a href=/about>About the Ministry</a><li><a href=/c>Contact us here</a></ul></nav>
        <aside><ul><li><a href=/e/1>Open day at the pier</a> 9 December 2026</ul></aside>
        <h1>Statements</h1><p>864 days have passed since the lamp of Cape Sorrow went out.</p>
        {list}
        <p><a href=/archive>All statements</a></p>
        <footer><a href=/imprint>Imprint of this site</a> Updated 1 January 2020</footer>"
    )
}

/// The page of a list, with a template for an entry: `{date}`, `{iso}`, `{d}`, `{m}`, `{y}`,
/// `{title}`, `{link}` and `{lead}` stand for its parts.
fn set(before: &str, entry: &str, after: &str) -> String {
    let entries = ENTRIES.map(|it| {
        let parts: Vec<&str> = it.printed.split(' ').collect();
        entry
            .replace("{date}", it.printed)
            .replace("{iso}", it.day)
            .replace("{d}", parts[0])
            .replace("{m}", parts[1])
            .replace("{y}", parts[2])
            .replace("{title}", &it.title.replace('&', "&amp;").replace('\'', "&#39;"))
            .replace("{link}", it.path)
            .replace("{lead}", it.lead)
    });
    page(&format!("{before}{}{after}", entries.concat()))
}

fn reading(bytes: &[u8], content_type: Option<&str>) -> Extraction {
    let rules = PageRules::default();
    read(&Document { content_type, ..document(bytes, &rules) })
}

/// One field a line, so that a difference shows which one it is.
fn lines(fields: [&str; 4]) -> String {
    let [day, title, path, lead] = fields;
    format!("day:   {day}\ntitle: {title}\npath:  {path}\nlead:  {lead}\n\n")
}

fn assert_read(name: &str, reading: &Extraction) {
    let found = |entry: &Candidate| {
        let day = entry.date_on.map(|on| on.to_string()).unwrap_or_default();
        let path = entry.link.as_ref().map(url::Url::path).unwrap_or_default();
        lines([&day, &entry.title, path, entry.lead.as_deref().unwrap_or_default()])
    };
    let found: String = reading.entries.iter().map(found).collect();
    let expected: String =
        ENTRIES.iter().map(|it| lines([it.day, it.title, it.path, it.lead])).collect();
    assert!(found == expected, "{}", snapshot::diff(name, &expected, &found));
    assert_eq!(reading.counters.len(), 1, "{name}");
    assert_eq!(reading.counters[0].since_on().unwrap().to_string(), "2024-07-13", "{name}");
}

const LAYOUTS: [(&str, &str, &str, &str); 26] = [
    (
        "cards with a category above and a byline below the title",
        "<main>",
        "<article><header><a href=/c/n>Mitteilungen</a></header><h2><a href={link}>{title}</a></h2>\
         <div>Von <a href=/desk>der Redaktion</a> am {date}, 12:20 Uhr</div><p>{lead}</p>\
         <p><a href={link}>Weiterlesen</a></p></article>",
        "</main>",
    ),
    (
        "links that name the title again",
        "<ul>",
        "<li><h3><a href={link}>{title}</a></h3><p>{date}</p>\
         <p>{lead} <a href={link}>Czytaj dalej<i> {title}</i></a></p>",
        "</ul>",
    ),
    (
        "labels",
        "<table>",
        "<tr><td>Number: <a href={link}>No. {y}/{m}</a><td>Date posted: {date}<br>\
         Subject: {title}<td>{lead}",
        "</table>",
    ),
    (
        "titles of pictures",
        "<ul>",
        "<li><a href={link}><img src=/p.jpg alt='{title}'></a><p>{date}</p><p>{lead}</p>",
        "</ul>",
    ),
    (
        "table",
        "<table><tr><th>Date<th>Title<th>Summary",
        "<tr><td>{date}<td><a href={link}>{title}</a><td>{lead}",
        "</table>",
    ),
    (
        "table, date last",
        "<table>",
        "<tr><td><a href={link}>{title}</a><td>{lead}<td>{iso}",
        "</table>",
    ),
    ("items", "<ul>", "<li>{date} <a href={link}>{title}</a><p>{lead}</p>", "</ul>"),
    (
        "items, date below",
        "<ul>",
        "<li><a href={link}>{title}</a><p>{lead}</p><i>{date}</i>",
        "</ul>",
    ),
    ("line breaks", "<div>", "{date}<br><a href={link}>{title}</a><br>{lead}<br><br>", "</div>"),
    ("paragraphs", "", "<p>{date}</p><p><a href={link}>{title}</a></p><p>{lead}</p>", ""),
    ("headings", "", "<h3>{title}</h3><p>{date}</p><p>{lead} <a href={link}>Read more</a></p>", ""),
    (
        "articles",
        "",
        "<article><h2><a href={link}>{title}</a></h2><time datetime={iso}>{date}</time><p>{lead}</p>\
         <a href={link}>Read more</a></article>",
        "",
    ),
    (
        "days for machines alone",
        "",
        "<article><h2><a href={link}>{title}</a></h2><time datetime={iso}T10:00:00Z>new</time><p>{lead}</p></article>",
        "",
    ),
    (
        "definitions",
        "<dl>",
        "<dt>{date}</dt><dd><a href={link}>{title}</a><br>{lead}</dd>",
        "</dl>",
    ),
    (
        "cards",
        "",
        "<div class=card><img src=x><div>{date}</div><div><a href={link}>{title}</a></div><div>{lead}</div>\
         <a class=more href={link}>More</a></div>",
        "",
    ),
    (
        "dates in three parts",
        "",
        "<div class=c><div>{d}</div><div>{m}</div><div>{y}</div><h4><a href={link}>{title}</a></h4><p>{lead}</p></div>",
        "",
    ),
    ("one line", "", "<div><b>{date}</b> – <a href={link}>{title}</a><p>{lead}</p></div>", ""),
    (
        "day and clock in two elements",
        "<ul class=announce>",
        "<li class=announce__item><div class=announce__meta><span class=announce__date>{date}</span><span class=announce__time>15:30</span></div>\
         <a class=announce__link href={link}>{title}</a><div class=announce__text>{lead}</div></li>",
        "</ul>",
    ),
    (
        "a day for machines, the clock in the text",
        "<div class=hfeed>",
        "<div class='hentry h-entry'><h3 class=entry-title><a href={link}><span>{title}</span></a></h3>\
         <span class=meta><time datetime={iso}>{date}</time>, 15:30 Harbour</span><div class=entry-summary>{lead}</div></div>",
        "</div>",
    ),
    (
        "documents with their sort",
        "<ul>",
        "<li class=doc-list__item><div><a class=govlink href={link}>{title}</a></div><p class=doc-list__desc>{lead}</p>\
         <ul class=doc-list__meta><li>Document type: Statement</li><li>Updated: <time datetime={iso}T11:30:00+01:00>{date}</time></li></ul></li>",
        "</ul>",
    ),
    (
        "an element called date that holds the sort",
        "<ul>",
        "<li class=collection-result><p class=result-date>Press Statement</p><a class=result-link href={link}>{title}</a>\
         <p>{lead}</p><div class=result-meta><span>Minister of Lights</span><span>{date}</span></div></li>",
        "</ul>",
    ),
    (
        "one identifier on every item",
        "<ul>",
        "<li class=excerpt-item id=item><span class=date><time datetime='{iso}'>{date}</time></span><a href={link} id=link><h3>{title}</h3></a><p>{lead}</p></li>",
        "</ul>",
    ),
    (
        "definitions with days for machines",
        "<dl>",
        "<dt isodate={iso}><div class=date>{date}</div></dt><dd><div class=category>Press release</div><div class=title><a href={link}>{title}</a></div><p>{lead}</p></dd>",
        "</dl>",
    ),
    (
        "a whole card in its link",
        "<div class=grid>",
        "<a class=card href={link}><span class=tag>News</span><h3>{title}</h3><p>{lead}</p><span class=when>{date}</span></a>",
        "</div>",
    ),
    (
        "rows of divisions",
        "<div class=view-content>",
        "<div class=views-row><div class=views-field-date><span class=field-content>{date}</span></div>\
         <div class=views-field-title><span class=field-content><a href={link}>{title}</a></span></div><div class=views-field-body><p>{lead}</p></div></div>",
        "</div>",
    ),
    (
        "below their days",
        "",
        "<h3>{date}</h3><ul><li><a href={link}>{title}</a><p>{lead}</p></ul>",
        "",
    ),
];

#[test]
fn the_same_entries_are_read_in_every_layout() {
    for (name, before, entry, after) in LAYOUTS {
        let source = set(before, entry, after);
        assert_read(name, &reading(source.as_bytes(), Some("text/html; charset=utf-8")));
    }
}

#[test]
fn a_document_next_to_a_page_is_a_further_link() {
    let entry = "<tr><td>{date}<td><a href={link}.pdf>PDF (1.2 MB)</a><td><a href={link}>{title}</a><td>{lead}";
    let reading = reading(set("<table>", entry, "</table>").as_bytes(), None);
    assert_read("documents", &reading);
    assert_eq!(reading.entries[0].links[0].path(), "/s/12.pdf");
}

#[test]
fn a_russian_page_in_windows_1251_is_read() {
    let list = "<ul><li><b>3 ноября 2026 г.</b> <a href=/s/2>О новой лампе на мысе Скорби</a>\
        <li><b>28 октября 2026 г.</b> <a href=/s/1>Годовой отчёт Министерства маяков</a></ul>\
        <p>Прошло 864 дня со дня, когда погасла лампа";
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(list);
    let reading = reading(&bytes, Some("text/html; charset=windows-1251"));
    let day = |entry: &Candidate| entry.date_on.unwrap().to_string();
    let found: Vec<_> = reading.entries.iter().map(|e| (day(e), e.title.as_str())).collect();
    assert_eq!(
        found,
        [
            ("2026-11-03".to_owned(), "О новой лампе на мысе Скорби"),
            ("2026-10-28".to_owned(), "Годовой отчёт Министерства маяков"),
        ]
    );
    assert_eq!(reading.counters.len(), 1);
}

#[test]
fn the_choice_is_explained() {
    let source = set("<ul>", "<li>{date} <a href={link}>{title}</a><p>{lead}</p>", "</ul>");
    let rules = PageRules::default();
    let document = document(source.as_bytes(), &rules);
    let seen = explain(&document);
    assert!(seen.len() > 1, "the sidebar is a list as well");
    assert!(seen[0].is_chosen && seen.iter().skip(1).all(|list| !list.is_chosen));
}
