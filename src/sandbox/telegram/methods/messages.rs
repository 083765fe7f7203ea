//! Messages of the bot: sent, edited, deleted.
//!
//! Guarantees: checks, rate limits and faults apply in the order of Telegram, with its error texts.
//! Out of scope: the time after which a message cannot be edited, which does not apply to bots.

use crate::sandbox::telegram::{
    html::{self, Marked},
    json, keyboard,
    state::TelegramState,
    types::{Answer, ChatType, Document, Fault, Sent, flood, refused},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// The longest text after parsing, in UTF-16 units, and before it, in bytes.
const TEXT_UNITS_MAX: usize = 4096;
const RAW_BYTES_MAX: usize = 32_768;
/// The longest caption of a document, in UTF-16 units.
const CAPTION_UNITS_MAX: usize = 1024;
/// How long a bot can delete its messages.
const DELETE_WITHIN: TimeDelta = TimeDelta::hours(48);
const NOT_MODIFIED: &str = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

/// The answer that ends a request early; boxed, since it is large.
type Stopped = Box<Answer>;

impl TelegramState {
    pub(crate) fn send_message(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        self.send(body, now, |_| {
            let marked = read_text(&body["text"], &body["parse_mode"]).map_err(|w| bad(&w))?;
            let has_preview = previews(&marked, &body["link_preview_options"]);
            Ok(Sent { marked, has_preview, ..Sent::default() })
        })
    }

    pub(crate) fn send_document(
        &mut self,
        body: &Value,
        files: &[Document],
        now: DateTime<Utc>,
    ) -> Answer {
        self.send(body, now, |state| {
            let document = state.document(&body["document"], files)?;
            let marked = read_marks(&body["caption"], &body["parse_mode"]).map_err(|w| bad(&w))?;
            if units(&marked.text) > CAPTION_UNITS_MAX {
                return Err(bad("message caption is too long"));
            }
            Ok(Sent { marked, document: Some(document), ..Sent::default() })
        })
    }

    /// Sends a message. Only `content` depends on the method.
    fn send(
        &mut self,
        body: &Value,
        now: DateTime<Utc>,
        content: impl FnOnce(&TelegramState) -> Result<Sent, Stopped>,
    ) -> Answer {
        let sent = |state: &mut Self| {
            let chat = state.chat_id(body);
            let thread = body["message_thread_id"].as_i64();
            let fault = state.fault(chat, body)?;
            state.check_place(chat, thread)?;
            let content = content(state)?;
            let buttons = keyboard::read(&body["reply_markup"]).map_err(|w| bad(&w))?;
            let reply_to = state.replied(chat, &body["reply_parameters"])?;
            state.limits.count(chat, now).map_err(|wait| Box::new(flood(wait)))?;
            let is_silent = body["disable_notification"].as_bool().unwrap_or(false);
            let sent = Sent { at: now, chat, thread, buttons, reply_to, is_silent, ..content };
            let message_id = state.post(sent);
            Ok(state.sent_answer(chat, message_id, fault))
        };
        sent(self).unwrap_or_else(|stopped: Stopped| *stopped)
    }

    pub(crate) fn edit_text(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let edited = |state: &mut Self| {
            let chat = state.chat_id(body);
            let fault = state.fault(chat, body)?;
            let marked = read_text(&body["text"], &body["parse_mode"]).map_err(|w| bad(&w))?;
            let buttons = keyboard::read(&body["reply_markup"]).map_err(|w| bad(&w))?;
            let sent = state.editable(chat, body)?;
            if sent.document.is_some() {
                return Err(bad("there is no text in the message to edit"));
            }
            let has_preview = previews(&marked, &body["link_preview_options"]);
            if (&sent.marked, &sent.buttons, sent.has_preview) == (&marked, &buttons, has_preview) {
                return Err(Box::new(refused(400, NOT_MODIFIED)));
            }
            let message_id = sent.message_id;
            state.limits.count(chat, now).map_err(|wait| Box::new(flood(wait)))?;
            if let Some(sent) = state.message_mut(chat, message_id) {
                sent.edited_at = if sent.marked == marked { sent.edited_at } else { Some(now) };
                (sent.marked, sent.buttons, sent.has_preview) = (marked, buttons, has_preview);
                sent.edits += 1;
            }
            Ok(state.sent_answer(chat, message_id, fault))
        };
        edited(self).unwrap_or_else(|stopped: Stopped| *stopped)
    }

    pub(crate) fn edit_buttons(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let edited = |state: &mut Self| {
            let chat = state.chat_id(body);
            if let Some(wait) = state.flood_wait {
                return Err(Box::new(flood(wait)));
            }
            let buttons = keyboard::read(&body["reply_markup"]).map_err(|w| bad(&w))?;
            let sent = state.editable(chat, body)?;
            if sent.buttons == buttons {
                return Err(Box::new(refused(400, NOT_MODIFIED)));
            }
            let message_id = sent.message_id;
            state.limits.count(chat, now).map_err(|wait| Box::new(flood(wait)))?;
            if let Some(sent) = state.message_mut(chat, message_id) {
                sent.buttons = buttons;
                sent.edits += 1;
            }
            Ok(state.sent_answer(chat, message_id, None))
        };
        edited(self).unwrap_or_else(|stopped: Stopped| *stopped)
    }

    pub(crate) fn delete_message(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let chat = self.chat_id(body);
        if let Err(stopped) = self.check_place(chat, None) {
            return *stopped;
        }
        let is_private = self.chats[&chat].kind == ChatType::Private;
        let message_id = body["message_id"].as_i64().unwrap_or(0);
        let Some(sent) = self.message_mut(chat, message_id) else {
            return refused(400, "Bad Request: message to delete not found");
        };
        let is_its = sent.from.is_none() || is_private;
        if !is_its || now - sent.at > DELETE_WITHIN {
            return refused(400, "Bad Request: message can't be deleted");
        }
        sent.is_deleted = true;
        Answer::Done(true.into())
    }

    /// Takes the fault for a request. `Err` if it ends the request, `Ok` if it only affects the answer.
    fn fault(&mut self, chat: i64, body: &Value) -> Result<Option<Fault>, Stopped> {
        if let Some(wait) = self.flood_wait {
            return Err(Box::new(flood(wait)));
        }
        let concerns = |of: &Option<i64>| of.is_none_or(|of| of == chat);
        let at = self.faults.iter().position(|(of, _)| concerns(of));
        let fault = at.and_then(|at| self.faults.remove(at)).map(|(_, fault)| fault);
        match fault {
            Some(Fault::Flood(wait)) => Err(Box::new(flood(wait))),
            Some(Fault::LostRequest) => Err(Box::new(Answer::Dropped)),
            Some(Fault::Gateway) => Err(Box::new(Answer::Gateway)),
            Some(Fault::ServerError) => Err(Box::new(refused(500, "Internal Server Error"))),
            Some(Fault::Says(code, words)) => Err(Box::new(refused(code, words))),
            Some(Fault::Markup) if body["parse_mode"].is_string() => {
                Err(bad("can't parse entities: as asked for"))
            }
            fault => Ok(fault),
        }
    }

    /// The answer with a message that was sent or edited, unless the response is lost.
    fn sent_answer(&self, chat: i64, message_id: i64, fault: Option<Fault>) -> Answer {
        let message = self.message(chat, message_id).map(|sent| self.sent_json(sent));
        let message = message.unwrap_or_default();
        if fault == Some(Fault::LostAnswer) { Answer::Lost(message) } else { Answer::Done(message) }
    }

    /// The message that a request edits, if the bot may edit it.
    fn editable(&self, chat: i64, body: &Value) -> Result<&Sent, Stopped> {
        self.check_place(chat, None)?;
        let sent = body["message_id"].as_i64().and_then(|id| self.message(chat, id));
        let sent = sent.ok_or_else(|| bad("message to edit not found"))?;
        if sent.from.is_some() { Err(bad("message can't be edited")) } else { Ok(sent) }
    }

    /// The message that a request replies to.
    fn replied(&self, chat: i64, reply: &Value) -> Result<Option<i64>, Stopped> {
        let Some(message_id) = reply["message_id"].as_i64() else {
            return Ok(None);
        };
        if self.message(chat, message_id).is_some() {
            return Ok(Some(message_id));
        }
        if reply["allow_sending_without_reply"].as_bool() == Some(true) {
            return Ok(None);
        }
        Err(bad("message to be replied not found"))
    }

    /// The file of a request: an attached one, or one that was sent before.
    fn document(&self, named: &Value, files: &[Document]) -> Result<Document, Stopped> {
        let name = named.as_str().unwrap_or_default();
        let found = match name.strip_prefix("attach://") {
            Some(name) => files.iter().find(|file| file.file_name == name),
            None => {
                let is_file = |sent: &&Sent| sent.document.is_some() && json::file_id(sent) == name;
                self.sent.iter().find(is_file).and_then(|sent| sent.document.as_ref())
            }
        };
        match found {
            Some(file) if file.bytes.is_empty() => Err(bad("file must be non-empty")),
            Some(file) => Ok(file.clone()),
            None if name.is_empty() => Err(bad("there is no document in the request")),
            None => Err(bad("wrong file identifier/HTTP URL specified")),
        }
    }
}

/// Parses and checks the text of a message.
///
/// # Errors
/// The description of Telegram, without "Bad Request: ".
pub(crate) fn read_text(text: &Value, parse_mode: &Value) -> Result<Marked, String> {
    let marked = read_marks(text, parse_mode)?;
    if marked.text.trim().is_empty() {
        return Err("message text is empty".to_owned());
    }
    let raw_bytes = text.as_str().unwrap_or_default().len();
    if units(&marked.text) > TEXT_UNITS_MAX || raw_bytes > RAW_BYTES_MAX {
        return Err("message is too long".to_owned());
    }
    Ok(marked)
}

fn read_marks(text: &Value, parse_mode: &Value) -> Result<Marked, String> {
    let text = text.as_str().unwrap_or_default();
    match parse_mode.as_str() {
        None | Some("") => Ok(Marked { text: text.to_owned(), entities: Vec::new() }),
        Some("HTML") => html::parse(text).map_err(|words| format!("can't parse entities: {words}")),
        Some(_) => Err("unsupported parse_mode".to_owned()),
    }
}

/// Whether Telegram shows a link preview for the text.
fn previews(marked: &Marked, options: &Value) -> bool {
    let has_link = marked.entities.iter().any(|entity| entity.url.is_some())
        || ["http://", "https://"].iter().any(|scheme| marked.text.contains(scheme))
        || options["url"].is_string();
    has_link && options["is_disabled"].as_bool() != Some(true)
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn bad(words: &str) -> Stopped {
    Box::new(refused(400, &format!("Bad Request: {words}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn state() -> TelegramState {
        let mut state = TelegramState::new("1:x");
        state.add_user(1, "Anna", "en");
        state
    }

    fn done(answer: Answer) -> Value {
        match answer {
            Answer::Done(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// Sends to Anna; the message's number.
    fn send(state: &mut TelegramState, body: &Value) -> i64 {
        let mut body = body.clone();
        body["chat_id"] = 1.into();
        done(state.call("sendMessage", &body, NOW))["message_id"].as_i64().unwrap()
    }

    fn edit(state: &mut TelegramState, message_id: i64, text: &str) -> Answer {
        let body =
            json!({"chat_id": 1, "message_id": message_id, "text": text, "parse_mode": "HTML"});
        state.call("editMessageText", &body, NOW + TimeDelta::minutes(1))
    }

    fn buttons() -> Value {
        json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]})
    }

    #[test]
    fn an_edited_message_has_its_new_text_and_no_buttons_but_new_ones() {
        let mut state = state();
        let id = send(&mut state, &json!({"text": "one", "reply_markup": buttons()}));
        let message = done(edit(&mut state, id, "<b>two</b>"));
        assert_eq!((&message["text"], &message["edit_date"]), (&json!("two"), &json!(60)));
        assert_eq!(message["entities"][0]["type"], "bold");
        assert!(message["reply_markup"].is_null());
        let sent = state.message(1, id).unwrap();
        assert_eq!((sent.marked.text.as_str(), sent.edits), ("two", 1));
        assert_eq!(sent.edited_at, Some(NOW + TimeDelta::minutes(1)));
        assert_eq!(state.sent.len(), 1);
    }

    #[test]
    fn an_edit_that_cannot_be_is_refused_in_telegrams_words() {
        let mut state = state();
        let id = send(&mut state, &json!({"text": "one"}));
        state.say(1, 1, "mine", None, NOW);
        let refusal = |answer| match answer {
            Answer::Refused(400, words, _) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(refusal(edit(&mut state, id, "one")), NOT_MODIFIED);
        assert_eq!(refusal(edit(&mut state, id + 1, "x")), "Bad Request: message can't be edited");
        assert_eq!(refusal(edit(&mut state, 9, "x")), "Bad Request: message to edit not found");
        assert_eq!(refusal(edit(&mut state, id, " ")), "Bad Request: message text is empty");
        let long = "x".repeat(4097);
        assert_eq!(refusal(edit(&mut state, id, &long)), "Bad Request: message is too long");
        assert_eq!(state.message(1, id).unwrap().edits, 0);
    }

    #[test]
    fn buttons_can_be_changed_alone() {
        let mut state = state();
        let id = send(&mut state, &json!({"text": "one", "reply_markup": buttons()}));
        let body = json!({"chat_id": 1, "message_id": id, "reply_markup": buttons()});
        let same = state.call("editMessageReplyMarkup", &body, NOW);
        assert_eq!(same, refused(400, NOT_MODIFIED));
        let body = json!({"chat_id": 1, "message_id": id});
        let message = done(state.call("editMessageReplyMarkup", &body, NOW));
        assert!(message["reply_markup"].is_null() && message["edit_date"].is_null());
        assert_eq!(state.message(1, id).unwrap().buttons, Value::Null);
    }

    #[test]
    fn edits_are_counted_and_go_wrong_as_messages_do() {
        let mut state = state();
        let id = send(&mut state, &json!({"text": "one"}));
        state.fail_next(Some(1), Fault::LostAnswer);
        assert!(matches!(edit(&mut state, id, "two"), Answer::Lost(_)));
        assert_eq!(state.message(1, id).unwrap().marked.text, "two");
        state.fail_next(None, Fault::LostRequest);
        assert_eq!(edit(&mut state, id, "three"), Answer::Dropped);
        assert_eq!(state.message(1, id).unwrap().marked.text, "two");
        for text in ["three", "four"] {
            done(edit(&mut state, id, text));
        }
        assert!(matches!(edit(&mut state, id, "five"), Answer::Refused(429, ..)));
    }

    #[test]
    fn a_message_is_deleted_once_and_not_after_two_days() {
        let mut state = state();
        let id = send(&mut state, &json!({"text": "one"}));
        let body = json!({"chat_id": 1, "message_id": id});
        let late = state.call("deleteMessage", &body, NOW + TimeDelta::hours(49));
        assert_eq!(late, refused(400, "Bad Request: message can't be deleted"));
        assert_eq!(done(state.call("deleteMessage", &body, NOW)), json!(true));
        assert_eq!(state.posts().count(), 0);
        let again = state.call("deleteMessage", &body, NOW);
        assert_eq!(again, refused(400, "Bad Request: message to delete not found"));
    }

    #[test]
    fn an_answer_names_the_message_that_it_answers() {
        let mut state = state();
        state.say(1, 1, "so?", None, NOW);
        let reply = json!({"text": "yes", "reply_parameters": {"message_id": 1}});
        let id = send(&mut state, &reply);
        let sent = state.message(1, id).unwrap();
        assert_eq!(sent.reply_to, Some(1));
        assert_eq!(state.sent_json(sent)["reply_to_message"]["text"], "so?");
        let body = json!({"chat_id": 1, "text": "a", "reply_parameters": {"message_id": 77}});
        let lost = state.call("sendMessage", &body, NOW);
        assert_eq!(lost, refused(400, "Bad Request: message to be replied not found"));
        let kept = json!({"message_id": 77, "allow_sending_without_reply": true});
        let id = send(&mut state, &json!({"text": "a", "reply_parameters": kept}));
        assert_eq!(state.message(1, id).unwrap().reply_to, None);
    }

    #[test]
    fn it_is_kept_how_a_message_came() {
        let mut state = state();
        let link = "<a href=\"https://x.example/\">x</a>";
        let body = json!({"text": link, "parse_mode": "HTML", "disable_notification": true});
        let id = send(&mut state, &body);
        let sent = state.message(1, id).unwrap();
        assert!(sent.is_silent && sent.has_preview);
        let mut body = json!({"text": link, "parse_mode": "HTML"});
        body["link_preview_options"] = json!({"is_disabled": true});
        let id = send(&mut state, &body);
        let sent = state.message(1, id).unwrap();
        assert!(!sent.is_silent && !sent.has_preview);
    }

    #[test]
    fn a_document_comes_with_its_name_and_can_be_sent_again() {
        let mut state = state();
        let file = Document { file_name: "list.opml".to_owned(), bytes: b"<opml/>".to_vec() };
        let body = json!({"chat_id": 1, "document": "attach://list.opml", "caption": "Here."});
        let files = std::slice::from_ref(&file);
        let message = done(state.call_with("sendDocument", &body, files, NOW));
        assert_eq!(message["document"]["file_name"], "list.opml");
        assert_eq!((&message["caption"], &message["text"]), (&json!("Here."), &Value::Null));
        let again = json!({"chat_id": 1, "document": message["document"]["file_id"]});
        done(state.call("sendDocument", &again, NOW));
        assert!(state.sent.iter().all(|sent| sent.document.as_ref() == Some(&file)));
    }

    #[test]
    fn a_document_that_is_not_there_is_refused() {
        let mut state = state();
        let file = Document { file_name: "a".to_owned(), bytes: Vec::new() };
        let mut send =
            |body: Value| state.call_with("sendDocument", &body, std::slice::from_ref(&file), NOW);
        let cases = [
            (json!({"chat_id": 1}), "there is no document in the request"),
            (json!({"chat_id": 1, "document": "attach://a"}), "file must be non-empty"),
            (json!({"chat_id": 1, "document": "attach://b"}), "wrong file identifier"),
        ];
        for (body, words) in cases {
            let answer = send(body);
            assert!(
                matches!(&answer, Answer::Refused(400, w, _) if w.contains(words)),
                "{answer:?}"
            );
        }
        let file = Document { file_name: "a".to_owned(), bytes: vec![1] };
        let body = json!({"chat_id": 1, "document": "attach://a", "caption": "x".repeat(1025)});
        let long = state.call_with("sendDocument", &body, &[file], NOW);
        assert_eq!(long, refused(400, "Bad Request: message caption is too long"));
    }
}
