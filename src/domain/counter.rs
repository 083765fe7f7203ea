//! Day counters: "864 days have passed since …".
//!
//! Guarantees: a counter is its start day and the sentence of the page with a placeholder for the
//! number, so it is right on any day. Only the number, and the form of the word "day" that follows
//! it in English, Russian and Ukrainian, ever differ from what the page printed.
//! Out of scope: finding counters in a page (`extract`).

use super::{entry::fold, milestone::Milestone};
use chrono::NaiveDate;
use chrono_tz::Tz;

/// The placeholder for the number in a template.
pub const PLACEHOLDER: &str = "{days}";

/// The number of days in whose form keys have the word "day": most numbers take it.
const KEY_DAYS: i64 = 5;

/// A counter as it was extracted from a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterSeen {
    /// The number that the page printed.
    pub days: i64,
    /// The day on which the page printed it.
    pub as_of_on: NaiveDate,
    /// Whether the page itself names that day; otherwise it is the day of the poll.
    pub dated_by_page: bool,
    /// The sentence as printed.
    pub text: String,
    /// The sentence with [`PLACEHOLDER`] in place of the number.
    pub template: String,
}

impl CounterSeen {
    /// The day from which the page counts: its day minus the number.
    pub fn since_on(&self) -> Option<NaiveDate> {
        self.as_of_on.checked_sub_days(chrono::Days::new(u64::try_from(self.days).ok()?))
    }

    /// What identifies the counter at the next poll, whatever number it has then.
    ///
    /// The word "day" is taken in one form in English, Russian and Ukrainian only. In another language
    /// whose word changes with the number, each form has a key, and a start day, of its own.
    pub fn key(&self) -> String {
        let (before, after) = self.template.split_once(PLACEHOLDER).unwrap_or((&self.template, ""));
        fold(&format!("{before} {}", inflect_day_word(KEY_DAYS, after)))
    }
}

/// A counter as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// The day from which it counts.
    pub since_on: NaiveDate,
    /// The sentence of the page, with [`PLACEHOLDER`] in place of the number.
    pub template: String,
}

impl Counter {
    /// Returns the days elapsed on the given day; `None` before the start day.
    pub fn days(&self, on: NaiveDate) -> Option<i64> {
        let days = (on - self.since_on).num_days();
        (days >= 0).then_some(days)
    }

    /// Returns the sentence on the given day; `None` before the start day.
    pub fn sentence(&self, on: NaiveDate) -> Option<String> {
        let days = self.days(on)?;
        let (before, after) = self.template.split_once(PLACEHOLDER)?;
        Some(format!("{before}{days}{}", inflect_day_word(days, after)))
    }
}

/// The counters of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCounters {
    /// The institution's name.
    pub title: String,
    /// Its page.
    pub url: String,
    /// The zone whose days it counts.
    pub zone: Tz,
    /// Its counters, in the order of the page.
    pub counters: Vec<Counter>,
}

/// A counter that a chat added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCounter {
    /// Its number.
    pub id: i64,
    /// The day from which it counts, or to which.
    pub since_on: NaiveDate,
    /// What it counts.
    pub words: String,
}

impl CustomCounter {
    /// Returns the milestone that a day is for it, if any.
    pub fn milestone(&self, on: NaiveDate) -> Option<Milestone> {
        if self.since_on == on { Some(Milestone::Today) } else { Milestone::of(self.since_on, on) }
    }
}

/// Returns the start day to store, given the known start day and number, and what the page shows now.
///
/// The date of the page decides. Without one the day of the poll is used instead, and three cases are
/// off by a day or more: a page that stopped counting (same number as before: the known start day
/// stays), one that counts on later than midnight (one day late: the earlier start day is right), and
/// one that started again (much later: the new start day is used).
pub fn reconcile_start(known: Option<(NaiveDate, i64)>, seen: &CounterSeen) -> Option<NaiveDate> {
    let derived_on = seen.since_on()?;
    let Some((known_on, known_days)) = known else {
        return Some(derived_on);
    };
    let late_days = (derived_on - known_on).num_days();
    if !seen.dated_by_page && (seen.days == known_days || late_days == 1) {
        return Some(known_on);
    }
    Some(derived_on)
}

/// Inflects the word after the number, if it is a known form of "day" ("1 day has", "2 дня",
/// "5 дней").
fn inflect_day_word(days: i64, after: &str) -> String {
    let word_start = after.len() - after.trim_start().len();
    let (space, rest) = after.split_at(word_start);
    let word_end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (word, tail) = rest.split_at(word_end);
    let form = match word.to_lowercase().as_str() {
        "day" | "days" if days == 1 => "day",
        "day" | "days" => "days",
        // "день" is both Russian and Ukrainian, and the context does not say which. It is taken as
        // Russian; the forms that only Ukrainian has stay Ukrainian.
        "день" | "дня" | "дней" => slavic_form(days, ["день", "дня", "дней"]),
        "дні" | "днів" => slavic_form(days, ["день", "дні", "днів"]),
        _ => return after.to_owned(),
    };
    let form = match word.chars().next() {
        Some(c) if c.is_uppercase() && word.chars().all(char::is_uppercase) => form.to_uppercase(),
        _ => form.to_owned(),
    };
    let tail = match (form.as_str(), tail.split_once(' ')) {
        ("day", Some(("", verb))) => format!(" {}", swap_word(verb, "have", "has")),
        ("days", Some(("", verb))) => format!(" {}", swap_word(verb, "has", "have")),
        _ => tail.to_owned(),
    };
    format!("{space}{form}{tail}")
}

/// The plural form in Russian and Ukrainian: 1 (21, 31 …), 2–4, the rest.
fn slavic_form(n: i64, [one, few, many]: [&'static str; 3]) -> &'static str {
    match (n % 10, n % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

/// Replaces the first word of `text` if it is `from`.
fn swap_word(text: &str, from: &str, to: &str) -> String {
    match text.strip_prefix(from) {
        Some(rest) if !rest.starts_with(char::is_alphanumeric) => format!("{to}{rest}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn counter(words: &str) -> Counter {
        Counter { since_on: day("2018-03-04"), template: words.to_owned() }
    }

    #[test]
    fn the_number_grows_by_one_each_day_and_the_words_stay() {
        let counter = counter("{days} days have passed since the incident");
        assert_eq!(
            counter.sentence(day("2020-07-15")).unwrap(),
            "864 days have passed since the incident"
        );
        assert_eq!(
            counter.sentence(day("2018-03-05")).unwrap(),
            "1 day has passed since the incident"
        );
        assert_eq!(counter.days(day("2018-03-04")), Some(0));
        assert_eq!(counter.sentence(day("2018-03-03")), None);
    }

    #[test]
    fn the_word_for_days_follows_the_number() {
        let russian = counter("Прошло {days} дней со дня аварии");
        let cases = [
            ("2018-03-05", "Прошло 1 день со дня аварии"),
            ("2018-03-06", "Прошло 2 дня со дня аварии"),
            ("2018-03-15", "Прошло 11 дней со дня аварии"),
            ("2018-03-25", "Прошло 21 день со дня аварии"),
            ("2018-03-27", "Прошло 23 дня со дня аварии"),
        ];
        for (on, expected) in cases {
            assert_eq!(russian.sentence(day(on)).unwrap(), expected);
        }
        let ukrainian = counter("{days} днів");
        assert_eq!(ukrainian.sentence(day("2018-03-06")).unwrap(), "2 дні");
        let other = counter("{days} Tage seitdem");
        assert_eq!(other.sentence(day("2018-03-05")).unwrap(), "1 Tage seitdem");
    }

    #[test]
    fn a_start_day_is_kept_through_stale_and_late_pages_and_moves_on_a_fresh_start() {
        let seen = |days, on: &str, dated_by_page| CounterSeen {
            days,
            as_of_on: day(on),
            dated_by_page,
            text: String::new(),
            template: String::new(),
        };
        let known = Some((day("2018-03-04"), 864));
        let cases = [
            ("first look", None, seen(864, "2020-07-15", false), "2018-03-04"),
            ("stopped counting a month ago", known, seen(864, "2020-08-15", false), "2018-03-04"),
            ("counts on late in the day", known, seen(865, "2020-07-17", false), "2018-03-04"),
            ("was late when first seen", known, seen(866, "2020-07-16", false), "2018-03-03"),
            ("started anew", known, seen(0, "2020-07-20", false), "2020-07-20"),
            ("the page's own date decides", known, seen(864, "2020-07-16", true), "2018-03-05"),
        ];
        for (name, known, seen, expected) in cases {
            assert_eq!(reconcile_start(known, &seen), Some(day(expected)), "{name}");
        }
    }

    #[test]
    fn one_counter_has_one_key_whatever_its_number() {
        let seen = |words: &str| CounterSeen {
            days: 1,
            as_of_on: day("2020-07-15"),
            dated_by_page: true,
            text: String::new(),
            template: words.to_owned(),
        };
        assert_eq!(
            seen("{days} days have passed since “it”").key(),
            seen("{days}  days have passed since 'it'").key()
        );
        for (one, other) in [
            ("{days} day has passed since it", "{days} days have passed since it"),
            ("Уже {days} день с аварии", "Уже {days} дня с аварии"),
            ("Уже {days} дня с аварии", "Уже {days} дней с аварии"),
            ("Вже {days} дні від аварії", "Вже {days} днів від аварії"),
        ] {
            assert_eq!(seen(one).key(), seen(other).key(), "{one}");
        }
    }
}
