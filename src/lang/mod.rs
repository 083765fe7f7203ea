//! The phrases of the bot in each language, and days, numbers and plurals by the locale of the language.
//!
//! Guarantees: a language that lacks a phrase does not compile. Phrases are plain text; `message` adds
//! the markup.
//! Out of scope: text of sources, which is never translated.
//!
//! To add a language: a row in `domain::lang`, a file beside `en.rs`, and the arms that the
//! compiler requires.

mod city;
mod dates;
mod de;
mod en;
mod es;
mod fr;
mod locale;
mod menu;
mod phrases;
mod plural;
mod ru;
mod uk;

pub use self::{menu::MenuPhrases, phrases::Phrases};
pub use crate::domain::Lang;

use chrono::{NaiveDate, Weekday};

impl Lang {
    /// Returns the phrases of the language.
    pub fn phrases(self) -> &'static Phrases {
        match self {
            Lang::En => &self::en::PHRASES,
            Lang::Ru => &self::ru::PHRASES,
            Lang::Uk => &self::uk::PHRASES,
            Lang::De => &self::de::PHRASES,
            Lang::Fr => &self::fr::PHRASES,
            Lang::Es => &self::es::PHRASES,
        }
    }

    /// Formats a day.
    pub fn day(self, on: NaiveDate) -> String {
        self::dates::day(self, on)
    }

    /// Formats the month and year of a day.
    pub fn month(self, on: NaiveDate) -> String {
        self::dates::month(self, on)
    }

    /// Returns the name of a weekday.
    pub fn weekday(self, day: Weekday) -> String {
        self::dates::weekday(self, day)
    }

    /// Returns the names of cities, and of countries with one time zone, with their zones. The list is
    /// built at each call.
    pub fn zone_names(self) -> Vec<(String, chrono_tz::Tz)> {
        self::city::names(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that was copied from another language forms its plurals and numbers as its own does.
    #[test]
    fn each_language_formats_in_itself() {
        for lang in Lang::ALL {
            let path = format!("{}/src/lang/{}.rs", env!("CARGO_MANIFEST_DIR"), lang.code());
            let source = std::fs::read_to_string(path).unwrap();
            let own = format!("Lang::{lang:?}");
            let named = source.match_indices("Lang::").map(|(at, _)| &source[at..at + own.len()]);
            assert!(named.into_iter().all(|name| name == own), "{} names another", lang.code());
        }
    }

    #[test]
    fn toasts_fit_into_two_hundred_characters() {
        for lang in Lang::ALL {
            let p = lang.phrases();
            let short = [
                p.admins_only,
                p.admins_unknown,
                p.slow_down,
                p.button_old,
                p.saved,
                p.search_again,
                p.fetching,
                p.counter_removed,
                p.counter_unknown,
                p.not_subscribed,
                p.subscribed_to,
                p.unsubscribed_from,
                p.unknown_source,
                p.nothing_to_restore,
            ];
            for words in short {
                assert!(words.chars().count() <= 200, "{words}");
            }
            let too_many = (p.too_many_sources)(10_000) + " " + p.restorable_counts;
            assert!(too_many.chars().count() <= 200, "{too_many}");
        }
    }
}
