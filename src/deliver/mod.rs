//! Dispatching: what is due is claimed, sent, settled.
//!
//! Promises: a message is claimed at the moment it may go and not before, so what a chat does in
//! between (leaving, above all) counts; a claim is settled by its own outcome only.
//! Leaves out: waiting (`app`), how fast (`pace`), what outcomes mean (`domain::delivery`).

pub mod rate_limiter;

use self::rate_limiter::{Permit, RateLimiter};
use crate::{
    domain::{
        AttemptHistory, Button, ChatId, DeliveryConfig, Keyboard, Message, Outgoing, RateEstimate,
        SendOptions, SendOutcome, Settlement, local_time,
    },
    message::{self, html},
    store::{ClaimRequest, Claimed, Payload, Statement, Store, StoreError},
    telegram::Telegram,
    telemetry::metrics,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// The longest that the dispatcher sleeps: a clock that is set back does not stop it for long.
const SLEEP_MAX: TimeDelta = TimeDelta::seconds(60);
/// Deliveries that are made at a time are those of so many seconds, and of so many places at least:
/// so long does a new broadcast wait for its turn beside an old one.
const FANOUT_SECONDS: f64 = 2.0;
const FANOUT_PLACES_MIN: f64 = 30.0;
/// Chunks in a step, where nothing that was made may go yet; and the pause then.
const FANOUTS_PER_STEP_MAX: u32 = 8;
const RECHECK_AFTER: TimeDelta = TimeDelta::milliseconds(10);
/// Steps after which a chunk is made in any case: what is due may be for chats that have to wait.
const FANOUT_EVERY_STEPS: u32 = 16;
/// How often what was learnt is kept, while it changes.
const SAVE_ESTIMATE_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Sends deliveries at the pace that Telegram allows.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    config: DeliveryConfig,
    rate_limiter: RateLimiter,
    /// How many messages are on their way to each chat. Nothing else goes there meanwhile, however
    /// long it takes and whatever the clock says.
    in_flight: BTreeMap<ChatId, u32>,
    /// The notification that had the last turn in being made into deliveries.
    last_fanout_id: i64,
    /// Whether what waited for its time goes first the next time.
    later_first: bool,
    steps: u32,
    stepped_at: DateTime<Utc>,
    saved_estimate: (RateEstimate, DateTime<Utc>),
}

/// A delivery on its way.
#[derive(Debug)]
pub struct SendAttempt {
    /// The delivery.
    pub claimed: Claimed,
    /// What is sent.
    pub outgoing: Outgoing,
    ticket: Permit,
}

impl SendAttempt {
    /// When it may be sent: at once, or a few milliseconds later.
    pub fn send_at(&self) -> DateTime<Utc> {
        self.ticket.send_at
    }
}

/// What a step came to.
#[derive(Debug)]
pub enum Step {
    /// These may be sent, each at its time.
    Send(Vec<SendAttempt>),
    /// Nothing before this time, unless something is added or a send is settled.
    IdleUntil(DateTime<Utc>),
}

impl Dispatcher {
    /// A dispatcher by these rules. Takes back what the process before had in flight.
    pub async fn start(
        store: Store,
        rules: DeliveryConfig,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let recovered = store.recover(now).await?;
        if recovered > 0 {
            tracing::warn!(
                "{recovered} messages were on their way when the last run ended; they are sent again"
            );
        }
        let mut pace = RateLimiter::new(rules.per_second, store.rate_estimate().await?, now);
        for (chat, sent_at) in store.sent_since(now - TimeDelta::minutes(1)).await? {
            pace.record_past_send(chat, sent_at.min(now));
        }
        let learnt = (pace.estimate(), now);
        let in_flight = BTreeMap::new();
        Ok(Dispatcher {
            store,
            config: rules,
            rate_limiter: pace,
            in_flight,
            last_fanout_id: 0,
            later_first: false,
            steps: 0,
            stepped_at: now,
            saved_estimate: learnt,
        })
    }

    /// Claims the next deliveries that may go.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Step, StoreError> {
        self.handle_clock_change(now).await?;
        self.save_estimate(now).await?;
        let latest = now + SLEEP_MAX;
        let idle = |at: DateTime<Utc>| Ok(Step::IdleUntil(at.min(latest)));
        match self.rate_limiter.ready_at(now) {
            None => return idle(latest),
            Some(at) if at > now => return idle(at),
            Some(_) => {}
        }
        let mut held = self.rate_limiter.blocked_chats(now);
        held.extend(self.in_flight.keys());
        let limit = self.rate_limiter.batch_size(now);
        self.later_first = !self.later_first;
        let wanted = ClaimRequest {
            limit,
            held: &held,
            digest_above: self.config.digest_above,
            later_first: self.later_first,
        };
        let places =
            (self.rate_limiter.rate() * FANOUT_SECONDS).max(FANOUT_PLACES_MIN).ceil() as u32;
        // What waits behind its turn to be made must not wait for all that is due later as well.
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(FANOUT_EVERY_STEPS)
            || self.store.has_fewer_immediate(places, now).await?
        {
            self.materialize(places, now).await?;
        }
        for _ in 0..FANOUTS_PER_STEP_MAX {
            let claim = self.store.claim(now, wanted).await?;
            if !claim.claimed.is_empty() {
                let jobs = claim
                    .claimed
                    .into_iter()
                    .map(|claimed| self.start_attempt(claimed, now))
                    .collect();
                self.update_gauges();
                return Ok(Step::Send(jobs));
            }
            if !self.materialize(places, now).await? {
                let freed_at = self.rate_limiter.first_freed_at(now);
                let next_at = [claim.next_due_at, freed_at].into_iter().flatten().min();
                return idle(next_at.unwrap_or(latest));
            }
        }
        idle(now + RECHECK_AFTER)
    }

    /// Makes the deliveries of the next places of the notification whose turn it is; false: all are
    /// made.
    async fn materialize(&mut self, places: u32, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let chunk = self.store.fan_out(self.last_fanout_id, places, now).await?;
        self.last_fanout_id = chunk.map_or(self.last_fanout_id, |chunk| chunk.notification_id);
        Ok(chunk.is_some())
    }

    fn start_attempt(&mut self, claimed: Claimed, now: DateTime<Utc>) -> SendAttempt {
        let chat = claimed.place.chat;
        *self.in_flight.entry(chat).or_default() += 1;
        let outgoing = outgoing(&claimed, self.config.paid, now);
        let ticket = self.rate_limiter.start(chat, now);
        SendAttempt { claimed, outgoing, ticket }
    }

    /// Settles jobs by their outcomes. To be called again, with the same, if it fails.
    pub async fn settle(
        &mut self,
        done: &[(SendAttempt, SendOutcome)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // First of all: what follows is written as of now.
        self.handle_clock_change(now).await?;
        let others_answered = self.rate_limiter.is_answered();
        let settled: Vec<(&Claimed, Settlement)> = done
            .iter()
            .map(|(job, outcome)| {
                let tries = AttemptHistory { others_answered, ..job.claimed.tries };
                (&job.claimed, Settlement::of(outcome, tries))
            })
            .collect();
        self.store.settle(&settled, now).await?;
        for ((job, outcome), (_, settlement)) in done.iter().zip(&settled) {
            log_outcome(job, outcome, settlement);
            metrics::settled(outcome, settlement, job.claimed.tries.unanswered);
            self.rate_limiter.finish(&job.ticket, outcome, now);
            let chat = job.claimed.place.chat;
            if let Some(n) = self.in_flight.get_mut(&chat) {
                *n -= 1;
                if *n == 0 {
                    self.in_flight.remove(&chat);
                }
            }
        }
        self.update_gauges();
        Ok(())
    }

    fn update_gauges(&self) {
        metrics::rate(self.rate_limiter.rate(), self.in_flight.values().sum());
    }

    /// A clock that was set back makes nothing wait longer. (One that was set forward makes things
    /// due early, which harms nothing: what is on its way is known.)
    async fn handle_clock_change(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let by = self.stepped_at - now;
        if by > TimeDelta::zero() {
            self.store.shift_due_times(by, now).await?;
            self.rate_limiter.clock_moved_back(by);
            self.saved_estimate.1 -= by;
        }
        self.stepped_at = now;
        Ok(())
    }

    async fn save_estimate(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (lesson, (known, at)) = (self.rate_limiter.estimate(), self.saved_estimate);
        let is_due = lesson.ceiling != known.ceiling || now - at >= SAVE_ESTIMATE_EVERY;
        if is_due && lesson != known {
            self.store.save_rate_estimate(lesson).await?;
            self.saved_estimate = (lesson, now);
        }
        Ok(())
    }
}

/// Sends a job: the part that takes time, and touches nothing but the door.
pub async fn send<T: Telegram>(telegram: &T, job: &SendAttempt) -> SendOutcome {
    telegram.send(&job.outgoing).await
}

/// What is sent of a delivery as of now.
fn outgoing(claimed: &Claimed, is_paid: bool, now: DateTime<Utc>) -> Outgoing {
    let place = claimed.place;
    let (message, edit_id, reply_id, file, preview) = match &claimed.content {
        Payload::Reply(answer) => {
            (answer.message.clone(), answer.edit_id, answer.reply_id, answer.file.clone(), false)
        }
        Payload::Statement(push) => {
            (statement_message(push, now), None, None, None, push.settings.preview)
        }
        Payload::Milestone(of) => {
            let html = message::milestone(
                &of.source_title,
                &of.source_url,
                &of.counter,
                of.on,
                of.milestone,
                of.lang,
            );
            (Message::new(html), None, None, None, false)
        }
        Payload::Daily(daily) => {
            let (sources, own) = (&daily.sources, &daily.own);
            let html =
                message::daily(sources, own, daily.on, daily.milestones_only, now, daily.lang);
            (Message::new(html), None, None, None, false)
        }
    };
    let silent = claimed.is_silent;
    if claimed.tries.is_plain {
        // Telegram refused it, for whatever reason: what is left is what was to be said. Addresses
        // stand beside their texts then, and take room of their own.
        let text = html::cut(&html::without_markup(&message.html), html::TEXT_UNITS_MAX);
        let manner = SendOptions { plain: true, silent, ..SendOptions::default() };
        let (buttons, edit_id, reply_id) = (Keyboard::new(), None, None);
        return Outgoing { place, text, buttons, edit_id, reply_id, file, options: manner };
    }
    let paid = is_paid && !matches!(claimed.content, Payload::Reply(_));
    let manner = SendOptions { plain: false, paid, silent, preview };
    let Message { html: text, buttons } = message;
    Outgoing { place, text, buttons, edit_id, reply_id, file, options: manner }
}

fn statement_message(push: &Statement, now: DateTime<Utc>) -> Message {
    let today_on = local_time::day(push.source.zone, now);
    let (settings, lang) = (&push.settings, push.lang);
    let (title, counters) = (&push.source.title, &push.source.counters);
    if push.digest.is_empty() {
        let html =
            message::statement(title, &push.listed.entry, counters, today_on, settings, lang);
        let username = push.username.as_deref();
        let read =
            push.listed.entry.link.as_ref().and_then(|_| {
                message::buttons::read(push.kind, username, push.listed.entry_ref, lang)
            });
        let buttons: Keyboard = read.map(|read: Button| vec![vec![read]]).unwrap_or_default();
        return Message::new(html).with_buttons(buttons);
    }
    let counters = if settings.counters { counters.as_slice() } else { &[] };
    let html = message::digest(title, &push.source.url, &push.digest, counters, today_on, lang);
    Message::new(html)
}

/// Logs the outcome of an attempt.
#[expect(clippy::cognitive_complexity, reason = "the expansion of the log macros counts")]
fn log_outcome(job: &SendAttempt, outcome: &SendOutcome, settlement: &Settlement) {
    let Claimed { delivery_id, place, tries, .. } = &job.claimed;
    let attempt = tries.attempt;
    let _span = tracing::error_span!("delivery", id = delivery_id, chat = %place).entered();
    match settlement {
        Settlement::Sent(_) => tracing::debug!(attempt, "message sent"),
        Settlement::ForgetChat(error) => tracing::info!(%error, "the chat is gone"),
        Settlement::ForgetPlace(error) => tracing::info!(%error, "the topic is gone"),
        Settlement::Migrate(to) => tracing::info!(%to, "the group is a supergroup now"),
        Settlement::Dead(error) => tracing::warn!(%error, attempt, "message given up"),
        Settlement::AgainPlain(error) => {
            tracing::warn!(%error, attempt, "message refused, sending it once more as plain text");
        }
        Settlement::Again { why: error, .. }
            if matches!(outcome, SendOutcome::ChatClosed(_)) && attempt == 1 =>
        {
            tracing::warn!(
                %error,
                "the bot may not write to the chat, retrying every hour for a day"
            );
        }
        Settlement::Again { why: error, .. } | Settlement::AgainAsNew(error) => {
            tracing::debug!(%error, attempt, "sending failed, retrying");
        }
        Settlement::AgainUnanswered { .. } => {
            tracing::debug!(attempt, "no response, retrying");
        }
    }
}
