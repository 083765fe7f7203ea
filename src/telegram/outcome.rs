//! Errors of teloxide → outcomes of the domain.
//!
//! teloxide drops Telegram's error code and knows descriptions only by their exact text, so most
//! real responses come as unknown text. They are classified by the words in them, in any form.

use super::CallError;
use crate::domain::{ChatId, MessageId, SendOutcome, entry::fold};
use std::{error::Error as _, time::Duration};
use teloxide::{ApiError, RequestError};

/// The wait if Telegram asks for one without its length.
const WAIT_DEFAULT: Duration = Duration::from_secs(5);
/// The wait after PEER_FLOOD, which lasts longer.
const WAIT_PEER_FLOOD: Duration = Duration::from_secs(600);
/// The shortest and the longest wait that are respected.
const WAIT_MIN: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);

/// How far into the page of a gateway the status is searched.
const PAGE_HEAD_CHARS: usize = 400;

/// Returns a wait within the limits.
fn bounded(wait: Duration) -> Duration {
    wait.clamp(WAIT_MIN, WAIT_MAX)
}

/// Classifies an error of a send.
pub(super) fn classify_send(error: &RequestError) -> SendOutcome {
    match error {
        RequestError::RetryAfter(wait) => SendOutcome::RetryAfter(bounded(wait.duration())),
        RequestError::MigrateToChatId(chat) => SendOutcome::Migrated(ChatId(chat.0)),
        RequestError::Api(error) => classify_description(&description(error)),
        RequestError::Network(error) if error.is_connect() || error.is_builder() => {
            SendOutcome::NotSent(network(error))
        }
        RequestError::Network(error) => SendOutcome::Unanswered(network(error)),
        RequestError::InvalidJson { raw, .. } => classify_unreadable(raw),
        RequestError::Io(error) => SendOutcome::NotSent(error.to_string()),
    }
}

/// Classifies an error of any other call.
pub(super) fn classify_call(error: &RequestError) -> CallError {
    match error {
        RequestError::RetryAfter(wait) => CallError::RetryAfter(bounded(wait.duration())),
        RequestError::Api(error) => {
            let text = description(error);
            match classify_description(&text) {
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

/// Returns Telegram's own description.
fn description(error: &ApiError) -> String {
    match error {
        ApiError::Unknown(text) => text.clone(),
        ApiError::InvalidToken => "Unauthorized".to_owned(),
        error => error.to_string(),
    }
}

/// Classifies a description of Telegram about a send.
///
/// The server says the same in many ways: in English, as a code (`CHAT_SEND_PLAIN_FORBIDDEN`), with
/// the status before it or without. Case and punctuation are removed before the comparison, so that
/// a code equals its words. The first matching group decides; a group that ends subscriptions
/// matches exact words only.
pub fn classify_description(text: &str) -> SendOutcome {
    let said = Description::of(text);
    let why = || text.to_owned();
    // Checked first, because the rest of the description quotes our message.
    if said.has(&["can t parse entities", "can t parse message text", "can t parse caption"]) {
        return SendOutcome::Malformed(why());
    }
    if let Some(wait) = said.wait() {
        return SendOutcome::RetryAfter(wait);
    }
    if said.has(GONE) && !(said.is(401) && said.has(&["user deactivated", "user deleted"])) {
        return SendOutcome::ChatGone(why());
    }
    if said.is(401) || (said.is(404) && said.words == "not found") {
        return SendOutcome::Unauthorized;
    }
    if said.has(TOPIC_GONE) {
        return SendOutcome::TopicGone(why());
    }
    if said.has(MESSAGE_GONE) {
        return SendOutcome::MessageGone(why());
    }
    // An unknown 403 is no reason to end a subscription.
    if said.has(NO_RIGHT) || said.is(403) {
        return SendOutcome::ChatClosed(why());
    }
    if said.has(TEMPORARY) || said.is(408) || said.is(409) {
        return SendOutcome::ServerError(why());
    }
    match said.code {
        Some(400..500) => SendOutcome::Refused(why()),
        // A code of Telegram's own, whatever is before it.
        None if is_code(text) => SendOutcome::Refused(why()),
        // Internal Server Error, Bad Gateway, Gateway Timeout, restart, and what is unknown.
        _ => SendOutcome::ServerError(why()),
    }
}

/// Whether an edit was refused because the message already has this content.
pub(super) fn is_unchanged(text: &str) -> bool {
    Description::of(text).has(&["message is not modified", "message not modified"])
}

/// The chat, or the user it is with, is gone for good.
const GONE: &[&str] = &[
    "chat not found",
    "chat id invalid",
    "peer id invalid",
    "user not found",
    "bot was kicked",
    "bot was blocked",
    "blocked by the user",
    "user is blocked",
    "user is deactivated",
    "user deactivated",
    "user is deleted",
    "user deleted",
    "is not a member of",
    "group is deactivated",
    "chat is deactivated",
    "chat was deactivated",
    "chat was deleted",
    "can t initiate conversation",
    "can t send messages to bots",
    "user is bot",
];
/// The topic is gone, the chat is still there.
const TOPIC_GONE: &[&str] = &[
    "thread not found",
    "topic not found",
    "topic was deleted",
    "topic deleted",
    "topic id invalid",
    "invalid forum topic identifier",
    "invalid message thread identifier",
];
/// The message to edit or reply to is gone, or cannot be edited any more.
const MESSAGE_GONE: &[&str] = &[
    "message to edit not found",
    "message can t be edited",
    "can t edit message",
    "in the message to edit",
    "message edit time expired",
    "message author required",
    "inline bot required",
    "message id invalid",
    "msg id invalid",
    "invalid message identifier",
    "message identifier is not specified",
    "message not found",
    "message is too old",
    "message too old",
    "rights to edit",
    "to be replied not found",
    "to reply not found",
    "replied message not found",
    "reply message not found",
    "quote text invalid",
];
/// The bot may not write there, until an admin gives it the right.
const NO_RIGHT: &[&str] = &[
    // Words of one or two that are in many: "not enough rights to send …", "need administrator
    // rights …", CHAT_SEND_PLAIN_FORBIDDEN, USER_BANNED_IN_CHANNEL, CHAT_RESTRICTED.
    " right ",
    " rights ",
    " forbidden ",
    " banned ",
    " restricted ",
    " frozen ",
    " permission ",
    " permissions ",
    " privileges ",
    " muted ",
    "not allowed",
    "permission denied",
    "admin required",
    "admin invite required",
    "administrator required",
    "owner required",
    "premium required",
    "premium account required",
    "payment required",
    "boosts required",
    "write access",
    "no access to",
    "can t access the",
    "can t write",
    "channel private",
    "channel public group na",
    "user not participant",
    "topic closed",
    "topic is closed",
    "upgraded to a supergroup",
];
/// Telegram cannot do it at the moment, although it blames the request.
const TEMPORARY: &[&str] = &[
    "timed out",
    " timeout ",
    " timedout ",
    "rpc call fail",
    "rpc send fail",
    "interdc",
    "msg wait",
    "worker busy",
    "request aborted",
    "try again",
    "temporarily",
    "restart",
];
/// The first words of the server's descriptions, with their status.
const OPENINGS: [(&str, u16); 7] = [
    ("bad request", 400),
    ("unauthorized", 401),
    ("forbidden", 403),
    ("not found", 404),
    ("request entity too large", 413),
    ("too many requests", 429),
    ("internal server error", 500),
];
/// Words that may come before the status.
const DESCRIPTION_SENDERS: [&str; 8] =
    ["error", "code", "status", "http", "telegram", "says", "rpcerror", "description"];

/// An error as words for comparison: lower case, separated by one space.
struct Description {
    /// The status, or the one that the first words imply.
    code: Option<u16>,
    words: String,
}

impl Description {
    fn of(text: &str) -> Self {
        let folded = fold(&without_quotes(text));
        let all: Vec<&str> = folded.split(' ').collect();
        let openings = all.iter().take_while(|word| DESCRIPTION_SENDERS.contains(word)).count();
        let number = all.get(openings).and_then(|word| word.parse().ok());
        let mut code = number.filter(|number| (400..600).contains(number));
        let mut words = all[openings + usize::from(code.is_some())..].join(" ");
        if let Some(rest) = words.strip_prefix("description ") {
            words = rest.to_owned();
        }
        for (opening, number) in OPENINGS {
            let Some(rest) = words.strip_prefix(opening) else { continue };
            code = code.or(Some(number));
            // Without further words, it is the whole description.
            if let Some(rest) = rest.strip_prefix(' ') {
                words = rest.to_owned();
            }
            break;
        }
        Description { code, words }
    }

    fn is(&self, code: u16) -> bool {
        self.code == Some(code)
    }

    fn has(&self, any: &[&str]) -> bool {
        let words = format!(" {} ", self.words);
        any.iter().any(|one| words.contains(one))
    }

    /// Returns how long Telegram asks to wait, if it does: with a number (`FLOOD_WAIT_17`, "retry
    /// after 17", "a wait of 2 minutes"), or without.
    fn wait(&self) -> Option<Duration> {
        let words: Vec<&str> = self.words.split(' ').collect();
        // The number that a word is or begins with: "17", "17s".
        let number = |at: usize| {
            let word = words.get(at)?;
            let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            Some((digits.parse::<u64>().ok()?, &word[digits.len()..]))
        };
        let follows =
            |at: &usize| *at > 0 && matches!(words[at - 1], "wait" | "after" | "in" | "of");
        let is_asked = self.is(429)
            || self.is(420)
            || (1..words.len()).any(|at| words[at - 1] == "wait" && number(at).is_some())
            || words.iter().any(|word| word.starts_with("flood") || *word == "slowmode")
            || self.has(&[
                "too many requests",
                "slow mode",
                "retry after",
                "retry later",
                "retry in",
                "wait of",
                "try again in",
            ]);
        if !is_asked {
            return None;
        }
        let all = || (0..words.len()).filter(|at| number(*at).is_some());
        let said = all().rfind(follows).or_else(|| all().next()).and_then(|at| {
            let (n, unit) = number(at)?;
            let unit =
                if unit.is_empty() { words.get(at + 1).copied().unwrap_or("") } else { unit };
            let unit_s = match unit.trim_end_matches('s') {
                "m" | "min" | "minute" => 60,
                "h" | "hour" => 3600,
                _ => 1,
            };
            Some(Duration::from_secs(n.saturating_mul(unit_s)))
        });
        let default = if self.has(&["peer flood"]) { WAIT_PEER_FLOOD } else { WAIT_DEFAULT };
        Some(bounded(said.filter(|wait| !wait.is_zero()).unwrap_or(default)))
    }
}

/// Removes quoted parts, which come from our request: addresses of buttons, names of tags.
fn without_quotes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut quote = None;
    let mut before = ' ';
    for c in text.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => {}
            // The apostrophe in "can't" does not open a quotation.
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None => kept.push(c),
        }
        before = c;
    }
    let words = kept.split_whitespace().filter(|word| !word.contains("://"));
    words.collect::<Vec<_>>().join(" ")
}

/// Whether an error is a bare code like `MEDIA_EMPTY`.
fn is_code(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.contains('_') && text.trim().chars().all(is_part)
}

/// Classifies a response that is not the expected JSON.
fn classify_unreadable(raw: &str) -> SendOutcome {
    let raw = raw.trim_start();
    if let Ok(answer) = serde_json::from_str::<serde_json::Value>(raw) {
        // It is complete, but with something in it that is newer than teloxide.
        let message_id = answer["result"]["message_id"].as_i64();
        if let (Some(true), Some(message_id)) = (answer["ok"].as_bool(), message_id) {
            return SendOutcome::Sent(MessageId(message_id));
        }
        let parameters = &answer["parameters"];
        if let Some(chat) = parameters["migrate_to_chat_id"].as_i64() {
            return SendOutcome::Migrated(ChatId(chat));
        }
        if let Some(seconds) = parameters["retry_after"].as_f64() {
            let wait = Duration::try_from_secs_f64(seconds).unwrap_or(WAIT_DEFAULT);
            return SendOutcome::RetryAfter(bounded(wait));
        }
        if let Some(text) = answer["description"].as_str() {
            return classify_description(text);
        }
    }
    // The page of a gateway, or the beginning of a response.
    if raw.starts_with('<') {
        let head: String = raw.chars().take(PAGE_HEAD_CHARS).collect();
        if fold(&head).split(' ').any(|word| word == "413") {
            return SendOutcome::Refused("Request Entity Too Large".to_owned());
        }
        SendOutcome::ServerError("Telegram's gateway answered with a page".to_owned())
    } else {
        SendOutcome::Unanswered("the answer was cut short".to_owned())
    }
}

/// Describes a network error. Its own text contains the address, and that contains the token.
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

    /// The class of each of these, in any wording.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn descriptions_are_classified() {
        type Make = fn(String) -> SendOutcome;
        let cases: [(Make, &[&str]); 8] = [
            (
                SendOutcome::ChatGone,
                &[
                    "Forbidden: bot was blocked by the user",
                    "FORBIDDEN: BOT WAS BLOCKED BY THE USER",
                    "403: Forbidden: bot was blocked by the user",
                    "[403 USER_IS_BLOCKED]",
                    "Bad Request: USER_IS_BLOCKED",
                    "Forbidden: user is deactivated",
                    "Bad Request: INPUT_USER_DEACTIVATED",
                    "Forbidden: bot can't initiate conversation with a user",
                    "Unauthorized: bot can't initiate conversation with a user",
                    "Forbidden: bot can’t initiate conversation with a user",
                    "Forbidden: bots can't send messages to bots",
                    "Bad Request: USER_IS_BOT",
                    "Forbidden: bot was kicked from the group chat",
                    "Forbidden: bot was kicked from the supergroup chat",
                    "Unauthorized: bot was kicked from a chat",
                    "Forbidden: bot is not a member of the channel chat",
                    "Forbidden: the group chat was deleted",
                    "Bad Request: chat not found",
                    "Bad Request: PEER_ID_INVALID",
                    "Bad Request: group is deactivated",
                    "Bad Request: Chat is deactivated",
                ],
            ),
            (
                SendOutcome::TopicGone,
                &[
                    "Bad Request: message thread not found",
                    "Bad Request: Message thread not found",
                    "Bad Request: TOPIC_DELETED",
                    "Bad Request: TOPIC_ID_INVALID",
                    "Bad Request: Invalid forum topic identifier specified",
                ],
            ),
            (
                SendOutcome::MessageGone,
                &[
                    "Bad Request: message to edit not found",
                    "Bad Request: message can't be edited",
                    "Bad Request: MESSAGE_ID_INVALID",
                    "MESSAGE_ID_INVALID",
                    "400 MESSAGE_EDIT_TIME_EXPIRED",
                    "Bad Request: MESSAGE_AUTHOR_REQUIRED",
                    "Bad Request: there is no text in the message to edit",
                    "Bad Request: message identifier is not specified",
                    "Bad Request: message to be replied not found",
                    "Bad Request: MESSAGE_NOT_FOUND",
                    "Bad Request: REPLY_MESSAGE_ID_INVALID",
                    "Bad Request: not enough rights to edit messages in the chat",
                ],
            ),
            (
                SendOutcome::ChatClosed,
                &[
                    "Bad Request: TOPIC_CLOSED",
                    "Bad Request: the topic is closed",
                    "Bad Request: have no rights to send a message",
                    "Bad Request: Have no write access to the chat",
                    "Bad Request: not enough rights to send text messages to the chat",
                    "Bad Request: not enough rights to send documents to the chat",
                    "bad request: NOT ENOUGH RIGHTS",
                    "Bad Request: need administrator rights in the channel chat",
                    "Bad Request: need administrator rights in the supergroup chat",
                    "Bad Request: CHAT_WRITE_FORBIDDEN",
                    "Forbidden: CHAT_WRITE_FORBIDDEN",
                    "CHAT_WRITE_FORBIDDEN",
                    "[403 CHAT_WRITE_FORBIDDEN] - You don't have rights to send messages in this chat",
                    "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN",
                    "Bad Request: chat_send_plain_forbidden",
                    "400: CHAT_SEND_DOCS_FORBIDDEN",
                    "Bad Request: CHAT_SEND_SOMETHING_NEW_FORBIDDEN",
                    "Bad Request: CHAT_GUEST_SEND_FORBIDDEN",
                    "Bad Request: CHAT_ADMIN_REQUIRED",
                    "Error code: 400. Description: Bad Request: CHAT_ADMIN_REQUIRED",
                    "Bad Request: USER_BANNED_IN_CHANNEL",
                    "Bad Request: CHAT_RESTRICTED",
                    "Bad Request: USER_RESTRICTED",
                    "Bad Request: CHANNEL_PRIVATE",
                    "Bad Request: PRIVACY_PREMIUM_REQUIRED",
                    "Bad Request: ALLOW_PAYMENT_REQUIRED_50",
                    "Bad Request: FROZEN_METHOD_INVALID",
                    "Bad Request: group chat was upgraded to a supergroup chat",
                    // No chat is unsubscribed for an unknown description.
                    "Forbidden: something that is not invented yet",
                    "Forbidden",
                ],
            ),
            (
                SendOutcome::Malformed,
                &[
                    "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
                    "Bad Request: can't parse entities: Unsupported start tag \"flood\" at byte offset 9",
                    "Bad Request: can't parse entities in message text: Can't find end of the entity",
                    "Bad Request: can't parse message text: Can't find end of the entity starting at byte offset 3",
                ],
            ),
            (
                SendOutcome::Refused,
                &[
                    "Bad Request: message is too long",
                    "Bad Request: message text is empty",
                    "Bad Request: BUTTON_DATA_INVALID",
                    "Bad Request: BUTTON_URL_INVALID",
                    "BUTTON_TYPE_INVALID",
                    "Bad Request: inline keyboard button URL 'https://a.example/rights/flood_wait_9' is invalid: Wrong HTTP URL",
                    "Bad Request: wrong HTTP URL specified https://a.example/chat-not-found",
                    "Bad Request: REPLY_MARKUP_INVALID",
                    "Bad Request: reply markup is too long",
                    "Bad Request: ENTITY_BOUNDS_INVALID",
                    "Bad Request: WEBPAGE_MEDIA_EMPTY",
                    "Bad Request: BALANCE_TOO_LOW",
                    "Bad Request: MEDIA_EMPTY",
                    "MEDIA_EMPTY",
                    "Bad Request: something that is not invented yet",
                    "Bad Request",
                    "Bad Request: not found",
                    "Request Entity Too Large",
                    "413 Payload Too Large",
                    "Not Found: method not found",
                    "Telegram says: [400 BUTTON_URL_INVALID] - The button url is invalid",
                ],
            ),
            (
                SendOutcome::ServerError,
                &[
                    "Internal Server Error",
                    "Internal Server Error: RPC_CALL_FAIL",
                    "Internal Server Error: restart",
                    "Bad Request: RPC_CALL_FAIL",
                    "Bad Request: MSG_WAIT_FAILED",
                    "Bad Request: WORKER_BUSY_TOO_LONG_RETRY",
                    "Bad Request: Request aborted",
                    "Request Timeout",
                    "Bad Gateway",
                    "Gateway Timeout",
                    "503 Service Unavailable",
                    "a word",
                    "",
                ],
            ),
            (
                |_| SendOutcome::Unauthorized,
                &[
                    "Unauthorized",
                    "401 Unauthorized",
                    "Not Found",
                    "Unauthorized: USER_DEACTIVATED",
                ],
            ),
        ];
        for (make, texts) in cases {
            for text in texts {
                assert_eq!(classify_description(text), make((*text).to_owned()), "{text}");
            }
        }
    }

    #[test]
    fn a_wait_is_as_long_as_the_words_say() {
        let cases = [
            ("Too Many Requests: retry after 17", 17),
            ("TOO MANY REQUESTS: RETRY AFTER 17", 17),
            ("Too Many Requests", WAIT_DEFAULT.as_secs()),
            ("Too Many Requests: retry later", WAIT_DEFAULT.as_secs()),
            ("Too Many Requests: retry after 99999999", WAIT_MAX.as_secs()),
            ("Too Many Requests: retry after 99999999999999999999999", WAIT_DEFAULT.as_secs()),
            ("Too Many Requests: more than 30 a second, retry after 5", 5),
            ("429: retry after 420", 420),
            ("429", WAIT_DEFAULT.as_secs()),
            ("Bad Request: FLOOD_WAIT_17", 17),
            ("FLOOD_WAIT_17", 17),
            ("FLOOD_WAIT_0", WAIT_DEFAULT.as_secs()),
            ("[420 FLOOD_WAIT_X]", WAIT_DEFAULT.as_secs()),
            ("Bad Request: FLOOD_PREMIUM_WAIT_5", 5),
            ("Bad Request: SLOWMODE_WAIT_30", 30),
            ("Bad Request: slow mode is enabled, retry in 2 minutes", 120),
            ("Forbidden: A wait of 90 seconds is required (caused by SendMessage)", 90),
            ("Flood control exceeded. Retry in 12.5 seconds", 12),
            ("Internal Server Error: FLOOD_WAIT_3", 3),
            ("Too Many Requests: retry after 20s", 20),
            ("Bad Request: SOMETHING_NEW_WAIT_40", 40),
            ("Bad Request: PEER_FLOOD", WAIT_PEER_FLOOD.as_secs()),
            ("PEER_FLOOD", WAIT_PEER_FLOOD.as_secs()),
        ];
        for (text, seconds) in cases {
            let wait = SendOutcome::RetryAfter(Duration::from_secs(seconds));
            assert_eq!(classify_description(text), wait, "{text}");
        }
    }

    #[test]
    fn an_answer_that_teloxide_cannot_read_is_read_again() {
        let cases = [
            (
                r#"{"ok":true,"result":{"message_id":5,"new_thing":[]}}"#,
                SendOutcome::Sent(MessageId(5)),
            ),
            (
                r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3"}"#,
                SendOutcome::RetryAfter(Duration::from_secs(3)),
            ),
            (
                "<html>502 Bad Gateway</html>",
                SendOutcome::ServerError("Telegram's gateway answered with a page".into()),
            ),
            (
                r#"{"ok":false,"description":"x","parameters":{"retry_after":12.5}}"#,
                SendOutcome::RetryAfter(Duration::from_millis(12_500)),
            ),
            (
                r#"{"ok":false,"description":"x","parameters":{"migrate_to_chat_id":-1001,"y":[]}}"#,
                SendOutcome::Migrated(ChatId(-1001)),
            ),
            (
                "<html><head><title>413 Request Entity Too Large</title></head>",
                SendOutcome::Refused("Request Entity Too Large".into()),
            ),
            (r#"{"ok":true,"res"#, SendOutcome::Unanswered("the answer was cut short".into())),
            ("", SendOutcome::Unanswered("the answer was cut short".into())),
        ];
        for (raw, expected) in cases {
            assert_eq!(classify_unreadable(raw), expected, "{raw}");
        }
    }
}
