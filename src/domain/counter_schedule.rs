//! When counters are announced: milestones in the morning, daily messages at the time of the place.
//!
//! Guarantees: pure; days and times are those of the zone of the source or place. A day that passed
//! while nothing ran is not made up for.
//! Out of scope: creating the deliveries (`store`), and whether one is sent (`readiness`).

use super::{SourceId, Zone, local_time};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// The minute of the day at which milestones are announced where no other time was chosen.
pub const MORNING: u16 = 9 * 60;

/// A source with counters, and the last day for which its milestones were computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MilestoneCheck {
    /// The source.
    pub source_id: SourceId,
    /// The zone of its days.
    pub zone: Tz,
    /// The last day for which its milestones were computed.
    pub checked_on: Option<NaiveDate>,
}

/// Returns the sources whose milestones have to be computed now, each with its day: it is morning
/// there and they were not computed yet. Returns also when the next morning of the others begins.
pub fn due_sources(
    sources: &[MilestoneCheck],
    now: DateTime<Utc>,
) -> (Vec<(SourceId, NaiveDate)>, Option<DateTime<Utc>>) {
    let (mut due, mut next_at) = (Vec::new(), None::<DateTime<Utc>>);
    for source in sources {
        let today_on = local_time::day(source.zone, now);
        let is_morning = local_time::local_at(source.zone, today_on, MORNING) <= now;
        if is_morning && source.checked_on.is_none_or(|on| on < today_on) {
            due.push((source.source_id, today_on));
        } else {
            let morning_at = local_time::next_daily(source.zone, MORNING, now);
            next_at = Some(next_at.map_or(morning_at, |next_at| next_at.min(morning_at)));
        }
    }
    (due, next_at)
}

/// When a place is sent its counters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CounterSchedule {
    /// The zone of the place.
    pub zone: Zone,
    /// The minute of the day at which all counters are sent. `None`: only milestones of the
    /// counters of the place itself are sent, in the morning.
    pub minute: Option<u16>,
}

impl CounterSchedule {
    fn minute_of_day(self) -> u16 {
        self.minute.unwrap_or(MORNING)
    }

    /// The first run after `now`.
    pub fn first_run(self, now: DateTime<Utc>) -> DateTime<Utc> {
        local_time::next_daily(self.zone, self.minute_of_day(), now)
    }

    /// Returns the day of a run that was due at `due_at`, if that day is today.
    pub fn due_on(self, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<NaiveDate> {
        let on = local_time::day(self.zone, due_at);
        (on == local_time::day(self.zone, now)).then_some(on)
    }

    /// The run after the one that was due at `due_at`. A run of an earlier day is followed by the
    /// one of today, even if its time has passed.
    pub fn next_run(self, due_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let today_on = local_time::day(self.zone, now);
        let today_at = local_time::local_at(self.zone, today_on, self.minute_of_day());
        let is_today_missed = self.due_on(due_at, now).is_none() && today_at <= now;
        if is_today_missed { today_at } else { self.first_run(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-{text}:00Z").parse().unwrap()
    }

    fn on(text: &str) -> NaiveDate {
        format!("2026-{text}").parse().unwrap()
    }

    #[test]
    fn milestones_are_due_once_a_day_from_the_local_morning_on() {
        // London is an hour ahead of UTC in July, Tokyo nine.
        let cases = [
            (Tz::Europe__London, None, "07-15T07:59", None, Some("07-15T08:00")),
            (Tz::Europe__London, None, "07-15T08:00", Some("07-15"), None),
            (Tz::Europe__London, Some("07-14"), "07-15T23:00", None, Some("07-16T08:00")),
            (Tz::Europe__London, Some("07-14"), "07-15T22:59", Some("07-15"), None),
            (Tz::Europe__London, Some("07-15"), "07-15T09:00", None, Some("07-16T08:00")),
            (Tz::Asia__Tokyo, Some("07-15"), "07-16T00:00", Some("07-16"), None),
        ];
        for (zone, checked, now, due, next) in cases {
            let check =
                MilestoneCheck { source_id: SourceId(7), zone, checked_on: checked.map(on) };
            let expected =
                (due.map(|day| (SourceId(7), on(day))).into_iter().collect(), next.map(at));
            assert_eq!(due_sources(&[check], at(now)), expected, "{zone} {checked:?} {now}");
        }
    }

    #[test]
    fn the_next_morning_is_the_soonest_of_those_that_are_not_due() {
        let check = |source_id, zone, checked: &str| MilestoneCheck {
            source_id,
            zone,
            checked_on: Some(on(checked)),
        };
        let sources = [
            check(SourceId(1), Tz::Europe__London, "07-15"),
            check(SourceId(2), Tz::Asia__Tokyo, "07-15"),
            check(SourceId(3), Tz::UTC, "07-14"),
        ];
        let expected = (vec![(SourceId(3), on("07-15"))], Some(at("07-16T00:00")));
        assert_eq!(due_sources(&sources, at("07-15T09:00")), expected);
    }

    #[test]
    fn the_next_run_is_tomorrow_and_makes_up_for_today_only() {
        let daily = CounterSchedule { zone: Zone::UTC, minute: Some(600) };
        let milestones = CounterSchedule { zone: Zone::UTC, minute: None };
        let cases = [
            // The run of today: on time, and late.
            (daily, "07-15T10:00", "07-15T10:00", Some("07-15"), "07-16T10:00"),
            (daily, "07-15T10:00", "07-15T23:59", Some("07-15"), "07-16T10:00"),
            // The run of yesterday: today's is still to come, or was missed as well.
            (daily, "07-14T10:00", "07-15T09:00", None, "07-15T10:00"),
            (daily, "07-14T10:00", "07-15T11:00", None, "07-15T10:00"),
            (milestones, "07-15T09:00", "07-15T09:00", Some("07-15"), "07-16T09:00"),
        ];
        for (schedule, due, now, today, next) in cases {
            assert_eq!(schedule.due_on(at(due), at(now)), today.map(on), "{due} {now}");
            assert_eq!(schedule.next_run(at(due), at(now)), at(next), "{due} {now}");
        }
    }
}
