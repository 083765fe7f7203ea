//! Delivery at Telegram's limit and at a million chats: the real binary against the sandbox over HTTP.
//!
//! ```text
//! cargo bench --bench delivery
//! COMMUNIQUE_BENCH_MESSAGES=20000 cargo bench --bench delivery    # longer runs at 30 a second
//! COMMUNIQUE_BENCH_ONLY=thirty cargo bench --bench delivery       # one part: its name in `PARTS`
//! ```
//!
//! Prints one table, a line as soon as its figure is there. Everything is measured in one run, with the
//! machine's own ceiling (a bare loop of HTTP posts to the same sandbox) first: compare ratios, not
//! absolutes. Messages take 20 to 60 ms to Telegram and as long back, each another time, except where
//! the ceiling and the engine are measured. Memory is `VmRSS`, bytes are `write_bytes` of /proc.

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

/// How long messages take each way.
const WAYS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(20)..=Duration::from_millis(60);

const PARTS: [&str; 4] = ["most", "thirty", "thousand", "crowd"];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let only = setting("COMMUNIQUE_BENCH_ONLY");
    let is_wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    assert!(PARTS.iter().any(|part| is_wanted(part)), "parts are {PARTS:?}");
    table::head();
    if is_wanted("most") {
        throughput::measure().await;
    }
    if is_wanted("thirty") {
        let messages = setting("COMMUNIQUE_BENCH_MESSAGES").map_or(6000, |n| n.parse().unwrap());
        rate_limits::thirty(messages).await;
    }
    if is_wanted("thousand") {
        rate_limits::thousand(10_000).await;
    }
    if is_wanted("crowd") {
        scale::measure().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it runs is a setting of the run")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
