//! Local times: when the clocks of a zone next show a given time.
//!
//! Guarantees: every day of a zone has each time of day exactly once, even when clocks change. A skipped
//! time is the moment at which clocks move forward; a repeated time is the first of the two.

#![expect(clippy::needless_pass_by_value, reason = "time zones are small, and most are Copy")]

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Timelike, Utc, Weekday};

/// Minutes of a day.
pub const MINUTES: u16 = 24 * 60;
/// The longest gap between local times that is searched: Samoa skipped a whole day.
const GAP_MAX_MINUTES: i64 = 25 * 60;

/// The moment at which the clocks of a zone first show this minute of this day, or pass it.
pub fn local_at(zone: impl TimeZone, on: NaiveDate, minute: u16) -> DateTime<Utc> {
    let minute = i64::from(minute.min(MINUTES - 1));
    let wall = on.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute);
    if let Some(at) = zone.from_local_datetime(&wall).earliest() {
        return at.to_utc();
    }
    // The time is skipped: the gap ends at the first local time after it that exists.
    let after = (1..=GAP_MAX_MINUTES).find_map(|more| {
        let later = zone.from_local_datetime(&(wall + TimeDelta::minutes(more))).earliest()?;
        Some(later.to_utc())
    });
    after.unwrap_or_else(|| wall.and_utc())
}

/// The next moment after `after` at which the clocks of a zone show this minute of a day.
pub fn next_daily(zone: impl TimeZone, minute: u16, after: DateTime<Utc>) -> DateTime<Utc> {
    next_on(zone, minute, after, |_| true)
}

/// The next moment after `after` at which the clocks of a zone show this minute on this weekday.
pub fn next_weekly(
    zone: impl TimeZone,
    weekday: Weekday,
    minute: u16,
    after: DateTime<Utc>,
) -> DateTime<Utc> {
    next_on(zone, minute, after, |on| on.weekday() == weekday)
}

fn next_on(
    zone: impl TimeZone,
    minute: u16,
    after: DateTime<Utc>,
    is_on_day: impl Fn(NaiveDate) -> bool,
) -> DateTime<Utc> {
    let today_on = after.with_timezone(&zone).date_naive();
    // From yesterday on: a skipped time near midnight may move into the next day.
    let days = (0..10).filter_map(|n| today_on.checked_add_days(Days::new(n)));
    let first = today_on.pred_opt().into_iter().chain(days);
    let mut moments =
        first.filter(|on| is_on_day(*on)).map(|on| local_at(zone.clone(), on, minute));
    moments.find(|at| *at > after).unwrap_or(after + TimeDelta::days(1))
}

/// The next moment after `after` at which the clocks of a zone show a full hour.
pub fn next_hourly(zone: impl TimeZone, after: DateTime<Utc>) -> DateTime<Utc> {
    let local = after.with_timezone(&zone);
    let past = i64::from(local.minute()) * 60 + i64::from(local.second());
    let next = after - TimeDelta::seconds(past) + TimeDelta::hours(1);
    let next = next - TimeDelta::nanoseconds(i64::from(local.nanosecond() % 1_000_000_000));
    // Clocks may change by half an hour, and then the full hour is another one.
    let minute = next.with_timezone(&zone).minute();
    if minute == 0 { next } else { next + TimeDelta::minutes(60 - i64::from(minute)) }
}

/// The minute of the day that the clocks of a zone show.
pub fn minute_of_day(zone: impl TimeZone, at: DateTime<Utc>) -> u16 {
    let local = at.with_timezone(&zone);
    u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
}

/// The day that the clocks of a zone show.
pub fn day(zone: impl TimeZone, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Formats a minute of the day: `07:05`.
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Parses a minute of the day, written like `7`, `7:05` or `19.30`.
pub fn parse_clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once([':', '.']).unwrap_or((text, "0"));
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() <= 2);
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Zone;
    use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific};
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_skipped_time_is_the_moment_clocks_move_forward() {
        let on = "2026-03-29".parse().unwrap();
        assert_eq!(local_at(Europe::Berlin, on, 2 * 60 + 30), at("2026-03-29T01:00:00Z"));
        assert_eq!(local_at(Europe::Berlin, on, 3 * 60), at("2026-03-29T01:00:00Z"));
        assert_eq!(local_at(Europe::Berlin, on, 8 * 60), at("2026-03-29T06:00:00Z"));
    }

    #[test]
    fn a_repeated_time_is_the_first_of_the_two() {
        let on = "2026-10-25".parse().unwrap();
        assert_eq!(local_at(Europe::Berlin, on, 2 * 60 + 30), at("2026-10-25T00:30:00Z"));
        let after = at("2026-10-25T00:30:00Z");
        assert_eq!(next_daily(Europe::Berlin, 150, after), at("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn the_next_time_is_after_now() {
        let cases = [
            (Europe::Moscow, 480, "2026-07-15T04:59:59Z", "2026-07-15T05:00:00Z"),
            (Europe::Moscow, 480, "2026-07-15T05:00:00Z", "2026-07-16T05:00:00Z"),
            (Pacific::Kiritimati, 0, "2026-07-15T09:00:00Z", "2026-07-15T10:00:00Z"),
            (Asia::Kathmandu, 1439, "2026-07-15T18:14:00Z", "2026-07-16T18:14:00Z"),
        ];
        for (zone, minute, now, expected) in cases {
            assert_eq!(next_daily(zone, minute, at(now)), at(expected), "{zone} {now}");
        }
        // Half an hour and more from the full hour of UTC, without any change of clocks.
        let fixed = Zone::of_minutes(345).unwrap();
        assert_eq!(next_daily(fixed, 1439, at("2026-07-15T18:14:00Z")), at("2026-07-16T18:14:00Z"));
        assert_eq!(next_hourly(fixed, at("2026-07-15T12:20:01Z")), at("2026-07-15T13:15:00Z"));
        assert_eq!(day(fixed, at("2026-07-15T18:15:00Z")), "2026-07-16".parse().unwrap());
        let monday = next_weekly(Europe::London, Weekday::Mon, 540, at("2026-07-15T12:00:00Z"));
        assert_eq!(monday, at("2026-07-20T08:00:00Z"));
        assert_eq!(
            next_hourly(Asia::Kathmandu, at("2026-07-15T12:20:01Z")),
            at("2026-07-15T13:15:00Z")
        );
        assert_eq!(
            next_hourly(Europe::Paris, at("2026-07-15T12:00:00Z")),
            at("2026-07-15T13:00:00Z")
        );
    }

    #[test]
    fn clocks_are_read_as_people_write_them() {
        let clocks = [("7", Some(420)), ("07:05", Some(425)), ("19.30", Some(1170)), ("24", None)];
        for (text, expected) in clocks {
            assert_eq!(parse_clock(text), expected, "{text}");
        }
        assert_eq!(["7:60", "", "-1", "007", "7:5:3"].map(parse_clock), [None; 5]);
        assert_eq!(clock(425), "07:05");
    }

    proptest! {
        #[test]
        fn each_day_has_each_time_once(
            zone in prop::sample::select(vec![
                Europe::Berlin, America::New_York, Australia::Lord_Howe, Africa::Casablanca,
                America::Santiago, Asia::Kolkata, Pacific::Apia, Africa::Cairo,
            ]),
            minute in 0u16..1440,
            start in 1_262_304_000i64..1_900_000_000,
        ) {
            let mut at = DateTime::from_timestamp(start, 0).unwrap();
            let mut days = Vec::new();
            for _ in 0..40 {
                at = next_daily(zone, minute, at);
                days.push(day(zone, at));
            }
            // Samoa had no 30 December 2011: its times are passed at the jump, on the 31st.
            let has_all = days.windows(2).all(|two| two[1].signed_duration_since(two[0]).num_days() == 1);
            let leaps = zone == Pacific::Apia && days.iter().any(|on| on.to_string() == "2011-12-31");
            prop_assert!(has_all || leaps, "{zone} {minute}: {days:?}");
        }
    }
}
