//! Parsing a text into a command with its typed argument. Pure.
//!
//! Grammar: `/name`, `/name@bot`, and words after it. In a private chat a channel may come before
//! the other words (`channel_target`). What the other words mean is the grammar of each command
//! (`commands`).

use super::{
    channel_target::{ChannelTarget, split_channel},
    registry::{Command, CommandName},
};
use crate::domain::ChatKind;

/// A command as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Invocation {
    /// The command with its argument.
    pub(super) command: Command,
    /// The channel that it names, in a private chat.
    pub(super) channel: Option<ChannelTarget>,
    /// All words after the command, without blanks around them.
    pub(super) words: String,
}

/// What a text is to this bot.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parsed {
    /// A command.
    Command(Invocation),
    /// A command that this bot does not have.
    Unknown {
        /// The command with the most similar spelling.
        nearest: Option<&'static str>,
        /// Whether it is addressed to this bot by name.
        is_addressed: bool,
    },
    /// A command for another bot.
    ForOthers,
    /// No command.
    Talk,
}

/// The most letters by which a misspelt command may differ.
const MISSPELT_MAX: usize = 2;
/// The longest word that is compared with the commands, in characters.
const WORD_CHARS_MAX: usize = 40;

/// Parses a text in a chat of a kind.
pub(super) fn parse(text: &str, username: &str, kind: ChatKind) -> Parsed {
    let Some(command) = text.trim_start().strip_prefix('/') else {
        return Parsed::Talk;
    };
    let command = command.trim_start();
    let end = command.find(char::is_whitespace).unwrap_or(command.len());
    let (first, words) = command.split_at(end);
    let (word, addressee) = match first.split_once('@') {
        Some((word, addressee)) => (word, Some(addressee)),
        None => (first, None),
    };
    if addressee.is_some_and(|addressee| !addressee.eq_ignore_ascii_case(username)) {
        return Parsed::ForOthers;
    }
    let word = word.to_lowercase();
    match find(&word) {
        Some(name) => Parsed::Command(invocation(name, words.trim(), kind)),
        None => Parsed::Unknown { nearest: nearest(&word), is_addressed: addressee.is_some() },
    }
}

fn invocation(name: CommandName, words: &str, kind: ChatKind) -> Invocation {
    let split = match kind {
        ChatKind::Private => split_channel(name.channel_argument(), words),
        ChatKind::Group | ChatKind::Channel => None,
    };
    let (channel, argument) = match split {
        Some((channel, argument)) => (Some(channel), argument),
        None => (None, words),
    };
    Invocation { command: Command::parse(name, argument), channel, words: words.to_owned() }
}

fn find(word: &str) -> Option<CommandName> {
    // The plural is what people call them.
    let word = if word == "counters" { "counter" } else { word };
    CommandName::ALL.iter().copied().find(|name| name.word() == word)
}

/// Returns the command with the spelling most similar to a word, if it is close enough.
fn nearest(word: &str) -> Option<&'static str> {
    if word.chars().count() > WORD_CHARS_MAX {
        return None;
    }
    let all = CommandName::ALL.iter().map(|name| name.word());
    let (distance, name) = all
        .map(|name| (strsim::osa_distance(word, name), name))
        .min_by_key(|(distance, _)| *distance)?;
    // Every letter of a short word counts.
    (distance <= MISSPELT_MAX && distance * 2 < name.len()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_commands_of_this_bot_or_not() {
        let command = |name, words: &str| {
            Parsed::Command(Invocation {
                command: Command::parse(name, words),
                channel: None,
                words: words.to_owned(),
            })
        };
        let unknown = |nearest| Parsed::Unknown { nearest, is_addressed: false };
        let cases = [
            ("/start", command(CommandName::Start, "")),
            ("/start embassy", command(CommandName::Start, "embassy")),
            ("  /START@Communique_Bot now", command(CommandName::Start, "now")),
            ("/start@other_bot", Parsed::ForOthers),
            ("/stop", command(CommandName::Stop, "")),
            ("/latest\n10", command(CommandName::Latest, "10")),
            ("/search  \"light dues\" fog ", command(CommandName::Search, "\"light dues\" fog")),
            ("/counter@communique_bot", command(CommandName::Counter, "")),
            ("/counters", command(CommandName::Counter, "")),
            ("/help me", command(CommandName::Help, "me")),
            ("/latset", unknown(Some("latest"))),
            ("/subscribe", unknown(None)),
            ("/satrt", unknown(Some("start"))),
            ("/serch fog", unknown(Some("search"))),
            ("/x", unknown(None)),
            ("/", unknown(None)),
            ("/ start", command(CommandName::Start, "")),
            ("//start", unknown(Some("start"))),
            (
                "/laetst@communique_bot",
                Parsed::Unknown { nearest: Some("latest"), is_addressed: true },
            ),
            ("start", Parsed::Talk),
            ("see /start", Parsed::Talk),
            ("", Parsed::Talk),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, "communique_bot", ChatKind::Group), expected, "{text:?}");
        }
    }

    #[test]
    fn only_admins_may_use_what_changes_a_place() {
        let changes = |text: &str| match parse(text, "a_bot", ChatKind::Group) {
            Parsed::Command(invocation) => invocation.command.requires_admin(),
            _ => false,
        };
        for text in
            ["/start", "/start embassy", "/stop", "/words with fog", "/counter add 2020-01-31 x"]
        {
            assert!(changes(text), "{text}");
        }
        for text in
            ["/start r17", "/latest 5", "/counter", "/words", "/zone", "/settings", "/privacy"]
        {
            assert!(!changes(text), "{text}");
        }
    }

    #[test]
    fn only_private_chats_name_a_channel() {
        let parsed = |kind| match parse("/words @lights with fog", "a_bot", kind) {
            Parsed::Command(invocation) => invocation,
            parsed => panic!("{parsed:?}"),
        };
        let private = parsed(ChatKind::Private);
        assert_eq!(private.channel, Some(ChannelTarget::Name("@lights".to_owned())));
        assert_eq!(private.command, Command::parse(CommandName::Words, "with fog"));
        let group = parsed(ChatKind::Group);
        assert_eq!(group.channel, None);
        assert_eq!(group.command, Command::parse(CommandName::Words, "@lights with fog"));
    }
}
