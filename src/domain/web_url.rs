//! Addresses of entries, compared: what differs between two of them, and what they have in common.
//!
//! Guarantees: no names of parameters are known in advance; a volatile part shows by changing on
//! every poll.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

/// A part of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressPart {
    /// A parameter of the query, by its name.
    Query(String),
    /// A parameter of the path, `;name=value`, by its name.
    Path(String),
    /// A segment of the path: its index, and the number of segments.
    Segment(usize, usize),
}

/// Whether an address is one of the web.
pub fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Returns a host without `www.` in front: a site has the same pages under both names.
pub fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// Whether an address has a name or a password before its host, which must not be shown.
pub fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The parts of an address.
struct Parts<'a> {
    segments: Vec<&'a str>,
    path: Vec<(&'a str, &'a str)>,
    query: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a Url) -> Self {
        let mut parts = Parts { segments: Vec::new(), path: Vec::new(), query: Vec::new() };
        for segment in url.path().trim_matches('/').split('/') {
            let mut pieces = segment.split(';');
            parts.segments.push(pieces.next().unwrap_or_default());
            parts.path.extend(pieces.map(pair));
        }
        let query = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        parts.query = query.map(pair).collect();
        parts
    }
}

fn pair(text: &str) -> (&str, &str) {
    text.split_once('=').unwrap_or((text, ""))
}

/// Returns the parts in which two addresses differ; `None` if their hosts differ, or the lengths of
/// their paths.
pub fn difference(a: &Url, b: &Url) -> Option<BTreeSet<AddressPart>> {
    let host = |url: &Url| url.host_str().map(|host| without_www(host).to_owned());
    let (of_a, of_b) = (Parts::of(a), Parts::of(b));
    let count = of_a.segments.len();
    if host(a) != host(b) || count != of_b.segments.len() {
        return None;
    }
    let segments = of_a.segments.iter().zip(&of_b.segments).enumerate();
    let mut parts: BTreeSet<AddressPart> = segments
        .filter(|(_, (a, b))| a != b)
        .map(|(n, _)| AddressPart::Segment(n, count))
        .collect();
    let named = |a: &[(&str, &str)], b: &[(&str, &str)]| -> BTreeSet<String> {
        let one_sided = |these: &[(&str, &str)], those: &[(&str, &str)]| {
            let other = these.iter().filter(|pair| !those.contains(pair));
            other.map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
        };
        one_sided(a, b).into_iter().chain(one_sided(b, a)).collect()
    };
    parts.extend(named(&of_a.path, &of_b.path).into_iter().map(AddressPart::Path));
    parts.extend(named(&of_a.query, &of_b.query).into_iter().map(AddressPart::Query));
    Some(parts)
}

/// Returns an address without some of its parts.
pub fn without(url: &Url, parts: &BTreeSet<AddressPart>) -> Url {
    if parts.is_empty() {
        return url.clone();
    }
    let mut bare = url.clone();
    let path = url.path().trim_matches('/');
    let count = path.split('/').count();
    let segments = path.split('/').enumerate().filter_map(|(n, segment)| {
        if parts.contains(&AddressPart::Segment(n, count)) {
            return None;
        }
        let mut pieces = segment.split(';');
        let first = pieces.next().unwrap_or_default().to_owned();
        let kept = pieces.filter(|p| !parts.contains(&AddressPart::Path(pair(p).0.to_owned())));
        Some(kept.fold(first, |segment, piece| segment + ";" + piece))
    });
    let segments: Vec<String> = segments.collect();
    bare.set_path(&segments.join("/"));
    let query = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let kept = query.filter(|p| !parts.contains(&AddressPart::Query(pair(p).0.to_owned())));
    let kept: Vec<&str> = kept.collect();
    bare.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    bare
}

/// What the addresses of one list have in common: the host, the sections of the path, and where
/// there are numbers and words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form(String);

impl Form {
    /// Returns the form of an address.
    pub fn of(url: &Url) -> Self {
        let host = without_www(url.host_str().unwrap_or_default()).to_owned();
        let parts = Parts::of(url);
        let last = parts.segments.len().saturating_sub(1);
        let mut form = host;
        for (n, segment) in parts.segments.iter().enumerate() {
            let (stem, ending) = match segment.rsplit_once('.') {
                Some((stem, ending)) if n == last && ending.len() <= 5 => (stem, ending),
                _ => (*segment, ""),
            };
            let is_number = !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_digit());
            // A word without a digit before the last segment is a section of the site.
            let is_section = n < last && stem.chars().all(|c| c.is_alphabetic() || c == '_');
            form.push('/');
            form.push_str(if is_number {
                "#"
            } else if is_section {
                stem
            } else {
                "*"
            });
            if !ending.is_empty() {
                form.push('.');
                form.push_str(ending);
            }
        }
        let names: BTreeSet<&str> = parts.query.iter().map(|(name, _)| *name).collect();
        for (n, name) in names.iter().enumerate() {
            form.push(if n == 0 { '?' } else { '&' });
            form.push_str(name);
        }
        Form(form)
    }
}

/// Returns the number that distinguishes entries: the last one in the path and query.
pub fn number(url: &Url) -> Option<u64> {
    let parts = Parts::of(url);
    let values = parts.query.iter().map(|(_, value)| *value);
    let all = parts.segments.iter().copied().chain(values);
    let mut numbers = all.filter_map(|text| {
        let text = text.split('.').next().unwrap_or_default();
        let digits = text.rsplit(['-', '_', '/']).next().unwrap_or_default();
        let head = text.split(['-', '_']).next().unwrap_or_default();
        [digits, head].into_iter().find_map(|digits| {
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if is_number { digits.parse().ok() } else { None }
        })
    });
    numbers.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(&format!("https://court.example{text}")).unwrap()
    }

    #[test]
    fn addresses_differ_in_parts() {
        let cases = [
            ("/d/5;jsessionid=A", "/d/5;jsessionid=B", Some("{Path(\"jsessionid\")}")),
            ("/d/5", "/d/5;jsessionid=B", Some("{Path(\"jsessionid\")}")),
            ("/d?id=5&sid=a", "/d?id=5&sid=b", Some("{Query(\"sid\")}")),
            ("/d?id=5&_=1", "/d?_=2&id=5", Some("{Query(\"_\")}")),
            ("/(S(abc))/d/5", "/(S(def))/d/5", Some("{Segment(0, 3)}")),
            ("/d/5", "/d/6?x=1", Some("{Query(\"x\"), Segment(1, 2)}")),
            ("/d/5", "/d/5/", Some("{}")),
            ("/d/5", "/d/5/print", None),
        ];
        for (a, b, expected) in cases {
            let found = difference(&url(a), &url(b)).map(|parts| format!("{parts:?}"));
            assert_eq!(found.as_deref(), expected, "{a} {b}");
        }
    }

    #[test]
    fn what_is_left_out_is_gone() {
        let cases = [
            ("/d/5;jsessionid=A;x=1", "/d/5;x=1", AddressPart::Path("jsessionid".into())),
            ("/d?id=5&sid=a", "/d?id=5", AddressPart::Query("sid".into())),
            ("/d?sid=a", "/d", AddressPart::Query("sid".into())),
            ("/(S(abc))/d/5", "/d/5", AddressPart::Segment(0, 3)),
        ];
        for (from, to, part) in cases {
            assert_eq!(without(&url(from), &BTreeSet::from([part])), url(to), "{from}");
        }
    }

    #[test]
    fn addresses_of_one_list_have_one_form() {
        let same = [
            ("/fnapr/123", "/fnapr/4567"),
            ("/news/2026/11/on-the-mole", "/news/2025/01/about_fog2"),
            ("/doc?id=5&lang=en", "/doc?lang=fr&id=7"),
            ("/files/a1.pdf", "/files/b22.pdf"),
        ];
        for (a, b) in same {
            assert_eq!(Form::of(&url(a)), Form::of(&url(b)), "{a} {b}");
        }
        for (a, b) in
            [("/7", "/a"), ("/news/7", "/jobs/7"), ("/news/7", "/news/7/x"), ("/a.pdf", "/a.htm")]
        {
            assert_ne!(Form::of(&url(a)), Form::of(&url(b)), "{a} {b}");
        }
    }

    #[test]
    fn addresses_may_be_numbered() {
        let cases = [
            ("/statement/4203", Some(4203)),
            ("/news/2026/11/4203-on-the-mole.html", Some(4203)),
            ("/doc?id=7", Some(7)),
            ("/news/on-fog-17", Some(17)),
            ("/news/fog", None),
        ];
        for (address, expected) in cases {
            assert_eq!(number(&url(address)), expected, "{address}");
        }
    }
}
