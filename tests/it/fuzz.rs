//! Extraction on hostile input: pages and feeds of this project, cut up, repeated and damaged at
//! random, in several encodings.
//!
//! Guarantees: it neither panics nor takes long, and what it returns is well formed.
//!
//! `COMMUNIQUE_FUZZ_SECONDS=600` runs for ten minutes. A failure names its seed, and
//! `COMMUNIQUE_FUZZ_SEED=17` runs that one alone.

use chrono_tz::Tz;
use communique::{
    domain::PageRules,
    extract::{Document, read},
};
use encoding_rs::{GB18030, ISO_2022_JP, KOI8_R, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Far more than any input of this size takes, so that no test fails on a busy machine.
const SLOW: Duration = Duration::from_secs(5);
/// The largest input, in bytes.
const BYTES_MAX: usize = 128 * 1024;
/// The length of the short run.
const SECONDS: u64 = 3;
/// Pieces of trees, links and dates.
const PIECES: &str = "<table>|<tr>|<td>|</table>|<ul>|<li>|</li>|<div class=a>|</div>|<p>|<h3>|</h3>|<br>|\
    <dl><dt>|<dd>|<a href=/x>|</a>|<a href='//e.example/1.pdf'>|<time datetime=2026-11-03>|<article>|\
    <nav>|<b>|<i x=1>|<base href=/q/>|<svg>|<template>|<select>|<!--|-->|<![CDATA[|]]>|&amp;|&#x1F600;|&#0;|\
    3 November 2026|03.11.2026|11/3/26|2026-11-03T10:00:00Z|2026年11月3日|31 декабря 2026|29 February 2027|\
    1st day of May, 2026|3 hours ago|Yesterday, 14:05|вчера|<a rel=next href=/2>|<abbr class=published title=2026-11-03>|\
    <meta itemprop=datePublished content=2026-11-03>|<script type='application/ld+json'>|</script>|\
    {\"@id\":\"/x\",\"datePublished\":\"2026-11-03\"}|[|,|Read more|A title that is long enough|864 days have passed since |99999999999|\
    \n|\t| |\u{202e}|\u{fdfa}|\u{0}|{\"items\":[{\"title\":|<rss version='2.0'><channel><item><title>|]}";

/// Pieces of feeds of all formats, valid and broken.
const FEED_PIECES: &str = "<item>|</item>|<item/>|<entry>|</entry>|<Item>|</ITEM>|<a:item>|</a:item>|<r:entry>|\
    <item rdf:about='https://e.example/5'>|<item xml:base='/q/'>|<item xmlns:a='http://purl.org/rss/1.0/'>|\
    <items><rdf:Seq>|</channel>|</rss>|</feed>|</rdf:RDF>|<channel>|<title>|</title>|<title type='html'>|\
    <title type=\"xhtml\"><div>|<media:title>|</media:title>|<media:group>|</media:group>|\
    <media:content url='/a.mp4' type=video/mp4>|<dc:title>|</dc:title>|<dc:date>2026-11-03</dc:date>|\
    <description>|</description>|<content:encoded>|</content:encoded>|<summary>|</summary>|\
    <content type='xhtml'>|</content>|<content mode='base64'>PGI+b2xkPC9iPg==</content>|\
    <content mode=base64>!!|<content type='application/pdf' src='/5.pdf'/>|<link>|</link>|<link/>|\
    <link href='/7'/>|<link rel='enclosure' href='//e.example/8'/>|<link rel=next href='?page=2'>|\
    <atom:link rel='self' href='/f'/>|<guid isPermaLink='false'>|</guid>|<guid>https://e.example/9</guid>|\
    <id>urn:uuid:7</id>|<enclosure url='/1.mp3' length='0'/>|\
    <feedburner:origLink>https://e.example/6</feedburner:origLink>|\
    <pubDate>Tue, 03 Nov 2026 10:00:00 +0000</pubDate>|<pubDate>03/11/26 25:61</pubDate>|<pubDate>|</pubDate>|\
    <updated>2026-11-03T24:00:00Z</updated>|<published>1793700000</published>|\
    <published><b>3 Nov 2026</b></published>|<pubDate>вт, 03 ноя 26 10:00:00 +0300</pubDate>|\
    <dc:date>20261103T100000</dc:date>|<pubDate>99999999999999999999</pubDate>|<updated>0001-01-01</updated>|\
    <language>en-us</language>|<ttl>99999999999999999999</ttl>|<![CDATA[|]]>|<![CDATA[]]]]><![CDATA[>]]>|<!--|\
    -->|<!---->|<?php|?>|<!DOCTYPE rss [<!ENTITY a '&#38;a;'>]>|&a;|<!DOCTYPE x [|]>|&lt;b&gt;|&lt;p|&amp;lt;|\
    &#x;|&#xD800;|&#150;|&nbsp;|&eacute|&|<|>|<<|a < b|x=\"|='|\"|</|<b|</ item>|< item>|\
    Statement on the harbour|Заявление о порте|港に関する声明|بيان|\u{fdd0}|\u{feff}|\u{0}|<script>|</script>|\
    <img alt='The mole'>|<o:p>|<zz>|</zz>|{\"title\":\"A\"},|{\"id\":7,|{\"id\":\"\\u0041|\\ud800|\"items\":[|\
    \"attachments\":[{\"url\":\"/1\"}],|\"content_html\":\"<p>|\"}|,|]|{|\"date_published\":\"2026-11-03\",";
/// Beginnings of feeds.
const FEED_HEADS: &str = "<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>|\
    <?xml version='1.0' encoding='windows-1251'?><rss version='0.91'><channel>|\
    <?xml version='1.0' encoding='koi8-r'?><rss><channel>|<?xml version='1.0' encoding='utf-16'?><rss><channel>|\
    <?xml encoding='shift_jis'?><rss><channel>|<?xml encoding='iso-2022-jp'?><rss><channel>|\
    <?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom' xml:base='/b/' xml:lang='de'>|\
    <feed version='0.3' xmlns='http://purl.org/atom/ns#'>|<a:feed xmlns:a='http://www.w3.org/2005/Atom'>|\
    <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel>|\
    <rss xmlns:media='http://search.yahoo.com/mrss/'><channel>|\
    <!DOCTYPE rss [<!ENTITY a 'Harbour'>]><rss><channel>|Warning: in line 3\n<rss><channel>|\u{feff}<rss>|\
    <a:rss xmlns:a='x'><a:channel>|\
    {\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":[|{\"items\":[{\"id\":\"a\",";
/// Content types.
const CONTENT_TYPES: [Option<&str>; 7] = [
    None,
    None,
    Some("application/rss+xml"),
    Some("text/xml; charset=utf-8"),
    Some("text/html; charset=windows-1251"),
    Some("application/json; charset=koi8-r"),
    Some("text/plain; charset=ascii"),
];

fn number(name: &str) -> Option<u64> {
    let found = std::env::vars_os().find(|(variable, _)| variable == name);
    found.and_then(|(_, value)| value.to_str()?.parse().ok())
}

/// The project's own pages, complete, and the pieces.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pages");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect();
    files.sort();
    let pages = files.iter().map(|path| std::fs::read(path).unwrap());
    pages.chain(PIECES.split('|').map(|piece| piece.as_bytes().to_vec())).collect()
}

/// An input: bytes, where a part of them is missing, and the content type.
struct Case {
    bytes: Vec<u8>,
    seam: Option<usize>,
    content_type: Option<&'static str>,
}

fn case(corpus: &[Vec<u8>], rng: &mut fastrand::Rng) -> Case {
    let pieces: Vec<&[u8]> = FEED_PIECES.split('|').map(str::as_bytes).collect();
    let heads: Vec<&[u8]> = FEED_HEADS.split('|').map(str::as_bytes).collect();
    let mut bytes = Vec::new();
    let is_feed = rng.bool();
    if is_feed {
        bytes.extend_from_slice(heads[rng.usize(..heads.len())]);
    }
    for _ in 0..rng.usize(1..200) {
        let piece = match is_feed && rng.u8(..50) > 0 {
            true => pieces[rng.usize(..pieces.len())],
            false => &corpus[rng.usize(..corpus.len())],
        };
        match rng.u8(..20) {
            0 => (0..rng.usize(1..2000)).for_each(|_| bytes.extend_from_slice(piece)),
            1 => bytes.extend_from_slice(&piece[rng.usize(..=piece.len())..]),
            2 => bytes.extend_from_slice(&piece[..rng.usize(..=piece.len())]),
            3 => bytes.push(rng.u8(..)),
            // The input so far, repeated.
            4 => bytes.extend_from_within(rng.usize(..=bytes.len())..),
            _ => bytes.extend_from_slice(piece),
        }
        bytes.truncate(BYTES_MAX);
    }
    if rng.u8(..3) == 0 {
        bytes = in_other_encoding(&bytes, rng);
    }
    let seam = (rng.u8(..4) == 0).then(|| rng.usize(..bytes.len() + 2));
    Case { bytes, seam, content_type: CONTENT_TYPES[rng.usize(..CONTENT_TYPES.len())] }
}

fn in_other_encoding(bytes: &[u8], rng: &mut fastrand::Rng) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mark = if rng.bool() { "\u{feff}" } else { "" };
    let units = || mark.encode_utf16().chain(text.encode_utf16());
    match rng.u8(..8) {
        0 => units().flat_map(u16::to_le_bytes).collect(),
        1 => units().flat_map(u16::to_be_bytes).collect(),
        n => {
            let all = [WINDOWS_1251, KOI8_R, WINDOWS_1252, SHIFT_JIS, ISO_2022_JP, GB18030];
            all[usize::from(n - 2)].encode(&text).0.into_owned()
        }
    }
}

fn check(case: &Case) -> Result<(), String> {
    let url = "https://e.example/news/".parse().unwrap();
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let start = Instant::now();
    let Case { bytes, seam, content_type } = case;
    let document = Document {
        seam: *seam,
        bytes,
        content_type: *content_type,
        url: Some(&url),
        zone: Tz::UTC,
        now,
        page_rules: &PageRules::default(),
    };
    let reading = read(&document);
    if start.elapsed() > SLOW {
        return Err(format!("took {:?} for {} bytes", start.elapsed(), case.bytes.len()));
    }
    let rules = PageRules {
        entry: Some("li, tr, div".to_owned()),
        title: Some("a".to_owned()),
        date: Some("td, time".to_owned()),
        exclude: Some("b".to_owned()),
        ..PageRules::default()
    };
    let with_rules = read(&Document { page_rules: &rules, ..document });
    for entry in reading.entries.iter().chain(&with_rules.entries) {
        if entry.title.contains('\n') || entry.title.chars().count() > 1000 {
            return Err(format!("the title is {:?}", entry.title));
        }
        let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
        if length(&entry.lead) > 10_000 || length(&entry.guid) > 1000 {
            return Err(format!("a field of {:?} is too long", entry.title));
        }
        // The text at the seam.
        let is_torn = |text: &str| text.contains('\u{fdd0}');
        if is_torn(&entry.title) || entry.lead.as_deref().is_some_and(is_torn) {
            return Err(format!("{:?} is of two entries", entry.title));
        }
        let mut links = entry.link.iter().chain(&entry.links);
        if let Some(link) = links.find(|link| !matches!(link.scheme(), "http" | "https")) {
            return Err(format!("a link is {link}"));
        }
    }
    Ok(())
}

#[test]
fn extraction_accepts_any_input() {
    let corpus = corpus();
    let only = number("COMMUNIQUE_FUZZ_SEED");
    let until =
        Instant::now() + Duration::from_secs(number("COMMUNIQUE_FUZZ_SECONDS").unwrap_or(SECONDS));
    let mut seed = only.unwrap_or(0);
    let mut slowest = (Duration::ZERO, 0);
    while only.is_some() || Instant::now() < until {
        let case = case(&corpus, &mut fastrand::Rng::with_seed(seed));
        let start = Instant::now();
        match std::panic::catch_unwind(|| check(&case)) {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => panic!("seed {seed}: {fault}"),
            Err(_) => panic!("seed {seed}: the reader panicked"),
        }
        slowest = slowest.max((start.elapsed(), seed));
        if only.is_some() {
            break;
        }
        seed += 1;
    }
    eprintln!("{seed} documents, the slowest took {:?} (seed {})", slowest.0, slowest.1);
}
