//! Telegram as a state machine: users, chats, the queue of updates, messages, faults.
//!
//! Promises: time is an argument of everything that depends on it; a method that is refused has
//! changed nothing but the record of calls.
//! Leaves out: what people do (`people`), and each group of methods, which has a file of its own.

pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod keyboard;
pub(crate) mod limits;
pub(crate) mod methods;
pub(crate) mod params;
pub(crate) mod user_actions;

pub use self::methods::menus::{Menus, Scope};
pub use self::methods::queries::{CallbackAnswer, CallbackQuery, InlineAnswer, InlineQuery};

use self::{html::Marked, limits::Limits};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// Calls that are remembered.
const CALLS_MAX: usize = 20_000;
/// The bot's own number.
const BOT_ID: i64 = 7_000_000_001;

/// Somebody who uses Telegram.
#[derive(Clone, Debug)]
pub struct User {
    /// Their number, which is also that of the private chat with them.
    pub id: i64,
    /// Their first name.
    pub name: String,
    /// The language that their Telegram is set to.
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
    /// Its public name, without the "@"; who has one may be found by it.
    pub username: Option<String>,
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
#[derive(Clone, Debug, Default)]
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
    /// Whether a person posted it out of the bot's inline results.
    pub is_via: bool,
    /// The channel that it was forwarded from, and its number there.
    pub origin: Option<(i64, i64)>,
    /// What it says now; of a document, its caption.
    pub marked: Marked,
    /// The rows of buttons below it, as they were sent; null if there are none.
    pub buttons: Value,
    /// The file that it carries.
    pub document: Option<Document>,
    /// The message of the same chat that it answers.
    pub reply_to: Option<i64>,
    /// Whether it came without a sound.
    pub is_silent: bool,
    /// Whether the page behind its first link is shown below it.
    pub has_preview: bool,
    /// How often its text or its buttons were changed.
    pub edits: u32,
    /// When its text was changed last. A change of buttons alone is not shown to people.
    pub edited_at: Option<DateTime<Utc>>,
    /// Whether it was deleted. It is kept here, so that places in `World::sent` stay what they are.
    pub is_deleted: bool,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub file_name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
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

/// What goes wrong with the next requests that send, or that edit a text.
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
    /// Refused with this number and in these words.
    Says(u16, &'static str),
}

/// The state of it all.
#[derive(Clone, Debug)]
pub struct TelegramState {
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
    /// The command menus.
    pub menus: Menus,
    /// The buttons that were pressed, in order of their numbers, and what the bot said to it.
    pub presses: BTreeMap<String, CallbackQuery>,
    /// What was typed after the bot's name, in order of the numbers, and what the bot offered.
    pub inlines: BTreeMap<String, InlineQuery>,
    /// Where a message is in `sent`, by chat and number.
    places: HashMap<(i64, i64), usize>,
    faults: VecDeque<(Option<i64>, Fault)>,
    updates: VecDeque<(i64, Value)>,
    next_update_id: i64,
    next_query: u64,
    next_message_ids: BTreeMap<i64, i64>,
    allowed: Option<BTreeSet<String>>,
    /// Counts requests for updates: a new one ends the one before it.
    takers: u64,
    webhook: Option<String>,
}

impl TelegramState {
    /// Nobody and nothing yet, but a bot of this token.
    pub fn new(token: &str) -> Self {
        TelegramState {
            token: token.to_owned(),
            username: "communique_demo_bot".to_owned(),
            is_revoked: false,
            flood_wait: None,
            limits: Limits::default(),
            users: BTreeMap::new(),
            chats: BTreeMap::new(),
            sent: Vec::new(),
            calls: VecDeque::new(),
            menus: Menus::default(),
            presses: BTreeMap::new(),
            inlines: BTreeMap::new(),
            places: HashMap::new(),
            faults: VecDeque::new(),
            updates: VecDeque::new(),
            next_update_id: 500_000_001,
            next_query: 7_000_000_000_001,
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

    /// Gives a chat its public name, without the "@".
    pub fn set_username(&mut self, chat_id: i64, username: &str) {
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            chat.username = Some(username.to_owned());
        }
    }

    /// Sets what a person is in a chat. The bot is not told, as Telegram does not tell it.
    pub fn set_member(&mut self, chat_id: i64, user: i64, role: Role) {
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            match role {
                Role::Left => chat.members.remove(&user),
                role => chat.members.insert(user, role),
            };
        }
    }

    fn insert_chat(
        &mut self,
        id: i64,
        kind: ChatType,
        title: &str,
        bot: Role,
        members: BTreeMap<i64, Role>,
    ) {
        let chat = Chat {
            id,
            kind,
            title: title.to_owned(),
            username: None,
            bot,
            members,
            topics: BTreeMap::new(),
            migrated_to: None,
        };
        self.chats.insert(id, chat);
    }

    /// Lets the next request that sends, or edits a text (in this chat, or in any), go wrong.
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

    /// What the bot posted, and did not delete.
    pub fn posts(&self) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(|sent| sent.from.is_none() && !sent.is_deleted)
    }

    /// What the bot posted in a chat.
    pub fn posts_in(&self, chat: i64) -> Vec<&Sent> {
        self.posts().filter(|sent| sent.chat == chat).collect()
    }

    /// A message by its number, whoever wrote it.
    pub fn message(&self, chat: i64, message_id: i64) -> Option<&Sent> {
        let place = *self.places.get(&(chat, message_id))?;
        self.sent.get(place).filter(|sent| !sent.is_deleted)
    }

    fn message_mut(&mut self, chat: i64, message_id: i64) -> Option<&mut Sent> {
        let place = *self.places.get(&(chat, message_id))?;
        self.sent.get_mut(place).filter(|sent| !sent.is_deleted)
    }

    /// Posts a message; its number.
    fn post(&mut self, sent: Sent) -> i64 {
        let message_id = self.next_message_id(sent.chat);
        self.places.insert((sent.chat, message_id), self.sent.len());
        self.sent.push(Sent { message_id, ..sent });
        message_id
    }

    /// Whether there are updates that the bot has not confirmed.
    pub fn has_updates(&self) -> bool {
        !self.updates.is_empty()
    }

    /// A request of the bot. `getUpdates` is answered at once; waiting is up to the caller.
    pub fn call(&mut self, method: &str, body: &Value, now: DateTime<Utc>) -> Answer {
        self.call_with(method, body, &[], now)
    }

    /// A request with files, which the body names as "attach://FILE_NAME".
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
            Some("getMe") => Answer::Done(self::json::me(&self.username)),
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
                Answer::Done(json!(true))
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

    /// Starts a request for updates; the number tells whether it is still the last one.
    pub(crate) fn begin_polling(&mut self) -> u64 {
        self.takers += 1;
        self.takers
    }

    pub(crate) fn is_taken_over(&self, taker: u64) -> bool {
        self.takers != taker
    }

    fn get_updates(&mut self, body: &Value) -> Answer {
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

    /// A number for a press or an inline query: all are as long, so that their order is that of
    /// time.
    fn next_query_id(&mut self) -> String {
        self.next_query += 1;
        self.next_query.to_string()
    }
}

/// The methods that are known.
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

fn refused(code: u16, words: &str) -> Answer {
    Answer::Refused(code, words.to_owned(), Value::Null)
}

fn flood(wait: i64) -> Answer {
    let words = format!("Too Many Requests: retry after {wait}");
    Answer::Refused(429, words, json!({"retry_after": wait}))
}
