//! Help: the list of commands, their forms, and the bot's own words.
//!
//! Out of scope: which commands there are, and which take a channel (`bot`).

use super::html::{Html, TEXT_UNITS_MAX, units};
use crate::{
    domain::{Message, callback::Target},
    lang::Lang,
};

/// Returns a message of the bot's own words.
pub fn plain(text: &str) -> Message {
    Message::new(Html::new().text(text).into_string())
}

/// Returns the reply to `/help` and to what is no command: an opening, and the commands with what
/// they do.
pub fn help(opening: &str, menu: &[(&str, &str)]) -> Message {
    let mut html = Html::new().text(opening).text("\n");
    for (command, description) in menu {
        html = html.text(&format!("\n/{command} — {description}"));
    }
    Message::new(html.into_string())
}

/// Returns a text with its commands as they are typed elsewhere about a channel: with its number
/// before the other words. `commands` are the commands that take a channel.
pub fn with_channel(text: &str, target: Target, commands: &[&str]) -> String {
    let Some(target) = target else {
        return text.to_owned();
    };
    commands.iter().fold(text.to_owned(), |text, command| {
        text.replace(&format!("/{command} "), &format!("/{command} {} ", target.chat))
    })
}

/// Returns words, and below them commands to send next, each after what it is for.
pub fn advice(words: &str, next: &[(&str, String)], lang: Lang) -> Message {
    let mut html = Html::new().text(words);
    for (what_for, command) in next {
        html = html.text("\n").text(what_for).text(lang.phrases().colon);
        // A tap on a command sends it without the words after it, so a command with words is set as
        // code, which a tap copies.
        html = if command.contains(' ') { html.code(command) } else { html.text(command) };
    }
    Message::new(html.into_string())
}

/// Returns words, and below them the forms of a command with what they do. A tap copies a form.
pub fn forms(words: &str, forms: &[(String, &str)]) -> Message {
    let mut html = Html::new().text(words);
    for (command, what_for) in forms {
        html = html.text("\n").code(command).text(" — ").text(what_for);
    }
    Message::new(html.into_string())
}

/// Adds a line to a message about a channel that is shown elsewhere: "here" in it means the
/// channel.
pub fn in_channel(message: Message, lang: Lang) -> Message {
    headed(lang.phrases().in_channel, message)
}

/// Adds a line above a message, if there is space for it.
pub fn headed(head: &str, message: Message) -> Message {
    let head = Html::new().text(head).text("\n");
    match units(&message.html) + head.units() <= TEXT_UNITS_MAX {
        true => Message { html: head.into_string() + &message.html, ..message },
        false => message,
    }
}
