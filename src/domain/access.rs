//! What the operator lets people do.

use chrono::TimeDelta;

/// Who may have a page watched by its address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchPermission {
    /// Everybody.
    Everyone,
    /// The operator's admins and the owner.
    Admins,
    /// The owner.
    #[default]
    Owner,
    /// Nobody.
    Off,
}

/// What the operator lets people do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPolicy {
    /// Who may have a page watched by its address.
    pub watch: WatchPermission,
    /// The owner, by Telegram's number.
    pub owner: Option<i64>,
    /// The operator's admins, the same.
    pub admins: Vec<i64>,
    /// Sources that a place may be subscribed to.
    pub subscriptions_max: usize,
    /// Pages that people may have watched, all together.
    pub watched_max: usize,
    /// How long a list is held that stays as it is, if nobody decides.
    pub hold_for: TimeDelta,
}

impl Default for AccessPolicy {
    fn default() -> Self {
        AccessPolicy {
            watch: WatchPermission::default(),
            owner: None,
            admins: Vec::new(),
            subscriptions_max: 30,
            watched_max: 200,
            hold_for: TimeDelta::hours(24),
        }
    }
}

impl AccessPolicy {
    /// Who is told what the operator has to know: the owner, else the operator's admins.
    pub fn operators(&self) -> Vec<i64> {
        self.owner.map_or_else(|| self.admins.clone(), |owner| vec![owner])
    }

    /// Whether a person may decide for the operator.
    pub fn is_operator(&self, user_id: Option<i64>) -> bool {
        user_id.is_some_and(|id| self.owner == Some(id) || self.admins.contains(&id))
    }

    /// Whether a person may have a page watched; `None`: whoever speaks for a chat, unnamed.
    pub fn may_watch(&self, user_id: Option<i64>) -> bool {
        let is_owner = user_id.is_some() && user_id == self.owner;
        let is_admin = user_id.is_some_and(|id| self.admins.contains(&id));
        match self.watch {
            WatchPermission::Everyone => true,
            WatchPermission::Admins => is_owner || is_admin,
            WatchPermission::Owner => is_owner,
            WatchPermission::Off => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whom_the_operator_lets_may_have_pages_watched() {
        let may = |watch, user| {
            let policy =
                AccessPolicy { watch, owner: Some(1), admins: vec![2], ..AccessPolicy::default() };
            policy.may_watch(user)
        };
        let people = [Some(1), Some(2), Some(3), None];
        let cases = [
            (WatchPermission::Everyone, [true, true, true, true]),
            (WatchPermission::Admins, [true, true, false, false]),
            (WatchPermission::Owner, [true, false, false, false]),
            (WatchPermission::Off, [false, false, false, false]),
        ];
        for (watch, expected) in cases {
            assert_eq!(people.map(|user| may(watch, user)), expected, "{watch:?}");
        }
        assert!(!AccessPolicy::default().may_watch(None));
    }
}
