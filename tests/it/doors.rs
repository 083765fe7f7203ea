//! The two outer doors, in virtual time: the sandbox's state machines behind the traits of the
//! program, with faults drawn from a seed where they are wanted.

use crate::habits::Habits;
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    domain::{
        Button, ButtonKind, ChatId, DeliveryConfig, Origin, Outgoing, PageRules, PollStatus,
        SendOutcome, Source, SourceName,
    },
    fetch::{Body, Failure, Fetched, Request, Web},
    lang::Lang,
    sandbox::{Answer, Document, Fault, SITE_TITLE, SITE_ZONE, Site, SiteFault, TelegramState},
    telegram::{
        CallError, Incoming, InlineResult, Me, Scope, Telegram, classify_description, parse_update,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

pub const PAGE: &str = "https://lighthouses.example/";

/// Everything outside of the process: it survives crashes.
pub struct TestWorld {
    pub now: DateTime<Utc>,
    /// How far the clock of the machine is from that.
    pub skew: TimeDelta,
    pub world: TelegramState,
    pub site: Site,
    /// How the institution's list is made, where it is not as the site makes it.
    pub habits: Option<Habits>,
    /// Other pages, by their address.
    pub pages: BTreeMap<String, String>,
    pub rng: fastrand::Rng,
    /// Whether things go wrong by chance.
    pub has_faults: bool,
    /// Telegram cannot be reached until then, and this is how a send finds that out.
    pub down_until: Option<DateTime<Utc>>,
    pub down_as: SendOutcome,
    /// The disk has no room until then.
    pub full_until: Option<DateTime<Utc>>,
    /// The process is to end at the next door it comes to, and whether it stands there.
    pub crashes: bool,
    pub is_at_crash_point: bool,
    /// Whether the owner answers what they are asked about held lists, and the last question that they did.
    pub owner_answers: bool,
    /// What each reading came to, for the story.
    pub polls: Vec<(DateTime<Utc>, String)>,
    pub answered: DateTime<Utc>,
    /// Statements published since the page was last read whole.
    pub unread: u32,
    /// Whether it ever was: what is seen first is what is known.
    pub was_read: bool,
    pub arrivals: Vec<Arrival>,
    /// What was told to whoever pressed a button, and what was offered inline.
    pub toasts: Vec<Option<String>>,
    pub offers: Vec<Vec<InlineResult>>,
    /// When a limit was passed, and by a message to which chat.
    pub limit_hits: Vec<(DateTime<Utc>, i64)>,
    pub floods: u32,
    pub lost: u32,
}

/// A message that reached Telegram.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub at: DateTime<Utc>,
    pub chat: i64,
    pub thread: Option<i64>,
    pub text: String,
    /// The statement that it links to first, if it is a push.
    pub statement: Option<u64>,
    /// All of it, as it was sent.
    pub outgoing: Outgoing,
    /// Its number in the chat.
    pub message_id: i64,
    /// Whether the process never learnt of it.
    pub is_answer_lost: bool,
}

impl Arrival {
    /// Whether it is a push and not a listing that was asked for, which counts no days.
    pub fn is_push(&self) -> bool {
        self.statement.is_some() && self.text.contains("days have passed")
    }
}

#[derive(Clone)]
pub struct FakeBackends(pub Arc<Mutex<TestWorld>>);

impl FakeBackends {
    pub fn lock(&self) -> MutexGuard<'_, TestWorld> {
        self.0.lock().unwrap()
    }

    /// What the machine's clock says.
    pub fn now(&self) -> DateTime<Utc> {
        let outside = self.lock();
        outside.now + outside.skew
    }

    /// Ends the process here if it is to end: the future is never ready, and is dropped.
    async fn crash_point(&self) {
        let crashes = {
            let mut outside = self.lock();
            outside.is_at_crash_point = outside.crashes;
            outside.crashes
        };
        if crashes {
            std::future::pending::<()>().await;
        }
    }
}

impl TestWorld {
    /// A world with nobody in it, at the beginning of time, in which nothing goes wrong by chance.
    pub fn calm(seed: u64) -> Self {
        TestWorld {
            now: epoch(),
            skew: TimeDelta::zero(),
            world: TelegramState::new("1:test"),
            site: Site::new(epoch()),
            habits: None,
            pages: BTreeMap::new(),
            rng: fastrand::Rng::with_seed(seed),
            has_faults: false,
            down_until: None,
            down_as: refused(),
            full_until: None,
            crashes: false,
            is_at_crash_point: false,
            owner_answers: false,
            polls: Vec::new(),
            answered: epoch(),
            unread: 0,
            was_read: false,
            arrivals: Vec::new(),
            toasts: Vec::new(),
            offers: Vec::new(),
            limit_hits: Vec::new(),
            floods: 0,
            lost: 0,
        }
    }

    fn is_down(&self) -> bool {
        self.down_until.is_some_and(|at| at > self.now)
    }

    fn call(&mut self, method: &str, body: &Value) -> Result<Value, CallError> {
        if self.is_down() {
            return Err(CallError::Failed("down".to_owned()));
        }
        let now = self.now;
        match self.world.call(method, body, now) {
            Answer::Done(result) => Ok(result),
            Answer::Refused(401, ..) => Err(CallError::Unauthorized),
            answer => Err(CallError::Failed(format!("{answer:?}"))),
        }
    }

    /// What a list with habits answers.
    fn served(&mut self, mut habits: Habits, request: &Request) -> Fetched {
        let has_validator = request.etag.is_some();
        if habits.says_unchanged && has_validator {
            return Fetched::Unchanged(None);
        }
        let counters = "1980 days have passed since the lamp was switched off";
        let (bytes, kind, etag) = habits.document(&self.site, &mut self.rng, counters);
        self.habits = Some(habits);
        if self.site.fault == SiteFault::None {
            self.unread = 0;
            self.was_read = true;
        }
        Fetched::Body(Box::new(Body {
            fresh_for: None,
            bytes,
            content_type: Some(kind.to_owned()),
            url: request.address.url().clone(),
            etag,
            last_modified: None,
            cut: None,
        }))
    }

    fn draw_fault(&mut self, chat: i64) -> Option<Fault> {
        if !self.has_faults {
            return None;
        }
        let fault = match self.rng.u32(0..100) {
            0..4 => Fault::LostAnswer,
            4..7 => Fault::LostRequest,
            7..9 => Fault::ServerError,
            9..11 => Fault::Flood(self.rng.i64(1..40)),
            11..12 => Fault::Markup,
            12..13 => Fault::Gateway,
            _ => return None,
        };
        self.world.fail_next(Some(chat), fault);
        Some(fault)
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
        Ok(Me { id: 1, username: self.lock().world.username.clone() })
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
        let mut outside = self.lock();
        outside.toasts.push(words.map(str::to_owned));
        outside.call("answerCallbackQuery", &body).map(drop)
    }

    async fn answer_inline_query(&self, _: &str, offers: &[InlineResult]) -> Result<(), CallError> {
        self.lock().offers.push(offers.to_vec());
        Ok(())
    }

    async fn is_admin(&self, chat: ChatId, user_id: i64) -> Result<bool, CallError> {
        let body = json!({"chat_id": chat.0, "user_id": user_id});
        let member = match self.lock().call("getChatMember", &body) {
            Err(CallError::Failed(text)) if text.contains("chat not found") => return Ok(false),
            member => member?,
        };
        Ok(matches!(member["status"].as_str(), Some("creator" | "administrator")))
    }

    async fn send(&self, message: &Outgoing) -> SendOutcome {
        let mut outside = self.lock();
        let place = message.place;
        if outside.is_down() {
            return outside.down_as.clone();
        }
        if outside.has_faults && outside.rng.u32(0..100) < 2 {
            return refused();
        }
        let fault = outside.draw_fault(place.chat.0);
        let (method, body) = request(message);
        let (now, before) = (outside.now, outside.world.sent.len());
        let files = message.file.iter().map(|file| Document {
            file_name: "communique.json".to_owned(),
            bytes: file.clone().into_bytes(),
        });
        let files: Vec<Document> = files.collect();
        let answer = outside.world.call_with(method, &body, &files, now);
        let has_arrived = match &answer {
            Answer::Done(_) | Answer::Lost(_) => true,
            _ => outside.world.sent.len() > before,
        };
        if has_arrived {
            let (Answer::Done(result) | Answer::Lost(result)) = &answer else { unreachable!() };
            let message_id = result["message_id"].as_i64().unwrap_or_default();
            outside.arrivals.push(Arrival {
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
            Answer::Done(message) => SendOutcome::Sent(message["message_id"].as_i64().unwrap()),
            Answer::Lost(_) | Answer::Dropped => {
                outside.lost += 1;
                SendOutcome::Unanswered("lost".to_owned())
            }
            Answer::Gateway => SendOutcome::ServerError("a page".to_owned()),
            Answer::Refused(_, words, _) if is_unchanged(&words) => {
                SendOutcome::Sent(message.edit_id.unwrap_or_default())
            }
            Answer::Refused(_, words, parameters) => {
                if let Some(chat) = parameters["migrate_to_chat_id"].as_i64() {
                    return SendOutcome::Migrated(ChatId(chat));
                }
                if words.starts_with("Too Many") {
                    outside.floods += 1;
                    if !matches!(fault, Some(Fault::Flood(_))) {
                        outside.limit_hits.push((now, place.chat.0));
                    }
                }
                classify_description(&words)
            }
        }
    }
}

/// The request that sends a message, as the program's own client makes it.
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
        body["message_id"] = message_id.into();
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
        let mut outside = self.lock();
        let failed = |reason, note: &str| {
            Fetched::Failed(Failure { reason, note: note.to_owned(), retry_after: None })
        };
        if outside.has_faults && outside.rng.u32(0..100) < 5 {
            return failed(PollStatus::Timeout, "no answer");
        }
        if let Some(number) = statement(request.address.url().as_str()) {
            return match outside.site.statement_page(number) {
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
        if let Some(page) = outside.pages.get(request.address.url().as_str()) {
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
        let is_served = !matches!(outside.site.fault, SiteFault::Down | SiteFault::Challenge);
        if let Some(habits) = outside.habits.clone().filter(|_| is_served) {
            return outside.served(habits, request);
        }
        if outside.site.fault == SiteFault::None {
            outside.unread = 0;
            outside.was_read = true;
        }
        let response = outside.site.respond(request.etag.as_deref(), outside.now);
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

/// Telegram cannot be reached: nobody is there.
pub fn refused() -> SendOutcome {
    SendOutcome::NotSent("down".to_owned())
}

/// Telegram cannot be reached: nobody answers.
pub fn silent() -> SendOutcome {
    SendOutcome::Unanswered("no answer in time".to_owned())
}

/// Telegram cannot be reached: it answers that it failed.
pub fn failing() -> SendOutcome {
    SendOutcome::ServerError("Bad Gateway".to_owned())
}

/// The start of virtual time.
pub fn epoch() -> DateTime<Utc> {
    "2026-07-15T09:00:00Z".parse().unwrap()
}

/// How the chats of the simulation are numbered.
pub const PEOPLE: std::ops::RangeInclusive<i64> = 11..=16;
pub const OWNER: i64 = 10;
pub const CROWD: std::ops::Range<i64> = 1000..1120;
pub const GROUP: i64 = -21;
pub const GROUP_UPGRADED: i64 = -1_000_000_000_021;
pub const FORUM: i64 = -1_000_000_000_022;
pub const TOPIC: i64 = 5;
pub const CHANNEL: i64 = -1_000_000_000_023;

/// People, a group, a forum and a channel, all of them Anna's (11).
pub fn population(world: &mut TelegramState) {
    use communique::sandbox::{ChatType, Role};
    for (id, language) in PEOPLE.zip(["en", "ru", "de", "ru", "en", "fr"]) {
        world.add_user(id, &format!("User {id}"), language);
    }
    world.add_chat(GROUP, ChatType::Group, "Group", 11);
    world.add_chat(FORUM, ChatType::Forum, "Forum", 11);
    world.add_chat(CHANNEL, ChatType::Channel, "Channel", 11);
    world.chats.get_mut(&FORUM).unwrap().topics = BTreeMap::from([(TOPIC, true)]);
    for chat in [GROUP, FORUM] {
        world.chats.get_mut(&chat).unwrap().members.insert(12, Role::Member);
    }
}

/// How messages go, where a test does not say otherwise.
pub const RULES: DeliveryConfig =
    DeliveryConfig { per_second: 30.0, paid: false, digest_above: 1000 };

/// Seconds as a span.
pub fn seconds(n: i64) -> TimeDelta {
    TimeDelta::seconds(n)
}

/// Milliseconds as a span.
pub fn milliseconds(n: i64) -> TimeDelta {
    TimeDelta::milliseconds(n)
}

/// The sample source, read so often.
pub fn source(page: &str, every: Duration) -> Source {
    Source {
        name: SourceName::parse("lights").unwrap(),
        title: SITE_TITLE.to_owned(),
        url: page.parse().unwrap(),
        interval: every,
        zone: SITE_ZONE,
        origin: Origin::Operator,
        is_default: true,
        respects_robots: true,
        counters: Vec::new(),
        page_rules: PageRules::default(),
    }
}
