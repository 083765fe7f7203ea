//! Scenarios: conversations in text files. Each file has the actions of users and of the
//! institution, and below each action what the bot sends: messages with their markup and buttons
//! (in brackets), replies to callback queries, results of inline queries. A new case is a new file.
//!
//! `COMMUNIQUE_SCENARIO=NAME` runs `NAME.txt` alone. `COMMUNIQUE_BLESS=1` writes the actual
//! conversation into the files.

use crate::support::{
    Arrival, FakeBackends, PAGE, RULES, TestWorld, milliseconds, seconds, snapshot, source,
};
use chrono::{DateTime, Utc};
use communique::{
    bot::{PendingUpdateHandler, UpdateReceiver, send_ephemeral},
    deliver::{self, Dispatcher, Step},
    domain::{AccessPolicy, ButtonKind, HoldDecision, Source, SourceName, UserId, WatchPermission},
    jobs::JobRunner,
    poll::Poller,
    sandbox::{ChatType, Role, SiteFault, TelegramState},
    store::{Access, Store, Tick},
};
use std::{
    collections::BTreeSet,
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

/// The page of the second source, a page that nobody has added yet, and one without a list.
const HARBOUR: &str = "https://harbour.example/";
const NEWS: &str = "https://news.example/list";
const BARE: &str = "https://bare.example/";

/// The names of the users and chats.
const NAMES: [(&str, i64); 6] = [
    ("Anna", ANNA),
    ("Boris", BORIS),
    ("Group", GROUP),
    ("Supergroup", SUPERGROUP),
    ("Forum", FORUM),
    ("Channel", CHANNEL),
];

/// The files of the scenarios, or the one that `COMMUNIQUE_SCENARIO` names.
#[expect(clippy::disallowed_methods, reason = "which scenario to run is a setting of the test run")]
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    if let Ok(name) = std::env::var("COMMUNIQUE_SCENARIO") {
        files.retain(|path| path.file_stem().is_some_and(|stem| *stem == *name));
        assert!(!files.is_empty(), "there is no tests/it/scenarios/{name}.txt");
    }
    files
}

#[test]
fn the_bot_says_what_the_scenarios_say() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut differences = Vec::new();
    for file in files() {
        let scenario = std::fs::read_to_string(&file).unwrap();
        let played = runtime.block_on(play(&scenario));
        differences.extend(snapshot::compare(&file, &played));
    }
    assert!(
        differences.is_empty(),
        "{} scenarios differ; COMMUNIQUE_SCENARIO=NAME runs one\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Plays a scenario. Returns its actions, each followed by what the bot sends.
async fn play(scenario: &str) -> String {
    let mut env = ScenarioEnv::new().await;
    let mut played = String::new();
    for line in scenario.lines().filter(|line| !line.starts_with(' ')) {
        writeln!(played, "{line}").unwrap();
        if !line.is_empty() && !line.starts_with('#') {
            env.act(line).await;
            env.settle().await;
            played.push_str(&env.heard());
        }
    }
    played
}

/// The access policy: Anna may add pages.
fn policy() -> AccessPolicy {
    AccessPolicy {
        watch: WatchPermission::Admins,
        admins: vec![UserId(ANNA)],
        subscriptions_max: 3,
        ..AccessPolicy::default()
    }
}

struct ScenarioEnv {
    fakes: FakeBackends,
    store: Store,
    poller: Poller<FakeBackends>,
    dispatcher: Dispatcher,
    receiver: UpdateReceiver,
    jobs: JobRunner<FakeBackends>,
    heard: usize,
    /// The user who acted last, and who sees replies to callback queries.
    actor: String,
    _folder: tempfile::TempDir,
}

impl ScenarioEnv {
    async fn new() -> Self {
        let mut world = TestWorld::without_faults(0);
        world.site.is_still = true;
        let telegram = &mut world.telegram;
        telegram.add_user(ANNA, "Anna", "en");
        telegram.add_user(BORIS, "Boris", "ru");
        telegram.add_chat(GROUP, ChatType::Group, "Group", ANNA);
        telegram.add_chat(FORUM, ChatType::Forum, "Forum", ANNA);
        telegram.add_chat(CHANNEL, ChatType::Channel, "Channel", ANNA);
        for chat in [GROUP, FORUM] {
            telegram.chats.get_mut(&chat).unwrap().members.insert(BORIS, Role::Member);
        }
        telegram.chats.get_mut(&FORUM).unwrap().topics = [(5, true), (6, true)].into();
        telegram.set_username(CHANNEL, "coast");
        let page = |list: &str| {
            format!("<html><head><title>Harbour news</title></head><body>{list}</body></html>")
        };
        let items = (1..=8).map(|n| {
            format!("<li><a href=\"/n/{n}\">0{n}.06.2020 - Notice to mariners no. {n}</a></li>")
        });
        let list = items.rev().collect::<String>();
        world.pages.insert(HARBOUR.to_owned(), page(&format!("<ul>{list}</ul>")));
        world.pages.insert(NEWS.to_owned(), page(&format!("<ul>{list}</ul>")));
        world.pages.insert(BARE.to_owned(), page("<p>Nothing is here.</p>"));
        let fakes = FakeBackends(Arc::new(Mutex::new(world)));
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}/s.db", folder.path().display());
        let store = Store::open(&address, Access::Run).await.unwrap();
        let lights = source(PAGE, Duration::from_secs(60));
        let harbour = Source {
            name: SourceName::parse("harbour").unwrap(),
            title: "Harbour Board".to_owned(),
            url: HARBOUR.parse().unwrap(),
            is_default: false,
            ..lights.clone()
        };
        let sources = [lights, harbour];
        store.sync_sources(&sources, fakes.now()).await.unwrap();
        store.set_username("communique_demo_bot").await.unwrap();
        ScenarioEnv {
            jobs: JobRunner::new(store.clone(), fakes.clone(), &sources),
            poller: Poller::new(store.clone(), fakes.clone(), &sources, 1000)
                .with_access_policy(&policy()),
            dispatcher: Dispatcher::start(store.clone(), RULES, fakes.now()).await.unwrap(),
            receiver: UpdateReceiver::new("communique_demo_bot", policy()),
            fakes,
            store,
            heard: 0,
            actor: String::new(),
            _folder: folder,
        }
    }

    /// Performs the action of a line: `Anna: words`, `Anna in Forum/5: words`, `Anna presses
    /// Button`, `Anna types words` (inline mode), or `* something happens`.
    async fn act(&mut self, line: &str) {
        if let Some(event) = line.strip_prefix("* ") {
            return self.happen(event).await;
        }
        let (who, verb, what) = [": ", " presses ", " types "]
            .iter()
            .filter_map(|verb| line.split_once(verb).map(|(who, what)| (who, *verb, what)))
            .min_by_key(|(who, ..)| who.len())
            .unwrap_or_else(|| panic!("what is {line:?}?"));
        let (who, place) = who.split_once(" in ").unwrap_or((who, who));
        let (chat, thread) = match place.split_once('/') {
            Some((chat, thread)) => (id(chat), Some(thread.parse().unwrap())),
            None => (id(place), None),
        };
        self.actor = who.to_owned();
        let mut world = self.fakes.lock();
        let (who, now) = (id(who), world.now);
        match verb {
            ": " => world.telegram.say(chat, who, &what.replace("\\n", "\n"), thread, now),
            " types " => drop(world.telegram.inline(who, what, now)),
            _ => {
                let here = |a: &&Arrival| a.chat == chat && a.thread == thread;
                let found = world.arrivals.iter().rev().filter(here).find_map(|arrival| {
                    let mut buttons = arrival.outgoing.buttons.iter().flatten();
                    let button = buttons.find(|button| button.text == what)?;
                    let ButtonKind::Callback(data) = &button.press else {
                        panic!("{what} opens a page")
                    };
                    Some((arrival.message_id, data.clone()))
                });
                match found {
                    Some((message_id, data)) => {
                        world.telegram.press_stale(chat, who, message_id, &data, now);
                    }
                    None => {
                        // Callback data that a user made up.
                        let last = world.arrivals.iter().rev().find(here).unwrap().message_id;
                        let all: Vec<_> = world
                            .arrivals
                            .iter()
                            .filter(here)
                            .flat_map(|a| {
                                a.outgoing.buttons.iter().flatten().map(|b| b.text.clone())
                            })
                            .collect();
                        assert!(what.contains(':'), "there is no button {what:?} among {all:?}");
                        world.telegram.press_stale(chat, who, last, what, now);
                    }
                }
            }
        }
    }

    async fn happen(&mut self, event: &str) {
        let decision = match event {
            "the operator confirms" => Some(HoldDecision::Post),
            "the operator confirms silently" => Some(HoldDecision::Store),
            _ => None,
        };
        if let Some(decision) = decision {
            let name = SourceName::parse("lights").unwrap();
            assert!(self.store.decide(&name, decision, self.fakes.now()).await.unwrap());
            return;
        }
        let mut world = self.fakes.lock();
        let now = world.now;
        let words: Vec<&str> = event.split(' ').collect();
        match words.as_slice() {
            ["a", "statement", "is", "published"] => {
                world.site.publish(now);
            }
            ["the", "newest", "statement", "is", "corrected"] => {
                world.site.edit();
            }
            ["published:", ..] => {
                let (title, lead) = event["published: ".len()..].split_once(" | ").unwrap();
                // Invisible characters and very long texts have placeholders.
                let sentence = "Ten words stand here, so that it is long enough. ";
                let lead =
                    lead.replace("(turn)", "\u{202e}").replace("(long)", &sentence.repeat(200));
                world.site.publish_as(title, &lead, now);
            }
            ["a", "day", "passes"] => world.now += seconds(86_400),
            ["an", "hour", "passes"] => world.now += seconds(3600),
            ["eleven", "minutes", "pass"] => world.now += seconds(660),
            ["it", "is", time] => {
                let now = world.now;
                let wanted = now.date_naive().and_time(time.parse().unwrap()).and_utc();
                world.now = if wanted > now { wanted } else { wanted + seconds(86_400) };
            }
            [who, "forwards", "a", "post", "of", "Channel"] => {
                let post = world.telegram.posts_in(CHANNEL).first().unwrap().message_id;
                world.telegram.forward(id(who), id(who), CHANNEL, post, now);
                self.actor = (*who).to_owned();
            }
            ["the", "page", "is", what] => {
                world.site.fault = match *what {
                    "challenged" => SiteFault::Challenge,
                    "empty" => SiteFault::Empty,
                    "redesigned" => SiteFault::Redesigned,
                    "well" => SiteFault::None,
                    what => panic!("what is a page that is {what:?}?"),
                };
            }
            words => {
                let is_known = change_membership(&mut world.telegram, words, now);
                assert!(is_known, "what is {event:?}?");
            }
        }
    }

    /// Runs the program until nothing is due: polls, updates, jobs, counters, deliveries.
    async fn settle(&mut self) {
        for _ in 0..2 {
            let wait = self.poller.wait(self.fakes.now(), &BTreeSet::new()).await.unwrap();
            self.fakes.lock().now += chrono::TimeDelta::from_std(wait).unwrap() + seconds(1);
            for due in self.poller.due(self.fakes.now()).await.unwrap() {
                self.poller.poll(&due, || self.fakes.now(), 0.0).await.unwrap();
            }
        }
        let now = || self.fakes.now();
        self.store.delete_removed(self.fakes.now()).await.unwrap();
        self.receiver.step(&self.store, &self.fakes, Duration::ZERO, now, || {}).await.unwrap();
        let moments = self.receiver.ephemeral_replies();
        send_ephemeral(&self.store, &self.fakes, moments, now()).await.unwrap();
        let pending = PendingUpdateHandler::of(&self.receiver);
        while let Some(update) = self.store.next_pending(&BTreeSet::new()).await.unwrap() {
            pending.run(&self.store, &self.fakes, &update, now).await.unwrap();
        }
        while let Tick::Some(_) = self.store.run_counter_schedule(self.fakes.now()).await.unwrap() {
        }
        while let Some(job) = self.jobs.next(self.fakes.now()).await.unwrap().job() {
            self.jobs.run(&job, || self.fakes.now()).await.unwrap();
        }
        for _ in 0..200 {
            let now = self.fakes.now();
            match self.dispatcher.step(now).await.unwrap() {
                Step::Send(jobs) => {
                    for job in jobs {
                        let outcome = deliver::send(&self.fakes, &job).await;
                        self.fakes.lock().now += milliseconds(50);
                        let now = self.fakes.now();
                        self.dispatcher.settle(&[(job, outcome)], now).await.unwrap();
                    }
                }
                // Waits of about a minute and more are for deferred deliveries.
                Step::IdleUntil(at) if at - now >= seconds(50) => return,
                Step::IdleUntil(at) => self.fakes.lock().now = at,
            }
        }
        panic!("the bot does not come to an end");
    }

    /// Returns what the bot has sent since the last call.
    fn heard(&mut self) -> String {
        let mut world = self.fakes.lock();
        let mut heard = String::new();
        for words in std::mem::take(&mut world.toasts).into_iter().flatten() {
            writeln!(heard, "  {} sees: {words}", self.actor).unwrap();
        }
        for offer in std::mem::take(&mut world.offers).into_iter().flatten() {
            writeln!(heard, "  offered: {} ({})", offer.title, offer.description).unwrap();
            for line in offer.html.lines() {
                writeln!(heard, "    {line}").unwrap();
            }
        }
        for arrival in &world.arrivals[self.heard..] {
            heard.push_str(&shown(arrival));
        }
        self.heard = world.arrivals.len();
        heard
    }
}

/// Changes the role of the bot or of Boris in a chat, or the chat itself, if the words of an event
/// say so.
fn change_membership(telegram: &mut TelegramState, words: &[&str], now: DateTime<Utc>) -> bool {
    match words {
        ["Anna", "adds", "the", "bot", "to", chat] => {
            telegram.set_role(id(chat), ANNA, Role::Member, now);
        }
        ["Anna", "makes", "the", "bot", "an", "admin", "of", chat] => {
            telegram.set_role(id(chat), ANNA, Role::Admin, now);
        }
        ["Anna", "removes", "the", "bot", "from", chat] => {
            telegram.set_role(id(chat), ANNA, Role::Kicked, now);
        }
        [who, "blocks", "the", "bot"] => {
            telegram.set_role(id(who), id(who), Role::Kicked, now);
        }
        [who, "unblocks", "the", "bot"] => {
            telegram.set_role(id(who), id(who), Role::Member, now);
        }
        ["Group", "becomes", "Supergroup,", how @ ..] => {
            let is_notified = how == ["and", "the", "bot", "is", "told"];
            telegram.upgrade(GROUP, SUPERGROUP, is_notified, now);
        }
        ["topic", topic, "of", "Forum", "is", "closed"] => {
            let topic = topic.parse().unwrap();
            telegram.chats.get_mut(&FORUM).unwrap().topics.insert(topic, false);
        }
        ["topic", topic, "of", "Forum", "is", "deleted"] => {
            let topic: i64 = topic.parse().unwrap();
            telegram.chats.get_mut(&FORUM).unwrap().topics.remove(&topic);
        }
        ["Boris", "becomes", "an", "admin", "of", chat] => {
            telegram.set_member(id(chat), BORIS, Role::Admin);
        }
        _ => return false,
    }
    true
}

/// A message as a scenario shows it.
fn shown(arrival: &Arrival) -> String {
    let sent = &arrival.outgoing;
    let (name, _) = NAMES.iter().find(|(_, id)| *id == arrival.chat).unwrap();
    let thread = arrival.thread.map(|thread| format!("/{thread}")).unwrap_or_default();
    let how = [
        (sent.edit_id.is_some(), ", in place of what was there"),
        (sent.options.silent, ", silently"),
        (sent.options.preview, ", with a preview"),
        (sent.file.is_some(), ", with a file"),
    ];
    let how: String = how.iter().filter(|(is_so, _)| *is_so).map(|(_, how)| *how).collect();
    let mut text = format!("  to {name}{thread}{how}:\n");
    for line in arrival.text.lines() {
        writeln!(text, "    {line}").unwrap();
    }
    for row in &sent.buttons {
        let button = |button: &communique::domain::Button| match &button.press {
            ButtonKind::Callback(_) => format!("[{}]", button.text),
            ButtonKind::Url(url) => format!("[{} ↗ {url}]", button.text),
        };
        let row: Vec<String> = row.iter().map(button).collect();
        writeln!(text, "    {}", row.join(" ")).unwrap();
    }
    for line in sent.file.iter().flat_map(|file| file.lines()) {
        writeln!(text, "    | {line}").unwrap();
    }
    text
}

fn id(name: &str) -> i64 {
    NAMES.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("who is {name:?}?")).1
}
