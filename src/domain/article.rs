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

/// Why there is no whole text of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoText {
    /// Its page cannot be read.
    Unreadable,
    /// Its page has no main text.
    NotFound,
}

impl NoText {
    /// The word for it in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            NoText::Unreadable => "unreadable",
            NoText::NotFound => "no_text",
        }
    }

    /// What a word of the database means.
    pub fn parse(word: &str) -> Option<Self> {
        [NoText::Unreadable, NoText::NotFound].into_iter().find(|why| why.as_str() == word)
    }
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
