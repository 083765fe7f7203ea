//! Search and archive over a hundred thousand statements: `cargo bench --bench search` prints a table.
//!
//! In one run with the plain statement of SQLite beside it, so that the ratios mean something on another
//! machine. docs/benchmarks.md has the table.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use communique::{
    bot::{PermissionFacts, Request, handle},
    detect::{KeyedCandidate, Verdict},
    domain::{
        AccessPolicy, Article, Candidate, ChatKind, DocumentKind, EntryKey, Health, Message,
        Origin, PageRules, Paragraph, ParagraphKind, Place, PollStatus, Reply, Source, SourceName,
        ValidatorTrust,
        archive::{ArchiveQuery, Cursor},
        search_query::Query,
    },
    lang::Lang,
    store::{Access, HoldChange, JobResult, Poll, Store, UpdateTx},
    telegram::{self, Event, Incoming, Sender},
};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Statements, how many are put in at a time, and how often each thing is measured.
const STATEMENTS: usize = 100_000;
const AT_ONCE: usize = 1000;
const RUNS: usize = 50;
/// Statements whose whole text is known: more than a page shows.
const READ: usize = 30;
const PLACE: Place = Place { chat: communique::domain::ChatId(1), thread: None };

/// Words as statements have them: the rarer the further back.
const WORDS: [&str; 24] = [
    "statement",
    "minister",
    "talks",
    "embassy",
    "question",
    "answer",
    "meeting",
    "council",
    "security",
    "treaty",
    "foreign",
    "санкции",
    "заявление",
    "переговоры",
    "министр",
    "посольство",
    "sanctions",
    "agreement",
    "lighthouse",
    "harbour",
    "anniversary",
    "foghorn",
    "keeper",
    "relighting",
];

fn text(rng: &mut fastrand::Rng, words: usize) -> String {
    let word = |rng: &mut fastrand::Rng| {
        let rare = rng.f64() * rng.f64() * rng.f64();
        WORDS[(rare * WORDS.len() as f64) as usize]
    };
    (0..words).map(|_| word(rng)).collect::<Vec<_>>().join(" ")
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

async fn filled(folder: &std::path::Path) -> (Store, i64) {
    let address = format!("sqlite://{}/search.db", folder.display());
    let store = Store::open(&address, Access::Run).await.unwrap();
    let source = Source {
        name: SourceName::parse("lights").unwrap(),
        title: "Ministry of Lighthouses".to_owned(),
        url: "https://lighthouses.example/".parse().unwrap(),
        interval: Duration::from_secs(60),
        zone: chrono_tz::UTC,
        origin: Origin::Operator,
        is_default: true,
        respects_robots: true,
        counters: Vec::new(),
        page_rules: PageRules::default(),
    };
    store.sync_sources(&[source], now()).await.unwrap();
    let source_id = store.due_polls(now()).await.unwrap()[0].source_id;
    let mut rng = fastrand::Rng::with_seed(7);
    let first_on = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
    for chunk in 0..STATEMENTS / AT_ONCE {
        let entry = |n: usize| {
            let number = chunk * AT_ONCE + n;
            let on = first_on + Days::new(number as u64 / 8);
            let title = format!("{} no. {number}", text(&mut rng, 8));
            let link = format!("https://lighthouses.example/statement/{number}").parse().unwrap();
            let lead = Some(text(&mut rng, 60));
            let keys = vec![EntryKey::of_link(&link)];
            let candidate = Candidate {
                date_on: Some(on),
                title,
                link: Some(link),
                lead,
                ..Candidate::default()
            };
            KeyedCandidate { candidate, keys }
        };
        let poll = Poll {
            source_id,
            reason: PollStatus::Ok,
            note: None,
            polled_at: now(),
            polled_on: now().date_naive(),
            next_poll_at: now() + TimeDelta::minutes(1),
            verdict: Some(Verdict::Baseline((0..AT_ONCE).map(entry).collect())),
            is_edit: true,
            digest_above: 10,
            counters: Vec::new(),
            notes: None,
            kind: Some(DocumentKind::Html),
            etag: None,
            last_modified: None,
            feed_url: None,
            compared_at: None,
            hold: HoldChange::Keep,
            volatile_parts: BTreeSet::new(),
            validators: ValidatorTrust::default(),
            health: Health::default(),
            notices: Vec::new(),
        };
        store.record_poll(&poll).await.unwrap();
    }
    (store, source_id)
}

/// The median and the longest of some runs, in milliseconds.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!("{:9.2} {:9.2}", ms(times[times.len() / 2]), ms(times[times.len() - 1]))
}

async fn tx(store: &Store, update: &mut i64) -> UpdateTx {
    *update += 1;
    store.begin_update(*update, now()).await.unwrap().unwrap()
}

/// Keeps whole texts of the newest statements, in which something stands that is nowhere else.
async fn read_newest(store: &Store, update: &mut i64) {
    let mut rng = fastrand::Rng::with_seed(8);
    let mut tx = tx(store, update).await;
    let newest = tx.latest(PLACE, None, READ).await.unwrap();
    drop(tx);
    for listed in newest {
        *update += 1;
        let mut tx = store.begin_update(*update, now()).await.unwrap().unwrap();
        tx.enqueue_article_job(PLACE, None, Lang::En, &listed).await.unwrap();
        tx.commit().await.unwrap();
        let errand = store.claim_job(now()).await.unwrap().unwrap();
        let mut paragraphs: Vec<String> = (0..20).map(|_| text(&mut rng, 60)).collect();
        paragraphs.push("and a lanternfish at the end of it".to_owned());
        let paragraph = |text| Paragraph { kind: ParagraphKind::Text, speaker: None, text };
        let paragraphs = paragraphs.into_iter().map(paragraph).collect();
        let done =
            JobResult::Article(listed.entry_ref.entry_id, Article { title: None, paragraphs });
        let answer = |_| Reply::new(PLACE, Message::new("It says …"));
        store.finish_job(&errand, &done, answer, now()).await.unwrap();
    }
}

fn asked(text: &str) -> Incoming {
    let message = telegram::Message {
        place: PLACE,
        kind: ChatKind::Private,
        sender: Sender::User(1),
        lang: Lang::En,
        message_id: 1,
        text: Some(text.to_owned()),
        channel: None,
    };
    Incoming { update_id: 1, event: Event::Message(message) }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let (store, source_id) = filled(folder.path()).await;
    let bytes = std::fs::metadata(folder.path().join("search.db")).unwrap().len();
    println!(
        "{STATEMENTS} statements written and indexed in {:.1} s, {} MB",
        began.elapsed().as_secs_f64(),
        bytes / 1_000_000
    );
    println!("{:44} {:>9} {:>9}", "milliseconds", "median", "longest");
    let mut update = 0;
    let mut page_of_search = Cursor::First;
    for typed in [
        "statement",
        "relighting",
        "санкциями",
        "statement minister talks",
        "\"foreign treaty\"",
        "sanct*",
        "st*",
        "minister -statement",
        "nothing of the kind",
    ] {
        let query = Query::parse(typed).unwrap();
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..RUNS {
            let mut tx = tx(&store, &mut update).await;
            let start = Instant::now();
            let listing = tx.search(PLACE, &query, Cursor::First, 10).await.unwrap();
            times.push(start.elapsed());
            found = listing.entries.len();
            page_of_search = listing.older.unwrap_or(page_of_search);
        }
        println!("{:44} {}", format!("search {typed} ({found} shown)"), told(times));
    }
    read_newest(&store, &mut update).await;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let mut tx = tx(&store, &mut update).await;
        let request = Request::parse(asked("/search lanternfish"), "a_bot");
        let start = Instant::now();
        let effect = handle(
            &mut tx,
            &request,
            PermissionFacts::default(),
            "a_bot",
            &AccessPolicy::default(),
        )
        .await;
        times.push(start.elapsed());
        assert!(effect.unwrap().replies[0].message.html.contains("<b>lanternfish</b>"));
    }
    println!("{:44} {}", "answer to a word found in whole texts alone", told(times));
    for (name, source) in [("archive", None), ("archive of a source", Some(source_id))] {
        let mut cursor = Cursor::First;
        for page in 1..=1000 {
            let view = ArchiveQuery { source_id: source, month_on: None, cursor };
            let is_shown = [1, 10, 100, 1000].contains(&page);
            let mut times = Vec::new();
            for _ in 0..if is_shown { RUNS } else { 1 } {
                let mut tx = tx(&store, &mut update).await;
                let start = Instant::now();
                let listing = tx.archive(PLACE, view).await.unwrap();
                times.push(start.elapsed());
                cursor = listing.older.unwrap_or(cursor);
            }
            if is_shown {
                println!("{:44} {}", format!("{name}, page {page}"), told(times));
            }
        }
    }
    store.close().await;
}
