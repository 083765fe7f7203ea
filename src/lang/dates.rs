//! Days, months and weekdays as each language writes them.
//!
//! Guarantees: there is always a text; where the locale data has none, it is an ISO date.

use super::locale::formats;
use crate::domain::Lang;
use chrono::{Datelike, NaiveDate, Weekday};
use icu_calendar::{Date, Gregorian};

pub(super) fn day(lang: Lang, on: NaiveDate) -> String {
    match (&formats(lang).day, date(on)) {
        (Some(format), Some(date)) => {
            let day = plain(&format.format(&date).to_string());
            // The locale data has no ordinals, which French uses for the first of a month.
            match day.strip_prefix("1 ") {
                Some(rest) if lang == Lang::Fr => format!("1er {rest}"),
                _ => day,
            }
        }
        _ => on.to_string(),
    }
}

pub(super) fn month(lang: Lang, on: NaiveDate) -> String {
    match (&formats(lang).month, date(on)) {
        (Some(format), Some(date)) => plain(&format.format(&date).to_string()),
        _ => on.format("%Y-%m").to_string(),
    }
}

pub(super) fn weekday(lang: Lang, day: Weekday) -> String {
    // 1 January 2024 was a Monday.
    let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    let on = monday + chrono::TimeDelta::days(day.num_days_from_monday().into());
    match (&formats(lang).weekday, date(on)) {
        (Some(format), Some(date)) => format.format(&date).to_string(),
        _ => day.to_string(),
    }
}

fn date(on: NaiveDate) -> Option<Date<Gregorian>> {
    Date::try_new_gregorian(on.year(), on.month() as u8, on.day() as u8).ok()
}

/// Replaces special blanks by ordinary ones, with which a copied day is searched for.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_each_language_writes_them() {
        let on = "2020-05-01".parse().unwrap();
        let days = Lang::ALL.map(|lang| lang.day(on));
        assert_eq!(
            days,
            [
                "1 May 2020",
                "1 мая 2020 г.",
                "1 травня 2020 р.",
                "1. Mai 2020",
                "1er mai 2020",
                "1 de mayo de 2020"
            ]
            .map(str::to_owned)
        );
        let months = Lang::ALL.map(|lang| lang.month(on));
        assert_eq!(
            months,
            ["May 2020", "май 2020 г.", "травень 2020 р.", "Mai 2020", "mai 2020", "mayo de 2020"]
                .map(str::to_owned)
        );
        let days = Lang::ALL.map(|lang| lang.weekday(Weekday::Wed));
        assert_eq!(
            days,
            ["Wednesday", "среда", "середа", "Mittwoch", "mercredi", "miércoles"]
                .map(str::to_owned)
        );
    }
}
