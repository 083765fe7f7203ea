//! Pages in every language of CLDR, printed by ICU's own formatting and read.

use crate::{
    domain::PageRules,
    extract::{self, Document},
};
use chrono::{Datelike, NaiveDate};
use icu_calendar::{Date, Iso};
use icu_datetime::{
    DateTimeFormatter,
    fieldsets::{YMD, YMDE},
    options::Length,
    provider::{Baked, semantic_skeletons::DatetimePatternsDateGregorianV1},
};
use icu_locale_core::{DataLocale, Locale};
use icu_provider::{
    DataIdentifierBorrowed, DataMarkerAttributes, DataProvider, DataRequest, DataResponse,
};

/// Calendars beside the one that a language uses by default, with the languages that use them.
const CALENDARS: [(&str, &[&str]); 7] = [
    ("persian", &["fa", "ps", "ckb", "mzn", "lrc"]),
    ("buddhist", &["th"]),
    ("japanese", &["ja"]),
    ("roc", &["zh-Hant"]),
    ("islamic-umalqura", &["ar", "fa", "ur"]),
    ("ethiopic", &["am", "ti"]),
    ("hebrew", &["heb"]),
];

/// Returns the days of a page: one of each month.
fn days() -> Vec<NaiveDate> {
    const DAYS: [u32; 12] = [24, 13, 28, 1, 17, 9, 31, 6, 12, 22, 3, 30];
    let day = |(n, day): (u32, &u32)| NaiveDate::from_ymd_opt(2026, 12 - n, (*day).min(28));
    (0..).zip(&DAYS).filter_map(day).collect()
}

/// Returns whether the data have patterns of dates for just this locale.
fn is_known(tag: &str) -> bool {
    let Ok(locale) = tag.parse::<Locale>() else { return false };
    let locale = DataLocale::from(&locale);
    let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(
        DataMarkerAttributes::from_str_or_panic("ym0d"),
        &locale,
    );
    let request = DataRequest { id, ..DataRequest::default() };
    let found: Result<DataResponse<DatetimePatternsDateGregorianV1>, _> =
        DataProvider::<DatetimePatternsDateGregorianV1>::load(&Baked, request);
    found.is_ok_and(|found| found.metadata.locale.is_none())
}

/// Returns the languages of the data, with the scripts and regions that have patterns of their own.
fn locales() -> Vec<String> {
    let letters = || (b'a'..=b'z').map(char::from);
    let two = || letters().flat_map(move |a| letters().map(move |b| format!("{a}{b}")));
    let three = two().flat_map(|two| letters().map(move |c| format!("{two}{c}")));
    // The data of "ki" have "YYYY" for a year.
    let is_language = |tag: &String| !matches!(tag.as_str(), "und" | "ki") && is_known(tag);
    let languages: Vec<String> = two().chain(three).filter(is_language).collect();
    let scripts = ["Arab", "Cyrl", "Latn", "Deva", "Hant", "Hans", "Adlm", "Guru", "Beng"];
    let regions: Vec<String> =
        two().map(|region| region.to_uppercase()).chain(["001".into(), "419".into()]).collect();
    let mut all = languages.clone();
    for language in languages {
        let parts = scripts.iter().copied().chain(regions.iter().map(String::as_str));
        all.extend(parts.map(|part| format!("{language}-{part}")).filter(|tag| is_known(tag)));
    }
    all
}

/// Returns the days as a locale prints them.
fn printed(tag: &str, length: Length, has_weekday: bool) -> Option<Vec<String>> {
    let locale: Locale = tag.parse().ok()?;
    let iso = |on: &NaiveDate| {
        Date::try_new_iso(on.year(), u8::try_from(on.month()).ok()?, u8::try_from(on.day()).ok()?)
            .ok()
    };
    let days: Vec<Date<Iso>> = days().iter().filter_map(iso).collect();
    if has_weekday {
        let formatter = DateTimeFormatter::try_new(locale.into(), YMDE::for_length(length)).ok()?;
        return Some(days.iter().map(|on| formatter.format(on).to_string()).collect());
    }
    let formatter = DateTimeFormatter::try_new(locale.into(), YMD::for_length(length)).ok()?;
    Some(days.iter().map(|on| formatter.format(on).to_string()).collect())
}

/// Returns the first day that is not read as it was printed: what was printed, and what was read.
fn fault(tag: &str, printed: &[String]) -> Option<String> {
    const WORDS: [&str; 12] = [
        "Water board",
        "Road works",
        "School fees",
        "Bus lines",
        "Tree care",
        "Noise map",
        "Land plan",
        "Flood wall",
        "Market day",
        "Youth hall",
        "Museum wing",
        "Harbour dues",
    ];
    let items: String = (1..)
        .zip(printed.iter().zip(WORDS))
        .map(|(n, (on, words))| {
            format!("<li><a href=\"/n/{n}\">{words} reviewed by the council</a> {on}</li>")
        })
        .collect();
    let lang = tag.split("-u-").next().unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=utf-8><title>Notices</title>\
         <body><h1>Notices</h1><ul>{items}</ul></body></html>"
    );
    let url = "https://council.example/notices".parse().unwrap();
    let rules = PageRules::default();
    let document = Document {
        bytes: html.as_bytes(),
        seam: None,
        content_type: None,
        url: Some(&url),
        zone: chrono_tz::Tz::UTC,
        now: "2026-12-29T12:00:00Z".parse().unwrap(),
        page_rules: &rules,
    };
    let read = extract::read(&document);
    (1..).zip(printed.iter().zip(days())).find_map(|(n, (text, on))| {
        let path = format!("/n/{n}");
        let entry = read
            .entries
            .iter()
            .find(|entry| entry.link.as_ref().is_some_and(|link| link.path() == path));
        let found = entry.and_then(|entry| entry.date_on);
        (found != Some(on)).then(|| {
            let found = found.map_or("none".to_owned(), |on| on.to_string());
            format!("{text}: {found} for {on}")
        })
    })
}

#[test]
fn pages_in_every_language_are_read() {
    let mut tags = locales();
    for (calendar, languages) in CALENDARS {
        tags.extend(languages.iter().map(|lang| format!("{lang}-u-ca-{calendar}")));
    }
    tags.extend(["fa", "ps", "th"].map(|lang| format!("{lang}-u-ca-gregory")));
    let (mut pages, mut faults) = (0, Vec::new());
    for tag in &tags {
        let forms = [
            ("long", Length::Long, false),
            ("medium", Length::Medium, false),
            ("full", Length::Long, true),
            ("short weekday", Length::Medium, true),
        ];
        for (name, length, has_weekday) in forms {
            let Some(printed) = printed(tag, length, has_weekday) else { continue };
            pages += 1;
            if let Some(fault) = fault(tag, &printed) {
                faults.push(format!("{tag} {name}: {fault}"));
            }
        }
    }
    for fault in &faults {
        println!("{fault}");
    }
    println!("{} of {pages} pages of {} locales fail", faults.len(), tags.len());
    assert!(pages > 800, "{pages} pages");
    assert!(faults.len() * 100 <= pages, "{} of {pages} pages fail", faults.len());
}
