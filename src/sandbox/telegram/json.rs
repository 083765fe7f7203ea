//! The JSON of messages, chats, users and memberships.

use super::{
    state::TelegramState,
    types::{Chat, ChatType, Role, Sent},
};
use serde_json::{Value, json};

/// The user ID of the bot.
const BOT_ID: i64 = 7_000_000_001;

impl TelegramState {
    /// A message, with the one that it replies to.
    pub(crate) fn sent_json(&self, sent: &Sent) -> Value {
        let mut message = self.one_json(sent);
        if let Some(original) = sent.reply_to.and_then(|id| self.message(sent.chat, id)) {
            message["reply_to_message"] = self.one_json(original);
        }
        message
    }

    /// A message without the one that it replies to.
    fn one_json(&self, sent: &Sent) -> Value {
        let mut message = json!({
            "message_id": sent.message_id,
            "date": sent.at.timestamp(),
            "chat": self.chat_json(sent.chat),
        });
        if self.chats.get(&sent.chat).is_some_and(|chat| chat.kind == ChatType::Channel) {
            message["sender_chat"] = self.chat_json(sent.chat);
        } else {
            message["from"] = match sent.from {
                Some(user) => self.user_json(user),
                None => bot(&self.username),
            };
        }
        if let Some(thread) = sent.thread {
            message["message_thread_id"] = thread.into();
            message["is_topic_message"] = true.into();
        }
        if sent.is_via {
            message["via_bot"] = bot(&self.username);
        }
        if let Some((chat, message_id)) = sent.origin {
            message["forward_origin"] = json!({
                "type": "channel",
                "chat": self.chat_json(chat),
                "message_id": message_id,
                "date": self.message(chat, message_id).unwrap_or(sent).at.timestamp(),
            });
        }
        if let Some(at) = sent.edited_at {
            message["edit_date"] = at.timestamp().into();
        }
        let (text, entities) = match &sent.document {
            None => ("text", "entities"),
            Some(document) => {
                let id = file_id(sent);
                message["document"] = json!({
                    "file_id": id,
                    "file_unique_id": id,
                    "file_name": document.file_name,
                    "file_size": document.bytes.len(),
                });
                ("caption", "caption_entities")
            }
        };
        if sent.document.is_none() || !sent.marked.text.is_empty() {
            message[text] = sent.marked.text.as_str().into();
        }
        if !sent.marked.entities.is_empty() {
            message[entities] = json!(sent.marked.entities);
        }
        if !sent.buttons.is_null() {
            message["reply_markup"] = json!({"inline_keyboard": sent.buttons});
        }
        message
    }

    pub(crate) fn chat_json(&self, chat_id: i64) -> Value {
        let Some(chat) = self.chats.get(&chat_id) else {
            return json!({"id": chat_id, "type": "private"});
        };
        let title = chat.title.as_str();
        let mut json = match chat.kind {
            ChatType::Private => json!({"id": chat_id, "type": "private", "first_name": title}),
            ChatType::Group => json!({
                "id": chat_id, "type": "group", "title": title, "all_members_are_administrators": false,
            }),
            ChatType::Supergroup => json!({"id": chat_id, "type": "supergroup", "title": title}),
            ChatType::Forum => {
                json!({"id": chat_id, "type": "supergroup", "title": title, "is_forum": true})
            }
            ChatType::Channel => json!({"id": chat_id, "type": "channel", "title": title}),
        };
        if let Some(username) = &chat.username {
            json["username"] = username.as_str().into();
        }
        json
    }

    /// A chat as `getChat` returns it, with the fields that clients require.
    pub(crate) fn full_chat_json(&self, chat: &Chat) -> Value {
        let mut json = self.chat_json(chat.id);
        json["accent_color_id"] = 0.into();
        json["max_reaction_count"] = 11.into();
        json["accepted_gift_types"] = json!({
            "unlimited_gifts": false,
            "limited_gifts": false,
            "unique_gifts": false,
            "premium_subscription": false,
        });
        json
    }

    pub(crate) fn user_json(&self, id: i64) -> Value {
        match self.users.get(&id) {
            Some(user) => json!({
                "id": id, "is_bot": false, "first_name": user.name, "language_code": user.language,
            }),
            None => json!({"id": id, "is_bot": false, "first_name": "Nobody"}),
        }
    }
}

/// The file ID of a document, by which it can be sent again.
pub(crate) fn file_id(sent: &Sent) -> String {
    format!("document{}_{}", sent.chat, sent.message_id)
}

pub(crate) fn bot(username: &str) -> Value {
    json!({"id": BOT_ID, "is_bot": true, "first_name": "communique", "username": username})
}

pub(crate) fn me(username: &str) -> Value {
    let mut me = bot(username);
    for (name, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", true),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[name] = value.into();
    }
    me
}

pub(crate) fn member(role: Role, user: &Value, is_channel: bool) -> Value {
    let status = match role {
        Role::Owner => "creator",
        Role::Admin => "administrator",
        Role::Member => "member",
        Role::Left => "left",
        Role::Kicked => "kicked",
    };
    let mut member = json!({"status": status, "user": user});
    match role {
        Role::Owner => member["is_anonymous"] = false.into(),
        Role::Kicked => member["until_date"] = 0.into(),
        Role::Admin => {
            for right in [
                "can_be_edited",
                "is_anonymous",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
            ] {
                member[right] = (right == "can_manage_chat").into();
            }
            member["can_post_messages"] = is_channel.into();
        }
        Role::Member | Role::Left => {}
    }
    member
}
