//! What languages call "today" and "3 hours ago", from CLDR.
//!
//! Guarantees: only what lies in the past and amounts to a certain day, in all widths and plural
//! forms; a text that languages do not agree on means nothing. All languages together are read when
//! a text is first in none that is known.
//! Out of scope: what else may stand beside it (`relative`).

use super::{
    digits::{is_direction_mark, value},
    languages::languages,
};
use icu_datetime::provider::{
    Baked as DatesBaked, pattern::GenericPatternItem,
    semantic_skeletons::DatetimePatternsGlueV1 as Glue,
};
use icu_experimental::{
    provider::Baked,
    relativetime::provider::{self as relative, RelativeTimePatternData},
};
use icu_locale_core::{DataLocale, Locale};
use icu_plurals::{PluralRules, PluralRulesOptions};
use icu_provider::{
    DataIdentifierBorrowed, DataMarker, DataMarkerAttributes, DataProvider, DataRequest,
};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use unicode_normalization::UnicodeNormalization;

/// What stands for the number.
pub(super) const NUMBER: char = '\u{1}';
const MINUTES_OF_DAY: i64 = 1440;
/// Numbers that have all plural forms of all languages between them.
const SAMPLES: [u32; 16] = [1, 2, 0, 3, 4, 5, 6, 7, 10, 11, 12, 20, 21, 22, 100, 1_000_000];
/// The fewest letters of a Latin word for a day in a language that the page does not declare: shorter
/// ones are words and names elsewhere ("ma", "leo").
const LATIN_LETTERS_MIN: usize = 4;

/// Forms of the field that CLDR does not have, with minutes.
const FIELD: [(&str, &[(&str, i64)]); 4] = [
    (
        "en",
        &[
            ("day before yesterday", 2 * MINUTES_OF_DAY),
            ("\u{1}mins ago", 1),
            ("\u{1}hr ago", 60),
            ("\u{1}hrs ago", 60),
        ],
    ),
    (
        // As WordPress has it.
        "pt",
        &[
            ("\u{1}minuto atrás", 1),
            ("\u{1}minutos atrás", 1),
            ("\u{1}hora atrás", 60),
            ("\u{1}horas atrás", 60),
            ("\u{1}dia atrás", MINUTES_OF_DAY),
            ("\u{1}dias atrás", MINUTES_OF_DAY),
        ],
    ),
    ("pl", &[("dziś", 0)]),
    ("ja", &[("本日", 0)]),
];

static ALL: LazyLock<Words> = LazyLock::new(|| {
    let mut all = Words::default();
    languages().for_each(|locale| all.add(Words::of(&locale)));
    all.minutes.shrink_to_fit();
    all
});

/// The words of a language, or of all of them, folded.
#[derive(Default)]
pub(super) struct Words {
    /// The minutes that lie between now and what a text says; with a number, those of one unit.
    /// `None` if languages disagree, or it may lie in the future.
    minutes: HashMap<Box<str>, Option<i64>>,
    /// What joins a day and a clock: "at".
    joints: HashSet<Box<str>>,
}

/// The plural forms of a language, with a number of each.
struct Forms {
    rules: PluralRules,
    samples: Vec<u32>,
}

impl Forms {
    fn of(rules: PluralRules) -> Self {
        let mut samples: Vec<u32> = Vec::new();
        for n in SAMPLES {
            let form = rules.category_for(n);
            // A text may be for just 0, 1 or 2.
            if n <= 2 || !samples.iter().any(|known| rules.category_for(*known) == form) {
                samples.push(n);
            }
        }
        Forms { rules, samples }
    }
}

/// Returns the words of all languages.
pub(super) fn all() -> &'static Words {
    &ALL
}

/// Returns a text as the words are compared: composed, in small letters, with the digits of ASCII
/// and single blanks, without dots after letters and without what is not seen or may be omitted.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        let last = folded.chars().next_back();
        match c {
            // The dot of İ, the vowel signs of Arabic, and joiners.
            '\u{307}' | '\u{64b}'..='\u{652}' | '\u{200b}'..='\u{200d}' => {}
            c if is_direction_mark(c) => {}
            '’' | 'ʼ' => folded.push('\''),
            '.' if last.is_some_and(char::is_alphabetic) => {}
            c if c.is_whitespace() => {
                if last.is_some_and(|last| last != ' ') {
                    folded.push(' ');
                }
            }
            c => {
                let digit = value(c).and_then(|value| char::from_digit(value, 10));
                folded.push(digit.unwrap_or(c));
            }
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Returns the key of a text with these folded parts around its number.
pub(super) fn key(before: &str, after: &str) -> String {
    format!("{}{NUMBER}{}", before.trim_end(), after.trim_start())
}

impl Words {
    /// Returns the words of a language.
    pub(super) fn of(locale: &Locale) -> Self {
        let mut words = Words::default();
        if let Ok(rules) = PluralRules::try_new(locale.into(), PluralRulesOptions::default()) {
            let forms = &Forms::of(rules);
            words.read::<relative::DatetimeRelativeDayLongV1>(locale, forms, MINUTES_OF_DAY);
            words.read::<relative::DatetimeRelativeDayShortV1>(locale, forms, MINUTES_OF_DAY);
            words.read::<relative::DatetimeRelativeDayNarrowV1>(locale, forms, MINUTES_OF_DAY);
            words.read::<relative::DatetimeRelativeHourLongV1>(locale, forms, 60);
            words.read::<relative::DatetimeRelativeHourShortV1>(locale, forms, 60);
            words.read::<relative::DatetimeRelativeHourNarrowV1>(locale, forms, 60);
            words.read::<relative::DatetimeRelativeMinuteLongV1>(locale, forms, 1);
            words.read::<relative::DatetimeRelativeMinuteShortV1>(locale, forms, 1);
            words.read::<relative::DatetimeRelativeMinuteNarrowV1>(locale, forms, 1);
        }
        let field = FIELD.iter().find(|(lang, _)| *lang == locale.id.language.as_str());
        for (text, minutes) in field.into_iter().flat_map(|(_, forms)| *forms) {
            words.minutes.insert(fold(text).into(), Some(*minutes));
        }
        words.read_joints(locale);
        words
    }

    /// Returns how many minutes ago a folded text says it was.
    pub(super) fn minutes(&self, text: &str) -> Option<i64> {
        self.minutes.get(text).copied().flatten()
    }

    /// Returns whether a folded text may join a day and a clock.
    pub(super) fn is_joint(&self, text: &str) -> bool {
        self.joints.contains(text)
    }

    fn read<M>(&mut self, locale: &Locale, forms: &Forms, unit: i64)
    where
        M: DataMarker<DataStruct = RelativeTimePatternData<'static>>,
        Baked: DataProvider<M>,
    {
        let locale = DataLocale::from(locale);
        let id = DataIdentifierBorrowed::for_locale(&locale);
        let request = DataRequest { id, ..DataRequest::default() };
        let Ok(response) = DataProvider::<M>::load(&Baked, request) else { return };
        let data = response.payload.get();
        for days in (-2..=2).filter(|_| unit == MINUTES_OF_DAY) {
            let Some(word) = data.get_relative(days).map(fold) else { continue };
            if days <= 0 {
                self.insert(word, -i64::from(days) * unit);
            } else {
                // "कल" is yesterday and tomorrow.
                self.minutes.insert(word.into(), None);
            }
        }
        for n in forms.samples.iter().copied() {
            let number = NUMBER.to_string();
            let printed = |text: String| match fold(&text).split_once(NUMBER) {
                Some((before, after)) => key(before, after),
                None => fold(&text),
            };
            let past =
                printed(data.past.get(n.into(), &forms.rules).interpolate_to_string([&number]));
            let future =
                printed(data.future.get(n.into(), &forms.rules).interpolate_to_string([&number]));
            // A sign alone tells them apart: "-3 h".
            if letters(&past).eq(letters(&future)) {
                continue;
            }
            // A dual has its number in the word, and the data show it in brackets: "שעתיים (2)".
            match past.strip_suffix(" (\u{1})") {
                Some(word) if matches!(n, 1 | 2) => {
                    self.insert(word.to_owned(), i64::from(n) * unit);
                }
                Some(_) => {}
                None if past.contains(NUMBER) => self.insert(past, unit),
                None => {}
            }
            if future.contains(NUMBER) {
                self.minutes.insert(future.into(), None);
            }
        }
    }

    fn read_joints(&mut self, locale: &Locale) {
        let locale = DataLocale::from(locale);
        for length in ["ldt", "mdt", "sdt"] {
            let Ok(attributes) = DataMarkerAttributes::try_from_str(length) else { continue };
            let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &locale);
            let request = DataRequest { id, ..DataRequest::default() };
            let Ok(response) = DataProvider::<Glue>::load(&DatesBaked, request) else { continue };
            let items = response.payload.get().pattern.items.iter();
            let literal: String = items
                .filter_map(|item| match item {
                    GenericPatternItem::Literal(c) => Some(c),
                    _ => None,
                })
                .collect();
            let joint = fold(literal.trim_matches(|c: char| !c.is_alphanumeric()));
            if !joint.is_empty() {
                self.joints.insert(joint.into());
            }
        }
    }

    fn insert(&mut self, text: String, minutes: i64) {
        let is_sign = |c: char| matches!(c, '-' | '−' | '–' | '+');
        let before = text.split(NUMBER).next().unwrap_or_default();
        let is_signed = before.starts_with(is_sign) || before.ends_with(is_sign);
        if !is_signed && letters(&text).next().is_some() {
            self.minutes.entry(text.into()).or_insert(Some(minutes));
        }
    }

    /// Adds the words of another language.
    fn add(&mut self, other: Words) {
        let is_short = |text: &str| {
            let is_latin = |c: char| c < '\u{250}';
            !text.contains(NUMBER)
                && letters(text).all(is_latin)
                && letters(text).count() < LATIN_LETTERS_MIN
        };
        for (text, minutes) in other.minutes.into_iter().filter(|(text, _)| !is_short(text)) {
            let known = self.minutes.entry(text).or_insert(minutes);
            if *known != minutes {
                *known = None;
            }
        }
        self.joints.extend(other.joints);
    }
}

/// The letters of a text.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphabetic())
}
