//! What extraction costs, compared with plain parsing of the same pages, in one run:
//!
//! ```text
//! cargo bench --bench reader
//! COMMUNIQUE_BENCH_PAGES=folder/of/html cargo bench --bench reader
//! ```
//!
//! Items are pages; bytes are those of the pages as served. `parse` is html5ever building the tree
//! of each page; `read_whole` is all that `communique check` does with it, and should take at most
//! three times as long. Without a folder, the pages are generated: a table, articles and a `<br>`
//! run of 50 statements each, with as much around them as real pages have (95 KB on average over
//! 101 real ones). `dense` are the same lists with 200 statements and nothing around them, where
//! extraction has more to do than the parser.
//!
//! `feeds` is all that `communique check` does with feeds, `feeds_by_feed_rs` is feed-rs with its
//! default settings. The two do not do the same work. communique also guesses encodings, repairs
//! what is broken, converts HTML to text, and resolves addresses and dates; feed-rs also reads
//! authors, categories and media. Without `COMMUNIQUE_BENCH_FEEDS=folder/of/feeds`, the feeds are
//! generated: RSS with `content:encoded`, Atom, RDF, and RSS in windows-1251, with 50 entries each.

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use chrono_tz::Tz;
use communique::{
    domain::PageRules,
    extract::{Document, read},
};
use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use scraper::Html;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

fn main() {
    divan::main();
}

fn pages() -> Vec<Vec<u8>> {
    let Some(folder) = std::env::var_os("COMMUNIQUE_BENCH_PAGES") else {
        return made(50, true);
    };
    let paths = files(folder.as_ref(), |ending| ending == "html");
    paths.iter().map(|path| std::fs::read(path).expect("it can be read")).collect()
}

/// The files of a folder whose names have such an ending.
fn files(folder: &Path, is_wanted: fn(&str) -> bool) -> Vec<PathBuf> {
    let items = std::fs::read_dir(folder).expect("there is a folder");
    let mut paths: Vec<_> = items.map(|item| item.expect("it can be listed").path()).collect();
    paths.retain(|path| path.extension().and_then(|ending| ending.to_str()).is_some_and(is_wanted));
    paths.sort();
    assert!(!paths.is_empty(), "there is nothing to read in {}", folder.display());
    paths
}

fn feeds() -> Vec<Vec<u8>> {
    let Some(folder) = std::env::var_os("COMMUNIQUE_BENCH_FEEDS") else {
        return made_feeds();
    };
    let is_feed = |ending: &str| matches!(ending, "xml" | "rss" | "atom" | "rdf" | "json");
    let paths = files(folder.as_ref(), is_feed);
    paths.iter().map(|path| std::fs::read(path).expect("it can be read")).collect()
}

/// A feed of each sort.
fn made_feeds() -> Vec<Vec<u8>> {
    let body = "<p>The ministry <a href=\"https://ministry.example/treaty\">explains</a> what was agreed upon, \
        and what is to follow from it for the ports of both countries &amp; their pilots.</p>\n\
        <ul><li>The <strong>northern</strong> harbour</li><li>The southern one</li></ul>\n"
        .repeat(8);
    let escaped = body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let all = |entry: &dyn Fn(usize) -> String| (0..50).map(entry).collect::<String>();
    let rss = all(&|n| {
        format!(
            "<item><title>On the {n}th amendment of the harbour treaty</title>\
             <link>https://ministry.example/statements/{n}</link>\
             <dc:creator><![CDATA[Press office]]></dc:creator><category><![CDATA[Statements]]></category>\
             <pubDate>Tue, {:02} Nov 2026 10:00:00 +0000</pubDate>\
             <guid isPermaLink=\"false\">https://ministry.example/?p={n}</guid>\
             <description><![CDATA[The ministry explains what was agreed upon&#8230;]]></description>\
             <content:encoded><![CDATA[{body}]]></content:encoded></item>\n",
            28 - n % 28
        )
    });
    let atom = all(&|n| {
        format!(
            "<entry><title type=\"html\">On the {n}th amendment</title><id>tag:ministry.example,2026:{n}</id>\
             <link rel=\"alternate\" type=\"text/html\" href=\"/statements/{n}\"/>\
             <published>2026-11-{0:02}T10:00:00Z</published><updated>2026-11-{0:02}T11:00:00Z</updated>\
             <author><name>Press office</name></author><content type=\"html\">{escaped}</content></entry>\n",
            28 - n % 28
        )
    });
    let rdf = all(&|n| {
        format!(
            "<item rdf:about=\"https://ministry.example/{n}\"><title>On the {n}th amendment</title>\
             <link>https://ministry.example/{n}</link><dc:date>2026-11-{:02}</dc:date>\
             <description>{escaped}</description></item>\n",
            28 - n % 28
        )
    });
    let russian = all(&|n| {
        format!(
            "<item><title>О поправке {n} к договору о портах</title><link>https://ministry.example/{n}</link>\
             <pubDate>Tue, {:02} Nov 2026 10:00:00 +0300</pubDate><description><![CDATA[{}]]></description></item>\n",
            28 - n % 28,
            "<p>Министерство поясняет, о чём договорились стороны и что из этого следует.</p>"
                .repeat(12)
        )
    });
    let rss = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Ministry</title>\
         <link>https://ministry.example</link><description/>{rss}</channel></rss>"
    );
    let atom = format!(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Ministry</title>\
         <id>tag:ministry.example,2026:all</id><updated>2026-11-28T11:00:00Z</updated>{atom}</feed>"
    );
    let rdf = format!(
        "<?xml version=\"1.0\"?><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns=\"http://purl.org/rss/1.0/\">\
         <channel rdf:about=\"https://ministry.example\"><title>Ministry</title>\
         <link>https://ministry.example</link><description>All</description></channel>{rdf}</rdf:RDF>"
    );
    let russian = format!(
        "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss version=\"2.0\"><channel>\
         <title>Министерство</title><link>https://ministry.example</link><description/>{russian}</channel></rss>"
    );
    let russian = encoding_rs::WINDOWS_1251.encode(&russian).0.into_owned();
    vec![rss.into_bytes(), atom.into_bytes(), rdf.into_bytes(), russian]
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

type Entry = fn(usize, &str, &str) -> String;

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

#[divan::bench(name = "feeds", sample_count = 50)]
fn read_feeds(bencher: Bencher) {
    read_all(bencher, &feeds());
}

#[divan::bench(sample_count = 50)]
fn feeds_by_feed_rs(bencher: Bencher) {
    let feeds = feeds();
    let entries =
        |bytes: &Vec<u8>| feed_rs::parser::parse(&bytes[..]).map_or(0, |feed| feed.entries.len());
    counted(bencher, &feeds).bench(|| feeds.iter().map(entries).sum::<usize>());
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
            page_rules: &PageRules::default(),
        };
        read(&document).entries.len()
    };
    counted(bencher, pages).bench(|| pages.iter().map(entries).sum::<usize>());
}
