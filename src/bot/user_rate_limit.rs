//! Rate limits for requests, per user and per chat, so that no user has to wait for another.
//!
//! Guarantees: a user who exceeds their limit is notified once, and ignored until a quarter of it
//! has been refilled. Memory is bounded. A request in a group counts for the user and for the
//! group; the time that a reply took counts for the user only.
//! Out of scope: which requests are never ignored (`receiver`).

use crate::domain::{ChatId, ChatKind, UserId};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The size of a bucket, and its refill per second.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Requests.
    requests: f64,
    requests_per_s: f64,
    /// Time that is spent on replies, in seconds.
    work_s: f64,
    work_per_s: f64,
}

/// What a slow request costs a user, in requests.
const SLOW_COST: f64 = 3.0;
/// For one user in all chats.
const USER: Limit = Limit { requests: 60.0, requests_per_s: 0.5, work_s: 15.0, work_per_s: 0.1 };
/// For one user in one group, where others want to talk.
const MEMBER: Limit = Limit { requests: 8.0, requests_per_s: 0.2, ..USER };
/// For all users of a group or channel together.
const CHAT: Limit = Limit { requests: 120.0, requests_per_s: 2.0, work_s: 30.0, work_per_s: 0.2 };
/// For the inline queries of one user: one for each few letters that they type.
const INLINE: Limit = Limit { requests: 40.0, requests_per_s: 1.0, ..USER };
/// The most time of one reply that counts, in seconds: the clock may have been set.
const WORK_S_MAX: f64 = 60.0;
/// The most buckets of each kind.
const BUCKETS_MAX: usize = 10_000;

/// Whether a request has to wait for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cost {
    /// It only reads and writes rows.
    Fast,
    /// It waits for Telegram, or searches all entries.
    Slow,
}

/// Who sent a request, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Requester {
    /// The chat.
    pub(super) chat: ChatId,
    /// The kind of the chat.
    pub(super) kind: ChatKind,
    /// The user, unless they act as the chat.
    pub(super) user_id: Option<UserId>,
}

/// Whether a request is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is.
    Admitted,
    /// It is not, and the user is notified.
    Rejected,
    /// It is not, and the user was notified before.
    Ignored,
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
        // A clock that is set back empties no bucket.
        let since_s = (now - self.at).as_seconds_f64().max(0.0);
        self.requests = (self.requests + since_s * limit.requests_per_s).min(limit.requests);
        // However long a reply took, no user owes more than a whole bucket.
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

/// The buckets of one kind.
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
            // A bucket that is full again is as good as none.
            let full_s =
                (limit.requests / limit.requests_per_s).max(limit.work_s / limit.work_per_s);
            self.all.retain(|_, bucket| (now - bucket.at).as_seconds_f64() <= full_s);
            if self.all.len() >= BUCKETS_MAX {
                self.all.retain(|_, bucket| bucket.is_muted);
            }
            if self.all.len() >= BUCKETS_MAX {
                self.all.clear();
            }
        }
        let Limit { requests, work_s, .. } = limit;
        let bucket =
            self.all.entry(key).or_insert(Bucket { requests, work_s, at: now, is_muted: false });
        bucket.refill(limit, now);
        bucket
    }
}

#[derive(Debug)]
struct AllBuckets {
    users: Buckets<UserId>,
    members: Buckets<(ChatId, UserId)>,
    chats: Buckets<ChatId>,
    inline: Buckets<UserId>,
}

/// The buckets of all users and chats. Clones share them.
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
    /// Counts a request, and returns whether it is admitted.
    pub(super) fn admit(&self, requester: Requester, cost: Cost, now: DateTime<Utc>) -> Admission {
        self.with(requester, now, |buckets| {
            if let Some(bucket) = Self::over(buckets, requester, cost) {
                let was_muted = std::mem::replace(&mut bucket.is_muted, true);
                return if was_muted { Admission::Ignored } else { Admission::Rejected };
            }
            Self::draw(buckets, requester, cost);
            Admission::Admitted
        })
    }

    /// Counts a request as [`admit`](Self::admit) does, if it is within the limits. If it is not,
    /// the user is not notified, and not ignored from then on.
    pub(super) fn allows(&self, requester: Requester, cost: Cost, now: DateTime<Utc>) -> bool {
        self.with(requester, now, |buckets| {
            let is_allowed = Self::over(buckets, requester, cost).is_none();
            if is_allowed {
                Self::draw(buckets, requester, cost);
            }
            is_allowed
        })
    }

    /// Counts the time that a reply took, in seconds, for the user and not for the group.
    pub(super) fn spend(&self, requester: Requester, work_s: f64, now: DateTime<Utc>) {
        let work_s = work_s.clamp(0.0, WORK_S_MAX);
        self.with(requester, now, |buckets| {
            // The last of several buckets is that of the group.
            let count = buckets.len() - usize::from(buckets.len() > 1);
            for bucket in &mut buckets[..count] {
                bucket.work_s -= work_s;
            }
        });
    }

    /// Returns what a request takes from the bucket at an index. A slow one costs only its user
    /// more.
    fn cost(index: usize, requester: Requester, cost: Cost) -> f64 {
        match cost {
            Cost::Slow if index == 0 && requester.user_id.is_some() => SLOW_COST,
            Cost::Slow | Cost::Fast => 1.0,
        }
    }

    /// Returns the first bucket that does not allow a request.
    fn over<'a>(
        buckets: &'a mut [&mut Bucket],
        requester: Requester,
        cost: Cost,
    ) -> Option<&'a mut Bucket> {
        let mut all = buckets.iter_mut().enumerate();
        let is_over = |n: usize, bucket: &Bucket| {
            bucket.is_muted || !bucket.affords(Self::cost(n, requester, cost))
        };
        all.find(|(n, bucket)| is_over(*n, bucket)).map(|(_, bucket)| &mut **bucket)
    }

    fn draw(buckets: &mut [&mut Bucket], requester: Requester, cost: Cost) {
        for (n, bucket) in buckets.iter_mut().enumerate() {
            bucket.requests -= Self::cost(n, requester, cost);
        }
    }

    /// Counts an inline query, and returns whether it is answered.
    pub(super) fn allow_inline(&self, user_id: UserId, now: DateTime<Utc>) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.inline.of(user_id, now);
        let is_allowed = bucket.affords(1.0);
        if is_allowed {
            bucket.requests -= 1.0;
        }
        is_allowed
    }

    /// Calls a function with the buckets of a requester.
    fn with<T>(
        &self,
        requester: Requester,
        now: DateTime<Utc>,
        work: impl FnOnce(&mut [&mut Bucket]) -> T,
    ) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let AllBuckets { users, members, chats, .. } = &mut *all;
        let Requester { chat, kind, user_id } = requester;
        let is_shared = kind != ChatKind::Private;
        let mut buckets = Vec::with_capacity(3);
        buckets.extend(user_id.map(|user_id| users.of(user_id, now)));
        buckets
            .extend(user_id.filter(|_| is_shared).map(|user_id| members.of((chat, user_id), now)));
        if is_shared || user_id.is_none() {
            buckets.push(chats.of(chat, now));
        }
        work(&mut buckets)
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
        Requester { chat: ChatId(user_id), kind: ChatKind::Private, user_id: Some(UserId(user_id)) }
    }

    fn member(chat: i64, user_id: i64) -> Requester {
        Requester { chat: ChatId(chat), kind: ChatKind::Group, user_id: Some(UserId(user_id)) }
    }

    fn admitted(
        limiter: &UserRateLimiter,
        requester: Requester,
        times: usize,
        now: DateTime<Utc>,
    ) -> [usize; 3] {
        let mut counts = [0; 3];
        for _ in 0..times {
            match limiter.admit(requester, Cost::Fast, now) {
                Admission::Admitted => counts[0] += 1,
                Admission::Rejected => counts[1] += 1,
                Admission::Ignored => counts[2] += 1,
            }
        }
        counts
    }

    #[test]
    fn who_exceeds_the_limit_is_notified_once_and_others_are_not_affected() {
        let limiter = UserRateLimiter::default();
        assert_eq!(admitted(&limiter, private(7), 1000, at(0)), [60, 1, 939]);
        assert_eq!(limiter.admit(private(8), Cost::Fast, at(0)), Admission::Admitted);
        // A little was refilled, but not enough; then a quarter.
        assert_eq!(admitted(&limiter, private(7), 10, at(20)), [0, 0, 10]);
        assert_eq!(admitted(&limiter, private(7), 1000, at(30)), [15, 1, 984]);
        // A clock that is set back takes nothing away.
        assert_eq!(limiter.admit(private(7), Cost::Fast, at(-3600)), Admission::Ignored);
        assert_eq!(limiter.admit(private(7), Cost::Fast, at(4000)), Admission::Admitted);
    }

    #[test]
    fn slow_requests_cost_more() {
        let limiter = UserRateLimiter::default();
        let admitted = (0..60)
            .filter(|_| limiter.admit(private(7), Cost::Slow, at(0)) == Admission::Admitted)
            .count();
        assert_eq!(admitted, 20);
        let admitted = (0..60)
            .filter(|_| limiter.admit(member(-1, 8), Cost::Slow, at(0)) == Admission::Admitted)
            .count();
        assert_eq!(admitted, 8);
    }

    #[test]
    fn a_member_of_a_group_has_less_and_the_group_has_a_limit_too() {
        let limiter = UserRateLimiter::default();
        assert_eq!(admitted(&limiter, member(-1, 7), 20, at(0)), [8, 1, 11]);
        assert_eq!(limiter.admit(member(-1, 8), Cost::Fast, at(0)), Admission::Admitted);
        assert_eq!(limiter.admit(member(-2, 7), Cost::Fast, at(0)), Admission::Admitted);
        let crowd: usize =
            (100..200).map(|id| admitted(&limiter, member(-3, id), 8, at(0))[0]).sum();
        assert_eq!(crowd, 120);
        assert_eq!(limiter.admit(member(-4, 100), Cost::Fast, at(0)), Admission::Admitted);
    }

    #[test]
    fn the_time_of_replies_counts() {
        let limiter = UserRateLimiter::default();
        for _ in 0..16 {
            assert_eq!(limiter.admit(private(7), Cost::Fast, at(0)), Admission::Admitted);
            limiter.spend(private(7), 0.95, at(0));
        }
        assert_eq!(limiter.admit(private(7), Cost::Fast, at(0)), Admission::Rejected);
        assert_eq!(limiter.admit(private(8), Cost::Fast, at(0)), Admission::Admitted);
        assert_eq!(limiter.admit(private(7), Cost::Fast, at(100)), Admission::Admitted);
        // A reply that took a day because the clock was set does not mute the user forever.
        limiter.spend(private(9), 86_400.0, at(0));
        assert_eq!(limiter.admit(private(9), Cost::Fast, at(700)), Admission::Admitted);
    }

    #[test]
    fn the_time_of_one_members_replies_is_not_the_groups() {
        let limiter = UserRateLimiter::default();
        for _ in 0..20 {
            limiter.spend(member(-1, 7), 60.0, at(0));
        }
        assert_eq!(limiter.admit(member(-1, 7), Cost::Fast, at(0)), Admission::Rejected);
        assert_eq!(limiter.admit(member(-1, 8), Cost::Fast, at(0)), Admission::Admitted);
        // However much it was, they are admitted again in time.
        assert_eq!(limiter.admit(member(-1, 7), Cost::Fast, at(200)), Admission::Admitted);
        let anonymous = Requester { user_id: None, ..member(-2, 0) };
        limiter.spend(anonymous, 31.0, at(0));
        assert_eq!(limiter.admit(anonymous, Cost::Fast, at(0)), Admission::Rejected);
    }

    #[test]
    fn a_request_that_may_be_rejected_mutes_nobody() {
        let limiter = UserRateLimiter::default();
        let allowed = (0..100).filter(|_| limiter.allows(private(7), Cost::Fast, at(0))).count();
        assert_eq!(allowed, 60);
        assert_eq!(limiter.admit(private(7), Cost::Fast, at(0)), Admission::Rejected);
        assert!(!limiter.allows(private(7), Cost::Fast, at(20)), "they are ignored meanwhile");
    }

    #[test]
    fn inline_queries_have_a_limit_of_their_own() {
        let limiter = UserRateLimiter::default();
        assert_eq!((0..100).filter(|_| limiter.allow_inline(UserId(7), at(0))).count(), 40);
        assert!(limiter.allow_inline(UserId(8), at(0)) && limiter.allow_inline(UserId(7), at(1)));
        assert_eq!(limiter.admit(private(7), Cost::Fast, at(0)), Admission::Admitted);
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = UserRateLimiter::default();
        for user in 0..25_000 {
            assert_eq!(limiter.admit(private(user), Cost::Fast, at(0)), Admission::Admitted);
        }
        assert!(limiter.0.lock().unwrap().users.all.len() <= BUCKETS_MAX);
    }
}
