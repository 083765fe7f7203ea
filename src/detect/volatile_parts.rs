//! Volatile parts of addresses, which change on every poll: session ids, cache busters.
//!
//! Guarantees: they are found by comparing polls. A part that distinguishes the entries of a list is
//! not volatile, whatever its name.

use super::{
    keys::KeyedCandidate,
    types::{Known, KnownEntry},
};
use crate::domain::{
    EntryId, EntryKey, KeyKind,
    web_url::{self, AddressPart},
};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Entries whose addresses have to differ in a part in one poll for it to be volatile.
const ENTRIES_MIN: usize = 2;
/// Values that a part of one address must have had, if there is no other evidence.
const VALUES_MIN: usize = 3;

/// Returns the parts that differ from the last poll in most addresses, and without which these still
/// distinguish the entries.
pub(super) fn find(
    known: &Known,
    candidates: &[KeyedCandidate],
    matches: &[Option<EntryId>],
) -> BTreeSet<AddressPart> {
    let mut changed: BTreeMap<AddressPart, (usize, usize)> = BTreeMap::new();
    let mut linked = 0;
    for (keyed, id) in candidates.iter().zip(matches) {
        let entry = id.and_then(|id| known.entries.get(&id));
        let (Some(entry), Some(link)) = (entry, &keyed.candidate.link) else { continue };
        let Some(was) = &entry.candidate.link else { continue };
        linked += 1;
        for part in web_url::difference(was, link).into_iter().flatten() {
            let values = values(entry, link, &part);
            let (entries, most) = changed.entry(part).or_default();
            *entries += 1;
            *most = values.max(*most);
        }
    }
    let often = |part: &AddressPart, entries: usize, values: usize| {
        // A section of a site is renamed once, and does not change on every poll.
        let is_segment = matches!(part, AddressPart::Segment(..));
        let is_often = entries >= ENTRIES_MIN && !is_segment || values >= VALUES_MIN;
        is_often && entries * 2 > linked
    };
    let parts: BTreeSet<AddressPart> = changed
        .into_iter()
        .filter(|(part, (entries, values))| often(part, *entries, *values))
        .map(|(part, _)| part)
        .collect();
    let parts: BTreeSet<AddressPart> = parts.difference(&known.volatile).cloned().collect();
    let all: BTreeSet<AddressPart> = parts.union(&known.volatile).cloned().collect();
    let links = || candidates.iter().filter_map(|keyed| keyed.candidate.link.as_ref());
    let whole: BTreeSet<EntryKey> = links().map(EntryKey::of_link).collect();
    let bare: BTreeSet<EntryKey> =
        links().map(|link| EntryKey::of_link(&web_url::without(link, &all))).collect();
    if bare.len() == whole.len() { parts } else { BTreeSet::new() }
}

/// Counts the values that a part had in the addresses of one entry that differ in it alone, this one
/// included.
fn values(entry: &KnownEntry, link: &Url, part: &AddressPart) -> usize {
    let only = BTreeSet::from([part.clone()]);
    let bare = web_url::without(link, &only);
    let own = EntryKey::of_link(link);
    let same = entry.keys.iter().filter(|(key, _)| key.kind() == KeyKind::Link && *key != own);
    let same = same
        .filter_map(|(key, _)| key.url())
        .filter(|was| EntryKey::of_link(&web_url::without(was, &only)) == EntryKey::of_link(&bare));
    same.count() + 1
}

/// Whether two addresses are the same but for volatile parts.
pub(super) fn is_same(
    a: &Url,
    b: &Url,
    known: &BTreeSet<AddressPart>,
    found: &BTreeSet<AddressPart>,
) -> bool {
    let parts: BTreeSet<AddressPart> = known.union(found).cloned().collect();
    !parts.is_empty()
        && EntryKey::of_link(&web_url::without(a, &parts))
            == EntryKey::of_link(&web_url::without(b, &parts))
}
