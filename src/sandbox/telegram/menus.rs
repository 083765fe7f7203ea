//! The command menus: which one is set for which scope and language, and which one a user sees.

use super::types::ChatType;
use serde_json::Value;
use std::collections::BTreeMap;

/// The scope of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All users, unless a narrower scope applies.
    Default,
    /// All private chats.
    AllPrivateChats,
    /// All groups.
    AllGroupChats,
    /// The admins of all groups.
    AllChatAdministrators,
}

/// The menus that are set.
#[derive(Clone, Debug, Default)]
pub struct Menus {
    menus: BTreeMap<(Scope, String), Value>,
}

impl Menus {
    /// Sets a menu for a scope and a language; "" means all others.
    pub fn set(&mut self, scope: Scope, language: &str, commands: Value) {
        self.menus.insert((scope, language.to_owned()), commands);
    }

    /// The menu that is set for exactly this scope and language.
    pub fn get(&self, scope: Scope, language: &str) -> Option<&Value> {
        self.menus.get(&(scope, language.to_owned()))
    }

    /// Whether any menu was set for a language; "" means all others.
    pub fn contains_key(&self, language: &str) -> bool {
        self.menus.keys().any(|(_, set)| set == language)
    }

    /// The menu that a user with this language sees in a chat. The narrowest scope applies, and within it
    /// the language of the user before the menu for all languages.
    pub fn seen(&self, kind: ChatType, is_admin: bool, language: &str) -> Option<&Value> {
        let scopes: &[Scope] = match kind {
            ChatType::Private => &[Scope::AllPrivateChats, Scope::Default],
            // Channels have no menu.
            ChatType::Channel => &[],
            _ if is_admin => &[Scope::AllChatAdministrators, Scope::AllGroupChats, Scope::Default],
            _ => &[Scope::AllGroupChats, Scope::Default],
        };
        scopes.iter().find_map(|scope| self.get(*scope, language).or_else(|| self.get(*scope, "")))
    }
}
