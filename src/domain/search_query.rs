//! The search: what a user types, as an expression for the full text index and as ranges of hits; and the
//! words of a text for that index.
//!
//! Guarantees: whatever is typed is a query or `None`, never an error. The expression for SQLite
//! (`Query::fts` over `index_text`) and the hits (`Query::hits`) use the same words and stems.
//! Out of scope: the index (`store`).

use super::{
    stem::{Term, Token, tokens},
    text::normalize_whitespace,
};
use std::{fmt, ops::Range};

/// The longest query, in characters, and its most terms; the rest is ignored.
const QUERY_CHARS_MAX: usize = 256;
const TERMS_MAX: usize = 10;
/// The most prefixes of one query: each costs as much as all words that begin with it.
const PREFIXES_MAX: usize = 3;

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    typed: String,
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
    is_cut: bool,
}

impl Query {
    /// Parses what a user typed: words, "a phrase", a prefix*, -excluded. `None` if no word is wanted.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut is_cut = typed.chars().nth(QUERY_CHARS_MAX).is_some();
        let typed: String = typed.chars().take(QUERY_CHARS_MAX).collect();
        let typed = normalize_whitespace(&typed);
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for piece in pieces(&typed) {
            let (list, piece) = match piece.trim().strip_prefix('-') {
                Some(rest) if !rest.starts_with('-') => (&mut unwanted, rest),
                _ => (&mut wanted, piece.as_str()),
            };
            list.extend(Term::parse(piece));
        }
        let all = wanted.len() + unwanted.len();
        let mut prefixes = 0;
        let mut is_affordable = |term: &Term| {
            prefixes += usize::from(matches!(term, Term::Prefix(_)));
            !matches!(term, Term::Prefix(_)) || prefixes <= PREFIXES_MAX
        };
        wanted.retain(&mut is_affordable);
        unwanted.retain(&mut is_affordable);
        wanted.truncate(TERMS_MAX);
        unwanted.truncate(TERMS_MAX - wanted.len().min(TERMS_MAX));
        is_cut |= wanted.len() + unwanted.len() < all;
        (!wanted.is_empty()).then_some(Query { typed, wanted, unwanted, is_cut })
    }

    /// Whether a part of the query is ignored, because it is too long.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns the expression for SQLite's full text search over the columns `words` and `stems`.
    pub fn fts(&self) -> String {
        let all = |terms: &[Term], between: &str| {
            terms.iter().map(|t| format!("({})", t.fts())).collect::<Vec<_>>().join(between)
        };
        let wanted = all(&self.wanted, " AND ");
        if self.unwanted.is_empty() {
            return wanted;
        }
        format!("({wanted}) NOT ({})", all(&self.unwanted, " OR "))
    }

    /// Whether a text contains all wanted terms and no unwanted one.
    #[cfg(test)]
    fn matches(&self, text: &str) -> bool {
        let tokens = tokens(text);
        self.wanted.iter().all(|term| term.is_in(&tokens))
            && !self.unwanted.iter().any(|term| term.is_in(&tokens))
    }

    /// Returns where wanted terms are in a text, as byte ranges in order, without overlaps.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let tokens = tokens(text);
        let mut hits: Vec<Range<usize>> = Vec::new();
        let places = self.wanted.iter().flat_map(|term| term.places(&tokens));
        for place in places {
            hits.push(tokens[place.start].range.start..tokens[place.end - 1].range.end);
        }
        hits.sort_by_key(|hit| hit.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for hit in hits {
            match merged.last_mut() {
                Some(last) if hit.start <= last.end => last.end = last.end.max(hit.end),
                _ => merged.push(hit),
            }
        }
        merged
    }

    /// Returns about `chars` characters of a text around the first hit, cut between words.
    pub fn excerpt<'t>(&self, text: &'t str, chars: usize) -> &'t str {
        let hit = self.hits(text).first().map_or(0, |hit| hit.start);
        let tokens = tokens(text);
        let before = text[..hit].char_indices().rev().nth(chars / 3).map_or(0, |(at, _)| at);
        let start = tokens.iter().map(|token| token.range.start).find(|at| *at >= before);
        let start = start.unwrap_or(0).min(hit);
        let end = text[start..].char_indices().nth(chars).map_or(text.len(), |(at, _)| start + at);
        if end == text.len() {
            return &text[start..];
        }
        let ends = tokens.iter().map(|token| token.range.end);
        let end = ends.take_while(|at| *at <= end).last().filter(|at| *at > start).unwrap_or(end);
        &text[start..end]
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

/// The columns of the index for a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// The words of the text, separated by blanks.
    pub words: String,
    /// Their stems, separated by blanks.
    pub stems: String,
}

/// Returns the words of a text and their stems: letters and digits only, so that every tokenizer splits
/// them alike.
pub fn index_text(text: &str) -> Indexed {
    let tokens = tokens(text);
    let all = |of: fn(&Token) -> &str| tokens.iter().map(of).collect::<Vec<_>>().join(" ");
    Indexed { words: all(|token| &token.word), stems: all(|token| &token.stem) }
}

/// Splits a query at blanks outside of quotes, of whatever kind.
fn pieces(text: &str) -> Vec<String> {
    let is_quote = |c: char| "\"“”„«»".contains(c);
    let mut pieces = Vec::new();
    let (mut piece, mut is_quoted) = (String::new(), false);
    for c in text.chars() {
        if is_quote(c) {
            // A minus before a phrase excludes the phrase.
            if is_quoted || piece.trim() != "-" {
                pieces.push(std::mem::take(&mut piece));
            }
            is_quoted = !is_quoted;
        } else if c.is_whitespace() && !is_quoted {
            pieces.push(std::mem::take(&mut piece));
        } else {
            piece.push(c);
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(query: &str, text: &str) -> bool {
        Query::parse(query).unwrap().matches(text)
    }

    #[test]
    fn a_search_that_asks_for_too_much_is_cut_and_knows_it() {
        let cut = |typed: &str| {
            let query = Query::parse(typed).unwrap();
            (query.is_cut(), query.wanted.len(), query.unwanted.len())
        };
        assert_eq!(cut("fog* ice* tid* -"), (false, 3, 0));
        assert_eq!(cut("wo* st* fog le* te* -th*"), (true, 4, 0), "three beginnings, and the word");
        assert_eq!(cut("fog -wo* -st* -le* -te*"), (true, 1, 3));
        let words = ["fog"; 11].join(" ");
        assert_eq!(cut(&words), (true, 10, 0));
        assert!(cut(&"fog ".repeat(100)).0, "longer than what is looked at");
    }

    #[test]
    fn a_word_is_found_in_its_forms() {
        let cases = [
            ("lighthouse", "Two LIGHTHOUSES were lit"),
            ("statements", "A statement on fog"),
            ("санкции", "О новых санкциях и САНКЦИЙ больше"),
            ("заявление", "Заявления МИД"),
            ("ёлка", "у елки"),
            ("cafe", "The Café of the port"),
            ("keeper", "the keeper’s log"),
            ("light house", "a light-house"),
            ("1874", "since 1874."),
        ];
        for (query, text) in cases {
            assert!(matches(query, text), "{query} in {text}");
        }
        assert!(!matches("lamp", "Statement on fog"));
    }

    #[test]
    fn phrases_beginnings_and_exclusions_mean_what_they_say() {
        let cases = [
            ("\"light dues\"", "The tariff of light dues", true),
            ("\"light dues\"", "dues for the light", false),
            ("«световой сбор»", "о световых сборах", true),
            ("tariff*", "New tariffication", true),
            ("tar*", "The guitar", false),
            ("fog -horn", "Statement on fog", true),
            ("fog -horn", "On the fog horn", false),
            ("fog -\"north pier\"", "fog at North Pier", false),
            ("fog horn", "The horn in the fog", true),
            ("fog horn", "The fog", false),
        ];
        for (query, text, expected) in cases {
            assert_eq!(matches(query, text), expected, "{query} in {text}");
        }
    }

    #[test]
    fn what_is_no_search_is_none_and_no_fault() {
        for text in ["", "   ", "-fog", "\" * - ( )", "🔥", "\u{202e}", "- - -"] {
            assert_eq!(Query::parse(text), None, "{text:?}");
        }
        let odd = Query::parse("NEAR(a b) \"x\" OR *: {stems}").unwrap();
        assert!(
            odd.fts().chars().all(|c| c.is_alphanumeric() || " \"():*".contains(c)),
            "{}",
            odd.fts()
        );
        assert_eq!(
            Query::parse("fog -horn").unwrap().fts(),
            "((stems : \"fog\")) NOT ((stems : \"horn\"))"
        );
        assert_eq!(Query::parse("tar*").unwrap().fts(), "(words : \"tar\" *)");
    }

    #[test]
    fn hits_are_whole_words_and_phrases() {
        let query = Query::parse("\"light dues\" fogs").unwrap();
        let text = "Fog: light-dues & FOG";
        let hits: Vec<&str> = query.hits(text).into_iter().map(|hit| &text[hit]).collect();
        assert_eq!(hits, ["Fog", "light-dues", "FOG"]);
        let long = format!("{} fog {}", "слово ".repeat(100), "слово ".repeat(100));
        let excerpt = query.excerpt(&long, 60);
        assert!(excerpt.contains(" fog ") && excerpt.chars().count() <= 60, "{excerpt}");
        assert_eq!(query.excerpt("No hit here", 100), "No hit here");
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_breaks_it(query in "\\PC{0,80}", text in "\\PC{0,200}") {
            if let Some(query) = Query::parse(&query) {
                let hits = query.hits(&text);
                prop_assert!(hits.windows(2).all(|two| two[0].end < two[1].start));
                for hit in hits {
                    prop_assert!(!text[hit].is_empty());
                }
                query.excerpt(&text, 40);
                query.matches(&text);
                query.fts();
            }
            let indexed = index_text(&text);
            prop_assert!(indexed.words.chars().all(|c| c.is_alphanumeric() || c == ' '));
        }

        #[test]
        fn a_text_has_its_own_words(words in proptest::collection::vec("[a-zа-я]{2,9}", 1..8)) {
            let text = words.join(" ");
            let query = Query::parse(&format!("\"{text}\"")).unwrap();
            prop_assert!(query.matches(&text));
        }
    }
}
