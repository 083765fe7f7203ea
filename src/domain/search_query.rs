//! Words of texts: to be searched for, and to decide what a chat hears of.
//!
//! Promises: a word is found in each of its forms, by the rules of Russian where it is written in
//! Cyrillic and of English where it is written in Latin letters; whatever is typed is a search or none,
//! never a fault. What decides in SQLite (`Query::fts` over `index_text`) and what decides here
//! (`Filter::passes`, `Query::hits`) goes by the same words and stems.
//! Leaves out: the index (`store`).

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, ops::Range, str::FromStr};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The longest word that is looked at, in characters; what is longer is cut.
const WORD_CHARS_MAX: usize = 64;
/// What is looked at of a search that is typed, and its terms.
const QUERY_CHARS_MAX: usize = 256;
const TERMS_MAX: usize = 10;
/// The words of a filter, and the longest of them.
pub const LIST_MAX: usize = 20;
const LIST_TERM_CHARS_MAX: usize = 64;
/// The shortest beginning of a word that is searched for, in characters.
const PREFIX_CHARS_MIN: usize = 2;
/// Beginnings of words in one search: each costs as much as all words that begin so.
const PREFIXES_MAX: usize = 3;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// Where it stands, in bytes.
    range: Range<usize>,
    /// Its letters, without case and accents.
    word: String,
    /// What all its forms have in common.
    stem: String,
}

/// The words of a text.
fn tokens(text: &str) -> Vec<Token> {
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

/// What is put into the index of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Its words, with blanks between them.
    pub words: String,
    /// Their stems, the same.
    pub stems: String,
}

/// The words of a text and their stems: letters and digits only, so that every tokenizer takes them for
/// what they are.
pub fn index_text(text: &str) -> Indexed {
    let tokens = tokens(text);
    let all = |of: fn(&Token) -> &str| tokens.iter().map(of).collect::<Vec<_>>().join(" ");
    Indexed { words: all(|token| &token.word), stems: all(|token| &token.stem) }
}

/// Something that a text has or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// Words that follow each other, in any of their forms, by their stems.
    Phrase(Vec<String>),
    /// A word that begins so.
    Prefix(String),
}

impl Term {
    /// What is typed as one term: a word, several in quotes, or a beginning with an asterisk.
    fn of(text: &str) -> Option<Self> {
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

    /// Where it stands among the words of a text: the first and the one after the last.
    fn places<'a>(&'a self, tokens: &'a [Token]) -> Box<dyn Iterator<Item = Range<usize>> + 'a> {
        match self {
            Term::Prefix(beginning) => {
                let hits = tokens.iter().enumerate();
                let hits =
                    hits.filter(move |(_, token)| token.word.starts_with(beginning.as_str()));
                Box::new(hits.map(|(n, _)| n..n + 1))
            }
            Term::Phrase(stems) => {
                let is_it =
                    move |at: &[Token]| at.iter().zip(stems).all(|(t, stem)| t.stem == *stem);
                let hits = tokens.windows(stems.len()).enumerate();
                Box::new(hits.filter(move |(_, at)| is_it(at)).map(|(n, _)| n..n + stems.len()))
            }
        }
    }

    fn is_in(&self, tokens: &[Token]) -> bool {
        self.places(tokens).next().is_some()
    }

    /// The same for SQLite's full text search. Terms are letters and digits: nothing in quotes is syntax.
    fn fts(&self) -> String {
        match self {
            Term::Phrase(stems) => format!("stems : \"{}\"", stems.join(" ")),
            Term::Prefix(beginning) => format!("words : \"{beginning}\" *"),
        }
    }
}

/// Splits what is typed at blanks that are not within quotes, of whatever kind.
fn pieces(text: &str) -> Vec<String> {
    let is_quote = |c: char| "\"“”„«»".contains(c);
    let mut pieces = Vec::new();
    let (mut piece, mut is_quoted) = (String::new(), false);
    for c in text.chars() {
        if is_quote(c) {
            // Before a phrase that is not wanted stands its sign.
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

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    typed: String,
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
    is_cut: bool,
}

impl Query {
    /// What is typed: words, "a phrase", a begin*, -without; `None` where there is nothing to look for.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut is_cut = typed.chars().nth(QUERY_CHARS_MAX).is_some();
        let typed: String = typed.chars().take(QUERY_CHARS_MAX).collect();
        let typed = super::text::normalize_whitespace(&typed);
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for piece in pieces(&typed) {
            let (list, piece) = match piece.trim().strip_prefix('-') {
                Some(rest) if !rest.starts_with('-') => (&mut unwanted, rest),
                _ => (&mut wanted, piece.as_str()),
            };
            list.extend(Term::of(piece));
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

    /// Whether a part of what was typed is not looked for, because it was too much.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The expression for SQLite's full text search over the columns `words` and `stems`.
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

    /// Whether a text has all that is wanted and nothing that is not.
    #[cfg(test)]
    fn matches(&self, text: &str) -> bool {
        let tokens = tokens(text);
        self.wanted.iter().all(|term| term.is_in(&tokens))
            && !self.unwanted.iter().any(|term| term.is_in(&tokens))
    }

    /// Where in a text something stands that is wanted, in bytes and in order.
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

    /// About so many characters of a text around the first hit, cut between words.
    pub fn excerpt<'t>(&self, text: &'t str, chars: usize) -> &'t str {
        let hit = self.hits(text).first().map_or(0, |hit| hit.start);
        let tokens = tokens(text);
        let before = text[..hit].char_indices().rev().nth(chars / 3).map_or(0, |(at, _)| at);
        let start = tokens.iter().map(|token| token.range.start).find(|at| *at >= before);
        let start = start.unwrap_or(0).min(hit);
        let end = text[start..].char_indices().nth(chars).map_or(text.len(), |(at, _)| start + at);
        let end = match end == text.len() {
            true => end,
            false => {
                let ends = tokens.iter().map(|token| token.range.end);
                ends.take_while(|at| *at <= end).last().filter(|at| *at > start).unwrap_or(end)
            }
        };
        &text[start..end]
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

/// Words of a filter, as they were typed: separated by commas or lines, phrases in quotes or without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordList {
    typed: Vec<String>,
    terms: Vec<Term>,
}

/// What is wrong with the words of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordListError {
    /// There are none.
    #[error("there are no words")]
    Empty,
    /// There are too many.
    #[error("more than {LIST_MAX} words")]
    TooMany,
    /// One is too long.
    #[error("a word is longer than {LIST_TERM_CHARS_MAX} characters")]
    TooLong,
}

impl WordList {
    /// Whether there are none.
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
            if let Some(term) = Term::of(piece) {
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
        // What cannot be read any more decides nothing.
        Ok(String::deserialize(deserializer)?.parse().unwrap_or_default())
    }
}

/// The words that decide what a chat hears of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Only what has one of these; none: all.
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub with: WordList,
    /// Nothing that has one of these.
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub without: WordList,
}

impl Filter {
    /// Whether an entry is told.
    pub fn passes(&self, title: &str, lead: Option<&str>) -> bool {
        if self.with.is_empty() && self.without.is_empty() {
            return true;
        }
        let mut tokens = tokens(title);
        // A phrase does not go from the title into the lead.
        tokens.push(Token { range: 0..0, word: String::new(), stem: String::new() });
        tokens.extend(lead.map(self::tokens).unwrap_or_default());
        (self.with.is_empty() || self.with.is_in(&tokens)) && !self.without.is_in(&tokens)
    }
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
        assert_eq!(["МОЙ", "Éclair"].map(fold), ["мой", "eclair"], "й is a letter of its own");
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

    #[test]
    fn a_filter_lets_through_what_was_chosen() {
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
