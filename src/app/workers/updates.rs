//! The loop that takes updates, and what it does when Telegram does not give them.

use super::{conflicts::Conflicts, long_poll::LongPollPause, pending_updates};
use crate::app::{backoff::Backoff, now};
use crate::{
    bot::{
        self, Audience, FatalError, POLL_WAIT, PendingUpdateHandler, Received, UpdateReceiver,
        send_ephemeral,
    },
    domain::{AccessPolicy, WatchPermission},
    lang::Lang,
    store::Store,
    telegram::{CallError, Client, Me, Scope, Telegram},
    telemetry::metrics,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet, time::Instant};

/// Steps of which what is for the moment only is said at the same time; of further ones it is not.
const SAID_AT_ONCE: usize = 8;

/// Takes updates and deals with those in line, for ever.
pub(crate) async fn receive_updates(
    telegram: Client,
    store: Store,
    policy: AccessPolicy,
    outbox: Arc<Notify>,
    errands: Arc<Notify>,
) -> anyhow::Result<()> {
    let me = identify_bot(&telegram, policy.watch).await?;
    if let Err(error) = store.set_username(&me.username).await {
        tracing::warn!("links to the bot are those of before: {}", crate::app::ErrorChain(&error));
    }
    tracing::info!("running as @{} ({})", me.username, me.id);
    let mut intake = UpdateReceiver::new(&me.username, policy);
    // What somebody asked for may have to be sent, fetched first, or dealt with in its turn.
    let in_line = Arc::new(Notify::new());
    let bell = || {
        outbox.notify_one();
        errands.notify_one();
        in_line.notify_one();
    };
    let (o, e) = (outbox.clone(), errands.clone());
    let ring = move || {
        o.notify_one();
        e.notify_one();
    };
    let waiting = PendingUpdateHandler::of(&intake);
    let waiting = pending_updates::run_pending_updates(
        waiting,
        store.clone(),
        telegram.clone(),
        in_line.clone(),
        ring,
    );
    let taking = poll_updates(&mut intake, &store, &telegram, bell);
    tokio::select! {
        ended = taking => ended,
        ended = waiting => ended,
    }
}

/// Takes updates, for ever.
async fn poll_updates(
    intake: &mut UpdateReceiver,
    store: &Store,
    telegram: &Client,
    bell: impl Fn() + Sync,
) -> anyhow::Result<()> {
    let mut trouble = Backoff::new("Telegram gives no updates");
    let mut database = Backoff::new("no update can be taken");
    let mut conflicts = Conflicts::new(Instant::now());
    let mut pause = LongPollPause::default();
    // What is for the moment only keeps nobody waiting.
    let mut said = JoinSet::new();
    // The first request does not wait, so that a second copy is noticed at once.
    let mut wait = Duration::ZERO;
    loop {
        let asked_at = Instant::now();
        let taken = intake.step(store, telegram, wait, now, &bell).await;
        let moments = intake.ephemeral_replies();
        while said.try_join_next().is_some() {}
        if !moments.is_empty() && said.len() < SAID_AT_ONCE {
            let (store, telegram) = (store.clone(), telegram.clone());
            said.spawn(async move {
                if let Err(error) = send_ephemeral(&store, &telegram, moments, now()).await {
                    tracing::debug!("presses and inline questions stay unanswered: {error}");
                }
            });
        }
        let error = match taken {
            Ok(Received::Updates(count)) => {
                metrics::updates_received(count, now());
                conflicts.good_answer();
                trouble.reset();
                database.reset();
                let was_long = pause.is_long();
                let rest = pause.after(wait, asked_at.elapsed(), telegram.has_news());
                if pause.is_long() && !was_long {
                    tracing::warn!(
                        "the Bot API server answers at once, with nothing or with the same again: it is asked less often"
                    );
                }
                tokio::time::sleep(rest).await;
                wait = POLL_WAIT;
                continue;
            }
            Ok(Received::Not(error)) => error,
            Err(error) => {
                database.wait_for_database(error).await?;
                continue;
            }
        };
        match error {
            CallError::Unauthorized => return Err(FatalError::Token.into()),
            CallError::Webhook => {
                tracing::warn!(
                    "a webhook is set for this bot; it is removed, since updates are asked for"
                );
                match telegram.delete_webhook().await {
                    // Where it is set again and again, or stays.
                    Ok(()) => {
                        tokio::time::sleep(pause.after(POLL_WAIT, Duration::ZERO, false)).await;
                    }
                    Err(error) => trouble.wait(&error).await,
                }
            }
            CallError::Conflict => {
                if conflicts.conflict(Instant::now()) {
                    return Err(FatalError::OtherCopy.into());
                }
                trouble.wait(&FatalError::OtherCopy).await;
            }
            CallError::RetryAfter(wait) => tokio::time::sleep(wait).await,
            error => trouble.wait(&error).await,
        }
    }
}

/// Finds out who the bot is and shows its menu, as soon as Telegram can be reached.
async fn identify_bot(telegram: &Client, watch: WatchPermission) -> anyhow::Result<Me> {
    let mut trouble = Backoff::new("Telegram does not answer");
    let me = loop {
        match telegram.me().await {
            Ok(me) => break me,
            Err(CallError::Unauthorized) => return Err(FatalError::Token.into()),
            Err(CallError::RetryAfter(wait)) => tokio::time::sleep(wait).await,
            Err(error) => trouble.wait(&error).await,
        }
    };
    trouble.reset();
    if let Err(error) = set_command_menus(telegram, watch).await {
        tracing::warn!("the command menu could not be set, commands work without it: {error}");
    }
    Ok(me)
}

/// Shows everybody the commands that are for them, in their language; in English to all whose language is not
/// spoken here.
/// Pages to be watched are among them where everybody may have them watched.
async fn set_command_menus(telegram: &Client, watch: WatchPermission) -> Result<(), CallError> {
    let may_watch = watch == WatchPermission::Everyone;
    let menus =
        std::iter::once((None, Lang::default())).chain(Lang::ALL.map(|lang| (Some(lang), lang)));
    for (lang, words) in menus {
        for scope in Scope::ALL {
            let audience = match scope {
                Scope::Private => Audience::Private,
                Scope::Group => Audience::Group,
                Scope::GroupAdmins => Audience::GroupAdmins,
            };
            telegram.set_menu(lang, scope, &bot::menu(words, audience, may_watch)).await?;
        }
    }
    Ok(())
}
