//! The rate limiter against every way in which a server may count, over a network with jitter, in
//! virtual time: how much of the allowed rate is used, and how many sends get a 429.

use crate::support::{epoch, milliseconds};
use chrono::{DateTime, Utc};
use communique::{
    deliver::rate_limiter::{Permit, RateLimiter},
    domain::{ChatId, MessageId, RateEstimate, SendOutcome},
    sandbox::{Counting, Limits},
};
use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

/// The length of a run, in seconds' worth of messages.
const LENGTH_S: usize = 660;

/// The result of a run.
struct Run {
    /// The share of the allowed rate that was used, the first and last second included.
    share: f64,
    refused: usize,
    estimate: RateEstimate,
}

/// Sends to as many private chats, through a network with 30 ms and up to `jitter` ms more each
/// way.
fn run(
    counting: Counting,
    per_second: usize,
    jitter: i64,
    seed: u64,
    estimate: Option<RateEstimate>,
) -> Run {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut limits = Limits::new(per_second, counting);
    let mut limiter = RateLimiter::new(per_second as f64, estimate, epoch());
    // Requests on the way to the server, and responses on the way back, by their time.
    let mut going: BTreeMap<(DateTime<Utc>, u64), (Permit, i64)> = BTreeMap::new();
    let mut coming: BTreeMap<(DateTime<Utc>, u64), (Permit, i64, bool)> = BTreeMap::new();
    let mut waiting: Vec<Reverse<(DateTime<Utc>, i64)>> = Vec::new();
    let (mut now, mut next_chat, mut arrived, mut refused, mut number) = (epoch(), 0, 0, 0, 0);
    let messages = LENGTH_S * per_second;
    while arrived < messages {
        number += 1;
        let way = |rng: &mut fastrand::Rng| milliseconds(30 + rng.i64(0..=jitter));
        if let Some((&(at, n), _)) = going.first_key_value().filter(|(k, _)| k.0 <= now) {
            let (permit, chat) = going.remove(&(at, n)).unwrap();
            let passes = limits.count(chat, at).is_ok();
            coming.insert((at + way(&mut rng), number), (permit, chat, passes));
        } else if let Some((&(at, n), _)) = coming.first_key_value().filter(|(k, _)| k.0 <= now) {
            let (permit, chat, passes) = coming.remove(&(at, n)).unwrap();
            if passes {
                arrived += 1;
                limiter.finish(&permit, &SendOutcome::Sent(MessageId(1)), at);
            } else {
                refused += 1;
                waiting.push(Reverse((at + milliseconds(1000), chat)));
                waiting.sort();
                limiter.finish(&permit, &SendOutcome::RetryAfter(Duration::from_secs(1)), at);
            }
        } else if limiter.ready_at(now).is_some_and(|at| at <= now) {
            limiter.blocked_chats(now);
            let due = waiting.last().is_some_and(|Reverse((at, _))| *at <= now);
            let chat = if due {
                waiting.pop().map(|Reverse((_, chat))| chat).unwrap()
            } else {
                next_chat += 1;
                next_chat
            };
            let permit = limiter.start(ChatId(chat), now);
            going.insert((permit.send_at + way(&mut rng), number), (permit, chat));
        } else {
            let next = going.keys().chain(coming.keys()).map(|(at, _)| *at).min();
            now = [limiter.ready_at(now), next].into_iter().flatten().min().unwrap();
        }
    }
    let share = messages as f64 / (now - epoch()).as_seconds_f64() / per_second as f64;
    Run { share, refused, estimate: limiter.estimate() }
}

#[test]
fn nine_tenths_of_the_rate_are_used_however_the_server_counts() {
    for counting in Counting::ALL {
        for (seed, per_second, jitter) in [(1, 30, 0), (2, 30, 50), (3, 30, 100), (4, 300, 40)] {
            let first = run(counting, per_second, jitter, seed, None);
            let next = run(counting, per_second, jitter, seed + 10, Some(first.estimate));
            for run in [first, next] {
                let line = format!(
                    "{counting:?} at {per_second}/s, jitter {jitter} ms: {:.1} % with {} refused",
                    run.share * 100.0,
                    run.refused
                );
                println!("{line}");
                let least = if counting == Counting::TokenBucket { 0.97 } else { 0.9 };
                let most = LENGTH_S * per_second / 1000;
                assert!(run.share >= least && run.refused <= most, "{line}");
            }
        }
    }
}
