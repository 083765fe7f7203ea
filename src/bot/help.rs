//! `/help`, and the answer to words that are no command.

use crate::{lang::Lang, render};

pub(super) fn help(lang: Lang) -> String {
    render::help(lang.phrases().help, lang)
}

pub(super) fn not_understood(lang: Lang) -> String {
    render::help(lang.phrases().not_understood, lang)
}
