//! Numbers and words of a text, with what is between them.

use super::digits::{is_direction_mark, value};
use std::{iter::Peekable, str::CharIndices};
use unicode_normalization::char::is_combining_mark;

/// A number or word, and what is between it and the one before.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// The characters before it, without the blanks around them; whether there were blanks.
    pub(super) before: &'a str,
    pub(super) is_apart: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its value and its number of digits.
    Number(u32, usize),
    Word,
}

/// Splits a text into tokens, as far as `bytes_max`. A text without digits has none.
pub(super) fn tokens(text: &str, bytes_max: usize) -> Vec<Token<'_>> {
    // Most lines of a page have no digit, and so no date.
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit())
        || !text.is_ascii() && text.chars().any(|c| value(c).is_some() || c == '年');
    if has_digit { words(text, bytes_max) } else { Vec::new() }
}

/// Splits a text into tokens, whether or not it has digits.
pub(super) fn words(text: &str, bytes_max: usize) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut last_end, mut is_apart) = (0, true);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if start > bytes_max {
            break;
        }
        let kind = if value(c).is_some() {
            let end = run(&mut chars, text, |c| value(c).is_some());
            number(&text[start..end])
        } else if is_numeral(c) {
            let end = run(&mut chars, text, is_numeral);
            let is_part = text[end..].starts_with(['年', '月', '日']);
            numerals(&text[start..end]).filter(|_| is_part).unwrap_or(Kind::Word)
        } else if is_ideograph(c) {
            Kind::Word
        } else if c.is_alphabetic() {
            run(&mut chars, text, |c| is_of_word(c) && !is_ideograph(c) && !is_numeral(c));
            Kind::Word
        } else {
            is_apart |= c.is_whitespace();
            continue;
        };
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let is_blank = |c: char| c.is_whitespace() || is_direction_mark(c);
        let before = text[last_end..start].trim_matches(is_blank);
        last_end = end;
        tokens.push(Token { kind, text: &text[start..end], before, is_apart, start, end });
        is_apart = false;
    }
    tokens
}

fn number(digits: &str) -> Kind {
    let count = digits.chars().count();
    let add = |sum: u32, c| sum.checked_mul(10)?.checked_add(value(c)?);
    // More digits than a year has are not part of a date.
    Kind::Number(digits.chars().try_fold(0, add).unwrap_or(u32::MAX), count)
}

/// The numerals from 0 to 10 that are written in words of Chinese and Japanese.
const NUMERALS: [char; 11] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

fn is_numeral(c: char) -> bool {
    NUMERALS.contains(&c)
}

/// Returns the number that numerals print: "二〇二六", "十四", "二十".
fn numerals(text: &str) -> Option<Kind> {
    let values = text.chars().map(|c| (0..).zip(NUMERALS).find(|(_, known)| *known == c));
    let values: Vec<u32> = values.map(|found| Some(found?.0)).collect::<Option<_>>()?;
    let value = match values.as_slice() {
        [10] => 10,
        [10, ones @ 1..=9] => 10 + ones,
        [tens @ 1..=9, 10] => 10 * tens,
        [tens @ 1..=9, 10, ones @ 1..=9] => 10 * tens + ones,
        digits if digits.len() <= 4 && digits.iter().all(|digit| *digit < 10) => {
            digits.iter().fold(0, |sum, digit| sum * 10 + digit)
        }
        _ => return None,
    };
    Some(Kind::Number(value, value.to_string().len()))
}

/// Returns whether the character belongs to a word: a letter, or a sign on one.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphabetic()
        || !c.is_ascii() && (is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}'))
}

/// Returns whether the character means year, month or day in Chinese, Japanese or Korean.
fn is_ideograph(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '년' | '월' | '일')
}

/// Consumes the run and returns its end.
fn run(chars: &mut Peekable<CharIndices<'_>>, text: &str, belongs: fn(char) -> bool) -> usize {
    while chars.next_if(|(_, c)| belongs(*c)).is_some() {}
    chars.peek().map_or(text.len(), |(at, _)| *at)
}

impl Token<'_> {
    /// Returns whether it only joins the parts of a date.
    pub(super) fn is_joint(&self) -> bool {
        const JOINTS: [&str; 16] = [
            "st", "nd", "rd", "th", "day", "of", "the", "er", "de", "del", "do", "di", "d", "re",
            "e", "ª",
        ];
        self.kind == Kind::Word
            && self.text.len() <= 3
            && JOINTS.iter().any(|joint| self.text.eq_ignore_ascii_case(joint))
    }
}
