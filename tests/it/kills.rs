//! kill -9 at random moments of broadcasts and of copies of the database, with the real binary over
//! HTTP.
//!
//! `COMMUNIQUE_KILLS=1000 cargo test kills -- --nocapture` is the long form. What is in flight at a
//! kill still arrives, as on a real network.

use crate::{
    files,
    support::{Bot, TestEnv, now, until},
};
use chrono::TimeDelta;
use sqlx::{Connection, SqliteConnection};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The number of kills of an ordinary test run, and of programs that are killed in parallel.
const KILLS: usize = 12;
const STAGES: usize = 6;
fn people() -> std::ops::Range<i64> {
    100..160
}

/// The maximum of sends in flight at a kill: 30 per second at up to 120 ms for a round trip, plus a
/// half, because round trips vary.
const IN_FLIGHT_MAX: usize = 12;
/// A retry after a third kill waits two minutes, after a fifth half an hour.
const DRAIN: Duration = Duration::from_secs(2400);
/// How long the detection of a statement may take.
const NOTICED: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
struct Total {
    kills: usize,
    due: usize,
    arrived: usize,
    repeats: usize,
    in_flight: usize,
    in_flight_max: usize,
}

/// The number of kills.
#[expect(clippy::disallowed_methods, reason = "how many kills is a setting of the test run")]
fn kills() -> usize {
    let kills = std::env::var("COMMUNIQUE_KILLS").ok().and_then(|text| text.parse().ok());
    kills.unwrap_or(KILLS)
}

#[tokio::test]
async fn kills_at_random_moments_lose_nothing_and_repeat_only_what_was_in_flight() {
    let kills = kills();
    let stages = (0..STAGES).map(|n| killed((kills + n) / STAGES, n as u64));
    let mut total = Total::default();
    for one in futures::future::join_all(stages).await {
        total.kills += one.kills;
        total.due += one.due;
        total.arrived += one.arrived;
        total.repeats += one.repeats;
        total.in_flight += one.in_flight;
        total.in_flight_max = total.in_flight_max.max(one.in_flight_max);
    }
    println!("{total:?}");
    assert_eq!(total.kills, kills);
    assert!(total.in_flight > 0, "no kill met a message on its way, so nothing was seen");
}

/// Runs one program, and kills it this many times.
async fn killed(kills: usize, seed: u64) -> Total {
    let mut rng = fastrand::Rng::with_seed(seed);
    let env = TestEnv::new().await;
    // Each statement is a message of its own, however many wait for a chat.
    env.configure("[delivery]\ndigest_above = 1000\n");
    people().for_each(|id| env.api.world().add_user(id, "Reader", "en"));
    let mut bot = env.run().await;
    env.baseline(&bot).await;
    people().for_each(|id| env.say(id, id, "/start"));
    until("all are subscribed", || people().all(|id| env.heard(id, "Subscribed.") == 1)).await;
    env.api.set_latency(Duration::from_millis(20)..=Duration::from_millis(60));
    let mut total = Total { kills, ..Total::default() };
    let mut titles: BTreeSet<String> = BTreeSet::new();
    // How often a statement may arrive in a chat: once, and once for each kill while it was in
    // flight.
    let mut may_come: BTreeMap<(i64, String), usize> = BTreeMap::new();
    let mut posts = 0;
    for _ in 0..kills {
        // There is always something in flight: a kill at idle proves nothing.
        if ready(&env).await < 40 {
            let known = open(&env).await;
            titles.insert(env.publish());
            until_open(&env, NOTICED, |open| open > known).await;
        }
        let arrivals = rng.usize(1..25);
        until("some more arrive", || env.api.world().posts().count() >= posts + arrivals).await;
        tokio::time::sleep(Duration::from_micros(rng.u64(0..80_000))).await;
        bot.kill();
        let on_their_way = on_their_way(&env).await;
        assert!(on_their_way.len() <= IN_FLIGHT_MAX, "{} were on their way", on_their_way.len());
        total.in_flight += on_their_way.len();
        total.in_flight_max = total.in_flight_max.max(on_their_way.len());
        for what in on_their_way {
            *may_come.entry(what).or_insert(1) += 1;
        }
        posts = env.api.world().posts().count();
        bot = env.run().await;
    }
    until_open(&env, DRAIN, |open| open == 0).await;
    bot.stop().await;
    // By the line of its title: the title of one may begin that of another.
    let mut came: BTreeMap<(i64, String), usize> = BTreeMap::new();
    for sent in env.api.world().posts() {
        let title = sent.marked.text.lines().find(|line| titles.contains(*line));
        if let Some(title) = title {
            *came.entry((sent.chat, title.to_owned())).or_default() += 1;
        }
    }
    for chat in people() {
        for title in &titles {
            let came = came.get(&(chat, title.clone())).copied().unwrap_or(0);
            let may = may_come.get(&(chat, title.clone())).copied().unwrap_or(1);
            assert!(came >= 1, "{title:?} never came to {chat}");
            assert!(came <= may, "{title:?} came to {chat} {came} times, and may {may} times");
            total.due += 1;
            total.arrived += came;
            total.repeats += came - 1;
        }
    }
    total
}

/// Messages that have not arrived yet.
async fn open(env: &TestEnv) -> i64 {
    let sql = "select (select count(*) from delivery where settled_at is null)
        + (select count(*) from fanout f join subscription s on s.source_id = f.source_id
            and s.chat_id > f.chat_id)";
    sqlx::query_scalar(sql).fetch_one(&mut env.database().await).await.unwrap()
}

/// The same without those for chats with a retry.
async fn ready(env: &TestEnv) -> i64 {
    let sql = "select count(*) from delivery d where settled_at is null and not exists
        (select 1 from delivery e where e.chat_id = d.chat_id and e.settled_at is null and e.due_at > ?)";
    let soon = (now() + TimeDelta::seconds(2)).timestamp_millis();
    let mut db = env.database().await;
    sqlx::query_scalar(sql).bind(soon).fetch_one(&mut db).await.unwrap()
}

/// Waits until the count satisfies a condition.
async fn until_open(env: &TestEnv, patience: Duration, is_so: impl Fn(i64) -> bool) {
    let start = Instant::now();
    while !is_so(open(env).await) {
        assert!(start.elapsed() < patience, "waited in vain: {} are open", open(env).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Chat and title of what was in flight when the program was killed.
async fn on_their_way(env: &TestEnv) -> Vec<(i64, String)> {
    let sql = "select d.chat_id, e.title from delivery d
        join notification n on n.id = d.notification_id join entry e on e.id = n.entry_id
        where d.settled_at is null and d.state = 'in_flight'";
    sqlx::query_as(sql).fetch_all(&mut env.database().await).await.unwrap()
}

/// The chats of a database that takes a while to copy.
const CHATS: i64 = 300_000;

async fn sqlite(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
}

async fn add_chats(path: &Path) {
    let sql = "insert into chat (id, kind, lang, joined_at)
        with recursive n(id) as (select 1 union all select id + 1 from n where id < ?)
        select id, 'private', 'en', 0 from n";
    let mut db = sqlite(path).await;
    sqlx::query(sql).bind(CHATS).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// Checks that a database is intact. Returns the version of its schema.
async fn version_of_whole(path: &Path) -> i64 {
    let mut db = sqlite(path).await;
    let word: String =
        sqlx::query_scalar("pragma integrity_check").fetch_one(&mut db).await.unwrap();
    assert_eq!(word, "ok", "{}", path.display());
    let chats: i64 =
        sqlx::query_scalar("select count(*) from chat").fetch_one(&mut db).await.unwrap();
    assert_eq!(chats, CHATS, "{}", path.display());
    let sql = "select max(version) from _sqlx_migrations";
    let version = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    version
}

/// Kills a process at a random moment: of its whole run, of the copy, or as soon as a part of the
/// copy exists.
async fn kill_at_random(mut bot: Bot, n: usize, copy: &Path, took: Duration) {
    let wait = match n % 3 {
        0 => took.mul_f64(fastrand::f64()),
        1 => Duration::from_micros(fastrand::u64(0..50_000)),
        _ => Duration::ZERO,
    };
    // A partial copy exists only briefly, so this polls more often than other waits.
    while !n.is_multiple_of(3) && !is_begun(copy) && !copy.exists() && bot.is_running() {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    tokio::time::sleep(wait).await;
    bot.kill();
}

/// Whether there is a partial copy.
fn is_begun(copy: &Path) -> bool {
    fs::metadata(files::with(copy, ".part")).is_ok_and(|part| part.len() > 0)
}

#[tokio::test]
async fn a_killed_backup_leaves_a_complete_copy_or_none() {
    let env = TestEnv::new().await;
    env.run().await.stop().await;
    add_chats(&env.folder.path().join("communique.db")).await;
    let copy = env.folder.path().join("copy.db");
    let start = Instant::now();
    assert!(env.command(&["backup", "copy.db"]).status().unwrap().success());
    let took = start.elapsed();
    let (mut whole, mut begun) = (0, 0);
    for n in 0..kills() {
        let _ = fs::remove_file(&copy);
        kill_at_random(Bot::start(env.command(&["backup", "copy.db"])), n, &copy, took).await;
        begun += usize::from(is_begun(&copy));
        if copy.exists() {
            version_of_whole(&copy).await;
            whole += 1;
        }
    }
    println!("{whole} copies whole, {begun} begun");
    assert!(begun > 0, "no kill met a copy that was begun, so nothing was seen");
    let _ = fs::remove_file(&copy);
    let output = env.command(&["backup", "copy.db"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    version_of_whole(&copy).await;
    assert!(!files::with(&copy, ".part").exists(), "what a kill left is still there");
}

#[tokio::test]
async fn a_killed_upgrade_has_a_complete_copy_before_any_change() {
    let env = TestEnv::new().await;
    let at = |name: &str| -> PathBuf { env.folder.path().join(name) };
    files::older(&at("older.db")).await;
    add_chats(&at("older.db")).await;
    let before = version_of_whole(&at("older.db")).await;
    let newest = files::next_version();
    let upgrade = || {
        let mut command = files::next_version_command(false);
        command
            .current_dir(env.folder.path())
            .env(files::NEXT_VERSION_OF, "sqlite://communique.db");
        command
    };
    let copy = at(&format!("communique.db.before-{newest}"));
    let (mut whole, mut begun) = (0, 0);
    let mut took = Duration::ZERO;
    for n in 0..=kills() {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(at(&format!("communique.db{end}")));
        }
        let _ = fs::remove_file(&copy);
        fs::copy(at("older.db"), at("communique.db")).unwrap();
        if n == 0 {
            let start = Instant::now();
            assert!(upgrade().status().unwrap().success());
            took = start.elapsed();
        } else {
            kill_at_random(Bot::start(upgrade()), n, &copy, took).await;
        }
        let version = version_of_whole(&at("communique.db")).await;
        begun += usize::from(is_begun(&copy));
        if copy.exists() {
            assert_eq!(version_of_whole(&copy).await, before);
            whole += 1;
        } else {
            assert_eq!(version, before, "it was upgraded without a copy");
        }
    }
    println!("{whole} copies whole, {begun} begun");
    assert!(begun > 0, "no kill met a copy that was begun, so nothing was seen");
    assert!(upgrade().status().unwrap().success());
    assert_eq!(version_of_whole(&copy).await, before);
    assert_eq!(version_of_whole(&at("communique.db")).await, newest);
    assert!(!files::with(&copy, ".part").exists(), "what a kill left is still there");
}
