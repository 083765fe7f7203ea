//! The methods of the Bot API that the sandbox supports, by subject, and their dispatch.
//!
//! Guarantees: a method that is refused changes nothing but the record of calls.

pub(crate) mod chats;
pub(crate) mod menus;
pub(crate) mod messages;
pub(crate) mod queries;
pub(crate) mod updates;

use super::{
    json,
    state::TelegramState,
    types::{Answer, Call, Document, refused},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};

/// The most calls that are recorded; the oldest are dropped.
const CALLS_MAX: usize = 20_000;
/// The supported methods.
const METHODS: [&str; 15] = [
    "getMe",
    "getUpdates",
    "sendMessage",
    "sendDocument",
    "editMessageText",
    "editMessageReplyMarkup",
    "deleteMessage",
    "sendChatAction",
    "answerCallbackQuery",
    "answerInlineQuery",
    "setMyCommands",
    "getChat",
    "getChatMember",
    "getChatAdministrators",
    "deleteWebhook",
];

impl TelegramState {
    /// Answers a request of the bot. `getUpdates` does not wait; that is up to the caller.
    pub fn call(&mut self, method: &str, body: &Value, now: DateTime<Utc>) -> Answer {
        self.call_with(method, body, &[], now)
    }

    /// Answers a request with files, which the body names as "attach://FILE_NAME".
    pub fn call_with(
        &mut self,
        method: &str,
        body: &Value,
        files: &[Document],
        now: DateTime<Utc>,
    ) -> Answer {
        let name = METHODS.iter().find(|name| name.eq_ignore_ascii_case(method)).copied();
        let answer = match name {
            _ if self.is_revoked => refused(401, "Unauthorized"),
            Some("getMe") => Answer::Done(json::me(&self.username)),
            Some("getUpdates") => self.get_updates(body),
            Some("sendMessage") => self.send_message(body, now),
            Some("sendDocument") => self.send_document(body, files, now),
            Some("editMessageText") => self.edit_text(body, now),
            Some("editMessageReplyMarkup") => self.edit_buttons(body, now),
            Some("deleteMessage") => self.delete_message(body, now),
            Some("sendChatAction") => self.chat_action(body),
            Some("answerCallbackQuery") => self.answer_callback_query(body, now),
            Some("answerInlineQuery") => self.answer_inline_query(body),
            Some("setMyCommands") => self.set_commands(body),
            Some("getChat") => self.chat(body),
            Some("getChatMember") => self.chat_member(body),
            Some("getChatAdministrators") => self.chat_administrators(body),
            Some("deleteWebhook") => {
                self.webhook = None;
                Answer::Done(value!(true))
            }
            _ => refused(404, "Not Found: method not found"),
        };
        if self.calls.len() >= CALLS_MAX {
            self.calls.pop_front();
        }
        let method = name.unwrap_or(method).to_owned();
        self.calls.push_back(Call { at: now, method, body: body.clone(), answer: answer.clone() });
        answer
    }
}
