//! One look at one document: fetch it, read it, and judge whether it is what was asked for.
//!
//! Promises: every outcome is a value with words for the operator; a document that breaks the
//! reader breaks nothing else.

use crate::{
    domain::{Extraction, PollStatus, Source},
    extract::{self, Document},
    fetch::{Body, Cut, Failure, Fetched, Request, Web},
};
use chrono::{DateTime, Utc};
use std::time::Duration;
use url::Url;

/// What came of a look.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchedDocument {
    /// The outcome.
    pub reason: PollStatus,
    /// In words for the operator.
    pub note: Option<String>,
    /// How long the server asks to be left alone, or says that nothing will change.
    pub wait_for: Option<Duration>,
    /// What was read, whether or not a list is in it.
    pub found: Option<ExtractedList>,
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractedList {
    /// What is in it.
    pub reading: Extraction,
    /// Its `ETag`, byte for byte.
    pub etag: Option<String>,
    /// Its `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
}

impl FetchedDocument {
    /// What was read, if a list is in it.
    pub fn list(&self) -> Option<&ExtractedList> {
        self.found.as_ref().filter(|_| self.reason == PollStatus::Ok)
    }
}

/// What the document is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Anything,
    /// The source's own page.
    Page,
    /// The source itself, which is a feed.
    Feed,
    /// A feed that may stand for the page.
    FeedOfPage,
}

/// Fetches and reads a document of a source.
pub async fn fetch_document<W: Web>(
    web: &W,
    source: &Source,
    request: &Request,
    expected: Expected,
    now: impl Fn() -> DateTime<Utc>,
) -> FetchedDocument {
    let without = |reason, note| FetchedDocument { reason, note, wait_for: None, found: None };
    let body = match web.fetch(request).await {
        Fetched::Body(body) => *body,
        Fetched::Unchanged(wait_for) => {
            return FetchedDocument { wait_for, ..without(PollStatus::Unchanged, None) };
        }
        Fetched::Failed(Failure { reason, note, retry_after: wait_for }) => {
            return FetchedDocument { wait_for, ..without(reason, Some(note)) };
        }
    };
    let Body { bytes, content_type, url, etag, last_modified, fresh_for, cut } = body;
    let (zone, now, hints, address) = (source.zone, now(), source.page_rules.clone(), url.clone());
    // Reading a large page takes long enough to hold up everything else on this thread.
    let reading = tokio::task::spawn_blocking(move || {
        extract::read(&Document {
            bytes: &bytes,
            seam: cut.map(|cut| cut.seam),
            content_type: content_type.as_deref(),
            url: Some(&address),
            zone,
            now,
            hints: &hints,
        })
    });
    let Ok(mut reading) = reading.await else {
        let note = "reading it failed, which is a bug: please report it";
        return without(PollStatus::Broken, Some(note.to_owned()));
    };
    reading.notes.extend(cut.as_ref().map(cut_note));
    if let Some((reason, note)) = soft_404(request.address.url(), expected, &reading, &url) {
        return without(reason, Some(note));
    }
    let (reason, note) = match (&reading.challenge, source.page_rules.entry.as_deref()) {
        _ if !reading.entries.is_empty() || reading.is_empty_list => {
            (PollStatus::Ok, (!reading.notes.is_empty()).then(|| reading.notes.join("; ")))
        }
        (Some(what), _) => {
            (PollStatus::Challenge, Some(format!("it looks like {what}, not like the page itself")))
        }
        (None, Some(entry)) => {
            let note = format!(
                "no entries are where page.entry = {entry:?} says: look whether the page was rebuilt, or leave that setting out"
            );
            (PollStatus::Unreadable, Some(note))
        }
        (None, None) => (PollStatus::Unreadable, Some("no dated entries are on it".to_owned())),
    };
    let note = match (&cut, note) {
        (Some(cut), Some(note)) if reason != PollStatus::Ok => {
            Some(format!("{note}; {}", cut_note(cut)))
        }
        (_, note) => note,
    };
    let wait_for = fresh_for.max(reading.fresh_for).filter(|_| reason == PollStatus::Ok);
    FetchedDocument {
        reason,
        note,
        wait_for,
        found: Some(ExtractedList { reading, etag, last_modified }),
    }
}

/// What of a document was not read, in words for the operator.
pub fn cut_note(cut: &Cut) -> String {
    let total = format!("{:.1} MB", cut.total_bytes as f64 / 1e6);
    match cut.is_end_reached {
        true => {
            format!("it is a document of {total}, of which the beginning and the end were read")
        }
        false => format!("{total} of it were read, and not its end"),
    }
}

/// Whether something came that stands in the place of what was asked for, and what to do about it.
fn soft_404(
    asked: &Url,
    expected: Expected,
    reading: &Extraction,
    came: &Url,
) -> Option<(PollStatus, String)> {
    let note = match expected {
        Expected::Feed => Some(
            "a page came where a feed was: look whether the feed has moved; \
            `communique source confirm` takes the page in its place",
        ),
        Expected::FeedOfPage => Some("a page came where a feed was"),
        Expected::Page | Expected::Anything => None,
    };
    if let Some(note) = note.filter(|_| !reading.kind.is_feed()) {
        return Some((PollStatus::HtmlForFeed, note.to_owned()));
    }
    const WORDS: [&str; 8] =
        ["404", "403", "500", "503", "error", "notfound", "maintenance", "unavailable"];
    let path = came.path().to_ascii_lowercase().replace("not-found", "notfound");
    let names_error = path.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
    let is_front_page = path == "/" && asked.path() != "/" && reading.entries.is_empty();
    let is_elsewhere = expected != Expected::Anything && came.path() != asked.path();
    (is_elsewhere && (names_error || is_front_page)).then(|| {
        let note = format!("the address leads to {came} now: look where the page has moved");
        (PollStatus::ErrorPage, note)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DocumentKind;

    #[test]
    fn what_stands_in_the_place_of_a_source_is_told_from_it() {
        use Expected::{Anything, Feed, FeedOfPage, Page};
        let cases = [
            ("/news", "/news", Page, DocumentKind::Html, None),
            ("/news", "/en/news/", Page, DocumentKind::Html, None),
            ("/news", "/404.html", Page, DocumentKind::Html, Some(PollStatus::ErrorPage)),
            ("/news", "/site/not-found", Page, DocumentKind::Html, Some(PollStatus::ErrorPage)),
            ("/news", "/", Page, DocumentKind::Html, Some(PollStatus::ErrorPage)),
            ("/news", "/404.html", Anything, DocumentKind::Html, None),
            ("/", "/", Page, DocumentKind::Html, None),
            ("/feed", "/feed", Feed, DocumentKind::Rss, None),
            ("/feed", "/feed", Feed, DocumentKind::Html, Some(PollStatus::HtmlForFeed)),
            ("/feed", "/rss", FeedOfPage, DocumentKind::Html, Some(PollStatus::HtmlForFeed)),
        ];
        for (asked, came, expected, kind, reason) in cases {
            let at = |path: &str| Url::parse(&format!("https://e.example{path}")).unwrap();
            let found = soft_404(&at(asked), expected, &Extraction::empty(kind), &at(came));
            assert_eq!(found.map(|(reason, _)| reason), reason, "{asked} -> {came}");
        }
    }
}
