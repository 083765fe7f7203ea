//! The state of Telegram: users, chats, messages, pending updates and faults.
//!
//! Guarantees: without a clock, randomness or I/O; time is an argument of everything that depends
//! on it.
//! Out of scope: what users do (`user_actions`), and the methods of the Bot API (`methods`).

use super::{
    limits::Limits,
    menus::Menus,
    types::{Call, CallbackQuery, Chat, ChatType, Fault, InlineQuery, Role, Sent, User},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// The state of Telegram, as far as bots see it.
#[derive(Clone, Debug)]
pub struct TelegramState {
    /// The token of the bot.
    pub token: String,
    /// The username of the bot.
    pub username: String,
    /// Whether the token was revoked.
    pub is_revoked: bool,
    /// While set, every message is refused with this `retry_after`, in seconds.
    pub flood_wait: Option<i64>,
    /// The rate limits.
    pub limits: Limits,
    /// The users.
    pub users: BTreeMap<i64, User>,
    /// The chats, including private ones.
    pub chats: BTreeMap<i64, Chat>,
    /// All messages, in order.
    pub sent: Vec<Sent>,
    /// The latest requests, in order.
    pub calls: VecDeque<Call>,
    /// The command menus.
    pub menus: Menus,
    /// The callback queries, in order of their IDs.
    pub presses: BTreeMap<String, CallbackQuery>,
    /// The inline queries, in order of their IDs.
    pub inlines: BTreeMap<String, InlineQuery>,
    /// The index of a message in `sent`, by chat and ID.
    pub(super) places: HashMap<(i64, i64), usize>,
    pub(super) faults: VecDeque<(Option<i64>, Fault)>,
    pub(super) updates: VecDeque<(i64, Value)>,
    next_update_id: i64,
    next_query: u64,
    next_message_ids: BTreeMap<i64, i64>,
    pub(super) allowed: Option<BTreeSet<String>>,
    /// Counts `getUpdates` requests: a new one terminates the one before it.
    polls: u64,
    pub(super) webhook: Option<String>,
}

impl TelegramState {
    /// A state without users and chats, with a bot that has this token.
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
            polls: 0,
            webhook: None,
        }
    }

    /// Adds a user who has a private chat with the bot.
    pub fn add_user(&mut self, id: i64, name: &str, language: &str) {
        let user = User { id, name: name.to_owned(), language: language.to_owned() };
        self.users.insert(id, user);
        let members = BTreeMap::from([(id, Role::Member)]);
        self.insert_chat(id, ChatType::Private, name, Role::Member, members);
    }

    /// Adds a group or channel of this owner, without the bot.
    pub fn add_chat(&mut self, id: i64, kind: ChatType, title: &str, owner: i64) {
        let members = BTreeMap::from([(owner, Role::Owner)]);
        self.insert_chat(id, kind, title, Role::Left, members);
    }

    /// Gives a chat a public username, without the "@".
    pub fn set_username(&mut self, chat_id: i64, username: &str) {
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            chat.username = Some(username.to_owned());
        }
    }

    /// Sets the role of a user in a chat. As in Telegram, the bot gets no update.
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

    /// Makes the next request that sends a message or edits a text fail, in this chat or in any.
    pub fn fail_next(&mut self, chat: Option<i64>, fault: Fault) {
        self.faults.push_back((chat, fault));
    }

    /// Removes all faults that have not happened yet.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Sets a webhook, as another program with the same token would.
    pub fn set_webhook(&mut self, url: &str) {
        self.webhook = Some(url.to_owned());
    }

    /// The messages of the bot that are not deleted.
    pub fn posts(&self) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(|sent| sent.from.is_none() && !sent.is_deleted)
    }

    /// The messages of the bot in a chat.
    pub fn posts_in(&self, chat: i64) -> Vec<&Sent> {
        self.posts().filter(|sent| sent.chat == chat).collect()
    }

    /// A message that is not deleted, by its ID.
    pub fn message(&self, chat: i64, message_id: i64) -> Option<&Sent> {
        let index = *self.places.get(&(chat, message_id))?;
        self.sent.get(index).filter(|sent| !sent.is_deleted)
    }

    pub(super) fn message_mut(&mut self, chat: i64, message_id: i64) -> Option<&mut Sent> {
        let index = *self.places.get(&(chat, message_id))?;
        self.sent.get_mut(index).filter(|sent| !sent.is_deleted)
    }

    /// Adds a message, and returns its ID.
    pub(super) fn post(&mut self, sent: Sent) -> i64 {
        let message_id = self.next_message_id(sent.chat);
        self.places.insert((sent.chat, message_id), self.sent.len());
        self.sent.push(Sent { message_id, ..sent });
        message_id
    }

    /// Whether there are unconfirmed updates.
    pub fn has_updates(&self) -> bool {
        !self.updates.is_empty()
    }

    /// Starts a `getUpdates` request, and returns a number for `is_taken_over`.
    pub(crate) fn begin_polling(&mut self) -> u64 {
        self.polls += 1;
        self.polls
    }

    /// Whether a newer `getUpdates` request has started.
    pub(crate) fn is_taken_over(&self, poll: u64) -> bool {
        self.polls != poll
    }

    /// Adds an update, if the bot allows its kind.
    pub(super) fn enqueue(&mut self, kind: &str, content: Value) {
        let is_allowed = self.allowed.as_ref().is_none_or(|kinds| kinds.contains(kind));
        if is_allowed {
            let id = self.next_update_id;
            self.next_update_id += 1;
            let mut update = Map::new();
            update.insert("update_id".to_owned(), id.into());
            update.insert(kind.to_owned(), content);
            self.updates.push_back((id, update.into()));
        }
    }

    /// Private chats share a sequence; every other chat has its own.
    pub(super) fn next_message_id(&mut self, chat_id: i64) -> i64 {
        let id = self.next_message_ids.entry(chat_id.min(0)).or_insert(0);
        *id += 1;
        *id
    }

    /// An ID for a query. All have the same length, so that their order is that of time.
    pub(super) fn next_query_id(&mut self) -> String {
        self.next_query += 1;
        self.next_query.to_string()
    }
}
