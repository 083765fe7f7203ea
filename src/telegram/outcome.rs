//! teloxide's errors → outcomes of ours.
//!
//! teloxide drops Telegram's error code and knows descriptions only letter by letter, so most real
//! answers come as unknown text. They are told apart by how they begin, which has been stable.

use super::CallError;
use crate::domain::{ChatId, SendOutcome};
use std::{error::Error as _, time::Duration};
use teloxide::{ApiError, RequestError};

/// The wait when Telegram asks for one without saying how long.
const WAIT_DEFAULT: Duration = Duration::from_secs(5);
/// The longest wait that is believed.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);

/// What an error of a send means.
pub(super) fn of_send(error: &RequestError) -> SendOutcome {
    match error {
        RequestError::RetryAfter(wait) => SendOutcome::RetryAfter(wait.duration().min(WAIT_MAX)),
        RequestError::MigrateToChatId(chat) => SendOutcome::Migrated(ChatId(chat.0)),
        RequestError::Api(error) => of_description(&description(error)),
        RequestError::Network(error) if error.is_connect() || error.is_builder() => {
            SendOutcome::NotSent(network(error))
        }
        RequestError::Network(error) => SendOutcome::Unanswered(network(error)),
        RequestError::InvalidJson { raw, .. } => of_unreadable(raw),
        RequestError::Io(error) => SendOutcome::NotSent(error.to_string()),
    }
}

/// What an error of any other call means.
pub(super) fn of_call(error: &RequestError) -> CallError {
    match error {
        RequestError::RetryAfter(wait) => CallError::RetryAfter(wait.duration().min(WAIT_MAX)),
        RequestError::Api(error) => {
            let text = description(error);
            match of_description(&text) {
                SendOutcome::Unauthorized => CallError::Unauthorized,
                SendOutcome::RetryAfter(wait) => CallError::RetryAfter(wait),
                _ if text.contains("webhook is active") => CallError::Webhook,
                _ if text.starts_with("Conflict") => CallError::Conflict,
                _ => CallError::Failed(text),
            }
        }
        RequestError::Network(error) => CallError::Failed(network(error)),
        RequestError::InvalidJson { .. } => {
            CallError::Failed("Telegram's answer cannot be read".to_owned())
        }
        error => CallError::Failed(error.to_string()),
    }
}

/// Telegram's own words.
fn description(error: &ApiError) -> String {
    match error {
        ApiError::Unknown(text) => text.clone(),
        ApiError::InvalidToken => "Unauthorized".to_owned(),
        error => error.to_string(),
    }
}

/// What Telegram's words about a send mean.
pub fn of_description(text: &str) -> SendOutcome {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let why = || text.to_owned();
    if lower.starts_with("too many requests") {
        let number = text.rsplit(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
        let wait = number.and_then(|digits| digits.parse().ok()).map(Duration::from_secs);
        return SendOutcome::RetryAfter(wait.unwrap_or(WAIT_DEFAULT).min(WAIT_MAX));
    }
    if has(&["bot was kicked", "can't initiate conversation", "can't send messages to bots"]) {
        return SendOutcome::ChatGone(why());
    }
    if lower.starts_with("unauthorized") || lower == "not found" {
        return SendOutcome::Unauthorized;
    }
    if has(&["message thread not found", "topic_deleted", "topic_id_invalid"]) {
        return SendOutcome::TopicGone(why());
    }
    const NO_RIGHT: [&str; 7] = [
        "topic_closed",
        "have no rights",
        "not enough rights",
        "need administrator rights",
        "chat_write_forbidden",
        "chat_restricted",
        "upgraded to a supergroup",
    ];
    if has(&NO_RIGHT) {
        return SendOutcome::ChatClosed(why());
    }
    const GONE: [&str; 6] = [
        "chat not found",
        "user not found",
        "group is deactivated",
        "group chat was deactivated",
        "peer_id_invalid",
        "chat_id_invalid",
    ];
    if lower.starts_with("forbidden") || has(&GONE) {
        return SendOutcome::ChatGone(why());
    }
    if lower.contains("can't parse entities") {
        return SendOutcome::Malformed(why());
    }
    if lower.starts_with("bad request") || lower.starts_with("request entity too large") {
        return SendOutcome::Refused(why());
    }
    // Internal Server Error, Bad Gateway, Gateway Timeout, restart, and what is not known.
    SendOutcome::ServerError(why())
}

/// What an answer means that is not the JSON that was expected.
fn of_unreadable(raw: &str) -> SendOutcome {
    let raw = raw.trim_start();
    if let Ok(answer) = serde_json::from_str::<serde_json::Value>(raw) {
        // Whole and well, but with something in it that is newer than teloxide.
        let message_id = answer["result"]["message_id"].as_i64();
        if let (Some(true), Some(message_id)) = (answer["ok"].as_bool(), message_id) {
            return SendOutcome::Sent(message_id);
        }
        if let Some(text) = answer["description"].as_str() {
            return of_description(text);
        }
    }
    // The page of a gateway, or the beginning of an answer.
    if raw.starts_with('<') {
        SendOutcome::ServerError("Telegram's gateway answered with a page".to_owned())
    } else {
        SendOutcome::Unanswered("the answer was cut short".to_owned())
    }
}

/// An error of the network in words. Not its own words: they hold the address, and the address
/// holds the token.
fn network(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "Telegram cannot be reached"
    } else {
        "the connection broke"
    };
    let mut innermost = None;
    let mut cause = error.source();
    while let Some(inner) = cause {
        innermost = Some(inner.to_string());
        cause = inner.source();
    }
    match innermost.filter(|text| !text.contains("://")) {
        Some(text) => format!("{what} ({text})"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegrams_words_are_told_apart() {
        use SendOutcome as O;
        let gone = [
            "Forbidden: bot was blocked by the user",
            "Forbidden: user is deactivated",
            "Forbidden: bot can't initiate conversation with a user",
            "Unauthorized: bot can't initiate conversation with a user",
            "Forbidden: bot was kicked from the group chat",
            "Unauthorized: bot was kicked from a chat",
            "Forbidden: bot is not a member of the channel chat",
            "Forbidden: the group chat was deleted",
            "Bad Request: chat not found",
        ];
        for text in gone {
            assert_eq!(of_description(text), O::ChatGone(text.into()), "{text}");
        }
        let why = String::from;
        let cases = [
            ("Too Many Requests: retry after 17", O::RetryAfter(Duration::from_secs(17))),
            ("Too Many Requests", O::RetryAfter(WAIT_DEFAULT)),
            ("Too Many Requests: retry after 99999999", O::RetryAfter(WAIT_MAX)),
            ("Unauthorized", O::Unauthorized),
            ("Not Found", O::Unauthorized),
            (
                "Bad Request: message thread not found",
                O::TopicGone(why("Bad Request: message thread not found")),
            ),
            ("Bad Request: TOPIC_CLOSED", O::ChatClosed(why("Bad Request: TOPIC_CLOSED"))),
            (
                "Bad Request: have no rights to send a message",
                O::ChatClosed(why("Bad Request: have no rights to send a message")),
            ),
            (
                "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
                O::Malformed(why(
                    "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
                )),
            ),
            (
                "Bad Request: message is too long",
                O::Refused(why("Bad Request: message is too long")),
            ),
            ("Internal Server Error", O::ServerError(why("Internal Server Error"))),
            ("Bad Gateway", O::ServerError(why("Bad Gateway"))),
        ];
        for (text, expected) in cases {
            assert_eq!(of_description(text), expected, "{text}");
        }
    }

    #[test]
    fn an_answer_that_teloxide_cannot_read_is_read_again() {
        let cases = [
            (r#"{"ok":true,"result":{"message_id":5,"new_thing":[]}}"#, SendOutcome::Sent(5)),
            (
                r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3"}"#,
                SendOutcome::RetryAfter(Duration::from_secs(3)),
            ),
            (
                "<html>502 Bad Gateway</html>",
                SendOutcome::ServerError("Telegram's gateway answered with a page".into()),
            ),
            (r#"{"ok":true,"res"#, SendOutcome::Unanswered("the answer was cut short".into())),
            ("", SendOutcome::Unanswered("the answer was cut short".into())),
        ];
        for (raw, expected) in cases {
            assert_eq!(of_unreadable(raw), expected, "{raw}");
        }
    }
}
