//! The two outer doors, in virtual time: the sandbox's state machines behind the traits of the
//! program, with faults drawn from a seed where they are wanted.

use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    domain::{ChatId, Hints, Manner, Place, Reason, Rules, SendOutcome, Source, SourceName},
    lang::Lang,
    sandbox::{Answer, Fault, SITE_TITLE, SITE_ZONE, Site, SiteFault, World},
    telegram::{CallError, Incoming, Me, Telegram, incoming, of_description},
    web::{Body, Failure, Fetched, Request, Web},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

pub const PAGE: &str = "https://lighthouses.example/";

/// Everything outside of the process: it survives crashes.
pub struct Outside {
    pub now: DateTime<Utc>,
    /// How far the clock of the machine is from that.
    pub skew: TimeDelta,
    pub world: World,
    pub site: Site,
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
    /// Statements published since the page was last read whole.
    pub unread: u32,
    /// Whether it ever was: what is seen first is what is known.
    pub was_read: bool,
    pub arrivals: Vec<Arrival>,
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
    /// The statement that it links to, if it is a push.
    pub statement: Option<u64>,
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
pub struct Doors(pub Arc<Mutex<Outside>>);

impl Doors {
    pub fn lock(&self) -> MutexGuard<'_, Outside> {
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

impl Outside {
    /// A world with nobody in it, at the beginning of time, in which nothing goes wrong by chance.
    pub fn calm(seed: u64) -> Self {
        Outside {
            now: epoch(),
            skew: TimeDelta::zero(),
            world: World::new("1:test"),
            site: Site::new(epoch()),
            rng: fastrand::Rng::with_seed(seed),
            has_faults: false,
            down_until: None,
            down_as: refused(),
            full_until: None,
            crashes: false,
            is_at_crash_point: false,
            unread: 0,
            was_read: false,
            arrivals: Vec::new(),
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

/// The number in "…/statement/4203".
fn statement(html: &str) -> Option<u64> {
    let (_, rest) = html.split_once("/statement/")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

impl Telegram for Doors {
    async fn me(&self) -> Result<Me, CallError> {
        Ok(Me { id: 1, username: self.lock().world.username.clone() })
    }

    async fn updates(&self, offset: i64, _: Duration) -> Result<Vec<Incoming>, CallError> {
        let body = json!({"offset": offset, "allowed_updates": ["message", "channel_post", "my_chat_member"]});
        let result = self.lock().call("getUpdates", &body)?;
        self.crash_point().await;
        // As text: from a `Value` teloxide reads messages as unknown kinds of update.
        let updates: Vec<teloxide::types::Update> =
            serde_json::from_str(&result.to_string()).unwrap();
        Ok(updates.into_iter().map(incoming).collect())
    }

    async fn delete_webhook(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn set_menu(&self, _: Option<Lang>, _: &[(&str, &str)]) -> Result<(), CallError> {
        Ok(())
    }

    async fn is_admin(&self, chat: ChatId, user_id: i64) -> Result<bool, CallError> {
        let body = json!({"chat_id": chat.0, "user_id": user_id});
        let member = self.lock().call("getChatMember", &body)?;
        Ok(matches!(member["status"].as_str(), Some("creator" | "administrator")))
    }

    async fn send(&self, place: Place, text: &str, manner: Manner) -> SendOutcome {
        let mut outside = self.lock();
        if outside.is_down() {
            return outside.down_as.clone();
        }
        if outside.has_faults && outside.rng.u32(0..100) < 2 {
            return refused();
        }
        let fault = outside.draw_fault(place.chat.0);
        let mut body = json!({"chat_id": place.chat.0, "text": text});
        if !manner.plain {
            body["parse_mode"] = "HTML".into();
        }
        if let Some(thread) = place.thread {
            body["message_thread_id"] = thread.0.into();
        }
        let (now, before) = (outside.now, outside.world.sent.len());
        let answer = outside.world.call("sendMessage", &body, now);
        if outside.world.sent.len() > before {
            outside.arrivals.push(Arrival {
                at: now,
                chat: place.chat.0,
                thread: place.thread.map(|thread| i64::from(thread.0)),
                text: text.to_owned(),
                statement: statement(text),
                is_answer_lost: matches!(answer, Answer::Lost(_)),
            });
        }
        match answer {
            Answer::Done(message) => SendOutcome::Sent(message["message_id"].as_i64().unwrap()),
            Answer::Lost(_) | Answer::Dropped => {
                outside.lost += 1;
                SendOutcome::Unanswered("lost".to_owned())
            }
            Answer::Gateway => SendOutcome::ServerError("a page".to_owned()),
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
                of_description(&words)
            }
        }
    }
}

impl Web for Doors {
    async fn fetch(&self, request: &Request) -> Fetched {
        self.crash_point().await;
        let mut outside = self.lock();
        let failed = |reason, note: &str| {
            Fetched::Failed(Failure { reason, note: note.to_owned(), retry_after: None })
        };
        if outside.has_faults && outside.rng.u32(0..100) < 5 {
            return failed(Reason::Timeout, "no answer");
        }
        if outside.site.fault == SiteFault::None {
            outside.unread = 0;
            outside.was_read = true;
        }
        let response = outside.site.respond(request.etag.as_deref(), outside.now);
        match response.status {
            200 => Fetched::Body(Box::new(Body {
                fresh_for: None,
                bytes: response.body.into_bytes(),
                content_type: Some("text/html; charset=utf-8".to_owned()),
                url: request.url.clone(),
                etag: response.etag,
                last_modified: None,
            })),
            304 => Fetched::Unchanged(None),
            _ => failed(Reason::HttpStatus, "error"),
        }
    }
}

/// How it shows that Telegram cannot be reached: nobody is there, nobody answers, a failure is answered.
pub fn refused() -> SendOutcome {
    SendOutcome::NotSent("down".to_owned())
}

/// Same.
pub fn silent() -> SendOutcome {
    SendOutcome::Unanswered("no answer in time".to_owned())
}

/// Same.
pub fn failing() -> SendOutcome {
    SendOutcome::ServerError("Bad Gateway".to_owned())
}

/// The start of virtual time.
pub fn epoch() -> DateTime<Utc> {
    "2026-07-15T09:00:00Z".parse().unwrap()
}

/// How the chats of the simulation are numbered.
pub const PEOPLE: std::ops::RangeInclusive<i64> = 11..=16;
pub const CROWD: std::ops::Range<i64> = 1000..1120;
pub const GROUP: i64 = -21;
pub const GROUP_UPGRADED: i64 = -1_000_000_000_021;
pub const FORUM: i64 = -1_000_000_000_022;
pub const TOPIC: i64 = 5;
pub const CHANNEL: i64 = -1_000_000_000_023;

/// People, a group, a forum and a channel, all of them Anna's (11).
pub fn population(world: &mut World) {
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
pub const RULES: Rules = Rules { per_second: 30.0, paid: false, digest_above: 1000 };

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
        every,
        zone: SITE_ZONE,
        heeds_robots: true,
        counters: Vec::new(),
        hints: Hints::default(),
    }
}
