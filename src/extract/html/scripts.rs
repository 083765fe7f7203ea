//! The texts of the scripts of a page, for the data in them.
//!
//! Guarantees: no more than a limit is copied.
//! Out of scope: what the data are (`list/embedded_data`).

use scraper::{Html, Node};

/// The bytes of all scripts of a page.
const SCRIPT_BYTES_MAX: usize = 5 * 1024 * 1024;

/// Returns the texts of the scripts that may hold data.
pub(super) fn texts(html: &Html) -> Vec<String> {
    let mut bytes = 0;
    let scripts = html.tree.nodes().filter(|node| match node.value() {
        Node::Element(element) => element.name() == "script",
        _ => false,
    });
    let texts = scripts.filter_map(|script| Some(&**script.first_child()?.value().as_text()?));
    texts
        .filter(|text| text.contains(['{', '[']))
        .take_while(|text| {
            bytes += text.len();
            bytes <= SCRIPT_BYTES_MAX
        })
        .map(str::to_owned)
        .collect()
}
