//! RSS, Atom and JSON Feed → entries, through feed-rs.
//!
//! Promises: the day of an entry is the one that the feed prints: in its own offset where it gives
//! one, else in the zone of the source.

use super::{Document, date, hints::Selectors, markup};
use crate::domain::{Candidate, Kind, Reading, line::tidy};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use feed_rs::{
    model::{self, FeedType},
    parser,
};
use std::time::Duration;
use url::Url;

/// The longest name of a character reference, in bytes.
const REFERENCE_BYTES_MAX: usize = 10;

/// Reads a feed; nothing if it is none, or broken beyond reading.
pub(super) fn read(source: &str, document: &Document<'_>) -> Option<Reading> {
    let zone = document.zone;
    // A parser that has failed once must not be used again.
    let parse = |source: &str| {
        let parser = parser::Builder::new()
            .base_uri(document.url.map(Url::as_str))
            // An identifier made up from a hash would change with the library.
            .id_generator(|_, _, _| String::new())
            .timestamp_parser(move |text| Some(printed(text, zone)?.and_utc()))
            .sanitize_content(false)
            .build();
        parser.parse(source.as_bytes()).ok()
    };
    let feed = parse(source).or_else(|| parse(&mended(source)?))?;
    let kind = match feed.feed_type {
        FeedType::Atom => Kind::Atom,
        FeedType::JSON => Kind::JsonFeed,
        _ => Kind::Rss,
    };
    let title = feed.title.map(|title| plain(&title.content)).filter(|title| !title.is_empty());
    let next = feed.links.iter().find(|link| link.rel.as_deref() == Some("next"));
    let next = next.and_then(|link| markup::absolute(&link.href, document.url));
    let fresh_for = feed.ttl.map(|minutes| Duration::from_secs(60 * u64::from(minutes)));
    let lang = feed.language;
    let entries = feed.entries.into_iter().filter_map(|entry| candidate(entry, document.url));
    Some(Reading {
        entries: entries.collect(),
        title,
        next,
        lang,
        fresh_for,
        ..Reading::empty(kind)
    })
}

/// A feed with the two faults mended that editors and networks make most often: an ampersand that is
/// none of XML's, and an end that is missing, with what was cut in two. `None` if it has no whole
/// entry.
fn mended(source: &str) -> Option<String> {
    let ends = ["</item>", "</entry>"];
    let (end, at) =
        ends.iter().filter_map(|end| Some((end, source.rfind(end)?))).max_by_key(|e| e.1)?;
    let whole = &source[..at + end.len()];
    let mut mended = String::with_capacity(whole.len() + 32);
    let mut rest = whole;
    while let Some(at) = rest.find('&') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..].split(';').next().unwrap_or_default();
        let is_reference = rest.len() > name.len() + 1
            && name.len() <= REFERENCE_BYTES_MAX
            && (matches!(name, "amp" | "lt" | "gt" | "quot" | "apos")
                || name
                    .strip_prefix('#')
                    .is_some_and(|n| n.chars().all(|c| c.is_ascii_hexdigit() || c == 'x')));
        mended.push_str(if is_reference { "&" } else { "&amp;" });
        rest = &rest[1..];
    }
    mended.push_str(rest);
    // The elements around the entries, innermost first.
    let closing: &[&str] = match *end {
        "</entry>" => &["feed"],
        _ if source.contains("<rdf:RDF") => &["rdf:RDF"],
        _ => &["channel", "rss"],
    };
    for element in closing {
        mended.push_str("</");
        mended.push_str(element);
        mended.push('>');
    }
    Some(mended)
}

/// The local time that a timestamp prints. In UTC it says nothing of where it was written, so it is
/// taken to the zone of the source.
fn printed(text: &str, zone: Tz) -> Option<NaiveDateTime> {
    let text = text.trim();
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(at) = parsed {
        let is_utc = at.offset().local_minus_utc() == 0;
        return Some(if is_utc { at.with_timezone(&zone).naive_local() } else { at.naive_local() });
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S %z", "%a, %d %b %Y %H:%M %z"] {
        if let Ok(at) = DateTime::parse_from_str(text, format) {
            return Some(at.naive_local());
        }
    }
    // A zone by name, a month in another language, a day without a time.
    let (on, _) = date::leading(text, date::Order::DayFirst.into())?;
    on.and_hms_opt(0, 0, 0)
}

fn candidate(entry: model::Entry, base: Option<&Url>) -> Option<Candidate> {
    let absolute = |link: &model::Link| match base {
        Some(base) => base.join(link.href.trim()).ok(),
        None => Url::parse(link.href.trim()).ok(),
    };
    let is_main = |link: &&model::Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let main = entry.links.iter().find(is_main).or(entry.links.first());
    let link = main.and_then(absolute);
    let links =
        entry.links.iter().filter_map(absolute).filter(|l| Some(l) != link.as_ref()).collect();
    let summary = entry.summary.map(|text| text.content);
    let body = summary.or_else(|| entry.content.and_then(|content| content.body));
    let lead = body.map(|text| plain(&text)).filter(|text| !text.is_empty());
    let title = entry.title.map(|text| plain(&text.content)).filter(|text| !text.is_empty());
    // Short notes often come without a title: their beginning stands for it.
    let title = title.or_else(|| Some(lead.as_ref()?.chars().take(120).collect()))?;
    let at: Option<DateTime<Utc>> = entry.published.or(entry.updated);
    Some(Candidate {
        date_on: at.map(|at| Utc.from_utc_datetime(&at.naive_utc()).date_naive()),
        title,
        link,
        links,
        lead,
        guid: Some(entry.id).filter(|id| !id.is_empty()),
    })
}

/// The text of a field that may hold HTML.
fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return tidy(text);
    }
    let page = markup::lines(text, None, &Selectors::default());
    let texts = page.lines.iter().map(|line| line.text.as_str()).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}
