//! The updates worker: receives updates from Telegram, and recovers when it gets none.

use super::{conflicts::Conflicts, long_poll::LongPollPause, pending_updates};
use crate::app::{backoff::Backoff, clock::now, error_chain::ErrorChain, services::Services};
use crate::{
    bot::{
        self, Audience, EphemeralReply, FatalError, POLL_WAIT, PendingUpdateHandler, Received,
        UpdateReceiver, send_ephemeral,
    },
    domain::{AccessPolicy, WatchPermission},
    lang::Lang,
    telegram::{CallError, Client, Me, Scope, Telegram},
    telemetry::metrics,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet, time::Instant};

/// Batches of ephemeral replies that are sent at the same time; further ones are dropped.
const EPHEMERAL_MAX: usize = 8;

/// Receives updates and handles pending ones, forever.
///
/// # Errors
/// If Telegram refuses the token, another copy of the bot runs, or the database is damaged.
pub(crate) async fn receive_updates(
    services: Services,
    policy: AccessPolicy,
) -> anyhow::Result<()> {
    let me = identify_bot(&services.telegram, policy.watch).await?;
    if let Err(error) = services.store.set_username(&me.username).await {
        tracing::warn!(error = %ErrorChain(&error), "saving the username failed, links keep the old one");
    }
    tracing::info!("running as @{} ({})", me.username, me.id);
    let receiver = UpdateReceiver::new(&me.username, policy);
    let pending = Arc::new(Notify::new());
    let handler = PendingUpdateHandler::of(&receiver);
    let handling = pending_updates::run_pending_updates(handler, services.clone(), pending.clone());
    let receiving = poll_updates(receiver, services, &pending);
    tokio::select! {
        ended = receiving => ended,
        ended = handling => ended,
    }
}

/// Receives updates, forever. Wakes `pending` when one may have been deferred.
async fn poll_updates(
    mut receiver: UpdateReceiver,
    services: Services,
    pending: &Notify,
) -> anyhow::Result<()> {
    let Services { store, telegram, wakers, .. } = &services;
    let wake = || {
        wakers.wake_all();
        pending.notify_one();
    };
    let mut backoff = Backoff::new("receiving updates");
    let mut database = Backoff::new("storing updates");
    let mut conflicts = Conflicts::new(Instant::now());
    let mut pause = LongPollPause::default();
    let mut ephemeral = EphemeralSends::default();
    // The first request does not wait, so that a second copy is noticed at once.
    let mut wait = Duration::ZERO;
    loop {
        let asked_at = Instant::now();
        let received = receiver.step(store, telegram, wait, now, &wake).await;
        ephemeral.start(&services, receiver.ephemeral_replies());
        let error = match received {
            Ok(Received::Updates(count)) => {
                metrics::updates_received(count, now());
                conflicts.record_success();
                backoff.reset();
                database.reset();
                let rest = pause_after(&mut pause, wait, asked_at.elapsed(), telegram.has_news());
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
        match Recovery::from(error, &mut conflicts, Instant::now()) {
            Recovery::Exit(error) => return Err(error.into()),
            Recovery::Wait(wait) => tokio::time::sleep(wait).await,
            Recovery::BackOff(error) => backoff.wait(&error).await,
            Recovery::BackOffFromCopy => backoff.wait(&FatalError::OtherCopy).await,
            Recovery::DeleteWebhook => {
                tracing::warn!(
                    "a webhook is set for this bot; it is removed, since run uses long polling"
                );
                match telegram.delete_webhook().await {
                    // It may be set repeatedly, or stay.
                    Ok(()) => {
                        tokio::time::sleep(pause.after(POLL_WAIT, Duration::ZERO, false)).await;
                    }
                    Err(error) => backoff.wait(&error).await,
                }
            }
        }
    }
}

/// Returns the wait before the next request, and warns once if the server does not support long
/// polling.
fn pause_after(
    pause: &mut LongPollPause,
    asked: Duration,
    took: Duration,
    has_news: bool,
) -> Duration {
    let was_long = pause.is_long();
    let rest = pause.after(asked, took, has_news);
    if pause.is_long() && !was_long {
        tracing::warn!(
            "the Bot API server answers at once, with nothing or with the same again: it is asked less often"
        );
    }
    rest
}

/// What is done when Telegram gives no updates.
#[derive(Debug)]
enum Recovery {
    /// The process exits.
    Exit(FatalError),
    /// The webhook is removed.
    DeleteWebhook,
    /// Telegram asks to wait this long.
    Wait(Duration),
    /// Another copy took the updates; this one goes on, after a backoff.
    BackOffFromCopy,
    /// The request is repeated after a backoff.
    BackOff(CallError),
}

impl Recovery {
    /// Decides what to do about an error, which is counted if it is a conflict.
    fn from(error: CallError, conflicts: &mut Conflicts, now: Instant) -> Self {
        match error {
            CallError::Unauthorized => Recovery::Exit(FatalError::Token),
            CallError::Webhook => Recovery::DeleteWebhook,
            CallError::Conflict if conflicts.record_conflict(now) => {
                Recovery::Exit(FatalError::OtherCopy)
            }
            CallError::Conflict => Recovery::BackOffFromCopy,
            CallError::RetryAfter(wait) => Recovery::Wait(wait),
            error => Recovery::BackOff(error),
        }
    }
}

/// The ephemeral replies that are being sent, in the background.
#[derive(Debug, Default)]
struct EphemeralSends(JoinSet<()>);

impl EphemeralSends {
    /// Sends a batch, unless too many are being sent.
    fn start(&mut self, services: &Services, replies: Vec<EphemeralReply>) {
        while self.0.try_join_next().is_some() {}
        if replies.is_empty() || self.0.len() >= EPHEMERAL_MAX {
            return;
        }
        let Services { store, telegram, .. } = services.clone();
        self.0.spawn(async move {
            if let Err(error) = send_ephemeral(&store, &telegram, replies, now()).await {
                tracing::debug!(%error, "answering callback and inline queries failed");
            }
        });
    }
}

/// Asks Telegram who the bot is, until it answers, and sets the command menus.
async fn identify_bot(telegram: &Client, watch: WatchPermission) -> anyhow::Result<Me> {
    let mut backoff = Backoff::new("connecting to Telegram");
    let me = loop {
        match telegram.me().await {
            Ok(me) => break me,
            Err(CallError::Unauthorized) => return Err(FatalError::Token.into()),
            Err(CallError::RetryAfter(wait)) => tokio::time::sleep(wait).await,
            Err(error) => backoff.wait(&error).await,
        }
    };
    backoff.reset();
    if let Err(error) = set_command_menus(telegram, watch).await {
        tracing::warn!(%error, "setting the command menus failed, commands work without");
    }
    Ok(me)
}

/// Registers the command menus for each scope and language; in English for all other languages.
/// `/watch` is in them if everyone may use it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_recovery_and_only_a_series_of_conflicts_ends_the_process() {
        let start = Instant::now();
        let mut conflicts = Conflicts::new(start);
        let mut recovery = |error, after_s| {
            Recovery::from(error, &mut conflicts, start + Duration::from_secs(after_s))
        };
        use Recovery::{BackOff, BackOffFromCopy, DeleteWebhook, Exit, Wait};
        let wait = Duration::from_secs(7);
        assert!(matches!(recovery(CallError::Unauthorized, 0), Exit(FatalError::Token)));
        assert!(matches!(recovery(CallError::Webhook, 0), DeleteWebhook));
        assert!(matches!(recovery(CallError::RetryAfter(wait), 0), Wait(asked) if asked == wait));
        assert!(matches!(recovery(CallError::Failed("502".to_owned()), 0), BackOff(_)));
        assert!(matches!(recovery(CallError::Conflict, 1), BackOffFromCopy));
        assert!(matches!(recovery(CallError::Conflict, 3), BackOffFromCopy));
        assert!(matches!(recovery(CallError::Conflict, 7), Exit(FatalError::OtherCopy)));
    }
}
