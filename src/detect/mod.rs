//! What is new: known entries + candidates → verdict. Pure.
//!
//! Guarantees: a known entry never becomes new, whatever the page does with its list (cuts it, reorders
//! it, changes its addresses); an entry that is absent is never taken for deleted; a list that looks like
//! another list is held instead of being announced; a day that is still to come is no measure of anything.
//! Out of scope: reading pages (`extract`), keeping state (`store`), and how long a list is held
//! (`domain::hold`).

mod keys;
mod matching;
mod novelty;
mod volatile_parts;

pub use self::keys::{KeyedCandidate, List, assign_keys};

use crate::domain::{Candidate, EntryKey, Hold, HoldReason, entry::fold, web_url::AddressPart};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Addresses of one entry that are kept; one that changes its address at every reading keeps no more.
const LINKS_MAX: usize = 8;

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The number of the entry.
    pub entry_id: i64,
    /// Whether it was seen with another statement as well, and so tells nothing.
    pub is_shared: bool,
}

/// An entry as it was last seen.
#[derive(Clone, Debug, Default)]
pub struct KnownEntry {
    /// What it says.
    pub candidate: Candidate,
    /// Its keys, and whether each is shared.
    pub keys: Vec<(EntryKey, bool)>,
}

/// What the store knows of a source, as far as the candidates touch it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Whether a first reading was ever stored. Without one nothing is new.
    pub has_baseline: bool,
    /// Which of the candidates' keys are known, and whose they are; of keys of titles all ordinals.
    pub by_key: BTreeMap<EntryKey, KeyOwner>,
    /// The entries of these keys, those of the last list, and those without a day that came last, as they were
    /// last seen.
    pub entries: BTreeMap<i64, KnownEntry>,
    /// The entries that were last listed, oldest first.
    pub listed: Vec<i64>,
    /// Whether the source ever listed anything.
    pub has_entries: bool,
    /// The latest day of any entry of the source that was not still to come when it was seen.
    pub newest_on: Option<NaiveDate>,
    /// Parts of addresses that differ at every reading.
    pub volatile: BTreeSet<AddressPart>,
    /// The list that is held.
    pub hold: Option<Hold>,
    /// Whether a question about it has reached nobody yet.
    pub is_question_open: bool,
}

impl Known {
    /// The known entries of a day and title: their ordinals and numbers, in no order.
    fn same_title(&self, stem: &str) -> impl Iterator<Item = (usize, i64)> {
        let from = EntryKey::from_stored(stem.to_owned());
        self.by_key
            .range(from..)
            .take_while(move |(key, _)| key.as_str().starts_with(stem))
            .filter_map(move |(key, owner)| {
                let stem_of = key.prefix().filter(|(own, _)| *own == stem);
                stem_of.map(|(_, ordinal)| (ordinal, owner.entry_id))
            })
    }
}

/// What one reading means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first reading: all of it is stored, nothing is announced. Oldest first.
    Baseline(Vec<KeyedCandidate>),
    /// An ordinary reading; all parts may be empty.
    Found(Changes),
    /// This is not the list that is known. Why, and what would come of it if it were believed.
    Suspicious(HoldReason, Changes),
}

/// The differences between what is known and what was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Entries to announce, oldest first.
    pub new: Vec<KeyedCandidate>,
    /// Unknown entries older than all that is known (the page shows more than before): stored,
    /// not announced. Oldest first.
    pub older: Vec<KeyedCandidate>,
    /// Known entries whose date, title, lead or address changed, with what they are now.
    pub edited: Vec<(i64, Candidate)>,
    /// Further keys of known entries.
    pub aliases: Vec<(i64, EntryKey)>,
    /// Keys that were seen with two different statements.
    pub shared: BTreeSet<EntryKey>,
    /// The list: what is known by its number, and what is not by its place in `new` or `older`. Oldest first.
    pub listed: Vec<Place>,
    /// Parts of addresses that were found to differ at every reading.
    pub volatile: BTreeSet<AddressPart>,
    /// What the operator should know of the reading.
    pub note: Option<String>,
}

/// An entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A known one.
    Known(i64),
    /// One of `new`.
    New(usize),
    /// One of `older`.
    Older(usize),
}

/// The verdict over a reading: candidates as [`keyed`] gave them.
pub fn detect(known: &Known, candidates: Vec<KeyedCandidate>, latest_on: NaiveDate) -> Verdict {
    if !known.has_baseline {
        return Verdict::Baseline(candidates);
    }
    let mut candidates = candidates;
    let mut matches = self::matching::matches(known, &candidates, latest_on);
    if self::novelty::runs_backwards(known, &candidates, &matches.of) {
        candidates.reverse();
        matches = self::matching::matches(known, &candidates, latest_on);
    }
    let news = self::novelty::judge(known, &candidates, &matches.of, latest_on);
    let mut found = Changes {
        volatile: self::volatile_parts::find(known, &candidates, &matches.of),
        shared: matches.reused,
        note: news.note,
        ..Changes::default()
    };
    let mut ordinals = Ordinals::default();
    for (n, (mut keyed, id)) in candidates.into_iter().zip(&matches.of).enumerate() {
        let Some(id) = id else {
            // The key of a title must not be that of a known equal.
            for key in &mut keyed.keys {
                *key = ordinals.free(known, key);
            }
            let (list, place): (_, fn(usize) -> Place) = match news.is_older[n] {
                true => (&mut found.older, Place::Older),
                false => (&mut found.new, Place::New),
            };
            found.listed.push(place(list.len()));
            list.push(keyed);
            continue;
        };
        found.listed.push(Place::Known(*id));
        let Some(entry) = known.entries.get(id) else { continue };
        let mut links = entry.links();
        let mut is_moved = false;
        for key in &keyed.keys {
            let has_it = match key.prefix() {
                Some((stem, _)) => known.same_title(stem).any(|(_, owner)| owner == *id),
                None => known.by_key.contains_key(key) || found.shared.contains(key),
            };
            let is_link = key.kind() == crate::domain::KeyKind::Link;
            if has_it || is_link && links >= LINKS_MAX {
                continue;
            }
            links += usize::from(is_link);
            is_moved |= is_link;
            found.aliases.push((*id, ordinals.free(known, key)));
        }
        let is_volatile = |link: &url::Url| {
            let was = entry.candidate.link.as_ref();
            was.is_some_and(|was| {
                self::volatile_parts::is_same(was, link, &known.volatile, &found.volatile)
            })
        };
        let mut seen = keyed.candidate;
        if !is_moved || seen.link.as_ref().is_some_and(is_volatile) {
            seen.link.clone_from(&entry.candidate.link);
        }
        if let Some(edit) = edited(&entry.candidate, &seen) {
            found.edited.push((*id, edit));
        }
    }
    match news.suspicion {
        Some(why) => Verdict::Suspicious(why, found),
        None => Verdict::Found(found),
    }
}

/// Whether more may have come than the list shows: even its oldest entry is news.
pub fn needs_next_page(known: &Known, candidates: &[KeyedCandidate], latest_on: NaiveDate) -> bool {
    let Some(oldest) = candidates.first().filter(|_| known.has_baseline) else { return false };
    let matches = self::matching::matches(known, candidates, latest_on);
    let date_on = oldest.candidate.date_on.filter(|on| *on <= latest_on);
    matches.of.first() == Some(&None) && (date_on.is_none() || date_on >= known.newest_on)
}

/// The ordinals that were given out beyond the known ones, by stem.
#[derive(Debug, Default)]
struct Ordinals(BTreeMap<String, usize>);

impl Ordinals {
    /// The key, with the next ordinal that nobody has if it is one of a title.
    fn free(&mut self, known: &Known, key: &EntryKey) -> EntryKey {
        let Some((stem, _)) = key.prefix() else {
            return key.clone();
        };
        let known_last = || known.same_title(stem).map(|(ordinal, _)| ordinal).max().unwrap_or(0);
        let last = self.0.entry(stem.to_owned()).or_insert_with(known_last);
        *last += 1;
        key.with_ordinal(*last)
    }
}

/// The known entry with what changed, or nothing. What is missing now is not a change: a page in
/// another layout may leave leads out.
fn edited(known: &Candidate, seen: &Candidate) -> Option<Candidate> {
    let text = |old: &Option<String>, new: &Option<String>| match (old, new) {
        (_, None) => old.clone(),
        (Some(old), Some(new)) if fold(old) == fold(new) => Some(old.clone()),
        (_, Some(new)) => Some(new.clone()),
    };
    // Another spelling of the same address (http, www) is no change.
    let link = match (&known.link, &seen.link) {
        (Some(old), Some(new)) if EntryKey::of_link(old) != EntryKey::of_link(new) => Some(new),
        (old, new) => old.as_ref().or(new.as_ref()),
    };
    let now = Candidate {
        date_on: seen.date_on.or(known.date_on),
        title: text(&Some(known.title.clone()), &Some(seen.title.clone())).unwrap_or_default(),
        link: link.cloned(),
        lead: text(&known.lead, &seen.lead),
        ..known.clone()
    };
    (now != *known).then_some(now)
}

#[cfg(test)]
mod tests;
