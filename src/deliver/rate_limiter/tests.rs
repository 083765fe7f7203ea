//! The rate limiter against simulated round trips, failures and clocks.

use super::{
    aimd::{CEILING_MIN, DECREASE_ALL, DECREASE_ONE, INCREASE, START_FRACTION, TOP_FRACTION},
    chat::{CHAT_GAP, MINUTE},
    *,
};
use crate::domain::MessageId;
use proptest::prelude::*;
use std::collections::VecDeque;

fn start() -> DateTime<Utc> {
    "2026-11-02T09:00:00Z".parse().unwrap()
}

/// The most messages within any period of this length.
fn most_within(sent: &[DateTime<Utc>], length: TimeDelta) -> usize {
    let within =
        |from: usize| sent[from..].iter().take_while(|at| **at - sent[from] < length).count();
    (0..sent.len()).map(within).max().unwrap_or(0)
}

/// Sends as much as is permitted for this long, each message to the first of these chats that is
/// free. Each send takes its round trip. Returns what was sent, by chat.
fn run(chats: &[i64], seconds: i64, per_second: f64, took_ms: i64) -> Vec<(i64, DateTime<Utc>)> {
    let mut limiter = RateLimiter::new(per_second, None, start());
    let mut sent = Vec::new();
    let mut flying: VecDeque<(DateTime<Utc>, Permit)> = VecDeque::new();
    let mut now = start();
    while now < start() + TimeDelta::seconds(seconds) {
        while flying.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((at, permit)) = flying.pop_front() {
                limiter.finish(&permit, &SendOutcome::Sent(MessageId(1)), at);
            }
        }
        let blocked = limiter.blocked_chats(now);
        let free = chats.iter().find(|chat| !blocked.contains(&ChatId(**chat)));
        if let (Some(chat), true) = (free, limiter.ready_at(now).is_some_and(|at| at <= now)) {
            let permit = limiter.start(ChatId(*chat), now);
            sent.push((*chat, permit.send_at));
            flying.push_back((permit.send_at + TimeDelta::milliseconds(took_ms), permit));
            continue;
        }
        now += TimeDelta::milliseconds(3);
    }
    sent
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_limit_is_passed_however_many_chats_wait(
        privates in 0i64..60, groups in 0i64..60, took_ms in 1i64..900, per_second in 1.0..40f64,
    ) {
        let chats: Vec<i64> = (1..=privates).chain((1..=groups).map(|n| -n)).collect();
        let sent = run(&chats, 90, per_second, took_ms);
        let all: Vec<_> = sent.iter().map(|(_, at)| *at).collect();
        let second = TimeDelta::seconds(1);
        prop_assert!(most_within(&all, second) as f64 <= per_second.ceil() + 1.0);
        for chat in chats {
            let own: Vec<_> = sent.iter().filter(|(c, _)| *c == chat).map(|(_, at)| *at).collect();
            prop_assert!(most_within(&own, second) <= 1);
            if chat < 0 {
                prop_assert!(most_within(&own, TimeDelta::seconds(60)) <= 20);
            }
        }
    }
}

#[test]
fn the_limit_is_used() {
    let chats: Vec<i64> = (1..=100).collect();
    let sent = run(&chats, 60, 30.0, 100).len() as f64 / 59.0;
    assert!(sent > 25.0, "only {sent} a second of 30");
    assert_eq!(run(&[-1], 150, 30.0, 100).len(), 60, "twenty in each of three minutes");
}

#[test]
fn one_throttled_chat_waits_alone_and_two_stop_everybody() {
    let mut limiter = RateLimiter::new(30.0, None, start());
    let now = start() + TimeDelta::seconds(5);
    let throttled = SendOutcome::RetryAfter(std::time::Duration::from_secs(30));
    let permit = limiter.start(ChatId(1), now);
    limiter.finish(&permit, &throttled, now);
    let later = now + TimeDelta::milliseconds(500);
    assert_eq!(limiter.blocked_chats(later), [ChatId(1)]);
    assert!(limiter.ready_at(later).is_some_and(|at| at <= later));
    let permit = limiter.start(ChatId(2), later);
    limiter.finish(&permit, &throttled, later);
    assert!(limiter.ready_at(later).is_some_and(|at| at >= later + TimeDelta::seconds(30)));
}

#[test]
fn a_send_that_hangs_holds_up_nothing_and_if_all_hang_nothing_more_is_sent() {
    let mut limiter = RateLimiter::new(30.0, None, start());
    let mut now = start() + TimeDelta::seconds(5);
    let (mut chat, mut sent) = (0, Vec::new());
    while let Some(at) = limiter.ready_at(now) {
        now = now.max(at);
        chat += 1;
        sent.push(limiter.start(ChatId(chat), now));
        assert!(sent.len() < 20, "they all hang");
    }
    assert_eq!(limiter.ready_at(now + TimeDelta::minutes(5)), None);
    // All but one have a response. That one counts for a while, and then not any more.
    for permit in &sent[1..] {
        limiter.finish(permit, &SendOutcome::Sent(MessageId(1)), now);
    }
    let mut going = Vec::new();
    for _ in 0..6000 {
        now += TimeDelta::milliseconds(10);
        for permit in going.drain(..) {
            limiter.finish(&permit, &SendOutcome::Sent(MessageId(1)), now);
        }
        while limiter.ready_at(now).is_some_and(|at| at <= now) {
            chat += 1;
            going.push(limiter.start(ChatId(chat), now));
        }
    }
    assert!(chat > 60 * 25, "only {chat} in a minute beside one that hangs");
}

fn ms(n: i64) -> TimeDelta {
    TimeDelta::milliseconds(n)
}

/// A limiter past its first second, and the time.
fn begun(per_second: f64) -> (RateLimiter, DateTime<Utc>) {
    (RateLimiter::new(per_second, None, start()), start() + TimeDelta::seconds(5))
}

/// Sends one message after the other, each with a response after this long. Returns the time of the
/// last response.
fn answered(
    limiter: &mut RateLimiter,
    mut now: DateTime<Utc>,
    count: i64,
    took: TimeDelta,
) -> DateTime<Utc> {
    for chat in 0..count {
        now = now.max(limiter.ready_at(now).unwrap());
        let permit = limiter.start(ChatId(1_000_000 + chat), now);
        now = permit.send_at + took;
        limiter.finish(&permit, &SendOutcome::Sent(MessageId(1)), now);
    }
    now
}

/// How many sends may be in flight at a time.
fn room(limiter: &RateLimiter, mut now: DateTime<Utc>) -> usize {
    let mut limiter = limiter.clone();
    for chat in 0.. {
        match limiter.ready_at(now) {
            Some(at) if at < now + TimeDelta::seconds(2) => now = now.max(at),
            _ => return chat as usize,
        }
        limiter.start(ChatId(chat), now);
    }
    unreachable!("it is bounded")
}

#[test]
fn the_room_in_flight_follows_the_round_trip() {
    let (limiter, now) = begun(30.0);
    assert_eq!(
        room(&limiter, now),
        8,
        "at first 100 ms, and twice a deviation of 50 ms, are assumed"
    );
    for (took, expected) in [(20, 3..=4), (200, 8..=9), (1000, 30..=32)] {
        let mut limiter = limiter.clone();
        let now = answered(&mut limiter, now, 100, ms(took));
        let room = room(&limiter, now);
        assert!(expected.contains(&room), "{room} at {took} ms");
    }
    // Failures of the network say nothing about the round trip.
    let mut failed = limiter.clone();
    let permit = failed.start(ChatId(1), now);
    failed.finish(&permit, &SendOutcome::Unanswered("lost".into()), now + TimeDelta::seconds(3));
    assert_eq!(failed.round_trip_s, limiter.round_trip_s);
    // A deviation needs more in flight.
    let mut steady = limiter.clone();
    let mut straying = limiter.clone();
    let mut at = now;
    for n in 0..100 {
        at = answered(&mut straying, at, 1, ms(if n % 2 == 0 { 20 } else { 380 }));
    }
    let steady_at = answered(&mut steady, now, 100, ms(200));
    assert!(room(&straying, at) > room(&steady, steady_at) + 4);
}

#[test]
fn a_send_that_hangs_gives_its_room_back_three_seconds_after_its_start() {
    let (mut limiter, now) = begun(30.0);
    let now = answered(&mut limiter, now, 50, ms(20));
    let mut at = now;
    let mut first_at = None;
    let mut sent = Vec::new();
    while let Some(ready_at) = limiter.ready_at(at).filter(|ready_at| *ready_at < at + ms(100)) {
        at = at.max(ready_at);
        let permit = limiter.start(ChatId(sent.len() as i64), at);
        first_at.get_or_insert(permit.send_at);
        sent.push(permit);
    }
    assert_eq!(limiter.ready_at(at), None, "nobody was answered since, so nothing hangs");
    let last = sent.pop().unwrap();
    let (send_at, answer_at) = (last.send_at, last.send_at + ms(20));
    limiter.finish(&last, &SendOutcome::Sent(MessageId(1)), answer_at);
    assert!(limiter.ready_at(answer_at).is_some_and(|at| at <= send_at + ms(100)));
    let refill = limiter.start(ChatId(99), answer_at + ms(40));
    assert_eq!(limiter.ready_at(answer_at + ms(40)), first_at.map(|at| at + STUCK_AFTER));
    limiter.finish(&refill, &SendOutcome::Sent(MessageId(1)), answer_at + ms(60));
}

#[test]
fn it_counts_as_answered_from_an_answer_to_the_next_failure() {
    let (mut limiter, now) = begun(30.0);
    assert!(!limiter.is_answered());
    let lost = || SendOutcome::Unanswered("lost".into());
    let refused = SendOutcome::Refused("no".into());
    for (outcome, is_answered) in [
        (lost(), false),
        (SendOutcome::Sent(MessageId(1)), true),
        (lost(), false),
        (lost(), false),
        (refused, true),
        (SendOutcome::ServerError("500".into()), false),
    ] {
        let permit = limiter.start(ChatId(1), now);
        limiter.finish(&permit, &outcome, now);
        assert_eq!(limiter.is_answered(), is_answered, "{outcome:?}");
    }
}

#[test]
fn a_batch_is_what_is_due_within_twenty_milliseconds_and_has_room() {
    let (limiter, now) = begun(30.0);
    assert_eq!(limiter.batch_size(now), 1);
    let (mut limiter, now) = begun(1000.0);
    // 915 a second at the start, and a gap's lateness made up for.
    assert_eq!(limiter.batch_size(now), 19);
    for chat in 0..10 {
        limiter.start(ChatId(chat), now);
    }
    assert_eq!(limiter.batch_size(now), 9);
    let at = now + ms(1000);
    for chat in 0..IN_FLIGHT_MAX as i64 {
        limiter.start(ChatId(chat), now);
    }
    assert_eq!(limiter.ready_at(at), None);
    let (mut limiter, now) = begun(1000.0);
    let room = room(&limiter, now);
    assert_eq!(room, 203, "915 a second, for 220 ms, and one");
    for chat in 0..room as i64 - 5 {
        limiter.start(ChatId(chat), now);
    }
    assert_eq!(limiter.batch_size(now + ms(2000)), 5, "no more than there is room for");
}

#[test]
fn what_an_earlier_process_sent_counts_and_the_first_chat_that_is_free_is_waited_for() {
    let (mut limiter, now) = begun(30.0);
    for n in 0..20 {
        limiter.record_past_send(ChatId(-7), now - ms(40_000 - n * 1000));
    }
    limiter.record_past_send(ChatId(7), now - ms(500));
    assert_eq!(limiter.blocked_chats(now), [ChatId(-7), ChatId(7)]);
    assert_eq!(limiter.first_freed_at(now), Some(now - ms(500) + CHAT_GAP));
    let at = now - ms(500) + CHAT_GAP;
    assert_eq!(limiter.first_freed_at(at), Some(now - ms(40_000) + MINUTE));
    assert_eq!(limiter.blocked_chats(at), [ChatId(-7)], "free at that very moment");
    assert_eq!(limiter.first_freed_at(at), Some(now - ms(40_000) + MINUTE));
    assert_eq!(limiter.blocked_chats(now + ms(61_000)), []);
    assert!(limiter.chats.is_empty(), "nothing is remembered that is not needed");
    assert_eq!(limiter.first_freed_at(now + ms(61_000)), None);
}

#[test]
fn single_failures_pause_nobody_and_three_in_a_row_everybody() {
    let (mut limiter, now) = begun(30.0);
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let at = now.max(limiter.ready_at(now).unwrap());
        let permit = limiter.start(ChatId(1), at);
        limiter.finish(&permit, &SendOutcome::ServerError("500".into()), at);
        pauses.push((limiter.ready_at(at).unwrap() - at).num_milliseconds() / 1000);
    }
    assert_eq!(pauses, [0, 0, 4, 8, 15]);
    assert_eq!(limiter.max_in_flight(), 1, "one is sent to find out");
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_wait_longer() {
    let hour = TimeDelta::hours(1);
    let (mut limiter, now) = begun(30.0);
    answered(&mut limiter, now, 3, ms(50));
    limiter.record_past_send(ChatId(7), now);
    let permit = limiter.start(ChatId(1), now + ms(500));
    let wait = std::time::Duration::from_secs(9);
    limiter.finish(&permit, &SendOutcome::RetryAfter(wait), now + ms(500));
    let permit = limiter.start(ChatId(2), now + ms(600));
    limiter.finish(&permit, &SendOutcome::RetryAfter(wait), now + ms(600));
    let hanging = limiter.start(ChatId(3), now + ms(700));
    let mut set = limiter.clone();
    set.clock_moved_back(hour);
    let at = now + ms(800);
    assert_eq!(set.ready_at(at - hour), limiter.ready_at(at).map(|at| at - hour));
    assert_eq!(set.first_freed_at(at - hour), limiter.first_freed_at(at).map(|at| at - hour));
    assert_eq!(set.blocked_chats(at - hour), limiter.blocked_chats(at));
    assert_eq!(set.answered_at, limiter.answered_at.map(|at| at - hour));
    assert_eq!(
        set.aimd.decreased.map(|(at, _)| at),
        limiter.aimd.decreased.map(|(at, _)| at - hour)
    );
    assert_eq!(
        set.aimd.throttled.map(|(at, _)| at),
        limiter.aimd.throttled.map(|(at, _)| at - hour)
    );
    assert_eq!(set.in_flight[&hanging.number], limiter.in_flight[&hanging.number] - hour);
}

/// A limiter that has learnt this, at thirty a second.
fn with_estimate(fraction: f64, ceiling: Option<f64>, clean: u32) -> (RateLimiter, DateTime<Utc>) {
    let estimate = RateEstimate { per_second: 30.0, fraction, ceiling, clean_sends: clean };
    (RateLimiter::new(30.0, Some(estimate), start()), start() + TimeDelta::seconds(5))
}

fn assert_fraction(limiter: &RateLimiter, expected: f64) {
    let fraction = limiter.estimate().fraction;
    assert!((fraction - expected).abs() < 1e-9, "{fraction}, and not {expected}");
}

/// A message to a chat gets a 429 response; sent and answered at these times.
fn throttle(limiter: &mut RateLimiter, chat: i64, sent_at: DateTime<Utc>, now: DateTime<Utc>) {
    let permit = Permit { number: 0, chat: ChatId(chat), send_at: sent_at };
    let wait = std::time::Duration::from_secs(1);
    limiter.finish(&permit, &SendOutcome::RetryAfter(wait), now);
}

#[test]
fn the_rate_rises_with_every_second_s_worth_of_messages_up_to_what_was_complained_of() {
    let risen = |fraction, ceiling, clean, messages| {
        let (mut limiter, now) = with_estimate(fraction, ceiling, clean);
        answered(&mut limiter, now, messages, ms(1));
        limiter
    };
    assert_fraction(&risen(0.5, None, 0, 30), 0.524);
    assert_fraction(&risen(START_FRACTION, None, 0, 30), START_FRACTION + 0.0024);
    assert_fraction(&risen(0.98, None, 0, 300), TOP_FRACTION);
    assert_fraction(&risen(0.93, Some(0.96), 0, 300), 0.96 * 0.98);
    // After a thousand seconds without a complaint the ceiling is tried again, and not before.
    let limiter = risen(0.96 * 0.98, Some(0.96), 30_000 - 1, 1);
    assert_eq!((limiter.estimate().ceiling, limiter.estimate().clean_sends), (Some(0.96), 30_000));
    let limiter = risen(0.96 * 0.98, Some(0.96), 30_000, 1);
    assert_eq!(limiter.estimate().ceiling, None);
    assert_fraction(&limiter, 0.96 * 0.98 + INCREASE / 30.0);
    // An estimate for another rate is not used.
    let other = RateEstimate { per_second: 20.0, fraction: 0.3, ceiling: None, clean_sends: 0 };
    assert_fraction(&RateLimiter::new(30.0, Some(other), start()), START_FRACTION);
}

#[test]
fn a_complaint_cuts_the_rate_once_for_all_that_was_on_its_way() {
    let (mut limiter, now) = with_estimate(0.96, None, 500);
    throttle(&mut limiter, 1, now, now + ms(80));
    assert_fraction(&limiter, START_FRACTION);
    assert_eq!((limiter.estimate().ceiling, limiter.estimate().clean_sends), (Some(0.96), 0));
    throttle(&mut limiter, 2, now + ms(90), now + ms(300));
    assert_fraction(&limiter, START_FRACTION);
    // A little above the start's fraction it comes down below what was too fast.
    let (mut limiter, now) = with_estimate(0.92, None, 0);
    throttle(&mut limiter, 1, now, now);
    assert_fraction(&limiter, 0.92 * 0.98);

    // At the start's fraction or less by a part, and by more when it turns out to affect all chats.
    let (mut limiter, now) = with_estimate(START_FRACTION, Some(0.96), 0);
    throttle(&mut limiter, 1, now, now);
    assert_fraction(&limiter, START_FRACTION * DECREASE_ONE);
    assert_eq!(limiter.estimate().ceiling, Some(CEILING_MIN));
    assert_eq!(limiter.paused_until_at, None);
    throttle(&mut limiter, 2, now, now + ms(999));
    assert_fraction(&limiter, START_FRACTION * DECREASE_ALL);
    assert_eq!(limiter.paused_until_at, Some(now + ms(1999)));
    throttle(&mut limiter, 3, now, now + ms(1200));
    assert_fraction(&limiter, START_FRACTION * DECREASE_ALL);
    // What was sent three seconds after a cut (the last was at 999 ms) is another incident.
    throttle(&mut limiter, 4, now + ms(3998), now + ms(6000));
    assert_fraction(&limiter, START_FRACTION * DECREASE_ALL);
    throttle(&mut limiter, 5, now + ms(3999), now + ms(9000));
    assert_fraction(&limiter, START_FRACTION * DECREASE_ALL * DECREASE_ONE);
}

#[test]
fn a_chat_that_is_throttled_over_and_over_has_a_limit_of_its_own() {
    let (mut limiter, now) = with_estimate(0.9, None, 0);
    throttle(&mut limiter, 1, now, now);
    assert_fraction(&limiter, 0.9 * DECREASE_ONE);
    throttle(&mut limiter, 1, now + ms(5000), now + ms(5000));
    throttle(&mut limiter, 1, now + ms(9000), now + ms(9000));
    assert_fraction(&limiter, 0.9 * DECREASE_ONE);
    // Another one a full second later does not count for all chats yet.
    throttle(&mut limiter, 2, now + ms(9900), now + ms(10_000));
    assert_fraction(&limiter, 0.9 * DECREASE_ONE * DECREASE_ONE);
    assert_eq!(limiter.paused_until_at, None);
}

#[test]
fn where_nobody_answers_all_wait_longer_each_time() {
    let mut limiter = RateLimiter::new(30.0, None, start());
    let mut now = start() + TimeDelta::seconds(5);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let permit = limiter.start(ChatId(1), now);
        limiter.finish(&permit, &SendOutcome::NotSent("refused".into()), now);
        let next = limiter.ready_at(now).unwrap();
        pauses.push((next - now).num_seconds());
        now = next;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
}
