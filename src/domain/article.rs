//! The whole text of a statement, as its own page gives it.
//!
//! Promises: only what the page says; lines without anything that could turn the text around them upside
//! down; nothing empty. Leaves out: how it is found in a page (`extract::article`).

use serde::{Deserialize, Serialize};

/// The main text of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Its heading.
    pub title: Option<String>,
    /// Its paragraphs, in order.
    pub paragraphs: Vec<Paragraph>,
}

/// A paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// What it is in the text.
    pub kind: ParagraphKind,
    /// Who speaks, where the text says so ("Sergey Lavrov", "Question").
    pub speaker: Option<String>,
    /// What it says, without the name of who speaks.
    pub text: String,
}

/// What a paragraph is in a text.
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
