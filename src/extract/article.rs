//! TEMP
use super::{Document, Selectors, Shape, line, markup, sniff, text};
use crate::domain::{Article, Paragraph, ParagraphKind};
pub(super) fn find(source: &str, document: &Document<'_>) -> Option<Article> {
    let page: line::Page = match sniff(source, document.content_type) {
        Shape::Markup => markup::lines(source, document.url, &Selectors::of(document.hints)),
        Shape::Text => text::lines(source),
        Shape::Feed => return None,
    };
    let paragraphs: Vec<Paragraph> = page
        .lines
        .iter()
        .filter(|l| l.text.len() > 60)
        .map(|l| Paragraph { kind: ParagraphKind::Text, speaker: None, text: l.text.clone() })
        .collect();
    (!paragraphs.is_empty()).then_some(Article { title: None, paragraphs })
}
