//! Distinguishes feeds, pages and plain text.
//!
//! Guarantees: the content decides, not what a server says of it, which is often wrong.

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Feed,
    Markup,
    Text,
}

/// How far into a document the beginning of a feed is looked for, in bytes: a program may have written
/// warnings before it.
const SNIFFED_BYTES_MAX: usize = 64 * 1024;

/// Returns what a document is by its content.
pub(super) fn sniff(source: &str, content_type: Option<&str>) -> Shape {
    let start = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with('{') && start.contains("\"items\"") {
        return Shape::Feed;
    }
    if is_feed(&start[..start.floor_char_boundary(SNIFFED_BYTES_MAX)]) {
        return Shape::Feed;
    }
    let says_text = content_type.is_some_and(|t| t.trim_start().starts_with("text/plain"));
    let has_tags = start.starts_with('<') || source.contains("</") || source.contains("<br");
    if has_tags && !says_text { Shape::Markup } else { Shape::Text }
}

/// Returns whether a document is a feed: its first characteristic element is one of a feed and not
/// of a page. XML of another name is a feed as well if there are items in it.
fn is_feed(head: &str) -> bool {
    let mut is_xml = false;
    let mut has_items = false;
    let mut is_rss = None;
    let (mut at, mut has_comments) = (0, true);
    while let Some(next) = head[at..].find('<') {
        let rest = &head[at + next + 1..];
        at += next + 1;
        // Skip comments.
        if let Some(comment) = rest.strip_prefix("!--").filter(|_| has_comments) {
            let end = comment.find("-->");
            at += end.map_or(0, |end| "!--".len() + end);
            has_comments = end.is_some();
            continue;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "!?:_-".contains(c)));
        let name = rest[..end.unwrap_or(rest.len())].to_ascii_lowercase();
        let local = name.rsplit(':').next().unwrap_or_default();
        match (local, &*name) {
            ("rss" | "channel" | "feed", _) => return true,
            // Pictures have metadata in RDF as well.
            ("rdf", _) if *is_rss.get_or_insert_with(|| has_rss(rest)) => return true,
            (_, "?xml") => is_xml = true,
            ("html" | "head" | "body", _) => return false,
            ("item" | "entry", _) => has_items = true,
            ("title", _) if is_xml && has_items => return true,
            _ => {}
        }
    }
    false
}

/// Returns whether an RDF document is RSS 1.0.
fn has_rss(rest: &str) -> bool {
    let lower = rest.to_ascii_lowercase();
    lower.contains("<item") || lower.contains(":item") || lower.contains("channel")
}
