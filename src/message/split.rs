//! The length of texts, and where to cut them.
//!
//! Guarantees: lengths are in UTF-16 units, as Telegram counts them. Cuts are after a sentence, else after
//! a word, else after a grapheme.

use unicode_segmentation::UnicodeSegmentation;

/// Returns the length of a text in UTF-16 units.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts a text to at most `units_max` UTF-16 units, with an ellipsis where something was left out: after a
/// sentence if that keeps most of it, else after a word, else after a grapheme.
pub fn cut(text: &str, units_max: usize) -> String {
    const ELLIPSIS: &str = " …";
    if units(text) <= units_max {
        return text.to_owned();
    }
    let room = units_max.saturating_sub(units(ELLIPSIS));
    let end = fitting_bytes(text, room);
    let last = |ends: &mut dyn Iterator<Item = usize>| ends.take_while(|at| *at <= end).last();
    let sentence =
        last(&mut text.split_sentence_bound_indices().map(|(at, s)| at + s.trim_end().len()));
    let word = last(
        &mut text
            .split_word_bound_indices()
            .filter(|(_, w)| !w.trim().is_empty())
            .map(|(at, w)| at + w.len()),
    );
    let grapheme = last(&mut text.grapheme_indices(true).map(|(at, g)| at + g.len()));
    let enough = |part: usize| move |at: &usize| *at * part >= end;
    let at = sentence.filter(enough(2)).or(word.filter(enough(3))).or(grapheme).unwrap_or(0);
    let kept = text[..at].trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-(".contains(c));
    format!("{kept}{ELLIPSIS}").trim_start().to_owned()
}

/// Splits a text into pieces of at most `units_max` UTF-16 units: after sentences, else after words, else
/// after graphemes. Only blanks between pieces are lost.
pub(super) fn split(text: &str, units_max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while units(rest) > units_max {
        let end = fitting_bytes(rest, units_max);
        let last = |ends: &mut dyn Iterator<Item = usize>| {
            ends.take_while(|at| *at <= end).last().filter(|at| *at > 0)
        };
        let sentence = last(&mut rest.split_sentence_bound_indices().map(|(at, s)| at + s.len()));
        let word = last(&mut rest.split_word_bound_indices().map(|(at, w)| at + w.len()));
        let whole = last(&mut rest.grapheme_indices(true).map(|(at, g)| at + g.len()));
        let sentence = sentence.filter(|at| at * 3 >= end);
        // A grapheme that is longer than a piece is cut between characters.
        let at = sentence.or(word).or(whole).unwrap_or(end.max(1));
        let (piece, after) = rest.split_at(at);
        pieces.push(piece.trim_end());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Returns how many bytes of a text fit into `units_max` UTF-16 units.
fn fitting_bytes(text: &str, units_max: usize) -> usize {
    let mut end = 0;
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > units_max {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cut_comes_after_a_sentence_or_a_word_or_a_whole_character() {
        let cases = [
            ("short", 10, "short"),
            ("One two. Three four. Five six.", 24, "One two. Three four. …"),
            ("One two three, four five", 16, "One two three …"),
            ("abcdefghijklmnop", 10, "abcdefgh …"),
            ("👩‍🚀👩‍🚀👩‍🚀", 12, "👩‍🚀👩‍🚀 …"),
            ("声明全文如下。外交部发言人今天表示。", 10, "声明全文如下。 …"),
        ];
        for (text, max, expected) in cases {
            assert_eq!(cut(text, max), expected);
        }
    }

    proptest! {
        #[test]
        fn a_split_text_is_whole(text in "\\PC{0,300}", max in 4usize..60) {
            let pieces = split(&text, max);
            prop_assert!(pieces.iter().all(|piece| units(piece) <= max));
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
        }

        #[test]
        fn a_cut_is_never_longer_than_asked_and_keeps_a_beginning(text in "\\PC{0,300}", max in 4usize..200) {
            let short = cut(&text, max);
            prop_assert!(units(&short) <= max, "{} > {max}", units(&short));
            let kept = short.trim_end_matches(" …").trim_end_matches('…');
            prop_assert!(text.trim_start().starts_with(kept) || text.starts_with(kept));
        }
    }
}
