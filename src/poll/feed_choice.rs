//! Page or feed: which of them is read.
//!
//! Guarantees: a feed is read in place of a page only if it has entries, its newest is not older
//! than the page's, it lists the same entries, and it has leads if the page has; a site-wide feed
//! fails this. If the page has no list that can be read, it is the first feed with entries, among
//! the first three.
//! Out of scope: when feeds are tried, and the operator's `feed` key (`source_reader`).

use super::{
    document::{Expected, fetch_document},
    result::PollResult,
};
use crate::{
    domain::{Candidate, EntryKey, Extraction, Source},
    fetch::{Request, Web},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use url::Url;

/// The most feeds of one page that are tried.
const FEEDS_TRIED_MAX: usize = 3;

/// Returns the first feed of a page that is as good as the page, with its address as `feed_url`,
/// and a note for each feed tried on why it is read or not; it stops at the first good one.
pub async fn choose_feed<W: Web>(
    web: &W,
    source: &Source,
    page: &Extraction,
    request: impl Fn(Url) -> Request,
    now: impl Fn() -> DateTime<Utc>,
) -> (Option<PollResult>, Vec<String>) {
    let mut notes = Vec::new();
    for url in page.feeds.iter().take(FEEDS_TRIED_MAX) {
        let feed =
            fetch_document(web, source, &request(url.clone()), Expected::FeedOfPage, &now).await;
        let mismatch = match &feed.extraction {
            Some(extraction) => feed_mismatch(extraction, page),
            None => Some(feed.reason()),
        };
        match mismatch {
            None => {
                notes.push(format!("{url} is read: {}", advantage(page)));
                return (Some(PollResult { feed_url: Some(url.clone()), ..feed }), notes);
            }
            Some(why) => notes.push(format!("{url} is not read: {why}")),
        }
    }
    (None, notes)
}

/// Returns why a feed is read in place of a page.
fn advantage(page: &Extraction) -> &'static str {
    if page.entries.is_empty() {
        "the page has no list that can be read"
    } else {
        "it lists what the page lists, and is as fresh"
    }
}

/// What a poll uses when it fetched both the current feed and its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FeedDecision {
    /// The feed has no list: the page is read in this poll, and the feed is tried again in the
    /// next.
    FallBackToPage,
    /// The page has no list to compare with: the feed stays in use.
    FeedAlone,
    /// Both have the same list.
    FeedWithPage,
    /// The feed no longer qualifies (stale, without leads, or another list); the text says why. The
    /// page is read from now on.
    LeaveFeed(String),
}

impl FeedDecision {
    /// Decides by the lists of both documents.
    pub(super) fn of(feed: Option<&Extraction>, page: Option<&Extraction>) -> Self {
        match (feed, page) {
            (None, _) => FeedDecision::FallBackToPage,
            (Some(_), None) => FeedDecision::FeedAlone,
            (Some(feed), Some(page)) => match feed_mismatch(feed, page) {
                None => FeedDecision::FeedWithPage,
                Some(why) => FeedDecision::LeaveFeed(why),
            },
        }
    }
}

/// Returns why a feed cannot be read in place of a page, or `None` if it can.
fn feed_mismatch(feed: &Extraction, page: &Extraction) -> Option<String> {
    if !feed.kind.is_feed() {
        return Some("it is a page".to_owned());
    }
    if feed.entries.is_empty() {
        return Some("nothing is in it".to_owned());
    }
    if page.entries.is_empty() {
        // There is nothing to compare it with.
        return None;
    }
    if newest_on(feed) < newest_on(page) {
        let day = |on: Option<NaiveDate>| on.map_or("no day".to_owned(), |on| on.to_string());
        let (of_feed, of_page) = (day(newest_on(feed)), day(newest_on(page)));
        return Some(format!("its newest entry is of {of_feed}, the page's of {of_page}"));
    }
    if has_leads(page) && !has_leads(feed) {
        return Some("it has no summaries, and the page has them".to_owned());
    }
    is_other_list(feed, page).then(|| "it lists other things than the page".to_owned())
}

fn newest_on(extraction: &Extraction) -> Option<NaiveDate> {
    extraction.entries.iter().filter_map(|entry| entry.date_on).max()
}

/// Whether most entries have a lead.
fn has_leads(extraction: &Extraction) -> bool {
    let with = extraction.entries.iter().filter(|entry| entry.lead.is_some()).count();
    with * 2 > extraction.entries.len()
}

/// Whether a feed lists other entries than a page.
fn is_other_list(feed: &Extraction, page: &Extraction) -> bool {
    // Compare only days after the later of the two oldest: that day may be cut off.
    let oldest_on = |list: &Extraction| list.entries.iter().filter_map(|entry| entry.date_on).min();
    let floor_on = oldest_on(feed).max(oldest_on(page));
    let recent = |list: &Extraction| -> Vec<Candidate> {
        let is_newer = |entry: &&Candidate| entry.date_on > floor_on;
        list.entries.iter().filter(is_newer).cloned().collect()
    };
    let (of_feed, of_page) = (recent(feed), recent(page));
    let more = count_missing(&of_feed, &of_page);
    let less = count_missing(&of_page, &of_feed);
    let differs = (more + less) * 5 > of_feed.len() + of_page.len();
    let shares_none = count_missing(&page.entries, &feed.entries) == page.entries.len();
    differs || shares_none
}

/// Counts the entries that are not among the others.
fn count_missing(entries: &[Candidate], others: &[Candidate]) -> usize {
    let known: BTreeSet<EntryKey> = others.iter().flat_map(keys).collect();
    entries.iter().filter(|entry| !keys(entry).any(|key| known.contains(&key))).count()
}

/// Returns the keys of an entry that are the same in a page and in a feed.
fn keys(entry: &Candidate) -> impl Iterator<Item = EntryKey> {
    let title = EntryKey::of_title(entry.date_on, &entry.title, 1);
    entry.link.as_ref().map(EntryKey::of_link).into_iter().chain([title])
}

/// Merges two documents of the same list, newest first; where both have an entry, the first wins.
pub(super) fn union(first: &[Candidate], second: &[Candidate]) -> Vec<Candidate> {
    let mut all = newest_first(first);
    let known: BTreeSet<EntryKey> = all.iter().flat_map(keys).collect();
    let is_unknown = |entry: &Candidate| !keys(entry).any(|key| known.contains(&key));
    let more: Vec<Candidate> = newest_first(second).into_iter().filter(is_unknown).collect();
    if !more.is_empty() {
        all.extend(more);
        // Entries without a day stay below those with one.
        all.sort_by_key(|entry| std::cmp::Reverse(entry.date_on));
    }
    all
}

fn newest_first(entries: &[Candidate]) -> Vec<Candidate> {
    let mut entries = entries.to_vec();
    let days: Vec<NaiveDate> = entries.iter().filter_map(|entry| entry.date_on).collect();
    if days.first() < days.last() {
        entries.reverse();
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DocumentKind;

    fn reading(kind: DocumentKind, entries: &[(&str, u32)]) -> Extraction {
        let entry = |(name, day): &(&str, u32)| Candidate {
            date_on: NaiveDate::from_ymd_opt(2026, 11, *day),
            title: (*name).to_owned(),
            link: Url::parse(&format!("https://e.example/{name}")).ok(),
            ..Candidate::default()
        };
        Extraction { entries: entries.iter().map(entry).collect(), ..Extraction::empty(kind) }
    }

    #[test]
    fn the_feed_the_page_or_both_are_read_by_what_has_a_list() {
        use FeedDecision::{FallBackToPage, FeedAlone, FeedWithPage, LeaveFeed};
        let page = reading(DocumentKind::Html, &[("d", 20), ("c", 15), ("b", 10)]);
        let same = reading(DocumentKind::Rss, &[("d", 20), ("c", 15), ("b", 10)]);
        let stale = reading(DocumentKind::Rss, &[("b", 10)]);
        let why = "its newest entry is of 2026-11-10, the page's of 2026-11-20".to_owned();
        let cases = [
            (None, None, FallBackToPage),
            (None, Some(&page), FallBackToPage),
            (Some(&same), None, FeedAlone),
            (Some(&stale), None, FeedAlone),
            (Some(&same), Some(&page), FeedWithPage),
            (Some(&stale), Some(&page), LeaveFeed(why)),
        ];
        for (feed, page, expected) in cases {
            assert_eq!(FeedDecision::of(feed, page), expected);
        }
    }

    #[test]
    fn a_feed_is_read_only_if_it_is_the_same_list_and_as_fresh() {
        let page = reading(DocumentKind::Html, &[("d", 20), ("c", 15), ("b", 10), ("a", 5)]);
        let feed =
            |entries: &[(&str, u32)]| feed_mismatch(&reading(DocumentKind::Rss, entries), &page);
        assert_eq!(feed(&[("d", 20), ("c", 15), ("b", 10), ("a", 5), ("z", 1)]), None);
        assert_eq!(feed(&[("e", 21), ("d", 20), ("c", 15), ("b", 10)]), None, "newer, and cut");
        let says = |entries: &[(&str, u32)], words: &str| {
            let why = feed(entries).unwrap_or_default();
            assert!(why.contains(words), "{why:?} for {entries:?}");
        };
        says(&[], "nothing is in it");
        says(&[("c", 15), ("b", 10)], "2026-11-15, the page's of 2026-11-20");
        // Everything that the site publishes, or another list of it.
        says(&[("d", 20), ("x", 19), ("y", 18), ("c", 15), ("w", 12), ("b", 10)], "other things");
        says(&[("x", 20)], "other things");
        assert!(feed_mismatch(&page, &page).is_some_and(|why| why.contains("a page")));
        let mut with_leads = page.clone();
        with_leads.entries.iter_mut().for_each(|entry| entry.lead = Some("A lead.".to_owned()));
        let why = feed_mismatch(
            &reading(DocumentKind::Rss, &[("d", 20), ("c", 15), ("b", 10), ("a", 5)]),
            &with_leads,
        );
        assert!(why.is_some_and(|why| why.contains("no summaries")));
        let bare = reading(DocumentKind::Html, &[]);
        for days in [1, 8, 25] {
            let names: Vec<String> = (1..=days).map(|n| format!("x{n}")).collect();
            let entries: Vec<(&str, u32)> = names.iter().map(String::as_str).zip(1..).collect();
            assert_eq!(
                feed_mismatch(&reading(DocumentKind::Atom, &entries), &bare),
                None,
                "{days} days"
            );
        }
    }

    #[test]
    fn a_union_has_each_entry_once_and_the_newest_first() {
        let feed = reading(DocumentKind::Rss, &[("b", 10), ("d", 20)]);
        let page = reading(DocumentKind::Html, &[("d", 20), ("c", 15), ("b", 10), ("a", 5)]);
        let all = union(&feed.entries, &page.entries);
        let titles: Vec<&str> = all.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!(titles, ["d", "c", "b", "a"]);
    }
}
