//! `setMyCommands`.

use crate::sandbox::telegram::{
    menus::Scope,
    state::TelegramState,
    types::{Answer, refused},
};
use serde_json::{Value, json};

/// The most commands of a menu.
const COMMANDS_MAX: usize = 100;
/// The longest name of a command, in bytes, and the longest description, in characters.
const NAME_BYTES_MAX: usize = 32;
const DESCRIPTION_CHARS_MAX: usize = 256;

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
    use crate::sandbox::telegram::types::ChatType;

    #[test]
    fn the_nearest_scope_counts_and_in_it_the_language_of_the_reader() {
        let mut state = TelegramState::new("1:x");
        let mut set = |scope: Value, language: &str, name: &str| {
            let body = json!({
                "commands": [{"command": name, "description": "d"}],
                "scope": scope,
                "language_code": language,
            });
            state.set_commands(&body)
        };
        set(Value::Null, "", "all");
        set(json!({"type": "default"}), "ru", "all_ru");
        set(json!({"type": "all_private_chats"}), "", "private");
        set(json!({"type": "all_chat_administrators"}), "ru", "admin_ru");
        assert!(matches!(set(json!({"type": "x"}), "", "a"), Answer::Refused(400, ..)));
        assert!(matches!(set(Value::Null, "", "Upper"), Answer::Refused(400, ..)));
        let seen = |kind, is_admin, language| {
            let menu = state.menus.seen(kind, is_admin, language)?;
            menu[0]["command"].as_str()
        };
        assert_eq!(seen(ChatType::Private, false, "ru"), Some("private"));
        assert_eq!(seen(ChatType::Forum, true, "ru"), Some("admin_ru"));
        assert_eq!(seen(ChatType::Forum, true, "en"), Some("all"));
        assert_eq!(seen(ChatType::Group, false, "ru"), Some("all_ru"));
        assert_eq!(seen(ChatType::Channel, true, "ru"), None);
        assert!(state.menus.contains_key("ru") && !state.menus.contains_key("de"));
    }
}
