//! The replies to `/start` and to *Restore*, and the buttons that lead to everything else.

use super::{
    html::{Html, cut},
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{
        Action, Button, ChatKind, Keyboard, Message,
        callback::{SettingsPage, Target},
    },
    lang::Lang,
};

/// The most sources that are named.
const SOURCES_MAX: usize = 10;

/// Returns the reply to `/start`: the subscriptions, what can be done next, and by whom. `is_new`:
/// whether there is a new one.
pub fn greeting(titles: &[String], is_new: bool, kind: ChatKind, lang: Lang) -> Message {
    let phrases = lang.phrases();
    if titles.is_empty() {
        let html = Html::new().text(phrases.no_sources_chosen);
        return Message::new(html.into_string()).with_buttons(main_menu(None, lang));
    }
    let opening = if is_new { phrases.subscribed } else { phrases.subscribed_already };
    let next = match kind {
        ChatKind::Private => phrases.next_steps,
        ChatKind::Group => phrases.next_steps_group,
        ChatKind::Channel => phrases.next_steps_channel,
    };
    let html = Html::new().text(opening).text("\n").with(names(titles)).text("\n\n").text(next);
    // The readers of a channel have nothing to choose.
    let buttons = if kind == ChatKind::Channel { Vec::new() } else { main_menu(None, lang) };
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Adds a button that restores what `/stop` removed.
pub fn restorable(message: Message, target: Target, lang: Lang) -> Message {
    let button = Button::new(lang.phrases().restore, &Action::Restore(target));
    message.with_buttons(vec![vec![button]])
}

/// Returns the subscriptions that were restored, in a chat of a kind.
pub fn restored(titles: &[String], kind: ChatKind, target: Target, lang: Lang) -> Message {
    let phrases = lang.phrases();
    let html = Html::new().text(phrases.restored).text("\n\n");
    let html = match titles {
        [] => html.text(phrases.no_sources_chosen),
        _ => html.with(names(titles)),
    };
    let buttons = if kind == ChatKind::Channel { Vec::new() } else { main_menu(target, lang) };
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Returns the buttons that lead to everything else.
fn main_menu(target: Target, lang: Lang) -> Keyboard {
    let phrases = lang.phrases();
    let show = vec![
        Button::new(phrases.latest, &Action::Latest),
        Button::new(phrases.counters, &Action::Counters),
    ];
    let choose = choice_row(target, lang);
    if target.is_some() { vec![choose] } else { vec![show, choose] }
}

fn choice_row(target: Target, lang: Lang) -> Vec<Button> {
    let phrases = lang.phrases();
    vec![
        Button::new(phrases.sources, &Action::Sources(target, 0)),
        Button::new(phrases.settings, &Action::Settings(target, None, SettingsPage::Main)),
    ]
}

/// Returns the buttons that manage a channel, in the private chat with one of its admins.
pub fn channel(opening: &str, target: Target, lang: Lang) -> Message {
    Message::new(Html::new().text(opening).into_string()).with_buttons(main_menu(target, lang))
}

/// Returns the names of sources, one on each line.
fn names(titles: &[String]) -> Html {
    let mut html = Html::new();
    for (n, title) in titles.iter().take(SOURCES_MAX).enumerate() {
        html = html.text(if n > 0 { "\n• " } else { "• " }).bold(&cut(title, SOURCE_UNITS_MAX));
    }
    if titles.len() > SOURCES_MAX {
        html = html.text(&format!("\n… +{}", titles.len() - SOURCES_MAX));
    }
    html
}
