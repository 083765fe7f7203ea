//! Which unknown entries of a list are new, and whether the list is suspicious.
//!
//! Guarantees: an entry below all known ones is not new; one above or after them is. A list of which
//! most is unknown is accepted only if all of that is dated, placed or formed as new entries are.

use super::{keys::KeyedCandidate, types::Known};
use crate::domain::{
    EntryId, HoldReason,
    web_url::{self, Form},
};
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;

/// Entries that may be added at the end of a list without days; more are taken for a page that shows
/// more than before.
const APPENDED_MAX: usize = 2;
/// The entries that such a list must have had for that.
const APPENDED_TO_MIN: usize = 4;

/// Unknown entries with past days that replace known ones, from which a list is held.
const REPLACED_MIN: usize = 5;

/// The verdict about a list.
#[derive(Debug, Default)]
pub(super) struct Novelty {
    /// For each candidate, whether it is unknown and older than what is known.
    pub(super) is_older: Vec<bool>,
    /// Why the list is suspicious.
    pub(super) suspicion: Option<HoldReason>,
    /// What the operator should know.
    pub(super) note: Option<String>,
}

/// Judges a list, oldest first.
pub(super) fn judge(
    known: &Known,
    candidates: &[KeyedCandidate],
    matches: &[Option<EntryId>],
    latest_on: NaiveDate,
) -> Novelty {
    let day = |n: usize| candidates[n].candidate.date_on.filter(|on| *on <= latest_on);
    let total = candidates.len();
    let unknown = |n: &usize| matches[*n].is_none();
    let Some(first_known) = matches.iter().position(Option::is_some) else {
        return of_unknown(known, candidates, latest_on);
    };
    let last_known = matches.iter().rposition(Option::is_some).unwrap_or(first_known);
    let floor_on = day(first_known);
    let is_older: Vec<bool> = (0..total)
        .map(|n| {
            let is_below = n < first_known;
            unknown(&n)
                && is_below
                && (day(n).is_none() || floor_on.is_none() || day(n) <= floor_on)
        })
        .collect();
    let older = is_older.iter().filter(|is_older| **is_older).count();
    let new: Vec<usize> = (0..total).filter(|n| unknown(n) && !is_older[*n]).collect();
    // Where it is a day earlier in another zone, the page prints yesterday's date.
    let slack_on = known.newest_on.and_then(|on| on.checked_sub_days(Days::new(1)));
    let is_fresh = |n: &usize| match day(*n) {
        Some(on) if *n > last_known => Some(on) >= slack_on,
        Some(on) => Some(on) >= known.newest_on,
        None => *n > last_known,
    };
    // Many at once are accepted if all of them are new by their days, or by their place above what is
    // known. A list that was replaced or renamed has old days.
    let is_burst = new.len() * 2 > total - older && !new.iter().all(is_fresh);
    // They are also held in place of as many that are gone: a part of the list was renamed.
    let stale = new.iter().filter(|n| !is_fresh(n)).count();
    let is_renamed = stale >= REPLACED_MIN && replaced(known, matches) >= stale;
    let suspicion =
        (is_burst || is_renamed).then_some(HoldReason::ManyUnknown { unknown: new.len(), total });
    Novelty { is_older, suspicion, note: None }
}

/// Counts the known entries that are gone from a list although older ones are still in it.
fn replaced(known: &Known, matches: &[Option<EntryId>]) -> usize {
    let listed: BTreeSet<EntryId> = matches.iter().flatten().copied().collect();
    let at_old_end = known.listed.iter().take_while(|id| !listed.contains(*id)).count();
    known.listed[at_old_end..].iter().filter(|id| !listed.contains(*id)).count()
}

/// Judges a list without a known entry: it came after a gap, or it is another list.
fn of_unknown(known: &Known, candidates: &[KeyedCandidate], latest_on: NaiveDate) -> Novelty {
    let total = candidates.len();
    if total == 0 {
        return Novelty::default();
    }
    let days: Vec<Option<NaiveDate>> =
        candidates.iter().map(|c| c.candidate.date_on.filter(|on| *on <= latest_on)).collect();
    // An entry dated before the newest known one is not new, whatever the list is.
    let is_older: Vec<bool> = days.iter().map(|on| on.is_some() && *on < known.newest_on).collect();
    let older = is_older.iter().filter(|is_older| **is_older).count();
    let dated = days.iter().flatten().count();
    // A page that is cut hides what came before the entries that it shows.
    let is_whole = total * 3 >= known.listed.len() * 2;
    let is_believable = is_whole
        && if dated * 2 >= total {
            older * 5 <= total && is_of_known_form(known, candidates)
        } else {
            older == 0 && is_after_by_number(known, candidates)
        };
    // In a source that never listed anything, all is new.
    if !known.has_entries || is_believable {
        let note = known.has_entries.then(|| {
            "none of the entries listed was known, so some may have come and gone unseen".to_owned()
        });
        return Novelty { is_older, suspicion: None, note };
    }
    Novelty { is_older, suspicion: Some(HoldReason::NoneKnown { total }), note: None }
}

/// Whether most of a list has addresses like the known ones; or none has, as before.
fn is_of_known_form(known: &Known, candidates: &[KeyedCandidate]) -> bool {
    let last_listed = known.listed.iter().filter_map(|id| known.entries.get(id));
    let links: Vec<_> = last_listed.filter_map(|entry| entry.candidate.link.as_ref()).collect();
    let seen: Vec<_> = candidates.iter().filter_map(|c| c.candidate.link.as_ref()).collect();
    if links.is_empty() || seen.is_empty() {
        return links.is_empty() && seen.is_empty();
    }
    let forms: BTreeSet<Form> = links.into_iter().map(Form::of).collect();
    let alike = seen.iter().filter(|link| forms.contains(&Form::of(link))).count();
    alike * 2 > candidates.len()
}

/// Whether a list without days follows what is known: its addresses have the known form, and if they
/// are numbered, the numbers are higher.
fn is_after_by_number(known: &Known, candidates: &[KeyedCandidate]) -> bool {
    let has_links = candidates.iter().all(|c| c.candidate.link.is_some());
    let entries = known.listed.iter().filter_map(|id| known.entries.get(id));
    let of_known =
        entries.filter_map(|entry| web_url::number(entry.candidate.link.as_ref()?)).max();
    let numbers = candidates.iter().map(|c| web_url::number(c.candidate.link.as_ref()?));
    let is_after = numbers.min().flatten() > of_known || of_known.is_none();
    has_links && is_after && is_of_known_form(known, candidates)
}

/// Whether a list without days has the reverse order: its new entries are at the other end. That shows
/// by the order in which it is known; or by known entries that are gone from one end while others come
/// at the other, or by a few that are added.
pub(super) fn runs_backwards(
    known: &Known,
    candidates: &[KeyedCandidate],
    matches: &[Option<EntryId>],
) -> bool {
    let is_dated = candidates.iter().any(|keyed| keyed.candidate.date_on.is_some());
    let has_numbers = candidates
        .iter()
        .all(|keyed| keyed.candidate.link.as_ref().and_then(web_url::number).is_some());
    if is_dated || has_numbers || known.listed.is_empty() {
        return false;
    }
    let (Some(first), Some(last)) =
        (matches.iter().position(Option::is_some), matches.iter().rposition(Option::is_some))
    else {
        return false;
    };
    let is_turned = is_turned(known, matches);
    let ends = (first, matches.len() - 1 - last);
    let (at_old_end, at_new_end) = if is_turned { (ends.1, ends.0) } else { ends };
    let listed: BTreeSet<EntryId> = matches.iter().flatten().copied().collect();
    let is_gone = |id: &&EntryId| !listed.contains(*id);
    let gone_at_old_end = known.listed.iter().take_while(is_gone).count();
    let gone_at_new_end = known.listed.iter().rev().take_while(is_gone).count();
    let gone = known.listed.iter().filter(is_gone).count();
    let has_moved = gone_at_new_end > 0 && gone_at_old_end == 0 && gone == gone_at_new_end;
    let is_appended =
        gone == 0 && at_old_end <= APPENDED_MAX && known.listed.len() >= APPENDED_TO_MIN;
    let is_news_at_old_end = at_old_end > 0 && at_new_end == 0 && (has_moved || is_appended);
    is_turned != is_news_at_old_end
}

/// Whether the known entries of a list have the reverse of their last order.
fn is_turned(known: &Known, matches: &[Option<EntryId>]) -> bool {
    let place = |id: &EntryId| known.listed.iter().position(|listed| listed == id);
    let places: Vec<usize> = matches.iter().flatten().filter_map(place).collect();
    let forward = places.windows(2).filter(|pair| pair[0] < pair[1]).count();
    // Two that changed places are no reversal.
    places.len() > 2 && forward * 2 < places.len() - 1
}
