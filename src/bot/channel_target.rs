//! The channel before the other words of a command in a private chat: `/words @name with fog`.
//!
//! Grammar of the channel: `@name`, or an ID `-100…`, or the address of a post in a private
//! channel; for some commands also a link `t.me/name` or a bare name.
//! Out of scope: whether the user may manage the channel (`request`, `handle`).

use crate::domain::ChatId;

/// How a command names a channel before its other words, in a private chat. All forms but `None`
/// include the ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChannelArgument {
    /// It takes no channel.
    None,
    /// As `@name`: a link may be something else, and so may a bare word.
    Name,
    /// As `@name` or a link: a bare word may be a source.
    NameOrLink,
    /// As `@name`, a link, or a bare name.
    Any,
}

/// The channel that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChannelTarget {
    /// By its public name, with the `@`.
    Name(String),
    /// By its ID.
    Id(ChatId),
}

/// Splits the channel off the argument of a command, or returns `None` if it begins with none.
pub(super) fn split_channel(
    form: ChannelArgument,
    argument: &str,
) -> Option<(ChannelTarget, &str)> {
    let (first, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let is_name = first.starts_with('@');
    let may_be_name = match form {
        ChannelArgument::None => return None,
        ChannelArgument::Name => is_name,
        ChannelArgument::NameOrLink => is_name || is_link(first),
        ChannelArgument::Any => true,
    };
    let named = name(first).filter(|_| may_be_name).map(ChannelTarget::Name);
    let target = named.or_else(|| id(first).map(ChannelTarget::Id))?;
    Some((target, rest.trim()))
}

/// Returns the public name of a channel from `@name`, `name`, `https://t.me/name`, or the address
/// of one of its posts.
fn name(text: &str) -> Option<String> {
    let name = path(text).map_or(text, |path| path.split('/').next().unwrap_or_default());
    let name = name.trim_start_matches('@');
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = (4..=32).contains(&name.len()) && name.chars().all(is_allowed);
    is_name.then(|| format!("@{name}"))
}

/// Returns the ID of a channel from `-1001234567890`, or from the address of a post in a channel
/// without a public name, `https://t.me/c/1234567890/5`.
fn id(text: &str) -> Option<ChatId> {
    let of_post = || Some(format!("-100{}", path(text)?.strip_prefix("c/")?.split('/').next()?));
    let text = of_post().unwrap_or_else(|| text.to_owned());
    let id: i64 = text.strip_prefix("-100").filter(|rest| rest.len() >= 9)?.parse().ok()?;
    text.parse().ok().filter(|_| id > 0).map(ChatId)
}

/// Returns the path of a Telegram link, without the prefix of its web preview.
fn path(text: &str) -> Option<&str> {
    let address = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let (host, path) = address.unwrap_or(text).split_once('/')?;
    let is_telegram = matches!(host.to_ascii_lowercase().as_str(), "t.me" | "telegram.me");
    is_telegram.then(|| path.strip_prefix("s/").unwrap_or(path))
}

fn is_link(text: &str) -> bool {
    path(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_named_as_people_name_them() {
        let (any, link, at) =
            (ChannelArgument::Any, ChannelArgument::NameOrLink, ChannelArgument::Name);
        let named = |rest| Some((ChannelTarget::Name("@lights".to_owned()), rest));
        let links =
            ["https://t.me/lights", "T.me/lights", "t.me/lights/17", "http://t.me/s/lights"];
        for text in links.into_iter().chain(["@lights", "lights"]) {
            assert_eq!(split_channel(any, text), named(""), "{text}");
        }
        for text in ["@lights harbour", "t.me/lights harbour", "https://t.me/lights/17  harbour"] {
            assert_eq!(split_channel(link, text), named("harbour"), "{text}");
        }
        // A bare word may be a source, but is no channel.
        for text in ["lights", "lights.example/lights", "it", "t.me/lights?start=harbour"] {
            assert_eq!(split_channel(link, text), None, "{text}");
        }
        for text in ["", "@", "a b", "@ab", "https://t.me/+abcdef", "-5", "-100x00000000"] {
            assert_eq!(split_channel(any, text), None, "{text}");
            assert_eq!(split_channel(link, text), None, "{text}");
        }
        let channel = ChatId(-1_001_234_567_890);
        assert_eq!(split_channel(at, "@lights with fog"), named("with fog"));
        let by_id = Some((ChannelTarget::Id(channel), "with fog"));
        for text in ["-1001234567890  with fog", "https://t.me/c/1234567890/5 with fog"] {
            assert_eq!(split_channel(at, text), by_id, "{text}");
            assert_eq!(split_channel(link, text), by_id, "{text}");
        }
        assert_eq!(split_channel(at, "lights with fog"), None);
        assert_eq!(split_channel(at, "https://t.me/lights"), None);
        assert_eq!(split_channel(ChannelArgument::None, "@lights"), None);
    }
}
