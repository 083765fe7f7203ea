//! One document: fetches it, extracts it, and judges whether it is what was asked for.
//!
//! Guarantees: every result is a value with words for the operator. A panic while extracting is
//! contained and reported.

use super::result::PollResult;
use crate::{
    domain::{Extraction, PollStatus, Source, Validators},
    extract::{self, Document},
    fetch::{Body, Cut, Failure, Fetched, Request, Web},
};
use chrono::{DateTime, Utc};
use url::Url;

/// What a document is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Anything.
    Anything,
    /// The source's own page.
    Page,
    /// The source itself, which is a feed.
    Feed,
    /// A feed that is read in place of the page.
    FeedOfPage,
}

/// Fetches and extracts a document of a source.
pub async fn fetch_document<W: Web>(
    web: &W,
    source: &Source,
    request: &Request,
    expected: Expected,
    now: impl Fn() -> DateTime<Utc>,
) -> PollResult {
    let body = match web.fetch(request).await {
        Fetched::Body(body) => *body,
        Fetched::Unchanged(wait_for) => {
            let unchanged = PollResult::without_document(PollStatus::Unchanged, None);
            return PollResult { wait_for, ..unchanged };
        }
        Fetched::Failed(Failure { reason, note, retry_after }) => {
            let failed = PollResult::without_document(reason, Some(note));
            return PollResult { wait_for: retry_after, ..failed };
        }
    };
    let Body { bytes, content_type, url, etag, last_modified, fresh_for, cut } = body;
    let seam = cut.as_ref().map(|cut| cut.seam);
    let Some(mut extraction) =
        extract_document(source, bytes, seam, content_type, url.clone(), now()).await
    else {
        let note = "reading it failed, which is a bug: please report it";
        return PollResult::without_document(PollStatus::Broken, Some(note.to_owned()));
    };
    extraction.notes.extend(cut.as_ref().map(cut_note));
    if let Some((status, note)) = soft_404(request.address.url(), expected, &extraction, &url) {
        return PollResult::without_document(status, Some(note));
    }
    let (status, note) = judge(&extraction, source.page_rules.entry.as_deref());
    let note = match (&cut, note) {
        (Some(cut), Some(note)) if status != PollStatus::Ok => {
            Some(format!("{note}; {}", cut_note(cut)))
        }
        (_, note) => note,
    };
    let wait_for = fresh_for.max(extraction.fresh_for).filter(|_| status == PollStatus::Ok);
    let document = PollResult::of_document(status, note, extraction);
    PollResult { wait_for, validators: Validators { etag, last_modified }, ..document }
}

/// Extracts a document, on a thread for blocking work: a large page takes long enough to delay
/// everything else on this one. Returns `None` if that panics.
async fn extract_document(
    source: &Source,
    bytes: Vec<u8>,
    seam: Option<usize>,
    content_type: Option<String>,
    url: Url,
    now: DateTime<Utc>,
) -> Option<Extraction> {
    let (zone, rules) = (source.zone, source.page_rules.clone());
    let extraction = tokio::task::spawn_blocking(move || {
        extract::read(&Document {
            bytes: &bytes,
            seam,
            content_type: content_type.as_deref(),
            url: Some(&url),
            zone,
            now,
            page_rules: &rules,
        })
    });
    extraction.await.ok()
}

/// Returns the status of an extraction, with a note. `entry` is the selector of its entries, if the
/// operator gave one.
fn judge(extraction: &Extraction, entry: Option<&str>) -> (PollStatus, Option<String>) {
    if !extraction.entries.is_empty() || extraction.is_empty_list {
        let notes = &extraction.notes;
        return (PollStatus::Ok, (!notes.is_empty()).then(|| notes.join("; ")));
    }
    let (status, note) = match (&extraction.challenge, entry) {
        (Some(what), _) => {
            (PollStatus::Challenge, format!("it looks like {what}, not like the page itself"))
        }
        (None, Some(entry)) => (
            PollStatus::Unreadable,
            format!(
                "no entries are where page.entry = {entry:?} says: look whether the page was rebuilt, or leave that setting out"
            ),
        ),
        (None, None) => (PollStatus::Unreadable, "no dated entries are on it".to_owned()),
    };
    (status, Some(note))
}

/// Returns what of a document was not read, in words for the operator.
pub fn cut_note(cut: &Cut) -> String {
    let total = format!("{:.1} MB", cut.total_bytes as f64 / 1e6);
    match cut.is_end_reached {
        true => {
            format!("it is a document of {total}, of which the beginning and the end were read")
        }
        false => format!("{total} of it were read, and not its end"),
    }
}

/// Returns the status and a note if another document came in place of the one that was asked for.
fn soft_404(
    asked: &Url,
    expected: Expected,
    extraction: &Extraction,
    came: &Url,
) -> Option<(PollStatus, String)> {
    const WORDS: [&str; 8] =
        ["404", "403", "500", "503", "error", "notfound", "maintenance", "unavailable"];
    let note = match expected {
        Expected::Feed => Some(
            "a page came where a feed was: look whether the feed has moved; \
            `communique source confirm` takes the page in its place",
        ),
        Expected::FeedOfPage => Some("a page came where a feed was"),
        Expected::Page | Expected::Anything => None,
    };
    if let Some(note) = note.filter(|_| !extraction.kind.is_feed()) {
        return Some((PollStatus::HtmlForFeed, note.to_owned()));
    }
    let path = came.path().to_ascii_lowercase().replace("not-found", "notfound");
    let names_error = path.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
    let is_front_page = path == "/" && asked.path() != "/" && extraction.entries.is_empty();
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
    fn a_document_in_place_of_the_source_is_recognized() {
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
        for (asked, came, expected, kind, status) in cases {
            let at = |path: &str| Url::parse(&format!("https://e.example{path}")).unwrap();
            let found = soft_404(&at(asked), expected, &Extraction::empty(kind), &at(came));
            assert_eq!(found.map(|(status, _)| status), status, "{asked} -> {came}");
        }
    }

    #[test]
    fn a_document_without_a_list_says_why() {
        let empty = Extraction::empty(DocumentKind::Html);
        let challenge = Extraction { challenge: Some("a captcha".to_owned()), ..empty.clone() };
        let whole = Extraction { is_empty_list: true, ..Extraction::empty(DocumentKind::Rss) };
        let cases = [
            (&empty, None, PollStatus::Unreadable, "no dated entries"),
            (&empty, Some("li"), PollStatus::Unreadable, "page.entry = \"li\""),
            (&challenge, Some("li"), PollStatus::Challenge, "a captcha"),
            (&whole, None, PollStatus::Ok, ""),
        ];
        for (extraction, entry, status, words) in cases {
            let (judged, note) = judge(extraction, entry);
            assert_eq!(judged, status);
            assert!(note.unwrap_or_default().contains(words), "{words}");
        }
    }
}
