//! What must be true of every run, judged by what users saw and not by the database.

use super::trace::{SimEvent, Trace, is_adoption, is_question};
use crate::support::{Arrival, CHANNEL, GROUP, GROUP_UPGRADED};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    domain::HoldDecision,
    lang::{Lang, Phrases},
    sandbox::{Role, SiteFault},
};
use std::collections::{BTreeMap, BTreeSet};

type Place = (i64, Option<i64>);

/// Returns everything that is wrong with a run.
pub(crate) fn check(trace: &Trace) -> Vec<String> {
    let mut faults = Vec::new();
    if trace.open != 0 {
        faults.push(format!("{} deliveries are still open at the end", trace.open));
    }
    faults.extend(repeats(trace));
    faults.extend(disorder(trace));
    faults.extend(strangers(trace));
    faults.extend(losses(trace));
    faults.extend(returns(trace).into_iter().filter_map(Result::err));
    faults.extend(limits(trace));
    faults.extend(garbled(trace));
    faults
}

/// Whether the owner posted a held list shortly before: what it shows may have been posted already.
fn is_as_decided(trace: &Trace, at: DateTime<Utc>) -> bool {
    trace.events.iter().any(|(when, event)| {
        let is_posted = matches!(event, SimEvent::Decided { decision: HoldDecision::Post, .. });
        is_posted && *when <= at && at - *when < TimeDelta::minutes(60)
    })
}

/// Whether a statement need not arrive: it could not be read in time, or a held list that showed it
/// was stored silently, by the decision of the owner or without one.
fn need_not_come(trace: &Trace, number: u64, published_at: DateTime<Utc>) -> bool {
    // Or it was only in a held list that shared nothing with the next one.
    let read_as =
        |words: &'static str| trace.polls.iter().filter(move |(_, poll)| poll.contains(words));
    let was_unposted = read_as("were not posted").any(|(at, _)| {
        let before = read_as(": ok,").map(|(at, _)| *at).filter(|before| before < at).max();
        published_at < *at && Some(published_at) > before
    });
    if was_unposted {
        return true;
    }
    let Some(habits) = &trace.habits else { return false };
    if !habits.shown.contains(&number) {
        return true;
    }
    let questions = || trace.arrivals.iter().filter(|arrival| is_question(arrival)).map(|q| q.at);
    let adoptions = || trace.arrivals.iter().filter(|arrival| is_adoption(arrival)).map(|a| a.at);
    let stored_by_owner = trace.events.iter().any(|(_, event)| match event {
        SimEvent::Decided { decision: HoldDecision::Store, asked_at } => published_at <= *asked_at,
        _ => false,
    });
    let stored_by_time = adoptions().any(|adopted_at| {
        let before = adoptions().filter(|at| *at < adopted_at).max();
        let mut asked = questions().filter(|at| *at <= adopted_at && Some(*at) > before).peekable();
        // The fourth question about a source in a day is not asked.
        match asked.peek() {
            None => published_at <= adopted_at,
            Some(_) => asked.any(|at| published_at <= at),
        }
    });
    stored_by_owner || stored_by_time
}

/// What is pushed is exactly what was printed.
fn garbled(trace: &Trace) -> Vec<String> {
    let Some(habits) = &trace.habits else { return Vec::new() };
    let old = trace.arrivals.iter().filter(|arrival| {
        arrival.text.contains("Order of the harbour") && arrival.text.contains("days have passed")
    });
    let old: Vec<String> =
        old.map(|arrival| format!("what was there before came at {}", arrival.at)).collect();
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let is_whole = |arrival: &Arrival, number| {
        let redesigned = arrival.text.contains(&format!("Notice №{number}"));
        let titles = habits.titles.get(&number).into_iter().flatten();
        redesigned
            || titles.into_iter().any(|title| {
                // As plain text if Telegram could not parse the markup.
                arrival.text.contains(&escape(title)) || arrival.text.contains(title)
            })
    };
    pushes(trace)
        .filter(|(_, number, arrival)| !is_whole(arrival, *number))
        .map(|(place, number, arrival)| {
            format!("{number} came garbled to {place:?} at {}: {}", arrival.at, arrival.text)
        })
        .chain(old)
        .collect()
}

/// A group has one history, whatever its number.
fn place(chat: i64, thread: Option<i64>) -> Place {
    (if chat == GROUP_UPGRADED { GROUP } else { chat }, thread)
}

fn pushes(trace: &Trace) -> impl Iterator<Item = (Place, u64, &Arrival)> {
    trace.arrivals.iter().filter_map(|a| {
        // A list that was requested starts in the same way, but has no counters.
        let statement = a.statement.filter(|_| a.is_push())?;
        Some((place(a.chat, a.thread), statement, a))
    })
}

/// A push is repeated only if the response to the one before was lost.
fn repeats(trace: &Trace) -> Vec<String> {
    let mut last: BTreeMap<(Place, u64, bool), &Arrival> = BTreeMap::new();
    let mut faults = Vec::new();
    for (place, statement, arrival) in pushes(trace) {
        // A redesign that changes titles and addresses, and changes them back, shows another
        // statement.
        let is_redesigned = trace.habits.is_some() && arrival.text.contains("Notice №");
        if let Some(before) = last.insert((place, statement, is_redesigned), arrival)
            && !before.is_answer_lost
            && !is_as_decided(trace, arrival.at)
        {
            faults.push(format!(
                "{statement} came to {place:?} at {} and again at {}",
                before.at, arrival.at
            ));
        }
    }
    faults
}

/// Polls that reported that some entries may have been missed.
fn gaps(trace: &Trace) -> impl Iterator<Item = DateTime<Utc>> {
    let said = |poll: &String| poll.contains("none of the entries listed was known");
    trace.polls.iter().filter(move |(_, poll)| said(poll)).map(|(at, _)| *at)
}

/// Statements arrive in a place in the order of publication, except those that a gap had hidden and
/// that were listed later.
fn disorder(trace: &Trace) -> Vec<String> {
    let mut seen: BTreeSet<(Place, u64)> = BTreeSet::new();
    let mut redesigned: BTreeSet<u64> = BTreeSet::new();
    let mut newest: BTreeMap<Place, u64> = BTreeMap::new();
    let mut faults = Vec::new();
    let published: BTreeMap<u64, DateTime<Utc>> = trace
        .events
        .iter()
        .filter_map(|(at, event)| match event {
            SimEvent::Published(number) => Some((*number, *at)),
            _ => None,
        })
        .collect();
    for (place, statement, arrival) in pushes(trace) {
        let newest = newest.entry(place).or_default();
        let published_at = published.get(&statement);
        // Or what a list that was stored silently showed under another title and address.
        let stored = trace.events.iter().filter_map(|(at, event)| {
            matches!(event, SimEvent::Decided { decision: HoldDecision::Store, .. }).then_some(*at)
        });
        let adopted = trace.arrivals.iter().filter(|a| is_adoption(a)).map(|a| a.at);
        // Or what a shortened list did not show that the owner posted.
        let mut is_short = false;
        let mut posted_short = Vec::new();
        for (at, event) in &trace.events {
            match event {
                SimEvent::Site(fault) => is_short = *fault == SiteFault::Truncated,
                SimEvent::Decided { decision: HoldDecision::Post, .. } if is_short => {
                    posted_short.push(*at);
                }
                _ => {}
            }
        }
        let mut hidden = gaps(trace).chain(stored).chain(adopted).chain(posted_short);
        let mut was_hidden =
            || hidden.any(|at| published_at.is_some_and(|by| *by < at) && at < arrival.at);
        // Or a redesign that is reverted, which shows it under another title and address.
        let is_redesigned = trace.habits.is_some() && arrival.text.contains("Notice №");
        if is_redesigned {
            redesigned.insert(statement);
        }
        let is_restored = !is_redesigned && redesigned.contains(&statement);
        let is_late = statement < *newest
            && !is_restored
            && !is_as_decided(trace, arrival.at)
            && !was_hidden();
        if seen.insert((place, statement)) && is_late {
            faults.push(format!("{statement} came to {place:?} after {newest}, at {}", arrival.at));
        }
        *newest = statement.max(*newest);
    }
    faults
}

/// Nothing is pushed that was not published, and nothing to a place that was notified that it is
/// not subscribed (any more).
fn strangers(trace: &Trace) -> Vec<String> {
    let published: BTreeSet<u64> = trace
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            SimEvent::Published(number) => Some(*number),
            _ => None,
        })
        .collect();
    let phrases = Lang::ALL.map(Lang::phrases);
    let mut left: BTreeMap<Place, DateTime<Utc>> = BTreeMap::new();
    let mut faults = Vec::new();
    for arrival in &trace.arrivals {
        let place = place(arrival.chat, arrival.thread);
        let says = |words: &str| arrival.text.starts_with(words);
        let has_left = |p: &&Phrases| {
            let goodbyes = [p.stopped, p.stopped_topic, p.stopped_kept, p.stopped_topic_kept];
            goodbyes.into_iter().chain([p.deleted, p.not_subscribed]).any(says)
        };
        if phrases.iter().any(has_left) {
            left.insert(place, arrival.at);
        } else if is_welcome(arrival) {
            left.remove(&place);
        } else if arrival.is_push() {
            let statement = arrival.statement.unwrap_or_default();
            if !published.contains(&statement) && !is_as_decided(trace, arrival.at) {
                faults.push(format!("{statement} came to {place:?}, and was never published"));
            }
            // A user who leaves and comes back immediately may get the replies out of step with
            // what was in flight: only what is sent well after the goodbye counts.
            if left.get(&place).is_some_and(|at| arrival.at - *at > TimeDelta::minutes(2))
                && !asked_again(trace, place, left[&place], arrival.at)
            {
                faults.push(format!(
                    "{statement} came to {place:?} at {}, which left at {}",
                    arrival.at, left[&place]
                ));
            }
        }
    }
    faults
}

/// Whether a message says that its place is subscribed.
fn is_welcome(arrival: &Arrival) -> bool {
    let says = |words: &str| arrival.text.starts_with(words);
    let welcomes =
        |p: &Phrases| [p.subscribed, p.subscribed_already, p.restored].into_iter().any(says);
    Lang::ALL.into_iter().any(|lang| welcomes(lang.phrases()))
}

/// Whether a user subscribed a place, or admitted the bot, between two times.
fn asked_again(trace: &Trace, at: Place, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
    trace.events.iter().any(|(when, event)| {
        let is_it = match event {
            SimEvent::Said { chat, thread, text, .. } => {
                text.starts_with("/start") && place(*chat, *thread) == at
            }
            SimEvent::Restored { chat, thread } => place(*chat, *thread) == at,
            SimEvent::Role { chat, role } => {
                *chat == CHANNEL && at.0 == CHANNEL && *role == Role::Admin
            }
            _ => false,
        };
        // A reply is late by at most an outage and the waits after it.
        is_it && *when > from - TimeDelta::minutes(30) && *when <= to
    })
}

/// A place that was notified that it is subscribed, and had no reason to be dropped since, gets
/// everything that was published from then on.
fn losses(trace: &Trace) -> Vec<String> {
    let phrases = Lang::ALL.map(Lang::phrases);
    let mut got: BTreeSet<(Place, u64)> = BTreeSet::new();
    for (place, statement, _) in pushes(trace) {
        got.insert((place, statement));
    }
    let mut since: BTreeMap<Place, DateTime<Utc>> = BTreeMap::new();
    for arrival in &trace.arrivals {
        let place = place(arrival.chat, arrival.thread);
        if phrases.iter().any(|p| arrival.text.starts_with(p.subscribed)) {
            since.entry(place).or_insert(arrival.at);
        }
    }
    // What may end a subscription ends what is required of the program here: after the last such
    // event nothing is known, until it says again that it subscribed.
    let mut faults = Vec::new();
    for at in since.into_keys() {
        let ended_at =
            trace.events.iter().filter(|(_, event)| ends(event, at)).map(|(when, _)| *when).max();
        let subscribed_at = trace
            .arrivals
            .iter()
            .filter(|a| place(a.chat, a.thread) == at)
            .filter(|a| is_welcome(a))
            // A reply may be late: only one that came well after the last such event is current.
            .find(|a| ended_at.is_none_or(|ended_at| a.at > ended_at + TimeDelta::minutes(40)))
            .map(|a| a.at);
        let Some(subscribed_at) = subscribed_at else {
            continue;
        };
        for (when, event) in &trace.events {
            if let SimEvent::Published(number) = event
                && *when > subscribed_at
                && !got.contains(&(at, *number))
                && !need_not_come(trace, *number, *when)
            {
                faults.push(format!("{number}, published at {when}, never came to {at:?}, subscribed since {subscribed_at}"));
            }
        }
    }
    faults
}

/// A place that was subscribed, sent `/stop` and was then notified that all is restored gets
/// everything that was published until then, while it was stopped included. Each such return, or
/// what it lacks.
pub(crate) fn returns(trace: &Trace) -> Vec<Result<Place, String>> {
    let got: BTreeSet<(Place, u64)> =
        pushes(trace).map(|(place, statement, _)| (place, statement)).collect();
    // The most that a reply may be late.
    let late = TimeDelta::minutes(40);
    let mut returns = Vec::new();
    for (stopped_at, event) in &trace.events {
        let SimEvent::Said { chat, thread, .. } = event else { continue };
        let at = place(*chat, *thread);
        if !ends(event, at) {
            continue;
        }
        let received = || trace.arrivals.iter().filter(|a| place(a.chat, a.thread) == at);
        let begun =
            received().filter(|a| a.at < *stopped_at && is_welcome(a)).map(|a| a.at).next_back();
        let is_restored = |text: &str| {
            Lang::ALL.into_iter().any(|lang| text.starts_with(lang.phrases().restored))
        };
        let restored =
            received().find(|a| a.at > *stopped_at && is_restored(&a.text)).map(|a| a.at);
        let (Some(begun_at), Some(restored_at)) = (begun, restored) else { continue };
        // What was published may be detected long after.
        let ended = |(when, event): &&(_, SimEvent)| ends(event, at) && *when > begun_at - late;
        if trace.events.iter().filter(ended).count() > 1 {
            continue;
        }
        let lacks = trace.events.iter().filter_map(|(when, event)| match event {
            SimEvent::Published(number) if *when > begun_at && *when < restored_at => {
                Some((when, number))
            }
            _ => None,
        });
        let lacks = lacks.into_iter().find(|(when, number)| {
            !got.contains(&(at, **number)) && !need_not_come(trace, **number, **when)
        });
        returns.push(match lacks {
            Some((when, number)) => Err(format!(
                "{number}, published at {when}, never came to {at:?}, subscribed since {begun_at}, stopped at {stopped_at} and restored"
            )),
            None => Ok(at),
        });
    }
    returns
}

/// Whether an event may end the subscription of a place.
fn ends(event: &SimEvent, at: Place) -> bool {
    match event {
        SimEvent::Said { chat, thread, text, .. } => text == "/stop" && place(*chat, *thread) == at,
        SimEvent::Role { chat, role } => {
            place(*chat, None).0 == at.0 && !matches!(role, Role::Admin | Role::Member)
        }
        _ => false,
    }
}

/// Telegram's limits are kept. After a restart it is not known whether what was in flight before
/// was counted, so for a minute they may be exceeded.
fn limits(trace: &Trace) -> Vec<String> {
    let soon = |at: DateTime<Utc>| {
        let recent = |since: &DateTime<Utc>| at >= *since && at - *since < TimeDelta::seconds(61);
        // Earlier sends are also forgotten when the clock is set forward.
        let set = trace.events.iter().filter(|(_, event)| matches!(event, SimEvent::ClockSet(_)));
        trace.restarts.iter().chain(set.map(|(at, _)| at)).any(recent)
    };
    let hits = trace.limit_hits.iter().filter(|(at, _)| !soon(*at));
    hits.map(|(at, chat)| format!("a limit was passed by a message to {chat} at {at}")).collect()
}
