//! The client for Telegram against a server of the test: one that knows few methods, and one that
//! answers `getUpdates` as the test wants.

use crate::support::{Bot, TestEnv, until};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use communique::{
    bot::{self, Audience},
    config::Token,
    domain::{MessageId, Outgoing, Place, SendOptions, SendOutcome},
    lang::Lang,
    telegram::{CallError, Client, Event, Incoming, Scope, Telegram},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use url::Url;

/// Whether the token is valid.
type Welcome = Arc<AtomicBool>;

async fn answer(State(welcome): State<Welcome>, uri: Uri) -> (StatusCode, Json<Value>) {
    let method = uri.path().rsplit('/').next().unwrap_or_default().to_lowercase();
    let refused = |code: StatusCode, words: &str| {
        let body = json!({"ok": false, "error_code": code.as_u16(), "description": words});
        (code, Json(body))
    };
    if !welcome.load(Ordering::Relaxed) {
        return refused(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let result = match method.as_str() {
        "getme" => json!({
            "id": 1, "is_bot": true, "first_name": "b", "username": "a_bot",
            "can_join_groups": true, "can_read_all_group_messages": false,
            "supports_inline_queries": false, "can_connect_to_business": false,
            "has_main_web_app": false,
        }),
        "sendmessage" => json!({
            "message_id": 7, "date": 1, "text": "x",
            "chat": {"id": 11, "type": "private", "first_name": "Anna"},
        }),
        _ => return refused(StatusCode::NOT_FOUND, "Not Found"),
    };
    (StatusCode::OK, Json(json!({"ok": true, "result": result})))
}

#[tokio::test]
async fn an_unknown_method_is_not_a_refused_token() {
    let welcome = Welcome::new(AtomicBool::new(true));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().fallback(answer).with_state(welcome.clone());
    #[expect(clippy::disallowed_methods, reason = "a server of the test's own")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client::new(&Token::parse("1:token").unwrap(), url).unwrap();
    let text = Outgoing {
        place: Place::of(11),
        text: "x".to_owned(),
        buttons: Vec::new(),
        edit_id: None,
        reply_id: None,
        file: None,
        options: SendOptions::default(),
    };
    let file = Outgoing { file: Some("{}".to_owned()), ..text.clone() };
    let edit = Outgoing { edit_id: Some(MessageId(7)), ..text.clone() };

    assert_eq!(client.send(&text).await, SendOutcome::Sent(MessageId(7)));
    for further in [&file, &edit] {
        let outcome = client.send(further).await;
        assert!(matches!(outcome, SendOutcome::Refused(_)), "{outcome:?}");
    }
    let menu = bot::menu(Lang::En, Audience::Private, true);
    let unset = client.set_menu(None, Scope::Private, &menu).await;
    assert!(matches!(unset, Err(CallError::Failed(_))), "{unset:?}");

    welcome.store(false, Ordering::Relaxed);
    for all in [&text, &file, &edit] {
        assert_eq!(client.send(all).await, SendOutcome::Unauthorized);
    }
    let unset = client.set_menu(None, Scope::Private, &menu).await;
    assert!(matches!(unset, Err(CallError::Unauthorized)), "{unset:?}");
}

/// The requests for updates to a server, and its responses.
#[derive(Clone)]
struct Queue {
    asked: Arc<Mutex<Vec<(Instant, Value)>>>,
    answer: fn(&Value) -> String,
}

async fn updates(State(queue): State<Queue>, uri: Uri, body: String) -> Response {
    if uri.path().ends_with("/GetUpdates") {
        let body: Value = serde_json::from_str(&body).unwrap();
        let answer = (queue.answer)(&body);
        queue.asked.lock().unwrap().push((Instant::now(), body));
        return answer.into_response();
    }
    answer(State(Welcome::new(AtomicBool::new(true))), uri).await.into_response()
}

/// A server that answers `getUpdates` this way, and the requests that it gets.
async fn server(answer: fn(&Value) -> String) -> (Url, Queue) {
    let queue = Queue { asked: Arc::default(), answer };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().fallback(updates).with_state(queue.clone());
    #[expect(clippy::disallowed_methods, reason = "a server of the test's own")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, queue)
}

/// Fetches updates, from one offset to the next, until there are none.
async fn take_all(answer: fn(&Value) -> String) -> Vec<Incoming> {
    let (url, _) = server(answer).await;
    let client = Client::new(&Token::parse("1:token").unwrap(), url).unwrap();
    let (mut all, mut offset) = (Vec::new(), 0);
    for _ in 0..100 {
        let updates = client.updates(offset, Duration::ZERO).await.unwrap();
        assert_eq!(client.has_news(), !updates.is_empty());
        let Some(last) = updates.iter().map(|update| update.update_id.0).max() else { return all };
        offset = last + 1;
        all.extend(updates);
    }
    panic!("it asks for ever: {all:?}");
}

fn update(number: i64) -> String {
    format!(
        r#"{{"update_id": {number}, "message": {{"message_id": 7, "date": 1, "text": "/help",
            "from": {{"id": 11, "is_bot": false, "first_name": "Anna"}},
            "chat": {{"id": 11, "type": "private", "first_name": "Anna"}}}}}}"#
    )
}

/// The response of a server with these updates.
fn of(updates: &[(i64, String)], asked: &Value) -> String {
    let offset = asked["offset"].as_i64().unwrap();
    let limit = usize::try_from(asked["limit"].as_u64().unwrap()).unwrap();
    let updates = updates.iter().filter(|(number, _)| *number >= offset).take(limit);
    let updates: Vec<_> = updates.map(|(_, update)| update.clone()).collect();
    format!(r#"{{"ok": true, "result": [{}]}}"#, updates.join(","))
}

#[tokio::test]
async fn update_ids_of_any_size_are_accepted() {
    const NUMBERS: [i64; 6] = [1, 1 << 31, 1 << 32, (1 << 32) + 1, 1 << 52, (1 << 53) - 1];
    let updates =
        take_all(|asked| of(&NUMBERS.map(|number| (number, update(number))), asked)).await;
    assert_eq!(updates.iter().map(|update| update.update_id.0).collect::<Vec<_>>(), NUMBERS);
    assert!(updates.iter().all(|update| matches!(update.event, Event::Message(_))));
    // Also one at a time, each requested by its ID.
    let one_by_one = |asked: &Value| {
        let mut asked = asked.clone();
        asked["limit"] = 1.into();
        of(&NUMBERS.map(|number| (number, update(number))), &asked)
    };
    assert_eq!(take_all(one_by_one).await, updates);
}

#[tokio::test]
async fn an_unreadable_update_affects_no_other() {
    fn broken() -> Vec<(i64, String)> {
        let broken = [
            r#"{"update_id": N}"#,
            r#"{"update_id": N, "message": {"text": "secret"}}"#,
            r#"{"update_id": N, "message": "secret"}"#,
            r#"{"update_id": N, "moon": {"text": "secret"}}"#,
            r#"{"update_id": N, "message": {"text": "\ud800 secret"}}"#,
            r#"{"update_id": N, "message": {"text": "secret"#,
            r#"{"update_id" : N , "message": {"text": nonsense}}"#,
            r#"{"message": {"text": }, "update_id":N}"#,
            "{\"update_id\": N, \"message\": {\"text\": \"a raw \n line\"}}",
        ];
        let broken = broken.iter().enumerate().flat_map(|(n, text)| {
            let number = 10 * i64::try_from(n).unwrap() + 10;
            let text = text.replace('N', &number.to_string());
            [(number, text), (number + 5, update(number + 5))]
        });
        // Those without an ID, which only a later one can confirm.
        let unnumbered = [(100, "null".to_owned()), (100, r#"{"update_id": "7"}"#.to_owned())];
        let last = [(105, update(105))];
        broken.chain(unnumbered).chain(last).collect()
    }
    let updates = take_all(|asked| of(&broken(), asked)).await;
    let good = |update: &&Incoming| matches!(update.event, Event::Message(_));
    let (good, lost): (Vec<_>, Vec<_>) = updates.iter().partition(|update| good(update));
    let numbers = |updates: &[&Incoming]| updates.iter().map(|u| u.update_id.0).collect::<Vec<_>>();
    assert_eq!(numbers(&good), [15, 25, 35, 45, 55, 65, 75, 85, 95, 105]);
    assert_eq!(numbers(&lost), [10, 20, 30, 40, 50, 60, 70, 80, 90]);
}

/// Runs the program against a server until it has requested updates this often. Returns when it
/// did, and its log.
async fn asked_times(answer: fn(&Value) -> String, times: usize) -> (Vec<Instant>, String) {
    let (url, queue) = server(answer).await;
    let env = TestEnv::new().await;
    let mut command = env.command(&["run"]);
    command.env("TELOXIDE_API_URL", url.as_str());
    let bot = Bot::start(command);
    until("it asked so often", || queue.asked.lock().unwrap().len() >= times).await;
    let asked = queue.asked.lock().unwrap().iter().map(|(at, _)| *at).collect();
    (asked, bot.stop().await)
}

#[tokio::test]
async fn a_server_without_long_polling_is_polled_less_and_less_often() {
    let nothing: fn(&Value) -> String = |_| r#"{"ok": true, "result": []}"#.to_owned();
    let same: fn(&Value) -> String =
        |_| format!(r#"{{"ok": true, "result": [{}]}}"#, update((1 << 31) + 5));
    let unnumbered: fn(&Value) -> String = |_| r#"{"ok": true, "result": [{}]}"#.to_owned();
    for answer in [nothing, same, unnumbered] {
        let (asked, _) = asked_times(answer, 6).await;
        // The first does not wait, and after the second the pauses begin: 0.1, 0.2, 0.4, 0.8 s,
        // from when the request was sent and not from when it arrived here.
        let took = asked[5] - asked[2];
        assert!(took >= Duration::from_millis(1000), "{took:?}");
    }
}

#[tokio::test]
async fn unreadable_updates_are_logged_without_their_text() {
    let secret: fn(&Value) -> String = |asked| {
        let broken = r#"{"update_id": 5, "message": {"text": "secret", "date": "secret"}}"#;
        of(&[(5, broken.to_owned()), (6, update(6))], asked)
    };
    let (_, log) = asked_times(secret, 3).await;
    assert!(log.contains("update 5 cannot be read"), "{log}");
    assert!(!log.contains("secret"), "{log}");
}
