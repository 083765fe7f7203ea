//! Addresses as feeds write them.

use crate::domain::web_url::is_http;
use url::Url;

/// The longest address, in bytes, and the longest base address, which is part of many others.
const ADDRESS_BYTES_MAX: usize = 8192;
const BASE_BYTES_MAX: usize = 512;

/// Returns the web address that a feed writes, resolved against `base`. `None` for a placeholder.
pub(super) fn address(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    let is_too_long = href.len() > ADDRESS_BYTES_MAX;
    if href.is_empty() || href == "#" || is_too_long || is_placeholder(href) {
        return None;
    }
    let is_host = href.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let found = if is_host {
        let scheme = base.map_or("https", Url::scheme);
        Url::parse(&format!("{scheme}://{href}")).ok()
    } else {
        match base {
            Some(base) => base.join(href).ok(),
            None => Url::parse(href).ok(),
        }
    };
    // Text with spaces is not a path.
    let is_words = !href.contains(['/', '.', '?', '#', '%']) && href.contains(char::is_whitespace);
    found.filter(|url| is_http(url) && url.has_host() && !is_words)
}

/// Does the same as [`address`] for an address that others are resolved against.
pub(super) fn base_address(href: &str, base: Option<&Url>) -> Option<Url> {
    address(href, base).filter(|url| url.as_str().len() <= BASE_BYTES_MAX)
}

/// Returns whether a value means "there is none": "N/A", "none", "-".
pub(super) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 12] = [
        "na",
        "none",
        "null",
        "nil",
        "nan",
        "undefined",
        "unknown",
        "tbd",
        "tba",
        "false",
        "nolink",
        "notavailable",
    ];
    let mut word = String::new();
    for c in value.chars() {
        match c {
            c if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            '/' | '-' | '.' | '_' | ' ' | '(' | ')' | '–' | '—' => {}
            // It has a fragment or query, so it may be an address.
            _ => return false,
        }
        if word.len() > 16 {
            return false;
        }
    }
    let is_sign =
        word.is_empty() && value.trim() != "/" && value.trim() != "." && value.trim() != "..";
    is_sign || WORDS.contains(&&*word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_a_person_would_open() {
        let base = Url::parse("https://harbour.example/news/").unwrap();
        let cases = [
            ("/notices/1", Some("https://harbour.example/notices/1")),
            ("notices/2", Some("https://harbour.example/news/notices/2")),
            ("//harbour.example/3", Some("https://harbour.example/3")),
            (" \n https://harbour.example/4 \n", Some("https://harbour.example/4")),
            ("https://harbour.example/n?a=1&b=2", Some("https://harbour.example/n?a=1&b=2")),
            ("www.harbour.example/9", Some("https://www.harbour.example/9")),
            ("https://harbour.example/a b.pdf", Some("https://harbour.example/a%20b.pdf")),
            ("?id=5", Some("https://harbour.example/news/?id=5")),
            ("7", Some("https://harbour.example/news/7")),
            ("javascript:void(0)", None),
            ("mailto:a@b.example", None),
            ("N/A", None),
            ("none", None),
            ("-", None),
            ("#", None),
            ("#n12", Some("https://harbour.example/news/#n12")),
            ("see our website", None),
            ("http://", None),
            ("", None),
        ];
        for (href, expected) in cases {
            assert_eq!(address(href, Some(&base)).as_ref().map(Url::as_str), expected, "{href:?}");
        }
    }
}
