//! Which messages may go now. Pure: the time is an argument, nothing here sleeps.
//!
//! Promises: sends are spread evenly, never in bursts, at most so many a second over all; one a
//! second to a chat; twenty a minute to a group or channel; a chat that Telegram told to wait
//! waits alone, and when several are told so at once, everybody waits. How Telegram counts is not
//! known, so the rate that it bears is found out: it rises slowly while nothing complains, comes
//! down at once when something does, and then stays below that for long; never above the setting.
//! No more sends are in flight than the rate needs, since each of them may be repeated after a
//! crash; one that hangs does not count.
//! Leaves out: what is to be sent, and in which order (`store`, `dispatcher`).

use crate::domain::{ChatId, RateEstimate, SendOutcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, VecDeque};

/// Messages a minute to a group or channel.
const PER_MINUTE: usize = 20;
/// The minute in which these are counted, with a margin for the way to Telegram.
const MINUTE: TimeDelta = TimeDelta::milliseconds(61_000);
/// The time between two messages to one chat.
const CHAT_GAP: TimeDelta = TimeDelta::milliseconds(1_050);
/// The share of the setting that it starts with: with the usual jitter of a network no way of
/// counting minds it. And the share that it may rise to, which a token bucket bears.
const START_FRACTION: f64 = 0.915;
const TOP_FRACTION: f64 = 0.99;
/// What is kept below a share that Telegram complained of, as a part of it.
const BELOW: f64 = 0.98;
/// The least of these: what is complained of below has another cause.
const CEILING_MIN: f64 = 0.925;
/// The part of the rate that is kept at the start's share or less when one chat complains, which may
/// be that chat's own matter, and when others do too; the least share, and the least rate.
const DECREASE_ONE: f64 = 0.97;
const DECREASE_ALL: f64 = 0.85;
const FRACTION_MIN: f64 = 0.05;
const RATE_MIN: f64 = 1.0;
/// What the share gains with every second's worth of messages while nothing complains: above the
/// start's share, where each step is an experiment, and below it. By time and not by message, since
/// what a complaint costs is time.
const INCREASE: f64 = 0.002_4;
const INCREASE_BELOW_CEILING: f64 = 0.024;
/// Seconds' worth of messages without a complaint after which a rate that was too high is tried again.
const FORGOTTEN_AFTER: f64 = 1000.0;
/// Complaints within this time are of one incident: what was on its way when it began.
const INCIDENT: TimeDelta = TimeDelta::milliseconds(3_000);
/// Two chats told to wait within this time mean that the limit is everybody's.
const ALL_WINDOW: TimeDelta = TimeDelta::milliseconds(1_000);
/// A send that has no answer for so long, while others have, does not count as in flight any more.
const STUCK_AFTER: TimeDelta = TimeDelta::milliseconds(3_000);
/// The most sends in flight, hanging ones included.
const IN_FLIGHT_MAX: usize = 512;
/// How far ahead sends are let go together, each at its own time: so that at a high rate one
/// transaction claims several.
const AHEAD: TimeDelta = TimeDelta::milliseconds(20);
/// Failures in a row, of whatever chats, after which all sending pauses.
const FAILURES_BEFORE_PAUSE: u32 = 3;
/// The longest of these pauses.
const PAUSE_MAX_S: i64 = 15;

/// The state of pacing: what was sent lately, and what Telegram said to it.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    setting: f64,
    lesson: RateEstimate,
    next_at: DateTime<Utc>,
    frozen_until_at: Option<DateTime<Utc>>,
    chats: BTreeMap<ChatId, ChatLimit>,
    in_flight: BTreeMap<u64, DateTime<Utc>>,
    last_ticket: u64,
    /// The usual time from sending to the answer and how far it strays, in seconds.
    round_trip_s: f64,
    stray_s: f64,
    /// Failures of Telegram or the network in a row.
    trouble: u32,
    /// When Telegram last answered.
    answered_at: Option<DateTime<Utc>>,
    complained: Option<(DateTime<Utc>, ChatId)>,
    /// When the rate was last cut, and to which part; 0: below what had been tried.
    cut: Option<(DateTime<Utc>, f64)>,
}

#[derive(Clone, Debug, Default)]
struct ChatLimit {
    /// When the next message may go.
    next_at: Option<DateTime<Utc>>,
    /// When messages of the last minute went (groups and channels only).
    minute: VecDeque<DateTime<Utc>>,
}

/// A send that was let go; handed back when its outcome is known.
#[derive(Debug)]
pub struct Permit {
    number: u64,
    chat: ChatId,
    /// When the send may start: now, or a few milliseconds later.
    pub send_at: DateTime<Utc>,
}

impl RateLimiter {
    /// A pace of at most `per_second` messages over all chats, from `now` on. The second before
    /// counts as full: a process that ended just now may have filled it. What an earlier process
    /// learnt holds, if it was of the same setting.
    pub fn new(per_second: f64, lesson: Option<RateEstimate>, now: DateTime<Utc>) -> Self {
        let fresh =
            RateEstimate { per_second, fraction: START_FRACTION, ceiling: None, clean_sends: 0 };
        let lesson = lesson.filter(|lesson| lesson.per_second == per_second).unwrap_or(fresh);
        RateLimiter {
            setting: per_second,
            lesson: RateEstimate {
                fraction: lesson.fraction.clamp(FRACTION_MIN, TOP_FRACTION),
                ..lesson
            },
            next_at: now + TimeDelta::seconds(1),
            frozen_until_at: None,
            chats: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            last_ticket: 0,
            round_trip_s: 0.1,
            stray_s: 0.05,
            trouble: 0,
            answered_at: None,
            complained: None,
            cut: None,
        }
    }

    /// Counts a message that went before this pace was made (read from the store at the start).
    pub fn record_past_send(&mut self, chat: ChatId, sent_at: DateTime<Utc>) {
        self.chats.entry(chat).or_default().count(chat, sent_at);
    }

    /// Messages a second at the moment.
    pub fn rate(&self) -> f64 {
        (self.setting * self.lesson.fraction).max(RATE_MIN.min(self.setting))
    }

    /// What was learnt so far, to be kept for the next process.
    pub fn estimate(&self) -> RateEstimate {
        self.lesson
    }

    /// When the next send may start: now, later, or (`None`) not before one in flight is answered.
    pub fn ready_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            return None;
        }
        let at = self.next_at.max(self.frozen_until_at.unwrap_or(self.next_at));
        if self.active(at.max(now)).count() < self.max_in_flight() {
            return Some(at);
        }
        // When the oldest of them will have hung so long that it does not count any more.
        let excess = self.active(now).count().saturating_sub(self.max_in_flight());
        let mut starts: Vec<_> = self.active(now).filter(|at| self.may_be_stuck(*at)).collect();
        starts.sort();
        starts.get(excess).map(|started_at| at.max(*started_at + STUCK_AFTER))
    }

    /// Whether the last send was answered: Telegram is there.
    pub fn is_answered(&self) -> bool {
        self.trouble == 0 && self.answered_at.is_some()
    }

    /// How many sends may be let go together now, where one may: each has its own time.
    pub fn batch_size(&self, now: DateTime<Utc>) -> u32 {
        let due = (now + AHEAD - self.next_at.max(now - self.gap())).as_seconds_f64() * self.rate();
        let room = self.max_in_flight().saturating_sub(self.active(now).count());
        let room = room.min(IN_FLIGHT_MAX.saturating_sub(self.in_flight.len()));
        (due.floor() as u32).min(u32::try_from(room).unwrap_or(u32::MAX)).max(1)
    }

    /// The chats that nothing may be sent to now.
    pub fn blocked_chats(&mut self, now: DateTime<Utc>) -> Vec<ChatId> {
        self.chats.retain(|_, chat| !chat.is_idle(now));
        let held = self.chats.iter().filter(|(_, chat)| chat.free_at().is_some_and(|at| at > now));
        held.map(|(id, _)| *id).collect()
    }

    /// The first time at which a chat that is held now is free again.
    pub fn first_freed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.chats.values().filter_map(ChatLimit::free_at).filter(|at| *at > now).min()
    }

    /// Counts a send that is let go now; the ticket says when it may start.
    pub fn start(&mut self, chat: ChatId, now: DateTime<Utc>) -> Permit {
        let gap = self.gap();
        let send_at = self.next_at.max(now);
        // A little lateness is made up for, so that the clock's grain does not slow the rate.
        self.next_at = self.next_at.max(now - gap) + gap;
        self.chats.entry(chat).or_default().count(chat, send_at);
        self.last_ticket += 1;
        self.in_flight.insert(self.last_ticket, send_at);
        Permit { number: self.last_ticket, chat, send_at }
    }

    /// Learns from the outcome of a send.
    pub fn finish(&mut self, ticket: &Permit, outcome: &SendOutcome, now: DateTime<Utc>) {
        self.in_flight.remove(&ticket.number);
        let is_answer = !matches!(outcome, SendOutcome::NotSent(_) | SendOutcome::Unanswered(_));
        if is_answer {
            self.answered_at = Some(now);
            let took_s = (now - ticket.send_at).as_seconds_f64().clamp(0.0, 3.0);
            self.stray_s += ((took_s - self.round_trip_s).abs() - self.stray_s) * 0.1;
            self.round_trip_s += (took_s - self.round_trip_s) * 0.1;
        }
        match outcome {
            SendOutcome::RetryAfter(wait) => self.on_throttled(ticket, *wait, now),
            SendOutcome::NotSent(_) | SendOutcome::Unanswered(_) | SendOutcome::ServerError(_) => {
                self.trouble = self.trouble.saturating_add(1);
                // Nobody listens: the next would fail as well. Otherwise it may be this message.
                let nobody = matches!(outcome, SendOutcome::NotSent(_));
                if nobody || self.trouble >= FAILURES_BEFORE_PAUSE {
                    let doublings = self.trouble.min(10) - 1;
                    let pause_s = (1i64 << doublings).min(PAUSE_MAX_S);
                    self.pause_until(now + TimeDelta::seconds(pause_s));
                }
            }
            _ => {
                self.trouble = 0;
                self.increase();
            }
        }
    }

    /// The clock was set back by so much: what is to come comes no later for it.
    pub fn clock_moved_back(&mut self, by: TimeDelta) {
        let back = |at: &mut DateTime<Utc>| *at -= by;
        back(&mut self.next_at);
        self.frozen_until_at.iter_mut().for_each(back);
        self.answered_at.iter_mut().for_each(back);
        self.cut.iter_mut().for_each(|(at, _)| *at -= by);
        self.complained.iter_mut().for_each(|(at, _)| *at -= by);
        self.in_flight.values_mut().for_each(back);
        for chat in self.chats.values_mut() {
            chat.next_at.iter_mut().chain(&mut chat.minute).for_each(back);
        }
    }

    /// Nothing complained of a message.
    fn increase(&mut self) {
        let lesson = &mut self.lesson;
        lesson.clean_sends = lesson.clean_sends.saturating_add(1);
        if f64::from(lesson.clean_sends) > FORGOTTEN_AFTER * self.setting {
            lesson.ceiling = None;
        }
        let top =
            lesson.ceiling.map_or(TOP_FRACTION, |ceiling| (ceiling * BELOW).min(TOP_FRACTION));
        let rise = if lesson.fraction < START_FRACTION { INCREASE_BELOW_CEILING } else { INCREASE };
        lesson.fraction = lesson.fraction.max((lesson.fraction + rise / self.setting).min(top));
    }

    /// Telegram told a chat to wait.
    fn on_throttled(&mut self, ticket: &Permit, wait: std::time::Duration, now: DateTime<Utc>) {
        let until_at = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1));
        let pace = self.chats.entry(ticket.chat).or_default();
        pace.next_at = pace.next_at.max(Some(until_at));
        let last = self.complained.replace((now, ticket.chat));
        // The same chat over and over has a limit of its own.
        let Some((last_at, _)) = last.filter(|(_, chat)| *chat != ticket.chat) else {
            if last.is_none() {
                self.decrease(DECREASE_ONE, ticket, now);
            }
            return;
        };
        if now - last_at < ALL_WINDOW {
            self.pause_until(until_at);
            self.decrease(DECREASE_ALL, ticket, now);
        } else {
            self.decrease(DECREASE_ONE, ticket, now);
        }
    }

    /// Slows down: below what was too fast, or by a part where even the start's share was. Once for
    /// all that was on its way then, by the smallest part that anything of it asks for.
    fn decrease(&mut self, part: f64, ticket: &Permit, now: DateTime<Utc>) {
        let lesson = &mut self.lesson;
        lesson.clean_sends = 0;
        if let Some((_, before)) = self.cut.filter(|(at, _)| ticket.send_at - *at < INCIDENT) {
            if part < before {
                lesson.fraction = (lesson.fraction * part / before).max(FRACTION_MIN);
                self.cut = Some((now, part));
            }
            return;
        }
        let ceiling =
            lesson.ceiling.map_or(lesson.fraction, |ceiling| ceiling.min(lesson.fraction));
        lesson.ceiling = Some(ceiling.max(CEILING_MIN));
        if lesson.fraction > START_FRACTION {
            lesson.fraction = START_FRACTION.min(lesson.fraction * BELOW);
            self.cut = Some((now, 0.0));
        } else {
            lesson.fraction = (lesson.fraction * part).max(FRACTION_MIN);
            self.cut = Some((now, part));
        }
    }

    fn pause_until(&mut self, until_at: DateTime<Utc>) {
        self.frozen_until_at = self.frozen_until_at.max(Some(until_at));
    }

    fn gap(&self) -> TimeDelta {
        TimeDelta::microseconds((1_000_000.0 / self.rate()) as i64)
    }

    /// When those in flight started that do not hang.
    fn active(&self, now: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let hangs = move |at: &DateTime<Utc>| *at + STUCK_AFTER <= now && self.may_be_stuck(*at);
        self.in_flight.values().copied().filter(move |at| !hangs(at))
    }

    /// Whether others were answered since it started. If not, it is not this send that hangs but
    /// Telegram or the network, and whatever else were sent would hang as well.
    fn may_be_stuck(&self, started_at: DateTime<Utc>) -> bool {
        self.answered_at.is_some_and(|answered_at| answered_at > started_at)
    }

    /// How many sends may be in flight: what the rate needs for a round trip that is not unusually
    /// long, and one. After failures just one, which finds out whether all is well again.
    fn max_in_flight(&self) -> usize {
        if self.trouble >= FAILURES_BEFORE_PAUSE {
            return 1;
        }
        let round_trip_s = self.round_trip_s + 2.0 * self.stray_s + AHEAD.as_seconds_f64();
        (self.rate() * round_trip_s).ceil() as usize + 1
    }
}

impl ChatLimit {
    fn count(&mut self, chat: ChatId, sent_at: DateTime<Utc>) {
        self.next_at = self.next_at.max(Some(sent_at + CHAT_GAP));
        if chat.has_minute_limit() {
            self.minute.push_back(sent_at);
            while self.minute.len() > PER_MINUTE {
                self.minute.pop_front();
            }
        }
    }

    /// When the next message to the chat may go.
    fn free_at(&self) -> Option<DateTime<Utc>> {
        let full = self.minute.len() >= PER_MINUTE;
        let minute_at = self.minute.front().filter(|_| full).map(|first| *first + MINUTE);
        self.next_at.max(minute_at)
    }

    /// Whether nothing needs to be remembered about the chat any more.
    fn is_idle(&self, now: DateTime<Utc>) -> bool {
        let free = self.next_at.is_none_or(|at| at <= now);
        free && self.minute.back().is_none_or(|last| *last + MINUTE <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start() -> DateTime<Utc> {
        "2026-11-02T09:00:00Z".parse().unwrap()
    }

    /// The most that went within any time of this length.
    fn most_within(sent: &[DateTime<Utc>], length: TimeDelta) -> usize {
        let within =
            |from: usize| sent[from..].iter().take_while(|at| **at - sent[from] < length).count();
        (0..sent.len()).map(within).max().unwrap_or(0)
    }

    /// Sends all that may go, each to the first of these chats that is free, for so long; each send
    /// takes its round trip. Returns what went, by chat.
    fn run(
        chats: &[i64],
        seconds: i64,
        per_second: f64,
        took_ms: i64,
    ) -> Vec<(i64, DateTime<Utc>)> {
        let mut pace = RateLimiter::new(per_second, None, start());
        let mut sent = Vec::new();
        let mut flying: VecDeque<(DateTime<Utc>, Permit)> = VecDeque::new();
        let mut now = start();
        while now < start() + TimeDelta::seconds(seconds) {
            while flying.front().is_some_and(|(at, _)| *at <= now) {
                if let Some((at, ticket)) = flying.pop_front() {
                    pace.finish(&ticket, &SendOutcome::Sent(1), at);
                }
            }
            let held = pace.blocked_chats(now);
            let free = chats.iter().find(|chat| !held.contains(&ChatId(**chat)));
            if let (Some(chat), true) = (free, pace.ready_at(now).is_some_and(|at| at <= now)) {
                let ticket = pace.start(ChatId(*chat), now);
                sent.push((*chat, ticket.send_at));
                flying.push_back((ticket.send_at + TimeDelta::milliseconds(took_ms), ticket));
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
            people in 0i64..60, groups in 0i64..60, took_ms in 1i64..900, per_second in 1.0..40f64,
        ) {
            let chats: Vec<i64> = (1..=people).chain((1..=groups).map(|n| -n)).collect();
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
    fn what_may_go_goes() {
        let people: Vec<i64> = (1..=100).collect();
        let sent = run(&people, 60, 30.0, 100).len() as f64 / 59.0;
        assert!(sent > 25.0, "only {sent} a second of 30");
        assert_eq!(run(&[-1], 150, 30.0, 100).len(), 60, "twenty in each of three minutes");
    }

    #[test]
    fn one_chat_told_to_wait_waits_alone_and_two_stop_everybody() {
        let mut pace = RateLimiter::new(30.0, None, start());
        let now = start() + TimeDelta::seconds(5);
        let told = SendOutcome::RetryAfter(std::time::Duration::from_secs(30));
        let ticket = pace.start(ChatId(1), now);
        pace.finish(&ticket, &told, now);
        let later = now + TimeDelta::milliseconds(500);
        assert_eq!(pace.blocked_chats(later), [ChatId(1)]);
        assert!(pace.ready_at(later).is_some_and(|at| at <= later));
        let ticket = pace.start(ChatId(2), later);
        pace.finish(&ticket, &told, later);
        assert!(pace.ready_at(later).is_some_and(|at| at >= later + TimeDelta::seconds(30)));
    }

    #[test]
    fn one_that_hangs_holds_nobody_up_and_where_all_hang_nothing_more_is_sent() {
        let mut pace = RateLimiter::new(30.0, None, start());
        let mut now = start() + TimeDelta::seconds(5);
        let (mut chat, mut sent) = (0, Vec::new());
        while let Some(at) = pace.ready_at(now) {
            now = now.max(at);
            chat += 1;
            sent.push(pace.start(ChatId(chat), now));
            assert!(sent.len() < 20, "they are sent into a void");
        }
        assert_eq!(pace.ready_at(now + TimeDelta::minutes(5)), None);
        // All but one are answered: it counts for a while, and then no more.
        for ticket in &sent[1..] {
            pace.finish(ticket, &SendOutcome::Sent(1), now);
        }
        let mut going = Vec::new();
        for _ in 0..6000 {
            now += TimeDelta::milliseconds(10);
            for ticket in going.drain(..) {
                pace.finish(&ticket, &SendOutcome::Sent(1), now);
            }
            while pace.ready_at(now).is_some_and(|at| at <= now) {
                chat += 1;
                going.push(pace.start(ChatId(chat), now));
            }
        }
        assert!(chat > 60 * 25, "only {chat} in a minute beside one that hangs");
    }

    fn ms(n: i64) -> TimeDelta {
        TimeDelta::milliseconds(n)
    }

    /// A pace past its first second, and the time.
    fn begun(per_second: f64) -> (RateLimiter, DateTime<Utc>) {
        (RateLimiter::new(per_second, None, start()), start() + TimeDelta::seconds(5))
    }

    /// Sends one after the other, each answered after so long; returns the time of the last answer.
    fn answered(
        pace: &mut RateLimiter,
        mut now: DateTime<Utc>,
        count: i64,
        took: TimeDelta,
    ) -> DateTime<Utc> {
        for chat in 0..count {
            now = now.max(pace.ready_at(now).unwrap());
            let ticket = pace.start(ChatId(1_000_000 + chat), now);
            now = ticket.send_at + took;
            pace.finish(&ticket, &SendOutcome::Sent(1), now);
        }
        now
    }

    /// How many may be in flight at a time.
    fn room(pace: &RateLimiter, mut now: DateTime<Utc>) -> usize {
        let mut pace = pace.clone();
        for chat in 0.. {
            match pace.ready_at(now) {
                Some(at) if at < now + TimeDelta::seconds(2) => now = now.max(at),
                _ => return chat as usize,
            }
            pace.start(ChatId(chat), now);
        }
        unreachable!("it is bounded")
    }

    #[test]
    fn the_room_in_flight_follows_the_round_trip() {
        let (pace, now) = begun(30.0);
        assert_eq!(
            room(&pace, now),
            8,
            "at first 100 ms and twice 50 ms of straying are taken for it"
        );
        for (took, expected) in [(20, 3..=4), (200, 8..=9), (1000, 30..=32)] {
            let mut pace = pace.clone();
            let now = answered(&mut pace, now, 100, ms(took));
            let room = room(&pace, now);
            assert!(expected.contains(&room), "{room} at {took} ms");
        }
        // Failures of the network say nothing about how long an answer takes.
        let mut failed = pace.clone();
        let ticket = failed.start(ChatId(1), now);
        failed.finish(
            &ticket,
            &SendOutcome::Unanswered("lost".into()),
            now + TimeDelta::seconds(3),
        );
        assert_eq!(failed.round_trip_s, pace.round_trip_s);
        // What strays needs room as well.
        let mut steady = pace.clone();
        let mut straying = pace.clone();
        let mut at = now;
        for n in 0..100 {
            at = answered(&mut straying, at, 1, ms(if n % 2 == 0 { 20 } else { 380 }));
        }
        let steady_at = answered(&mut steady, now, 100, ms(200));
        assert!(room(&straying, at) > room(&steady, steady_at) + 4);
    }

    #[test]
    fn a_send_that_hangs_gives_its_room_back_three_seconds_after_its_start() {
        let (mut pace, now) = begun(30.0);
        let now = answered(&mut pace, now, 50, ms(20));
        let mut at = now;
        let mut first_at = None;
        let mut sent = Vec::new();
        while let Some(ready_at) = pace.ready_at(at).filter(|ready_at| *ready_at < at + ms(100)) {
            at = at.max(ready_at);
            let ticket = pace.start(ChatId(sent.len() as i64), at);
            first_at.get_or_insert(ticket.send_at);
            sent.push(ticket);
        }
        assert_eq!(pace.ready_at(at), None, "nobody was answered since, so nothing hangs");
        let last = sent.pop().unwrap();
        let (send_at, answer_at) = (last.send_at, last.send_at + ms(20));
        pace.finish(&last, &SendOutcome::Sent(1), answer_at);
        assert!(pace.ready_at(answer_at).is_some_and(|at| at <= send_at + ms(100)));
        let refill = pace.start(ChatId(99), answer_at + ms(40));
        assert_eq!(pace.ready_at(answer_at + ms(40)), first_at.map(|at| at + STUCK_AFTER));
        pace.finish(&refill, &SendOutcome::Sent(1), answer_at + ms(60));
    }

    #[test]
    fn it_counts_as_answered_from_an_answer_to_the_next_failure() {
        let (mut pace, now) = begun(30.0);
        assert!(!pace.is_answered());
        let lost = || SendOutcome::Unanswered("lost".into());
        let refused = SendOutcome::Refused("no".into());
        for (outcome, is_answered) in [
            (lost(), false),
            (SendOutcome::Sent(1), true),
            (lost(), false),
            (lost(), false),
            (refused, true),
            (SendOutcome::ServerError("500".into()), false),
        ] {
            let ticket = pace.start(ChatId(1), now);
            pace.finish(&ticket, &outcome, now);
            assert_eq!(pace.is_answered(), is_answered, "{outcome:?}");
        }
    }

    #[test]
    fn a_batch_is_what_is_due_within_twenty_milliseconds_and_has_room() {
        let (pace, now) = begun(30.0);
        assert_eq!(pace.batch_size(now), 1);
        let (mut pace, now) = begun(1000.0);
        // 915 a second at the start, and a gap's lateness made up for.
        assert_eq!(pace.batch_size(now), 19);
        for chat in 0..10 {
            pace.start(ChatId(chat), now);
        }
        assert_eq!(pace.batch_size(now), 9);
        let at = now + ms(1000);
        for chat in 0..IN_FLIGHT_MAX as i64 {
            pace.start(ChatId(chat), now);
        }
        assert_eq!(pace.ready_at(at), None);
        let (mut pace, now) = begun(1000.0);
        let room = room(&pace, now);
        assert_eq!(room, 203, "915 a second, for 220 ms, and one");
        for chat in 0..room as i64 - 5 {
            pace.start(ChatId(chat), now);
        }
        assert_eq!(pace.batch_size(now + ms(2000)), 5, "no more than there is room for");
    }

    #[test]
    fn what_an_earlier_process_sent_counts_and_the_first_chat_that_is_free_is_waited_for() {
        let (mut pace, now) = begun(30.0);
        for n in 0..20 {
            pace.record_past_send(ChatId(-7), now - ms(40_000 - n * 1000));
        }
        pace.record_past_send(ChatId(7), now - ms(500));
        assert_eq!(pace.blocked_chats(now), [ChatId(-7), ChatId(7)]);
        assert_eq!(pace.first_freed_at(now), Some(now - ms(500) + CHAT_GAP));
        let at = now - ms(500) + CHAT_GAP;
        assert_eq!(pace.first_freed_at(at), Some(now - ms(40_000) + MINUTE));
        assert_eq!(pace.blocked_chats(at), [ChatId(-7)], "free at that very moment");
        assert_eq!(pace.first_freed_at(at), Some(now - ms(40_000) + MINUTE));
        assert_eq!(pace.blocked_chats(now + ms(61_000)), []);
        assert!(pace.chats.is_empty(), "nothing is remembered that is not needed");
        assert_eq!(pace.first_freed_at(now + ms(61_000)), None);
    }

    #[test]
    fn single_failures_pause_nobody_and_three_in_a_row_everybody() {
        let (mut pace, now) = begun(30.0);
        let mut pauses = Vec::new();
        for _ in 0..5 {
            let at = now.max(pace.ready_at(now).unwrap());
            let ticket = pace.start(ChatId(1), at);
            pace.finish(&ticket, &SendOutcome::ServerError("500".into()), at);
            pauses.push((pace.ready_at(at).unwrap() - at).num_milliseconds() / 1000);
        }
        assert_eq!(pauses, [0, 0, 4, 8, 15]);
        assert_eq!(pace.max_in_flight(), 1, "one is sent to find out");
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_wait_longer() {
        let hour = TimeDelta::hours(1);
        let (mut pace, now) = begun(30.0);
        answered(&mut pace, now, 3, ms(50));
        pace.record_past_send(ChatId(7), now);
        let ticket = pace.start(ChatId(1), now + ms(500));
        let wait = std::time::Duration::from_secs(9);
        pace.finish(&ticket, &SendOutcome::RetryAfter(wait), now + ms(500));
        let ticket = pace.start(ChatId(2), now + ms(600));
        pace.finish(&ticket, &SendOutcome::RetryAfter(wait), now + ms(600));
        let hanging = pace.start(ChatId(3), now + ms(700));
        let mut set = pace.clone();
        set.clock_moved_back(hour);
        let at = now + ms(800);
        assert_eq!(set.ready_at(at - hour), pace.ready_at(at).map(|at| at - hour));
        assert_eq!(set.first_freed_at(at - hour), pace.first_freed_at(at).map(|at| at - hour));
        assert_eq!(set.blocked_chats(at - hour), pace.blocked_chats(at));
        assert_eq!(set.answered_at, pace.answered_at.map(|at| at - hour));
        assert_eq!(set.cut.map(|(at, _)| at), pace.cut.map(|(at, _)| at - hour));
        assert_eq!(set.complained.map(|(at, _)| at), pace.complained.map(|(at, _)| at - hour));
        assert_eq!(set.in_flight[&hanging.number], pace.in_flight[&hanging.number] - hour);
    }

    /// A pace that has learnt this, at thirty a second.
    fn taught(share: f64, ceiling: Option<f64>, clean: u32) -> (RateLimiter, DateTime<Utc>) {
        let lesson =
            RateEstimate { per_second: 30.0, fraction: share, ceiling, clean_sends: clean };
        (RateLimiter::new(30.0, Some(lesson), start()), start() + TimeDelta::seconds(5))
    }

    fn assert_share(pace: &RateLimiter, expected: f64) {
        let share = pace.estimate().fraction;
        assert!((share - expected).abs() < 1e-9, "{share}, and not {expected}");
    }

    /// Telegram complains of a message to a chat, sent and answered at these times.
    fn complained(pace: &mut RateLimiter, chat: i64, sent_at: DateTime<Utc>, now: DateTime<Utc>) {
        let ticket = Permit { number: 0, chat: ChatId(chat), send_at: sent_at };
        let wait = std::time::Duration::from_secs(1);
        pace.finish(&ticket, &SendOutcome::RetryAfter(wait), now);
    }

    #[test]
    fn the_rate_rises_with_every_second_s_worth_of_messages_up_to_what_was_complained_of() {
        let risen = |share, ceiling, clean, messages| {
            let (mut pace, now) = taught(share, ceiling, clean);
            answered(&mut pace, now, messages, ms(1));
            pace
        };
        assert_share(&risen(0.5, None, 0, 30), 0.524);
        assert_share(&risen(START_FRACTION, None, 0, 30), START_FRACTION + 0.0024);
        assert_share(&risen(0.98, None, 0, 300), TOP_FRACTION);
        assert_share(&risen(0.93, Some(0.96), 0, 300), 0.96 * 0.98);
        // After a thousand seconds without a complaint the ceiling is tried again, and not before.
        let pace = risen(0.96 * 0.98, Some(0.96), 30_000 - 1, 1);
        assert_eq!((pace.estimate().ceiling, pace.estimate().clean_sends), (Some(0.96), 30_000));
        let pace = risen(0.96 * 0.98, Some(0.96), 30_000, 1);
        assert_eq!(pace.estimate().ceiling, None);
        assert_share(&pace, 0.96 * 0.98 + INCREASE / 30.0);
        // What was learnt at another rate says nothing.
        let other = RateEstimate { per_second: 20.0, fraction: 0.3, ceiling: None, clean_sends: 0 };
        assert_share(&RateLimiter::new(30.0, Some(other), start()), START_FRACTION);
    }

    #[test]
    fn a_complaint_cuts_the_rate_once_for_all_that_was_on_its_way() {
        let (mut pace, now) = taught(0.96, None, 500);
        complained(&mut pace, 1, now, now + ms(80));
        assert_share(&pace, START_FRACTION);
        assert_eq!((pace.estimate().ceiling, pace.estimate().clean_sends), (Some(0.96), 0));
        complained(&mut pace, 2, now + ms(90), now + ms(300));
        assert_share(&pace, START_FRACTION);
        // A little above the start's share it comes down below what was too fast.
        let (mut pace, now) = taught(0.92, None, 0);
        complained(&mut pace, 1, now, now);
        assert_share(&pace, 0.92 * 0.98);

        // At the start's share or less by a part, and by more when it turns out to be everybody's.
        let (mut pace, now) = taught(START_FRACTION, Some(0.96), 0);
        complained(&mut pace, 1, now, now);
        assert_share(&pace, START_FRACTION * DECREASE_ONE);
        assert_eq!(pace.estimate().ceiling, Some(CEILING_MIN));
        assert_eq!(pace.frozen_until_at, None);
        complained(&mut pace, 2, now, now + ms(999));
        assert_share(&pace, START_FRACTION * DECREASE_ALL);
        assert_eq!(pace.frozen_until_at, Some(now + ms(1999)));
        complained(&mut pace, 3, now, now + ms(1200));
        assert_share(&pace, START_FRACTION * DECREASE_ALL);
        // What was sent three seconds after a cut (the last was at 999 ms) is another incident.
        complained(&mut pace, 4, now + ms(3998), now + ms(6000));
        assert_share(&pace, START_FRACTION * DECREASE_ALL);
        complained(&mut pace, 5, now + ms(3999), now + ms(9000));
        assert_share(&pace, START_FRACTION * DECREASE_ALL * DECREASE_ONE);
    }

    #[test]
    fn a_chat_that_is_told_to_wait_over_and_over_is_its_own_matter() {
        let (mut pace, now) = taught(0.9, None, 0);
        complained(&mut pace, 1, now, now);
        assert_share(&pace, 0.9 * DECREASE_ONE);
        complained(&mut pace, 1, now + ms(5000), now + ms(5000));
        complained(&mut pace, 1, now + ms(9000), now + ms(9000));
        assert_share(&pace, 0.9 * DECREASE_ONE);
        // Another one a full second later is not everybody's yet.
        complained(&mut pace, 2, now + ms(9900), now + ms(10_000));
        assert_share(&pace, 0.9 * DECREASE_ONE * DECREASE_ONE);
        assert_eq!(pace.frozen_until_at, None);
    }

    #[test]
    fn where_nobody_answers_all_wait_longer_each_time() {
        let mut pace = RateLimiter::new(30.0, None, start());
        let mut now = start() + TimeDelta::seconds(5);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let ticket = pace.start(ChatId(1), now);
            pace.finish(&ticket, &SendOutcome::NotSent("refused".into()), now);
            let next = pace.ready_at(now).unwrap();
            pauses.push((next - now).num_seconds());
            now = next;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
    }
}
