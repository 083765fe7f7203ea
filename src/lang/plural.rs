//! Numbers, and the forms that words take beside them, by the plural rules of Unicode.

use super::locale::formats;
use crate::domain::Lang;
use icu_decimal::input::Decimal;
use icu_plurals::PluralCategory;

/// Formats a number with the separators of the language.
pub(super) fn number(lang: Lang, n: i64) -> String {
    match &formats(lang).number {
        Some(format) => format.format(&Decimal::from(n)).to_string(),
        None => n.to_string(),
    }
}

/// The forms that words take beside a number, with `{n}` for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forms {
    one: &'static str,
    few: &'static str,
    many: &'static str,
}

impl Forms {
    /// One, and all others.
    pub(super) const fn two(one: &'static str, other: &'static str) -> Self {
        Forms { one, few: other, many: other }
    }

    /// 1 (21, 31 …), 2 to 4 (22 …), and all others.
    pub(super) const fn slavic(one: &'static str, few: &'static str, many: &'static str) -> Self {
        Forms { one, few, many }
    }

    /// Returns the form for a number, with the number in it.
    pub(super) fn format(&self, lang: Lang, n: i64) -> String {
        let rules = formats(lang).plural.as_ref();
        let category =
            rules.map_or(PluralCategory::Other, |rules| rules.category_for(n.unsigned_abs()));
        let form = match category {
            PluralCategory::One => self.one,
            PluralCategory::Few => self.few,
            _ => self.many,
        };
        form.replace("{n}", &number(lang, n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_each_language_groups_them() {
        let numbers =
            Lang::ALL.map(|lang| number(lang, 1_234_567).replace(['\u{a0}', '\u{202f}'], " "));
        assert_eq!(
            numbers,
            ["1,234,567", "1 234 567", "1 234 567", "1.234.567", "1 234 567", "1.234.567"]
                .map(str::to_owned)
        );
    }

    #[test]
    fn words_take_the_form_that_their_number_asks_for() {
        let ru = Forms::slavic("{n} день", "{n} дня", "{n} дней");
        let expected = [
            (0, "0 дней"),
            (1, "1 день"),
            (2, "2 дня"),
            (5, "5 дней"),
            (11, "11 дней"),
            (21, "21 день"),
            (22, "22 дня"),
            (111, "111 дней"),
        ];
        for (n, words) in expected {
            assert_eq!(ru.format(Lang::Ru, n), words);
        }
        let uk = Forms::slavic("{n} день", "{n} дні", "{n} днів");
        assert_eq!([1, 2, 5].map(|n| uk.format(Lang::Uk, n)), ["1 день", "2 дні", "5 днів"]);
        let two = Forms::two("{n} day", "{n} days");
        assert_eq!([0, 1, 2].map(|n| two.format(Lang::En, n)), ["0 days", "1 day", "2 days"]);
        // French counts nothing as one.
        assert_eq!(two.format(Lang::Fr, 0), "0 day");
        assert_eq!(two.format(Lang::Es, 1_000_000).matches("days").count(), 1);
    }
}
