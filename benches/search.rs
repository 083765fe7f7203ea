//! Search and archive with 100,000 entries: `cargo bench --bench search` prints a table.
//!
//! Each query runs in the transaction of an update. docs/benchmarks.md has the results.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints what it measured"
)]

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use communique::{
    bot::{PermissionFacts, Request, handle},
    detect::{KeyedCandidate, Verdict},
    domain::{
        AccessPolicy, Article, Candidate, ChatKind, DocumentKind, EntryKey, Health, Message,
        MessageId, Paragraph, ParagraphKind, Place, PollStatus, Reply, Source, SourceId,
        SourceName, UpdateId, UserId, ValidatorTrust, Validators,
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

/// Entries, how many of them one poll writes, and how often each query is measured.
const STATEMENTS: usize = 100_000;
const PER_POLL: usize = 1000;
const RUNS: usize = 50;
/// Entries whose full text is stored: more than a page shows.
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

async fn filled(folder: &std::path::Path) -> (Store, SourceId) {
    let address = format!("sqlite://{}/search.db", folder.display());
    let store = Store::open(&address, Access::Run).await.unwrap();
    let source = Source {
        interval: Duration::from_secs(60),
        ..Source::new(
            SourceName::parse("lights").unwrap(),
            "Ministry of Lighthouses".to_owned(),
            "https://lighthouses.example/".parse().unwrap(),
        )
    };
    store.sync_sources(&[source], now()).await.unwrap();
    let source_id = store.due_polls(now()).await.unwrap()[0].source_id;
    let mut rng = fastrand::Rng::with_seed(7);
    let first_on = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
    for chunk in 0..STATEMENTS / PER_POLL {
        let entry = |n: usize| {
            let number = chunk * PER_POLL + n;
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
            verdict: Some(Verdict::Baseline((0..PER_POLL).map(entry).collect())),
            is_edit: true,
            digest_above: 10,
            counters: Vec::new(),
            notes: None,
            kind: Some(DocumentKind::Html),
            validators: Validators::default(),
            feed_url: None,
            compared_at: None,
            hold: HoldChange::Keep,
            volatile_parts: BTreeSet::new(),
            validator_trust: ValidatorTrust::default(),
            health: Health::default(),
            notices: Vec::new(),
        };
        store.record_poll(&poll).await.unwrap();
    }
    (store, source_id)
}

/// The median and the longest of the runs, in milliseconds.
fn milliseconds(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!("{:9.2} {:9.2}", ms(times[times.len() / 2]), ms(times[times.len() - 1]))
}

async fn tx(store: &Store, update: &mut i64) -> UpdateTx {
    *update += 1;
    store.begin_update(UpdateId(*update), now()).await.unwrap().unwrap()
}

/// Stores full texts of the newest entries, with a word that occurs nowhere else.
async fn read_newest(store: &Store, update: &mut i64) {
    let mut rng = fastrand::Rng::with_seed(8);
    let mut tx = tx(store, update).await;
    let newest = tx.latest(PLACE, None, READ).await.unwrap();
    drop(tx);
    for listed in newest {
        *update += 1;
        let mut tx = store.begin_update(UpdateId(*update), now()).await.unwrap().unwrap();
        tx.enqueue_article_job(PLACE, None, Lang::En, &listed).await.unwrap();
        tx.commit().await.unwrap();
        let job = store.claim_job(now()).await.unwrap().job().unwrap();
        let mut paragraphs: Vec<String> = (0..20).map(|_| text(&mut rng, 60)).collect();
        paragraphs.push("and a lanternfish at the end of it".to_owned());
        let paragraph = |text| Paragraph { kind: ParagraphKind::Text, speaker: None, text };
        let paragraphs = paragraphs.into_iter().map(paragraph).collect();
        let done =
            JobResult::Article(listed.entry_ref.entry_id, Article { title: None, paragraphs });
        let answer = |_| Reply::new(PLACE, Message::new("It says …"));
        store.finish_job(&job, &done, answer, now()).await.unwrap();
    }
}

fn message(text: &str) -> Incoming {
    let message = telegram::Message {
        place: PLACE,
        kind: ChatKind::Private,
        sender: Sender::User(UserId(1)),
        lang: Lang::En,
        message_id: MessageId(1),
        text: Some(text.to_owned()),
        channel: None,
    };
    Incoming { update_id: UpdateId(1), event: Event::Message(message) }
}

/// Prints how long pages of the archive take.
async fn measure_archive(store: &Store, update: &mut i64, source_id: SourceId) {
    for (name, source) in [("archive", None), ("archive of a source", Some(source_id))] {
        let mut cursor = Cursor::First;
        for page in 1..=1000 {
            let view = ArchiveQuery { source_id: source, month_on: None, cursor };
            let is_shown = [1, 10, 100, 1000].contains(&page);
            let mut times = Vec::new();
            for _ in 0..if is_shown { RUNS } else { 1 } {
                let mut tx = tx(store, update).await;
                let start = Instant::now();
                let entries = tx.archive(PLACE, view).await.unwrap();
                times.push(start.elapsed());
                cursor = entries.older.unwrap_or(cursor);
            }
            if is_shown {
                println!("{:44} {}", format!("{name}, page {page}"), milliseconds(times));
            }
        }
    }
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
            let entries = tx.search(PLACE, &query, Cursor::First, 10).await.unwrap();
            times.push(start.elapsed());
            found = entries.entries.len();
            page_of_search = entries.older.unwrap_or(page_of_search);
        }
        println!("{:44} {}", format!("search {typed} ({found} shown)"), milliseconds(times));
    }
    read_newest(&store, &mut update).await;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let mut tx = tx(&store, &mut update).await;
        let request = Request::parse(message("/search lanternfish"), "a_bot");
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
    println!("{:44} {}", "reply for a word of full texts only", milliseconds(times));
    measure_archive(&store, &mut update, source_id).await;
    store.close().await;
}
