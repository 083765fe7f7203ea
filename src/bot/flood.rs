//! Whoever asks too much in a group is not heard for a while, so that the others can talk.
//!
//! Promises: bounded memory; private chats are not counted here, since their answers wait in line anyway.

use crate::domain::ChatId;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What one person may ask of the bot in one group at once, and how long until he may ask once more.
const BURST: f64 = 8.0;
const REFILL_S: f64 = 5.0;
/// People that are remembered.
const KNOWN_MAX: usize = 10_000;

/// Who asked how much lately.
#[derive(Debug, Default)]
pub(super) struct Flood {
    left: BTreeMap<(ChatId, i64), (f64, DateTime<Utc>)>,
}

impl Flood {
    /// Counts what somebody asks in a group; whether he is heard.
    pub fn admits(&mut self, chat: ChatId, user_id: i64, now: DateTime<Utc>) -> bool {
        if self.left.len() >= KNOWN_MAX {
            // Whoever could be full again is as good as unknown.
            let is_full = |at: &DateTime<Utc>| (now - *at).as_seconds_f64() > BURST * REFILL_S;
            self.left.retain(|_, (_, at)| !is_full(at));
            if self.left.len() >= KNOWN_MAX {
                self.left.clear();
            }
        }
        let (left, at) = self.left.entry((chat, user_id)).or_insert((BURST, now));
        let since_s = (now - *at).as_seconds_f64().max(0.0);
        *left = (*left + since_s / REFILL_S).min(BURST);
        *at = now;
        let is_heard = *left >= 1.0;
        if is_heard {
            *left -= 1.0;
        }
        is_heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn who_asks_too_much_is_not_heard_for_a_while_and_others_are() {
        let mut flood = Flood::default();
        let now = DateTime::UNIX_EPOCH;
        let heard = (0..20).filter(|_| flood.admits(ChatId(-1), 7, now)).count();
        assert_eq!(heard, 8);
        assert!(flood.admits(ChatId(-1), 8, now) && flood.admits(ChatId(-2), 7, now));
        assert!(!flood.admits(ChatId(-1), 7, now + TimeDelta::seconds(4)));
        assert!(flood.admits(ChatId(-1), 7, now + TimeDelta::seconds(6)));
        // A clock that is set back takes nothing away.
        assert!(!flood.admits(ChatId(-1), 7, now - TimeDelta::hours(1)));
    }

    #[test]
    fn not_everybody_is_remembered() {
        let mut flood = Flood::default();
        for user in 0..25_000 {
            assert!(flood.admits(ChatId(-1), user, DateTime::UNIX_EPOCH));
        }
        assert!(flood.left.len() <= KNOWN_MAX);
    }
}
