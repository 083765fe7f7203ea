//! Dispatching: what is due is claimed, sent, settled.
//!
//! Promises: a message is claimed at the moment it may go and not before, so what a chat does in
//! between (leaving, above all) counts; a claim is settled by its own outcome only.
//! Leaves out: waiting (`app`), how fast (`pace`), what outcomes mean (`domain::delivery`).

use crate::{
    domain::{
        Button, ChatId, Keyboard, Lesson, Manner, Message, Outgoing, Rules, SendOutcome,
        Settlement, Tries, calendar,
    },
    metrics,
    pace::{Pace, Ticket},
    render::{self, html},
    store::{Claimed, Content, Push, Store, StoreError, Wanted},
    telegram::Telegram,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// The longest that the dispatcher sleeps: a clock that is set back does not stop it for long.
const SLEEP_MAX: TimeDelta = TimeDelta::seconds(60);
/// Deliveries that are made at a time are those of so many seconds, and of so many places at least:
/// so long does a new broadcast wait for its turn beside an old one.
const CHUNK_S: f64 = 2.0;
const CHUNK_MIN: f64 = 30.0;
/// Chunks in a step, where nothing that was made may go yet; and the pause then.
const CHUNKS_MAX: u32 = 8;
const BREATH: TimeDelta = TimeDelta::milliseconds(10);
/// Steps after which a chunk is made in any case: what is due may be for chats that have to wait.
const CHUNK_EVERY: u32 = 16;
/// How often what was learnt is kept, while it changes.
const LEARN_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Sends deliveries at the pace that Telegram allows.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    rules: Rules,
    pace: Pace,
    /// How many messages are on their way to each chat. Nothing else goes there meanwhile, however
    /// long it takes and whatever the clock says.
    in_flight: BTreeMap<ChatId, u32>,
    /// The notification that had the last turn in being made into deliveries.
    turn: i64,
    /// Whether what waited for its time goes first the next time.
    later_first: bool,
    steps: u32,
    stepped_at: DateTime<Utc>,
    learnt: (Lesson, DateTime<Utc>),
}

/// A delivery on its way.
#[derive(Debug)]
pub struct Job {
    /// The delivery.
    pub claimed: Claimed,
    /// What is sent.
    pub outgoing: Outgoing,
    ticket: Ticket,
}

impl Job {
    /// When it may be sent: at once, or a few milliseconds later.
    pub fn send_at(&self) -> DateTime<Utc> {
        self.ticket.send_at
    }
}

/// What a step came to.
#[derive(Debug)]
pub enum Step {
    /// These may be sent, each at its time.
    Send(Vec<Job>),
    /// Nothing before this time, unless something is added or a send is settled.
    IdleUntil(DateTime<Utc>),
}

impl Dispatcher {
    /// A dispatcher by these rules. Takes back what the process before had in flight.
    pub async fn start(store: Store, rules: Rules, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let recovered = store.recover(now).await?;
        if recovered > 0 {
            tracing::warn!(
                "{recovered} messages were on their way when the last run ended; they are sent again"
            );
        }
        let mut pace = Pace::new(rules.per_second, store.lesson().await?, now);
        for (chat, sent_at) in store.sent_since(now - TimeDelta::minutes(1)).await? {
            pace.remember(chat, sent_at.min(now));
        }
        let learnt = (pace.lesson(), now);
        let in_flight = BTreeMap::new();
        Ok(Dispatcher {
            store,
            rules,
            pace,
            in_flight,
            turn: 0,
            later_first: false,
            steps: 0,
            stepped_at: now,
            learnt,
        })
    }

    /// Claims the next deliveries that may go.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Step, StoreError> {
        self.mind_the_clock(now).await?;
        self.keep_lesson(now).await?;
        let latest = now + SLEEP_MAX;
        let idle = |at: DateTime<Utc>| Ok(Step::IdleUntil(at.min(latest)));
        match self.pace.ready_at(now) {
            None => return idle(latest),
            Some(at) if at > now => return idle(at),
            Some(_) => {}
        }
        let mut held = self.pace.held(now);
        held.extend(self.in_flight.keys());
        let limit = self.pace.batch(now);
        self.later_first = !self.later_first;
        let wanted = Wanted {
            limit,
            held: &held,
            digest_above: self.rules.digest_above,
            later_first: self.later_first,
        };
        let places = (self.pace.rate() * CHUNK_S).max(CHUNK_MIN).ceil() as u32;
        // What waits behind its turn to be made must not wait for all that is due later as well.
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(CHUNK_EVERY) || self.store.lacks_at_once(places, now).await? {
            self.make(places, now).await?;
        }
        for _ in 0..CHUNKS_MAX {
            let claim = self.store.claim(now, wanted).await?;
            if !claim.claimed.is_empty() {
                let jobs =
                    claim.claimed.into_iter().map(|claimed| self.job(claimed, now)).collect();
                self.tell_metrics();
                return Ok(Step::Send(jobs));
            }
            if !self.make(places, now).await? {
                let freed_at = self.pace.first_freed_at(now);
                let next_at = [claim.next_due_at, freed_at].into_iter().flatten().min();
                return idle(next_at.unwrap_or(latest));
            }
        }
        idle(now + BREATH)
    }

    /// Makes the deliveries of the next places of the notification whose turn it is; false: all are
    /// made.
    async fn make(&mut self, places: u32, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let chunk = self.store.fan_out(self.turn, places, now).await?;
        self.turn = chunk.map_or(self.turn, |chunk| chunk.notification_id);
        Ok(chunk.is_some())
    }

    fn job(&mut self, claimed: Claimed, now: DateTime<Utc>) -> Job {
        let chat = claimed.place.chat;
        *self.in_flight.entry(chat).or_default() += 1;
        let outgoing = outgoing(&claimed, self.rules.paid, now);
        let ticket = self.pace.start(chat, now);
        Job { claimed, outgoing, ticket }
    }

    /// Settles jobs by their outcomes. To be called again, with the same, if it fails.
    pub async fn settle(
        &mut self,
        done: &[(Job, SendOutcome)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // First of all: what follows is written as of now.
        self.mind_the_clock(now).await?;
        let others_answered = self.pace.is_answered();
        let settled: Vec<(&Claimed, Settlement)> = done
            .iter()
            .map(|(job, outcome)| {
                let tries = Tries { others_answered, ..job.claimed.tries };
                (&job.claimed, Settlement::of(outcome, tries))
            })
            .collect();
        self.store.settle(&settled, now).await?;
        for ((job, outcome), (_, settlement)) in done.iter().zip(&settled) {
            report(job, outcome, settlement);
            metrics::settled(outcome, settlement, job.claimed.tries.unanswered);
            self.pace.finish(&job.ticket, outcome, now);
            let chat = job.claimed.place.chat;
            if let Some(n) = self.in_flight.get_mut(&chat) {
                *n -= 1;
                if *n == 0 {
                    self.in_flight.remove(&chat);
                }
            }
        }
        self.tell_metrics();
        Ok(())
    }

    fn tell_metrics(&self) {
        metrics::pace(self.pace.rate(), self.in_flight.values().sum());
    }

    /// A clock that was set back makes nothing wait longer. (One that was set forward makes things
    /// due early, which harms nothing: what is on its way is known.)
    async fn mind_the_clock(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let by = self.stepped_at - now;
        if by > TimeDelta::zero() {
            self.store.set_back(by, now).await?;
            self.pace.set_back(by);
            self.learnt.1 -= by;
        }
        self.stepped_at = now;
        Ok(())
    }

    async fn keep_lesson(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (lesson, (known, at)) = (self.pace.lesson(), self.learnt);
        let is_due = lesson.ceiling != known.ceiling || now - at >= LEARN_EVERY;
        if is_due && lesson != known {
            self.store.learn(lesson).await?;
            self.learnt = (lesson, now);
        }
        Ok(())
    }
}

/// Sends a job: the part that takes time, and touches nothing but the door.
pub async fn send<T: Telegram>(telegram: &T, job: &Job) -> SendOutcome {
    telegram.send(&job.outgoing).await
}

/// What is sent of a delivery as of now.
fn outgoing(claimed: &Claimed, is_paid: bool, now: DateTime<Utc>) -> Outgoing {
    let place = claimed.place;
    let (message, edit_id, reply_id, file, preview) = match &claimed.content {
        Content::Answer(answer) => {
            (answer.message.clone(), answer.edit_id, answer.reply_id, answer.file.clone(), false)
        }
        Content::Push(push) => (of_push(push, now), None, None, None, push.settings.preview),
        Content::Milestone(of) => {
            let html = render::milestone(
                &of.source_title,
                &of.source_url,
                &of.counter,
                of.on,
                of.milestone,
                of.lang,
            );
            (Message::new(html), None, None, None, false)
        }
        Content::Daily(daily) => {
            let (sources, own) = (&daily.sources, &daily.own);
            let html =
                render::daily(sources, own, daily.on, daily.milestones_only, now, daily.lang);
            (Message::new(html), None, None, None, false)
        }
    };
    let silent = claimed.is_silent;
    if claimed.tries.plain {
        // Telegram refused it, for whatever reason: what is left is what was to be said. Addresses
        // stand beside their texts then, and take room of their own.
        let text = html::cut(&html::without_markup(&message.html), html::TEXT_UNITS_MAX);
        let manner = Manner { plain: true, silent, ..Manner::default() };
        let (buttons, edit_id, reply_id) = (Keyboard::new(), None, None);
        return Outgoing { place, text, buttons, edit_id, reply_id, file, manner };
    }
    let paid = is_paid && !matches!(claimed.content, Content::Answer(_));
    let manner = Manner { plain: false, paid, silent, preview };
    let Message { html: text, buttons } = message;
    Outgoing { place, text, buttons, edit_id, reply_id, file, manner }
}

fn of_push(push: &Push, now: DateTime<Utc>) -> Message {
    let today_on = calendar::day(push.source.zone, now);
    let (settings, lang) = (&push.settings, push.lang);
    let (title, counters) = (&push.source.title, &push.source.counters);
    if push.digest.is_empty() {
        let html = render::push(title, &push.listed.entry, counters, today_on, settings, lang);
        let username = push.username.as_deref();
        let read = push
            .listed
            .entry
            .link
            .as_ref()
            .and_then(|_| render::buttons::read(push.kind, username, push.listed.handle, lang));
        let buttons: Keyboard = read.map(|read: Button| vec![vec![read]]).unwrap_or_default();
        return Message::new(html).with_buttons(buttons);
    }
    let counters = if settings.counters { counters.as_slice() } else { &[] };
    let html = render::digest(title, &push.source.url, &push.digest, counters, today_on, lang);
    Message::new(html)
}

/// Says in the log what an operator may want to know.
fn report(job: &Job, outcome: &SendOutcome, settlement: &Settlement) {
    let Claimed { delivery_id, place, tries, .. } = &job.claimed;
    match settlement {
        Settlement::Sent(_) => tracing::debug!("delivery {delivery_id} to {place} sent"),
        Settlement::ForgetChat(why) => tracing::info!("chat {} is gone: {why}", place.chat),
        Settlement::ForgetPlace(why) => tracing::info!("topic {place} is gone: {why}"),
        Settlement::Migrate(to) => tracing::info!("group {} is supergroup {to} now", place.chat),
        Settlement::Dead(why) => {
            tracing::warn!("delivery {delivery_id} to {place} given up: {why}")
        }
        Settlement::AgainPlain(why) => tracing::warn!(
            "delivery {delivery_id} to {place} was refused and goes once more as plain text: {why}"
        ),
        Settlement::Again { why, .. }
            if matches!(outcome, SendOutcome::ChatClosed(_)) && tries.attempt == 1 =>
        {
            tracing::warn!(
                "the bot may not write to {place}: {why}; delivery {delivery_id} is tried again every hour for a day"
            );
        }
        _ => tracing::debug!(
            "delivery {delivery_id} to {place}, attempt {}: {outcome:?}",
            tries.attempt
        ),
    }
}
