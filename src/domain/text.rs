//! Text from pages, normalized to one line that is safe in a message.
//!
//! Guarantees: single blanks, and no invisible characters that change the direction of the text around
//! it. Letters, punctuation and emoji stay as they are.

/// Folds white space and drops control characters, soft hyphens and the marks that override the
/// direction of the text after them. Joiners stay: emoji and Persian need them.
pub fn normalize_whitespace(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !is_dropped(c) {
            if gap && !line.is_empty() {
                line.push(' ');
            }
            gap = false;
            line.push(c);
        }
    }
    line
}

fn is_dropped(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_single_blanks_and_no_directional_overrides() {
        let cases = [
            ("  a\u{a0}\n\tb  ", "a b"),
            ("ab\u{ad}cd\u{200b}\u{feff}", "abcd"),
            ("safe\u{202e}txt.exe\u{2069}", "safetxt.exe"),
            ("\u{0}a\u{7f}", "a"),
            ("👩\u{200d}🚀 می\u{200c}خواهم", "👩\u{200d}🚀 می\u{200c}خواهم"),
            (" \n ", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(normalize_whitespace(text), expected, "{text:?}");
        }
    }
}
