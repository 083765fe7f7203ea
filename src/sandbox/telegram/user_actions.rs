//! What people do: write, press, look for, forward, let the bot in and put it out.

use super::{
    ChatType, Role, Sent, TelegramState,
    html::Marked,
    json, keyboard,
    methods::{
        messages,
        queries::{CallbackQuery, InlineQuery},
    },
};
use chrono::{DateTime, Utc};
use serde_json::json as value;

impl TelegramState {
    /// Somebody writes. Commands that are not addressed to the bot reach it all the same, as they
    /// do where its privacy mode is on; other words reach it in private chats and channels only.
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

    /// Somebody forwards a post of a channel; the number of the message that comes of it. Nobody
    /// asks whether they can read the channel.
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

    /// Somebody presses a button below a message of the bot; the number of the query. Only a button
    /// that is there can be pressed.
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

    /// Somebody presses a button that their Telegram still shows, though the message has other
    /// buttons by now, or is deleted.
    pub fn press_stale(
        &mut self,
        chat_id: i64,
        by: i64,
        message_id: i64,
        data: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let sent = &self.sent[*self.places.get(&(chat_id, message_id))?];
        // Where the message is no chat's of the bot's, it is not told which it is.
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

    /// Somebody types words after the bot's name; the number of the query.
    pub fn inline(&mut self, by: i64, query: &str, now: DateTime<Utc>) -> String {
        let id = self.next_query_id();
        let inline = InlineQuery { at: now, by, query: query.to_owned(), answer: None };
        self.inlines.insert(id.clone(), inline);
        let query = value!({"id": id, "from": self.user_json(by), "query": query, "offset": ""});
        self.enqueue("inline_query", query);
        id
    }

    /// Somebody posts the n-th of the results that were offered; the number of the message. The bot
    /// is told where it is in the chat: such messages reach it in spite of its privacy mode.
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
        // Both were checked when they were offered.
        let marked = messages::read_text(&content["message_text"], &content["parse_mode"]).ok()?;
        let buttons = keyboard::read(&result["reply_markup"]).ok()?;
        self.write(Sent { at: now, thread, marked, buttons, is_via: true, ..of(chat_id, by) })
    }

    /// Posts what a person wrote, and tells the bot, if it is to know.
    fn write(&mut self, sent: Sent) -> Option<i64> {
        let chat_id = sent.chat;
        let chat = self.chats.get(&chat_id)?;
        let is_there = matches!(chat.bot, Role::Member | Role::Admin | Role::Owner);
        let is_open = matches!(chat.kind, ChatType::Private | ChatType::Channel);
        let kind = if chat.kind == ChatType::Channel { "channel_post" } else { "message" };
        let message_id = self.post(sent);
        let sent = self.message(chat_id, message_id)?;
        let is_command = sent.marked.text.starts_with('/');
        if is_there && (is_open || is_command || sent.is_via) {
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

    /// Somebody changes what the bot is in a chat: blocks it, adds it, makes it an admin.
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
            "old_chat_member": json::member(before, json::bot(&self.username), is_channel),
            "new_chat_member": json::member(role, json::bot(&self.username), is_channel),
        });
        self.enqueue("my_chat_member", change);
    }

    /// A group becomes a supergroup of another number. The bot hears of it, unless it is not told
    /// (updates can be late).
    pub fn upgrade(&mut self, chat_id: i64, to: i64, is_told: bool, now: DateTime<Utc>) {
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return;
        };
        chat.migrated_to = Some(to);
        let mut new = chat.clone();
        (new.id, new.kind, new.migrated_to) = (to, ChatType::Supergroup, None);
        self.chats.insert(to, new);
        if is_told {
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

    fn updates(world: &mut TelegramState) -> Value {
        match world.call("getUpdates", &value!({}), NOW) {
            crate::sandbox::telegram::Answer::Done(updates) => updates,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_forwarded_post_says_which_channel_it_is_from() {
        let mut world = TelegramState::new("1:x");
        world.add_user(1, "Anna", "en");
        world.add_chat(-5, ChatType::Channel, "Coast", 1);
        world.set_username(-5, "coast");
        world.say(-5, 1, "Fog.", None, NOW);
        world.forward(1, 1, -5, 1, NOW).unwrap();
        let updates = updates(&mut world);
        assert_eq!(updates.as_array().unwrap().len(), 1, "the bot is not in the channel");
        let message = &updates[0]["message"];
        let origin = &message["forward_origin"];
        assert_eq!((&origin["type"], &message["text"]), (&value!("channel"), &value!("Fog.")));
        assert_eq!(origin["chat"]["username"], "coast");
        assert_eq!((&message["chat"]["id"], &message["from"]["id"]), (&value!(1), &value!(1)));
    }

    #[test]
    fn a_result_that_was_posted_reaches_the_bot_where_it_is() {
        let mut world = TelegramState::new("1:x");
        world.add_user(1, "Anna", "en");
        world.add_chat(-5, ChatType::Forum, "Forum", 1);
        world.chats.get_mut(&-5).unwrap().bot = Role::Member;
        let id = world.inline(1, "fog", NOW);
        let result = value!({
            "type": "article",
            "id": "a",
            "title": "On fog",
            "input_message_content": {"message_text": "Fog."},
            "reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]},
        });
        world.call("answerInlineQuery", &value!({"inline_query_id": id, "results": [result]}), NOW);
        let message_id = world.choose(1, -5, Some(3), &id, 0, NOW).unwrap();
        world.say(-5, 1, "not for the bot", Some(3), NOW);
        world.press(-5, 1, message_id, "more", NOW).unwrap();
        let updates = updates(&mut world);
        assert_eq!(updates.as_array().unwrap().len(), 3);
        assert_eq!(updates[0]["inline_query"]["query"], "fog");
        assert_eq!(updates[1]["message"]["via_bot"]["username"], "communique_demo_bot");
        assert_eq!(updates[1]["message"]["message_thread_id"], 3);
        let query = &updates[2]["callback_query"];
        assert!(query["inline_message_id"].is_string() && query["message"].is_null());
    }
}
