//! Answers to callback queries and inline queries.

use super::messages;
use crate::sandbox::telegram::{
    keyboard,
    state::TelegramState,
    types::{Answer, CallbackAnswer, InlineAnswer, refused},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The longest text of an answer to a callback query, in characters.
const ANSWER_CHARS_MAX: usize = 200;
/// The most results of an answer to an inline query.
const RESULTS_MAX: usize = 50;
/// The longest ID of a result, in bytes.
const RESULT_ID_BYTES_MAX: usize = 64;
const TOO_OLD: &str =
    "Bad Request: query is too old and response timeout expired or query ID is invalid";

impl TelegramState {
    pub(crate) fn answer_callback_query(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let id = body["callback_query_id"].as_str().unwrap_or_default();
        let text = body["text"].as_str().unwrap_or_default();
        let Some(press) = self.presses.get_mut(id).filter(|press| press.answer.is_none()) else {
            return refused(400, TOO_OLD);
        };
        if text.chars().count() > ANSWER_CHARS_MAX {
            return refused(400, "Bad Request: MESSAGE_TOO_LONG");
        }
        let is_alert = body["show_alert"].as_bool().unwrap_or(false);
        press.answer = Some(CallbackAnswer { at: now, text: text.to_owned(), is_alert });
        Answer::Done(json!(true))
    }

    pub(crate) fn answer_inline_query(&mut self, body: &Value) -> Answer {
        let id = body["inline_query_id"].as_str().unwrap_or_default();
        let results = body["results"].as_array().cloned().unwrap_or_default();
        if let Err(words) = check(&results) {
            return refused(400, &format!("Bad Request: {words}"));
        }
        let Some(inline) = self.inlines.get_mut(id).filter(|inline| inline.answer.is_none()) else {
            return refused(400, TOO_OLD);
        };
        inline.answer = Some(InlineAnswer {
            results,
            button: body["button"].clone(),
            // The default of Telegram.
            cache_s: body["cache_time"].as_i64().unwrap_or(300),
            is_personal: body["is_personal"].as_bool().unwrap_or(false),
        });
        Answer::Done(json!(true))
    }
}

fn check(results: &[Value]) -> Result<(), String> {
    if results.len() > RESULTS_MAX {
        return Err("RESULTS_TOO_MUCH".to_owned());
    }
    let cannot = |words: &str| Err(format!("can't parse inline query result: {words}"));
    let mut ids = BTreeSet::new();
    for result in results {
        let id = result["id"].as_str().unwrap_or_default();
        if !(1..=RESULT_ID_BYTES_MAX).contains(&id.len()) {
            return Err("RESULT_ID_INVALID".to_owned());
        }
        if !ids.insert(id) {
            return Err("RESULT_ID_DUPLICATE".to_owned());
        }
        if result["type"] != "article" {
            return cannot("unallowed result type");
        }
        if result["title"].as_str().is_none_or(str::is_empty) {
            return cannot("Can't find field \"title\"");
        }
        let content = &result["input_message_content"];
        if !content.is_object() {
            return cannot("Can't find field \"input_message_content\"");
        }
        messages::read_text(&content["message_text"], &content["parse_mode"])?;
        keyboard::read(&result["reply_markup"])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::telegram::types::ChatType;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn article(id: &str) -> Value {
        json!({
            "type": "article",
            "id": id,
            "title": "On fog",
            "description": "There was fog.",
            "input_message_content": {"message_text": "<b>On fog</b>", "parse_mode": "HTML"},
        })
    }

    fn offer(state: &mut TelegramState, id: &str, results: &Value) -> Answer {
        state.call("answerInlineQuery", &json!({"inline_query_id": id, "results": results}), NOW)
    }

    fn state() -> TelegramState {
        let mut state = TelegramState::new("1:x");
        state.add_user(1, "Anna", "en");
        state
    }

    /// A message with a button in Anna's chat; its number.
    fn with_button(state: &mut TelegramState) -> i64 {
        let buttons = json!([[{"text": "Yes", "callback_data": "yes"}]]);
        let body =
            json!({"chat_id": 1, "text": "So?", "reply_markup": {"inline_keyboard": buttons}});
        let Answer::Done(message) = state.call("sendMessage", &body, NOW) else {
            panic!("not sent");
        };
        assert_eq!(message["reply_markup"]["inline_keyboard"], buttons);
        message["message_id"].as_i64().unwrap()
    }

    #[test]
    fn a_press_is_answered_once() {
        let mut state = state();
        let message_id = with_button(&mut state);
        assert_eq!(state.press(1, 1, message_id, "no", NOW), None, "there is no such button");
        let id = state.press(1, 1, message_id, "yes", NOW).unwrap();
        let body = |id: &str| json!({"callback_query_id": id, "text": "Good.", "show_alert": true});
        assert_eq!(state.call("answerCallbackQuery", &body("1"), NOW), refused(400, TOO_OLD));
        assert_eq!(state.call("answerCallbackQuery", &body(&id), NOW), Answer::Done(json!(true)));
        assert_eq!(state.call("answerCallbackQuery", &body(&id), NOW), refused(400, TOO_OLD));
        let answer = CallbackAnswer { at: NOW, text: "Good.".to_owned(), is_alert: true };
        assert_eq!(state.presses[&id].answer, Some(answer));
    }

    #[test]
    fn the_words_that_are_shown_to_a_presser_are_few() {
        let mut state = state();
        let message_id = with_button(&mut state);
        let id = state.press(1, 1, message_id, "yes", NOW).unwrap();
        let body = json!({"callback_query_id": id, "text": "я".repeat(201)});
        let answer = state.call("answerCallbackQuery", &body, NOW);
        assert_eq!(answer, refused(400, "Bad Request: MESSAGE_TOO_LONG"));
        let body = json!({"callback_query_id": id, "text": "я".repeat(200)});
        assert_eq!(state.call("answerCallbackQuery", &body, NOW), Answer::Done(json!(true)));
    }

    #[test]
    fn what_a_press_tells_the_bot_has_the_message_with_its_buttons() {
        let mut state = state();
        let message_id = with_button(&mut state);
        let id = state.press(1, 1, message_id, "yes", NOW).unwrap();
        let stale = state.press_stale(1, 1, message_id, "old", NOW).unwrap();
        state.call("deleteMessage", &json!({"chat_id": 1, "message_id": message_id}), NOW);
        state.press_stale(1, 1, message_id, "gone", NOW).unwrap();
        let Answer::Done(updates) = state.call("getUpdates", &json!({}), NOW) else {
            panic!("no updates");
        };
        let query = &updates[0]["callback_query"];
        assert_eq!((&query["id"], &query["data"]), (&json!(id), &json!("yes")));
        assert_eq!(query["from"]["id"], 1);
        assert!(query["chat_instance"].is_string());
        assert!(query["message"]["reply_markup"]["inline_keyboard"][0][0].is_object());
        assert_eq!(updates[1]["callback_query"]["id"], json!(stale));
        assert_eq!(updates[2]["callback_query"]["message"]["date"], 0, "not to be had any more");
    }

    #[test]
    fn an_inline_query_is_answered_and_a_result_is_posted_by_a_person() {
        let mut state = state();
        state.add_chat(-5, ChatType::Supergroup, "Group", 1);
        let id = state.inline(1, "fog", NOW);
        assert_eq!(state.choose(1, -5, None, &id, 0, NOW), None, "nothing was offered yet");
        let results = json!([article("a"), article("b")]);
        assert_eq!(offer(&mut state, "1", &results), refused(400, TOO_OLD));
        assert_eq!(offer(&mut state, &id, &results), Answer::Done(json!(true)));
        assert_eq!(offer(&mut state, &id, &results), refused(400, TOO_OLD));
        let message_id = state.choose(1, -5, None, &id, 1, NOW).unwrap();
        assert_eq!(state.choose(1, -5, None, &id, 2, NOW), None);
        let sent = state.message(-5, message_id).unwrap();
        assert_eq!((sent.from, sent.is_via), (Some(1), true));
        assert_eq!((sent.marked.text.as_str(), sent.marked.entities.len()), ("On fog", 1));
        assert_eq!(state.posts().count(), 0, "it is the person's");
    }

    #[test]
    fn results_are_taken_as_telegram_takes_them() {
        let mut state = state();
        let id = state.inline(1, "fog", NOW);
        let with = |field: &str, value: Value| {
            let mut article = article("a");
            article[field] = value;
            json!([article])
        };
        let many: Vec<Value> = (0..51).map(|n| article(&n.to_string())).collect();
        let cases = [
            (json!(many), "RESULTS_TOO_MUCH"),
            (json!([article("a"), article("a")]), "RESULT_ID_DUPLICATE"),
            (with("id", "x".repeat(65).into()), "RESULT_ID_INVALID"),
            (with("type", "photo".into()), "unallowed result type"),
            (with("title", "".into()), "title"),
            (with("input_message_content", json!({"message_text": ""})), "message text is empty"),
            (
                with("input_message_content", json!({"message_text": "<b>", "parse_mode": "HTML"})),
                "can't parse entities",
            ),
        ];
        for (results, words) in cases {
            let Answer::Refused(400, refusal, _) = offer(&mut state, &id, &results) else {
                panic!("{words}: taken");
            };
            assert!(refusal.contains(words), "{refusal}");
        }
    }
}
