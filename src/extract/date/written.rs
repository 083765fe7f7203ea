//! Dates with the name of a month, in the order and with the joining words of any language.
//!
//! Guarantees: day, month and year are all there, the year before or after the other two, and only
//! what joins the parts of a date is between them.

use super::{
    Style,
    calendars::{BEFORE_MINGUO, Calendar, Found, YEARS, before_era, buddhist, century},
    months,
    names::{self, Month, Names, WORDS_MAX},
    tokens::{Kind, Token},
    words::word,
};
use chrono::NaiveDate;

/// The most tokens of a date: "Tuesday the 14th day of the month of July in the year 2020".
const TOKENS_MAX: usize = 14;
/// The longest name of a month, in bytes.
const NAME_BYTES_MAX: usize = 60;
/// The longest ending that a language joins to a number ("24-én", "(e)ko"), in characters.
const ENDING_CHARS_MAX: usize = 4;

/// What has been read of a date.
#[derive(Default)]
struct Parts<'a> {
    /// The names of the language of the page.
    names: Option<&'a Names>,
    /// The month that the name means in the Ethiopic calendar too.
    ethiopic: Option<u8>,
    day: Option<u32>,
    month: Option<Month>,
    year: Option<i32>,
    /// The year before the first one of the era that was named.
    before_era: Option<i32>,
    has_short_year: bool,
}

/// Returns which tokens the name or sign of a month begins at, if a day and a year may be near. Without
/// one, there is no written date.
pub(super) fn months(tokens: &[Token<'_>], style: Style<'_>, names: Option<&Names>) -> Vec<usize> {
    let is_number = |at: &usize| matches!(tokens[*at].kind, Kind::Number(..));
    let numbers: Vec<usize> = (0..tokens.len()).filter(is_number).collect();
    let count = |from: usize, to: usize| {
        let before = |end: usize| numbers.partition_point(|number| *number < end);
        before(to) - before(from)
    };
    let may_be = |at: &usize| {
        count(at.saturating_sub(WORDS_MAX + 1), at + WORDS_MAX + 2) > 0
            && count(at.saturating_sub(TOKENS_MAX), at + TOKENS_MAX) > 1
    };
    let at = (0..tokens.len()).filter(may_be);
    at.filter(|at| month_at(tokens, *at, style, names).is_some()).collect()
}

/// Returns whether one of these months is among the tokens of a date that begins at `from`.
pub(super) fn is_near(months: &[usize], from: usize) -> bool {
    let next = months.partition_point(|month| *month < from);
    months.get(next).is_some_and(|month| *month < from + TOKENS_MAX)
}

/// Returns the date that the tokens from `from` on start with, and how many of them it is.
/// The names are those of the language of the style.
pub(super) fn at(
    tokens: &[Token<'_>],
    from: usize,
    style: Style<'_>,
    names: Option<&Names>,
) -> Option<Found> {
    let first = tokens.get(from)?;
    let end = tokens.len().min(from + TOKENS_MAX);
    let near = &tokens[from..tokens.len().min(from + WORDS_MAX + 1)];
    if first.kind == Kind::Word && near.iter().all(|token| token.kind == Kind::Word) {
        return None;
    }
    if matches!(first.kind, Kind::Number(_, 5..)) || near.len() < 3 {
        return None;
    }
    let mut parts = Parts { names, ..Parts::default() };
    let mut next = from;
    while next < end {
        if next > from && !parts.is_loose(tokens[next].before) {
            return None;
        }
        let used = parts.take(&tokens[..end], next, from, style)?;
        next += used;
        if let Some(on) = parts.day_if_complete(style) {
            // "mar. 24/11/2026" is a weekday and a numeric date.
            if tokens.get(next).is_some_and(continues_number) {
                return None;
            }
            if let Some(found) = parts.ethiopic_day(tokens, next, from) {
                return Some(found);
            }
            return on.map(|on| (on, with_endings(tokens, next, parts.names) - from));
        }
    }
    None
}

impl Parts<'_> {
    /// Takes the part that begins at `at`, and returns how many tokens it is.
    fn take(
        &mut self,
        tokens: &[Token<'_>],
        at: usize,
        from: usize,
        style: Style<'_>,
    ) -> Option<usize> {
        let token = &tokens[at];
        if self.month.is_none()
            && let Some((month, used)) = month_at(tokens, at, style, self.names)
        {
            self.month = Some(month);
            let name = self.names.zip(key(&tokens[at..at + used]));
            self.ethiopic = name.and_then(|(names, name)| names.ethiopic_month(&name));
            return Some(used);
        }
        match token.kind {
            Kind::Number(value, digits) => self.number(value, digits, tokens, at, from, style),
            Kind::Word => {
                if let Some(before) = before_era(token.text.trim_end_matches('元')) {
                    self.before_era = Some(before);
                    if token.text.ends_with('元') {
                        self.year = before.checked_add(1);
                    }
                    return Some(1);
                }
                if at == from {
                    return None;
                }
                let names = self.names;
                // A second month, or a weekday that is called as a month is: who knows which.
                let is_month = |names: &Names| names.month(&word(token.text)).flatten().is_some();
                if let Some(month) = self.month
                    && names.is_some_and(is_month)
                {
                    // "تموز/يوليو" is one month by two names.
                    let again = month_at(tokens, at, style, names);
                    return again.filter(|(again, _)| *again == month).map(|(_, used)| used);
                }
                if token.is_joint() || is_ending(token) || is_joint(token, names) {
                    return Some(1);
                }
                let weekday = names.map_or(0, |names| names::weekday(tokens, at, Some(names)));
                (weekday > 0).then_some(weekday)
            }
        }
    }

    fn number(
        &mut self,
        value: u32,
        digits: usize,
        tokens: &[Token<'_>],
        at: usize,
        from: usize,
        style: Style<'_>,
    ) -> Option<usize> {
        let token = &tokens[at];
        let is_year_sign = tokens
            .get(at + 1)
            .is_some_and(|sign| sign.before.is_empty() && matches!(sign.text, "年" | "년"));
        if self.year.is_none()
            && let Some(before) = self.before_era
        {
            self.year = i32::try_from(value).ok()?.checked_add(before);
            return Some(1);
        }
        match digits {
            4 if self.year.is_none() && self.day.is_some() == self.month.is_some() => {
                self.year = Some(i32::try_from(value).ok()?);
            }
            3 if self.year.is_none() && is_year_sign && style.is_in(&["zh"]) => {
                self.year = Some(i32::try_from(value).ok()?.checked_add(BEFORE_MINGUO)?);
            }
            1..=2 if self.day.is_none() => self.day = Some(value),
            2 if self.year.is_none() && self.month.is_some() => {
                // "31Dec22", "31-Dec-22"; "31 Dec 22" may be a clock or a count.
                let is_straight = at == from + 2;
                if !is_straight || token.is_apart && token.before != "-" {
                    return None;
                }
                self.has_short_year = true;
                self.year = i32::try_from(century(value, true, style)).ok();
            }
            _ => return None,
        }
        Some(1)
    }

    /// Returns the Ethiopic day if the era of that calendar follows at `next`.
    fn ethiopic_day(&self, tokens: &[Token<'_>], next: usize, from: usize) -> Option<Found> {
        let names = self.names?;
        if !tokens.get(next).is_some_and(|era| names.is_ethiopic_era(era.text)) {
            return None;
        }
        let day = u8::try_from(self.day?).ok()?;
        let on = Calendar::Ethiopic.day(self.year?, self.ethiopic?, day)?;
        Some((on, next + 1 - from))
    }

    /// Returns whether this is a separator of a written date.
    fn is_loose(&self, before: &str) -> bool {
        let is_mark = |c| self.names.is_some_and(|names| names.is_mark(c));
        before.chars().count() <= 3
            && before
                .chars()
                .all(|c| ",.-–/º°()،、፣'’׳".contains(c) || c.is_whitespace() || is_mark(c))
    }

    /// Returns the day once all parts are there; inside, `None` if there is no such day.
    fn day_if_complete(&self, style: Style<'_>) -> Option<Option<NaiveDate>> {
        let (year, (calendar, month), day) = (self.year?, self.month?, self.day?);
        let Ok(day) = u8::try_from(day) else { return Some(None) };
        if calendar != Calendar::Gregorian {
            return Some(calendar.day(year, month, day));
        }
        let is_buddhist = !YEARS.contains(&year) && !style.is_in(&["en"]);
        let year = if is_buddhist { buddhist(year) } else { Some(year) };
        Some(year.and_then(|year| calendar.day(year, month, day)))
    }
}

/// Returns whether a number goes on from the one before it: "11/2026".
fn continues_number(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Number(..))
        && !token.is_apart
        && matches!(token.before, "/" | "-" | ".")
}

/// Returns the month whose name begins at `at`, and how many tokens it is.
fn month_at(
    tokens: &[Token<'_>],
    at: usize,
    style: Style<'_>,
    names: Option<&Names>,
) -> Option<(Month, usize)> {
    let first = tokens.get(at)?;
    // "11月"
    let number = number_of_month(tokens, at, names);
    if first.kind != Kind::Word && !names.is_some_and(Names::has_numbers) {
        return number;
    }
    let of_lang = |key: &str| names.and_then(|names| names.month(key));
    for words in (1..=longest_name(tokens, at)).rev() {
        let Some(key) = key(&tokens[at..at + words]) else { continue };
        if words == 1
            && of_lang(&key).is_none()
            && names.is_some_and(|names| names.is_weekday(&key))
        {
            continue;
        }
        let found = meaning(&key, of_lang)
            .or_else(|| inflected(&key, of_lang))
            .or_else(|| if words == 1 { misspelt(&key, style) } else { None });
        if let Some(month) = found {
            return Some((month, words));
        }
    }
    number
}

/// Returns the month that a number means before a word for it: "11月", "11 һарын".
fn number_of_month(
    tokens: &[Token<'_>],
    at: usize,
    names: Option<&Names>,
) -> Option<(Month, usize)> {
    let (number, sign) = (tokens.get(at)?, tokens.get(at + 1)?);
    let Kind::Number(month @ 1..=12, 1..=2) = number.kind else { return None };
    let is_sign = sign.before.is_empty() && matches!(sign.text, "月" | "월");
    let is_word = matches!(sign.before, "" | "-")
        && names.is_some_and(|names| names.patterns.month_words.contains(word(sign.text).as_str()));
    let month = u8::try_from(month).ok()?;
    (is_sign || is_word).then_some(((Calendar::Gregorian, month), 2))
}

/// Returns what tokens print as a name in the tables; `None` if it is longer than any.
fn key(tokens: &[Token<'_>]) -> Option<String> {
    let part = |token: &Token<'_>| match token.kind {
        Kind::Number(value, _) => value.to_string(),
        Kind::Word => word(token.text),
    };
    let key = tokens.iter().map(part).collect::<Vec<_>>().join(" ");
    (key.len() <= NAME_BYTES_MAX).then_some(key)
}

/// Returns how many tokens a name that begins at `at` can have.
fn longest_name(tokens: &[Token<'_>], at: usize) -> usize {
    let rest = tokens.get(at + 1..).unwrap_or_default();
    let is_part = |token: &&Token<'_>| {
        matches!(token.before, "" | "'" | "’" | "ʻ" | "-" | ".")
            && matches!(token.kind, Kind::Word | Kind::Number(_, 1..=2))
    };
    1 + rest.iter().take(WORDS_MAX - 1).take_while(is_part).count()
}

/// Returns what a name means: in the language of the page, else as institutions most often use it,
/// else in the languages that have it, if they agree.
fn meaning(key: &str, of_lang: impl Fn(&str) -> Option<Option<Month>>) -> Option<Month> {
    /// Shorter names are abbreviations, of which the usual ones are known.
    const HOMONYM_BYTES_MIN: usize = 5;
    if let Some(month) = of_lang(key) {
        return month;
    }
    let of_any = names::month_of_any(key);
    if of_any == Some(None) && key.len() >= HOMONYM_BYTES_MIN {
        return None;
    }
    let by_hand = months::month(key).and_then(|month| u8::try_from(month).ok());
    by_hand.map(|month| (Calendar::Gregorian, month)).or(of_any.flatten())
}

/// Returns what a name with an ending or with a short word in front of it means: "marraskuun",
/// "בנובמבר".
fn inflected(key: &str, of_lang: impl Fn(&str) -> Option<Option<Month>>) -> Option<Month> {
    const STEM_CHARS_MIN: usize = 4;
    const CUT_CHARS_MAX: usize = 3;
    let first = key.chars().next()?;
    if "בלהכמוولبكܒ".contains(first) {
        let rest = &key[first.len_utf8()..];
        let found = of_lang(rest).or_else(|| names::month_of_any(rest)).flatten();
        if found.is_some() {
            return found;
        }
    }
    let cuts = key.char_indices().rev().take(CUT_CHARS_MAX).take_while(|(_, c)| c.is_alphabetic());
    (1..).zip(cuts).find_map(|(cut, (end, _))| {
        let stem = &key[..end];
        // One letter may follow a short name, more of them make another word of it.
        let is_long = stem.chars().nth(STEM_CHARS_MIN - 1).is_some()
            || cut == 1 && stem.chars().nth(STEM_CHARS_MIN - 2).is_some();
        if is_long { of_lang(stem).flatten() } else { None }
    })
}

/// Returns the month of an English name with one wrong letter.
fn misspelt(key: &str, style: Style<'_>) -> Option<Month> {
    const NAMES: [(&str, u8); 9] = [
        ("january", 1),
        ("february", 2),
        ("april", 4),
        ("august", 8),
        ("september", 9),
        ("october", 10),
        ("november", 11),
        ("december", 12),
        ("march", 3),
    ];
    if !(style.is_in(&["en"]) && key.is_ascii() && (5..=10).contains(&key.len())) {
        return None;
    }
    // Lengths are compared first: most words are far from all names.
    let mut near = NAMES.iter().filter(|(name, _)| {
        name.len().abs_diff(key.len()) <= 1 && strsim::osa_distance(name, key) == 1
    });
    let (_, month) = near.next()?;
    near.next().is_none().then_some((Calendar::Gregorian, *month))
}

/// Returns the end of a date with the words that belong to it after it: "г.", "日", a weekday.
pub(super) fn with_endings(tokens: &[Token<'_>], mut end: usize, names: Option<&Names>) -> usize {
    let is_of_language = |token: &Token<'_>| {
        token.before.is_empty()
            && names
                .is_some_and(|names| names.patterns.year_words.contains(word(token.text).as_str()))
    };
    if tokens
        .get(end)
        .is_some_and(|token| is_sign(token) || is_year_word(token) || is_of_language(token))
    {
        end += 1;
    }
    end
}

/// Returns whether this is the word for "year" after a date: "14 июля 2020 г.", "… года".
pub(super) fn is_year_word(word: &Token<'_>) -> bool {
    word.before.is_empty() && matches!(word.text, "г" | "года" | "р" | "року" | "r")
}

fn is_sign(token: &Token<'_>) -> bool {
    token.before.is_empty() && matches!(token.text, "年" | "月" | "日" | "년" | "월" | "일")
}

/// Returns whether the word is an ending of the number before it.
fn is_ending(token: &Token<'_>) -> bool {
    let is_joined = !token.is_apart && matches!(token.before, "" | "-" | "(" | ")" | "." | "º");
    is_joined && token.text.chars().count() <= ENDING_CHARS_MAX
}

/// Returns whether a word joins the parts of a date in its language.
fn is_joint(token: &Token<'_>, names: Option<&Names>) -> bool {
    /// What CLDR's dates do not have, or what pages without a declared language need most.
    const JOINTS: &str = " года г год жылдын жылғы жылы жыл ж йил йилнинг й yil gada gads gadā m d \
        metų metai ngày tháng năm оны он р сарын сар өдөр พ ศ ค ที่ เดือน ปี del van von al på den \
        ng na a an la le lo l y ya mwezi ה ב ל של عام سنة من في سال ماه م هـ هجري هـش ش ه ዓ م ም \
        роки року р roku r a년 일 년 월 den dag i ta t ኣ ቀን xb ";
    let word = word(token.text);
    names.is_some_and(|names| names.patterns.joints.contains(word.as_str()))
        || JOINTS.split(' ').any(|joint| joint == word)
}
