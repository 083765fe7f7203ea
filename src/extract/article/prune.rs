//! What is left of a page for the search for its main text.
//!
//! That search (dom_smoothie) looks at what stands in an element once for each element around it and for
//! each of up to four attempts, holds each heading against the title, and goes back over runs of white
//! space. None of it can be cancelled. So it gets no more of a page than it can look at within a second or
//! two, whatever the page is.
//!
//! Promises: a page that is written for people is left as it is, but for runs of white space, for what is not
//! shown and for three signs ([`SIGNS`]). Of one that is too large the beginning is left.
//! Leaves out: what parsing it costs, which `markup` bounds.

use ego_tree::{NodeId, Tree, iter::Edge};
use html5ever::{QualName, local_name, ns, tendril::StrTendril};
use scraper::Node;
use serde_json::Value;

/// What the search may cost: for each node that is left, how deep it stands, times its size in bytes and
/// what it costs by being there. Long statements with all that stands around them come to a tenth.
const COST_MAX: usize = 96 * 1024 * 1024;
const NODE_COST: usize = 64;
/// Text that is left, in bytes: more than what is kept of a statement.
const TEXT_BYTES_MAX: usize = 1_600_000;
/// Nodes that are left, and how deep they may stand.
const NODES_MAX: usize = 60_000;
const DEPTH_MAX: usize = 128;
/// The longest value of an attribute, in bytes; the most attributes of an element, and of all that are left.
const VALUE_BYTES_MAX: usize = 1000;
const ATTRIBUTES_MAX: usize = 64;
const ALL_ATTRIBUTES_MAX: usize = 150_000;
/// The longest title, in bytes.
const TITLE_BYTES_MAX: usize = 1000;
/// Headings; more are paragraphs.
const HEADINGS_MAX: usize = 1000;
/// JSON-LD that is left as it is, and that of which long texts are cut, in bytes.
const DATA_BYTES_MAX: usize = 4 * 1024;
const DATA_CUT_BYTES_MAX: usize = 256 * 1024;
/// Scripts of JSON-LD that are left.
const DATA_SCRIPTS_MAX: usize = 8;

/// Signs that html5ever writes as references, and what stands for them while a page is written and parsed
/// again: at each of them the writer looks through all the rest of the text for the others.
const STAND_INS: [(char, char); 3] = [('&', '\u{fdd1}'), ('<', '\u{fdd2}'), ('>', '\u{fdd3}')];

/// A text that was looked for in a page that was cut, with its signs again.
pub(crate) fn with_stand_ins(text: &str) -> String {
    let sign =
        |c| STAND_INS.iter().find(|(_, in_stead)| *in_stead == c).map_or(c, |(sign, _)| *sign);
    text.chars().map(sign).collect()
}

/// Cuts out of a page what the search for its main text cannot look at in bounded time.
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

/// What is to be done to a page, by the numbers of its nodes.
#[derive(Default)]
struct Plan {
    cut: Vec<NodeId>,
    titles: Vec<NodeId>,
    /// Those that are too many.
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
                    // What is cut out of it costs nothing.
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
                // What nobody sees of them.
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

/// A text with each run of white space as one blank, as far as there is room for it.
fn fold(text: &str) -> StrTendril {
    let mut folded = String::with_capacity(text.len().min(TEXT_BYTES_MAX));
    let mut was_blank = false;
    for c in text.chars() {
        if folded.len() + c.len_utf8() > TEXT_BYTES_MAX {
            break;
        }
        let is_blank = c.is_whitespace();
        let in_stead =
            || STAND_INS.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, other)| *other);
        match is_blank {
            true if was_blank => {}
            true => folded.push(' '),
            false => folded.push(in_stead()),
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

/// JSON-LD with its texts cut: what it says of the title is what is looked for.
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
    // Nothing in a script may look like its end.
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
