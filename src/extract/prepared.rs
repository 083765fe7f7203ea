//! What extraction, explanation and derivation start from: a document that is decoded, recognized and
//! laid out in lines.

use super::{
    document::Document,
    html,
    layout::Page,
    plain_text,
    selectors::Selectors,
    sniff::{Shape, sniff},
};
use crate::domain::DocumentKind;

/// A decoded document.
pub(super) struct Prepared {
    /// The decoded text.
    pub(super) source: String,
    pub(super) content: Content,
}

/// What a document is, with its lines unless it is a feed.
pub(super) enum Content {
    Feed,
    Lines(DocumentKind, Box<Page>),
}

impl Prepared {
    /// Decodes a document, recognizes it and lays it out in lines.
    pub(super) fn new(document: &Document<'_>) -> Self {
        let source = document.text();
        let content = match sniff(&source, document.content_type) {
            Shape::Feed => Content::Feed,
            Shape::Markup => {
                let selectors = Selectors::new(document.page_rules);
                let page = html::lines(&source, document.url, &selectors);
                Content::Lines(DocumentKind::Html, Box::new(page))
            }
            Shape::Text => Content::Lines(DocumentKind::Text, Box::new(plain_text::lines(&source))),
        };
        Prepared { source, content }
    }
}
