//! What the line of a day counter says besides the number of days.
//!
//! Guarantees: a line counts up only if it says since when, in words that the table has. A time limit
//! ("30 days from receipt") is a line of the same words in many languages: there the line must also
//! say that the days passed, or its number must be one that no limit has. The time taken is bounded by
//! the longest gap, not by the line.
//! Out of scope: the words for days (`day_words`).

use super::day_words::is_unspaced;
use std::{cmp::Reverse, sync::LazyLock};

/// The largest time limit that is given in days; longer ones are given in years.
const LIMIT_DAYS_MAX: i64 = 366;
/// From here on the days that are counted one by one are not those of a course or a session.
const ORDINAL_DAYS_MIN: i64 = 100;
/// The most characters between the number and the words for "since", and of the event before the
/// number.
const GAP_CHARS_MAX: usize = 40;
const EVENT_CHARS_MAX: usize = 160;
/// The fewest characters that name an event.
const EVENT_CHARS_MIN: usize = 2;

/// The words of a language, set apart by bars, in small letters.
struct Phrases<T> {
    /// What may introduce the number, alone or several of them.
    intro: T,
    /// The days passed.
    passed: T,
    /// Since an event.
    since: T,
    /// Whether "since" is not also used for time limits.
    is_sure: bool,
    /// "That", directly after the days: "cela fait 864 jours que …".
    that: T,
}

/// The languages of the bot, then others.
const TABLE: [Phrases<&str>; 30] = [
    // English
    Phrases {
        intro: "it has been|it's been|it is|it is now|already|today is|today is the|today marks|now|exactly|there have been",
        passed: "have passed|has passed|passed|have elapsed|elapsed|have gone by|have gone|gone by|and counting",
        since: "since",
        is_sure: true,
        that: "",
    },
    // Russian
    Phrases {
        intro: "уже|вот уже|вот|идёт|идет|сегодня|ровно",
        passed: "прошло|прошли|прошел|прошёл|минуло|минули|минул|миновало|истекло",
        since: "с|со|после|от",
        is_sure: false,
        that: "как",
    },
    // Ukrainian
    Phrases {
        intro: "вже|уже|ось уже|ось вже|триває|йде|сьогодні|рівно",
        passed: "минуло|минули|минув|пройшло|пройшли|пройшов|сплинуло|спливло",
        since: "від|з|із|зі|після|відтоді",
        is_sure: false,
        that: "як",
    },
    // German
    Phrases {
        intro: "es sind|es ist|sind|bereits|schon|nun|nunmehr|inzwischen|mittlerweile|genau|heute ist der|heute ist",
        passed: "sind vergangen|sind verstrichen|ist vergangen|vergangen|verstrichen|sind|ist es her|her",
        since: "seit|seitdem",
        is_sure: true,
        that: "dass",
    },
    // French
    Phrases {
        intro: "cela fait|ça fait|voilà|voici|il y a|déjà|il s'est écoulé|exactement|c'est le|nous sommes au",
        passed: "se sont écoulés|s'est écoulé|sont écoulés|écoulés|écoulé|se sont passés|sont passés|ont passé|passés",
        since: "depuis",
        is_sure: true,
        that: "que",
    },
    // Spanish
    Phrases {
        intro: "hace|ya|van|ya van|llevamos|hoy se cumplen|se cumplen|hoy es el|exactamente",
        passed: "han pasado|ha pasado|pasaron|han transcurrido|ha transcurrido|transcurrieron|transcurridos|pasados",
        since: "desde|después de",
        is_sure: false,
        that: "que",
    },
    // Italian
    Phrases {
        intro: "già|ormai|esattamente",
        passed: "sono passati|è passato|sono trascorsi|è trascorso|passati|trascorsi",
        since: "da|dal|dallo|dalla|dai|dagli|dalle|dall'",
        is_sure: false,
        that: "",
    },
    // Portuguese
    Phrases {
        intro: "já|há|faz|hoje são",
        passed: "passaram|passaram-se|se passaram|passou|decorreram|decorridos|passados",
        since: "desde",
        is_sure: false,
        that: "que",
    },
    // Catalan
    Phrases {
        intro: "ja|fa",
        passed: "han passat|ha passat|han transcorregut|transcorreguts",
        since: "des de|des del",
        is_sure: false,
        that: "que",
    },
    // Romanian
    Phrases {
        intro: "deja",
        passed: "au trecut|a trecut|s-au scurs|trecute",
        since: "de la|de când|din",
        is_sure: false,
        that: "",
    },
    // Dutch
    Phrases {
        intro: "er zijn|het is|al|reeds|inmiddels|zijn",
        passed: "zijn verstreken|verstreken|voorbijgegaan|voorbij|verlopen|geleden|zijn",
        since: "sinds|sedert",
        is_sure: true,
        that: "",
    },
    // Swedish
    Phrases {
        intro: "det är|redan|det",
        passed: "har gått|har passerat|har förflutit",
        since: "sedan|sen",
        is_sure: false,
        that: "",
    },
    // Danish and Norwegian
    Phrases {
        intro: "det er|allerede|det|der",
        passed: "er gået|har gået|er gått|har gått|gået|gått",
        since: "siden",
        is_sure: false,
        that: "",
    },
    // Finnish
    Phrases {
        intro: "jo",
        passed: "on kulunut|kulunut",
        since: "on kulunut|kulunut|lähtien|jälkeen|alkaen",
        is_sure: false,
        that: "",
    },
    // Polish
    Phrases {
        intro: "już|to już",
        passed: "minęło|minęły|minął|upłynęło|upłynęły|upłynął",
        since: "od|po",
        is_sure: false,
        that: "",
    },
    // Czech and Slovak
    Phrases {
        intro: "již|už|je to",
        passed: "uplynulo|uplynuly|uplynul|uběhlo|prešlo|prešli|ubehlo",
        since: "od|ode",
        is_sure: false,
        that: "",
    },
    // Croatian, Bosnian, Serbian and Slovene
    Phrases {
        intro: "već|već je|je|већ",
        passed: "prošlo je|je prošlo|prošlo|proteklo je|je proteklo|proteklo|je minilo|minilo|прошло је|је прошло|прошло|протекло",
        since: "od|од",
        is_sure: false,
        that: "",
    },
    // Bulgarian and Macedonian
    Phrases {
        intro: "вече|веќе",
        passed: "изминаха|са изминали|минаха|изминаа|поминаа|са минали",
        since: "от|откакто|од",
        is_sure: false,
        that: "",
    },
    // Hungarian
    Phrases {
        intro: "már|immár",
        passed: "telt el|eltelt|telt",
        since: "óta",
        is_sure: false,
        that: "",
    },
    // Greek
    Phrases {
        intro: "ήδη",
        passed: "πέρασαν|έχουν περάσει|παρήλθαν|συμπληρώθηκαν",
        since: "από|μετά",
        is_sure: false,
        that: "",
    },
    // Turkish
    Phrases {
        intro: "tam",
        passed: "geçti|oldu|geride kaldı",
        since: "beri|bu yana|üzerinden",
        is_sure: false,
        that: "",
    },
    // Arabic
    Phrases {
        intro: "لقد|قد",
        passed: "مضى|مضت|مر|مرت|انقضى",
        since: "منذ|على",
        is_sure: false,
        that: "",
    },
    // Persian
    Phrases {
        intro: "اکنون",
        passed: "گذشت|گذشته است|گذشته|می‌گذرد|می گذرد|سپری شد|سپری شده",
        since: "از",
        is_sure: false,
        that: "",
    },
    // Hebrew
    Phrases {
        intro: "כבר", passed: "עברו|חלפו|עבר|חלף", since: "מאז|מ", is_sure: false, that: ""
    },
    // Hindi
    Phrases {
        intro: "",
        passed: "बीत चुके हैं|बीत गए|बीते|हो गए|हो चुके हैं|पूरे हुए",
        since: "से|को|के बाद",
        is_sure: false,
        that: "",
    },
    // Vietnamese
    Phrases {
        intro: "đã",
        passed: "đã|đã trôi qua|trôi qua|đã qua",
        since: "kể từ|từ|tính từ",
        is_sure: false,
        that: "",
    },
    // Indonesian and Malay
    Phrases {
        intro: "sudah|telah",
        passed: "sudah|telah|berlalu|telah berlalu|sudah berlalu",
        since: "sejak",
        is_sure: false,
        that: "",
    },
    // Chinese
    Phrases {
        intro: "已经|已經|已|今天是",
        passed: "已经|已經|已|已过去|已過去|过去了|過去了|过去|過去",
        since: "自|自从|自從|距|距离|距離|从|從|以来|以來|后|後|发生|發生",
        is_sure: false,
        that: "",
    },
    // Japanese
    Phrases {
        intro: "今日で|本日で|すでに",
        passed: "が経過しました|が経過|経過|が過ぎました|が経ちました|が経った|経ちました|目",
        since: "から|以来|より",
        is_sure: false,
        that: "",
    },
    // Korean
    Phrases {
        intro: "오늘로|벌써",
        passed: "이 지났습니다|이 지났다|지났습니다|이 경과|경과|째|이 흘렀습니다",
        since: "부터|이후|이래|로부터|지",
        is_sure: false,
        that: "",
    },
];

/// The languages with their words set apart, the longest first.
static LANGUAGES: LazyLock<Vec<Phrases<Words>>> = LazyLock::new(|| {
    let words = |words: &'static str| {
        let mut words: Words = words.split('|').filter(|word| !word.is_empty()).collect();
        words.sort_by_key(|word| Reverse(word.len()));
        words
    };
    let split = |phrases: Phrases<&'static str>| Phrases {
        intro: words(phrases.intro),
        passed: words(phrases.passed),
        since: words(phrases.since),
        is_sure: phrases.is_sure,
        that: words(phrases.that),
    };
    TABLE.into_iter().map(split).collect()
});

/// The words of one meaning.
type Words = Vec<&'static str>;

/// What is around the number of days in a line, folded, without the words for days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) before: &'a str,
    pub(super) after: &'a str,
    pub(super) days: i64,
    /// Whether it is the number of a day and not a number of days: "day 864".
    pub(super) is_ordinal: bool,
}

/// Returns whether the line counts the days since an event.
pub(super) fn counts_up(around: Around<'_>) -> bool {
    LANGUAGES.iter().any(|phrases| {
        is_number_first(phrases, around)
            || is_event_first(phrases, around)
            || is_ordinal_of_event(phrases, around)
    })
}

/// "864 days have passed since …", "it has been 864 days since …".
fn is_number_first(phrases: &Phrases<Words>, around: Around<'_>) -> bool {
    let (has_intro, has_passed, rest) = strip_words(phrases, around.before);
    if !is_empty(rest) {
        return false;
    }
    let after = around.after;
    let Some((gap, event)) = split_at_word(after, &phrases.since) else {
        return starts_with_that(phrases, has_intro || has_passed, after);
    };
    let (_, is_after_passed, gap_rest) = strip_words(phrases, gap);
    let is_far = is_beyond_limits(phrases, around.days);
    let is_near = is_empty(gap_rest) || is_far;
    let is_counted = has_intro || has_passed || is_after_passed || is_far;
    is_near && is_one_sentence(gap) && is_counted && is_event(event)
}

/// Returns whether the number is one that no time limit has. Where "since" is also the word of
/// limits, the number must be large, and neither round nor that of whole years: warranties and
/// storage periods are.
fn is_beyond_limits(phrases: &Phrases<Words>, days: i64) -> bool {
    let years = days / 365;
    let is_whole_years = days % 365 <= years / 4 + 1;
    if phrases.is_sure {
        return days >= ORDINAL_DAYS_MIN;
    }
    days > LIMIT_DAYS_MAX && days % 5 != 0 && !is_whole_years
}

/// "Cela fait 864 jours que …".
fn starts_with_that(phrases: &Phrases<Words>, is_introduced: bool, after: &str) -> bool {
    let (_, has_passed, after) = strip_words(phrases, after);
    let is_introduced = is_introduced || has_passed;
    let event = phrases.that.iter().find_map(|word| strip_word(after, word));
    is_introduced && event.is_some_and(is_event)
}

/// "Since the incident, 864 days have passed", "事件から864日が経過".
fn is_event_first(phrases: &Phrases<Words>, around: Around<'_>) -> bool {
    let before = around.before.trim();
    let (has_words, event) = strip_ending_words(phrases, before);
    let event = event.trim_end_matches(|c: char| !c.is_alphanumeric() && !is_mark(c));
    // A separator sets the number apart: "Since the incident: 864 days".
    let is_apart = before.ends_with([':', '—', '–', '-', '：']);
    let leads = phrases.since.iter().find_map(|word| strip_word(event, word));
    let ending = |text| phrases.since.iter().find_map(|word| strip_ending_word(text, word));
    let ends = ending(event).or_else(|| ending(before));
    let is_said = [leads, ends].into_iter().flatten().any(is_event);
    if !is_said || !is_one_sentence(event) || event.chars().count() > EVENT_CHARS_MAX {
        return false;
    }
    let (has_after, rest) = strip_passed(phrases, around.after);
    // What follows is a sentence of its own or an addition after a dash.
    let is_end = is_empty(rest) || has_after && rest.trim_start().starts_with(['-', '–', '—', ',']);
    let is_far = is_beyond_limits(phrases, around.days) && (is_apart || ends.is_some());
    is_end && (has_words || has_after || phrases.is_sure || is_far)
}

/// "Day 864 of the war", "864-й день войны": only beyond what courses and sessions count.
fn is_ordinal_of_event(phrases: &Phrases<Words>, around: Around<'_>) -> bool {
    let (_, _, rest) = strip_words(phrases, around.before);
    let after = around.after;
    around.is_ordinal
        && around.days >= ORDINAL_DAYS_MIN
        && is_empty(rest)
        && after.starts_with(' ')
        && is_event(after)
        && is_one_sentence(after)
        && !after.contains(|c: char| c.is_ascii_digit())
}

/// Strips the introductions, and the words for "passed", from the start. Returns whether there were
/// any of each.
fn strip_words<'a>(phrases: &Phrases<Words>, text: &'a str) -> (bool, bool, &'a str) {
    let (mut has_intro, mut has_passed, mut rest) = (false, false, skip_marks(text));
    loop {
        let passed = longest(&phrases.passed, rest, strip_word);
        let intro = longest(&phrases.intro, rest, strip_word);
        let Some(next) = passed.or(intro) else { return (has_intro, has_passed, rest) };
        has_passed |= passed.is_some();
        has_intro |= intro.is_some();
        rest = skip_marks(next);
    }
}

/// Strips the words for "passed" from the start.
fn strip_passed<'a>(phrases: &Phrases<Words>, text: &'a str) -> (bool, &'a str) {
    match longest(&phrases.passed, skip_marks(text), strip_word) {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

/// Strips the words that introduce a number from the end of what is before it.
fn strip_ending_words<'a>(phrases: &Phrases<Words>, text: &'a str) -> (bool, &'a str) {
    let (mut has_words, mut rest) = (false, text);
    loop {
        let passed = longest(&phrases.passed, rest, strip_ending_word);
        let intro = longest(&phrases.intro, rest, strip_ending_word);
        let Some(next) = passed.or(intro) else { return (has_words, rest) };
        has_words = true;
        rest = next.trim_end_matches([' ', ',']);
    }
}

/// Returns the shortest rest that stripping one of the words leaves. The longest words come first.
fn longest<'a>(
    words: &[&str],
    text: &'a str,
    strip: fn(&'a str, &str) -> Option<&'a str>,
) -> Option<&'a str> {
    words.iter().find_map(|word| strip(text, word))
}

/// Strips a whole word from the start.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    let is_end = word.ends_with(|c| is_unspaced(c) || c == '\'');
    (is_end || !rest.starts_with(|c| char::is_alphanumeric(c) || is_mark(c))).then_some(rest)
}

/// Strips a whole word from the end.
fn strip_ending_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_suffix(word)?;
    let is_start = word.starts_with(is_unspaced);
    (is_start || !rest.ends_with(|c| char::is_alphanumeric(c) || is_mark(c))).then_some(rest)
}

/// Splits a text at the first of the words, if it is near: what is before it, and what is after it.
fn split_at_word<'a>(text: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let mut is_start = true;
    for (at, c) in text.char_indices().take(GAP_CHARS_MAX + 1) {
        if is_start || is_unspaced(c) {
            let rest = &text[at..];
            if let Some(rest) = longest(words, rest, strip_word) {
                return Some((&text[..at], rest));
            }
        }
        is_start = !c.is_alphanumeric() && !is_mark(c) && c != '\'';
    }
    None
}

/// Returns whether the character belongs to the letter before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || c == '\u{200c}'
}

fn skip_marks(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_alphanumeric())
}

fn is_empty(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

/// Returns whether a text names an event or a day.
fn is_event(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).nth(EVENT_CHARS_MIN - 1).is_some()
}

/// Returns whether no sentence ends within the text. The point after a number or a letter is none.
fn is_one_sentence(text: &str) -> bool {
    !text.contains(['?', '!', ';', '。', '！', '？', '؟', '।'])
        && !text
            .rsplit(". ")
            .skip(1)
            .any(|part| part.chars().rev().take_while(|c| c.is_alphabetic()).count() > 3)
}
