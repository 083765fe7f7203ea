//! The reader on hostile input: pages of this project cut up, repeated and damaged at random. It must
//! neither panic nor take long, and what it reads must be well formed.
//!
//! `COMMUNIQUE_FUZZ_SECONDS=600` for a long run; a failure names its seed, and
//! `COMMUNIQUE_FUZZ_SEED=17` runs that one alone.

use chrono_tz::Tz;
use communique::{
    domain::Hints,
    extract::{Document, read},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Far more than any input of this size takes, so that a busy machine fails no test.
const SLOW: Duration = Duration::from_secs(5);
/// The largest input that is made, in bytes.
const BYTES_MAX: usize = 128 * 1024;
/// How long the short run takes.
const SECONDS: u64 = 3;
/// What trees, links and dates are made of.
const PIECES: &str = "<table>|<tr>|<td>|</table>|<ul>|<li>|</li>|<div class=a>|</div>|<p>|<h3>|</h3>|<br>|\
    <dl><dt>|<dd>|<a href=/x>|</a>|<a href='//e.example/1.pdf'>|<time datetime=2026-11-03>|<article>|\
    <nav>|<b>|<i x=1>|<base href=/q/>|<svg>|<template>|<select>|<!--|-->|<![CDATA[|]]>|&amp;|&#x1F600;|&#0;|\
    3 November 2026|03.11.2026|11/3/26|2026-11-03T10:00:00Z|2026年11月3日|31 декабря 2026|29 February 2027|\
    1st day of May, 2026|3 hours ago|Yesterday, 14:05|вчера|<a rel=next href=/2>|<abbr class=published title=2026-11-03>|\
    <meta itemprop=datePublished content=2026-11-03>|<script type='application/ld+json'>|</script>|\
    {\"@id\":\"/x\",\"datePublished\":\"2026-11-03\"}|[|,|Read more|A title that is long enough|864 days have passed since |99999999999|\
    \n|\t| |\u{202e}|\u{fdfa}|\u{0}|{\"items\":[{\"title\":|<rss version='2.0'><channel><item><title>|]}";

fn number(name: &str) -> Option<u64> {
    let found = std::env::vars_os().find(|(variable, _)| variable == name);
    found.and_then(|(_, value)| value.to_str()?.parse().ok())
}

/// The project's own pages, whole, and the pieces.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pages");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect();
    files.sort();
    let pages = files.iter().map(|path| std::fs::read(path).unwrap());
    pages.chain(PIECES.split('|').map(|piece| piece.as_bytes().to_vec())).collect()
}

fn document(corpus: &[Vec<u8>], rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut made = Vec::new();
    for _ in 0..rng.usize(1..200) {
        let piece = &corpus[rng.usize(..corpus.len())];
        match rng.u8(..20) {
            0 => (0..rng.usize(1..2000)).for_each(|_| made.extend_from_slice(piece)),
            1 => made.extend_from_slice(&piece[rng.usize(..=piece.len())..]),
            2 => made.extend_from_slice(&piece[..rng.usize(..=piece.len())]),
            3 => made.push(rng.u8(..)),
            // What was made so far, again.
            4 => made.extend_from_within(rng.usize(..=made.len())..),
            _ => made.extend_from_slice(piece),
        }
        made.truncate(BYTES_MAX);
    }
    made
}

fn check(bytes: &[u8]) -> Result<(), String> {
    let url = "https://e.example/news/".parse().unwrap();
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let start = Instant::now();
    let content_type = None;
    let document = Document {
        seam: None,
        bytes,
        content_type,
        url: Some(&url),
        zone: Tz::UTC,
        now,
        hints: Hints::NONE,
    };
    let reading = read(&document);
    if start.elapsed() > SLOW {
        return Err(format!("took {:?} for {} bytes", start.elapsed(), bytes.len()));
    }
    let told = Hints {
        entry: Some("li, tr, div".to_owned()),
        title: Some("a".to_owned()),
        date: Some("td, time".to_owned()),
        exclude: Some("b".to_owned()),
        ..Hints::default()
    };
    let told = read(&Document { hints: &told, ..document });
    for entry in reading.entries.iter().chain(&told.entries) {
        if entry.title.contains('\n') || entry.title.chars().count() > 1000 {
            return Err(format!("the title is {:?}", entry.title));
        }
        let mut links = entry.link.iter().chain(&entry.links);
        if let Some(link) = links.find(|link| !matches!(link.scheme(), "http" | "https")) {
            return Err(format!("a link is {link}"));
        }
    }
    Ok(())
}

#[test]
fn the_reader_takes_whatever_comes() {
    let corpus = corpus();
    let only = number("COMMUNIQUE_FUZZ_SEED");
    let until =
        Instant::now() + Duration::from_secs(number("COMMUNIQUE_FUZZ_SECONDS").unwrap_or(SECONDS));
    let mut seed = only.unwrap_or(0);
    let mut slowest = (Duration::ZERO, 0);
    while only.is_some() || Instant::now() < until {
        let bytes = document(&corpus, &mut fastrand::Rng::with_seed(seed));
        let start = Instant::now();
        match std::panic::catch_unwind(|| check(&bytes)) {
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
