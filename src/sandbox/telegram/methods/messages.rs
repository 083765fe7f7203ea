//! Messages of the bot: sent, edited, deleted.
//!
//! Promises: they are checked, counted and hit by faults in Telegram's order, and in its words.
//! Leaves out: the time after which a message cannot be edited, which does not hold for bots.

use crate::sandbox::telegram::{
    Answer, ChatType, Document, Fault, Sent, TelegramState, flood,
    html::{self, Marked},
    json, keyboard, refused,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// Text after entities are read, in UTF-16 units; and the raw request.
const TEXT_UNITS_MAX: usize = 4096;
const RAW_BYTES_MAX: usize = 32_768;
/// The text below a document, in UTF-16 units.
const CAPTION_UNITS_MAX: usize = 1024;
/// How long a bot can take back what it said.
const DELETE_WITHIN: TimeDelta = TimeDelta::hours(48);
const NOT_MODIFIED: &str = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

/// What stops a request; boxed, since it is large beside what goes on.
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
        self.send(body, now, |world| {
            let document = world.document(&body["document"], files)?;
            let marked = read_marks(&body["caption"], &body["parse_mode"]).map_err(|w| bad(&w))?;
            if units(&marked.text) > CAPTION_UNITS_MAX {
                return Err(bad("message caption is too long"));
            }
            Ok(Sent { marked, document: Some(document), ..Sent::default() })
        })
    }

    /// Sends what a request holds; the rest is the same for all kinds of content.
    fn send(
        &mut self,
        body: &Value,
        now: DateTime<Utc>,
        content: impl FnOnce(&TelegramState) -> Result<Sent, Stopped>,
    ) -> Answer {
        let sent = |world: &mut Self| {
            let chat = world.chat_id(body);
            let thread = body["message_thread_id"].as_i64();
            let fault = world.fault(chat, body)?;
            world.check_place(chat, thread)?;
            let content = content(world)?;
            let buttons = keyboard::read(&body["reply_markup"]).map_err(|w| bad(&w))?;
            let reply_to = world.replied(chat, &body["reply_parameters"])?;
            world.limits.count(chat, now).map_err(|wait| Box::new(flood(wait)))?;
            let is_silent = body["disable_notification"].as_bool().unwrap_or(false);
            let sent = Sent { at: now, chat, thread, buttons, reply_to, is_silent, ..content };
            let message_id = world.post(sent);
            Ok(world.told(chat, message_id, fault))
        };
        sent(self).unwrap_or_else(|stopped: Stopped| *stopped)
    }

    pub(crate) fn edit_text(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let edited = |world: &mut Self| {
            let chat = world.chat_id(body);
            let fault = world.fault(chat, body)?;
            let marked = read_text(&body["text"], &body["parse_mode"]).map_err(|w| bad(&w))?;
            let buttons = keyboard::read(&body["reply_markup"]).map_err(|w| bad(&w))?;
            let sent = world.editable(chat, body)?;
            if sent.document.is_some() {
                return Err(bad("there is no text in the message to edit"));
            }
            let has_preview = previews(&marked, &body["link_preview_options"]);
            if (&sent.marked, &sent.buttons, sent.has_preview) == (&marked, &buttons, has_preview) {
                return Err(Box::new(refused(400, NOT_MODIFIED)));
            }
            let message_id = sent.message_id;
            world.limits.count(chat, now).map_err(|wait| Box::new(flood(wait)))?;
            if let Some(sent) = world.message_mut(chat, message_id) {
                sent.edited_at = if sent.marked == marked { sent.edited_at } else { Some(now) };
                (sent.marked, sent.buttons, sent.has_preview) = (marked, buttons, has_preview);
                sent.edits += 1;
            }
            Ok(world.told(chat, message_id, fault))
        };
        edited(self).unwrap_or_else(|stopped: Stopped| *stopped)
    }

    pub(crate) fn edit_buttons(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        let edited = |world: &mut Self| {
            let chat = world.chat_id(body);
            if let Some(wait) = world.flood_wait {
                return Err(Box::new(flood(wait)));
            }
            let buttons = keyboard::read(&body["reply_markup"]).map_err(|w| bad(&w))?;
            let sent = world.editable(chat, body)?;
            if sent.buttons == buttons {
                return Err(Box::new(refused(400, NOT_MODIFIED)));
            }
            let message_id = sent.message_id;
            world.limits.count(chat, now).map_err(|wait| Box::new(flood(wait)))?;
            if let Some(sent) = world.message_mut(chat, message_id) {
                sent.buttons = buttons;
                sent.edits += 1;
            }
            Ok(world.told(chat, message_id, None))
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

    /// The fault that is to hit a request, where that does not stop it.
    fn fault(&mut self, chat: i64, body: &Value) -> Result<Option<Fault>, Stopped> {
        if let Some(wait) = self.flood_wait {
            return Err(Box::new(flood(wait)));
        }
        let concerns = |asked: &Option<i64>| asked.is_none_or(|asked| asked == chat);
        let at = self.faults.iter().position(|(asked, _)| concerns(asked));
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

    /// The message, as the bot is told of it; unless that is lost.
    fn told(&self, chat: i64, message_id: i64, fault: Option<Fault>) -> Answer {
        let message = self.message(chat, message_id).map(|sent| self.sent_json(sent));
        let message = message.unwrap_or_default();
        if fault == Some(Fault::LostAnswer) { Answer::Lost(message) } else { Answer::Done(message) }
    }

    /// The message that a request wants to edit, if the bot may.
    fn editable(&self, chat: i64, body: &Value) -> Result<&Sent, Stopped> {
        self.check_place(chat, None)?;
        let sent = body["message_id"].as_i64().and_then(|id| self.message(chat, id));
        let sent = sent.ok_or_else(|| bad("message to edit not found"))?;
        if sent.from.is_some() { Err(bad("message can't be edited")) } else { Ok(sent) }
    }

    /// The message that is answered.
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

    /// The file that a request names: one that comes with it, or one that was sent before.
    fn document(&self, named: &Value, files: &[Document]) -> Result<Document, Stopped> {
        let name = named.as_str().unwrap_or_default();
        let found = match name.strip_prefix("attach://") {
            Some(name) => files.iter().find(|file| file.file_name == name),
            None => {
                let is_it = |sent: &&Sent| sent.document.is_some() && json::file_id(sent) == name;
                self.sent.iter().find(is_it).and_then(|sent| sent.document.as_ref())
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

/// A text as it is sent, checked.
///
/// # Errors
/// Telegram's words for what is wrong, as they follow "Bad Request: ".
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

/// Whether Telegram shows the page behind a link of the text.
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

    fn world() -> TelegramState {
        let mut world = TelegramState::new("1:x");
        world.add_user(1, "Anna", "en");
        world
    }

    fn done(answer: Answer) -> Value {
        match answer {
            Answer::Done(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// Sends to Anna; the message's number.
    fn send(world: &mut TelegramState, body: &Value) -> i64 {
        let mut body = body.clone();
        body["chat_id"] = 1.into();
        done(world.call("sendMessage", &body, NOW))["message_id"].as_i64().unwrap()
    }

    fn edit(world: &mut TelegramState, message_id: i64, text: &str) -> Answer {
        let body =
            json!({"chat_id": 1, "message_id": message_id, "text": text, "parse_mode": "HTML"});
        world.call("editMessageText", &body, NOW + TimeDelta::minutes(1))
    }

    fn buttons() -> Value {
        json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]})
    }

    #[test]
    fn an_edited_message_has_its_new_text_and_no_buttons_but_new_ones() {
        let mut world = world();
        let id = send(&mut world, &json!({"text": "one", "reply_markup": buttons()}));
        let message = done(edit(&mut world, id, "<b>two</b>"));
        assert_eq!((&message["text"], &message["edit_date"]), (&json!("two"), &json!(60)));
        assert_eq!(message["entities"][0]["type"], "bold");
        assert!(message["reply_markup"].is_null());
        let sent = world.message(1, id).unwrap();
        assert_eq!((sent.marked.text.as_str(), sent.edits), ("two", 1));
        assert_eq!(sent.edited_at, Some(NOW + TimeDelta::minutes(1)));
        assert_eq!(world.sent.len(), 1);
    }

    #[test]
    fn an_edit_that_cannot_be_is_refused_in_telegrams_words() {
        let mut world = world();
        let id = send(&mut world, &json!({"text": "one"}));
        world.say(1, 1, "mine", None, NOW);
        let refusal = |answer| match answer {
            Answer::Refused(400, words, _) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(refusal(edit(&mut world, id, "one")), NOT_MODIFIED);
        assert_eq!(refusal(edit(&mut world, id + 1, "x")), "Bad Request: message can't be edited");
        assert_eq!(refusal(edit(&mut world, 9, "x")), "Bad Request: message to edit not found");
        assert_eq!(refusal(edit(&mut world, id, " ")), "Bad Request: message text is empty");
        let long = "x".repeat(4097);
        assert_eq!(refusal(edit(&mut world, id, &long)), "Bad Request: message is too long");
        assert_eq!(world.message(1, id).unwrap().edits, 0);
    }

    #[test]
    fn buttons_can_be_changed_alone() {
        let mut world = world();
        let id = send(&mut world, &json!({"text": "one", "reply_markup": buttons()}));
        let body = json!({"chat_id": 1, "message_id": id, "reply_markup": buttons()});
        let same = world.call("editMessageReplyMarkup", &body, NOW);
        assert_eq!(same, refused(400, NOT_MODIFIED));
        let body = json!({"chat_id": 1, "message_id": id});
        let message = done(world.call("editMessageReplyMarkup", &body, NOW));
        assert!(message["reply_markup"].is_null() && message["edit_date"].is_null());
        assert_eq!(world.message(1, id).unwrap().buttons, Value::Null);
    }

    #[test]
    fn edits_are_counted_and_go_wrong_as_messages_do() {
        let mut world = world();
        let id = send(&mut world, &json!({"text": "one"}));
        world.fail_next(Some(1), Fault::LostAnswer);
        assert!(matches!(edit(&mut world, id, "two"), Answer::Lost(_)));
        assert_eq!(world.message(1, id).unwrap().marked.text, "two");
        world.fail_next(None, Fault::LostRequest);
        assert_eq!(edit(&mut world, id, "three"), Answer::Dropped);
        assert_eq!(world.message(1, id).unwrap().marked.text, "two");
        for text in ["three", "four"] {
            done(edit(&mut world, id, text));
        }
        assert!(matches!(edit(&mut world, id, "five"), Answer::Refused(429, ..)));
    }

    #[test]
    fn a_message_is_deleted_once_and_not_after_two_days() {
        let mut world = world();
        let id = send(&mut world, &json!({"text": "one"}));
        let body = json!({"chat_id": 1, "message_id": id});
        let late = world.call("deleteMessage", &body, NOW + TimeDelta::hours(49));
        assert_eq!(late, refused(400, "Bad Request: message can't be deleted"));
        assert_eq!(done(world.call("deleteMessage", &body, NOW)), json!(true));
        assert_eq!(world.posts().count(), 0);
        let again = world.call("deleteMessage", &body, NOW);
        assert_eq!(again, refused(400, "Bad Request: message to delete not found"));
    }

    #[test]
    fn an_answer_names_the_message_that_it_answers() {
        let mut world = world();
        world.say(1, 1, "so?", None, NOW);
        let reply = json!({"text": "yes", "reply_parameters": {"message_id": 1}});
        let id = send(&mut world, &reply);
        let sent = world.message(1, id).unwrap();
        assert_eq!(sent.reply_to, Some(1));
        assert_eq!(world.sent_json(sent)["reply_to_message"]["text"], "so?");
        let body = json!({"chat_id": 1, "text": "a", "reply_parameters": {"message_id": 77}});
        let lost = world.call("sendMessage", &body, NOW);
        assert_eq!(lost, refused(400, "Bad Request: message to be replied not found"));
        let kept = json!({"message_id": 77, "allow_sending_without_reply": true});
        let id = send(&mut world, &json!({"text": "a", "reply_parameters": kept}));
        assert_eq!(world.message(1, id).unwrap().reply_to, None);
    }

    #[test]
    fn it_is_kept_how_a_message_came() {
        let mut world = world();
        let link = "<a href=\"https://x.example/\">x</a>";
        let body = json!({"text": link, "parse_mode": "HTML", "disable_notification": true});
        let id = send(&mut world, &body);
        let sent = world.message(1, id).unwrap();
        assert!(sent.is_silent && sent.has_preview);
        let mut body = json!({"text": link, "parse_mode": "HTML"});
        body["link_preview_options"] = json!({"is_disabled": true});
        let id = send(&mut world, &body);
        let sent = world.message(1, id).unwrap();
        assert!(!sent.is_silent && !sent.has_preview);
    }

    #[test]
    fn a_document_comes_with_its_name_and_can_be_sent_again() {
        let mut world = world();
        let file = Document { file_name: "list.opml".to_owned(), bytes: b"<opml/>".to_vec() };
        let body = json!({"chat_id": 1, "document": "attach://list.opml", "caption": "Here."});
        let files = std::slice::from_ref(&file);
        let message = done(world.call_with("sendDocument", &body, files, NOW));
        assert_eq!(message["document"]["file_name"], "list.opml");
        assert_eq!((&message["caption"], &message["text"]), (&json!("Here."), &Value::Null));
        let again = json!({"chat_id": 1, "document": message["document"]["file_id"]});
        done(world.call("sendDocument", &again, NOW));
        assert!(world.sent.iter().all(|sent| sent.document.as_ref() == Some(&file)));
    }

    #[test]
    fn a_document_that_is_not_there_is_refused() {
        let mut world = world();
        let file = Document { file_name: "a".to_owned(), bytes: Vec::new() };
        let mut send =
            |body: Value| world.call_with("sendDocument", &body, std::slice::from_ref(&file), NOW);
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
        let long = world.call_with("sendDocument", &body, &[file], NOW);
        assert_eq!(long, refused(400, "Bad Request: message caption is too long"));
    }
}
