//! Headers that tell when to fetch again: `Cache-Control`, `Expires`, `Retry-After`.
//!
//! Guarantees: pure, the time is an argument. No server is believed for longer than `SECONDS_MAX`.

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};
use std::time::Duration;

/// The longest time that a server can name.
const SECONDS_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Returns how long a response stays fresh: `max-age` without its `Age`, or else until `Expires`.
/// `now` is used if the server does not send its own time.
pub(super) fn fresh_for(headers: &HeaderMap, now: Option<DateTime<Utc>>) -> Option<Duration> {
    let cache = text(headers, header::CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
    let mut directives = cache.split(',').map(str::trim);
    if directives.clone().any(|word| matches!(word, "no-cache" | "no-store")) {
        return None;
    }
    let max_age = |word: &str| {
        let (name, value) = word.split_once('=')?;
        seconds(value).filter(|_| name.trim() == "max-age")
    };
    match directives.find_map(max_age) {
        Some(age_max) => {
            let age = text(headers, header::AGE).and_then(|age| seconds(&age));
            Some(age_max.saturating_sub(age.unwrap_or_default()))
        }
        None => until(headers, &text(headers, header::EXPIRES)?, now),
    }
}

/// Returns how long the server asks to wait: in seconds, or until a time of its own clock.
pub(super) fn retry_after(headers: &HeaderMap, now: Option<DateTime<Utc>>) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    seconds(&value).or_else(|| until(headers, &value, now))
}

/// Parses a number of seconds as servers write it: `120`, `12.5`, `"120"`, `120 s`; at most
/// `SECONDS_MAX`.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '"');
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text[digits.len()..].trim().to_ascii_lowercase();
    let is_number = digits.contains(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_seconds = matches!(unit.as_str(), "" | "s" | "sec" | "second" | "seconds");
    let number: f64 = digits.parse().ok().filter(|_| is_number && is_seconds)?;
    let seconds = Duration::try_from_secs_f64(number).unwrap_or(SECONDS_MAX);
    Some(seconds.min(SECONDS_MAX))
}

/// Returns the time from the `Date` of the server, or else from `now`, to another time.
fn until(headers: &HeaderMap, time: &str, now: Option<DateTime<Utc>>) -> Option<Duration> {
    let date = text(headers, header::DATE);
    let from = date.and_then(|date| moment(&date)).or(now)?;
    (moment(time)? - from).to_std().ok().map(|wait| wait.min(SECONDS_MAX))
}

/// Parses a time in the format of HTTP, of mail, or of RFC 3339.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().trim_matches('"');
    let of_http = || httpdate::parse_http_date(text).ok().map(DateTime::<Utc>::from);
    // Without the day of the week, which some servers get wrong.
    let day = text.split_once(',').map_or(text, |(_, day)| day.trim());
    let of_mail = || DateTime::parse_from_rfc2822(day).ok().map(|at| at.to_utc());
    let of_machine = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    of_http().or_else(of_mail).or_else(of_machine)
}

/// Returns a header, if it is text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    const DATE: (HeaderName, &str) = (header::DATE, "Tue, 03 Nov 2026 10:00:00 GMT");
    const LATER: &str = "Tue, 03 Nov 2026 10:05:00 GMT";

    fn now() -> Option<DateTime<Utc>> {
        Some("2026-11-03T10:03:00Z".parse().unwrap())
    }

    #[test]
    fn a_response_names_the_time_for_which_it_is_fresh() {
        use header::{AGE, CACHE_CONTROL, EXPIRES};
        let seconds = |pairs: &[_]| fresh_for(&headers(pairs), now()).map(|wait| wait.as_secs());
        assert_eq!(seconds(&[]), None);
        let cases = [
            ("public, Max-Age=300", Some(300)),
            ("max-age = 300", Some(300)),
            ("max-age=\"300\"", Some(300)),
            ("max-age=300.9", Some(300)),
            ("max-age=0", Some(0)),
            ("max-age=-1", None),
            ("max-age=", None),
            ("max-age=soon", None),
            ("x-max-age=300", None),
            ("max-age=99999999999999999999", Some(SECONDS_MAX.as_secs())),
            ("no-cache, max-age=300", None),
            ("max-age=300, no-store", None),
        ];
        for (value, expected) in cases {
            assert_eq!(seconds(&[(CACHE_CONTROL, value)]), expected, "{value}");
        }
        assert_eq!(seconds(&[(CACHE_CONTROL, "max-age=300"), (AGE, "100")]), Some(200));
        assert_eq!(seconds(&[(CACHE_CONTROL, "max-age=300"), (AGE, "1000")]), Some(0));
        assert_eq!(seconds(&[(EXPIRES, LATER), DATE]), Some(300));
        assert_eq!(seconds(&[(EXPIRES, LATER)]), Some(120), "by our clock");
        for never in ["0", "-1", "", "Tue, 03 Nov 2020 10:05:00 GMT"] {
            assert_eq!(seconds(&[(EXPIRES, never), DATE]), None, "{never}");
        }
    }

    #[test]
    fn a_response_names_the_time_to_wait() {
        use header::RETRY_AFTER;
        let asked = |value: &str, more: &[_]| {
            let pairs = [&[(RETRY_AFTER, value)], more].concat();
            retry_after(&headers(&pairs), now()).map(|wait| wait.as_secs_f64())
        };
        let cases = [
            ("120", Some(120.0)),
            (" 120 ", Some(120.0)),
            ("\"120\"", Some(120.0)),
            ("12.5", Some(12.5)),
            ("0", Some(0.0)),
            ("120 s", Some(120.0)),
            ("120 seconds", Some(120.0)),
            ("99999999999999999999", Some(SECONDS_MAX.as_secs_f64())),
            ("9999999999999999999999999999999999999999999999", Some(SECONDS_MAX.as_secs_f64())),
            ("-5", None),
            ("1e9", None),
            ("inf", None),
            ("NaN", None),
            (".", None),
            ("1.2.3", None),
            ("", None),
            ("soon", None),
            ("2 weeks", None),
            (LATER, Some(120.0)),
            ("Tuesday, 03-Nov-26 10:05:00 GMT", Some(120.0)),
            ("Tue, 3 Nov 2026 12:05:00 +0200", Some(120.0)),
            ("2026-11-03T10:05:00Z", Some(120.0)),
            ("Mon, 03 Nov 2026 10:05:00 GMT", Some(120.0)),
            ("03 Nov 2026 10:05:00 GMT", Some(120.0)),
            ("Tue, 03 Nov 2026 10:00:00 GMT", None),
            ("Wed, 03 Nov 9999 10:00:00 GMT", Some(SECONDS_MAX.as_secs_f64())),
        ];
        for (value, expected) in cases {
            assert_eq!(asked(value, &[]), expected, "{value}");
        }
        assert_eq!(asked(LATER, &[DATE]), Some(300.0), "by the server's clock");
        assert_eq!(asked(LATER, &[(header::DATE, "yesterday")]), Some(120.0));
        let without_clock = headers(&[(RETRY_AFTER, LATER)]);
        assert_eq!(retry_after(&without_clock, None), None);
    }
}
