//! Telegram's HTML: escaping, counting, cutting.
//!
//! Promises: whatever the texts are, the markup is well formed and every character of theirs is
//! shown as itself; the length is counted as Telegram counts it, after the markup is read, in
//! UTF-16 units.
//! Leaves out: what is said (`push`, `reply`).

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// The longest text of a message, in UTF-16 units after its markup is read.
pub const TEXT_UNITS_MAX: usize = 4096;
/// The longest raw message, markup and all, in bytes.
pub const RAW_BYTES_MAX: usize = 32_768;
/// The longest address that is linked, in bytes of the raw message. Ten of them with their titles
/// fit into one message, even if every character has to be escaped.
pub const LINK_BYTES_MAX: usize = 1100;

/// A message under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html {
    raw: String,
    units: usize,
}

impl Html {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends text that is shown as it is.
    pub fn text(mut self, text: &str) -> Self {
        self.units += units(text);
        for c in text.chars() {
            match c {
                '<' => self.raw.push_str("&lt;"),
                '>' => self.raw.push_str("&gt;"),
                '&' => self.raw.push_str("&amp;"),
                c => self.raw.push(c),
            }
        }
        self
    }

    /// Appends another piece.
    pub fn with(mut self, piece: Html) -> Self {
        self.raw.push_str(&piece.raw);
        self.units += piece.units;
        self
    }

    /// Appends text in bold.
    pub fn bold(self, text: &str) -> Self {
        self.wrap("b", Html::new().text(text))
    }

    /// Appends a quotation.
    pub fn quote(self, piece: Html) -> Self {
        self.wrap("blockquote", piece)
    }

    /// Appends a quotation that is folded until somebody wants to read it.
    pub fn folded_quote(mut self, piece: Html) -> Self {
        self.raw.push_str("<blockquote expandable>");
        self = self.with(piece);
        self.raw.push_str("</blockquote>");
        self
    }

    /// Appends text in italics.
    pub fn italic(self, text: &str) -> Self {
        self.wrap("i", Html::new().text(text))
    }

    /// Appends text in type of its own.
    pub fn code(self, text: &str) -> Self {
        self.wrap("code", Html::new().text(text))
    }

    /// Appends text of which these parts, in bytes and in order, are in bold.
    pub fn marked(mut self, text: &str, parts: &[Range<usize>]) -> Self {
        let mut at = 0;
        for part in parts {
            let (Some(before), Some(marked)) = (text.get(at..part.start), text.get(part.clone()))
            else {
                continue;
            };
            self = self.text(before).bold(marked);
            at = part.end;
        }
        self.text(text.get(at..).unwrap_or_default())
    }

    /// Appends a piece that leads to an address; without one, or with one that Telegram would not
    /// link, just the piece.
    pub fn link(mut self, address: Option<&str>, piece: Html) -> Self {
        let is_web = |a: &&str| a.starts_with("http://") || a.starts_with("https://");
        let href = address.filter(is_web).map(|a| Html::new().text(a).raw.replace('"', "&quot;"));
        let Some(href) = href.filter(|href| href.len() <= LINK_BYTES_MAX) else {
            return self.with(piece);
        };
        self.raw.push_str(&format!("<a href=\"{href}\">"));
        self = self.with(piece);
        self.raw.push_str("</a>");
        self
    }

    /// The length that Telegram counts.
    pub fn units(&self) -> usize {
        self.units
    }

    /// The length on the wire, in bytes.
    pub fn raw_bytes(&self) -> usize {
        self.raw.len()
    }

    /// The message as it is sent.
    pub fn into_string(self) -> String {
        debug_assert!(self.units <= TEXT_UNITS_MAX);
        self.raw
    }

    fn wrap(mut self, tag: &str, piece: Html) -> Self {
        self.raw.push_str(&format!("<{tag}>"));
        self = self.with(piece);
        self.raw.push_str(&format!("</{tag}>"));
        self
    }
}

/// The length of a text in UTF-16 units.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts a text to at most `units_max` UTF-16 units, with an ellipsis where something was left out:
/// after a sentence when that keeps most of it, else after a word, else after a whole character
/// as readers see it.
pub fn cut(text: &str, units_max: usize) -> String {
    if units(text) <= units_max {
        return text.to_owned();
    }
    const ELLIPSIS: &str = " …";
    let room = units_max.saturating_sub(units(ELLIPSIS));
    let mut end = 0;
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > room {
            break;
        }
        end = at + c.len_utf8();
    }
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

/// Splits a text into pieces of at most `units_max` UTF-16 units: after sentences, else after words,
/// else after whole characters. Nothing but blanks at the seams is lost.
pub fn split(text: &str, units_max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while units(rest) > units_max {
        let mut end = 0;
        let mut used = 0;
        for (at, c) in rest.char_indices() {
            used += c.len_utf16();
            if used > units_max {
                break;
            }
            end = at + c.len_utf8();
        }
        let last = |ends: &mut dyn Iterator<Item = usize>| {
            ends.take_while(|at| *at <= end).last().filter(|at| *at > 0)
        };
        let sentence = last(&mut rest.split_sentence_bound_indices().map(|(at, s)| at + s.len()));
        let word = last(&mut rest.split_word_bound_indices().map(|(at, w)| at + w.len()));
        let whole = last(&mut rest.grapheme_indices(true).map(|(at, g)| at + g.len()));
        let sentence = sentence.filter(|at| at * 3 >= end);
        // One character as readers see it that is longer than a message is cut where it must be.
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

/// The text of a message of ours without its markup: for the case that Telegram cannot read it.
/// Links are written out behind their text.
pub fn without_markup(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut address = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            break;
        };
        let tag = &rest[at + 1..at + end];
        if let Some(href) = tag.strip_prefix("a href=\"") {
            address = Some(href.trim_end_matches('"'));
        } else if tag == "/a" {
            plain.push_str(&address.take().map(|a| format!(" {a}")).unwrap_or_default());
        }
        rest = &rest[at + end + 1..];
    }
    plain.push_str(rest);
    let plain = plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    cut(&plain, TEXT_UNITS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_like_markup_is_shown_as_text() {
        let html = Html::new()
            .bold("a<b>&amp;")
            .text(" \"it's\" ")
            .link(Some("https://x.example/?a=1&b=\"<"), Html::new().text("go"))
            .quote(Html::new().text("q"));
        assert_eq!(html.units(), 9 + 8 + 2 + 1);
        assert_eq!(
            html.into_string(),
            "<b>a&lt;b&gt;&amp;amp;</b> \"it's\" \
             <a href=\"https://x.example/?a=1&amp;b=&quot;&lt;\">go</a><blockquote>q</blockquote>"
        );
    }

    #[test]
    fn only_web_addresses_of_a_sane_length_are_linked() {
        for address in
            ["javascript:alert(1)", "/news/1", &format!("https://x/{}", "a".repeat(3000))]
        {
            let html = Html::new().link(Some(address), Html::new().text("go"));
            assert_eq!(html.into_string(), "go");
        }
    }

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

    #[test]
    fn a_message_without_markup_keeps_text_and_addresses() {
        let html = Html::new()
            .bold("A & <B>")
            .text("\n")
            .link(Some("https://x.example/?a=1&b"), Html::new().bold("t"));
        assert_eq!(without_markup(&html.into_string()), "A & <B>\nt https://x.example/?a=1&b");
    }

    #[test]
    fn hits_are_set_in_bold_and_the_rest_is_escaped() {
        let html = Html::new().marked("a <fog> & fog", &[3..6, 10..13]);
        assert_eq!(html.into_string(), "a &lt;<b>fog</b>&gt; &amp; <b>fog</b>");
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

        #[test]
        fn markup_read_back_is_the_text(text in "[<>&\"'a-z😀 ]{0,60}") {
            let raw = Html::new().bold(&text).into_string();
            prop_assert_eq!(without_markup(&raw), text);
        }
    }
}
