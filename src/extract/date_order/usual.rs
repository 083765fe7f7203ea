//! The order of day, month and year that is usual in a language and in a country, as CLDR has it.
//!
//! Guarantees: English without a region says nothing, since it is written in both orders; a domain
//! that is sold to everybody is of no country.

use crate::domain::DateOrder;
use crate::extract::date::LANG_BYTES_MAX;
use icu_calendar::{Date, Gregorian};
use icu_datetime::{FixedCalendarDateTimeFormatter, fieldsets::YMD};
use icu_locale::LocaleExpander;
use icu_locale_core::{
    LanguageIdentifier, Locale,
    subtags::{Region, language},
};

/// Returns the order of short dates in a language as a page declares it ("pt-BR").
pub(super) fn of_lang(lang: &str) -> Option<DateOrder> {
    let locale = parse(lang)?;
    let is_of_one_country = locale.id.region.is_some() || locale.id.language.as_str() != "en";
    is_of_one_country.then(|| of_locale(locale))?
}

/// Returns the order of day and month in a language whose short dates begin with the year: that of
/// the language elsewhere ("fr-CA" → "fr").
pub(super) fn of_language_elsewhere(lang: &str) -> Option<DateOrder> {
    let mut locale = parse(lang)?;
    locale.id.region = None;
    (locale.id.language.as_str() != "en").then(|| of_locale(locale))?
}

/// Returns the country that a tag of a language names.
pub(super) fn region(lang: &str) -> Option<Region> {
    parse(lang)?.id.region
}

fn parse(lang: &str) -> Option<Locale> {
    let is_one = !lang.is_empty() && lang.len() <= LANG_BYTES_MAX;
    is_one.then(|| lang.replace('_', "-").parse().ok())?
}

/// Returns the order of short dates in a country, in the language that most people there read.
pub(super) fn of_country(region: Region) -> Option<DateOrder> {
    let mut id = LanguageIdentifier { region: Some(region), ..LanguageIdentifier::UNKNOWN };
    LocaleExpander::new_extended().maximize(&mut id);
    // CLDR lists the countries whose language is not English.
    if id.language.is_unknown() {
        id.language = language!("en");
    }
    of_locale(id.into())
}

fn of_locale(locale: Locale) -> Option<DateOrder> {
    let formatter =
        FixedCalendarDateTimeFormatter::<Gregorian, YMD>::try_new(locale.into(), YMD::short());
    let any_day = Date::try_new_gregorian(2026, 11, 24).ok()?;
    let pattern = formatter.ok()?.format(&any_day).pattern().to_string();
    // What is in quotation marks is text: "d 'de' MMMM".
    let letters: String = pattern.split('\'').step_by(2).collect();
    let at = |letter: char| letters.find(letter);
    let (day, month, year) = (at('d')?, at('M')?, at('y')?);
    Some(match () {
        () if year < day.min(month) => DateOrder::YearFirst,
        () if month < day => DateOrder::MonthFirst,
        () => DateOrder::DayFirst,
    })
}

/// Returns the country of a host, by its last label.
pub(super) fn country(host: &str) -> Option<Region> {
    /// Domains of the United States alone.
    const AMERICAN: [&str; 3] = ["gov", "mil", "edu"];
    /// Domains of countries that are sold to everybody.
    const GENERIC: [&str; 12] =
        ["ai", "cc", "co", "fm", "gg", "io", "ly", "me", "nu", "to", "tv", "ws"];
    let label = host.trim_end_matches('.').rsplit('.').next()?.to_ascii_lowercase();
    let code = match label.as_str() {
        american if AMERICAN.contains(&american) => "us",
        "uk" => "gb",
        generic if GENERIC.contains(&generic) => return None,
        other if other.len() == 2 => other,
        _ => return None,
    };
    code.parse().ok().filter(|_| code != "eu")
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{DayFirst, MonthFirst, YearFirst};

    #[test]
    fn languages_and_countries_have_the_order_of_cldr() {
        for (lang, expected) in [
            ("en", None),
            ("en-US", Some(MonthFirst)),
            ("en_us", Some(MonthFirst)),
            ("en-PH", Some(MonthFirst)),
            ("es-PA", Some(MonthFirst)),
            ("en-GB", Some(DayFirst)),
            ("en-KE", Some(DayFirst)),
            ("de", Some(DayFirst)),
            ("pt-BR", Some(DayFirst)),
            ("fr-CA", Some(YearFirst)),
            ("zh", Some(YearFirst)),
            ("zh-TW", Some(YearFirst)),
            ("hu", Some(YearFirst)),
            ("", None),
            ("no language", None),
        ] {
            assert_eq!(of_lang(lang), expected, "{lang}");
        }
        assert_eq!(of_language_elsewhere("fr-CA"), Some(DayFirst));
        assert_eq!(of_language_elsewhere("en-CA"), None);
        for (host, expected) in [
            ("state.example.gov", Some(MonthFirst)),
            ("example.gov.ph", Some(MonthFirst)),
            ("example.gov.uk", Some(DayFirst)),
            ("example.go.ke", Some(DayFirst)),
            ("example.br", Some(DayFirst)),
            ("example.cn", Some(YearFirst)),
            ("example.org", None),
            ("example.io", None),
            ("example.eu", None),
            ("127.0.0.1", None),
            ("", None),
        ] {
            assert_eq!(country(host).and_then(of_country), expected, "{host}");
        }
    }
}
