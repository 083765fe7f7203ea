//! `/channel`: what a channel gets, chosen in a private chat with one of its admins: by its public name, or
//! by forwarding one of its posts.

use super::{Ask, Facts, Rights};
use crate::{
    domain::{ChatId, Message, Place},
    render,
};

/// The public name of a channel as people write it: `@name`, `name`, `https://t.me/name`.
pub(super) fn name(argument: &str) -> Option<String> {
    let name = argument.trim().rsplit('/').next().unwrap_or_default().trim_start_matches('@');
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = (4..=32).contains(&name.len()) && name.chars().all(good);
    is_name.then(|| format!("@{name}"))
}

pub(super) fn command(ask: Ask<'_>, argument: &str, facts: Facts) -> Message {
    let phrases = ask.lang.phrases();
    match (name(argument), facts.channel) {
        (None, _) => render::plain(phrases.channel_usage),
        (Some(_), Some(channel)) => menu(ask, channel, facts.rights),
        (Some(_), None) if facts.rights == Rights::Unknown => render::plain(phrases.admins_unknown),
        (Some(_), None) => render::plain(phrases.channel_unknown),
    }
}

pub(super) fn forwarded(ask: Ask<'_>, channel: ChatId, rights: Rights) -> super::Said {
    menu(ask, channel, rights).into()
}

fn menu(ask: Ask<'_>, channel: ChatId, rights: Rights) -> Message {
    let phrases = ask.lang.phrases();
    match rights {
        Rights::Given => {
            let target = Some(Place { chat: channel, thread: None });
            render::channel(phrases.channel_menu, target, ask.lang)
        }
        Rights::Missing => render::plain(phrases.channel_unknown),
        Rights::Unknown => render::plain(phrases.admins_unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_named_as_people_name_them() {
        for text in ["@lights", "lights", "https://t.me/lights", " t.me/lights "] {
            assert_eq!(name(text).as_deref(), Some("@lights"), "{text}");
        }
        for text in ["", "@", "a b", "@ab", "https://t.me/+abcdef"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
