//! Whether a delivery that is next in its place is sent, waits or is dropped, and what it merges.
//!
//! Guarantees: pure; decided from the settings at the moment of sending, so that a change of them
//! holds for everything that was not sent yet.
//! Out of scope: loading the facts (`store`), and the text of a message (`message`).

use super::{
    CounterSchedule, CustomCounter, EffectiveSettings, Entry, Milestone, SourceCounters, Timing,
    local_time,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Entries of one digest at a time that the chat chose. The next message has the others.
const DIGEST_ENTRIES_MAX: usize = 20;

/// What happens to a delivery now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It is sent.
    Send {
        /// Without a notification sound.
        is_silent: bool,
    },
    /// It waits until then.
    Defer(DateTime<Utc>),
    /// The chat does not want it, or it is out of date.
    Drop,
}

impl From<Timing> for Readiness {
    fn from(timing: Timing) -> Self {
        match timing {
            Timing::Now { is_silent } => Readiness::Send { is_silent },
            Timing::Later(at) => Readiness::Defer(at),
        }
    }
}

/// Whether the filter of a chat lets an entry pass.
pub fn is_wanted(settings: &EffectiveSettings, entry: &Entry) -> bool {
    settings.filter.passes(&entry.title, entry.lead.as_deref())
}

/// The facts about a delivery of a notification.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementFacts {
    /// The settings for the source in the place.
    pub settings: EffectiveSettings,
    /// When the entries were detected.
    pub detected_at: DateTime<Utc>,
    /// The entries of the notification.
    pub entries: Vec<Entry>,
}

/// Which deliveries that wait behind another one are sent in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergeRule {
    /// Only those whose entries were detected before this time.
    pub detected_before: Option<DateTime<Utc>>,
    /// Merge only if at least this many wait.
    pub waiting_min: usize,
    /// The most that are merged.
    pub merged_max: usize,
}

impl StatementFacts {
    /// Returns whether it is sent, deferred or dropped. A future delivery is deferred before the
    /// filter is applied, because the filter may change.
    pub fn readiness(&self, now: DateTime<Utc>) -> Readiness {
        let readiness = Readiness::from(self.settings.timing(self.detected_at, now));
        let is_any_wanted = || self.entries.iter().any(|entry| is_wanted(&self.settings, entry));
        match readiness {
            Readiness::Send { .. } if !is_any_wanted() => Readiness::Drop,
            readiness => readiness,
        }
    }

    /// At a time that the chat chose, everything that was detected until then is one message,
    /// however late it is sent. Otherwise only a backlog is: more than `digest_above` deliveries.
    pub fn merge_rule(&self, digest_above: usize) -> MergeRule {
        let due_at = self.settings.frequency.due_at(self.detected_at, self.settings.zone);
        match due_at {
            Some(_) => MergeRule {
                detected_before: due_at,
                waiting_min: 1,
                merged_max: DIGEST_ENTRIES_MAX - 1,
            },
            None => MergeRule {
                detected_before: None,
                waiting_min: digest_above,
                merged_max: usize::MAX,
            },
        }
    }
}

/// The facts about a delivery of a milestone of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct MilestoneFacts {
    /// The settings for the source in the place.
    pub settings: EffectiveSettings,
    /// The zone of the days of the source.
    pub zone: Tz,
    /// The start day of the counter.
    pub since_on: NaiveDate,
    /// The day of the milestone.
    pub on: NaiveDate,
}

impl MilestoneFacts {
    /// The milestone, where there is one.
    pub fn milestone(&self) -> Option<Milestone> {
        Milestone::of(self.since_on, self.on)
    }

    /// Returns whether it is sent, deferred or dropped. A milestone is sent on its day or not at
    /// all.
    pub fn readiness(&self, now: DateTime<Utc>) -> Readiness {
        if self.milestone().is_none() || !self.settings.milestones {
            return Readiness::Drop;
        }
        let timing = self.settings.immediate_timing(now);
        let sent_at = match timing {
            Timing::Now { .. } => now,
            Timing::Later(at) => at,
        };
        match local_time::day(self.zone, sent_at) == self.on {
            true => timing.into(),
            false => Readiness::Drop,
        }
    }
}

/// The facts about a delivery of the counters of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyFacts {
    /// The settings of the chat.
    pub settings: EffectiveSettings,
    /// The day.
    pub on: NaiveDate,
    /// When the place is sent its counters; `None`: not any more.
    pub schedule: Option<CounterSchedule>,
    /// The counters of the sources of the place; none where only milestones are sent.
    pub sources: Vec<SourceCounters>,
    /// The counters of the place itself.
    pub own: Vec<CustomCounter>,
}

impl DailyFacts {
    /// Whether only milestones of the counters of the place itself are sent.
    pub fn is_milestones_only(&self) -> bool {
        self.schedule.is_some_and(|schedule| schedule.minute.is_none())
    }

    /// The counters of the place itself that the message shows.
    pub fn shown_own(&self) -> impl Iterator<Item = &CustomCounter> {
        let milestones_only = self.is_milestones_only();
        self.own.iter().filter(move |own| !milestones_only || own.milestone(self.on).is_some())
    }

    /// Returns whether it is sent, deferred or dropped. The numbers of a day are sent on that day
    /// or not at all. A daily message whose time the place chose does not wait for the end of quiet
    /// hours, but is silent then.
    pub fn readiness(&self, now: DateTime<Utc>) -> Readiness {
        let milestones_only = self.is_milestones_only();
        let is_day = |at| local_time::day(self.settings.zone, at) == self.on;
        if !is_day(now) || self.schedule.is_none() || milestones_only && !self.settings.milestones {
            return Readiness::Drop;
        }
        let readiness = match self.settings.immediate_timing(now) {
            Timing::Later(_) if !milestones_only => Readiness::Send { is_silent: true },
            Timing::Later(at) if !is_day(at) => Readiness::Drop,
            timing => timing.into(),
        };
        match readiness {
            Readiness::Send { .. } if !self.has_anything(now) => Readiness::Drop,
            readiness => readiness,
        }
    }

    /// Whether a counter has begun. A counter of a page has no sentence before its start day.
    fn has_anything(&self, now: DateTime<Utc>) -> bool {
        let has_begun = |source: &SourceCounters| {
            let today_on = local_time::day(source.zone, now);
            source.counters.iter().any(|counter| counter.sentence(today_on).is_some())
        };
        self.shown_own().next().is_some() || self.sources.iter().any(has_begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Counter, Frequency, QuietHours, SettingsOverrides, Zone,
        filter::{Filter, WordList},
    };

    const SEND: Readiness = Readiness::Send { is_silent: false };
    const SILENT: Readiness = Readiness::Send { is_silent: true };
    /// From 22:00 to 07:00.
    const NIGHT: (u16, u16) = (22 * 60, 7 * 60);

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-07-{text}:00Z").parse().unwrap()
    }

    fn on(day: &str) -> NaiveDate {
        format!("2026-07-{day}").parse().unwrap()
    }

    fn defer(text: &str) -> Readiness {
        Readiness::Defer(at(text))
    }

    fn settings(frequency: Frequency, quiet_hours: QuietHours) -> EffectiveSettings {
        let chosen = SettingsOverrides {
            frequency: Some(frequency),
            quiet_hours: Some(quiet_hours),
            ..SettingsOverrides::default()
        };
        EffectiveSettings::of(&chosen, &SettingsOverrides::default(), Zone::UTC)
    }

    fn entry(title: &str) -> Entry {
        Entry {
            date_on: None,
            seen_at: at("15T00:00"),
            title: title.to_owned(),
            link: None,
            lead: None,
        }
    }

    fn statement(settings: EffectiveSettings, detected: &str, titles: &[&str]) -> StatementFacts {
        let entries = titles.iter().map(|title| entry(title)).collect();
        StatementFacts { settings, detected_at: at(detected), entries }
    }

    #[test]
    fn a_statement_is_sent_at_its_time_if_the_filter_lets_any_of_it_pass() {
        let (off, deferred) = (QuietHours::Off, QuietHours::Deferred(NIGHT.0, NIGHT.1));
        let silent = QuietHours::Silent(NIGHT.0, NIGHT.1);
        let daily = Frequency::Daily(480);
        let (fog, all): (&[&str], &[&str]) = (&["Fog"], &["Fog", "Ice"]);
        let cases = [
            (Frequency::Immediate, off, "", fog, "15T02:00", SEND),
            (Frequency::Immediate, deferred, "", fog, "15T02:00", defer("15T07:00")),
            (Frequency::Immediate, deferred, "", fog, "15T07:00", SEND),
            (Frequency::Immediate, silent, "", fog, "15T02:00", SILENT),
            (daily, off, "", fog, "15T02:00", defer("15T08:00")),
            (daily, off, "", fog, "15T09:00", SEND),
            (Frequency::Immediate, off, "ice", fog, "15T02:00", Readiness::Drop),
            (Frequency::Immediate, off, "ice", all, "15T02:00", SEND),
            // The filter counts when it is sent, not before.
            (daily, off, "ice", fog, "15T02:00", defer("15T08:00")),
        ];
        for (frequency, quiet, only, titles, now, expected) in cases {
            let mut settings = settings(frequency, quiet);
            if !only.is_empty() {
                settings.filter =
                    Filter { with: only.parse::<WordList>().unwrap(), ..Filter::default() };
            }
            let facts = statement(settings, "15T02:00", titles);
            assert_eq!(facts.readiness(at(now)), expected, "{frequency:?} {quiet:?} {only} {now}");
        }
    }

    #[test]
    fn what_waits_is_merged_at_a_chosen_time_or_where_it_is_a_backlog() {
        let rule = |frequency| {
            statement(settings(frequency, QuietHours::Off), "15T02:00", &["Fog"]).merge_rule(5)
        };
        let backlog = MergeRule { detected_before: None, waiting_min: 5, merged_max: usize::MAX };
        assert_eq!(rule(Frequency::Immediate), backlog);
        let chosen = |text| MergeRule {
            detected_before: Some(at(text)),
            waiting_min: 1,
            merged_max: DIGEST_ENTRIES_MAX - 1,
        };
        assert_eq!(rule(Frequency::Hourly), chosen("15T03:00"));
        assert_eq!(rule(Frequency::Daily(480)), chosen("15T08:00"));
    }

    #[test]
    fn a_milestone_is_sent_on_its_day_or_not_at_all() {
        // A hundred days before the 15th.
        let since_on: NaiveDate = "2026-04-06".parse().unwrap();
        let deferred = QuietHours::Deferred(NIGHT.0, NIGHT.1);
        let cases = [
            (QuietHours::Off, true, "15", "15T09:00", SEND),
            (QuietHours::Off, false, "15", "15T09:00", Readiness::Drop),
            (QuietHours::Off, true, "14", "14T09:00", Readiness::Drop),
            (QuietHours::Off, true, "15", "16T00:00", Readiness::Drop),
            (deferred, true, "15", "15T06:00", defer("15T07:00")),
            // Its quiet hours end on the next day.
            (deferred, true, "15", "15T23:00", Readiness::Drop),
            (QuietHours::Silent(NIGHT.0, NIGHT.1), true, "15", "15T23:00", SILENT),
        ];
        for (quiet, is_wanted, day, now, expected) in cases {
            let mut settings = settings(Frequency::Weekly(0, 480), quiet);
            settings.milestones = is_wanted;
            let facts = MilestoneFacts { settings, zone: Tz::UTC, since_on, on: on(day) };
            assert_eq!(facts.readiness(at(now)), expected, "{quiet:?} {day} {now}");
        }
    }

    #[test]
    fn counters_of_a_day_are_sent_on_it_where_there_are_any() {
        let own = |since: &str| CustomCounter {
            id: 1,
            since_on: since.parse().unwrap(),
            words: "since".to_owned(),
        };
        let page = |since: &str| SourceCounters {
            title: "S".to_owned(),
            url: "https://s.example/".to_owned(),
            zone: Tz::UTC,
            counters: vec![Counter {
                since_on: since.parse().unwrap(),
                template: "{days} days".to_owned(),
            }],
        };
        let daily = Some(Some(360));
        let milestones = Some(None);
        // The hundredth day after the first is the 15th; nothing is special about the second.
        let (round, plain) = (vec![own("2026-04-06")], vec![own("2026-04-07")]);
        let (begun, later) = (vec![page("2026-01-01")], vec![page("2027-01-01")]);
        let no_own: fn() -> Vec<CustomCounter> = Vec::new;
        let no_page: fn() -> Vec<SourceCounters> = Vec::new;
        let deferred = QuietHours::Deferred(NIGHT.0, NIGHT.1);
        let off = QuietHours::Off;
        let cases = [
            (daily, off, true, plain.clone(), no_page(), "15T09:00", SEND),
            (daily, off, true, no_own(), begun.clone(), "15T09:00", SEND),
            (daily, off, true, no_own(), later, "15T09:00", Readiness::Drop),
            (daily, off, true, no_own(), no_page(), "15T09:00", Readiness::Drop),
            (daily, off, false, plain.clone(), no_page(), "15T09:00", SEND),
            (daily, off, true, plain.clone(), no_page(), "16T00:00", Readiness::Drop),
            (None, off, true, plain.clone(), begun.clone(), "15T09:00", Readiness::Drop),
            // The place chose the time: it is silent in quiet hours, and does not wait.
            (daily, deferred, true, plain.clone(), no_page(), "15T06:00", SILENT),
            (milestones, off, true, round.clone(), no_page(), "15T09:00", SEND),
            (milestones, off, true, plain, no_page(), "15T09:00", Readiness::Drop),
            (milestones, off, false, round.clone(), no_page(), "15T09:00", Readiness::Drop),
            (milestones, deferred, true, round.clone(), no_page(), "15T06:00", defer("15T07:00")),
            (milestones, deferred, true, round, no_page(), "15T23:00", Readiness::Drop),
        ];
        for (n, (minute, quiet, is_wanted, own, sources, now, expected)) in
            cases.into_iter().enumerate()
        {
            let mut settings = settings(Frequency::Immediate, quiet);
            settings.milestones = is_wanted;
            let schedule = minute.map(|minute| CounterSchedule { zone: Zone::UTC, minute });
            let facts = DailyFacts { settings, on: on("15"), schedule, sources, own };
            assert_eq!(facts.readiness(at(now)), expected, "case {n}");
        }
    }
}
