//! What is new: known entries + candidates → verdict. Pure.
//!
//! Promises: a known entry never becomes new, whatever the page does with its list (cuts it,
//! reorders it, changes its addresses); an entry that is absent is never taken for deleted; a list
//! that looks like another list is held back instead of being announced.
//! Leaves out: reading pages (`extract`) and keeping state (`store`).

use crate::domain::{Candidate, EntryKey, entry::fold};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What the store knows of a source, as far as the candidates touch it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Whether a first reading was ever stored. Without one nothing is new.
    pub has_baseline: bool,
    /// Which of the candidates' keys are known, and to which entry (by its number) they belong.
    pub by_key: BTreeMap<EntryKey, i64>,
    /// Those entries as they were last seen.
    pub entries: BTreeMap<i64, Candidate>,
    /// The latest day of any entry of the source.
    pub newest_on: Option<NaiveDate>,
    /// The operator vouches for the list, however strange it looks.
    pub is_confirmed: bool,
}

/// A candidate with all the keys it goes by, the most trusted first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// The candidate.
    pub candidate: Candidate,
    /// Its keys; never empty.
    pub keys: Vec<EntryKey>,
}

/// What one reading means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first reading: all of it is stored, nothing is announced. Oldest first.
    Baseline(Vec<Keyed>),
    /// An ordinary reading; all parts may be empty.
    Found(Found),
    /// This is not the list that is known. Why, in words for the operator.
    Suspicious(String),
}

/// The differences between what is known and what was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Entries to announce, oldest first.
    pub new: Vec<Keyed>,
    /// Unknown entries older than all that is known (the page shows more than before): stored,
    /// not announced. Oldest first.
    pub older: Vec<Keyed>,
    /// Known entries whose date, title, lead or address changed, with what they are now.
    pub edited: Vec<(i64, Candidate)>,
    /// Further keys of known entries.
    pub aliases: Vec<(i64, EntryKey)>,
}

/// Gives every candidate its keys, oldest first. `page` is the address they were read from: an
/// entry that links to nothing but its own list has no address of its own.
pub fn keyed(candidates: &[Candidate], page: &Url) -> Vec<Keyed> {
    let mut candidates: Vec<&Candidate> = candidates.iter().collect();
    if !is_oldest_first(&candidates) {
        candidates.reverse();
    }
    let own = EntryKey::of_link(page);
    let link_keys: Vec<Option<EntryKey>> = candidates
        .iter()
        .map(|c| c.link.as_ref().map(EntryKey::of_link).filter(|key| *key != own))
        .collect();
    let guid_keys: Vec<Option<EntryKey>> =
        candidates.iter().map(|c| c.guid.as_deref().map(EntryKey::of_guid)).collect();
    let mut uses: BTreeMap<&EntryKey, usize> = BTreeMap::new();
    for key in link_keys.iter().chain(&guid_keys).flatten() {
        *uses.entry(key).or_default() += 1;
    }
    let mut equals: BTreeMap<(Option<NaiveDate>, String), usize> = BTreeMap::new();
    let mut listed: BTreeSet<(Option<&EntryKey>, Option<NaiveDate>, &str)> = BTreeSet::new();
    let mut all = Vec::with_capacity(candidates.len());
    for (n, candidate) in candidates.iter().enumerate() {
        // The same entry set twice (a picture and a headline, say) is one entry.
        let link = link_keys[n].as_ref();
        if link.is_some() && !listed.insert((link, candidate.date_on, &candidate.title)) {
            continue;
        }
        let distinct = |key: &&EntryKey| uses.get(key) == Some(&1);
        let mut keys: Vec<EntryKey> = [link, guid_keys[n].as_ref()]
            .into_iter()
            .flatten()
            .filter(|key| distinct(key))
            .cloned()
            .collect();
        // A title without a day says too little beside an address: "Announcement" comes again.
        if candidate.date_on.is_some() || keys.is_empty() {
            let same = (candidate.date_on, fold(&candidate.title));
            let ordinal = equals.entry(same).and_modify(|n| *n += 1).or_insert(1);
            keys.push(EntryKey::of_title(candidate.date_on, &candidate.title, *ordinal));
        }
        all.push(Keyed { candidate: (*candidate).clone(), keys });
    }
    all
}

/// The verdict over a reading: candidates as [`keyed`] gave them.
pub fn detect(known: &Known, candidates: Vec<Keyed>) -> Verdict {
    if !known.has_baseline {
        return Verdict::Baseline(candidates);
    }
    let matches = match_known(known, &candidates);
    let total = candidates.len();
    let first_known = matches.iter().position(Option::is_some);
    let floor_on = first_known.and_then(|n| candidates[n].candidate.date_on);
    let mut found = Found::default();
    for (n, (keyed, id)) in candidates.into_iter().zip(&matches).enumerate() {
        let Some(id) = id else {
            let is_below = first_known.is_some_and(|first| n < first);
            let date_on = keyed.candidate.date_on;
            if is_below && (date_on.is_none() || floor_on.is_none() || date_on <= floor_on) {
                found.older.push(keyed);
            } else {
                found.new.push(keyed);
            }
            continue;
        };
        let aliases = keyed.keys.iter().filter(|key| !known.by_key.contains_key(key));
        found.aliases.extend(aliases.map(|key| (*id, key.clone())));
        if let Some(edit) = known.entries.get(id).and_then(|e| edited(e, &keyed.candidate)) {
            found.edited.push((*id, edit));
        }
    }
    let is_fresh = |keyed: &Keyed| {
        keyed.candidate.date_on.is_some() && keyed.candidate.date_on >= known.newest_on
    };
    if known.is_confirmed {
        // The operator vouches for the list, not for its old entries being news.
        let after = |keyed: &Keyed| keyed.candidate.date_on > known.newest_on;
        let (new, silent): (Vec<_>, Vec<_>) = found.new.into_iter().partition(after);
        found.new = new;
        found.older.extend(silent);
        return Verdict::Found(found);
    }
    let count = found.new.len();
    if first_known.is_none() && total > 0 {
        return Verdict::Suspicious(format!("none of the {total} entries listed is known"));
    }
    // Many at once are believed when all of them are dated as news would be: not before the
    // newest known entry. A list that was swapped or renamed brings old dates with it.
    if count * 2 > total - found.older.len() && !found.new.iter().all(is_fresh) {
        return Verdict::Suspicious(format!(
            "{count} of the {total} entries listed are unknown, with dates of the past among them"
        ));
    }
    Verdict::Found(found)
}

/// Which known entry each candidate is. An entry is matched at most once, by the most trusted key
/// first, so that of two entries of one day and title each finds its own.
fn match_known(known: &Known, candidates: &[Keyed]) -> Vec<Option<i64>> {
    let mut matches = vec![None; candidates.len()];
    let mut taken = BTreeSet::new();
    let rounds = candidates.iter().map(|c| c.keys.len()).max().unwrap_or(0);
    // Titles last: they are the last of the keys, and tell less than addresses and identifiers.
    for by_title in [false, true] {
        for round in 0..rounds {
            for (keyed, found) in candidates.iter().zip(&mut matches) {
                let Some(key) = keyed.keys.get(round) else {
                    continue;
                };
                if found.is_some() || by_title != key.as_str().starts_with("title:") {
                    continue;
                }
                if let Some(id) = known.by_key.get(key).filter(|id| !taken.contains(*id)) {
                    taken.insert(*id);
                    *found = Some(*id);
                }
            }
        }
    }
    matches
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

/// Whether the list runs from old to new: more steps forward in time than back.
fn is_oldest_first(candidates: &[&Candidate]) -> bool {
    let dates: Vec<NaiveDate> = candidates.iter().filter_map(|c| c.date_on).collect();
    let forward = dates.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let back = dates.windows(2).filter(|pair| pair[0] > pair[1]).count();
    forward > back
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "https://ministry.example/news/";

    /// "14 /7 A title" → an entry of that day of July 2020; "-" is no date or no link.
    fn entry(text: &str) -> Candidate {
        let mut parts = text.splitn(3, ' ');
        let mut next = || parts.next().filter(|part| *part != "-");
        let day = next().and_then(|day| NaiveDate::from_ymd_opt(2020, 7, day.parse().unwrap()));
        let link = next().map(|path| Url::parse(PAGE).unwrap().join(path).unwrap());
        Candidate { date_on: day, link, title: next().unwrap().to_owned(), ..Candidate::default() }
    }

    fn list(lines: &[&str]) -> Vec<Candidate> {
        lines.iter().map(|line| entry(line)).collect()
    }

    /// What a store would know after these lists, one after the other, each taken as it is.
    fn known(lists: &[Vec<Candidate>]) -> Known {
        let mut known = Known::default();
        for list in lists {
            for keyed in keyed(list, &PAGE.parse().unwrap()) {
                let id = keyed
                    .keys
                    .iter()
                    .find_map(|key| known.by_key.get(key).copied())
                    .unwrap_or(i64::try_from(known.entries.len()).unwrap() + 1);
                known.newest_on = known.newest_on.max(keyed.candidate.date_on);
                known.entries.insert(id, keyed.candidate);
                for key in keyed.keys {
                    known.by_key.entry(key).or_insert(id);
                }
            }
            known.has_baseline = true;
        }
        known
    }

    fn look(known: &Known, list: &[Candidate]) -> Verdict {
        detect(known, keyed(list, &PAGE.parse().unwrap()))
    }

    fn titles(entries: &[Keyed]) -> Vec<&str> {
        entries.iter().map(|e| e.candidate.title.as_str()).collect()
    }

    const LIST: [&str; 5] = ["14 /7 Treaty", "9 /6 Visit", "9 /5 Visit", "3 /4 Note", "1 /3 Talks"];

    /// Each row: what happens to the page, the page then, and what is announced (oldest first),
    /// kept in silence, edited; or nothing where it is to be held.
    #[test]
    fn what_is_new_and_what_is_not() {
        type Parts = Option<(&'static [&'static str], &'static [&'static str], usize)>;
        let rows: &[(&str, &[&str], Parts)] = &[
            ("nothing", &LIST, Some((&[], &[], 0))),
            (
                "one more on top",
                &["15 /8 New", "14 /7 Treaty", "9 /6 Visit", "9 /5 Visit", "3 /4 Note"],
                Some((&["New"], &[], 0)),
            ),
            ("cut short", &["3 /4 Note", "1 /3 Talks"], Some((&[], &[], 0))),
            ("turned around", &["1 /3 Talks", "9 /6 Visit", "14 /7 Treaty"], Some((&[], &[], 0))),
            (
                "two at once, told in the order of publication",
                &["16 /9 Later", "15 /8 Sooner", "14 /7 Treaty", "9 /6 Visit", "9 /5 Visit"],
                Some((&["Sooner", "Later"], &[], 0)),
            ),
            (
                "a late one between known ones",
                &["14 /7 Treaty", "10 /10 Late", "9 /6 Visit", "9 /5 Visit"],
                Some((&["Late"], &[], 0)),
            ),
            (
                "the page shows more than before",
                &["9 /5 Visit", "3 /4 Note", "1 /3 Talks", "1 /2 Old", "1 /1 Older", "1 /0 Oldest"],
                Some((&[], &["Oldest", "Older", "Old"], 0)),
            ),
            (
                "a third of the same day and title",
                &["14 /7 Treaty", "9 /11 Visit", "9 /6 Visit", "9 /5 Visit", "3 /4 Note"],
                Some((&["Visit"], &[], 0)),
            ),
            (
                "new addresses for all",
                &["14 /a Treaty", "9 /b Visit", "9 /c Visit", "3 /d Note", "1 /e Talks"],
                Some((&[], &[], 5)),
            ),
            (
                "other spellings of the addresses",
                &[
                    "14 http://www.ministry.example/7/?utm_source=x Treaty",
                    "9 http://ministry.example/6 Visit",
                ],
                Some((&[], &[], 0)),
            ),
            (
                "a title was mended",
                &["14 /7 Treaty signed", "9 /6 Visit", "9 /5 Visit"],
                Some((&[], &[], 1)),
            ),
            ("quotes and case changed", &["14 /7 «TREATY»", "9 /6 Visit"], Some((&[], &[], 0))),
            ("a date was left out", &["- /7 Treaty", "9 /6 Visit"], Some((&[], &[], 0))),
            (
                "an outage is over: many new ones, all of later days",
                &["19 /16 P", "18 /15 O", "17 /14 N", "16 /13 M", "15 /12 L", "14 /7 Treaty"],
                Some((&["L", "M", "N", "O", "P"], &[], 0)),
            ),
            ("another list", &["14 /x Menu", "13 /y Events", "2 /z Jobs"], None),
            (
                "a list that keeps one entry and brings old ones",
                &["14 /7 Treaty", "13 /w Jobs", "12 /x Menu", "10 /y Events", "9 /6 Visit"],
                None,
            ),
            ("nothing listed", &[], Some((&[], &[], 0))),
        ];
        for (name, page, expected) in rows {
            let verdict = look(&known(&[list(&LIST)]), &list(page));
            match (verdict, expected) {
                (Verdict::Found(found), Some((new, older, edits))) => {
                    assert_eq!(titles(&found.new), *new, "{name}: new");
                    assert_eq!(titles(&found.older), *older, "{name}: older");
                    assert_eq!(found.edited.len(), *edits, "{name}: {:?}", found.edited);
                }
                (Verdict::Suspicious(_), None) => {}
                (verdict, _) => panic!("{name}: {verdict:?}"),
            }
        }
    }

    #[test]
    fn the_first_reading_is_stored_in_silence() {
        let verdict = look(&Known::default(), &list(&LIST));
        let Verdict::Baseline(all) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(titles(&all), ["Talks", "Note", "Visit", "Visit", "Treaty"]);
    }

    #[test]
    fn a_list_that_the_operator_confirms_brings_only_what_is_later_than_all_known() {
        let page = list(&["16 /x Fresh", "13 /y Events", "2 /z Jobs"]);
        let known = Known { is_confirmed: true, ..known(&[list(&LIST)]) };
        let Verdict::Found(found) = look(&known, &page) else {
            panic!("held");
        };
        assert_eq!(titles(&found.new), ["Fresh"]);
        assert_eq!(titles(&found.older), ["Jobs", "Events"]);
    }

    #[test]
    fn entries_without_addresses_go_by_day_and_title() {
        let before = list(&["14 - Visit", "14 - Visit", "9 - Note"]);
        let after = list(&["15 - Visit", "14 - Visit", "14 - Visit", "14 - Visit", "9 - Note"]);
        let Verdict::Found(found) = look(&known(&[before]), &after) else {
            panic!("held");
        };
        assert_eq!(titles(&found.new), ["Visit", "Visit"]);
    }

    #[test]
    fn links_that_all_lead_to_one_address_tell_nothing() {
        let page = list(&["14 /all.pdf Treaty", "9 /all.pdf Visit", "3 /all.pdf Note"]);
        let more = list(&["15 /all.pdf New", "14 /all.pdf Treaty", "9 /all.pdf Visit"]);
        let Verdict::Found(found) = look(&known(&[page]), &more) else {
            panic!("held");
        };
        assert_eq!(titles(&found.new), ["New"]);
    }

    #[test]
    fn one_entry_set_twice_is_one_entry() {
        let page = list(&["14 /7 Treaty", "14 /7 Treaty", "9 /6 Visit"]);
        assert_eq!(keyed(&page, &PAGE.parse().unwrap()).len(), 2);
    }

    fn any_entry() -> impl Strategy<Value = Candidate> {
        let day = proptest::option::weighted(0.9, 1u32..28);
        let link = proptest::option::weighted(0.8, 0u32..30);
        (day, link, "[ABC]{1,2}").prop_map(|(day, link, title)| Candidate {
            date_on: day.and_then(|day| NaiveDate::from_ymd_opt(2020, 7, day)),
            link: link.map(|n| Url::parse(PAGE).unwrap().join(&format!("/{n}")).unwrap()),
            title,
            ..Candidate::default()
        })
    }

    fn by_day(mut list: Vec<Candidate>) -> Vec<Candidate> {
        list.sort_by_key(|entry| std::cmp::Reverse(entry.date_on));
        list
    }

    proptest! {
        #[test]
        fn permuting_a_list_of_addresses_makes_nothing_new(
            pair in proptest::collection::btree_map(0u32..40, (1u32..28, "[ABC]{1,2}"), 1..20)
                .prop_flat_map(|map| {
                    let list: Vec<Candidate> = map.into_iter().map(|(n, (day, title))|
                        entry(&format!("{day} /{n} {title}"))).collect();
                    (Just(list.clone()), Just(list).prop_shuffle())
                })
        ) {
            let (page, shuffled) = pair;
            let verdict = look(&known(&[by_day(page)]), &shuffled);
            let Verdict::Found(found) = verdict else { panic!("{verdict:?}") };
            prop_assert_eq!(found.new, vec![]);
            prop_assert_eq!(found.older, vec![]);
        }

        #[test]
        fn cutting_a_list_makes_nothing_new(
            page in proptest::collection::vec(any_entry(), 1..20),
            cut in 0usize..20,
        ) {
            let page = by_day(page);
            let short = &page[..page.len() - cut.min(page.len() - 1)];
            let verdict = look(&known(std::slice::from_ref(&page)), short);
            // Titles without addresses are counted from the oldest, so a cut may shift their
            // numbers down: to numbers that are known as well.
            let Verdict::Found(found) = verdict else { panic!("{verdict:?}") };
            prop_assert_eq!(found.new, vec![]);
        }

        #[test]
        fn reading_the_same_page_again_says_nothing(
            page in proptest::collection::vec(any_entry(), 1..20),
        ) {
            let verdict = look(&known(std::slice::from_ref(&page)), &page);
            let Verdict::Found(found) = verdict else { panic!("{verdict:?}") };
            prop_assert_eq!(found.new, vec![]);
            prop_assert_eq!(found.older, vec![]);
        }

        #[test]
        fn what_is_announced_is_never_known_and_comes_once(
            before in proptest::collection::vec(any_entry(), 1..12),
            after in proptest::collection::vec(any_entry(), 1..12),
        ) {
            let known = known(&[before]);
            if let Verdict::Found(found) = look(&known, &after) {
                let mut keys = BTreeSet::new();
                for keyed in found.new.iter().chain(&found.older) {
                    let best = &keyed.keys[0];
                    prop_assert!(best.as_str().starts_with("title:")
                        || !known.by_key.contains_key(best));
                    prop_assert!(keys.insert(best.clone()), "twice: {best}");
                }
            }
        }
    }
}
