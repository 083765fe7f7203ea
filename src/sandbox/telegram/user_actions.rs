//! What users do: write, press buttons, type inline queries, forward, add and remove the bot.

use super::{
    html::Marked,
    json, keyboard,
    methods::messages,
    state::TelegramState,
    types::{CallbackQuery, ChatType, InlineQuery, Role, Sent},
};
use chrono::{DateTime, Utc};
use serde_json::json as value;

impl TelegramState {
    /// A user writes. As in privacy mode, the bot gets all commands in groups, and other text in private
    /// chats and channels only.
    pub fn say(
        &mut self,
        chat_id: i64,
        from: i64,
        text: &str,
        thread: Option<i64>,
        now: DateTime<Utc>,
    ) {
        self.write(Sent { at: now, thread, marked: plain(text), ..of(chat_id, from) });
    }

    /// A user forwards a post of a channel. Returns the ID of the new message. Whether the user can read
    /// the channel is not checked.
    pub fn forward(
        &mut self,
        chat_id: i64,
        from: i64,
        from_channel: i64,
        message_id: i64,
        now: DateTime<Utc>,
    ) -> Option<i64> {
        let origin = Some((from_channel, message_id));
        let post = self.message(from_channel, message_id);
        let marked = post.map_or_else(|| plain("A post"), |post| post.marked.clone());
        self.write(Sent { at: now, marked, origin, ..of(chat_id, from) })
    }

    /// A user presses a button of a message. Returns the ID of the query, or `None` if there is no such
    /// button.
    pub fn press(
        &mut self,
        chat_id: i64,
        by: i64,
        message_id: i64,
        data: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let sent = self.message(chat_id, message_id)?;
        if !keyboard::has_data(&sent.buttons, data) {
            return None;
        }
        self.press_stale(chat_id, by, message_id, data, now)
    }

    /// A user presses a button that their client still shows, though the message has other buttons by now
    /// or is deleted.
    pub fn press_stale(
        &mut self,
        chat_id: i64,
        by: i64,
        message_id: i64,
        data: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let sent = &self.sent[*self.places.get(&(chat_id, message_id))?];
        // The message of an inline result is unknown to the bot.
        let (below, message) = if sent.is_via {
            ("inline_message_id", value!(format!("{chat_id}_{message_id}")))
        } else if sent.is_deleted {
            let chat = self.chat_json(chat_id);
            ("message", value!({"chat": chat, "message_id": message_id, "date": 0}))
        } else {
            ("message", self.sent_json(sent))
        };
        let id = self.next_query_id();
        let query = value!({
            "id": id,
            "from": self.user_json(by),
            below: message,
            "chat_instance": chat_id.to_string(),
            "data": data,
        });
        let data = data.to_owned();
        let press = CallbackQuery { at: now, chat: chat_id, message_id, by, data, answer: None };
        self.presses.insert(id.clone(), press);
        self.enqueue("callback_query", query);
        Some(id)
    }

    /// A user types an inline query. Returns its ID.
    pub fn inline(&mut self, by: i64, query: &str, now: DateTime<Utc>) -> String {
        let id = self.next_query_id();
        let inline = InlineQuery { at: now, by, query: query.to_owned(), answer: None };
        self.inlines.insert(id.clone(), inline);
        let query = value!({"id": id, "from": self.user_json(by), "query": query, "offset": ""});
        self.enqueue("inline_query", query);
        id
    }

    /// A user chooses the n-th result of an inline query. Returns the ID of the message. The bot gets it
    /// as an update where it is a member, in spite of its privacy mode.
    pub fn choose(
        &mut self,
        by: i64,
        chat_id: i64,
        thread: Option<i64>,
        query_id: &str,
        n: usize,
        now: DateTime<Utc>,
    ) -> Option<i64> {
        let answer = self.inlines.get(query_id)?.answer.as_ref()?;
        let result = answer.results.get(n)?;
        let content = &result["input_message_content"];
        // Both were checked when the bot answered the query.
        let marked = messages::read_text(&content["message_text"], &content["parse_mode"]).ok()?;
        let buttons = keyboard::read(&result["reply_markup"]).ok()?;
        self.write(Sent { at: now, thread, marked, buttons, is_via: true, ..of(chat_id, by) })
    }

    /// Adds a message of a user, and an update if the bot gets one.
    fn write(&mut self, sent: Sent) -> Option<i64> {
        let chat_id = sent.chat;
        let chat = self.chats.get(&chat_id)?;
        let is_member = matches!(chat.bot, Role::Member | Role::Admin | Role::Owner);
        let is_open = matches!(chat.kind, ChatType::Private | ChatType::Channel);
        let kind = if chat.kind == ChatType::Channel { "channel_post" } else { "message" };
        let message_id = self.post(sent);
        let sent = self.message(chat_id, message_id)?;
        let is_command = sent.marked.text.starts_with('/');
        if is_member && (is_open || is_command || sent.is_via) {
            let mut message = self.sent_json(sent);
            if is_command && kind == "message" && !sent.is_via {
                let length = sent.marked.text.split_whitespace().next().unwrap_or_default().len();
                message["entities"] =
                    value!([{"type": "bot_command", "offset": 0, "length": length}]);
            }
            self.enqueue(kind, message);
        }
        Some(message_id)
    }

    /// A user changes the role of the bot in a chat: blocks it, adds it, makes it an admin.
    pub fn set_role(&mut self, chat_id: i64, by: i64, role: Role, now: DateTime<Utc>) {
        let Some(before) =
            self.chats.get_mut(&chat_id).map(|c| std::mem::replace(&mut c.bot, role))
        else {
            return;
        };
        if before == role {
            return;
        }
        let is_channel = self.chats[&chat_id].kind == ChatType::Channel;
        let change = value!({
            "chat": self.chat_json(chat_id),
            "from": self.user_json(by),
            "date": now.timestamp(),
            "old_chat_member": json::member(before, &json::bot(&self.username), is_channel),
            "new_chat_member": json::member(role, &json::bot(&self.username), is_channel),
        });
        self.enqueue("my_chat_member", change);
    }

    /// A group becomes a supergroup with another ID. `has_update` says whether the bot gets updates about
    /// it, which can be late.
    pub fn upgrade(&mut self, chat_id: i64, to: i64, has_update: bool, now: DateTime<Utc>) {
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return;
        };
        chat.migrated_to = Some(to);
        let mut new = chat.clone();
        (new.id, new.kind, new.migrated_to) = (to, ChatType::Supergroup, None);
        self.chats.insert(to, new);
        if has_update {
            let moves =
                [(chat_id, "migrate_to_chat_id", to), (to, "migrate_from_chat_id", chat_id)];
            for (chat, name, other) in moves {
                let message = value!({
                    "message_id": self.next_message_id(chat),
                    "date": now.timestamp(),
                    "chat": self.chat_json(chat),
                    name: other,
                });
                self.enqueue("message", message);
            }
        }
    }
}

fn of(chat: i64, from: i64) -> Sent {
    Sent { chat, from: Some(from), ..Sent::default() }
}

fn plain(text: &str) -> Marked {
    Marked { text: text.to_owned(), entities: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn updates(state: &mut TelegramState) -> Value {
        match state.call("getUpdates", &value!({}), NOW) {
            crate::sandbox::telegram::types::Answer::Done(updates) => updates,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_forwarded_post_says_which_channel_it_is_from() {
        let mut state = TelegramState::new("1:x");
        state.add_user(1, "Anna", "en");
        state.add_chat(-5, ChatType::Channel, "Coast", 1);
        state.set_username(-5, "coast");
        state.say(-5, 1, "Fog.", None, NOW);
        state.forward(1, 1, -5, 1, NOW).unwrap();
        let updates = updates(&mut state);
        assert_eq!(updates.as_array().unwrap().len(), 1, "the bot is not in the channel");
        let message = &updates[0]["message"];
        let origin = &message["forward_origin"];
        assert_eq!((&origin["type"], &message["text"]), (&value!("channel"), &value!("Fog.")));
        assert_eq!(origin["chat"]["username"], "coast");
        assert_eq!((&message["chat"]["id"], &message["from"]["id"]), (&value!(1), &value!(1)));
    }

    #[test]
    fn a_result_that_was_posted_reaches_the_bot_where_it_is() {
        let mut state = TelegramState::new("1:x");
        state.add_user(1, "Anna", "en");
        state.add_chat(-5, ChatType::Forum, "Forum", 1);
        state.chats.get_mut(&-5).unwrap().bot = Role::Member;
        let id = state.inline(1, "fog", NOW);
        let result = value!({
            "type": "article",
            "id": "a",
            "title": "On fog",
            "input_message_content": {"message_text": "Fog."},
            "reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]},
        });
        state.call("answerInlineQuery", &value!({"inline_query_id": id, "results": [result]}), NOW);
        let message_id = state.choose(1, -5, Some(3), &id, 0, NOW).unwrap();
        state.say(-5, 1, "not for the bot", Some(3), NOW);
        state.press(-5, 1, message_id, "more", NOW).unwrap();
        let updates = updates(&mut state);
        assert_eq!(updates.as_array().unwrap().len(), 3);
        assert_eq!(updates[0]["inline_query"]["query"], "fog");
        assert_eq!(updates[1]["message"]["via_bot"]["username"], "communique_demo_bot");
        assert_eq!(updates[1]["message"]["message_thread_id"], 3);
        let query = &updates[2]["callback_query"];
        assert!(query["inline_message_id"].is_string() && query["message"].is_null());
    }
}
