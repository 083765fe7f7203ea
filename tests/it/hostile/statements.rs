//! Hostile pages as statements that users request with `/read`: what each costs a running bot.

use super::pages;
use crate::support::{TestEnv, until};
use axum::{Router, extract::Path, response::Html, routing::get};
use communique::{extract::BODY_BYTES_MAX, sandbox::serve};
use std::{
    fs,
    time::{Duration, Instant},
};

/// The clock tick in which Linux counts CPU time.
const TICK_MS: u64 = 10;
const CPU_MS_MAX: u64 = 3000;
const MEMORY_MB_MAX: u64 = 256;
/// How long a bot is measured after its reply.
const AFTER: Duration = Duration::from_millis(300);

/// The CPU time of a process with its threads.
fn cpu_ms(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields = text.rsplit_once(')').unwrap().1.split_whitespace();
    let ticks = fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
    ticks.sum::<u64>() * TICK_MS
}

fn memory_mb(process: u32, what: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}

#[tokio::test]
#[ignore = "some minutes, and a machine that does nothing else"]
async fn each_statement_is_read_in_three_seconds_and_256_mb_and_nothing_runs_on() {
    let names: Vec<String> = pages::all().into_iter().map(|(name, _)| name).collect();
    let item = |n| {
        let (month, day) = (1 + n / 28, 1 + n % 28);
        format!(
            "<li><time>2026-{month:02}-{day:02}</time> <a href='/p/{n}'>Statement number {n}</a>"
        )
    };
    let items: String = (0..names.len()).rev().map(item).collect();
    let list = format!("<title>Statements</title><main><ul>{items}</ul></main>");
    let statement = |Path(n): Path<usize>| async move {
        let (_, make) = pages::all().swap_remove(n);
        Html(make(BODY_BYTES_MAX))
    };
    let routes =
        Router::new().route("/list", get(|| async { Html(list) })).route("/p/{n}", get(statement));
    let server = serve(0, routes).await.unwrap();
    let env = TestEnv::recorded(None).await;
    let config = format!(
        "[[source]]\nname = \"hostile\"\ntitle = \"Hostile\"\nurl = \"{}\"\nevery = \"1h\"\n",
        server.url().join("list").unwrap()
    );
    fs::write(env.folder.path().join("communique.toml"), config).unwrap();
    let bot = env.run().await;
    env.baseline(&bot).await;
    let mut database = env.database().await;
    let (mut most_ms, mut most_after_ms, mut slowest) = (0, 0, String::new());
    for (n, name) in names.iter().enumerate() {
        let entry_id: i64 = sqlx::query_scalar("select id from entry where title = ?")
            .bind(format!("Statement number {n}"))
            .fetch_one(&mut database)
            .await
            .unwrap();
        let id = 1000 + n as i64;
        env.api.world().add_user(id, "Reader", "en");
        let (before, begun) = (cpu_ms(bot.id()), Instant::now());
        env.say(id, id, &format!("/start r{entry_id}"));
        let answer = || {
            let world = env.api.world();
            let mut texts = world.posts_in(id).into_iter().map(|post| post.marked.text.clone());
            texts.rfind(|text| !text.starts_with("Fetching"))
        };
        until("it is answered", || answer().is_some()).await;
        let (waited, took) = (begun.elapsed(), cpu_ms(bot.id()) - before);
        tokio::time::sleep(AFTER).await;
        let after = cpu_ms(bot.id()) - before - took;
        let shown = answer().map_or(0, |text| text.chars().count());
        println!(
            "{took:>6} ms CPU, answered after {:>5} ms, {after:>3} ms CPU later, {:>4} MB, {shown:>5} characters: {name}",
            waited.as_millis(),
            memory_mb(bot.id(), "VmRSS:"),
        );
        if took > most_ms {
            (most_ms, slowest) = (took, name.clone());
        }
        most_after_ms = most_after_ms.max(after);
    }
    let peak = memory_mb(bot.id(), "VmHWM:");
    println!("most: {most_ms} ms CPU ({slowest}), {most_after_ms} ms afterwards, {peak} MB");
    assert!(most_ms <= CPU_MS_MAX && peak <= MEMORY_MB_MAX);
    assert!(most_after_ms <= AFTER.as_millis() as u64 / 10, "something runs on");
    bot.stop().await;
}
