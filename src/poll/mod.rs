//! Polling: what is due is fetched, read, compared and recorded.
//!
//! Promises: a source that is slow or broken delays no other; whatever comes of a poll is recorded
//! with the time of the next one, in one transaction. A feed that stands for a page fails over to the
//! page in the same poll. Where more came than a page shows, further pages are read, a few.
//! Leaves out: waiting (`app`), and everything that is decided on the way (`extract`, `detect`,
//! `schedule`).

mod document;
mod feed_choice;
mod hold;
pub mod interval;

pub use self::document::{Expected, ExtractedList, FetchedDocument, cut_note, fetch_document};
pub use self::feed_choice::{ChosenFeed, choose_feed};

use self::hold::{HoldNews, Settled};
use crate::{
    detect::{self, KeyedCandidate, Known, Verdict},
    domain::{
        AccessPolicy, Candidate, Clock, CounterSeen, DocumentKind, Extraction, FeedUse, HealthNews,
        Message, PageNotes, Place, PollStatus, Reply, Source, SourceName, ValidatorTrust,
        Validators, web_url::AddressPart,
    },
    fetch::{Address, Request, UrlProvenance, Web},
    message::operator::Notice,
    store::{DuePoll, HoldChange, Poll, Recipient, Store, StoreError},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use url::Url;

/// How often a feed that stands for a page is held against it.
const FEED_COMPARED_EVERY: TimeDelta = TimeDelta::hours(1);
/// How often the feeds of a page that is read itself are tried.
const FEEDS_TRIED_EVERY: TimeDelta = TimeDelta::days(1);
/// Further pages that are read when more came than a page shows.
const PAGES_MAX: usize = 5;

/// Polls sources through a door to the web.
#[derive(Clone, Debug)]
pub struct Poller<W> {
    store: Store,
    web: W,
    sources: BTreeMap<SourceName, Source>,
    digest_above: usize,
    /// Who is told what the operator has to know, and how long a list is held.
    operators: Vec<i64>,
    hold_for: TimeDelta,
}

/// What a poll came to, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// Which source.
    pub name: SourceName,
    /// The outcome before this one.
    pub before: PollStatus,
    /// The outcome of this poll.
    pub reason: PollStatus,
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
    /// What the operator is told in Telegram.
    pub notices: usize,
}

impl<W: Web> Poller<W> {
    /// A poller of these sources. When more entries than `digest_above` come at once, one message
    /// tells of all.
    pub fn new(store: Store, web: W, sources: &[Source], digest_above: usize) -> Self {
        let sources = sources.iter().map(|source| (source.name.clone(), source.clone())).collect();
        let AccessPolicy { hold_for, .. } = AccessPolicy::default();
        Poller { store, web, sources, digest_above, operators: Vec::new(), hold_for }
    }

    /// The same, telling those whom the policy names, and holding lists as long as it says.
    pub fn with_access_policy(self, policy: &AccessPolicy) -> Self {
        Poller { operators: policy.operators(), hold_for: policy.hold_for, ..self }
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
}

/// What is known of a list after looking at one document of it, or two.
struct PollResult {
    reason: PollStatus,
    note: Option<String>,
    wait_for: Option<Duration>,
    /// The list, if one was read.
    list: Option<PolledList>,
    /// The feed that stands for the page from now on.
    feed_url: Option<Url>,
    /// Whether page and feeds were compared.
    was_compared: bool,
}

struct PolledList {
    entries: Vec<Candidate>,
    /// How many of them its own document shows; further pages and the feed beside it may add some.
    shown: usize,
    counters: Vec<CounterSeen>,
    /// What the page shows beside it; a feed shows nothing.
    notes: Option<(Vec<Clock>, Vec<String>)>,
    kind: DocumentKind,
    /// The next page of it.
    next: Option<Url>,
    etag: Option<String>,
    last_modified: Option<String>,
    /// What becomes of texts that differ from those that are known.
    edits: Edits,
}

/// Texts of another document than the one that is mostly read differ without anybody's edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edits {
    /// Somebody edited them.
    Count,
    /// They are the texts from now on, but nobody edited them.
    Adopt,
    /// They are passed over.
    Ignore,
}

impl PolledList {
    fn of(found: ExtractedList) -> Self {
        let ExtractedList { reading, etag, last_modified } = found;
        PolledList {
            shown: reading.entries.len(),
            notes: page_info(&reading),
            next: reading.next.or(reading.archive),
            entries: reading.entries,
            counters: reading.counters,
            kind: reading.kind,
            etag,
            last_modified,
            edits: Edits::Count,
        }
    }
}

/// What a page shows beside its list.
fn page_info(reading: &Extraction) -> Option<(Vec<Clock>, Vec<String>)> {
    (!reading.kind.is_feed()).then(|| (reading.clocks.clone(), reading.contacts.clone()))
}

/// The same as it is kept: of clocks, how far they are from UTC.
fn page_notes((clocks, contacts): (Vec<Clock>, Vec<String>), read_at: DateTime<Utc>) -> PageNotes {
    let clocks = clocks.into_iter().filter_map(|clock| {
        let offset = clock.offset_minutes(read_at)?;
        Some((clock.place, offset))
    });
    PageNotes { clocks: clocks.collect(), contacts }
}

impl PollResult {
    /// Says one thing more.
    fn add_note(&mut self, note: Option<String>) {
        if let Some(note) = note {
            self.note = Some(self.note.take().map_or(note.clone(), |own| format!("{own}; {note}")));
        }
    }

    fn of(look: FetchedDocument) -> Self {
        let FetchedDocument { reason, note, wait_for, found } = look;
        let list = found.filter(|_| reason == PollStatus::Ok).map(PolledList::of);
        PollResult { reason, note, wait_for, list, feed_url: None, was_compared: false }
    }
}

impl<W: Web> Poller<W> {
    /// Polls one source. `chance`, from 0 to 1, moves the next poll a little.
    pub async fn poll(
        &self,
        due: &DuePoll,
        now: impl Fn() -> DateTime<Utc>,
        chance: f64,
    ) -> Result<Option<Polled>, StoreError> {
        let Some(source) = due.user_added.as_deref().or_else(|| self.sources.get(&due.name)) else {
            return Ok(None);
        };
        let look = SourceReader { web: &self.web, source, due, now: &now };
        let feed = match &source.page_rules.feed {
            FeedUse::Given(url) => Some(url),
            FeedUse::IfFresh => due.feed_url.as_ref(),
            FeedUse::Never => None,
        };
        let mut outcome = match feed {
            Some(feed) => look.at_feed(feed).await,
            None => look.at_page().await,
        };
        let mut verdict = None;
        let mut hold = HoldChange::Keep;
        let mut hold_news = None;
        let mut volatile = due.volatile_parts.clone();
        let mut list = outcome.list.take();
        if let Some(list) = &mut list {
            let read = self.read_list(&look, list, &mut volatile).await?;
            if list.entries.is_empty()
                && read.known.hold.as_ref().is_some_and(|hold| hold.is_active)
            {
                // The validators stay those of the last list that was believed.
                list.etag.clone_from(&due.validators.etag);
                list.last_modified.clone_from(&due.validators.last_modified);
            }
            let before = match &read.verdict {
                Verdict::Found(found) if found.new.len() + found.older.len() > 0 => {
                    self.store.added(due.source_id, now() - TimeDelta::days(1)).await?
                }
                _ => 0,
            };
            let settled =
                self::hold::settle(&read.known, read.verdict, now(), self.hold_for, before);
            let Settled { verdict: mut found, hold: change, news, note } = settled;
            match &mut found {
                Verdict::Suspicious(..) => outcome.reason = PollStatus::Held,
                Verdict::Found(found) => {
                    if list.edits == Edits::Ignore {
                        found.edited.clear();
                    }
                    // The oldest of them are not shown next time.
                    found.listed.drain(..found.listed.len().saturating_sub(list.shown));
                    outcome.add_note(found.note.take());
                }
                Verdict::Baseline(_) => {}
            }
            outcome.add_note(note);
            let pages = read.pages;
            outcome.add_note((pages > 0).then(|| {
                format!("more came than the page shows: {pages} further pages were read")
            }));
            (verdict, hold, hold_news) = (Some(found), change, news);
        } else if outcome.reason == PollStatus::Unchanged && !due.reason.is_healthy() {
            // The validators are those of the last list that was believed.
            let known = self.store.known(due.source_id, &[]).await?;
            (hold, hold_news) = self::hold::release(known.hold.as_ref());
        }
        let polled_at = now();
        let (health, health_news) = due.health.after(outcome.reason, polled_at);
        let validators = validators(due, &outcome, list.as_ref(), verdict.as_ref());
        let notices = self.notices(due, source, hold_news, health_news, &outcome).await?;
        let failures =
            if outcome.reason.is_readable() { 0 } else { due.failures.saturating_add(1) };
        let wait = interval::poll_interval(source.interval, failures, outcome.wait_for, chance);
        let edits = list.as_ref().map(|list| list.edits);
        let notes = list.as_mut().and_then(|list| list.notes.take());
        let of_list = list.map(|list| (list.counters, list.kind, list.etag, list.last_modified));
        let (counters, kind, etag, last_modified) = match of_list {
            Some((counters, kind, etag, modified)) => (counters, Some(kind), etag, modified),
            None => (Vec::new(), None, None, None),
        };
        let compared_at = outcome.was_compared.then_some(polled_at);
        let poll = Poll {
            source_id: due.source_id,
            reason: outcome.reason,
            note: outcome.note,
            polled_at,
            polled_on: polled_at.with_timezone(&source.zone).date_naive(),
            next_poll_at: polled_at + wait,
            verdict,
            digest_above: self.digest_above,
            is_edit: edits != Some(Edits::Adopt),
            counters,
            notes: notes.map(|notes| page_notes(notes, polled_at)),
            kind,
            validators: Validators { etag, last_modified },
            feed_url: outcome.feed_url,
            compared_at: compared_at.or(due.compared_at),
            hold,
            volatile_parts: volatile,
            validator_trust: validators,
            health,
            notices,
        };
        let deliveries = self.store.record_poll(&poll).await?;
        Ok(Some(polled(due, &poll, deliveries)))
    }

    /// What is new in a list, with its further pages where more came than it shows. Parts of addresses that
    /// turn out to differ at every reading are left out, and the list is looked at again.
    async fn read_list<N: Fn() -> DateTime<Utc>>(
        &self,
        look: &SourceReader<'_, W, N>,
        list: &mut PolledList,
        volatile: &mut BTreeSet<AddressPart>,
    ) -> Result<ReadList, StoreError> {
        let latest_on = look.latest_on();
        let (mut known, mut candidates, pages) =
            self.with_further_pages(look, list, volatile).await?;
        loop {
            let (verdict, same) =
                on_blocking_thread(move || (detect::detect(&known, candidates, latest_on), known))
                    .await;
            known = same;
            let found = match &verdict {
                Verdict::Found(found) | Verdict::Suspicious(_, found) => &found.volatile,
                Verdict::Baseline(_) => return Ok(ReadList { known, verdict, pages }),
            };
            if found.is_subset(volatile) {
                return Ok(ReadList { known, verdict, pages });
            }
            volatile.extend(found.iter().cloned());
            (candidates, known) = self.keyed(look, list, volatile).await?;
            known.volatile.clone_from(volatile);
        }
    }

    /// The entries of a list with their keys, and what is known of them.
    async fn keyed<N: Fn() -> DateTime<Utc>>(
        &self,
        look: &SourceReader<'_, W, N>,
        list: &PolledList,
        volatile: &BTreeSet<AddressPart>,
    ) -> Result<(Vec<KeyedCandidate>, Known), StoreError> {
        let how = detect::List { page: &look.source.url, latest_on: look.latest_on(), volatile };
        let candidates = detect::assign_keys(&list.entries, &how);
        let known = self.store.known(look.due.source_id, &candidates).await?;
        Ok((candidates, known))
    }

    /// What is known of a list, its entries with their keys, and how many further pages had to be
    /// read, because more came than the first one shows.
    async fn with_further_pages<N: Fn() -> DateTime<Utc>>(
        &self,
        look: &SourceReader<'_, W, N>,
        list: &mut PolledList,
        volatile: &BTreeSet<AddressPart>,
    ) -> Result<(Known, Vec<KeyedCandidate>, usize), StoreError> {
        let mut read: BTreeSet<Url> = BTreeSet::from([look.source.url.clone()]);
        let mut pages = 0;
        let latest_on = look.latest_on();
        loop {
            let (candidates, known) = self.keyed(look, list, volatile).await?;
            let is_same_host = |url: &Url| url.host() == look.source.url.host();
            let next = list.next.take().filter(|url| is_same_host(url) && read.insert(url.clone()));
            let Some(next) = next else { return Ok((known, candidates, pages)) };
            let (is_wanted, known, candidates) = on_blocking_thread(move || {
                (detect::needs_next_page(&known, &candidates, latest_on), known, candidates)
            })
            .await;
            if !is_wanted {
                return Ok((known, candidates, pages));
            }
            if pages == PAGES_MAX {
                return Ok((known, candidates, pages));
            }
            let FetchedDocument { reason: PollStatus::Ok, found: Some(found), .. } =
                look.at(next, Expected::Anything).await
            else {
                return Ok((known, candidates, pages));
            };
            let more = self::feed_choice::union(&list.entries, &found.reading.entries);
            if more.len() > list.entries.len() {
                list.next = found.reading.next;
            }
            list.entries = more;
            pages += 1;
        }
    }
}

/// Does what may take a while, comparing the titles of a long list, where nobody waits for it.
async fn on_blocking_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The program ends, and nobody waits for it any more.
            Err(_) => std::future::pending().await,
        },
    }
}

/// What a list comes to.
struct ReadList {
    known: Known,
    verdict: Verdict,
    /// Further pages that were read for it.
    pages: usize,
}

impl<W: Web> Poller<W> {
    /// What those have to know whom the operator names.
    async fn notices(
        &self,
        due: &DuePoll,
        source: &Source,
        hold: Option<HoldNews>,
        health: Option<HealthNews>,
        outcome: &PollResult,
    ) -> Result<Vec<Reply>, StoreError> {
        if hold.is_none() && health.is_none() {
            return Ok(Vec::new());
        }
        let recipients = self.store.recipients(&self.operators, due.source_id).await?;
        let to = |recipient: &Recipient| -> Vec<Reply> {
            let Recipient { chat, lang, zone } = *recipient;
            let (title, url) = (source.title.as_str(), source.url.as_str());
            let notice = Notice { title, url, lang, zone };
            let of_hold = hold.as_ref().map(|news| match news {
                HoldNews::Question(hold) => notice.question(hold, due.source_id, self.hold_for),
                HoldNews::Adopted(stored) => notice.adopted(*stored),
                HoldNews::Released(unposted) => notice.released(*unposted),
            });
            let of_health = health.map(|news| notice.health(news, outcome.note.as_deref()));
            let answer = |message: Message| Reply::new(Place { chat, thread: None }, message);
            of_hold.into_iter().chain(of_health).map(answer).collect()
        };
        Ok(recipients.iter().flat_map(to).collect())
    }
}

/// How far a server's word is believed from now on that nothing changed.
fn validators(
    due: &DuePoll,
    outcome: &PollResult,
    list: Option<&PolledList>,
    verdict: Option<&Verdict>,
) -> ValidatorTrust {
    let Some(list) = list else {
        return match outcome.reason {
            PollStatus::Unchanged => due.validator_trust.after_unchanged(),
            _ => due.validator_trust,
        };
    };
    let has_news = match verdict {
        Some(Verdict::Found(found)) => !found.new.is_empty() || !found.edited.is_empty(),
        Some(Verdict::Suspicious(..)) => true,
        Some(Verdict::Baseline(_)) | None => false,
    };
    let known = &due.validators;
    let is_same = list.etag == known.etag && list.last_modified == known.last_modified;
    due.validator_trust.after_document(has_news, is_same)
}

/// Looks at the documents of one source in one poll.
struct SourceReader<'a, W, N> {
    web: &'a W,
    source: &'a Source,
    due: &'a DuePoll,
    now: &'a N,
}

impl<W: Web, N: Fn() -> DateTime<Utc>> SourceReader<'_, W, N> {
    /// The last day that an entry can be of: today, and one more for institutions east of their zone.
    fn latest_on(&self) -> NaiveDate {
        let today_on = (self.now)().with_timezone(&self.source.zone).date_naive();
        today_on.checked_add_days(Days::new(1)).unwrap_or(today_on)
    }

    /// A request for the page itself, or for what it or its feed names.
    fn request(&self, url: Url, given_by: UrlProvenance) -> Request {
        let address = Address::of_source(self.source);
        let address = if url == *address.url() { address } else { address.leads_to(url, given_by) };
        Request { respects_robots: self.source.respects_robots, ..Request::new(address) }
    }

    /// The request for the page or a feed in its stead, with the validators if they are of it.
    fn again(&self, feed: Option<&Url>) -> Request {
        let mut request =
            self.request(feed.unwrap_or(&self.source.url).clone(), UrlProvenance::Page);
        if self.due.feed_url.as_ref() == feed && self.due.validator_trust.are_sent() {
            request.etag.clone_from(&self.due.validators.etag);
            request.last_modified.clone_from(&self.due.validators.last_modified);
        }
        request
    }

    async fn at(&self, url: Url, expected: Expected) -> FetchedDocument {
        let request = self.request(url, UrlProvenance::Page);
        fetch_document(self.web, self.source, &request, expected, self.now).await
    }

    fn is_due(&self, every: TimeDelta) -> bool {
        self.due.compared_at.is_none_or(|at| (self.now)() - at >= every)
    }

    /// Looks at the page, and where it names feeds, now and then at these.
    async fn at_page(&self) -> PollResult {
        // What was a feed is to be one, unless the operator takes what is there now.
        let was_feed = self.due.was_feed && self.due.feed_url.is_none();
        let expected = match was_feed && !self.due.accepts_any_list {
            true => Expected::Feed,
            false if self.due.accepts_any_list => Expected::Anything,
            false => Expected::Page,
        };
        let request = self.again(None);
        let page = fetch_document(self.web, self.source, &request, expected, self.now).await;
        let reads_feeds = self.source.page_rules.feed == FeedUse::IfFresh
            && matches!(page.reason, PollStatus::Ok | PollStatus::Unreadable);
        let Some(found) = page.found.as_ref().filter(|found| {
            let is_due = self.is_due(FEEDS_TRIED_EVERY) || found.reading.entries.is_empty();
            reads_feeds && is_due && !found.reading.feeds.is_empty()
        }) else {
            return PollResult::of(page);
        };
        let request = |url| self.request(url, UrlProvenance::Page);
        let (feed, notes) =
            choose_feed(self.web, self.source, &found.reading, request, self.now).await;
        let Some(ChosenFeed { url, found: feed }) = feed else {
            return PollResult { was_compared: true, ..PollResult::of(page) };
        };
        let mut list = PolledList::of(feed);
        list.entries = self::feed_choice::union(&list.entries, &found.reading.entries);
        list.counters.clone_from(&found.reading.counters);
        list.notes = page_info(&found.reading);
        list.edits = Edits::Adopt;
        PollResult {
            reason: PollStatus::Ok,
            note: notes.last().map(|note| format!("its feed {note}")),
            wait_for: None,
            list: Some(list),
            feed_url: Some(url),
            was_compared: true,
        }
    }

    /// Looks at the feed that stands for the page, and where it fails or is to be compared, at the
    /// page.
    async fn at_feed(&self, feed: &Url) -> PollResult {
        let is_given = self.source.page_rules.feed != FeedUse::IfFresh;
        let compares = !is_given && self.is_due(FEED_COMPARED_EVERY);
        let request = if compares {
            self.request(feed.clone(), UrlProvenance::Page)
        } else {
            self.again(Some(feed))
        };
        let of_feed =
            fetch_document(self.web, self.source, &request, Expected::FeedOfPage, self.now).await;
        let feed_url = Some(feed.clone());
        // After a time with the page its texts are known, and the feed's are no edits.
        let edits = if self.due.was_feed { Edits::Count } else { Edits::Adopt };
        let of_feed_alone = |look| {
            let mut outcome = PollResult::of(look);
            let of_reading = outcome.note.take();
            let list = outcome.list.map(|list| PolledList { edits, ..list });
            let mut outcome =
                PollResult { feed_url: feed_url.clone(), note: note(feed), list, ..outcome };
            outcome.add_note(of_reading);
            outcome
        };
        if of_feed.reason.is_healthy() && !compares {
            return of_feed_alone(of_feed);
        }
        let page = self.at(self.source.url.clone(), Expected::Page).await;
        match (of_feed.list().cloned(), page.list().cloned()) {
            (None, _) => PollResult { feed_url, ..fallback_to_page(feed, of_feed, page) },
            // A page that cannot be read says nothing against its feed.
            (Some(_), None) => PollResult { was_compared: true, ..of_feed_alone(of_feed) },
            (Some(found), Some(of_page)) => {
                match self::feed_choice::feed_mismatch(&found.reading, &of_page.reading) {
                    Some(why) => {
                        let mut outcome = PollResult::of(page);
                        outcome.note = Some(format!("the feed {feed} is not read any more: {why}"));
                        outcome.was_compared = true;
                        if let Some(list) = &mut outcome.list {
                            list.entries = self::feed_choice::union(
                                &of_page.reading.entries,
                                &found.reading.entries,
                            );
                            list.edits = Edits::Adopt;
                        }
                        outcome
                    }
                    None => {
                        let mut outcome = of_feed_alone(of_feed);
                        outcome.was_compared = true;
                        if let Some(list) = &mut outcome.list {
                            list.entries = self::feed_choice::union(
                                &found.reading.entries,
                                &of_page.reading.entries,
                            );
                            list.notes = page_info(&of_page.reading);
                            list.counters = of_page.reading.counters;
                        }
                        outcome
                    }
                }
            }
        }
    }
}

/// What came of the page where its feed cannot be read.
fn fallback_to_page(feed: &Url, of_feed: FetchedDocument, mut page: FetchedDocument) -> PollResult {
    let said = |look: &FetchedDocument| {
        look.note.clone().unwrap_or_else(|| look.reason.as_str().to_owned())
    };
    let instead = match page.reason {
        PollStatus::Ok => "the page is read instead".to_owned(),
        _ => format!("nor can the page ({})", said(&page)),
    };
    page.note = Some(format!("the feed {feed} cannot be read ({}): {instead}", said(&of_feed)));
    let mut outcome = PollResult::of(page);
    if let Some(list) = &mut outcome.list {
        list.edits = Edits::Ignore;
        (list.etag, list.last_modified) = (None, None);
    }
    outcome
}

/// What is said of a feed for as long as it stands for the page.
fn note(feed: &Url) -> Option<String> {
    Some(format!("its feed {feed} is read"))
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
        notices: poll.notices.len(),
    };
    match &poll.verdict {
        Some(Verdict::Baseline(entries)) => polled.baseline = Some(entries.len()),
        Some(Verdict::Found(found)) => {
            polled.new = found.new.len();
            polled.edited = if poll.is_edit { found.edited.len() } else { 0 };
        }
        Some(Verdict::Suspicious(..)) | None => {}
    }
    polled
}
