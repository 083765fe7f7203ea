//! Keys: candidates in the order of publication, each with the keys that identify it.

use crate::domain::{
    Candidate, EntryKey,
    web_url::{self, AddressPart},
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// A candidate with its keys, the most trusted first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedCandidate {
    /// The candidate.
    pub candidate: Candidate,
    /// Its keys; never empty.
    pub keys: Vec<EntryKey>,
}

/// The list that candidates are from.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// The address of the list: an entry that links to it has no address of its own.
    pub page: &'a Url,
    /// The last day that an entry can have: that of the poll, and one for the difference of zones. A
    /// later one decides nothing.
    pub latest_on: NaiveDate,
    /// The volatile parts of addresses, which are ignored.
    pub volatile: &'a BTreeSet<AddressPart>,
}

/// Returns the candidates with their keys, oldest first.
pub fn assign_keys(candidates: &[Candidate], list: &List<'_>) -> Vec<KeyedCandidate> {
    let mut candidates: Vec<&Candidate> = candidates.iter().collect();
    if !is_oldest_first(&candidates, list.latest_on) {
        candidates.reverse();
    }
    let own = EntryKey::of_link(list.page);
    let is_other = |link: &&Url| EntryKey::of_link(link) != own;
    let whole = |c: &Candidate| c.link.as_ref().filter(is_other).map(EntryKey::of_link);
    let mut listed = BTreeSet::new();
    let mut all: Vec<&Candidate> = Vec::new();
    for candidate in candidates {
        let link = whole(candidate);
        // An entry that is linked twice (a picture and a headline, say) is one entry.
        let is_first = listed.insert((link.clone(), candidate.date_on, &candidate.title));
        if link.is_none() || is_first {
            all.push(candidate);
        }
    }
    let whole: Vec<Option<EntryKey>> = all.iter().map(|c| whole(c)).collect();
    let bare: Vec<Option<EntryKey>> = all
        .iter()
        .map(|c| {
            let link = c.link.as_ref().filter(is_other)?;
            Some(EntryKey::of_link(&web_url::without(link, list.volatile)))
        })
        .collect();
    let bare_uses = uses(&bare);
    // A part that distinguishes the entries of this list is not volatile after all.
    let links = bare.iter().zip(&whole).map(|(bare, whole)| match bare {
        Some(key) if bare_uses.get(key) == Some(&1) => bare.clone(),
        _ => whole.clone(),
    });
    let links: Vec<Option<EntryKey>> = links.collect();
    let guids: Vec<Option<EntryKey>> = all
        .iter()
        .zip(&links)
        .map(|(candidate, link)| {
            let guid = candidate.guid.as_deref()?;
            // An identifier that is the address adds nothing.
            let of_address = Url::parse(guid).ok().map(|url| EntryKey::of_link(&url));
            (of_address.is_none() || of_address != *link).then(|| EntryKey::of_guid(guid))
        })
        .collect();
    let (link_uses, guid_uses) = (uses(&links), uses(&guids));
    let mut equals: BTreeMap<EntryKey, usize> = BTreeMap::new();
    let mut keyed = Vec::with_capacity(all.len());
    for ((candidate, link), guid) in all.into_iter().zip(&links).zip(&guids) {
        let link_key = link.as_ref().filter(|key| link_uses.get(key) == Some(&1));
        let guid_key = guid.as_ref().filter(|key| guid_uses.get(key) == Some(&1));
        let mut keys: Vec<EntryKey> = [link_key, guid_key].into_iter().flatten().cloned().collect();
        let title = match (candidate.date_on, link) {
            // A title without a day does not identify an entry: "Announcement" comes again.
            (None, Some(link)) => format!("{link} {}", candidate.title),
            _ => candidate.title.clone(),
        };
        let first = EntryKey::of_title(candidate.date_on, &title, 1);
        let ordinal = equals.entry(first.clone()).and_modify(|n| *n += 1).or_insert(1);
        keys.push(first.with_ordinal(*ordinal));
        keyed.push(KeyedCandidate { candidate: candidate.clone(), keys });
    }
    keyed
}

/// Counts the uses of each key.
fn uses(keys: &[Option<EntryKey>]) -> BTreeMap<EntryKey, usize> {
    let mut uses = BTreeMap::new();
    for key in keys.iter().flatten() {
        *uses.entry(key.clone()).or_default() += 1;
    }
    uses
}

/// Whether the list runs from old to new: more steps forward in time than back; if nothing is dated,
/// by the numbers in its addresses.
fn is_oldest_first(candidates: &[&Candidate], latest_on: NaiveDate) -> bool {
    let days = candidates.iter().filter_map(|c| c.date_on).filter(|on| *on <= latest_on);
    let days: Vec<NaiveDate> = days.collect();
    let steps = steps(&days);
    if steps != (0, 0) || !days.is_empty() {
        return steps.0 > steps.1;
    }
    let numbers: Vec<u64> =
        candidates.iter().filter_map(|c| web_url::number(c.link.as_ref()?)).collect();
    let (forward, back) = self::steps(&numbers);
    forward > 1 && back == 0
}

/// Counts the steps forward and back.
fn steps<T: PartialOrd>(values: &[T]) -> (usize, usize) {
    let forward = values.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let back = values.windows(2).filter(|pair| pair[0] > pair[1]).count();
    (forward, back)
}
