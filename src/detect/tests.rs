//! What is new and what is not: tables and properties.

use super::*;
use crate::domain::{Candidate, EntryId, EntryKey, web_url::AddressPart};
use proptest::prelude::*;
use std::collections::BTreeSet;
use url::Url;

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

/// Does what the store does with a verdict.
fn learn(known: &mut Known, verdict: Verdict) {
    let found = match verdict {
        Verdict::Baseline(all) => {
            let listed = (0..all.len()).map(Place::New).collect();
            Changes { new: all, listed, ..Changes::default() }
        }
        Verdict::Found(found) => found,
        Verdict::Suspicious(..) => return,
    };
    for key in &found.shared {
        share(known, key);
    }
    for (id, now) in found.edited {
        known.entries.get_mut(&id).unwrap().candidate = now;
    }
    let mut insert = |keyed: KeyedCandidate| {
        let id = EntryId(i64::try_from(known.entries.len()).unwrap() + 1);
        let on = keyed.candidate.date_on.filter(|on| *on <= latest_on());
        known.newest_on = known.newest_on.max(on);
        let entry = KnownEntry { candidate: keyed.candidate, keys: Vec::new() };
        known.entries.insert(id, entry);
        for key in keyed.keys {
            add_key(known, key, id);
        }
        id
    };
    let older: Vec<EntryId> = found.older.into_iter().map(&mut insert).collect();
    let new: Vec<EntryId> = found.new.into_iter().map(&mut insert).collect();
    for (id, key) in found.aliases {
        add_key(known, key, id);
    }
    let id = |place: &Place| match place {
        Place::Known(id) => *id,
        Place::New(n) => new[*n],
        Place::Older(n) => older[*n],
    };
    if !found.listed.is_empty() {
        known.listed = found.listed.iter().map(id).collect();
    }
    known.volatile.extend(found.volatile);
    known.has_baseline = true;
    known.has_entries |= !known.entries.is_empty();
}

fn add_key(known: &mut Known, key: EntryKey, id: EntryId) {
    match known.by_key.get(&key) {
        Some(owner) if owner.entry_id != id => share(known, &key),
        Some(_) => {}
        None => {
            known.by_key.insert(key.clone(), KeyOwner { entry_id: id, is_shared: false });
            known.entries.get_mut(&id).unwrap().keys.push((key, false));
        }
    }
}

fn share(known: &mut Known, key: &EntryKey) {
    if let Some(owner) = known.by_key.get_mut(key) {
        owner.is_shared = true;
        let entry = known.entries.get_mut(&owner.entry_id).unwrap();
        entry.keys.iter_mut().filter(|(own, _)| own == key).for_each(|(_, shared)| *shared = true);
    }
}

fn latest_on() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 7, 30).unwrap()
}

fn keyed_at(list: &[Candidate], volatile: &BTreeSet<AddressPart>) -> Vec<KeyedCandidate> {
    let page = PAGE.parse().unwrap();
    assign_keys(list, &List { page: &page, latest_on: latest_on(), volatile })
}

/// Looks at a list as the poller does: again where parts of addresses turn out to differ at every reading.
fn look(known: &Known, list: &[Candidate]) -> Verdict {
    let mut known = known.clone();
    let before = known.volatile.len();
    loop {
        let mut verdict = detect(&known, keyed_at(list, &known.volatile), latest_on());
        let (Verdict::Found(found) | Verdict::Suspicious(_, found)) = &mut verdict else {
            return verdict;
        };
        if found.volatile.is_subset(&known.volatile) {
            if known.volatile.len() > before {
                found.volatile = known.volatile;
            }
            return verdict;
        }
        known.volatile.extend(found.volatile.iter().cloned());
    }
}

fn titles(entries: &[KeyedCandidate]) -> Vec<&str> {
    entries.iter().map(|e| e.candidate.title.as_str()).collect()
}

const LIST: [&str; 5] = ["14 /7 Treaty", "9 /6 Visit", "9 /5 Visit", "3 /4 Note", "1 /3 Talks"];

/// Each row: what happens to the page, the page then, and what is announced (oldest first), kept in
/// silence, edited; empty where it is to be held.
#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
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
            (Verdict::Suspicious(..), None) => {}
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
fn a_title_without_a_day_comes_again_at_another_address() {
    let before = known(&[list(&["9 /6 Visit", "- /1 Announcement"])]);
    let Verdict::Found(found) = look(&before, &list(&["9 /6 Visit", "- /2 Announcement"])) else {
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
        let candidates = keyed_at(&list(page), &before.volatile);
        assert_eq!(needs_next_page(&before, &candidates, latest_on()), expected, "{page:?}");
        assert!(
            !needs_next_page(&Known::default(), &candidates, latest_on()),
            "{page:?} at the first reading"
        );
    }
}

#[test]
fn equal_titles_are_distinguished_by_leads_and_a_changed_lead_is_an_edit() {
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
    assert_eq!(keyed_at(&page, &BTreeSet::new()).len(), 2);
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
            let was_held = matches!(verdict, Verdict::Suspicious(..));
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
                    || found.shared.contains(best)
                    || known.by_key.get(best).is_none_or(|owner| owner.is_shared));
                prop_assert!(keys.insert(best.clone()), "twice: {best}");
            }
        }
    }
}

/// "2020-07-14 /7 #guid Title | Lead"; "-" is no day, no address or no identifier.
fn row(text: &str) -> Candidate {
    let (head, lead) =
        text.split_once(" | ").map_or((text, None), |(head, lead)| (head, Some(lead)));
    let mut parts = head.splitn(4, ' ');
    let mut next = || parts.next().filter(|part| *part != "-");
    let date_on = next().map(|on| on.parse().unwrap());
    let link = next().map(|path| Url::parse(PAGE).unwrap().join(path).unwrap());
    let guid = next().map(str::to_owned);
    let title = next().unwrap().to_owned();
    Candidate { date_on, link, guid, title, lead: lead.map(str::to_owned), ..Candidate::default() }
}

fn rows(text: &str) -> Vec<Candidate> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(row).collect()
}

/// What comes of a reading: "new: …; older: …; edited: …", or "held".
fn said(verdict: &Verdict) -> String {
    let titles = |list: &[KeyedCandidate]| titles(list).join(", ");
    match verdict {
        Verdict::Baseline(all) => format!("baseline: {}", titles(all)),
        Verdict::Suspicious(..) => "held".to_owned(),
        Verdict::Found(found) => {
            let mut parts = Vec::new();
            if !found.new.is_empty() {
                parts.push(format!("new: {}", titles(&found.new)));
            }
            if !found.older.is_empty() {
                parts.push(format!("older: {}", titles(&found.older)));
            }
            if !found.edited.is_empty() {
                let edits: Vec<&str> = found.edited.iter().map(|(_, now)| &*now.title).collect();
                parts.push(format!("edited: {}", edits.join(", ")));
            }
            if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
        }
    }
}

/// Reads these lists one after the other, and returns what the last comes to.
fn last(lists: &[&str]) -> String {
    let mut known = Known::default();
    let mut verdicts = Vec::new();
    for text in lists {
        let verdict = look(&known, &rows(text));
        verdicts.push(said(&verdict));
        learn(&mut known, verdict);
    }
    verdicts.pop().unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn one_key_alone_makes_no_identity() {
    let cases: &[(&str, &[&str], &str)] = &[
        (
            "an address moves on to the next statement",
            &[
                "2020-07-03 /live - Briefing of 3 July\n2020-07-02 /a2 - Briefing of 2 July",
                "2020-07-04 /live - Briefing of 4 July\n2020-07-03 /a3 - Briefing of 3 July\n2020-07-02 /a2 - Briefing of 2 July",
            ],
            "new: Briefing of 4 July; edited: Briefing of 3 July",
        ),
        (
            "and again, now that it is known to",
            &[
                "2020-07-03 /live - Briefing of 3 July\n2020-07-02 /a2 - Briefing of 2 July",
                "2020-07-04 /live - Briefing of 4 July\n2020-07-03 /a3 - Briefing of 3 July\n2020-07-02 /a2 - Briefing of 2 July",
                "2020-07-05 /live - Briefing of 5 July\n2020-07-04 /a4 - Briefing of 4 July\n2020-07-03 /a3 - Briefing of 3 July",
            ],
            "new: Briefing of 5 July; edited: Briefing of 4 July",
        ),
        (
            "one item with a constant address and a new identifier each time",
            &["2020-07-03 /now #1 Situation report", "2020-07-04 /now #2 Situation report"],
            "new: Situation report",
        ),
        (
            "the same with nothing but the address and its own words",
            &["2020-07-03 /now - The north mole is closed", "2020-07-04 /now - Fog on the roads"],
            "new: Fog on the roads",
        ),
        (
            "an identifier is used again under another address",
            &[
                "2020-07-03 /3 #x The north mole is closed\n2020-07-02 /2 #y Tides",
                "2020-07-04 /4 #x Fog on the roads\n2020-07-03 /3 - The north mole is closed\n2020-07-02 /2 #y Tides",
            ],
            "new: Fog on the roads",
        ),
        (
            "a title is mended under its address",
            &[
                "2020-07-03 /3 - Statement of the Minster\n2020-07-02 /2 - Tides",
                "2020-07-03 /3 - Statement of the Minister\n2020-07-02 /2 - Tides",
            ],
            "edited: Statement of the Minister",
        ),
        (
            "another title on the same day",
            &[
                "2020-07-03 /3 - To follow\n2020-07-02 /2 - Tides",
                "2020-07-03 /3 - On the closing of the mole\n2020-07-02 /2 - Tides",
            ],
            "edited: On the closing of the mole",
        ),
        (
            "the identifiers of all are others",
            &[
                "2020-07-03 /3 #a A treaty\n2020-07-02 /2 #b Tides",
                "2020-07-03 /3 #c A treaty\n2020-07-02 /2 #d Tides",
            ],
            "nothing",
        ),
        (
            "a statement of the same day and title has its own address",
            &[
                "2020-07-03 /3 - Announcement\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice",
                "2020-07-03 /4 - Announcement\n2020-07-03 /3 - Announcement\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice",
            ],
            "new: Announcement",
        ),
        (
            "even where the first has been pushed out of a short list",
            &[
                "2020-07-03 /3 - Announcement\n2020-07-02 /2 - Tides",
                "2020-07-03 /5 - Ferries\n2020-07-03 /4 - Announcement\n2020-07-02 /2 - Tides",
                "2020-07-03 /7 - Announcement\n2020-07-03 /6 - Lamps\n2020-07-03 /5 - Ferries",
            ],
            "new: Lamps, Announcement",
        ),
        (
            "the page prints all titles and days in another way",
            &[
                "2020-07-04 /4 - Lamps\n2020-07-03 /3 - A treaty\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice",
                "2020-07-04 /4 - Open document no. 4\n2020-07-04 /3 - Open document no. 3\n2020-07-03 /2 - Open document no. 2\n2020-07-02 /1 - Open document no. 1",
            ],
            "edited: Open document no. 1, Open document no. 2, Open document no. 3, Open document no. 4",
        ),
        (
            "all days are later as well: four more came at addresses that are used again",
            &[
                "2020-07-04 /4 - Lamps\n2020-07-03 /3 - A treaty\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice",
                "2020-07-09 /4 - Quays\n2020-07-08 /3 - Locks\n2020-07-07 /2 - Piers\n2020-07-06 /1 - Buoys",
            ],
            "new: Buoys, Piers, Locks, Quays",
        ),
        (
            "a list without addresses is given its days, and one known entry is left of it",
            &[
                "- - - The lamps are lit again\n- - - Tides\n- - - Ice",
                "2020-07-05 - - Piers\n2020-07-04 - - Locks\n2020-07-03 - - The lamps are lit again",
            ],
            "new: Locks, Piers; edited: The lamps are lit again",
        ),
        (
            "one entry is gone, and two are like it: one of them is it",
            &[
                "2020-07-03 - - Lamps\n2020-07-03 - - Treaty on light dues\n2020-07-03 - - Ice",
                "2020-07-03 - - Treaty of light dues\n2020-07-03 - - Ice\n2020-07-03 - - Lamps\n2020-07-03 - - Treaty an light dues",
            ],
            "new: Treaty of light dues; edited: Treaty an light dues",
        ),
        (
            "two more at addresses of which one was used before",
            &[
                "2020-07-03 /3 - Buoys\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice",
                "2020-07-04 /4 - Quays\n2020-07-03 /3 - Buoys\n2020-07-02 /2 - Tides",
                "2020-07-06 /2 - Locks\n2020-07-05 /1 - Piers\n2020-07-04 /4 - Quays",
            ],
            "new: Piers, Locks",
        ),
        (
            "a slip is mended, and nothing else of the list is known any more",
            &[
                "2020-07-03 - - Teh treaty on light dues\n2020-07-02 - - Tides\n2020-07-01 - - Ice",
                "2020-07-05 - - Piers\n2020-07-04 - - Locks\n2020-07-03 - - The treaty on light dues",
            ],
            "new: Locks, Piers; edited: The treaty on light dues",
        ),
    ];
    for (name, lists, expected) in cases {
        assert_eq!(last(lists), *expected, "{name}");
    }
}

#[test]
fn an_edit_is_distinguished_from_a_new_statement_without_addresses() {
    let list =
        "2020-07-03 - - Statement on the fog\n2020-07-02 - - Tides of the week\n2020-07-01 - - Ice";
    let cases = [
        (
            "a slip in the newest",
            "2020-07-03 - - Statement on the frog\n2020-07-02 - - Tides of the week\n2020-07-01 - - Ice",
            "edited: Statement on the frog",
        ),
        (
            "its day",
            "2020-07-04 - - Statement on the fog\n2020-07-02 - - Tides of the week\n2020-07-01 - - Ice",
            "edited: Statement on the fog",
        ),
        (
            "a slip in the middle",
            "2020-07-03 - - Statement on the fog\n2020-07-02 - - Tides of this week\n2020-07-01 - - Ice",
            "edited: Tides of this week",
        ),
        (
            "a slip, and a new one above",
            "2020-07-05 - - Lamps\n2020-07-03 - - Statement on the frog\n2020-07-02 - - Tides of the week",
            "new: Lamps; edited: Statement on the frog",
        ),
        (
            "a new one like the last",
            "2020-07-04 - - Statement on the fog\n2020-07-03 - - Statement on the fog\n2020-07-02 - - Tides of the week",
            "new: Statement on the fog",
        ),
        (
            "another number is another statement",
            "2020-07-03 - - Order 16\n2020-07-03 - - Statement on the fog\n2020-07-02 - - Tides of the week",
            "new: Order 16",
        ),
    ];
    for (name, page, expected) in cases {
        assert_eq!(last(&[list, page]), expected, "{name}");
    }
    let slip = "2020-07-03 - - Statement on the frog\n2020-07-02 - - Tides of the week\n2020-07-01 - - Ice";
    let day = "2020-07-04 - - Statement on the frog\n2020-07-02 - - Tides of the week\n2020-07-01 - - Ice";
    assert_eq!(last(&[list, slip, day]), "edited: Statement on the frog", "one after the other");
    assert_eq!(last(&[list, slip, day, day]), "nothing");
    // A statement that is published anew under a right address, while all others stay.
    let linked = "2020-07-03 /3 - Fog\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice";
    let moved = "2020-07-03 /3-corrected - Fog\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice";
    assert_eq!(last(&[linked, moved]), "edited: Fog");
    assert_eq!(last(&[linked, moved, moved]), "nothing");
}

#[test]
fn a_day_that_is_still_to_come_is_no_measure() {
    let list = "2041-11-16 /9 - Call for papers\n2020-07-03 /3 - Fog\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice";
    let burst = "2041-11-16 /9 - Call for papers\n2020-07-08 /8 - H\n2020-07-07 /7 - G\n2020-07-06 /6 - F\n\
        2020-07-05 /5 - E\n2020-07-04 /4 - D\n2020-07-03 /3 - Fog";
    assert_eq!(last(&[list, burst]), "new: D, E, F, G, H");
    let below = "2020-07-08 /8 - H\n2020-07-07 /7 - G\n2020-07-06 /6 - F\n2020-07-05 /5 - E\n\
        2020-07-03 /3 - Fog\n2041-11-16 /9 - Call for papers";
    assert_eq!(last(&[list, below]), "new: E, F, G, H");
    // The misdated one is new itself, and mended later.
    let dated = "2062-07-04 /4 - Lamps\n2020-07-03 /3 - Fog\n2020-07-02 /2 - Tides";
    let mended = "2020-07-04 /4 - Lamps\n2020-07-03 /3 - Fog\n2020-07-02 /2 - Tides";
    let before = "2020-07-03 /3 - Fog\n2020-07-02 /2 - Tides\n2020-07-01 /1 - Ice";
    assert_eq!(last(&[before, dated]), "new: Lamps");
    assert_eq!(last(&[before, dated, mended]), "edited: Lamps");
    assert_eq!(
        last(&[
            before,
            dated,
            mended,
            "2020-07-05 /5 - E\n2020-07-04 /4 - Lamps\n2020-07-03 /3 - Fog"
        ]),
        "new: E"
    );
}

#[test]
fn after_a_gap_later_entries_of_the_known_form_are_news() {
    let list = "2020-07-03 /news/3 - Fog\n2020-07-02 /news/2 - Tides\n2020-07-01 /news/1 - Ice";
    let cases = [
        (
            "2020-07-19 /news/19 - S\n2020-07-18 /news/18 - R\n2020-07-17 /news/17 - Q",
            "new: Q, R, S",
        ),
        (
            "2020-07-19 /news/19 - S\n2020-07-18 /news/18 - R\n2020-07-03 /news/4 - On the day of the newest",
            "new: On the day of the newest, R, S",
        ),
        // Of another form, or older.
        ("2020-07-19 /jobs/19 - S\n2020-07-18 /jobs/18 - R", "held"),
        ("2020-06-19 /news/0019 - S\n2020-06-18 /news/0018 - R", "held"),
        ("2020-07-19 - - S\n2020-07-18 - - R", "held"),
    ];
    for (page, expected) in cases {
        assert_eq!(last(&[list, page]), expected, "{page}");
    }
    // Without days the numbers of the addresses tell, or there are none.
    let undated = "- /n?id=13 - Fog\n- /n?id=12 - Tides\n- /n?id=11 - Ice";
    assert_eq!(last(&[undated, "- /n?id=23 - C\n- /n?id=22 - B\n- /n?id=21 - A"]), "new: A, B, C");
    assert_eq!(last(&[undated, "- /n?id=3 - C\n- /n?id=2 - B\n- /n?id=1 - A"]), "held");
    let slugs = "- /news/fog - Fog\n- /news/tides - Tides\n- /news/ice - Ice";
    assert_eq!(last(&[slugs, "- /news/c - C\n- /news/b - B\n- /news/a - A"]), "new: A, B, C");
    assert_eq!(last(&[slugs, "- /jobs/c - C\n- /jobs/b - B"]), "held");
    // No addresses, but days.
    let bare = "2020-07-03 - - Fog\n2020-07-02 - - Tides";
    assert_eq!(last(&[bare, "2020-07-09 - - C\n2020-07-08 - - B"]), "new: B, C");
}

#[test]
fn a_list_without_days_has_its_news_at_either_end() {
    let top = "- /a - Fog ahead\n- /b - Tides of July\n- /c - Ice\n- /d - Snow";
    let cases = [
        ("- /e - New\n- /a - Fog ahead\n- /b - Tides of July\n- /c - Ice", "new: New"),
        // The first of them is gone, and one came at the end.
        ("- /b - Tides of July\n- /c - Ice\n- /d - Snow\n- /e - New", "new: New"),
        ("- /a - Fog ahead\n- /b - Tides of July\n- /c - Ice\n- /d - Snow\n- /e - New", "new: New"),
        // A page that shows more than before.
        (
            "- /a - Fog ahead\n- /b - Tides of July\n- /c - Ice\n- /d - Snow\n- /e - E\n- /f - F\n- /g - G",
            "older: G, F, E",
        ),
        // One was taken away, and an older one moved up.
        ("- /a - Fog ahead\n- /c - Ice\n- /d - Snow\n- /e - Old", "older: Old"),
    ];
    for (page, expected) in cases {
        assert_eq!(last(&[top, page]), expected, "{page}");
    }
}

#[test]
fn a_redesign_that_keeps_titles_only_is_the_known_list() {
    let list = "2020-07-03 /3 - Statement on fog\n2020-07-02 /2 - Tides of the week\n2020-07-01 /1 - Ice in the port";
    let cases = [
        "- /new/c - Statement on fog\n- /new/b - Tides of the week\n- /new/a - Ice in the port",
        "2020-07-03 - - Statement on fog\n2020-07-02 - - Tides of the week\n2020-07-01 - - Ice in the port",
        "- - - Statement on fog\n- - - Tides of the week\n- - - Ice in the port",
    ];
    for page in cases {
        let said = last(&[list, page]);
        assert!(!said.contains("new") && said != "held", "{page}: {said}");
    }
    let with_news =
        "- /new/d - Lamps are lit\n- /new/c - Statement on fog\n- /new/b - Tides of the week";
    assert!(
        last(&[list, with_news]).starts_with("new: Lamps are lit"),
        "{}",
        last(&[list, with_news])
    );
    // The next edition of a list whose titles are always the same.
    let next = "2020-07-10 /13 - Statement on fog\n2020-07-09 /12 - Tides of the week\n2020-07-08 /11 - Ice in the port";
    assert_eq!(last(&[list, next]), "new: Ice in the port, Tides of the week, Statement on fog");
}

#[test]
fn a_part_that_differs_at_every_reading_is_no_part_of_an_address() {
    for pattern in ["/d/N;jsessionid=S", "/d?id=N&sid=S", "/d?_=S&id=N", "/d/N?PHPSESSID=S"] {
        let page = |session: &str, numbers: std::ops::RangeInclusive<u32>| -> String {
            let line = |n: u32| {
                let link = pattern.replace('N', &n.to_string()).replacen('S', session, 9);
                format!(
                    "2020-07-{n:02} {} - Decision {n}\n",
                    link.replace(&format!("PHP{session}E{session}{session}ID"), "PHPSESSID")
                )
            };
            numbers.rev().map(line).collect()
        };
        let mut known = Known::default();
        let (mut keys, mut growth) = (0, 0);
        for (reading, session) in ["a1", "b2", "c3", "d4", "e5", "f6"].iter().enumerate() {
            let newest = 5 + u32::try_from(reading).unwrap();
            let verdict = look(&known, &rows(&page(session, 1..=newest)));
            let expected =
                if reading == 0 { String::new() } else { format!("new: Decision {newest}") };
            if reading > 0 {
                assert_eq!(said(&verdict), expected, "{pattern} {reading}");
            }
            learn(&mut known, verdict);
            growth = known.by_key.len() - keys;
            keys = known.by_key.len();
        }
        // The new entry's address, and its day with the title.
        assert_eq!(growth, 2, "{pattern}");
    }
    // What tells entries apart is no such part, though all of them are others.
    let list = "2020-07-02 /d?id=2 - Tides\n2020-07-01 /d?id=1 - Ice";
    let moved = "2020-07-02 /d?id=1002 - Tides\n2020-07-01 /d?id=1001 - Ice";
    let mut known = Known::default();
    for page in [list, moved] {
        let verdict = look(&known, &rows(page));
        learn(&mut known, verdict);
    }
    assert_eq!(known.volatile, BTreeSet::new());
}

#[test]
fn an_empty_list_is_no_loss_and_its_first_entry_is_news() {
    assert_eq!(last(&["", "2020-07-03 /3 - Fog"]), "new: Fog");
    let list = "2020-07-03 /3 - Fog\n2020-07-02 /2 - Tides";
    assert_eq!(last(&[list, "", list]), "nothing");
    assert_eq!(last(&[list, "", "2020-07-04 /4 - Lamps\n2020-07-03 /3 - Fog"]), "new: Lamps");
}

#[test]
fn a_reused_identifier_with_a_day_still_to_come_names_another_statement() {
    let slot = |day: &str, title: &str, lead: &str| Candidate {
        guid: Some("slot-1".to_owned()),
        lead: Some(lead.to_owned()),
        ..entry(&format!("{day} - {title}"))
    };
    let other = entry("9 /9 Tides at the pier");
    let first = slot("8", "Fog on the river", "The ferry does not run tonight.");
    let known = known(&[vec![other.clone(), first]]);
    let second = slot("31", "The harbour opens", "Ships may enter from Monday on.");
    let Verdict::Found(found) = look(&known, &[second, other.clone()]) else { panic!() };
    assert_eq!(titles(&found.new), ["The harbour opens"]);
    // A misprinted day alone makes no other statement, nor does another title with the same text.
    for same in [
        slot("31", "Fog on the river", "The ferry does not run tonight."),
        slot("31", "Fog tonight", "The ferry does not run tonight."),
    ] {
        let Verdict::Found(found) = look(&known, &[other.clone(), same]) else { panic!() };
        assert_eq!(titles(&found.new), [""; 0]);
    }
}

#[test]
fn a_part_of_a_long_list_that_is_renamed_is_held() {
    let usual: Vec<Candidate> =
        (1..=28).rev().map(|n| entry(&format!("{n} /{n} Notice {n}"))).collect();
    let renamed: Vec<Candidate> = (1..=28)
        .rev()
        .map(|n| match n {
            15..=24 => entry(&format!("{n} /new/{n} Renamed {n}")),
            n => entry(&format!("{n} /{n} Notice {n}")),
        })
        .collect();
    assert!(matches!(
        look(&known(std::slice::from_ref(&usual)), &renamed),
        Verdict::Suspicious(..)
    ));
    // A few that are added late, in whatever place, are news.
    let mut more = usual.clone();
    more.splice(6..6, (1..=6).map(|n| entry(&format!("22 /late/{n} Added {n}"))));
    let Verdict::Found(found) = look(&known(&[usual]), &more) else { panic!() };
    assert_eq!(found.new.len(), 6);
}

#[test]
fn a_list_that_is_given_its_days_again_keeps_an_entry_with_a_slip() {
    let title = |n: usize, slip: bool| {
        let first = if slip { "Teh" } else { "The" };
        format!("{first} statement on the winter timetable of the lamps no. {n}")
    };
    let bare: Vec<Candidate> =
        (1..=6).rev().map(|n| entry(&format!("- /moved/{n} {}", title(n, false)))).collect();
    for address in ["/live", "-"] {
        let usual: Vec<Candidate> =
            (1..=6).rev().map(|n| entry(&format!("{n} {address} {}", title(n, n == 6)))).collect();
        let Verdict::Found(found) = look(&known(std::slice::from_ref(&bare)), &usual) else {
            panic!("it is held")
        };
        assert_eq!(titles(&found.new), [""; 0], "{address}");
        assert_eq!(found.edited.len(), 6, "{address}");
    }
}

#[test]
fn what_was_known_without_a_day_is_known_when_the_list_has_its_days_again() {
    let title = |n: usize| format!("Statement on the winter timetable, part {n}");
    let bare: Vec<Candidate> =
        (1..=6).rev().map(|n| entry(&format!("- /moved/{n} {}", title(n)))).collect();
    let usual: Vec<Candidate> =
        (1..=7).rev().map(|n| entry(&format!("{n} /{n} {}", title(n)))).collect();
    // The last list was too short to show it.
    let known = known(&[bare.clone(), bare[..1].to_vec()]);
    let Verdict::Found(found) = look(&known, &usual) else { panic!("it is held") };
    assert_eq!(titles(&found.new), [title(7)]);
    assert_eq!((found.older.len(), found.edited.len()), (0, 6));
}

#[test]
fn below_what_is_known_a_title_with_its_text_is_not_news_at_another_address() {
    let with =
        |text: &str, lead: Option<&str>| Candidate { lead: lead.map(str::to_owned), ..entry(text) };
    let text = Some("The ferry does not run tonight.");
    let list = |at: &str, around: &str, title: &str, lead| {
        vec![
            entry(&format!("9 {around}/5 Lamps of the pier")),
            with(&format!("- {at}/4 {title}"), lead),
            entry(&format!("3 {around}/3 Tides")),
        ]
    };
    let news = |title, was, (at, around), now| {
        let first = list("", "", title, was);
        let known = known(&[first.clone(), first[..1].to_vec()]);
        let Verdict::Found(found) = look(&known, &list(at, around, title, now)) else {
            panic!("it is held")
        };
        found.new.len()
    };
    let (title, all, alone) = ("An announcement", ("/moved", "/moved"), ("/moved", ""));
    assert_eq!(news(title, text, all, text), 0);
    // Below an entry that is pinned.
    assert_eq!(news(title, text, all, Some("The ferry runs again.")), 1);
    assert_eq!(news(title, None, all, None), 1);
    // Those around it keep their addresses.
    assert_eq!(news(title, text, alone, text), 1);
    assert_eq!(news("Announcement 14 of the ferry", text, alone, text), 0);
}
