//! Matches candidates with known entries.
//!
//! Guarantees: a known entry is matched at most once. One key alone does not identify an entry: what
//! is known of address, identifier, title and day has to agree. A key that two different entries had
//! does not count any more.
//!
//! Four steps, each with what the one before left: by the keys of a candidate; by its place among
//! known neighbors, for edited entries; by titles alone, if the whole list changed but for these;
//! by titles of entries that were known without a day; and then by place once more.

use super::{
    evidence::{Agreement, Evidence},
    keys::KeyedCandidate,
    types::Known,
};
use crate::domain::{
    Candidate, EntryId, EntryKey, KeyKind,
    entry::{ALIKE, ALMOST_EQUAL, fold, likeness},
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Identifiers that an entry may have had; an entry with more changes them at will.
const GUIDS_TRUSTED_MAX: usize = 2;
/// If at least this many keys seem reused at once, and more than half as many as agree, they are
/// not reused: the page prints its titles and days in another way.
const REREAD_MIN: usize = 3;
/// Pairs of new and missing entries of a list that are compared: if more change at once, it is not
/// a correction.
const PAIRS_MAX: usize = 1_000;
/// How far apart the ordinals of entries with one title and day may be that are compared.
const EQUALS_MAX: usize = 20;
/// The shortest title that identifies an entry by itself, in characters.
const STANDALONE_CHARS_MIN: usize = 8;

/// The known entry of each candidate, and the keys that identify none from now on.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// The number of the known entry, for each candidate.
    pub(super) of: Vec<Option<EntryId>>,
    /// Keys that two different entries had.
    pub(super) reused: BTreeSet<EntryKey>,
}

/// What is beside candidates that are not matched yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Near {
    /// They are newer than a known entry.
    Newer,
    /// They are older than all known entries, or the list has but one.
    Older,
    /// No entry of the list is known.
    Nothing,
}

/// Matches candidates, oldest first, with what is known.
pub(super) fn matches(
    known: &Known,
    candidates: &[KeyedCandidate],
    latest_on: NaiveDate,
) -> Matches {
    let mut matcher =
        Matcher { known, candidates, latest_on, reused: BTreeSet::new(), is_reread: false };
    matcher.find_reused();
    let mut of = matcher.by_keys();
    matcher.by_place(&mut of);
    matcher.by_title(&mut of);
    matcher.without_day(&mut of);
    // Entries that were matched meanwhile are neighbors too.
    matcher.by_place(&mut of);
    Matches { of, reused: matcher.reused }
}

struct Matcher<'a> {
    known: &'a Known,
    candidates: &'a [KeyedCandidate],
    latest_on: NaiveDate,
    reused: BTreeSet<EntryKey>,
    is_reread: bool,
}

impl Matcher<'_> {
    /// Returns the known entries that a candidate may be.
    fn nominees(&self, keyed: &KeyedCandidate) -> BTreeSet<EntryId> {
        let mut ids = BTreeSet::new();
        for key in &keyed.keys {
            match key.prefix() {
                Some((prefix, own)) => {
                    let is_near =
                        |(ordinal, _): &(usize, EntryId)| ordinal.abs_diff(own) <= EQUALS_MAX;
                    ids.extend(self.known.same_title(prefix).filter(is_near).map(|(_, id)| id));
                }
                None => ids.extend(self.owner(key)),
            }
        }
        ids
    }

    /// Returns the entry that a key identifies.
    fn owner(&self, key: &EntryKey) -> Option<EntryId> {
        let owner = self.known.by_key.get(key).filter(|owner| !owner.is_shared)?;
        (!self.reused.contains(key)).then_some(owner.entry_id)
    }

    fn evidence(&self, keyed: &KeyedCandidate, id: EntryId) -> Option<Evidence> {
        let entry = self.known.entries.get(&id)?;
        let (seen, was) = (&keyed.candidate, &entry.candidate);
        let of_kind = |kind| {
            let own = keyed.keys.iter().find(|key| key.kind() == kind);
            let own = own.filter(|key| {
                !self.reused.contains(key)
                    && self.known.by_key.get(key).is_none_or(|owner| !owner.is_shared)
            });
            let known: Vec<&EntryKey> = entry
                .keys
                .iter()
                .filter(|(key, is_shared)| {
                    key.kind() == kind && !is_shared && !self.reused.contains(key)
                })
                .map(|(key, _)| key)
                .collect();
            match own {
                Some(own) if known.contains(&own) => Agreement::Yes,
                Some(_) if known.is_empty() => Agreement::Unknown,
                Some(_) if kind == KeyKind::Guid && known.len() > GUIDS_TRUSTED_MAX => {
                    Agreement::Unknown
                }
                Some(_) => Agreement::No,
                None => Agreement::Unknown,
            }
        };
        let is_day = |on: &NaiveDate| *on <= self.latest_on;
        let day = match (seen.date_on, was.date_on) {
            (Some(a), Some(b)) if a == b => Agreement::Yes,
            (Some(a), Some(b)) if is_day(&a) && is_day(&b) => Agreement::No,
            _ => Agreement::Unknown,
        };
        let alike = likeness(&seen.title, &was.title);
        let (link, guid) = (of_kind(KeyKind::Link), of_kind(KeyKind::Guid));
        // Another text proves something only if a key agrees.
        let has_key = link == Agreement::Yes || guid == Agreement::Yes;
        let lead = match (&seen.lead, &was.lead) {
            (Some(a), Some(b)) if fold(a) == fold(b) => Agreement::Yes,
            (Some(a), Some(b)) if has_key && likeness(a, b) < ALIKE => Agreement::No,
            _ => Agreement::Unknown,
        };
        Some(Evidence {
            link,
            guid,
            title: if alike >= 1.0 { Agreement::Yes } else { Agreement::No },
            is_almost: alike >= ALMOST_EQUAL,
            day,
            lead,
            is_later: seen.date_on > was.date_on,
            is_misdated: [seen.date_on, was.date_on].iter().flatten().any(|on| !is_day(on)),
        })
    }

    /// Finds the keys that name another entry than before.
    fn find_reused(&mut self) {
        let shown = self.shown();
        let mut agreeing = 0;
        let (mut reused, mut doubtful) = (BTreeSet::new(), BTreeSet::new());
        for (n, keyed) in self.candidates.iter().enumerate() {
            let keys = keyed.keys.iter().filter(|key| key.kind() != KeyKind::Title);
            let owned: Vec<(&EntryKey, EntryId)> =
                keys.filter_map(|key| Some((key, self.owner(key)?))).collect();
            agreeing += usize::from(!owned.is_empty());
            for (key, id) in owned {
                if self.evidence(keyed, id).is_some_and(|evidence| evidence.is_other_entry()) {
                    // The entry that it named before is listed as well.
                    let mut at = shown.range((id, 0)..=(id, usize::MAX));
                    let is_certain = at.any(|(_, m)| *m != n);
                    let may_be_reread = !is_certain && self.may_be_reread(keyed);
                    let keys = if may_be_reread { &mut doubtful } else { &mut reused };
                    keys.insert(key.clone());
                }
            }
        }
        self.is_reread = doubtful.len() >= REREAD_MIN && doubtful.len() * 2 > agreeing;
        if !self.is_reread {
            reused.append(&mut doubtful);
        }
        self.reused = reused;
    }

    /// Whether it may be a known entry whose title and day are printed in another way: then its day is
    /// not after those of all known entries.
    fn may_be_reread(&self, keyed: &KeyedCandidate) -> bool {
        let date_on = keyed.candidate.date_on.filter(|on| *on <= self.latest_on);
        date_on.is_none() || date_on <= self.known.newest_on
    }

    /// Returns the known entries that candidates show by title and day, with the places of these.
    fn shown(&self) -> BTreeSet<(EntryId, usize)> {
        let all = self.candidates.iter().enumerate();
        let pairs = all.flat_map(|(n, keyed)| {
            let is_shown = |id: &EntryId| {
                self.evidence(keyed, *id).is_some_and(|evidence| evidence.is_equal())
            };
            self.nominees(keyed).into_iter().filter(is_shown).map(move |id| (id, n))
        });
        pairs.collect()
    }

    /// The first step: by addresses, identifiers, titles with their days. The pairs that agree most
    /// come first.
    fn by_keys(&self) -> Vec<Option<EntryId>> {
        let all: Vec<Vec<(EntryId, Evidence)>> = self
            .candidates
            .iter()
            .map(|keyed| {
                let nominees = self.nominees(keyed).into_iter();
                nominees.filter_map(|id| Some((id, self.evidence(keyed, id)?))).collect()
            })
            .collect();
        // Whether entries of this list keep their addresses, by those whose title and day stay.
        let has = |pairs: &[(EntryId, Evidence)], link| {
            pairs.iter().any(|(_, e)| e.is_equal() && e.link == link)
        };
        let kept = all.iter().filter(|pairs| has(pairs, Agreement::Yes)).count();
        let moved = all
            .iter()
            .filter(|pairs| has(pairs, Agreement::No) && !has(pairs, Agreement::Yes))
            .count();
        let mut pairs: Vec<(std::cmp::Reverse<u8>, usize, EntryId)> = Vec::new();
        for (n, nominees) in all.iter().enumerate() {
            for (id, evidence) in nominees {
                let is_reread = self.is_reread && self.may_be_reread(&self.candidates[n]);
                if let Some(rank) = evidence.rank(is_reread, kept, moved) {
                    pairs.push((std::cmp::Reverse(rank), n, *id));
                }
            }
        }
        pairs.sort_unstable();
        let mut of = vec![None; self.candidates.len()];
        let mut taken = BTreeSet::new();
        for (_, n, id) in pairs {
            if of[n].is_none() && taken.insert(id) {
                of[n] = Some(id);
            }
        }
        of
    }

    /// The second step: a candidate in the place of a known entry that is gone, and like it, is an
    /// edited one.
    fn by_place(&self, of: &mut [Option<EntryId>]) {
        let place: BTreeMap<EntryId, usize> =
            self.known.listed.iter().enumerate().map(|(n, id)| (*id, n)).collect();
        let mut taken: BTreeSet<EntryId> = of.iter().flatten().copied().collect();
        let mut pairs_left = PAIRS_MAX;
        let mut start = 0;
        while start < of.len() {
            if of[start].is_some() {
                start += 1;
                continue;
            }
            let end = (start..of.len()).find(|n| of[*n].is_some()).unwrap_or(of.len());
            let below = start.checked_sub(1).and_then(|n| place.get(&of[n]?).copied());
            let above = of.get(end).and_then(|id| place.get(&(*id)?).copied());
            let places = match (below, above) {
                (Some(below), Some(above)) if below < above => below + 1..above,
                // Above all that are known.
                (Some(below), None) if end == of.len() => below + 1..self.known.listed.len(),
                // Below all that are known, or no entry is known.
                (None, Some(above)) => 0..above,
                (None, None) if end == of.len() => 0..self.known.listed.len(),
                _ => 0..0,
            };
            let gone: Vec<EntryId> = self.known.listed[places]
                .iter()
                .copied()
                .filter(|id| !taken.contains(id))
                .collect();
            let is_alone = of.len() == 1 && self.known.listed.len() == 1;
            let near = match (below, above) {
                (Some(_), _) => Near::Newer,
                (None, None) if !is_alone => Near::Nothing,
                _ => Near::Older,
            };
            if let Some(left) = pairs_left.checked_sub((end - start) * gone.len()) {
                pairs_left = left;
                for (n, id) in self.edited(start..end, &gone, near) {
                    of[n] = Some(id);
                    taken.insert(id);
                }
            }
            start = end;
        }
    }

    /// Returns pairs of a run of candidates and a run of known entries that are gone, the most alike
    /// first.
    fn edited(
        &self,
        run: std::ops::Range<usize>,
        gone: &[EntryId],
        near: Near,
    ) -> Vec<(usize, EntryId)> {
        use Agreement::{No, Yes};
        let mut pairs = Vec::new();
        for n in run {
            for id in gone {
                let keyed = &self.candidates[n];
                let (Some(e), Some(entry)) =
                    (self.evidence(keyed, *id), self.known.entries.get(id))
                else {
                    continue;
                };
                let likeness = likeness(&keyed.candidate.title, &entry.candidate.title);
                // At another address on another day it is another entry.
                let is_moved = e.link == No || e.guid == No;
                let may_be = match near {
                    Near::Newer => {
                        likeness >= ALIKE
                            && (e.day != No || !is_moved)
                            && !(e.link == No && e.guid == No)
                    }
                    Near::Older => likeness >= ALIKE && e.day != No && !is_moved,
                    // A list without addresses that is given its days keeps its titles.
                    Near::Nothing => {
                        let is_like = likeness >= ALMOST_EQUAL && e.day == Yes || e.is_equal();
                        is_like && !is_moved
                    }
                };
                let is_same_text =
                    near != Near::Nothing && e.lead == Yes && e.day == Yes && !is_moved;
                if may_be || is_same_text {
                    pairs.push((likeness, n, *id));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut done, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for (_, n, id) in pairs {
            if !done.contains_key(&n) && taken.insert(id) {
                done.insert(n, id);
            }
        }
        done.into_iter().collect()
    }

    /// The third step: a redesign may keep nothing but titles. They count if most of the list is known
    /// by them.
    fn by_title(&self, of: &mut [Option<EntryId>]) {
        let taken: BTreeSet<EntryId> = of.iter().flatten().copied().collect();
        let mut known: BTreeMap<String, Vec<EntryId>> = BTreeMap::new();
        for id in self.known.listed.iter().filter(|id| !taken.contains(id)) {
            let Some(entry) = self.known.entries.get(id) else { continue };
            known.entry(fold(&entry.candidate.title)).or_default().push(*id);
        }
        let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, keyed) in self.candidates.iter().enumerate().filter(|(n, _)| of[*n].is_none()) {
            seen.entry(fold(&keyed.candidate.title)).or_default().push(n);
        }
        let pairs: Vec<(usize, EntryId)> = seen
            .iter()
            .filter(|(title, _)| title.chars().count() >= STANDALONE_CHARS_MIN)
            .filter_map(|(title, places)| match (places.as_slice(), known.get(title)?.as_slice()) {
                ([n], [id]) => Some((*n, *id)),
                _ => None,
            })
            .filter(|(n, id)| {
                // The same titles on later days are the next edition.
                self.evidence(&self.candidates[*n], *id)
                    .is_some_and(|e| !(e.day == Agreement::No && e.is_later))
            })
            .collect();
        let matched = of.iter().flatten().count();
        let do_titles_count = pairs.len() >= 2 && (pairs.len() + matched) * 2 > of.len();
        for (n, id) in pairs.into_iter().filter(|_| do_titles_count) {
            of[n] = Some(id);
        }
    }

    /// The fourth step: an entry that was known without a day is known by its title if the list has
    /// days now that it did not have, or if newer ones than it are known, since nothing new is below
    /// these. Another address does not make it another entry, nor that the last list was too short to
    /// show it.
    fn without_day(&self, of: &mut [Option<EntryId>]) {
        let taken: BTreeSet<EntryId> = of.iter().flatten().copied().collect();
        let mut known: BTreeMap<String, Vec<EntryId>> = BTreeMap::new();
        for (id, entry) in &self.known.entries {
            if entry.candidate.date_on.is_none() && !taken.contains(id) {
                known.entry(fold(&entry.candidate.title)).or_default().push(*id);
            }
        }
        if known.is_empty() {
            return;
        }
        let titles: Vec<String> =
            self.candidates.iter().map(|keyed| fold(&keyed.candidate.title)).collect();
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for title in &titles {
            *uses.entry(title).or_default() += 1;
        }
        let is_given_days = self.is_given_days();
        let moved: Vec<Option<bool>> = self.moved(of);
        let mut found: Vec<(usize, EntryId, bool)> = Vec::new();
        let last_known = of.iter().rposition(Option::is_some).unwrap_or(0);
        for (n, title) in titles.iter().enumerate() {
            if of[n].is_some() {
                continue;
            }
            let keyed = &self.candidates[n];
            let is_given_day = is_given_days && keyed.candidate.date_on.is_some();
            let may_be = title.chars().count() >= STANDALONE_CHARS_MIN
                && uses.get(title.as_str()) == Some(&1)
                && (is_given_day || n < last_known);
            let Some([id]) = known.get(title).map(Vec::as_slice).filter(|_| may_be) else {
                continue;
            };
            // A new entry may be below a pinned one, with a title that was there before.
            let lead = |candidate: &Candidate| candidate.lead.as_deref().map(fold);
            let was = self.known.entries.get(id).and_then(|entry| lead(&entry.candidate));
            let is_it = match (lead(&keyed.candidate), was) {
                (Some(seen), Some(was)) => seen == was,
                _ => is_given_day,
            };
            let Some(evidence) = self.evidence(keyed, *id) else { continue };
            if is_it && evidence.guid != Agreement::No {
                let above = moved[n..].iter().flatten().next();
                let below = moved[..n].iter().rev().flatten().next();
                let has_moved = above == Some(&true) || below == Some(&true);
                let is_undated = keyed.candidate.date_on.is_none();
                let has_number = title.chars().any(char::is_numeric);
                let is_alone =
                    evidence.link == Agreement::No && is_undated && !has_moved && !has_number;
                found.push((n, *id, is_alone));
            }
        }
        // If those around it keep their addresses, an entry at another address is the next of its title,
        // unless the title has a number, which the next one would not have.
        let moved = found.iter().filter(|(.., is_alone)| *is_alone).count();
        for (n, id, _) in found.into_iter().filter(|(.., is_alone)| !is_alone || moved > 1) {
            of[n] = Some(id);
        }
    }

    /// Returns for each matched candidate whether its address is another now.
    fn moved(&self, of: &[Option<EntryId>]) -> Vec<Option<bool>> {
        let found = self.candidates.iter().zip(of);
        let is_moved = |keyed, id| Some(self.evidence(keyed, id)?.link == Agreement::No);
        found.map(|(keyed, id)| id.and_then(|id| is_moved(keyed, id))).collect()
    }

    /// Whether most of the list has days, and most of the last one had none.
    fn is_given_days(&self) -> bool {
        let last = self.known.listed.iter().filter_map(|id| self.known.entries.get(id));
        let (dated, bare): (Vec<_>, Vec<_>) =
            last.partition(|entry| entry.candidate.date_on.is_some());
        let has_days =
            self.candidates.iter().filter(|keyed| keyed.candidate.date_on.is_some()).count();
        bare.len() > dated.len() && has_days * 2 > self.candidates.len()
    }
}
