//! A piece of HTML, as fields of feeds hold it → one line of text.
//!
//! Guarantees: what is not an HTML tag stays ("If x<y then wait", "the <meta> element" of a title);
//! scripts and styles leave nothing. The work is bounded. Tokens are html5ever's; no tree is built.

use crate::domain::text::normalize_whitespace;
use crate::extract::html::cap_attributes;
use html5ever::{
    TokenizerResult,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, states::RawKind,
    },
};
use memchr::{memchr_iter, memmem};
use std::{borrow::Cow, cell::RefCell, collections::HashMap, sync::LazyLock};

/// How much of a field is read, in bytes: far more than is shown of it.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// Inline elements.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "mark", "meter", "nobr", "output", "q", "ruby", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    "slot", "blink", "math", "mi", "mo", "mn", "mrow", "mtext", "rt",
];
/// Block elements of a text.
const OF_TEXT: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "button",
    "center",
    "dd",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "img",
    "input",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "section",
    "source",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "caption",
    "col",
    "colgroup",
];
/// Elements whose content is hidden or a fallback.
const HIDDEN: &[&str] = &[
    "script", "style", "noscript", "template", "iframe", "object", "embed", "param", "svg",
    "video", "audio", "track", "canvas", "map", "area", "select", "option", "textarea", "head",
    "link", "title",
];
/// Elements of a whole page, which a body may hold and a title does not.
const OF_PAGE: &[&str] = &["html", "body", "meta", "base", "doctype"];

/// What sort of element one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Inline,
    OfText,
    Hidden,
    OfPage,
}

static SORTS: LazyLock<HashMap<&str, Sort>> = LazyLock::new(|| {
    let all = [
        (INLINE, Sort::Inline),
        (OF_TEXT, Sort::OfText),
        (HIDDEN, Sort::Hidden),
        (OF_PAGE, Sort::OfPage),
    ];
    all.into_iter().flat_map(|(names, sort)| names.iter().map(move |name| (*name, sort))).collect()
});

/// Returns the sort of a name in lower case.
fn sort_of(name: &str) -> Option<Sort> {
    SORTS.get(name).copied()
}

/// How far to search for the end of an unknown element, in bytes.
const CLOSED_BYTES_MAX: usize = 4096;

/// What a piece of HTML shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::extract) struct Shown {
    /// Its text, one line.
    pub text: String,
    /// The description of the first picture that has one.
    pub picture: Option<String>,
}

/// Where a piece of HTML comes from, and so what may be a tag in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Place {
    /// In a title, only tags of running text count; others, such as `<meta>`, are text.
    Title,
    /// In a body.
    Body,
}

/// Renders a piece of HTML as one line.
pub(in crate::extract) fn of_html(html: &str, place: Place) -> Shown {
    if !html.contains(['<', '&']) {
        return Shown { text: normalize_whitespace(html), picture: None };
    }
    let html = &html[..html.floor_char_boundary(FIELD_BYTES_MAX)];
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&cap_attributes(&with_tags_alone(html, place))));
    let tokenizer = Tokenizer::new(Sink::default(), Default::default());
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    let Sink(line) = tokenizer.sink;
    let Line { text, picture, .. } = line.into_inner();
    Shown {
        text: normalize_whitespace(&text),
        picture: picture.map(|p| normalize_whitespace(&p)).filter(|p| !p.is_empty()),
    }
}

/// Escapes each `<` that does not begin a tag.
fn with_tags_alone(html: &str, place: Place) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut copied = 0;
    let mut tags = Tags { html, place, last_bracket: html.rfind('>').unwrap_or(0), ends: None };
    for at in memchr_iter(b'<', html.as_bytes()) {
        if !tags.is_one(at) {
            kept.push_str(&html[copied..at]);
            kept.push_str("&lt;");
            copied = at + 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    kept.push_str(&html[copied..]);
    Cow::Owned(kept)
}

/// What of a piece of HTML is a tag.
struct Tags<'a> {
    html: &'a str,
    place: Place,
    last_bracket: usize,
    /// Where elements end, by their names.
    ends: Option<HashMap<&'a str, Vec<usize>>>,
}

impl<'a> Tags<'a> {
    /// Returns whether the `<` at this position begins a tag.
    fn is_one(&mut self, at: usize) -> bool {
        let rest = &self.html[at + 1..];
        let is_end = rest.starts_with('/');
        let name = name(rest.strip_prefix('/').unwrap_or(rest));
        let after_at = at + 1 + usize::from(is_end) + name.len();
        let after = &self.html[after_at..];
        let ends = after.starts_with(['>', '/']) || after.starts_with(char::is_whitespace);
        let is_body = self.place == Place::Body;
        if name.is_empty() {
            // A comment or a declaration.
            return is_body && rest.starts_with(['!', '?']) || rest.starts_with("!--");
        }
        if !ends || self.last_bracket < after_at {
            return false;
        }
        let sort = match name.bytes().any(|b| b.is_ascii_uppercase()) {
            true => sort_of(&name.to_ascii_lowercase()),
            false => sort_of(name),
        };
        match sort {
            Some(Sort::Inline | Sort::OfText) => true,
            Some(Sort::Hidden | Sort::OfPage) => is_body,
            // In a body an element of any name is one if it is closed.
            None => {
                let is_foreign = || name.contains([':', '-']);
                is_body && (is_end || is_foreign() || self.is_closed(name, after_at))
            }
        }
    }

    /// Returns whether an element is closed soon.
    fn is_closed(&mut self, name: &str, from: usize) -> bool {
        let html = self.html;
        let ends = self.ends.get_or_insert_with(|| {
            let mut ends: HashMap<&str, Vec<usize>> = HashMap::new();
            for at in memmem::find_iter(html.as_bytes(), "</") {
                ends.entry(self::name(&html[at + 2..])).or_default().push(at);
            }
            ends
        });
        let Some(ends) = ends.get(name) else { return false };
        let next = ends.get(ends.partition_point(|at| *at < from));
        next.is_some_and(|at| *at < from + CLOSED_BYTES_MAX)
    }
}

/// Returns the name that a tag begins with.
fn name(text: &str) -> &str {
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"-:_".contains(&b);
    let end = text.bytes().position(|b| !is_of_name(b));
    &text[..end.unwrap_or(text.len())]
}

#[derive(Debug, Default)]
struct Line {
    text: String,
    picture: Option<String>,
    /// The element of which nothing is shown, and how many of its name are open.
    hidden: Option<(String, usize)>,
}

#[derive(Debug, Default)]
struct Sink(RefCell<Line>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut line = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if line.hidden.is_none() => line.text.push_str(&text),
            Token::TagToken(tag) => return line.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Hidden elements whose end tag may be missing.
const VOID: [&str; 7] = ["embed", "param", "track", "area", "link", "object", "option"];

impl Line {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let is_end = tag.kind == TagKind::EndTag;
        if let Some((hidden, open)) = &mut self.hidden {
            if hidden == name {
                *open = if is_end { *open - 1 } else { *open + 1 };
                if *open == 0 {
                    self.hidden = None;
                }
            }
            return TokenSinkResult::Continue;
        }
        let sort = sort_of(name);
        if sort != Some(Sort::Inline) {
            self.text.push(' ');
        }
        if is_end || tag.self_closing {
            return TokenSinkResult::Continue;
        }
        if name == "img" && self.picture.is_none() {
            let alt = tag.attrs.iter().find(|attribute| &*attribute.name.local == "alt");
            self.picture =
                alt.map(|alt| alt.value.to_string()).filter(|alt| !alt.trim().is_empty());
        }
        if sort == Some(Sort::Hidden) && !VOID.contains(&name) {
            self.hidden = Some((name.to_owned(), 1));
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "iframe" | "noscript" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_a_line() {
        let cases = [
            ("<p>First<br>second <b>bold<p>third", "First second bold third"),
            ("Fish &amp; ice &lt;from 5&gt;", "Fish & ice <from 5>"),
            ("If x<y then wait", "If x<y then wait"),
            ("a < b and c > d", "a < b and c > d"),
            ("H<sub>2</sub>O, 5<sup>th</sup>", "H2O, 5th"),
            ("<style>p{}</style><script>if (a<b) x('</p>')</script>Seen<!-- not -->", "Seen"),
            ("<ul><li>one<li>two</ul>", "one two"),
            ("<o:p>Word</o:p> <my-card>x</my-card>", "Word x"),
            ("<svg><text>drawn</text></svg>after", "after"),
            ("<html><body>Whole page</body></html>", "Whole page"),
            ("caf\u{e9}&nbsp;&eacute;&#8217;", "café é’"),
            ("<p", "<p"),
            ("", ""),
        ];
        for (html, expected) in cases {
            assert_eq!(of_html(html, Place::Body).text, expected, "{html}");
        }
    }

    #[test]
    fn a_title_may_name_elements() {
        let cases = [
            ("The <meta> element", "The <meta> element"),
            ("Rules for <i>all</i> ports", "Rules for all ports"),
            ("<p>State v. Heron</p>", "State v. Heron"),
            ("On <title> and <!doctype>", "On <title> and <!doctype>"),
            ("Maxon LLC<br>v<br>STS", "Maxon LLC v STS"),
            ("R&D <notes>", "R&D <notes>"),
        ];
        for (html, expected) in cases {
            assert_eq!(of_html(html, Place::Title).text, expected, "{html}");
        }
    }

    #[test]
    fn a_picture_says_what_it_is_of() {
        let shown = of_html("<img src=x alt=''><img alt=' The mole '>", Place::Body);
        assert_eq!((shown.text.as_str(), shown.picture.as_deref()), ("", Some("The mole")));
    }
}
