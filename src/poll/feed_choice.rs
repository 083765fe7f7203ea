//! Page or feed: which of them is read.
//!
//! Promises: a feed is read in the page's stead only while it is alive, as fresh as the page, and
//! lists what the page lists; a site's feed of everything is not the page's list. Where the page
//! has no list that can be read, its first living feed is.

use super::document::{Expected, ExtractedList, FetchedDocument, fetch_document};
use crate::{
    domain::{Candidate, EntryKey, Extraction, Source},
    fetch::{Request, Web},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use url::Url;

/// Feeds of one page that are tried.
const FEEDS_TRIED_MAX: usize = 3;

/// A feed that is to be read in the page's stead.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenFeed {
    /// Its address.
    pub url: Url,
    /// What is in it.
    pub found: ExtractedList,
}

/// The first feed of a page that is as good as the page; and of each its address, and why it was taken
/// or not.
pub async fn choose_feed<W: Web>(
    web: &W,
    source: &Source,
    page: &Extraction,
    request: impl Fn(Url) -> Request,
    now: impl Fn() -> DateTime<Utc>,
) -> (Option<ChosenFeed>, Vec<String>) {
    let mut notes = Vec::new();
    for url in page.feeds.iter().take(FEEDS_TRIED_MAX) {
        let FetchedDocument { reason, note, found, .. } =
            fetch_document(web, source, &request(url.clone()), Expected::FeedOfPage, &now).await;
        let why_not = match &found {
            Some(found) => feed_mismatch(&found.reading, page),
            None => Some(note.unwrap_or_else(|| reason.as_str().to_owned())),
        };
        match (why_not, found) {
            (None, Some(found)) => {
                notes.push(format!("{url} is read: {}", worth(page)));
                return (Some(ChosenFeed { url: url.clone(), found }), notes);
            }
            (why, _) => {
                let why = why.unwrap_or_default();
                notes.push(format!("{url} is not read: {why}"));
            }
        }
    }
    (None, notes)
}

fn worth(page: &Extraction) -> &'static str {
    if page.entries.is_empty() {
        "the page has no list that can be read"
    } else {
        "it lists what the page lists, and is as fresh"
    }
}

/// Why a feed cannot stand for a page; nothing if it can.
pub fn feed_mismatch(feed: &Extraction, page: &Extraction) -> Option<String> {
    if !feed.kind.is_feed() {
        return Some("it is a page".to_owned());
    }
    if feed.entries.is_empty() {
        return Some("nothing is in it".to_owned());
    }
    if page.entries.is_empty() {
        // There is nothing that it could be held against.
        return None;
    }
    let day = |on: Option<NaiveDate>| on.map_or("no day".to_owned(), |on| on.to_string());
    let newest = |reading: &Extraction| reading.entries.iter().filter_map(|e| e.date_on).max();
    if newest(feed) < newest(page) {
        let (of_feed, of_page) = (day(newest(feed)), day(newest(page)));
        return Some(format!("its newest entry is of {of_feed}, the page's of {of_page}"));
    }
    let has_leads = |reading: &Extraction| {
        let with = reading.entries.iter().filter(|entry| entry.lead.is_some()).count();
        with * 2 > reading.entries.len()
    };
    if has_leads(page) && !has_leads(feed) {
        return Some("it has no summaries, and the page has them".to_owned());
    }
    // Only the days that both reach back to can be compared, but for the last, which may be cut.
    let oldest = |reading: &Extraction| reading.entries.iter().filter_map(|e| e.date_on).min();
    let floor_on = oldest(feed).max(oldest(page));
    let recent = |reading: &Extraction| -> Vec<Candidate> {
        let newer = |entry: &&Candidate| entry.date_on > floor_on;
        reading.entries.iter().filter(newer).cloned().collect()
    };
    let (of_feed, of_page) = (recent(feed), recent(page));
    let others = |these: &[Candidate], those: &[Candidate]| {
        let known: BTreeSet<EntryKey> = those.iter().flat_map(keys).collect();
        these.iter().filter(|entry| !keys(entry).any(|key| known.contains(&key))).count()
    };
    let (more, less) = (others(&of_feed, &of_page), others(&of_page, &of_feed));
    let is_other = (more + less) * 5 > of_feed.len() + of_page.len();
    let shares_none = others(&page.entries, &feed.entries) == page.entries.len();
    (is_other || shares_none).then(|| "it lists other things than the page".to_owned())
}

/// What an entry is known by in whichever document it stands.
fn keys(entry: &Candidate) -> impl Iterator<Item = EntryKey> {
    let title = EntryKey::of_title(entry.date_on, &entry.title, 1);
    entry.link.as_ref().map(EntryKey::of_link).into_iter().chain([title])
}

/// The entries of two documents of one list, the newest first. Where both have an entry, it is as
/// the first of them shows it.
pub fn union(first: &[Candidate], second: &[Candidate]) -> Vec<Candidate> {
    let mut all = newest_first(first);
    let known: BTreeSet<EntryKey> = all.iter().flat_map(keys).collect();
    let is_unknown = |entry: &Candidate| !keys(entry).any(|key| known.contains(&key));
    let more: Vec<Candidate> = newest_first(second).into_iter().filter(is_unknown).collect();
    if !more.is_empty() {
        all.extend(more);
        // What has no day stays below what has one.
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
    fn a_feed_stands_for_a_page_only_if_it_is_the_same_list_and_as_fresh() {
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
        let mut told = page.clone();
        told.entries.iter_mut().for_each(|entry| entry.lead = Some("A lead.".to_owned()));
        let why = feed_mismatch(
            &reading(DocumentKind::Rss, &[("d", 20), ("c", 15), ("b", 10), ("a", 5)]),
            &told,
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
