//! Memory, replies, recovery and fan-out with up to a million subscribed chats.

use crate::{
    LATENCY,
    binary::{Bot, until},
    env::TestEnv,
    table,
};
use communique::{
    app,
    domain::NotificationId,
    store::{Access, Store},
};
use sqlx::Connection as _;
use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};
use url::Url;

/// The first subscribed chat; and the users who send commands, who are not subscribed.
pub(crate) const FIRST_CHAT: i64 = 10_000_000;
pub(crate) const USERS: std::ops::Range<i64> = 1000..1060;
const SIZES: [i64; 3] = [1000, 100_000, 1_000_000];
/// How long memory and replies are measured in a broadcast.
const MEASURED: Duration = Duration::from_secs(30);
/// The time between two commands of these users.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// A test environment with `size` subscribed chats.
pub(crate) struct Crowd {
    pub(crate) env: TestEnv,
    pub(crate) size: i64,
}

impl Crowd {
    /// Polls the page once, so that what follows is new, and subscribes all chats.
    pub(crate) async fn gather(size: i64, latency: RangeInclusive<Duration>) -> Self {
        let env = TestEnv::recorded(None).await;
        {
            let mut world = env.api.world();
            USERS.for_each(|id| world.add_user(id, "User", "en"));
            (FIRST_CHAT..FIRST_CHAT + size).for_each(|id| world.add_user(id, "Reader", "en"));
        }
        let bot = env.run().await;
        env.baseline(&bot).await;
        bot.stop().await;
        let mut db = env.database().await;
        for sql in [
            "insert into chat (id, kind, lang, joined_at)
             with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?2)
             select ?1 + i, 'private', 'en', 0 from n",
            "insert into subscription (source_id, chat_id, since_at)
             select (select id from source), id, 0 from chat where ?1 < ?2 or ?1 >= ?2",
        ] {
            sqlx::query(sql).bind(FIRST_CHAT).bind(size).execute(&mut db).await.unwrap();
        }
        db.close().await.unwrap();
        env.api.set_latency(latency);
        Crowd { env, size }
    }

    pub(crate) fn page_url(&self) -> Url {
        self.env.site_url()
    }

    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}/communique.db", self.env.folder.path().display())
    }

    /// The binary, running, with a log that does not slow it down.
    pub(crate) fn start(&self) -> Bot {
        let mut command = self.env.command(&["run"]);
        command.env("RUST_LOG", "info");
        Bot::start(command)
    }

    /// Waits until there are so many messages, those of users included.
    pub(crate) async fn until_posts(&self, count: usize, patience: Duration) {
        let start = Instant::now();
        while self.env.api.world().sent.len() < count {
            assert!(start.elapsed() < patience, "{} of {count}", self.env.api.world().sent.len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Lets one of the users after the other send a command, for as long as `is_on`.
    pub(crate) async fn ask(&self, mut is_on: impl FnMut() -> bool) {
        for user in USERS.cycle() {
            if !is_on() {
                return;
            }
            self.env.say(user, user, "/counter");
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// From each command to its reply, in milliseconds. The last commands may have none yet.
    pub(crate) fn reply_times_ms(&self) -> Vec<f64> {
        let world = self.env.api.world();
        let mut times = Vec::new();
        for user in USERS {
            let mut asked_at = None;
            for sent in world.sent.iter().filter(|sent| sent.chat == user) {
                match (sent.from, asked_at) {
                    (Some(_), _) => asked_at = Some(sent.at),
                    (None, Some(at)) => {
                        times.push((sent.at - at).as_seconds_f64() * 1000.0);
                        asked_at = None;
                    }
                    (None, None) => {}
                }
            }
        }
        times
    }

    /// From the detection of the newest statement to its first message.
    pub(crate) async fn first_after_ms(&self, posts_before: usize) -> f64 {
        let sql = "select created_at from notification order by id desc limit 1";
        let mut db = self.env.database().await;
        let created_at: i64 = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
        let world = self.env.api.world();
        let pushes = world.sent[posts_before..].iter().filter(|sent| sent.chat >= FIRST_CHAT);
        let first = pushes.map(|sent| sent.at.timestamp_millis()).min().unwrap();
        (first - created_at) as f64
    }

    fn pushes(&self) -> usize {
        let world = self.env.api.world();
        world.sent.iter().filter(|sent| sent.chat >= FIRST_CHAT).count()
    }

    /// Starts the binary, and waits until it calls `getMe`, which it does as soon as the database
    /// is ready, and until its first message. Returns both times in milliseconds.
    async fn recover(&self) -> (Bot, f64, f64) {
        // What was in flight at the kill still arrives.
        tokio::time::sleep(LATENCY.end().saturating_mul(3)).await;
        let (start_at, pushes) = (app::now(), self.pushes());
        let bot = self.start();
        let mut ready_at = None;
        until("it calls getMe", || {
            let world = self.env.api.world();
            let is_it =
                |call: &&communique::sandbox::Call| call.method == "getMe" && call.at >= start_at;
            ready_at = world.calls.iter().rev().find(is_it).map(|call| call.at);
            ready_at.is_some()
        })
        .await;
        until("it goes on", || self.pushes() > pushes).await;
        let ms = |at: chrono::DateTime<chrono::Utc>| (at - start_at).as_seconds_f64() * 1000.0;
        (bot, ms(ready_at.unwrap()), ms(app::now()))
    }
}

/// Waits until the bot receives updates, and until the second is over for which the rate limiter
/// assumes that the one before it was full.
pub(crate) async fn warm_up(bot: &Bot) {
    until("it takes updates", || bot.log().contains("running as @")).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
}

/// Measures memory, replies and recovery at each size.
pub(crate) async fn measure() {
    for size in SIZES {
        let crowd = Crowd::gather(size, LATENCY).await;
        let bot = crowd.start();
        warm_up(&bot).await;
        let idle = table::resident_mib(bot.id());
        let before = crowd.env.api.world().sent.len();
        crowd.env.publish();
        until("the broadcast has begun", || crowd.pushes() > 0).await;
        let start = Instant::now();
        crowd.ask(|| start.elapsed() < MEASURED).await;
        let name = format!("{size} subscribed chats");
        let goal = if size == 1_000_000 { "under 40 MiB" } else { "" };
        let (now, most) = (table::resident_mib(bot.id()), table::resident_max_mib(bot.id()));
        table::row(
            &format!("{name}: resident memory: idle, in a broadcast, maximum"),
            &format!("{idle:.1}, {now:.1}, {most:.1} MiB"),
            goal,
        );
        let first = crowd.first_after_ms(before).await;
        table::row(&format!("{name}: detection → first message"), &format!("{first:.0} ms"), "");
        let mut times = crowd.reply_times_ms();
        table::row(
            &format!("{name}: replies to {} commands, median and 99th percentile", times.len()),
            &format!(
                "{:.0}, {:.0} ms",
                table::quantile(&mut times, 0.5),
                table::quantile(&mut times, 0.99)
            ),
            "99th percentile within 300 ms",
        );
        bot.kill();
        let (bot, ready, first) = crowd.recover().await;
        table::row(
            &format!("{name}: kill -9 in the broadcast → ready, → next message"),
            &format!("{ready:.0}, {first:.0} ms"),
            "ready under 1 s; the rate limiter waits 1 s more",
        );
        bot.kill();
        if size == 1_000_000 {
            measure_pending_rows(&crowd).await;
        }
    }
}

/// The worst case: all deliveries are pending rows, none is sent.
async fn measure_pending_rows(crowd: &Crowd) {
    let store = Store::open(&crowd.database_url(), Access::Run).await.unwrap();
    let (start, mut longest, mut made) = (Instant::now(), Duration::ZERO, 0);
    loop {
        let chunk_start = Instant::now();
        let Some(chunk) = store.fan_out(NotificationId(0), 60, app::now()).await.unwrap() else {
            break;
        };
        longest = longest.max(chunk_start.elapsed());
        made += chunk.made;
        if made > 50_000 {
            break;
        }
    }
    let per_second = made as f64 / start.elapsed().as_secs_f64();
    table::row(
        "fan-out as at 30/s, 60 places per transaction: rate, longest transaction",
        &format!("{per_second:.0}/s, {:.1} ms", longest.as_secs_f64() * 1000.0),
        "",
    );
    let (start, mut longest, mut made) = (Instant::now(), Duration::ZERO, 0);
    loop {
        let chunk_start = Instant::now();
        let Some(chunk) = store.fan_out(NotificationId(0), 2000, app::now()).await.unwrap() else {
            break;
        };
        longest = longest.max(chunk_start.elapsed());
        made += chunk.made;
    }
    let took = start.elapsed().as_secs_f64();
    table::row(
        "fan-out as at 1,000/s, 2,000 places per transaction: the remaining places, longest transaction",
        &format!("{made} in {took:.1} s, {:.1} ms", longest.as_secs_f64() * 1000.0),
        "",
    );
    store.close().await;
    // This also releases the lock on the file.
    drop(store);
    let (bot, ready, first) = crowd.recover().await;
    bot.kill();
    let (bot, again, again_first) = crowd.recover().await;
    table::row(
        &format!("{} pending rows: kill -9 → ready, → next message, twice", crowd.size),
        &format!("{ready:.0}, {first:.0} ms; {again:.0}, {again_first:.0} ms"),
        "ready under 1 s",
    );
    let memory = table::resident_mib(bot.id());
    table::row("the same: resident memory", &format!("{memory:.1} MiB"), "under 40 MiB");
    bot.kill();
}
