//! Being a good guest: what robots.txt says, turns at each host, how long an answer stays fresh.
//!
//! Promises: requests to one host start a while apart, as long as its robots.txt asks; what is kept
//! of hosts is bounded. Leaves out: asking for robots.txt (`client`).

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
/// Hosts that are remembered; beyond, all are forgotten and asked again.
const HOSTS_MAX: usize = 10_000;

/// What is known of hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts(Arc<Mutex<HashMap<String, Host>>>);

#[derive(Debug, Default)]
struct Host {
    robots: Option<(Instant, Arc<Robots>)>,
    free_at: Option<Instant>,
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Hosts {
    /// Held by whoever asks a host for its rules, so that the others wait for the answer instead of
    /// asking as well.
    pub(super) fn asking(&self, url: &Url) -> Arc<tokio::sync::Mutex<()>> {
        self.with(url, |host| Arc::clone(&host.asking))
    }

    /// The rules of a host, if they were read not long ago.
    pub(super) fn robots(&self, url: &Url) -> Option<Arc<Robots>> {
        self.with(url, |host| {
            let (read_at, robots) = host.robots.as_ref()?;
            (read_at.elapsed() < ROBOTS_FRESH).then(|| robots.clone())
        })
    }

    /// Keeps the rules of a host.
    pub(super) fn keep(&self, url: &Url, robots: &Arc<Robots>) {
        self.with(url, |host| host.robots = Some((Instant::now(), robots.clone())));
    }

    /// Waits until it is this request's turn at its host.
    pub(super) async fn turn(&self, url: &Url, crawl_delay: Option<Duration>) {
        tokio::time::sleep_until(self.reserve(url, crawl_delay, Instant::now())).await;
    }

    /// When a request may start that is ready now.
    fn reserve(&self, url: &Url, crawl_delay: Option<Duration>, now: Instant) -> Instant {
        let spacing = crawl_delay.unwrap_or_default().clamp(SPACING_MIN, CRAWL_DELAY_MAX);
        self.with(url, |host| {
            let start = host.free_at.map_or(now, |free_at| free_at.max(now));
            host.free_at = Some(start + spacing);
            start
        })
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
pub(super) fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let cache = text(headers, header::CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
    let mut directives = cache.split(',').map(str::trim);
    if directives.clone().any(|word| matches!(word, "no-cache" | "no-store")) {
        return None;
    }
    let seconds = |text: &str| text.trim_matches('"').parse().ok().map(Duration::from_secs);
    match directives.find_map(|word| seconds(word.strip_prefix("max-age=")?)) {
        Some(age_max) => {
            let age = text(headers, header::AGE).and_then(|age| seconds(&age));
            Some(age_max.saturating_sub(age.unwrap_or_default()))
        }
        None => until(headers, &text(headers, header::EXPIRES)?),
    }
}

/// How long the server asks to be left alone: seconds, or a time by its own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?;
    value.trim().parse().ok().map(Duration::from_secs).or_else(|| until(headers, &value))
}

/// From the server's `Date` to another time of its clock.
fn until(headers: &HeaderMap, time: &str) -> Option<Duration> {
    let from = httpdate::parse_http_date(&text(headers, header::DATE)?).ok()?;
    httpdate::parse_http_date(time.trim()).ok()?.duration_since(from).ok()
}

/// A header, if it is text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn an_answer_tells_how_long_it_stays_fresh() {
        use header::{AGE, CACHE_CONTROL, DATE, EXPIRES, RETRY_AFTER};
        let seconds = |pairs: &[_]| fresh_for(&headers(pairs)).map(|wait| wait.as_secs());
        let date = (DATE, "Tue, 03 Nov 2026 10:00:00 GMT");
        let later = "Tue, 03 Nov 2026 10:05:00 GMT";
        assert_eq!(seconds(&[]), None);
        assert_eq!(seconds(&[(CACHE_CONTROL, "public, Max-Age=300"), (AGE, "100")]), Some(200));
        assert_eq!(seconds(&[(CACHE_CONTROL, "no-cache, max-age=300")]), None);
        assert_eq!(seconds(&[(EXPIRES, later), date.clone()]), Some(300));
        assert_eq!(seconds(&[(EXPIRES, "0"), date.clone()]), None);
        let asked = |pairs: &[_]| retry_after(&headers(pairs)).map(|wait| wait.as_secs());
        assert_eq!(asked(&[(RETRY_AFTER, "120")]), Some(120));
        assert_eq!(asked(&[(RETRY_AFTER, later), date]), Some(300));
        assert_eq!(asked(&[(RETRY_AFTER, "soon")]), None);
    }

    #[test]
    fn requests_to_one_host_take_turns_and_other_hosts_do_not_wait() {
        let hosts = Hosts::default();
        let [a, b] = ["https://a.example/x", "https://b.example/"].map(|url| url.parse().unwrap());
        let now = Instant::now();
        let delay = Some(Duration::from_secs(5));
        let starts = [(&a, None), (&b, None), (&a, delay), (&a, None)]
            .map(|(url, crawl_delay)| hosts.reserve(url, crawl_delay, now) - now);
        let last = SPACING_MIN + Duration::from_secs(5);
        assert_eq!(starts, [Duration::ZERO, Duration::ZERO, SPACING_MIN, last]);
        let late = now + Duration::from_secs(60);
        assert_eq!(hosts.reserve(&a, None, late), late);
    }
}
