//! The words for a number of days, in all languages of CLDR.
//!
//! Guarantees: all plural forms of "day" with what belongs to them ("de zile"), and the cases that a
//! language uses in "3 days ago". They are read once, when a line first asks for them.
//! Out of scope: what else a line says (`counter_phrases`).

use crate::extract::date::{digits::is_direction_mark, languages};
use icu_experimental::{
    dimension::provider::units::categorized_display_names::UnitsNamesDurationCoreV1 as Units,
    provider::Baked, relativetime::provider::DatetimeRelativeDayLongV1 as Relative,
};
use icu_locale_core::{DataLocale, Locale};
use icu_plurals::PluralRules;
use icu_provider::{DataIdentifierBorrowed, DataMarkerAttributes, DataProvider, DataRequest};
use std::{collections::HashSet, sync::LazyLock};

/// What stands for the number while a pattern is taken apart.
const NUMBER: &str = "\u{1}";
/// Numbers that have all plural forms of all languages between them.
const SAMPLES: [u64; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 20, 21, 22, 100, 1_000_000];
/// The longest word, in characters.
const CHARS_MAX: usize = 24;

static WORDS: LazyLock<DayWords> = LazyLock::new(|| {
    let mut words = DayWords::default();
    for locale in languages() {
        words.collect(&locale);
    }
    words.firsts = words.after.iter().filter_map(|word| word.chars().next()).collect();
    let all = words.after.iter().chain(&words.before);
    words.lasts = all.filter_map(|word| word.chars().next_back()).collect();
    words
});

/// The words, folded.
#[derive(Default)]
struct DayWords {
    /// What follows a number, and what precedes it.
    after: HashSet<String>,
    before: HashSet<String>,
    /// The first characters of what follows, and the last of all: most texts have neither.
    firsts: HashSet<char>,
    lasts: HashSet<char>,
    /// What is around a number of days that lie in the past: "vor … Tagen".
    ago: HashSet<(String, String)>,
}

/// Returns what is left of a folded text after the words for "days" that it starts with.
pub(super) fn strip_after(text: &str) -> Option<&str> {
    text.chars().next().filter(|c| WORDS.firsts.contains(c))?;
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(CHARS_MAX);
    let rests = ends.filter(|end| WORDS.after.contains(&text[..*end])).map(|end| {
        let (word, rest) = text.split_at(end);
        (is_end(word) || is_boundary(rest)).then_some(rest)
    });
    rests.flatten().last()
}

/// Returns what is left of a folded text before the words for "day" that it ends with.
pub(super) fn strip_before(text: &str) -> Option<&str> {
    text.chars().next_back().filter(|c| WORDS.lasts.contains(c))?;
    let starts = text.char_indices().rev().map(|(at, _)| at).take(CHARS_MAX);
    let is_word = |word: &str| WORDS.before.contains(word) || WORDS.after.contains(word);
    let rests = starts.filter(|start| is_word(&text[*start..])).map(|start| {
        let (rest, word) = text.split_at(start);
        (is_end(word) || !rest.ends_with(char::is_alphanumeric)).then_some(rest)
    });
    rests.flatten().last()
}

/// Returns whether the folded texts around a number say that it is of days ago.
pub(super) fn is_ago(before: &str, after: &str) -> bool {
    WORDS.ago.iter().any(|(head, tail)| {
        let rest = after.strip_prefix(tail.as_str());
        before.ends_with(head) && rest.is_some_and(|rest| is_end(tail) || is_boundary(rest))
    })
}

/// Returns a text as the words are compared: in small letters, without the marks of direction and
/// the vowel signs that Arabic may omit, with single blanks.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(fold_char).collect()
}

/// Returns what one character becomes when a text is folded.
pub(super) fn fold_char(c: char) -> impl Iterator<Item = char> {
    let is_kept =
        |c: &char| !is_direction_mark(*c) && !matches!(c, '\u{64b}'..='\u{652}' | '\u{307}');
    let plain = |c: char| match c {
        '’' | 'ʼ' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    c.to_lowercase().filter(is_kept).map(plain)
}

/// Returns whether the character is of a script without blanks between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Returns whether another word may follow without a blank.
fn is_end(word: &str) -> bool {
    word.chars().any(is_unspaced)
}

/// Returns whether a text does not go on with the same word: "days" does in "daystar" and "days-long".
fn is_boundary(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some('-' | '‑') => !chars.next().is_some_and(char::is_alphabetic),
        c => !c.is_some_and(char::is_alphanumeric),
    }
}

impl DayWords {
    fn collect(&mut self, locale: &Locale) {
        let Ok(rules) =
            PluralRules::try_new(locale.into(), icu_plurals::PluralRulesOptions::default())
        else {
            return;
        };
        let locale = DataLocale::from(locale);
        let Ok(attributes) = DataMarkerAttributes::try_from_str("long-day") else { return };
        let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &locale);
        let request = DataRequest { id, ..DataRequest::default() };
        let Ok(units) = DataProvider::<Units>::load(&Baked, request) else { return };
        let (mut stems, mut plain) = (HashSet::new(), HashSet::new());
        for n in SAMPLES {
            let pattern = units.payload.get().get(n.into(), &rules);
            let (before, after) = around_number(&pattern.interpolate_to_string([NUMBER]));
            stems.extend([stem(&before), stem(&after)]);
            plain.insert((before.clone(), after.clone()));
            for (words, word) in [(&mut self.before, before), (&mut self.after, after)] {
                if is_word(&word) {
                    words.insert(word);
                }
            }
        }
        let id = DataIdentifierBorrowed::for_locale(&locale);
        let request = DataRequest { id, ..DataRequest::default() };
        let Ok(relative) = DataProvider::<Relative>::load(&Baked, request) else { return };
        for n in SAMPLES {
            let past = relative.payload.get().past.get(n.into(), &rules);
            let (before, after) = around_number(&past.interpolate_to_string([NUMBER]));
            // "Tagen" beside "Tage": the same word in another case.
            let word = after.split(' ').next().unwrap_or_default();
            if !is_end(word) && stem(word).is_some_and(|stem| stems.contains(&Some(stem))) {
                self.after.insert(word.to_owned());
            }
            let is_distinct = is_word(&before) || is_word(&after);
            if is_distinct && !plain.contains(&(before.clone(), after.clone())) {
                self.ago.insert((before, after));
            }
        }
    }
}

/// Returns the folded texts before and after the number of a pattern.
fn around_number(pattern: &str) -> (String, String) {
    let (before, after) = pattern.split_once(NUMBER).unwrap_or_default();
    (fold(before.trim()), fold(after.trim()))
}

/// Returns whether it is a word. "d" alone stands where a language has none.
fn is_word(text: &str) -> bool {
    is_end(text) || text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some()
}

/// Returns the letters that all forms of a word have in common.
fn stem(word: &str) -> Option<String> {
    let stem: String = word.chars().take(2).collect();
    (stem.chars().count() == 2).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_for_day_is_known_in_all_its_forms() {
        let cases = [
            "day since",
            "days since",
            "tag seit",
            "tage seit",
            "tagen",
            "jour depuis",
            "jours",
            "día",
            "días desde",
            "день",
            "дня с",
            "дней",
            "дні",
            "днів",
            "dni od",
            "dzień",
            "giorni da",
            "dias",
            "dage siden",
            "päivää",
            "nap",
            "dní",
            "ημέρες",
            "gün",
            "días",
            "يوم",
            "يوما",
            "روز",
            "ימים",
            "दिन",
            "วัน",
            "日目",
            "天了",
            "일째",
            "ngày",
            "hari",
            "de zile",
            "dienos",
            "დღე",
            "օր",
            "dagen",
            "дана",
            "дена",
        ];
        let is_unknown = |text: &&str| strip_after(&fold(text)).is_none();
        assert_eq!(cases.into_iter().filter(is_unknown).collect::<Vec<_>>(), [""; 0]);
        for text in ["daystar", "days-long", "tagesschau", "weeks", "", "d"] {
            assert_eq!(strip_after(text), None, "{text}");
        }
        assert_eq!(strip_before("today is day"), Some("today is "));
        assert_eq!(strip_before("siku"), Some(""));
        assert_eq!(strip_before("monday"), None);
    }

    #[test]
    fn days_ago_differ_from_days_that_passed() {
        for (before, after) in [("", "days ago"), ("vor", "tagen"), ("", "дня назад"), ("", "天前")]
        {
            assert!(is_ago(before, after), "{before} {after}");
        }
        assert!(!is_ago("", "days since"));
        assert!(!is_ago("", "tage"));
    }
}
