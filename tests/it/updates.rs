//! No user delays another, with the real binary: one requests as much as possible, and the others
//! are answered as quickly as before.

use crate::{
    support::{Bot, TestEnv, until},
    support::{FakeBackends, TestWorld, epoch},
};
use communique::{
    app,
    bot::{PendingUpdateHandler, Received, UpdateReceiver},
    domain::{AccessPolicy, ChatId, UpdateId},
    sandbox::{ChatType, Role, TelegramState},
    store::{Access, DeferredUpdate, Store, StoreError},
};
use sqlx::{Connection as _, SqliteConnection};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const LOUD: i64 = 81;
const QUIET: i64 = 82;
const ANNA: i64 = 83;
/// The subscribers of the measured broadcast.
const READERS: Range<i64> = 20_000..20_600;
/// Longer than any test: a response that never comes.
const NEVER: Duration = Duration::from_secs(3600);

async fn set() -> (TestEnv, Bot) {
    let env = TestEnv::new().await;
    {
        let mut world = env.api.world();
        for id in [LOUD, QUIET, ANNA] {
            world.add_user(id, "Reader", "en");
        }
        for n in 0..30 {
            let chat = -1_000_000_001_000 - n;
            world.add_chat(chat, ChatType::Channel, "Channel", LOUD);
            world.set_username(chat, &format!("chan{n:02}"));
        }
    }
    let bot = env.run().await;
    env.baseline(&bot).await;
    env.say(LOUD, LOUD, "/start");
    until("they are subscribed", || env.heard(LOUD, "Subscribed.") == 1).await;
    (env, bot)
}

fn press_at_will(env: &TestEnv, times: usize) {
    let mut world = env.api.world();
    let message_id = world.posts_in(LOUD)[0].message_id;
    for _ in 0..times {
        world.press_stale(LOUD, LOUD, message_id, "1:hl", app::now());
    }
}

#[tokio::test]
async fn a_user_who_makes_the_bot_ask_telegram_again_and_again_delays_nobody_else() {
    let (env, bot) = set().await;
    env.api.set_lookup(NEVER);
    for n in 0..300 {
        env.say(LOUD, LOUD, &format!("/words @chan{:02} with a", n % 30));
    }
    env.say(LOUD, LOUD, "/stop");
    env.say(QUIET, QUIET, "/help");
    until("another is answered", || env.heard(QUIET, "/archive") > 0).await;
    let notices = || env.heard(LOUD, "that was a lot at once");
    until("it is said that it was too much", || notices() == 1).await;
    // Nobody else has to wait either, even for the same command.
    env.say(ANNA, ANNA, "/search fog");
    until("a search is answered", || env.heard(ANNA, "fog") > 0).await;
    // Their /stop is handled when its turn comes.
    env.api.set_lookup(Duration::ZERO);
    bot.kill();
    let bot = env.run().await;
    until("they have stopped", || env.heard(LOUD, "Unsubscribed") > 0).await;
    assert_eq!(notices(), 1, "it was said again");
    bot.stop().await;
}

#[tokio::test]
async fn a_user_who_asks_too_much_is_ignored_but_their_stop_is_not() {
    let (env, bot) = set().await;
    press_at_will(&env, 300);
    for n in 0..200 {
        env.api.world().inline(LOUD, &format!("wo* st* {n}"), app::now());
        env.say(LOUD, LOUD, &format!("/search wo* st* le* te* th* {n}"));
    }
    env.say(LOUD, LOUD, "/stop");
    env.say(QUIET, QUIET, "/help");
    until("another is answered", || env.heard(QUIET, "/archive") > 0).await;
    until("they have stopped", || env.heard(LOUD, "Unsubscribed") > 0).await;
    let searches = env.heard(LOUD, "🔎");
    assert!(searches < 100, "{searches} searches were answered");
    bot.stop().await;
}

fn say(world: &mut TelegramState, chat: i64, text: &str) {
    world.say(chat, LOUD, text, None, epoch());
}

/// The update receiver alone, with a database of its own, in a world in which a user has sent
/// messages.
struct ReceiverEnv {
    store: Store,
    fakes: FakeBackends,
    receiver: UpdateReceiver,
    database: SqliteConnection,
    _folder: tempfile::TempDir,
}

impl ReceiverEnv {
    async fn hearing(texts: impl Iterator<Item = String>) -> Self {
        ReceiverEnv::after(|world| texts.for_each(|text| say(world, LOUD, &text))).await
    }

    /// In a world in which this has happened before.
    async fn after(happens: impl FnOnce(&mut TelegramState)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}/receiver.db", folder.path().display());
        let mut world = TestWorld::without_faults(0);
        world.telegram.add_user(LOUD, "Reader", "en");
        happens(&mut world.telegram);
        let receiver = UpdateReceiver::new(&world.telegram.username, AccessPolicy::default());
        let fakes = FakeBackends(Arc::new(Mutex::new(world)));
        let store = Store::open(&address, Access::Run).await.unwrap();
        let database = SqliteConnection::connect(&address).await.unwrap();
        ReceiverEnv { store, fakes, receiver, database, _folder: folder }
    }

    async fn step(&mut self) -> Result<Received, StoreError> {
        let now = || self.fakes.now();
        self.receiver.step(&self.store, &self.fakes, Duration::ZERO, now, || {}).await
    }

    /// Handles deferred updates, and returns the replies.
    async fn answers(&mut self) -> Vec<String> {
        let pending = PendingUpdateHandler::of(&self.receiver);
        while let Some(update) = self.store.next_pending(&BTreeSet::new()).await.unwrap() {
            let now = || self.fakes.now();
            pending.run(&self.store, &self.fakes, &update, now).await.unwrap();
        }
        let sql = "select html from delivery order by id";
        sqlx::query_scalar(sql).fetch_all(&mut self.database).await.unwrap()
    }

    async fn text(&mut self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&mut self.database).await.unwrap()
    }

    async fn number(&mut self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.database).await.unwrap()
    }
}

#[tokio::test]
async fn an_update_repeated_because_of_a_full_disk_is_counted_once() {
    let mut alone = ReceiverEnv::hearing((0..10).map(|_| "/help".to_owned())).await;
    let full = "create trigger full before insert on seen_update begin select raise(abort, 'no room'); end";
    sqlx::query(full).execute(&mut alone.database).await.unwrap();
    for _ in 0..30 {
        assert!(alone.step().await.is_err());
    }
    sqlx::query("drop trigger full").execute(&mut alone.database).await.unwrap();
    assert_eq!(alone.step().await.unwrap(), Received::Updates(10));
    let answers = "select count(*) from delivery where html like '%/archive%'";
    assert_eq!(alone.number(answers).await, 10);
}

#[tokio::test]
async fn only_the_last_stop_of_a_rate_limited_user_is_handled() {
    let texts = (0..1000).map(|n| match n % 2 {
        0 => format!("/stop {n}"),
        _ => "/help".to_owned(),
    });
    let mut alone = ReceiverEnv::hearing(texts.chain(["/stop".to_owned()])).await;
    while alone.step().await.unwrap() != Received::Updates(0) {}
    let last = "select count(*) from delivery where html like '%not subscribed%'";
    assert_eq!(alone.number(last).await, 1, "the last is answered");
    let seen = alone.number("select count(*) from seen_update").await;
    assert!((60..120).contains(&seen), "{seen} of them took effect");
}

#[tokio::test]
async fn stops_of_different_sources_are_each_handled() {
    let texts = (0..90).map(|_| "/help").chain(["/stop lights", "/stop court", "/stop lights"]);
    let mut alone = ReceiverEnv::hearing(texts.map(str::to_owned)).await;
    assert_eq!(alone.step().await.unwrap(), Received::Updates(93));
    // Sixty are answered, then a notice says that it was too much, then the last two are handled.
    assert_eq!(alone.number("select count(*) from seen_update").await, 63);
    let last = "select group_concat(update_id % 1000) from
        (select update_id from seen_update order by update_id desc limit 2)";
    let ids = alone.text(last).await;
    let first = alone.number("select min(update_id) % 1000 from seen_update").await;
    assert_eq!(ids, format!("{},{}", first + 92, first + 91));
}

#[tokio::test]
async fn messages_without_a_command_are_not_stored_while_a_command_waits() {
    let texts = ["/help", "What a day it was", "/unknown"];
    let mut alone = ReceiverEnv::hearing(texts.into_iter().map(str::to_owned)).await;
    let waits = DeferredUpdate {
        update_id: UpdateId(1),
        chat: ChatId(LOUD),
        body: "{}".to_owned(),
        stop: None,
    };
    alone.store.defer_updates(&[waits], epoch()).await.unwrap();
    assert_eq!(alone.step().await.unwrap(), Received::Updates(3));
    assert_eq!(alone.number("select count(*) from pending_update").await, 3);
    let talk = "select count(*) from pending_update where body like '%What a day%'";
    assert_eq!(alone.number(talk).await, 0);
}

#[tokio::test]
async fn only_the_channel_of_a_forwarded_post_is_stored_while_it_waits() {
    let mut alone = ReceiverEnv::after(|world| {
        world.add_chat(-1_000_000_001_000, ChatType::Channel, "Channel", LOUD);
        world.forward(LOUD, LOUD, -1_000_000_001_000, 1, epoch()).unwrap();
    })
    .await;
    assert_eq!(alone.step().await.unwrap(), Received::Updates(1));
    let body = alone.text("select body from pending_update").await;
    assert!(body.contains("1000000001000") && !body.contains("A post"), "{body}");
}

#[tokio::test]
async fn a_group_gets_no_reply_to_the_stop_of_a_rate_limited_member() {
    let group = -1_000_000_002_000;
    let heard = |asked: usize| async move {
        let mut alone = ReceiverEnv::after(|world| {
            world.add_user(QUIET, "Owner", "en");
            world.add_chat(group, ChatType::Supergroup, "Group", QUIET);
            world.set_role(group, QUIET, Role::Member, epoch());
            world.set_member(group, LOUD, Role::Member);
            (0..asked).for_each(|_| say(world, group, "/help"));
            say(world, group, "/stop");
        })
        .await;
        while alone.step().await.unwrap() != Received::Updates(0) {}
        let answers = alone.answers().await;
        answers.iter().filter(|text| text.contains("Only admins")).count()
    };
    assert_eq!(heard(1).await, 1);
    assert_eq!(heard(20).await, 0);
}

type Attack<'a> = &'a dyn Fn(&TestEnv);

/// Writes a hundred thousand entries of the source.
async fn write_entries(env: &TestEnv) {
    let mut database = env.database().await;
    let sql = "with recursive n (n) as (select 1 union all select n + 1 from n where n < 100000)
        insert into entry (source_id, date_on, order_on, seen_at, title, lead)
        select 1, date('1990-01-01', (n / 8) || ' days'), date('1990-01-01', (n / 8) || ' days'), 0,
            'Statement ' || n || ' of the w' || (n % 997) || 'ord on th' || (n % 89) || 'e letter le' || (n % 61),
            'The st' || (n % 499) || ' and te' || (n % 211) || ' on' || (n % 307) || ' harbour wo' || (n % 1009)
        from n";
    sqlx::query(sql).execute(&mut database).await.unwrap();
}

/// Waits until all entries are indexed.
async fn indexed(env: &TestEnv) {
    let mut database = env.database().await;
    loop {
        let left: i64 = sqlx::query_scalar("select count(*) from entry where is_indexed = 0")
            .fetch_one(&mut database)
            .await
            .unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Measures how long each of fifty users waits for `/help`, in milliseconds, sorted.
async fn help_times_ms(env: &TestEnv, turn: i64) -> Vec<f64> {
    let mut times = Vec::new();
    for n in 0..50 {
        let id = turn * 1000 + n;
        env.api.world().add_user(id, "Another", "en");
        let before = Instant::now();
        env.say(id, id, "/help");
        until("another is answered", || env.heard(id, "/archive") > 0).await;
        times.push(before.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times
}

/// How long another user waits for `/help`, and how fast a new statement reaches 600 chats, with
/// 100,000 entries and one user who requests everything:
/// `cargo test --test it updates -- --ignored --nocapture` prints a table.
#[tokio::test]
#[ignore = "it measures, and takes minutes"]
async fn how_long_another_user_waits() {
    let (env, bot) = set().await;
    for id in READERS {
        env.api.world().add_user(id, "Reader", "en");
        env.say(id, id, "/start");
    }
    until("all are subscribed", || {
        let world = env.api.world();
        world.posts().filter(|post| READERS.contains(&post.chat)).count() == READERS.count()
    })
    .await;
    bot.stop().await;
    write_entries(&env).await;
    let mut bot = Some(env.run().await);
    indexed(&env).await;
    let searches = |env: &TestEnv| {
        (0..1500).for_each(|n| {
            env.say(LOUD, LOUD, &format!("/search wo* st* le* te* th* on* {n}"));
        });
    };
    let inlines = |env: &TestEnv| {
        (0..1000).for_each(|n| {
            env.api.world().inline(LOUD, &format!("wo* st* le* {n}"), app::now());
        });
    };
    let presses = |env: &TestEnv| press_at_will(env, 1000);
    let lookups = |env: &TestEnv| {
        (0..300).for_each(|n| env.say(LOUD, LOUD, &format!("/words @chan{:02} with a", n % 30)));
    };
    let cases: [(&str, u64, &[Attack<'_>]); 6] = [
        ("nothing", 0, &[]),
        ("1,500 searches", 0, &[&searches]),
        ("1,000 inline questions", 0, &[&inlines]),
        ("1,000 presses", 0, &[&presses]),
        ("300 lookups of 50 ms", 50, &[&lookups]),
        ("all, lookups of 1 s", 1000, &[&searches, &inlines, &presses, &lookups]),
    ];
    // In rounds of alternating order, so that what changes with time affects all cases alike.
    let forth: Vec<usize> = (0..cases.len()).collect();
    let back: Vec<usize> = forth.iter().rev().copied().collect();
    let mut found: BTreeMap<usize, Vec<(f64, f64, f64)>> = BTreeMap::new();
    for (turn, case) in (1..).zip([forth.clone(), back, forth].concat()) {
        let (_, lookup_ms, attacks) = cases[case];
        // A new process has forgotten the used budgets.
        bot.take().unwrap().stop().await;
        bot = Some(env.run().await);
        env.api.set_lookup(Duration::from_millis(lookup_ms));
        attacks.iter().for_each(|attack| attack(&env));
        let title = env.publish();
        let times = help_times_ms(&env, turn).await;
        let sent = || {
            let world = env.api.world();
            let pushes = world.posts().filter(|post| READERS.contains(&post.chat));
            let pushes = pushes.filter(|post| post.marked.text.contains(&title));
            pushes.map(|post| post.at).collect::<Vec<_>>()
        };
        // Locking the sandbox more often would slow it down.
        while sent().len() < READERS.count() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let mut sent = sent();
        sent.sort_unstable();
        // The first hundred share the rate with the replies to `/help`.
        let span = sent[sent.len() - 1] - sent[100];
        let rate = (sent.len() - 101) as f64 / span.as_seconds_f64();
        found.entry(case).or_default().push((times[25], times[49], rate));
    }
    println!("{:<26} {:>9} {:>9} {:>9}", "one user sends", "median ms", "99th ms", "a second");
    for (case, mut found) in found {
        found.sort_by(|a, b| a.2.total_cmp(&b.2));
        let (median, _, rate) = found[1];
        let longest = found.iter().map(|found| found.1).fold(0.0, f64::max);
        println!("{:<26} {median:>9.1} {longest:>9.1} {rate:>9.2}", cases[case].0);
    }
    bot.unwrap().stop().await;
}
