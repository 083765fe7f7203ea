//! `/channel`: what a channel gets, chosen in a private chat with one of its admins: by its public name or its
//! number, or by forwarding one of its posts. What is typed for a channel is typed there as well, with the
//! channel before the other words: `/words @name with fog`.

use super::{Ask, Command, Name, Rights};
use crate::{
    domain::{ChatId, Message, Place},
    render,
};

/// The channel that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// By its public name, with the `@`.
    Name(String),
    /// By its number.
    Id(ChatId),
}

/// The channel that a command in a private chat is about, and the command without it.
pub(super) fn aim(command: &Command) -> Option<(Aim, Command)> {
    let (first, rest) =
        command.argument.split_once(char::is_whitespace).unwrap_or((&command.argument, ""));
    let named = match command.name {
        Name::Channel => name(first).map(Aim::Name),
        Name::Settings
        | Name::Sources
        | Name::Words
        | Name::Zone
        | Name::Quiet
        | Name::Digest
        | Name::Language
        | Name::Counter
        | Name::Watch
        | Name::Unwatch => name(first).filter(|_| first.starts_with('@')).map(Aim::Name),
        _ => return None,
    };
    let aim = named.or_else(|| id(first).map(Aim::Id))?;
    Some((aim, Command { name: command.name, argument: rest.trim().to_owned() }))
}

/// The public name of a channel as people write it: `@name`, `name`, `https://t.me/name`.
fn name(text: &str) -> Option<String> {
    let name = text.rsplit('/').next().unwrap_or_default().trim_start_matches('@');
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = (4..=32).contains(&name.len()) && name.chars().all(good);
    is_name.then(|| format!("@{name}"))
}

/// The number of a channel: `-1001234567890`.
fn id(text: &str) -> Option<ChatId> {
    let id: i64 = text.strip_prefix("-100").filter(|rest| rest.len() >= 9)?.parse().ok()?;
    text.parse().ok().filter(|_| id > 0).map(ChatId)
}

/// What is said to `/channel` without a channel.
pub(super) fn usage(ask: Ask<'_>) -> Message {
    render::plain(ask.lang.phrases().channel_usage)
}

/// Why somebody cannot manage the channel that he names; `None` if he can.
pub(super) fn refusal(ask: Ask<'_>, rights: Rights, is_known: bool) -> Option<Message> {
    let phrases = ask.lang.phrases();
    match rights {
        Rights::Given if is_known => None,
        Rights::Given | Rights::Missing => Some(render::plain(phrases.channel_unknown)),
        Rights::Unknown => Some(render::plain(phrases.admins_unknown)),
    }
}

/// The ways to choose what a channel gets.
pub(super) fn menu(ask: Ask<'_>) -> Message {
    let number = ask.target.chat.0.to_string();
    let opening = (ask.lang.phrases().channel_menu)(ask.channel.unwrap_or(&number));
    render::channel(&opening, ask.button_target(), ask.lang)
}

/// The place of a channel.
pub(super) fn place(channel: ChatId) -> Place {
    Place { chat: channel, thread: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_named_as_people_name_them() {
        let aimed = |name, argument: &str| {
            let (aim, rest) = aim(&Command { name, argument: argument.to_owned() })?;
            Some((aim, rest.argument))
        };
        let named = |rest: &str| Some((Aim::Name("@lights".to_owned()), rest.to_owned()));
        for text in ["@lights", "lights", "https://t.me/lights", "t.me/lights "] {
            assert_eq!(aimed(Name::Channel, text), named(""), "{text}");
        }
        for text in ["", "@", "a b", "@ab", "https://t.me/+abcdef", "-5", "-100x00000000"] {
            assert_eq!(aimed(Name::Channel, text), None, "{text}");
        }
        let channel = ChatId(-1_001_234_567_890);
        assert_eq!(aimed(Name::Words, "@lights with fog"), named("with fog"));
        let by_id = Some((Aim::Id(channel), "with fog".to_owned()));
        assert_eq!(aimed(Name::Words, "-1001234567890  with fog"), by_id);
        assert_eq!(aimed(Name::Words, "lights with fog"), None);
        assert_eq!(aimed(Name::Watch, "https://t.me/lights"), None);
        assert_eq!(aimed(Name::Search, "@lights"), None);
    }
}
