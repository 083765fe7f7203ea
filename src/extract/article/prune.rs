//! Prunes a page before readability.
//!
//! Readability (dom_smoothie) visits the content of an element once for each ancestor and for each of up to
//! four attempts, compares each heading with the title, and backtracks over runs of white space. It cannot
//! be cancelled. So it gets no more of a page than it can process within a second or two.
//!
//! Guarantees: an ordinary page keeps everything but runs of white space, hidden elements and three
//! characters ([`STAND_INS`]). Of a page that is too large, the beginning is kept.
//! Out of scope: the cost of parsing, which `html::guard` bounds.

use ego_tree::{NodeId, Tree, iter::Edge};
use html5ever::{QualName, local_name, ns, tendril::StrTendril};
use scraper::Node;
use serde_json::Value;

/// The cost limit: the sum over all kept nodes of depth times (size in bytes plus a constant). Long
/// statements with their navigation come to a tenth of it.
const COST_MAX: usize = 96 * 1024 * 1024;
const NODE_COST: usize = 64;
/// The most text that is kept, in bytes: more than a full text may have.
const TEXT_BYTES_MAX: usize = 1_600_000;
/// The most nodes that are kept, and their greatest depth.
const NODES_MAX: usize = 60_000;
const DEPTH_MAX: usize = 128;
/// The longest value of an attribute, in bytes; the most attributes of an element, and of all kept ones.
const VALUE_BYTES_MAX: usize = 1000;
const ATTRIBUTES_MAX: usize = 64;
const ALL_ATTRIBUTES_MAX: usize = 150_000;
/// The longest title, in bytes.
const TITLE_BYTES_MAX: usize = 1000;
/// The most headings; further ones become paragraphs.
const HEADINGS_MAX: usize = 1000;
/// The longest JSON-LD that is kept as it is, and the longest whose texts are cut, in bytes.
const DATA_BYTES_MAX: usize = 4 * 1024;
const DATA_CUT_BYTES_MAX: usize = 256 * 1024;
/// The most JSON-LD scripts that are kept.
const DATA_SCRIPTS_MAX: usize = 8;

/// Characters that html5ever escapes, and placeholders for them: at each one the serializer rescans
/// the rest, which is quadratic.
const STAND_INS: [(char, char); 3] = [('&', '\u{fdd1}'), ('<', '\u{fdd2}'), ('>', '\u{fdd3}')];

/// Restores the characters of [`STAND_INS`] in a text of a pruned page.
pub(crate) fn with_stand_ins(text: &str) -> String {
    let sign =
        |c| STAND_INS.iter().find(|(_, stand_in)| *stand_in == c).map_or(c, |(sign, _)| *sign);
    text.chars().map(sign).collect()
}

/// Removes from a page what readability could not process in bounded time.
pub(crate) fn prune(tree: &mut Tree<Node>) {
    for node in tree.values_mut() {
        match node {
            Node::Text(text) => {
                text.text = fold(&text.text);
            }
            Node::Element(element) => {
                element.attrs.truncate(ATTRIBUTES_MAX);
                for (_, value) in &mut element.attrs {
                    shorten(value, VALUE_BYTES_MAX);
                }
            }
            _ => {}
        }
    }
    let plan = Plan::of(tree);
    for id in plan.titles {
        if let Some(mut node) = tree.get_mut(id)
            && let Node::Text(title) = node.value()
        {
            title.text = StrTendril::from(with_stand_ins(&title.text));
            shorten(&mut title.text, TITLE_BYTES_MAX);
        }
    }
    for id in plan.headings {
        if let Some(mut node) = tree.get_mut(id)
            && let Node::Element(element) = node.value()
        {
            element.name = QualName::new(None, ns!(html), local_name!("p"));
        }
    }
    for id in plan.cut {
        if let Some(mut node) = tree.get_mut(id) {
            node.detach();
        }
    }
    for id in plan.data {
        if let Some(mut node) = tree.get_mut(id)
            && let Node::Text(data) = node.value()
        {
            data.text = cut_data(&with_stand_ins(&data.text));
        }
    }
}

/// The changes to a page, by node.
#[derive(Default)]
struct Plan {
    cut: Vec<NodeId>,
    titles: Vec<NodeId>,
    /// Headings above the limit.
    headings: Vec<NodeId>,
    /// The texts of scripts of JSON-LD.
    data: Vec<NodeId>,
}

impl Plan {
    fn of(tree: &Tree<Node>) -> Self {
        let mut plan = Plan::default();
        let (mut depth, mut cost, mut nodes, mut headings) = (0, 0, 0, 0);
        let (mut bytes, mut attributes) = (0, 0);
        let mut skipped = None;
        for edge in tree.root().traverse() {
            let node = match edge {
                Edge::Close(node) => {
                    depth -= 1;
                    skipped = skipped.filter(|id| *id != node.id());
                    continue;
                }
                Edge::Open(node) => node,
            };
            depth += 1;
            if skipped.is_some() {
                continue;
            }
            let size = match node.value() {
                Node::Document | Node::Fragment | Node::Doctype(_) => 0,
                Node::Text(text) => {
                    bytes += text.text.len();
                    text.text.len()
                }
                Node::Element(element) => {
                    attributes += element.attrs.len();
                    element.attrs.iter().map(|(_, value)| value.len()).sum::<usize>()
                }
                Node::Comment(_) | Node::ProcessingInstruction(_) => {
                    plan.cut.push(node.id());
                    skipped = Some(node.id());
                    continue;
                }
            };
            cost += depth * (NODE_COST + size);
            nodes += 1;
            let name = node.value().as_element().map_or("", |element| element.name());
            let is_data = name == "script" && plan.data.len() < DATA_SCRIPTS_MAX && {
                let kind = node.value().as_element().and_then(|element| element.attr("type"));
                kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json"))
            };
            match name {
                "script" if is_data => {
                    // Removed children do not count.
                    plan.data.extend(node.first_child().map(|child| child.id()));
                    plan.cut.extend(node.children().skip(1).map(|child| child.id()));
                    skipped = Some(node.id());
                }
                "title" => plan.titles.extend(node.children().map(|child| child.id())),
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                    headings += 1;
                    if headings > HEADINGS_MAX {
                        plan.headings.push(node.id());
                    }
                }
                // Their content is not shown.
                "svg" | "math" | "select" | "template" => {
                    plan.cut.extend(node.children().map(|child| child.id()));
                    skipped = Some(node.id());
                }
                _ => {}
            }
            let is_left = cost <= COST_MAX
                && bytes <= TEXT_BYTES_MAX
                && nodes <= NODES_MAX
                && attributes <= ALL_ATTRIBUTES_MAX
                && depth <= DEPTH_MAX;
            if !is_left || matches!(name, "script" if !is_data) || name == "style" {
                plan.cut.push(node.id());
                skipped = Some(node.id());
            }
        }
        plan
    }
}

/// Folds each run of white space into one blank, up to [`TEXT_BYTES_MAX`].
fn fold(text: &str) -> StrTendril {
    let mut folded = String::with_capacity(text.len().min(TEXT_BYTES_MAX));
    let mut was_blank = false;
    for c in text.chars() {
        if folded.len() + c.len_utf8() > TEXT_BYTES_MAX {
            break;
        }
        let is_blank = c.is_whitespace();
        let stand_in =
            || STAND_INS.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, other)| *other);
        match is_blank {
            true if was_blank => {}
            true => folded.push(' '),
            false => folded.push(stand_in()),
        }
        was_blank = is_blank;
    }
    StrTendril::from(folded)
}

fn shorten(text: &mut StrTendril, bytes_max: usize) {
    if text.len() > bytes_max {
        *text = StrTendril::from(&text[..text.floor_char_boundary(bytes_max)]);
    }
}

/// Cuts the texts of JSON-LD, of which only the title is used.
fn cut_data(data: &str) -> StrTendril {
    if data.len() <= DATA_BYTES_MAX {
        return StrTendril::from(data);
    }
    let value = serde_json::from_str::<Value>(data.trim()).ok();
    let Some(mut value) = value.filter(|_| data.len() <= DATA_CUT_BYTES_MAX) else {
        return StrTendril::new();
    };
    let mut open = vec![&mut value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => text.truncate(text.floor_char_boundary(TITLE_BYTES_MAX)),
            Value::Array(values) => open.extend(values),
            Value::Object(fields) => open.extend(fields.values_mut()),
            _ => {}
        }
    }
    // A script must not contain `</script>`.
    StrTendril::from(value.to_string().replace("</", "<\\/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::html;

    fn left(source: &str) -> String {
        let mut html = html::parse(source);
        prune(&mut html.tree);
        with_stand_ins(&html.html())
    }

    #[test]
    fn what_people_read_is_left_and_what_costs_time_is_not() {
        let page = "<!DOCTYPE html><html lang=\"en\"><head><title>A &amp; B</title></head>\
                    <body><p class=\"c\">One, <b>two</b> 1 < 2 & 3</p></body></html>";
        assert_eq!(left(page), page);
        let spaces =
            format!("<p>A{}B<!-- c --><script>d()</script><svg><g/></svg>", "\u{a0} \n".repeat(9));
        assert_eq!(left(&spaces), "<html><head></head><body><p>A B<svg></svg></p></body></html>");
        let deep = left(&format!("{}A", "<section>".repeat(200)));
        assert_eq!(deep.matches("<section>").count(), DEPTH_MAX - 3, "below page and body");
        let long =
            left(&format!("<title>{}</title><p>{}", "a".repeat(5000), "b".repeat(2_000_000)));
        assert_eq!(
            long.matches('a').count(),
            TITLE_BYTES_MAX + "<head></head>".matches('a').count()
        );
        let headings = left(&"<h2>A</h2>".repeat(1200));
        assert_eq!(headings.matches("<h2>").count(), HEADINGS_MAX);
    }

    #[test]
    fn what_a_page_tells_programs_is_cut_and_stays_what_it_is() {
        let data = format!(r#"{{"@type":"Article","headline":"A </b> {}"}}"#, "b".repeat(9000));
        let cut = cut_data(&data);
        let value: Value = serde_json::from_str(&cut).unwrap();
        assert_eq!(value["headline"].as_str().unwrap().len(), TITLE_BYTES_MAX);
        assert!(!cut.contains("</"), "nothing looks like the end of the script");
        assert_eq!(&*cut_data("{\"a\":"), "{\"a\":", "what is short is left");
        assert_eq!(&*cut_data(&"[".repeat(9000)), "");
    }
}
