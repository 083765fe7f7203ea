//! `communique source`: what the operator asks about sources while `run` goes on.

use crate::{
    app,
    config::Environment,
    domain::{Reason, SourceName},
    store::{Access, SourceState, Store},
};
use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Show each watched source and what its last poll came to.
    List,
    /// Accept the list that a held source shows now. What is dated later than everything known
    /// is delivered, the rest is stored in silence.
    Confirm {
        /// The source's name in communique.toml.
        name: String,
    },
}

pub(super) async fn run(command: &SourceCommand, environment: &Environment) -> anyhow::Result<()> {
    let store = Store::open(&environment.database_url(), Access::Operate).await?;
    let now = app::now();
    match command {
        SourceCommand::List => {
            let states = store.source_states().await?;
            let lines: String = states.iter().map(|state| line(state, now) + "\n").collect();
            super::print(&lines)?;
        }
        SourceCommand::Confirm { name } => {
            let states = store.source_states().await?;
            let state = states.iter().find(|state| state.name == *name);
            if let Some(state) = state.filter(|state| state.reason != Reason::Held) {
                bail!("{name} is not held: the last poll of it was {:?}", state.reason.as_str());
            }
            let known = match SourceName::parse(name) {
                Some(name) => store.confirm(&name, now).await?,
                None => false,
            };
            if !known {
                bail!("no source is named {name:?}: `communique source list` shows the names");
            }
            super::print(&format!(
                "What {name} lists at its next reading is taken as it is; `communique run` reads it within seconds.\n"
            ))?;
        }
    }
    store.close().await;
    Ok(())
}

fn line(state: &SourceState, now: DateTime<Utc>) -> String {
    let SourceState { name, url, reason, note, entries, subscriptions, .. } = state;
    let read = match state.read_at {
        Some(at) => format!("read {} ago", ago(at, now)),
        None => "never read".to_owned(),
    };
    let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    format!(
        "{name:<16} {:<11} {read}, {entries} entries, {subscriptions} subscribed  {url}{note}",
        reason.as_str()
    )
}

fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
