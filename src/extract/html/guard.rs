//! Parses HTML with html5ever's tokenizer and tree builder, within bounds.
//!
//! Guarantees: bounded work. The tree builder by itself takes time that grows with the square of
//! the depth and of the formatting elements left open (minutes for a megabyte of `<div>`). So tags
//! beyond a depth, or a number of open formatting elements, that no ordinary page comes near are
//! dropped before they reach it, and after a number of nodes the rest of the page is ignored.

use html5ever::{
    LocalName, TokenizerResult, local_name,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer},
    tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink},
};
use memchr::memchr;
use scraper::{Html, HtmlTreeSink};
use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashMap,
};

/// Open elements that are counted; real pages stay below 60.
const DEPTH_MAX: usize = 256;
/// Open formatting elements; each of them is created again in every paragraph until it is closed.
const FORMATTING_MAX: usize = 32;
/// Attributes of one tag; real pages stay below 50.
const ATTRIBUTES_MAX: usize = 256;
/// The longest value of an attribute that is read, in bytes: no address and no date is longer.
const VALUE_BYTES_MAX: usize = 16 * 1024;
/// Attributes of a whole page, and tags that add theirs to those of the page: each is compared with all that
/// are there.
const ALL_ATTRIBUTES_MAX: usize = 500_000;
const ROOT_TAGS_MAX: usize = 8;
/// Nodes of the tree.
pub(super) const NODES_MAX: usize = 400_000;

type NodeId = <HtmlTreeSink as TreeSink>::Handle;

/// Parses a page into a tree, as far as the limits allow.
pub(crate) fn parse(source: &str) -> Html {
    parse_within(source, NODES_MAX)
}

/// Parses a page into a tree of at most `nodes_max` nodes.
pub(crate) fn parse_within(source: &str, nodes_max: usize) -> Html {
    let sink = HtmlTreeSink::new(Html::new_document());
    // What a reader without scripts sees, as this one is.
    let opts = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let guard = ComplexityGuard {
        builder: TreeBuilder::new(sink, opts),
        open: RefCell::new(HashMap::new()),
        depth: Cell::new(0),
        formatting: Cell::new(0),
        in_cell: RefCell::default(),
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

/// Cuts what is beyond [`ATTRIBUTES_MAX`] out of each tag: the tokenizer compares every attribute
/// of a tag with all those before it.
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
                // A `<` inside a tag shows that the tag was never closed.
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

/// Sits between the tokenizer and the tree builder, and drops what would cost too much.
struct ComplexityGuard {
    builder: TreeBuilder<NodeId, HtmlTreeSink>,
    /// How many elements of each name are open, going by their tags.
    open: RefCell<HashMap<LocalName, usize>>,
    depth: Cell<usize>,
    formatting: Cell<usize>,
    /// The formatting elements that are open in a cell, for each open table: the cell ends them.
    in_cell: RefCell<Vec<Vec<LocalName>>>,
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

    /// Returns the formatting elements that a cell of a table left open, the innermost first, if a tag
    /// ends the cell.
    fn left_in_cell(&self, tag: &Tag) -> Vec<LocalName> {
        let mut cells = self.in_cell.borrow_mut();
        let mut left = match &*tag.name {
            "table" if tag.kind == TagKind::StartTag => {
                if cells.len() < DEPTH_MAX {
                    cells.push(Vec::new());
                }
                Vec::new()
            }
            "table" => cells.pop().unwrap_or_default(),
            "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" => {
                cells.last_mut().map(std::mem::take).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        left.reverse();
        left
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
        // In SVG and MathML every element nests; none implicitly closes another.
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
                if is_formatting && let Some(cell) = self.in_cell.borrow_mut().last_mut() {
                    cell.push(tag.name.clone());
                }
                true
            }
            TagKind::EndTag => {
                if *count > 0 {
                    if is_formatting
                        && let Some(cell) = self.in_cell.borrow_mut().last_mut()
                        && let Some(at) = cell.iter().rposition(|name| *name == tag.name)
                    {
                        cell.remove(at);
                    }
                    *count -= 1;
                    limits.iter().for_each(|(n, _)| n.set(n.get() - 1));
                }
                true
            }
        }
    }
}

/// Returns whether a tag counts towards the depth, and if so, whether it is a formatting element.
fn weight(tag: &Tag) -> Option<bool> {
    match &*tag.name {
        // Void elements hold nothing; self-closing ones matter in SVG only.
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta"
        | "param" | "source" | "track" | "wbr" => None,
        // Implicitly closed by the next of their kind, so they nest only inside elements that
        // count.
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
            // The tree builder keeps them in mind until they are closed, so they are closed here.
            for name in self.left_in_cell(tag) {
                let end = Tag {
                    kind: TagKind::EndTag,
                    name,
                    self_closing: false,
                    attrs: Vec::new(),
                    had_duplicate_attributes: false,
                };
                // An end tag of formatting never switches the tokenizer to another state.
                let _ = self.process_token(Token::TagToken(end), line);
            }
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
