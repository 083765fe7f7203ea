//! Telegram's HTML: escaping and markup.
//!
//! Guarantees: whatever the texts are, the markup is well-formed and every character is shown as itself.
//! Lengths are counted as Telegram counts them: after parsing, in UTF-16 units.
//! Out of scope: the content of messages.

pub use super::split::{cut, units};

use std::ops::Range;

/// The longest text of a message after parsing, in UTF-16 units.
pub const TEXT_UNITS_MAX: usize = 4096;
/// The longest message with its markup, in bytes.
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
    /// Returns an empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends text, escaped.
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
    #[expect(clippy::needless_pass_by_value, reason = "pieces are built in place")]
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

    /// Appends a quotation that is collapsed until a user expands it.
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

    /// Appends text in monospace.
    pub fn code(self, text: &str) -> Self {
        self.wrap("code", Html::new().text(text))
    }

    /// Appends text with parts in bold, given as byte ranges in order.
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

    /// Appends a piece as a link. Without an address, or with one that Telegram would not link, appends
    /// the piece alone.
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

    /// Returns the length as Telegram counts it, in UTF-16 units.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Returns the length with markup, in bytes.
    pub fn raw_bytes(&self) -> usize {
        self.raw.len()
    }

    /// Returns the message as it is sent.
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

/// Removes the markup of a message that [`Html`] built, for the case that Telegram cannot parse it. Links
/// are written out after their text.
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
        fn markup_read_back_is_the_text(text in "[<>&\"'a-z😀 ]{0,60}") {
            let raw = Html::new().bold(&text).into_string();
            prop_assert_eq!(without_markup(&raw), text);
        }
    }
}
