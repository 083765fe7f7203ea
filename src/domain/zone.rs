//! Time zones as chats choose them: an IANA name, or a fixed offset from UTC.
//!
//! Guarantees: `UTC+3` is three hours ahead of UTC, in whatever digits and plus or minus
//! characters. IANA's `Etc/GMT+3`, which is three hours behind, must be written in full and is
//! shown as `UTC-3`. Ambiguous abbreviations are rejected.
//! Out of scope: names of cities in languages other than English (`lang`).

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc,
};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The longest text that is parsed, in bytes.
const TEXT_BYTES_MAX: usize = 200;
/// The offsets in use: from UTC-12 to UTC+14, in steps of a quarter of an hour.
const MINUTES_MIN: i32 = -12 * 60;
const MINUTES_MAX: i32 = 14 * 60;
const MINUTES_STEP: i32 = 15;
/// The most suggestions for a misspelled name.
const NEAR_MAX: usize = 3;
/// One differing letter is allowed for this many characters.
const NEAR_CHARS: usize = 4;
/// The most differing letters.
const NEAR_LETTERS_MAX: usize = 2;

/// A time zone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// An IANA zone.
    Named(Tz),
    /// A fixed offset from UTC.
    Fixed(FixedOffset),
}

impl Zone {
    /// UTC.
    pub const UTC: Zone = Zone::Named(Tz::UTC);

    /// Returns the zone with this offset from UTC in minutes, if it is in use.
    pub fn of_minutes(minutes: i32) -> Option<Self> {
        let is_one = (MINUTES_MIN..=MINUTES_MAX).contains(&minutes) && minutes % MINUTES_STEP == 0;
        match FixedOffset::east_opt(minutes * 60).filter(|_| is_one)? {
            offset if offset.local_minus_utc() == 0 => Some(Zone::UTC),
            offset => Some(Zone::Fixed(offset)),
        }
    }

    /// Returns the stored form of the zone; the inverse of parsing.
    pub fn name(self) -> String {
        match self {
            Zone::Named(zone) => zone.name().to_owned(),
            Zone::Fixed(offset) => format!("UTC{offset}"),
        }
    }
}

impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        Zone::Named(zone)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// As people read it: `Europe/Rome`, `UTC`, `UTC+3`, `UTC+5:30`.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = match self {
            Zone::Fixed(offset) => *offset,
            Zone::Named(zone) if zone.name().starts_with("Etc/") => {
                self.offset_from_utc_datetime(&DateTime::<Utc>::default().naive_utc()).fix()
            }
            Zone::Named(zone) => return f.write_str(zone.name()),
        };
        let minutes = offset.local_minus_utc() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        match (minutes.abs() / 60, minutes.abs() % 60) {
            (0, 0) => f.write_str("UTC"),
            (hours, 0) => write!(f, "UTC{sign}{hours}"),
            (hours, minutes) => write!(f, "UTC{sign}{hours}:{minutes:02}"),
        }
    }
}

/// A stored zone name that cannot be parsed.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no time zone")]
pub struct NoZone(String);

impl FromStr for Zone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        let none = || NoZone(name.to_owned());
        if let Ok(zone) = name.parse::<Tz>() {
            return Ok(Zone::Named(zone));
        }
        let offset = name.strip_prefix("UTC").and_then(|offset| offset.parse().ok());
        offset.map(Zone::Fixed).ok_or_else(none)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The offset of a zone at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneOffset {
    zone: Zone,
    offset: FixedOffset,
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.offset
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.offset.fmt(f)
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        let of = |offset| ZoneOffset { zone: *self, offset };
        match self {
            Zone::Named(zone) => zone.offset_from_local_date(local).map(|found| of(found.fix())),
            Zone::Fixed(offset) => MappedLocalTime::Single(of(*offset)),
        }
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        let of = |offset| ZoneOffset { zone: *self, offset };
        match self {
            Zone::Named(zone) => {
                zone.offset_from_local_datetime(local).map(|found| of(found.fix()))
            }
            Zone::Fixed(offset) => MappedLocalTime::Single(of(*offset)),
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        let offset = match self {
            Zone::Named(zone) => zone.offset_from_utc_date(utc).fix(),
            Zone::Fixed(offset) => *offset,
        };
        ZoneOffset { zone: *self, offset }
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        let offset = match self {
            Zone::Named(zone) => zone.offset_from_utc_datetime(utc).fix(),
            Zone::Fixed(offset) => *offset,
        };
        ZoneOffset { zone: *self, offset }
    }
}

/// A city with the name of its zone.
pub type City = (String, Tz);

/// Parses a zone as users write it.
///
/// `cities` returns the names of cities in the n-th language, or `None` after the last one; the first is
/// the language of the user.
///
/// # Errors
/// The most similar names, if the text is no zone.
pub fn parse_typed(
    text: &str,
    cities: impl Fn(usize) -> Option<Vec<City>>,
) -> Result<Zone, Vec<String>> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Vec::new());
    }
    let text = plain(text);
    if let Some(zone) = of_offset(&text) {
        return Ok(zone);
    }
    let short = text.to_lowercase();
    if AMBIGUOUS.contains(&&*short) {
        return Err(Vec::new());
    }
    if let Some((_, zone)) = ABBREVIATIONS.iter().find(|(known, _)| *known == short) {
        return Ok(Zone::Named(*zone));
    }
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&text)) {
        return Ok(Zone::Named(*zone));
    }
    let folded = fold(&text);
    // `fold` removes signs, which would turn `Etc/GMT+3` into another name.
    if folded.is_empty() || text.contains(['+', '±']) {
        return Err(Vec::new());
    }
    if let Some(zone) = whole_name(&folded) {
        return Ok(Zone::Named(zone));
    }
    let most = (folded.chars().count() / NEAR_CHARS).min(NEAR_LETTERS_MAX);
    let own = cities(0).unwrap_or_default();
    let others = (1..).map_while(&cities).flatten();
    let mut near: Vec<(usize, String, Tz)> = Vec::new();
    // Former names, such as Calcutta, are only in the IANA list.
    let english = english_cities().map(|(city, zone)| (city.replace('_', " "), zone));
    for (city, zone) in own.into_iter().chain(others).chain(english) {
        let name = fold(&city);
        if name == folded {
            return Ok(Zone::Named(zone));
        }
        let letters = strsim::damerau_levenshtein(&name, &folded);
        if letters <= most {
            near.push((letters, city, zone));
        }
    }
    near.sort_by_key(|(letters, ..)| *letters);
    let mut shown: Vec<(String, Tz)> = Vec::new();
    for (_, city, zone) in near {
        if shown.len() < NEAR_MAX && shown.iter().all(|(_, known)| *known != zone) {
            shown.push((city, zone));
        }
    }
    Err(shown.into_iter().map(|(city, _)| city).collect())
}

/// The zone of an English name: `Europe/Moscow`, `moscow`, `New York`, `UTC`.
pub fn named(text: &str) -> Option<Tz> {
    match parse_typed(text, |_| None) {
        Ok(Zone::Named(zone)) => Some(zone),
        _ => None,
    }
}

/// The cities that IANA's zones are named after.
fn english_cities() -> impl Iterator<Item = (&'static str, Tz)> {
    // The other areas are not cities: parts of countries, and `Etc/GMT±N`, whose sign is inverted.
    const AREAS: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    const NO_CITIES: [&str; 4] = ["North", "South", "West", "Center"];
    TZ_VARIANTS.iter().filter_map(|zone| {
        let (area, _) = zone.name().split_once('/')?;
        let city = zone.name().rsplit('/').next()?;
        (AREAS.contains(&area) && !NO_CITIES.contains(&city)).then_some((city, *zone))
    })
}

/// The zone of a whole name of IANA's, folded. Names with digits are skipped: they are ambiguous
/// without their sign.
fn whole_name(folded: &str) -> Option<Tz> {
    let is_words = |zone: &&Tz| {
        zone.name().contains('/') && !zone.name().contains(|c: char| c.is_ascii_digit())
    };
    TZ_VARIANTS.iter().filter(is_words).find(|zone| fold(zone.name()) == folded).copied()
}

/// Abbreviations with one meaning, in lower case. An abbreviation of standard or summer time
/// selects the zone that observes both.
const ABBREVIATIONS: [(&str, Tz); 46] = [
    ("z", Tz::UTC),
    ("ut", Tz::UTC),
    ("utc", Tz::UTC),
    ("gmt", Tz::UTC),
    ("utc time", Tz::UTC),
    ("мск", Tz::Europe__Moscow),
    ("msk", Tz::Europe__Moscow),
    ("cet", Tz::CET),
    ("cest", Tz::CET),
    ("mez", Tz::CET),
    ("mesz", Tz::CET),
    ("eet", Tz::EET),
    ("eest", Tz::EET),
    ("wet", Tz::WET),
    ("west", Tz::WET),
    ("et", Tz::America__New_York),
    ("est", Tz::America__New_York),
    ("edt", Tz::America__New_York),
    ("mdt", Tz::America__Denver),
    ("pt", Tz::America__Los_Angeles),
    ("pdt", Tz::America__Los_Angeles),
    ("akst", Tz::America__Anchorage),
    ("akdt", Tz::America__Anchorage),
    ("hst", Tz::Pacific__Honolulu),
    ("nst", Tz::America__St_Johns),
    ("ndt", Tz::America__St_Johns),
    ("brt", Tz::America__Sao_Paulo),
    ("sast", Tz::Africa__Johannesburg),
    ("pkt", Tz::Asia__Karachi),
    ("npt", Tz::Asia__Kathmandu),
    ("ict", Tz::Asia__Bangkok),
    ("wib", Tz::Asia__Jakarta),
    ("wita", Tz::Asia__Makassar),
    ("hkt", Tz::Asia__Hong_Kong),
    ("sgt", Tz::Asia__Singapore),
    ("kst", Tz::Asia__Seoul),
    ("jst", Tz::Asia__Tokyo),
    ("awst", Tz::Australia__Perth),
    ("aest", Tz::Australia__Sydney),
    ("aedt", Tz::Australia__Sydney),
    ("nzst", Tz::Pacific__Auckland),
    ("nzdt", Tz::Pacific__Auckland),
    ("yekt", Tz::Asia__Yekaterinburg),
    ("omst", Tz::Asia__Omsk),
    ("yakt", Tz::Asia__Yakutsk),
    ("vlat", Tz::Asia__Vladivostok),
];
/// Abbreviations of several zones, some of which are names of IANA's as well.
const AMBIGUOUS: [&str; 16] = [
    "amt", "ast", "bst", "cdt", "cst", "ct", "ect", "gst", "ist", "lmt", "met", "mst", "mt", "pst",
    "sst", "wst",
];
/// Prefixes of offsets from UTC.
const OF_UTC: [&str; 6] = ["UTC", "GMT", "UT", "Z", "ГМТ", "УТС"];
/// Prefixes of offsets relative to Moscow time (`MSK+2`).
const OF_MOSCOW: [&str; 2] = ["МСК", "MSK"];
const MOSCOW_MINUTES: i32 = 180;

/// The zone of an offset: `+3`, `3`, `UTC+3`, `GMT-05:30`, `+0530`, `MSK+2`. The text is plain.
fn of_offset(text: &str) -> Option<Zone> {
    let text = text.to_uppercase();
    let after = |names: &[&str]| {
        let rest = names.iter().find_map(|name| text.strip_prefix(name))?;
        // A letter begins another word.
        (!rest.is_empty() && !rest.starts_with(char::is_alphabetic)).then(|| rest.trim_start())
    };
    if let Some(offset) = after(&OF_MOSCOW) {
        let has_sign = offset.starts_with(['+', '-']);
        return Zone::of_minutes(MOSCOW_MINUTES + minutes(offset).filter(|_| has_sign)?);
    }
    Zone::of_minutes(minutes(after(&OF_UTC).unwrap_or(&text))?)
}

/// The minutes of an offset: `3`, `+3`, `-5:30`, `0530`, `5.5`, `5,75`.
fn minutes(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.trim_start();
    let number = |text: &str, most: usize| {
        let is_one = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i32>().ok().filter(|_| is_one)
    };
    let (hours, minutes) = match digits.split_once([':', '.', ',']) {
        Some((hours, rest)) => {
            let minutes = match (digits.contains(':'), rest) {
                (false, "5") => 30,
                (false, "25") => 15,
                (false, "75") => 45,
                (_, rest) if rest.len() == 2 => number(rest, 2)?,
                _ => return None,
            };
            (number(hours, 2)?, minutes)
        }
        None if digits.len() > 2 => {
            let (hours, minutes) = digits.split_at_checked(digits.len() - 2)?;
            (number(hours, 2)?, number(minutes, 2)?)
        }
        None => (number(digits, 2)?, 0),
    };
    (minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Returns a text with the digits and punctuation of ASCII, and without invisible characters.
fn plain(text: &str) -> String {
    /// The zero digit of each supported script.
    const NOUGHTS: [char; 12] = [
        '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{be6}',
        '\u{c66}', '\u{e50}', '\u{1040}', '\u{17e0}',
    ];
    let digit = |c: char| {
        let nought = NOUGHTS.iter().rev().find(|nought| **nought <= c)?;
        char::from_digit(u32::from(c) - u32::from(*nought), 10)
    };
    let is_seen = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let signs = text.nfkc().filter(is_seen).map(|c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2796}' | '\u{fe63}' => '-',
        '\u{2795}' | '\u{fe62}' => '+',
        '\u{2236}' | '\u{a789}' => ':',
        '\u{66b}' => '.',
        c => digit(c).unwrap_or(c),
    });
    let text: String = signs.collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a name without case, accents and punctuation.
fn fold(name: &str) -> String {
    let letters = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    // Lowercasing can produce a combining mark again (Turkish İ).
    let letters = letters.filter(|c| !is_combining_mark(*c));
    let text: String = letters.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia, Europe};
    use proptest::prelude::*;

    fn zone(text: &str) -> Option<Zone> {
        parse_typed(text, |_| None).ok()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn a_distance_means_what_people_mean_by_it() {
        let cases: [(i32, &[&str]); 12] = [
            (
                180,
                &[
                    "+3",
                    "3",
                    "UTC+3",
                    "utc+3",
                    "GMT+3",
                    "gmt +3",
                    "UTC + 3",
                    "UTC+03",
                    "UTC+3:00",
                    "+03:00",
                    "+0300",
                    "0300",
                    "UTC 3",
                    "UTC3",
                    "UT+3",
                    "Z+3",
                    "ГМТ+3",
                    "  +3  ",
                    "ＵＴＣ＋３",
                    "+３",
                    "UTC+٣",
                    "UTC+۳",
                    "UTC+३",
                    "\u{200e}+3",
                    "UTC\u{a0}+3",
                    "МСК+0",
                ],
            ),
            (-180, &["-3", "UTC-3", "UTC−3", "GMT–3", "UTC—3", "UTC‑3", "utc - 3", "Etc/GMT+3"]),
            (
                330,
                &[
                    "+05:30",
                    "+5:30",
                    "+0530",
                    "+530",
                    "530",
                    "UTC+5:30",
                    "GMT+05:30",
                    "5.5",
                    "+5,5",
                    "5.30",
                    "+٠٥:٣٠",
                    "+５：３０",
                ],
            ),
            (-330, &["GMT-05:30", "-5:30", "-0530"]),
            (345, &["UTC+5:45", "+5.75", "+0545"]),
            (-210, &["UTC-3:30", "-3.5"]),
            (630, &["UTC+10:30"]),
            (765, &["UTC+12:45"]),
            (-12 * 60, &["-12", "UTC-12:00"]),
            (14 * 60, &["+14", "14", "Etc/GMT-14"]),
            (300, &["МСК+2", "msk+2", "MSK +2", "мск + 2"]),
            (
                0,
                &[
                    "0", "+0", "-0", "UTC+0", "UTC +0", "UTC", "utc", "GMT", "Z", "z", "Zulu",
                    "+00:00", "GMT0", "МСК-3",
                ],
            ),
        ];
        let now: DateTime<Utc> = "2026-07-15T12:00:00Z".parse().unwrap();
        for (minutes, texts) in cases {
            for text in texts {
                let zone = zone(text).unwrap_or_else(|| panic!("{text} means nothing"));
                let found = now.with_timezone(&zone).offset().fix().local_minus_utc() / 60;
                assert_eq!(found, minutes, "{text} is {zone}");
                assert!(!zone.to_string().contains("Etc"), "{text} is shown as {zone}");
            }
        }
    }

    #[test]
    fn a_name_means_its_zone_whatever_its_case_and_accents() {
        let cases = [
            ("Europe/Moscow", Tz::Europe__Moscow),
            ("europe/moscow", Tz::Europe__Moscow),
            ("moscow", Tz::Europe__Moscow),
            ("MSK", Tz::Europe__Moscow),
            ("мск", Tz::Europe__Moscow),
            ("new york", America::New_York),
            ("New_York", America::New_York),
            ("new-york", America::New_York),
            ("São Paulo", America::Sao_Paulo),
            ("sao paulo", America::Sao_Paulo),
            ("buenos aires", America::Argentina::Buenos_Aires),
            ("İSTANBUL", Asia::Istanbul),
            ("Kolkata", Asia::Kolkata),
            ("calcutta", Asia::Calcutta),
            ("Zürich", Europe::Zurich),
            ("CET", Tz::CET),
            ("CEST", Tz::CET),
            ("EST", America::New_York),
            ("JST", Asia::Tokyo),
            ("Japan", Tz::Japan),
            ("US/Eastern", Tz::US__Eastern),
            ("Etc/GMT+3", Tz::Etc__GMTPlus3),
            ("Etc/GMT-3", Tz::Etc__GMTMinus3),
        ];
        for (text, expected) in cases {
            assert_eq!(zone(text), Some(Zone::Named(expected)), "{text}");
        }
    }

    #[test]
    fn what_means_nothing_or_two_things_is_no_zone() {
        let long = "+3".repeat(200);
        for text in [
            "",
            " ",
            "+",
            "-",
            "UTC+",
            "UTC-",
            "UTC:",
            "Europe/",
            "UTC++3",
            "15",
            "+15",
            "-13",
            "+14:15",
            "-12:15",
            "+3:10",
            "+3:60",
            "+3:5",
            "+3:",
            ":30",
            "+03:000",
            "12345",
            "+1e1",
            "3h",
            "UTC±3",
            "CST",
            "IST",
            "BST",
            "MST",
            "PST",
            "MSK3",
            "MSK 2",
            "CET+1",
            "EST+5",
            "East",
            "North",
            "Eastern",
            "General",
            "Factory2",
            "Atlantis",
            "GMT+3/Europe",
            "<b>",
            "+3 +3",
            "UTC+3 UTC",
            "etc gmt+3",
            "GMT Etc",
            &long,
        ] {
            assert_eq!(zone(text), None, "{text}");
        }
    }

    #[test]
    fn a_zone_is_kept_and_shown() {
        let fixed = |minutes| Zone::of_minutes(minutes).unwrap();
        let cases = [
            (Zone::Named(Europe::Rome), "Europe/Rome", "Europe/Rome"),
            (Zone::UTC, "UTC", "UTC"),
            (fixed(180), "UTC+03:00", "UTC+3"),
            (fixed(-180), "UTC-03:00", "UTC-3"),
            (fixed(345), "UTC+05:45", "UTC+5:45"),
            (fixed(-570), "UTC-09:30", "UTC-9:30"),
            (Zone::Named(Tz::Etc__GMTPlus3), "Etc/GMT+3", "UTC-3"),
            (Zone::Named(Tz::Etc__UTC), "Etc/UTC", "UTC"),
        ];
        for (zone, kept, shown) in cases {
            assert_eq!((zone.name().as_str(), zone.to_string().as_str()), (kept, shown));
            assert_eq!(kept.parse::<Zone>().unwrap(), zone);
            let json = serde_json::to_string(&zone).unwrap();
            assert_eq!(json, format!("{kept:?}"));
            assert_eq!(serde_json::from_str::<Zone>(&json).unwrap(), zone);
        }
        assert!("Atlantis".parse::<Zone>().is_err() && "UTC+x".parse::<Zone>().is_err());
    }

    #[test]
    fn the_nearest_names_are_suggested_for_a_misspelt_one() {
        let near = |text: &str| parse_typed(text, |_| None).unwrap_err();
        assert_eq!(near("moskow"), ["Moscow"]);
        assert_eq!(near("Tokio"), ["Tokyo"]);
        assert_eq!(near("pariss"), ["Paris"]);
        assert!(near("Xyzzy").is_empty() && near("rxm").is_empty());
        // Of a language first, by its own name.
        let german = |n: usize| {
            (n == 0).then(|| {
                vec![("Rom".to_owned(), Europe::Rome), ("Wien".to_owned(), Europe::Vienna)]
            })
        };
        assert_eq!(parse_typed("Wein", german).unwrap_err(), ["Wien"]);
        assert_eq!(parse_typed("WIEN", german), Ok(Zone::Named(Europe::Vienna)));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_zone_or_none(text in "\\PC{0,40}") {
            if let Ok(zone) = parse_typed(&text, |_| None) {
                prop_assert_eq!(zone.name().parse::<Zone>().unwrap(), zone);
            }
        }

        #[test]
        fn each_distance_is_read_as_it_is_shown(quarters in -48i32..=56) {
            let zone = Zone::of_minutes(quarters * 15).unwrap();
            prop_assert_eq!(parse_typed(&zone.to_string(), |_| None), Ok(zone));
            prop_assert_eq!(parse_typed(&zone.name(), |_| None), Ok(zone));
        }
    }
}
