//! Bytes → text: byte order mark, then HTTP, then the document's own declaration, then a guess.
//!
//! Promises: always some text; what cannot be decoded becomes U+FFFD. Decoding and guessing are
//! encoding_rs and chardetng, which browsers use.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How far into a document its own declaration is looked for, in bytes. Browsers stop at 1,024;
/// pages exist that put it later.
const DECLARATION_BYTES_MAX: usize = 64 * 1024;

/// Decodes a document.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned();
    }
    // Text that is valid UTF-8 and not just ASCII is UTF-8, whatever anybody says of it.
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.is_ascii()
    {
        return text.to_owned();
    }
    let declared = content_type
        .and_then(|t| after(t.as_bytes(), b"charset"))
        .or_else(|| declared(&bytes[..bytes.len().min(DECLARATION_BYTES_MAX)]));
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 => encoding,
        // Declared as UTF-8 or not at all, and it is not (only) valid UTF-8: a slip in one place,
        // or another encoding throughout. The guess tells.
        _ => guess(bytes),
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// The encoding that a document declares: `<meta charset>`, `<meta http-equiv>`, `<?xml encoding>`.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    let mut rest = &lower[..];
    while let Some(at) = find(rest, b"<meta").or_else(|| find(rest, b"<?xml")) {
        let tag = &rest[at..];
        let end = find(tag, b">").unwrap_or(tag.len());
        let tag_body = &tag[..end];
        let found = after(tag_body, b"charset").or_else(|| after(tag_body, b"encoding"));
        // UTF-16 cannot have been read as ASCII up to here, so it is not.
        let found = found.map(|e| if e == UTF_16LE || e == UTF_16BE { UTF_8 } else { e });
        if found.is_some() {
            return found;
        }
        rest = &tag[end..];
    }
    None
}

/// The encoding named after a word and an equals sign.
fn after(text: &[u8], word: &[u8]) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let at = find(&lower, word)? + word.len();
    let value = lower[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|b| b" \"';,>\t\r\n/?".contains(b)).unwrap_or(value.len());
    Encoding::for_label(&value[..end])
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_by_mark_header_declaration_or_guess() {
        let page = "<meta charset=\"CHARSET\"><p>Заявление Министерства иностранных дел от 14 июля";
        let (cp1251, ..) = encoding_rs::WINDOWS_1251.encode(page);
        let (koi8, ..) = encoding_rs::KOI8_R.encode(page);
        let in_place = |bytes: &[u8], name: &str| {
            String::from_utf8_lossy(&[]).into_owned();
            let at = find(bytes, b"CHARSET").unwrap();
            [&bytes[..at], name.as_bytes(), &bytes[at + 7..]].concat()
        };
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(page.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let cases: [(&str, Vec<u8>, Option<&str>); 7] = [
            ("declared", in_place(&cp1251, "windows-1251"), None),
            ("declared", in_place(&koi8, "koi8-r"), None),
            ("in the header", cp1251.to_vec(), Some("text/html; charset=windows-1251")),
            (
                "declared wrongly as UTF-8",
                in_place(&cp1251, "utf-8"),
                Some("text/html; charset=utf-8"),
            ),
            ("not declared", cp1251.to_vec(), None),
            ("UTF-8 under a lying header", page.into(), Some("text/html; charset=iso-8859-1")),
            ("UTF-16 with a mark", utf16, None),
        ];
        for (name, bytes, header) in cases {
            let text = decode(&bytes, header);
            assert!(text.contains("Заявление Министерства"), "{name}: {text}");
        }
    }
}
