//! Detection: known entries and candidates → verdict. Pure.
//!
//! A list passes through these files: `keys` gives each candidate the keys that identify it;
//! `matching` finds the known entries among the candidates, by what `evidence` proves; `novelty`
//! says which of the others are new, and whether the list is suspicious; `volatile_parts` finds the
//! parts of addresses that change on every poll; `classify` makes the changes of all that
//! (`types`).
//!
//! Guarantees: a known entry never becomes new, whatever the page does with its list (cuts it,
//! reorders it, changes its addresses). An absent entry is never taken for a deleted one. A list that
//! looks like another list is held instead of posted. A day in the future decides nothing.
//! Out of scope: extraction (`extract`), storing (`store`), how long a list is held
//! (`domain::hold`).

mod classify;
mod evidence;
mod keys;
mod matching;
mod novelty;
mod types;
mod volatile_parts;

pub use self::{
    keys::{KeyedCandidate, List, assign_keys},
    types::{Changes, KeyOwner, Known, KnownEntry, Place, Verdict},
};

use self::{classify::classify, novelty::Novelty};
use chrono::NaiveDate;

/// Returns the verdict about a list: candidates as [`assign_keys`] returned them. `latest_on` is the
/// last day that an entry can have.
pub fn detect(known: &Known, mut candidates: Vec<KeyedCandidate>, latest_on: NaiveDate) -> Verdict {
    if !known.has_baseline {
        return Verdict::Baseline(candidates);
    }
    let mut matches = self::matching::matches(known, &candidates, latest_on);
    if self::novelty::runs_backwards(known, &candidates, &matches.of) {
        candidates.reverse();
        matches = self::matching::matches(known, &candidates, latest_on);
    }
    let Novelty { is_older, suspicion, note } =
        self::novelty::judge(known, &candidates, &matches.of, latest_on);
    let volatile = self::volatile_parts::find(known, &candidates, &matches.of);
    let changes = Changes { note, ..classify(known, candidates, matches, &is_older, volatile) };
    match suspicion {
        Some(why) => Verdict::Suspicious(why, changes),
        None => Verdict::Found(changes),
    }
}

/// Whether more may have been published than the list shows: even its oldest entry is new.
pub fn needs_next_page(known: &Known, candidates: &[KeyedCandidate], latest_on: NaiveDate) -> bool {
    let Some(oldest) = candidates.first().filter(|_| known.has_baseline) else { return false };
    let matches = self::matching::matches(known, candidates, latest_on);
    let date_on = oldest.candidate.date_on.filter(|on| *on <= latest_on);
    matches.of.first() == Some(&None) && (date_on.is_none() || date_on >= known.newest_on)
}

#[cfg(test)]
mod tests;
