//! How much each user and each chat may ask of the bot, so that nobody is made to wait by another.
//!
//! Guarantees: whoever exceeds their budget hears it once, and is ignored until a quarter of it has come back;
//! bounded memory. What was asked in one group by one user counts for the group as well; the time that
//! answers took counts for the user.
//! Out of scope: what is never ignored (`intake`).

use crate::domain::{ChatId, ChatKind};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What may be asked at once, and how much of it comes back in a second.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Requests.
    requests: f64,
    requests_per_s: f64,
    /// Time that is spent on answers, in seconds.
    work_s: f64,
    work_per_s: f64,
}

/// What a request costs a user that takes time: so many others.
const SLOW: f64 = 3.0;
/// For one user, over all chats.
const USER: Limit = Limit { requests: 60.0, requests_per_s: 0.5, work_s: 15.0, work_per_s: 0.1 };
/// For one user in one group: the others want to talk.
const MEMBER: Limit = Limit { requests: 8.0, requests_per_s: 0.2, ..USER };
/// For all of a group or a channel together.
const CHAT: Limit = Limit { requests: 120.0, requests_per_s: 2.0, work_s: 30.0, work_per_s: 0.2 };
/// For what one user types inline: a question for each few letters.
const INLINE: Limit = Limit { requests: 40.0, requests_per_s: 1.0, ..USER };
/// How long the time of one answer may have been, at most, as far as it counts: a clock may be set.
const WORK_S_MAX: f64 = 60.0;
/// Accounts that are remembered of each sort.
const BUCKETS_MAX: usize = 10_000;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Requester {
    /// In which chat.
    pub chat: ChatId,
    /// Of what sort it is.
    pub kind: ChatKind,
    /// Who, if they do not speak for the chat.
    pub user_id: Option<i64>,
}

/// Whether somebody is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// They are.
    Yes,
    /// They are not, and are told so.
    Told,
    /// They are not, and were told before.
    No,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    requests: f64,
    work_s: f64,
    at: DateTime<Utc>,
    is_muted: bool,
}

impl Bucket {
    fn refill(&mut self, limit: Limit, now: DateTime<Utc>) {
        // A clock that is set back takes nothing away.
        let since_s = (now - self.at).as_seconds_f64().max(0.0);
        self.requests = (self.requests + since_s * limit.requests_per_s).min(limit.requests);
        // However long an answer took, nobody owes more than a whole budget.
        let work_s = self.work_s.max(-limit.work_s);
        self.work_s = (work_s + since_s * limit.work_per_s).min(limit.work_s);
        self.at = now;
        if self.requests >= limit.requests / 4.0 && self.work_s >= limit.work_s / 4.0 {
            self.is_muted = false;
        }
    }

    fn affords(&self, cost: f64) -> bool {
        self.requests >= cost && self.work_s > 0.0
    }
}

/// The accounts of one sort.
#[derive(Debug)]
struct Buckets<K> {
    limit: Limit,
    all: BTreeMap<K, Bucket>,
}

impl<K: Ord + Copy> Buckets<K> {
    fn new(limit: Limit) -> Self {
        Buckets { limit, all: BTreeMap::new() }
    }

    fn of(&mut self, key: K, now: DateTime<Utc>) -> &mut Bucket {
        let limit = self.limit;
        if self.all.len() >= BUCKETS_MAX {
            // Whoever could be full again is as good as unknown.
            let full_s =
                (limit.requests / limit.requests_per_s).max(limit.work_s / limit.work_per_s);
            self.all.retain(|_, account| (now - account.at).as_seconds_f64() <= full_s);
            if self.all.len() >= BUCKETS_MAX {
                self.all.retain(|_, account| account.is_muted);
            }
            if self.all.len() >= BUCKETS_MAX {
                self.all.clear();
            }
        }
        let Limit { requests, work_s, .. } = limit;
        let account =
            self.all.entry(key).or_insert(Bucket { requests, work_s, at: now, is_muted: false });
        account.refill(limit, now);
        account
    }
}

#[derive(Debug)]
struct AllBuckets {
    users: Buckets<i64>,
    members: Buckets<(ChatId, i64)>,
    chats: Buckets<ChatId>,
    inline: Buckets<i64>,
}

/// The budgets of all. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct UserRateLimiter(Arc<Mutex<AllBuckets>>);

impl Default for UserRateLimiter {
    fn default() -> Self {
        UserRateLimiter(Arc::new(Mutex::new(AllBuckets {
            users: Buckets::new(USER),
            members: Buckets::new(MEMBER),
            chats: Buckets::new(CHAT),
            inline: Buckets::new(INLINE),
        })))
    }
}

impl UserRateLimiter {
    /// Counts a request, which may be one that takes time; whether it is heard.
    pub(super) fn admit(
        &self,
        asker: Requester,
        takes_time: bool,
        now: DateTime<Utc>,
    ) -> Admission {
        self.with(asker, now, |accounts| {
            if let Some(account) = Self::over(accounts, asker, takes_time) {
                let was_muted = std::mem::replace(&mut account.is_muted, true);
                return if was_muted { Admission::No } else { Admission::Told };
            }
            Self::draw(accounts, asker, takes_time);
            Admission::Yes
        })
    }

    /// Counts a request as [`ask`](Self::ask) does, if the budget allows it. Nobody is told that it does not,
    /// and nobody is ignored for it from now on.
    pub(super) fn allows(&self, asker: Requester, takes_time: bool, now: DateTime<Utc>) -> bool {
        self.with(asker, now, |accounts| {
            let is_allowed = Self::over(accounts, asker, takes_time).is_none();
            if is_allowed {
                Self::draw(accounts, asker, takes_time);
            }
            is_allowed
        })
    }

    /// Counts the time that an answer took, in seconds: to whoever asked, not to their group.
    pub(super) fn spend(&self, asker: Requester, work_s: f64, now: DateTime<Utc>) {
        let work_s = work_s.clamp(0.0, WORK_S_MAX);
        self.with(asker, now, |accounts| {
            // Of several the last is the group's.
            let of_user = accounts.len() - usize::from(accounts.len() > 1);
            for account in &mut accounts[..of_user] {
                account.work_s -= work_s;
            }
        });
    }

    /// What a request costs on the account of this number. For the chat it is one as any other.
    fn cost(n: usize, asker: Requester, takes_time: bool) -> f64 {
        match takes_time && n == 0 && asker.user_id.is_some() {
            true => SLOW,
            false => 1.0,
        }
    }

    /// The first account that does not allow a request.
    fn over<'a>(
        accounts: &'a mut [&mut Bucket],
        asker: Requester,
        takes_time: bool,
    ) -> Option<&'a mut Bucket> {
        let mut all = accounts.iter_mut().enumerate();
        let is_over = |n: usize, account: &Bucket| {
            account.is_muted || !account.affords(Self::cost(n, asker, takes_time))
        };
        all.find(|(n, account)| is_over(*n, account)).map(|(_, account)| &mut **account)
    }

    fn draw(accounts: &mut [&mut Bucket], asker: Requester, takes_time: bool) {
        for (n, account) in accounts.iter_mut().enumerate() {
            account.requests -= Self::cost(n, asker, takes_time);
        }
    }

    /// Counts what a user types inline; whether it is answered.
    pub(super) fn allow_inline(&self, user_id: i64, now: DateTime<Utc>) -> bool {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = ledger.inline.of(user_id, now);
        let is_heard = account.affords(1.0);
        if is_heard {
            account.requests -= 1.0;
        }
        is_heard
    }

    /// The accounts that somebody draws on.
    fn with<T>(
        &self,
        asker: Requester,
        now: DateTime<Utc>,
        work: impl FnOnce(&mut [&mut Bucket]) -> T,
    ) -> T {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let AllBuckets { users, members, chats, .. } = &mut *ledger;
        let Requester { chat, kind, user_id } = asker;
        let is_shared = kind != ChatKind::Private;
        let mut accounts = Vec::with_capacity(3);
        accounts.extend(user_id.map(|user_id| users.of(user_id, now)));
        accounts
            .extend(user_id.filter(|_| is_shared).map(|user_id| members.of((chat, user_id), now)));
        if is_shared || user_id.is_none() {
            accounts.push(chats.of(chat, now));
        }
        work(&mut accounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(s: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(s)
    }

    fn private(user_id: i64) -> Requester {
        Requester { chat: ChatId(user_id), kind: ChatKind::Private, user_id: Some(user_id) }
    }

    fn member(chat: i64, user_id: i64) -> Requester {
        Requester { chat: ChatId(chat), kind: ChatKind::Group, user_id: Some(user_id) }
    }

    fn heard(
        budget: &UserRateLimiter,
        asker: Requester,
        times: usize,
        now: DateTime<Utc>,
    ) -> [usize; 3] {
        let mut counts = [0; 3];
        for _ in 0..times {
            match budget.admit(asker, false, now) {
                Admission::Yes => counts[0] += 1,
                Admission::Told => counts[1] += 1,
                Admission::No => counts[2] += 1,
            }
        }
        counts
    }

    #[test]
    fn who_asks_too_much_hears_it_once_and_others_do_not_notice() {
        let budget = UserRateLimiter::default();
        assert_eq!(heard(&budget, private(7), 1000, at(0)), [60, 1, 939]);
        assert_eq!(budget.admit(private(8), false, at(0)), Admission::Yes);
        // A little came back, but not enough; then a quarter of it.
        assert_eq!(heard(&budget, private(7), 10, at(20)), [0, 0, 10]);
        assert_eq!(heard(&budget, private(7), 1000, at(30)), [15, 1, 984]);
        // Where the clock is set back nothing is taken away.
        assert_eq!(budget.admit(private(7), false, at(-3600)), Admission::No);
        assert_eq!(budget.admit(private(7), false, at(4000)), Admission::Yes);
    }

    #[test]
    fn what_takes_time_costs_more() {
        let budget = UserRateLimiter::default();
        let heard =
            (0..60).filter(|_| budget.admit(private(7), true, at(0)) == Admission::Yes).count();
        assert_eq!(heard, 20);
        let heard =
            (0..60).filter(|_| budget.admit(member(-1, 8), true, at(0)) == Admission::Yes).count();
        assert_eq!(heard, 8);
    }

    #[test]
    fn a_member_of_a_group_has_less_and_the_group_has_a_budget_too() {
        let budget = UserRateLimiter::default();
        assert_eq!(heard(&budget, member(-1, 7), 20, at(0)), [8, 1, 11]);
        assert_eq!(budget.admit(member(-1, 8), false, at(0)), Admission::Yes);
        assert_eq!(budget.admit(member(-2, 7), false, at(0)), Admission::Yes);
        let crowd: usize = (100..200).map(|id| heard(&budget, member(-3, id), 8, at(0))[0]).sum();
        assert_eq!(crowd, 120);
        assert_eq!(budget.admit(member(-4, 100), false, at(0)), Admission::Yes);
    }

    #[test]
    fn the_time_of_answers_counts() {
        let budget = UserRateLimiter::default();
        for _ in 0..16 {
            assert_eq!(budget.admit(private(7), false, at(0)), Admission::Yes);
            budget.spend(private(7), 0.95, at(0));
        }
        assert_eq!(budget.admit(private(7), false, at(0)), Admission::Told);
        assert_eq!(budget.admit(private(8), false, at(0)), Admission::Yes);
        assert_eq!(budget.admit(private(7), false, at(100)), Admission::Yes);
        // One answer that took a day by a clock that was set does not silence anybody for ever.
        budget.spend(private(9), 86_400.0, at(0));
        assert_eq!(budget.admit(private(9), false, at(700)), Admission::Yes);
    }

    #[test]
    fn the_time_of_one_members_answers_is_not_the_groups() {
        let budget = UserRateLimiter::default();
        for _ in 0..20 {
            budget.spend(member(-1, 7), 60.0, at(0));
        }
        assert_eq!(budget.admit(member(-1, 7), false, at(0)), Admission::Told);
        assert_eq!(budget.admit(member(-1, 8), false, at(0)), Admission::Yes);
        // However much it was, they are heard again in time.
        assert_eq!(budget.admit(member(-1, 7), false, at(200)), Admission::Yes);
        let anonymous = Requester { user_id: None, ..member(-2, 0) };
        budget.spend(anonymous, 31.0, at(0));
        assert_eq!(budget.admit(anonymous, false, at(0)), Admission::Told);
    }

    #[test]
    fn what_is_asked_whether_or_not_it_is_allowed_mutes_nobody() {
        let budget = UserRateLimiter::default();
        let allowed = (0..100).filter(|_| budget.allows(private(7), false, at(0))).count();
        assert_eq!(allowed, 60);
        assert_eq!(budget.admit(private(7), false, at(0)), Admission::Told);
        assert!(!budget.allows(private(7), false, at(20)), "they are ignored meanwhile");
    }

    #[test]
    fn what_is_typed_inline_has_a_budget_of_its_own() {
        let budget = UserRateLimiter::default();
        assert_eq!((0..100).filter(|_| budget.allow_inline(7, at(0))).count(), 40);
        assert!(budget.allow_inline(8, at(0)) && budget.allow_inline(7, at(1)));
        assert_eq!(budget.admit(private(7), false, at(0)), Admission::Yes);
    }

    #[test]
    fn not_everybody_is_remembered() {
        let budget = UserRateLimiter::default();
        for user in 0..25_000 {
            assert_eq!(budget.admit(private(user), false, at(0)), Admission::Yes);
        }
        assert!(budget.0.lock().unwrap().users.all.len() <= BUCKETS_MAX);
    }
}
