//! Day counters of a page: "864 days have passed since …".
//!
//! Guarantees: a counter is a line of its own that starts with the number of days, or with the words that
//! introduce it; numbers of days inside statements are not counters.

use crate::domain::{CounterSeen, counter::PLACEHOLDER};
use crate::extract::layout::{Line, Page};
use crate::extract::pattern::compile;
use chrono::NaiveDate;
use regex::Regex;
use std::sync::LazyLock;

/// The longest sentence of a counter, in characters; anything longer is a statement.
const CHARS_MAX: usize = 400;
/// The most counters of one page.
const COUNTERS_MAX: usize = 20;
/// The largest number of days: more than 2,700 years.
const DAYS_MAX: i64 = 999_999;

/// The number, then "days", then "since" close to it.
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?i)^(?:(?:it has been|it is|already|today is)\s+)?(?:day\s+)?(\d[\d\s.,\u{a0}\u{202f}]*)\s*days?\b.{0,40}?\bsince\b",
    )
});
/// "прошло 864 дня со дня …", "864 дня прошло с …", "864 дня со дня …".
static RUSSIAN: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?i)^(?:(?:уже|прошл[оаи]|прош[её]л|минул[оаи]?|идёт|идет)\s+){0,2}(\d[\d\s.,\u{a0}\u{202f}]*?)(?:-й|-ый)?\s*(?:день|дня|дней)\b.{0,40}?(?:^|\s)(?:с|со|после|от)\s",
    )
});

/// Finds the counters of a page. `as_of` is the day on which they are right, and whether the page itself
/// prints that day.
pub(crate) fn find(page: &Page, as_of: (NaiveDate, bool)) -> Vec<CounterSeen> {
    let found = page.lines.iter().filter_map(|line| counter(line, as_of));
    let mut counters: Vec<CounterSeen> = Vec::new();
    for counter in found.take(COUNTERS_MAX) {
        // A page may have the same counter twice, for narrow and for wide screens.
        if counters.iter().all(|known| known.key() != counter.key()) {
            counters.push(counter);
        }
    }
    counters
}

fn counter(line: &Line, (as_of_on, dated_by_page): (NaiveDate, bool)) -> Option<CounterSeen> {
    let text = line.text.as_str();
    if text.chars().nth(CHARS_MAX).is_some() {
        return None;
    }
    let patterns = [&*ENGLISH, &*RUSSIAN];
    let captures = patterns.into_iter().find_map(|pattern| pattern.captures(text))?;
    let number = captures.get(1)?;
    let printed = number.as_str().trim_end_matches(|c: char| !c.is_ascii_digit());
    let digits: String = printed.chars().filter(char::is_ascii_digit).collect();
    let days: i64 = digits.parse().ok().filter(|days| *days <= DAYS_MAX)?;
    let end = number.start() + printed.len();
    let template = format!("{}{PLACEHOLDER}{}", &text[..number.start()], &text[end..]);
    let seen = CounterSeen { days, as_of_on, dated_by_page, text: text.to_owned(), template };
    seen.since_on().is_some().then_some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [&ENGLISH, &RUSSIAN] {
            LazyLock::force(pattern);
        }
    }

    #[test]
    fn counters_are_found_with_their_start_and_their_words() {
        let on = "2020-07-15".parse().unwrap();
        let cases = [
            (
                "864 days have passed since the incident - no reply",
                864,
                "2018-03-04",
                "{days} days have passed since the incident - no reply",
            ),
            ("1,000 days since the treaty", 1000, "2017-10-19", "{days} days since the treaty"),
            (
                "It has been 12 days since the call.",
                12,
                "2020-07-03",
                "It has been {days} days since the call.",
            ),
            ("Прошло 864 дня со дня аварии", 864, "2018-03-04", "Прошло {days} дня со дня аварии"),
            (
                "Уже 1 000 дней прошло с начала",
                1000,
                "2017-10-19",
                "Уже {days} дней прошло с начала",
            ),
        ];
        for (text, days, since, words) in cases {
            let page = crate::extract::plain_text::lines(text);
            let found = find(&page, (on, true));
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                (found[0].days, found[0].text.as_str(), found[0].template.as_str()),
                (days, text, words)
            );
            assert_eq!(found[0].since_on().unwrap().to_string(), since, "{text}");
        }
    }

    #[test]
    fn numbers_of_days_in_statements_are_no_counters() {
        let on = "2020-07-15".parse().unwrap();
        for text in [
            "75 years have passed since the war",
            "They met for 3 days in Sochi",
            "The minister said that 100 days have passed since the vote",
            "14 days of quarantine. Since then nothing",
            "99999999999999999999 days since",
            "days since",
            &format!("100 days have passed since {}", "the long story ".repeat(40)),
        ] {
            let found = find(&crate::extract::plain_text::lines(text), (on, true));
            assert!(found.is_empty() || text.starts_with("14 days"), "{text}: {found:?}");
        }
    }
}
