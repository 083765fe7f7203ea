//! JSON Feed.
//!
//! Guarantees: an invalid item is dropped without affecting the others; a value of another type
//! than the format asks for (a number for an identifier) is taken for what it says. Only what is
//! shown is kept, and the work is bounded.

use super::{
    address::{address, base_address},
    raw::{LINKS_MAX, RawEntry, RawFeed, note_of_left_out, push_at_ends},
    text::{Place, of_html},
};
use crate::domain::{DocumentKind, text::normalize_whitespace, web_url::is_http};
use memchr::{memchr, memchr_iter};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, from_str};
use std::{borrow::Cow, fmt};
use url::Url;

/// How much of the first item is used to find the next one, in bytes.
const OPENING_BYTES_MAX: usize = 1000;
/// The limit for reparsing faulty items, as a multiple of the document's size.
const READ_IN_VAIN_MAX: usize = 4;

/// Reads a JSON Feed; `None` if the text is not one.
pub(super) fn read(source: &str, url: Option<&Url>) -> Option<RawFeed> {
    let (mut feed, is_whole) = parse(&without_lone_surrogates(source))?;
    let base = feed.text("home_page_url").and_then(|home| base_address(home, url));
    let base = base.or_else(|| url.cloned());
    let Items { objects, lost, left_out } = feed.items.take().unwrap_or_default();
    let lost = (lost > 0).then(|| format!("{lost} of its entries cannot be read and are left out"));
    Some(RawFeed {
        kind: DocumentKind::JsonFeed,
        title: feed.text("title").map(normalize_whitespace),
        lang: feed.text("language").map(str::to_owned),
        next: feed.text("next_url").and_then(|next| address(next, base.as_ref())),
        fresh_for: None,
        entries: objects.iter().map(|item| entry(item, base.as_ref())).collect(),
        is_whole,
        notes: lost.into_iter().chain(note_of_left_out(left_out)).collect(),
    })
}

/// Returns the feed, and whether it is whole.
fn parse(source: &str) -> Option<(Object, bool)> {
    let source = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if let Ok(Any::Object(feed)) = from_str(source) {
        return feed.items.is_some().then_some((feed, true));
    }
    // Not whole, or not well formed: item by item.
    let at = source.find("\"items\"").filter(|_| source.starts_with('{'))?;
    let after = source[at + "\"items\"".len()..].trim_start().strip_prefix(':')?;
    let after = after.trim_start().strip_prefix('[')?;
    // The next item begins like the first one.
    let opening = &after[..after.floor_char_boundary(OPENING_BYTES_MAX)];
    let opening = opening.split_once(':').map_or("", |(opening, _)| opening.trim());
    let mut items = Items::default();
    let mut rest = after;
    let mut in_vain = 0;
    let is_whole = loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            break false;
        }
        if let Some(after) = rest.strip_prefix(']') {
            // After a fault it may be the end of a list inside an item.
            match after.find(opening).filter(|_| items.lost > 0 && !opening.is_empty()) {
                Some(at) => rest = &after[at..],
                None => break true,
            }
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Any>();
        match values.next() {
            Some(Ok(item)) => {
                // After a fault it may be an attachment.
                if items.lost == 0 || item.is_item() {
                    items.push(item);
                }
                rest = &rest[values.byte_offset()..];
            }
            faulty => {
                items.lost += 1;
                in_vain += faulty.and_then(Result::err).map_or(0, |fault| offset(rest, &fault));
                let next = rest.get(1..).and_then(|later| later.find(opening));
                match next.filter(|_| in_vain <= READ_IN_VAIN_MAX * source.len()) {
                    Some(at) if !opening.is_empty() => rest = &rest[at + 1..],
                    _ => break false,
                }
            }
        }
    };
    Some((Object { items: Some(items), ..head(&source[..at]) }, is_whole))
}

/// Replaces lone surrogate escapes with U+FFFD; serde_json rejects them.
fn without_lone_surrogates(source: &str) -> Cow<'_, str> {
    const UNIT: usize = "\\uXXXX".len();
    let bytes = source.as_bytes();
    let unit = |at: usize| {
        let digits = source.get(at..at + UNIT)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut made, mut kept, mut at) = (String::new(), 0, 0);
    while let Some(n) = memchr(b'\\', &bytes[at..]) {
        at += n;
        at += match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + UNIT), Some(0xdc00..=0xdfff)) => 2 * UNIT,
            Some(0xd800..=0xdfff) => {
                made.push_str(&source[kept..at]);
                made.push_str("\\ufffd");
                kept = at + UNIT;
                UNIT
            }
            Some(_) => UNIT,
            // Skip the escaped character.
            None => 2,
        };
        at = at.min(bytes.len());
    }
    if kept == 0 {
        return Cow::Borrowed(source);
    }
    made.push_str(&source[kept..]);
    Cow::Owned(made)
}

/// Returns where in a text an error was found.
fn offset(text: &str, fault: &serde_json::Error) -> usize {
    let lines = fault.line().saturating_sub(2);
    let line = match fault.line() {
        0 | 1 => 0,
        _ => memchr_iter(b'\n', text.as_bytes()).nth(lines).unwrap_or(text.len()),
    };
    line + fault.column()
}

/// Returns what precedes the items.
fn head(source: &str) -> Object {
    let closed = source.trim_end().trim_end_matches(',').to_owned() + "}";
    match from_str(&closed) {
        Ok(Any::Object(head)) => head,
        _ => Object::default(),
    }
}

/// What is read of an object: the feed, an item, an attachment.
#[derive(Debug, Default)]
struct Object {
    texts: Vec<(&'static str, String)>,
    items: Option<Items>,
    /// The addresses of what is attached.
    attached: Vec<String>,
}

impl Object {
    /// The members that are texts.
    const NAMES: [&str; 13] = [
        "id",
        "url",
        "external_url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "date_published",
        "date_modified",
        "home_page_url",
        "language",
        "next_url",
        "mime_type",
    ];

    /// Returns the value of a name, unless it is blank.
    fn text(&self, name: &str) -> Option<&str> {
        let (_, text) = self.texts.iter().find(|(own, _)| *own == name)?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// Reads a member; the last value of a repeated name wins.
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if let Some(known) = Self::NAMES.into_iter().find(|known| *known == name) {
            self.texts.retain(|(own, _)| *own != known);
            if let Any::Text(text) = map.next_value()? {
                self.texts.push((known, text));
            }
        } else if name == "items" {
            self.items = match map.next_value()? {
                Any::List(items) => Some(items),
                _ => None,
            };
        } else if name == "attachments" {
            let attached: Vec<Object> = match map.next_value()? {
                Any::List(attached) => attached.objects,
                _ => Vec::new(),
            };
            let urls = attached.iter().filter_map(|attached| attached.text("url"));
            self.attached = urls.take(LINKS_MAX).map(str::to_owned).collect();
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// The objects of a list.
#[derive(Debug, Default)]
struct Items {
    objects: Vec<Object>,
    /// How many values are something else.
    lost: usize,
    /// How many objects were dropped because there are too many.
    left_out: usize,
}

impl Items {
    fn push(&mut self, item: Any) {
        match item {
            // Items have none of their own.
            Any::Object(object) => {
                self.left_out += push_at_ends(&mut self.objects, Object { items: None, ..object });
            }
            _ => self.lost += 1,
        }
    }
}

impl Any {
    /// Returns whether it looks like an item and not like an object nested in one.
    fn is_item(&self) -> bool {
        const OF_ITEMS: [&str; 7] = [
            "id",
            "title",
            "date_published",
            "date_modified",
            "content_html",
            "content_text",
            "summary",
        ];
        match self {
            Any::Object(object) => {
                let has = |name: &&str| object.text(name).is_some();
                OF_ITEMS.iter().any(has) && !has(&"mime_type")
            }
            _ => false,
        }
    }
}

/// A value, as far as it is used.
enum Any {
    /// A text, or a number as a text.
    Text(String),
    Object(Object),
    List(Items),
    Nothing,
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfAnyType)
    }
}

struct OfAnyType;

impl<'de> Visitor<'de> for OfAnyType {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Any, E> {
        Ok(Any::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Any, E> {
        Ok(Any::Text(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Any, E> {
        Ok(Any::Text(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Any, E> {
        Ok(Number::from_f64(number).map_or(Any::Nothing, |number| Any::Text(number.to_string())))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Any, E> {
        Ok(Any::Nothing)
    }

    fn visit_unit<E: Error>(self) -> Result<Any, E> {
        Ok(Any::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        let mut items = Items::default();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Any::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        let mut object = Object::default();
        while let Some(name) = map.next_key::<String>()? {
            object.take(&name, &mut map)?;
        }
        Ok(Any::Object(object))
    }
}

fn entry(item: &Object, base: Option<&Url>) -> RawEntry {
    let link = |name: &str| item.text(name).and_then(|href| address(href, base));
    let id = item.text("id");
    let of_id = || {
        let url = Url::parse(id?).ok()?;
        is_http(&url).then_some(url)
    };
    let attached = item.attached.iter().filter_map(|attached| address(attached, base));
    let attached: Vec<Url> = attached.collect();
    let main = link("url").or_else(|| link("external_url")).or_else(of_id);
    let main = main.or_else(|| attached.first().cloned());
    let others = link("external_url").into_iter().chain(attached);
    let links = others.filter(|other| Some(other) != main.as_ref()).collect();
    let html = item.text("content_html").map(|html| of_html(html, Place::Body));
    let plain =
        |name: &str| item.text(name).map(normalize_whitespace).filter(|text| !text.is_empty());
    let picture = html.as_ref().and_then(|shown| shown.picture.clone());
    let lead = plain("summary").or_else(|| plain("content_text"));
    RawEntry {
        title: plain("title"),
        lead: lead.or_else(|| html.map(|shown| shown.text).filter(|text| !text.is_empty())),
        picture,
        link: main,
        links,
        id: id.map(str::to_owned),
        dates: ["date_published", "date_modified"]
            .into_iter()
            .filter_map(|name| item.text(name).map(str::to_owned))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(source: &str) -> Option<(Vec<String>, bool)> {
        let feed = read(source, None)?;
        let titles = feed.entries.into_iter().map(|entry| entry.title.unwrap_or_default());
        Some((titles.collect(), feed.is_whole))
    }

    #[test]
    fn what_is_broken_loses_itself_alone() {
        let cases = [
            (r#"{"items":[{"id":7,"title":"A"},{"id":"z","title":"B"}]}"#, vec!["A", "B"], true),
            (r#"{"items":[{"title":"A"},null,7,{"title":"B"}]}"#, vec!["A", "B"], true),
            (
                r#"{"items":[{"title":"A \ud83d\ude00 \ud83d \\ud83d"}]}"#,
                vec!["A 😀 \u{fffd} \\ud83d"],
                true,
            ),
            (
                r#"{"items":[{"url":"1","title":"raw " q","attachments":[{"url":"x.pdf"}]},{"url":"2","id":"2","title":"B"}]}"#,
                vec!["B"],
                true,
            ),
            (r#"{"title":"T","items":[{"title":"A"},{"title":"B"#, vec!["A"], false),
            (
                r#"{"items":[{"title":"A"},{"title":"raw " quote"},{"title":"C"},]}"#,
                vec!["A", "C"],
                true,
            ),
            ("\u{feff} {\"items\":[]}", vec![], true),
        ];
        for (source, expected, is_whole) in cases {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(titles(source), Some((expected, is_whole)), "{source}");
        }
        for source in [r#"{"error":"not found"}"#, "[]", "{", r#"{"items":{}}"#] {
            assert_eq!(titles(source), None, "{source}");
        }
    }
}
