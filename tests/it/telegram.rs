//! The client for Telegram against a server of one's own that knows few methods.

use axum::{Json, Router, extract::State, http::StatusCode, http::Uri};
use communique::{
    config::Token,
    domain::{Manner, Outgoing, Place, SendOutcome},
    lang::{Audience, Lang},
    telegram::{CallError, Client, Scope, Telegram},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether the token is good.
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
async fn a_method_that_is_not_there_is_no_refusal_of_the_token() {
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
        manner: Manner::default(),
    };
    let file = Outgoing { file: Some("{}".to_owned()), ..text.clone() };
    let edit = Outgoing { edit_id: Some(7), ..text.clone() };

    assert_eq!(client.send(&text).await, SendOutcome::Sent(7));
    for further in [&file, &edit] {
        let outcome = client.send(further).await;
        assert!(matches!(outcome, SendOutcome::Refused(_)), "{outcome:?}");
    }
    let menu = Lang::En.menu(Audience::Private, true);
    let unset = client.set_menu(None, Scope::Private, &menu).await;
    assert!(matches!(unset, Err(CallError::Failed(_))), "{unset:?}");

    welcome.store(false, Ordering::Relaxed);
    for all in [&text, &file, &edit] {
        assert_eq!(client.send(all).await, SendOutcome::Unauthorized);
    }
    let unset = client.set_menu(None, Scope::Private, &menu).await;
    assert!(matches!(unset, Err(CallError::Unauthorized)), "{unset:?}");
}
