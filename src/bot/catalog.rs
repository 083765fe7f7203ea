//! What the commands have to know of each other: the menu, and which of them take a channel.
//!
//! The registry fills it in, and handlers get it with their context. So a handler can list the
//! commands without depending on the registry, which depends on the handlers.

use crate::lang::{Lang, MenuPhrases};

/// Who sees a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A user in their private chat.
    Private,
    /// The members of a group.
    Group,
    /// The admins of a group.
    GroupAdmins,
}

/// The phrase of a command in the menu.
pub(super) type MenuPhrase = fn(&MenuPhrases) -> &'static str;

/// Where a command is listed. Private chats list all that is not hidden.
#[derive(Clone, Copy, Debug)]
pub(super) enum Listing {
    /// Nowhere: it is typed as another page says.
    Hidden,
    /// Everywhere.
    Everyone(MenuPhrase),
    /// Not for the members of a group.
    Admins(MenuPhrase),
    /// Not for the members of a group, nor for those who may not add pages.
    Watchers(MenuPhrase),
    /// In private chats only.
    Private(MenuPhrase),
}

impl Listing {
    /// Returns the phrase of the command if it is listed. `may_watch`: whether the audience may add
    /// pages.
    pub(super) fn phrase(self, audience: Audience, may_watch: bool) -> Option<MenuPhrase> {
        let is_for_admins = audience != Audience::Group;
        match self {
            Listing::Hidden => None,
            Listing::Everyone(phrase) => Some(phrase),
            Listing::Admins(phrase) => is_for_admins.then_some(phrase),
            Listing::Watchers(phrase) => (is_for_admins && may_watch).then_some(phrase),
            Listing::Private(phrase) => (audience == Audience::Private).then_some(phrase),
        }
    }
}

/// A command of the menu, without the slash, and what it does.
pub(super) type MenuEntry = (&'static str, &'static str);

/// What a handler may know of all commands.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// Returns the menu of an audience in a language, given whether it may add pages.
    pub(super) menu: fn(Lang, Audience, bool) -> Vec<MenuEntry>,
    /// The commands that take a channel before their other words.
    pub(super) channel_commands: Vec<&'static str>,
}
