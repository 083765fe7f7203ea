//! What is recorded of a run: the events and everything that arrived.

use crate::{
    habits::Habits,
    support::{Arrival, OWNER},
};
use chrono::{DateTime, Utc};
use communique::{
    domain::{Action, ButtonKind, HoldDecision},
    sandbox::{Role, SiteFault},
};

/// What a user or an institution did, or what happened to the machine.
#[derive(Clone, Debug)]
pub(crate) enum SimEvent {
    Published(u64),
    Said {
        chat: i64,
        thread: Option<i64>,
        #[expect(dead_code, reason = "shown in the transcript")]
        by: i64,
        text: String,
    },
    /// *Restore* was pressed.
    Restored {
        chat: i64,
        thread: Option<i64>,
    },
    Role {
        chat: i64,
        role: Role,
    },
    Upgraded,
    Down(#[expect(dead_code, reason = "shown in the transcript")] DateTime<Utc>),
    Site(SiteFault),
    Edited,
    /// The list changed in one of its habits.
    List(#[expect(dead_code, reason = "shown in the transcript")] String),
    /// The owner was asked about a held list, or a question was answered.
    Decided {
        decision: HoldDecision,
        asked_at: DateTime<Utc>,
    },
    /// The disk is full until then.
    Full(#[expect(dead_code, reason = "shown in the transcript")] DateTime<Utc>),
    /// The token was revoked; the process exits, and starts again with a new one.
    Revoked,
    /// The machine's clock was set by so many seconds.
    ClockSet(#[expect(dead_code, reason = "shown in the transcript")] i64),
}

/// Everything that is recorded of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) events: Vec<(DateTime<Utc>, SimEvent)>,
    pub(crate) crashes: u32,
    pub(crate) floods: u32,
    pub(crate) lost: u32,
    /// Steps that failed because of the full disk, and revoked tokens.
    pub(crate) refused: u32,
    pub(crate) revoked: u32,
    pub(crate) open: i64,
    /// Messages that were refused because they exceeded a limit of Telegram.
    pub(crate) limit_hits: Vec<(DateTime<Utc>, i64)>,
    pub(crate) restarts: Vec<DateTime<Utc>>,
    /// Each poll, in words.
    pub(crate) polls: Vec<(DateTime<Utc>, String)>,
    pub(crate) runs: u32,
    /// The list with all that it showed, if it had habits.
    pub(crate) habits: Option<Habits>,
    /// Questions to the owner that arrived, over all runs, and lists adopted without an answer.
    pub(crate) questions: usize,
    pub(crate) adopted: usize,
}

impl Trace {
    pub(crate) fn absorb(&mut self, other: &Trace) {
        self.arrivals.extend(other.arrivals.iter().cloned());
        self.crashes += other.crashes;
        self.floods += other.floods;
        self.lost += other.lost;
        self.refused += other.refused;
        self.revoked += other.revoked;
        self.questions += other.arrivals.iter().filter(|a| is_question(a)).count();
        self.adopted += other.arrivals.iter().filter(|a| is_adoption(a)).count();
        self.runs += 1;
    }

    fn pushes(&self) -> usize {
        self.arrivals.iter().filter(|a| a.is_push()).count()
    }

    /// A run in which nothing happens proves nothing.
    pub(crate) fn assert_eventful(&self) {
        let runs = self.runs as usize;
        assert!(self.pushes() >= 30 * runs, "{}", self.summary());
        assert!(self.crashes + self.lost + self.floods > 5 * self.runs, "{}", self.summary());
        if runs >= 20 {
            assert!(self.refused > self.runs && self.revoked > 0, "{}", self.summary());
            assert!(self.questions > 0 && self.adopted > 0, "{}", self.summary());
        }
    }

    pub(crate) fn summary(&self) -> String {
        let pushes = self.pushes();
        format!(
            "{} seeds: {} messages arrived, {pushes} of them pushes; {} crashes, {} sends without an answer, {} floods, {} steps refused by a full disk, {} tokens revoked, {} questions to the owner, {} lists adopted",
            self.runs,
            self.arrivals.len(),
            self.crashes,
            self.lost,
            self.floods,
            self.refused,
            self.revoked,
            self.questions,
            self.adopted,
        )
    }

    /// The run as text, in order of time, to be read and compared with another run.
    pub(crate) fn transcript(&self) -> String {
        let arrivals = self.arrivals.iter().map(|a| {
            let lost = if a.is_answer_lost { " (answer lost)" } else { "" };
            (a.at, format!("→ {} {:?}{lost}: {:?}", a.chat, a.thread, a.text))
        });
        let events = self.events.iter().map(|(at, event)| (*at, format!("{event:?}")));
        let restarts = self.restarts.iter().map(|at| (*at, "restarted".to_owned()));
        let polls = self.polls.iter().cloned();
        let mut lines: Vec<_> = arrivals.chain(events).chain(restarts).chain(polls).collect();
        lines.sort_by_key(|(at, _)| *at);
        lines.iter().map(|(at, line)| format!("{} {line}\n", at.format("%H:%M:%S%.3f"))).collect()
    }
}

/// Whether a message asks the owner about a held list.
pub(crate) fn is_question(arrival: &Arrival) -> bool {
    arrival.chat == OWNER && hold_of(arrival, HoldDecision::Post).is_some()
}

/// Whether a message says that a list was adopted without an answer.
pub(crate) fn is_adoption(arrival: &Arrival) -> bool {
    arrival.chat == OWNER && arrival.text.contains("Nobody answered")
}

/// The callback data of a button of a question.
pub(crate) fn hold_of(arrival: &Arrival, decision: HoldDecision) -> Option<String> {
    arrival.outgoing.buttons.iter().flatten().find_map(|button| {
        let ButtonKind::Callback(data) = &button.press else { return None };
        let is_it = matches!(Action::decode(data), Some(Action::Hold(_, of)) if of == decision);
        is_it.then(|| data.clone())
    })
}
