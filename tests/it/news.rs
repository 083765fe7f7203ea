//! Detection over several polls, through the poller and the store: which entries are posted, stored
//! silently, edited or held. `tests/it/news/*.txt` has the cases.
//!
//! A case begins with `# its name`. Lines of entries are a list, each `DAY PATH GUID Title | Lead`
//! with `-` for what is missing; `(empty)` is a list without entries. `> …` polls it, and states
//! the result; a poll without a list before it gets the same one again. Other lines: `as page`,
//! `as numbers` (a page with dates as 03/04/2026) or `as feed` (the default), `server 304` (to every conditional request), `server 410`, `server
//! well`, `wait 2d`, and `post`, `store` or `keep` for the decision of the operator.
//! `COMMUNIQUE_BLESS=1` writes the actual results into the files.

use crate::{store::ALL, support::snapshot};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use communique::{
    domain::{
        AccessPolicy, ChatId, ChatKind, EntryId, FeedUse, HoldDecision, MessageId, NotificationId,
        PageRules, Place, PollStatus, Settlement, Source, SourceName, UpdateId, UserId,
    },
    fetch::{Body, Failure, Fetched, Request, Web},
    lang::Lang,
    poll::{Polled, Poller},
    store::{Access, ClaimRequest, Payload, Store},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

/// The subscribed place, and the operator.
const PLACE: Place = Place { chat: ChatId(7), thread: None };
const OPERATOR: i64 = 99;
/// More entries than any case has.
const ENTRIES_MAX: usize = 500;

#[derive(Clone, Debug, Default)]
struct Server {
    document: String,
    behavior: Behavior,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Behavior {
    #[default]
    Well,
    /// It answers 304 to every conditional request.
    Stubborn,
    Gone,
}

#[derive(Clone, Debug, Default)]
struct Host(Arc<Mutex<Server>>);

impl Web for Host {
    async fn fetch(&self, request: &Request) -> Fetched {
        let Server { document, behavior } = self.0.lock().unwrap().clone();
        if behavior == Behavior::Gone {
            let note = "the server answered with 410".to_owned();
            return Fetched::Failed(Failure { reason: PollStatus::Gone, note, retry_after: None });
        }
        let etag = match behavior {
            Behavior::Stubborn => "\"always\"".to_owned(),
            _ => format!("{document:?}"),
        };
        if request.etag.as_ref() == Some(&etag) {
            return Fetched::Unchanged(None);
        }
        Fetched::Body(Box::new(Body {
            bytes: document.into_bytes(),
            content_type: None,
            url: request.address.url().clone(),
            etag: Some(etag),
            last_modified: None,
            fresh_for: None,
            cut: None,
        }))
    }
}

/// An entry of a case.
struct Line<'a> {
    date_on: Option<NaiveDate>,
    path: Option<&'a str>,
    guid: Option<&'a str>,
    title: &'a str,
    lead: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Self {
        let (head, lead) =
            text.split_once(" | ").map_or((text, None), |(head, lead)| (head, Some(lead)));
        let mut parts = head.splitn(4, ' ');
        let mut next = || parts.next().filter(|part| *part != "-");
        Line {
            date_on: next().map(|on| on.parse().unwrap_or_else(|_| panic!("no day: {text}"))),
            path: next(),
            guid: next(),
            title: next().unwrap_or_else(|| panic!("no title: {text}")),
            lead,
        }
    }

    fn item(&self) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let mut item = format!("<item><title>{}</title>", escaped(self.title));
        if let Some(path) = self.path {
            item += &format!("<link>https://lights.example{}</link>", escaped(path));
        }
        if let Some(guid) = self.guid {
            item += &format!("<guid isPermaLink=\"false\">{}</guid>", escaped(guid));
        }
        if let Some(on) = self.date_on {
            item += &format!("<pubDate>{} 10:00:00 +0000</pubDate>", on.format("%d %b %Y"));
        }
        if let Some(lead) = self.lead {
            item += &format!("<description>{}</description>", escaped(lead));
        }
        item + "</item>"
    }

    fn row(&self, date_format: &str) -> String {
        let day = self.date_on.map(|on| on.format(date_format).to_string()).unwrap_or_default();
        let title = match self.path {
            Some(path) => format!("<a href=\"{path}\">{}</a>", self.title),
            None => self.title.to_owned(),
        };
        let lead = self.lead.map(|lead| format!("<p>{lead}</p>")).unwrap_or_default();
        format!("<li>{day}{title}{lead}</li>\n")
    }
}

/// Returns a page with dates in this format, or a feed.
fn document(lines: &[&str], date_format: Option<&str>) -> String {
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::parse(line)).collect();
    if let Some(date_format) = date_format {
        let rows: String = lines.iter().map(|line| line.row(date_format)).collect();
        return format!("<h1>Lights</h1><ul>{rows}</ul>");
    }
    let items: String = lines.iter().map(Line::item).collect();
    format!("<rss version=\"2.0\"><channel><title>Lights</title>{items}</channel></rss>")
}

/// An entry as stored: day, title, address, lead.
type Kept = (Option<NaiveDate>, String, Option<String>, Option<String>);

struct Fixture {
    host: Host,
    store: Store,
    poller: Poller<Host>,
    name: SourceName,
    now: DateTime<Utc>,
    updates: i64,
    sent: i64,
    kept: BTreeMap<EntryId, Kept>,
    /// The IDs of the posted entries.
    posted: BTreeSet<EntryId>,
    _folder: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let address = format!("sqlite://{}", folder.path().join("news.db").display());
        let store = Store::open(&address, Access::Run).await.unwrap();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let name = SourceName::parse("lights").unwrap();
        let source = Source {
            interval: Duration::from_secs(600),
            page_rules: PageRules { feed: FeedUse::Never, ..PageRules::default() },
            ..Source::new(
                name.clone(),
                "Lights".to_owned(),
                "https://lights.example/news".parse().unwrap(),
            )
        };
        store.sync_sources(std::slice::from_ref(&source), now).await.unwrap();
        let host = Host::default();
        let policy = AccessPolicy { owner: Some(UserId(OPERATOR)), ..AccessPolicy::default() };
        let poller = Poller::new(store.clone(), host.clone(), &[source], ENTRIES_MAX);
        let poller = poller.with_access_policy(&policy);
        let mut tx = store.begin_update(UpdateId(1), now).await.unwrap().unwrap();
        tx.subscribe(PLACE, ChatKind::Private, Lang::En).await.unwrap();
        tx.commit().await.unwrap();
        Fixture {
            host,
            store,
            poller,
            name,
            now,
            updates: 1,
            sent: 0,
            kept: BTreeMap::new(),
            posted: BTreeSet::new(),
            _folder: folder,
        }
    }

    /// Polls when the source is due. Returns the result in words.
    async fn poll(&mut self) -> String {
        let due = loop {
            match self.poller.due(self.now).await.unwrap().pop() {
                Some(due) => break due,
                None => self.now += TimeDelta::minutes(1),
            }
        };
        let polled = self.poller.poll(&due, || self.now, 0.5).await.unwrap().unwrap();
        let (posted, notices) = self.deliver().await;
        self.said(&polled, &posted, notices).await
    }

    async fn said(
        &mut self,
        polled: &Polled,
        posted: &[EntryId],
        notices: Vec<&'static str>,
    ) -> String {
        let kept = self.kept().await;
        let before = std::mem::replace(&mut self.kept, kept);
        let titles = |ids: &[EntryId]| {
            let titles = ids.iter().map(|id| self.kept[id].1.as_str());
            titles.collect::<Vec<_>>().join(", ")
        };
        let added = self.kept.keys().filter(|id| !before.contains_key(id)).copied();
        let stored: Vec<EntryId> = added.filter(|id| !posted.contains(id)).collect();
        let changed = before.iter().filter(|(id, was)| self.kept.get(id) != Some(was));
        let changed: Vec<EntryId> = changed.map(|(id, _)| *id).collect();
        let mut parts = Vec::new();
        match polled.reason {
            PollStatus::Ok => {}
            PollStatus::Unchanged => parts.push("304".to_owned()),
            reason => parts.push(reason.as_str().to_owned()),
        }
        for (word, ids) in [("posted", posted), ("stored", &stored), ("edited", &changed)] {
            if !ids.is_empty() {
                parts.push(format!("{word}: {}", titles(ids)));
            }
        }
        parts.extend(notices.into_iter().map(str::to_owned));
        for id in posted {
            assert!(self.posted.insert(*id), "{} is posted twice", self.kept[id].1);
        }
        if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
    }

    /// Delivers everything. Returns the posted entries, and what the operator is asked or notified
    /// of.
    async fn deliver(&mut self) -> (Vec<EntryId>, Vec<&'static str>) {
        let (mut posted, mut notices) = (Vec::new(), Vec::new());
        let mut at = self.now;
        loop {
            while self.store.fan_out(NotificationId(0), 10, at).await.unwrap().is_some() {}
            let wanted = ClaimRequest { digest_above: ENTRIES_MAX, ..ALL };
            let claim = self.store.claim(at, wanted).await.unwrap();
            if claim.claimed.is_empty() {
                let Some(due_at) = claim.next_due_at else { break };
                at = at.max(due_at) + TimeDelta::milliseconds(1);
                continue;
            }
            for claimed in &claim.claimed {
                match &claimed.content {
                    Payload::Statement(push) => {
                        assert!(push.digest.is_empty());
                        posted.push(push.listed.entry_ref.entry_id);
                    }
                    Payload::Reply(answer) => {
                        assert_eq!(answer.place.chat, ChatId(OPERATOR));
                        notices.push(if answer.message.buttons.is_empty() {
                            "told"
                        } else {
                            "asked"
                        });
                    }
                    other => panic!("{other:?}"),
                }
                self.sent += 1;
                let settlement = Settlement::Sent(MessageId(self.sent));
                self.store.settle(&[(claimed, settlement)], at).await.unwrap();
            }
        }
        (posted, notices)
    }

    async fn kept(&mut self) -> BTreeMap<EntryId, Kept> {
        self.updates += 1;
        let mut tx =
            self.store.begin_update(UpdateId(self.updates), self.now).await.unwrap().unwrap();
        let listed = tx.latest(PLACE, None, ENTRIES_MAX).await.unwrap();
        tx.commit().await.unwrap();
        let of =
            |entry: communique::domain::Entry| (entry.date_on, entry.title, entry.link, entry.lead);
        listed.into_iter().map(|listed| (listed.entry_ref.entry_id, of(listed.entry))).collect()
    }

    async fn decide(&mut self, decision: HoldDecision) {
        assert!(self.store.decide(&self.name, decision, self.now).await.unwrap(), "it is not held");
    }
}

/// Plays a file. Returns it with the result of each poll.
async fn play(text: &str) -> String {
    let mut fixture: Option<Fixture> = None;
    let mut lines: Vec<&str> = Vec::new();
    let (mut date_format, mut has_list) = (None, false);
    let mut played = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_case = matches!(words.first(), Some(&"#"));
        if is_case {
            eprintln!("{line}");
            fixture = Some(Fixture::new().await);
            (date_format, has_list) = (None, false);
            lines.clear();
        }
        if is_case || words.is_empty() || line.starts_with("//") {
            played += line;
            played.push('\n');
            continue;
        }
        let fixture = fixture.as_mut().expect("a case begins with its name");
        let behavior = |behavior| fixture.host.0.lock().unwrap().behavior = behavior;
        let mut came = None;
        match words.as_slice() {
            [">", ..] => {
                if has_list {
                    fixture.host.0.lock().unwrap().document = document(&lines, date_format);
                    (lines, has_list) = (Vec::new(), false);
                }
                came = Some(format!("> {}", fixture.poll().await));
            }
            ["as", what] => {
                date_format = match *what {
                    "page" => Some("%-d %B %Y "),
                    "numbers" => Some("%d/%m/%Y "),
                    _ => None,
                };
            }
            ["server", "304"] => behavior(Behavior::Stubborn),
            ["server", "410"] => behavior(Behavior::Gone),
            ["server", "well"] => behavior(Behavior::Well),
            ["wait", time] => {
                let (number, unit) = time.split_at(time.len() - 1);
                let number: i64 = number.parse().unwrap();
                fixture.now += match unit {
                    "d" => TimeDelta::days(number),
                    "h" => TimeDelta::hours(number),
                    _ => panic!("{line}"),
                };
            }
            ["post"] => fixture.decide(HoldDecision::Post).await,
            ["store"] => fixture.decide(HoldDecision::Store).await,
            ["keep"] => fixture.decide(HoldDecision::Wait).await,
            ["(empty)"] => has_list = true,
            _ => {
                lines.push(line);
                has_list = true;
            }
        }
        played += came.as_deref().unwrap_or(line);
        played.push('\n');
    }
    played
}

#[tokio::test]
async fn polls_have_the_results_that_the_cases_state() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/news");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 3, "{files:?}");
    let mut differences = Vec::new();
    for file in files {
        let played = play(&fs::read_to_string(&file).unwrap()).await;
        differences.extend(snapshot::compare(&file, &played));
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}
