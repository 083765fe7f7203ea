//! The parameters of a request in each encoding that Telegram accepts: JSON, a form, a multipart form
//! with files, or the query of the URL.
//!
//! Guarantees: all encodings give the same JSON, which names a file as "attach://FILE_NAME".

use super::types::Document;
use serde_json::{Map, Value};

/// Fields of a form that are text even if they look like a number or a list; others are parsed as JSON.
const TEXTS: [&str; 7] = [
    "text",
    "caption",
    "parse_mode",
    "callback_query_id",
    "inline_query_id",
    "language_code",
    "url",
];

/// Parses parameters and files; `None` if the body is malformed.
pub(crate) fn parameters(
    kind: Option<&str>,
    bytes: &[u8],
    query: Option<&str>,
) -> Option<(Value, Vec<Document>)> {
    let kind = kind.unwrap_or_default();
    if kind.starts_with("application/json") && !bytes.is_empty() {
        let body = serde_json::from_slice(bytes).ok().filter(Value::is_object)?;
        return Some((body, Vec::new()));
    }
    let mut fields: Map<String, Value> = pairs(query.unwrap_or_default()).collect();
    let mut files = Vec::new();
    if kind.starts_with("multipart/form-data") {
        let (_, boundary) = kind.split_once("boundary=")?;
        let boundary = boundary.split(';').next().unwrap_or_default().trim_matches('"');
        multipart(bytes, boundary, &mut fields, &mut files)?;
    } else {
        fields.extend(pairs(std::str::from_utf8(bytes).ok()?));
    }
    Some((fields.into(), files))
}

fn pairs(text: &str) -> impl Iterator<Item = (String, Value)> {
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, value)| {
        let value = field(&name, &value);
        (name.into_owned(), value)
    })
}

/// The value of a form field: JSON where it parses and the field is not text.
fn field(name: &str, text: &str) -> Value {
    let parsed = serde_json::from_str(text).ok().filter(|_| !TEXTS.contains(&name));
    parsed.unwrap_or_else(|| text.into())
}

/// Parses a multipart form.
fn multipart(
    bytes: &[u8],
    boundary: &str,
    fields: &mut Map<String, Value>,
    files: &mut Vec<Document>,
) -> Option<()> {
    let mark = format!("--{boundary}");
    // The name of the part of each file.
    let mut parts = Vec::new();
    let mut rest = &bytes[find(bytes, mark.as_bytes())? + mark.len()..];
    let between = format!("\r\n{mark}");
    while !rest.starts_with(b"--") {
        let head_end = find(rest, b"\r\n\r\n")?;
        let head = std::str::from_utf8(&rest[..head_end]).ok()?;
        let from = head_end + 4;
        let content = &rest[from..from + find(&rest[from..], between.as_bytes())?];
        rest = &rest[from + content.len() + between.len()..];
        let name = parameter(head, "name")?;
        match parameter(head, "filename") {
            Some(file_name) => {
                parts.push((name, file_name.clone()));
                files.push(Document { file_name, bytes: content.to_vec() });
            }
            None => {
                let value = field(&name, std::str::from_utf8(content).ok()?);
                fields.insert(name, value);
            }
        }
    }
    for (part, file_name) in parts {
        // A file is a field itself, or another field names it.
        let named = format!("attach://{part}");
        let attached = Value::from(format!("attach://{file_name}"));
        match fields.values_mut().find(|value| **value == named) {
            Some(value) => *value = attached,
            None => drop(fields.insert(part, attached)),
        }
    }
    Some(())
}

/// A parameter in the head of a part, such as its name.
fn parameter(head: &str, name: &str) -> Option<String> {
    if let Some((_, rest)) = head.split_once(&format!("; {name}=\"")) {
        let (value, _) = rest.split_once('"')?;
        // Clients write "%22" instead of a quotation mark.
        return Some(value.replace("%22", "\""));
    }
    // Names beyond ASCII are percent-encoded.
    let (_, rest) = head.split_once(&format!("; {name}*=utf-8''"))?;
    let value = rest.split([';', '\r']).next().unwrap_or_default().replace('+', "%2B");
    url::form_urlencoded::parse(value.as_bytes()).next().map(|(value, _)| value.into_owned())
}

fn find(bytes: &[u8], words: &[u8]) -> Option<usize> {
    bytes.windows(words.len()).position(|window| window == words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_encodings_give_the_same_parameters() {
        let body = json!({"chat_id": 5, "text": "1", "reply_markup": {"inline_keyboard": []}});
        let json = (Some("application/json"), body.to_string());
        let form = "chat_id=5&text=1&reply_markup=%7B%22inline_keyboard%22:[]%7D".to_owned();
        let parts =
            [("chat_id", "5"), ("text", "1"), ("reply_markup", "{\"inline_keyboard\": []}")];
        let part = |(name, value): &(&str, &str)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let parts = parts.iter().map(part).collect::<String>() + "--b--\r\n";
        let encodings = [
            json,
            (Some("application/x-www-form-urlencoded"), form),
            (Some("multipart/form-data; boundary=b"), parts),
        ];
        for (kind, text) in encodings {
            let read = parameters(kind, text.as_bytes(), None);
            assert_eq!(read, Some((body.clone(), Vec::new())), "{kind:?}");
        }
        let read = parameters(None, b"", Some("timeout=5"));
        assert_eq!(read, Some((json!({"timeout": 5}), Vec::new())));
    }

    #[test]
    fn a_file_is_named_in_the_field_that_it_is_for() {
        let ways = [("name=\"document\"", ""), ("name=\"x1\"", "attach://x1")];
        for (part, named) in ways {
            let named = match named {
                "" => String::new(),
                name => format!(
                    "--b\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\n{name}\r\n"
                ),
            };
            let text = format!(
                "{named}--b\r\nContent-Disposition: form-data; {part}; filename=\"a.csv\"\r\n\
                 Content-Type: text/csv\r\n\r\n1\r\n--2\r\n--b--\r\n"
            );
            let kind = Some("multipart/form-data; boundary=\"b\"");
            let (body, files) = parameters(kind, text.as_bytes(), None).unwrap();
            assert_eq!(body, json!({"document": "attach://a.csv"}));
            let file = Document { file_name: "a.csv".to_owned(), bytes: b"1\r\n--2".to_vec() };
            assert_eq!(files, [file]);
        }
    }

    #[test]
    fn what_is_cut_off_or_no_form_at_all_is_not_read() {
        let kind = Some("multipart/form-data; boundary=b");
        let head = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
        for text in ["", head, &format!("{head}1"), &format!("{head}1\r\n--b")] {
            assert_eq!(parameters(kind, text.as_bytes(), None), None, "{text}");
        }
        assert_eq!(parameters(Some("application/json"), b"[1]", None), None);
        assert_eq!(parameters(None, &[0xff], None), None);
    }

    #[test]
    fn names_are_read_in_all_letters() {
        let name = |head: &str| parameter(&format!("form-data{head}\r\nX: y"), "filename");
        assert_eq!(name("; name=\"a\"; filename=\"b %22c%22\"").unwrap(), "b \"c\"");
        assert_eq!(name("; filename*=utf-8''%D0%BC+1.csv").unwrap(), "м+1.csv");
        assert_eq!(name("; name=\"a\""), None);
    }
}
