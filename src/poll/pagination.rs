//! Reads a list to its end: further pages if more was published than the first shows, then
//! detection.
//!
//! Guarantees: at most `PAGES_MAX` further pages of the same host are read, none twice.

use super::{document::Expected, feed_choice::union, source_reader::SourceReader};
use crate::{
    detect::{self, KeyedCandidate, Known, Verdict},
    domain::{Extraction, PollStatus, web_url::AddressPart},
    fetch::Web,
    store::{Store, StoreError},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use url::Url;

/// Further pages that are read in one poll.
const PAGES_MAX: usize = 5;

/// A list that was read.
pub(super) struct ReadList {
    /// What is known of the source.
    pub(super) known: Known,
    /// What is new.
    pub(super) verdict: Verdict,
    /// Further pages that were read.
    pub(super) pages: usize,
}

/// Entries with their keys, and what is known of them.
struct Keyed {
    known: Known,
    candidates: Vec<KeyedCandidate>,
}

/// Reads the list of one poll.
pub(super) struct ListReader<'a, W, N> {
    pub(super) store: &'a Store,
    pub(super) reader: &'a SourceReader<'a, W, N>,
}

impl<W: Web, N: Fn() -> DateTime<Utc>> ListReader<'_, W, N> {
    /// Reads further pages if they are needed, and detects what is new. If parts of addresses turn
    /// out to be volatile, they are ignored and the list is compared again.
    pub(super) async fn read(
        &self,
        list: &mut Extraction,
        volatile: &mut BTreeSet<AddressPart>,
    ) -> Result<ReadList, StoreError> {
        let latest_on = self.reader.latest_on();
        let (Keyed { mut known, mut candidates }, pages) =
            self.read_further_pages(list, volatile).await?;
        loop {
            let verdict;
            (verdict, known) =
                on_blocking_thread(move || (detect::detect(&known, candidates, latest_on), known))
                    .await;
            let found = match &verdict {
                Verdict::Found(found) | Verdict::Suspicious(_, found) => &found.volatile,
                Verdict::Baseline(_) => return Ok(ReadList { known, verdict, pages }),
            };
            if found.is_subset(volatile) {
                return Ok(ReadList { known, verdict, pages });
            }
            volatile.extend(found.iter().cloned());
            Keyed { known, candidates } = self.keyed(list, volatile).await?;
            known.volatile.clone_from(volatile);
        }
    }

    /// Returns the entries of a list with their keys, and what is known of them.
    async fn keyed(
        &self,
        list: &Extraction,
        volatile: &BTreeSet<AddressPart>,
    ) -> Result<Keyed, StoreError> {
        let SourceReader { source, due, .. } = self.reader;
        let how = detect::List { page: &source.url, latest_on: self.reader.latest_on(), volatile };
        let candidates = detect::assign_keys(&list.entries, &how);
        let known = self.store.known(due.source_id, &candidates).await?;
        Ok(Keyed { known, candidates })
    }

    /// Adds the entries of further pages while even the oldest entry of the list is new. Returns how
    /// many pages were read.
    async fn read_further_pages(
        &self,
        list: &mut Extraction,
        volatile: &BTreeSet<AddressPart>,
    ) -> Result<(Keyed, usize), StoreError> {
        let page = &self.reader.source.url;
        let latest_on = self.reader.latest_on();
        let mut visited: BTreeSet<Url> = BTreeSet::from([page.clone()]);
        let mut next = list.next.take().or_else(|| list.archive.take());
        let mut pages = 0;
        loop {
            let Keyed { known, candidates } = self.keyed(list, volatile).await?;
            let is_new_page = |url: &Url| url.host() == page.host() && visited.insert(url.clone());
            let Some(url) = next.take().filter(is_new_page) else {
                return Ok((Keyed { known, candidates }, pages));
            };
            let (is_needed, keyed) = on_blocking_thread(move || {
                let is_needed = detect::needs_next_page(&known, &candidates, latest_on);
                (is_needed, Keyed { known, candidates })
            })
            .await;
            if !is_needed || pages == PAGES_MAX {
                return Ok((keyed, pages));
            }
            let result = self.reader.fetch(url, Expected::Anything).await;
            let (PollStatus::Ok, Some(further)) = (result.status, result.extraction) else {
                return Ok((keyed, pages));
            };
            let entries = union(&list.entries, &further.entries);
            if entries.len() > list.entries.len() {
                next = further.next;
            }
            list.entries = entries;
            pages += 1;
        }
    }
}

/// Runs work that may take a while, such as comparing the titles of a long list, on a thread for
/// blocking work.
async fn on_blocking_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The program ends, and nothing waits for the result any more.
            Err(_) => std::future::pending().await,
        },
    }
}
