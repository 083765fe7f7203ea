//! What a language writes around the parts of a date, taken from dates that ICU prints.
//!
//! Guarantees: only what is the same in all of the printed dates counts, so no name of a month or
//! weekday does.
//! Out of scope: the names themselves (`names`).

use super::{
    tokens::{Kind, Token, words},
    words::{add_marks, word},
};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{
    FixedCalendarDateTimeFormatter,
    fieldsets::{YMD, YMDE},
    options::Length,
};
use icu_locale_core::Locale;
use std::collections::HashSet;

/// Days that differ in month and weekday: their months and days.
const SAMPLES: [(u8, u8); 3] = [(12, 24), (3, 31), (8, 21)];
const YEAR: i32 = 2026;

/// What a language writes around the parts of a date.
#[derive(Default)]
pub(super) struct Patterns {
    /// Words that join the parts: "de", "ta", "оны".
    pub(super) joints: HashSet<Box<str>>,
    /// Words that follow the number of a month: "月", "һарын".
    pub(super) month_words: HashSet<Box<str>>,
    /// Words that follow the year at the end: "г".
    pub(super) year_words: HashSet<Box<str>>,
    /// The marks between the parts.
    pub(super) marks: String,
}

impl Patterns {
    pub(super) fn of(locale: &Locale) -> Self {
        let mut patterns = Patterns::default();
        for length in [Length::Long, Length::Medium] {
            let days = YMD::for_length(length);
            if let Ok(formatter) = FixedCalendarDateTimeFormatter::try_new(locale.into(), days) {
                patterns.add(&samples(|on| formatter.format(on).to_string()));
            }
            let days = YMDE::for_length(length);
            if let Ok(formatter) = FixedCalendarDateTimeFormatter::try_new(locale.into(), days) {
                patterns.add(&samples(|on| formatter.format(on).to_string()));
            }
        }
        patterns
    }

    fn add(&mut self, printed: &[String]) {
        let dates: Vec<Vec<Token<'_>>> =
            printed.iter().map(|text| words(text, usize::MAX)).collect();
        let Some(((first, tokens), others)) =
            printed.first().zip(dates.first()).zip(dates.get(1..))
        else {
            return;
        };
        let has = |date: &Vec<Token<'_>>, text: &str| date.iter().any(|token| token.text == text);
        let is_common = |token: &&Token<'_>| {
            token.kind == Kind::Word && others.iter().all(|date| has(date, token.text))
        };
        add_marks(first, &mut self.marks);
        let fold = |token: &Token<'_>| word(token.text).into_boxed_str();
        self.joints.extend(tokens.iter().filter(is_common).map(fold));
        for [number, next] in tokens.array_windows() {
            if matches!(number.kind, Kind::Number(12, _)) && is_common(&next) {
                self.month_words.insert(fold(next));
            }
        }
        if let [.., year, last] = tokens.as_slice()
            && matches!(year.kind, Kind::Number(2026, _))
            && is_common(&last)
        {
            self.year_words.insert(fold(last));
        }
    }
}

/// Returns the samples as a formatter prints them.
fn samples(print: impl Fn(&Date<Gregorian>) -> String) -> Vec<String> {
    let days = SAMPLES.iter();
    let days = days.filter_map(|(month, day)| Date::try_new_gregorian(YEAR, *month, *day).ok());
    days.map(|on| print(&on)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_the_parts_are_those_of_all_dates() {
        let of = |tag: &str| Patterns::of(&tag.parse().unwrap());
        assert!(of("es").joints.contains("de"));
        assert!(of("ru").year_words.contains("г"));
        assert!(of("ja").month_words.contains("月"));
        let english = of("en");
        assert!(english.joints.is_empty() && english.month_words.is_empty());
    }
}
