//! Reads the page of a source, or the feed in its place, in one poll.
//!
//! Guarantees: feeds that a page names are tried once a day, or whenever the page shows no entries;
//! the feed in place of a page is compared with it once an hour, or as soon as it fails.

use super::{
    document::{Expected, fetch_document},
    feed_choice::{FeedDecision, choose_feed, union},
    result::{Edits, PageInfo, PollResult},
};
use crate::{
    domain::{Extraction, FeedUse, PollStatus, Source, Validators},
    fetch::{Address, Request, Web},
    store::DuePoll,
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use url::Url;

/// How often the feed in place of a page is compared with it.
const FEED_COMPARED_EVERY: TimeDelta = TimeDelta::hours(1);
/// How often the feeds that a page names are tried.
const FEEDS_TRIED_EVERY: TimeDelta = TimeDelta::days(1);

/// Reads the documents of one source in one poll.
pub(super) struct SourceReader<'a, W, N> {
    pub(super) web: &'a W,
    pub(super) source: &'a Source,
    pub(super) due: &'a DuePoll,
    pub(super) now: &'a N,
}

impl<W: Web, N: Fn() -> DateTime<Utc>> SourceReader<'_, W, N> {
    /// Reads the source.
    pub(super) async fn read(&self) -> PollResult {
        let feed = match &self.source.page_rules.feed {
            FeedUse::Given(url) => Some(url),
            FeedUse::IfFresh => self.due.feed_url.as_ref(),
            FeedUse::Never => None,
        };
        match feed {
            Some(feed) => self.read_feed(feed).await,
            None => self.read_page().await,
        }
    }

    /// Returns the last day that an entry can have: today, and one more for institutions east of
    /// their zone.
    pub(super) fn latest_on(&self) -> NaiveDate {
        let today_on = (self.now)().with_timezone(&self.source.zone).date_naive();
        today_on.checked_add_days(Days::new(1)).unwrap_or(today_on)
    }

    /// Fetches a document without validators.
    pub(super) async fn fetch(&self, url: Url, expected: Expected) -> PollResult {
        self.fetch_by(&self.request(url), expected).await
    }

    async fn fetch_by(&self, request: &Request, expected: Expected) -> PollResult {
        fetch_document(self.web, self.source, request, expected, self.now).await
    }

    /// Returns the request for the page itself, or for an address that it or its feed names.
    fn request(&self, url: Url) -> Request {
        let address = Address::of_source(self.source);
        let address = if url == *address.url() { address } else { address.leads_to(url) };
        Request { respects_robots: self.source.respects_robots, ..Request::new(address) }
    }

    /// Returns the request for the page, or the feed in its place, with the validators if they are
    /// of that document.
    fn conditional_request(&self, feed: Option<&Url>) -> Request {
        let mut request = self.request(feed.unwrap_or(&self.source.url).clone());
        if self.due.feed_url.as_ref() == feed && self.due.validator_trust.are_sent() {
            request.etag.clone_from(&self.due.validators.etag);
            request.last_modified.clone_from(&self.due.validators.last_modified);
        }
        request
    }

    /// Whether the page and its feeds have not been compared for this long.
    fn is_comparison_due(&self, every: TimeDelta) -> bool {
        self.due.compared_at.is_none_or(|at| (self.now)() - at >= every)
    }

    /// Reads the page. If it names feeds, they are tried now and then.
    async fn read_page(&self) -> PollResult {
        // A source that was a feed has to be one, unless the operator accepts what is there now.
        let was_feed = self.due.was_feed && self.due.feed_url.is_none();
        let expected = match was_feed && !self.due.accepts_any_list {
            true => Expected::Feed,
            false if self.due.accepts_any_list => Expected::Anything,
            false => Expected::Page,
        };
        let page = self.fetch_by(&self.conditional_request(None), expected).await;
        let Some(extraction) = page.extraction.as_ref().filter(|e| self.tries_feeds(&page, e))
        else {
            return page;
        };
        let request = |url| self.request(url);
        let (feed, notes) = choose_feed(self.web, self.source, extraction, request, self.now).await;
        let Some(mut feed) = feed else { return PollResult { was_compared: true, ..page } };
        add_page(&mut feed, extraction);
        PollResult {
            note: notes.last().map(|note| format!("its feed {note}")),
            wait_for: None,
            was_compared: true,
            edits: Edits::Adopt,
            ..feed
        }
    }

    /// Whether the feeds that a page names are tried.
    fn tries_feeds(&self, page: &PollResult, extraction: &Extraction) -> bool {
        self.source.page_rules.feed == FeedUse::IfFresh
            && matches!(page.status, PollStatus::Ok | PollStatus::Unreadable)
            && (self.is_comparison_due(FEEDS_TRIED_EVERY) || extraction.entries.is_empty())
            && !extraction.feeds.is_empty()
    }

    /// Reads the feed in place of the page. If it fails or is to be compared, the page is read too.
    async fn read_feed(&self, url: &Url) -> PollResult {
        let is_given = self.source.page_rules.feed != FeedUse::IfFresh;
        let compares = !is_given && self.is_comparison_due(FEED_COMPARED_EVERY);
        let request =
            if compares { self.request(url.clone()) } else { self.conditional_request(Some(url)) };
        let feed = self.fetch_by(&request, Expected::FeedOfPage).await;
        if feed.status.is_healthy() && !compares {
            return self.as_feed(url, feed);
        }
        let page = self.fetch(self.source.url.clone(), Expected::Page).await;
        match FeedDecision::of(feed.list(), page.list()) {
            FeedDecision::FallBackToPage => {
                let result = fall_back_to_page(url, &feed, page);
                PollResult { feed_url: Some(url.clone()), ..result }
            }
            FeedDecision::FeedAlone => PollResult { was_compared: true, ..self.as_feed(url, feed) },
            FeedDecision::FeedWithPage => {
                let mut result = self.as_feed(url, feed);
                if let Some(page) = page.list() {
                    add_page(&mut result, page);
                }
                PollResult { was_compared: true, ..result }
            }
            FeedDecision::LeaveFeed(why) => {
                let mut result = page;
                result.note = Some(format!("the feed {url} is not read any more: {why}"));
                if let (Some(page), Some(feed)) = (result.list_mut(), feed.list()) {
                    page.entries = union(&page.entries, &feed.entries);
                }
                PollResult { was_compared: true, edits: Edits::Adopt, ..result }
            }
        }
    }

    /// Returns the result of the feed in place of the page.
    fn as_feed(&self, url: &Url, mut feed: PollResult) -> PollResult {
        let note_of_document = feed.note.take();
        // After a time with the page its texts are known, and those of the feed are not edits.
        let edits = if self.due.was_feed { Edits::Count } else { Edits::Adopt };
        let note = Some(format!("its feed {url} is read"));
        let mut result = PollResult { feed_url: Some(url.clone()), note, edits, ..feed };
        result.add_note(note_of_document);
        result
    }
}

/// Adds what the page has to the list of its feed: further entries, counters, clocks and contacts.
fn add_page(feed: &mut PollResult, page: &Extraction) {
    if let Some(list) = feed.list_mut() {
        list.entries = union(&list.entries, &page.entries);
        list.counters.clone_from(&page.counters);
        feed.page_info = PageInfo::of(page);
    }
}

/// Returns the result of a page whose feed cannot be read.
fn fall_back_to_page(url: &Url, feed: &PollResult, page: PollResult) -> PollResult {
    let instead = match page.status {
        PollStatus::Ok => "the page is read instead".to_owned(),
        _ => format!("nor can the page ({})", page.reason()),
    };
    let note = Some(format!("the feed {url} cannot be read ({}): {instead}", feed.reason()));
    PollResult { note, edits: Edits::Ignore, validators: Validators::default(), ..page }
}
