//! `/channel`: what a channel gets, chosen in a private chat with one of its admins: by its public name or its
//! number, or by forwarding one of its posts. What is typed for a channel is typed there as well, with the
//! channel before the other words: `/words @name with fog`.

use super::{Command, CommandName, Context, Permission};
use crate::{
    domain::{ChatId, Message, Place},
    message,
};

/// The channel that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChannelTarget {
    /// By its public name, with the `@`.
    Name(String),
    /// By its number.
    Id(ChatId),
}

/// The channel that a command in a private chat is about, and the command without it.
pub(super) fn channel_target(command: &Command) -> Option<(ChannelTarget, Command)> {
    let (first, rest) =
        command.argument.split_once(char::is_whitespace).unwrap_or((&command.argument, ""));
    let named = match command.name {
        CommandName::Channel => name(first).map(ChannelTarget::Name),
        // A link to a channel is no page to watch, and a bare word may be a source.
        CommandName::Stop => name(first)
            .filter(|_| first.starts_with('@') || is_link(first))
            .map(ChannelTarget::Name),
        CommandName::Settings
        | CommandName::Sources
        | CommandName::Words
        | CommandName::Zone
        | CommandName::Quiet
        | CommandName::Digest
        | CommandName::Language
        | CommandName::Counter
        | CommandName::Watch
        | CommandName::Unwatch => {
            name(first).filter(|_| first.starts_with('@')).map(ChannelTarget::Name)
        }
        _ => return None,
    };
    let aim = named.or_else(|| id(first).map(ChannelTarget::Id))?;
    Some((aim, Command { name: command.name, argument: rest.trim().to_owned() }))
}

/// The public name of a channel as people write it: `@name`, `name`, `https://t.me/name`, or the address of
/// one of its posts.
fn name(text: &str) -> Option<String> {
    let name = path(text).map_or(text, |path| path.split('/').next().unwrap_or_default());
    let name = name.trim_start_matches('@');
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = (4..=32).contains(&name.len()) && name.chars().all(good);
    is_name.then(|| format!("@{name}"))
}

/// The number of a channel: `-1001234567890`, or as the address of a post in a channel without a public
/// name has it, `https://t.me/c/1234567890/5`.
fn id(text: &str) -> Option<ChatId> {
    let of_post = || Some(format!("-100{}", path(text)?.strip_prefix("c/")?.split('/').next()?));
    let text = of_post().unwrap_or_else(|| text.to_owned());
    let id: i64 = text.strip_prefix("-100").filter(|rest| rest.len() >= 9)?.parse().ok()?;
    text.parse().ok().filter(|_| id > 0).map(ChatId)
}

/// What follows the host in an address of Telegram's, without what is only a way to look at it.
fn path(text: &str) -> Option<&str> {
    let address = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let (host, path) = address.unwrap_or(text).split_once('/')?;
    let is_telegram = matches!(host.to_ascii_lowercase().as_str(), "t.me" | "telegram.me");
    is_telegram.then(|| path.strip_prefix("s/").unwrap_or(path))
}

fn is_link(text: &str) -> bool {
    path(text).is_some()
}

/// What is said to `/channel` without a channel.
pub(super) fn usage(ask: Context<'_>) -> Message {
    message::plain(ask.lang.phrases().channel_usage)
}

/// Why somebody cannot manage the channel that they name; `None` if they can.
pub(super) fn refusal(ask: Context<'_>, rights: Permission, is_known: bool) -> Option<Message> {
    let phrases = ask.lang.phrases();
    match rights {
        Permission::Granted if is_known => None,
        Permission::Granted | Permission::Denied => Some(message::plain(phrases.channel_unknown)),
        Permission::Unknown => Some(message::plain(phrases.admins_unknown)),
    }
}

/// The ways to choose what a channel gets.
pub(super) fn menu(ask: Context<'_>) -> Message {
    let number = ask.target.chat.0.to_string();
    let opening = (ask.lang.phrases().channel_menu)(ask.channel.unwrap_or(&number));
    message::channel(&opening, ask.button_target(), ask.lang)
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
            let (aim, rest) = channel_target(&Command { name, argument: argument.to_owned() })?;
            Some((aim, rest.argument))
        };
        let named = |rest: &str| Some((ChannelTarget::Name("@lights".to_owned()), rest.to_owned()));
        let links =
            ["https://t.me/lights", "T.me/lights", "t.me/lights/17", "http://t.me/s/lights"];
        for text in links.into_iter().chain(["@lights", "lights"]) {
            assert_eq!(aimed(CommandName::Channel, text), named(""), "{text}");
        }
        for text in ["@lights harbour", "t.me/lights harbour", "https://t.me/lights/17  harbour"] {
            assert_eq!(aimed(CommandName::Stop, text), named("harbour"), "{text}");
        }
        // A bare word is a source, or nothing.
        for text in ["lights", "lights.example/lights", "it", "t.me/lights?start=harbour"] {
            assert_eq!(aimed(CommandName::Stop, text), None, "{text}");
        }
        for text in ["", "@", "a b", "@ab", "https://t.me/+abcdef", "-5", "-100x00000000"] {
            assert_eq!(aimed(CommandName::Channel, text), None, "{text}");
            assert_eq!(aimed(CommandName::Stop, text), None, "{text}");
        }
        let channel = ChatId(-1_001_234_567_890);
        assert_eq!(aimed(CommandName::Words, "@lights with fog"), named("with fog"));
        let by_id = Some((ChannelTarget::Id(channel), "with fog".to_owned()));
        for text in ["-1001234567890  with fog", "https://t.me/c/1234567890/5 with fog"] {
            assert_eq!(aimed(CommandName::Words, text), by_id, "{text}");
            assert_eq!(aimed(CommandName::Stop, text), by_id, "{text}");
        }
        assert_eq!(aimed(CommandName::Words, "lights with fog"), None);
        assert_eq!(aimed(CommandName::Watch, "https://t.me/lights"), None);
        assert_eq!(aimed(CommandName::Search, "@lights"), None);
    }
}
