//! Names of months and weekdays in the languages of CLDR, and what joins the parts of a date in them.
//!
//! Guarantees: a name that means several months means those of the language that is asked for, and
//! nothing where the languages that have it disagree. The names of a language are read when it is first asked for.
//! Out of scope: abbreviations and old spellings that CLDR does not have (`months`).

use super::{
    calendars::{Calendar, HEBREW_LEAP},
    languages::languages,
    patterns::Patterns,
    relative_words,
    tokens::{Kind, Token, words},
    words::{add_marks, word},
};
use icu_datetime::provider::{Baked, names as provider};
use icu_locale_core::{DataLocale, Locale};
use icu_provider::{
    DataIdentifierBorrowed, DataMarker, DataMarkerAttributes, DataProvider, DataRequest,
    DataResponse,
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// A month of a calendar.
pub(super) type Month = (Calendar, u8);

/// The names of a language, or of all of them.
#[derive(Default)]
pub(super) struct Names {
    /// What names mean; `None` if they mean several months.
    months: HashMap<Box<str>, Option<Month>>,
    /// The Ethiopic months among names that are first of all Gregorian ones.
    ethiopic: HashMap<Box<str>, u8>,
    ethiopic_eras: HashSet<Box<str>>,
    weekdays: HashSet<Box<str>>,
    /// The marks that names have beside letters, as an abbreviation has: "॰", "’".
    marks: String,
    /// Whether a name begins with a number: "12-р сар".
    has_numbers: bool,
    /// What is around the names in a date; only of one language.
    pub(super) patterns: Patterns,
    /// What it calls days relative to today; only of one language.
    pub(super) relative: relative_words::Words,
}

/// The most languages whose names are kept.
const LANGUAGES_MAX: usize = 24;
/// The most words of a name.
pub(super) const WORDS_MAX: usize = 4;

/// The longest tag of a language, in bytes.
pub(crate) const LANG_BYTES_MAX: usize = 35;

static ALL: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    for locale in languages() {
        // Abbreviations of weekdays are usual words elsewhere ("on").
        names.collect(&locale, &["5", "5s"]);
    }
    names.months.shrink_to_fit();
    names.weekdays.shrink_to_fit();
    names
});

/// The one that was asked for last is at the end.
static BY_LANGUAGE: Mutex<Vec<(String, Arc<Names>)>> = Mutex::new(Vec::new());

/// English, which all pages ask for.
static ENGLISH: LazyLock<Arc<Names>> =
    LazyLock::new(|| Arc::new(Names::of_locale(&icu_locale_core::locale!("en"))));

/// Returns the names of English.
pub(super) fn english() -> &'static Names {
    &ENGLISH
}

/// Returns the names of a language, as a page declares it ("pt-BR").
pub(super) fn of(lang: &str) -> Option<Arc<Names>> {
    if lang.is_empty() || lang.len() > LANG_BYTES_MAX {
        return None;
    }
    if lang == "en" {
        return Some(Arc::clone(&ENGLISH));
    }
    if let Some(names) = known(lang) {
        return Some(names);
    }
    // Others need not wait for a language that is not theirs.
    let locale: Locale = lang.replace('_', "-").parse().ok()?;
    let names = Arc::new(Names::of_locale(&locale));
    let mut all = BY_LANGUAGE.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|(tag, _)| tag != lang);
    if all.len() >= LANGUAGES_MAX {
        all.remove(0);
    }
    all.push((lang.to_owned(), Arc::clone(&names)));
    Some(names)
}

/// Returns the names of a language that was asked for before, and puts it at the end.
fn known(lang: &str) -> Option<Arc<Names>> {
    let mut all = BY_LANGUAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let at = all.iter().position(|(tag, _)| tag == lang)?;
    all.get_mut(at..)?.rotate_left(1);
    all.last().map(|(_, names)| Arc::clone(names))
}

/// Returns the month that a name means in any language, if it is one.
pub(super) fn month_of_any(name: &str) -> Option<Option<Month>> {
    ALL.months.get(name).copied()
}

/// Returns how many tokens the name of a weekday is that begins at `at`, in this language or, if
/// none is given, in any; none is 0.
pub(super) fn weekday(tokens: &[Token<'_>], at: usize, of_lang: Option<&Names>) -> usize {
    let names = of_lang.unwrap_or(&ALL);
    let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) else { return 0 };
    let mut key = String::new();
    let mut longest = 0;
    for (n, token) in (1..=WORDS_MAX).zip(rest) {
        if token.kind != Kind::Word {
            break;
        }
        if n > 1 {
            key.push(' ');
        }
        key.push_str(&word(token.text));
        if names.weekdays.contains(key.as_str()) {
            longest = n;
        }
    }
    longest
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

impl Names {
    fn of_locale(locale: &Locale) -> Self {
        let mut names = Names::default();
        // Short names have two letters in many languages, and are rare in dates.
        names.collect(locale, &["5", "5s", "3", "3s"]);
        names.eras(locale);
        names.add_regions(locale);
        names.patterns = Patterns::of(locale);
        names.relative = relative_words::Words::of(locale);
        names
    }

    /// Returns what the name means; inside, `None` if it means several months.
    pub(super) fn month(&self, name: &str) -> Option<Option<Month>> {
        self.months.get(name).copied()
    }

    /// Returns the Ethiopic month of a name that is first of all Gregorian.
    pub(super) fn ethiopic_month(&self, name: &str) -> Option<u8> {
        self.ethiopic.get(name).copied()
    }

    /// Returns whether a word names the era of the Ethiopic calendar.
    pub(super) fn is_ethiopic_era(&self, text: &str) -> bool {
        self.ethiopic_eras.contains(word(text).as_str())
    }

    pub(super) fn is_weekday(&self, name: &str) -> bool {
        self.weekdays.contains(name)
    }

    pub(super) fn has_numbers(&self) -> bool {
        self.has_numbers
    }

    /// Returns whether the mark may stand between the parts of a date in the language.
    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.marks.contains(mark) || self.patterns.marks.contains(mark)
    }

    fn collect(&mut self, locale: &Locale, widths_of_weekdays: &[&str]) {
        // What the Gregorian calendar and another one share is rare, and then the year or the era
        // decides.
        self.months::<provider::DatetimeNamesMonthGregorianV1>(locale, Calendar::Gregorian);
        self.months::<provider::DatetimeNamesMonthPersianV1>(locale, Calendar::Persian);
        self.months::<provider::DatetimeNamesMonthHijriV1>(locale, Calendar::Hijri);
        self.months::<provider::DatetimeNamesMonthEthiopianV1>(locale, Calendar::Ethiopic);
        self.months::<provider::DatetimeNamesMonthHebrewV1>(locale, Calendar::Hebrew);
        self.weekdays(locale, widths_of_weekdays);
    }

    /// Adds what other regions call the months: "تموز" is July in Syria.
    fn add_regions(&mut self, locale: &Locale) {
        let is_region = |other: &Locale| other.id.language == locale.id.language && other != locale;
        for other in languages().filter(is_region) {
            let mut names = Names::default();
            names.months::<provider::DatetimeNamesMonthGregorianV1>(&other, Calendar::Gregorian);
            for (name, month) in names.months {
                let known = self.months.entry(name).or_insert(month);
                if known.is_some_and(|(calendar, _)| calendar != Calendar::Gregorian) {
                    *known = month;
                }
            }
        }
    }

    fn months<M>(&mut self, locale: &Locale, calendar: Calendar)
    where
        M: DataMarker<DataStruct = provider::MonthNames<'static>>,
        Baked: DataProvider<M>,
    {
        // 4 is one letter.
        for width in ["5", "5s", "3", "3s"] {
            let Some(response) = load::<M>(locale, width) else { continue };
            match response.payload.get() {
                provider::MonthNames::Linear(list) => {
                    for (month, name) in (1..=13).zip(list.iter()) {
                        self.insert(name, (calendar, month));
                    }
                }
                // After the twelve months come those of a leap year: the added one, and the one that
                // it precedes.
                provider::MonthNames::LeapPattern(list) if list.len() == 14 => {
                    for (month, name) in (1..=12).chain([HEBREW_LEAP, 6]).zip(list.iter()) {
                        self.insert(name, (calendar, month));
                    }
                }
                _ => {}
            }
        }
    }

    fn weekdays(&mut self, locale: &Locale, widths: &[&str]) {
        for width in widths {
            let Some(response) = load::<provider::DatetimeNamesWeekdayV1>(locale, width) else {
                continue;
            };
            for name in response.payload.get().names.iter() {
                let name = fold(name);
                if !name.is_empty() && name.split(' ').count() <= WORDS_MAX {
                    self.weekdays.insert(name.into());
                }
            }
        }
    }

    fn eras(&mut self, locale: &Locale) {
        for width in ["5", "3"] {
            let Some(response) = load::<provider::DatetimeNamesYearEthiopianV1>(locale, width)
            else {
                continue;
            };
            if let provider::YearNames::FixedEras(eras) = response.payload.get() {
                let names = eras.iter().map(fold).filter(|name| !name.is_empty());
                self.ethiopic_eras.extend(names.map(String::into_boxed_str));
            }
        }
    }

    fn insert(&mut self, raw: &str, month: Month) {
        let name = fold(raw);
        // "M11" of the root, and numbers alone, are no names.
        let is_name = name.chars().any(char::is_alphabetic)
            && !(name.is_ascii()
                && name.starts_with('m')
                && name.ends_with(|c: char| c.is_ascii_digit()))
            && name.split(' ').count() <= WORDS_MAX;
        if !is_name {
            return;
        }
        self.has_numbers |= name.starts_with(|c: char| c.is_ascii_digit());
        add_marks(raw, &mut self.marks);
        let Some(known) = self.months.get_mut(name.as_str()) else {
            self.months.insert(name.into(), Some(month));
            return;
        };
        // Of two calendars the first that was read is the one in use.
        if known.is_some_and(|known| known.0 == month.0 && known.1 != month.1) {
            *known = None;
        } else if month.0 == Calendar::Ethiopic {
            self.ethiopic.insert(name.into(), month.1);
        }
    }
}

fn load<M>(locale: &Locale, width: &str) -> Option<DataResponse<M>>
where
    M: DataMarker,
    Baked: DataProvider<M>,
{
    let locale = DataLocale::from(locale);
    let attributes = DataMarkerAttributes::try_from_str(width).ok()?;
    let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &locale);
    DataProvider::<M>::load(&Baked, DataRequest { id, ..DataRequest::default() }).ok()
}
