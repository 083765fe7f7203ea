//! Numbers and words of a text, with what is between them.

use std::{iter::Peekable, str::CharIndices};

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
    let mut tokens: Vec<Token<'_>> = Vec::new();
    // Most lines of a page have no digit, and so no date.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return tokens;
    }
    let (mut last_end, mut is_apart) = (0, true);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if start > bytes_max {
            break;
        }
        let kind = if c.is_ascii_digit() {
            let end = run(&mut chars, text, |c| c.is_ascii_digit());
            // More digits than a year has are not part of a date.
            Kind::Number(text[start..end].parse().unwrap_or(u32::MAX), end - start)
        } else if is_ideograph(c) {
            Kind::Word
        } else if c.is_alphabetic() {
            run(&mut chars, text, |c| c.is_alphabetic() && !is_ideograph(c));
            Kind::Word
        } else {
            is_apart |= c.is_whitespace();
            continue;
        };
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        let before = text[last_end..start].trim();
        last_end = end;
        tokens.push(Token { kind, text: &text[start..end], before, is_apart, start, end });
        is_apart = false;
    }
    tokens
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
    pub(super) fn is_weekday(&self) -> bool {
        const STEMS: [&str; 15] = [
            "mon",
            "tue",
            "wed",
            "thu",
            "fri",
            "sat",
            "sun",
            "понед",
            "вторн",
            "сред",
            "четв",
            "пятн",
            "субб",
            "воскр",
            "пн",
        ];
        let word = self.text.to_lowercase();
        self.kind == Kind::Word && STEMS.iter().any(|stem| word.starts_with(stem))
    }

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
