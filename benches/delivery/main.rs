//! Delivery at Telegram's limits and at a million chats: the real binary against the sandbox over
//! HTTP.
//!
//! ```text
//! cargo bench --bench delivery
//! COMMUNIQUE_BENCH_MESSAGES=20000 cargo bench --bench delivery    # longer runs at 30 per second
//! COMMUNIQUE_BENCH_ONLY=scale cargo bench --bench delivery         # one part, see `PARTS`
//! ```
//!
//! Prints the table of docs/benchmarks.md, each row as soon as it is measured. Everything is
//! measured in one run, with the machine's own ceiling (a loop of plain HTTP posts to the same
//! sandbox) first: compare ratios, not absolute numbers. A message takes 20 to 60 ms to Telegram
//! and as long back, drawn anew each time, except in `throughput`. Memory is `VmRSS`, bytes are
//! `write_bytes` of /proc.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints what it measured"
)]

#[expect(dead_code, reason = "the tests use the rest of it")]
#[path = "../../tests/it/support/binary.rs"]
mod binary;
#[expect(dead_code, reason = "the tests use the rest of it")]
#[path = "../../tests/it/support/env.rs"]
mod env;
mod rate_limits;
mod scale;
mod table;
mod throughput;

use std::time::Duration;

/// How long a message takes each way.
const LATENCY: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(20)..=Duration::from_millis(60);

/// The values of `COMMUNIQUE_BENCH_ONLY`, in the order in which they run.
const PARTS: [&str; 4] = ["throughput", "thirty", "thousand", "scale"];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let only = setting("COMMUNIQUE_BENCH_ONLY");
    let is_wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    assert!(PARTS.iter().any(|part| is_wanted(part)), "parts are {PARTS:?}");
    table::head();
    if is_wanted("throughput") {
        throughput::measure().await;
    }
    if is_wanted("thirty") {
        let messages = setting("COMMUNIQUE_BENCH_MESSAGES").map_or(6000, |n| n.parse().unwrap());
        rate_limits::thirty(messages).await;
    }
    if is_wanted("thousand") {
        rate_limits::thousand(10_000).await;
    }
    if is_wanted("scale") {
        scale::measure().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it runs is a setting of the run")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
