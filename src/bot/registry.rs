//! The registry of commands: one row each.
//!
//! To add a command: a row here; a file in `commands` with its `Argument`, `parse` and `run`, and
//! its `mod` line in `commands/mod.rs`; and its phrases in `lang`. The compiler names what is
//! missing.
//! A row says who may use the command, in which forms a channel may come before its other words,
//! where it is listed and with which phrase.
//! The order of the rows is the order of the menu.
//! Out of scope: finding commands in a text (`command`), and checking permissions (`handle`).

use super::{
    catalog::{Audience, Catalog, Listing, MenuEntry},
    channel_target::ChannelArgument,
    commands,
    context::Context,
    reply::CommandReply,
};
use crate::{
    lang::Lang,
    store::{Result, UpdateTx},
};
use std::sync::LazyLock;

/// Who may use a command in a group; this may depend on its argument.
enum Access<T> {
    /// All members: it changes nothing that others receive.
    Everyone,
    /// Admins.
    Admins,
    /// Admins, if this returns true for the argument; else all members.
    AdminsIf(fn(&T) -> bool),
}

/// Who marks a reply about a channel. A row without a `head` is
/// [`InChannel`](ReplyHead::InChannel).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReplyHead {
    /// The bot puts "In the channel:" above it.
    InChannel,
    /// The reply says so itself.
    Own,
}

/// The facts of a row that do not depend on the argument.
struct Row {
    word: &'static str,
    channel: ChannelArgument,
    head: ReplyHead,
    listing: Listing,
}

macro_rules! registry {
    (@head) => { ReplyHead::InChannel };
    (@head $head:expr) => { $head };
    ($(
        $(#[$doc:meta])*
        $name:ident($module:ident) {
            word: $word:literal,
            access: $access:expr,
            channel: $channel:expr,
            $(head: $head:expr,)?
            listing: $listing:expr $(,)?
        }
    )+) => {
        /// The name of a command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum CommandName { $($(#[$doc])* $name,)+ }

        /// A command with its typed argument.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Command { $($(#[$doc])* $name(commands::$module::Argument),)+ }

        impl CommandName {
            /// All commands, in the order of the menu.
            pub(super) const ALL: &[CommandName] = &[$(CommandName::$name,)+];

            fn row(self) -> Row {
                match self {
                    $(CommandName::$name => Row {
                        word: $word,
                        channel: $channel,
                        head: registry!(@head $($head)?),
                        listing: $listing,
                    },)+
                }
            }
        }

        impl Command {
            /// Parses the argument of a command: the words that are left without the command and
            /// the channel.
            pub(super) fn parse(name: CommandName, text: &str) -> Self {
                match name {
                    $(CommandName::$name => Command::$name(commands::$module::parse(text)),)+
                }
            }

            /// Returns the name of the command.
            pub(super) fn name(&self) -> CommandName {
                match self { $(Command::$name(_) => CommandName::$name,)+ }
            }

            /// Whether only admins may use it in a group.
            pub(super) fn requires_admin(&self) -> bool {
                match self {
                    $(Command::$name(argument) => {
                        let access: Access<commands::$module::Argument> = $access;
                        access.requires_admin(argument)
                    })+
                }
            }

            /// Executes the command.
            pub(super) async fn run(
                self,
                tx: &mut UpdateTx,
                context: Context<'_>,
            ) -> Result<CommandReply> {
                match self {
                    $(Command::$name(argument) => {
                        commands::$module::run(tx, context, argument).await
                    })+
                }
            }
        }
    };
}

registry! {
    /// Subscribes the place, or does what a deep link asks for.
    Start(start) {
        word: "start",
        access: Access::AdminsIf(commands::start::subscribes),
        channel: ChannelArgument::None,
        listing: Listing::Admins(|menu| menu.start),
    }
    /// Shows the newest entries.
    Latest(latest) {
        word: "latest",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.latest),
    }
    /// Shows all entries, page by page.
    Archive(archive) {
        word: "archive",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.archive),
    }
    /// Searches the entries.
    Search(search) {
        word: "search",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.search),
    }
    /// Shows the full text of an entry.
    Read(read) {
        word: "read",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.read),
    }
    /// Shows the counters, and changes the custom ones.
    Counter(counter) {
        word: "counter",
        access: Access::AdminsIf(commands::counter::changes_place),
        channel: ChannelArgument::Name,
        listing: Listing::Everyone(|menu| menu.counter),
    }
    /// Shows the time where the institutions are.
    Time(time) {
        word: "time",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.time),
    }
    /// Shows the contacts of the institutions.
    Contact(contact) {
        word: "contact",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.contact),
    }
    /// Shows the sources, to subscribe and unsubscribe.
    Sources(sources) {
        word: "sources",
        access: Access::Everyone,
        channel: ChannelArgument::Name,
        listing: Listing::Admins(|menu| menu.sources),
    }
    /// Adds a page by its address.
    Watch(watch) {
        word: "watch",
        access: Access::Admins,
        channel: ChannelArgument::Name,
        listing: Listing::Watchers(|menu| menu.watch),
    }
    /// Ends the subscription to one source; without its name, lists them to choose from.
    Unwatch(unwatch) {
        word: "unwatch",
        access: Access::Admins,
        channel: ChannelArgument::Name,
        listing: Listing::Hidden,
    }
    /// Shows the settings, with buttons to change them.
    Settings(settings) {
        word: "settings",
        access: Access::Everyone,
        channel: ChannelArgument::Name,
        head: ReplyHead::Own,
        listing: Listing::Everyone(|menu| menu.settings),
    }
    /// Shows or sets the filter.
    Words(words) {
        word: "words",
        access: Access::AdminsIf(commands::words::changes_place),
        channel: ChannelArgument::Name,
        listing: Listing::Hidden,
    }
    /// Shows or sets the time zone.
    Zone(zone) {
        word: "zone",
        access: Access::AdminsIf(commands::zone::Argument::is_change),
        channel: ChannelArgument::Name,
        listing: Listing::Hidden,
    }
    /// Shows or sets the quiet hours.
    Quiet(quiet) {
        word: "quiet",
        access: Access::AdminsIf(commands::quiet::Argument::is_change),
        channel: ChannelArgument::Name,
        listing: Listing::Hidden,
    }
    /// Shows or sets the time of the daily digest.
    Digest(digest) {
        word: "digest",
        access: Access::AdminsIf(commands::digest::Argument::is_change),
        channel: ChannelArgument::Name,
        listing: Listing::Hidden,
    }
    /// Shows or sets the language.
    Language(language) {
        word: "language",
        access: Access::AdminsIf(commands::language::Argument::is_change),
        channel: ChannelArgument::Name,
        listing: Listing::Hidden,
    }
    /// Manages a channel from a private chat with one of its admins.
    Channel(channel) {
        word: "channel",
        access: Access::Everyone,
        channel: ChannelArgument::Any,
        head: ReplyHead::Own,
        listing: Listing::Private(|menu| menu.channel),
    }
    /// Says which data is kept.
    Privacy(privacy) {
        word: "privacy",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.privacy),
    }
    /// Sends the data that is kept as a file.
    Export(export) {
        word: "export",
        access: Access::Admins,
        channel: ChannelArgument::None,
        listing: Listing::Admins(|menu| menu.export),
    }
    /// Ends all subscriptions, which can be undone, or the one to a source.
    Stop(stop) {
        word: "stop",
        access: Access::Admins,
        channel: ChannelArgument::NameOrLink,
        head: ReplyHead::Own,
        listing: Listing::Admins(|menu| menu.stop),
    }
    /// Lists the commands.
    Help(help) {
        word: "help",
        access: Access::Everyone,
        channel: ChannelArgument::None,
        listing: Listing::Everyone(|menu| menu.help),
    }
}

impl<T> Access<T> {
    fn requires_admin(&self, argument: &T) -> bool {
        match self {
            Access::Everyone => false,
            Access::Admins => true,
            Access::AdminsIf(condition) => condition(argument),
        }
    }
}

impl CommandName {
    /// Returns the word after the slash.
    pub(super) fn word(self) -> &'static str {
        self.row().word
    }

    /// Returns how the command names a channel.
    pub(super) fn channel_argument(self) -> ChannelArgument {
        self.row().channel
    }

    /// Whether its reply says by itself which channel is meant.
    pub(super) fn reply_names_channel(self) -> bool {
        self.row().head == ReplyHead::Own
    }
}

/// The menu, and which commands take a channel; handlers get it in their `Context`, so that they
/// need not import this module.
pub(super) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog {
    menu,
    channel_commands: CommandName::ALL
        .iter()
        .filter(|name| name.channel_argument() != ChannelArgument::None)
        .map(|name| name.word())
        .collect(),
});

/// Returns the commands for an audience with what they do, in the order of the menu. `may_watch`:
/// whether the audience may add pages.
pub fn menu(lang: Lang, audience: Audience, may_watch: bool) -> Vec<MenuEntry> {
    let phrases = &lang.phrases().menu;
    let entry = |name: &CommandName| {
        let row = name.row();
        let phrase = row.listing.phrase(audience, may_watch)?;
        Some((row.word, phrase(phrases)))
    };
    CommandName::ALL.iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_are_within_the_limits_of_telegram() {
        for lang in Lang::ALL {
            for (word, description) in menu(lang, Audience::Private, true) {
                assert!(word.len() <= 32 && word.bytes().all(|b| b.is_ascii_lowercase()));
                assert!((1..=256).contains(&description.chars().count()));
            }
        }
    }

    #[test]
    fn each_audience_sees_the_commands_that_it_may_use() {
        let words = |audience, may_watch| -> Vec<_> {
            menu(Lang::En, audience, may_watch).into_iter().map(|(word, _)| word).collect()
        };
        let all = [
            "start", "latest", "archive", "search", "read", "counter", "time", "contact",
            "sources", "watch", "settings", "channel", "privacy", "export", "stop", "help",
        ];
        assert_eq!(words(Audience::Private, true), all);
        let without = |left_out: &[&str]| -> Vec<_> {
            all.into_iter().filter(|word| !left_out.contains(word)).collect()
        };
        assert_eq!(words(Audience::Private, false), without(&["watch"]));
        assert_eq!(words(Audience::GroupAdmins, true), without(&["channel"]));
        let of_admins = ["channel", "start", "stop", "sources", "watch", "export"];
        assert_eq!(words(Audience::Group, true), without(&of_admins));
    }

    #[test]
    fn no_two_commands_have_the_same_word() {
        let words: std::collections::BTreeSet<_> =
            CommandName::ALL.iter().map(|name| name.word()).collect();
        assert_eq!(words.len(), CommandName::ALL.len());
    }
}
