//! Which source may be polled now: slow sources have slots of their own.
//!
//! A poll starts in a quick slot. Once it turns out to be slow it moves to a slow slot; without a
//! free one it is aborted, and repeated when there is one. So no quick slot is occupied for longer
//! than `SLOW_AFTER`, however many sources are slow. A source that was slow starts in a slow slot.
//!
//! Guarantees: pure, the time is an argument. There are never more polls than slots, nor more slow
//! ones of a host than `SLOW_PER_HOST`, so that one slow host cannot occupy them all.

use crate::domain::SourceName;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

/// Slots of the quick polls.
const QUICK_MAX: usize = 8;
/// Slots of the slow ones.
const SLOW_MAX: usize = 8;
/// Slow slots of one host.
const SLOW_PER_HOST: usize = 2;
/// A poll that takes longer is slow.
const SLOW_AFTER: Duration = Duration::from_secs(2);

/// The polls that run, and whether the last one of each source was slow.
#[derive(Debug, Default)]
pub(super) struct PollSlots {
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
    /// Starts a poll. Returns whether there was a free slot.
    pub(super) fn start(&mut self, name: &SourceName, host: &str, now: Instant) -> bool {
        let is_slow = self.was_slow.get(name).copied().unwrap_or(false);
        let has_slot = match is_slow {
            true => self.has_slow_slot(host),
            false => self.count(|running| !running.is_slow) < QUICK_MAX,
        };
        let starts = has_slot && !self.running.contains_key(name);
        if starts {
            let running = Running { host: host.to_owned(), since: now, is_slow };
            self.running.insert(name.clone(), running);
        }
        starts
    }

    /// Ends a poll.
    pub(super) fn finish(&mut self, name: &SourceName, now: Instant) {
        if let Some(running) = self.running.remove(name) {
            self.was_slow.insert(name.clone(), now - running.since >= SLOW_AFTER);
        }
    }

    /// Moves the polls that became slow to slow slots. Returns those to abort, for which none is free.
    pub(super) fn demote_slow(&mut self, now: Instant) -> Vec<SourceName> {
        let late = self.running.iter().filter(|(_, one)| !one.is_slow && one.slow_at() <= now);
        let late: Vec<_> = late.map(|(name, one)| (name.clone(), one.host.clone())).collect();
        let mut aborted = Vec::new();
        for (name, host) in late {
            let has_slot = self.has_slow_slot(&host);
            self.was_slow.insert(name.clone(), true);
            match self.running.get_mut(&name).filter(|_| has_slot) {
                Some(running) => running.is_slow = true,
                None => {
                    self.running.remove(&name);
                    aborted.push(name);
                }
            }
        }
        aborted
    }

    /// Returns when the next of the quick polls becomes slow.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.running.values().filter(|one| !one.is_slow).map(Running::slow_at).min()
    }

    /// Returns the rank of a source among those that are due. Sources known to be quick come first:
    /// they do not wait until the slow ones among the unknown ones are found.
    pub(super) fn rank(&self, name: &SourceName) -> u8 {
        match self.was_slow.get(name) {
            Some(false) => 0,
            None => 1,
            Some(true) => 2,
        }
    }

    /// Returns the sources that are being polled.
    pub(super) fn names(&self) -> BTreeSet<SourceName> {
        self.running.keys().cloned().collect()
    }

    fn has_slow_slot(&self, host: &str) -> bool {
        self.count(|one| one.is_slow) < SLOW_MAX
            && self.count(|one| one.is_slow && one.host == host) < SLOW_PER_HOST
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

    /// A source: how long its polls take, and how often it is polled.
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

    /// Polls pages for some minutes, in steps of a tenth of a second. Returns the most polls that ran
    /// at the same time.
    fn play(pages: &mut [Page], seconds: u64) -> usize {
        let start = Instant::now();
        let mut slots = PollSlots::default();
        let mut ends: BTreeMap<SourceName, Duration> = BTreeMap::new();
        let mut at_once = 0;
        for step in 0..seconds * 10 {
            let time = Duration::from_millis(step * 100);
            let now = start + time;
            for page in pages.iter_mut() {
                if ends.get(&page.name).is_some_and(|end| *end <= time) {
                    ends.remove(&page.name);
                    slots.finish(&page.name, now);
                    page.due_at = time + page.every;
                    page.polls += 1;
                }
            }
            for name in slots.demote_slow(now) {
                ends.remove(&name);
            }
            let mut due: Vec<usize> =
                (0..pages.len()).filter(|n| pages[*n].due_at <= time).collect();
            due.sort_by_key(|n| (slots.rank(&pages[*n].name), pages[*n].due_at));
            for n in due {
                let page = &mut pages[n];
                if slots.start(&page.name, &page.host, now) {
                    page.waited_max = page.waited_max.max(time.saturating_sub(page.due_at));
                    ends.insert(page.name.clone(), time + page.takes);
                }
            }
            assert_eq!(
                slots.names().into_iter().collect::<Vec<_>>(),
                ends.keys().cloned().collect::<Vec<_>>()
            );
            at_once = at_once.max(ends.len());
        }
        // A source that still waits counts as well.
        let end = Duration::from_secs(seconds);
        for page in pages.iter_mut().filter(|page| !ends.contains_key(&page.name)) {
            page.waited_max = page.waited_max.max(end.saturating_sub(page.due_at));
        }
        at_once
    }

    #[test]
    fn slow_pages_delay_no_others() {
        for (slow, takes_ms) in [(12, 25_000), (100, 25_000), (100, 90_000), (12, 2_100)] {
            let mut pages: Vec<Page> = (0..slow)
                .map(|n| page(&format!("slow-{n}"), &format!("{n}.example"), takes_ms, 1))
                .collect();
            pages.push(page("good", "good.example", 100, 1));
            let at_once = play(&mut pages, 1500);
            let good = pages.last().unwrap();
            // At its first poll nothing is known about any.
            let first = Duration::from_secs(2 * slow / 8 + 1);
            assert!(good.waited_max <= first, "{slow} × {takes_ms}: {:?}", good.waited_max);
            if slow == 12 {
                assert!(good.waited_max <= Duration::from_secs(3), "{:?}", good.waited_max);
            }
            assert!(good.polls >= 1000, "{slow} × {takes_ms}: {}", good.polls);
            assert!(at_once <= QUICK_MAX + SLOW_MAX);
            let least = pages.iter().map(|page| page.polls).min().unwrap();
            assert!(least >= 1, "{slow} × {takes_ms}: one is forgotten");
        }
    }

    #[test]
    fn a_slow_host_does_not_occupy_all_slots() {
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
    fn a_page_that_is_quick_again_gets_a_quick_slot() {
        let start = Instant::now();
        let mut slots = PollSlots::default();
        let name = SourceName::parse("a").unwrap();
        assert_eq!(slots.rank(&name), 1);
        assert!(slots.start(&name, "a", start));
        assert!(!slots.start(&name, "a", start), "twice at once");
        assert_eq!(slots.next_at(), Some(start + SLOW_AFTER));
        assert!(slots.demote_slow(start + SLOW_AFTER).is_empty());
        assert_eq!((slots.rank(&name), slots.next_at()), (2, None));
        slots.finish(&name, start + Duration::from_secs(9));
        assert_eq!(slots.rank(&name), 2);
        assert!(slots.start(&name, "a", start + Duration::from_secs(10)));
        slots.finish(&name, start + Duration::from_secs(11));
        assert_eq!(slots.rank(&name), 0);
        assert!(slots.names().is_empty());
    }
}
