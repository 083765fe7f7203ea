//! The locale of each language, with the formatters of ICU4X for it.

use crate::domain::Lang;
use icu_calendar::Gregorian;
use icu_datetime::{
    FixedCalendarDateTimeFormatter,
    fieldsets::{E, YM, YMD},
};
use icu_decimal::DecimalFormatter;
use icu_locale_core::{Locale, locale};
use icu_plurals::PluralRules;
use std::sync::LazyLock;

/// The formatters of a language; built once, since looking up their data takes time.
pub(super) struct Formats {
    pub(super) day: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    pub(super) month: Option<FixedCalendarDateTimeFormatter<Gregorian, YM>>,
    pub(super) weekday: Option<FixedCalendarDateTimeFormatter<Gregorian, E>>,
    pub(super) number: Option<DecimalFormatter>,
    pub(super) plural: Option<PluralRules>,
}

static FORMATS: LazyLock<[Formats; Lang::ALL.len()]> =
    LazyLock::new(|| Lang::ALL.map(|lang| Formats::new(&locale_of(lang))));

/// Returns the locale of a language.
pub(super) fn locale_of(lang: Lang) -> Locale {
    match lang {
        // British English: the day before the month, as most institutions write it.
        Lang::En => locale!("en-GB"),
        Lang::Ru => locale!("ru"),
        Lang::Uk => locale!("uk"),
        Lang::De => locale!("de"),
        Lang::Fr => locale!("fr"),
        Lang::Es => locale!("es"),
    }
}

impl Formats {
    fn new(locale: &Locale) -> Self {
        Formats {
            day: FixedCalendarDateTimeFormatter::try_new(locale.into(), YMD::long()).ok(),
            month: FixedCalendarDateTimeFormatter::try_new(locale.into(), YM::long()).ok(),
            weekday: FixedCalendarDateTimeFormatter::try_new(locale.into(), E::long()).ok(),
            number: DecimalFormatter::try_new(locale.into(), Default::default()).ok(),
            plural: PluralRules::try_new_cardinal(locale.into()).ok(),
        }
    }
}

/// Returns the formatters of a language.
pub(super) fn formats(lang: Lang) -> &'static Formats {
    let at = Lang::ALL.iter().position(|known| *known == lang).unwrap_or(0);
    &FORMATS[at]
}
