//! Holds: whether a suspicious list is held, posted or stored, by a decision or after a time.
//!
//! Guarantees: pure; what is known, the verdict and the time are arguments.

use crate::{
    detect::{Changes, KeyedCandidate, Known, Place, Verdict},
    domain::{Hold, HoldEntry, HoldReason, hold::HoldStep},
    store::HoldChange,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Entries that a source may add in a day. A list that grows by more would fill the disk and the
/// chats, so it is held. The baseline does not count.
const ADDED_PER_DAY_MAX: usize = 1000;

/// What the operators are notified of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HoldNews {
    /// A list is held, and needs a decision.
    Question(Box<Hold>),
    /// The list was stored because there was no decision in time: this many entries.
    Adopted(usize),
    /// The known list is back: this many entries of the held one disappeared without being posted,
    /// as far as is known.
    Released(usize),
}

/// A verdict after the hold was taken into account.
#[derive(Debug)]
pub(super) struct Settled {
    pub verdict: Verdict,
    pub hold: HoldChange,
    pub news: Option<HoldNews>,
    /// The note for the operator.
    pub note: Option<String>,
}

/// Returns what happens to a hold when the known list is back, also if the server reports that
/// nothing changed.
pub(super) fn release(hold: Option<&Hold>) -> (HoldChange, Option<HoldNews>) {
    let Some(hold) = hold.filter(|hold| hold.is_active) else { return (HoldChange::Keep, None) };
    (HoldChange::End, released(hold, 0))
}

/// Returns the notification that a question is resolved, if one was sent.
fn released(hold: &Hold, unposted: usize) -> Option<HoldNews> {
    let was_asked = hold.asked_at >= Some(hold.since_at);
    was_asked.then_some(HoldNews::Released(unposted))
}

/// Ends a hold when a list without known entries is accepted. If it shares entries with the held
/// list, the new entries of the held list are posted; otherwise the operator is notified of those
/// not posted.
fn release_after_gap(hold: &Hold, known: &Known, found: Changes) -> Settled {
    let is_known = |entry: &HoldEntry| {
        let (candidate, keys) = entry.candidate();
        let mut entries = known.entries.values();
        entries.any(|known| HoldEntry::of(&known.candidate, &[], false).is(&candidate, &keys))
    };
    let mut unposted = hold.clone();
    unposted.entries.retain(|entry| entry.is_new && !is_known(entry));
    let mut listed = found.new.iter().chain(&found.older);
    let is_same =
        listed.any(|keyed| hold.entries.iter().any(|own| own.is(&keyed.candidate, &keyed.keys)));
    let (found, lost) = match is_same {
        true => (with_gone(found, Some(&unposted), |_| true), 0),
        false => (found, unposted.entries.len()),
    };
    let note = (lost > 0).then(|| {
        format!(
            "{lost} entries of the list that was held are not listed any more and were not posted"
        )
    });
    let verdict = Verdict::Found(found);
    Settled { verdict, hold: HoldChange::End, news: released(hold, lost), note }
}

/// Returns why an acceptable list is held, if it adds more than a day may bring. It stays held
/// until a decision or until its time is over: a new day alone does not release it.
fn too_many(found: &Changes, before: usize, active: Option<&Hold>) -> Option<HoldReason> {
    let unknown = found.new.len() + found.older.len();
    let is_held = active.is_some_and(|hold| matches!(hold.reason, HoldReason::TooMany { .. }));
    let is_above = unknown + before > ADDED_PER_DAY_MAX;
    (unknown > 0 && (is_above || is_held)).then_some(HoldReason::TooMany { unknown, before })
}

/// Decides about a verdict. `before` entries were added in the last day.
pub(super) fn settle(
    known: &Known,
    verdict: Verdict,
    now: DateTime<Utc>,
    hold_for: TimeDelta,
    before: usize,
) -> Settled {
    let active = known.hold.as_ref().filter(|hold| hold.is_active);
    let (why, found) = match (verdict, active) {
        (Verdict::Suspicious(why, found), _) => (why, found),
        (Verdict::Found(found), _) if let Some(why) = too_many(&found, before, active) => {
            (why, found)
        }
        // An empty list says nothing about the held one.
        (Verdict::Found(found), _) if found.listed.is_empty() => {
            let verdict = Verdict::Found(found);
            return Settled { verdict, hold: HoldChange::Keep, news: None, note: None };
        }
        (Verdict::Found(found), Some(hold))
            if !found.listed.iter().any(|place| matches!(place, Place::Known(_))) =>
        {
            return release_after_gap(hold, known, found);
        }
        (verdict, active) => {
            let (hold, news) = release(active);
            return Settled { verdict, hold, news, note: None };
        }
    };
    let of = |keyed: &KeyedCandidate, is_new| HoldEntry::of(&keyed.candidate, &keyed.keys, is_new);
    let older = found.older.iter().map(|keyed| of(keyed, false));
    let entries = older.chain(found.new.iter().map(|keyed| of(keyed, true))).collect();
    let hold = known.hold.as_ref();
    match Hold::step(hold, why, entries, now, hold_for, known.is_question_open) {
        HoldStep::Hold(hold, asks) => {
            let news = asks.then(|| HoldNews::Question(Box::new(hold.clone())));
            Settled {
                verdict: Verdict::Suspicious(why, found),
                hold: HoldChange::Set(Box::new(hold)),
                news,
                note: Some(why.to_string()),
            }
        }
        HoldStep::Post => {
            let found = with_gone(found, active, |_| true);
            let note = format!("as the operator decided, {} entries are posted", found.new.len());
            let verdict = Verdict::Found(found);
            Settled { verdict, hold: HoldChange::Decide, news: None, note: Some(note) }
        }
        HoldStep::Adopt { by_time } => {
            let found = with_gone(found, active, |entry| entry.is_late);
            let shown = |keyed: &KeyedCandidate| {
                active.is_some_and(|hold| hold.contains(&keyed.candidate, &keyed.keys))
            };
            let found = stored(found, shown);
            let news = by_time.then_some(HoldNews::Adopted(found.older.len()));
            let who = if by_time { "nobody decided, so" } else { "as the operator decided," };
            let note = format!(
                "{who} {} entries of the list that was held are stored silently, and {} that came later are posted",
                found.older.len(),
                found.new.len()
            );
            let verdict = Verdict::Found(found);
            Settled { verdict, hold: HoldChange::Decide, news, note: Some(note) }
        }
    }
}

/// Adds the entries that the list showed while it was held and does not show any more. Those for
/// which `is_posted` are posted, the rest is stored.
fn with_gone(
    found: Changes,
    hold: Option<&Hold>,
    is_posted: impl Fn(&HoldEntry) -> bool,
) -> Changes {
    let listed = |entry: &HoldEntry| {
        let mut all = found.new.iter().chain(&found.older);
        all.any(|keyed| entry.is(&keyed.candidate, &keyed.keys))
    };
    let (mut new, mut older) = (Vec::new(), Vec::new());
    for entry in hold.iter().flat_map(|hold| &hold.entries).filter(|entry| !listed(entry)) {
        let (candidate, keys) = entry.candidate();
        let list = if entry.is_new && is_posted(entry) { &mut new } else { &mut older };
        list.push(KeyedCandidate { candidate, keys });
    }
    let (more_new, more_older) = (new.len(), older.len());
    new.extend(found.new);
    older.extend(found.older);
    let listed = found.listed.into_iter().map(|place| match place {
        Place::New(n) => Place::New(n + more_new),
        Place::Older(n) => Place::Older(n + more_older),
        known @ Place::Known(_) => known,
    });
    Changes { listed: listed.collect(), new, older, ..found }
}

/// Moves new entries for which `is_stored` to those that are stored instead of posted.
fn stored(found: Changes, is_stored: impl Fn(&KeyedCandidate) -> bool) -> Changes {
    let mut places = Vec::with_capacity(found.new.len());
    let (mut new, mut older) = (Vec::new(), found.older);
    for keyed in found.new {
        if is_stored(&keyed) {
            places.push(Place::Older(older.len()));
            older.push(keyed);
        } else {
            places.push(Place::New(new.len()));
            new.push(keyed);
        }
    }
    let listed = found.listed.into_iter().filter_map(|place| match place {
        Place::New(n) => places.get(n).copied(),
        place => Some(place),
    });
    Changes { listed: listed.collect(), new, older, ..found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        detect::{self, KnownEntry},
        domain::{Candidate, EntryId, EntryKey, HoldReason},
    };
    use chrono::NaiveDate;

    fn at(hour: u32) -> DateTime<Utc> {
        day(1).and_hms_opt(hour, 0, 0).unwrap().and_utc()
    }

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, n).unwrap()
    }

    /// "12 n/3 A title": a day of July, an address, a title; "-" is no day.
    fn keyed(lines: &[&str]) -> Vec<KeyedCandidate> {
        let candidate = |line: &&str| {
            let [on, path, title] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!() };
            Candidate {
                date_on: on.parse().ok().map(day),
                link: Some(format!("https://court.example/{path}").parse().unwrap()),
                title: title.to_owned(),
                ..Candidate::default()
            }
        };
        let keyed = |candidate: Candidate| KeyedCandidate {
            keys: vec![EntryKey::of_link(candidate.link.as_ref().unwrap())],
            candidate,
        };
        lines.iter().map(candidate).map(keyed).collect()
    }

    /// A source with one known entry and a held list.
    fn known(held: &[&str]) -> Known {
        let entries = keyed(held);
        let why = HoldReason::NoneKnown { total: entries.len() };
        let of = |keyed: &KeyedCandidate| HoldEntry::of(&keyed.candidate, &keyed.keys, true);
        let entries = entries.iter().map(of).collect();
        let HoldStep::Hold(hold, true) =
            Hold::step(None, why, entries, at(1), TimeDelta::hours(24), false)
        else {
            panic!("it is not held")
        };
        let known_entry = keyed(&["1 n/1 The first judgment"]).remove(0);
        let candidate = known_entry.candidate;
        Known {
            has_baseline: true,
            has_entries: true,
            newest_on: candidate.date_on,
            entries: [(EntryId(1), KnownEntry { candidate, keys: Vec::new() })].into(),
            listed: vec![EntryId(1)],
            hold: Some(hold),
            ..Known::default()
        }
    }

    fn titles(keyed: &[KeyedCandidate]) -> Vec<&str> {
        keyed.iter().map(|keyed| keyed.candidate.title.as_str()).collect()
    }

    /// Returns the result of a list without a known entry, after another was held.
    fn after(held: &[&str], listed: &[&str]) -> (Vec<String>, Settled) {
        let known = known(held);
        let verdict = detect::detect(&known, keyed(listed), day(20));
        assert!(matches!(verdict, Verdict::Found(_)), "{verdict:?}");
        let settled = settle(&known, verdict, at(2), TimeDelta::hours(24), 0);
        let Verdict::Found(found) = &settled.verdict else { panic!("{settled:?}") };
        assert_eq!(found.listed.len(), listed.len(), "only what is there is listed");
        (titles(&found.new).into_iter().map(str::to_owned).collect(), settled)
    }

    #[test]
    fn what_only_the_held_form_of_a_list_showed_is_posted_when_the_usual_form_is_back() {
        let held =
            ["- t/1 The first judgment", "- t/2 The second judgment", "- t/3 The third judgment"];
        let (new, settled) =
            after(&held, &["3 n/3 The third judgment", "4 n/4 The fourth judgment"]);
        assert_eq!(new, ["The second judgment", "The third judgment", "The fourth judgment"]);
        assert_eq!(settled.news, Some(HoldNews::Released(0)));
        assert_eq!((settled.hold, settled.note), (HoldChange::End, None));
    }

    #[test]
    fn what_another_list_showed_is_not_posted_but_said() {
        let held = ["2 press/2 A concert in the yard", "3 press/3 A new canteen"];
        let (new, settled) =
            after(&held, &["3 n/3 The third judgment", "4 n/4 The fourth judgment"]);
        assert_eq!(new, ["The third judgment", "The fourth judgment"]);
        assert_eq!(settled.news, Some(HoldNews::Released(2)));
        assert!(settled.note.unwrap().starts_with("2 entries of the list that was held"));
    }

    #[test]
    fn a_list_of_nothing_ends_no_hold() {
        let known = known(&["2 press/2 A concert in the yard"]);
        let verdict = Verdict::Found(Changes::default());
        let settled = settle(&known, verdict, at(2), TimeDelta::hours(24), 0);
        assert_eq!(settled.hold, HoldChange::Keep);
    }

    #[test]
    fn what_comes_in_greater_numbers_than_a_day_may_bring_is_held_until_somebody_decides() {
        let mut known = Known { hold: None, ..known(&["2 press/2 A concert in the yard"]) };
        let lines = ["1 n/1 The first judgment", "2 n/2 The second judgment"];
        let step = |known: &Known, hour: u32, before: usize| {
            let verdict = Verdict::Found(Changes {
                new: keyed(&lines[1..]),
                listed: vec![Place::Known(EntryId(1)), Place::New(0)],
                ..Changes::default()
            });
            settle(known, verdict, at(hour), TimeDelta::hours(4), before)
        };
        let allowed = step(&known, 2, ADDED_PER_DAY_MAX - 1);
        assert!(matches!(allowed.verdict, Verdict::Found(_)), "{allowed:?}");

        let held = step(&known, 2, ADDED_PER_DAY_MAX);
        let why = HoldReason::TooMany { unknown: 1, before: ADDED_PER_DAY_MAX };
        assert!(matches!(held.verdict, Verdict::Suspicious(is, _) if is == why), "{held:?}");
        assert!(matches!(held.news, Some(HoldNews::Question(_))), "somebody is asked");
        let HoldChange::Set(hold) = held.hold else { panic!("{:?}", held.hold) };

        // It stays held when the day is over, and a decision takes effect.
        known.hold = Some(Hold { decision: None, ..(*hold).clone() });
        assert!(matches!(step(&known, 3, 0).verdict, Verdict::Suspicious(..)));
        known.hold =
            Some(Hold { decision: Some(crate::domain::HoldDecision::Post), ..(*hold).clone() });
        let Verdict::Found(found) = step(&known, 3, ADDED_PER_DAY_MAX).verdict else { panic!() };
        assert_eq!(titles(&found.new), ["The second judgment"]);
        known.hold = Some(*hold);
        let adopted = step(&known, 6, 0);
        let Verdict::Found(found) = adopted.verdict else { panic!() };
        assert_eq!((found.new.len(), titles(&found.older)), (0, vec!["The second judgment"]));
        assert_eq!(adopted.news, Some(HoldNews::Adopted(1)));
    }
}
