//! What the log says about polls: each change of status once, problems once a day.

use crate::{
    domain::{PollStatus, SourceName},
    poll::Polled,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// How often a source that is held or cannot be read is reported again.
const REPEATED_EVERY: Duration = Duration::from_secs(24 * 3600);

/// What this process reported about each source.
#[derive(Debug, Default)]
pub(super) struct PollReports(BTreeMap<SourceName, Reported>);

/// The last report about a source.
#[derive(Clone, Debug)]
struct Reported {
    status: PollStatus,
    note: Option<String>,
    at: Instant,
}

/// A line of the log about the status of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Held,
    Failing,
    Recovered,
    /// The list was read, with a note.
    Note,
}

impl PollReports {
    /// Logs a poll.
    #[expect(clippy::cognitive_complexity, reason = "the expansion of the log macros counts")]
    pub(super) fn log(&mut self, polled: &Polled, now: Instant) {
        let Polled { name, reason: status, note, new, edited, deliveries, .. } = polled;
        let _span = tracing::error_span!("poll", source = %name).entered();
        if let Some(entries) = polled.baseline {
            tracing::info!(entries, "baseline stored without posting it");
        }
        if *new > 0 {
            tracing::info!(entries = new, deliveries, "new entries");
        }
        if *edited > 0 {
            tracing::info!(entries = edited, "entries were edited");
        }
        let line = self.line(polled, now);
        let (status, note) = (status.as_str(), note.as_deref().unwrap_or_default());
        match line {
            Some(Line::Held) => tracing::warn!(
                note,
                "source is held, nothing is posted: look at the page, then run `communique source confirm {name}` to post the new entries, or with --silently to only store them"
            ),
            Some(Line::Failing) => tracing::warn!(status, note, "source cannot be read"),
            Some(Line::Recovered) => tracing::info!("source recovered"),
            Some(Line::Note) => tracing::warn!(note, "source read with a note"),
            None => {}
        }
    }

    /// Decides whether the status is reported, and remembers it if so.
    fn line(&mut self, polled: &Polled, now: Instant) -> Option<Line> {
        let Polled { name, before, reason: status, note, .. } = polled;
        let last = self.0.get(name);
        if !is_due(last, *status, note.as_deref(), now) {
            return None;
        }
        let was_healthy = last.map_or(before.is_healthy(), |last| last.status.is_healthy());
        let is_first = last.is_none();
        self.0.insert(name.clone(), Reported { status: *status, note: note.clone(), at: now });
        match status {
            PollStatus::Held => Some(Line::Held),
            status if !status.is_healthy() => Some(Line::Failing),
            _ if !was_healthy && *before != PollStatus::New => Some(Line::Recovered),
            PollStatus::Ok if note.as_deref().is_some_and(|note| !note.is_empty()) && !is_first => {
                Some(Line::Note)
            }
            _ => None,
        }
    }
}

/// Whether a status is reported: the first one, a change, a problem once a day, another note of a
/// healthy source.
fn is_due(last: Option<&Reported>, status: PollStatus, note: Option<&str>, now: Instant) -> bool {
    last.is_none_or(|last| {
        last.status != status
            || !status.is_healthy() && now - last.at >= REPEATED_EVERY
            || status.is_healthy() && note.is_some() && last.note.as_deref() != note
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_reported_once_and_a_problem_once_a_day() {
        use PollStatus::{Held, New, Ok, Timeout};
        const HOUR: u64 = 3600;
        type Polls = &'static [(u64, PollStatus, Option<&'static str>, Option<Line>)];
        let cases: [(PollStatus, Polls); 4] = [
            (New, &[(0, Ok, None, None), (1, Ok, Some("cut"), Some(Line::Note))]),
            (Ok, &[(0, Ok, Some("cut"), None), (1, Ok, Some("cut"), None)]),
            (
                Ok,
                &[
                    (0, Timeout, Some("slow"), Some(Line::Failing)),
                    (23 * HOUR, Timeout, Some("slower"), None),
                    (24 * HOUR, Timeout, Some("slow"), Some(Line::Failing)),
                    (25 * HOUR, Ok, None, Some(Line::Recovered)),
                    (26 * HOUR, Held, None, Some(Line::Held)),
                ],
            ),
            // The process before this one reported it.
            (Timeout, &[(0, Ok, None, Some(Line::Recovered))]),
        ];
        let start = Instant::now();
        for (mut before, polls) in cases {
            let mut reports = PollReports::default();
            for (after_s, status, note, expected) in polls {
                let polled = Polled {
                    name: SourceName::parse("lights").unwrap(),
                    before,
                    reason: *status,
                    note: note.map(str::to_owned),
                    baseline: None,
                    new: 0,
                    edited: 0,
                    deliveries: 0,
                    notices: 0,
                };
                let line = reports.line(&polled, start + Duration::from_secs(*after_s));
                assert_eq!(line, *expected, "{status:?} after {after_s} s");
                before = *status;
            }
        }
    }
}
