//! How the sandbox counts messages against Telegram's limits.
//!
//! Telegram does not say how it counts over all chats, so four ways are here; each lets so many a
//! second pass in the long run, and they differ in what they make of an uneven second.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, VecDeque};

const SECOND: TimeDelta = TimeDelta::seconds(1);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// The span in which a burst to one chat passes.
const BURST: TimeDelta = TimeDelta::seconds(3);
/// Chats that are remembered before those are dropped that have been quiet.
const CHATS_MIN: usize = 1000;

/// A way of counting messages over all chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// A bucket that holds a second's worth and is filled evenly.
    TokenBucket,
    /// Every full second anew.
    FixedWindow,
    /// Within any second.
    SlidingWindow,
    /// Within any second, and what is refused counts as well: whoever does not stop stays out.
    Punishing,
}

impl Counting {
    /// All of them.
    pub const ALL: [Counting; 4] = [
        Counting::TokenBucket,
        Counting::FixedWindow,
        Counting::SlidingWindow,
        Counting::Punishing,
    ];
}

/// The limits, and what was sent lately.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Messages a second, over all chats.
    pub per_second: usize,
    /// How these are counted.
    pub counting: Counting,
    /// Messages within any three seconds to one chat: one a second, where a short burst passes.
    pub per_chat_burst: usize,
    /// Messages within any minute to one group or channel.
    pub per_minute: usize,
    /// Messages that were too many, so far.
    pub refused: u64,
    /// Of a window: the messages in it. Of a bucket: nothing.
    all: VecDeque<DateTime<Utc>>,
    /// What is in the bucket, and when that was so.
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
    /// Telegram's limits with this rate over all chats, counted in this way.
    pub fn new(per_second: usize, counting: Counting) -> Self {
        Limits { per_second, counting, ..Limits::default() }
    }

    /// Counts a message, or says in how many seconds it may come again.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn count(&mut self, chat: i64, now: DateTime<Utc>) -> Result<(), i64> {
        self.pass(chat, now).inspect_err(|_| self.refused += 1)
    }

    fn pass(&mut self, chat: i64, now: DateTime<Utc>) -> Result<(), i64> {
        if self.chats.len() >= self.chats_max {
            self.chats.retain(|_, sent| sent.back().is_some_and(|at| *at > now - MINUTE));
            self.chats_max = (self.chats.len() * 2).max(CHATS_MIN);
        }
        let sent = self.chats.entry(chat).or_default();
        drop_before(sent, now - MINUTE);
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

    /// Counts a message over all chats; whether it may pass.
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
                drop_before(&mut self.all, now - SECOND);
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

fn drop_before(sent: &mut VecDeque<DateTime<Utc>>, at: DateTime<Utc>) {
    while sent.front().is_some_and(|first| *first <= at) {
        sent.pop_front();
    }
}
