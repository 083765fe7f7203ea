//! What is new: known entries + candidates → verdict. Pure.
//!
//! Guarantees: a known entry never becomes new, whatever the page does with its list (cuts it, reorders
//! it, changes its addresses); an entry that is absent is never taken for deleted; a list that looks like
//! another list is held instead of being announced; a day that is still to come is no measure of anything.
//! Out of scope: reading pages (`extract`), keeping state (`store`), and how long a list is held
//! (`domain::hold`).

mod keys;
mod matching;
mod news;
mod volatile;

pub use keys::{Keyed, List, keyed};

use crate::domain::{
    Candidate, EntryKey, Hold, HoldWhy,
    address::AddressPart,
    entry::fold,
};
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
    /// The entries of these keys and those of the last list, as they were last seen.
    pub entries: BTreeMap<i64, KnownEntry>,
    /// The entries that were last listed, oldest first.
    pub listed: Vec<i64>,
    /// Whether the source ever listed anything.
    pub has_entries: bool,
    /// The latest day of any entry of the source that was not still to come when it was seen.
    pub newest_on: Option<NaiveDate>,
    /// Parts of addresses that differ at every reading.
    pub volatile: BTreeSet<AddressPart>,
    /// The list that is held, and whether a question about it has reached nobody yet.
    pub hold: Option<Hold>,
    /// Same.
    pub is_question_open: bool,
}

impl Known {
    /// The known entries of a day and title: their ordinals and numbers, in no order.
    fn equals(&self, stem: &str) -> impl Iterator<Item = (usize, i64)> {
        let from = EntryKey::from_stored(stem.to_owned());
        self.by_key
            .range(from..)
            .take_while(move |(key, _)| key.as_str().starts_with(stem))
            .filter_map(move |(key, owner)| {
                let stem_of = key.stem().filter(|(own, _)| *own == stem);
                stem_of.map(|(_, ordinal)| (ordinal, owner.entry_id))
            })
    }
}

/// What one reading means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first reading: all of it is stored, nothing is announced. Oldest first.
    Baseline(Vec<Keyed>),
    /// An ordinary reading; all parts may be empty.
    Found(Found),
    /// This is not the list that is known. Why, and what would come of it if it were believed.
    Suspicious(HoldWhy, Found),
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
pub fn detect(known: &Known, candidates: Vec<Keyed>, latest_on: NaiveDate) -> Verdict {
    if !known.has_baseline {
        return Verdict::Baseline(candidates);
    }
    let mut candidates = candidates;
    let mut matches = matching::matches(known, &candidates, latest_on);
    if news::runs_backwards(known, &candidates, &matches.of) {
        candidates.reverse();
        matches.of.reverse();
    }
    let news = news::judge(known, &candidates, &matches.of, latest_on);
    let mut found = Found {
        volatile: volatile::find(known, &candidates, &matches.of),
        shared: matches.reused,
        note: news.note,
        ..Found::default()
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
            let has_it = match key.stem() {
                Some((stem, _)) => known.equals(stem).any(|(_, owner)| owner == *id),
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
            was.is_some_and(|was| volatile::is_same(was, link, &known.volatile, &found.volatile))
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
pub fn wants_more(known: &Known, candidates: &[Keyed], latest_on: NaiveDate) -> bool {
    let Some(oldest) = candidates.first().filter(|_| known.has_baseline) else { return false };
    let matches = matching::matches(known, candidates, latest_on);
    let date_on = oldest.candidate.date_on.filter(|on| *on <= latest_on);
    matches.of.first() == Some(&None) && (date_on.is_none() || date_on >= known.newest_on)
}

/// The ordinals that were given out beyond the known ones, by stem.
#[derive(Debug, Default)]
struct Ordinals(BTreeMap<String, usize>);

impl Ordinals {
    /// The key, with the next ordinal that nobody has if it is one of a title.
    fn free(&mut self, known: &Known, key: &EntryKey) -> EntryKey {
        let Some((stem, _)) = key.stem() else {
            return key.clone();
        };
        let known_last = || known.equals(stem).map(|(ordinal, _)| ordinal).max().unwrap_or(0);
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

    /// What a store would know after these lists, one after the other; held ones it passes over.
    fn known(lists: &[Vec<Candidate>]) -> Known {
        let mut known = Known::default();
        for list in lists {
            let verdict = look(&known, list);
            learn(&mut known, verdict);
        }
        known
    }

    fn learn(known: &mut Known, verdict: Verdict) {
        let (unknown, aliases) = match verdict {
            Verdict::Baseline(all) => (all, Vec::new()),
            Verdict::Found(found) => {
                known.entries.extend(found.edited);
                ([found.older, found.new].concat(), found.aliases)
            }
            Verdict::Suspicious(_) => return,
        };
        for Keyed { candidate, keys } in unknown {
            let id = i64::try_from(known.entries.len()).unwrap() + 1;
            known.newest_on = known.newest_on.max(candidate.date_on);
            known.entries.insert(id, candidate);
            for key in keys {
                known.by_key.entry(key).or_insert(id);
            }
        }
        for (id, key) in aliases {
            known.by_key.entry(key).or_insert(id);
        }
        known.has_baseline = true;
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
            ("a date was mended", &["15 /7 Treaty", "9 /6 Visit"], Some((&[], &[], 1))),
            (
                "oldest first, two at once",
                &["9 /6 Visit", "14 /7 Treaty", "15 /8 Sooner", "16 /9 Later"],
                Some((&["Sooner", "Later"], &[], 0)),
            ),
            (
                "oldest first, as many equal days as steps",
                &["9 /5 Visit", "9 /6 Visit", "14 /7 Treaty", "15 /8 Sooner", "15 /9 Later"],
                Some((&["Sooner", "Later"], &[], 0)),
            ),
            (
                "newest first, with one out of order",
                &["17 /10 Later", "15 /8 Sooner", "9 /6 Visit", "14 /7 Treaty", "3 /4 Note"],
                Some((&["Sooner", "Later"], &[], 0)),
            ),
            (
                "all of one day",
                &["14 /9 Later", "14 /8 Sooner", "14 /7 Treaty"],
                Some((&["Sooner", "Later"], &[], 0)),
            ),
            ("another list", &["14 /x Menu", "13 /y Events", "2 /z Jobs"], None),
            ("another list, of later days alone", &["19 /a Menu", "18 /b Events"], None),
            (
                "half of it old and unknown",
                &["14 /7 Treaty", "13 /w Jobs", "12 /x Menu", "9 /6 Visit"],
                Some((&["Menu", "Jobs"], &[], 0)),
            ),
            (
                "more than half of what is not below all that is known",
                &["13 /w Jobs", "12 /x Menu", "9 /6 Visit", "1 /o Old", "1 /p Older"],
                None,
            ),
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
        let page = list(&["16 /x Fresh", "14 /w Same", "13 /y Events", "2 /z Jobs"]);
        let known = Known { is_confirmed: true, ..known(&[list(&LIST)]) };
        let Verdict::Found(found) = look(&known, &page) else {
            panic!("held");
        };
        assert_eq!(titles(&found.new), ["Fresh"]);
        assert_eq!(titles(&found.older), ["Jobs", "Events", "Same"]);
    }

    #[test]
    fn a_title_without_a_day_comes_again_at_another_address() {
        let before = known(&[list(&["9 /6 Visit", "- /1 Announcement"])]);
        let Verdict::Found(found) = look(&before, &list(&["9 /6 Visit", "- /2 Announcement"]))
        else {
            panic!("held");
        };
        assert_eq!((titles(&found.older), found.edited.len()), (vec!["Announcement"], 0));
    }

    #[test]
    fn what_is_below_a_known_entry_without_a_day_is_older() {
        let before = known(&[list(&["9 /6 Visit", "- /u Undated"])]);
        let page = list(&["9 /6 Visit", "- /u Undated", "8 /x Dated"]);
        let Verdict::Found(found) = look(&before, &page) else {
            panic!("held");
        };
        assert_eq!((titles(&found.older), titles(&found.new)), (vec!["Dated"], vec![]));
    }

    #[test]
    fn more_is_wanted_where_even_the_oldest_entry_is_news() {
        let before = known(&[list(&LIST)]);
        for (page, expected) in [
            (&["19 /a A", "18 /b B"][..], true),
            (&["19 /a A", "14 /b On the day of the newest known"], true),
            (&["19 /a A", "- /b Undated"], true),
            (&["19 /a A", "14 /7 Treaty"], false),
            (&["19 /a A", "10 /z Late"], false),
            (&[], false),
        ] {
            let candidates = keyed(&list(page), &PAGE.parse().unwrap());
            assert_eq!(wants_more(&before, &candidates), expected, "{page:?}");
            assert!(!wants_more(&Known::default(), &candidates), "{page:?} at the first reading");
        }
    }

    #[test]
    fn equals_are_told_apart_by_their_leads_and_a_lead_that_changes_is_an_edit() {
        let with_lead = |lead: &str| Candidate { lead: Some(lead.into()), ..entry("14 - Visit") };
        let before = known(&[vec![with_lead("Of the minister"), with_lead("Of the fleet")]]);
        for lead in ["Of the minister", "Of the fleet"] {
            let Verdict::Found(found) = look(&before, &[with_lead(lead)]) else {
                panic!("held");
            };
            assert_eq!((found.new.len(), found.edited), (0, vec![]), "{lead}");
        }
        let before = known(&[vec![with_lead("Of the minister")]]);
        let Verdict::Found(found) = look(&before, &[with_lead("Of the whole fleet")]) else {
            panic!("held");
        };
        let leads: Vec<_> = found.edited.iter().map(|(_, now)| now.lead.as_deref()).collect();
        assert_eq!((found.new.len(), leads), (0, vec![Some("Of the whole fleet")]));
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
        fn whatever_the_pages_were_the_last_one_says_nothing_when_read_again(
            pages in proptest::collection::vec(
                proptest::collection::vec(any_entry(), 1..12), 1..6),
        ) {
            let mut known = known(&[]);
            for page in pages {
                let page = by_day(page);
                let verdict = look(&known, &page);
                let was_held = matches!(verdict, Verdict::Suspicious(_));
                learn(&mut known, verdict);
                if was_held {
                    continue;
                }
                let again = look(&known, &page);
                let Verdict::Found(found) = again else { panic!("{again:?}") };
                prop_assert_eq!(found.new, vec![]);
                prop_assert_eq!(found.older, vec![]);
                prop_assert_eq!(found.aliases, vec![]);
            }
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
