//! Words → commands. Pure.

use crate::domain::EntryRef;

/// What a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandName {
    /// Subscribe, or what a link that leads here asks for.
    Start,
    /// Unsubscribe.
    Stop,
    /// The newest entries.
    Latest,
    /// All entries, page by page.
    Archive,
    /// Entries in which something is found.
    Search,
    /// A whole statement.
    Read,
    /// The counters, and the place's own.
    Counter,
    /// The time where the institutions are.
    Time,
    /// Their telephone lines.
    Contact,
    /// The sources to choose among.
    Sources,
    /// To have a page watched.
    Watch,
    /// To end that.
    Unwatch,
    /// What the place chose.
    Settings,
    /// The words that decide.
    Words,
    /// The time zone.
    Zone,
    /// The hours in which nothing rings.
    Quiet,
    /// A digest a day.
    Digest,
    /// The language.
    Language,
    /// What a channel gets, from a private chat with one of its admins.
    Channel,
    /// What is kept.
    Privacy,
    /// The same as a file.
    Export,
    /// What there is.
    Help,
}

impl CommandName {
    const ALL: [(CommandName, &'static str); 22] = [
        (CommandName::Start, "start"),
        (CommandName::Stop, "stop"),
        (CommandName::Latest, "latest"),
        (CommandName::Archive, "archive"),
        (CommandName::Search, "search"),
        (CommandName::Read, "read"),
        (CommandName::Counter, "counter"),
        (CommandName::Time, "time"),
        (CommandName::Contact, "contact"),
        (CommandName::Sources, "sources"),
        (CommandName::Watch, "watch"),
        (CommandName::Unwatch, "unwatch"),
        (CommandName::Settings, "settings"),
        (CommandName::Words, "words"),
        (CommandName::Zone, "zone"),
        (CommandName::Quiet, "quiet"),
        (CommandName::Digest, "digest"),
        (CommandName::Language, "language"),
        (CommandName::Channel, "channel"),
        (CommandName::Privacy, "privacy"),
        (CommandName::Export, "export"),
        (CommandName::Help, "help"),
    ];

    fn of(word: &str) -> Option<Self> {
        // The plural is how people call them.
        let word = if word == "counters" { "counter" } else { word };
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(name, _)| *name)
    }
}

/// A command: what it is about, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it is about.
    pub name: CommandName,
    /// The words after it, without blanks around them.
    pub argument: String,
}

impl Command {
    /// Whether it changes what the place gets or counts, which in groups only admins may.
    pub fn requires_admin(&self) -> bool {
        let first = self.argument.split_whitespace().next().unwrap_or_default();
        match self.name {
            CommandName::Start => !is_reading(&self.argument),
            CommandName::Stop | CommandName::Watch | CommandName::Unwatch | CommandName::Export => {
                true
            }
            CommandName::Words
            | CommandName::Zone
            | CommandName::Quiet
            | CommandName::Digest
            | CommandName::Language => !first.is_empty(),
            CommandName::Counter => !first.is_empty(),
            _ => false,
        }
    }
}

/// Whether what a link to `/start` carries asks for a statement.
fn is_reading(payload: &str) -> bool {
    read_of(payload).is_some()
}

/// The statement that a link to `/start` asks for.
pub(super) fn read_of(payload: &str) -> Option<EntryRef> {
    payload.strip_prefix('r')?.parse().ok().filter(|handle: &EntryRef| handle.entry_id > 0)
}

/// What a text is to this bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A command.
    Command(Command),
    /// A command that it does not know, and the nearest one that it does.
    Unknown {
        /// The nearest one.
        nearest: Option<&'static str>,
        /// Whether it was said to this bot by name.
        is_addressed: bool,
    },
    /// A command to another bot.
    ForOthers,
    /// No command.
    Talk,
}

/// The most letters by which a command may be misspelt.
const MISSPELT_MAX: usize = 2;

/// Parses a text as Telegram's clients send commands: `/name`, `/name@bot`, `/name words`.
pub fn parse(text: &str, username: &str) -> Parsed {
    let Some(command) = text.trim_start().strip_prefix('/') else {
        return Parsed::Talk;
    };
    let command = command.trim_start();
    let end = command.find(char::is_whitespace).unwrap_or(command.len());
    let (first, argument) = command.split_at(end);
    let (word, addressee) = match first.split_once('@') {
        Some((word, addressee)) => (word, Some(addressee)),
        None => (first, None),
    };
    if addressee.is_some_and(|addressee| !addressee.eq_ignore_ascii_case(username)) {
        return Parsed::ForOthers;
    }
    let word = word.to_lowercase();
    match CommandName::of(&word) {
        Some(name) => Parsed::Command(Command { name, argument: argument.trim().to_owned() }),
        None => Parsed::Unknown { nearest: nearest(&word), is_addressed: addressee.is_some() },
    }
}

/// The command that is misspelt, if it is not too much so.
fn nearest(word: &str) -> Option<&'static str> {
    if word.chars().count() > 40 {
        return None;
    }
    let all = CommandName::ALL.iter().map(|(_, name)| (strsim::osa_distance(word, name), *name));
    let (distance, name) = all.min_by_key(|(distance, _)| *distance)?;
    // Of a short word every letter counts.
    (distance <= MISSPELT_MAX && distance * 2 < name.len()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_commands_of_this_bot_or_not() {
        let command =
            |name, argument: &str| Parsed::Command(Command { name, argument: argument.to_owned() });
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
            assert_eq!(parse(text, "communique_bot"), expected, "{text:?}");
        }
    }

    #[test]
    fn what_changes_a_place_is_told_from_what_asks() {
        let changes = |text: &str| match parse(text, "a_bot") {
            Parsed::Command(command) => command.requires_admin(),
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
}
