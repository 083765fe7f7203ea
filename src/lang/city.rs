//! The names of cities and countries by which a time zone is known in each language, from the Unicode
//! locale data. Built on demand and not kept: a chat rarely chooses a zone.

use super::locale::locale_of;
use crate::domain::Lang;
use chrono_tz::Tz;
use icu_datetime::{
    NoCalendarFormatter,
    fieldsets::zone::{ExemplarCity, Location},
};
use icu_time::zone::iana::IanaParserExtended;

/// A zone whose country has several, so that its location is named after the city.
const OF_A_CITY: &str = "America/Chicago";

/// The names of zones in a language, with the zones: each city once, then each country that has one zone.
pub(super) fn names(lang: Lang) -> Vec<(String, Tz)> {
    let locale = locale_of(lang);
    let Ok(city) = NoCalendarFormatter::try_new((&locale).into(), ExemplarCity) else {
        return Vec::new();
    };
    let parser = IanaParserExtended::new();
    let zones = || {
        // What has no place has no name but its number.
        let all = parser.iter().filter(|zone| !zone.canonical.starts_with("Etc/"));
        all.filter_map(|zone| Some((zone.time_zone.without_offset(), zone.canonical.parse().ok()?)))
    };
    let mut names: Vec<(String, Tz)> =
        zones().map(|(zone, tz)| (city.format(&zone).to_string(), tz)).collect();
    let Ok(location) = NoCalendarFormatter::try_new((&locale).into(), Location) else {
        return names;
    };
    // "Chicago Time", "heure : Chicago": what stands around the name, of a zone whose name is known.
    let known = parser.parse(OF_A_CITY).time_zone.without_offset();
    let around = location.format(&known).to_string();
    let Some((before, after)) = around.split_once(&city.format(&known).to_string()) else {
        return names;
    };
    let countries: Vec<(String, Tz)> = zones()
        .zip(&names)
        .filter_map(|((zone, tz), (city, _))| {
            let place = location.format(&zone).to_string();
            let place = place.strip_prefix(before)?.strip_suffix(after)?.to_owned();
            (place != *city).then_some((place, tz))
        })
        .collect();
    names.extend(countries);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cities_and_countries_are_named_in_each_language() {
        let expected = [
            (Lang::En, "Rome", "Europe/Rome"),
            (Lang::En, "Italy", "Europe/Rome"),
            (Lang::En, "New York", "America/New_York"),
            (Lang::Ru, "Москва", "Europe/Moscow"),
            (Lang::Ru, "Рим", "Europe/Rome"),
            (Lang::Ru, "Лондон", "Europe/London"),
            (Lang::Ru, "Екатеринбург", "Asia/Yekaterinburg"),
            (Lang::Ru, "Италия", "Europe/Rome"),
            (Lang::Uk, "Київ", "Europe/Kyiv"),
            (Lang::Uk, "Варшава", "Europe/Warsaw"),
            (Lang::De, "Wien", "Europe/Vienna"),
            (Lang::De, "Moskau", "Europe/Moscow"),
            (Lang::De, "Österreich", "Europe/Vienna"),
            (Lang::Fr, "Londres", "Europe/London"),
            (Lang::Fr, "Varsovie", "Europe/Warsaw"),
            (Lang::Fr, "Italie", "Europe/Rome"),
            (Lang::Es, "Moscú", "Europe/Moscow"),
            (Lang::Es, "Nueva York", "America/New_York"),
            (Lang::Es, "Londres", "Europe/London"),
        ];
        for (lang, name, zone) in expected {
            let names = names(lang);
            let found = names.iter().find(|(known, _)| known == name).map(|(_, tz)| tz.name());
            assert_eq!(found, Some(zone), "{name}");
        }
        for lang in Lang::ALL {
            let names = names(lang);
            assert!(names.len() > 400, "{}", names.len());
            assert!(names.iter().all(|(name, _)| !name.is_empty() && !name.contains("Etc/")));
        }
    }
}
