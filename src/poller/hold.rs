//! What becomes of a list that looks suspicious: held, posted or stored, as somebody says or time tells.
//!
//! Pure: what is known, what was read and the time are arguments.

use crate::{
    detect::{Found, Keyed, Known, Place, Verdict},
    domain::{Hold, HoldEntry, hold::Step},
    store::HoldChange,
};
use chrono::{DateTime, TimeDelta, Utc};

/// What the operator is told about a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HoldNews {
    /// That a list is held, and what is to become of it.
    Question(Box<Hold>),
    /// That it was adopted because nobody decided; how many entries were stored.
    Adopted(usize),
    /// That the known list is back.
    Released,
}

/// What a reading comes to after holds are taken into account.
#[derive(Debug)]
pub(super) struct Settled {
    pub verdict: Verdict,
    pub hold: HoldChange,
    pub news: Option<HoldNews>,
    /// In words for the operator.
    pub note: Option<String>,
}

/// What becomes of a hold when the known list is back, be it that the server says that nothing changed since.
pub(super) fn release(hold: Option<&Hold>) -> (HoldChange, Option<HoldNews>) {
    let Some(hold) = hold.filter(|hold| hold.is_active) else { return (HoldChange::Keep, None) };
    // Whoever was asked need not answer any more.
    let was_asked = hold.asked_at >= Some(hold.since_at);
    (HoldChange::End, was_asked.then_some(HoldNews::Released))
}

/// Decides about a reading.
pub(super) fn settle(
    known: &Known,
    verdict: Verdict,
    now: DateTime<Utc>,
    hold_for: TimeDelta,
) -> Settled {
    let active = known.hold.as_ref().filter(|hold| hold.is_active);
    let (why, found) = match verdict {
        Verdict::Suspicious(why, found) => (why, found),
        // A list of nothing says nothing of the held one.
        Verdict::Found(found) if found.listed.is_empty() => {
            let verdict = Verdict::Found(found);
            return Settled { verdict, hold: HoldChange::Keep, news: None, note: None };
        }
        verdict => {
            let (hold, news) = release(active);
            return Settled { verdict, hold, news, note: None };
        }
    };
    let of = |keyed: &Keyed, is_new| HoldEntry::of(&keyed.candidate, &keyed.keys, is_new);
    let older = found.older.iter().map(|keyed| of(keyed, false));
    let entries = older.chain(found.new.iter().map(|keyed| of(keyed, true))).collect();
    let hold = known.hold.as_ref();
    match Hold::step(hold, why, entries, now, hold_for, known.is_question_open) {
        Step::Hold(hold, asks) => {
            let news = asks.then(|| HoldNews::Question(Box::new(hold.clone())));
            Settled {
                verdict: Verdict::Suspicious(why, found),
                hold: HoldChange::Set(Box::new(hold)),
                news,
                note: Some(why.to_string()),
            }
        }
        Step::Post => {
            let found = with_gone(found, active, |_| true);
            let note = format!("as the operator decided, {} entries are posted", found.new.len());
            let verdict = Verdict::Found(found);
            Settled { verdict, hold: HoldChange::End, news: None, note: Some(note) }
        }
        Step::Adopt { by_time } => {
            let found = with_gone(found, active, |entry| entry.is_late);
            let shown = |keyed: &Keyed| {
                active.is_some_and(|hold| hold.showed(&keyed.candidate, &keyed.keys))
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
            Settled { verdict, hold: HoldChange::End, news, note: Some(note) }
        }
    }
}

/// What was found, with what the list showed while it was held and does not show any more: of that what
/// `is_posted` says is posted, and the rest stored.
fn with_gone(found: Found, hold: Option<&Hold>, is_posted: impl Fn(&HoldEntry) -> bool) -> Found {
    let listed = |entry: &HoldEntry| {
        let mut all = found.new.iter().chain(&found.older);
        all.any(|keyed| entry.is(&keyed.candidate, &keyed.keys))
    };
    let (mut new, mut older) = (Vec::new(), Vec::new());
    for entry in hold.iter().flat_map(|hold| &hold.entries).filter(|entry| !listed(entry)) {
        let (candidate, keys) = entry.candidate();
        let list = if entry.is_new && is_posted(entry) { &mut new } else { &mut older };
        list.push(Keyed { candidate, keys });
    }
    let (more_new, more_older) = (new.len(), older.len());
    new.extend(found.new);
    older.extend(found.older);
    let listed = found.listed.into_iter().map(|place| match place {
        Place::New(n) => Place::New(n + more_new),
        Place::Older(n) => Place::Older(n + more_older),
        known @ Place::Known(_) => known,
    });
    Found { listed: listed.collect(), new, older, ..found }
}

/// What was found, with what is new of it and so marked stored instead of posted.
fn stored(found: Found, is_stored: impl Fn(&Keyed) -> bool) -> Found {
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
    Found { listed: listed.collect(), new, older, ..found }
}
