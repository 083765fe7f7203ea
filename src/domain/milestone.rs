//! Days of a counter that are announced: round numbers and anniversaries.
//!
//! Guarantees: pure; an anniversary takes precedence over a round number.
//! Out of scope: when they are looked for (`counter_schedule`) and sent (`readiness`).

use chrono::{Datelike, NaiveDate};

/// The numbers of days that are announced, besides every thousandth.
const ROUND_DAYS: [i64; 3] = [100, 365, 500];
const EVERY_DAYS: i64 = 1000;

/// Why a day of a counter is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// A round number of days.
    Days(i64),
    /// An anniversary: the number of years.
    Years(i32),
    /// The day to which the counter counts down.
    Today,
}

impl Milestone {
    /// Returns the milestone that `on` is for a counter from `since_on`, if any. The anniversary of
    /// a 29 February is the 28th in years without a 29th.
    pub fn of(since_on: NaiveDate, on: NaiveDate) -> Option<Self> {
        let days = (on - since_on).num_days();
        let years = on.year() - since_on.year();
        let anniversary =
            since_on.with_year(on.year()).or_else(|| since_on.pred_opt()?.with_year(on.year()));
        if years > 0 && anniversary == Some(on) {
            return Some(Milestone::Years(years));
        }
        let is_round = days > 0 && (ROUND_DAYS.contains(&days) || days % EVERY_DAYS == 0);
        is_round.then_some(Milestone::Days(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn round_numbers_and_anniversaries_are_milestones() {
        use Milestone::{Days, Years};
        let cases = [
            ("2018-03-04", "2018-03-04", None),
            ("2018-03-04", "2018-06-12", Some(Days(100))),
            ("2018-03-04", "2019-03-04", Some(Years(1))),
            ("2019-03-04", "2020-03-03", Some(Days(365))),
            ("2019-03-04", "2020-03-04", Some(Years(1))),
            ("2018-03-04", "2019-07-17", Some(Days(500))),
            ("2018-03-04", "2020-11-28", Some(Days(1000))),
            ("2018-03-04", "2023-08-25", Some(Days(2000))),
            ("2018-03-04", "2020-11-29", None),
            ("2020-02-29", "2021-02-28", Some(Years(1))),
            ("2020-02-29", "2021-03-01", None),
            ("2020-02-29", "2024-02-29", Some(Years(4))),
            ("2020-02-29", "2024-02-28", None),
            ("2026-12-24", "2026-07-15", None),
        ];
        for (since, on, expected) in cases {
            assert_eq!(Milestone::of(day(since), day(on)), expected, "{since} {on}");
        }
    }

    proptest! {
        #[test]
        fn a_walk_through_the_calendar_meets_each_milestone(start in -20_000i32..40_000) {
            let since_on = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::TimeDelta::days(start.into());
            let (mut on, mut days, mut years, mut months) = (since_on, 0i64, 0, 0);
            while days < 1500 {
                let next = on.succ_opt().unwrap();
                if next.month() != on.month() {
                    months += 1;
                }
                on = next;
                days += 1;
                let is_last = on.succ_opt().unwrap().month() != on.month();
                let is_day = on.day() == since_on.day() || (is_last && on.day() < since_on.day());
                let is_year = on.month() == since_on.month() && is_day && months > 0 && months % 12 == 0;
                years += i32::from(is_year);
                let expected = match days {
                    _ if is_year => Some(Milestone::Years(years)),
                    100 | 365 | 500 | 1000 => Some(Milestone::Days(days)),
                    _ => None,
                };
                prop_assert_eq!(Milestone::of(since_on, on), expected, "{} {}", since_on, on);
            }
        }
    }
}
