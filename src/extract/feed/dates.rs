//! The days of a feed's entries. The dates of one feed are interpreted together: one order of day
//! and month, one meaning of midnight.
//!
//! Guarantees: the day of an entry is the one that the feed prints: in its own offset where it
//! gives one, else in the zone of the source. A placeholder for "no date" (1970-01-01, 0001-01-01)
//! is ignored.

use crate::extract::pattern::compile;
use crate::extract::{
    date::{self, DateOrder, Style},
    date_order::{self, Decision, Origin},
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use regex::Regex;
use std::sync::LazyLock;

/// Days by which programs say that there is none: the beginning of their calendars, as year, month, day.
const ZERO_DAYS: [(i32, u32, u32); 9] = [
    (1, 1, 1),
    (1601, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1901, 1, 1),
    (1904, 1, 1),
    (1969, 12, 31),
    (1970, 1, 1),
];
/// Seconds since 1970 that are taken for a time: from 1990 to 2100.
const EPOCH_S: std::ops::Range<i64> = 631_152_000..4_102_444_800;
/// The longest text that is parsed, in bytes.
const TEXT_BYTES_MAX: usize = 200;

/// How a feed prints its dates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The zone of the source.
    pub zone: Tz,
    /// When the feed was fetched.
    pub now: DateTime<Utc>,
    /// The language that the feed says it is in.
    pub lang: Option<&'a str>,
    /// The host that it came from.
    pub host: Option<&'a str>,
    /// The order and the form that the operator says.
    pub order: Option<DateOrder>,
    pub format: Option<&'a str>,
}

/// A time as it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Printed {
    on: NaiveDate,
    /// The time of day, if it is one of UTC.
    utc: Option<NaiveTime>,
}

/// Returns the day of each entry, by its dates in the order in which they count, and what the operator
/// has to know of them.
pub(super) fn days(
    entries: &[&[String]],
    context: Context<'_>,
) -> (Vec<Option<NaiveDate>>, Option<String>) {
    let now = context.now.with_timezone(&context.zone).naive_local();
    let is_order_configured = context.order.is_some();
    let decided = decision(entries, &context, now.date());
    let style = Style {
        order: context.order.unwrap_or(decided.order),
        is_order_configured,
        is_order_guessed: !is_order_configured && decided.is_guessed(),
        is_dotted_month_first: decided.is_dotted_month_first,
        format: context.format,
        now: Some(now),
        lang: None,
    };
    let first = |dates: &&[String]| dates.iter().find_map(|date| printed(date, style));
    let printed: Vec<Option<Printed>> = entries.iter().map(first).collect();
    // Days without a time are often printed as midnight UTC. If all times are midnight, they are
    // not converted, since that could change the day.
    let is_midnight = |printed: &Printed| printed.utc.is_none_or(|time| time == NaiveTime::MIN);
    let has_times = !printed.iter().flatten().all(is_midnight);
    let day = |printed: Printed| match printed.utc {
        Some(time) if has_times => {
            let at = Utc.from_utc_datetime(&printed.on.and_time(time));
            at.with_timezone(&context.zone).date_naive()
        }
        _ => printed.on,
    };
    let mut days: Vec<_> = printed.into_iter().map(|printed| printed.map(day)).collect();
    let is_given = is_order_configured || context.format.is_some();
    let note = if is_given { None } else { decided.settle(days.iter_mut()) };
    (days, note)
}

/// Decides the order from the dates of all entries, and what the entries say for programs.
fn decision(entries: &[&[String]], context: &Context<'_>, today_on: NaiveDate) -> Decision {
    let of_entry = |dates: &&[String]| {
        let days = dates.iter().filter_map(|date| Some(of_machine(date.trim())?.on)).collect();
        date_order::Row::of(dates.first()?, days)
    };
    let rows: Vec<_> = entries.iter().filter_map(of_entry).collect();
    let origin = Origin { lang: context.lang, host: context.host, ..Origin::default() };
    date_order::decide(&rows, &origin, today_on)
}

static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d{1,9})?(?:\s*[ap]\.?\s?m\.?)?";
    let zone = r"(?:\s*(?P<zone>[+\-−]\d{1,2}(?::?\d{2})?\b|(?:UTC|GMT|UT|Z)(?:[+\-−]\d{1,2}(?::?\d{2})?)?\b|\(?[A-Z]{2,5}\)?))?";
    compile(&format!(r"(?i)(?:^|[\sT,(@·-])(?P<time>{time}){zone}"))
});
static SHORT_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"^(?P<before>.*?\d{1,2}[\s-]+\p{L}{3,}\.?[\s-]+)(?P<year>\d{2})(?P<after>\D.*|$)")
});

/// Parses what a text prints of a time.
fn printed(text: &str, style: Style<'_>) -> Option<Printed> {
    let text = without_tags(text);
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let found = of_machine(text).or_else(|| of_people(text, style))?;
    let Printed { on, .. } = found;
    (!ZERO_DAYS.contains(&(on.year(), on.month(), on.day()))).then_some(found)
}

/// Removes the markup that some systems leave around their dates.
fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_inside = false;
    for c in text.chars() {
        match c {
            '<' => is_inside = true,
            '>' if is_inside => {
                is_inside = false;
                kept.push(' ');
            }
            _ if !is_inside => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Times as programs write them.
fn of_machine(text: &str) -> Option<Printed> {
    let parsed = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .or_else(|_| DateTime::parse_from_str(text, "%Y%m%dT%H%M%S%#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %#z"));
    if let Ok(at) = parsed {
        let is_utc = at.offset().local_minus_utc() == 0;
        return Some(Printed { on: at.date_naive(), utc: is_utc.then(|| at.naive_local().time()) });
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let (whole, _) = text.split_once('.').unwrap_or((text, ""));
        let number: i64 = whole.parse().ok()?;
        let seconds = match whole.len() {
            9..=10 => number,
            13 => number / 1000,
            _ => return compact(text),
        };
        let at = DateTime::from_timestamp(seconds, 0).filter(|_| EPOCH_S.contains(&seconds))?;
        return Some(Printed { on: at.date_naive(), utc: Some(at.time()) });
    }
    let is_compact = text.get(..8).is_some_and(|day| day.bytes().all(|b| b.is_ascii_digit()));
    if is_compact {
        if let Ok(at) = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y%m%dT%H%M%S") {
            let utc = text.ends_with('Z').then(|| at.time());
            return Some(Printed { on: at.date(), utc });
        }
        return compact(text.get(..8)?);
    }
    // Days by weeks and by their number in the year.
    for format in ["%G-W%V-%u", "%GW%V%u", "%Y-%j"] {
        let head = text.split(['T', ' ']).next().unwrap_or_default();
        if let Ok(on) = NaiveDate::parse_from_str(head, format) {
            return Some(Printed { on, utc: None });
        }
    }
    None
}

/// Parses `20261103`.
fn compact(text: &str) -> Option<Printed> {
    let on = (text.len() == 8).then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok())??;
    let is_likely = (1990..2100).contains(&on.year());
    is_likely.then_some(Printed { on, utc: None })
}

/// Dates as people write them, in whatever language, with a time and a zone in whatever place.
fn of_people(text: &str, style: Style<'_>) -> Option<Printed> {
    let first = |text: &str| date::all(text, style).into_iter().next().map(|(_, on)| on);
    let clock = CLOCK.captures(text);
    let zone = clock.as_ref().and_then(|clock| clock.name("zone")).map(|zone| zone.as_str());
    let time = clock.as_ref().and_then(|clock| time_of(clock.name("time")?.as_str()));
    let utc = time.filter(|_| zone.is_some_and(is_utc));
    // "Tue Nov 03 00:15:00 +0000 2026": the year may follow the time.
    let without_clock = clock.and_then(|clock| {
        let whole = clock.get(0)?;
        Some(format!("{} {}", &text[..whole.start()], &text[whole.end()..]))
    });
    let short_year = |text: &str| {
        let parts = SHORT_YEAR.captures(text)?;
        let year: u32 = parts["year"].parse().ok()?;
        let century = if year < 70 { 20 } else { 19 };
        first(&format!("{}{century}{} {}", &parts["before"], &parts["year"], &parts["after"]))
    };
    let on = first(text)
        .or_else(|| without_clock.as_deref().and_then(first))
        .or_else(|| short_year(without_clock.as_deref().unwrap_or(text)))
        .or_else(|| date::relative(text, style).map(|(_, on)| on))?;
    Some(Printed { on, utc })
}

fn is_utc(zone: &str) -> bool {
    let zone = zone.trim_matches(['(', ')']).to_ascii_uppercase();
    let rest = ["UTC", "GMT", "UT", "Z"].iter().find_map(|name| zone.strip_prefix(name));
    let offset = rest.unwrap_or(&zone);
    let is_named = rest.is_some() && offset.is_empty();
    is_named || !offset.is_empty() && offset.chars().all(|c| "+-−:0".contains(c))
}

fn time_of(text: &str) -> Option<NaiveTime> {
    let lower = text.to_ascii_lowercase();
    let is_afternoon = lower.contains('p');
    let is_morning = lower.contains('a');
    let mut numbers =
        lower.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
    let (hour, minute) = (numbers.next()?, numbers.next()?);
    let hour = match hour {
        12 if is_morning => 0,
        1..=11 if is_afternoon => hour + 12,
        hour => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, numbers.next().filter(|s| *s < 60).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lang: Option<&str>, zone: Tz, dates: &[&str]) -> Vec<String> {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let dates: Vec<Vec<String>> = dates.iter().map(|date| vec![(*date).to_owned()]).collect();
        let dates: Vec<&[String]> = dates.iter().map(Vec::as_slice).collect();
        let (found, _) =
            days(&dates, Context { zone, now, lang, host: None, order: None, format: None });
        found.into_iter().map(|on| on.map(|on| on.to_string()).unwrap_or_default()).collect()
    }

    #[test]
    fn patterns_compile() {
        for pattern in [&CLOCK, &SHORT_YEAR] {
            LazyLock::force(pattern);
        }
    }

    #[test]
    fn every_form_is_read_that_a_person_can_read() {
        let forms = [
            "Tue, 03 Nov 2026 10:00:00 +0000",
            "Tue, 03 Nov 2026 23:30:00 EST",
            "Tue, Nov 3 2026 04:45:26 +0000",
            "Tue Nov 03 00:15:00 +0000 2026",
            "Tue Nov  3 10:15:00 2026",
            "Tue, 03 Nov 26 00:01:01 +0200",
            "Tuesday, 03-Nov-26 10:00:00 GMT",
            "Tue, 3 Nov 2026 17:00:00 Z",
            "3 Nov 2026",
            "2026-11-03",
            "2026-11-03 10:00:00",
            "2026-11-03 10:00:00 UTC",
            "2026-11-03T10:00Z",
            "2026-11-03T10:00:00.123456+0300",
            "2026-11-03T23:59:59+03",
            "2026/11/3 15:07:41",
            "2026.11.03",
            "20261103",
            "20261103T100000Z",
            "20261103T100000",
            "1793700000",
            "1793700000000",
            "1793700000.25",
            "2026-W45-2",
            "2026-307",
            "Nov 3, 2026, 10:00 AM",
            "November 3rd, 2026 at 4:05 p.m. GMT",
            "вт, 03 ноя 2026 10:00:00 +0300",
            "Di, 03 Nov 2026 10:00:00 +0100",
            "mar., 3 nov. 2026 10h00",
            "вівторок, 3 листопада 2026 р., 10:00",
            "2026年11月3日 10:00",
            "<span content=\"2026-11-02\">Tue Nov 3 2026</span>",
            "03-Nov-2026",
        ];
        for form in forms {
            assert_eq!(read(None, Tz::UTC, &[form]), ["2026-11-03"], "{form}");
        }
        for zero in [
            "1970-01-01T00:00:00Z",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "0001-01-01T00:00:00",
            "0000-00-00 00:00:00",
            "0",
            "-",
            "n/a",
            "",
            "Mon, 01 Jan 0001 00:00:00 +0000",
            "12:30",
            "2026",
        ] {
            assert_eq!(read(None, Tz::UTC, &[zero]), [""], "{zero}");
        }
    }

    #[test]
    fn the_dates_of_a_feed_have_one_order() {
        let cases: [(Option<&str>, &[&str], &[&str]); 6] = [
            (
                None,
                &["11/13/2026", "11/12/2026", "11/03/2026"],
                &["2026-11-13", "2026-11-12", "2026-11-03"],
            ),
            (
                None,
                &["13/11/2026", "12/11/2026", "03/11/2026"],
                &["2026-11-13", "2026-11-12", "2026-11-03"],
            ),
            (Some("en-us"), &["11/03/2026 9:00:00 AM"], &["2026-11-03"]),
            (Some("en-gb"), &["03/11/2026"], &["2026-11-03"]),
            // The only evidence: a feed is sorted and has no future dates.
            (
                Some("en-gb"),
                &["11/12/2026", "11/11/2026", "10/12/2026"],
                &["2026-11-12", "2026-11-11", "2026-10-12"],
            ),
            (
                None,
                &["11/10/2026", "10/12/2026", "09/11/2026"],
                &["2026-11-10", "2026-10-12", "2026-09-11"],
            ),
        ];
        for (lang, dates, expected) in cases {
            assert_eq!(read(lang, Tz::UTC, dates), expected, "{lang:?} {dates:?}");
        }
    }

    #[test]
    fn a_time_of_utc_belongs_to_the_day_of_the_source_unless_it_is_no_time() {
        let cases: [(Tz, &[&str], &[&str]); 4] = [
            (
                Tz::Asia__Tokyo,
                &["2026-11-03T20:00:00Z", "2026-11-03T10:00:00Z"],
                &["2026-11-04", "2026-11-03"],
            ),
            (
                Tz::America__New_York,
                &["2026-11-03T00:00:00Z", "2026-11-02T00:00:00Z"],
                &["2026-11-03", "2026-11-02"],
            ),
            (
                Tz::America__New_York,
                &["2026-11-03T00:00:00Z", "2026-11-02T13:00:00Z"],
                &["2026-11-02", "2026-11-02"],
            ),
            (Tz::Asia__Tokyo, &["Tue, 03 Nov 2026 20:00:00 -0500"], &["2026-11-03"]),
        ];
        for (zone, dates, expected) in cases {
            assert_eq!(read(None, zone, dates), expected, "{zone} {dates:?}");
        }
    }
}
