//! The world of the tests in virtual time: the sandbox's Telegram and institution, with the faults
//! that a test or a seed wants, and a record of what arrived.
//!
//! Guarantees: it survives a crash of the simulated process, and draws all chance from one seed.

use crate::habits::Habits;
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    domain::{DeliveryConfig, Outgoing, SendOutcome, Source, SourceName},
    fetch::{Body, Fetched, Request},
    sandbox::{
        Answer, ChatType, Fault, Role, SITE_TITLE, SITE_ZONE, Site, SiteFault, TelegramState,
    },
    telegram::{CallError, InlineResult},
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

pub(crate) const PAGE: &str = "https://lighthouses.example/";

/// Everything outside of the process. It survives crashes.
pub(crate) struct TestWorld {
    pub(crate) now: DateTime<Utc>,
    /// The offset of the clock of the machine from `now`.
    pub(crate) skew: TimeDelta,
    pub(crate) telegram: TelegramState,
    pub(crate) site: Site,
    /// How the institution's list is served, if not as the sample site serves it.
    pub(crate) habits: Option<Habits>,
    /// Other pages, by their address.
    pub(crate) pages: BTreeMap<String, String>,
    pub(crate) rng: fastrand::Rng,
    /// Whether faults are drawn at random.
    pub(crate) has_faults: bool,
    /// Telegram cannot be reached until then, and sends have this outcome.
    pub(crate) down_until: Option<DateTime<Utc>>,
    pub(crate) down_as: SendOutcome,
    /// The disk is full until then.
    pub(crate) full_until: Option<DateTime<Utc>>,
    /// The process is to crash at the next boundary, and whether it has reached one.
    pub(crate) crashes: bool,
    pub(crate) is_at_crash_point: bool,
    /// Whether the owner answers questions about held lists, and the last question that they
    /// answered.
    pub(crate) owner_answers: bool,
    /// The result of each poll, for the transcript.
    pub(crate) polls: Vec<(DateTime<Utc>, String)>,
    pub(crate) answered: DateTime<Utc>,
    /// Statements published since the page was last read completely.
    pub(crate) unread: u32,
    /// Whether it ever was: the first poll is the baseline.
    pub(crate) was_read: bool,
    pub(crate) arrivals: Vec<Arrival>,
    /// The replies to callback queries, and the results of inline queries.
    pub(crate) toasts: Vec<Option<String>>,
    pub(crate) offers: Vec<Vec<InlineResult>>,
    /// When a limit was exceeded, and by a message to which chat.
    pub(crate) limit_hits: Vec<(DateTime<Utc>, i64)>,
    pub(crate) floods: u32,
    pub(crate) lost: u32,
}

/// A message that reached Telegram.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: DateTime<Utc>,
    pub(crate) chat: i64,
    pub(crate) thread: Option<i64>,
    pub(crate) text: String,
    /// The statement that it links to first, if it is a push.
    pub(crate) statement: Option<u64>,
    /// The message as it was sent.
    pub(crate) outgoing: Outgoing,
    /// Its message ID in the chat.
    pub(crate) message_id: i64,
    /// Whether the response to the process was lost.
    pub(crate) is_answer_lost: bool,
}

impl Arrival {
    /// Whether it is a push. A list that was requested has no counters.
    pub(crate) fn is_push(&self) -> bool {
        self.statement.is_some() && self.text.contains("days have passed")
    }
}

impl TestWorld {
    /// A world without users, at the start of virtual time, without random faults.
    pub(crate) fn without_faults(seed: u64) -> Self {
        TestWorld {
            now: epoch(),
            skew: TimeDelta::zero(),
            telegram: TelegramState::new("1:test"),
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

    pub(super) fn is_down(&self) -> bool {
        self.down_until.is_some_and(|at| at > self.now)
    }

    pub(super) fn call(&mut self, method: &str, body: &Value) -> Result<Value, CallError> {
        if self.is_down() {
            return Err(CallError::Failed("down".to_owned()));
        }
        let now = self.now;
        match self.telegram.call(method, body, now) {
            Answer::Done(result) => Ok(result),
            Answer::Refused(401, ..) => Err(CallError::Unauthorized),
            answer => Err(CallError::Failed(format!("{answer:?}"))),
        }
    }

    /// The response of a list with habits.
    pub(super) fn served(&mut self, mut habits: Habits, request: &Request) -> Fetched {
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

    pub(super) fn draw_fault(&mut self, chat: i64) -> Option<Fault> {
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
        self.telegram.fail_next(Some(chat), fault);
        Some(fault)
    }
}

/// Telegram cannot be reached: the connection is refused.
pub(crate) fn refused() -> SendOutcome {
    SendOutcome::NotSent("down".to_owned())
}

/// Telegram cannot be reached: no response.
pub(crate) fn silent() -> SendOutcome {
    SendOutcome::Unanswered("no answer in time".to_owned())
}

/// Telegram cannot be reached: it responds with an error of the server.
pub(crate) fn failing() -> SendOutcome {
    SendOutcome::ServerError("Bad Gateway".to_owned())
}

/// The start of virtual time.
pub(crate) fn epoch() -> DateTime<Utc> {
    "2026-07-15T09:00:00Z".parse().unwrap()
}

/// The IDs of the users and chats.
pub(crate) const PEOPLE: std::ops::RangeInclusive<i64> = 11..=16;
pub(crate) const OWNER: i64 = 10;
pub(crate) const CROWD: std::ops::Range<i64> = 1000..1120;
pub(crate) const GROUP: i64 = -21;
pub(crate) const GROUP_UPGRADED: i64 = -1_000_000_000_021;
pub(crate) const FORUM: i64 = -1_000_000_000_022;
pub(crate) const TOPIC: i64 = 5;
pub(crate) const CHANNEL: i64 = -1_000_000_000_023;

/// Adds users, and a group, a forum and a channel of Anna (11).
pub(crate) fn population(telegram: &mut TelegramState) {
    for (id, language) in PEOPLE.zip(["en", "ru", "de", "ru", "en", "fr"]) {
        telegram.add_user(id, &format!("User {id}"), language);
    }
    telegram.add_chat(GROUP, ChatType::Group, "Group", 11);
    telegram.add_chat(FORUM, ChatType::Forum, "Forum", 11);
    telegram.add_chat(CHANNEL, ChatType::Channel, "Channel", 11);
    telegram.chats.get_mut(&FORUM).unwrap().topics = BTreeMap::from([(TOPIC, true)]);
    for chat in [GROUP, FORUM] {
        telegram.chats.get_mut(&chat).unwrap().members.insert(12, Role::Member);
    }
}

/// The default delivery configuration of the tests.
pub(crate) const RULES: DeliveryConfig =
    DeliveryConfig { per_second: 30.0, paid: false, digest_above: 1000 };

/// A number of seconds.
pub(crate) fn seconds(n: i64) -> TimeDelta {
    TimeDelta::seconds(n)
}

/// A number of milliseconds.
pub(crate) fn milliseconds(n: i64) -> TimeDelta {
    TimeDelta::milliseconds(n)
}

/// The sample source, polled at this interval.
pub(crate) fn source(page: &str, every: Duration) -> Source {
    Source {
        interval: every,
        zone: SITE_ZONE,
        ..Source::new(
            SourceName::parse("lights").unwrap(),
            SITE_TITLE.to_owned(),
            page.parse().unwrap(),
        )
    }
}
