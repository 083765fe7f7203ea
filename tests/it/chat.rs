//! Everything that can be done in a chat, with the real binary over HTTP: every command and every
//! button, in each language, in private chats, groups, topics and channels, with hostile titles and
//! texts.
//!
//! Guarantees: nothing that the bot sends is refused. All requests are recorded, for independent
//! parsers (see CONTRIBUTING.md).

use crate::support::{TestEnv, until};
use communique::{
    app,
    lang::Lang,
    sandbox::{Answer, CallbackQuery, ChatType, Role},
};
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

const OWNER: i64 = 60;
const GROUP: i64 = -1_000_000_000_061;
const FORUM: i64 = -1_000_000_000_062;
const CHANNEL: i64 = -1_000_000_000_063;
/// Their admins. They differ because the rate limit of a user covers all chats.
const ADMINS: [i64; 3] = [71, 72, OWNER];
/// The number of button presses in a chat. At one message a second to each chat, these and the
/// commands take a minute, in all chats at the same time.
const PRESSES_MAX: usize = 15;

/// What is sent in each chat.
const SAID: [&str; 42] = [
    "/start",
    "/help",
    "/latest",
    "/latest 10",
    "/latest many",
    "/archive",
    "/archive lights",
    "/search fog",
    "/search \"<b>\" & 'it' 😀",
    "/search lighthouse*",
    "/search",
    "/read",
    "/read 2",
    "/read 99",
    "/counter",
    "/counter add 2020-01-31 since <the> & \"talks\" 😀 \u{202e}began",
    "/counter add 2030-01-31 until then",
    "/counter remove",
    "/counter nothing",
    "/time",
    "/contact",
    "/sources",
    "/watch",
    "/watch http://127.0.0.1/",
    "/unwatch",
    "/settings",
    "/settings lights",
    "/words",
    "/words with fog, <b>, \"a & b\"",
    "/words lights without 😀storm",
    "/words off",
    "/zone",
    "/zone Tokyo",
    "/language",
    "/channel @coast",
    "/stop it",
    "/stop @coast it",
    "/stop <b> & \"it\" 😀",
    "/stop harbour",
    "/privacy",
    "/export",
    "/latset",
];

/// Titles and leads at the limits of what an institution may write.
fn nasty() -> Vec<(String, String)> {
    let long = "Ten words stand here, <so> that it & \"it\" is long enough. ";
    let pair = |title: &str, lead: &str| (title.to_owned(), lead.to_owned());
    vec![
        pair("A <b>bold</b> & \"quoted\" 'title' </a> 😀👩‍🚀", "Lead with <tags>, & signs."),
        pair(
            "\u{202e}Turned around\u{202c} \u{200f}עברית العربية",
            "\u{2066}isolated\u{2069} text",
        ),
        pair(&"Very long ".repeat(120), &long.repeat(180)),
        pair("A statement of three hundred thousand characters", &long.repeat(5400)),
        pair(&"&".repeat(400), &"<".repeat(9000)),
        pair(&"😀".repeat(300), &"👩‍👩‍👧‍👦".repeat(2000)),
    ]
}

#[tokio::test]
async fn telegram_refuses_no_message_of_the_bot_in_any_chat() {
    let env = TestEnv::new().await;
    env.configure(
        "[[counter]]\nsource = \"lights\"\nsince = 2020-01-31\ntext = \"{days} days <since> & 😀\"\n\
         [chat]\nwatch = \"everyone\"\n",
    );
    let languages: Vec<(i64, Lang)> = (OWNER..).zip(Lang::ALL).collect();
    {
        let mut world = env.api.world();
        // Limits are not tested here.
        (world.limits.per_second, world.limits.per_chat_burst) = (10_000, 10_000);
        world.limits.per_minute = 100_000;
        for (id, lang) in &languages {
            world.add_user(*id, "Reader <&>", lang.code());
        }
        ADMINS[..2].iter().for_each(|id| world.add_user(*id, "An admin", "en"));
        world.add_chat(GROUP, ChatType::Supergroup, "Group", ADMINS[0]);
        world.add_chat(FORUM, ChatType::Forum, "Forum", ADMINS[1]);
        world.add_chat(CHANNEL, ChatType::Channel, "Channel", OWNER);
        world.set_username(CHANNEL, "coast");
        world.chats.get_mut(&FORUM).unwrap().topics = [(5, true)].into();
    }
    let bot = env.run().await;
    env.baseline(&bot).await;
    env.say(OWNER, OWNER, "/start");
    let roles = [(GROUP, Role::Member), (FORUM, Role::Member), (CHANNEL, Role::Admin)];
    for ((chat, role), admin) in roles.into_iter().zip(ADMINS) {
        env.api.world().set_role(chat, admin, role, app::now());
    }
    until("it is subscribed", || env.heard(OWNER, "Subscribed.") > 0).await;
    for (title, lead) in nasty() {
        env.site.lock().unwrap().publish_as(&title, &lead, app::now());
    }
    until("the nasty ones came", || env.heard(OWNER, "hundred thousand characters") > 0).await;

    let private = languages.iter().map(|(id, _)| (*id, *id, None));
    let others = [(GROUP, ADMINS[0], None), (FORUM, ADMINS[1], Some(5)), (CHANNEL, OWNER, None)];
    let chats =
        private.chain(others).map(|(chat, from, thread)| converse(&env, chat, from, thread));
    futures::future::join_all(chats).await;
    assert_all_is_accepted(&env);
    bot.stop().await;
}

/// Says everything in a chat, presses every button, and stops twice: once with a restore, once
/// without.
async fn converse(env: &TestEnv, chat: i64, from: i64, thread: Option<i64>) {
    let mut database = env.database().await;
    for text in SAID {
        env.api.world().say(chat, from, text, thread, app::now());
        quiet(env, &mut database, chat).await;
    }
    press_all(env, &mut database, chat, from).await;
    env.api.world().inline(from, "fog <&> 😀", app::now());
    env.api.world().inline(from, "", app::now());
    for text in ["/stop", "/stop", "/start", "/stop"] {
        env.api.world().say(chat, from, text, thread, app::now());
        quiet(env, &mut database, chat).await;
        if text == "/stop" && press_restore(env, chat, from) {
            quiet(env, &mut database, chat).await;
        }
    }
    env.api.world().say(chat, from, "/stop", thread, app::now());
    quiet(env, &mut database, chat).await;
}

/// Telegram has refused nothing, and every query was answered.
fn assert_all_is_accepted(env: &TestEnv) {
    let world = env.api.world();
    let is_sending = |method: &str| method != "getUpdates" && method != "getChatMember";
    for call in world.calls.iter().filter(|call| is_sending(&call.method)) {
        let is_fine = match &call.answer {
            Answer::Done(_) => true,
            Answer::Refused(_, words, _) => words.contains("message is not modified"),
            _ => false,
        };
        assert!(is_fine, "{} {}: {:?}", call.method, call.body, call.answer);
    }
    let pressed = world.presses.len();
    assert!(pressed > 100, "only {pressed} buttons were pressed");
    // A member who presses too many buttons in a group is notified once.
    let is_private = |query: &&CallbackQuery| query.chat > 0;
    let is_answered = world.presses.values().filter(is_private).all(|press| press.answer.is_some());
    assert!(is_answered, "a callback query was not answered");
    // Of the inline queries of a user only the last one needs an answer.
    let last: BTreeMap<i64, bool> =
        world.inlines.values().map(|asked| (asked.by, asked.answer.is_some())).collect();
    assert!(
        last.values().all(|is_answered| *is_answered),
        "an inline query was not answered: {last:?}"
    );
}

/// Presses each button of each message of the bot in a chat once, including the messages that
/// result.
async fn press_all(env: &TestEnv, database: &mut SqliteConnection, chat: i64, from: i64) {
    let mut pressed: BTreeSet<String> = BTreeSet::new();
    while pressed.len() < PRESSES_MAX {
        let found = {
            let world = env.api.world();
            let posts = world.posts_in(chat);
            let buttons = posts.iter().rev().flat_map(|sent| {
                let rows = sent.buttons.as_array().into_iter().flatten();
                let buttons = rows.filter_map(|row| row.as_array()).flatten();
                let data = buttons.filter_map(|button| button["callback_data"].as_str());
                data.map(|data| (sent.message_id, data.to_owned())).collect::<Vec<_>>()
            });
            let mut left: Vec<_> = buttons.filter(|(_, data)| !pressed.contains(data)).collect();
            // The language stays, so that each one is tested.
            left.retain(|(_, data)| !data.contains(":l"));
            left.into_iter().next()
        };
        let Some((message_id, data)) = found else { return };
        pressed.insert(data.clone());
        env.api.world().press(chat, from, message_id, &data, app::now());
        quiet(env, database, chat).await;
    }
}

/// Presses *Restore* if that is the last message. Returns whether it was.
fn press_restore(env: &TestEnv, chat: i64, from: i64) -> bool {
    let mut world = env.api.world();
    let found = world.posts_in(chat).last().and_then(|sent| {
        let data = sent.buttons[0][0]["callback_data"].as_str()?.to_owned();
        data.starts_with("1:re:").then_some((sent.message_id, data))
    });
    let Some((message_id, data)) = found else { return false };
    world.press(chat, from, message_id, &data, app::now()).is_some()
}

/// Waits until all updates are handled, and the chat has the replies.
async fn quiet(env: &TestEnv, database: &mut SqliteConnection, chat: i64) {
    until("it is taken", || !env.api.world().has_updates()).await;
    let open = "select exists (select 1 from delivery where chat_id = ?1 and settled_at is null)
        or exists (select 1 from job where chat_id = ?1)";
    for _ in 0..3000 {
        let query = sqlx::query_scalar(open).bind(chat);
        let is_open: bool = query.fetch_one(&mut *database).await.unwrap();
        if !is_open {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("chat {chat} waits in vain for its answers");
}
