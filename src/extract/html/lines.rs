//! Lays out a parsed page in lines and blocks.

use super::{structured_data, urls::absolute};
use crate::extract::{
    date,
    layout::{Block, LINES_MAX, LineBuilder, Page, RuleMatch},
    limits::TITLE_CHARS_MAX,
    selectors::Selectors,
};
use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{ElementRef, Html, Node, Selector, node::Element};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};
use url::Url;

/// Entries that the operator's selector may name.
const RULE_ENTRIES_MAX: usize = 2000;
/// How far out a preformatted element is looked for.
const PRE_LEVELS: usize = 3;
/// Classes of an element that are considered.
const CLASSES_MAX: usize = 6;
/// The most footers of a page and its parts; more are those of records.
const FOOTERS_MAX: usize = 2;
/// The longest line of a title that is set in several, in characters.
const TITLE_LINE_CHARS_MAX: usize = 100;
/// The longest text of an element that an attribute of it may explain, in characters, and the most
/// nodes that it is in.
const SHORT_CHARS_MAX: usize = 40;
const SHORT_NODES_MAX: usize = 8;

/// Walks a tree and lays its text out in lines.
pub(super) struct LayoutBuilder {
    base: Option<Url>,
    page: Page,
    line: LineBuilder,
    /// The blocks that are open, the innermost last.
    open: Vec<usize>,
    links: Vec<Option<Url>>,
    /// The entries that the operator's selector matches, by number.
    entries: HashMap<NodeId, usize>,
    /// The elements that contain the list; `None` is the whole page.
    within: Option<HashSet<NodeId>>,
    /// The elements that are ignored.
    excluded: Rc<HashSet<NodeId>>,
    /// Whether there was text since the last link opened.
    linked_text: bool,
    /// What the last link, or the picture in it, says without showing it.
    link_says: String,
    /// Whether an element ended since the last text, and another one began after it.
    was_closed: bool,
    is_next_element: bool,
    breaks: usize,
    /// Whether each record may have a footer, which is no navigation.
    has_footers: bool,
    /// The links that are around blocks: cards.
    block_links: HashSet<NodeId>,
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
            link_says: String::new(),
            was_closed: false,
            is_next_element: false,
            breaks: 2,
            has_footers: false,
            block_links: HashSet::new(),
        }
    }

    /// Creates a builder with the matches of the page rules' selectors.
    pub(super) fn of(html: &Html, base: Option<Url>, selectors: &Selectors) -> Self {
        let all = |selector: &Selector| -> HashSet<NodeId> {
            html.select(selector).map(|element| element.id()).collect()
        };
        let mut builder = LayoutBuilder::new(base);
        let root = html.root_element();
        builder.page.lang = root.attr("lang").unwrap_or_default().to_owned();
        builder.within = selectors.within.as_ref().map(all);
        builder.excluded = Rc::new(selectors.exclude.as_ref().map(all).unwrap_or_default());
        builder.page.blocks[0].is_outside = builder.within.is_some();
        if let Some(selector) = &selectors.entry {
            builder.page.has_entry_rule = true;
            for element in html.select(selector).take(RULE_ENTRIES_MAX) {
                let found = builder.rule_matches(element, selectors);
                builder.entries.insert(element.id(), builder.page.rule_matches.len());
                builder.page.rule_matches.push(found);
            }
        }
        builder
    }

    /// Returns what the selectors find in an entry. One may name the entry itself.
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

    pub(super) fn layout(mut self, root: NodeRef<'_, Node>) -> Page {
        let is_footer = |node: &NodeRef<'_, Node>| {
            node.value().as_element().is_some_and(|element| element.name() == "footer")
        };
        self.has_footers = root.descendants().filter(is_footer).nth(FOOTERS_MAX).is_some();
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
                    // "2026" and "15:30", "Office" and "November 24" in elements of their own, set
                    // apart by a style alone.
                    if self.is_next_element {
                        self.line.part_from(text);
                    }
                    self.is_next_element = false;
                    self.was_closed = false;
                    self.push_text(text);
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
                    if element.name() == "a" && has_blocks(node) {
                        self.block_links.insert(node.id());
                    }
                    self.is_next_element |= self.was_closed;
                    self.open(element, node);
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

    /// Adds text to the line. In a preformatted element a line ends where its text does.
    fn push_text(&mut self, text: &str) {
        let is_preformatted = self
            .open
            .iter()
            .rev()
            .take(PRE_LEVELS)
            .any(|block| self.page.blocks[*block].tag == "pre");
        let link = self.links.last().cloned().flatten();
        let mut parts = text.split(|c| is_preformatted && c == '\n');
        self.line.push(parts.next().unwrap_or_default(), link.as_ref());
        for part in parts {
            self.end_line();
            self.breaks += 1;
            self.line.push(part, link.as_ref());
        }
    }

    fn open(&mut self, element: &Element, node: NodeRef<'_, Node>) {
        let id = node.id();
        if self.is_block(element.name(), id) {
            self.open_block(element, id);
        }
        match element.name() {
            "br" => {
                self.end_line();
                self.breaks += 1;
            }
            name if is_styled(name) => self.line.edge(),
            "a" => {
                let link = element.attr("href").and_then(|href| self.link(href));
                self.linked_text = false;
                self.link_says = said(element, "title");
                self.links.push(link);
            }
            "img" if self.link_says.is_empty() => self.link_says = said(element, "alt"),
            _ => {}
        }
        let said = || {
            let may_say = is_styled(element.name()) || element.name() == "abbr";
            let is_short = may_say && !self.line.has_mark() && has_short_text(node);
            is_short.then(|| structured_data::said_day(element, &self.page.lang)).flatten()
        };
        if let Some(on) = structured_data::day(element).or_else(said) {
            self.line.mark(on);
        }
    }

    /// Returns whether an element breaks the line.
    fn is_block(&self, name: &str, id: NodeId) -> bool {
        let is_named = self.entries.contains_key(&id)
            || self.within.as_ref().is_some_and(|within| within.contains(&id))
            || self.block_links.contains(&id);
        is_named || !is_inline(name)
    }

    fn open_block(&mut self, element: &Element, id: NodeId) {
        self.end_line();
        self.breaks = 2;
        let around = self.open.last().copied();
        let outer = around.map(|around| &self.page.blocks[around]);
        let is_within = self.within.as_ref().is_some_and(|within| within.contains(&id));
        // As written: what a page sorts its elements by comes after what they are.
        let classes = element.attr("class").unwrap_or_default().split_ascii_whitespace();
        let classes = classes.filter(|class| says_what(class)).take(CLASSES_MAX);
        let block = Block {
            around,
            tag: element.name().to_owned(),
            classes: classes.map(str::to_owned).collect(),
            is_navigation: is_navigation(element)
                || element.name() == "footer" && !self.has_footers
                || outer.is_some_and(|outer| outer.is_navigation),
            is_aside: element.name() == "aside"
                || element.attr("role") == Some("complementary")
                || outer.is_some_and(|outer| outer.is_aside),
            is_outside: !is_within && outer.is_some_and(|outer| outer.is_outside),
            rule_match: self.entries.get(&id).copied(),
        };
        self.page.blocks.push(block);
        self.open.push(self.page.blocks.len() - 1);
    }

    fn close(&mut self, name: &str, id: NodeId) {
        if name == "a"
            && let Some(Some(link)) = self.links.pop()
            && !self.linked_text
        {
            self.line.picture(&link, &self.link_says);
        }
        if is_styled(name) {
            self.line.edge();
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

    /// Returns an absolute web address, or `None`.
    fn link(&self, href: &str) -> Option<Url> {
        let mut href = href.trim();
        // An address of a browser's PDF viewer, pasted by an editor.
        if href.starts_with("chrome-extension:") || href.starts_with("moz-extension:") {
            href = &href[href.find("http")?..];
        }
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        absolute(href, self.base.as_ref())
    }
}

/// Returns whether an element is around blocks.
fn has_blocks(node: NodeRef<'_, Node>) -> bool {
    let mut inner = node.children().filter_map(|child| child.value().as_element());
    inner.any(|element| !is_inline(element.name()) && !is_hidden(element))
}

/// Returns the beginning of what an attribute says.
fn said(element: &Element, attribute: &str) -> String {
    let text = element.attr(attribute).unwrap_or_default();
    text.chars().take(TITLE_CHARS_MAX).collect()
}

/// Returns whether an element has a text, and a short one: "3 days ago".
fn has_short_text(node: NodeRef<'_, Node>) -> bool {
    let inner = node.descendants().take(SHORT_NODES_MAX + 1);
    let (mut nodes, mut chars) = (0, 0);
    for inner in inner {
        nodes += 1;
        if let Node::Text(text) = inner.value() {
            chars += text.trim().chars().take(SHORT_CHARS_MAX + 1).count();
        }
    }
    nodes <= SHORT_NODES_MAX && (1..=SHORT_CHARS_MAX).contains(&chars)
}

/// Returns whether a break is inside a title that is set in lines: "Maxon Holdings<br>v<br>STS
/// Steel". It has text on both sides, in one link or heading, and neither side is a date.
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

/// Returns whether a block is navigation, by its element, its role or its class.
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
    element.name() == "nav"
        || matches!(element.attr("role"), Some("navigation" | "contentinfo" | "banner" | "search"))
        || element.classes().any(|class| CLASSES.contains(&class.to_ascii_lowercase().as_str()))
        || names_menu(element)
}

/// Returns whether a class of a list or box ends in the word for a menu: "main-menu", "top_nav". What
/// only has one, or is beside one, says so in front: "has-menu", "list--near-menu".
fn names_menu(element: &Element) -> bool {
    const WORDS: [&str; 5] = ["menu", "nav", "navbar", "navigation", "breadcrumbs"];
    const HAVING: [&str; 6] = ["has", "with", "no", "is", "without", "hide"];
    let is_menu = |class: &str| {
        // What follows two hyphens says what is special about an element, not what it is.
        let class = class.split("--").next().unwrap_or(class);
        let (first, last) = (class.split(['-', '_']).next(), class.rsplit(['-', '_']).next());
        class.contains(['-', '_'])
            && last.is_some_and(|word| WORDS.iter().any(|name| word.eq_ignore_ascii_case(name)))
            && first.is_some_and(|word| !HAVING.iter().any(|name| word.eq_ignore_ascii_case(name)))
    };
    matches!(element.name(), "ul" | "ol" | "div" | "dl") && element.classes().any(is_menu)
}

/// Returns whether a class describes an element rather than its position.
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

/// Inline elements that set a part of a line apart.
fn is_styled(name: &str) -> bool {
    matches!(
        name,
        "b" | "strong" | "em" | "i" | "font" | "small" | "span" | "sub" | "sup" | "time" | "u"
    )
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
