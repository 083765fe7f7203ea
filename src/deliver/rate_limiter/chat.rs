//! The limits of a single chat: one message per second, and 20 per minute in groups and channels.

use crate::domain::ChatId;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// Messages per minute to a group or channel.
const PER_MINUTE: usize = 20;
/// The minute in which they are counted, with a margin for the way to Telegram.
pub(super) const MINUTE: TimeDelta = TimeDelta::milliseconds(61_000);
/// The time between two messages to one chat.
pub(super) const CHAT_GAP: TimeDelta = TimeDelta::milliseconds(1_050);

/// The recent messages to a chat.
#[derive(Clone, Debug, Default)]
pub(super) struct ChatLimit {
    /// When the next message may be sent.
    next_at: Option<DateTime<Utc>>,
    /// When the messages of the last minute were sent; of groups and channels only.
    minute: VecDeque<DateTime<Utc>>,
}

impl ChatLimit {
    /// Counts a message.
    pub(super) fn count(&mut self, chat: ChatId, sent_at: DateTime<Utc>) {
        self.next_at = self.next_at.max(Some(sent_at + CHAT_GAP));
        if chat.has_minute_limit() {
            self.minute.push_back(sent_at);
            while self.minute.len() > PER_MINUTE {
                self.minute.pop_front();
            }
        }
    }

    /// Blocks the chat until then, after a 429 response.
    pub(super) fn block_until(&mut self, until_at: DateTime<Utc>) {
        self.next_at = self.next_at.max(Some(until_at));
    }

    /// Returns when the next message may be sent.
    pub(super) fn free_at(&self) -> Option<DateTime<Utc>> {
        let full = self.minute.len() >= PER_MINUTE;
        let minute_at = self.minute.front().filter(|_| full).map(|first| *first + MINUTE);
        self.next_at.max(minute_at)
    }

    /// Whether nothing needs to be remembered about the chat.
    pub(super) fn is_idle(&self, now: DateTime<Utc>) -> bool {
        let free = self.next_at.is_none_or(|at| at <= now);
        free && self.minute.back().is_none_or(|last| *last + MINUTE <= now)
    }

    /// After the clock was set back.
    pub(super) fn clock_moved_back(&mut self, by: TimeDelta) {
        self.next_at.iter_mut().chain(&mut self.minute).for_each(|at| *at -= by);
    }
}
