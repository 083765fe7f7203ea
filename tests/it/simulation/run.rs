//! One run: events drawn from the seed, steps of the program in between, crashes, and at the end a
//! time without faults in which everything must be delivered.

use super::{
    disk::Disk,
    events::happen,
    process::{End, Process, restart},
    trace::Trace,
};
use crate::{
    habits::Habits,
    support::{CROWD, FakeBackends, OWNER, TestWorld, epoch, milliseconds, population, seconds},
};
use chrono::{DateTime, Utc};
use communique::sandbox::SiteFault;
use std::sync::{Arc, Mutex};

/// The length of a run, and the part of it with faults.
const LENGTH_S: i64 = 3 * 3600;
const FAULTS_S: i64 = 2 * 3600;

/// Runs a seed from beginning to end.
pub(crate) async fn simulate(seed: u64) -> Trace {
    // In memory if there is such a folder: the disk is not tested here.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let address = format!("sqlite://{}/sim.db", folder.path().display());
    let fakes = FakeBackends(Arc::new(Mutex::new(world(seed))));
    let mut trace = Trace::default();
    let mut process = Process::start(&address, &fakes).await;
    let mut disk = Disk::new(&address);
    let end_at = epoch() + seconds(LENGTH_S);
    let mut next_event_at = epoch() + seconds(5);
    loop {
        let at = (process.next_at() - fakes.lock().skew).min(next_event_at);
        if at >= end_at {
            break;
        }
        advance(&mut fakes.lock(), at);
        if next_event_at <= at {
            next_event_at = run_event(&mut fakes.lock(), &mut process, &mut trace);
            if next_event_at > last_event_at() {
                next_event_at = end_at;
            }
            continue;
        }
        let crashes = draw_crash(&mut fakes.lock());
        let is_full = {
            let world = fakes.lock();
            world.full_until.is_some_and(|at| at > world.now)
        };
        disk.set_full(is_full).await;
        if !is_full {
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
    collect(&mut fakes.lock(), &mut trace);
    let (refused, open) = process.finish().await;
    trace.refused += refused;
    trace.open = open;
    trace
}

/// The world of a seed at the start.
fn world(seed: u64) -> TestWorld {
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
    world
}

/// Moves the time forward, and ends all faults when theirs is over.
fn advance(world: &mut TestWorld, at: DateTime<Utc>) {
    world.now = world.now.max(at);
    if world.now >= epoch() + seconds(FAULTS_S) && world.has_faults {
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

/// Runs an event. Returns the time of the next one.
fn run_event(world: &mut TestWorld, process: &mut Process, trace: &mut Trace) -> DateTime<Utc> {
    let skew = world.skew;
    happen(world, trace);
    process.set_clock(world.skew - skew);
    if world.telegram.has_updates() {
        process.wake_receiver(world.now + world.skew + milliseconds(30));
    }
    world.now + seconds(world.rng.i64(1..90))
}

/// Draws whether the process crashes in its next step.
fn draw_crash(world: &mut TestWorld) -> bool {
    world.is_at_crash_point = false;
    world.crashes = world.has_faults && world.rng.u32(0..60) == 0;
    world.crashes
}

/// Takes what the world recorded into the trace.
fn collect(world: &mut TestWorld, trace: &mut Trace) {
    trace.arrivals = std::mem::take(&mut world.arrivals);
    (trace.floods, trace.lost) = (world.floods, world.lost);
    trace.limit_hits = std::mem::take(&mut world.limit_hits);
    trace.habits = world.habits.take();
    trace.polls = std::mem::take(&mut world.polls);
}

/// Nothing happens after this, so that everything due can arrive before the end.
fn last_event_at() -> DateTime<Utc> {
    epoch() + seconds(LENGTH_S - 900)
}
