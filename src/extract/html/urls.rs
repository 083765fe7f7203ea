//! Addresses of a page: what relative ones start from, and which of them lead into the web.

use crate::domain::web_url::is_http;
use scraper::{Html, Node};
use url::Url;

/// Returns an absolute web address, or `None`.
pub(crate) fn absolute(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    let link = match base {
        Some(base) => base.join(href),
        None => Url::parse(href),
    };
    link.ok().filter(is_http)
}

/// Returns the address that relative links start from.
pub(super) fn base(html: &Html, url: Option<&Url>) -> Option<Url> {
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
