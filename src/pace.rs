//! Which messages may go now. Pure: the time is an argument, nothing here sleeps.
//!
//! Promises: sends are spread evenly, never in bursts, at most so many a second over all; one a
//! second to a chat; twenty a minute to a group or channel; a chat that Telegram told to wait
//! waits alone, and when several are told so at once, everybody waits. The rate comes down at
//! once when Telegram complains and rises slowly while it does not, never above the setting.
//! No more sends are in flight than the rate needs, since each of them may be repeated after a
//! crash; one that hangs does not count.
//! Leaves out: what is to be sent, and in which order (`store`, `dispatcher`).

use crate::domain::{ChatId, SendOutcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, VecDeque};

/// Messages a minute to a group or channel.
const PER_MINUTE: usize = 20;
/// The minute in which these are counted, with a margin for the way to Telegram.
const MINUTE: TimeDelta = TimeDelta::milliseconds(61_000);
/// The time between two messages to one chat.
const CHAT_GAP: TimeDelta = TimeDelta::milliseconds(1_050);
/// The share of the setting that it starts with, and the share that it may rise to. In any second
/// of a steady rate there may be one message more than the rate says, and one more to make up for
/// lateness: at the top there is room for both, however Telegram counts.
const START_SHARE: f64 = 0.9;
const TOP_SHARE: f64 = 0.93;
/// The share of the rate that is kept when Telegram complains, and the least rate.
const CUT: f64 = 0.75;
const RATE_MIN: f64 = 1.0;
/// What the rate gains with every message while nothing complains, as a share of the setting.
const RISE: f64 = 0.0002;
/// Two chats told to wait within this time mean that the limit is everybody's.
const ALL_WINDOW: TimeDelta = TimeDelta::milliseconds(1_000);
/// A send that has no answer for so long does not count as in flight any more.
const HANGS_AFTER: TimeDelta = TimeDelta::milliseconds(3_000);
/// The most sends in flight, hanging ones included.
const IN_FLIGHT_MAX: usize = 64;
/// Failures in a row, of whatever chats, after which all sending pauses.
const TROUBLE_MIN: u32 = 3;
/// The longest of these pauses.
const PAUSE_MAX_S: i64 = 15;

/// The state of pacing: what was sent lately, and what Telegram said to it.
#[derive(Clone, Debug)]
pub struct Pace {
    setting: f64,
    rate: f64,
    next_at: DateTime<Utc>,
    frozen_until_at: Option<DateTime<Utc>>,
    chats: BTreeMap<ChatId, ChatPace>,
    in_flight: BTreeMap<u64, DateTime<Utc>>,
    last_ticket: u64,
    /// The usual time from sending to the answer, in seconds.
    round_trip_s: f64,
    /// Failures of Telegram or the network in a row.
    trouble: u32,
    complained: Option<(DateTime<Utc>, ChatId)>,
}

#[derive(Clone, Debug, Default)]
struct ChatPace {
    /// When the next message may go.
    next_at: Option<DateTime<Utc>>,
    /// When messages of the last minute went (groups and channels only).
    minute: VecDeque<DateTime<Utc>>,
}

/// A send that was let go; handed back when its outcome is known.
#[derive(Debug)]
pub struct Ticket {
    number: u64,
    chat: ChatId,
    started_at: DateTime<Utc>,
}

impl Pace {
    /// A pace of at most `per_second` messages over all chats, from `now` on. The second before
    /// counts as full: a process that ended just now may have filled it.
    pub fn new(per_second: f64, now: DateTime<Utc>) -> Self {
        Pace {
            setting: per_second,
            rate: (per_second * START_SHARE).max(RATE_MIN.min(per_second)),
            next_at: now + TimeDelta::seconds(1),
            frozen_until_at: None,
            chats: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            last_ticket: 0,
            round_trip_s: 0.1,
            trouble: 0,
            complained: None,
        }
    }

    /// Counts a message that went before this pace was made (read from the store at the start).
    pub fn remember(&mut self, chat: ChatId, sent_at: DateTime<Utc>) {
        self.chats.entry(chat).or_default().count(chat, sent_at);
    }

    /// Messages a second at the moment.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// When the next send may start: now, later, or (`None`) not before one in flight is answered.
    pub fn ready_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            return None;
        }
        let at = self.next_at.max(self.frozen_until_at.unwrap_or(self.next_at));
        let lively =
            |at: DateTime<Utc>| self.in_flight.values().filter(move |s| **s + HANGS_AFTER > at);
        if lively(at.max(now)).count() < self.window() {
            return Some(at);
        }
        // When the oldest of them will have hung so long that it does not count any more.
        let excess = lively(now).count().saturating_sub(self.window());
        let mut starts: Vec<_> = lively(now).copied().collect();
        starts.sort();
        starts.get(excess).map(|started_at| at.max(*started_at + HANGS_AFTER))
    }

    /// The chats that nothing may be sent to now.
    pub fn held(&mut self, now: DateTime<Utc>) -> Vec<ChatId> {
        self.chats.retain(|_, chat| !chat.is_idle(now));
        let held = self.chats.iter().filter(|(_, chat)| chat.free_at().is_some_and(|at| at > now));
        held.map(|(id, _)| *id).collect()
    }

    /// The first time at which a chat that is held now is free again.
    pub fn first_freed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.chats.values().filter_map(ChatPace::free_at).filter(|at| *at > now).min()
    }

    /// Counts a send that starts now.
    pub fn start(&mut self, chat: ChatId, now: DateTime<Utc>) -> Ticket {
        let gap = TimeDelta::microseconds((1_000_000.0 / self.rate) as i64);
        // A little lateness is made up for, so that the clock's grain does not slow the rate.
        self.next_at = self.next_at.max(now - gap) + gap;
        self.chats.entry(chat).or_default().count(chat, now);
        self.last_ticket += 1;
        self.in_flight.insert(self.last_ticket, now);
        Ticket { number: self.last_ticket, chat, started_at: now }
    }

    /// Learns from the outcome of a send.
    pub fn finish(&mut self, ticket: &Ticket, outcome: &SendOutcome, now: DateTime<Utc>) {
        self.in_flight.remove(&ticket.number);
        let is_answer = !matches!(outcome, SendOutcome::NotSent(_) | SendOutcome::Unanswered(_));
        if is_answer {
            let took_s = (now - ticket.started_at).as_seconds_f64().clamp(0.0, 3.0);
            self.round_trip_s += (took_s - self.round_trip_s) * 0.1;
        }
        match outcome {
            SendOutcome::RetryAfter(wait) => self.complain(ticket.chat, *wait, now),
            SendOutcome::NotSent(_) | SendOutcome::Unanswered(_) | SendOutcome::ServerError(_) => {
                self.trouble = self.trouble.saturating_add(1);
                // Nobody listens: the next would fail as well. Otherwise it may be this message.
                let nobody = matches!(outcome, SendOutcome::NotSent(_));
                if nobody || self.trouble >= TROUBLE_MIN {
                    let doublings = self.trouble.min(10) - u32::from(self.trouble > 0);
                    let pause_s = (1i64 << doublings).min(PAUSE_MAX_S);
                    self.freeze(now + TimeDelta::seconds(pause_s));
                }
            }
            _ => {
                self.trouble = 0;
                self.rate = (self.rate + self.setting * RISE)
                    .min(self.setting * TOP_SHARE)
                    .max(RATE_MIN.min(self.setting));
            }
        }
    }

    /// Telegram told a chat to wait.
    fn complain(&mut self, chat: ChatId, wait: std::time::Duration, now: DateTime<Utc>) {
        let until_at = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1));
        let pace = self.chats.entry(chat).or_default();
        pace.next_at = pace.next_at.max(Some(until_at));
        let of_others = self.complained.is_some_and(|(at, c)| c != chat && now - at < ALL_WINDOW);
        if of_others {
            self.freeze(until_at);
        }
        if self.complained.is_none_or(|(at, _)| now - at >= ALL_WINDOW) || of_others {
            self.rate = (self.rate * CUT).max(RATE_MIN.min(self.setting));
        }
        self.complained = Some((now, chat));
    }

    fn freeze(&mut self, until_at: DateTime<Utc>) {
        self.frozen_until_at = self.frozen_until_at.max(Some(until_at));
    }

    /// How many sends may be in flight: what the rate needs for the round trip, and one. After
    /// failures just one, which finds out whether all is well again.
    fn window(&self) -> usize {
        if self.trouble >= TROUBLE_MIN {
            return 1;
        }
        (self.rate * self.round_trip_s).ceil() as usize + 1
    }
}

impl ChatPace {
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
        let mut pace = Pace::new(per_second, start());
        let mut sent = Vec::new();
        let mut flying: VecDeque<(DateTime<Utc>, Ticket)> = VecDeque::new();
        let mut now = start();
        while now < start() + TimeDelta::seconds(seconds) {
            while flying.front().is_some_and(|(at, _)| *at <= now) {
                if let Some((at, ticket)) = flying.pop_front() {
                    pace.finish(&ticket, &SendOutcome::Sent(1), at);
                }
            }
            let held = pace.held(now);
            let free = chats.iter().find(|chat| !held.contains(&ChatId(**chat)));
            if let (Some(chat), true) = (free, pace.ready_at(now).is_some_and(|at| at <= now)) {
                let ticket = pace.start(ChatId(*chat), now);
                flying.push_back((now + TimeDelta::milliseconds(took_ms), ticket));
                sent.push((*chat, now));
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
        let mut pace = Pace::new(30.0, start());
        let now = start() + TimeDelta::seconds(5);
        let told = SendOutcome::RetryAfter(std::time::Duration::from_secs(30));
        let ticket = pace.start(ChatId(1), now);
        pace.finish(&ticket, &told, now);
        let later = now + TimeDelta::milliseconds(500);
        assert_eq!(pace.held(later), [ChatId(1)]);
        assert!(pace.ready_at(later).is_some_and(|at| at <= later));
        let ticket = pace.start(ChatId(2), later);
        pace.finish(&ticket, &told, later);
        assert!(pace.ready_at(later).is_some_and(|at| at >= later + TimeDelta::seconds(30)));
    }

    #[test]
    fn where_nobody_answers_all_wait_longer_each_time() {
        let mut pace = Pace::new(30.0, start());
        let mut now = start() + TimeDelta::seconds(5);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let ticket = pace.start(ChatId(1), now);
            pace.finish(&ticket, &SendOutcome::NotSent("refused".into()), now);
            let next = pace.ready_at(now).unwrap();
            pauses.push((next - now).num_seconds());
            now = next;
        }
        assert!(pauses.is_sorted() && pauses[0] >= 1 && pauses[5] == PAUSE_MAX_S, "{pauses:?}");
    }
}
