//! The words that the bot itself says, in each language it speaks.
//!
//! Promises: a language that lacks a phrase does not compile. Plain text: markup is `render`'s.
//! Leaves out: what sources say, which is never translated.
//! To add a language: a file beside `en`, a variant, and the arms that the compiler asks for.

mod en;
mod ru;

use chrono::{Datelike, NaiveDate};

/// A language that the bot speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English, also for all who speak a language that is not here.
    #[default]
    En,
    /// Russian.
    Ru,
}

/// All that the bot says in one language.
#[derive(Debug)]
pub struct Phrases {
    /// After `/start`, before the names of the sources.
    pub subscribed: &'static str,
    /// The same, said to a chat that was subscribed already.
    pub subscribed_already: &'static str,
    /// What can be done next.
    pub next_steps: &'static str,
    /// After `/stop`.
    pub stopped: &'static str,
    /// After `/stop` in one topic of a chat where others stay subscribed.
    pub stopped_topic: &'static str,
    /// After `/stop` where nothing was subscribed.
    pub not_subscribed: &'static str,
    /// To members of a group who may not do what they asked for.
    pub admins_only: &'static str,
    /// When it could not be found out whether they may.
    pub admins_unknown: &'static str,
    /// `/latest` before anything was read.
    pub nothing_yet: &'static str,
    /// `/latest` with a number that is none, or out of bounds.
    pub latest_usage: &'static str,
    /// `/counter` where no page has one.
    pub no_counters: &'static str,
    /// Above the commands, on `/help`.
    pub help: &'static str,
    /// Above the commands, after words that are no command.
    pub not_understood: &'static str,
    /// When the bot is added to a group.
    pub introduction: &'static str,
    /// Above a digest: how many there are.
    pub new_statements: fn(usize) -> String,
    /// In a digest: how many are left out, which are older.
    pub earlier_ones: fn(usize) -> String,
    /// In place of the day of an entry that has none; given the day it was first seen.
    pub undated: fn(&str) -> String,
    /// The command menu: names without the slash, and what they do.
    pub menu: &'static [(&'static str, &'static str)],
    /// A day as it is written: number of the day, of the month (from 0), and the year.
    pub day: fn(u32, usize, i32) -> String,
}

impl Lang {
    /// All languages.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Ru];

    /// The language of a code like Telegram's `language_code` ("en", "pt-BR"); English where
    /// there is no better.
    pub fn parse(code: &str) -> Self {
        let language = code.split(['-', '_']).next().unwrap_or_default();
        let known = Self::ALL.into_iter().find(|l| l.code().eq_ignore_ascii_case(language));
        known.unwrap_or_default()
    }

    /// Its code (ISO 639-1).
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ru => "ru",
        }
    }

    /// What the bot says in it.
    pub fn phrases(self) -> &'static Phrases {
        match self {
            Lang::En => &en::PHRASES,
            Lang::Ru => &ru::PHRASES,
        }
    }

    /// A day as it is written in it.
    pub fn day(self, on: NaiveDate) -> String {
        (self.phrases().day)(on.day(), on.month0() as usize, on.year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_its_code_and_english_is_for_all_others() {
        let cases = [
            ("ru", Lang::Ru),
            ("ru-RU", Lang::Ru),
            ("EN_gb", Lang::En),
            ("sw", Lang::En),
            ("", Lang::En),
        ];
        for (code, expected) in cases {
            assert_eq!(Lang::parse(code), expected, "{code}");
        }
    }

    #[test]
    fn days_are_written_as_the_language_writes_them() {
        let on = "2020-05-01".parse().unwrap();
        assert_eq!(Lang::En.day(on), "1 May 2020");
        assert_eq!(Lang::Ru.day(on), "1 мая 2020 г.");
    }

    #[test]
    fn numbers_have_the_form_that_the_language_gives_them() {
        let ru = [1, 2, 5, 11, 21, 22, 112].map(Lang::Ru.phrases().new_statements);
        let expected = [
            "1 новое заявление",
            "2 новых заявления",
            "5 новых заявлений",
            "11 новых заявлений",
            "21 новое заявление",
            "22 новых заявления",
            "112 новых заявлений",
        ];
        assert_eq!(ru, expected);
        assert_eq!((Lang::En.phrases().new_statements)(1), "1 new statement");
        assert_eq!((Lang::Ru.phrases().earlier_ones)(3), "и ещё 3 более ранних");
    }

    #[test]
    fn menus_are_within_what_telegram_takes_and_name_the_same_commands() {
        let names =
            |lang: Lang| lang.phrases().menu.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        for lang in Lang::ALL {
            assert_eq!(names(lang), names(Lang::En));
            for (name, description) in lang.phrases().menu {
                assert!(name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase()));
                assert!((1..=256).contains(&description.chars().count()));
            }
        }
    }
}
