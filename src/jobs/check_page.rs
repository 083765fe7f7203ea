//! The job that checks a page that a user wants to watch.
//!
//! Guarantees: the reply says nothing about addresses in a private network, nor whether they exist.

use super::outcome::JobOutcome;
use crate::domain::web_url::without_www;
use crate::{
    domain::{Candidate, Place, PollStatus, Source, SourceName, text::normalize_whitespace},
    fetch::{Address, Request, Web},
    lang::{Lang, Phrases},
    message,
    poll::{Expected, choose_feed, fetch_document},
    store::JobResult,
};
use chrono::{DateTime, Utc};
use url::Url;

/// The longest title of a page, in characters.
const TITLE_CHARS_MAX: usize = 100;

/// The page that is checked.
pub(super) struct CheckPage<'a, W> {
    pub(super) web: &'a W,
    pub(super) url: &'a Url,
    /// The channel that it is for, if that is not where the user asked.
    pub(super) about: Option<Place>,
    pub(super) lang: Lang,
}

/// What a page has.
struct Found {
    status: PollStatus,
    title: Option<String>,
    entries: Vec<Candidate>,
}

impl<W: Web> CheckPage<'_, W> {
    /// Fetches the page, and its feed if it has no list of its own.
    pub(super) async fn run(&self, now: &impl Fn() -> DateTime<Utc>) -> JobOutcome {
        let (url, about, lang) = (self.url, self.about, self.lang);
        let phrases = lang.phrases();
        let Some(name) = SourceName::parse("new") else {
            return JobOutcome::reply(message::plain(phrases.page_unreachable));
        };
        let source = Source::user_added(name, String::new(), url.clone());
        let Found { status, title, entries } = self.find(&source, now).await;
        if entries.is_empty() {
            return JobOutcome::reply(message::plain(no_list(status, phrases)));
        }
        let host = without_www(url.host_str().unwrap_or_default()).to_owned();
        let title = title.map(|title| normalize_whitespace(&title)).filter(|t| !t.is_empty());
        let title: String = title.unwrap_or(host).chars().take(TITLE_CHARS_MAX).collect();
        let (shown, address) = (title.clone(), url.to_string());
        JobOutcome {
            result: JobResult::Page(url.clone(), title),
            reply: Box::new(move |candidate_id| {
                message::page_preview(&shown, &address, &entries, (about, candidate_id), lang)
            }),
        }
    }

    async fn find(&self, source: &Source, now: &impl Fn() -> DateTime<Utc>) -> Found {
        let request = |url: Url| Request::new(Address::of_user(url));
        let first = request(self.url.clone());
        let page = fetch_document(self.web, source, &first, Expected::Anything, now).await;
        let status = page.status;
        let Some(extraction) = page.extraction else {
            return Found { status, title: None, entries: Vec::new() };
        };
        let mut entries = extraction.entries.clone();
        if entries.is_empty() && !extraction.feeds.is_empty() {
            let (feed, _) = choose_feed(self.web, source, &extraction, request, now).await;
            let feed = feed.and_then(|feed| feed.extraction);
            entries = feed.map(|feed| feed.entries).unwrap_or_default();
        }
        Found { status, title: extraction.title, entries }
    }
}

/// Returns the reply for a page without a list.
fn no_list(status: PollStatus, phrases: &Phrases) -> &'static str {
    match status {
        PollStatus::Ok
        | PollStatus::Unchanged
        | PollStatus::Unreadable
        | PollStatus::HtmlForFeed => phrases.page_without_list,
        PollStatus::Robots | PollStatus::Challenge => phrases.page_forbids,
        // An address in a private network gets the reply of one that does not exist.
        _ => phrases.page_unreachable,
    }
}
