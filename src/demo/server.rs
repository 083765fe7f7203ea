//! The page of the demo: chats as they look in Telegram, the sample institution, and switches for
//! faults.

use super::{
    snapshot::snapshot,
    state::{ANNA, DemoState},
};
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
/// How often the state is checked for changes.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// The `retry_after` of the switch for 429 responses, in seconds.
const FLOOD_WAIT_S: i64 = 3;

/// Returns the routes of the page, its events and actions, and the site of the institution.
pub(super) fn routes(demo: DemoState) -> Router {
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/events", get(events))
        .route("/do", post(perform))
        .route("/document/{chat}/{message}", get(document))
        .route("/site/", get(site))
        .route("/site/statement/{number}", get(statement))
        .with_state(demo)
}

/// An action of the user of the page.
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

/// Performs an action. The response has the ID of the query, if there is one.
async fn perform(State(demo): State<DemoState>, Json(action): Json<DemoAction>) -> Json<Value> {
    let now = app::now();
    let mut query_id = None;
    match action {
        DemoAction::Say { chat, thread, from, text } => {
            demo.api.world().say(chat, from, &text, thread, now);
        }
        DemoAction::Press { chat, from, message, data } => {
            query_id = demo.api.world().press(chat, from, message, &data, now);
        }
        DemoAction::Inline { from, query } => {
            query_id = Some(demo.api.world().inline(from, &query, now));
        }
        DemoAction::Choose { chat, thread, from, query, n } => {
            demo.api.world().choose(from, chat, thread, &query, n, now);
        }
        DemoAction::Publish => {
            demo.publish();
        }
        DemoAction::Edit => {
            demo.site().edit();
        }
        DemoAction::Switch { what, on } => match what {
            Toggle::Blocked => demo.set_role(ANNA, if on { Role::Kicked } else { Role::Member }),
            Toggle::Flood => demo.api.world().flood_wait = on.then_some(FLOOD_WAIT_S),
            Toggle::Down => demo.api.set_up(!on),
            Toggle::Challenge => {
                demo.site().fault = if on { SiteFault::Challenge } else { SiteFault::None };
            }
        },
    }
    Json(json!({"query": query_id}))
}

/// Sends the state to the page whenever it changes.
async fn events(
    State(demo): State<DemoState>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold((demo, String::new()), |(demo, before)| async move {
        loop {
            let state = snapshot(&demo, app::now()).to_string();
            if state != before {
                return Some((Ok(Event::default().data(&state)), (demo, state)));
            }
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

/// A file that the bot sent. It is always downloaded and never shown, since its content is not trusted.
async fn document(
    State(demo): State<DemoState>,
    Path((chat, message)): Path<(i64, i64)>,
) -> Response {
    let telegram = demo.api.world();
    let Some(document) = telegram.message(chat, message).and_then(|sent| sent.document.as_ref())
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

async fn site(State(demo): State<DemoState>, headers: HeaderMap) -> Response {
    let tag = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    site_response(demo.site().respond_to("", tag, app::now()))
}

async fn statement(State(demo): State<DemoState>, Path(number): Path<String>) -> Response {
    site_response(demo.site().respond_to(&format!("statement/{number}"), None, app::now()))
}

fn site_response(answer: SiteResponse) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(answer.body)).into_response()
}
