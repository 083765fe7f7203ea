//! Being a good guest: what robots.txt says, turns at each host, how long an answer stays fresh.
//!
//! Promises: requests to one host start a while apart, as long as its robots.txt asks; what is kept
//! of hosts is bounded. Leaves out: asking for robots.txt (`client`).

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};
use robotxt::Robots;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use url::Url;

/// The name that robots.txt knows this program by.
pub(super) const AGENT: &str = "communique";
/// The least time between the starts of two requests to one host.
const SPACING_MIN: Duration = Duration::from_millis(500);
/// The longest `Crawl-delay` that is waited for between two requests.
const CRAWL_DELAY_MAX: Duration = Duration::from_secs(60);
/// How long a robots.txt is believed, as RFC 9309 has it.
const ROBOTS_FRESH: Duration = Duration::from_secs(24 * 3600);
/// The longest time that a server is taken to speak of.
const SECONDS_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// Hosts that are remembered; beyond, all are forgotten and asked again.
const HOSTS_MAX: usize = 10_000;

/// What is known of hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts(Arc<Mutex<HashMap<String, Host>>>);

#[derive(Debug, Default)]
struct Host {
    robots: Option<(Instant, Arc<Robots>)>,
    /// When the next request may start. Held by whoever is the next, in the order of their coming, so that
    /// one who gives up leaves no gap.
    free_at: Arc<tokio::sync::Mutex<Option<Instant>>>,
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Hosts {
    /// Held by whoever asks a host for its rules, so that the others wait for the answer instead of
    /// asking as well.
    pub(super) fn robots_lock(&self, url: &Url) -> Arc<tokio::sync::Mutex<()>> {
        self.with(url, |host| Arc::clone(&host.asking))
    }

    /// The rules of a host, if they were read not long ago.
    pub(super) fn cached_robots(&self, url: &Url) -> Option<Arc<Robots>> {
        self.with(url, |host| {
            let (read_at, robots) = host.robots.as_ref()?;
            (read_at.elapsed() < ROBOTS_FRESH).then(|| robots.clone())
        })
    }

    /// Keeps the rules of a host.
    pub(super) fn cache_robots(&self, url: &Url, robots: &Arc<Robots>) {
        self.with(url, |host| host.robots = Some((Instant::now(), robots.clone())));
    }

    /// Waits until it is this request's turn at its host. Whoever does not wait for it to the end has had
    /// none.
    pub(super) async fn wait_for_slot(&self, url: &Url, crawl_delay: Option<Duration>) {
        let spacing = crawl_delay.unwrap_or_default().clamp(SPACING_MIN, CRAWL_DELAY_MAX);
        let free_at = self.with(url, |host| Arc::clone(&host.free_at));
        let mut free_at = free_at.lock().await;
        if let Some(at) = *free_at {
            tokio::time::sleep_until(at).await;
        }
        *free_at = Some(Instant::now() + spacing);
    }

    fn with<T>(&self, url: &Url, work: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX {
            hosts.clear();
        }
        work(hosts.entry(url.origin().ascii_serialization()).or_default())
    }
}

/// How long an answer says that it stays as it is: `max-age` without the time it was under way,
/// else `Expires`.
/// `now` is by our clock, for a server that does not tell its own.
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

/// How long the server asks to be left alone: seconds, or a time by its own clock.
pub(super) fn retry_after(headers: &HeaderMap, now: Option<DateTime<Utc>>) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    seconds(&value).or_else(|| until(headers, &value, now))
}

/// A number of seconds as servers write it: `120`, `12.5`, `"120"`, `120 s`. One that no clock counts is the
/// longest that is believed.
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

/// From the server's `Date`, or else from now by our clock, to another time.
fn until(headers: &HeaderMap, time: &str, now: Option<DateTime<Utc>>) -> Option<Duration> {
    let date = text(headers, header::DATE);
    let from = date.and_then(|date| moment(&date)).or(now)?;
    (moment(time)? - from).to_std().ok().map(|wait| wait.min(SECONDS_MAX))
}

/// A time as HTTP writes it, or as mail or machines do.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().trim_matches('"');
    let of_http = || httpdate::parse_http_date(text).ok().map(DateTime::<Utc>::from);
    // Without the day of the week, which some get wrong.
    let day = text.split_once(',').map_or(text, |(_, day)| day.trim());
    let of_mail = || DateTime::parse_from_rfc2822(day).ok().map(|at| at.to_utc());
    let of_machine = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    of_http().or_else(of_mail).or_else(of_machine)
}

/// A header, if it is text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    const DATE: (HeaderName, &str) = (header::DATE, "Tue, 03 Nov 2026 10:00:00 GMT");
    const LATER: &str = "Tue, 03 Nov 2026 10:05:00 GMT";

    fn now() -> Option<DateTime<Utc>> {
        Some("2026-11-03T10:03:00Z".parse().unwrap())
    }

    #[test]
    fn an_answer_tells_how_long_it_stays_fresh() {
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
    fn an_answer_tells_how_long_to_leave_it_alone() {
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

    /// When the next request to a host may start.
    fn free_at(hosts: &Hosts, url: &Url) -> Option<Instant> {
        let free_at = hosts.with(url, |host| Arc::clone(&host.free_at));
        *free_at.try_lock().unwrap()
    }

    #[tokio::test]
    async fn requests_to_one_host_take_turns_and_other_hosts_do_not_wait() {
        let hosts = Hosts::default();
        let [a, b] = ["https://a.example/x", "https://b.example/"].map(|url| url.parse().unwrap());
        let start = Instant::now();
        hosts.wait_for_slot(&a, None).now_or_never().unwrap();
        hosts.wait_for_slot(&b, Some(Duration::from_secs(5))).now_or_never().unwrap();
        assert!(hosts.wait_for_slot(&b, None).now_or_never().is_none());
        assert!(free_at(&hosts, &b).unwrap() >= start + Duration::from_secs(5));
        let [mut second, mut third] = [(); 2].map(|()| Box::pin(hosts.wait_for_slot(&a, None)));
        assert!((&mut second).now_or_never().is_none(), "it came before the first was over");
        assert!((&mut third).now_or_never().is_none());
        second.await;
        assert!(Instant::now() >= start + SPACING_MIN);
        assert!((&mut third).now_or_never().is_none(), "two at the same time");
        third.await;
        assert!(Instant::now() >= start + 2 * SPACING_MIN);
    }

    #[tokio::test]
    async fn whoever_gives_up_has_had_no_turn() {
        let hosts = Hosts::default();
        let a: Url = "https://a.example/x".parse().unwrap();
        let hour = Some(Duration::from_secs(3600));
        hosts.wait_for_slot(&a, None).now_or_never().unwrap();
        let first = free_at(&hosts, &a);
        // The first, the last and all between them, in whatever order.
        let mut waiting: Vec<_> =
            (0..100).map(|_| Box::pin(hosts.wait_for_slot(&a, hour))).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        while !waiting.is_empty() {
            drop(waiting.swap_remove(waiting.len() / 2));
        }
        assert_eq!(free_at(&hosts, &a), first, "turns are kept for those who gave up");
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(hosts.wait_for_slot(&a, hour))).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        // The one that is left has the next turn, and then the host is left alone as long as it asks.
        let last = waiting.pop().unwrap();
        drop(waiting);
        last.await;
        assert!(Instant::now() >= first.unwrap());
        assert!(free_at(&hosts, &a).unwrap() >= first.unwrap() + CRAWL_DELAY_MAX);
    }
}
