//! Dispatching: what is due is claimed, sent, settled.
//!
//! Promises: a message is claimed at the moment it may go and not before, so what a chat does in
//! between (leaving, above all) counts; a claim is settled by its own outcome only.
//! Leaves out: waiting (`app`), how fast (`pace`), what outcomes mean (`domain::delivery`).

use crate::{
    domain::{SendOutcome, Settlement},
    pace::{Pace, Ticket},
    render::{self, html},
    store::{Claimed, Content, Store, StoreError},
    telegram::Telegram,
};
use chrono::{DateTime, TimeDelta, Utc};

/// The longest that the dispatcher sleeps: a clock that is set back does not stop it for long.
const SLEEP_MAX: TimeDelta = TimeDelta::seconds(60);

/// Sends deliveries at the pace that Telegram allows.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    pace: Pace,
}

/// A delivery on its way.
#[derive(Debug)]
pub struct Job {
    /// The delivery.
    pub claimed: Claimed,
    /// Its text, in Telegram's HTML or (see `claimed.tries.plain`) without markup.
    pub text: String,
    ticket: Ticket,
}

/// What a step came to.
#[derive(Debug)]
pub enum Step {
    /// Something may be sent now.
    Send(Box<Job>),
    /// Nothing before this time, unless something is added or a send is settled.
    IdleUntil(DateTime<Utc>),
}

impl Dispatcher {
    /// A dispatcher at most so fast. Takes back what the process before had in flight.
    pub async fn start(
        store: Store,
        per_second: f64,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let recovered = store.recover(now).await?;
        if recovered > 0 {
            tracing::warn!(
                "{recovered} messages were on their way when the last run ended; they are sent again"
            );
        }
        let mut pace = Pace::new(per_second, now);
        for (chat, sent_at) in store.sent_since(now - TimeDelta::minutes(1)).await? {
            pace.remember(chat, sent_at);
        }
        Ok(Dispatcher { store, pace })
    }

    /// Claims the next delivery that may go.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<Step, StoreError> {
        let latest = now + SLEEP_MAX;
        let idle = |at: DateTime<Utc>| Ok(Step::IdleUntil(at.min(latest)));
        match self.pace.ready_at(now) {
            None => return idle(latest),
            Some(at) if at > now => return idle(at),
            Some(_) => {}
        }
        let held = self.pace.held(now);
        let claim = self.store.claim(now, 1, &held).await?;
        let Some(claimed) = claim.claimed.into_iter().next() else {
            let freed_at = self.pace.first_freed_at(now);
            return idle(
                [claim.next_due_at, freed_at].into_iter().flatten().min().unwrap_or(latest),
            );
        };
        let text = text(&claimed, now);
        let ticket = self.pace.start(claimed.place.chat, now);
        Ok(Step::Send(Box::new(Job { claimed, text, ticket })))
    }

    /// Settles a job by its outcome. To be called again, with the same outcome, if it fails.
    pub async fn settle(
        &mut self,
        job: &Job,
        outcome: &SendOutcome,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let settlement = Settlement::of(outcome, job.claimed.tries);
        report(job, outcome, &settlement);
        self.store.settle(&job.claimed, &settlement, now).await?;
        self.pace.finish(&job.ticket, outcome, now);
        Ok(())
    }
}

/// Sends a job: the part that takes time, and touches nothing but the door.
pub async fn send<T: Telegram>(telegram: &T, job: &Job) -> SendOutcome {
    telegram.send(job.claimed.place, &job.text, job.claimed.tries.plain).await
}

/// The text of a delivery as of now.
fn text(claimed: &Claimed, now: DateTime<Utc>) -> String {
    let message = match &claimed.content {
        Content::Answer(message) => message.clone(),
        Content::Push(push) => {
            let today_on = now.with_timezone(&push.zone).date_naive();
            let listed = &push.listed;
            let (title, lang) = (&listed.source_title, push.lang);
            if push.digest.is_empty() {
                render::push(title, &listed.entry, &push.counters, today_on, lang)
            } else {
                let (url, counters) = (&push.source_url, &push.counters);
                render::digest(title, url, &push.digest, counters, today_on, lang)
            }
        }
    };
    if claimed.tries.plain {
        // Addresses stand beside their texts then, and take room of their own.
        html::cut(&html::without_markup(&message), html::TEXT_UNITS_MAX)
    } else {
        message
    }
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
        _ => tracing::debug!(
            "delivery {delivery_id} to {place}, attempt {}: {outcome:?}",
            tries.attempt
        ),
    }
}
