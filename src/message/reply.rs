//! The messages that answer commands, as far as they show entries and counters.

use super::{
    buttons,
    html::{Html, RAW_BYTES_MAX, TEXT_UNITS_MAX, cut, units},
    statement::{SOURCE_UNITS_MAX, entry},
};
use crate::{
    domain::{
        Action, Button, ChatKind, EntryWithSource, Keyboard, Message,
        callback::{SettingsPage, Target},
    },
    lang::Lang,
};

/// The longest title in a listing, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 240;
/// What head, date and blank lines of a listed entry take, in UTF-16 units, at most.
const HEAD_UNITS_MAX: usize = SOURCE_UNITS_MAX + 70;
/// A lead shorter than this says too little to be worth its room.
const LEAD_UNITS_MIN: usize = 60;
/// Sources named in one message.
const SOURCES_MAX: usize = 10;

/// The newest entries, one below the other; leads get what room there is. A single one can be read whole
/// by a button. Below them stands what there is to say of their sources.
pub fn latest(
    listed: &[EntryWithSource],
    held: Option<Html>,
    kind: ChatKind,
    username: &str,
    lang: Lang,
) -> Message {
    let below = held.map(|held| Html::new().text("\n\n").with(held)).unwrap_or_default();
    let Some(first) = listed.first() else {
        let html = Html::new().text(lang.phrases().nothing_yet).with(below);
        return Message::new(html.into_string());
    };
    let share = (TEXT_UNITS_MAX - below.units()) / listed.len();
    let lead_max = share.saturating_sub(HEAD_UNITS_MAX + TITLE_UNITS_MAX).min(1000);
    let lead_max = if lead_max < LEAD_UNITS_MIN { 0 } else { lead_max };
    let html = list(listed, lead_max, lang);
    // Only text that is nothing but signs to be escaped comes to this.
    let is_long = html.raw_bytes() + below.raw_bytes() > RAW_BYTES_MAX;
    let html = if is_long { list(listed, 0, lang) } else { html };
    let button = (listed.len() == 1)
        .then(|| buttons::read(kind, Some(username), first.entry_ref, lang))
        .flatten();
    let rows = button.map(|button| vec![vec![button]]).unwrap_or_default();
    Message::new(html.with(below).into_string()).with_buttons(rows)
}

fn list(listed: &[EntryWithSource], lead_max: usize, lang: Lang) -> Html {
    let mut html = Html::new();
    for (n, listed) in listed.iter().enumerate() {
        if n > 0 {
            html = html.text("\n\n\n");
        }
        let units_max = [TITLE_UNITS_MAX, lead_max];
        html = html.with(entry(&listed.source_title, &listed.entry, units_max, lang));
    }
    html
}

/// The answer to `/start`: what is subscribed now, what can be done next, and by whom.
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
    // Who reads a channel has nothing to choose in it.
    let buttons = if kind == ChatKind::Channel { Vec::new() } else { main_menu(None, lang) };
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Words, and below them what can be sent next, each command with what it is for.
pub fn advice(words: &str, next: &[(&str, String)], lang: Lang) -> Message {
    let mut html = Html::new().text(words);
    for (what_for, command) in next {
        html = html.text("\n").text(what_for).text(lang.phrases().colon);
        // A tap on a command sends it alone, without what follows it: what is not a command alone is for
        // copying.
        html = if command.contains(' ') { html.code(command) } else { html.text(command) };
    }
    Message::new(html.into_string())
}

/// Words, and below them the forms of a command with what they do, all of them for copying.
pub fn forms(words: &str, forms: &[(String, &str)]) -> Message {
    let mut html = Html::new().text(words);
    for (command, what_for) in forms {
        html = html.text("\n").code(command).text(" — ").text(what_for);
    }
    Message::new(html.into_string())
}

/// What was ended, above a button that brings it back.
pub fn restorable(message: Message, target: Target, lang: Lang) -> Message {
    let button = Button::new(lang.phrases().restore, &Action::Restore(target));
    message.with_buttons(vec![vec![button]])
}

/// What a place has again, in a chat of this sort.
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

/// The buttons that lead everywhere.
fn main_menu(target: Target, lang: Lang) -> Keyboard {
    let phrases = lang.phrases();
    let asking = vec![
        Button::new(phrases.latest, &Action::Latest),
        Button::new(phrases.counters, &Action::Counters),
    ];
    let choosing = choice_row(target, lang);
    if target.is_some() { vec![choosing] } else { vec![asking, choosing] }
}

fn choice_row(target: Target, lang: Lang) -> Vec<Button> {
    let phrases = lang.phrases();
    vec![
        Button::new(phrases.sources, &Action::Sources(target, 0)),
        Button::new(phrases.settings, &Action::Settings(target, None, SettingsPage::Main)),
    ]
}

/// The way to the settings of a channel, in the private chat with one of its admins.
pub fn channel(opening: &str, target: Target, lang: Lang) -> Message {
    Message::new(Html::new().text(opening).into_string()).with_buttons(main_menu(target, lang))
}

/// A message about a channel as it is told elsewhere: "here" in it is there.
pub fn in_channel(message: Message, lang: Lang) -> Message {
    headed(lang.phrases().in_channel, message)
}

/// A message below a line that says what it is about.
pub fn headed(head: &str, message: Message) -> Message {
    let head = Html::new().text(head).text("\n");
    match units(&message.html) + head.units() <= TEXT_UNITS_MAX {
        true => Message { html: head.into_string() + &message.html, ..message },
        false => message,
    }
}

/// Returns a text with its commands as they are typed elsewhere about a channel: with its number before
/// the other words. `commands` are the commands that take a channel.
pub fn with_channel(text: &str, target: Target, commands: &[&str]) -> String {
    let Some(target) = target else {
        return text.to_owned();
    };
    commands.iter().fold(text.to_owned(), |text, command| {
        text.replace(&format!("/{command} "), &format!("/{command} {} ", target.chat))
    })
}

/// The reply to `/help` and to what is no command: an opening, and the commands with what they do.
pub fn help(opening: &str, menu: &[(&str, &str)]) -> Message {
    let mut html = Html::new().text(opening).text("\n");
    for (command, description) in menu {
        html = html.text(&format!("\n/{command} — {description}"));
    }
    Message::new(html.into_string())
}

/// A statement as it is offered inline: its title, a line below it, and the message that is posted.
pub fn inline_result(listed: &EntryWithSource, lang: Lang) -> (String, String, String) {
    let source = cut(&listed.source_title, SOURCE_UNITS_MAX);
    let day = lang.day(listed.entry.date_on.unwrap_or(listed.entry.seen_at.date_naive()));
    let description = format!("{source} · {day}");
    let html = entry(&listed.source_title, &listed.entry, [600, 600], lang);
    (cut(&listed.entry.title, TITLE_UNITS_MAX), description, html.into_string())
}

/// A message of the bot's own words.
pub fn plain(text: &str) -> Message {
    Message::new(Html::new().text(text).into_string())
}

/// Names of sources, one to a line.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Entry,
        message::html::{units, without_markup},
    };

    #[test]
    fn ten_long_entries_fit_into_one_message_each_with_its_parts() {
        for long in ["Слово <и> дело. ", "&"].map(|text| text.repeat(1000)) {
            let entry = Entry {
                date_on: None,
                seen_at: chrono::DateTime::UNIX_EPOCH,
                title: long.clone(),
                link: Some(format!("https://e.example/{}", "&".repeat(200))),
                lead: Some(format!("Иное. {long}")),
            };
            for count in 1..=10 {
                let one = EntryWithSource {
                    entry_ref: crate::domain::EntryRef { entry_id: 1, secret: 0 },
                    source_title: long.clone(),
                    entry: entry.clone(),
                };
                let listed = vec![one; count];
                for lang in Lang::ALL {
                    let html = latest(&listed, None, ChatKind::Private, "a_bot", lang).html;
                    assert!(html.len() <= RAW_BYTES_MAX, "{count}: {}", html.len());
                    assert_eq!(html.matches("<a href").count(), count);
                    let shown = without_markup(&html).replace(&"&".repeat(200), "");
                    assert!(units(&shown) <= TEXT_UNITS_MAX);
                }
            }
        }
    }
}
