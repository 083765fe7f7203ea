//! What detection works with: what is known, the changes, and the verdict.

use super::keys::KeyedCandidate;
use crate::domain::{
    Candidate, EntryId, EntryKey, Hold, HoldReason, KeyKind, web_url::AddressPart,
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The entry that has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The number of the entry.
    pub entry_id: EntryId,
    /// Whether another entry had it too, so that it identifies none.
    pub is_shared: bool,
}

/// A known entry, as it was last listed.
#[derive(Clone, Debug, Default)]
pub struct KnownEntry {
    /// Its date, title, address and lead.
    pub candidate: Candidate,
    /// Its keys, and whether each is shared.
    pub keys: Vec<(EntryKey, bool)>,
}

/// What is known of a source, as far as the candidates need it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Whether a baseline is stored. Without one, nothing is new.
    pub has_baseline: bool,
    /// The known ones of the candidates' keys; of title keys, all ordinals.
    pub by_key: BTreeMap<EntryKey, KeyOwner>,
    /// The entries of these keys, those of the last list, and the newest of those without a day.
    pub entries: BTreeMap<EntryId, KnownEntry>,
    /// The entries of the last list, oldest first.
    pub listed: Vec<EntryId>,
    /// Whether the source ever listed anything.
    pub has_entries: bool,
    /// The latest day of an entry that was not in the future when it was seen.
    pub newest_on: Option<NaiveDate>,
    /// The volatile parts of addresses.
    pub volatile: BTreeSet<AddressPart>,
    /// The held list.
    pub hold: Option<Hold>,
    /// Whether the question about it has not reached an operator yet.
    pub is_question_open: bool,
}

impl Known {
    /// Returns the known entries of a title key, given its prefix: their ordinals and numbers.
    pub(super) fn same_title(&self, prefix: &str) -> impl Iterator<Item = (usize, EntryId)> {
        let from = EntryKey::from_stored(prefix.to_owned());
        self.by_key
            .range(from..)
            .take_while(move |(key, _)| key.as_str().starts_with(prefix))
            .filter_map(move |(key, owner)| {
                let same = key.prefix().filter(|(own, _)| *own == prefix);
                same.map(|(_, ordinal)| (ordinal, owner.entry_id))
            })
    }
}

/// What a list means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The baseline: all entries are stored, none is posted. Oldest first.
    Baseline(Vec<KeyedCandidate>),
    /// The known list; there may be no changes.
    Found(Changes),
    /// The list is suspicious: why, and what would change if it were accepted.
    Suspicious(HoldReason, Changes),
}

/// The differences between a list and what is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Entries to post, oldest first.
    pub new: Vec<KeyedCandidate>,
    /// Unknown entries that are older than the known ones, since the page shows more than before:
    /// stored, not posted. Oldest first.
    pub older: Vec<KeyedCandidate>,
    /// Known entries whose date, title, lead or address changed, with the new values.
    pub edited: Vec<(EntryId, Candidate)>,
    /// Further keys of known entries.
    pub aliases: Vec<(EntryId, EntryKey)>,
    /// Keys that two different entries had.
    pub shared: BTreeSet<EntryKey>,
    /// The list, oldest first.
    pub listed: Vec<Place>,
    /// Parts of addresses that turned out to be volatile.
    pub volatile: BTreeSet<AddressPart>,
    /// What the operator should know.
    pub note: Option<String>,
}

/// An entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A known one.
    Known(EntryId),
    /// One of `new`.
    New(usize),
    /// One of `older`.
    Older(usize),
}

impl KnownEntry {
    /// Counts the addresses that the entry had.
    pub(super) fn links(&self) -> usize {
        self.keys.iter().filter(|(key, _)| key.kind() == KeyKind::Link).count()
    }
}
