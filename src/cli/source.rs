//! `communique source`: shows the sources, and confirms the list of one that is held.

use crate::{
    app,
    config::Environment,
    domain::{Hold, HoldDecision, PollStatus, SourceName},
    message::html::cut,
    store::{Access, SourceState, Store},
};
use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Show each source and the status of its last poll.
    List,
    /// Accept the list of a held source, and post its new entries.
    ///
    /// Prints first how many entries will be posted, and to how many chats. If a page came where a
    /// feed was, the page is read from now on.
    Confirm {
        /// The name of the source in communique.toml.
        name: String,
        /// Store the new entries without posting them; later ones are posted.
        #[arg(long)]
        silently: bool,
        /// Only print what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

/// The longest title that is shown, in UTF-16 code units.
const TITLE_UNITS_MAX: usize = 100;

pub(super) async fn run(command: &SourceCommand, environment: &Environment) -> anyhow::Result<()> {
    let store = Store::open(&environment.database_url(), Access::Operate).await?;
    let now = app::now();
    match command {
        SourceCommand::List => {
            let states = store.source_states().await?;
            let lines: String = states.iter().map(|state| line(state, now) + "\n").collect();
            super::output::print(&lines)?;
        }
        SourceCommand::Confirm { name, silently, dry_run } => {
            confirm(&store, name, *silently, *dry_run, now).await?;
        }
    }
    store.close().await;
    Ok(())
}

/// Prints what a decision about a held list does, then stores the decision.
async fn confirm(
    store: &Store,
    name: &str,
    silently: bool,
    dry_run: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let states = store.source_states().await?;
    let state = states.into_iter().find(|state| state.name == name);
    let (Some(state), Some(name)) = (state, SourceName::parse(name)) else {
        bail!("no source is named {name:?}: `communique source list` shows the names");
    };
    if state.reason == PollStatus::HtmlForFeed {
        let verb = if dry_run { "would be" } else { "is" };
        super::output::print(&format!(
            "A page came where {name}'s feed was. The page {verb} read from the next reading on; `communique run` reads it within seconds.\n"
        ))?;
        if !dry_run {
            store.accept_any_list(&name, now).await?;
        }
        return Ok(());
    }
    let Some(hold) = store.hold(&name).await? else {
        bail!("{name} is not held: the last poll of it was {:?}", state.reason.as_str());
    };
    super::output::print(&preview(&name, &hold, state.subscriptions, silently))?;
    if dry_run {
        return Ok(());
    }
    let decision = if silently { HoldDecision::Store } else { HoldDecision::Post };
    if !store.decide(&name, decision, now).await? {
        bail!("{name} is not held any more: `communique source list` shows what became of it");
    }
    super::output::print("`communique run` does so at the next reading, within seconds.\n")?;
    Ok(())
}

/// Titles that are shown before a decision.
const SHOWN_MAX: usize = 10;

/// Returns what a decision about a held list does.
fn preview(name: &SourceName, hold: &Hold, subscriptions: i64, silently: bool) -> String {
    let (new, older) = hold.counts();
    let since = hold.since_at.format("%Y-%m-%d %H:%M UTC");
    let mut text = format!("{name} is held since {since}: {}.\n", hold.reason);
    text += &match silently {
        false => format!(
            "{new} of its entries will be posted to {subscriptions} subscribed chats and topics; {older} older ones will be stored without being posted:\n"
        ),
        true => {
            let late = hold.entries.iter().filter(|entry| entry.is_late && entry.is_new).count();
            format!(
                "{} of its entries will be stored without being posted; {late} that came since it is held, and what comes later, will be posted to {subscriptions} subscribed chats and topics:\n",
                new + older - late
            )
        }
    };
    for entry in hold.entries.iter().rev().take(SHOWN_MAX) {
        let date = entry.date_on.map_or("no date".to_owned(), |on| on.to_string());
        let is_posted = entry.is_new && (!silently || entry.is_late);
        let fate = if is_posted { "post " } else { "store" };
        text += &format!("  {fate}  {date:<10}  {}\n", cut(&entry.title, TITLE_UNITS_MAX));
    }
    if hold.entries.len() > SHOWN_MAX {
        text += &format!("  … and {} more\n", hold.entries.len() - SHOWN_MAX);
    }
    text
}

/// Returns the line of a source.
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

/// Returns how long ago it was, in one unit.
fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
