//! The words of a text and their stems, as the search and the filters of chats compare them.
//!
//! Guarantees: a word is found in each of its forms, by the rules of Russian for Cyrillic and of English
//! for Latin letters. The index in SQLite and the comparisons in memory use the same words and stems.
//! Out of scope: the index itself (`store`).

use rust_stemmers::{Algorithm, Stemmer};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The longest word, in characters; the rest of a longer one is ignored.
const WORD_CHARS_MAX: usize = 64;
/// The shortest prefix that is searched for, in characters.
const PREFIX_CHARS_MIN: usize = 2;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Where it is in the text, in bytes.
    pub(super) range: Range<usize>,
    /// Its letters, without case and accents.
    pub(super) word: String,
    /// What all its forms have in common.
    pub(super) stem: String,
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (at, word) in text.unicode_word_indices() {
        // "keeper's" is one word to Unicode; the part after the apostrophe is a form of it.
        let mut from = at;
        let is_seam = |c: char| !c.is_alphanumeric() && !is_mark(c);
        for part in word.split(is_seam) {
            let start = from;
            from += part.len();
            from += text[from..].chars().next().filter(|c| is_seam(*c)).map_or(0, char::len_utf8);
            let is_ending = start > at && matches!(part, "s" | "S" | "t" | "T");
            let folded = fold(part);
            if folded.is_empty() || is_ending {
                continue;
            }
            let stem = stem(&folded);
            tokens.push(Token { range: start..start + part.len(), word: folded, stem });
        }
    }
    tokens
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A word without case and accents. The breve of й and the dots of ї make letters of their own.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkc().flat_map(char::to_lowercase) {
        match c {
            'ё' => folded.push('е'),
            'й' | 'ї' | 'ў' => folded.push(c),
            c => folded
                .extend(std::iter::once(c).nfd().filter(|c| c.is_alphanumeric() && !is_mark(*c))),
        }
    }
    folded.chars().take(WORD_CHARS_MAX).collect()
}

/// What all forms of a folded word have in common.
fn stem(word: &str) -> String {
    let is_cyrillic = |c: char| ('\u{400}'..='\u{52f}').contains(&c);
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let algorithm = if word.chars().all(is_cyrillic) {
        // The endings of Ukrainian are near enough to find most of its forms as well.
        Algorithm::Russian
    } else if word.chars().all(is_latin) {
        Algorithm::English
    } else {
        return word.to_owned();
    };
    Stemmer::create(algorithm).stem(word).into_owned()
}

/// Something that a text contains or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// Stems of words that follow each other.
    Phrase(Vec<String>),
    /// The beginning of a word.
    Prefix(String),
}

impl Term {
    /// Parses one term: a word, several in quotes, or a prefix with an asterisk. `None` if it has no word.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(beginning) = text.trim_end().strip_suffix('*') {
            let tokens = tokens(beginning);
            if let [token] = &tokens[..]
                && token.word.chars().count() >= PREFIX_CHARS_MIN
            {
                return Some(Term::Prefix(token.word.clone()));
            }
        }
        let stems: Vec<String> = tokens(text).into_iter().map(|token| token.stem).collect();
        (!stems.is_empty()).then_some(Term::Phrase(stems))
    }

    /// Where the term is among the tokens of a text, as ranges of tokens.
    pub(super) fn places<'a>(
        &'a self,
        tokens: &'a [Token],
    ) -> Box<dyn Iterator<Item = Range<usize>> + 'a> {
        match self {
            Term::Prefix(beginning) => {
                let hits = tokens.iter().enumerate();
                let hits =
                    hits.filter(move |(_, token)| token.word.starts_with(beginning.as_str()));
                Box::new(hits.map(|(n, _)| n..n + 1))
            }
            Term::Phrase(stems) => {
                let is_phrase =
                    move |at: &[Token]| at.iter().zip(stems).all(|(t, stem)| t.stem == *stem);
                let hits = tokens.windows(stems.len()).enumerate();
                Box::new(hits.filter(move |(_, at)| is_phrase(at)).map(|(n, _)| n..n + stems.len()))
            }
        }
    }

    /// Whether the tokens contain the term.
    pub(super) fn is_in(&self, tokens: &[Token]) -> bool {
        self.places(tokens).next().is_some()
    }

    /// The term as an expression of SQLite's full text search. Terms are letters and digits, so nothing in
    /// quotes is syntax.
    pub(super) fn fts(&self) -> String {
        match self {
            Term::Phrase(stems) => format!("stems : \"{}\"", stems.join(" ")),
            Term::Prefix(beginning) => format!("words : \"{beginning}\" *"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_are_folded_and_letters_of_their_own_are_not() {
        assert_eq!(["МОЙ", "Éclair"].map(fold), ["мой", "eclair"], "й is a letter of its own");
    }
}
