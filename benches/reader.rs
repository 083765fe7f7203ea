//! What the whole reader costs beside plain parsing of the same pages, in one run:
//!
//! ```text
//! cargo bench --bench reader
//! COMMUNIQUE_BENCH_PAGES=folder/of/html cargo bench --bench reader
//! ```
//!
//! Items are pages, bytes are of the pages as they were served. `parse` is html5ever building the
//! tree of each page, nothing else; `read_whole` is all that `communique check` does with it. The reader
//! ought to cost no more than three times the parse. The pages are, without a folder, made here: a
//! table, articles and a `<br>` run of 50 statements each, with as much around them as real pages
//! have (101 of them, kept, have 95 KB on average). `dense` are the same lists of 200 statements with
//! nothing around them, where the reader has more to do than the parser.

use chrono_tz::Tz;
use communique::{
    domain::Hints,
    extract::{Document, read},
};
use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use scraper::Html;
use std::fmt::Write as _;

fn main() {
    divan::main();
}

fn pages() -> Vec<Vec<u8>> {
    let Some(folder) = std::env::var_os("COMMUNIQUE_BENCH_PAGES") else {
        return made(50, true);
    };
    let items = std::fs::read_dir(folder).expect("COMMUNIQUE_BENCH_PAGES is a folder of pages");
    let mut paths: Vec<_> = items.map(|item| item.expect("it can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    paths.sort();
    assert!(!paths.is_empty(), "COMMUNIQUE_BENCH_PAGES has no .html in it");
    paths.iter().map(|path| std::fs::read(path).expect("it can be read")).collect()
}

/// What stands around the statements of real pages: scripts, styles, menus, wrappers.
fn frame() -> (String, String) {
    let style: String = (0..300).fold(String::new(), |mut style, n| {
        let _ = writeln!(
            style,
            ".block-{n} > .field__item a:hover {{ color: #0b3d{n:02}; margin: 0 }}"
        );
        style
    });
    let menu: String = (0..150).fold(String::new(), |mut menu, n| {
        let _ = writeln!(
            menu,
            "<li class=\"menu-item menu-item--collapsed depth-{}\"><a href=\"/section/{n}\" \
             class=\"menu-link\" data-drupal-link-system-path=\"node/{n}\"><span>Section {n}</span></a></li>",
            n % 3
        );
        menu
    });
    (style, menu)
}

/// Lists of so many statements; with what stands around them on real pages, or bare.
fn made(statements: usize, is_framed: bool) -> Vec<Vec<u8>> {
    let (style, frame) = if is_framed { frame() } else { Default::default() };
    let wrapper = if is_framed {
        "<div class=\"views-field views-field-media\"><span class=\"field-content\"><picture>\
         <source srcset=\"/styles/teaser/a.webp 1x, /styles/teaser_2x/a.webp 2x\" media=\"all and (min-width: 851px)\">\
         <img loading=lazy src=\"/styles/teaser/a.jpg\" width=320 height=180 alt=\"\" class=\"image-style-teaser\">\
         </picture></span></div><ul class=\"tags list-inline\"><li class=tag><span>Harbours</span></li>\
         <li class=tag><span>Treaties</span></li></ul><div class=\"share\" role=group aria-label=\"Share\">\
         <button type=button class=\"btn btn-icon btn--mail\" data-action=mail></button>\
         <button type=button class=\"btn btn-icon btn--print\" data-action=print></button></div>"
    } else {
        ""
    };
    let menu: String = (0..60).fold(String::new(), |mut menu, n| {
        let _ = write!(menu, "<li class=item><a href=/section/{n}>Section {n}</a></li>");
        menu
    });
    type Entry = fn(usize, &str, &str) -> String;
    let forms: [(&str, Entry, &str); 3] = [
        (
            "<table><tbody>",
            |n, day, title| {
                format!("<tr><td>{day}</td><td><a href=/statement/{n}>{title}</a></td></tr>\n")
            },
            "</tbody></table>",
        ),
        (
            "<div class=list>",
            |n, day, title| {
                format!(
                    "<article class=card><time>{day}</time><h3><a href=/statement/{n}>{title}</a></h3>\
                     <p>The ministry explains what was agreed upon, and what is to follow from it \
                     for the ports of both countries.</p></article>\n"
                )
            },
            "</div>",
        ),
        (
            "<p>",
            |n, day, title| format!("{day} - <a href=/statement/{n}>{title}</a><br>\n"),
            "</p>",
        ),
    ];
    let page = |(open, entry, close): (&str, Entry, &str)| {
        let entries: String = (0..statements)
            .map(|n| {
                let day = format!("{:02}.{:02}.2026", 28 - n % 28, 12 - (n / 28) % 12);
                let title = format!("On the {n}th amendment of the harbour treaty");
                entry(n, &day, &title).replacen("</a>", &format!("</a>{wrapper}"), 1)
            })
            .collect();
        format!(
            "<!doctype html><html lang=en><head><title>News</title><style>{style}</style></head><body>\
             <nav><ul>{menu}{frame}</ul></nav><main><h1>News</h1>{open}{entries}{close}</main></body></html>"
        )
        .into_bytes()
    };
    forms.into_iter().map(page).collect()
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, pages: &[Vec<u8>]) -> Bencher<'a, 'b> {
    let bytes: usize = pages.iter().map(Vec::len).sum();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(pages.len()))
}

#[divan::bench(sample_count = 20)]
fn parse(bencher: Bencher) {
    parse_all(bencher, &pages());
}

#[divan::bench(sample_count = 20)]
fn read_whole(bencher: Bencher) {
    read_all(bencher, &pages());
}

#[divan::bench(sample_count = 20)]
fn dense_parse(bencher: Bencher) {
    parse_all(bencher, &made(200, false));
}

#[divan::bench(sample_count = 20)]
fn dense_read_whole(bencher: Bencher) {
    read_all(bencher, &made(200, false));
}

fn parse_all(bencher: Bencher, pages: &[Vec<u8>]) {
    let texts: Vec<_> = pages.iter().map(|page| String::from_utf8_lossy(page)).collect();
    counted(bencher, pages).bench(|| {
        texts.iter().map(|text| Html::parse_document(text).tree.nodes().count()).sum::<usize>()
    });
}

fn read_all(bencher: Bencher, pages: &[Vec<u8>]) {
    let url = "https://example.org/".parse().expect("an address");
    let now = chrono::DateTime::UNIX_EPOCH;
    let entries = |bytes: &Vec<u8>| {
        let document = Document {
            seam: None,
            bytes,
            content_type: None,
            url: Some(&url),
            zone: Tz::UTC,
            now,
            hints: Hints::NONE,
        };
        read(&document).entries.len()
    };
    counted(bencher, pages).bench(|| pages.iter().map(entries).sum::<usize>());
}
