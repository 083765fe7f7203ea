//! The chats, users and site of the demo, and what happens to them.

use crate::{
    app,
    sandbox::{Api, ChatType, Role, Site, TelegramState},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The token of the bot in the demo. It is not valid anywhere else.
pub(super) const TOKEN: &str = "1:demo";

/// The users of the demo.
pub(super) const ANNA: i64 = 101;
pub(super) const BORIS: i64 = 102;
pub(super) const CARLA: i64 = 103;
/// The user who asks whether the page was polled; their chat is not shown.
pub(super) const READINESS_PROBE: i64 = 104;
/// The group, channel and forum of the demo.
pub(super) const NEWSROOM: i64 = -1_000_000_000_201;
pub(super) const CHANNEL: i64 = -1_000_000_000_202;
pub(super) const FORUM: i64 = -1_000_000_000_203;
/// The topic that every forum has.
pub(super) const GENERAL: &str = "General";
/// The topic of the forum that is subscribed.
pub(super) const STATEMENTS: i64 = 2;
/// The further topics of the forum.
pub(super) const TOPICS: [(i64, &str); 2] = [(STATEMENTS, "Statements"), (3, "Talk")];

/// What surrounds the program in the demo: Telegram and the institution.
#[derive(Clone, Debug)]
pub(super) struct DemoState {
    pub(super) api: Api,
    pub(super) site: Arc<Mutex<Site>>,
}

impl DemoState {
    /// Locks the site of the institution.
    pub(super) fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user writes to a chat.
    pub(super) fn say(&self, chat: i64, from: i64, text: &str) {
        self.say_in(chat, None, from, text);
    }

    /// A user writes to a topic.
    pub(super) fn say_in(&self, chat: i64, thread: Option<i64>, from: i64, text: &str) {
        self.api.world().say(chat, from, text, thread, app::now());
    }

    /// Anna changes the role of the bot in a chat.
    pub(super) fn set_role(&self, chat: i64, role: Role) {
        self.api.world().set_role(chat, ANNA, role, app::now());
    }

    /// Publishes the next statement, and returns its title.
    pub(super) fn publish(&self) -> String {
        self.site().publish(app::now()).title
    }
}

/// Returns the users and chats before the bot joins any.
pub(super) fn initial_telegram() -> TelegramState {
    let mut telegram = TelegramState::new(TOKEN);
    telegram.add_user(ANNA, "Anna", "en");
    telegram.add_user(BORIS, "Борис", "ru");
    telegram.add_user(CARLA, "Carla", "en");
    telegram.add_user(READINESS_PROBE, "Witness", "en");
    telegram.add_chat(NEWSROOM, ChatType::Supergroup, "Newsroom", ANNA);
    telegram.add_chat(CHANNEL, ChatType::Channel, "Coast Watch", ANNA);
    telegram.add_chat(FORUM, ChatType::Forum, "Sea Forum", ANNA);
    telegram.set_username(CHANNEL, "coast_watch");
    telegram.set_member(NEWSROOM, CARLA, Role::Member);
    for guest in [BORIS, CARLA] {
        telegram.set_member(FORUM, guest, Role::Member);
    }
    if let Some(forum) = telegram.chats.get_mut(&FORUM) {
        forum.topics = TOPICS.iter().map(|(id, _)| (*id, true)).collect();
    }
    telegram
}
