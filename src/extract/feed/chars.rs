//! References to characters: `&amp;`, `&#8217;`, `&eacute;`, and what a document declares itself.
//!
//! Guarantees: what is not a reference stays as it is ("Port & Pilots", "?id=1&lang=fr"); what a
//! document declares is expanded once, and to a few words.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use std::{borrow::Cow, collections::HashMap};

/// The longest name of a reference, in bytes: `&CounterClockwiseContourIntegral;`.
const NAME_BYTES_MAX: usize = 32;
/// Names that a document may declare, and the longest value of one, in bytes.
const DECLARED_MAX: usize = 1000;
const DECLARED_BYTES_MAX: usize = 256;

/// The characters that a document declares in its DOCTYPE.
#[derive(Debug, Default)]
pub(super) struct Entities(HashMap<String, String>);

impl Entities {
    /// Adds the declarations of a DOCTYPE: `<!ENTITY nbsp "&#160;">`.
    pub(super) fn declare(&mut self, subset: &str) {
        for declared in subset.split("<!ENTITY").skip(1).take(DECLARED_MAX) {
            let mut words = declared.trim_start().splitn(2, char::is_whitespace);
            let (Some(name), Some(rest)) = (words.next(), words.next()) else { continue };
            let rest = rest.trim_start();
            let Some(sign) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            let Some((value, _)) = rest[1..].split_once(sign) else { continue };
            if value.len() <= DECLARED_BYTES_MAX {
                // One step: a declaration that uses others is not followed.
                let value = decode(value, &Entities::default()).into_owned();
                self.0.insert(name.to_owned(), value);
            }
        }
    }
}

/// Replaces the references in a text.
pub(super) fn decode<'a>(text: &'a str, entities: &Entities) -> Cow<'a, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    // Declared values may be longer than their names; bound the total expansion.
    let bytes_max = 2 * text.len() + 4096;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(NAME_BYTES_MAX).position(|b| b == b';');
        match end.and_then(|end| Some((end, value(&rest[..=end], entities)?))) {
            Some((end, value)) if decoded.len() <= bytes_max => {
                decoded.push_str(&value);
                rest = &rest[end + 1..];
            }
            _ => decoded.push('&'),
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Returns the value of a name, which ends with its semicolon.
fn value<'e>(reference: &str, entities: &'e Entities) -> Option<Cow<'e, str>> {
    let name = &reference[..reference.len() - 1];
    // Most are these.
    match name {
        "lt" => return Some(Cow::Borrowed("<")),
        "gt" => return Some(Cow::Borrowed(">")),
        "amp" => return Some(Cow::Borrowed("&")),
        "quot" => return Some(Cow::Borrowed("\"")),
        _ => {}
    }
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return Some(character(code));
    }
    if let Some(value) = entities.0.get(name) {
        return Some(Cow::Borrowed(value));
    }
    let (first, second) = *NAMED_ENTITIES.get(reference)?;
    let chars = [first, second].into_iter().filter(|code| *code != 0).filter_map(char::from_u32);
    Some(Cow::Owned(chars.collect()))
}

/// Returns the character of a number. Where Unicode has a control character the numbers are those
/// of windows-1252, as browsers take them.
fn character(code: u32) -> Cow<'static, str> {
    let of_windows = code.checked_sub(0x80).and_then(|n| *C1_REPLACEMENTS.get(n as usize)?);
    let c = of_windows.or_else(|| char::from_u32(code)).filter(|c| *c != '\0');
    Cow::Owned(c.unwrap_or('\u{fffd}').to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_and_nothing_else() {
        let mut entities = Entities::default();
        entities.declare(
            r#"[<!ENTITY co "Harbour &#38; Co"><!ENTITY all "&co;&co;"><!ENTITY % x 'y'>]"#,
        );
        let cases = [
            ("Docks &amp; quays", "Docks & quays"),
            ("Port & Pilots", "Port & Pilots"),
            ("?id=1&lang=fr&copy=2", "?id=1&lang=fr&copy=2"),
            ("caf&eacute;&nbsp;9", "café\u{a0}9"),
            ("&#8217;&#x2019;&#X2019;", "’’’"),
            ("&#150;&#0;&#1114112;", "–\u{fffd}\u{fffd}"),
            ("&co; &all; &unknown; &;&", "Harbour & Co &co;&co; &unknown; &;&"),
            ("&amp;amp;", "&amp;"),
            ("&beta;&Omega;&NotEqualTilde;", "βΩ≂\u{338}"),
            ("plain", "plain"),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text, &entities), expected, "{text}");
        }
    }
}
