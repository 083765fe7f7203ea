//! What a page says to programs about itself: its name, its feeds, its next page.

use super::urls::absolute;
use crate::domain::text::normalize_whitespace;
use scraper::{ElementRef, Html, Node};
use url::Url;

/// The most feeds of one page.
const FEEDS_MAX: usize = 10;

/// Returns the next page of the list, from `rel="next"`.
pub(super) fn next(html: &Html, base: Option<&Url>) -> Option<Url> {
    html.tree.values().find_map(|node| {
        let Node::Element(element) = node else { return None };
        let rel = element.attr("rel").filter(|_| matches!(element.name(), "a" | "link"))?;
        let is_next = rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"));
        absolute(element.attr("href").filter(|_| is_next)?, base)
    })
}

/// Returns the title of a page: the name of the site where it is given separately.
pub(super) fn title(html: &Html) -> Option<String> {
    let elements = || html.tree.nodes().filter_map(ElementRef::wrap);
    let named = elements().find(|e| e.attr("property") == Some("og:site_name"));
    let of_head = || elements().find(|e| e.value().name() == "title");
    let text = match named.and_then(|e| e.attr("content")) {
        Some(text) => normalize_whitespace(text),
        None => normalize_whitespace(&of_head()?.text().collect::<String>()),
    };
    (!text.is_empty()).then_some(text)
}

/// Returns the feeds that a page names in its head, those of comments left out.
pub(super) fn feeds(html: &Html, base: Option<&Url>) -> Vec<Url> {
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
