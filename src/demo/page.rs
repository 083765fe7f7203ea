//! The demo's server: the chat page, what its buttons do, and the institution's site.

use super::{ANNA, Outside};
use crate::{
    app,
    sandbox::{Chat, ChatType, Role, SITE_TITLE, Sent, SiteFault, World},
};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        Html, IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{convert::Infallible, time::Duration};

const PAGE: &str = include_str!("page.html");
/// How often it is looked whether there is something to show.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Messages of a chat that are shown.
const SHOWN_MAX: usize = 200;
/// The wait that Telegram asks for while it is flooded, in seconds.
const FLOOD_WAIT_S: i64 = 3;

pub(super) fn routes(outside: Outside) -> Router {
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/events", get(events))
        .route("/do", post(act))
        .route("/site/", get(site))
        .route("/site/statement/{number}", get(statement))
        .with_state(outside)
}

/// What a person at the page does.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Act {
    Say { chat: i64, from: i64, text: String },
    Press { chat: i64, from: i64, message: i64, data: String },
    Publish,
    Edit,
    Switch { what: Switch, on: bool },
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Switch {
    Blocked,
    Flood,
    Down,
    Challenge,
}

async fn act(State(outside): State<Outside>, Json(act): Json<Act>) -> StatusCode {
    let now = app::now();
    match act {
        Act::Say { chat, from, text } => {
            outside.api.world().say(chat, from, &text, None, now);
        }
        Act::Press { chat, from, message, data } => {
            outside.api.world().press(chat, from, message, &data, now);
        }
        Act::Publish => {
            outside.publish();
        }
        Act::Edit => {
            outside.site().edit();
        }
        Act::Switch { what, on } => match what {
            Switch::Blocked => outside.set_role(ANNA, if on { Role::Kicked } else { Role::Member }),
            Switch::Flood => outside.api.world().flood_wait = on.then_some(FLOOD_WAIT_S),
            Switch::Down => outside.api.set_up(!on),
            Switch::Challenge => {
                outside.site().fault = if on { SiteFault::Challenge } else { SiteFault::None };
            }
        },
    }
    StatusCode::NO_CONTENT
}

/// Sends the state to the page, whenever it has changed.
async fn events(
    State(outside): State<Outside>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold((outside, String::new()), |(outside, before)| async move {
        loop {
            let state = snapshot(&outside).to_string();
            if state != before {
                return Some((Ok(Event::default().data(&state)), (outside, state)));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

fn snapshot(outside: &Outside) -> Value {
    let (newest, is_challenged) = {
        let site = outside.site();
        (site.statements.last().map(|s| s.title.clone()), site.fault == SiteFault::Challenge)
    };
    let is_down = !outside.api.is_up();
    let world = outside.api.world();
    let chats: Vec<Value> =
        world.chats.values().filter(|c| is_shown(c)).map(|c| chat(&world, c)).collect();
    json!({
        "bot": world.username,
        "chats": chats,
        "institution": {"title": SITE_TITLE, "newest": newest},
        "switches": {
            "blocked": world.chats.get(&ANNA).is_some_and(|c| c.bot == Role::Kicked),
            "flood": world.flood_wait.is_some(),
            "down": is_down,
            "challenge": is_challenged,
        },
    })
}

/// Carla's private chat is where the script asks whether the page was read.
fn is_shown(chat: &Chat) -> bool {
    chat.id != super::CARLA
}

fn chat(world: &World, chat: &Chat) -> Value {
    let kind = match chat.kind {
        ChatType::Private => "private",
        ChatType::Channel => "channel",
        _ => "group",
    };
    let person = |id: &i64| {
        let user = world.users.get(id);
        json!({"id": id, "name": user.map(|u| u.name.as_str()), "language": user.map(|u| u.language.as_str())})
    };
    // Who can write there: in a channel only those who run it.
    let writes = |role: &Role| kind != "channel" || matches!(role, Role::Owner | Role::Admin);
    let people: Vec<Value> =
        chat.members.iter().filter(|(_, role)| writes(role)).map(|(id, _)| person(id)).collect();
    let language = people.first().and_then(|p| p["language"].as_str()).unwrap_or_default();
    let menu = world.menus.seen(chat.kind, false, language).cloned();
    let mut messages: Vec<&Sent> =
        world.sent.iter().rev().filter(|s| s.chat == chat.id).take(SHOWN_MAX).collect();
    messages.reverse();
    json!({
        "id": chat.id,
        "kind": kind,
        "title": chat.title,
        "people": people,
        "blocked": chat.bot == Role::Kicked,
        "members": chat.members.len() + 1,
        "menu": menu,
        "messages": messages.into_iter().map(|s| message(world, s)).collect::<Vec<_>>(),
    })
}

fn message(world: &World, sent: &Sent) -> Value {
    json!({
        "id": sent.message_id,
        "at": sent.at.timestamp_millis(),
        "from": sent.from.map(|id| world.users.get(&id).map_or("?", |u| &u.name)),
        "text": sent.marked.text,
        "entities": sent.marked.entities,
        "buttons": sent.buttons,
    })
}

async fn site(State(outside): State<Outside>, headers: HeaderMap) -> Response {
    let tag = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let answer = outside.site().respond(tag, app::now());
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(answer.body)).into_response()
}

async fn statement(State(outside): State<Outside>, Path(number): Path<u64>) -> Response {
    match outside.site().statement_page(number) {
        Some(page) => Html(page).into_response(),
        None => (StatusCode::NOT_FOUND, "There is no such statement.").into_response(),
    }
}
