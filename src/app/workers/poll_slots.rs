//! Which source may be polled now: those that are slow, or were last time, have places of their own.
//!
//! A poll begins in a place of the quick ones. One that lasts gives it back: it goes on in a place of the slow
//! ones, if there is one, and is given up otherwise, and polled again when there is one. So no quick place is
//! taken for longer than `SLOW_AFTER`, however many sources are slow.
//!
//! Promises: pure, the time is an argument; never more polls at once than there are places, nor more slow
//! ones of a host than `SLOW_OF_HOST`, since one that makes wait would have them all.

use crate::domain::SourceName;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

/// Places of the quick ones, and of the slow ones.
const QUICK_AT_ONCE: usize = 8;
const SLOW_AT_ONCE: usize = 8;
/// Slow ones of one host.
const SLOW_OF_HOST: usize = 2;
/// A poll that lasts longer is slow.
const SLOW_AFTER: Duration = Duration::from_secs(2);

/// The polls that are being made, and how long the last one of each source took.
#[derive(Debug, Default)]
pub(crate) struct PollSlots {
    running: BTreeMap<SourceName, Running>,
    was_slow: BTreeMap<SourceName, bool>,
}

#[derive(Clone, Debug)]
struct Running {
    host: String,
    since: Instant,
    is_slow: bool,
}

impl PollSlots {
    /// Begins a poll, if there is a place for it.
    pub(crate) fn start(&mut self, name: &SourceName, host: &str, now: Instant) -> bool {
        let is_slow = self.was_slow.get(name).copied().unwrap_or(false);
        let has_place = match is_slow {
            true => self.has_slow_place(host),
            false => self.count(|running| !running.is_slow) < QUICK_AT_ONCE,
        };
        let starts = has_place && !self.running.contains_key(name);
        if starts {
            let running = Running { host: host.to_owned(), since: now, is_slow };
            self.running.insert(name.clone(), running);
        }
        starts
    }

    /// A poll has ended.
    pub(crate) fn end(&mut self, name: &SourceName, now: Instant) {
        if let Some(running) = self.running.remove(name) {
            self.was_slow.insert(name.clone(), now - running.since >= SLOW_AFTER);
        }
    }

    /// Gives back the places of those that became slow. The polls that are to be given up.
    pub(crate) fn part(&mut self, now: Instant) -> Vec<SourceName> {
        let late = self.running.iter().filter(|(_, one)| !one.is_slow && one.slow_at() <= now);
        let late: Vec<_> = late.map(|(name, one)| (name.clone(), one.host.clone())).collect();
        let mut given_up = Vec::new();
        for (name, host) in late {
            let has_place = self.has_slow_place(&host);
            self.was_slow.insert(name.clone(), true);
            match self.running.get_mut(&name).filter(|_| has_place) {
                Some(running) => running.is_slow = true,
                None => {
                    self.running.remove(&name);
                    given_up.push(name);
                }
            }
        }
        given_up
    }

    /// When the next of the quick ones will have become slow.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.running.values().filter(|one| !one.is_slow).map(Running::slow_at).min()
    }

    /// How a source is to be ranked among those that are due: those that are known to be quick first, so that
    /// they do not wait until the slow ones among those that are not known are found.
    pub(crate) fn rank(&self, name: &SourceName) -> u8 {
        match self.was_slow.get(name) {
            Some(false) => 0,
            None => 1,
            Some(true) => 2,
        }
    }

    /// The sources that are being polled.
    pub(crate) fn names(&self) -> BTreeSet<SourceName> {
        self.running.keys().cloned().collect()
    }

    fn has_slow_place(&self, host: &str) -> bool {
        self.count(|one| one.is_slow) < SLOW_AT_ONCE
            && self.count(|one| one.is_slow && one.host == host) < SLOW_OF_HOST
    }

    fn count(&self, is_counted: impl Fn(&Running) -> bool) -> usize {
        self.running.values().filter(|one| is_counted(one)).count()
    }
}

impl Running {
    fn slow_at(&self) -> Instant {
        self.since + SLOW_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source: how long it takes to answer, and how often it is polled.
    #[derive(Clone)]
    struct Page {
        name: SourceName,
        host: String,
        takes: Duration,
        every: Duration,
        due_at: Duration,
        waited_max: Duration,
        polls: usize,
    }

    fn page(name: &str, host: &str, takes_ms: u64, every_s: u64) -> Page {
        Page {
            name: SourceName::parse(name).unwrap(),
            host: host.to_owned(),
            takes: Duration::from_millis(takes_ms),
            every: Duration::from_secs(every_s),
            due_at: Duration::ZERO,
            waited_max: Duration::ZERO,
            polls: 0,
        }
    }

    /// Polls pages for some minutes, in steps of a tenth of a second; the most polls at once.
    fn play(pages: &mut [Page], seconds: u64) -> usize {
        let start = Instant::now();
        let mut lanes = PollSlots::default();
        let mut ends: BTreeMap<SourceName, Duration> = BTreeMap::new();
        let mut at_once = 0;
        for step in 0..seconds * 10 {
            let time = Duration::from_millis(step * 100);
            let now = start + time;
            for page in pages.iter_mut() {
                if ends.get(&page.name).is_some_and(|end| *end <= time) {
                    ends.remove(&page.name);
                    lanes.end(&page.name, now);
                    page.due_at = time + page.every;
                    page.polls += 1;
                }
            }
            for name in lanes.part(now) {
                ends.remove(&name);
            }
            let mut due: Vec<usize> =
                (0..pages.len()).filter(|n| pages[*n].due_at <= time).collect();
            due.sort_by_key(|n| (lanes.rank(&pages[*n].name), pages[*n].due_at));
            for n in due {
                let page = &mut pages[n];
                if lanes.start(&page.name, &page.host, now) {
                    page.waited_max = page.waited_max.max(time.saturating_sub(page.due_at));
                    ends.insert(page.name.clone(), time + page.takes);
                }
            }
            assert_eq!(
                lanes.names().into_iter().collect::<Vec<_>>(),
                ends.keys().cloned().collect::<Vec<_>>()
            );
            at_once = at_once.max(ends.len());
        }
        // What is still waited for counts as well.
        let end = Duration::from_secs(seconds);
        for page in pages.iter_mut().filter(|page| !ends.contains_key(&page.name)) {
            page.waited_max = page.waited_max.max(end.saturating_sub(page.due_at));
        }
        at_once
    }

    #[test]
    fn slow_pages_hold_up_no_others() {
        for (slow, takes_ms) in [(12, 25_000), (100, 25_000), (100, 90_000), (12, 2_100)] {
            let mut pages: Vec<Page> = (0..slow)
                .map(|n| page(&format!("slow-{n}"), &format!("{n}.example"), takes_ms, 1))
                .collect();
            pages.push(page("good", "good.example", 100, 1));
            let at_once = play(&mut pages, 1500);
            let good = pages.last().unwrap();
            // When it is polled first, nothing is known of any.
            let first = Duration::from_secs(2 * slow / 8 + 1);
            assert!(good.waited_max <= first, "{slow} × {takes_ms}: {:?}", good.waited_max);
            if slow == 12 {
                assert!(good.waited_max <= Duration::from_secs(3), "{:?}", good.waited_max);
            }
            assert!(good.polls >= 1000, "{slow} × {takes_ms}: {}", good.polls);
            assert!(at_once <= QUICK_AT_ONCE + SLOW_AT_ONCE);
            let least = pages.iter().map(|page| page.polls).min().unwrap();
            assert!(least >= 1, "{slow} × {takes_ms}: one is forgotten");
        }
    }

    #[test]
    fn a_host_that_makes_wait_does_not_have_all_places() {
        let mut pages: Vec<Page> =
            (0..50).map(|n| page(&format!("one-{n}"), "one.example", 60_000, 1)).collect();
        pages.push(page("other", "other.example", 25_000, 1));
        pages.push(page("good", "good.example", 100, 1));
        play(&mut pages, 600);
        let [.., other, good] = pages.as_slice() else { panic!() };
        assert!(other.polls >= 20, "{}", other.polls);
        assert!(good.polls >= 400, "{}", good.polls);
    }

    #[test]
    fn a_page_that_is_well_again_is_quick_again() {
        let start = Instant::now();
        let mut lanes = PollSlots::default();
        let name = SourceName::parse("a").unwrap();
        assert_eq!(lanes.rank(&name), 1);
        assert!(lanes.start(&name, "a", start));
        assert!(!lanes.start(&name, "a", start), "twice at once");
        assert_eq!(lanes.next_at(), Some(start + SLOW_AFTER));
        assert!(lanes.part(start + SLOW_AFTER).is_empty());
        assert_eq!((lanes.rank(&name), lanes.next_at()), (2, None));
        lanes.end(&name, start + Duration::from_secs(9));
        assert_eq!(lanes.rank(&name), 2);
        assert!(lanes.start(&name, "a", start + Duration::from_secs(10)));
        lanes.end(&name, start + Duration::from_secs(11));
        assert_eq!(lanes.rank(&name), 0);
        assert!(lanes.names().is_empty());
    }
}
