//! What a bot may query about chats, and where it may post.

use crate::sandbox::telegram::{
    json,
    state::TelegramState,
    types::{Answer, Chat, ChatType, Role, refused},
};
use serde_json::{Value, json as value};

/// The actions of `sendChatAction`.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

impl TelegramState {
    /// The chat of a request, by ID or "@username"; 0 if there is none.
    pub(crate) fn chat_id(&self, body: &Value) -> i64 {
        match &body["chat_id"] {
            Value::String(name) => match name.strip_prefix('@') {
                Some(name) => self.chat_named(name).unwrap_or(0),
                None => name.parse().unwrap_or(0),
            },
            number => number.as_i64().unwrap_or(0),
        }
    }

    fn chat_named(&self, name: &str) -> Option<i64> {
        let has_name = |chat: &&Chat| {
            chat.username.as_ref().is_some_and(|username| username.eq_ignore_ascii_case(name))
        };
        self.chats.values().find(has_name).map(|chat| chat.id)
    }

    /// The chat, if the bot is in it.
    fn reach(&self, chat_id: i64) -> Result<&Chat, Box<Answer>> {
        let refuse = |code, words: &str| Err(Box::new(refused(code, words)));
        let Some(chat) = self.chats.get(&chat_id) else {
            return refuse(400, "Bad Request: chat not found");
        };
        if let Some(to) = chat.migrated_to {
            return Err(Box::new(Answer::Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat".to_owned(),
                value!({"migrate_to_chat_id": to}),
            )));
        }
        let what = match chat.kind {
            ChatType::Private => "",
            ChatType::Group => "group",
            ChatType::Supergroup | ChatType::Forum => "supergroup",
            ChatType::Channel => "channel",
        };
        match (chat.kind, chat.bot) {
            (ChatType::Private, Role::Kicked) => {
                refuse(403, "Forbidden: bot was blocked by the user")
            }
            (ChatType::Private, Role::Left) => refuse(403, "Forbidden: user is deactivated"),
            (_, Role::Kicked) => {
                refuse(403, &format!("Forbidden: bot was kicked from the {what} chat"))
            }
            (_, Role::Left) => {
                refuse(403, &format!("Forbidden: bot is not a member of the {what} chat"))
            }
            _ => Ok(chat),
        }
    }

    /// Checks whether the bot may post to a place.
    pub(crate) fn check_place(&self, chat_id: i64, thread: Option<i64>) -> Result<(), Box<Answer>> {
        let refuse = |words: &str| Err(Box::new(refused(400, words)));
        let chat = self.reach(chat_id)?;
        if chat.kind == ChatType::Channel && chat.bot == Role::Member {
            return refuse("Bad Request: need administrator rights in the channel chat");
        }
        match thread.map(|thread| chat.topics.get(&thread)) {
            None | Some(Some(true)) => Ok(()),
            Some(None) => refuse("Bad Request: message thread not found"),
            Some(Some(false)) => refuse("Bad Request: TOPIC_CLOSED"),
        }
    }

    pub(crate) fn chat_action(&self, body: &Value) -> Answer {
        let thread = body["message_thread_id"].as_i64();
        if let Err(answer) = self.check_place(self.chat_id(body), thread) {
            return *answer;
        }
        if !body["action"].as_str().is_some_and(|action| ACTIONS.contains(&action)) {
            return refused(400, "Bad Request: wrong parameter action in request");
        }
        Answer::Done(value!(true))
    }

    /// Chats with a username, and private chats that blocked the bot, are visible from outside.
    pub(crate) fn chat(&self, body: &Value) -> Answer {
        let chat_id = self.chat_id(body);
        match (self.reach(chat_id), self.chats.get(&chat_id)) {
            (Ok(chat), _) => Answer::Done(self.full_chat_json(chat)),
            (Err(_), Some(chat))
                if chat.kind == ChatType::Private
                    || (chat.username.is_some() && chat.bot == Role::Left) =>
            {
                Answer::Done(self.full_chat_json(chat))
            }
            (Err(answer), _) => *answer,
        }
    }

    pub(crate) fn chat_member(&self, body: &Value) -> Answer {
        let chat = self.chats.get(&self.chat_id(body));
        let Some((chat, user)) = chat.zip(body["user_id"].as_i64()) else {
            return refused(400, "Bad Request: chat not found");
        };
        let role = chat.members.get(&user).copied().unwrap_or(Role::Left);
        Answer::Done(json::member(role, &self.user_json(user), chat.kind == ChatType::Channel))
    }

    pub(crate) fn chat_administrators(&self, body: &Value) -> Answer {
        let chat = match self.reach(self.chat_id(body)) {
            Ok(chat) => chat,
            Err(answer) => return *answer,
        };
        if chat.kind == ChatType::Private {
            let words = "Bad Request: there are no administrators in the private chat";
            return refused(400, words);
        }
        let is_channel = chat.kind == ChatType::Channel;
        let people = chat.members.iter().map(|(user, role)| (*role, self.user_json(*user)));
        let bot = (chat.bot, json::bot(&self.username));
        let runs = |(role, _): &(Role, Value)| matches!(role, Role::Owner | Role::Admin);
        let all = people.chain([bot]).filter(runs);
        Answer::Done(all.map(|(role, user)| json::member(role, &user, is_channel)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn state() -> TelegramState {
        let mut state = TelegramState::new("1:x");
        state.add_user(1, "Anna", "en");
        state.add_user(2, "Boris", "ru");
        state.add_chat(-5, ChatType::Channel, "Coast", 1);
        state.set_username(-5, "coast");
        state
    }

    fn ask(state: &mut TelegramState, method: &str, body: &Value) -> Answer {
        state.call(method, body, DateTime::default())
    }

    #[test]
    fn a_chat_is_found_by_its_number_and_by_its_name() {
        let mut state = state();
        for chat in [value!(-5), value!("@coast"), value!("@Coast"), value!("-5")] {
            let Answer::Done(chat) = ask(&mut state, "getChat", &value!({"chat_id": chat})) else {
                panic!("{chat} is not found");
            };
            assert_eq!((&chat["id"], &chat["username"]), (&value!(-5), &value!("coast")));
        }
        let unknown = ask(&mut state, "getChat", &value!({"chat_id": "@nobody"}));
        assert_eq!(unknown, refused(400, "Bad Request: chat not found"));
    }

    #[test]
    fn a_chat_without_a_name_is_seen_from_inside_only() {
        let mut state = state();
        state.add_chat(-6, ChatType::Supergroup, "Group", 1);
        let outside = ask(&mut state, "getChat", &value!({"chat_id": -6}));
        assert_eq!(outside, refused(403, "Forbidden: bot is not a member of the supergroup chat"));
    }

    #[test]
    fn administrators_are_those_that_run_the_chat_and_the_bot_if_it_is_one() {
        let mut state = state();
        state.set_member(-5, 2, Role::Member);
        let body = value!({"chat_id": "@coast"});
        assert!(matches!(
            ask(&mut state, "getChatAdministrators", &body),
            Answer::Refused(403, ..)
        ));
        state.set_role(-5, 1, Role::Admin, DateTime::default());
        let Answer::Done(all) = ask(&mut state, "getChatAdministrators", &body) else {
            panic!("refused");
        };
        let all: Vec<_> =
            all.as_array().unwrap().iter().map(|m| (&m["status"], &m["user"]["is_bot"])).collect();
        let (creator, admin) = (value!("creator"), value!("administrator"));
        assert_eq!(all, [(&creator, &value!(false)), (&admin, &value!(true))]);
        state.set_member(-5, 1, Role::Left);
        let member = ask(&mut state, "getChatMember", &value!({"chat_id": -5, "user_id": 1}));
        assert!(matches!(member, Answer::Done(member) if member["status"] == "left"));
    }

    #[test]
    fn only_known_actions_are_shown() {
        let mut state = state();
        let good = value!({"chat_id": 1, "action": "typing"});
        assert_eq!(ask(&mut state, "sendChatAction", &good), Answer::Done(value!(true)));
        let bad = value!({"chat_id": 1, "action": "sleeping"});
        assert!(matches!(ask(&mut state, "sendChatAction", &bad), Answer::Refused(400, ..)));
    }
}
