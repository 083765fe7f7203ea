//! Days, numbers and plurals as each language writes them, by the Unicode locale data.
//!
//! Promises: a text for everything; what the library refuses (it has no reason to) is written plainly.

use super::Lang;
use chrono::{Datelike, NaiveDate, Weekday};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{
    FixedCalendarDateTimeFormatter,
    fieldsets::{E, YM, YMD},
};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};
use std::sync::LazyLock;

/// What is needed to write in a language; made once, since the data has to be looked up.
struct Formats {
    day: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    month: Option<FixedCalendarDateTimeFormatter<Gregorian, YM>>,
    weekday: Option<FixedCalendarDateTimeFormatter<Gregorian, E>>,
    number: Option<DecimalFormatter>,
    plural: Option<PluralRules>,
}

static FORMATS: LazyLock<[Formats; Lang::ALL.len()]> =
    LazyLock::new(|| Lang::ALL.map(|lang| Formats::of(locale_of(lang))));

pub(super) fn locale_of(lang: Lang) -> Locale {
    match lang {
        // As the institutions' own pages have it: the day before the month.
        Lang::En => locale!("en-GB"),
        Lang::Ru => locale!("ru"),
        Lang::Uk => locale!("uk"),
        Lang::De => locale!("de"),
        Lang::Fr => locale!("fr"),
        Lang::Es => locale!("es"),
    }
}

impl Formats {
    fn of(locale: Locale) -> Self {
        Formats {
            day: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMD::long()).ok(),
            month: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YM::long()).ok(),
            weekday: FixedCalendarDateTimeFormatter::try_new((&locale).into(), E::long()).ok(),
            number: DecimalFormatter::try_new((&locale).into(), Default::default()).ok(),
            plural: PluralRules::try_new_cardinal((&locale).into()).ok(),
        }
    }
}

fn formats(lang: Lang) -> &'static Formats {
    let at = Lang::ALL.iter().position(|known| *known == lang).unwrap_or(0);
    &FORMATS[at]
}

fn date(on: NaiveDate) -> Option<Date<Gregorian>> {
    Date::try_new_gregorian(on.year(), on.month() as u8, on.day() as u8).ok()
}

pub(super) fn day(lang: Lang, on: NaiveDate) -> String {
    match (&formats(lang).day, date(on)) {
        (Some(format), Some(date)) => {
            let day = plain(&format.format(&date).to_string());
            // The locale data has no ordinals: in French the first is one.
            match day.strip_prefix("1 ") {
                Some(rest) if lang == Lang::Fr => format!("1er {rest}"),
                _ => day,
            }
        }
        _ => on.to_string(),
    }
}

pub(super) fn month(lang: Lang, on: NaiveDate) -> String {
    match (&formats(lang).month, date(on)) {
        (Some(format), Some(date)) => plain(&format.format(&date).to_string()),
        _ => on.format("%Y-%m").to_string(),
    }
}

/// With ordinary blanks: whoever copies a day out of a message searches for it with these.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

pub(super) fn weekday(lang: Lang, day: Weekday) -> String {
    // A Monday, and so many days after it.
    let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    let on = monday + chrono::TimeDelta::days(day.num_days_from_monday().into());
    match (&formats(lang).weekday, date(on)) {
        (Some(format), Some(date)) => format.format(&date).to_string(),
        _ => day.to_string(),
    }
}

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
    pub const fn two(one: &'static str, other: &'static str) -> Self {
        Forms { one, few: other, many: other }
    }

    /// 1 (21, 31 …), 2 to 4 (22 …), and all others.
    pub const fn slavic(one: &'static str, few: &'static str, many: &'static str) -> Self {
        Forms { one, few, many }
    }

    /// The form for a number, with the number in it.
    pub fn of(&self, lang: Lang, n: i64) -> String {
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
    fn days_are_written_as_each_language_writes_them() {
        let on = "2020-05-01".parse().unwrap();
        let days = Lang::ALL.map(|lang| lang.day(on));
        assert_eq!(
            days,
            [
                "1 May 2020",
                "1 мая 2020 г.",
                "1 травня 2020 р.",
                "1. Mai 2020",
                "1er mai 2020",
                "1 de mayo de 2020"
            ]
            .map(|day| day.to_owned())
        );
        let months = Lang::ALL.map(|lang| lang.month(on));
        assert_eq!(
            months,
            ["May 2020", "май 2020 г.", "травень 2020 р.", "Mai 2020", "mai 2020", "mayo de 2020"]
                .map(|month| month.to_owned())
        );
        let days = Lang::ALL.map(|lang| lang.weekday(Weekday::Wed));
        assert_eq!(
            days,
            ["Wednesday", "среда", "середа", "Mittwoch", "mercredi", "miércoles"]
                .map(|day| day.to_owned())
        );
    }

    #[test]
    fn numbers_are_grouped_as_each_language_groups_them() {
        let numbers =
            Lang::ALL.map(|lang| number(lang, 1_234_567).replace(['\u{a0}', '\u{202f}'], " "));
        assert_eq!(
            numbers,
            ["1,234,567", "1 234 567", "1 234 567", "1.234.567", "1 234 567", "1.234.567"]
                .map(|n| n.to_owned())
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
            assert_eq!(ru.of(Lang::Ru, n), words);
        }
        let uk = Forms::slavic("{n} день", "{n} дні", "{n} днів");
        assert_eq!([1, 2, 5].map(|n| uk.of(Lang::Uk, n)), ["1 день", "2 дні", "5 днів"]);
        let two = Forms::two("{n} day", "{n} days");
        assert_eq!([0, 1, 2].map(|n| two.of(Lang::En, n)), ["0 days", "1 day", "2 days"]);
        // French counts nothing as one.
        assert_eq!(two.of(Lang::Fr, 0), "0 day");
        assert_eq!(two.of(Lang::Es, 1_000_000).matches("days").count(), 1);
    }
}
