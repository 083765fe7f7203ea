//! Day counters of a page: "864 days have passed since …".
//!
//! Guarantees: a counter is a line of its own with one number of days that says since when, in words
//! (`counter_phrases`) or by a day of the past that agrees with the number. Numbers of days inside
//! statements, time limits and days that are left are not counters.

use super::{
    counter_phrases::{self, Around},
    day_words,
};
use crate::domain::{CounterSeen, DateOrder, counter::PLACEHOLDER};
use crate::extract::{
    date::{self, Style, digits},
    layout::{Line, Page},
};
use chrono::{Days, NaiveDate};
use std::{iter, ops::Range};

/// The longest sentence of a counter, in characters; anything longer is a statement.
const CHARS_MAX: usize = 400;
/// The most numbers of a counter, with those of its date; more are a table.
const NUMBERS_MAX: usize = 12;
/// The most counters of one page.
const COUNTERS_MAX: usize = 20;
/// The largest number of days: more than 2,700 years.
const DAYS_MAX: i64 = 999_999;
/// Up to here, a number of days beside a day of the past may agree with it by chance: lists print
/// durations beside the days of the last weeks.
const CHANCE_DAYS_MAX: i64 = 31;

/// Finds the counters of a page. `as_of` is the day on which they are right, and whether the page itself
/// prints that day.
pub(crate) fn find(page: &Page, as_of: (NaiveDate, bool)) -> Vec<CounterSeen> {
    let found = page.lines.iter().filter_map(|line| counter(line, &page.lang, as_of));
    let mut counters: Vec<CounterSeen> = Vec::new();
    for counter in found.take(COUNTERS_MAX) {
        // A page may have the same counter twice, for narrow and for wide screens.
        if counters.iter().all(|known| known.key() != counter.key()) {
            counters.push(counter);
        }
    }
    counters
}

fn counter(line: &Line, lang: &str, (on, dated_by_page): (NaiveDate, bool)) -> Option<CounterSeen> {
    let text = line.text.as_str();
    let has_digit = text.chars().any(|c| digits::value(c).is_some());
    if !has_digit || text.chars().nth(CHARS_MAX).is_some() {
        return None;
    }
    let runs = runs(text);
    if runs.len() > NUMBERS_MAX {
        return None;
    }
    let folded = Folded::of(text);
    // Most numbers are not of days, and then no date matters.
    runs.into_iter().find_map(|run| Count::of(&folded, (run, 0)))?;
    let dates = dates(text, lang);
    let mut counts = counts(text, &folded, &dates);
    let count = counts.next().filter(|_| counts.next().is_none())?;
    let is_agreed = |(_, since_on): &&(Range<usize>, NaiveDate)| count.agrees(*since_on, on);
    let printed = dates.iter().find(is_agreed).filter(|_| !line.is_all_links());
    let is_counted = counter_phrases::counts_up(count.around())
        || printed.is_some() && count.days > CHANCE_DAYS_MAX && !count.is_ago;
    // A page that prints no day of its own may be a day behind: its counter says which day it shows.
    let shown_on = printed.and_then(|(_, since_on)| count.end(*since_on));
    let as_of_on = shown_on.filter(|shown_on| !dated_by_page && *shown_on < on).unwrap_or(on);
    let template =
        format!("{}{PLACEHOLDER}{}", &text[..count.range.start], &text[count.range.end..]);
    let text = text.to_owned();
    let seen = CounterSeen { days: count.days, as_of_on, dated_by_page, text, template };
    (is_counted && seen.since_on().is_some()).then_some(seen)
}

/// Returns the dates of a text, in either order of day and month.
fn dates(text: &str, lang: &str) -> Vec<(Range<usize>, NaiveDate)> {
    let style = |order| Style { order, lang: Some(lang), ..Style::default() };
    let orders = [DateOrder::DayFirst, DateOrder::MonthFirst];
    orders.into_iter().flat_map(|order| date::all(text, style(order))).collect()
}

/// Returns the numbers of days of a text.
fn counts(
    text: &str,
    folded: &Folded,
    dates: &[(Range<usize>, NaiveDate)],
) -> impl Iterator<Item = Count> {
    numbers(text, dates).into_iter().filter_map(move |number| Count::of(folded, number))
}

/// A line folded once for all its numbers.
struct Folded {
    text: String,
    /// Where each byte of the line is in the folded text.
    places: Vec<usize>,
}

impl Folded {
    fn of(line: &str) -> Self {
        let (mut text, mut places) = (String::with_capacity(line.len()), Vec::new());
        places.reserve(line.len() + 1);
        for c in line.chars() {
            places.resize(places.len() + c.len_utf8(), text.len());
            text.extend(day_words::fold_char(c));
        }
        places.push(text.len());
        Self { text, places }
    }

    /// Returns the folded texts before and after a part of the line.
    fn around(&self, range: &Range<usize>) -> Option<(&str, &str)> {
        let (start, end) = (*self.places.get(range.start)?, *self.places.get(range.end)?);
        Some((self.text.get(..start)?, self.text.get(end..)?))
    }
}

/// A number of days in a line.
struct Count {
    range: Range<usize>,
    days: i64,
    /// The folded texts around the number and the words for days.
    before: String,
    after: String,
    is_ordinal: bool,
    is_ago: bool,
}

impl Count {
    /// Returns the number if it is one of days.
    fn of(folded: &Folded, (range, days): (Range<usize>, i64)) -> Option<Self> {
        let (before, after) = folded.around(&range)?;
        let before = before.trim_end();
        let (suffix, rest) = split_suffix(after);
        if let Some(rest) = day_words::strip_after(rest) {
            let (before, is_numbered) = strip_number_sign(before);
            let is_ago = day_words::is_ago(before, after.trim_start());
            let is_ordinal = !suffix.is_empty() || is_numbered || rest.starts_with(['目', '째']);
            let (before, after) = (before.to_owned(), rest.to_owned());
            return Some(Count { range, days, before, after, is_ordinal, is_ago });
        }
        let (before, _) = strip_number_sign(before);
        if after.starts_with(|c: char| c.is_alphanumeric() || c == '-') {
            return None;
        }
        if let Some(before) = day_words::strip_before(before) {
            let (before, after) = (before.to_owned(), after.to_owned());
            return Some(Count { range, days, before, after, is_ordinal: true, is_ago: false });
        }
        // "Days since the closing: 864".
        let label = day_words::strip_after(before).filter(|label| label.ends_with(':'));
        let before = label.filter(|_| after.trim().is_empty())?.to_owned();
        let after = after.to_owned();
        Some(Count { range, days, before, after, is_ordinal: false, is_ago: false })
    }

    fn around(&self) -> Around<'_> {
        let Count { before, after, days, is_ordinal, .. } = self;
        Around { before, after, days: *days, is_ordinal: *is_ordinal }
    }

    /// Returns the day on which as many days have passed.
    fn end(&self, since_on: NaiveDate) -> Option<NaiveDate> {
        since_on.checked_add_days(Days::new(u64::try_from(self.days).ok()?))
    }

    /// Returns whether as many days lie between two days, with or without the first and the last.
    fn agrees(&self, since_on: NaiveDate, on: NaiveDate) -> bool {
        since_on < on && ((on - since_on).num_days() - self.days).abs() <= 1
    }
}

/// Splits the ending of an ordinal number from what follows: "864-й день", "864th day", "864. Tag".
fn split_suffix(after: &str) -> (&str, &str) {
    const LETTERS_MAX: usize = 4;
    let marks = after.len() - after.trim_start_matches(['-', '.', 'º', 'ª', '°']).len();
    let letters: usize = after[marks..]
        .chars()
        .take(LETTERS_MAX + 2)
        .take_while(|c| c.is_alphabetic() && !day_words::is_unspaced(*c))
        .map(char::len_utf8)
        .sum();
    let (suffix, rest) = after.split_at(marks + letters);
    let is_short = suffix.chars().count() <= LETTERS_MAX + 1;
    let is_suffix = is_short && rest.starts_with(' ') && day_words::strip_after(after).is_none();
    if is_suffix { (suffix, rest.trim_start()) } else { ("", after.trim_start()) }
}

/// Strips the sign of a number from the end of a folded text: "第", "№", "no.".
fn strip_number_sign(before: &str) -> (&str, bool) {
    const SIGNS: [&str; 10] = ["第", "제", "#", "№", "no.", "nr.", "n°", "n.º", "thứ", "ke-"];
    match SIGNS.iter().find_map(|sign| before.strip_suffix(sign)) {
        Some(rest) => (rest.trim_end(), true),
        None => (before, false),
    }
}

/// Returns where the digits of a text stand.
fn runs(text: &str) -> Vec<Range<usize>> {
    let is_digit = |c: char| digits::value(c).is_some();
    let mut rest = 0;
    let next = || {
        let start = rest + text[rest..].find(is_digit)?;
        let end = text[start..].find(|c| !is_digit(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some(start..end)
    };
    iter::from_fn(next).collect()
}

/// Returns the numbers of a text that are not part of a date, a fraction or a range.
fn numbers(text: &str, dates: &[(Range<usize>, NaiveDate)]) -> Vec<(Range<usize>, i64)> {
    let is_date = |run: &Range<usize>| {
        dates.iter().any(|(date, _)| run.start < date.end && date.start < run.end)
    };
    let mut found = Vec::new();
    let mut runs = runs(text).into_iter().peekable();
    let mut last_end = None;
    while let Some(mut run) = runs.next() {
        if is_date(&run) {
            last_end = None;
            continue;
        }
        let is_part = last_end.is_some_and(|end| is_joined(&text[end..run.start]));
        let count = |run: &Range<usize>| text[run.clone()].chars().count();
        if count(&run) <= 3 {
            let is_next = |end: usize, next: &Range<usize>| {
                count(next) == 3 && is_group_separator(&text[end..next.start]) && !is_date(next)
            };
            while let Some(next) = runs.next_if(|next| is_next(run.end, next)) {
                run.end = next.end;
            }
        }
        last_end = Some(run.end);
        let goes_on = runs.peek().is_some_and(|next| is_joined(&text[run.end..next.start]));
        if let Some(days) = value(&text[run.clone()]).filter(|_| !is_part && !goes_on) {
            found.push((run, days));
        }
    }
    found
}

/// Returns the value of a number, if it is one of days.
fn value(number: &str) -> Option<i64> {
    let add = |sum: i64, digit| {
        sum.checked_mul(10)?.checked_add(i64::from(digit)).filter(|sum| *sum <= DAYS_MAX)
    };
    number.chars().filter_map(digits::value).map(Some).try_fold(0, |sum, digit| add(sum, digit?))
}

fn is_group_separator(text: &str) -> bool {
    const SEPARATORS: [&str; 12] = [
        " ", ".", ",", "'", "’", "\u{a0}", "\u{202f}", "\u{2009}", "\u{66c}", "\u{60c}", "，", "．",
    ];
    SEPARATORS.contains(&text)
}

/// Returns whether what is between two numbers makes one of them: a fraction, a range, a time.
fn is_joined(between: &str) -> bool {
    matches!(
        between.trim(),
        "." | "," | "-" | "–" | "—" | ":" | "/" | "/ " | "\u{66b}" | "~" | "〜"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counters of a page of one line on 15 July 2020.
    fn found(text: &str, dated_by_page: bool) -> Vec<CounterSeen> {
        let on = "2020-07-15".parse().unwrap();
        find(&crate::extract::plain_text::lines(text), (on, dated_by_page))
    }

    /// Counters, the number in braces.
    const COUNTERS: &[&str] = &[
        // English
        "{864} days have passed since the incident - no reply",
        "{1,000} days since the treaty",
        "It has been {12} days since the call.",
        "It’s been {864} days since the pier was closed",
        "Day {864} since the closing of the pier",
        "Today is day {864} of the blockade",
        "Since the incident {864} days have passed - no credible information",
        "Since the closing of the pier: {864} days",
        "Days since the last accident: {864}",
        // Russian
        "Прошло {864} дня со дня аварии",
        "Уже {1 000} дней прошло с начала",
        "{864} дня со дня аварии",
        "С момента аварии прошло {864} дня",
        "Сегодня {864}-й день с начала блокады",
        "{864}-й день блокады",
        "{12} дней прошло, как закрыт причал",
        // Ukrainian
        "{864} дні минуло від аварії на причалі",
        "Від початку блокади минуло {864} дні",
        "Вже {864} дні, як закрито причал",
        // German
        "Seit dem Vorfall sind {864} Tage vergangen",
        "{1.864} Tage sind seit dem Vorfall vergangen",
        "Es sind {12} Tage vergangen, seit der Steg gesperrt ist",
        "Tag {864} seit der Sperrung",
        "Heute ist der {864}. Tag der Sperrung",
        "Tage seit dem letzten Unfall: {864}",
        // French
        "{864} jours se sont écoulés depuis l’incident",
        "Depuis l’incident, {864} jours se sont écoulés",
        "Cela fait {864} jours que le quai est fermé",
        "{1 864} jours depuis l’incident",
        // Spanish
        "Han pasado {864} días desde el incidente",
        "Hace {864} días que cerraron el muelle",
        "Desde el incidente han pasado {864} días",
        "{864} días desde el cierre del muelle",
        "Día {864} del cierre del muelle",
        // Others
        "Sono passati {864} giorni dall’incidente",
        "Dall’incidente sono trascorsi {864} giorni",
        "Passaram {864} dias desde o incidente",
        "Minęły {864} dni od wypadku",
        "Od wypadku minęły {864} dni",
        "Er zijn {864} dagen verstreken sinds het ongeluk",
        "Det har gått {864} dagar sedan olyckan",
        "Der er gået {864} dage siden ulykken",
        "Tapahtumasta on kulunut {864} päivää",
        "Au trecut {864} de zile de la incident",
        "A baleset óta {864} nap telt el",
        "Πέρασαν {864} ημέρες από το ατύχημα",
        "Od nehody uplynulo {864} dní",
        "Olayın üzerinden {864} gün geçti",
        "مضى {864} يومًا على الحادث",
        "منذ الحادث مضى {٨٦٤} يوماً",
        "{۸۶۴} روز از حادثه گذشت",
        "עברו {864} ימים מאז האירוע",
        "घटना को {८६४} दिन बीत गए",
        "Kể từ sự cố đã {864} ngày trôi qua",
        "Sudah {864} hari sejak kejadian itu",
        "事件发生已经{864}天",
        "自码头关闭以来已过去{864}天",
        "事件から{864}日が経過しました",
        "桟橋の閉鎖から{８６４}日目",
        "사건 이후 {864}일이 지났습니다",
    ];

    #[test]
    fn counters_are_found_with_their_start_and_their_words() {
        let is_missed = |case: &&str| found(&taken_apart(case).1, true).len() != 1;
        assert_eq!(COUNTERS.iter().copied().filter(is_missed).collect::<Vec<_>>(), [""; 0]);
        for case in COUNTERS {
            let (number, text) = taken_apart(case);
            let seen = found(&text, true);
            let since_on = Days::new(u64::try_from(seen[0].days).unwrap());
            let since_on = "2020-07-15".parse::<NaiveDate>().unwrap() - since_on;
            assert_eq!(seen[0].since_on(), Some(since_on), "{text}");
            assert_eq!(seen[0].text.replace('’', "'"), text.replace('’', "'"));
            assert_eq!(seen[0].template.replacen(PLACEHOLDER, &number, 1), seen[0].text);
            assert_eq!(value(&number), Some(seen[0].days), "{text}");
        }
        assert_eq!(found("864 days since the call", true)[0].since_on(), "2018-03-04".parse().ok());
    }

    /// Takes the number out of its brackets.
    fn taken_apart(case: &str) -> (String, String) {
        let (before, rest) = case.split_once('{').unwrap();
        let (number, after) = rest.split_once('}').unwrap();
        (number.to_owned(), [before, number, after].concat())
    }

    #[test]
    fn a_start_day_on_the_line_proves_the_counter_in_any_language() {
        let cases = [
            ("24 February 2018: 872 days without the bridge", 872),
            ("4 მარტი 2018 - 864 დღე", 864),
            ("4 March 2018, 864 days, 1864 days", 0),
            ("Siku 864 tangu 4 Machi 2018", 864),
            ("Հունիսի 1, 2020 - 44 օր", 44),
            ("自2018年3月4日以来已经864天", 864),
            ("2018年3月4日から864日", 864),
            ("Kể từ ngày 4 tháng 3 năm 2018 đến nay là ngày thứ 865", 865),
            ("Hari ke-865, terhitung 4 Maret 2018", 865),
            ("Нарийн зам 04.03.2018 864 хоног", 864),
            // Numbers that do not agree, or that do by chance or as a remark.
            ("4 მარტი 2018 - 900 დღე", 0),
            ("10.07.2020: seminar, 5 days", 0),
            ("Posted 1 June 2020 (44 days ago)", 0),
        ];
        let days = |text| found(text, true).first().map_or(0, |seen| seen.days);
        let wrong = cases.iter().filter(|(text, expected)| days(text) != *expected);
        assert_eq!(wrong.collect::<Vec<_>>(), [&("", 0); 0]);
    }

    #[test]
    fn a_page_that_counts_on_late_shows_the_day_before() {
        let since = |text| found(text, false)[0].since_on().unwrap().to_string();
        assert_eq!(since("863 days since 4 March 2018"), "2018-03-04");
        assert_eq!(since("864 days since 4 March 2018"), "2018-03-04");
        // The number of today stays what the page prints: it counts the first day too.
        assert_eq!(since("Day 865 since 4 March 2018"), "2018-03-03");
        assert_eq!(
            found("863 days since 4 March 2018", true)[0].as_of_on.to_string(),
            "2020-07-15"
        );
    }

    #[test]
    fn numbers_of_days_in_statements_are_no_counters() {
        let cases = [
            "75 years have passed since the war",
            "They met for 3 days in Sochi",
            "The minister said that 100 days have passed since the vote",
            "14 days of quarantine. Since then nothing",
            "99999999999999999999 days since",
            "days since",
            "864 days since",
            "12 days until the vote",
            "12 days left until the ceremony",
            "Open 365 days a year since 1990",
            "Since 1990 open 365 days a year",
            "Statements of the last 30 days",
            "30-day notice since May",
            "10-14 days since the first symptoms",
            "Expires after 365 days",
            "Posted 3 days ago",
            "3 days ago since the meeting",
            "864 days of news",
            "Visa-free within 90 days since arrival",
            "Day 2 of the conference",
            "12 days since the call, 14 days since the letter",
            "осталось 12 дней до выборов",
            "12 дней до выборов",
            "30 дней со дня получения заявления",
            "Если прошло 14 дней с момента подачи",
            "В течение 30 дней с даты вручения",
            "14 днів з дня отримання",
            "залишилося 12 днів до виборів",
            "30-Tage-Frist",
            "Noch 12 Tage bis zur Wahl",
            "14 Tage nach Zugang",
            "Seit 14 Tagen steigt das Wasser",
            "vor 3 Tagen",
            "Plus que 12 jours avant le vote",
            "30 jours à compter de la notification",
            "il y a 3 jours",
            "Faltan 12 días para la votación",
            "30 días desde la notificación",
            "hace 3 días",
            "Mancano 12 giorni al voto",
            "30 giorni dalla notifica",
            "30 dni od otrzymania",
            "Zostało 12 dni do wyborów",
            "3 dagar sedan",
            "14 dagar efter beslutet",
            "30 gün içinde",
            "3 gün önce",
            "距离开幕还有500天",
            "収到后30天内",
            "購入から14日以内",
            "3日前",
            "3일 전",
            "خلال 30 يومًا من الاستلام",
            "قبل 3 أيام",
            "1460 dagen bewaard",
            "30 days since purchase",
            "14 Tage seit Lieferung",
            "730 giorni dalla data di acquisto",
            "730 días desde la compra",
            "1095 дней с даты изготовления",
            "1096 днів з дати виготовлення",
            "С даты изготовления: 1800 дней",
            &format!("100 days have passed since {}", "the long story ".repeat(40)),
        ];
        let is_found = |text: &&str| !found(text, true).is_empty();
        assert_eq!(cases.into_iter().filter(is_found).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn letters_that_grow_or_vanish_when_folded_move_no_number() {
        for text in ["İİİ 4 March 2018: 864 days since", "\u{200f}\u{200f}4 March 2018: 864 days"]
        {
            let seen = found(text, true);
            assert_eq!(seen.iter().map(|seen| seen.days).collect::<Vec<_>>(), [864], "{text}");
            assert_eq!(seen[0].template, text.replace("864", PLACEHOLDER));
        }
    }

    #[test]
    fn a_number_is_read_in_all_digits_and_groups() {
        let cases = [
            ("1 234", Some(1234)),
            ("1.234", Some(1234)),
            ("1'234", Some(1234)),
            ("1\u{202f}234", Some(1234)),
            ("١٬٢٣٤", Some(1234)),
            ("१,२३४", Some(1234)),
            ("１，２３４", Some(1234)),
            ("2018 234", None),
            ("1.5", None),
            ("10–14", None),
            ("1.234.567", None),
        ];
        for (text, expected) in cases {
            let found = numbers(text, &[]);
            let only = Some(found).filter(|found| found.len() == 1).map(|found| found[0].1);
            assert_eq!(only, expected, "{text}");
        }
    }
}
