//! The demo's server: the chat page, what is done there, and the institution's site.

use super::{ANNA, DemoState, state::snapshot};
use crate::{
    app,
    sandbox::{Role, SiteFault, SiteResponse},
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
/// The wait that Telegram asks for while it is flooded, in seconds.
const FLOOD_WAIT_S: i64 = 3;

pub(super) fn routes(outside: DemoState) -> Router {
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/events", get(events))
        .route("/do", post(act))
        .route("/document/{chat}/{message}", get(document))
        .route("/site/", get(site))
        .route("/site/statement/{number}", get(statement))
        .with_state(outside)
}

/// What a person at the page does.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum DemoAction {
    Say { chat: i64, thread: Option<i64>, from: i64, text: String },
    Press { chat: i64, from: i64, message: i64, data: String },
    Inline { from: i64, query: String },
    Choose { chat: i64, thread: Option<i64>, from: i64, query: String, n: usize },
    Publish,
    Edit,
    Switch { what: Toggle, on: bool },
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Toggle {
    Blocked,
    Flood,
    Down,
    Challenge,
}

/// Does it. The answer is the number of the query, where one came of it.
async fn act(State(outside): State<DemoState>, Json(act): Json<DemoAction>) -> Json<Value> {
    let now = app::now();
    let mut query_id = None;
    match act {
        DemoAction::Say { chat, thread, from, text } => {
            outside.api.world().say(chat, from, &text, thread, now);
        }
        DemoAction::Press { chat, from, message, data } => {
            query_id = outside.api.world().press(chat, from, message, &data, now);
        }
        DemoAction::Inline { from, query } => {
            query_id = Some(outside.api.world().inline(from, &query, now));
        }
        DemoAction::Choose { chat, thread, from, query, n } => {
            outside.api.world().choose(from, chat, thread, &query, n, now);
        }
        DemoAction::Publish => {
            outside.publish();
        }
        DemoAction::Edit => {
            outside.site().edit();
        }
        DemoAction::Switch { what, on } => match what {
            Toggle::Blocked => outside.set_role(ANNA, if on { Role::Kicked } else { Role::Member }),
            Toggle::Flood => outside.api.world().flood_wait = on.then_some(FLOOD_WAIT_S),
            Toggle::Down => outside.api.set_up(!on),
            Toggle::Challenge => {
                outside.site().fault = if on { SiteFault::Challenge } else { SiteFault::None };
            }
        },
    }
    Json(json!({"query": query_id}))
}

/// Sends the state to the page, whenever it has changed.
async fn events(
    State(outside): State<DemoState>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold((outside, String::new()), |(outside, before)| async move {
        loop {
            let state = snapshot(&outside, app::now()).to_string();
            if state != before {
                return Some((Ok(Event::default().data(&state)), (outside, state)));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

/// A file that the bot sent. It is always saved, never shown: what is in it is not the page's.
async fn document(
    State(outside): State<DemoState>,
    Path((chat, message)): Path<(i64, i64)>,
) -> Response {
    let world = outside.api.world();
    let Some(document) = world.message(chat, message).and_then(|sent| sent.document.as_ref())
    else {
        return (StatusCode::NOT_FOUND, "There is no such file.").into_response();
    };
    let name: String =
        url::form_urlencoded::byte_serialize(document.file_name.as_bytes()).collect();
    // In a form a space is "+"; in a header it is not.
    let disposition = format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20"));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, document.bytes.clone()).into_response()
}

async fn site(State(outside): State<DemoState>, headers: HeaderMap) -> Response {
    let tag = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    served(outside.site().respond_to("", tag, app::now()))
}

async fn statement(State(outside): State<DemoState>, Path(number): Path<String>) -> Response {
    served(outside.site().respond_to(&format!("statement/{number}"), None, app::now()))
}

fn served(answer: SiteResponse) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(answer.body)).into_response()
}
