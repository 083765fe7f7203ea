//! The fakes at the two outer boundaries: [`TestWorld`] behind the traits of the program, in
//! virtual time.
//!
//! Guarantees: a send, a fetch and `getUpdates` are the points at which a simulated crash may
//! happen.

use super::world::{Arrival, PAGE, TestWorld, refused};
use chrono::{DateTime, Utc};
use communique::{
    domain::{Button, ButtonKind, ChatId, MessageId, Outgoing, PollStatus, SendOutcome, UserId},
    fetch::{Body, Failure, Fetched, Request, Web},
    lang::Lang,
    sandbox::{Answer, Document, Fault, SiteFault},
    telegram::{
        CallError, Incoming, InlineResult, Me, Scope, Telegram, classify_description, parse_update,
    },
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// The world, shared by the workers and the test.
#[derive(Clone)]
pub(crate) struct FakeBackends(pub Arc<Mutex<TestWorld>>);

impl FakeBackends {
    pub(crate) fn lock(&self) -> MutexGuard<'_, TestWorld> {
        self.0.lock().unwrap()
    }

    /// The time by the clock of the machine.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let world = self.lock();
        world.now + world.skew
    }

    /// Crashes the process here if it is to crash: the future never completes, and is dropped.
    async fn crash_point(&self) {
        let crashes = {
            let mut world = self.lock();
            world.is_at_crash_point = world.crashes;
            world.crashes
        };
        if crashes {
            std::future::pending::<()>().await;
        }
    }
}

/// The number in "…/statement/4203", or in "№4203".
fn statement(html: &str) -> Option<u64> {
    let (_, rest) = html.split_once("/statement/").or_else(|| html.split_once('№'))?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

impl Telegram for FakeBackends {
    async fn me(&self) -> Result<Me, CallError> {
        Ok(Me { id: UserId(1), username: self.lock().telegram.username.clone() })
    }

    async fn updates(&self, offset: i64, _: Duration) -> Result<Vec<Incoming>, CallError> {
        let body = json!({"offset": offset, "allowed_updates": ["message", "channel_post", "my_chat_member", "callback_query", "inline_query"]});
        let result = self.lock().call("getUpdates", &body)?;
        self.crash_point().await;
        let Value::Array(updates) = result else { panic!("{result}") };
        Ok(updates.into_iter().filter_map(parse_update).collect())
    }

    async fn delete_webhook(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn set_menu(
        &self,
        _: Option<Lang>,
        _: Scope,
        _: &[(&str, &str)],
    ) -> Result<(), CallError> {
        Ok(())
    }

    async fn find_channel(&self, name: &str) -> Result<Option<ChatId>, CallError> {
        let found = self.lock().call("getChat", &json!({"chat_id": name})).ok();
        Ok(found
            .filter(|chat| chat["type"] == "channel")
            .and_then(|chat| chat["id"].as_i64())
            .map(ChatId))
    }

    async fn answer_callback_query(
        &self,
        query_id: &str,
        words: Option<&str>,
    ) -> Result<(), CallError> {
        let mut body = json!({"callback_query_id": query_id});
        if let Some(words) = words {
            body["text"] = words.into();
        }
        let mut world = self.lock();
        world.toasts.push(words.map(str::to_owned));
        world.call("answerCallbackQuery", &body).map(drop)
    }

    async fn answer_inline_query(&self, _: &str, offers: &[InlineResult]) -> Result<(), CallError> {
        self.lock().offers.push(offers.to_vec());
        Ok(())
    }

    async fn is_admin(&self, chat: ChatId, user_id: UserId) -> Result<bool, CallError> {
        let body = json!({"chat_id": chat.0, "user_id": user_id});
        let member = match self.lock().call("getChatMember", &body) {
            Err(CallError::Failed(text)) if text.contains("chat not found") => return Ok(false),
            member => member?,
        };
        Ok(matches!(member["status"].as_str(), Some("creator" | "administrator")))
    }

    async fn send(&self, message: &Outgoing) -> SendOutcome {
        let mut world = self.lock();
        let place = message.place;
        if world.is_down() {
            return world.down_as.clone();
        }
        if world.has_faults && world.rng.u32(0..100) < 2 {
            return refused();
        }
        let fault = world.draw_fault(place.chat.0);
        let (method, body) = request(message);
        let (now, before) = (world.now, world.telegram.sent.len());
        let files = message.file.iter().map(|file| Document {
            file_name: "communique.json".to_owned(),
            bytes: file.clone().into_bytes(),
        });
        let files: Vec<Document> = files.collect();
        let answer = world.telegram.call_with(method, &body, &files, now);
        let has_arrived = match &answer {
            Answer::Done(_) | Answer::Lost(_) => true,
            _ => world.telegram.sent.len() > before,
        };
        if has_arrived {
            let (Answer::Done(result) | Answer::Lost(result)) = &answer else { unreachable!() };
            let message_id = result["message_id"].as_i64().unwrap_or_default();
            world.arrivals.push(Arrival {
                at: now,
                chat: place.chat.0,
                thread: place.thread.map(|thread| i64::from(thread.0)),
                text: message.text.clone(),
                statement: statement(&message.text),
                outgoing: message.clone(),
                message_id,
                is_answer_lost: matches!(answer, Answer::Lost(_)),
            });
        }
        let is_unchanged = |words: &str| words.contains("message is not modified");
        match answer {
            Answer::Done(message) => {
                SendOutcome::Sent(MessageId(message["message_id"].as_i64().unwrap()))
            }
            Answer::Lost(_) | Answer::Dropped => {
                world.lost += 1;
                SendOutcome::Unanswered("lost".to_owned())
            }
            Answer::Gateway => SendOutcome::ServerError("a page".to_owned()),
            Answer::Refused(_, words, _) if is_unchanged(&words) => {
                SendOutcome::Sent(message.edit_id.unwrap_or(MessageId(0)))
            }
            Answer::Refused(_, words, parameters) => {
                if let Some(chat) = parameters["migrate_to_chat_id"].as_i64() {
                    return SendOutcome::Migrated(ChatId(chat));
                }
                if words.starts_with("Too Many") {
                    world.floods += 1;
                    if !matches!(fault, Some(Fault::Flood(_))) {
                        world.limit_hits.push((now, place.chat.0));
                    }
                }
                classify_description(&words)
            }
        }
    }
}

/// The request that sends a message, as the program's client makes it.
fn request(message: &Outgoing) -> (&'static str, Value) {
    let mut body = json!({"chat_id": message.place.chat.0, "text": message.text});
    if !message.options.plain {
        body["parse_mode"] = "HTML".into();
    }
    if message.options.silent {
        body["disable_notification"] = true.into();
    }
    let button = |button: &Button| match &button.press {
        ButtonKind::Callback(data) => json!({"text": button.text, "callback_data": data}),
        ButtonKind::Url(url) => json!({"text": button.text, "url": url}),
    };
    if !message.buttons.is_empty() {
        let rows = message.buttons.iter().map(|row| row.iter().map(button).collect::<Value>());
        body["reply_markup"] = json!({"inline_keyboard": rows.collect::<Value>()});
    }
    if let Some(message_id) = message.edit_id {
        body["message_id"] = message_id.0.into();
        return ("editMessageText", body);
    }
    if let Some(thread) = message.place.thread {
        body["message_thread_id"] = thread.0.into();
    }
    if let Some(id) = message.reply_id {
        body["reply_parameters"] = json!({"message_id": id, "allow_sending_without_reply": true});
    }
    if message.file.is_some() {
        body["caption"] = body["text"].take();
        body["document"] = "attach://communique.json".into();
        return ("sendDocument", body);
    }
    ("sendMessage", body)
}

impl Web for FakeBackends {
    async fn fetch(&self, request: &Request) -> Fetched {
        self.crash_point().await;
        let mut world = self.lock();
        let failed = |reason, note: &str| {
            Fetched::Failed(Failure { reason, note: note.to_owned(), retry_after: None })
        };
        if world.has_faults && world.rng.u32(0..100) < 5 {
            return failed(PollStatus::Timeout, "no answer");
        }
        if let Some(number) = statement(request.address.url().as_str()) {
            return match world.site.statement_page(number) {
                Some(page) => Fetched::Body(Box::new(Body {
                    fresh_for: None,
                    cut: None,
                    bytes: page.into_bytes(),
                    content_type: Some("text/html; charset=utf-8".to_owned()),
                    url: request.address.url().clone(),
                    etag: None,
                    last_modified: None,
                })),
                None => failed(PollStatus::HttpStatus, "not found"),
            };
        }
        if let Some(page) = world.pages.get(request.address.url().as_str()) {
            return Fetched::Body(Box::new(Body {
                fresh_for: None,
                cut: None,
                bytes: page.clone().into_bytes(),
                content_type: Some("text/html; charset=utf-8".to_owned()),
                url: request.address.url().clone(),
                etag: None,
                last_modified: None,
            }));
        }
        if request.address.url().as_str() != PAGE {
            return failed(PollStatus::Connect, "nobody is there");
        }
        let is_served = !matches!(world.site.fault, SiteFault::Down | SiteFault::Challenge);
        if let Some(habits) = world.habits.clone().filter(|_| is_served) {
            return world.served(habits, request);
        }
        if world.site.fault == SiteFault::None {
            world.unread = 0;
            world.was_read = true;
        }
        let response = world.site.respond(request.etag.as_deref(), world.now);
        match response.status {
            200 => Fetched::Body(Box::new(Body {
                fresh_for: None,
                cut: None,
                bytes: response.body.into_bytes(),
                content_type: Some("text/html; charset=utf-8".to_owned()),
                url: request.address.url().clone(),
                etag: response.etag,
                last_modified: None,
            })),
            304 => Fetched::Unchanged(None),
            _ => failed(PollStatus::HttpStatus, "error"),
        }
    }
}
