//! Days relative to the day of the poll: "today", "yesterday", "3 hours ago".
//!
//! Guarantees: only what amounts to a certain day; "a month ago" does not. A text that says more than
//! when ("Today in history") is not a date.

use crate::extract::pattern::compile;
use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use regex::Regex;
use std::{ops::Range, sync::LazyLock};

/// The longest text that is parsed, in bytes: "Published 23 hours and 59 minutes ago".
const TEXT_BYTES_MAX: usize = 80;
/// The largest count; older entries print a date.
const UNITS_MAX: i64 = 10_000;

/// Words for a day, with how many days before today it is.
const DAYS: [(&str, u64); 3] = [
    (
        "today|сегодня|aujourd['’]hui|heute|hoy|oggi|hoje|сьогодні|dzisiaj|dziś|bugün|今天|今日|本日|اليوم",
        0,
    ),
    ("yesterday|вчера|hier|gestern|ayer|ieri|ontem|вчора|wczoraj|dün|昨天|昨日|أمس", 1),
    ("day before yesterday|позавчера|avant-hier|vorgestern|anteayer|позавчора|przedwczoraj", 2),
];
/// Words for a unit, with its length in minutes.
const UNITS: [(&str, i64); 4] = [
    (
        "min|mins|minutes?|минут[аыу]?|мин|minuten?|minutos?|minuti|minuto|хвилин[аиу]?|minut[ayę]?|dakika|分钟|分",
        1,
    ),
    (
        "h|hrs?|hours?|час(?:а|ов)?|ч|heures?|stunden?|horas?|or[ae]|годин[аиу]?|godzin[aęy]?|saat|小时|時間",
        60,
    ),
    (
        "d|days?|день|дня|дней|jours?|tag(?:en?)?|d[ií]as?|giorn[oi]|dni|dzień|дні|днів|gün|天|日",
        1440,
    ),
    (
        "weeks?|недел[яиюь]|semaines?|wochen?|semanas?|settiman[ae]|тиждень|тижні|tydzień|tygodnie|hafta|周|週間",
        10_080,
    ),
];

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    // The longest word first: "day before yesterday" is not yesterday.
    let words: Vec<String> = DAYS.iter().rev().map(|(words, _)| format!("({words})")).collect();
    let published = r"(?:published|posted|updated|опубликовано|publié|veröffentlicht|publicado)?";
    let clock =
        r"(?:[\s,|·–-]*(?:at|в|о|à|um|a las|alle|às|o)?\s*\d{1,2}[:.h]\d{2}(?:\s*[ap]\.?m\.?)?)?";
    compile(&format!(
        r"(?i)^[\s(|·–-]*{published}[\s:]*(?:{}){clock}[\s.,:)|·–-]*$",
        words.join("|")
    ))
});
static AGO: LazyLock<Regex> = LazyLock::new(|| {
    let units: Vec<String> = UNITS.iter().map(|(words, _)| format!("({words})")).collect();
    let number = r"(?P<n>\d{1,5}|an?|one|une?|ein(?:e[rnm]?)?|un[ao]?|uma?)";
    let units = units.join("|");
    let before = r"(?:il y a|vor|hace|há)\s+";
    let after = r"\s*(?:ago|назад|тому|temu|fa|önce|前)";
    compile(&format!(
        r"(?i)(?:^|[\s(])(?:{before}{number}\s*(?:{units})|{number2}\s*(?:{units}){after})(?:$|[\s).,])",
        number2 = number.replace("<n>", "<m>"),
    ))
});

/// Returns the day that a text names relative to `now`, the local time of the poll, and where in
/// the text.
pub(crate) fn day(text: &str, now: NaiveDateTime) -> Option<(Range<usize>, NaiveDate)> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    if let Some(found) = DAY.captures(text) {
        let n = (1..=DAYS.len()).find(|n| found.get(*n).is_some())?;
        let days = DAYS.iter().rev().nth(n - 1)?.1;
        return Some((0..text.len(), now.date().checked_sub_days(Days::new(days))?));
    }
    let found = AGO.captures(text)?;
    let number = found.name("n").or(found.name("m"))?;
    let n: i64 = number.as_str().parse().unwrap_or(1);
    let unit = (0..UNITS.len()).find(|unit| {
        // Groups: n, its units, m, its units.
        found.get(unit + 2).or(found.get(unit + 3 + UNITS.len())).is_some()
    })?;
    let minutes = UNITS.get(unit)?.1 * n.min(UNITS_MAX);
    let at = now.checked_sub_signed(TimeDelta::minutes(minutes))?;
    let whole = found.get(0)?.range();
    Some((whole, at.date()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [&DAY, &AGO] {
            LazyLock::force(pattern);
        }
    }

    #[test]
    fn days_are_relative_to_the_time_of_the_poll() {
        let now = "2026-03-02T01:30:00".parse().unwrap();
        let cases = [
            ("Today", "2026-03-02"),
            ("today, 00:15", "2026-03-02"),
            ("Yesterday at 14:05", "2026-03-01"),
            ("Published yesterday", "2026-03-01"),
            ("the day before yesterday", ""),
            ("day before yesterday", "2026-02-28"),
            ("Сегодня в 01:10", "2026-03-02"),
            ("вчера", "2026-03-01"),
            ("Aujourd’hui", "2026-03-02"),
            ("3 hours ago", "2026-03-01"),
            ("Posted 1 hour ago", "2026-03-02"),
            ("an hour ago", "2026-03-02"),
            ("2 days ago", "2026-02-28"),
            ("1 week ago", "2026-02-23"),
            ("3 часа назад", "2026-03-01"),
            ("5 дней назад", "2026-02-25"),
            ("vor 2 Tagen", "2026-02-28"),
            ("il y a 3 heures", "2026-03-01"),
            ("hace 2 días", "2026-02-28"),
            ("2 dni temu", "2026-02-28"),
            ("3小时前", "2026-03-01"),
            ("a month ago", ""),
            ("2 years ago", ""),
            ("Today in history", ""),
            ("What was said yesterday", ""),
            ("Long ago", ""),
            ("", ""),
        ];
        for (text, expected) in cases {
            let found = day(text, now).map(|(_, on)| on.to_string()).unwrap_or_default();
            assert_eq!(found, expected, "{text}");
        }
    }
}
