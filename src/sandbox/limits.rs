//! How the sandbox counts messages against Telegram's limits.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, VecDeque};

/// The limits, and what was sent lately.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Messages within any second, over all chats.
    pub per_second: usize,
    /// Messages within any three seconds to one chat: one a second, where a short burst passes.
    pub per_chat_burst: usize,
    /// Messages within any minute to one group or channel.
    pub per_minute: usize,
    all: VecDeque<DateTime<Utc>>,
    chats: BTreeMap<i64, VecDeque<DateTime<Utc>>>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            per_second: 30,
            per_chat_burst: 3,
            per_minute: 20,
            all: VecDeque::new(),
            chats: BTreeMap::new(),
        }
    }
}

impl Limits {
    /// Counts a message, or says in how many seconds it may come again.
    pub(super) fn count(&mut self, chat: i64, now: DateTime<Utc>) -> Result<(), i64> {
        let second = TimeDelta::seconds(1);
        let minute = TimeDelta::minutes(1);
        drop_before(&mut self.all, now - second);
        self.chats.retain(|_, sent| sent.back().is_some_and(|at| *at > now - minute));
        let sent = self.chats.entry(chat).or_default();
        drop_before(sent, now - minute);
        let wait = |at: DateTime<Utc>, span: TimeDelta| (at + span - now).num_seconds() + 1;
        if chat < 0 && sent.len() >= self.per_minute {
            return Err(wait(sent[sent.len() - self.per_minute], minute));
        }
        let burst = TimeDelta::seconds(3);
        let recent = sent.iter().filter(|at| **at > now - burst).count();
        if recent >= self.per_chat_burst {
            return Err(wait(sent[sent.len() - self.per_chat_burst], burst));
        }
        if self.all.len() >= self.per_second {
            return Err(wait(self.all[0], second));
        }
        sent.push_back(now);
        self.all.push_back(now);
        Ok(())
    }
}

fn drop_before(sent: &mut VecDeque<DateTime<Utc>>, at: DateTime<Utc>) {
    while sent.front().is_some_and(|first| *first <= at) {
        sent.pop_front();
    }
}
