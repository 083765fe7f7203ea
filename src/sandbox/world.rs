//! Telegram as a state machine: users, chats, the queue of updates, messages, faults.
//!
//! Time is an argument of everything that depends on it.

use super::{limits::Limits, markup};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Text after entities are read, in UTF-16 units; and the raw request.
const TEXT_UNITS_MAX: usize = 4096;
const RAW_BYTES_MAX: usize = 32_768;
/// Calls that are remembered.
const CALLS_MAX: usize = 20_000;
/// The bot's own number.
const BOT_ID: i64 = 7_000_000_001;

/// Somebody who uses Telegram.
#[derive(Clone, Debug)]
pub struct User {
    /// His number, which is also that of the private chat with him.
    pub id: i64,
    /// His first name.
    pub name: String,
    /// The language that his Telegram is set to.
    pub language: String,
}

/// What sort of chat it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatType {
    /// With one person.
    Private,
    /// A small group, which may become a supergroup.
    Group,
    /// A supergroup.
    Supergroup,
    /// A supergroup with topics.
    Forum,
    /// A channel.
    Channel,
}

/// What somebody is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do much; in a channel, post.
    Admin,
    /// May write.
    Member,
    /// Is not there any more, or never was.
    Left,
    /// Was put out; in a private chat: the bot is blocked.
    Kicked,
}

/// A chat.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Its number.
    pub id: i64,
    /// What sort it is.
    pub kind: ChatType,
    /// Its title, or the person's name.
    pub title: String,
    /// What the bot is in it.
    pub bot: Role,
    /// What its people are in it.
    pub members: BTreeMap<i64, Role>,
    /// Its topics, open or closed.
    pub topics: BTreeMap<i64, bool>,
    /// The number that it has now, since it became a supergroup.
    pub migrated_to: Option<i64>,
}

/// A message that was posted in a chat, by the bot or by a person.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When.
    pub at: DateTime<Utc>,
    /// In which chat.
    pub chat: i64,
    /// In which topic of it.
    pub thread: Option<i64>,
    /// Its number in the chat.
    pub message_id: i64,
    /// Who wrote it; `None`: the bot.
    pub from: Option<i64>,
    /// What it says.
    pub marked: markup::Marked,
    /// The rows of buttons below it, as they were sent.
    pub buttons: Value,
}

/// A request that was made.
#[derive(Clone, Debug)]
pub struct Call {
    /// When.
    pub at: DateTime<Utc>,
    /// Which method, as it is written in Telegram's documentation.
    pub method: String,
    /// With which parameters.
    pub body: Value,
    /// What came of it.
    pub answer: Answer,
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done; the result.
    Done(Value),
    /// Refused: code, description, parameters.
    Refused(u16, String, Value),
    /// Done, but the answer is lost on the way.
    Lost(Value),
    /// Not done, and not answered.
    Dropped,
    /// Not done; the gateway answers with a page.
    Gateway,
}

/// What goes wrong with the next requests that send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too many requests: wait so many seconds.
    Flood(i64),
    /// The answer is lost on the way back.
    LostAnswer,
    /// The request is lost on the way there.
    LostRequest,
    /// An internal error.
    ServerError,
    /// A gateway's page instead of an answer.
    Gateway,
    /// The markup cannot be read.
    Markup,
}

/// The state of it all.
#[derive(Clone, Debug)]
pub struct World {
    /// The token that is valid.
    pub token: String,
    /// The bot's name.
    pub username: String,
    /// Whether the token was revoked.
    pub is_revoked: bool,
    /// While set, every message is too many: wait so many seconds.
    pub flood_wait: Option<i64>,
    /// How messages are counted.
    pub limits: Limits,
    /// The people.
    pub users: BTreeMap<i64, User>,
    /// The chats, private ones included.
    pub chats: BTreeMap<i64, Chat>,
    /// Everything that was posted, in order.
    pub sent: Vec<Sent>,
    /// The requests, in order; of very many, the last.
    pub calls: VecDeque<Call>,
    /// The command menus, by language; "" is for all others.
    pub menus: BTreeMap<String, Value>,
    faults: VecDeque<(Option<i64>, Fault)>,
    updates: VecDeque<(i64, Value)>,
    next_update_id: i64,
    next_message_ids: BTreeMap<i64, i64>,
    allowed: Option<BTreeSet<String>>,
    /// Counts requests for updates: a new one ends the one before it.
    takers: u64,
    webhook: Option<String>,
}

impl World {
    /// Nobody and nothing yet, but a bot of this token.
    pub fn new(token: &str) -> Self {
        World {
            token: token.to_owned(),
            username: "communique_demo_bot".to_owned(),
            is_revoked: false,
            flood_wait: None,
            limits: Limits::default(),
            users: BTreeMap::new(),
            chats: BTreeMap::new(),
            sent: Vec::new(),
            calls: VecDeque::new(),
            menus: BTreeMap::new(),
            faults: VecDeque::new(),
            updates: VecDeque::new(),
            next_update_id: 500_000_001,
            next_message_ids: BTreeMap::new(),
            allowed: None,
            takers: 0,
            webhook: None,
        }
    }

    /// Somebody who has a private chat with the bot.
    pub fn add_user(&mut self, id: i64, name: &str, language: &str) {
        let user = User { id, name: name.to_owned(), language: language.to_owned() };
        self.users.insert(id, user);
        let members = BTreeMap::from([(id, Role::Member)]);
        self.insert_chat(id, ChatType::Private, name, Role::Member, members);
    }

    /// A group or channel of this owner, without the bot in it.
    pub fn add_chat(&mut self, id: i64, kind: ChatType, title: &str, owner: i64) {
        let members = BTreeMap::from([(owner, Role::Owner)]);
        self.insert_chat(id, kind, title, Role::Left, members);
    }

    fn insert_chat(
        &mut self,
        id: i64,
        kind: ChatType,
        title: &str,
        bot: Role,
        members: BTreeMap<i64, Role>,
    ) {
        let title = title.to_owned();
        let chat =
            Chat { id, kind, title, bot, members, topics: BTreeMap::new(), migrated_to: None };
        self.chats.insert(id, chat);
    }

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
        let Some(chat) = self.chats.get(&chat_id) else {
            return;
        };
        let (kind, bot) = (chat.kind, chat.bot);
        let is_there = matches!(bot, Role::Member | Role::Admin | Role::Owner);
        let is_channel = kind == ChatType::Channel;
        let message_id = self.next_message_id(chat_id);
        let marked = markup::Marked { text: text.to_owned(), entities: Vec::new() };
        let from_user = Some(from);
        let buttons = Value::Null;
        self.sent.push(Sent {
            at: now,
            chat: chat_id,
            thread,
            message_id,
            from: from_user,
            marked,
            buttons,
        });
        let is_private = kind == ChatType::Private;
        if !is_there || !(is_private || is_channel || text.starts_with('/')) {
            return;
        }
        let mut message = self.message(chat_id, thread, message_id, text, now);
        if is_channel {
            message["sender_chat"] = self.chat_json(chat_id);
            self.enqueue("channel_post", message);
        } else {
            message["from"] = self.user_json(from);
            if text.starts_with('/') {
                let length = text.split_whitespace().next().unwrap_or_default().len();
                message["entities"] =
                    json!([{"type": "bot_command", "offset": 0, "length": length}]);
            }
            self.enqueue("message", message);
        }
    }

    /// Somebody presses a button below a message of the bot.
    pub fn press(
        &mut self,
        chat_id: i64,
        by: i64,
        message_id: i64,
        data: &str,
        now: DateTime<Utc>,
    ) {
        let is_it = |sent: &&Sent| sent.chat == chat_id && sent.message_id == message_id;
        let Some(sent) = self.posts().find(is_it).cloned() else {
            return;
        };
        let mut message =
            self.message(chat_id, sent.thread, message_id, &sent.marked.text, sent.at);
        message["from"] = bot_json(&self.username);
        let query = json!({
            "id": format!("{chat_id}/{message_id}/{}", now.timestamp_millis()),
            "from": self.user_json(by),
            "message": message,
            "chat_instance": chat_id.to_string(),
            "data": data,
        });
        self.enqueue("callback_query", query);
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
        let change = json!({
            "chat": self.chat_json(chat_id),
            "from": self.user_json(by),
            "date": now.timestamp(),
            "old_chat_member": member_json(before, bot_json(&self.username), is_channel),
            "new_chat_member": member_json(role, bot_json(&self.username), is_channel),
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
            let message_id = self.next_message_id(chat_id);
            let mut message = self.message(chat_id, None, message_id, "", now);
            message["migrate_to_chat_id"] = to.into();
            self.enqueue("message", without_text(message));
            let message_id = self.next_message_id(to);
            let mut message = self.message(to, None, message_id, "", now);
            message["migrate_from_chat_id"] = chat_id.into();
            self.enqueue("message", without_text(message));
        }
    }

    /// Lets the next request that sends (to this chat, or to any) go wrong.
    pub fn fail_next(&mut self, chat: Option<i64>, fault: Fault) {
        self.faults.push_back((chat, fault));
    }

    /// Ends all faults that were asked for and have not happened yet.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Sets a webhook, as another program with the same token would.
    pub fn set_webhook(&mut self, url: &str) {
        self.webhook = Some(url.to_owned());
    }

    /// Makes the numbers of updates start anew, as they do after a quiet week.
    pub fn renumber_updates(&mut self, first: i64) {
        self.next_update_id = first;
    }

    /// What the bot posted.
    pub fn posts(&self) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(|sent| sent.from.is_none())
    }

    /// What the bot posted in a chat.
    pub fn posts_in(&self, chat: i64) -> Vec<&Sent> {
        self.posts().filter(|sent| sent.chat == chat).collect()
    }

    /// Whether there are updates that the bot has not confirmed.
    pub fn has_updates(&self) -> bool {
        !self.updates.is_empty()
    }

    /// A request of the bot. `getUpdates` is answered at once; waiting is up to the caller.
    pub fn call(&mut self, method: &str, body: &Value, now: DateTime<Utc>) -> Answer {
        let name = METHODS.iter().find(|name| name.eq_ignore_ascii_case(method));
        let answer = match name {
            _ if self.is_revoked => refused(401, "Unauthorized"),
            Some(&"getMe") => Answer::Done(me_json(&self.username)),
            Some(&"getUpdates") => self.take_updates(body),
            Some(&"sendMessage") => self.send_message(body, now),
            Some(&"setMyCommands") => self.set_commands(body),
            Some(&"getChatMember") => self.chat_member(body),
            Some(&"deleteWebhook") => {
                self.webhook = None;
                Answer::Done(json!(true))
            }
            _ => refused(404, "Not Found: method not found"),
        };
        if self.calls.len() >= CALLS_MAX {
            self.calls.pop_front();
        }
        let method = name.map_or(method, |name| name).to_owned();
        self.calls.push_back(Call { at: now, method, body: body.clone(), answer: answer.clone() });
        answer
    }

    /// Starts a request for updates; the number tells whether it is still the last one.
    pub(super) fn begin_taking(&mut self) -> u64 {
        self.takers += 1;
        self.takers
    }

    pub(super) fn is_taken_over(&self, taker: u64) -> bool {
        self.takers != taker
    }

    fn take_updates(&mut self, body: &Value) -> Answer {
        if self.webhook.is_some() {
            return refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            );
        }
        if let Some(kinds) = body["allowed_updates"].as_array() {
            let kinds: BTreeSet<String> =
                kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
            self.allowed = (!kinds.is_empty()).then_some(kinds);
        }
        match body["offset"].as_i64().unwrap_or(0) {
            0 => {}
            offset if offset > 0 => self.updates.retain(|(id, _)| *id >= offset),
            offset => {
                let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
                while self.updates.len() > keep {
                    self.updates.pop_front();
                }
            }
        }
        let limit = body["limit"].as_u64().unwrap_or(100).clamp(1, 100);
        let updates = self.updates.iter().take(usize::try_from(limit).unwrap_or(100));
        Answer::Done(updates.map(|(_, update)| update.clone()).collect())
    }

    fn send_message(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let chat_id = body["chat_id"].as_i64().unwrap_or(0);
        let thread = body["message_thread_id"].as_i64();
        if let Some(wait) = self.flood_wait {
            return flood(wait);
        }
        let fault = self.take_fault(chat_id);
        match fault {
            Some(Fault::Flood(wait)) => return flood(wait),
            Some(Fault::LostRequest) => return Answer::Dropped,
            Some(Fault::Gateway) => return Answer::Gateway,
            Some(Fault::ServerError) => return refused(500, "Internal Server Error"),
            Some(Fault::Markup) if body["parse_mode"].is_string() => {
                return refused(400, "Bad Request: can't parse entities: as asked for");
            }
            _ => {}
        }
        if let Err(answer) = self.check_place(chat_id, thread) {
            return *answer;
        }
        let text = body["text"].as_str().unwrap_or_default();
        let marked = match body["parse_mode"].as_str() {
            None => markup::Marked { text: text.to_owned(), entities: Vec::new() },
            Some("HTML") => match markup::parse(text) {
                Ok(marked) => marked,
                Err(words) => {
                    return refused(400, &format!("Bad Request: can't parse entities: {words}"));
                }
            },
            Some(_) => return refused(400, "Bad Request: unsupported parse_mode"),
        };
        if marked.text.trim().is_empty() {
            return refused(400, "Bad Request: message text is empty");
        }
        let units: usize = marked.text.chars().map(char::len_utf16).sum();
        if units > TEXT_UNITS_MAX || text.len() > RAW_BYTES_MAX {
            return refused(400, "Bad Request: message is too long");
        }
        if let Err(wait) = self.limits.count(chat_id, now) {
            return flood(wait);
        }
        let message_id = self.next_message_id(chat_id);
        let mut message = self.message(chat_id, thread, message_id, &marked.text, now);
        message["from"] = bot_json(&self.username);
        if self.chats[&chat_id].kind == ChatType::Channel {
            message["sender_chat"] = self.chat_json(chat_id);
        }
        if !marked.entities.is_empty() {
            message["entities"] = json!(marked.entities);
        }
        let buttons = body["reply_markup"]["inline_keyboard"].clone();
        self.sent.push(Sent {
            at: now,
            chat: chat_id,
            thread,
            message_id,
            from: None,
            marked,
            buttons,
        });
        if fault == Some(Fault::LostAnswer) { Answer::Lost(message) } else { Answer::Done(message) }
    }

    fn take_fault(&mut self, chat_id: i64) -> Option<Fault> {
        let concerns = |chat: &Option<i64>| chat.is_none_or(|chat| chat == chat_id);
        let at = self.faults.iter().position(|(chat, _)| concerns(chat))?;
        self.faults.remove(at).map(|(_, fault)| fault)
    }

    /// Whether the bot may post there.
    fn check_place(&self, chat_id: i64, thread: Option<i64>) -> Result<(), Box<Answer>> {
        let no = |code, words: &str| Err(Box::new(refused(code, words)));
        let Some(chat) = self.chats.get(&chat_id) else {
            return no(400, "Bad Request: chat not found");
        };
        if let Some(to) = chat.migrated_to {
            return Err(Box::new(Answer::Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat".to_owned(),
                json!({"migrate_to_chat_id": to}),
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
                return no(403, "Forbidden: bot was blocked by the user");
            }
            (ChatType::Private, Role::Left) => return no(403, "Forbidden: user is deactivated"),
            (_, Role::Kicked) => {
                return no(403, &format!("Forbidden: bot was kicked from the {what} chat"));
            }
            (_, Role::Left) => {
                return no(403, &format!("Forbidden: bot is not a member of the {what} chat"));
            }
            (ChatType::Channel, Role::Member) => {
                return no(400, "Bad Request: need administrator rights in the channel chat");
            }
            _ => {}
        }
        match thread.map(|thread| chat.topics.get(&thread)) {
            None | Some(Some(true)) => Ok(()),
            Some(None) => no(400, "Bad Request: message thread not found"),
            Some(Some(false)) => no(400, "Bad Request: TOPIC_CLOSED"),
        }
    }

    fn set_commands(&mut self, body: &Value) -> Answer {
        let commands = body["commands"].as_array().cloned().unwrap_or_default();
        let is_good = |command: &Value| {
            let name = command["command"].as_str().unwrap_or_default();
            let description = command["description"].as_str().unwrap_or_default().chars().count();
            let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            (1..=32).contains(&name.len())
                && name.bytes().all(good)
                && (1..=256).contains(&description)
        };
        if commands.len() > 100 || !commands.iter().all(is_good) {
            return refused(400, "Bad Request: BOT_COMMAND_INVALID");
        }
        let language = body["language_code"].as_str().unwrap_or_default();
        self.menus.insert(language.to_owned(), body["commands"].clone());
        Answer::Done(json!(true))
    }

    fn chat_member(&self, body: &Value) -> Answer {
        let chat = body["chat_id"].as_i64().and_then(|id| self.chats.get(&id));
        let Some((chat, user)) = chat.zip(body["user_id"].as_i64()) else {
            return refused(400, "Bad Request: chat not found");
        };
        let role = chat.members.get(&user).copied().unwrap_or(Role::Left);
        Answer::Done(member_json(role, self.user_json(user), chat.kind == ChatType::Channel))
    }

    fn enqueue(&mut self, kind: &str, content: Value) {
        let is_wanted = self.allowed.as_ref().is_none_or(|kinds| kinds.contains(kind));
        if is_wanted {
            let id = self.next_update_id;
            self.next_update_id += 1;
            let mut update = Map::new();
            update.insert("update_id".to_owned(), id.into());
            update.insert(kind.to_owned(), content);
            self.updates.push_back((id, update.into()));
        }
    }

    /// Private chats count together, every other chat for itself.
    fn next_message_id(&mut self, chat_id: i64) -> i64 {
        let id = self.next_message_ids.entry(chat_id.min(0)).or_insert(0);
        *id += 1;
        *id
    }

    fn message(
        &self,
        chat_id: i64,
        thread: Option<i64>,
        message_id: i64,
        text: &str,
        now: DateTime<Utc>,
    ) -> Value {
        let mut message = json!({
            "message_id": message_id,
            "date": now.timestamp(),
            "chat": self.chat_json(chat_id),
            "text": text,
        });
        if let Some(thread) = thread {
            message["message_thread_id"] = thread.into();
            message["is_topic_message"] = true.into();
        }
        message
    }

    fn chat_json(&self, chat_id: i64) -> Value {
        let Some(chat) = self.chats.get(&chat_id) else {
            return json!({"id": chat_id, "type": "private"});
        };
        let title = chat.title.as_str();
        match chat.kind {
            ChatType::Private => json!({"id": chat_id, "type": "private", "first_name": title}),
            ChatType::Group => json!({
                "id": chat_id, "type": "group", "title": title, "all_members_are_administrators": false,
            }),
            ChatType::Supergroup => json!({"id": chat_id, "type": "supergroup", "title": title}),
            ChatType::Forum => {
                json!({"id": chat_id, "type": "supergroup", "title": title, "is_forum": true})
            }
            ChatType::Channel => json!({"id": chat_id, "type": "channel", "title": title}),
        }
    }

    fn user_json(&self, id: i64) -> Value {
        match self.users.get(&id) {
            Some(user) => json!({
                "id": id, "is_bot": false, "first_name": user.name, "language_code": user.language,
            }),
            None => json!({"id": id, "is_bot": false, "first_name": "Nobody"}),
        }
    }
}

/// The methods that are known.
const METHODS: [&str; 6] =
    ["getMe", "getUpdates", "sendMessage", "setMyCommands", "getChatMember", "deleteWebhook"];

fn refused(code: u16, words: &str) -> Answer {
    Answer::Refused(code, words.to_owned(), Value::Null)
}

fn flood(wait: i64) -> Answer {
    let words = format!("Too Many Requests: retry after {wait}");
    Answer::Refused(429, words, json!({"retry_after": wait}))
}

fn bot_json(username: &str) -> Value {
    json!({"id": BOT_ID, "is_bot": true, "first_name": "communique", "username": username})
}

fn me_json(username: &str) -> Value {
    let mut me = bot_json(username);
    for (name, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[name] = value.into();
    }
    me
}

fn without_text(mut message: Value) -> Value {
    if let Some(fields) = message.as_object_mut() {
        fields.remove("text");
    }
    message
}

fn member_json(role: Role, user: Value, is_channel: bool) -> Value {
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
