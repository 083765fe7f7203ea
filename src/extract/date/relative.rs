//! Days relative to the day of the poll: "today", "yesterday", "3 hours ago".
//!
//! Guarantees: only what amounts to a certain day; "a month ago" does not, nor "2 weeks ago", which
//! sites round. A text that says more than when ("Today in history") is not a date.
//! Out of scope: the words themselves (`relative_words`).

use super::{
    names,
    relative_words::{self, Words, fold, key},
};
use crate::extract::pattern::compile;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use regex::Regex;
use std::{ops::Range, sync::LazyLock};

/// The longest text that is parsed, in bytes: "Published 23 hours and 59 minutes ago", of which a
/// letter may be three.
const TEXT_BYTES_MAX: usize = 160;
/// The longest without a number: "Published the day before yesterday".
const NAMED_BYTES_MAX: usize = 60;
/// The most digits of a count; older entries print a date.
const DIGITS_MAX: usize = 5;
/// The most words of a text, the number apart.
const WORDS_MAX: usize = 12;
/// What parts a text: "Ministry · 3 hours ago", "Ministry (3 hours ago)".
const SEPARATORS: [&str; 8] = ["|", "·", "•", " - ", " – ", " — ", "(", ")"];
/// Words for one that stand for the number.
const ONE: [&str; 15] = [
    "a", "an", "one", "un", "une", "ein", "eine", "einer", "einem", "einen", "una", "uno", "uma",
    "um", "een",
];
/// What joins two counts: "23 hours and 59 minutes ago".
const AND: [&str; 8] = ["and", "et", "und", "y", "e", "и", "та", "i"];

/// What may stand in front: "Published yesterday".
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    compile("^(?:published|posted|updated|опубликовано|publié|veröffentlicht|publicado)[\\s:]+")
});
/// A clock at the end, and what it may be joined with beside the language's own words.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"[\s,|·–-]*\b(?:at|kl|в|о|à|um|alle|às)?\s*\d{1,2}\s?[:.h]\s?\d{2}(?:[:.]\d{2})?(?:\s*[ap]m?|\s*uhr)?$",
    )
});

/// Returns the day that a text names relative to `now`, the local time of the poll, and where in
/// the text. `lang` is the language that its page declares.
pub(super) fn day(
    text: &str,
    lang: Option<&str>,
    now: NaiveDateTime,
) -> Option<(Range<usize>, NaiveDate)> {
    let has_number = text.contains(char::is_numeric);
    if text.len() > if has_number { TEXT_BYTES_MAX } else { NAMED_BYTES_MAX } {
        return None;
    }
    let own = lang.and_then(names::of);
    let known = |text: &str| minutes(text, own.as_deref().map(|names| &names.relative), lang);
    let (range, minutes) = known(text).map(|minutes| (0..text.len(), minutes)).or_else(|| {
        let is_counted = |part: &&str| part.contains(char::is_numeric);
        Some(text).filter(|_| has_number)?;
        let part =
            parts(text).into_iter().filter(is_counted).find_map(|part| Some((part, known(part)?)));
        let (part, minutes) = part?;
        let start = text.find(part)?;
        Some((start..start + part.len(), minutes))
    })?;
    let at = now.checked_sub_signed(TimeDelta::try_minutes(minutes)?)?;
    Some((range, at.date()))
}

/// Returns the parts of a text that has several.
fn parts(text: &str) -> Vec<&str> {
    if !text.contains(['|', '·', '•', '-', '–', '—', '(', ')']) {
        return Vec::new();
    }
    let parts = SEPARATORS.iter().fold(vec![text], |parts, separator| {
        parts.into_iter().flat_map(|part| part.split(separator)).collect()
    });
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// Returns how many minutes ago a text says it was: in the language of its page, else in any.
fn minutes(text: &str, own: Option<&Words>, lang: Option<&str>) -> Option<i64> {
    if text.split_whitespace().nth(WORDS_MAX).is_some() {
        return None;
    }
    let folded = fold(text);
    let text = folded.trim_matches(is_mark);
    let text = LABEL.find(text).map_or(text, |label| &text[label.end()..]);
    let counted = |words: &Words| {
        count(text, words).or_else(|| one(text, words)).or_else(|| named(text, words))
    };
    own.and_then(counted).or_else(|| {
        let all = relative_words::all();
        // Who declares another language than English means it; English words may remain in it. A
        // single word may be a usual one there: "hier" is yesterday in French, here in German.
        let is_any = own.is_none() || lang.is_none_or(|lang| lang.starts_with("en"));
        let named_else = || {
            if is_any { named(text, all) } else { named(text, &names::of("en")?.relative) }
        };
        count(text, all).or_else(|| one(text, all)).or_else(named_else)
    })
}

/// Returns whether a character may be around a text; a vowel sign at its end belongs to it.
fn is_mark(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_punctuation() || "·•–—،、。".contains(c)
}

/// Returns the minutes of a day's name, which a clock may follow.
fn named(text: &str, words: &Words) -> Option<i64> {
    words.minutes(text).or_else(|| {
        let clock = text.contains(char::is_numeric).then(|| CLOCK.find(text))??;
        let rest = text[..clock.start()].trim_end_matches(is_mark);
        words.minutes(rest).or_else(|| {
            let spaces = rest.match_indices(' ');
            let mut joined = spaces.filter(|(at, _)| words.is_joint(&rest[at + 1..]));
            words.minutes(rest[..joined.next()?.0].trim_end_matches(','))
        })
    })
}

/// Returns the minutes of "3 hours ago".
fn count(text: &str, words: &Words) -> Option<i64> {
    let (before, n, after) = split_number(text)?;
    if let Some(unit) = words.minutes(&key(before, after)) {
        return unit.checked_mul(n);
    }
    let (between, m, after) = split_number(after)?;
    let small = words.minutes(&key(before, after))?;
    let large = larger(before, between, after, words).filter(|large| *large > small)?;
    large.checked_mul(n)?.checked_add(small.checked_mul(m)?)
}

/// Returns the unit of the first count of two, which share what says that it is past: "hours" in "23
/// hours and 59 minutes ago".
fn larger(before: &str, between: &str, after: &str, words: &Words) -> Option<i64> {
    let between = between.trim_matches(is_mark);
    let without_and = between.rsplit_once(' ').filter(|(_, last)| AND.contains(last));
    let unit = without_and.map_or(between, |(unit, _)| unit).trim_end_matches(',');
    let ends = after.char_indices().map(|(at, _)| &after[at..]).chain([""]);
    ends.into_iter().find_map(|end| words.minutes(key(before, &format!("{unit}{end}")).trim_end()))
}

/// Returns the minutes of "an hour ago".
fn one(text: &str, words: &Words) -> Option<i64> {
    if text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut start = 0;
    text.split(' ').find_map(|word| {
        let end = start + word.len();
        let around = (&text[..start], &text[end..]);
        start = end + 1;
        let is_one = ONE.contains(&word);
        is_one.then(|| words.minutes(&key(around.0, around.1))).flatten()
    })
}

/// Returns what precedes the first number of a text, the number, and what follows it.
fn split_number(text: &str) -> Option<(&str, i64, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let n = rest[..end].parse().ok().filter(|_| end <= DIGITS_MAX)?;
    Some((before, n, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [&LABEL, &CLOCK] {
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
            ("1 week ago", ""),
            ("3 часа назад", "2026-03-01"),
            ("5 дней назад", "2026-02-25"),
            ("vor 2 Tagen", "2026-02-28"),
            ("il y a 3 heures", "2026-03-01"),
            ("hace 2 días", "2026-02-28"),
            ("2 dni temu", "2026-02-28"),
            ("3小时前", "2026-03-01"),
            ("2 days 3 hours ago", "2026-02-27"),
            ("23 hours and 59 minutes ago", "2026-03-01"),
            ("vor 2 Stunden, 5 Minuten", "2026-03-01"),
            ("3小时20分钟前", "2026-03-01"),
            ("1 week 2 days ago", ""),
            ("Ministry of Lamps · 2 days ago", "2026-02-28"),
            ("Ministry of Lamps (2 days ago)", "2026-02-28"),
            ("5 mins ago", "2026-03-02"),
            ("3 hrs ago", "2026-03-01"),
            ("há 4 dias", "2026-02-26"),
            ("4 dias atrás", "2026-02-26"),
            ("४ दिन पहले", "2026-02-26"),
            ("قبل ٤ أيام", "2026-02-26"),
            ("לפני שעתיים", "2026-03-01"),
            ("igår kl. 14:05", "2026-03-01"),
            ("ayer a las 14:05", "2026-03-01"),
            ("Gestern, 14:05 Uhr", "2026-03-01"),
            ("Today until 18:00", ""),
            ("in 3 hours", ""),
            ("-3 h", ""),
            ("3 min", ""),
            ("3 days", ""),
            ("Tomorrow", ""),
            ("1.5 days ago", ""),
            ("1,234 days ago", ""),
            ("The lamp went out 3 days ago", ""),
            ("Today – the day of lamps", ""),
            ("2 days ago the lamp went out", ""),
            ("99999999999 days ago", ""),
            ("a month ago", ""),
            ("2 years ago", ""),
            ("Today in history", ""),
            ("What was said yesterday", ""),
            ("Long ago", ""),
            ("", ""),
        ];
        for (text, expected) in cases {
            let found = day(text, None, now).map(|(_, on)| on.to_string()).unwrap_or_default();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_language_that_is_declared_goes_before_others() {
        let now = "2026-03-02T01:30:00".parse().unwrap();
        let cases = [
            ("fr", "hier", "2026-03-01"),
            ("de", "hier", ""),
            ("de", "yesterday", "2026-03-01"),
            ("de-CH", "vor 3 Std.", "2026-03-01"),
            ("de", "vor 3 Std", "2026-03-01"),
            ("en", "hier", "2026-03-01"),
            ("en", "Leo", ""),
            ("sw", "leo", "2026-03-02"),
            ("pt_BR", "há 2 dias", "2026-02-28"),
            ("hi", "कल", ""),
            ("xx", "il y a 2 jours", "2026-02-28"),
            ("not a language", "2 days ago", "2026-02-28"),
        ];
        for (lang, text, expected) in cases {
            let found = day(text, Some(lang), now).map(|(_, on)| on.to_string());
            assert_eq!(found.unwrap_or_default(), expected, "{lang}: {text}");
        }
    }

    #[test]
    fn what_icu_prints_in_each_language_is_read() {
        use icu_experimental::relativetime::{
            RelativeTimeFormatter as Formatter, RelativeTimeFormatterOptions, options::Numeric,
        };
        const LANGUAGES: [&str; 43] = [
            "af", "ar", "az", "be", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et",
            "fa", "fi", "fr", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt",
            "lv", "mk", "mn", "nl", "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "uk", "vi",
            "zh",
        ];
        let now: NaiveDateTime = "2026-03-02T01:30:00".parse().unwrap();
        let mut lost = Vec::new();
        for lang in LANGUAGES {
            let locale: icu_locale_core::Locale = lang.parse().unwrap();
            let mut options = RelativeTimeFormatterOptions::default();
            options.numeric = Some(Numeric::Auto);
            let days = Formatter::try_new_long_day((&locale).into(), options).unwrap();
            let hours = Formatter::try_new_long_hour((&locale).into(), options).unwrap();
            let short = Formatter::try_new_short_hour((&locale).into(), options).unwrap();
            let texts = [
                (days.format((-1).into()).to_string(), "2026-03-01"),
                (days.format(0.into()).to_string(), "2026-03-02"),
                (days.format((-2).into()).to_string(), "2026-02-28"),
                (days.format((-5).into()).to_string(), "2026-02-25"),
                (hours.format((-3).into()).to_string(), "2026-03-01"),
                (short.format((-3).into()).to_string(), "2026-03-01"),
                (hours.format(3.into()).to_string(), ""),
                (days.format(1.into()).to_string(), ""),
            ];
            for ((text, expected), lang) in
                texts.iter().flat_map(|text| [(text, Some(lang)), (text, None)])
            {
                let found = day(text, lang, now).map(|(_, on)| on.to_string());
                // Short words are taken only in their language.
                if lang.is_none() && text.chars().count() < 4 {
                    continue;
                }
                if found.clone().unwrap_or_default() != *expected {
                    lost.push(format!("{lang:?} {text}: {found:?}"));
                }
            }
        }
        assert_eq!(lost, [""; 0]);
    }
}
