//! Politeness: the robots.txt of each host, and the spacing of requests to it.
//!
//! Guarantees: requests to one host start apart, by the `Crawl-delay` of its robots.txt, but at
//! least 0.5 and at most 60 seconds. The number of hosts that are remembered is bounded.
//! Out of scope: fetching and obeying robots.txt (`http`).

use robotxt::Robots;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use url::Url;

/// The name of this program in robots.txt.
pub(super) const AGENT: &str = "communique";
/// The shortest time between the starts of two requests to one host.
const SPACING_MIN: Duration = Duration::from_millis(500);
/// The longest `Crawl-delay` that is respected between two requests.
const CRAWL_DELAY_MAX: Duration = Duration::from_secs(60);
/// How long a robots.txt is cached, by RFC 9309.
const ROBOTS_FRESH: Duration = Duration::from_secs(24 * 3600);
/// Hosts that are remembered; beyond, all are forgotten.
const HOSTS_MAX: usize = 10_000;

/// What is known about hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts(Arc<Mutex<HashMap<String, Host>>>);

#[derive(Debug, Default)]
struct Host {
    robots: Option<(Instant, Arc<Robots>)>,
    /// When the next request may start. Locked by the next one, in the order of arrival, so that a
    /// request that is dropped leaves no gap.
    free_at: Arc<tokio::sync::Mutex<Option<Instant>>>,
    /// Locked while the robots.txt is fetched.
    fetching_robots: Arc<tokio::sync::Mutex<()>>,
}

impl Hosts {
    /// Returns the lock of a host that is held while its robots.txt is fetched, so that others wait
    /// for it instead of fetching it too.
    pub(super) fn robots_lock(&self, url: &Url) -> Arc<tokio::sync::Mutex<()>> {
        self.with(url, |host| Arc::clone(&host.fetching_robots))
    }

    /// Returns the robots.txt of a host, if it is in the cache.
    pub(super) fn cached_robots(&self, url: &Url) -> Option<Arc<Robots>> {
        self.with(url, |host| {
            let (read_at, robots) = host.robots.as_ref()?;
            (read_at.elapsed() < ROBOTS_FRESH).then(|| robots.clone())
        })
    }

    /// Caches the robots.txt of a host.
    pub(super) fn cache_robots(&self, url: &Url, robots: &Arc<Robots>) {
        self.with(url, |host| host.robots = Some((Instant::now(), robots.clone())));
    }

    /// Waits until a request to its host may start. The next one waits for the delay, clamped to
    /// 0.5 to 60 seconds. A request that stops waiting uses no slot.
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    /// Returns when the next request to a host may start.
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
    async fn a_request_that_stops_waiting_uses_no_slot() {
        let hosts = Hosts::default();
        let a: Url = "https://a.example/x".parse().unwrap();
        let hour = Some(Duration::from_secs(3600));
        hosts.wait_for_slot(&a, None).now_or_never().unwrap();
        let first = free_at(&hosts, &a);
        // The first, the last and all between them, in any order.
        let mut waiting: Vec<_> =
            (0..100).map(|_| Box::pin(hosts.wait_for_slot(&a, hour))).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        while !waiting.is_empty() {
            drop(waiting.swap_remove(waiting.len() / 2));
        }
        assert_eq!(free_at(&hosts, &a), first, "slots are kept for requests that were dropped");
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(hosts.wait_for_slot(&a, hour))).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        // The one that is left has the next slot, and then the host has its delay.
        let last = waiting.pop().unwrap();
        drop(waiting);
        last.await;
        assert!(Instant::now() >= first.unwrap());
        assert!(free_at(&hosts, &a).unwrap() >= first.unwrap() + CRAWL_DELAY_MAX);
    }
}
