//! The rate limits of the sandbox, in four variants.
//!
//! Telegram does not document how it counts messages over all chats. Each variant allows the same rate
//! in the long run; they differ in how they treat bursts within a second.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, VecDeque};

const SECOND: TimeDelta = TimeDelta::seconds(1);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// The window of the limit for bursts to one chat.
const BURST: TimeDelta = TimeDelta::seconds(3);
/// Tracked chats above which idle ones are dropped.
const CHATS_MIN: usize = 1000;

/// How messages over all chats are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// A token bucket with a capacity of one second.
    TokenBucket,
    /// A window for each full second.
    FixedWindow,
    /// A window of one second.
    SlidingWindow,
    /// A window of one second in which refused messages count as well, so that a sender who does not
    /// slow down stays blocked.
    Punishing,
}

impl Counting {
    /// All variants.
    pub const ALL: [Counting; 4] = [
        Counting::TokenBucket,
        Counting::FixedWindow,
        Counting::SlidingWindow,
        Counting::Punishing,
    ];
}

/// The limits, and recent messages.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Messages a second, over all chats.
    pub per_second: usize,
    /// How the messages over all chats are counted.
    pub counting: Counting,
    /// Messages to one chat within three seconds: one a second, with short bursts.
    pub per_chat_burst: usize,
    /// Messages to one group or channel within a minute.
    pub per_minute: usize,
    /// Refused messages so far.
    pub refused: u64,
    /// The messages in the window; unused for the token bucket.
    all: VecDeque<DateTime<Utc>>,
    /// The tokens in the bucket, and when they were counted.
    bucket: Option<(f64, DateTime<Utc>)>,
    chats: BTreeMap<i64, VecDeque<DateTime<Utc>>>,
    chats_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            per_second: 30,
            counting: Counting::SlidingWindow,
            per_chat_burst: 3,
            per_minute: 20,
            refused: 0,
            all: VecDeque::new(),
            bucket: None,
            chats: BTreeMap::new(),
            chats_max: CHATS_MIN,
        }
    }
}

impl Limits {
    /// Telegram's limits, with this rate over all chats.
    pub fn new(per_second: usize, counting: Counting) -> Self {
        Limits { per_second, counting, ..Limits::default() }
    }

    /// Counts a message.
    ///
    /// # Errors
    /// The seconds to wait if it exceeds a limit.
    pub fn count(&mut self, chat: i64, now: DateTime<Utc>) -> Result<(), i64> {
        self.pass(chat, now).inspect_err(|_| self.refused += 1)
    }

    fn pass(&mut self, chat: i64, now: DateTime<Utc>) -> Result<(), i64> {
        if self.chats.len() >= self.chats_max {
            self.chats.retain(|_, sent| sent.back().is_some_and(|at| *at > now - MINUTE));
            self.chats_max = (self.chats.len() * 2).max(CHATS_MIN);
        }
        let sent = self.chats.entry(chat).or_default();
        drop_until(sent, now - MINUTE);
        let wait = |at: DateTime<Utc>, span: TimeDelta| (at + span - now).num_seconds() + 1;
        if chat < 0 && sent.len() >= self.per_minute {
            return Err(wait(sent[sent.len() - self.per_minute], MINUTE));
        }
        let recent = sent.iter().filter(|at| **at > now - BURST).count();
        if recent >= self.per_chat_burst {
            return Err(wait(sent[sent.len() - self.per_chat_burst], BURST));
        }
        if !self.count_all(now) {
            return Err(1);
        }
        self.chats.entry(chat).or_default().push_back(now);
        Ok(())
    }

    /// Counts a message over all chats, and returns whether it may pass.
    fn count_all(&mut self, now: DateTime<Utc>) -> bool {
        let size = self.per_second;
        match self.counting {
            Counting::TokenBucket => {
                let size = size as f64;
                let (held, at) = self.bucket.unwrap_or((size, now));
                let held = (held + (now - at).as_seconds_f64().max(0.0) * size).min(size);
                let passes = held >= 1.0;
                self.bucket = Some((if passes { held - 1.0 } else { held }, now));
                return passes;
            }
            Counting::FixedWindow => {
                let second = now.timestamp();
                self.all.retain(|at| at.timestamp() == second);
            }
            Counting::SlidingWindow | Counting::Punishing => {
                drop_until(&mut self.all, now - SECOND);
            }
        }
        let passes = self.all.len() < size;
        if passes {
            self.all.push_back(now);
        } else if self.counting == Counting::Punishing {
            self.all.push_back(now);
            self.all.pop_front();
        }
        passes
    }
}

fn drop_until(sent: &mut VecDeque<DateTime<Utc>>, at: DateTime<Utc>) {
    while sent.front().is_some_and(|first| *first <= at) {
        sent.pop_front();
    }
}
