//! Polling: what is due is fetched, read, compared and recorded.
//!
//! Promises: a source that is slow or broken delays no other; whatever comes of a poll is recorded
//! with the time of the next one, in one transaction.
//! Leaves out: waiting (`app`), and everything that is decided on the way (`extract`, `detect`,
//! `schedule`).

use crate::{
    detect::{self, Verdict},
    domain::{Reading, Reason, Source, SourceName},
    extract::{self, Document},
    schedule,
    store::{DuePoll, Poll, Store, StoreError},
    web::{Body, Failure, Fetched, Request, Web},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use url::Url;

/// Feeds of one page that are tried in one poll.
const FEEDS_TRIED_MAX: usize = 3;

/// Polls sources through a door to the web.
#[derive(Clone, Debug)]
pub struct Poller<W> {
    store: Store,
    web: W,
    sources: BTreeMap<SourceName, Source>,
}

/// What a poll came to, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// Which source.
    pub name: SourceName,
    /// The outcome before this one, and this one.
    pub before: Reason,
    /// Same.
    pub reason: Reason,
    /// In words.
    pub note: Option<String>,
    /// Entries that were stored in silence by a first reading.
    pub baseline: Option<usize>,
    /// Entries that were announced.
    pub new: usize,
    /// Entries that changed.
    pub edited: usize,
    /// Deliveries that were made.
    pub deliveries: u64,
}

/// What is known after fetching and reading.
struct Outcome {
    reason: Reason,
    note: Option<String>,
    /// How long the server asks to be left alone, or says that nothing will change.
    wait_for: Option<Duration>,
    reading: Option<(Reading, Box<Body>)>,
    /// The feeds that a page names which has no list of its own.
    feeds: Vec<Url>,
}

impl<W: Web> Poller<W> {
    /// A poller of these sources.
    pub fn new(store: Store, web: W, sources: &[Source]) -> Self {
        let sources = sources.iter().map(|source| (source.name.clone(), source.clone())).collect();
        Poller { store, web, sources }
    }

    /// The sources that are due.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<DuePoll>, StoreError> {
        self.store.due_polls(now).await
    }

    /// How long until a source is due that is not being polled already; an hour if there is none.
    pub async fn wait(
        &self,
        now: DateTime<Utc>,
        running: &BTreeSet<SourceName>,
    ) -> Result<Duration, StoreError> {
        let next_at = self.store.next_poll_at(running).await?;
        let wait = next_at.map_or(TimeDelta::hours(1), |at| at - now);
        Ok(wait.to_std().unwrap_or_default())
    }

    /// Polls one source. `chance`, from 0 to 1, moves the next poll a little.
    pub async fn poll(
        &self,
        due: &DuePoll,
        now: impl Fn() -> DateTime<Utc>,
        chance: f64,
    ) -> Result<Option<Polled>, StoreError> {
        let Some(source) = self.sources.get(&due.name) else {
            return Ok(None);
        };
        let request = Request {
            etag: due.etag.clone(),
            last_modified: due.last_modified.clone(),
            heeds_robots: source.heeds_robots,
            ..Request::new(source.url.clone())
        };
        let fetched = self.web.fetch(&request).await;
        let mut outcome = read(fetched, source, due, now()).await;
        if outcome.reason == Reason::Unreadable && !outcome.feeds.is_empty() {
            self.read_feed(source, due, &mut outcome, &now).await;
        }
        let polled_at = now();
        let mut verdict = None;
        let mut counters = Vec::new();
        let mut kind = None;
        let (mut etag, mut last_modified) = (None, None);
        if let Some((reading, body)) = outcome.reading.take() {
            let candidates = detect::keyed(&reading.entries, &source.url);
            let known = self.store.known(due.source_id, &candidates).await?;
            let found = detect::detect(&known, candidates);
            if let Verdict::Suspicious(why) = &found {
                outcome.reason = Reason::Held;
                outcome.note = Some(why.clone());
            }
            verdict = Some(found);
            counters = reading.counters;
            // What is kept is of the source's own document, not of a feed in its stead.
            if outcome.feeds.is_empty() {
                kind = Some(reading.kind);
                (etag, last_modified) = (body.etag, body.last_modified);
            }
        }
        let failures = if outcome.reason.is_healthy() { 0 } else { due.failures.saturating_add(1) };
        let wait = schedule::wait(source.every, failures, outcome.wait_for, chance);
        let poll = Poll {
            source_id: due.source_id,
            reason: outcome.reason,
            note: outcome.note,
            polled_at,
            polled_on: polled_at.with_timezone(&source.zone).date_naive(),
            next_poll_at: polled_at + wait,
            verdict,
            counters,
            kind,
            etag,
            last_modified,
        };
        let deliveries = self.store.record_poll(&poll).await?;
        Ok(Some(polled(due, &poll, deliveries)))
    }

    /// Reads the first living feed that a page without a list of its own names, in its stead: such
    /// lists are filled in by a script, and the feed is what the page offers to programs.
    async fn read_feed(
        &self,
        source: &Source,
        due: &DuePoll,
        outcome: &mut Outcome,
        now: impl Fn() -> DateTime<Utc>,
    ) {
        for feed in outcome.feeds.iter().take(FEEDS_TRIED_MAX) {
            let request =
                Request { heeds_robots: source.heeds_robots, ..Request::new(feed.clone()) };
            let fetched = self.web.fetch(&request).await;
            let of_feed = read(fetched, source, due, now()).await;
            if let Some((reading, _)) = &of_feed.reading
                && reading.kind.is_feed()
            {
                outcome.reason = Reason::Ok;
                outcome.note = Some(format!(
                    "the page has no list that can be read: its feed {feed} is read instead"
                ));
                outcome.reading = of_feed.reading;
                return;
            }
        }
    }
}

/// Reads what was fetched.
async fn read(fetched: Fetched, source: &Source, due: &DuePoll, now: DateTime<Utc>) -> Outcome {
    let body = match fetched {
        Fetched::Body(body) => body,
        Fetched::Unchanged(fresh_for) => {
            return Outcome {
                reason: Reason::Unchanged,
                note: None,
                wait_for: fresh_for,
                reading: None,
                feeds: Vec::new(),
            };
        }
        Fetched::Failed(Failure { reason, note, retry_after }) => {
            return Outcome {
                reason,
                note: Some(note),
                wait_for: retry_after,
                reading: None,
                feeds: Vec::new(),
            };
        }
    };
    let zone = source.zone;
    let hints = source.hints.clone();
    // Reading a large page takes long enough to hold up everything else on this thread.
    let read = tokio::task::spawn_blocking(move || {
        let reading = extract::read(&Document {
            bytes: &body.bytes,
            content_type: body.content_type.as_deref(),
            url: Some(&body.url),
            zone,
            now,
            hints: &hints,
        });
        (reading, body)
    });
    let without = |reason, note: String| Outcome {
        reason,
        note: Some(note),
        wait_for: None,
        reading: None,
        feeds: Vec::new(),
    };
    let read = read.await;
    if let Ok((reading, body)) = &read
        && !due.is_confirmed
        && let Some((reason, note)) = misplaced(source, due, reading, &body.url)
    {
        return without(reason, note);
    }
    match read {
        Ok((reading, body)) if !reading.entries.is_empty() => Outcome {
            reason: Reason::Ok,
            note: None,
            wait_for: body.fresh_for,
            reading: Some((reading, body)),
            feeds: Vec::new(),
        },
        Ok((Reading { challenge: Some(what), .. }, _)) => {
            without(Reason::Challenge, format!("it looks like {what}, not like the page itself"))
        }
        Ok((reading, _)) => Outcome {
            feeds: reading.feeds,
            ..without(Reason::Unreadable, "no dated entries are on it".to_owned())
        },
        // A page that breaks the reader breaks nothing else.
        Err(_) => without(
            Reason::Broken,
            "reading it failed, which is a bug: please report it".to_owned(),
        ),
    }
}

/// Whether something came that stands in the place of the source, and what to do about it.
fn misplaced(
    source: &Source,
    due: &DuePoll,
    reading: &Reading,
    url: &Url,
) -> Option<(Reason, String)> {
    if due.was_feed && !reading.kind.is_feed() {
        let note = "a page came where a feed was: look whether the feed has moved; \
            `communique source confirm` takes the page in its place";
        return Some((Reason::HtmlForFeed, note.to_owned()));
    }
    const WORDS: [&str; 8] =
        ["404", "403", "500", "503", "error", "notfound", "maintenance", "unavailable"];
    let path = url.path().to_ascii_lowercase().replace("not-found", "notfound");
    let names_error = path.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
    let is_front_page = path == "/" && source.url.path() != "/" && reading.entries.is_empty();
    let is_elsewhere = url.path() != source.url.path();
    (is_elsewhere && (names_error || is_front_page)).then(|| {
        let note = format!("the address leads to {url} now: look where the page has moved");
        (Reason::ErrorPage, note)
    })
}

fn polled(due: &DuePoll, poll: &Poll, deliveries: u64) -> Polled {
    let mut polled = Polled {
        name: due.name.clone(),
        before: due.reason,
        reason: poll.reason,
        note: poll.note.clone(),
        baseline: None,
        new: 0,
        edited: 0,
        deliveries,
    };
    match &poll.verdict {
        Some(Verdict::Baseline(entries)) => polled.baseline = Some(entries.len()),
        Some(Verdict::Found(found)) => {
            polled.new = found.new.len();
            polled.edited = found.edited.len();
        }
        Some(Verdict::Suspicious(_)) | None => {}
    }
    polled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Hints, Kind};

    #[test]
    fn what_stands_in_the_place_of_a_source_is_told_from_it() {
        let cases = [
            ("/news", "/news", false, Kind::Html, None),
            ("/news", "/en/news/", false, Kind::Html, None),
            ("/news", "/404.html", false, Kind::Html, Some(Reason::ErrorPage)),
            ("/news", "/site/not-found", false, Kind::Html, Some(Reason::ErrorPage)),
            ("/news", "/", false, Kind::Html, Some(Reason::ErrorPage)),
            ("/", "/", false, Kind::Html, None),
            ("/feed", "/feed", true, Kind::Rss, None),
            ("/feed", "/feed", true, Kind::Html, Some(Reason::HtmlForFeed)),
        ];
        for (asked, came, was_feed, kind, expected) in cases {
            let at = |path: &str| Url::parse(&format!("https://e.example{path}")).unwrap();
            let name = SourceName::parse("e").unwrap();
            let source = Source {
                name: name.clone(),
                title: String::new(),
                url: at(asked),
                every: Duration::from_secs(1),
                zone: chrono_tz::UTC,
                heeds_robots: true,
                counters: Vec::new(),
                hints: Hints::default(),
            };
            let due = DuePoll {
                name,
                source_id: 1,
                failures: 0,
                was_feed,
                is_confirmed: false,
                reason: Reason::Ok,
                etag: None,
                last_modified: None,
            };
            let found = misplaced(&source, &due, &Reading::empty(kind), &at(came));
            assert_eq!(found.map(|(reason, _)| reason), expected, "{asked} -> {came}");
        }
    }
}
