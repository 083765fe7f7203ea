//! `communique delivery`: what waits, what became of each message, and trying one again, while
//! `run` goes on.

use crate::{
    app,
    config::Environment,
    render::html::cut,
    store::{Access, DeliveryState, Retried, State, Store},
};
use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use std::fmt::Write as _;

/// Titles and reasons in a list are cut to this, in characters.
const SHOWN_CHARS_MAX: usize = 60;

#[derive(Debug, Subcommand)]
pub(super) enum DeliveryCommand {
    /// Show the newest deliveries, and how many there are.
    List {
        /// Only those of a state.
        #[arg(long, value_enum)]
        state: Option<StateArgument>,
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Tell the story of one delivery.
    Show {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Try one again that was given up.
    Retry {
        /// Its number, as `list` shows it.
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

impl From<StateArgument> for State {
    fn from(argument: StateArgument) -> Self {
        match argument {
            StateArgument::Pending => State::Pending,
            StateArgument::InFlight => State::InFlight,
            StateArgument::Sent => State::Sent,
            StateArgument::Dead => State::Dead,
        }
    }
}

pub(super) async fn run(
    command: &DeliveryCommand,
    environment: &Environment,
) -> anyhow::Result<()> {
    let store = Store::open(&environment.database_url(), Access::Operate).await?;
    let outcome = answer(command, &store).await;
    store.close().await;
    Ok(super::print(&outcome?)?)
}

async fn answer(command: &DeliveryCommand, store: &Store) -> anyhow::Result<String> {
    let unknown = |id: i64| {
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
            for state in store.delivery_states(state.map(State::from), *limit).await? {
                text.push_str(&line(&state));
            }
            Ok(text)
        }
        DeliveryCommand::Show { id } => match store.delivery_state(*id).await? {
            Some(state) => Ok(story(&state)),
            None => bail!(unknown(*id)),
        },
        DeliveryCommand::Retry { id } => match store.retry(*id, app::now()).await? {
            Retried::Yes => {
                Ok(format!("Delivery {id} is due again; `run` sends it within a minute.\n"))
            }
            Retried::Unknown => bail!(unknown(*id)),
            Retried::NotDead(state) => {
                bail!("delivery {id} is {state}: only what is dead can be tried again")
            }
            Retried::Unwanted => {
                bail!("nobody is subscribed any more where delivery {id} was to go")
            }
        },
    }
}

fn at(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What it is that is delivered.
fn what(state: &DeliveryState) -> String {
    match &state.entry {
        Some((source, title)) => format!("{source}: {}", cut(title, SHOWN_CHARS_MAX)),
        None => "the answer to a command".to_owned(),
    }
}

fn line(delivery: &DeliveryState) -> String {
    let DeliveryState { id, place, state, made_at, reason, .. } = delivery;
    let why = reason.as_ref().map(|why| format!(" ({})", cut(why, SHOWN_CHARS_MAX)));
    let what = what(delivery);
    format!("{id:>8}  {state:<9}  {}  {place}  {what}{}\n", at(*made_at), why.unwrap_or_default())
}

fn story(delivery: &DeliveryState) -> String {
    let DeliveryState { id, place, state, attempts, unanswered, .. } = delivery;
    let mut text = format!("Delivery {id} to {place}, {}\n", what(delivery));
    let mut add = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<10} {value}");
    };
    add("made", at(delivery.made_at));
    let lost = match unanswered {
        0 => String::new(),
        n => format!(", {n} of them without an answer, so it may be there more than once"),
    };
    add("attempts", format!("{attempts}{lost}"));
    match (state, delivery.settled_at) {
        (State::Pending, _) => {
            add("pending", format!("to be sent from {} on", at(delivery.due_at)))
        }
        (State::InFlight, _) => {
            add(
                "in_flight",
                format!("if no answer comes, sent again after {}", at(delivery.due_at)),
            );
        }
        (_, settled_at) => {
            let when = settled_at.map(at).unwrap_or_default();
            let message = delivery.message_id.map(|message| format!(" as message {message}"));
            add(state.as_str(), when + &message.unwrap_or_default());
        }
    }
    if let Some(reason) = &delivery.reason {
        add("reason", reason.clone());
    }
    if *state == State::Dead {
        add("next", format!("`communique delivery retry {id}` tries it again"));
    }
    text
}
