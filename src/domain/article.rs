//! The full text of an entry, from its own page.
//!
//! Guarantees: nothing is empty; lines are normalized (`text`).
//! Out of scope: how the text is found in a page (`extract`).

use super::word_enum::word_enum;
use serde::{Deserialize, Serialize};

/// The main text of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// The heading of the page.
    pub title: Option<String>,
    /// The paragraphs, in order.
    pub paragraphs: Vec<Paragraph>,
}

/// Why an entry has no full text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoText {
    /// Its page cannot be read.
    Unreadable,
    /// Its page has no main text.
    NotFound,
}

word_enum!(NoText { Unreadable => "unreadable", NotFound => "no_text" });

/// A paragraph of a full text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// Its role in the text.
    pub kind: ParagraphKind,
    /// The speaker, where the text names one ("Sergey Lavrov", "Question").
    pub speaker: Option<String>,
    /// The text, without the name of the speaker.
    pub text: String,
}

/// The role of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParagraphKind {
    /// A heading.
    Heading,
    /// Plain text.
    Text,
    /// A question of an interview.
    Question,
    /// The beginning of an answer to one.
    Answer,
    /// An item of a list.
    Item,
    /// A quotation.
    Quote,
}
