//! The languages of the bot, and how a language code selects one.
//!
//! Out of scope: the phrases (`lang`).

use serde::{Deserialize, Serialize};

/// Defines [`Lang`] by a row for each language: its code (ISO 639-1), and its name in itself.
macro_rules! languages {
    ($($(#[$attribute:meta])* $lang:ident = $code:literal, $name:literal;)+) => {
        /// A language that the bot speaks.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Lang { $($(#[$attribute])* $lang,)+ }

        impl Lang {
            /// All languages.
            pub const ALL: [Lang; [$($code),+].len()] = [$(Lang::$lang),+];

            /// Returns its code (ISO 639-1).
            pub fn code(self) -> &'static str {
                match self { $(Lang::$lang => $code,)+ }
            }

            /// Returns its name in itself.
            pub fn name(self) -> &'static str {
                match self { $(Lang::$lang => $name,)+ }
            }
        }
    };
}

languages! {
    /// English, also for users of any other language.
    #[default]
    En = "en", "English";
    /// Russian.
    Ru = "ru", "Русский";
    /// Ukrainian.
    Uk = "uk", "Українська";
    /// German.
    De = "de", "Deutsch";
    /// French.
    Fr = "fr", "Français";
    /// Spanish.
    Es = "es", "Español";
}

impl Lang {
    /// Returns the language of a code like Telegram's `language_code` ("en", "pt-BR"); English if
    /// the bot does not speak it.
    pub fn parse(code: &str) -> Self {
        let language = code.split(['-', '_']).next().unwrap_or_default();
        let known = Self::ALL.into_iter().find(|l| l.code().eq_ignore_ascii_case(language));
        known.unwrap_or_default()
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
