//! Pages that redirect: `Refresh` in the header, and `<meta http-equiv="refresh">` on a page that
//! has nothing else.
//!
//! Guarantees: only a redirect within some seconds counts. A page with something to read is that
//! page, whatever is in its head. Out of scope: where it may lead (`http`).

use super::redirects::resolve;
use url::Url;

/// A longer delay is not a redirect.
const SECONDS_MAX: f64 = 5.0;
/// How far into a page the element is searched, in bytes.
const LOOKED_AT_BYTES: usize = 16 * 1024;
/// A page that is larger, or shows more characters, has something to read.
const PAGE_BYTES_MAX: usize = 64 * 1024;
const LETTERS_MAX: usize = 1000;

/// Returns where a `Refresh` header leads.
pub(super) fn of_header(value: &[u8], base: &Url) -> Option<Url> {
    resolve(base, &address(value)?)
}

/// Returns where a page leads that does nothing but redirect.
pub(super) fn of_page(page: &[u8], base: &Url) -> Option<Url> {
    if page.len() > PAGE_BYTES_MAX {
        return None;
    }
    let mut base = base.clone();
    let mut found = None;
    let mut letters = 0;
    let mut rest = page;
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        letters += rest[..at].iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        let place = page.len() - rest.len() + at;
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = after(comment, b"-->");
            continue;
        }
        let Some(tag) = Tag::read(&mut rest) else { continue };
        match tag.name.as_slice() {
            // Their content is not visible.
            b"script" | b"style" | b"title" | b"template" => {
                rest = after(rest, &[b"</", tag.name.as_slice()].concat());
            }
            b"base" => {
                let href = tag.value(b"href").and_then(|href| resolve(&base, &decoded(href)));
                base = href.unwrap_or(base);
            }
            b"meta" if found.is_none() && place < LOOKED_AT_BYTES => {
                let is_refresh = tag
                    .value(b"http-equiv")
                    .is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"refresh"));
                let content = tag.value(b"content").filter(|_| is_refresh);
                found = content.and_then(|content| address(&decoded(content)));
            }
            _ => {}
        }
    }
    letters += rest.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
    // The address may come before the base that it is relative to.
    resolve(&base, &found?).filter(|_| letters <= LETTERS_MAX)
}

/// Returns the address in a value like `0; url=/news`, if it redirects soon.
fn address(value: &[u8]) -> Option<Vec<u8>> {
    let value = value.trim_ascii();
    let end = value.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(value.len());
    let (number, rest) = value.split_at(end);
    let seconds = match std::str::from_utf8(number).ok()? {
        "" => 0.0,
        number => number.parse::<f64>().ok()?,
    };
    let is_sign = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b';' | b',');
    let start = rest.iter().position(|byte| !is_sign(byte))?;
    // Something separates the number and the address, and a number comes first.
    if seconds > SECONDS_MAX || (start == 0 && !number.is_empty()) {
        return None;
    }
    let rest = &rest[start..];
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case(b"url"));
    let named = named.and_then(|_| rest[3..].trim_ascii_start().strip_prefix(b"="));
    let address = match named {
        Some(address) => address.trim_ascii_start(),
        // Without the word, it is an address if a number named the wait.
        None if !number.is_empty() => rest,
        None => return None,
    };
    let address = match address.first() {
        Some(quote @ (b'"' | b'\'')) => {
            let inner = &address[1..];
            &inner[..inner.iter().position(|byte| byte == quote).unwrap_or(inner.len())]
        }
        _ => address,
    };
    Some(address.trim_ascii().to_vec()).filter(|address| !address.is_empty())
}

/// Returns what follows these bytes, ignoring case.
fn after<'a>(rest: &'a [u8], end: &[u8]) -> &'a [u8] {
    let at = rest.windows(end.len()).position(|window| window.eq_ignore_ascii_case(end));
    at.map_or(&[], |at| &rest[at + end.len()..])
}

/// Returns the bytes that are in a class, and removes them.
fn take<'a>(rest: &mut &'a [u8], is_in: impl Fn(&u8) -> bool) -> &'a [u8] {
    let (taken, left) =
        rest.split_at(rest.iter().position(|byte| !is_in(byte)).unwrap_or(rest.len()));
    *rest = left;
    taken
}

/// The opening tag of an element.
struct Tag {
    name: Vec<u8>,
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Tag {
    /// Parses a tag after its `<`, up to its `>`; `None` if it is none.
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let is_of_name =
            |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/' | b'=');
        if !rest.first()?.is_ascii_alphabetic() {
            return None;
        }
        let name = take(rest, is_of_name).to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            take(rest, |byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'='));
            match rest.first() {
                None => break,
                Some(b'>') => {
                    *rest = &rest[1..];
                    break;
                }
                Some(_) => {}
            }
            let attribute = take(rest, is_of_name).to_ascii_lowercase();
            take(rest, u8::is_ascii_whitespace);
            let mut value: &[u8] = &[];
            if let Some(left) = rest.strip_prefix(b"=") {
                *rest = left.trim_ascii_start();
                value = match rest.first() {
                    Some(quote @ (b'"' | b'\'')) => {
                        let quote = *quote;
                        *rest = &rest[1..];
                        let value = take(rest, |byte| *byte != quote);
                        *rest = rest.get(1..).unwrap_or_default();
                        value
                    }
                    _ => take(rest, |byte| !byte.is_ascii_whitespace() && *byte != b'>'),
                };
            }
            attributes.push((attribute, value.to_vec()));
        }
        Some(Tag { name, attributes })
    }

    fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_slice())
    }
}

/// Returns a value with the character references that occur in addresses decoded.
fn decoded(value: &[u8]) -> Vec<u8> {
    const NAMES: [(&[u8], char); 9] = [
        (b"amp", '&'),
        (b"quot", '"'),
        (b"apos", '\''),
        (b"lt", '<'),
        (b"gt", '>'),
        (b"equals", '='),
        (b"colon", ':'),
        (b"sol", '/'),
        (b"quest", '?'),
    ];
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| *byte == b'&') {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'#');
        let (reference, left) = rest.split_at(end.unwrap_or(rest.len()));
        let is_ended = left.first() == Some(&b';');
        let named = NAMES.iter().find(|(name, _)| *name == reference).map(|(_, c)| *c);
        let numbered = || {
            let digits = std::str::from_utf8(reference.strip_prefix(b"#")?).ok()?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        };
        // "&copy=1" in an address is a parameter.
        let c = named.filter(|c| is_ended || *c == '&').or_else(numbered);
        match c {
            Some(c) => {
                plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = if is_ended { &left[1..] } else { left };
            }
            None => plain.push(b'&'),
        }
    }
    plain.extend_from_slice(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        "https://e.example/a/page".parse().unwrap()
    }

    fn led(page: &str) -> Option<String> {
        of_page(page.as_bytes(), &base()).map(String::from)
    }

    #[test]
    fn a_page_that_is_but_a_way_leads_on_however_it_is_written() {
        let pages = [
            r#"<meta http-equiv="refresh" content="0; url=/news">"#,
            r#"<META HTTP-EQUIV="Refresh" CONTENT="0;URL=/news">"#,
            r#"<meta content='0;url=/news' http-equiv='refresh'/>"#,
            r#"<meta http-equiv=refresh content=0;url=/news>"#,
            r#"<meta http-equiv="refresh" content="0; url='/news'">"#,
            r#"<meta http-equiv='refresh' content='0; URL="/news"'>"#,
            r#"<meta http-equiv="refresh" content="0;url = /news ">"#,
            r#"<meta http-equiv="refresh" content="0 url=/news">"#,
            r#"<meta http-equiv="refresh" content="0, url=/news">"#,
            r#"<meta http-equiv="refresh" content="0;/news">"#,
            r#"<meta http-equiv="refresh" content="0; https://e.example/news">"#,
            r#"<meta http-equiv="refresh" content="url=/news">"#,
            r#"<meta http-equiv="refresh" content=".5; url=/news#top">"#,
            r#"<meta http-equiv="refresh" content="5; url=../news">"#,
            "<meta\n  http-equiv = \"refresh\"\n  content = \"0;\nurl=/news\"\n>",
            r#"<meta http-equiv="refresh" content="0; url=&#x2F;news">"#,
            r#"<html><head><title>Moved to another address, which is long</title><script>if (1 < 2) { location = "/x" }</script><meta http-equiv="refresh" content="0; url=/news"></head><body><p>Click <a href="/news">here</a>.</body></html>"#,
            r#"<!-- <meta http-equiv="refresh" content="0; url=/old"> --><meta http-equiv="refresh" content="0; url=/news">"#,
            r#"<noscript><meta http-equiv="refresh" content="0; url=/news"></noscript>"#,
            r#"<meta http-equiv="refresh" content="0; url=news"><base href="/">"#,
            r#"<meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/news"><meta http-equiv="refresh" content="0; url=/other">"#,
        ];
        for page in pages {
            assert_eq!(led(page).as_deref(), Some("https://e.example/news"), "{page}");
        }
        let query =
            r#"<meta http-equiv="refresh" content="0; url=/news?a=1&amp;b=2&copy=3&#38;d">"#;
        assert_eq!(led(query).as_deref(), Some("https://e.example/news?a=1&b=2&copy=3&d"));
        let russian = r#"<meta http-equiv="refresh" content="0; url=/новости">"#;
        assert!(led(russian).is_some_and(|url| url.ends_with("%D0%B8")));
    }

    #[test]
    fn a_page_with_something_to_read_is_that_page() {
        let long = "A statement of the ministry of lighthouses. ".repeat(40);
        let pages = [
            "",
            "<",
            "<meta",
            "<p>Nothing of it</p>",
            r#"<meta http-equiv="refresh" content="300">"#,
            r#"<meta http-equiv="refresh" content="0">"#,
            r#"<meta http-equiv="refresh" content="6; url=/news">"#,
            r#"<meta http-equiv="refresh" content="300; url=/news">"#,
            r#"<meta http-equiv="refresh" content="0; url=">"#,
            r#"<meta http-equiv="refresh" content="0; url=javascript:alert(1)">"#,
            r#"<meta http-equiv="refresh" content="news">"#,
            r#"<meta name="refresh" content="0; url=/news">"#,
            r#"<meta http-equiv="refresh">"#,
            r#"<script>document.write('<meta http-equiv="refresh" content="0; url=/news">')</script>"#,
            r#"<!-- <meta http-equiv="refresh" content="0; url=/news"> -->"#,
            &format!(r#"<meta http-equiv="refresh" content="0; url=/news">{long}"#),
            &format!(r#"{}<meta http-equiv="refresh" content="0; url=/news">"#, " ".repeat(17_000)),
        ];
        for page in pages {
            assert_eq!(led(page), None, "{page}");
        }
    }

    #[test]
    fn a_header_leads_on_as_well() {
        let of = |value: &str| of_header(value.as_bytes(), &base()).map(String::from);
        for value in ["0;url=/news", "5; URL=/news", "0; /news", "3,url='/news'"] {
            assert_eq!(of(value).as_deref(), Some("https://e.example/news"), "{value}");
        }
        for value in ["", "60", "60; url=/news", "soon; url=/news"] {
            assert_eq!(of(value), None, "{value}");
        }
    }
}
