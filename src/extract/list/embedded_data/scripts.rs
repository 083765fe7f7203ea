//! The JSON values in scripts: a script that is one, or what is assigned, or passed to a function.
//!
//! Guarantees: values are found by their form alone; no framework, variable or function is known by
//! name. What is JavaScript and not JSON (`{title:"…"}`, a function that returns the data) is not
//! evaluated. Texts are cloned only where they are not JSON.

use super::{
    flattened::resolve,
    value::{Budget, Data, is_enclosed, parse},
};
use std::borrow::Cow;

/// The escapes in a script that is JSON as a whole; the ampersand is the last.
const ESCAPES: [(&str, &str); 10] = [
    ("&q;", "\""),
    ("&s;", "'"),
    ("&l;", "<"),
    ("&g;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&a;", "&"),
    ("&amp;", "&"),
];

/// Returns the values of the scripts of a page.
pub(super) fn values(scripts: &[String], budget: &Budget) -> Vec<Data> {
    let mut found = Vec::new();
    // What is written piece by piece: `push([1,"…"])`.
    let mut pieces = String::new();
    for script in scripts {
        let mut values = Vec::new();
        of_script(bare(script), budget, &mut values);
        for value in values {
            match piece(&value) {
                Some(text) => pieces.push_str(text),
                None => found.push(resolve(value, budget)),
            }
        }
    }
    // Its lines are values with a number: `5:{"news":[…]}`.
    for line in pieces.lines() {
        let value = line.split_once(':').map_or(line, |(_, value)| value).trim();
        if is_enclosed(value) {
            found.extend(parse(value, budget));
        }
    }
    found
}

/// Returns the text of a value that is a number with a text.
fn piece(value: &Data) -> Option<&str> {
    match value {
        Data::List(values) => match &values[..] {
            [Data::Number(_), Data::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Returns a script without the comment signs that hide it from old browsers and XML parsers.
fn bare(script: &str) -> &str {
    let inner = script.trim();
    let inner =
        inner.strip_prefix("<!--").and_then(|text| text.strip_suffix("-->")).unwrap_or(inner);
    inner.trim()
}

fn of_script(script: &str, budget: &Budget, found: &mut Vec<Data>) {
    if script.starts_with(['{', '[']) {
        let starts = ["{&q;", "[{&q;", "{&quot;", "[{&quot;"];
        let is_escaped = starts.iter().any(|start| script.starts_with(start));
        let text = if is_escaped { unescape(script) } else { Cow::Borrowed(script) };
        if let Some(value) = parse(&text, budget) {
            found.push(value);
            return;
        }
    }
    let mut from = 0;
    while let Some(start) = next_start(script, from) {
        let rest = &script[start..];
        let quote = rest.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''));
        let end = match quote {
            Some(quote) => quoted_end(rest, quote),
            None => enclosed_end(rest),
        };
        if !budget.take_bytes(end.unwrap_or(rest.len())) {
            return;
        }
        let text = end.map(|end| match quote {
            Some(_) => Cow::Owned(as_json_text(&rest[1..end - 1])),
            None => Cow::Borrowed(&rest[..end]),
        });
        let value = text.and_then(|text| parse(&text, budget));
        // A text that is no JSON is none of the data.
        let value = value.filter(|value| value.as_text().is_none());
        from = start + end.filter(|_| value.is_some()).unwrap_or(1);
        found.extend(value);
    }
}

fn unescape(text: &str) -> Cow<'_, str> {
    let mut text = text.to_owned();
    for (escape, plain) in ESCAPES {
        text = text.replace(escape, plain);
    }
    Cow::Owned(text)
}

/// Returns where the next value may begin: what is assigned, or passed to a function.
fn next_start(script: &str, from: usize) -> Option<usize> {
    let bytes = script.as_bytes();
    let blanks =
        |at: usize| at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let signs = memchr::memchr3_iter(b'=', b'(', b',', bytes.get(from..)?);
    let mut starts = signs.map(|sign| blanks(from + sign + 1));
    starts.find(|start| match bytes.get(*start) {
        Some(b'{') => bytes.get(blanks(start + 1)) == Some(&b'"'),
        Some(b'[') => {
            let first = bytes.get(blanks(start + 1));
            first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"') || byte.is_ascii_digit())
        }
        // A text that is JSON: `"{\"a\":…`, `'[{"a":…`.
        Some(b'"' | b'\'') => {
            let is_open = matches!(bytes.get(start + 1), Some(b'{' | b'['));
            let inner = bytes.get(start + 2);
            is_open && inner.is_some_and(|byte| matches!(byte, b'"' | b'\\' | b'{' | b'['))
        }
        _ => false,
    })
}

/// Returns where a list or an object ends.
fn enclosed_end(text: &str) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => depth += 1,
            b'}' | b']' if !is_text => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns where a string of JavaScript ends.
fn quoted_end(text: &str, quote: u8) -> Option<usize> {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == quote && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some(end + 2)
}

/// Returns the inside of a string of JavaScript as a text of JSON, which knows fewer escapes.
fn as_json_text(inside: &str) -> String {
    let mut text = String::with_capacity(inside.len() + 2);
    text.push('"');
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => match chars.next() {
                Some('x') => text.push_str("\\u00"),
                Some(c @ ('\'' | '`' | '$')) => text.push(c),
                Some(c) => text.extend(['\\', c]),
                None => {}
            },
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}
