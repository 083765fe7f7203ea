//! Names of months in the languages of CLDR.
//!
//! Guarantees: a name that means several months means those of the language that is asked for, and
//! nothing where the languages that have it disagree. The names of a language are read when it is first asked for.
//! Out of scope: abbreviations and old spellings that CLDR does not have (`months`).

use super::{
    calendars::Calendar,
    tokens::{Kind, words},
};
use icu_datetime::provider::{Baked, names as provider};
use icu_locale_core::DataLocale;
use icu_locale_core::Locale;
use icu_provider::{
    DataIdentifierBorrowed, DataMarker, DataMarkerAttributes, DataProvider, DataRequest,
};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// A month of a calendar.
pub(super) type Month = (Calendar, u8);
/// What names mean; `None` if they mean several months.
type Names = HashMap<Box<str>, Option<Month>>;

/// The most languages whose names are kept, in the order in which they were asked for.
const LANGUAGES_MAX: usize = 24;
/// The most words of a name.
pub(super) const WORDS_MAX: usize = 4;

/// The languages of all names together: those with names of their own in CLDR.
const LANGUAGES: &str = include_str!("languages.txt");

static ALL: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::new();
    for lang in LANGUAGES.split_ascii_whitespace() {
        if let Ok(locale) = lang.parse::<Locale>() {
            collect(&locale, &mut names);
        }
    }
    names.shrink_to_fit();
    names
});

static BY_LANGUAGE: Mutex<Vec<(String, Arc<Names>)>> = Mutex::new(Vec::new());

/// Returns the names of a language, as a page declares it ("pt-BR").
pub(super) fn of(lang: &str) -> Option<Arc<Names>> {
    const LANG_BYTES_MAX: usize = 35;
    if lang.is_empty() || lang.len() > LANG_BYTES_MAX {
        return None;
    }
    let mut known = BY_LANGUAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, names)) = known.iter().find(|(tag, _)| tag == lang) {
        return Some(Arc::clone(names));
    }
    let locale: Locale = lang.replace('_', "-").parse().ok()?;
    let mut names = Names::new();
    collect(&locale, &mut names);
    let names = Arc::new(names);
    if known.len() >= LANGUAGES_MAX {
        known.remove(0);
    }
    known.push((lang.to_owned(), Arc::clone(&names)));
    Some(names)
}

/// Returns the month that a name means in any language, if it is one.
pub(super) fn month_of_any(name: &str) -> Option<Option<Month>> {
    ALL.get(name).copied()
}

/// Returns a name as the tables have it: in small letters, the words set apart by one blank.
pub(super) fn fold(name: &str) -> String {
    let words: Vec<String> = words(name, usize::MAX)
        .iter()
        .map(|token| match token.kind {
            Kind::Number(value, _) => value.to_string(),
            Kind::Word => word(token.text),
        })
        .collect();
    words.join(" ")
}

/// Returns a word in small letters without what is not seen.
pub(super) fn word(text: &str) -> String {
    // A capital İ is two characters in small letters, of which the second is a dot.
    let is_kept = |c: &char| !matches!(c, '\u{307}' | '\u{200b}'..='\u{200d}');
    text.chars().flat_map(char::to_lowercase).filter(is_kept).collect()
}

fn collect(locale: &Locale, names: &mut Names) {
    // What the Gregorian calendar and another one share is rare, and then the year decides.
    months::<provider::DatetimeNamesMonthGregorianV1>(locale, Calendar::Gregorian, names);
    months::<provider::DatetimeNamesMonthPersianV1>(locale, Calendar::Persian, names);
    months::<provider::DatetimeNamesMonthHijriV1>(locale, Calendar::Hijri, names);
    months::<provider::DatetimeNamesMonthEthiopianV1>(locale, Calendar::Ethiopic, names);
    months::<provider::DatetimeNamesMonthHebrewV1>(locale, Calendar::Hebrew, names);
}

fn months<M>(locale: &Locale, calendar: Calendar, names: &mut Names)
where
    M: DataMarker<DataStruct = provider::MonthNames<'static>>,
    Baked: DataProvider<M>,
{
    let locale = DataLocale::from(locale);
    // Wide and abbreviated, within a date and alone; 4 is one letter.
    for width in ["5", "5s", "3", "3s"] {
        let Ok(attributes) = DataMarkerAttributes::try_from_str(width) else { continue };
        let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &locale);
        let request = DataRequest { id, ..DataRequest::default() };
        let Ok(response) = DataProvider::<M>::load(&Baked, request) else { continue };
        let list = match response.payload.get() {
            provider::MonthNames::Linear(list) => list,
            provider::MonthNames::LeapPattern(list) => list,
            _ => continue,
        };
        for (month, name) in (1..=13).zip(list.iter()) {
            insert(names, fold(name), (calendar, month));
        }
    }
}

fn insert(names: &mut Names, name: String, month: Month) {
    // "M11" of the root, and numbers alone, are no names.
    let is_name = name.chars().any(char::is_alphabetic)
        && !(name.is_ascii()
            && name.starts_with('m')
            && name.ends_with(|c: char| c.is_ascii_digit()))
        && name.split(' ').count() <= WORDS_MAX;
    if !is_name {
        return;
    }
    match names.get_mut(name.as_str()) {
        None => {
            names.insert(name.into(), Some(month));
        }
        // Of two calendars the first that was read is the one in use.
        Some(known) if known.is_some_and(|known| known.0 == month.0 && known.1 != month.1) => {
            *known = None;
        }
        Some(_) => {}
    }
}
