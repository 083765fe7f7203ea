//! HTML → lines, through html5ever's tokenizer and tree builder.
//!
//! Promises: bounded work. The tree builder by itself takes time that grows with the square of the
//! depth and of the formatting elements left open (minutes for a megabyte of `<div>`), so tags that
//! would exceed a depth, or a number of open formatting elements, that no honest page comes near
//! are dropped before it sees them, and after a number of nodes the rest of the page is not read.

pub(crate) mod structured_data;

use super::{
    date,
    layout::{Block, LINES_MAX, LineBuilder, Page, RuleMatch},
    selectors::Selectors,
};
use crate::domain::text::normalize_whitespace;
use ego_tree::{NodeRef, iter::Edge};
use html5ever::{
    TokenizerResult, local_name,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer},
    tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink},
};
use memchr::memchr;
use scraper::{ElementRef, Html, HtmlTreeSink, Node, Selector, node::Element};
use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};
use url::Url;

/// Open elements that are counted; real pages stay below 60.
const DEPTH_MAX: usize = 256;
/// Open formatting elements; each of them is made anew in every paragraph until it is closed.
const FORMATTING_MAX: usize = 32;
/// Attributes of one tag; real pages stay below 50.
const ATTRIBUTES_MAX: usize = 256;
/// The longest value of an attribute that is read, in bytes: no address and no date is longer.
const VALUE_BYTES_MAX: usize = 16 * 1024;
/// Attributes of a whole page, and tags that add theirs to those of the page: each is compared with all that
/// are there.
const ALL_ATTRIBUTES_MAX: usize = 500_000;
const ROOT_TAGS_MAX: usize = 8;
/// Feeds that one page may name.
const FEEDS_MAX: usize = 10;
/// Nodes of the tree.
const NODES_MAX: usize = 400_000;

type NodeId = <HtmlTreeSink as TreeSink>::Handle;

/// Entries that the operator's selector may name.
const RULE_ENTRIES_MAX: usize = 2000;

/// Parses a page and sets it in lines. Links are made absolute from `url`, or the page's own base.
pub(crate) fn lines(source: &str, url: Option<&Url>, selectors: &Selectors) -> Page {
    lines_of(&parse(source), url, selectors)
}

/// The same of a page that is parsed.
pub(crate) fn lines_of(html: &Html, url: Option<&Url>, selectors: &Selectors) -> Page {
    let base = base(html, url);
    let mut page = LayoutBuilder::of(html, base.clone(), selectors).layout(*html.root_element());
    page.feeds = feeds(html, base.as_ref());
    page.title = title(html);
    page.next = next(html, base.as_ref());
    page.linked_data = structured_data::linked_data(html, base.as_ref());
    page.host = most_linked(&page);
    page.lang = html.root_element().attr("lang").unwrap_or_default().to_owned();
    page
}

/// The next page, as the page tells programs.
fn next(html: &Html, base: Option<&Url>) -> Option<Url> {
    html.tree.values().find_map(|node| {
        let Node::Element(element) = node else { return None };
        let rel = element.attr("rel").filter(|_| matches!(element.name(), "a" | "link"))?;
        let is_next = rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"));
        absolute(element.attr("href").filter(|_| is_next)?, base)
    })
}

/// The longest line of a title that is set in several, in characters.
const TITLE_LINE_CHARS_MAX: usize = 100;

/// Whether a break stands inside a title that is set in lines: "Maxon Holdings<br>v<br>STS Steel". It has
/// text on both sides, in one link or heading, and neither side is a date.
fn is_in_title(node: NodeRef<'_, Node>) -> bool {
    let has_text = |sibling: Option<NodeRef<'_, Node>>| {
        let Some(Node::Text(text)) = sibling.map(|sibling| sibling.value()) else { return false };
        let text = text.trim();
        !text.is_empty()
            && text.chars().nth(TITLE_LINE_CHARS_MAX).is_none()
            && date::all(text, date::DateOrder::DayFirst.into()).is_empty()
    };
    let is_title = |ancestor: NodeRef<'_, Node>| match ancestor.value() {
        Node::Element(element) => {
            matches!(element.name(), "a" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        }
        _ => false,
    };
    has_text(node.prev_sibling())
        && has_text(node.next_sibling())
        && node.ancestors().take(4).any(is_title)
}

/// An absolute address of the web, or nothing.
pub(crate) fn absolute(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    let link = match base {
        Some(base) => base.join(href),
        None => Url::parse(href),
    };
    link.ok().filter(|link| matches!(link.scheme(), "http" | "https"))
}

/// The name that a page gives itself: that of the site, where it tells it apart.
fn title(html: &Html) -> Option<String> {
    let elements = || html.tree.nodes().filter_map(ElementRef::wrap);
    let named = elements().find(|e| e.attr("property") == Some("og:site_name"));
    let of_head = || elements().find(|e| e.value().name() == "title");
    let text = match named.and_then(|e| e.attr("content")) {
        Some(text) => normalize_whitespace(text),
        None => normalize_whitespace(&of_head()?.text().collect::<String>()),
    };
    (!text.is_empty()).then_some(text)
}

/// The host that most links of a page lead to.
fn most_linked(page: &Page) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (_, link) in page.lines.iter().flat_map(|line| &line.links) {
        *counts.entry(link.host_str()?).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(host, n)| (*n, *host));
    most.map(|(host, _)| host.to_owned())
}

/// The tree of a page, as far as the limits allow.
pub(crate) fn parse(source: &str) -> Html {
    parse_within(source, NODES_MAX)
}

/// The same with so many nodes at most.
pub(crate) fn parse_within(source: &str, nodes_max: usize) -> Html {
    let sink = HtmlTreeSink::new(Html::new_document());
    // What a reader without scripts sees, as this one is.
    let opts = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let guard = ComplexityGuard {
        builder: TreeBuilder::new(sink, opts),
        open: RefCell::new(HashMap::new()),
        depth: Cell::new(0),
        formatting: Cell::new(0),
        attributes: Cell::new(0),
        roots: Cell::new(0),
        nodes_max,
    };
    let tokenizer = Tokenizer::new(guard, Default::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&cap_attributes(source)));
    // A script that ends, or a charset that is declared late, interrupts; neither matters here.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// The source with what is beyond [`ATTRIBUTES_MAX`] cut out of each tag: the tokenizer compares every
/// attribute of a tag with all those before it.
pub(crate) fn cap_attributes(source: &str) -> Cow<'_, str> {
    let bytes = source.as_bytes();
    let mut kept = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(open) = memchr(b'<', &bytes[at..]).map(|n| at + n) {
        at = open + 1;
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let (mut attributes, mut quote, mut before) = (0, None, b'x');
        let mut cut = None;
        while let Some(&byte) = bytes.get(at) {
            match quote {
                Some(sign) if byte == sign => quote = None,
                Some(_) => {}
                // What opens inside a tag is the end of what never was one.
                None if matches!(byte, b'>' | b'<') => break,
                None if matches!(byte, b'"' | b'\'') && before == b'=' => quote = Some(byte),
                None if before.is_ascii_whitespace() || matches!(before, b'/' | b'"' | b'\'') => {
                    attributes += usize::from(!byte.is_ascii_whitespace());
                }
                None => {}
            }
            if attributes > ATTRIBUTES_MAX && cut.is_none() && quote.is_none() {
                cut = Some(at);
            }
            before = byte;
            at += 1;
        }
        if let Some(from) = cut {
            kept.push_str(&source[copied..from]);
            copied = at;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    kept.push_str(&source[copied..]);
    Cow::Owned(kept)
}

/// Stands between the tokenizer and the tree builder, and drops what would cost too much.
struct ComplexityGuard {
    builder: TreeBuilder<NodeId, HtmlTreeSink>,
    /// How many elements of each name are open, as far as tags tell.
    open: RefCell<HashMap<html5ever::LocalName, usize>>,
    depth: Cell<usize>,
    formatting: Cell<usize>,
    /// Attributes that were let through, and tags of the page itself.
    attributes: Cell<usize>,
    roots: Cell<usize>,
    nodes_max: usize,
}

impl ComplexityGuard {
    /// Drops the attributes of a tag that would cost too much.
    fn trim(&self, tag: &mut Tag) {
        tag.attrs.retain(|attribute| attribute.value.len() <= VALUE_BYTES_MAX);
        let is_root = matches!(tag.name, local_name!("html") | local_name!("body"));
        self.roots.set(self.roots.get() + usize::from(is_root));
        self.attributes.set(self.attributes.get() + tag.attrs.len());
        let are_too_many = self.attributes.get() > ALL_ATTRIBUTES_MAX;
        if are_too_many || is_root && self.roots.get() > ROOT_TAGS_MAX {
            tag.attrs.clear();
        }
    }

    fn admits(&self, token: &Token) -> bool {
        let tag = match token {
            Token::EOFToken => return true,
            _ if self.builder.sink.0.borrow().tree.values().len() >= self.nodes_max => {
                return false;
            }
            Token::TagToken(tag) => tag,
            _ => return true,
        };
        // In drawings and formulas everything nests, and nothing ends what stands before it.
        let is_foreign = self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        let is_formatting = match weight(tag) {
            _ if is_foreign && tag.self_closing => return true,
            None if !is_foreign => return true,
            weight => weight.unwrap_or(false),
        };
        let mut open = self.open.borrow_mut();
        let count = open.entry(tag.name.clone()).or_default();
        let limits = [(&self.depth, DEPTH_MAX), (&self.formatting, FORMATTING_MAX)];
        let limits = &limits[..1 + usize::from(is_formatting)];
        match tag.kind {
            // A new link ends the one before it.
            TagKind::StartTag if tag.name == local_name!("a") && *count > 0 && !is_foreign => true,
            TagKind::StartTag if limits.iter().any(|(n, max)| n.get() >= *max) => false,
            TagKind::StartTag => {
                *count += 1;
                limits.iter().for_each(|(n, _)| n.set(n.get() + 1));
                true
            }
            TagKind::EndTag => {
                if *count > 0 {
                    *count -= 1;
                    limits.iter().for_each(|(n, _)| n.set(n.get() - 1));
                }
                true
            }
        }
    }
}

/// Whether a tag counts towards the depth, and if so, whether it is a formatting element.
fn weight(tag: &Tag) -> Option<bool> {
    match &*tag.name {
        // Void elements hold nothing; self-closing ones matter in SVG only.
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta"
        | "param" | "source" | "track" | "wbr" => None,
        // Ended by the next of their kind, so they never nest but inside others that count.
        "p" | "li" | "dt" | "dd" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" | "option"
        | "optgroup" | "html" | "head" | "body" => None,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike"
        | "strong" | "tt" | "u" => Some(true),
        _ => Some(false),
    }
}

impl TokenSink for ComplexityGuard {
    type Handle = NodeId;

    fn process_token(&self, mut token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if let Token::TagToken(tag) = &mut token {
            self.trim(tag);
        }
        if self.admits(&token) {
            self.builder.process_token(token, line)
        } else {
            TokenSinkResult::Continue
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The address that relative links start from.
fn base(html: &Html, url: Option<&Url>) -> Option<Url> {
    let href = html.tree.values().find_map(|node| match node {
        Node::Element(element) if element.name() == "base" => element.attr("href"),
        _ => None,
    });
    match (href, url) {
        (Some(href), Some(url)) => url.join(href.trim()).ok().or_else(|| Some(url.clone())),
        (Some(href), None) => Url::parse(href.trim()).ok(),
        (None, url) => url.cloned(),
    }
}

/// The feeds that a page names in its head, those of comments left out.
fn feeds(html: &Html, base: Option<&Url>) -> Vec<Url> {
    let named = html.tree.values().filter_map(|node| {
        let Node::Element(element) = node else { return None };
        let kind = element.attr("type")?.to_ascii_lowercase();
        let is_feed = ["application/rss+xml", "application/atom+xml", "application/feed+json"]
            .iter()
            .any(|name| kind.starts_with(name));
        let rel = element.attr("rel")?.to_ascii_lowercase();
        if element.name() != "link" || !is_feed || !rel.split_whitespace().any(|w| w == "alternate")
        {
            return None;
        }
        absolute(element.attr("href")?, base).filter(|link| !link.path().contains("comment"))
    });
    named.take(FEEDS_MAX).collect()
}

/// Walks a tree and sets its text in lines.
struct LayoutBuilder {
    base: Option<Url>,
    page: Page,
    line: LineBuilder,
    /// The blocks that are open, the innermost last.
    open: Vec<usize>,
    links: Vec<Option<Url>>,
    /// What the operator's selectors name: entries, by their numbers, where the list stands (all of
    /// the page, if nothing), and what is not read.
    entries: HashMap<ego_tree::NodeId, usize>,
    within: Option<HashSet<ego_tree::NodeId>>,
    excluded: Rc<HashSet<ego_tree::NodeId>>,
    /// Whether there was text since the last link opened.
    linked_text: bool,
    /// Whether an element ended since the last text, and another one began after it.
    was_closed: bool,
    is_next_element: bool,
    breaks: usize,
}

impl LayoutBuilder {
    fn new(base: Option<Url>) -> Self {
        let page = Page { blocks: vec![Block::default()], ..Page::default() };
        LayoutBuilder {
            base,
            page,
            line: LineBuilder::default(),
            open: vec![0],
            links: Vec::new(),
            entries: HashMap::new(),
            within: None,
            excluded: Rc::default(),
            linked_text: false,
            was_closed: false,
            is_next_element: false,
            breaks: 2,
        }
    }

    /// A setter that knows what the selectors name.
    fn of(html: &Html, base: Option<Url>, selectors: &Selectors) -> Self {
        let all = |selector: &Selector| -> HashSet<ego_tree::NodeId> {
            html.select(selector).map(|element| element.id()).collect()
        };
        let mut setter = LayoutBuilder::new(base);
        setter.within = selectors.within.as_ref().map(all);
        setter.excluded = Rc::new(selectors.exclude.as_ref().map(all).unwrap_or_default());
        setter.page.blocks[0].is_outside = setter.within.is_some();
        if let Some(selector) = &selectors.entry {
            setter.page.is_told = true;
            for element in html.select(selector).take(RULE_ENTRIES_MAX) {
                let told = setter.rule_matches(element, selectors);
                setter.entries.insert(element.id(), setter.page.told.len());
                setter.page.told.push(told);
            }
        }
        setter
    }

    /// What the selectors find in an entry. One may name the entry itself.
    fn rule_matches(&self, entry: ElementRef<'_>, selectors: &Selectors) -> RuleMatch {
        let find = |selector: &Option<Selector>| {
            let selector = selector.as_ref()?;
            let own = Some(entry).filter(|entry| selector.matches(entry));
            own.or_else(|| entry.select(selector).next())
        };
        let text = |element: ElementRef<'_>| {
            let inner =
                LayoutBuilder { excluded: Rc::clone(&self.excluded), ..LayoutBuilder::new(None) };
            let page = inner.layout(*element);
            let texts: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
            Some(texts.join(" ").trim().to_owned()).filter(|text| !text.is_empty())
        };
        let any_link = Selector::parse("a[href]").ok();
        let link = find(&selectors.link).and_then(|element| {
            let inner = || element.select(any_link.as_ref()?).next()?.attr("href");
            self.link(element.attr("href").or_else(inner)?)
        });
        let date = find(&selectors.date);
        RuleMatch {
            title: find(&selectors.title).and_then(text),
            link,
            on: date.and_then(|element| structured_data::day(element.value())),
            date: date.and_then(text),
            lead: find(&selectors.lead).and_then(text),
        }
    }

    fn layout(mut self, root: NodeRef<'_, Node>) -> Page {
        let mut hidden = None;
        for edge in root.traverse() {
            if self.page.lines.len() >= LINES_MAX {
                break;
            }
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            if let Some(id) = hidden {
                if id == node.id() && !opens {
                    hidden = None;
                }
                continue;
            }
            match node.value() {
                Node::Text(text) if opens => {
                    self.linked_text |= !text.trim().is_empty();
                    // "2026" and "15:30" in elements of their own, set apart by a style alone.
                    if self.is_next_element && text.starts_with(|c: char| c.is_ascii_digit()) {
                        self.line.part_digits();
                    }
                    self.is_next_element = false;
                    self.was_closed = false;
                    self.line.push(text, self.links.last().and_then(Option::as_ref))
                }
                Node::Element(element)
                    if opens && (is_hidden(element) || self.excluded.contains(&node.id())) =>
                {
                    hidden = Some(node.id());
                }
                Node::Element(element) if opens && element.name() == "br" && is_in_title(node) => {
                    self.line.push(" ", self.links.last().and_then(Option::as_ref));
                }
                Node::Element(element) if opens => {
                    self.is_next_element |= self.was_closed;
                    self.open(element, node.id());
                }
                Node::Element(element) => {
                    self.was_closed = true;
                    self.close(element.name(), node.id());
                }
                _ => {}
            }
        }
        self.end_line();
        self.page
    }

    fn open(&mut self, element: &Element, id: ego_tree::NodeId) {
        if self.is_block(element.name(), id) {
            self.open_block(element, id);
        }
        match element.name() {
            "br" => {
                self.end_line();
                self.breaks += 1;
            }
            "a" => {
                let link = element.attr("href").and_then(|href| self.link(href));
                self.linked_text = false;
                self.links.push(link);
            }
            _ => {}
        }
        if let Some(on) = structured_data::day(element) {
            self.line.mark(on);
        }
    }

    /// Whether an element breaks the line.
    fn is_block(&self, name: &str, id: ego_tree::NodeId) -> bool {
        let is_named = self.entries.contains_key(&id)
            || self.within.as_ref().is_some_and(|within| within.contains(&id));
        is_named || !is_inline(name)
    }

    fn open_block(&mut self, element: &Element, id: ego_tree::NodeId) {
        self.end_line();
        self.breaks = 2;
        let around = self.open.last().copied();
        let outer = around.map(|around| &self.page.blocks[around]);
        let is_within = self.within.as_ref().is_some_and(|within| within.contains(&id));
        let class = element.classes().find(|class| says_what(class)).unwrap_or_default();
        let block = Block {
            around,
            tag: element.name().to_owned(),
            class: class.to_owned(),
            is_navigation: is_navigation(element) || outer.is_some_and(|outer| outer.is_navigation),
            is_aside: element.name() == "aside" || outer.is_some_and(|outer| outer.is_aside),
            is_outside: !is_within && outer.is_some_and(|outer| outer.is_outside),
            told: self.entries.get(&id).copied(),
        };
        self.page.blocks.push(block);
        self.open.push(self.page.blocks.len() - 1);
    }

    fn close(&mut self, name: &str, id: ego_tree::NodeId) {
        if name == "a"
            && let Some(Some(link)) = self.links.pop()
            && !self.linked_text
        {
            self.line.picture(&link);
        }
        if self.is_block(name, id) {
            self.end_line();
            self.breaks = 2;
            self.open.pop();
        }
    }

    fn end_line(&mut self) {
        let block = self.open.last().copied().unwrap_or(0);
        if let Some(line) = self.line.finish(block, self.breaks > 1) {
            self.page.lines.push(line);
            self.breaks = 0;
        }
    }

    /// An absolute address of the web, or nothing.
    fn link(&self, href: &str) -> Option<Url> {
        let mut href = href.trim();
        // What a browser's own viewer of documents shows as its address, pasted by an editor.
        if href.starts_with("chrome-extension:") || href.starts_with("moz-extension:") {
            href = &href[href.find("http")?..];
        }
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        absolute(href, self.base.as_ref())
    }
}

/// Whether a block is there to get about the site, by its element, its role or its class.
fn is_navigation(element: &Element) -> bool {
    const CLASSES: [&str; 12] = [
        "menu",
        "nav",
        "navbar",
        "navigation",
        "footer",
        "breadcrumb",
        "breadcrumbs",
        "pager",
        "pagination",
        "site-header",
        "site-footer",
        "skip-link",
    ];
    matches!(element.name(), "nav" | "footer")
        || matches!(element.attr("role"), Some("navigation" | "contentinfo" | "banner" | "search"))
        || element.classes().any(|class| CLASSES.contains(&class.to_ascii_lowercase().as_str()))
}

/// Whether a class names the kind of an element, and not its place among others of the kind.
fn says_what(class: &str) -> bool {
    const PLACES: [&str; 10] =
        ["odd", "even", "first", "last", "alt", "active", "current", "row", "clearfix", "new"];
    let class = class.to_ascii_lowercase();
    !class.contains(|c: char| c.is_ascii_digit()) && !PLACES.contains(&class.as_str())
}

/// Elements whose content is not text of the page.
fn is_hidden(element: &Element) -> bool {
    let name = element.name();
    matches!(
        name,
        "script" | "style" | "template" | "head" | "svg" | "math" | "object" | "iframe" | "select"
    ) || element.attr("hidden").is_some()
}

/// Elements that do not break the line.
fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "br"
            | "cite"
            | "code"
            | "data"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "input"
            | "ins"
            | "kbd"
            | "label"
            | "link"
            | "mark"
            | "meta"
            | "nobr"
            | "noscript"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        lines(source, None, &Selectors::default()).lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_page_is_set_in_lines_as_a_browser_would_set_it() {
        let source = "<title>no</title><p>One <b>t</b>wo<br>three</p><div>four<p>five</div>six\
            <script>no()</script><table><tr><td>a<td>b</table><p hidden>no</p><noscript>seven</noscript>";
        assert_eq!(texts(source), ["One two", "three", "four", "five", "six", "a", "b", "seven"]);
    }

    #[test]
    fn links_are_absolute_and_know_their_text() {
        let url = "https://e.example/news/".parse().unwrap();
        let page = lines(
            "<p>On <a href='7'>the <b>treaty</b></a> now <a href='mailto:x@y'>mail</a>",
            Some(&url),
            &Selectors::default(),
        );
        let line = &page.lines[0];
        assert_eq!(line.text, "On the treaty now mail");
        let (range, link) = &line.links[0];
        assert_eq!(
            (&line.text[range.clone()], link.as_str()),
            ("the treaty", "https://e.example/news/7")
        );
        assert_eq!(line.links.len(), 1);
        let page = lines(
            "<base href='https://b.example/x/'><a href='7'>t</a>",
            Some(&url),
            &Selectors::default(),
        );
        assert_eq!(page.lines[0].links[0].1.as_str(), "https://b.example/x/7");
    }

    #[test]
    fn feeds_are_those_that_the_head_names() {
        let url = "https://e.example/news/".parse().unwrap();
        let page = lines(
            "<link rel=stylesheet type=text/css href=a.css>\
             <link rel='alternate' type='application/rss+xml' href='/rss'>\
             <link rel='alternate' type='application/rss+xml' href='/comments/feed'>\
             <link rel='alternate' type='application/atom+xml; charset=utf-8' href='a.atom'>",
            Some(&url),
            &Selectors::default(),
        );
        let feeds: Vec<&str> = page.feeds.iter().map(Url::as_str).collect();
        assert_eq!(feeds, ["https://e.example/rss", "https://e.example/news/a.atom"]);
    }

    #[test]
    fn what_blows_up_a_tree_builder_is_read_all_the_same() {
        let deep = format!("<p>before{}<p>14.07.2020 - In the deep", "<div>".repeat(100_000));
        let formatted: String = (0..20_000).map(|n| format!("<p><b x={n}>")).collect();
        for source in [deep, format!("<p>before{formatted}<p>after"), "<b><a>".repeat(30_000)] {
            let page = lines(&source, None, &Selectors::default());
            assert!(page.blocks.len() <= NODES_MAX);
        }
    }
}
