//! Keeps the number of entries of one document within a limit.

use super::limits::ENTRIES_MAX;
use crate::domain::Extraction;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Drops the oldest entries of a list that is longer than [`ENTRIES_MAX`]. Where nothing shows which end
/// is the older one, the middle of the list is dropped.
pub(super) fn keep_newest(extraction: &mut Extraction) {
    let all = extraction.entries.len();
    if all <= ENTRIES_MAX {
        return;
    }
    extraction.notes.push(format!("{ENTRIES_MAX} of its {all} entries are taken, the newest"));
    let days: Vec<NaiveDate> = extraction.entries.iter().filter_map(|e| e.date_on).collect();
    let forward = days.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let back = days.windows(2).filter(|pair| pair[0] > pair[1]).count();
    if forward == back {
        extraction.entries.drain(ENTRIES_MAX / 2..all - ENTRIES_MAX / 2);
        return;
    }
    // An entry without a day is as old as the one before it.
    let mut last_on = days.first().copied();
    let dated = extraction.entries.iter().enumerate().map(|(n, entry)| {
        last_on = entry.date_on.or(last_on);
        (last_on, if forward > back { n } else { all - n }, n)
    });
    let mut by_age: Vec<_> = dated.collect();
    by_age.sort_unstable();
    let kept: BTreeSet<usize> =
        by_age.split_off(all - ENTRIES_MAX).into_iter().map(|e| e.2).collect();
    let mut n = 0;
    extraction.entries.retain(|_| {
        n += 1;
        kept.contains(&(n - 1))
    });
}
