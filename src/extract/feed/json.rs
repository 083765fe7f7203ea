//! JSON Feed.
//!
//! Guarantees: an item that is no JSON loses itself alone; a value of another type than the format asks
//! for (a number for an identifier) is taken for what it says.

use super::{
    RawEntry, RawFeed, address,
    text::{Place, of_html},
};
use crate::domain::{Kind, line::tidy};
use serde_json::{Map, Value};
use url::Url;

type Object = Map<String, Value>;

/// Reads a JSON Feed; nothing if it is none.
pub(super) fn read(source: &str, url: Option<&Url>) -> Option<RawFeed> {
    let (feed, items, is_whole, lost) = parse(source)?;
    let base = text(&feed, &["home_page_url"]).and_then(|home| address(&home, url));
    let base = base.or_else(|| url.cloned());
    let mut notes = Vec::new();
    if lost > 0 {
        notes.push(format!("{lost} of its entries cannot be read and are left out"));
    }
    Some(RawFeed {
        kind: Kind::JsonFeed,
        title: text(&feed, &["title"]).map(|title| tidy(&title)),
        lang: text(&feed, &["language"]),
        next: text(&feed, &["next_url"]).and_then(|next| address(&next, base.as_ref())),
        fresh_for: None,
        entries: items.iter().map(|item| entry(item, base.as_ref())).collect(),
        is_whole,
        notes,
    })
}

/// The feed without its items, its items, whether it is whole, and how many items are lost.
fn parse(source: &str) -> Option<(Object, Vec<Object>, bool, usize)> {
    let source = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if let Ok(Value::Object(mut feed)) = serde_json::from_str(source) {
        let Some(Value::Array(items)) = feed.remove("items") else { return None };
        let all = items.len();
        let objects = items.into_iter().filter_map(|item| match item {
            Value::Object(object) => Some(object),
            _ => None,
        });
        let items: Vec<Object> = objects.collect();
        let lost = all - items.len();
        return Some((feed, items, true, lost));
    }
    // Not whole, or not well formed: item by item.
    let at = source.find("\"items\"").filter(|_| source.starts_with('{'))? + "\"items\"".len();
    let after = source[at..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?;
    let feed = head(&source[..at - "\"items\"".len()]);
    let (mut items, mut lost) = (Vec::new(), 0);
    let mut rest = after;
    let mut is_whole = false;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() || rest.starts_with(']') {
            is_whole |= rest.starts_with(']');
            break;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(object))) => {
                items.push(object);
                rest = &rest[values.byte_offset()..];
            }
            Some(Ok(_)) => {
                lost += 1;
                rest = &rest[values.byte_offset()..];
            }
            _ => {
                lost += 1;
                // The next item begins like the first one.
                let opening: String = after.chars().take_while(|c| *c != ':').collect();
                match rest.get(1..).and_then(|later| later.find(opening.trim())) {
                    Some(at) if !opening.trim().is_empty() => rest = &rest[at + 1..],
                    _ => break,
                }
            }
        }
    }
    Some((feed, items, is_whole, lost))
}

/// What stands before the items.
fn head(source: &str) -> Object {
    let closed = source.trim_end().trim_end_matches(',').to_owned() + "}";
    match serde_json::from_str(&closed) {
        Ok(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// The first of these values that says something.
fn text(object: &Object, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let text = match object.get(*name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.trim().is_empty()).then_some(text)
    })
}

fn entry(item: &Object, base: Option<&Url>) -> RawEntry {
    let link = |name: &str| text(item, &[name]).and_then(|href| address(&href, base));
    let id = text(item, &["id"]);
    let of_id = || {
        let url = Url::parse(id.as_deref()?).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(url)
    };
    let attached = item.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let attached = attached.filter_map(|attached| address(attached.get("url")?.as_str()?, base));
    let attached: Vec<Url> = attached.collect();
    let main = link("url").or_else(|| link("external_url")).or_else(of_id);
    let main = main.or_else(|| attached.first().cloned());
    let others = link("external_url").into_iter().chain(attached);
    let links = others.filter(|other| Some(other) != main.as_ref()).collect();
    let html = text(item, &["content_html"]).map(|html| of_html(&html, Place::Body));
    let plain = |name: &str| text(item, &[name]).map(|text| tidy(&text)).filter(|t| !t.is_empty());
    let picture = html.as_ref().and_then(|shown| shown.picture.clone());
    let lead = plain("summary").or_else(|| plain("content_text"));
    RawEntry {
        title: plain("title"),
        lead: lead.or_else(|| html.map(|shown| shown.text).filter(|text| !text.is_empty())),
        picture,
        link: main,
        links,
        id,
        dates: ["date_published", "date_modified"]
            .into_iter()
            .filter_map(|name| text(item, &[name]))
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
