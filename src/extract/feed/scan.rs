//! XML of a feed → its items, each with its fields as they are in the source.
//!
//! Guarantees: never an error. No token reaches over the end of an item: what is broken in one item (an
//! end that is missing, raw HTML, a CDATA section that is never closed) stays in it. The work is linear
//! in the size of the document.
//! Out of scope: what a field means (`fields`).
//!
//! An XML parser stops at the first fault, and the rest of the feed is lost with it. So tokens are found
//! here; attributes are read by quick-xml, and html5ever knows the names of characters.

use super::{
    chars::{Entities, decode},
    raw::push_at_ends,
};
use crate::extract::charset::SEAM;
use memchr::{memchr, memchr_iter, memchr3, memmem};
use quick_xml::events::attributes::Attributes;
use std::{borrow::Cow, collections::HashMap};

/// The deepest nesting that is tracked; deeper elements are ignored.
const DEPTH_MAX: usize = 200;
/// The longest quoted value that may contain `<`, in bytes.
const QUOTED_BYTES_MAX: usize = 4096;
/// The most attributes of one element that are parsed.
const ATTRIBUTES_MAX: usize = 64;
/// The attributes that are used.
const ATTRIBUTES: [&str; 10] =
    ["href", "rel", "type", "mode", "src", "url", "about", "ispermalink", "xml:base", "xml:lang"];
/// The most `<` inside the attribute values of one tag.
const QUOTED_SIGNS_MAX: usize = 16;
/// The most elements that are kept of one item, and outside of the items.
const FIELDS_MAX: usize = 1000;

/// The XML namespace of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// The feed's own: RSS of any version, or Atom where the feed is one.
    Core,
    /// Atom inside RSS.
    Atom,
    /// Dublin Core.
    DublinCore,
    /// The `content` module of RSS.
    Content,
    /// Media RSS.
    Media,
    /// Apple's podcasts.
    Itunes,
    /// FeedBurner.
    FeedBurner,
    /// RDF.
    Rdf,
    /// Any other.
    Other,
}

impl Space {
    /// Returns the namespace of a URI, by what all its spellings share.
    fn of_uri(uri: &str) -> Space {
        const KNOWN: [(&str, Space); 14] = [
            ("rss/1.0/modules/content", Space::Content),
            ("rss/1.0/modules/", Space::Other),
            ("purl.org/rss/1.0", Space::Core),
            ("purl.org/net/rss", Space::Core),
            ("netscape.com/rdf/simple", Space::Core),
            ("userland.com/rss", Space::Core),
            ("purl.org/dc/", Space::DublinCore),
            ("/mrss", Space::Media),
            ("media-rss", Space::Media),
            ("itunes.com/dtds/podcast", Space::Itunes),
            ("w3.org/2005/atom", Space::Atom),
            ("purl.org/atom/", Space::Atom),
            ("22-rdf-syntax", Space::Rdf),
            ("feedburner", Space::FeedBurner),
        ];
        let uri = uri.to_ascii_lowercase();
        KNOWN.iter().find(|(part, _)| uri.contains(part)).map_or(Space::Other, |(_, space)| *space)
    }

    /// Returns the conventional namespace of an undeclared prefix.
    fn of_prefix(prefix: &str) -> Space {
        match prefix.to_ascii_lowercase().as_str() {
            "dc" | "dcterms" | "dct" => Space::DublinCore,
            "content" => Space::Content,
            "media" => Space::Media,
            "itunes" => Space::Itunes,
            "atom" | "atom10" | "a10" => Space::Atom,
            "feedburner" => Space::FeedBurner,
            "rdf" => Space::Rdf,
            "rss" | "rss1" => Space::Core,
            _ => Space::Other,
        }
    }
}

/// An element with its content.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    /// The namespace of the name.
    pub space: Space,
    /// Its name without the prefix, in lower case.
    pub name: Cow<'a, str>,
    /// Those of its [`ATTRIBUTES`] that it has; names without their prefix, in lower case, except
    /// for `xml:` ones.
    pub attributes: Vec<(&'static str, String)>,
    /// Its content, verbatim.
    pub inner: &'a str,
}

impl Field<'_> {
    /// Returns the value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| *own == name).map(|(_, value)| value.trim())
    }

    /// Returns whether it is an element of this name and namespace.
    pub(super) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }
}

/// An item, or an entry as Atom has it.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    /// The item's own element, used for its attributes.
    pub element: Field<'a>,
    /// The elements in it; those of a group of media are among them.
    pub fields: Vec<Field<'a>>,
}

/// The parts of a feed.
#[derive(Debug, Default)]
pub(super) struct Scanned<'a> {
    /// The outermost element of the feed.
    pub root: Option<Field<'a>>,
    /// The channel, where it is an element of its own.
    pub channel: Option<Field<'a>>,
    /// The elements beside the items.
    pub fields: Vec<Field<'a>>,
    /// The items.
    pub items: Vec<Item<'a>>,
    /// The characters that the document declares.
    pub entities: Entities,
    /// Whether the outermost element is closed.
    pub is_whole: bool,
    /// Whether the last item is cut off, and left out.
    pub is_cut: bool,
    /// How many items are left out since there are too many.
    pub left_out: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Root,
    Channel,
    Item,
    /// Its elements are fields of the item.
    Group,
    Field,
    /// Something inside a field.
    Inner,
}

#[derive(Debug)]
struct Open<'a> {
    role: Role,
    raw_name: &'a str,
    element: Field<'a>,
    inner_at: usize,
}

/// Splits a feed into its parts.
pub(super) fn scan(source: &str) -> Scanned<'_> {
    let mut scanner = Scanner {
        source,
        at: 0,
        open: Vec::new(),
        prefixes: HashMap::new(),
        item: None,
        found: Scanned::default(),
        has_seam: source.contains(SEAM),
        has_doctype: false,
        section_end: Ahead::of("]]>"),
        comment_end: Ahead::of("-->"),
        instruction_end: Ahead::of("?>"),
        item_tags: None,
    };
    scanner.run();
    scanner.found
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    open: Vec<Open<'a>>,
    prefixes: HashMap<&'a str, Space>,
    /// The fields of the item that is open.
    item: Option<Vec<Field<'a>>>,
    found: Scanned<'a>,
    /// Whether a part of the document is missing.
    has_seam: bool,
    /// Whether a DOCTYPE was read. Further ones are ignored.
    has_doctype: bool,
    section_end: Ahead,
    comment_end: Ahead,
    instruction_end: Ahead,
    item_tags: Option<ItemTags<'a>>,
}

/// Finds the next occurrence of a string. Remembers the last search, so that all searches together
/// scan the document once.
struct Ahead {
    what: &'static str,
    /// The start and result of the last search.
    last: Option<(usize, Option<usize>)>,
}

impl Ahead {
    fn of(what: &'static str) -> Self {
        Ahead { what, last: None }
    }

    fn after(&mut self, source: &str, from: usize) -> Option<usize> {
        match self.last {
            Some((start, found)) if start <= from && found.is_none_or(|at| from <= at) => found,
            _ => {
                let found = find(&source[from..], self.what).map(|at| from + at);
                self.last = Some((from, found));
                found
            }
        }
    }
}

/// The positions of the tags of items, by their names.
#[derive(Default)]
struct ItemTags<'a> {
    starts: HashMap<&'a str, Vec<usize>>,
    ends: HashMap<&'a str, Vec<usize>>,
}

impl<'a> ItemTags<'a> {
    fn of(source: &'a str) -> Self {
        let mut tags = ItemTags::default();
        for at in memchr_iter(b'<', source.as_bytes()) {
            let rest = &source[at + 1..];
            let (name, places) = match rest.strip_prefix('/') {
                Some(name) => (name, &mut tags.ends),
                None => (rest, &mut tags.starts),
            };
            let end = name.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '/'));
            let name = &name[..end.unwrap_or(name.len())];
            if is_item_name(name.rsplit(':').next().unwrap_or_default()) {
                places.entry(name).or_default().push(at);
            }
        }
        tags
    }

    /// Returns the first of these positions in a range.
    fn within(
        places: &HashMap<&'a str, Vec<usize>>,
        name: &str,
        from: usize,
        to: usize,
    ) -> Option<usize> {
        let places = places.get(name)?;
        places.get(places.partition_point(|at| *at < from)).copied().filter(|at| *at < to)
    }
}

fn is_item_name(local: &str) -> bool {
    local.eq_ignore_ascii_case("item") || local.eq_ignore_ascii_case("entry")
}

/// The content of a tag, between its brackets.
#[derive(Clone, Copy, Debug)]
struct Tag<'a> {
    raw_name: &'a str,
    body: &'a str,
    is_end: bool,
    is_empty: bool,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while let Some(start) = memchr(b'<', &self.source.as_bytes()[self.at..]) {
            let start = self.at + start;
            let rest = &self.source[start..];
            self.at = if rest.starts_with("<![CDATA[") {
                self.cdata(start)
            } else if rest.starts_with("<!--") {
                self.comment(start)
            } else if rest.starts_with("<?") {
                self.instruction(start)
            } else if rest.starts_with("<!") {
                start + self.declaration(rest)
            } else if let Some((tag, length)) = tag(rest) {
                self.tag(tag, start, start + length);
                start + length
            } else {
                // A literal `<`.
                start + 1
            };
        }
        self.finish();
    }

    /// Returns the end of a CDATA section. If it contains the start of another, it was never closed
    /// and ends with its item.
    fn cdata(&mut self, start: usize) -> usize {
        const OPEN: &str = "<![CDATA[";
        let Some(close) = self.section_end.after(self.source, start) else {
            return self.end_of_item(start, self.source.len()).unwrap_or(start + OPEN.len());
        };
        let end = self.open_item().and_then(|item| {
            find(&self.source[start..close], &format!("</{}", item.raw_name)).map(|at| start + at)
        });
        match end {
            Some(end) if find(&self.source[end..close], OPEN).is_some() => end,
            _ => close + 3,
        }
    }

    /// Returns the end of a comment; an unclosed `<!--` is text.
    fn comment(&mut self, start: usize) -> usize {
        const OPEN: &str = "<!--";
        let Some(close) = self.comment_end.after(self.source, start) else {
            return start + OPEN.len();
        };
        match self.end_of_item(start, close) {
            Some(end) if !self.has_start_of_item(start, end) => start + OPEN.len(),
            _ => close + 3,
        }
    }

    /// Returns the end of a processing instruction. Word ends them with `>` instead of `?>`.
    fn instruction(&mut self, start: usize) -> usize {
        let bracket = start + to_bracket(&self.source[start..]);
        let close = self.instruction_end.after(self.source, start).map(|close| close + 2);
        match close {
            Some(close)
                if bracket >= close
                    || memchr(b'<', &self.source.as_bytes()[bracket..close]).is_none() =>
            {
                close
            }
            _ => bracket,
        }
    }

    fn open_item(&self) -> Option<&Open<'a>> {
        self.open.iter().find(|open| open.role == Role::Item)
    }

    /// Returns where in a part of the document the open item ends.
    fn end_of_item(&mut self, from: usize, to: usize) -> Option<usize> {
        let name = self.open_item()?.raw_name;
        let tags = self.item_tags.get_or_insert_with(|| ItemTags::of(self.source));
        ItemTags::within(&tags.ends, name, from, to)
    }

    fn has_start_of_item(&mut self, from: usize, to: usize) -> bool {
        let Some(name) = self.open_item().map(|item| item.raw_name) else { return false };
        let tags = self.item_tags.get_or_insert_with(|| ItemTags::of(self.source));
        ItemTags::within(&tags.starts, name, from, to).is_some()
    }

    /// Returns the length of a declaration; those of a DOCTYPE are kept.
    fn declaration(&mut self, rest: &str) -> usize {
        let end = to_bracket(rest);
        let head = &rest[..end];
        let is_doctype = rest.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("<!doctype"));
        let (Some(subset), true) = (head.find('['), is_doctype && !self.has_doctype) else {
            return end;
        };
        self.has_doctype = true;
        let Some(close) = find(rest, "]").map(|n| (n, rest[n + 1..].trim_start())) else {
            return end;
        };
        match close {
            (n, after) if after.starts_with('>') => {
                self.found.entities.declare(&rest[subset..n]);
                rest.len() - after.len() + 1
            }
            _ => end,
        }
    }

    fn tag(&mut self, tag: Tag<'a>, start: usize, end: usize) {
        if tag.is_end {
            self.close(tag.raw_name, start);
            return;
        }
        let (prefix, local) = tag.raw_name.split_once(':').unwrap_or(("", tag.raw_name));
        if is_root(local) && self.item.is_none() && !self.is_in_feed() {
            // Anything before the root element, such as warnings of a program, is not part of the
            // feed.
            self.open.clear();
            self.found.root = None;
            self.found.fields.clear();
            self.found.is_whole = false;
        }
        let above = self.open.last().map(|open| open.role);
        let is_inside = matches!(above, Some(Role::Field | Role::Inner));
        let is_item = self.is_item(prefix, local);
        if is_inside && self.item.is_some() {
            if is_item {
                // The item before it was never closed.
                self.close_open(Role::Item, start);
            } else if self.ends_field(prefix, local) {
                self.close_open(Role::Field, start);
            } else {
                if !tag.is_empty && self.open.len() < DEPTH_MAX {
                    let element = Field {
                        space: Space::Other,
                        name: "".into(),
                        attributes: vec![],
                        inner: "",
                    };
                    let (role, raw_name) = (Role::Inner, tag.raw_name);
                    self.open.push(Open { role, raw_name, element, inner_at: end });
                }
                return;
            }
        } else if is_item && self.item.is_some() {
            self.close_open(Role::Item, start);
        }
        let role = self.role(prefix, local, is_item);
        let element = self.element(tag, role);
        if role == Role::Item {
            self.item = Some(Vec::new());
            if self.open.len() >= DEPTH_MAX {
                // An element before the items was never closed.
                self.open.retain(|open| matches!(open.role, Role::Root | Role::Channel));
            }
        }
        let open = Open { role, raw_name: tag.raw_name, element, inner_at: end };
        if tag.is_empty {
            self.done(open, end);
        } else if self.open.len() < DEPTH_MAX {
            self.open.push(open);
        }
    }

    /// Returns whether the outermost element of a feed has begun.
    fn is_in_feed(&self) -> bool {
        let open = self.open.iter().map(|open| &open.element);
        open.chain(&self.found.root).any(|element| is_root(&element.name))
    }

    fn role(&self, prefix: &str, local: &str, is_item: bool) -> Role {
        let is = |name: &str| local.eq_ignore_ascii_case(name);
        if is_item {
            return Role::Item;
        }
        if self.item.is_some() {
            let is_group = is("group") || is("content");
            return match self.space(prefix) {
                Space::Media if is_group => Role::Group,
                _ => Role::Field,
            };
        }
        let is_inside = self.open.iter().any(|open| open.role == Role::Field);
        match self.open.last() {
            _ if is_inside => Role::Inner,
            None => Role::Root,
            Some(open) if open.role == Role::Root && is("channel") => Role::Channel,
            Some(_) => Role::Field,
        }
    }

    /// Returns whether an element is an item. In the lists beside the items (`<items>` of RSS 1.0)
    /// it may be one as well.
    fn is_item(&self, prefix: &str, local: &str) -> bool {
        is_item_name(local)
            && !self.open.is_empty()
            && matches!(self.space(prefix), Space::Core | Space::Atom)
    }

    /// Returns whether the open field was never closed: the element that begins cannot be nested in
    /// it.
    fn ends_field(&self, prefix: &str, local: &str) -> bool {
        let Some(open) = self.open.last().filter(|open| open.role == Role::Field) else {
            return false;
        };
        if !matches!(self.space(prefix), Space::Core | Space::Atom | Space::DublinCore) {
            return false;
        }
        let local = local.to_ascii_lowercase();
        let is_certain = matches!(&*local, "pubdate" | "guid" | "published" | "updated" | "id");
        let is_short = matches!(
            &*open.element.name,
            "title"
                | "link"
                | "guid"
                | "id"
                | "pubdate"
                | "date"
                | "published"
                | "updated"
                | "category"
                | "author"
                | "creator"
                | "comments"
                | "enclosure"
        );
        let is_field = matches!(&*local, "title" | "link" | "description" | "summary" | "content");
        is_certain || is_short && is_field && *local != *open.element.name
    }

    fn space(&self, prefix: &str) -> Space {
        match self.prefixes.get(prefix) {
            Some(space) => *space,
            None if prefix.is_empty() => Space::Core,
            None => Space::of_prefix(prefix),
        }
    }

    /// Returns the element of a tag. Prefix declarations apply from here on, except those on a
    /// field.
    fn element(&mut self, tag: Tag<'a>, role: Role) -> Field<'a> {
        let (prefix, local) = tag.raw_name.split_once(':').unwrap_or(("", tag.raw_name));
        let mut own = None;
        let mut attributes = Vec::new();
        let mut pairs = Attributes::html(tag.body, tag.raw_name.len());
        pairs.with_checks(false);
        for attribute in pairs.flatten().take(ATTRIBUTES_MAX) {
            let key = attribute.key.as_ref();
            if let Some(declared) = key.strip_prefix("xmlns") {
                let declared = declared.trim_start_matches(':');
                let mut space = Space::of_uri(&attribute.value);
                let is_plain = declared == prefix && matches!(role, Role::Root | Role::Channel);
                if is_plain && local.eq_ignore_ascii_case("rdf") {
                    space = Space::Rdf;
                } else if is_plain || declared.is_empty() && space == Space::Other {
                    // Treat the feed's own elements as core, whatever URI it declares.
                    space = Space::Core;
                }
                if matches!(role, Role::Root | Role::Channel | Role::Item) {
                    if let Some(declared) = self.name_in_source(tag, declared) {
                        self.prefixes.insert(declared, space);
                    }
                } else if declared == prefix {
                    own = Some(space);
                }
                continue;
            }
            let name = match key.split_once(':') {
                Some(("xml", _)) | None => key,
                Some((_, local)) => local,
            };
            let mut known = ATTRIBUTES.into_iter();
            if let Some(name) = known.find(|known| known.eq_ignore_ascii_case(name)) {
                let value = decode(&attribute.value, &self.found.entities).into_owned();
                attributes.push((name, value));
            }
        }
        let is_atom = self.open.first().is_some_and(|root| root.element.name == "feed");
        let space = match own.unwrap_or_else(|| self.space(prefix)) {
            Space::Atom if is_atom => Space::Core,
            space => space,
        };
        Field { space, name: lower(local), attributes, inner: "" }
    }

    /// Returns the name of a prefix as a part of the source, which outlives the tag.
    fn name_in_source(&self, tag: Tag<'a>, name: &str) -> Option<&'a str> {
        let at = tag.body.find(&format!("xmlns:{name}")).map(|at| at + 6);
        if name.is_empty() { Some("") } else { tag.body.get(at?..at? + name.len()) }
    }

    /// Closes the innermost open element of a name, with all that is open in it.
    fn close(&mut self, raw_name: &str, end: usize) {
        let is_it = |open: &Open<'_>| open.raw_name.eq_ignore_ascii_case(raw_name);
        if let Some(n) = self.open.iter().rposition(is_it) {
            self.close_from(n, end);
        }
    }

    /// Closes the item or the field that is open, with all that is open in it.
    fn close_open(&mut self, role: Role, end: usize) {
        if let Some(n) = self.open.iter().position(|open| open.role == role) {
            self.close_from(n, end);
        }
    }

    fn close_from(&mut self, n: usize, end: usize) {
        while self.open.len() > n {
            if let Some(open) = self.open.pop() {
                self.done(open, end);
            }
        }
    }

    /// Ends an element.
    fn done(&mut self, open: Open<'a>, end: usize) {
        let inner = self.source.get(open.inner_at..end).unwrap_or_default();
        let element = Field { inner, ..open.element };
        match open.role {
            Role::Item => {
                let fields = self.item.take().unwrap_or_default();
                // The two sides of a gap belong to two items.
                if self.has_seam && element.inner.contains(SEAM) {
                    self.found.is_cut = true;
                } else {
                    self.found.left_out +=
                        push_at_ends(&mut self.found.items, Item { element, fields });
                }
            }
            Role::Field | Role::Group => {
                let fields = self.item.as_mut().unwrap_or(&mut self.found.fields);
                if fields.len() < FIELDS_MAX {
                    fields.push(element);
                }
            }
            Role::Root => {
                self.found.is_whole = true;
                self.found.root.get_or_insert(element);
            }
            Role::Channel => {
                self.found.channel.get_or_insert(element);
            }
            Role::Inner => {}
        }
    }

    /// Ends the document. An open item is dropped; the channel is kept as found.
    fn finish(&mut self) {
        self.found.is_cut |= self.item.is_some();
        self.item = None;
        for open in std::mem::take(&mut self.open) {
            match open.role {
                Role::Root => drop(self.found.root.get_or_insert(open.element)),
                Role::Channel => drop(self.found.channel.get_or_insert(open.element)),
                _ => {}
            }
        }
    }
}

/// Returns whether an element of this name is the outermost one of a feed.
fn is_root(local: &str) -> bool {
    ["rss", "rdf", "feed"].iter().any(|root| local.eq_ignore_ascii_case(root))
}

fn find(text: &str, what: &str) -> Option<usize> {
    memmem::find(text.as_bytes(), what.as_bytes())
}

/// Returns the length of a text up to and with the first bracket.
fn to_bracket(text: &str) -> usize {
    memchr(b'>', text.as_bytes()).map_or(text.len(), |n| n + 1)
}

fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// Returns the tag that a text begins with, and its length; `None` if there is none: "a < b",
/// "x<y<z".
fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let bytes = text.as_bytes();
    let is_end = bytes.get(1) == Some(&b'/');
    let name_at = 1 + usize::from(is_end);
    let first = text.get(name_at..)?.chars().next()?;
    if !(first.is_alphabetic() || first == '_') {
        return None;
    }
    let (mut at, mut signs) = (name_at, 0);
    loop {
        let n = memchr3(b'>', b'<', b'=', &bytes[at..])?;
        at += n + 1;
        match bytes[at - 1] {
            b'>' => break,
            b'<' => return None,
            _ => {
                let length = quoted(&text[at..]);
                signs += memchr_iter(b'<', &bytes[at..at + length]).count();
                // Otherwise many `<` characters would make this quadratic.
                at += if signs > QUOTED_SIGNS_MAX { 0 } else { length };
            }
        }
    }
    let body = &text[name_at..at - 1];
    let is_empty = !is_end && body.ends_with('/');
    let body = body.strip_suffix('/').unwrap_or(body);
    let end = body.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(body.len());
    Some((Tag { raw_name: &body[..end], body, is_end, is_empty }, at))
}

/// Returns the length of the quoted value that a text begins with, or 0 if it is not closed within
/// `QUOTED_BYTES_MAX`.
fn quoted(text: &str) -> usize {
    let value = text.trim_start();
    let Some(sign) = value.bytes().next().filter(|sign| matches!(sign, b'"' | b'\'')) else {
        return 0;
    };
    let rest = &value.as_bytes()[1..];
    let rest = &rest[..rest.len().min(QUOTED_BYTES_MAX)];
    let before = text.len() - value.len();
    match memchr(sign, rest) {
        Some(n) if memmem::find(&rest[..n], b"</").is_none() => before + n + 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the items of a feed, each as its fields "space name=inner".
    fn items(source: &str) -> Vec<Vec<String>> {
        let shown = |field: &Field<'_>| {
            let space = match field.space {
                Space::Core => String::new(),
                space => format!("{space:?} "),
            };
            format!("{space}{}={}", field.name, field.inner.trim())
        };
        scan(source).items.iter().map(|item| item.fields.iter().map(shown).collect()).collect()
    }

    #[test]
    fn what_is_broken_in_an_item_stays_in_it() {
        let next = "<item><title>Next</title></item></channel></rss>";
        let cases = [
            (
                "<title>A</title><description><p>One<br>two <b>three</description><link>l</link></item>",
                vec!["title=A", "description=<p>One<br>two <b>three", "link=l"],
            ),
            (
                "<title>If x<y then z</title><link>l</link></item>",
                vec!["title=If x<y then z", "link=l"],
            ),
            ("<title>a < b and c > d</title></item>", vec!["title=a < b and c > d"]),
            ("<title>Never closed<link>l</link></item>", vec!["title=Never closed", "link=l"]),
            (
                "<description>Never closed<pubDate>d</pubDate></item>",
                vec!["description=Never closed", "pubdate=d"],
            ),
            ("<title>No end of the item</title>", vec!["title=No end of the item"]),
            (
                "<title>A</title><description><![CDATA[never closed</description></item>\
              <item><title><![CDATA[B]]></title></item>",
                vec!["title=A", "description=<![CDATA[never closed</description>"],
            ),
            ("<title>A</title><!-- never closed </item>", vec!["title=A"]),
            ("<title>A</title></b></p><link>l</link></item>", vec!["title=A", "link=l"]),
            (
                "<title>A</title><enclosure url=\"never closed><link>l</link></item>",
                vec!["title=A", "enclosure=", "link=l"],
            ),
            (
                "<title>A</title><x title='a > b'/><link>l</link></item>",
                vec!["title=A", "Core?", "link=l"],
            ),
            ("<TITLE>A</TITLE><Link>l</Link></item>", vec!["title=A", "link=l"]),
            (
                "<title>A</title><?xml:namespace prefix = o /><link>l</link></item><item><title><?php ?></title></item>",
                vec!["title=A", "link=l"],
            ),
            (
                "<title><![CDATA[</item><item> in a sample]]></title></item>",
                vec!["title=<![CDATA[</item><item> in a sample]]>"],
            ),
        ];
        for (broken, expected) in cases {
            let found = items(&format!("<rss><channel><item>{broken}{next}"));
            let of_first: Vec<&str> =
                found[0].iter().map(String::as_str).filter(|f| !f.starts_with("x=")).collect();
            let expected: Vec<&str> = expected.into_iter().filter(|e| !e.ends_with('?')).collect();
            assert_eq!(of_first, expected, "{broken}");
            assert_eq!(found.last().unwrap(), &["title=Next"], "{broken}");
        }
    }

    #[test]
    fn an_item_that_is_cut_off_is_left_out() {
        let cut =
            scan("<rss><channel><item><title>A</title></item><item><title>B</title><link>x</li");
        assert_eq!((cut.items.len(), cut.is_cut, cut.is_whole), (1, true, false));
        let open = scan(
            "<rss><channel><item><title>A</title></item><item><title>B</title></channel></rss>",
        );
        assert_eq!((open.items.len(), open.is_cut, open.is_whole), (2, false, true));
    }

    #[test]
    fn what_stands_before_a_feed_is_none_of_it() {
        for before in ["<br />\n<b>Warning</b>: no such file<br />\n", "<p>Warning", "<div><p>"] {
            let source =
                format!("{before}<feed><title>Lights</title><entry><title>A</title></entry>");
            let cut = scan(&source);
            let root = cut.root.as_ref().map(|root| root.name.to_string());
            assert_eq!((root.as_deref(), cut.is_whole), (Some("feed"), false), "{before}");
            assert_eq!((cut.items.len(), cut.fields.len()), (1, 1), "{before}");
            assert!(scan(&format!("{source}</feed>")).is_whole, "{before}");
        }
    }

    #[test]
    fn an_item_of_which_the_middle_is_missing_is_left_out() {
        let source = "<rss><channel><item><title>A</title></item><item><title>B</ti\u{fdd0}<link>c</link></item>\
            <item><title>D</title></item></channel></rss>";
        assert_eq!(items(source), [["title=A"], ["title=D"]]);
        assert!(scan(source).is_cut);
    }

    #[test]
    fn names_are_known_by_namespace_and_by_custom() {
        let cases = [
            ("<rss><channel><item><dc:date>d</dc:date></item>", "DublinCore date=d"),
            (
                "<rss xmlns:x='http://purl.org/dc/elements/1.1/'><channel><item><x:date>d</x:date></item>",
                "DublinCore date=d",
            ),
            (
                "<r:rss xmlns:r='http://anything.example/'><r:channel><r:item><r:title>T</r:title></r:item>",
                "title=T",
            ),
            (
                "<rss xmlns='http://backend.userland.com/rss2'><channel><item><title>T</title></item>",
                "title=T",
            ),
            (
                "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>T</a:title></a:entry>",
                "title=T",
            ),
            (
                "<feed xmlns='HTTP://www.w3.org/2005/Atom'><entry><title>T</title></entry>",
                "title=T",
            ),
            (
                "<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel><item><atom:updated>d</atom:updated></item>",
                "Atom updated=d",
            ),
            (
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel/><item><title>T</title></item>",
                "title=T",
            ),
            (
                "<rss><channel><item><media:group><media:title>T</media:title></media:group></item>",
                "Media title=T",
            ),
            (
                "<rss><channel><item><title xmlns='http://search.yahoo.com/mrss/'>T</title></item>",
                "Media title=T",
            ),
            (
                "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:r='http://purl.org/rss/1.0/'><r:channel/><r:item><r:title>T</r:title></r:item>",
                "title=T",
            ),
            (
                "<feed><entry xmlns='http://www.w3.org/2005/Atom'><title>T</title></entry>",
                "title=T",
            ),
            (
                "<feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>T</a:title></a:entry>",
                "title=T",
            ),
            ("<rss><channel><items><item><title>T</title></item></items>", "title=T"),
        ];
        for (source, expected) in cases {
            let found = items(source);
            assert_eq!(
                found.first().and_then(|item| item.first()).map(String::as_str),
                Some(expected),
                "{source}"
            );
        }
    }
}
