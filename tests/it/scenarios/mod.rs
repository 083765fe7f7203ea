//! Scenarios: conversations as data. Each file holds what people and the institution do, and below
//! each line what the bot says to it, to the letter of its markup. A new case is a new file.
//!
//! `COMMUNIQUE_BLESS=1 cargo test scenarios` writes what the bot says now into the files; read the
//! difference before you commit it.

use crate::doors::{Doors, Outside, PAGE, RULES, milliseconds, seconds, source};
use communique::{
    bot::Intake,
    dispatcher::{self, Dispatcher, Step},
    domain::Policy,
    poller::Poller,
    sandbox::{ChatType, Role, SiteFault},
    store::{Access, Store},
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

const ANNA: i64 = 11;
const BORIS: i64 = 12;
const GROUP: i64 = -21;
const SUPERGROUP: i64 = -1_000_000_000_021;
const FORUM: i64 = -1_000_000_000_022;
const CHANNEL: i64 = -1_000_000_000_023;

/// The cast: who is called what.
const NAMES: [(&str, i64); 6] = [
    ("Anna", ANNA),
    ("Boris", BORIS),
    ("Group", GROUP),
    ("Supergroup", SUPERGROUP),
    ("Forum", FORUM),
    ("Channel", CHANNEL),
];

#[expect(clippy::disallowed_methods, reason = "blessing is a setting of the test run")]
#[test]
fn the_bot_says_what_the_scenarios_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut wrong = Vec::new();
    for file in files {
        let expected = std::fs::read_to_string(&file).unwrap();
        let played = runtime.block_on(play(&expected));
        if std::env::var("COMMUNIQUE_BLESS").is_ok() {
            std::fs::write(&file, played).unwrap();
        } else if played != expected {
            let differs = |(n, (a, b)): (usize, (&str, &str))| {
                (a != b).then(|| format!("line {}:\n  expected {a:?}\n  said     {b:?}", n + 1))
            };
            let both =
                expected.lines().chain(std::iter::repeat("")).zip(played.lines().chain([""]));
            let first = both.enumerate().find_map(differs).unwrap_or_default();
            wrong.push(format!("{}, {first}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Plays a scenario: its lines again, each with what the bot says to it.
async fn play(scenario: &str) -> String {
    let mut stage = Stage::set().await;
    let mut played = String::new();
    for line in scenario.lines().filter(|line| !line.starts_with(' ')) {
        writeln!(played, "{line}").unwrap();
        if !line.is_empty() && !line.starts_with('#') {
            stage.act(line).await;
            stage.settle().await;
            played.push_str(&stage.heard());
        }
    }
    played
}

struct Stage {
    doors: Doors,
    store: Store,
    poller: Poller<Doors>,
    dispatcher: Dispatcher,
    intake: Intake,
    heard: usize,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Self {
        let mut outside = Outside::calm(0);
        outside.site.is_still = true;
        let world = &mut outside.world;
        world.add_user(ANNA, "Anna", "en");
        world.add_user(BORIS, "Boris", "ru");
        world.add_chat(GROUP, ChatType::Group, "Group", ANNA);
        world.add_chat(FORUM, ChatType::Forum, "Forum", ANNA);
        world.add_chat(CHANNEL, ChatType::Channel, "Channel", ANNA);
        for chat in [GROUP, FORUM] {
            world.chats.get_mut(&chat).unwrap().members.insert(BORIS, Role::Member);
        }
        world.chats.get_mut(&FORUM).unwrap().topics = [(5, true), (6, true)].into();
        let doors = Doors(Arc::new(Mutex::new(outside)));
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}/s.db", folder.path().display());
        let store = Store::open(&address, Access::Run).await.unwrap();
        let source = source(PAGE, Duration::from_secs(60));
        store.watch(std::slice::from_ref(&source), doors.now()).await.unwrap();
        Stage {
            poller: Poller::new(store.clone(), doors.clone(), &[source], 1000),
            dispatcher: Dispatcher::start(store.clone(), RULES, doors.now()).await.unwrap(),
            intake: Intake::new("communique_demo_bot", Policy::default()),
            doors,
            store,
            heard: 0,
            _folder: folder,
        }
    }

    /// What one line says: `Anna: words`, `Anna in Forum/5: words`, or `* something happens`.
    async fn act(&mut self, line: &str) {
        if let Some(event) = line.strip_prefix("* ") {
            return self.happen(event).await;
        }
        let (who, text) = line.split_once(": ").unwrap_or_else(|| panic!("what is {line:?}?"));
        let (who, place) = who.split_once(" in ").unwrap_or((who, who));
        let (chat, thread) = match place.split_once('/') {
            Some((chat, thread)) => (chat, Some(thread.parse().unwrap())),
            None => (place, None),
        };
        let mut outside = self.doors.lock();
        let now = outside.now;
        outside.world.say(id(chat), id(who), text, thread, now);
    }

    async fn happen(&mut self, event: &str) {
        if event == "the operator confirms" {
            let name = communique::domain::SourceName::parse("lights").unwrap();
            let now = self.doors.now();
            assert!(self.store.confirm(&name, now).await.unwrap());
            return;
        }
        let mut outside = self.doors.lock();
        let now = outside.now;
        let words: Vec<&str> = event.split(' ').collect();
        match words.as_slice() {
            ["Anna", "adds", "the", "bot", "to", chat] => {
                outside.world.set_role(id(chat), ANNA, Role::Member, now);
            }
            ["Anna", "makes", "the", "bot", "an", "admin", "of", chat] => {
                outside.world.set_role(id(chat), ANNA, Role::Admin, now);
            }
            ["Anna", "removes", "the", "bot", "from", chat] => {
                outside.world.set_role(id(chat), ANNA, Role::Kicked, now);
            }
            [who, "blocks", "the", "bot"] => {
                outside.world.set_role(id(who), id(who), Role::Kicked, now);
            }
            [who, "unblocks", "the", "bot"] => {
                outside.world.set_role(id(who), id(who), Role::Member, now);
            }
            ["Group", "becomes", "Supergroup,", how @ ..] => {
                let is_told = how == ["and", "the", "bot", "is", "told"];
                outside.world.upgrade(GROUP, SUPERGROUP, is_told, now);
            }
            ["topic", topic, "of", "Forum", "is", "closed"] => {
                let topic = topic.parse().unwrap();
                outside.world.chats.get_mut(&FORUM).unwrap().topics.insert(topic, false);
            }
            ["topic", topic, "of", "Forum", "is", "deleted"] => {
                let topic: i64 = topic.parse().unwrap();
                outside.world.chats.get_mut(&FORUM).unwrap().topics.remove(&topic);
            }
            ["a", "statement", "is", "published"] => {
                outside.site.publish(now);
            }
            ["the", "newest", "statement", "is", "corrected"] => {
                outside.site.edit();
            }
            ["published:", ..] => {
                let (title, lead) = event["published: ".len()..].split_once(" | ").unwrap();
                // What cannot be seen, and what is too long to be read, is written out here.
                let sentence = "Ten words stand here, so that it is long enough. ";
                let lead =
                    lead.replace("(turn)", "\u{202e}").replace("(long)", &sentence.repeat(200));
                outside.site.publish_as(title, &lead, now);
            }
            ["a", "day", "passes"] => outside.now += seconds(86_400),
            ["the", "page", "is", what] => {
                outside.site.fault = match *what {
                    "challenged" => SiteFault::Challenge,
                    "empty" => SiteFault::Empty,
                    "redesigned" => SiteFault::Redesigned,
                    "well" => SiteFault::None,
                    what => panic!("what is a page that is {what:?}?"),
                };
            }
            _ => panic!("what is {event:?}?"),
        }
    }

    /// Lets the program do all that there is to do: polls, takes updates, sends.
    async fn settle(&mut self) {
        for _ in 0..2 {
            self.doors.lock().now += seconds(3700);
            for due in self.poller.due(self.doors.now()).await.unwrap() {
                self.poller.poll(&due, || self.doors.now(), 0.0).await.unwrap();
            }
        }
        let now = || self.doors.now();
        self.intake.step(&self.store, &self.doors, Duration::ZERO, now, || {}).await.unwrap();
        for _ in 0..200 {
            let now = self.doors.now();
            match self.dispatcher.step(now).await.unwrap() {
                Step::Send(jobs) => {
                    for job in jobs {
                        let outcome = dispatcher::send(&self.doors, &job).await;
                        self.doors.lock().now += milliseconds(50);
                        let now = self.doors.now();
                        self.dispatcher.settle(&[(job, outcome)], now).await.unwrap();
                    }
                }
                // Waits of a minute and more are for what is not to be sent any time soon.
                Step::IdleUntil(at) if at - now >= seconds(50) => return,
                Step::IdleUntil(at) => self.doors.lock().now = at,
            }
        }
        panic!("the bot does not come to an end");
    }

    /// What the bot has said since the last time.
    fn heard(&mut self) -> String {
        let outside = self.doors.lock();
        let mut heard = String::new();
        for arrival in &outside.arrivals[self.heard..] {
            let (name, _) = NAMES.iter().find(|(_, id)| *id == arrival.chat).unwrap();
            let thread = arrival.thread.map(|thread| format!("/{thread}")).unwrap_or_default();
            writeln!(heard, "  to {name}{thread}:").unwrap();
            for line in arrival.text.lines() {
                writeln!(heard, "    {line}").unwrap();
            }
        }
        self.heard = outside.arrivals.len();
        heard
    }
}

fn id(name: &str) -> i64 {
    NAMES.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("who is {name:?}?")).1
}
