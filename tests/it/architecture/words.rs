//! The terms that docs/glossary.md rules out appear nowhere.
//!
//! The glossary is the only list: a word in `code font` in the third column of one of its tables is
//! forbidden in comments, names, messages and documents, and the first column says what to use
//! instead. A term matches as whole words, in any case, in the singular and plural, and inside
//! names (`paper boat` is found in `paper_boat` and `PaperBoats`). A term that ends with
//! punctuation matches as it is written. Words in plain font in that column are not used for this
//! meaning, but may have others.
//!
//! Out of scope: what users read. The phrases of `src/lang`, the filler texts of the sandbox's
//! sample site and the scenarios are not checked, nor are names that serde keeps with `rename`.

use super::{SourceFile, files, has_extension, read, root};
use regex::Regex;
use std::{fmt::Write as _, fs, sync::LazyLock};

/// A forbidden term, and the one to use instead.
struct Rule {
    forbidden: String,
    instead: String,
    pattern: Pattern,
}

enum Pattern {
    /// As it is written, from the beginning of a word on.
    Exact(Regex),
    /// These words, one after the other, the last one in the singular or plural.
    Words(Vec<String>),
}

impl Rule {
    fn new(forbidden: &str, instead: &str) -> Self {
        let pattern = if forbidden.ends_with(['.', ':']) {
            Pattern::Exact(Regex::new(&format!(r"\b{}", regex::escape(forbidden))).unwrap())
        } else {
            Pattern::Words(words(forbidden).into_iter().map(|word| word.text).collect())
        };
        Rule { forbidden: forbidden.to_owned(), instead: instead.to_owned(), pattern }
    }

    /// Returns the lines in which the term stands.
    fn lines(&self, text: &str, words: &[Word]) -> Vec<usize> {
        match &self.pattern {
            Pattern::Exact(regex) => {
                let lines = text.lines().enumerate().filter(|(_, line)| regex.is_match(line));
                lines.map(|(n, _)| n + 1).collect()
            }
            Pattern::Words(term) => {
                let windows = words.windows(term.len());
                windows.filter(|words| is_term(words, term)).map(|words| words[0].line).collect()
            }
        }
    }
}

fn is_term(words: &[Word], term: &[String]) -> bool {
    words.iter().zip(term).enumerate().all(|(n, (word, part))| {
        let is_last = n + 1 == term.len();
        let is_plural = || word.text.strip_suffix('s') == Some(part);
        (n == 0 || word.continues) && (word.text == *part || is_last && is_plural())
    })
}

/// A word of a file, in lower case.
struct Word {
    text: String,
    line: usize,
    /// Whether nothing but space, underscores and the marks of a comment is between it and the word
    /// before it.
    continues: bool,
}

/// A part of a name: `PaperBoat`, `paper_boat` and `paper boat` are the same two words.
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Z]?[a-z]+|[A-Z]+").unwrap());
static STRING: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.|\\\n)*""#).unwrap());
static RENAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"rename = "[^"]*""#).unwrap());

/// Files whose strings are texts for users.
const TEXTS: [&str; 2] = ["src/lang", "src/sandbox/site"];
/// Files that are nothing but such texts, and the glossary itself.
/// One is a list of language tags, of which some are English words.
const SKIPPED: [&str; 4] =
    ["tests/it/scenarios", "tests/it/pages", "docs/glossary.md", "src/extract/date/languages.txt"];

/// The rules of the glossary: the terms in code font in its third columns.
fn rules() -> Vec<Rule> {
    let text = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let row = Regex::new(r"(?m)^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$").unwrap();
    let term = Regex::new("`([^`]+)`").unwrap();
    let mut rules = Vec::new();
    for row in row.captures_iter(&text) {
        for term in term.captures_iter(&row[2]) {
            rules.push(Rule::new(&term[1], &row[1]));
        }
    }
    rules
}

/// The files in which the rules hold.
fn checked() -> Vec<SourceFile> {
    let mut checked = Vec::new();
    for folder in ["src", "tests", "benches", "migrations", "docs"] {
        checked.extend(files(folder, &["rs", "sql", "md", "txt"]));
    }
    for item in fs::read_dir(root()).unwrap() {
        let path = item.unwrap().path();
        if has_extension(&path, &["md"]) {
            checked.push(read(&path));
        }
    }
    checked.retain(|file| !SKIPPED.iter().any(|skipped| file.path.starts_with(skipped)));
    checked
}

/// Blanks what a rule does not reach, and keeps the numbers of the lines.
fn prose(file: &SourceFile) -> String {
    let blank = |found: &regex::Captures<'_>| "\n".repeat(found[0].matches('\n').count());
    let text = RENAME.replace_all(&file.text, blank);
    match TEXTS.iter().any(|folder| file.path.starts_with(folder)) {
        true => STRING.replace_all(&text, blank).into_owned(),
        false => text.into_owned(),
    }
}

/// Returns the words of a text, with the parts of names as words of their own.
fn words(text: &str) -> Vec<Word> {
    let (mut words, mut line, mut end) = (Vec::new(), 1, 0);
    for found in WORD.find_iter(text) {
        let gap = &text[end..found.start()];
        line += gap.matches('\n').count();
        end = found.end();
        words.push(Word {
            text: found.as_str().to_lowercase(),
            line,
            continues: gap.chars().all(|c| c.is_whitespace() || "_/!".contains(c)),
        });
    }
    words
}

/// Returns a line for each place where a file breaks a rule.
fn violations(file: &SourceFile, rules: &[Rule]) -> String {
    let text = prose(file);
    let words = words(&text);
    let mut found = String::new();
    for rule in rules {
        let Rule { forbidden, instead, .. } = rule;
        for line in rule.lines(&text, &words) {
            writeln!(found, "{}:{line}: \"{forbidden}\"; use \"{instead}\"", file.path.display())
                .unwrap();
        }
    }
    found
}

#[test]
fn no_file_uses_a_term_that_the_glossary_forbids() {
    let rules = rules();
    let found: String = checked().iter().map(|file| violations(file, &rules)).collect();
    assert!(found.is_empty(), "terms that docs/glossary.md rules out:\n{found}");
}

#[test]
fn the_glossary_names_one_term_for_each_forbidden_one() {
    let rules = rules();
    assert!(rules.len() > 30, "only {} rules are found in docs/glossary.md", rules.len());
    for (n, rule) in rules.iter().enumerate() {
        let term = &rule.forbidden;
        assert!(rules[..n].iter().all(|other| other.forbidden != *term), "{term} is there twice");
        assert!(rules.iter().all(|other| other.instead != *term), "{term} is also a term to use");
    }
}

#[test]
fn terms_are_found_in_names_and_prose_and_across_lines() {
    let rules: Vec<Rule> =
        ["paper boat", "walrus", "is gone", "Ahoy."].map(|term| Rule::new(term, "x")).into();
    let lines = |path: &str, text: &str| -> Vec<String> {
        let file = SourceFile { path: path.into(), text: text.to_owned() };
        let found = violations(&file, &rules);
        found.lines().map(|line| line.split(';').next().unwrap().to_owned()).collect()
    };
    let text = "fn paper_boat(a: &[PaperBoats]) {}\n// A walrus. It is\n// gone.\n/// Ahoy.\n";
    assert_eq!(
        lines("src/a.rs", text),
        [
            "src/a.rs:1: \"paper boat\"",
            "src/a.rs:1: \"paper boat\"",
            "src/a.rs:2: \"walrus\"",
            "src/a.rs:2: \"is gone\"",
            "src/a.rs:4: \"Ahoy.\"",
        ]
    );
    // Parts of words, words with punctuation between them, and kept names are no matches.
    let text = "walruslike, ahoy. It is, gone(paper, boat). #[serde(rename = \"walrus\")]";
    assert_eq!(lines("src/a.rs", text), [""; 0]);
    let phrases = "sea: \"the walrus \\\n \\\"is gone\", // a walrus\n";
    assert_eq!(lines("src/lang/en.rs", phrases), ["src/lang/en.rs:2: \"walrus\""]);
}
