//! What each candidate of a list is: new, older, or a known entry with edits and aliases.

use super::{
    keys::KeyedCandidate,
    matching::Matches,
    types::{Changes, Known, Place},
    volatile_parts,
};
use crate::domain::{Candidate, EntryId, EntryKey, KeyKind, entry::fold, web_url::AddressPart};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Addresses that are stored of one entry; one that changes its address at every poll gets no more.
const LINKS_MAX: usize = 8;

/// Returns the changes of a list, oldest first, without a note. `is_older` has an element for each
/// candidate.
pub(super) fn classify(
    known: &Known,
    candidates: Vec<KeyedCandidate>,
    matches: Matches,
    is_older: &[bool],
    volatile: BTreeSet<AddressPart>,
) -> Changes {
    let changes = Changes { volatile, shared: matches.reused, ..Changes::default() };
    let mut classifier = Classifier { known, changes, ordinals: Ordinals::default() };
    for ((keyed, id), is_older) in candidates.into_iter().zip(&matches.of).zip(is_older) {
        match id {
            Some(id) => classifier.add_known(*id, keyed),
            None => classifier.add_unknown(keyed, *is_older),
        }
    }
    classifier.changes
}

/// Collects the changes of a list.
struct Classifier<'a> {
    known: &'a Known,
    changes: Changes,
    ordinals: Ordinals,
}

impl Classifier<'_> {
    fn add_unknown(&mut self, mut keyed: KeyedCandidate, is_older: bool) {
        // Its title key must not be that of a known entry with the same title and day.
        for key in &mut keyed.keys {
            *key = self.ordinals.free(self.known, key);
        }
        let (list, place): (_, fn(usize) -> Place) = match is_older {
            true => (&mut self.changes.older, Place::Older),
            false => (&mut self.changes.new, Place::New),
        };
        self.changes.listed.push(place(list.len()));
        list.push(keyed);
    }

    fn add_known(&mut self, id: EntryId, keyed: KeyedCandidate) {
        self.changes.listed.push(Place::Known(id));
        let Some(entry) = self.known.entries.get(&id) else { return };
        let has_new_link = self.add_aliases(id, entry.links(), &keyed.keys);
        let mut seen = keyed.candidate;
        let differs_in_volatile_parts = |link: &Url| self.is_same_but_volatile(id, link);
        if !has_new_link || seen.link.as_ref().is_some_and(differs_in_volatile_parts) {
            seen.link.clone_from(&entry.candidate.link);
        }
        if let Some(edit) = edited(&entry.candidate, &seen) {
            self.changes.edited.push((id, edit));
        }
    }

    /// Adds the keys that a known entry did not have, of which `links` are addresses that it had.
    /// Returns whether an address is among them.
    fn add_aliases(&mut self, id: EntryId, mut links: usize, keys: &[EntryKey]) -> bool {
        let mut has_new_link = false;
        for key in keys {
            let has_it = match key.prefix() {
                Some((prefix, _)) => self.known.same_title(prefix).any(|(_, owner)| owner == id),
                None => self.known.by_key.contains_key(key) || self.changes.shared.contains(key),
            };
            let is_link = key.kind() == KeyKind::Link;
            if has_it || is_link && links >= LINKS_MAX {
                continue;
            }
            links += usize::from(is_link);
            has_new_link |= is_link;
            let alias = self.ordinals.free(self.known, key);
            self.changes.aliases.push((id, alias));
        }
        has_new_link
    }

    /// Whether an address is that of a known entry but for volatile parts.
    fn is_same_but_volatile(&self, id: EntryId, link: &Url) -> bool {
        let entry = self.known.entries.get(&id);
        entry.and_then(|entry| entry.candidate.link.as_ref()).is_some_and(|was| {
            volatile_parts::is_same(was, link, &self.known.volatile, &self.changes.volatile)
        })
    }
}

/// The ordinals that were given to new title keys, by prefix.
#[derive(Debug, Default)]
struct Ordinals(BTreeMap<String, usize>);

impl Ordinals {
    /// Returns the key; a title key with the next free ordinal.
    fn free(&mut self, known: &Known, key: &EntryKey) -> EntryKey {
        let Some((prefix, _)) = key.prefix() else {
            return key.clone();
        };
        let known_last = || known.same_title(prefix).map(|(ordinal, _)| ordinal).max().unwrap_or(0);
        let last = self.0.entry(prefix.to_owned()).or_insert_with(known_last);
        *last += 1;
        key.with_ordinal(*last)
    }
}

/// Returns the known entry with what changed, or `None`. What is missing now is no change: a page in
/// another layout may omit leads.
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
