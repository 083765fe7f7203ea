//! A value of data → the day that it is: a timestamp, a printed date, seconds or milliseconds since
//! 1970.
//!
//! Guarantees: a number is a day only within a few decades; a text only if it holds little else.

use super::value::Data;
use crate::extract::date::{self, Style};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

/// The longest text that is a date, in bytes.
const DATE_BYTES_MAX: usize = 60;
/// The most letters of a word beside a date: "GMT", not a title that begins with a date.
const OTHER_LETTERS_MAX: usize = 3;
/// The first day, in seconds, that a plain number may be: institutions went online in 1995.
const FIRST_SECOND: i64 = 788_918_400;
/// How far ahead an entry may be dated.
const DAYS_AHEAD_MAX: u64 = 3 * 366;

/// How the days of data are read.
#[derive(Clone, Copy)]
pub(super) struct Calendar<'a> {
    pub zone: Tz,
    pub now: DateTime<Utc>,
    pub style: Style<'a>,
}

/// What a value was that is a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Timestamp,
    Printed,
    Number,
}

impl Calendar<'_> {
    /// Returns the day that a value is, and its form.
    pub(super) fn day(&self, value: &Data) -> Option<(NaiveDate, Form)> {
        let (on, form) = match value {
            Data::Number(_) => (self.of_number(value.as_whole()?)?, Form::Number),
            Data::Text(text) if text.len() <= DATE_BYTES_MAX => self.of_text(text.trim())?,
            _ => return None,
        };
        let last_on = self.now.date_naive().checked_add_days(Days::new(DAYS_AHEAD_MAX))?;
        let first_on = NaiveDate::from_ymd_opt(1900, 1, 1)?;
        (first_on..=last_on).contains(&on).then_some((on, form))
    }

    fn of_text(&self, text: &str) -> Option<(NaiveDate, Form)> {
        // "/Date(1763629200000)/", and numbers that are kept as texts.
        let digits = text.trim_start_matches("/Date(").trim_end_matches(")/");
        if matches!(digits.len(), 9..=10 | 12..=13) && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Some((self.of_number(digits.parse().ok()?)?, Form::Number));
        }
        if let Some(on) = date::parse_machine_date(text) {
            return Some((self.in_zone(text).unwrap_or(on), Form::Timestamp));
        }
        let (on, end) = date::leading(text, self.style)?;
        let mut words = text[end..].split(|c: char| !c.is_alphabetic());
        words.all(|word| word.chars().count() <= OTHER_LETTERS_MAX).then_some((on, Form::Printed))
    }

    /// Returns the day of an instant in UTC where the source is. Midnight is a day without a time.
    fn in_zone(&self, text: &str) -> Option<NaiveDate> {
        if !text.ends_with(['Z', 'z']) {
            return None;
        }
        let at = text.parse::<DateTime<Utc>>().ok()?;
        (at.time() != NaiveTime::MIN).then(|| at.with_timezone(&self.zone).date_naive())
    }

    fn of_number(&self, number: i64) -> Option<NaiveDate> {
        let last =
            self.now.timestamp().checked_add(i64::try_from(DAYS_AHEAD_MAX).ok()? * 86_400)?;
        let range = FIRST_SECOND..=last;
        let seconds = [number, number / 1000].into_iter().find(|n| range.contains(n))?;
        let at = DateTime::from_timestamp(seconds, 0)?;
        Some(at.with_timezone(&self.zone).date_naive())
    }
}
