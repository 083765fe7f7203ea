//! The state of the demo as JSON, for its page.
//!
//! Guarantees: the same state gives the same text, so that changes can be detected by comparing it.

use super::state::{ANNA, DemoState, FORUM, GENERAL, READINESS_PROBE, TOPICS};
use crate::sandbox::{
    CallbackQuery, Chat, ChatType, InlineQuery, Role, SITE_TITLE, Sent, SiteFault, TelegramState,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// The most messages of a chat that are shown.
const SHOWN_MAX: usize = 200;
/// The most callback queries and inline queries that are shown.
const QUERIES_MAX: usize = 20;
/// How long a button waits for an answer to its query, as in Telegram.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::seconds(15);
/// The most characters of a message that are quoted above a reply.
const QUOTE_CHARS_MAX: usize = 80;

/// Returns the state of chats, queries and the institution.
pub(super) fn snapshot(demo: &DemoState, now: DateTime<Utc>) -> Value {
    let (newest, is_challenged) = {
        let site = demo.site();
        (site.statements.last().map(|s| s.title.clone()), site.fault == SiteFault::Challenge)
    };
    let is_down = !demo.api.is_up();
    let telegram = demo.api.world();
    let chats: Vec<Value> = telegram
        .chats
        .values()
        .filter(|c| c.id != READINESS_PROBE)
        .map(|c| chat(&telegram, c))
        .collect();
    let presses = telegram.presses.iter().rev().take(QUERIES_MAX);
    let presses = presses.filter(|(_, p)| p.answer.is_some() || now - p.at < ANSWERED_WITHIN);
    let inlines = telegram.inlines.iter().rev().take(QUERIES_MAX);
    json!({
        "bot": telegram.username,
        "chats": chats,
        "presses": presses.map(|(id, p)| callback_query(id, p)).collect::<Vec<_>>(),
        "inlines": inlines.filter_map(|(id, i)| inline_query(id, i)).collect::<Vec<_>>(),
        "institution": {"title": SITE_TITLE, "newest": newest},
        "switches": {
            "blocked": telegram.chats.get(&ANNA).is_some_and(|c| c.bot == Role::Kicked),
            "flood": telegram.flood_wait.is_some(),
            "down": is_down,
            "challenge": is_challenged,
        },
    })
}

fn chat(telegram: &TelegramState, chat: &Chat) -> Value {
    let kind = match chat.kind {
        ChatType::Private => "private",
        ChatType::Channel => "channel",
        _ => "group",
    };
    // In a channel only admins can write.
    let may_write = |role: Role| match role {
        Role::Owner | Role::Admin => true,
        Role::Member => kind != "channel",
        Role::Left | Role::Kicked => false,
    };
    let writers = chat.members.iter().filter(|(_, role)| may_write(**role));
    let people: Vec<Value> = writers.map(|(id, role)| person(telegram, chat, *id, *role)).collect();
    let topics: Vec<Value> = if chat.id == FORUM {
        let all = [(Value::Null, GENERAL)].into_iter();
        let all = all.chain(TOPICS.iter().map(|(id, name)| ((*id).into(), *name)));
        all.map(|(id, name)| json!({"id": id, "name": name})).collect()
    } else {
        Vec::new()
    };
    let shown = telegram.sent.iter().rev().filter(|s| s.chat == chat.id && !s.is_deleted);
    let mut messages: Vec<Value> = shown.take(SHOWN_MAX).map(|s| message(telegram, s)).collect();
    messages.reverse();
    json!({
        "id": chat.id,
        "kind": kind,
        "title": chat.title,
        "people": people,
        "topics": topics,
        "blocked": chat.bot == Role::Kicked,
        "members": chat.members.len() + 1,
        "messages": messages,
    })
}

fn person(telegram: &TelegramState, chat: &Chat, id: i64, role: Role) -> Value {
    let user = telegram.users.get(&id);
    let language = user.map_or("", |user| &user.language);
    let is_admin = matches!(role, Role::Owner | Role::Admin);
    json!({
        "id": id,
        "name": user.map(|user| &user.name),
        "menu": telegram.menus.seen(chat.kind, is_admin, language),
    })
}

fn message(telegram: &TelegramState, sent: &Sent) -> Value {
    let document = sent.document.as_ref();
    let original = sent.reply_to.and_then(|id| telegram.message(sent.chat, id));
    json!({
        "id": sent.message_id,
        "thread": sent.thread,
        "at": sent.at.timestamp_millis(),
        "by": sent.from,
        "from": sent.from.map(|id| name(telegram, id)),
        "via": sent.is_via,
        "forwarded": sent.origin.map(|(chat, _)| telegram.chats.get(&chat).map(|chat| &chat.title)),
        "text": sent.marked.text,
        "entities": sent.marked.entities,
        "buttons": sent.buttons,
        "edited": sent.edited_at.is_some(),
        "silent": sent.is_silent,
        "document": document.map(|d| json!({"name": d.file_name, "bytes": d.bytes.len()})),
        "answers": original.map(|original| json!({
            "id": original.message_id,
            "from": original.from.map(|id| name(telegram, id)),
            "text": quote(original),
        })),
    })
}

/// The beginning of a message, or the name of its file.
fn quote(sent: &Sent) -> String {
    match &sent.document {
        Some(document) if sent.marked.text.is_empty() => document.file_name.clone(),
        _ => sent.marked.text.chars().take(QUOTE_CHARS_MAX).collect(),
    }
}

fn name(telegram: &TelegramState, id: i64) -> &str {
    telegram.users.get(&id).map_or("?", |user| &user.name)
}

fn callback_query(id: &str, press: &CallbackQuery) -> Value {
    let answer = press.answer.as_ref();
    json!({
        "id": id,
        "chat": press.chat,
        "message": press.message_id,
        "by": press.by,
        "data": press.data,
        "answer": answer.map(|answer| json!({"text": answer.text, "alert": answer.is_alert})),
    })
}

/// The results of an inline query; `None` before it is answered.
fn inline_query(id: &str, inline: &InlineQuery) -> Option<Value> {
    let answer = inline.answer.as_ref()?;
    let listed =
        |result: &Value| json!({"title": result["title"], "description": result["description"]});
    Some(json!({
        "id": id,
        "results": answer.results.iter().map(listed).collect::<Vec<_>>(),
        "button": answer.button,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demo::state::{BORIS, CHANNEL, initial_telegram},
        sandbox::{Api, Document, Site},
    };
    use std::sync::{Arc, Mutex};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    async fn start_demo() -> (DemoState, crate::sandbox::Server) {
        let (api, server) = Api::start(initial_telegram(), None, || NOW).await.unwrap();
        (DemoState { api, site: Arc::new(Mutex::new(Site::new(NOW))) }, server)
    }

    /// The JSON of a chat.
    fn shown(demo: &DemoState, chat: i64) -> Value {
        let state = snapshot(demo, NOW);
        state["chats"].as_array().unwrap().iter().find(|c| c["id"] == chat).unwrap().clone()
    }

    #[tokio::test]
    async fn a_message_is_shown_with_all_that_came_with_it() {
        let (demo, _server) = start_demo().await;
        demo.say(ANNA, ANNA, "/export");
        let file = Document { file_name: "a.csv".to_owned(), bytes: vec![1, 2] };
        let body = json!({
            "chat_id": ANNA,
            "document": "attach://a.csv",
            "disable_notification": true,
            "reply_parameters": {"message_id": 1},
        });
        demo.api.world().call_with("sendDocument", &body, &[file], NOW);
        let message = shown(&demo, ANNA)["messages"][1].clone();
        assert_eq!(message["document"], json!({"name": "a.csv", "bytes": 2}));
        assert_eq!(message["answers"], json!({"id": 1, "from": "Anna", "text": "/export"}));
        assert_eq!((&message["silent"], &message["edited"]), (&json!(true), &json!(false)));
    }

    #[tokio::test]
    async fn each_user_has_the_menu_of_their_role_in_the_chat() {
        let (demo, _server) = start_demo().await;
        let set = |scope: &str, language: &str| {
            let body = json!({
                "commands": [{"command": "x", "description": format!("{scope} {language}")}],
                "scope": {"type": scope},
                "language_code": language,
            });
            demo.api.world().call("setMyCommands", &body, NOW);
        };
        set("default", "ru");
        set("all_chat_administrators", "");
        let forum = shown(&demo, FORUM);
        let menu = |id: i64| {
            let people = forum["people"].as_array().unwrap();
            people.iter().find(|p| p["id"] == id).unwrap()["menu"][0]["description"].clone()
        };
        assert_eq!(menu(ANNA), "all_chat_administrators ");
        assert_eq!(menu(BORIS), "default ru");
        assert_eq!(shown(&demo, CHANNEL)["people"].as_array().unwrap().len(), 1);
        assert_eq!(forum["topics"].as_array().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_button_waits_for_its_answer_for_a_while() {
        let (demo, _server) = start_demo().await;
        let buttons = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]});
        let body = json!({"chat_id": ANNA, "text": "So?", "reply_markup": buttons});
        demo.api.world().call("sendMessage", &body, NOW);
        let id = demo.api.world().press(ANNA, ANNA, 1, "yes", NOW).unwrap();
        let presses = |now| snapshot(&demo, now)["presses"].clone();
        assert_eq!(
            (&presses(NOW)[0]["id"], &presses(NOW)[0]["answer"]),
            (&json!(id), &Value::Null)
        );
        assert_eq!(presses(NOW + ANSWERED_WITHIN), json!([]));
        let body = json!({"callback_query_id": id, "text": "Good."});
        demo.api.world().call("answerCallbackQuery", &body, NOW);
        let answer = json!({"text": "Good.", "alert": false});
        assert_eq!(presses(NOW + ANSWERED_WITHIN)[0]["answer"], answer);
    }
}
