//! A held list: nothing of it is stored or sent until a decision, or until `poll.hold_for` has
//! passed.
//!
//! Guarantees: no source is held forever. A stable list is adopted after one period, a changing one
//! after three.
//! Out of scope: which list is held (`detect`; [`HoldReason::TooMany`] is decided in `poll::hold`),
//! and sending the question (`poll`).

use super::{
    Candidate, EntryKey, KeyKind, SourceId,
    entry::{ALMOST_EQUAL, fold, likeness},
    word_enum::word_enum,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A list that keeps changing is adopted after this many times the period of a stable one.
const CHANGING_FACTOR: i32 = 3;
/// The period in which the questions about a source are limited.
const ASKED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(24);
/// The most questions about a source within that period.
const ASKED_MAX: u32 = 3;

/// Why a list is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// None of its entries is known.
    NoneKnown {
        /// The number of entries.
        total: usize,
    },
    /// Most of its entries are unknown, and not all of them can be new.
    ManyUnknown {
        /// The number of unknown entries.
        unknown: usize,
        /// The number of all entries.
        total: usize,
    },
    /// More entries came within a day than an institution publishes.
    TooMany {
        /// The number of unknown entries.
        unknown: usize,
        /// The number of entries that came before them within a day.
        before: usize,
    },
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HoldReason::NoneKnown { total } => {
                write!(f, "none of the {total} entries listed is known")
            }
            HoldReason::ManyUnknown { unknown, total } => write!(
                f,
                "{unknown} of the {total} entries listed are unknown, with dates of the past among them"
            ),
            HoldReason::TooMany { unknown, before } => write!(
                f,
                "{unknown} entries listed are unknown, after {before} that came within a day"
            ),
        }
    }
}

/// What the operator or a subscriber decides about a held list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldDecision {
    /// Adopt it, and send what is new.
    Post,
    /// Adopt it, and send nothing.
    Store,
    /// Hold it for another period.
    Wait,
}

// The words in the database and in callback data.
word_enum!(HoldDecision { Post => "post", Store => "store", Wait => "wait" });

/// The hold that a button is about. A later hold of the same source has another reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldRef {
    /// The source.
    pub source_id: SourceId,
    /// When its list was first held, in seconds since the epoch.
    pub since_s: i64,
}

/// An unknown entry of a held list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldEntry {
    /// Its keys.
    pub keys: Vec<String>,
    /// Its day.
    pub date_on: Option<NaiveDate>,
    /// Its title.
    pub title: String,
    /// Its address.
    pub link: Option<String>,
    /// The beginning of its lead.
    pub lead: Option<String>,
    /// Whether it came after the list was first held.
    #[serde(default)]
    pub is_late: bool,
    /// Whether it would be sent: it is not older than the known entries.
    pub is_new: bool,
}

/// The most entries that are stored of a held list, and the most characters of a lead.
const ENTRIES_MAX: usize = 1000;
const LEAD_CHARS_MAX: usize = 2000;
/// The fewest characters of a title that identifies an entry without an address or a day.
const TELLING_CHARS_MIN: usize = 8;
/// The most pairs of new and missing entries that are compared. If more entries change at once, they
/// are not corrections.
const PAIRS_MAX: usize = 1000;

impl HoldEntry {
    /// Creates one from a candidate.
    pub fn of(candidate: &Candidate, keys: &[EntryKey], is_new: bool) -> Self {
        let lead = candidate.lead.as_deref();
        HoldEntry {
            keys: keys.iter().map(|key| key.as_str().to_owned()).collect(),
            date_on: candidate.date_on,
            title: candidate.title.clone(),
            link: candidate.link.as_ref().map(ToString::to_string),
            lead: lead.map(|lead| lead.chars().take(LEAD_CHARS_MAX).collect()),
            is_late: false,
            is_new,
        }
    }

    /// Returns it as a candidate, with its keys.
    pub fn candidate(&self) -> (Candidate, Vec<EntryKey>) {
        let candidate = Candidate {
            date_on: self.date_on,
            title: self.title.clone(),
            link: self.link.as_deref().and_then(|link| link.parse().ok()),
            lead: self.lead.clone(),
            ..Candidate::default()
        };
        (candidate, self.keys.iter().cloned().map(EntryKey::from_stored).collect())
    }

    /// Whether a candidate is this entry. A shared key with another title and day was reused. A
    /// list in another format has other addresses, and may have no days.
    pub fn is(&self, candidate: &Candidate, keys: &[EntryKey]) -> bool {
        let shares_key = keys.iter().any(|key| self.keys.iter().any(|own| own == key.as_str()));
        if shares_key {
            return self.is_like(candidate.date_on, &candidate.title);
        }
        // Two entries without a day may be two announcements with the same title.
        let is_other_form = self.date_on.is_none() != candidate.date_on.is_none();
        let title = fold(&self.title);
        is_other_form
            && title.chars().count() >= TELLING_CHARS_MIN
            && title == fold(&candidate.title)
    }

    /// Whether an entry that appeared is this one with a corrected day or title. With another address
    /// and another day it is the next announcement with the same title.
    fn may_be_edited_into(&self, entry: &HoldEntry) -> bool {
        let is_same_day = self.date_on == entry.date_on;
        if fold(&self.title).chars().count() < TELLING_CHARS_MIN
            || !is_same_day && self.has_other_address(entry)
        {
            return false;
        }
        let alike = likeness(&self.title, &entry.title);
        alike >= 1.0 || alike >= ALMOST_EQUAL && is_same_day
    }

    /// Whether both have addresses or identifiers, and none in common.
    fn has_other_address(&self, entry: &HoldEntry) -> bool {
        let addresses = |entry: &HoldEntry| -> BTreeSet<String> {
            let keys = entry.keys.iter().cloned().map(EntryKey::from_stored);
            let keys = keys.filter(|key| key.kind() != KeyKind::Title);
            keys.map(|key| key.as_str().to_owned()).collect()
        };
        let (own, others) = (addresses(self), addresses(entry));
        !own.is_empty() && !others.is_empty() && own.is_disjoint(&others)
    }

    fn is_like(&self, date_on: Option<NaiveDate>, title: &str) -> bool {
        self.date_on == date_on || fold(&self.title) == fold(title)
    }
}

/// The hold of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Since when lists of the source are held.
    pub since_at: DateTime<Utc>,
    /// When this list was first seen.
    pub list_since_at: DateTime<Utc>,
    /// Why it is held.
    pub reason: HoldReason,
    /// The unknown entries of the list, oldest first.
    pub entries: Vec<HoldEntry>,
    /// What was decided, if anything.
    pub decision: Option<HoldDecision>,
    /// When the period began after which it is adopted.
    pub counts_from_at: DateTime<Utc>,
    /// When the last question was sent.
    pub asked_at: Option<DateTime<Utc>>,
    /// The number of questions that count towards the limit.
    pub times_asked: u32,
    /// Whether the list is held now. A hold that ended is remembered, so that a list that comes and
    /// goes does not lead to a question each time.
    pub is_active: bool,
}

/// What happens to a suspicious list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldStep {
    /// It is held. Whether a question is sent.
    Hold(Hold, bool),
    /// It is adopted: what it showed is stored, what came later is sent.
    Adopt {
        /// Because there was no decision in time.
        by_time: bool,
    },
    /// It is adopted, and what is new is sent.
    Post,
}

impl Hold {
    /// Whether the list contained a candidate when it was first held.
    pub fn contains(&self, candidate: &Candidate, keys: &[EntryKey]) -> bool {
        self.entries.iter().any(|entry| !entry.is_late && entry.is(candidate, keys))
    }

    /// Returns how many of its entries would be sent, and how many stored only.
    pub fn counts(&self) -> (usize, usize) {
        let new = self.entries.iter().filter(|entry| entry.is_new).count();
        (new, self.entries.len() - new)
    }

    /// Decides about a suspicious list, given the last hold of the source. `is_open`: a question was
    /// not delivered yet, so the period after which the list is adopted has not begun.
    pub fn step(
        before: Option<&Hold>,
        why: HoldReason,
        entries: Vec<HoldEntry>,
        now: DateTime<Utc>,
        hold_for: TimeDelta,
        is_open: bool,
    ) -> HoldStep {
        let Some(before) = before.filter(|before| before.is_active) else {
            return Hold::begin(before, why, entries, now);
        };
        match before.decision {
            Some(HoldDecision::Post) => return HoldStep::Post,
            Some(HoldDecision::Store) => return HoldStep::Adopt { by_time: false },
            Some(HoldDecision::Wait) | None => {}
        }
        let stays = before.is_continued_by(&entries);
        let mut hold = before.clone();
        hold.reason = why;
        if stays {
            hold.absorb(entries);
        } else {
            hold.list_since_at = now;
            hold.counts_from_at = now;
            hold.decision = None;
            hold.entries = entries;
        }
        if is_open {
            hold.counts_from_at = now;
        }
        let waited = now - hold.counts_from_at >= hold_for;
        let is_changing = now - hold.since_at >= hold_for * CHANGING_FACTOR;
        if waited || is_changing && !is_open && hold.decision.is_none() {
            return HoldStep::Adopt { by_time: true };
        }
        let asks = hold.ask(!stays, now);
        HoldStep::Hold(hold, asks)
    }

    /// Begins to hold a list of a source that is not held. No second question is asked about a list
    /// that was held recently.
    fn begin(
        before: Option<&Hold>,
        why: HoldReason,
        entries: Vec<HoldEntry>,
        now: DateTime<Utc>,
    ) -> HoldStep {
        let mut hold = Hold {
            since_at: now,
            list_since_at: now,
            reason: why,
            entries,
            decision: None,
            counts_from_at: now,
            asked_at: before.and_then(|before| before.asked_at),
            times_asked: before.map_or(0, |before| before.times_asked),
            is_active: true,
        };
        let is_again = before.is_some_and(|before| before.is_continued_by(&hold.entries));
        let is_long_ago = hold.asked_at.is_none_or(|at| now - at >= ASKED_AGAIN_AFTER);
        let asks = hold.ask(!is_again || is_long_ago, now);
        HoldStep::Hold(hold, asks)
    }

    /// Adds what came to the list since it was first held: an edit replaces its entry, everything else
    /// is late.
    fn absorb(&mut self, entries: Vec<HoldEntry>) {
        let is_there = |entry: &HoldEntry| {
            self.entries.iter().any(|own| {
                own.keys.iter().any(|key| entry.keys.contains(key))
                    && own.is_like(entry.date_on, &entry.title)
            })
        };
        let (there, unknown): (Vec<HoldEntry>, Vec<HoldEntry>) =
            entries.into_iter().partition(is_there);
        let mut gone = self.gone_between(&there);
        if gone.len() * unknown.len() > PAIRS_MAX {
            gone.clear();
        }
        let mut late = Vec::new();
        for entry in unknown {
            match gone.iter().position(|n| self.entries[*n].may_be_edited_into(&entry)) {
                Some(at) => {
                    let own = &mut self.entries[gone.swap_remove(at)];
                    *own = HoldEntry { is_late: own.is_late, ..entry };
                }
                None => late.push(entry),
            }
        }
        self.entries.extend(late.into_iter().map(|entry| HoldEntry { is_late: true, ..entry }));
        let above = self.entries.len().saturating_sub(ENTRIES_MAX);
        self.entries.drain(..above);
    }

    /// Returns the indices of entries that are not `there` any more although older ones are: they
    /// were edited or removed. Entries missing at the old end are not included: they may have moved
    /// off the page.
    fn gone_between(&self, there: &[HoldEntry]) -> Vec<usize> {
        let what = |entry: &HoldEntry| (entry.date_on, fold(&entry.title));
        let there: BTreeSet<_> = there.iter().map(what).collect();
        let is_gone: Vec<bool> =
            self.entries.iter().map(|own| !there.contains(&what(own))).collect();
        let pushed_out = is_gone.iter().take_while(|is_gone| **is_gone).count();
        (pushed_out..is_gone.len()).filter(|n| is_gone[*n]).collect()
    }

    /// Returns whether a question is sent about the list, and counts it. There is none about a list
    /// that was asked about already.
    fn ask(&mut self, is_another: bool, now: DateTime<Utc>) -> bool {
        let is_old = self.asked_at.is_none_or(|at| now - at >= ASKED_AGAIN_AFTER);
        let asks = is_another && (is_old || self.times_asked < ASKED_MAX);
        if asks {
            self.times_asked = if is_old { 1 } else { self.times_asked + 1 };
            self.asked_at = Some(now);
        }
        asks
    }

    /// Whether a list is the held one, with entries that may have come since.
    fn is_continued_by(&self, entries: &[HoldEntry]) -> bool {
        let is_there = |own: &&HoldEntry| {
            entries.iter().any(|entry| entry.keys.iter().any(|key| own.keys.contains(key)))
        };
        let there = self.entries.iter().filter(is_there).count();
        there * 2 >= self.entries.len().min(entries.len()).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &str) -> Vec<HoldEntry> {
        let entry = |name: &str| HoldEntry {
            keys: vec![format!("link:{name}")],
            date_on: None,
            title: name.to_owned(),
            link: None,
            lead: None,
            is_late: false,
            is_new: true,
        };
        names.split(' ').map(entry).collect()
    }

    /// Polls a list every hour; "-" is a question that was not delivered. Returns the step of each.
    fn play(lists: &[&str], decide: Option<(usize, HoldDecision)>) -> Vec<String> {
        let start: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut hold: Option<Hold> = None;
        let mut steps = Vec::new();
        for (hour, list) in lists.iter().enumerate() {
            let now = start + TimeDelta::hours(i64::try_from(hour).unwrap());
            if let (Some(hold), Some((at, decision))) = (&mut hold, decide)
                && at == hour
            {
                hold.decision = Some(decision);
                hold.counts_from_at = now;
            }
            let (list, is_open) = (list.trim_start_matches("- "), list.starts_with("- "));
            let day = TimeDelta::hours(4);
            match Hold::step(
                hold.as_ref(),
                HoldReason::NoneKnown { total: 3 },
                entries(list),
                now,
                day,
                is_open,
            ) {
                HoldStep::Hold(next, asks) => {
                    steps.push(if asks { "ask" } else { "hold" }.to_owned());
                    hold = Some(next);
                }
                HoldStep::Adopt { by_time } => {
                    steps.push(if by_time { "adopt" } else { "store" }.to_owned());
                    hold = None;
                }
                HoldStep::Post => {
                    steps.push("post".to_owned());
                    hold = None;
                }
            }
        }
        steps
    }

    #[test]
    fn a_held_list_is_asked_about_once_and_adopted_in_the_end() {
        let stays = ["a b c"; 5];
        assert_eq!(play(&stays, None), ["ask", "hold", "hold", "hold", "adopt"]);
        // Entries that are added do not make it another list.
        let grows = ["a b c", "b c d", "b c d e", "c d e f", "b c d"];
        assert_eq!(play(&grows, None), ["ask", "hold", "hold", "hold", "adopt"]);
        assert_eq!(
            play(&stays, Some((2, HoldDecision::Post))),
            ["ask", "hold", "post", "ask", "hold"]
        );
        assert_eq!(play(&stays, Some((1, HoldDecision::Store)))[1], "store");
        let waits = ["a b c"; 7];
        let steps = play(&waits, Some((2, HoldDecision::Wait)));
        assert_eq!(steps, ["ask", "hold", "hold", "hold", "hold", "hold", "adopt"]);
    }

    #[test]
    fn the_period_begins_when_the_question_was_delivered() {
        let late = ["- a b", "- a b", "- a b", "a b", "a b", "a b", "a b"];
        assert_eq!(play(&late, None), ["ask", "hold", "hold", "hold", "hold", "hold", "adopt"]);
    }

    #[test]
    fn another_list_begins_anew_but_not_for_ever() {
        let lists = [
            "a b", "c d", "e f", "g h", "i j", "k l", "m n", "o p", "q r", "s t", "u v", "w x",
            "y z",
        ];
        let steps = play(&lists, None);
        assert_eq!(steps[..4], ["ask", "ask", "ask", "hold"], "no more questions than these");
        assert_eq!(steps[12], "adopt");
        assert!(steps[..12].iter().all(|step| step != "adopt"), "{steps:?}");
    }

    /// "3 Fog on the river": an entry of 3 July, with its day and title as key; "-" is no day.
    fn dated(lines: &[&str]) -> Vec<HoldEntry> {
        let entry = |line: &&str| {
            let (day, title) = line.split_once(' ').unwrap();
            let date_on = day.parse().ok().and_then(|day| NaiveDate::from_ymd_opt(2026, 7, day));
            let [entry] = <[HoldEntry; 1]>::try_from(entries("-")).unwrap();
            HoldEntry {
                keys: vec![format!("title:{line}")],
                date_on,
                title: title.to_owned(),
                ..entry
            }
        };
        lines.iter().map(entry).collect()
    }

    /// The entries held after a list and then another: days and titles, with "+" if late.
    fn held(first: &[&str], second: &[&str]) -> Vec<String> {
        let why = HoldReason::NoneKnown { total: first.len() };
        let now = DateTime::UNIX_EPOCH;
        let step = |before: Option<&Hold>, list: &[&str]| match Hold::step(
            before,
            why,
            dated(list),
            now,
            TimeDelta::hours(4),
            false,
        ) {
            HoldStep::Hold(hold, _) => hold,
            other => panic!("{other:?}"),
        };
        let hold = step(Some(&step(None, first)), second);
        let day = |entry: &HoldEntry| {
            entry.date_on.map_or("-".to_owned(), |on| on.format("%-d").to_string())
        };
        let shown = |entry: &HoldEntry| {
            let late = if entry.is_late { "+" } else { "" };
            format!("{late}{} {}", day(entry), entry.title)
        };
        hold.entries.iter().map(shown).collect()
    }

    #[test]
    fn an_entry_of_a_held_list_that_is_edited_is_no_further_one() {
        let first = ["1 Tides at the pier", "2 Ice on the lake", "3 Fog on the river"];
        let misdated = ["1 Tides at the pier", "2 Ice on the lake", "30 Fog on the river"];
        assert_eq!(held(&first, &misdated), misdated);
        let mended = ["1 Tides at the pier", "2 Ice on the lake", "3 Fog on teh river"];
        assert_eq!(held(&first, &mended), mended);
        // An entry that is pushed out was not edited, and neither was one that is still there.
        let next = ["2 Ice on the lake", "3 Fog on the river", "5 Tides at the pier"];
        assert_eq!(held(&first, &next)[2..], ["3 Fog on the river", "+5 Tides at the pier"]);
        let again = [first[0], first[1], first[2], "4 Fog on the river"];
        assert_eq!(held(&first, &again)[2..], ["3 Fog on the river", "+4 Fog on the river"]);
    }

    #[test]
    fn the_next_of_a_title_is_no_edit_of_a_held_one() {
        let [held, other] =
            <[HoldEntry; 2]>::try_from(dated(&["3 Fog on the river", "10 Fog on the river"]))
                .unwrap();
        assert!(held.may_be_edited_into(&other), "without addresses it is the same on another day");
        let at = |entry: &HoldEntry, address: &str| HoldEntry {
            keys: vec![format!("link:{address}")],
            ..entry.clone()
        };
        assert!(!at(&held, "e.example/3").may_be_edited_into(&at(&other, "e.example/10")));
        assert!(at(&held, "e.example/3").may_be_edited_into(&at(&other, "e.example/3")));
        let mended = HoldEntry { date_on: held.date_on, ..other };
        assert!(at(&held, "e.example/3").may_be_edited_into(&at(&mended, "e.example/10")));
    }

    #[test]
    fn a_title_alone_stands_for_an_entry_where_one_of_the_two_forms_has_no_days() {
        let [dated_one, bare] =
            <[HoldEntry; 2]>::try_from(dated(&["3 Fog on the river", "- Fog on the river"]))
                .unwrap();
        let other = Candidate { title: "Fog on the river".to_owned(), ..Candidate::default() };
        assert!(dated_one.is(&other, &[]));
        assert!(!bare.is(&other, &[]), "two announcements of one title");
        let short = HoldEntry { title: "Fog".to_owned(), ..dated_one };
        assert!(!short.is(&Candidate { title: "Fog".to_owned(), ..Candidate::default() }, &[]));
    }
}
