//! Wiring: opens the doors, starts the loops, ends them.
//!
//! Promises: the first loop to end ends all, and is named; shutdown takes less than ten seconds, in
//! which sends on their way are settled. The only place that sleeps, spawns and asks for the time.
//! Leaves out: everything the loops do; each of them is a step that says when to call it again.

use crate::{
    bot::{Intake, POLL_WAIT, Taken, Unusable},
    config::Config,
    dispatcher::{self, Dispatcher, Job, Step},
    domain::{Reason, SendOutcome, SourceName},
    lang::Lang,
    poller::{Polled, Poller},
    store::{Access, Store},
    telegram::{CallError, Client, Me, Telegram},
    web::HttpWeb,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

/// How long sends on their way may take to be settled at shutdown, and everything else after it.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(9_500);
/// Sources polled at the same time.
const POLLS_AT_ONCE: usize = 8;
/// The longest that the poller sleeps, so that `source confirm` is seen soon.
const POLLER_SLEEP_MAX: Duration = Duration::from_secs(5);
/// Waits after failures: the first, and the longest.
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(15);
/// Two copies with one token take the updates from each other in turn. The one that was started
/// later meets the first conflict soon after its start; after so many it ends, and the other goes
/// on.
const CONFLICTS_MAX: u32 = 3;
const CONFLICT_SOON: Duration = Duration::from_secs(20);
/// How often old rows are deleted.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(3600);

/// How often the log is told how far a broadcast is, and of how many messages left one is spoken of.
const PROGRESS_EVERY: Duration = Duration::from_secs(30);
const PROGRESS_ABOVE: i64 = 100;

/// The time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Runs until `shutdown` is ready, or until a loop cannot go on.
///
/// # Errors
/// When a door cannot be opened, or the loop that ended first did not end well.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let store = Store::open(&config.database_url, Access::Run).await?;
    store.watch(&config.watch.sources, now()).await?;
    announce(&config, &store).await?;
    let telegram = Client::new(&config.token, config.api_url.clone())
        .context("the client for Telegram cannot be set up")?;
    let web = HttpWeb::new(config.watch.contact.as_deref())
        .context("the client for pages cannot be set up")?;
    let poller =
        Poller::new(store.clone(), web, &config.watch.sources, config.watch.rules.digest_above);
    let dispatcher = Dispatcher::start(store.clone(), config.watch.rules, now()).await?;

    let stop = CancellationToken::new();
    let outbox = Arc::new(Notify::new());
    let mut loops: JoinSet<(&'static str, anyhow::Result<()>)> = JoinSet::new();
    let (s, o) = (stop.clone(), outbox.clone());
    loops.spawn(async move { ("poller", until(s, poll(poller, o)).await) });
    let (t, s, o) = (telegram.clone(), stop.clone(), outbox.clone());
    loops.spawn(async move { ("dispatcher", dispatch(dispatcher, t, o, s).await) });
    let (t, st, s, o) = (telegram, store.clone(), stop.clone(), outbox);
    loops.spawn(async move { ("intake", until(s, take(t, st, o)).await) });
    let (st, s) = (store.clone(), stop.clone());
    loops.spawn(async move { ("housekeeping", until(s, keep_house(st, config.watch.keep)).await) });
    let (st, s) = (store.clone(), stop.clone());
    loops.spawn(async move { ("progress", until(s, tell_progress(st)).await) });

    let first = tokio::select! {
        ended = loops.join_next() => ended,
        () = shutdown => None,
    };
    tracing::info!("stopping");
    stop.cancel();
    let rest = async { while loops.join_next().await.is_some() {} };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, rest).await.is_err() {
        tracing::warn!("some work did not end in time; it goes on at the next start");
    }
    store.close().await;
    match first {
        None => Ok(()),
        Some(Ok((_, Err(error)))) if error.is::<Unusable>() => Err(error),
        Some(Ok((name, outcome))) => outcome.with_context(|| format!("the {name} ended")),
        Some(Err(error)) => Err(error).context("a loop panicked, which is a bug: please report it"),
    }
}

/// Says what this process is about to do.
async fn announce(config: &Config, store: &Store) -> anyhow::Result<()> {
    tracing::info!("communique {}, database {}", env!("CARGO_PKG_VERSION"), config.database_url);
    if config.watch.rules.paid {
        tracing::warn!(
            "allow_paid_broadcast is on: of every second's messages Telegram takes 0.1 Star for each above 30, at {} a second up to {} Stars an hour while a broadcast lasts",
            config.watch.rules.per_second,
            ((config.watch.rules.per_second - 30.0).max(0.0) * 360.0).round()
        );
    }
    let states = store.source_states().await?;
    for source in &config.watch.sources {
        let state = states.iter().find(|state| state.name == source.name.as_str());
        let (entries, subscribed) = state.map_or((0, 0), |s| (s.entries, s.subscriptions));
        let every = humantime::format_duration(source.every);
        tracing::info!(
            "watching {} ({}) every {every}: {entries} entries known, {subscribed} subscribed",
            source.name,
            source.url,
        );
    }
    Ok(())
}

/// A loop that has nothing to finish: it may be dropped at any point.
async fn until(
    stop: CancellationToken,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    tokio::select! {
        outcome = work => outcome,
        () = stop.cancelled() => Ok(()),
    }
}

/// Polls what is due, for ever.
async fn poll(poller: Poller<HttpWeb>, outbox: Arc<Notify>) -> anyhow::Result<()> {
    let mut running = FuturesUnordered::new();
    let mut names: BTreeSet<SourceName> = BTreeSet::new();
    let mut trouble = Backoff::new("the database failed while polling");
    loop {
        match poller.due(now()).await {
            Ok(due) => {
                for due in due {
                    if running.len() < POLLS_AT_ONCE && names.insert(due.name.clone()) {
                        let poller = &poller;
                        running.push(async move {
                            let polled = poller.poll(&due, now, fastrand::f64()).await;
                            (due.name, polled)
                        });
                    }
                }
            }
            Err(error) => trouble.wait(&error).await,
        }
        let wait = if running.len() < POLLS_AT_ONCE {
            poller.wait(now(), &names).await.unwrap_or(BACKOFF_MIN).min(POLLER_SLEEP_MAX)
        } else {
            POLLER_SLEEP_MAX
        };
        tokio::select! {
            Some((name, polled)) = running.next() => {
                names.remove(&name);
                match polled {
                    Ok(polled) => {
                        trouble.is_over();
                        if let Some(polled) = polled {
                            report(&polled);
                            if polled.deliveries > 0 {
                                outbox.notify_one();
                            }
                        }
                    }
                    Err(error) => trouble.wait(&error).await,
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Says what a poll came to, once for each change.
fn report(polled: &Polled) {
    let Polled { name, before, reason, new, edited, deliveries, .. } = polled;
    if let Some(entries) = polled.baseline {
        tracing::info!("{name}: first reading, {entries} entries stored in silence");
    }
    if *new > 0 {
        tracing::info!("{name}: {new} new, {deliveries} deliveries");
    }
    if *edited > 0 {
        tracing::info!("{name}: {edited} edited");
    }
    if reason == before || (reason.is_healthy() && before.is_healthy()) {
        return;
    }
    let note = polled.note.as_deref().unwrap_or_default();
    match reason {
        Reason::Held => tracing::warn!(
            "{name} is held, nothing of it is sent: {note}. Look at the page; if it is right: communique source confirm {name}"
        ),
        reason if !reason.is_healthy() => {
            tracing::warn!("{name} is not read ({}): {note}", reason.as_str())
        }
        _ if *before != Reason::New => tracing::info!("{name} is well again"),
        _ => {}
    }
}

/// Sends what may go, until told to stop; then settles what is on its way.
async fn dispatch(
    mut dispatcher: Dispatcher,
    telegram: Client,
    outbox: Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut running = FuturesUnordered::new();
    let mut trouble = Backoff::new("the database failed while sending");
    let send = |job: Job| {
        let telegram = &telegram;
        async move {
            tokio::time::sleep((job.send_at() - now()).to_std().unwrap_or_default()).await;
            let outcome = dispatcher::send(telegram, &job).await;
            (job, outcome)
        }
    };
    while !stop.is_cancelled() {
        let sleep_until_at = match dispatcher.step(now()).await {
            Ok(Step::Send(jobs)) => {
                trouble.is_over();
                running.extend(jobs.into_iter().map(send));
                now()
            }
            Ok(Step::IdleUntil(at)) => at,
            Err(error) => {
                trouble.wait(&error).await;
                continue;
            }
        };
        let sleep = (sleep_until_at - now()).to_std().unwrap_or_default();
        tokio::select! {
            Some(done) = running.next() => {
                if settle(&mut dispatcher, done, &mut running, &mut trouble).await {
                    return Err(Unusable::Token.into());
                }
            }
            () = outbox.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
    let drain = async {
        while let Some(done) = running.next().await {
            settle(&mut dispatcher, done, &mut running, &mut trouble).await;
        }
    };
    if tokio::time::timeout(DRAIN_TIMEOUT, drain).await.is_err() {
        tracing::warn!(
            "messages on their way had no answer yet; they are sent again at the next start"
        );
    }
    Ok(())
}

/// Settles a job and whatever else is done by now, until it succeeds: what was sent must not be sent
/// again because the disk was full. Returns whether Telegram refused the token.
async fn settle(
    dispatcher: &mut Dispatcher,
    first: (Job, SendOutcome),
    running: &mut FuturesUnordered<impl Future<Output = (Job, SendOutcome)>>,
    trouble: &mut Backoff,
) -> bool {
    let mut done = vec![first];
    while let Some(Some(next)) = running.next().now_or_never() {
        done.push(next);
    }
    while let Err(error) = dispatcher.settle(&done, now()).await {
        trouble.wait(&error).await;
    }
    trouble.is_over();
    done.iter().any(|(_, outcome)| *outcome == SendOutcome::Unauthorized)
}

/// Takes updates, for ever.
async fn take(telegram: Client, store: Store, outbox: Arc<Notify>) -> anyhow::Result<()> {
    let me = introduce(&telegram).await?;
    tracing::info!("running as @{} ({})", me.username, me.id);
    let mut intake = Intake::new(&me.username);
    let mut trouble = Backoff::new("Telegram gives no updates");
    let mut database = Backoff::new("the database failed while taking updates");
    let started = Instant::now();
    let (mut conflicts, mut is_later) = (0, false);
    // The first request does not wait, so that a second copy is noticed at once.
    let mut wait = Duration::ZERO;
    loop {
        let taken = intake.step(&store, &telegram, wait, now, || outbox.notify_one()).await;
        let error = match taken {
            Ok(Taken::Updates(_)) => {
                trouble.is_over();
                database.is_over();
                wait = POLL_WAIT;
                continue;
            }
            Ok(Taken::Not(error)) => error,
            Err(error) => {
                database.wait(&error).await;
                continue;
            }
        };
        match error {
            CallError::Unauthorized => return Err(Unusable::Token.into()),
            CallError::Webhook => {
                tracing::warn!(
                    "a webhook is set for this bot; it is removed, since updates are asked for"
                );
                if let Err(error) = telegram.delete_webhook().await {
                    trouble.wait(&error).await;
                }
            }
            CallError::Conflict => {
                is_later |= conflicts == 0 && started.elapsed() < CONFLICT_SOON;
                conflicts += 1;
                if is_later && conflicts >= CONFLICTS_MAX {
                    return Err(Unusable::OtherCopy.into());
                }
                trouble.wait(&Unusable::OtherCopy).await;
            }
            CallError::RetryAfter(wait) => tokio::time::sleep(wait).await,
            error => trouble.wait(&error).await,
        }
    }
}

/// Finds out who the bot is and shows its menu, as soon as Telegram can be reached.
async fn introduce(telegram: &Client) -> anyhow::Result<Me> {
    let mut trouble = Backoff::new("Telegram does not answer");
    let me = loop {
        match telegram.me().await {
            Ok(me) => break me,
            Err(CallError::Unauthorized) => return Err(Unusable::Token.into()),
            Err(CallError::RetryAfter(wait)) => tokio::time::sleep(wait).await,
            Err(error) => trouble.wait(&error).await,
        }
    };
    trouble.is_over();
    // English for all whose language is not spoken here.
    let menus =
        std::iter::once((None, Lang::default())).chain(Lang::ALL.map(|lang| (Some(lang), lang)));
    for (lang, words) in menus {
        if let Err(error) = telegram.set_menu(lang, words.phrases().menu).await {
            tracing::warn!("the command menu could not be set, commands work without it: {error}");
            break;
        }
    }
    Ok(me)
}

/// Tells the log how far a broadcast is, for ever.
async fn tell_progress(store: Store) -> anyhow::Result<()> {
    loop {
        let since_at = now();
        tokio::time::sleep(PROGRESS_EVERY).await;
        // A fault of the database is told where work depends on it.
        if let Ok((left, sent)) = store.progress(since_at).await
            && left >= PROGRESS_ABOVE
        {
            tracing::info!("{}", progress(left, sent));
        }
    }
}

fn progress(left: i64, sent: i64) -> String {
    let seconds = PROGRESS_EVERY.as_secs();
    let rate = u64::try_from(sent).unwrap_or_default();
    let to_go =
        match u64::try_from(left).unwrap_or_default().saturating_mul(seconds).checked_div(rate) {
            Some(to_go) => {
                format!("done in about {}", humantime::format_duration(Duration::from_secs(to_go)))
            }
            None => "nothing moves".to_owned(),
        };
    format!("{sent} messages sent in the last {seconds} s, {left} left, {to_go}")
}

/// Deletes old rows, for ever.
async fn keep_house(store: Store, keep: Duration) -> anyhow::Result<()> {
    loop {
        match store.prune(now() - keep).await {
            Ok(0) => tokio::time::sleep(HOUSEKEEPING_EVERY).await,
            Ok(rows) => tracing::debug!("{rows} old deliveries deleted"),
            Err(error) => {
                tracing::warn!("old rows could not be deleted: {}", Causes(&error));
                tokio::time::sleep(HOUSEKEEPING_EVERY).await;
            }
        }
    }
}

/// Waits that double while something keeps failing; says so once at the start and once at the end.
#[derive(Debug)]
struct Backoff {
    what: &'static str,
    next: Duration,
    since: Option<Instant>,
}

impl Backoff {
    fn new(what: &'static str) -> Self {
        Backoff { what, next: BACKOFF_MIN, since: None }
    }

    async fn wait(&mut self, error: &(dyn std::error::Error + Sync)) {
        if self.since.is_none() {
            tracing::warn!("{}, trying again: {}", self.what, Causes(error));
            self.since = Some(Instant::now());
        }
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(BACKOFF_MAX);
    }

    fn is_over(&mut self) {
        if let Some(since) = self.since.take() {
            let seconds = Duration::from_secs(since.elapsed().as_secs().max(1));
            tracing::info!(
                "all is well again after {} ({})",
                humantime::format_duration(seconds),
                self.what
            );
        }
        self.next = BACKOFF_MIN;
    }
}

/// An error with its causes, in one line.
struct Causes<'a>(&'a (dyn std::error::Error + Sync));

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            write!(f, ": {inner}")?;
            cause = inner.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_much_is_left_and_how_long_it_takes() {
        let told = progress(9000, 900);
        assert_eq!(told, "900 messages sent in the last 30 s, 9000 left, done in about 5m");
        assert!(progress(9000, 0).ends_with("nothing moves"));
    }
}
