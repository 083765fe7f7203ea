//! The languages of the bot, and how one is chosen by a language code.
//!
//! Out of scope: what is said in them (`lang`).

use serde::{Deserialize, Serialize};

/// A language that the bot speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    /// English, also for all who speak a language that is not here.
    #[default]
    En,
    /// Russian.
    Ru,
    /// Ukrainian.
    Uk,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

impl Lang {
    /// All languages.
    pub const ALL: [Lang; 6] = [Lang::En, Lang::Ru, Lang::Uk, Lang::De, Lang::Fr, Lang::Es];

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
            Lang::Uk => "uk",
            Lang::De => "de",
            Lang::Fr => "fr",
            Lang::Es => "es",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Ru => "Русский",
            Lang::Uk => "Українська",
            Lang::De => "Deutsch",
            Lang::Fr => "Français",
            Lang::Es => "Español",
        }
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
            ("uk", Lang::Uk),
            ("sw", Lang::En),
            ("", Lang::En),
        ];
        for (code, expected) in cases {
            assert_eq!(Lang::parse(code), expected, "{code}");
        }
    }
}
