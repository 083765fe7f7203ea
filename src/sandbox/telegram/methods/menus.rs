//! The command menus: which was set for whom, and which of them a person sees.

use crate::sandbox::telegram::{Answer, ChatType, TelegramState, refused};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Commands of one menu.
const COMMANDS_MAX: usize = 100;
/// A command's name, in bytes, and its description, in characters.
const NAME_BYTES_MAX: usize = 32;
const DESCRIPTION_CHARS_MAX: usize = 256;

/// For whom a menu is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// For everybody who has no other.
    Default,
    /// For private chats.
    AllPrivateChats,
    /// For groups.
    AllGroupChats,
    /// For the admins of groups.
    AllChatAdministrators,
}

/// All menus that are set.
#[derive(Clone, Debug, Default)]
pub struct Menus {
    menus: BTreeMap<(Scope, String), Value>,
}

impl Menus {
    /// Sets a menu for a scope and a language; "" is for all others.
    pub fn set(&mut self, scope: Scope, language: &str, commands: Value) {
        self.menus.insert((scope, language.to_owned()), commands);
    }

    /// The menu that was set for just this.
    pub fn get(&self, scope: Scope, language: &str) -> Option<&Value> {
        self.menus.get(&(scope, language.to_owned()))
    }

    /// Whether any menu was set for a language; "" is for all others.
    pub fn contains_key(&self, language: &str) -> bool {
        self.menus.keys().any(|(_, set)| set == language)
    }

    /// The menu that somebody of a language sees in a chat: the nearest scope counts, and in it their
    /// language before the menu for all.
    pub fn seen(&self, kind: ChatType, is_admin: bool, language: &str) -> Option<&Value> {
        let scopes: &[Scope] = match kind {
            ChatType::Private => &[Scope::AllPrivateChats, Scope::Default],
            // Nobody is shown a menu in a channel.
            ChatType::Channel => &[],
            _ if is_admin => &[Scope::AllChatAdministrators, Scope::AllGroupChats, Scope::Default],
            _ => &[Scope::AllGroupChats, Scope::Default],
        };
        scopes.iter().find_map(|scope| self.get(*scope, language).or_else(|| self.get(*scope, "")))
    }
}

impl TelegramState {
    pub(crate) fn set_commands(&mut self, body: &Value) -> Answer {
        let commands = body["commands"].as_array().cloned().unwrap_or_default();
        let is_good = |command: &Value| {
            let name = command["command"].as_str().unwrap_or_default();
            let description = command["description"].as_str().unwrap_or_default().chars().count();
            let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            (1..=NAME_BYTES_MAX).contains(&name.len())
                && name.bytes().all(good)
                && (1..=DESCRIPTION_CHARS_MAX).contains(&description)
        };
        if commands.len() > COMMANDS_MAX || !commands.iter().all(is_good) {
            return refused(400, "Bad Request: BOT_COMMAND_INVALID");
        }
        let scope = match body["scope"]["type"].as_str() {
            None if body["scope"].is_null() => Scope::Default,
            Some("default") => Scope::Default,
            Some("all_private_chats") => Scope::AllPrivateChats,
            Some("all_group_chats") => Scope::AllGroupChats,
            Some("all_chat_administrators") => Scope::AllChatAdministrators,
            _ => {
                let words = "Bad Request: can't parse BotCommandScope: Unsupported type specified";
                return refused(400, words);
            }
        };
        let language = body["language_code"].as_str().unwrap_or_default();
        self.menus.set(scope, language, commands.into());
        Answer::Done(json!(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_scope_counts_and_in_it_the_language_of_the_reader() {
        let mut world = TelegramState::new("1:x");
        let mut set = |scope: Value, language: &str, name: &str| {
            let body = json!({
                "commands": [{"command": name, "description": "d"}],
                "scope": scope,
                "language_code": language,
            });
            world.set_commands(&body)
        };
        set(Value::Null, "", "all");
        set(json!({"type": "default"}), "ru", "all_ru");
        set(json!({"type": "all_private_chats"}), "", "private");
        set(json!({"type": "all_chat_administrators"}), "ru", "admin_ru");
        assert!(matches!(set(json!({"type": "x"}), "", "a"), Answer::Refused(400, ..)));
        assert!(matches!(set(Value::Null, "", "Upper"), Answer::Refused(400, ..)));
        let seen = |kind, is_admin, language| {
            let menu = world.menus.seen(kind, is_admin, language)?;
            menu[0]["command"].as_str()
        };
        assert_eq!(seen(ChatType::Private, false, "ru"), Some("private"));
        assert_eq!(seen(ChatType::Forum, true, "ru"), Some("admin_ru"));
        assert_eq!(seen(ChatType::Forum, true, "en"), Some("all"));
        assert_eq!(seen(ChatType::Group, false, "ru"), Some("all_ru"));
        assert_eq!(seen(ChatType::Channel, true, "ru"), None);
        assert!(world.menus.contains_key("ru") && !world.menus.contains_key("de"));
    }
}
