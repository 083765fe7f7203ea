//! A feed in whatever format, before its days are read.

use crate::{domain::DocumentKind, extract::limits::ENTRIES_MAX};
use std::time::Duration;
use url::Url;

/// The most further links of one entry.
pub(super) const LINKS_MAX: usize = 20;
/// The most entries that are parsed of one feed: far more than are kept.
pub(super) const READ_MAX: usize = 10 * ENTRIES_MAX;

/// The entries and properties of a feed.
#[derive(Debug)]
pub(super) struct RawFeed {
    pub(super) kind: DocumentKind,
    pub(super) title: Option<String>,
    pub(super) lang: Option<String>,
    /// The next page of the feed.
    pub(super) next: Option<Url>,
    /// How long the feed says that it stays unchanged.
    pub(super) fresh_for: Option<Duration>,
    pub(super) entries: Vec<RawEntry>,
    /// Whether the document is complete.
    pub(super) is_whole: bool,
    /// What is wrong with the feed, for the operator.
    pub(super) notes: Vec<String>,
}

/// An entry of a feed.
#[derive(Debug, Default)]
pub(super) struct RawEntry {
    pub(super) title: Option<String>,
    pub(super) lead: Option<String>,
    /// The description of its picture.
    pub(super) picture: Option<String>,
    pub(super) link: Option<Url>,
    /// Its further links.
    pub(super) links: Vec<Url>,
    pub(super) id: Option<String>,
    /// Its dates as printed, the most relevant first.
    pub(super) dates: Vec<String>,
}

/// Adds an item to a list. Drops the middle of a list that is too long, and returns how many items those
/// were.
pub(super) fn push_at_ends<T>(list: &mut Vec<T>, item: T) -> usize {
    list.push(item);
    if list.len() < 2 * READ_MAX {
        return 0;
    }
    list.drain(READ_MAX / 2..list.len() - READ_MAX / 2).count()
}

/// Returns the note for the operator about entries that were dropped, if any were.
pub(super) fn note_of_left_out(left_out: usize) -> Option<String> {
    (left_out > 0)
        .then(|| format!("{left_out} of its entries, from the middle of them, are left out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_entries_both_ends_are_kept() {
        let all = 3 * READ_MAX;
        let mut kept = Vec::new();
        let left_out: usize = (0..all).map(|n| push_at_ends(&mut kept, n)).sum();
        assert_eq!(kept.len() + left_out, all);
        assert!(kept.len() >= READ_MAX && kept.is_sorted());
        assert_eq!((kept[READ_MAX / 2 - 1], kept.last()), (READ_MAX / 2 - 1, Some(&(all - 1))));
    }
}
