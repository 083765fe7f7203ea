//! Entries: candidates as a page lists them, stored entries, and their keys.
//!
//! Guarantees: a key is always made the same way (stored keys are compared with new ones), from
//! nothing but the entry itself. Out of scope: which entries are new (`detect`).

use super::web_url::without_www;
use chrono::{DateTime, NaiveDate, Utc};
use std::{collections::BTreeMap, fmt};
use unicode_normalization::UnicodeNormalization;
use url::Url;

/// An entry as it was extracted from a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The day printed next to it. Never invented.
    pub date_on: Option<NaiveDate>,
    /// The title, one line.
    pub title: String,
    /// The address of the entry.
    pub link: Option<Url>,
    /// Other addresses of the entry (a PDF next to the page).
    pub links: Vec<Url>,
    /// The lead, one line.
    pub lead: Option<String>,
    /// The identifier that a feed gives it.
    pub guid: Option<String>,
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day that the source printed, if any.
    pub date_on: Option<NaiveDate>,
    /// When it was first seen.
    pub seen_at: DateTime<Utc>,
    /// The title.
    pub title: String,
    /// The address of the entry.
    pub link: Option<String>,
    /// The lead.
    pub lead: Option<String>,
}

/// What identifies an entry at the next poll. It is text, so that the database can be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(String);

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// An address.
    Link,
    /// The identifier that a feed gives.
    Guid,
    /// A day and a title.
    Title,
}

impl EntryKey {
    /// Returns what the key is made of.
    pub fn kind(&self) -> KeyKind {
        match self.0.split(':').next() {
            Some("link") => KeyKind::Link,
            Some("guid") => KeyKind::Guid,
            _ => KeyKind::Title,
        }
    }

    /// The longest folded title inside a key, in characters.
    const TITLE_MAX: usize = 400;

    /// Returns a stored key.
    pub fn from_stored(text: String) -> Self {
        EntryKey(text)
    }

    /// Returns the key of an address: without scheme, `www.`, port, fragment, trailing slash and
    /// tracking parameters, so that none of these makes an entry new.
    pub fn of_link(link: &Url) -> Self {
        let host = link.host_str().unwrap_or_default();
        let host = without_www(host);
        let path = link.path().trim_end_matches('/');
        let mut key = format!("link:{host}{path}");
        // Byte for byte: decoding and encoding again could change other parameters.
        let query = link.query().unwrap_or_default();
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair));
        for (n, pair) in kept.enumerate() {
            key.push(if n == 0 { '?' } else { '&' });
            key.push_str(pair);
        }
        // "#!/news/5" is how single-page sites address their parts.
        if let Some(fragment) = link.fragment().filter(|f| f.starts_with('!')) {
            key.push('#');
            key.push_str(fragment);
        }
        EntryKey(key)
    }

    /// Returns the key of a day and a title. `ordinal` distinguishes entries with the same, counted
    /// from the oldest.
    pub fn of_title(date_on: Option<NaiveDate>, title: &str, ordinal: usize) -> Self {
        let day = date_on.map(|d| d.to_string()).unwrap_or_default();
        let title: String = fold(title).chars().take(Self::TITLE_MAX).collect();
        EntryKey(format!("title:{day}|{title}|{ordinal}"))
    }

    /// Returns the prefix of a title key, which is the key without its ordinal, and the ordinal.
    pub fn prefix(&self) -> Option<(&str, usize)> {
        let (_, ordinal) = self.0.strip_prefix("title:")?.rsplit_once('|')?;
        Some((&self.0[..self.0.len() - ordinal.len()], ordinal.parse().ok()?))
    }

    /// Returns a title key with another ordinal; any other key as it is.
    pub fn with_ordinal(&self, ordinal: usize) -> Self {
        match self.prefix() {
            Some((stem, _)) => EntryKey(format!("{stem}{ordinal}")),
            None => self.clone(),
        }
    }

    /// Returns the address of a link key, as far as it is part of the key.
    pub fn url(&self) -> Option<Url> {
        Url::parse(&format!("https://{}", self.0.strip_prefix("link:")?)).ok()
    }

    /// Returns the key of the identifier of a feed.
    pub fn of_guid(guid: &str) -> Self {
        EntryKey(format!("guid:{}", guid.trim()))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a parameter says where a reader came from, and nothing about what they read.
fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let exact =
        ["fbclid", "gclid", "yclid", "dclid", "msclkid", "mc_cid", "mc_eid", "_ga", "igshid"];
    name.starts_with("utm_") || exact.contains(&name.as_str())
}

/// The least likeness of two titles of which one is the other with errors corrected.
pub const ALIKE: f64 = 0.6;
/// The least likeness of two titles that differ by a typing error.
pub const ALMOST_EQUAL: f64 = 0.9;
/// The longest texts that are compared character by character, in characters.
const COMPARED_CHARS_MAX: usize = 300;

/// Returns how alike two titles are, from 0 to 1. 1 means equal but for case, quotes and spaces; 0
/// also means less than [`ALIKE`] by the characters alone. Titles with different numbers are not
/// alike: "Order 15" is not "Order 16" with an error.
pub fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (fold(a), fold(b));
    if a == b {
        return 1.0;
    }
    let numbers = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_numeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    if numbers(&a) != numbers(&b) {
        return 0.0;
    }
    let short = |text: &str| text.chars().take(COMPARED_CHARS_MAX).collect::<String>();
    let (a, b) = (short(&a), short(&b));
    if likeness_max(&a, &b) < ALIKE {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(&a, &b).min(0.99)
}

/// Returns how alike two texts can be at most, by the characters that they share in any order: most
/// pairs need not be compared character by character.
fn likeness_max(a: &str, b: &str) -> f64 {
    let mut letters: BTreeMap<char, i32> = BTreeMap::new();
    a.chars().for_each(|c| *letters.entry(c).or_default() += 1);
    b.chars().for_each(|c| *letters.entry(c).or_default() -= 1);
    let only = |sign: i32| letters.values().map(|n| (n * sign).max(0)).sum::<i32>();
    let (length, edits) = (a.chars().count().max(b.chars().count()), only(1).max(only(-1)));
    1.0 - f64::from(edits) / length.max(1) as f64
}

/// Returns a title without what an editor changes without changing the title: case, width,
/// quotation marks, punctuation, spaces.
pub fn fold(title: &str) -> String {
    let mut folded = String::with_capacity(title.len());
    let mut gap = false;
    for c in title.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(c);
        } else {
            gap = true;
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        EntryKey::of_link(&address.parse().unwrap()).to_string()
    }

    #[test]
    fn one_statement_has_one_key_in_all_spellings_of_its_address() {
        let spellings = [
            "https://www.ministry.example/news/7",
            "http://ministry.example/news/7/",
            "https://ministry.example:443/news/7?utm_source=x&fbclid=1#top",
            "http://WWW.Ministry.example/news/7",
        ];
        for spelling in spellings {
            assert_eq!(key(spelling), "link:ministry.example/news/7", "{spelling}");
        }
    }

    #[test]
    fn what_tells_statements_apart_stays_in_the_key() {
        let apart = [
            "https://ministry.example/news?id=7",
            "https://ministry.example/news?id=8",
            "https://ministry.example/News?id=8",
            "https://ministry.example/#!/news/8",
            "https://press.ministry.example/news?id=8",
        ];
        let keys: std::collections::BTreeSet<_> = apart.iter().map(|a| key(a)).collect();
        assert_eq!(keys.len(), apart.len(), "{keys:?}");
    }

    #[test]
    fn a_title_is_the_same_with_other_quotes_case_and_spaces() {
        assert_eq!(fold("  The “Great”\u{a0}Treaty — 1st part"), "the great treaty 1st part");
        assert_eq!(fold("the 'great' treaty: 1ST PART."), "the great treaty 1st part");
        assert_eq!(fold("Ｎｏ．５"), "no 5");
    }

    #[test]
    fn titles_are_alike_if_one_is_the_other_with_slips_mended() {
        let alike = [
            ("Statement of the Minster", "Statement of the Minister"),
            ("Treaty signed in Port Lumen", "Treaty was signed in Port Lumen"),
            ("声明：关于港囗", "声明：关于港口"),
        ];
        for (a, b) in alike {
            assert!(likeness(a, b) >= ALIKE, "{a} {b}");
        }
        let others = [
            ("Briefing of 3 November", "Briefing of 4 November"),
            ("Order No 15", "Order No 16"),
            ("Menu", "Treaty on light dues"),
        ];
        for (a, b) in others {
            assert!(likeness(a, b) < ALIKE, "{a} {b}");
        }
        assert!(likeness("Monday briefing", "Tuesday briefing") < ALMOST_EQUAL);
        assert!((likeness("«TREATY»", "Treaty") - 1.0).abs() < f64::EPSILON);
    }
}
