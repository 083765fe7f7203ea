//! Polls of a source whose documents the test writes: pages, feeds, further pages, edits.

use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    domain::{
        ChatId, ChatKind, FeedUse, NoText, NotificationId, PageRules, Place, PollStatus, Source,
        SourceName, UpdateId,
    },
    fetch::{Body, Failure, Fetched, Request, Web},
    jobs::JobRunner,
    lang::Lang,
    poll::{Polled, Poller},
    store::{Access, ClaimRequest, Claimed, Enqueued, Payload, Store},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

/// The document at each path, and the requests, with their validators.
type Documents = (BTreeMap<String, String>, Vec<String>);

#[derive(Clone, Default)]
struct Host(Arc<Mutex<Documents>>);

impl Web for Host {
    async fn fetch(&self, request: &Request) -> Fetched {
        let mut host = self.0.lock().unwrap();
        let path = request.address.url().path().to_owned();
        let etag = request.etag.clone().unwrap_or_default();
        host.1.push(if etag.is_empty() { path.clone() } else { format!("{path} {etag}") });
        let Some(document) = host.0.get(&path) else {
            let note = "the server answered with 404".to_owned();
            return Fetched::Failed(Failure {
                reason: PollStatus::HttpStatus,
                note,
                retry_after: None,
            });
        };
        let now = validator(&path, document);
        if etag == now {
            return Fetched::Unchanged(None);
        }
        Fetched::Body(Box::new(Body {
            bytes: document.clone().into_bytes(),
            content_type: None,
            url: request.address.url().clone(),
            etag: Some(now),
            last_modified: None,
            fresh_for: None,
            cut: None,
        }))
    }
}

fn validator(path: &str, document: &str) -> String {
    let sum =
        document.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("\"{path}-{sum:x}\"")
}

struct Fixture {
    host: Host,
    store: Store,
    poller: Poller<Host>,
    now: DateTime<Utc>,
    updates: i64,
    _folder: TempDir,
}

/// The subscribed place.
const PLACE: Place = Place { chat: ChatId(7), thread: None };

impl Fixture {
    async fn new(feed: FeedUse) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("polls.db");
        let store =
            Store::open(&format!("sqlite://{}", path.display()), Access::Run).await.unwrap();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let source = Source {
            interval: Duration::from_secs(60),
            page_rules: PageRules { feed, ..PageRules::default() },
            ..Source::new(
                SourceName::parse("lights").unwrap(),
                "Lights".to_owned(),
                "https://lights.example/news".parse().unwrap(),
            )
        };
        store.sync_sources(std::slice::from_ref(&source), now).await.unwrap();
        let host = Host::default();
        let poller = Poller::new(store.clone(), host.clone(), &[source], 10);
        let mut tx = store.begin_update(UpdateId(1), now).await.unwrap().unwrap();
        tx.subscribe(PLACE, ChatKind::Private, Lang::En).await.unwrap();
        tx.commit().await.unwrap();
        Fixture { host, store, poller, now, updates: 1, _folder: folder }
    }

    fn set(&self, path: &str, document: String) {
        self.host.0.lock().unwrap().0.insert(path.to_owned(), document);
    }

    fn remove(&self, path: &str) {
        self.host.0.lock().unwrap().0.remove(path);
    }

    /// Returns the requests since the last call.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.host.0.lock().unwrap().1)
    }

    /// Polls when the source is due, at least this long after the poll before.
    async fn poll(&mut self, after: TimeDelta) -> Polled {
        self.now += after;
        while self.poller.due(self.now).await.unwrap().is_empty() {
            self.now += TimeDelta::minutes(1);
        }
        let due = self.poller.due(self.now).await.unwrap().remove(0);
        self.asked();
        self.poller.poll(&due, || self.now, 0.5).await.unwrap().unwrap()
    }

    /// Returns the titles of the newest entries, newest first.
    async fn newest(&mut self, n: usize) -> Vec<String> {
        self.updates += 1;
        let mut tx =
            self.store.begin_update(UpdateId(self.updates), self.now).await.unwrap().unwrap();
        let listed = tx.latest(PLACE, None, n).await.unwrap();
        tx.commit().await.unwrap();
        listed.into_iter().map(|listed| listed.entry.title).collect()
    }
}

/// Entries by number: number 7 has the date 7 November.
fn page(numbers: &[u32], rest: &str) -> String {
    let items: String = numbers
        .iter()
        .map(|n| {
            format!(
                "<li>{n} November 2026 <a href=/s/{n}>Statement of the keepers, no. {n}</a></li>"
            )
        })
        .collect();
    format!(
        "<head><link rel=alternate type=application/rss+xml href=/rss></head><ul>{items}</ul>{rest}"
    )
}

fn feed(numbers: &[u32]) -> String {
    let items: String = numbers
        .iter()
        .map(|n| {
            format!(
                "<item><title>Feed: no. {n}</title><link>https://lights.example/s/{n}</link>\
                 <pubDate>{n:02} Nov 2026 10:00:00 +0000</pubDate></item>"
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Lights</title>{items}</channel></rss>")
}

const MINUTE: TimeDelta = TimeDelta::minutes(1);

#[tokio::test]
async fn a_feed_is_used_while_it_is_as_good_as_the_page() {
    let mut fixture = Fixture::new(FeedUse::IfFresh).await;
    fixture.set("/news", page(&[5, 4, 3, 2], "<p>864 days have passed since the lamp went out."));
    fixture.set("/rss", feed(&[5, 4, 3]));
    let first = fixture.poll(MINUTE).await;
    assert_eq!((first.reason, first.baseline), (PollStatus::Ok, Some(4)), "{first:?}");
    assert_eq!(fixture.asked(), ["/news", "/rss"]);
    assert_eq!(fixture.newest(2).await, ["Feed: no. 5", "Feed: no. 4"]);
    // From now on only the feed is requested, with its own validators.
    assert_eq!(fixture.poll(MINUTE).await.reason, PollStatus::Unchanged);
    assert_eq!(fixture.asked(), [format!("/rss {}", validator("/rss", &feed(&[5, 4, 3])))]);
    fixture.set("/rss", feed(&[6, 5, 4]));
    let next = fixture.poll(MINUTE).await;
    assert_eq!((next.new, next.edited), (1, 0), "{next:?}");
    // The feed turns into a page: the page is read in the same poll, and its wording is not an
    // edit.
    fixture.set("/news", page(&[7, 6, 5, 4], ""));
    fixture.set("/rss", page(&[], "<p>Feeds are not offered any more."));
    let fallen = fixture.poll(MINUTE).await;
    assert_eq!((fallen.reason, fallen.new, fallen.edited), (PollStatus::Ok, 1, 0), "{fallen:?}");
    assert!(
        fallen
            .note
            .unwrap()
            .contains("cannot be read (a page came where a feed was): the page is read instead")
    );
    assert_eq!(fixture.asked().last().unwrap(), "/news");
    // The feed is back and is used again, without repeats.
    fixture.set("/rss", feed(&[8, 7, 6]));
    let back = fixture.poll(MINUTE).await;
    assert_eq!((back.new, back.edited), (1, 0), "{back:?}");
    assert_eq!(fixture.newest(2).await, ["Feed: no. 8", "Feed: no. 7"]);
    // It stops being updated: after an hour the page reveals that.
    fixture.set("/news", page(&[9, 8, 7, 6], ""));
    let compared = fixture.poll(TimeDelta::hours(1)).await;
    assert_eq!((compared.new, compared.edited), (1, 0), "{compared:?}");
    assert!(
        compared.note.unwrap().contains("is not read any more: its newest entry is of 2026-11-08")
    );
    let page_alone = fixture.poll(MINUTE).await;
    assert_eq!((page_alone.reason, page_alone.new), (PollStatus::Unchanged, 0));
    assert_eq!(
        fixture.asked(),
        [format!("/news {}", validator("/news", &page(&[9, 8, 7, 6], "")))]
    );
}

#[tokio::test]
async fn a_feed_of_the_whole_site_does_not_replace_the_page() {
    let mut fixture = Fixture::new(FeedUse::IfFresh).await;
    fixture.set("/news", page(&[20, 10, 5], ""));
    fixture.set("/rss", feed(&[20, 19, 18, 17, 16, 10, 9]));
    let first = fixture.poll(MINUTE).await;
    assert_eq!((first.baseline, first.note), (Some(3), None));
    fixture.poll(MINUTE).await;
    assert_eq!(fixture.asked().len(), 1, "it is not tried each time");
    let mut never = Fixture::new(FeedUse::Never).await;
    never.set("/news", page(&[20, 10, 5], ""));
    never.set("/rss", feed(&[20, 10, 5]));
    never.poll(MINUTE).await;
    assert_eq!(never.asked(), ["/news"]);
}

#[tokio::test]
async fn a_configured_feed_is_used_first_and_the_page_if_it_fails() {
    let given = FeedUse::Given("https://lights.example/given".parse().unwrap());
    let mut fixture = Fixture::new(given).await;
    fixture.set("/news", page(&[5, 4], ""));
    let first = fixture.poll(MINUTE).await;
    assert_eq!((first.reason, first.baseline), (PollStatus::Ok, Some(2)), "{first:?}");
    assert!(first.note.unwrap().contains("/given cannot be read (the server answered with 404)"));
    fixture.set("/given", feed(&[6, 5, 4]));
    assert_eq!(fixture.poll(MINUTE).await.new, 1);
    assert_eq!(fixture.asked(), ["/given"]);
    fixture.remove("/given");
    fixture.remove("/news");
    let both = fixture.poll(MINUTE).await;
    assert_eq!(both.reason, PollStatus::HttpStatus);
    assert!(both.note.unwrap().contains("nor can the page"));
}

#[tokio::test]
async fn further_pages_are_read_to_the_first_known_entry() {
    let mut fixture = Fixture::new(FeedUse::IfFresh).await;
    let next = |path: &str| format!("<a rel=next href={path}>2</a>");
    fixture.set("/news", page(&[3, 2, 1], &next("/p2")));
    assert_eq!(fixture.poll(MINUTE).await.baseline, Some(3));
    assert_eq!(fixture.asked(), ["/news", "/rss"], "nothing is new at first");
    fixture.set("/news", page(&[9, 8, 7], &next("/p2")));
    fixture.set("/p2", page(&[6, 5], &next("/p3")));
    fixture.set("/p3", page(&[4, 3, 2], &next("/p4")));
    fixture.set("/p4", page(&[1], ""));
    let many = fixture.poll(MINUTE).await;
    assert_eq!((many.new, many.deliveries), (6, 6), "{many:?}");
    assert!(many.note.unwrap().contains("2 further pages were read"));
    assert_eq!(fixture.asked()[1..], ["/p2", "/p3"]);
    assert_eq!(fixture.newest(3).await[2], "Statement of the keepers, no. 7");
    // After a gap, the page has only later entries of the known form, and the operator is notified.
    fixture.set("/news", page(&[15, 14, 13], &next("/gone")));
    let gap = fixture.poll(MINUTE).await;
    assert_eq!((gap.reason, gap.new), (PollStatus::Ok, 3), "{gap:?}");
    assert!(gap.note.unwrap().contains("some may have come and gone unseen"));
}

#[tokio::test]
async fn a_feed_is_not_polled_again_within_its_ttl() {
    let mut fixture = Fixture::new(FeedUse::Never).await;
    let of = |n: u32| feed(&[n]).replace("<title>Lights", "<ttl>30</ttl><title>Lights");
    fixture.set("/news", of(5));
    fixture.poll(MINUTE).await;
    let before = fixture.now;
    fixture.set("/news", of(6));
    fixture.poll(MINUTE).await;
    assert!(fixture.now - before >= TimeDelta::minutes(30), "{} to {}", before, fixture.now);
}

#[tokio::test]
async fn entries_published_during_an_outage_are_one_message() {
    let mut fixture = Fixture::new(FeedUse::Never).await;
    fixture.set("/news", page(&[3, 2, 1], ""));
    fixture.poll(MINUTE).await;
    let all: Vec<u32> = (2..=20).rev().collect();
    fixture.set("/news", page(&all, ""));
    let many = fixture.poll(MINUTE).await;
    assert_eq!((many.new, many.deliveries), (17, 1), "{many:?}");
    fixture.store.fan_out(NotificationId(0), 10, fixture.now).await.unwrap();
    let claimed = fixture
        .store
        .claim(
            fixture.now,
            ClaimRequest { limit: 10, blocked: &[], digest_above: 10, later_first: false },
        )
        .await
        .unwrap()
        .claimed;
    let [Claimed { content: Payload::Statement(push), .. }] = claimed.as_slice() else {
        panic!("{claimed:?}")
    };
    let titles: Vec<&str> = push.digest.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!((titles.len(), titles[0]), (17, "Statement of the keepers, no. 4"));
    assert_eq!(titles[16], "Statement of the keepers, no. 20");
    let after = fixture.poll(MINUTE).await;
    assert_eq!((after.reason, after.new), (PollStatus::Unchanged, 0));
}

#[tokio::test]
async fn entries_above_the_daily_limit_of_a_source_are_held() {
    let mut fixture = Fixture::new(FeedUse::Never).await;
    let list = |numbers: std::ops::RangeInclusive<usize>| {
        let item = |n| format!("<li>24 November 2026 <a href=/s/{n}>Statement no. {n}</a></li>");
        format!("<ul>{}</ul>", numbers.rev().map(item).collect::<String>())
    };
    fixture.set("/news", list(1..=3));
    assert_eq!(fixture.poll(MINUTE).await.baseline, Some(3));
    let mut new = 0;
    for n in 1..=3 {
        fixture.set("/news", list(1..=3 + 300 * n));
        new += fixture.poll(MINUTE).await.new;
    }
    assert_eq!(new, 900);
    fixture.set("/news", list(900..=1203));
    let held = fixture.poll(MINUTE).await;
    assert_eq!((held.reason, held.new), (PollStatus::Held, 0), "{held:?}");
    let why = "300 entries listed are unknown, after 900 that came within a day";
    assert_eq!(held.note.as_deref(), Some(why));
    assert_eq!(fixture.newest(1).await, ["Statement no. 903"]);
    // A new day alone releases nothing. Without a decision it is stored silently, and not lost.
    let mut adopted = fixture.poll(TimeDelta::hours(20)).await;
    assert_eq!(adopted.reason, PollStatus::Held);
    while adopted.reason == PollStatus::Held {
        adopted = fixture.poll(TimeDelta::hours(5)).await;
    }
    assert_eq!((adopted.reason, adopted.new), (PollStatus::Ok, 0), "{adopted:?}");
    assert_eq!(fixture.newest(1).await, ["Statement no. 1203"]);
}

#[tokio::test]
async fn a_statement_without_a_text_is_not_fetched_again_for_an_hour() {
    let mut fixture = Fixture::new(FeedUse::Never).await;
    fixture.set("/news", page(&[5, 4], ""));
    fixture.poll(MINUTE).await;
    let jobs = JobRunner::new(fixture.store.clone(), fixture.host.clone(), &[]);
    let other = Place { chat: ChatId(8), thread: None };
    let mut update = 100;
    let mut ask = async |place: Place, now| {
        update += 1;
        let mut tx = fixture.store.begin_update(UpdateId(update), now).await.unwrap().unwrap();
        let listed = tx.latest(PLACE, None, 1).await.unwrap().remove(0);
        let no_text = tx.no_text(listed.entry_ref.entry_id).await.unwrap();
        if no_text.is_none() {
            let sent = tx.enqueue_article_job(place, None, Lang::En, &listed).await.unwrap();
            assert_eq!(sent, Enqueued::Yes);
        }
        tx.commit().await.unwrap();
        no_text
    };
    let run = async |now| {
        while let Some(job) = jobs.next(now).await.unwrap().job() {
            jobs.run(&job, || now).await.unwrap();
        }
    };
    let start = fixture.now;
    fixture.asked();
    // Two chats request it at the same time, and the page is missing.
    assert_eq!(ask(PLACE, start).await, None);
    assert_eq!(ask(other, start).await, None);
    run(start).await;
    assert_eq!(fixture.asked(), ["/s/5"], "one fetch for both");
    assert_eq!(ask(PLACE, start + TimeDelta::minutes(59)).await, Some(NoText::Unreadable));
    assert_eq!(ask(other, start + TimeDelta::minutes(59)).await, Some(NoText::Unreadable));
    // After an hour the page exists, but has no text.
    let later = start + TimeDelta::minutes(61);
    fixture.set("/s/5", format!("<p>A{}B</p>", "\u{a0}".repeat(100_000)));
    assert_eq!(ask(PLACE, later).await, None);
    run(later).await;
    assert_eq!(fixture.asked(), ["/s/5"]);
    assert_eq!(ask(other, later).await, Some(NoText::NotFound));
}
