//! The calendars by which states date, and their days as Gregorian ones.
//!
//! Guarantees: a year outside of what a page of statements can name is no day; nothing overflows.
//! Out of scope: which calendar a page uses (`forms`).

use super::Style;
use chrono::NaiveDate;
use icu_calendar::{
    Date, Iso,
    cal::{EthiopianEraStyle, Hijri},
    types::Month,
};
use std::ops::Range;

/// Years that a page of statements can name.
pub(super) const YEARS: Range<i32> = 1900..2100;
/// How many years the Buddhist calendar is ahead.
const BUDDHIST_AHEAD: i32 = 543;
/// The year before the first of the Republic of China, whose years have three digits now.
pub(super) const BEFORE_MINGUO: i32 = 1911;

/// The number by which the month that leap years of the Hebrew calendar add is known here.
pub(super) const HEBREW_LEAP: u8 = 13;

/// Two-digit years from here on belong to the last century.
const LAST_CENTURY: u32 = 70;

/// A date and how many tokens print it.
pub(super) type Found = (NaiveDate, usize);

/// Returns the year that one of two digits means, or the year itself.
pub(super) fn century(year: u32, is_short: bool, style: Style<'_>) -> u32 {
    /// Of Buddhist years these are from 2000 on, and no others of two digits are near today.
    const BUDDHIST: Range<u32> = 43..100;
    match is_short {
        false => year,
        true if style.is_in(&["th"]) && BUDDHIST.contains(&year) => 2000 + year - BUDDHIST.start,
        true if year >= LAST_CENTURY => 1900 + year,
        true => 2000 + year,
    }
}

/// A calendar with months of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Calendar {
    Gregorian,
    Persian,
    Hijri,
    Ethiopic,
    Hebrew,
}

impl Calendar {
    /// Returns the day, by the number of the month in the names of the calendar.
    pub(super) fn day(self, year: i32, month: u8, day: u8) -> Option<NaiveDate> {
        let on = match self {
            Calendar::Gregorian => {
                let on = NaiveDate::from_ymd_opt(year, month.into(), day.into());
                return on.filter(|_| YEARS.contains(&year));
            }
            Calendar::Persian if (1300..1480).contains(&year) => {
                Date::try_new_persian(year, month, day).ok()?.to_calendar(Iso)
            }
            Calendar::Hijri if (1318..1520).contains(&year) => {
                let calendar = Hijri::new_umm_al_qura();
                Date::try_new_hijri_with_calendar(year, month, day, calendar).ok()?.to_calendar(Iso)
            }
            Calendar::Ethiopic if (1892..2093).contains(&year) => {
                let style = EthiopianEraStyle::AmeteMihret;
                Date::try_new_ethiopian(style, year, month, day).ok()?.to_calendar(Iso)
            }
            Calendar::Hebrew if (5660..5860).contains(&year) => hebrew(year, month, day)?,
            _ => return None,
        };
        of_iso(on)
    }
}

fn hebrew(year: i32, month: u8, day: u8) -> Option<Date<Iso>> {
    // The added month, the first Adar, follows the fifth.
    let month = if month == HEBREW_LEAP { Month::leap(5) } else { Month::new(month) };
    let on = Date::try_new_hebrew_v2(year, month, day).ok()?;
    Some(on.to_calendar(Iso))
}

fn of_iso(on: Date<Iso>) -> Option<NaiveDate> {
    let year = on.year().extended_year();
    let found =
        NaiveDate::from_ymd_opt(year, on.month().ordinal.into(), on.day_of_month().0.into());
    found.filter(|_| YEARS.contains(&year))
}

/// Returns the Gregorian year of a Buddhist one. No other calendar has these years now.
pub(super) fn buddhist(year: i32) -> Option<i32> {
    Some(year.checked_sub(BUDDHIST_AHEAD)?).filter(|year| YEARS.contains(year))
}

/// Returns the year before the first year of the era that a word ends with.
pub(super) fn before_era(word: &str) -> Option<i32> {
    const ERAS: [(&str, i32); 6] = [
        ("令和", 2018),
        ("平成", 1988),
        ("昭和", 1925),
        ("大正", 1911),
        ("民國", BEFORE_MINGUO),
        ("民国", BEFORE_MINGUO),
    ];
    ERAS.iter().find(|(era, _)| word.ends_with(era)).map(|(_, before)| *before)
}

/// Returns the year before the first year of the era that a Latin letter stands for.
pub(super) fn before_era_letter(word: &str) -> Option<i32> {
    match word {
        "R" | "Ｒ" => Some(2018),
        "H" | "Ｈ" => Some(1988),
        "S" | "Ｓ" => Some(1925),
        _ => None,
    }
}
