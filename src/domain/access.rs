//! What the operator permits: who may add pages, who decides for the operator, and the limits.
//!
//! Guarantees: pure.
//! Out of scope: what an admin of a chat may do (`bot::permission`).

use super::UserId;
use chrono::TimeDelta;

/// Who may add a page by its address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchPermission {
    /// Every user.
    Everyone,
    /// The owner and the operator's admins.
    Admins,
    /// The owner.
    #[default]
    Owner,
    /// No user.
    Off,
}

/// What the operator permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPolicy {
    /// Who may add a page by its address.
    pub watch: WatchPermission,
    /// The user ID of the owner.
    pub owner: Option<UserId>,
    /// The user IDs of the operator's admins.
    pub admins: Vec<UserId>,
    /// The most subscriptions of a chat, all its topics together.
    pub subscriptions_max: usize,
    /// The most pages that users may add, all together.
    pub watched_max: usize,
    /// How long an unchanged list is held if no one decides.
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
    /// Returns the users who are notified on behalf of the operator: the owner, else the operator's
    /// admins.
    pub fn operators(&self) -> Vec<UserId> {
        self.owner.map_or_else(|| self.admins.clone(), |owner| vec![owner])
    }

    /// Whether a user may decide for the operator.
    pub fn is_operator(&self, user_id: Option<UserId>) -> bool {
        user_id.is_some_and(|id| self.owner == Some(id) || self.admins.contains(&id))
    }

    /// Whether a user may add a page; `None` is an anonymous admin or a channel.
    pub fn may_watch(&self, user_id: Option<UserId>) -> bool {
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
    fn only_permitted_users_may_add_pages() {
        let may = |watch, user: Option<i64>| {
            let policy = AccessPolicy {
                watch,
                owner: Some(UserId(1)),
                admins: vec![UserId(2)],
                ..AccessPolicy::default()
            };
            policy.may_watch(user.map(UserId))
        };
        let users = [Some(1), Some(2), Some(3), None];
        let cases = [
            (WatchPermission::Everyone, [true, true, true, true]),
            (WatchPermission::Admins, [true, true, false, false]),
            (WatchPermission::Owner, [true, false, false, false]),
            (WatchPermission::Off, [false, false, false, false]),
        ];
        for (watch, expected) in cases {
            assert_eq!(users.map(|user| may(watch, user)), expected, "{watch:?}");
        }
        assert!(!AccessPolicy::default().may_watch(None));
    }
}
