//! The filter of a chat: the words with or without which it receives entries.
//!
//! Guarantees: words are compared as the search compares them (`stem`); a stored list that cannot be
//! parsed any more filters nothing.

use super::stem::{Term, Token, tokens};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// The most words of a filter.
pub const LIST_MAX: usize = 20;
/// The longest word of a filter, in characters.
const LIST_TERM_CHARS_MAX: usize = 64;

/// The words of a filter as they were typed, separated by commas, semicolons or lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordList {
    typed: Vec<String>,
    terms: Vec<Term>,
}

/// What is wrong with the words of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordListError {
    /// The list has no words.
    #[error("there are no words")]
    Empty,
    /// The list has more than [`LIST_MAX`] words.
    #[error("more than {LIST_MAX} words")]
    TooMany,
    /// A word is too long.
    #[error("a word is longer than {LIST_TERM_CHARS_MAX} characters")]
    TooLong,
}

impl WordList {
    /// Whether the list has no words.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    fn is_in(&self, tokens: &[Token]) -> bool {
        self.terms.iter().any(|term| term.is_in(tokens))
    }
}

impl FromStr for WordList {
    type Err = WordListError;

    fn from_str(text: &str) -> Result<Self, WordListError> {
        let mut list = WordList::default();
        for piece in text.split([',', '\n', ';']) {
            let piece = super::text::normalize_whitespace(piece);
            let piece = piece.trim_matches(|c: char| c.is_whitespace() || "\"“”„«»".contains(c));
            if piece.chars().count() > LIST_TERM_CHARS_MAX {
                return Err(WordListError::TooLong);
            }
            if let Some(term) = Term::parse(piece) {
                list.typed.push(piece.to_owned());
                list.terms.push(term);
            }
        }
        match list.terms.len() {
            0 => Err(WordListError::Empty),
            n if n > LIST_MAX => Err(WordListError::TooMany),
            _ => Ok(list),
        }
    }
}

impl fmt::Display for WordList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed.join(", "))
    }
}

impl Serialize for WordList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for WordList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A list that cannot be parsed any more filters nothing.
        Ok(String::deserialize(deserializer)?.parse().unwrap_or_default())
    }
}

/// The words that decide which entries a chat receives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Only entries with one of these words; all entries if empty.
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub with: WordList,
    /// No entries with one of these words.
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub without: WordList,
}

impl Filter {
    /// Whether an entry with this title and lead is delivered.
    pub fn passes(&self, title: &str, lead: Option<&str>) -> bool {
        if self.with.is_empty() && self.without.is_empty() {
            return true;
        }
        let mut tokens = tokens(title);
        // A phrase does not go from the title into the lead.
        tokens.push(Token { range: 0..0, word: String::new(), stem: String::new() });
        tokens.extend(lead.map(super::stem::tokens).unwrap_or_default());
        (self.with.is_empty() || self.with.is_in(&tokens)) && !self.without.is_in(&tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_passes_entries_by_their_words() {
        let filter = |with: &str, without: &str| Filter {
            with: with.parse().unwrap_or_default(),
            without: without.parse().unwrap_or_default(),
        };
        let passes = |with, without, lead| filter(with, without).passes("New tariff of dues", lead);
        assert!(passes("", "", None));
        assert!(passes("fog, tariffs", "", None));
        assert!(!passes("fog", "", Some("Clear weather.")));
        assert!(passes("fog", "", Some("There was fog.")));
        assert!(!passes("tariff", "fog", Some("There was fog.")));
        assert!(!passes("dues clear", "", Some("Clear weather.")), "no phrase across the two");
        assert_eq!("".parse::<WordList>(), Err(WordListError::Empty));
        assert_eq!("a1,".repeat(21).parse::<WordList>(), Err(WordListError::TooMany));
        assert_eq!("a".repeat(65).parse::<WordList>(), Err(WordListError::TooLong));
        let kept = serde_json::to_string(&filter("fog, \"light dues\"", "")).unwrap();
        assert_eq!(kept, r#"{"with":"fog, light dues"}"#);
        assert_eq!(serde_json::from_str::<Filter>(&kept).unwrap(), filter("fog, light dues", ""));
    }
}
