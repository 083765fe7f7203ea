//! `communique delivery`: shows deliveries, and retries one that was given up.

use crate::{
    app,
    config::Environment,
    domain::{DeliveryId, SendOutcome},
    message::html::cut,
    store::{Access, DeliveryState, DeliveryStatus, RetryResult, Store},
    telegram::classify_description,
};
use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use std::fmt::Write as _;

/// Titles and reasons in a list are cut to this, in characters.
const SHOWN_CHARS_MAX: usize = 60;

#[derive(Debug, Subcommand)]
pub(super) enum DeliveryCommand {
    /// List the newest deliveries, and count those in each state.
    List {
        /// Only deliveries in this state.
        #[arg(long, value_enum)]
        state: Option<StateArgument>,
        /// How many to list.
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show the history of one delivery.
    Show {
        /// The number of the delivery, as in `list`.
        id: i64,
    },
    /// Retry a delivery that was given up.
    Retry {
        /// The number of the delivery, as in `list`.
        id: i64,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum StateArgument {
    Pending,
    #[value(name = "in_flight", alias = "in-flight")]
    InFlight,
    Sent,
    Dead,
}

impl From<StateArgument> for DeliveryStatus {
    fn from(argument: StateArgument) -> Self {
        match argument {
            StateArgument::Pending => DeliveryStatus::Pending,
            StateArgument::InFlight => DeliveryStatus::InFlight,
            StateArgument::Sent => DeliveryStatus::Sent,
            StateArgument::Dead => DeliveryStatus::Dead,
        }
    }
}

pub(super) async fn run(
    command: &DeliveryCommand,
    environment: &Environment,
) -> anyhow::Result<()> {
    let store = Store::open(&environment.database_url(), Access::Operate).await?;
    let outcome = run_in(command, &store).await;
    store.close().await;
    Ok(super::output::print(&outcome?)?)
}

async fn run_in(command: &DeliveryCommand, store: &Store) -> anyhow::Result<String> {
    let unknown = |id: DeliveryId| {
        format!(
            "there is no delivery {id}: `communique delivery list` shows those that are kept; answers to commands are not, once they are sent"
        )
    };
    match command {
        DeliveryCommand::List { state, limit } => {
            let counts = store.delivery_counts().await?;
            let counts: Vec<String> =
                counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
            let mut text = counts.join(", ") + "\n";
            for state in store.delivery_states(state.map(DeliveryStatus::from), *limit).await? {
                text.push_str(&line(&state));
            }
            Ok(text)
        }
        DeliveryCommand::Show { id } => match store.delivery_state(DeliveryId(*id)).await? {
            Some(state) => Ok(history(&state)),
            None => bail!(unknown(DeliveryId(*id))),
        },
        DeliveryCommand::Retry { id } => match store.retry(DeliveryId(*id), app::now()).await? {
            RetryResult::Yes => {
                Ok(format!("Delivery {id} is due again; `run` sends it within a minute.\n"))
            }
            RetryResult::Unknown => bail!(unknown(DeliveryId(*id))),
            RetryResult::NotDead(state) => {
                bail!("delivery {id} is {state}: only what is dead can be tried again")
            }
            RetryResult::Unwanted => {
                bail!("nobody is subscribed any more where delivery {id} was to go")
            }
        },
    }
}

fn at(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns what is delivered.
fn what(state: &DeliveryState) -> String {
    match &state.entry {
        Some((source, title)) => format!("{source}: {}", cut(title, SHOWN_CHARS_MAX)),
        None => "the answer to a command".to_owned(),
    }
}

/// Returns the line of a delivery in `list`.
fn line(delivery: &DeliveryState) -> String {
    let DeliveryState { id, place, state, created_at, reason, .. } = delivery;
    let why = reason.as_ref().map(|why| format!(" ({})", cut(why, SHOWN_CHARS_MAX)));
    let what = what(delivery);
    format!(
        "{id:>8}  {state:<9}  {}  {place}  {what}{}\n",
        at(*created_at),
        why.unwrap_or_default()
    )
}

/// Returns the history of a delivery.
fn history(delivery: &DeliveryState) -> String {
    let DeliveryState { id, place, state, .. } = delivery;
    let mut rows = vec![
        ("made", at(delivery.created_at)),
        ("attempts", attempts(delivery)),
        state_row(delivery),
    ];
    if delivery.plain {
        rows.push(("plain", plain(*state).to_owned()));
    }
    if let Some(reason) = &delivery.reason {
        rows.push(("reason", reason.clone()));
        rows.extend(advice(*state, reason).map(|advice| ("next", advice.to_owned())));
    }
    if *state == DeliveryStatus::Dead {
        let again = format!("`communique delivery retry {id}` tries it again, as it was made");
        rows.push(("again", again));
    }
    let mut text = format!("Delivery {id} to {place}, {}\n", what(delivery));
    for (name, value) in rows {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<10} {value}");
    }
    text
}

fn attempts(delivery: &DeliveryState) -> String {
    let attempts = delivery.attempts;
    match delivery.unanswered {
        0 => attempts.to_string(),
        n => {
            format!("{attempts}, {n} of them without an answer, so it may be there more than once")
        }
    }
}

/// Returns the row of the state: when it is due, or was settled.
fn state_row(delivery: &DeliveryState) -> (&'static str, String) {
    match delivery.state {
        DeliveryStatus::Pending => {
            ("pending", format!("to be sent from {} on", at(delivery.due_at)))
        }
        DeliveryStatus::InFlight => {
            ("in_flight", format!("if no answer comes, sent again after {}", at(delivery.due_at)))
        }
        state @ (DeliveryStatus::Sent | DeliveryStatus::Dead) => {
            let when = delivery.settled_at.map(at).unwrap_or_default();
            let message = delivery.message_id.map(|message| format!(" as message {message}"));
            (state.as_str(), when + &message.unwrap_or_default())
        }
    }
}

/// Returns what is said about a message that goes as plain text.
fn plain(state: DeliveryStatus) -> &'static str {
    match state {
        DeliveryStatus::Sent => {
            "it arrived as plain text without buttons, since Telegram refused it otherwise"
        }
        DeliveryStatus::Dead => "Telegram refused it as plain text without buttons, too",
        DeliveryStatus::Pending | DeliveryStatus::InFlight => {
            "it goes once more as plain text without buttons, since Telegram refused it otherwise"
        }
    }
}

/// Returns what the operator can do about the reason that Telegram gave.
fn advice(state: DeliveryStatus, reason: &str) -> Option<&'static str> {
    let is_dead = state == DeliveryStatus::Dead;
    Some(match classify_description(reason) {
        SendOutcome::ChatClosed(_) if is_dead => {
            "the bot had no right to write there for a day: give it the right, or make it an admin, \
             before it is tried again"
        }
        SendOutcome::ChatClosed(_) => {
            "the bot may not write there: give it the right, make it an admin, or open the topic; \
             it is tried every hour for a day"
        }
        SendOutcome::RetryAfter(_) => {
            "Telegram asked to wait: it is sent by itself, there is nothing to do"
        }
        SendOutcome::ChatGone(_) => {
            "nobody can be reached there any more: anyone who wants messages again sends /start to the bot"
        }
        SendOutcome::TopicGone(_) => "the topic is gone: say /start in another one of that group",
        SendOutcome::Malformed(_) | SendOutcome::Refused(_) | SendOutcome::MessageGone(_)
            if is_dead =>
        {
            "Telegram does not take this message: please report it with the reason"
        }
        SendOutcome::Unauthorized => {
            "Telegram refuses the token: put the one that @BotFather shows now in its place"
        }
        SendOutcome::ServerError(_) if is_dead => {
            "Telegram, or the way to it, failed for long: look whether it is well again"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageId, Place};

    fn history_of(state: DeliveryStatus, plain: bool, reason: &str) -> String {
        let at = "2026-11-02T09:00:00Z".parse().unwrap();
        let settled_at = matches!(state, DeliveryStatus::Sent | DeliveryStatus::Dead).then_some(at);
        history(&DeliveryState {
            id: DeliveryId(7),
            place: Place::of(-21),
            entry: Some(("lights".to_owned(), "Fog".to_owned())),
            state,
            created_at: at,
            due_at: at,
            attempts: 2,
            unanswered: 0,
            message_id: (state == DeliveryStatus::Sent).then_some(MessageId(5)),
            settled_at,
            plain,
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        })
    }

    #[test]
    fn each_outcome_is_shown_with_what_can_be_done() {
        use DeliveryStatus::{Dead, Pending, Sent};
        let cases = [
            (Pending, false, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", "give it the right"),
            (Dead, false, "Bad Request: CHAT_ADMIN_REQUIRED", "before it is tried again"),
            (Pending, false, "Bad Request: TOPIC_CLOSED", "open the topic"),
            (Pending, false, "Bad Request: PEER_FLOOD", "there is nothing to do"),
            (Pending, true, "Bad Request: BUTTON_URL_INVALID", "goes once more as plain text"),
            (Sent, true, "Bad Request: BUTTON_URL_INVALID", "arrived as plain text"),
            (
                Dead,
                true,
                "Bad Request: MEDIA_EMPTY",
                "refused it as plain text without buttons, too",
            ),
            (Dead, true, "Bad Request: MEDIA_EMPTY", "please report it"),
            (Dead, false, "Forbidden: bot was blocked by the user", "sends /start"),
            (Dead, false, "Bad Request: message thread not found", "the topic is gone"),
            (Dead, false, "no answer in 6 attempts (timed out)", "look whether it is well again"),
            (Pending, false, "Unauthorized", "@BotFather"),
        ];
        for (state, plain, reason, words) in cases {
            let text = history_of(state, plain, reason);
            assert!(text.contains(words), "{reason}: {text}");
            assert!(text.contains(reason), "{text}");
            assert_eq!(text.contains("delivery retry 7"), state == Dead, "{text}");
        }
        let text = history_of(Sent, false, "");
        assert!(!text.contains("reason") && !text.contains("plain"), "{text}");
    }
}
