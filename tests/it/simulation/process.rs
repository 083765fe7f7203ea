//! The simulated process: the workers' steps, each at its time, until a crash or a revoked token
//! ends it.

use super::trace::Trace;
use crate::support::{FakeBackends, OWNER, PAGE, RULES, milliseconds, seconds, silent, source};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    bot::{self, PendingUpdateHandler, Received, UpdateReceiver},
    deliver::{self, Dispatcher, SendAttempt, Step},
    domain::{AccessPolicy, Counter, HoldDecision, PollStatus, SendOutcome, UserId},
    poll::{Polled, Poller},
    store::{Access, Store, StoreError},
    telegram::CallError,
};
use std::{
    collections::BTreeSet,
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
    time::Duration,
};

const POLL_EVERY: Duration = Duration::from_secs(60);
/// How often removed subscriptions are deleted.
const REMOVALS_EVERY: TimeDelta = TimeDelta::seconds(20);
/// How long after an error of the database a step is retried.
const RETRY: TimeDelta = TimeDelta::seconds(5);

/// The process: everything that a crash destroys.
pub(crate) struct Process {
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
pub(crate) enum End {
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
    pub(crate) async fn start(address: &str, fakes: &FakeBackends) -> Self {
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

    pub(crate) fn next_at(&self) -> DateTime<Utc> {
        let settle_at = self.in_flight.iter().map(|sent| sent.answer_at).min();
        let next_at = self.next_receive_at.min(self.next_poll_at).min(self.next_dispatch_at);
        let next_at = next_at.min(self.next_removals_at);
        settle_at.map_or(next_at, |at| at.min(next_at))
    }

    /// The clock was set; sleeps follow the monotonic one.
    pub(crate) fn set_clock(&mut self, by: TimeDelta) {
        self.next_receive_at += by;
        self.next_poll_at += by;
        self.next_dispatch_at += by;
        self.next_removals_at += by;
        self.in_flight.iter_mut().for_each(|sent| sent.answer_at += by);
    }

    /// Runs the step that is due. `Err`: the process ended in the middle of it.
    pub(crate) async fn work(&mut self, fakes: &FakeBackends) -> Result<(), End> {
        let now = fakes.now();
        let due = self.in_flight.iter().enumerate().filter(|(_, sent)| sent.answer_at <= now);
        if let Some((n, _)) = due.min_by_key(|(_, sent)| sent.answer_at) {
            self.settle(fakes, n, now).await
        } else if self.next_dispatch_at <= now {
            self.dispatch(fakes, now).await;
            Ok(())
        } else if self.next_receive_at <= now {
            self.receive(fakes, now).await
        } else if self.next_removals_at <= now {
            self.delete_removed(fakes, now).await;
            Ok(())
        } else {
            self.poll(fakes, now).await
        }
    }

    /// Settles a send with its response.
    async fn settle(
        &mut self,
        fakes: &FakeBackends,
        n: usize,
        now: DateTime<Utc>,
    ) -> Result<(), End> {
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
        Ok(())
    }

    /// Sends what is due, or finds out when something will be.
    async fn dispatch(&mut self, fakes: &FakeBackends, now: DateTime<Utc>) {
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
    }

    /// Receives updates, and handles those that were deferred.
    async fn receive(&mut self, fakes: &FakeBackends, now: DateTime<Utc>) -> Result<(), End> {
        let clock = || fakes.now();
        let rang = AtomicBool::new(false);
        let bell = || rang.store(true, Ordering::Relaxed);
        let step = self.receiver.step(&self.store, fakes, Duration::ZERO, clock, bell);
        let mut received = or_crash(fakes, step).await.ok_or(End::Crashed)?;
        let replies = self.receiver.ephemeral_replies();
        or_crash(fakes, bot::send_ephemeral(&self.store, fakes, replies, now))
            .await
            .ok_or(End::Crashed)?
            .ok();
        let handled = async {
            let pending = PendingUpdateHandler::of(&self.receiver);
            while let Some(update) = self.store.next_pending(&BTreeSet::new()).await? {
                pending.run(&self.store, fakes, &update, clock).await?;
                bell();
            }
            Ok(())
        };
        let handled = or_crash(fakes, handled).await.ok_or(End::Crashed)?;
        if let (Ok(_), Err(error)) = (&received, handled) {
            received = Err(error);
        }
        // Long polling waits until there are updates.
        let wait_s = match self.or_later(fakes, received) {
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
        Ok(())
    }

    /// Deletes removed subscriptions whose time is over.
    async fn delete_removed(&mut self, fakes: &FakeBackends, now: DateTime<Utc>) {
        let deleted = self.store.delete_removed(now).await;
        let next_at = self.or_later(fakes, deleted).flatten();
        let latest_at = now + REMOVALS_EVERY;
        self.next_removals_at = next_at.map_or(latest_at, |at| at.max(now + RETRY).min(latest_at));
    }

    /// Polls the sources that are due.
    async fn poll(&mut self, fakes: &FakeBackends, now: DateTime<Utc>) -> Result<(), End> {
        let mut is_refused = false;
        for due in self.poller.due(now).await.unwrap() {
            let jitter = fakes.lock().rng.f64();
            let poll = self.poller.poll(&due, || fakes.now(), jitter);
            let poll = or_crash(fakes, poll).await.ok_or(End::Crashed)?;
            let polled = self.or_later(fakes, poll);
            is_refused |= polled.is_none();
            let Some(polled) = polled.flatten() else { continue };
            record(fakes, &polled);
            // More came than the page lists while it could not be read: if nobody is asked, the
            // operator looks at it, once the faults are over.
            let may_decide = !fakes.lock().has_faults && fakes.lock().habits.is_none();
            if polled.reason == PollStatus::Held && may_decide {
                self.store.decide(&due.name, HoldDecision::Post, now).await.unwrap();
            }
            if polled.deliveries > 0 || polled.notices > 0 {
                self.next_dispatch_at = now;
            }
        }
        let wait = self.poller.wait(now, &BTreeSet::new()).await.unwrap();
        let wait = if is_refused { Duration::from_secs(5) } else { wait };
        self.next_poll_at = now + wait.max(Duration::from_millis(1));
        Ok(())
    }

    /// Makes it receive updates soon.
    pub(crate) fn wake_receiver(&mut self, at: DateTime<Utc>) {
        self.next_receive_at = self.next_receive_at.min(at);
    }

    /// Ends it for good. Returns how many steps the database refused, and how many deliveries are
    /// open.
    pub(crate) async fn finish(self) -> (u32, i64) {
        let open = self.store.open_deliveries().await.unwrap();
        self.store.close().await;
        (self.refused, open)
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

/// Records a poll in the transcript, and what its list has shown.
fn record(fakes: &FakeBackends, polled: &Polled) {
    let mut world = fakes.lock();
    let read_at = world.now;
    world.polls.push((read_at, describe(polled)));
    let habits = world.habits.as_mut();
    if let Some(habits) = habits.filter(|_| polled.reason.is_readable()) {
        habits.was_read();
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

/// The process crashes and starts again, immediately or later.
pub(crate) async fn restart(
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
    let owner = has_owner.then_some(UserId(OWNER));
    let hold_for =
        if has_owner { TimeDelta::minutes(12) } else { AccessPolicy::default().hold_for };
    AccessPolicy { owner, hold_for, ..AccessPolicy::default() }
}
