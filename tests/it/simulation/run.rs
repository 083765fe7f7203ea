//! One run: events drawn from the seed, steps of the program in between, crashes, and at the end a
//! time without faults in which everything must be delivered.

use crate::habits::{self, Habits};
use crate::support::{
    Arrival, CHANNEL, CROWD, FORUM, FakeBackends, GROUP, GROUP_UPGRADED, OWNER, PAGE, PEOPLE,
    RULES, TOPIC, TestWorld, epoch, failing, milliseconds, population, refused, seconds, silent,
    source,
};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    bot::{self, PendingUpdateHandler, Received, UpdateReceiver},
    deliver::{self, Dispatcher, SendAttempt, Step},
    domain::{AccessPolicy, Action, ButtonKind, Counter, HoldDecision, PollStatus, SendOutcome},
    poll::{Polled, Poller},
    sandbox::{Role, SiteFault},
    store::{Access, Store, StoreError},
    telegram::CallError,
};
use sqlx::Connection as _;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

/// The length of a run, and the part of it with faults.
const LENGTH_S: i64 = 3 * 3600;
const FAULTS_S: i64 = 2 * 3600;
const POLL_EVERY: Duration = Duration::from_secs(60);
/// How often removed subscriptions are deleted.
const REMOVALS_EVERY: TimeDelta = TimeDelta::seconds(20);
/// How long after an error of the database a step is retried.
const RETRY: TimeDelta = TimeDelta::seconds(5);

/// What a user or an institution did, or what happened to the machine.
#[derive(Clone, Debug)]
pub(crate) enum SimEvent {
    Published(u64),
    Said {
        chat: i64,
        thread: Option<i64>,
        #[expect(dead_code, reason = "shown in the transcript")]
        by: i64,
        text: String,
    },
    /// *Restore* was pressed.
    Restored {
        chat: i64,
        thread: Option<i64>,
    },
    Role {
        chat: i64,
        role: Role,
    },
    Upgraded,
    Down(#[expect(dead_code, reason = "shown in the transcript")] DateTime<Utc>),
    Site(SiteFault),
    Edited,
    /// The list changed in one of its habits.
    List(#[expect(dead_code, reason = "shown in the transcript")] String),
    /// The owner was asked about a held list, or a question was answered.
    Decided {
        decision: HoldDecision,
        asked_at: DateTime<Utc>,
    },
    /// The disk is full until then.
    Full(#[expect(dead_code, reason = "shown in the transcript")] DateTime<Utc>),
    /// The token was revoked; the process exits, and starts again with a new one.
    Revoked,
    /// The machine's clock was set by so many seconds.
    ClockSet(#[expect(dead_code, reason = "shown in the transcript")] i64),
}

/// Everything that is recorded of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) events: Vec<(DateTime<Utc>, SimEvent)>,
    pub(crate) crashes: u32,
    pub(crate) floods: u32,
    pub(crate) lost: u32,
    /// Steps that failed because of the full disk, and revoked tokens.
    pub(crate) refused: u32,
    pub(crate) revoked: u32,
    pub(crate) open: i64,
    /// Messages that were refused because they exceeded a limit of Telegram.
    pub(crate) limit_hits: Vec<(DateTime<Utc>, i64)>,
    pub(crate) restarts: Vec<DateTime<Utc>>,
    /// Each poll, in words.
    pub(crate) polls: Vec<(DateTime<Utc>, String)>,
    pub(crate) runs: u32,
    /// The list with all that it showed, if it had habits.
    pub(crate) habits: Option<Habits>,
    /// Questions to the owner that arrived, over all runs, and lists adopted without an answer.
    pub(crate) questions: usize,
    pub(crate) adopted: usize,
}

impl Trace {
    pub(crate) fn absorb(&mut self, other: &Trace) {
        self.arrivals.extend(other.arrivals.iter().cloned());
        self.crashes += other.crashes;
        self.floods += other.floods;
        self.lost += other.lost;
        self.refused += other.refused;
        self.revoked += other.revoked;
        self.questions += other.arrivals.iter().filter(|a| is_question(a)).count();
        self.adopted += other.arrivals.iter().filter(|a| is_adoption(a)).count();
        self.runs += 1;
    }

    fn pushes(&self) -> usize {
        self.arrivals.iter().filter(|a| a.is_push()).count()
    }

    /// A run in which nothing happens proves nothing.
    pub(crate) fn assert_eventful(&self) {
        let runs = self.runs as usize;
        assert!(self.pushes() >= 30 * runs, "{}", self.summary());
        assert!(self.crashes + self.lost + self.floods > 5 * self.runs, "{}", self.summary());
        if runs >= 20 {
            assert!(self.refused > self.runs && self.revoked > 0, "{}", self.summary());
            assert!(self.questions > 0 && self.adopted > 0, "{}", self.summary());
        }
    }

    pub(crate) fn summary(&self) -> String {
        let pushes = self.pushes();
        format!(
            "{} seeds: {} messages arrived, {pushes} of them pushes; {} crashes, {} sends without an answer, {} floods, {} steps refused by a full disk, {} tokens revoked, {} questions to the owner, {} lists adopted",
            self.runs,
            self.arrivals.len(),
            self.crashes,
            self.lost,
            self.floods,
            self.refused,
            self.revoked,
            self.questions,
            self.adopted,
        )
    }

    /// The run as text, in order of time, to be read and compared with another run.
    pub(crate) fn transcript(&self) -> String {
        let arrivals = self.arrivals.iter().map(|a| {
            let lost = if a.is_answer_lost { " (answer lost)" } else { "" };
            (a.at, format!("→ {} {:?}{lost}: {:?}", a.chat, a.thread, a.text))
        });
        let events = self.events.iter().map(|(at, event)| (*at, format!("{event:?}")));
        let restarts = self.restarts.iter().map(|at| (*at, "restarted".to_owned()));
        let polls = self.polls.iter().cloned();
        let mut lines: Vec<_> = arrivals.chain(events).chain(restarts).chain(polls).collect();
        lines.sort_by_key(|(at, _)| *at);
        lines.iter().map(|(at, line)| format!("{} {line}\n", at.format("%H:%M:%S%.3f"))).collect()
    }
}

/// The process: everything that a crash destroys.
struct Process {
    store: Store,
    poller: Poller<FakeBackends>,
    dispatcher: Dispatcher,
    receiver: UpdateReceiver,
    in_flight: Vec<InFlight>,
    refused: u32,
    next_receive_at: DateTime<Utc>,
    next_poll_at: DateTime<Utc>,
    next_dispatch_at: DateTime<Utc>,
    next_removals_at: DateTime<Utc>,
}

/// Why a process ended.
enum End {
    Crashed,
    Revoked,
}

/// A send without a response yet.
struct InFlight {
    answer_at: DateTime<Utc>,
    job: SendAttempt,
    outcome: SendOutcome,
    /// The index of its arrival, if it arrived.
    arrival: Option<usize>,
}

impl Process {
    async fn start(address: &str, fakes: &FakeBackends) -> Self {
        let now = fakes.now();
        let store = Store::open(address, Access::Run).await.unwrap();
        let mut source = source(PAGE, POLL_EVERY);
        let policy = policy(fakes.lock().habits.is_some());
        if fakes.lock().habits.is_some() {
            // Feeds have no counters, and this one distinguishes a push from a list that was
            // requested.
            let since_on = "2021-02-11".parse().unwrap();
            let template = "{days} days have passed since the lamp was switched off".to_owned();
            source.counters = vec![Counter { since_on, template }];
        }
        store.sync_sources(std::slice::from_ref(&source), now).await.unwrap();
        let poller =
            Poller::new(store.clone(), fakes.clone(), &[source], 1000).with_access_policy(&policy);
        let dispatcher = Dispatcher::start(store.clone(), RULES, now).await.unwrap();
        let receiver = UpdateReceiver::new(&fakes.lock().telegram.username.clone(), policy);
        Process {
            store,
            poller,
            dispatcher,
            receiver,
            in_flight: Vec::new(),
            refused: 0,
            next_receive_at: now,
            next_poll_at: now,
            next_dispatch_at: now,
            next_removals_at: now,
        }
    }

    fn next_at(&self) -> DateTime<Utc> {
        let settle_at = self.in_flight.iter().map(|sent| sent.answer_at).min();
        let next_at = self.next_receive_at.min(self.next_poll_at).min(self.next_dispatch_at);
        let next_at = next_at.min(self.next_removals_at);
        settle_at.map_or(next_at, |at| at.min(next_at))
    }

    /// The clock was set; sleeps follow the monotonic one.
    fn set_clock(&mut self, by: TimeDelta) {
        self.next_receive_at += by;
        self.next_poll_at += by;
        self.next_dispatch_at += by;
        self.next_removals_at += by;
        self.in_flight.iter_mut().for_each(|sent| sent.answer_at += by);
    }

    /// Runs the step that is due. `Err`: the process ended in the middle of it.
    async fn work(&mut self, fakes: &FakeBackends) -> Result<(), End> {
        let now = fakes.now();
        let due = self.in_flight.iter().enumerate().filter(|(_, sent)| sent.answer_at <= now);
        if let Some((n, _)) = due.min_by_key(|(_, sent)| sent.answer_at) {
            let InFlight { job, outcome, arrival, .. } = self.in_flight.remove(n);
            let is_revoked = outcome == SendOutcome::Unauthorized;
            let done = [(job, outcome)];
            let settled = self.dispatcher.settle(&done, now).await;
            if self.or_later(fakes, settled).is_none() {
                // It has to be settled, whatever else happens.
                let [(job, outcome)] = done;
                self.in_flight.push(InFlight { answer_at: now + RETRY, job, outcome, arrival });
            } else if is_revoked {
                return Err(End::Revoked);
            }
            self.next_dispatch_at = now;
        } else if self.next_dispatch_at <= now {
            let step = self.dispatcher.step(now).await;
            match self.or_later(fakes, step) {
                None => self.next_dispatch_at = now + RETRY,
                Some(Step::IdleUntil(at)) => {
                    assert!(at > now, "the dispatcher would spin at {now}");
                    self.next_dispatch_at = at;
                }
                Some(Step::Send(jobs)) => {
                    for job in jobs {
                        self.send(fakes, job).await;
                    }
                }
            }
        } else if self.next_receive_at <= now {
            let clock = || fakes.now();
            let rang = AtomicBool::new(false);
            let bell = || rang.store(true, Ordering::Relaxed);
            let step = self.receiver.step(&self.store, fakes, Duration::ZERO, clock, bell);
            let mut taken = or_crash(fakes, step).await.ok_or(End::Crashed)?;
            let moments = self.receiver.ephemeral_replies();
            or_crash(fakes, bot::send_ephemeral(&self.store, fakes, moments, now))
                .await
                .ok_or(End::Crashed)?
                .ok();
            let dealt = async {
                let pending = PendingUpdateHandler::of(&self.receiver);
                while let Some(update) = self.store.next_pending(&BTreeSet::new()).await? {
                    pending.run(&self.store, fakes, &update, clock).await?;
                    bell();
                }
                Ok(())
            };
            let dealt = or_crash(fakes, dealt).await.ok_or(End::Crashed)?;
            if let (Ok(_), Err(error)) = (&taken, dealt) {
                taken = Err(error);
            }
            // Long polling waits until there are updates.
            let wait_s = match self.or_later(fakes, taken) {
                None => 5,
                Some(Received::Updates(_)) if fakes.lock().telegram.has_updates() => 0,
                Some(Received::Updates(_)) => 30,
                Some(Received::Not(CallError::Unauthorized)) => return Err(End::Revoked),
                Some(Received::Not(_)) => 5,
            };
            self.next_receive_at = now + seconds(wait_s) + milliseconds(50);
            if rang.into_inner() {
                self.next_dispatch_at = now;
            }
        } else if self.next_removals_at <= now {
            let deleted = self.store.delete_removed(now).await;
            let next_at = self.or_later(fakes, deleted).flatten();
            let latest_at = now + REMOVALS_EVERY;
            self.next_removals_at =
                next_at.map_or(latest_at, |at| at.max(now + RETRY).min(latest_at));
        } else {
            let mut is_refused = false;
            for due in self.poller.due(now).await.unwrap() {
                let chance = fakes.lock().rng.f64();
                let poll = self.poller.poll(&due, || fakes.now(), chance);
                let poll = or_crash(fakes, poll).await.ok_or(End::Crashed)?;
                let polled = self.or_later(fakes, poll);
                is_refused |= polled.is_none();
                let polled = polled.flatten();
                if let Some(polled) = &polled {
                    let mut world = fakes.lock();
                    let read_at = world.now;
                    world.polls.push((read_at, describe(polled)));
                    let habits = world.habits.as_mut();
                    if let Some(habits) = habits.filter(|_| polled.reason.is_readable()) {
                        habits.was_read();
                    }
                }
                // More came than the page lists while it could not be read: where nobody is asked,
                // the operator looks at it, once the trouble is over.
                let is_held =
                    polled.as_ref().is_some_and(|polled| polled.reason == PollStatus::Held);
                let is_calm = !fakes.lock().has_faults && fakes.lock().habits.is_none();
                if is_held && is_calm {
                    self.store.decide(&due.name, HoldDecision::Post, now).await.unwrap();
                }
                if polled.is_some_and(|polled| polled.deliveries > 0 || polled.notices > 0) {
                    self.next_dispatch_at = now;
                }
            }
            let wait = self.poller.wait(now, &Default::default()).await.unwrap();
            let wait = if is_refused { Duration::from_secs(5) } else { wait };
            self.next_poll_at = now + wait.max(Duration::from_millis(1));
        }
        Ok(())
    }

    /// The result of a step; `None` if the database refused it, as it may while the disk is full.
    fn or_later<T>(&mut self, fakes: &FakeBackends, step: Result<T, StoreError>) -> Option<T> {
        step.inspect_err(|error| {
            assert!(fakes.lock().full_until.is_some(), "{error:?}");
            self.refused += 1;
        })
        .ok()
    }

    async fn send(&mut self, fakes: &FakeBackends, job: SendAttempt) {
        let before = fakes.lock().arrivals.len();
        let outcome = deliver::send(fakes, &job).await;
        let mut world = fakes.lock();
        let arrival = (world.arrivals.len() > before).then_some(before);
        let slow = world.has_faults && world.rng.u32(0..50) == 0;
        let ms = if outcome == silent() {
            60_000
        } else if slow {
            world.rng.i64(5_000..60_000)
        } else {
            world.rng.i64(20..250)
        };
        let answer_at = world.now + world.skew + milliseconds(ms);
        self.in_flight.push(InFlight { answer_at, job, outcome, arrival });
    }
}

/// The disk of the database. While it is full, triggers refuse all writes; a really full disk would
/// need a file system of its own.
struct Disk {
    address: String,
    is_full: bool,
}

impl Disk {
    async fn set_full(&mut self, is_full: bool) {
        if self.is_full == is_full {
            return;
        }
        self.is_full = is_full;
        let mut db = sqlx::SqliteConnection::connect(&self.address).await.unwrap();
        let tables = [
            "counter_schedule",
            "article",
            "chat",
            "counter",
            "delivery",
            "hold",
            "entry",
            "entry_key",
            "job",
            "fanout",
            "rate_estimate",
            "milestone",
            "notification",
            "custom_counter",
            "pending_removal",
            "pending_update",
            "watch_candidate",
            "removed_counter",
            "removed_delivery",
            "removed_subscription",
            "seen_update",
            "source",
            "subscription",
        ];
        let mut sql = "begin immediate;".to_owned();
        for table in tables {
            for operation in ["insert", "update", "delete"] {
                let name = format!("full_{table}_{operation}");
                sql += &if is_full {
                    format!(
                        "create trigger {name} before {operation} on {table} begin select raise(abort, 'no room'); end;"
                    )
                } else {
                    format!("drop trigger {name};")
                };
            }
        }
        sql += "commit;";
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }
}

/// Runs a step; `None` if it reached the point where the process crashes.
async fn or_crash<T>(fakes: &FakeBackends, step: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(step);
    std::future::poll_fn(|context| match step.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        // A crash point sets the flag; a step that waits for the database does not.
        Poll::Pending if fakes.lock().crashes && fakes.lock().is_at_crash_point => {
            Poll::Ready(None)
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Runs a seed from beginning to end.
pub(crate) async fn simulate(seed: u64) -> Trace {
    // In memory if there is such a folder: the disk is not tested here.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let address = format!("sqlite://{}/sim.db", folder.path().display());
    let mut world = TestWorld { has_faults: true, ..TestWorld::without_faults(seed) };
    population(&mut world.telegram);
    // In some worlds a crowd subscribes at once, so that the limits over all chats come to bear.
    if seed % 10 == 7 {
        for id in CROWD {
            world.telegram.add_user(id, "One of many", "en");
            world.telegram.say(id, id, "/start", None, epoch());
        }
    }
    world.site.is_still = world.rng.bool();
    if seed % 2 == 1 && seed % 10 != 7 {
        world.habits = Some(Habits::draw(&mut world.rng));
        world.telegram.add_user(OWNER, "The owner", "en");
        world.telegram.say(OWNER, OWNER, "/help", None, epoch());
        world.owner_answers = world.rng.bool();
    }
    let fakes = FakeBackends(Arc::new(Mutex::new(world)));
    let mut trace = Trace::default();
    let mut process = Process::start(&address, &fakes).await;
    let mut disk = Disk { address: address.clone(), is_full: false };
    let end_at = epoch() + seconds(LENGTH_S);
    let calm_at = epoch() + seconds(FAULTS_S);
    let mut next_event_at = epoch() + seconds(5);
    loop {
        let at = (process.next_at() - fakes.lock().skew).min(next_event_at);
        if at >= end_at {
            break;
        }
        {
            let mut world = fakes.lock();
            world.now = world.now.max(at);
            if world.now >= calm_at && world.has_faults {
                world.has_faults = false;
                world.telegram.clear_faults();
                world.site.fault = SiteFault::None;
                if let Some(habits) = &mut world.habits {
                    (habits.keeps_titles_only, habits.is_empty) = (false, false);
                }
                (world.down_until, world.full_until) = (None, None);
                world.telegram.is_revoked = false;
            }
        }
        if next_event_at <= at {
            let mut world = fakes.lock();
            let skew = world.skew;
            happen(&mut world, &mut trace);
            process.set_clock(world.skew - skew);
            if world.telegram.has_updates() {
                let soon = world.now + world.skew + milliseconds(30);
                process.next_receive_at = process.next_receive_at.min(soon);
            }
            next_event_at = world.now + seconds(world.rng.i64(1..90));
            if next_event_at > last_event_at() {
                next_event_at = end_at;
            }
            continue;
        }
        let crashes = {
            let mut world = fakes.lock();
            world.is_at_crash_point = false;
            world.crashes = world.has_faults && world.rng.u32(0..60) == 0;
            world.crashes
        };
        let full = {
            let world = fakes.lock();
            world.full_until.is_some_and(|at| at > world.now)
        };
        disk.set_full(full).await;
        if !full {
            fakes.lock().full_until = None;
        }
        let done = process.work(&fakes).await;
        fakes.lock().crashes = false;
        let end = if crashes { Err(End::Crashed) } else { done };
        if let Err(end) = end {
            match end {
                End::Crashed => trace.crashes += 1,
                End::Revoked => trace.revoked += 1,
            }
            // It does not start while there is no room; the supervisor tries until there is.
            disk.set_full(false).await;
            process = restart(process, &address, &fakes, &mut trace).await;
        }
    }
    trace.refused += process.refused;
    {
        let mut world = fakes.lock();
        trace.arrivals = std::mem::take(&mut world.arrivals);
        (trace.floods, trace.lost) = (world.floods, world.lost);
        trace.limit_hits = std::mem::take(&mut world.limit_hits);
        trace.habits = world.habits.take();
        trace.polls = std::mem::take(&mut world.polls);
    }
    trace.open = process.store.open_deliveries().await.unwrap();
    process.store.close().await;
    trace
}

/// The process crashes and starts again, immediately or later.
async fn restart(
    process: Process,
    address: &str,
    fakes: &FakeBackends,
    trace: &mut Trace,
) -> Process {
    trace.refused += process.refused;
    {
        let mut world = fakes.lock();
        world.telegram.is_revoked = false;
        world.full_until = None;
        for InFlight { arrival, .. } in &process.in_flight {
            world.lost += 1;
            if let Some(n) = arrival {
                world.arrivals[*n].is_answer_lost = true;
            }
        }
        let away =
            if world.rng.u32(0..4) == 0 { world.rng.i64(60..600) } else { world.rng.i64(0..5) };
        world.now += seconds(away);
        let now = world.now;
        trace.restarts.push(now);
    }
    let Process { store, poller, dispatcher, .. } = process;
    drop((poller, dispatcher));
    store.close().await;
    drop(store);
    Process::start(address, fakes).await
}

/// Draws one event of the world.
fn happen(world: &mut TestWorld, trace: &mut Trace) {
    let now = world.now;
    let mut events = Vec::new();
    match world.rng.u32(0..100) {
        0..25 => events.extend(publish(world)),
        25..30 => events.extend(restore(world)),
        30..60 => {
            let person = world.rng.i64(PEOPLE);
            let text = [
                "/start",
                "/start",
                "/start",
                "/stop",
                "/latest 3",
                "/counter",
                "hello",
                "/zone Tokyo",
                "/stop x",
            ][world.rng.usize(0..9)];
            events.push(say(world, person, None, person, text));
        }
        60..75 => {
            let group = if world.rng.bool() { FORUM } else { current_group(world) };
            let by = if world.rng.u32(0..4) == 0 { 12 } else { 11 };
            let is_topic = group == FORUM && world.rng.bool();
            let text = [
                "/start",
                "/start",
                "/start@communique_demo_bot",
                "/stop",
                "/latest",
                "/start@other_bot",
                "/counter daily 23:00",
            ][world.rng.usize(0..7)];
            if matches!(world.telegram.chats[&group].bot, Role::Left | Role::Kicked) {
                events.push(set_role(world, group, Role::Member));
            }
            events.push(say(world, group, is_topic.then_some(TOPIC), by, text));
        }
        75..80 => {
            let person = world.rng.i64(PEOPLE);
            let role = match world.telegram.chats[&person].bot {
                Role::Kicked => Role::Member,
                _ => Role::Kicked,
            };
            events.push(set_role(world, person, role));
        }
        80..84 => {
            let role = match world.telegram.chats[&CHANNEL].bot {
                Role::Admin => Role::Left,
                _ => Role::Admin,
            };
            events.push(set_role(world, CHANNEL, role));
        }
        84..86 => {
            let group = if world.rng.bool() { FORUM } else { current_group(world) };
            events.push(set_role(world, group, Role::Kicked));
        }
        86..88 if world.telegram.chats[&GROUP].migrated_to.is_none() => {
            // Telegram notifies the bot before a user can write in the supergroup.
            world.telegram.upgrade(GROUP, GROUP_UPGRADED, true, now);
            events.push(SimEvent::Upgraded);
        }
        88..90 if world.has_faults => {
            let length = world.rng.i64(10..600);
            let until = now + seconds(length);
            world.down_until = Some(until);
            world.down_as = [refused(), silent(), failing()][world.rng.usize(0..3)].clone();
            events.push(SimEvent::Down(until));
        }
        90..94 if world.has_faults && world.was_read => {
            let faults = [
                SiteFault::None,
                SiteFault::None,
                SiteFault::Challenge,
                SiteFault::Down,
                SiteFault::Empty,
                SiteFault::Truncated,
                SiteFault::Redesigned,
            ];
            world.site.fault = faults[world.rng.usize(0..faults.len())];
            events.push(SimEvent::Site(world.site.fault));
        }
        96..98 => match world.habits.take() {
            Some(mut habits) => {
                let has_faults = world.has_faults;
                let what = habits::change(&mut habits, &world.site, &mut world.rng, has_faults);
                world.habits = Some(habits);
                events.push(SimEvent::List(what));
            }
            None => {
                world.site.edit();
                events.push(SimEvent::Edited);
            }
        },
        94..96 if world.has_faults => {
            let until = now + seconds(world.rng.i64(10..600));
            world.full_until = Some(until);
            events.push(SimEvent::Full(until));
        }
        99 if world.has_faults && world.rng.bool() => {
            world.telegram.is_revoked = true;
            events.push(SimEvent::Revoked);
        }
        98 if world.has_faults => {
            let by = world.rng.i64(-3600..=3600);
            world.skew += seconds(by);
            events.push(SimEvent::ClockSet(by));
        }
        _ => {}
    }
    events.extend(decide(world));
    trace.events.extend(events.into_iter().map(|event| (now, event)));
}

/// A poll in the transcript.
fn describe(polled: &Polled) -> String {
    let Polled { name, reason, note, new, edited, deliveries, notices, .. } = polled;
    let note = note.as_deref().unwrap_or_default();
    format!(
        "read {name}: {}, {new} new, {edited} edited, {deliveries} deliveries, {notices} notices; {note}",
        reason.as_str()
    )
}

/// The access policy. A list is held for less than the time without faults at the end.
fn policy(has_owner: bool) -> AccessPolicy {
    let owner = has_owner.then_some(OWNER);
    let hold_for =
        if has_owner { TimeDelta::minutes(12) } else { AccessPolicy::default().hold_for };
    AccessPolicy { owner, hold_for, ..AccessPolicy::default() }
}

/// Whether a message asks the owner about a held list.
pub(crate) fn is_question(arrival: &Arrival) -> bool {
    arrival.chat == OWNER && hold_of(arrival, HoldDecision::Post).is_some()
}

/// Whether a message says that a list was adopted without an answer.
pub(crate) fn is_adoption(arrival: &Arrival) -> bool {
    arrival.chat == OWNER && arrival.text.contains("Nobody answered")
}

/// The callback data of a button of a question.
fn hold_of(arrival: &Arrival, decision: HoldDecision) -> Option<String> {
    arrival.outgoing.buttons.iter().flatten().find_map(|button| {
        let ButtonKind::Callback(data) = &button.press else { return None };
        let is_it = matches!(Action::decode(data), Some(Action::Hold(_, of)) if of == decision);
        is_it.then(|| data.clone())
    })
}

/// The owner answers the last question, sooner or later.
fn decide(world: &mut TestWorld) -> Option<SimEvent> {
    if !world.owner_answers || world.rng.u32(0..5) > 0 {
        return None;
    }
    let last = world.arrivals.iter().rev().find(|arrival| is_question(arrival))?.clone();
    if world.answered >= last.at + TimeDelta::zero() {
        return None;
    }
    let decision =
        [HoldDecision::Post, HoldDecision::Store, HoldDecision::Store, HoldDecision::Wait]
            [world.rng.usize(0..4)];
    let data = hold_of(&last, decision)?;
    world.answered = last.at;
    let now = world.now;
    world.telegram.press_stale(OWNER, OWNER, last.message_id, &data, now);
    Some(SimEvent::Decided { decision, asked_at: last.at })
}

/// Publishes a statement, unless the page would drop one that was never seen: gaps are not tested
/// here.
fn publish(world: &mut TestWorld) -> Option<SimEvent> {
    let most = world.habits.as_ref().map_or(5, |habits| habits.window / 2);
    if world.unread as usize >= most {
        // The window may move on during an outage: what could not be read is not required.
        let moves_on = world.habits.is_some() && world.has_faults && world.rng.bool();
        if !moves_on {
            return None;
        }
    }
    world.unread += 1;
    let now = world.now;
    let statement = world.site.publish(now);
    // What the first poll finds is the baseline.
    world.was_read.then_some(SimEvent::Published(statement.number))
}

fn say(world: &mut TestWorld, chat: i64, thread: Option<i64>, by: i64, text: &str) -> SimEvent {
    let now = world.now;
    world.telegram.say(chat, by, text, thread, now);
    SimEvent::Said { chat, thread, by, text: text.to_owned() }
}

/// A user presses *Restore*, where that is the last message.
fn restore(world: &mut TestWorld) -> Option<SimEvent> {
    let mut last = BTreeMap::new();
    for arrival in &world.arrivals {
        last.insert((arrival.chat, arrival.thread), arrival);
    }
    let found = last.into_values().find_map(|arrival| {
        let ButtonKind::Callback(data) = &arrival.outgoing.buttons.first()?.first()?.press else {
            return None;
        };
        let is_restore = matches!(Action::decode(data), Some(Action::Restore(_)));
        is_restore.then(|| (arrival.chat, arrival.thread, arrival.message_id, data.clone()))
    });
    let (chat, thread, message_id, data) = found?;
    // All groups are Anna's.
    let (by, now) = (if chat > 0 { chat } else { 11 }, world.now);
    world.telegram.press_stale(chat, by, message_id, &data, now);
    Some(SimEvent::Restored { chat, thread })
}

fn set_role(world: &mut TestWorld, chat: i64, role: Role) -> SimEvent {
    let now = world.now;
    world.telegram.set_role(chat, 11, role, now);
    SimEvent::Role { chat, role }
}

fn current_group(world: &TestWorld) -> i64 {
    world.telegram.chats[&GROUP].migrated_to.unwrap_or(GROUP)
}

/// Nothing happens after this, so that everything due can arrive before the end.
pub(crate) fn last_event_at() -> DateTime<Utc> {
    epoch() + seconds(LENGTH_S - 900)
}
