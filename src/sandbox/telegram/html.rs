//! Telegram's HTML parse mode: markup → text and entities, or Telegram's error text.
//!
//! Guarantees: accepts and refuses what Telegram's own parser does, for all tags of the parse mode;
//! offsets and lengths are in UTF-16 units.

use serde::Serialize;

/// A text after its markup is parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// The visible text.
    pub text: String,
    /// The formatted parts of the text.
    pub entities: Vec<Entity>,
}

/// A part of a text that is bold, a link, a quotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// Telegram's name of the kind: `bold`, `text_link`, `blockquote`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it starts, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

struct Open<'a> {
    tag: &'a str,
    kind: Option<&'static str>,
    url: Option<String>,
    offset: usize,
}

/// Parses a text in HTML parse mode.
///
/// # Errors
/// The description of Telegram, without "Bad Request: can't parse entities: ".
pub fn parse(html: &str) -> Result<Marked, String> {
    let mut marked = Marked::default();
    let mut units = 0;
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while let Some(c) = html[at..].chars().next() {
        let rest = &html[at..];
        if c == '&' {
            let (decoded, length) = entity(rest).unwrap_or(('&', 1));
            marked.text.push(decoded);
            units += decoded.len_utf16();
            at += length;
        } else if c != '<' {
            marked.text.push(c);
            units += c.len_utf16();
            at += c.len_utf8();
        } else {
            let end = rest.find('>').ok_or(format!("Unclosed start tag at byte offset {at}"))?;
            let body = &rest[1..end];
            if let Some(name) = body.strip_prefix('/') {
                let Some(tag) = open.pop() else {
                    return Err(format!("Unexpected end tag at byte offset {at}"));
                };
                if !name.is_empty() && name != tag.tag {
                    return Err(format!(
                        "Unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{name}>\"",
                        tag.tag
                    ));
                }
                close(&mut marked, tag, units);
            } else {
                open.push(start(body, at, units)?);
            }
            at += end + 1;
        }
    }
    if let Some(tag) = open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", tag.tag));
    }
    marked.entities.sort_by_key(|e| (e.offset, std::cmp::Reverse(e.length)));
    Ok(marked)
}

fn start(body: &str, at: usize, offset: usize) -> Result<Open<'_>, String> {
    let tag = body.split(char::is_whitespace).next().unwrap_or_default();
    let kind = match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" => "spoiler",
        "code" => "code",
        "pre" => "pre",
        "blockquote" if body.contains(" expandable") => "expandable_blockquote",
        "blockquote" => "blockquote",
        "a" => {
            let href = body.split_once("href=\"").and_then(|(_, rest)| rest.split_once('"'));
            let url = href.map(|(href, _)| decode(href)).filter(|url| is_web(url));
            return Ok(Open { tag, kind: url.is_some().then_some("text_link"), url, offset });
        }
        _ => return Err(format!("Unsupported start tag \"{tag}\" at byte offset {at}")),
    };
    Ok(Open { tag, kind: Some(kind), url: None, offset })
}

fn close(marked: &mut Marked, tag: Open<'_>, units: usize) {
    if let Some(kind) = tag.kind
        && units > tag.offset
    {
        let Open { url, offset, .. } = tag;
        marked.entities.push(Entity { kind, offset, length: units - offset, url });
    }
}

/// Whether a link is kept: relative and script addresses are dropped without an error.
fn is_web(url: &str) -> bool {
    ["http://", "https://", "tg://", "mailto:", "tel:"].iter().any(|scheme| url.starts_with(scheme))
}

fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (c, length) =
            if c == '&' { entity(&text[at..]).unwrap_or((c, 1)) } else { (c, c.len_utf8()) };
        decoded.push(c);
        at += length;
    }
    decoded
}

/// The character reference that a text starts with, and its length. Telegram knows only four names.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|end| *end <= 10)?;
    let name = &text[1..end];
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text_and_entities() {
        let marked = parse("😀 <b>a<i>&lt;b</i></b> <a href=\"https://x.example/?a&amp;b\">go</a><blockquote>&nbsp;&#33;</blockquote>").unwrap();
        assert_eq!(marked.text, "😀 a<b go&nbsp;!");
        let entity = |kind, offset, length, url: Option<&str>| Entity {
            kind,
            offset,
            length,
            url: url.map(str::to_owned),
        };
        assert_eq!(
            marked.entities,
            [
                entity("bold", 3, 3, None),
                entity("italic", 4, 2, None),
                entity("text_link", 7, 2, Some("https://x.example/?a&b")),
                entity("blockquote", 9, 7, None),
            ]
        );
    }

    #[test]
    fn what_telegram_cannot_read_is_refused_in_its_words() {
        let cases = [
            ("<x>a</x>", "Unsupported start tag \"x\" at byte offset 0"),
            ("a<b>b", "Can't find end tag corresponding to start tag \"b\""),
            ("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("1 < 2", "Unclosed start tag at byte offset 2"),
        ];
        for (html, words) in cases {
            assert_eq!(parse(html).unwrap_err(), words, "{html}");
        }
        let script = parse("<a href=\"javascript:x\">go</a>").unwrap();
        assert_eq!(script.entities, []);
    }
}
