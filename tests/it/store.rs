//! The store on real files: opening, the outbox, chats that leave or move, counters, old databases.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use communique::{
    detect::{Changes, KeyedCandidate, List, Verdict, assign_keys},
    domain::{
        Action, Article, Button, Candidate, ChatId, ChatKind, CounterSeen, DeliveryId,
        DocumentKind, Health, Message, MessageId, NotificationId, Place, PollStatus, QuietHours,
        Reply, SendOutcome, SettingsOverrides, Settlement, Source, SourceId, SourceName, ThreadId,
        UpdateId, ValidatorTrust, Validators, Zone,
    },
    lang::Lang,
    store::{
        Access, ClaimRequest, Claimed, DeliveryStatus, FanoutBatch, HoldChange, JobClaim,
        JobResult, OpenError, Payload, Poll, RetryResult, Store, Tick, Unsubscribed,
    },
};
use sqlx::Connection;
use std::{collections::BTreeSet, time::Duration};

pub(crate) const ANNA: i64 = 11;
pub(crate) const GROUP: i64 = -21;
/// Everything that is due.
pub(crate) const ALL: ClaimRequest<'static> =
    ClaimRequest { limit: 100, blocked: &[], digest_above: 10, later_first: false };

pub(crate) fn again(seconds: u64) -> Settlement {
    Settlement::Again { wait: Duration::from_secs(seconds), why: "wait".to_owned() }
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-02T09:00:00Z".parse().unwrap()
}

fn day(on: &str) -> NaiveDate {
    on.parse().unwrap()
}

pub(crate) fn source() -> Source {
    Source {
        interval: Duration::from_secs(60),
        zone: chrono_tz::Europe::Athens,
        ..Source::new(
            SourceName::parse("lights").unwrap(),
            "Ministry of Lighthouses".to_owned(),
            "https://lighthouses.example/".parse().unwrap(),
        )
    }
}

/// A store with one source, in a file of its own.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) source_id: SourceId,
    pub(crate) updates: i64,
    pub(crate) folder: tempfile::TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await;
        store.sync_sources(&[source()], start()).await.unwrap();
        let source_id = store.due_polls(start()).await.unwrap()[0].source_id;
        Fixture { store, source_id, updates: 0, folder }
    }

    pub(crate) async fn subscribe(&mut self, place: Place, now: DateTime<Utc>) {
        self.updates += 1;
        let mut tx = self.store.begin_update(UpdateId(self.updates), now).await.unwrap().unwrap();
        tx.subscribe(place, ChatKind::Group, Lang::En).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Records a healthy poll with this verdict. Returns the number of deliveries that it created.
    pub(crate) async fn poll(
        &self,
        verdict: Verdict,
        counters: Vec<CounterSeen>,
        now: DateTime<Utc>,
    ) -> u64 {
        self.poll_of_hold(verdict, counters, HoldChange::Keep, now).await
    }

    /// Like `poll`, with a change of the hold of the source.
    pub(crate) async fn poll_of_hold(
        &self,
        verdict: Verdict,
        counters: Vec<CounterSeen>,
        hold: HoldChange,
        now: DateTime<Utc>,
    ) -> u64 {
        let poll = Poll {
            source_id: self.source_id,
            reason: PollStatus::Ok,
            note: None,
            polled_at: now,
            polled_on: now.date_naive(),
            next_poll_at: now + TimeDelta::minutes(1),
            verdict: Some(verdict),
            counters,
            notes: None,
            kind: Some(DocumentKind::Html),
            validators: Validators::default(),
            digest_above: 10,
            is_edit: true,
            feed_url: None,
            compared_at: None,
            hold,
            volatile_parts: BTreeSet::new(),
            validator_trust: ValidatorTrust::default(),
            health: Health::default(),
            notices: Vec::new(),
        };
        self.store.record_poll(&poll).await.unwrap()
    }

    pub(crate) async fn publish(&self, titles: &[&str], now: DateTime<Utc>) -> u64 {
        let found = Changes { new: entries(titles, now), ..Changes::default() };
        self.poll(Verdict::Found(found), Vec::new(), now).await
    }

    pub(crate) async fn claim(&self, now: DateTime<Utc>) -> Vec<Claimed> {
        while self.store.fan_out(NotificationId(0), 2, now).await.unwrap().is_some() {}
        self.store.claim(now, ALL).await.unwrap().claimed
    }

    pub(crate) async fn settle(
        &self,
        claimed: &Claimed,
        settlement: Settlement,
        now: DateTime<Utc>,
    ) {
        self.store.settle(&[(claimed, settlement)], now).await.unwrap();
    }

    /// Runs a query for one number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let address = format!("sqlite://{}/communique.db", self.folder.path().display());
        let mut db = sqlx::SqliteConnection::connect(&address).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut db).await.unwrap()
    }
}

pub(crate) async fn open(folder: &tempfile::TempDir) -> Store {
    let address = format!("sqlite://{}/communique.db", folder.path().display());
    Store::open(&address, Access::Run).await.unwrap()
}

/// Entries as a page lists them, newest first; the titles are in the order of publication.
pub(crate) fn entries(titles: &[&str], now: DateTime<Utc>) -> Vec<KeyedCandidate> {
    let candidate = |title: &&str| Candidate {
        date_on: Some(now.date_naive()),
        title: (*title).to_owned(),
        ..Candidate::default()
    };
    let candidates: Vec<Candidate> = titles.iter().rev().map(candidate).collect();
    let page = source().url;
    let list = List { page: &page, latest_on: now.date_naive(), volatile: &BTreeSet::new() };
    assign_keys(&candidates, &list)
}

pub(crate) fn title(claimed: &Claimed) -> &str {
    match &claimed.content {
        Payload::Statement(push) => &push.listed.entry.title,
        Payload::Reply(answer) => &answer.message.html,
        content => panic!("{content:?}"),
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_database_is_reported_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("sqlite://{}/{name}", folder.path().display());
    let fails = async |address: &str, access| Store::open(address, access).await.unwrap_err();

    assert!(matches!(fails("postgres://x/y", Access::Run).await, OpenError::Address(_)));
    assert!(matches!(fails("sqlite://:memory:", Access::Run).await, OpenError::Address(_)));
    let missing = at("none.db");
    assert!(matches!(fails(&missing, Access::Operate).await, OpenError::Missing(_)));
    let no_folder = at("none/communique.db");
    assert!(matches!(fails(&no_folder, Access::Run).await, OpenError::Unusable { .. }));

    std::fs::write(folder.path().join("text.db"), "This is no database. ".repeat(100)).unwrap();
    let error = fails(&at("text.db"), Access::Run).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");

    let address = at("good.db");
    let store = Store::open(&address, Access::Run).await.unwrap();
    let error = fails(&address, Access::Run).await;
    assert!(matches!(error, OpenError::Busy(_)), "{error}");
    let beside = Store::open(&address, Access::Operate).await.unwrap();
    beside.close().await;
    store.close().await;
    drop(store);

    let mut db = sqlx::SqliteConnection::connect(&address).await.unwrap();
    let mark = "update _sqlx_migrations set version = 99990000000000 where version = (select max(version) from _sqlx_migrations)";
    sqlx::query(mark).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let error = fails(&address, Access::Run).await;
    assert!(matches!(error, OpenError::Newer(_)), "{error}");
    assert!(error.to_string().contains("install that version"));
}

#[tokio::test]
async fn the_baseline_is_silent_and_the_next_poll_reaches_each_place_once() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    let topic = Place { chat: ChatId(GROUP), thread: Some(ThreadId(7)) };
    fixture.subscribe(topic, start()).await;
    fixture.subscribe(topic, start()).await;
    let old = Verdict::Baseline(entries(&["Old"], start()));
    assert_eq!(fixture.poll(old, Vec::new(), start()).await, 0);
    assert_eq!(fixture.publish(&["First", "Second"], start()).await, 4);

    let mut seen = Vec::new();
    loop {
        let claimed = fixture.claim(start()).await;
        if claimed.is_empty() {
            break;
        }
        for delivery in claimed {
            seen.push((delivery.place, title(&delivery).to_owned()));
            fixture.settle(&delivery, Settlement::Sent(MessageId(1)), start()).await;
        }
    }
    let of = |place: Place| -> Vec<&str> {
        seen.iter().filter(|(p, _)| *p == place).map(|(_, title)| title.as_str()).collect()
    };
    assert_eq!(of(Place::of(ANNA)), ["First", "Second"]);
    assert_eq!(of(topic), ["First", "Second"]);
}

#[tokio::test]
async fn a_claim_holds_for_its_lease_and_then_counts_as_unanswered() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First"], start()).await;
    let first = fixture.claim(start()).await.remove(0);
    assert_eq!((first.tries.attempt, first.tries.unanswered), (1, 0));
    assert!(fixture.claim(start() + TimeDelta::seconds(119)).await.is_empty());
    let later = start() + TimeDelta::seconds(121);
    let second = fixture.claim(later).await.remove(0);
    assert_eq!((second.tries.attempt, second.tries.unanswered), (2, 1));
    // The first attempt is outdated by now: its settlement changes nothing.
    fixture.settle(&first, Settlement::Sent(MessageId(5)), later).await;
    assert_eq!(fixture.store.open_deliveries().await.unwrap(), 1);
    fixture.settle(&second, Settlement::Sent(MessageId(6)), later).await;
    assert_eq!(fixture.count("select message_id from delivery").await, 6);
}

#[tokio::test]
async fn a_waiting_delivery_delays_its_own_place_only() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.subscribe(Place::of(GROUP), start()).await;
    fixture.publish(&["First", "Second"], start()).await;
    let claimed = fixture.claim(start()).await;
    assert_eq!(claimed.iter().map(title).collect::<Vec<_>>(), ["First", "First"]);
    let anna = claimed.iter().find(|c| c.place == Place::of(ANNA)).unwrap();
    let group = claimed.iter().find(|c| c.place == Place::of(GROUP)).unwrap();
    fixture.settle(anna, again(30), start()).await;
    fixture.settle(group, Settlement::Sent(MessageId(1)), start()).await;
    let claim = fixture.store.claim(start(), ALL).await.unwrap();
    let next: Vec<_> = claim.claimed.iter().map(|c| (c.place, title(c))).collect();
    assert_eq!(next, [(Place::of(GROUP), "Second")]);
    assert_eq!(claim.next_due_at, Some(start() + TimeDelta::seconds(30)));
    let later = start() + TimeDelta::seconds(30);
    let held =
        fixture.store.claim(later, ClaimRequest { blocked: &[ChatId(ANNA)], ..ALL }).await.unwrap();
    assert!(held.claimed.is_empty() && held.next_due_at.is_some_and(|at| at > later));
    assert_eq!(fixture.claim(later).await.iter().map(title).collect::<Vec<_>>(), ["First"]);
}

#[tokio::test]
async fn deliveries_in_flight_at_a_crash_are_recovered() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First"], start()).await;
    fixture.claim(start()).await;
    assert_eq!(fixture.store.recover(start()).await.unwrap(), 1);
    let later = start() + TimeDelta::minutes(1);
    let again = fixture.claim(later).await.remove(0);
    assert_eq!((again.tries.attempt, again.tries.unanswered), (2, 1));
}

#[tokio::test]
async fn a_chat_that_leaves_gets_nothing_more_and_nothing_is_kept() {
    let mut fixture = Fixture::new().await;
    let topic = Place { chat: ChatId(GROUP), thread: Some(ThreadId(7)) };
    for place in [Place::of(GROUP), topic, Place::of(ANNA)] {
        fixture.subscribe(place, start()).await;
    }
    fixture.publish(&["First"], start()).await;
    let mut tx = fixture.store.begin_update(UpdateId(100), start()).await.unwrap().unwrap();
    assert_eq!(tx.unsubscribe(topic).await.unwrap(), Unsubscribed::LeftTopic);
    assert_eq!(tx.unsubscribe(topic).await.unwrap(), Unsubscribed::WasNot);
    assert_eq!(tx.unsubscribe(Place::of(GROUP)).await.unwrap(), Unsubscribed::Left);
    let bye = Reply::new(Place::of(GROUP), Message::new("Bye"));
    tx.reply(&bye).await.unwrap();
    tx.commit().await.unwrap();
    let claimed = fixture.claim(start()).await;
    let sent: Vec<_> = claimed.iter().map(|c| (c.place, title(c))).collect();
    assert_eq!(sent, [(Place::of(GROUP), "Bye"), (Place::of(ANNA), "First")]);
    fixture.settle(&claimed[0], Settlement::Sent(MessageId(1)), start()).await;
    let traces = format!(
        "select (select count(*) from chat where id = {GROUP})
              + (select count(*) from subscription where chat_id = {GROUP})
              + (select count(*) from delivery where chat_id = {GROUP})"
    );
    assert_eq!(fixture.count(&traces).await, 0);
}

#[tokio::test]
async fn an_update_that_comes_twice_or_is_not_finished_takes_effect_once() {
    let fixture = Fixture::new().await;
    let mut tx = fixture.store.begin_update(UpdateId(1), start()).await.unwrap().unwrap();
    tx.subscribe(Place::of(ANNA), ChatKind::Private, Lang::En).await.unwrap();
    drop(tx);
    assert_eq!(fixture.count("select count(*) from subscription").await, 0);
    fixture
        .store
        .begin_update(UpdateId(1), start())
        .await
        .unwrap()
        .unwrap()
        .commit()
        .await
        .unwrap();
    assert!(fixture.store.begin_update(UpdateId(1), start()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_group_that_moves_takes_its_deliveries_along() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(GROUP), start()).await;
    fixture.publish(&["First", "Second"], start()).await;
    let claimed = fixture.claim(start()).await.remove(0);
    let moved = ChatId(-1_000_000_000_021);
    fixture.settle(&claimed, Settlement::Migrate(moved), start()).await;
    let again = fixture.claim(start()).await.remove(0);
    assert_eq!((again.place.chat, title(&again)), (moved, "First"));
    fixture.settle(&again, Settlement::Sent(MessageId(1)), start()).await;
    assert_eq!(title(&fixture.claim(start()).await[0]), "Second");
    assert_eq!(fixture.publish(&["Third"], start()).await, 1);
}

#[tokio::test]
async fn a_deleted_chat_is_forgotten_and_its_deliveries_say_why() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First", "Second"], start()).await;
    let claimed = fixture.claim(start()).await.remove(0);
    let blocked = SendOutcome::ChatGone("bot was blocked by the user".into());
    let settlement = Settlement::of(&blocked, claimed.tries);
    fixture.settle(&claimed, settlement, start()).await;
    assert!(fixture.claim(start() + TimeDelta::hours(1)).await.is_empty());
    let dead = "select count(*) from delivery where state = 'dead' and reason like '%blocked%'";
    assert_eq!(fixture.count(dead).await, 2);
    assert_eq!(fixture.publish(&["Third"], start()).await, 0);
}

#[tokio::test]
async fn of_too_many_pending_replies_the_newest_are_kept() {
    let fixture = Fixture::new().await;
    for update in 1..=50 {
        let mut tx = fixture.store.begin_update(UpdateId(update), start()).await.unwrap().unwrap();
        let message = Message::new(format!("Answer {update}"));
        tx.reply(&Reply::new(Place::of(ANNA), message)).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(fixture.store.open_deliveries().await.unwrap(), 30);
    let apart =
        "select count(*) from delivery where due_at - created_at = 2000 * (min(id, 31) - 4)";
    assert_eq!(fixture.count(apart).await, 30, "from the fifth on they are two seconds apart");
    let oldest =
        "select count(*) from delivery where html in ('Answer 20', 'Answer 21', 'Answer 50')";
    assert_eq!(fixture.count(oldest).await, 2, "the oldest are cut");
    // Replies that are too old are not sent, and delay no others.
    let later = start() + TimeDelta::hours(25);
    let mut tx = fixture.store.begin_update(UpdateId(51), later).await.unwrap().unwrap();
    tx.reply(&Reply::new(Place::of(GROUP), Message::new("Hello"))).await.unwrap();
    tx.commit().await.unwrap();
    let one = ClaimRequest { limit: 1, ..ALL };
    let claimed = fixture.store.claim(later, one).await.unwrap().claimed;
    assert_eq!(claimed.iter().map(title).collect::<Vec<_>>(), ["Hello"]);
    assert_eq!(fixture.count("select count(*) from delivery").await, 1, "the others are deleted");
}

#[tokio::test]
async fn entries_added_by_a_decision_do_not_count_toward_the_daily_limit() {
    let fixture = Fixture::new().await;
    let after = |minutes| start() + TimeDelta::minutes(minutes);
    let added = || fixture.store.added(fixture.source_id, start() - TimeDelta::days(1));
    fixture.poll(Verdict::Baseline(entries(&["First"], start())), Vec::new(), start()).await;
    fixture.publish(&["Second"], after(1)).await;
    assert_eq!(added().await.unwrap(), 1);
    let found = Changes { new: entries(&["Third", "Fourth"], start()), ..Changes::default() };
    let decided = Verdict::Found(found);
    fixture.poll_of_hold(decided, Vec::new(), HoldChange::Decide, after(2)).await;
    assert_eq!(added().await.unwrap(), 0);
    fixture.publish(&["Fifth"], after(3)).await;
    assert_eq!(added().await.unwrap(), 1);
    // A list that returns decides nothing.
    fixture
        .poll_of_hold(Verdict::Found(Changes::default()), Vec::new(), HoldChange::End, after(4))
        .await;
    assert_eq!(added().await.unwrap(), 1);
}

#[tokio::test]
async fn a_delivery_created_while_another_is_in_flight_does_not_wait_for_its_lease() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First"], start()).await;
    let first = fixture.claim(start()).await.remove(0);
    fixture.publish(&["Second"], start()).await;
    assert!(fixture.claim(start()).await.is_empty(), "one after the other");
    let soon = start() + TimeDelta::seconds(1);
    fixture.settle(&first, Settlement::Sent(MessageId(1)), soon).await;
    assert_eq!(title(&fixture.claim(soon).await[0]), "Second");
}

#[tokio::test]
async fn a_late_refusal_does_not_end_a_new_subscription() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First"], start()).await;
    let first = fixture.claim(start()).await.remove(0);
    // She blocks the bot, which is notified, and comes back before the response to the send is
    // settled.
    fixture.updates += 1;
    let mut tx =
        fixture.store.begin_update(UpdateId(fixture.updates), start()).await.unwrap().unwrap();
    tx.delete_chat(ChatId(ANNA), "blocked").await.unwrap();
    tx.commit().await.unwrap();
    fixture.subscribe(Place::of(ANNA), start()).await;
    for gone in [Settlement::ForgetChat("gone".into()), Settlement::ForgetPlace("gone".into())] {
        fixture.settle(&first, gone, start()).await;
    }
    assert_eq!(fixture.publish(&["Second"], start()).await, 1, "she is subscribed");
}

#[tokio::test]
async fn only_attempts_while_telegram_answered_others_count_against_a_delivery() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First"], start()).await;
    let mut now = start();
    for (ignored, expected) in [(false, (0, 0)), (true, (1, 0)), (true, (2, 1))] {
        let claimed = fixture.claim(now).await.remove(0);
        assert_eq!((claimed.tries.unanswered, claimed.tries.ignored), expected);
        let wait = Duration::from_secs(5);
        fixture.settle(&claimed, Settlement::AgainUnanswered { wait, ignored }, now).await;
        now += TimeDelta::seconds(5);
    }
    // A crash is no evidence against the message either.
    let claimed = fixture.claim(now).await.remove(0);
    assert_eq!((claimed.tries.unanswered, claimed.tries.ignored), (3, 2));
    fixture.store.recover(now).await.unwrap();
    let claimed = fixture.claim(now + TimeDelta::hours(1)).await.remove(0);
    assert_eq!((claimed.tries.unanswered, claimed.tries.ignored), (4, 2));
}

#[tokio::test]
async fn the_newest_come_first_and_a_misprinted_year_does_not_stay_on_top() {
    let mut fixture = Fixture::new().await;
    let mut listed = entries(&["Older", "Newer", "From 2062"], start());
    listed[0].candidate.date_on = Some(day("2026-10-01"));
    listed[2].candidate.date_on = Some(day("2062-11-02"));
    fixture.poll(Verdict::Baseline(listed), Vec::new(), start()).await;
    let later = start() + TimeDelta::days(3);
    fixture.publish(&["Newest"], later).await;
    fixture.updates += 1;
    let mut tx =
        fixture.store.begin_update(UpdateId(fixture.updates), later).await.unwrap().unwrap();
    let titles: Vec<String> = tx
        .latest(Place::of(ANNA), None, 3)
        .await
        .unwrap()
        .into_iter()
        .map(|listed| listed.entry.title)
        .collect();
    assert_eq!(titles, ["Newest", "From 2062", "Newer"]);
}

#[tokio::test]
async fn a_counter_outlives_a_page_that_cannot_be_read_but_not_its_removal() {
    let fixture = Fixture::new().await;
    let counter = CounterSeen {
        days: 100,
        as_of_on: day("2026-11-02"),
        dated_by_page: true,
        text: "100 days have passed since the storm".into(),
        template: "{days} days have passed since the storm".into(),
    };
    let nothing = || Verdict::Found(Changes::default());
    fixture.poll(Verdict::Baseline(Vec::new()), vec![counter], start()).await;
    let counters = async |now: DateTime<Utc>| {
        let id = now.timestamp_millis();
        let mut tx = fixture.store.begin_update(UpdateId(id), now).await.unwrap().unwrap();
        tx.counters(Place::of(ANNA)).await.unwrap().remove(0).counters
    };
    // The page could not be read for a month.
    let month = start() + TimeDelta::days(30);
    let known = counters(month).await;
    assert_eq!(known[0].since_on, day("2026-11-02") - Days::new(100));
    // It can be read, and the counter is missing: for an hour that may be a mistake.
    fixture.poll(nothing(), Vec::new(), start() + TimeDelta::hours(1)).await;
    assert_eq!(counters(start() + TimeDelta::hours(1)).await.len(), 1);
    fixture.poll(nothing(), Vec::new(), month).await;
    assert!(counters(month + TimeDelta::hours(1)).await.is_empty());
}

#[tokio::test]
async fn fan_out_creates_deliveries_in_chunks_for_the_subscribers_of_that_time() {
    let mut fixture = Fixture::new().await;
    for chat in 1..=5 {
        fixture.subscribe(Place::of(chat), start()).await;
    }
    assert_eq!(fixture.publish(&["First"], start()).await, 5);
    fixture.subscribe(Place::of(0), start()).await;
    fixture.subscribe(Place::of(6), start()).await;
    let made = |chunk: Option<FanoutBatch>| chunk.map(|chunk| chunk.made);
    assert_eq!(
        made(fixture.store.fan_out(NotificationId(0), 3, start()).await.unwrap()),
        Some(2),
        "0 came later"
    );
    // Deliveries of both open notifications are created for a place, in order, whichever comes
    // first.
    fixture.publish(&["Second"], start()).await;
    let first = fixture.store.fan_out(NotificationId(0), 1, start()).await.unwrap().unwrap();
    assert_eq!(first.made, 2);
    let second = fixture.store.fan_out(first.notification_id, 100, start()).await.unwrap().unwrap();
    assert!(second.notification_id > first.notification_id);
    assert_eq!(fixture.store.open_deliveries().await.unwrap(), 5 + 7);
    let claimed = fixture.claim(start()).await;
    let received: Vec<_> = claimed.iter().map(|c| (c.place.chat.0, title(c))).collect();
    let mut sorted = received.clone();
    sorted.sort();
    let first = |chat| (chat, "First");
    assert_eq!(
        sorted,
        [(0, "Second"), first(1), first(2), first(3), first(4), first(5), (6, "Second")]
    );
    assert_eq!(fixture.count("select count(*) from delivery").await, 5 + 7);
    assert_eq!(fixture.count("select count(*) from fanout").await, 0);
}

#[tokio::test]
async fn a_place_that_leaves_before_its_turn_gets_nothing_and_one_that_moves_gets_everything() {
    let mut fixture = Fixture::new().await;
    for chat in [ANNA, GROUP, -5] {
        fixture.subscribe(Place::of(chat), start()).await;
    }
    fixture.publish(&["First"], start()).await;
    // The group's turn comes first; under its new ID it would have passed.
    fixture.store.fan_out(NotificationId(0), 1, start()).await.unwrap();
    let mut tx = fixture.store.begin_update(UpdateId(90), start()).await.unwrap().unwrap();
    tx.migrate(ChatId(-5), ChatId(-1_000_000_000_005)).await.unwrap();
    tx.unsubscribe(Place::of(ANNA)).await.unwrap();
    tx.subscribe(Place::of(ANNA), ChatKind::Private, Lang::En).await.unwrap();
    tx.commit().await.unwrap();
    let chats: Vec<i64> = fixture.claim(start()).await.iter().map(|c| c.place.chat.0).collect();
    assert_eq!(chats, [GROUP, -1_000_000_000_005]);
}

#[tokio::test]
async fn entries_that_waited_through_an_outage_are_merged() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    let titles: Vec<String> = (1..=12).map(|n| format!("Statement {n}")).collect();
    for title in &titles {
        fixture.publish(&[title], start()).await;
    }
    let claimed = fixture.claim(start()).await.remove(0);
    let titles_of = |claimed: &Claimed| match &claimed.content {
        Payload::Statement(push) => push.digest.iter().map(|e| e.title.clone()).collect::<Vec<_>>(),
        content => panic!("{content:?}"),
    };
    assert_eq!(titles_of(&claimed), titles);
    // Without a response the same message is sent again, with what came meanwhile.
    let wait = Settlement::AgainUnanswered { wait: Duration::from_secs(5), ignored: true };
    fixture.settle(&claimed, wait, start()).await;
    fixture.publish(&["Statement 13"], start()).await;
    let later = start() + TimeDelta::seconds(5);
    let again = fixture.claim(later).await.remove(0);
    assert_eq!((titles_of(&again).len(), again.tries.unanswered), (13, 1));
    // If it is refused, the others are sent without the one that may be the reason.
    fixture.settle(&again, Settlement::Dead("refused".into()), later).await;
    let rest = fixture.claim(later).await.remove(0);
    assert_eq!(titles_of(&rest), [&titles[1..], &["Statement 13".to_owned()]].concat());
    fixture.settle(&rest, Settlement::Sent(MessageId(7)), later).await;
    assert_eq!(fixture.store.open_deliveries().await.unwrap(), 0);
    assert_eq!(fixture.count("select count(*) from delivery where message_id = 7").await, 12);
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nothing_wait() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First"], start()).await;
    let claimed = fixture.claim(start()).await.remove(0);
    fixture.settle(&claimed, again(30), start()).await;
    let now = start() - TimeDelta::hours(1);
    assert_eq!(fixture.store.due_polls(now).await.unwrap().len(), 1, "it was polled in the future");
    fixture.store.recover(now).await.unwrap();
    assert!(fixture.claim(now + TimeDelta::seconds(29)).await.is_empty());
    assert_eq!(fixture.claim(now + TimeDelta::seconds(30)).await.len(), 1);
}

#[tokio::test]
async fn old_settled_deliveries_are_deleted() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    fixture.publish(&["First", "Second"], start()).await;
    let claimed = fixture.claim(start()).await.remove(0);
    fixture.settle(&claimed, Settlement::Sent(MessageId(1)), start()).await;
    assert_eq!(fixture.store.prune(start()).await.unwrap(), 0);
    assert_eq!(fixture.store.prune(start() + TimeDelta::seconds(1)).await.unwrap(), 1);
    assert_eq!(fixture.store.open_deliveries().await.unwrap(), 1, "what is due stays");
    let counts = fixture.store.delivery_counts().await.unwrap();
    let count = |state| counts.iter().find(|(s, _)| *s == state).unwrap().1;
    assert_eq!(
        (count(DeliveryStatus::Sent), count(DeliveryStatus::Pending)),
        (1, 1),
        "its number is kept"
    );
}

#[tokio::test]
async fn the_operator_sees_the_state_of_each_delivery_and_retries_one() {
    let mut fixture = Fixture::new().await;
    let place = Place { chat: ChatId(-7), thread: Some(ThreadId(3)) };
    fixture.subscribe(place, start()).await;
    fixture.poll(Verdict::Baseline(Vec::new()), Vec::new(), start()).await;
    assert_eq!(fixture.publish(&["First", "Second"], start()).await, 2);
    let first = &fixture.claim(start()).await[0];
    let dead = || Settlement::Dead("Bad Request: it is too ugly".to_owned());
    fixture.settle(first, dead(), start() + TimeDelta::seconds(1)).await;
    let store = &fixture.store;
    let counts = store.delivery_counts().await.unwrap();
    let expected = [
        (DeliveryStatus::Pending, 1),
        (DeliveryStatus::InFlight, 0),
        (DeliveryStatus::Sent, 0),
        (DeliveryStatus::Dead, 1),
    ];
    assert_eq!(counts, expected);
    let all = store.delivery_states(None, 10).await.unwrap();
    let titles: Vec<&str> = all.iter().map(|d| d.entry.as_ref().unwrap().1.as_str()).collect();
    assert_eq!(titles, ["Second", "First"], "the newest first");
    let listed = store.delivery_states(Some(DeliveryStatus::Dead), 10).await.unwrap();
    let state = store.delivery_state(first.delivery_id).await.unwrap().unwrap();
    assert_eq!(listed.first(), Some(&state));
    assert_eq!((state.place, state.attempts, state.unanswered), (place, 1, 0));
    assert_eq!(state.reason.as_deref(), Some("Bad Request: it is too ugly"));
    let later = start() + TimeDelta::hours(1);
    let retry = |id| async move { store.retry(id, later).await.unwrap() };
    assert_eq!(retry(DeliveryId(999)).await, RetryResult::Unknown);
    assert_eq!(retry(all[0].id).await, RetryResult::NotDead(DeliveryStatus::Pending));
    assert_eq!(retry(first.delivery_id).await, RetryResult::Yes);
    let again = fixture.claim(later).await;
    assert_eq!((title(&again[0]), again[0].tries.attempt), ("First", 2), "in its old place");
    fixture.settle(&again[0], dead(), later).await;
    // A chat that has left is not written to, not even by the operator.
    let mut tx = fixture.store.begin_update(UpdateId(99), later).await.unwrap().unwrap();
    tx.delete_chat(place.chat, "kicked").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fixture.store.retry(first.delivery_id, later).await.unwrap(), RetryResult::Unwanted);
}

#[tokio::test]
async fn a_refusal_is_remembered_after_a_restart() {
    let mut fixture = Fixture::new().await;
    let place = Place::of(ANNA);
    fixture.subscribe(place, start()).await;
    fixture.poll(Verdict::Baseline(Vec::new()), Vec::new(), start()).await;
    fixture.publish(&["First"], start()).await;
    let button = Button::new("x", &Action::Latest);
    let answer = |html: &str| Reply {
        edit_id: Some(MessageId(5)),
        reply_id: Some(MessageId(6)),
        ..Reply::new(Place::of(12), Message::new(html).with_buttons(vec![vec![button.clone()]]))
    };
    let mut tx = fixture.store.begin_update(UpdateId(98), start()).await.unwrap().unwrap();
    tx.reply(&answer("an edit")).await.unwrap();
    tx.commit().await.unwrap();
    let claimed = fixture.claim(start()).await;
    let [edit, push] = &claimed[..] else { panic!("{claimed:?}") };
    assert!(edit.tries.has_reply_or_edit && !push.tries.has_reply_or_edit);
    fixture.settle(edit, Settlement::AgainAsNew("gone".into()), start()).await;
    fixture.settle(push, Settlement::AgainPlain("refused".into()), start()).await;
    let Fixture { store, source_id, updates, folder } = fixture;
    store.close().await;
    drop(store);
    let fixture = Fixture { store: open(&folder).await, source_id, updates, folder };

    let claimed = fixture.claim(start()).await;
    let [edit, push] = &claimed[..] else { panic!("{claimed:?}") };
    let expected = Reply { edit_id: None, reply_id: None, ..answer("an edit") };
    assert_eq!(edit.content, Payload::Reply(Box::new(expected)));
    assert_eq!(
        (edit.tries.has_reply_or_edit, edit.tries.is_plain, push.tries.is_plain),
        (false, false, true)
    );
    fixture.settle(push, Settlement::Sent(MessageId(7)), start()).await;
    let state = fixture.store.delivery_state(push.delivery_id).await.unwrap().unwrap();
    assert_eq!((state.state, state.plain), (DeliveryStatus::Sent, true));
    assert_eq!(state.reason.as_deref(), Some("refused"));
    // The reason for a wait is shown while it lasts, and not once the delivery has arrived.
    fixture.publish(&["Second"], start()).await;
    let second = fixture.claim(start()).await.remove(0);
    fixture.settle(&second, again(30), start()).await;
    let state =
        || async { fixture.store.delivery_state(second.delivery_id).await.unwrap().unwrap() };
    assert_eq!(state().await.reason.as_deref(), Some("wait"));
    let later = start() + TimeDelta::minutes(1);
    let second = fixture.claim(later).await.remove(0);
    fixture.settle(&second, Settlement::Sent(MessageId(8)), later).await;
    assert_eq!(state().await.reason, None);
}

#[tokio::test]
async fn a_backup_is_a_complete_database() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place { chat: ChatId(7), thread: None }, start()).await;
    fixture.poll(Verdict::Baseline(Vec::new()), Vec::new(), start()).await;
    assert_eq!(fixture.publish(&["First", "Second"], start()).await, 2);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("communique.db");
    fixture.store.backup(&copy).await.unwrap();
    let copied = open(&folder).await;
    assert_eq!(copied.open_deliveries().await.unwrap(), 2);
    assert_eq!(copied.progress(start(), start()).await.unwrap(), (2, 0));
    // An existing file is not overwritten.
    assert!(fixture.store.backup(&copy).await.is_err());
}

/// The next version keeps what is in a database of this one, in every table, and the ids that were given out.
#[tokio::test]
async fn an_older_database_is_upgraded_with_all_that_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    crate::files::older(&path).await;
    let connect = async || {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).foreign_keys(true);
        sqlx::SqliteConnection::connect_with(&options).await.unwrap()
    };
    let mut db = connect().await;
    sqlx::raw_sql(
        "insert into source (id, name, title, url, zone, next_poll_at) values (1, 's', 'S', 'https://s.example/', 'UTC', 0);
        insert into entry (id, source_id, order_on, seen_at, title) values (1, 1, '2020-07-15', 0, 'Fog'), (2, 1, '2020-07-16', 0, 'Ice');
        insert into notification (id, entry_id, created_at) values (1, 1, 0), (2, 2, 0);
        insert into chat (id, kind, lang, joined_at) values (7, 'private', 'ru', 0);
        insert into subscription (source_id, chat_id, since_at) values (1, 7, 0);
        insert into delivery (id, lane, notification_id, chat_id, state, created_at, due_at, message_id, settled_at)
            values (40, 1, 1, 7, 'sent', 0, 0, 5, 0);
        insert into delivery (id, lane, notification_id, chat_id, created_at, due_at, unanswered) values (41, 1, 2, 7, 0, 0, 1);
        insert into delivery (id, lane, html, chat_id, created_at, due_at) values (50, 0, 'Hi', 7, 0, 0);
        update delivery set merged_into_id = 41 where id = 40;
        delete from delivery where id = 50",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();

    let store = crate::files::open_as_next(&path, Access::Run).await.unwrap();
    // What is not in the index yet is indexed.
    assert_eq!(store.index_batch().await.unwrap(), 2);
    store.close().await;
    let mut db = connect().await;
    let broken: Vec<(String,)> = sqlx::query_as("select \"table\" from pragma_foreign_key_check")
        .fetch_all(&mut db)
        .await
        .unwrap();
    assert_eq!(broken, []);
    let kept: Vec<(i64, i64, Option<i64>, i64)> =
        sqlx::query_as("select id, lane, merged_into_id, unanswered from delivery order by id")
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert_eq!(kept, [(40, 1, Some(41), 0), (41, 1, None, 1)]);
    // IDs of deliveries are never reused.
    let next: i64 = sqlx::query_scalar(
        "insert into delivery (lane, html, chat_id, created_at, due_at) values (0, 'Ho', 7, 0, 0) returning id",
    )
    .fetch_one(&mut db)
    .await
    .unwrap();
    assert_eq!(next, 51);
    let upgraded: i64 =
        sqlx::query_scalar("select count(*) from next_chat").fetch_one(&mut db).await.unwrap();
    assert_eq!(upgraded, 1, "the migration has run");
}

#[tokio::test]
async fn chosen_times_are_in_the_zone_of_the_chat() {
    let mut fixture = Fixture::new().await;
    let tokyo = Source {
        name: SourceName::parse("tokyo").unwrap(),
        url: "https://tokyo.example/".parse().unwrap(),
        zone: chrono_tz::Asia::Tokyo,
        ..source()
    };
    fixture.store.sync_sources(&[source(), tokyo], start()).await.unwrap();
    let polls = fixture.store.due_polls(start()).await.unwrap();
    fixture.source_id = polls.iter().map(|due| due.source_id).max().unwrap();
    fixture.poll(Verdict::Baseline(Vec::new()), Vec::new(), start()).await;
    let place = Place::of(ANNA);
    fixture.subscribe(place, start()).await;
    let mut tx = fixture.store.begin_update(UpdateId(100), start()).await.unwrap().unwrap();
    let athens = Zone::Named(chrono_tz::Europe::Athens);
    assert_eq!(tx.zone(place).await.unwrap(), athens);
    let quiet_hours = Some(QuietHours::Deferred(22 * 60, 7 * 60));
    let choices = SettingsOverrides { quiet_hours, ..SettingsOverrides::default() };
    tx.set_settings(place, None, &choices).await.unwrap();
    tx.commit().await.unwrap();

    // It is three in the morning in Athens, and ten in Tokyo.
    let night = start() + TimeDelta::hours(16);
    fixture.publish(&["In the night"], night).await;
    assert!(fixture.claim(night).await.is_empty());
    let morning = "2026-11-03T05:00:00Z".parse().unwrap();
    assert!(fixture.claim(morning - TimeDelta::seconds(1)).await.is_empty());
    assert_eq!(fixture.claim(morning).await.len(), 1);
}

#[tokio::test]
async fn a_full_text_is_fetched_once_for_all_who_ask() {
    let fixture = Fixture::new().await;
    let mut found = entries(&["One", "Two"], start());
    for (n, keyed) in found.iter_mut().enumerate() {
        keyed.candidate.link = format!("https://lighthouses.example/{n}").parse().ok();
    }
    fixture.poll(Verdict::Baseline(found), Vec::new(), start()).await;
    let places = [Place::of(ANNA), Place::of(12), Place::of(13)];
    let mut tx = fixture.store.begin_update(UpdateId(1), start()).await.unwrap().unwrap();
    let listed = tx.latest(places[0], None, 2).await.unwrap();
    // Anna taps twice; the others request the same, and Anna another one as well.
    for place in [places[0], places[0], places[1], places[2]] {
        tx.enqueue_article_job(place, None, Lang::En, &listed[0]).await.unwrap();
    }
    tx.enqueue_article_job(places[0], None, Lang::En, &listed[1]).await.unwrap();
    // Meanwhile many other replies to Anna are pending.
    for _ in 0..32 {
        tx.reply(&Reply::new(places[0], Message::new("…"))).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(fixture.count("select count(*) from job").await, 4);

    let take = || async { fixture.store.claim_job(start()).await.unwrap() };
    let first = take().await.job().unwrap();
    let other = take().await.job().unwrap();
    assert!(first.known.is_none() && other.known.is_none());
    assert_ne!(first.task, other.task);
    assert_eq!(take().await, JobClaim::NotBefore(None), "the others wait for the first");
    let article = Article { title: None, paragraphs: Vec::new() };
    let done = JobResult::Article(listed[0].entry_ref.entry_id, article);
    let answer = |place| move |_| Reply::new(place, Message::new("It says …"));
    fixture.store.finish_job(&first, &done, answer(first.place), start()).await.unwrap();
    for _ in 0..2 {
        let next = take().await.job().unwrap();
        assert!(next.known.is_some(), "it is there");
        fixture
            .store
            .finish_job(&next, &JobResult::Nothing, answer(next.place), start())
            .await
            .unwrap();
    }
    let answered = "select count(*) from delivery where html = 'It says …'";
    assert_eq!(fixture.count(answered).await, 3, "each is answered, Anna too");
}

#[tokio::test]
async fn the_full_text_of_an_edited_statement_is_fetched_again() {
    let fixture = Fixture::new().await;
    let mut found = entries(&["One"], start());
    found[0].candidate.link = "https://lighthouses.example/1".parse().ok();
    fixture.poll(Verdict::Baseline(found.clone()), Vec::new(), start()).await;
    let place = Place::of(ANNA);
    let mut tx = fixture.store.begin_update(UpdateId(1), start()).await.unwrap().unwrap();
    let listed = tx.latest(place, None, 1).await.unwrap().remove(0);
    let entry_id = listed.entry_ref.entry_id;
    tx.enqueue_article_job(place, None, Lang::En, &listed).await.unwrap();
    tx.commit().await.unwrap();
    let job = fixture.store.claim_job(start()).await.unwrap().job().unwrap();
    let done = JobResult::Article(entry_id, Article::default());
    let answer = |_| Reply::new(place, Message::new("It says …"));
    fixture.store.finish_job(&job, &done, answer, start()).await.unwrap();
    assert_eq!(fixture.count("select count(*) from article").await, 1);

    let edited = Candidate { title: "One, corrected".to_owned(), ..found[0].candidate.clone() };
    let found = Changes { edited: vec![(entry_id, edited)], ..Changes::default() };
    fixture.poll(Verdict::Found(found), Vec::new(), start() + TimeDelta::minutes(1)).await;
    assert_eq!(fixture.count("select count(*) from article").await, 0);
}

#[tokio::test]
async fn a_source_that_had_no_subscribers_gets_a_new_baseline() {
    let mut fixture = Fixture::new().await;
    let url = "https://elsewhere.example/news".parse().unwrap();
    let mut followed = Vec::new();
    for (n, (place, days)) in [(Place::of(ANNA), 0), (Place::of(12), 30)].into_iter().enumerate() {
        let now = start() + TimeDelta::days(days);
        let n = i64::try_from(n).unwrap();
        let mut tx = fixture.store.begin_update(UpdateId(2 * n + 1), now).await.unwrap().unwrap();
        tx.enqueue_page_job(place, None, None, Lang::En, &url).await.unwrap();
        tx.commit().await.unwrap();
        let job = fixture.store.claim_job(now).await.unwrap().job().unwrap();
        let done = JobResult::Page(url.clone(), "Elsewhere".to_owned());
        let mut candidate_id = 0;
        let answer = |id| {
            candidate_id = id;
            Reply::new(place, Message::new("I see …"))
        };
        fixture.store.finish_job(&job, &done, answer, now).await.unwrap();
        let mut tx = fixture.store.begin_update(UpdateId(2 * n + 2), now).await.unwrap().unwrap();
        let source_id = tx.accept_watch_candidate(candidate_id, place, 1).await.unwrap().unwrap();
        tx.subscribe_to(place, ChatKind::Private, Lang::En, source_id, 30).await.unwrap();
        tx.commit().await.unwrap();
        fixture.source_id = source_id;
        followed.push(source_id);
        // What is on the page is known now, even if it differs from a month ago.
        let listed = if n == 0 { ["One", "Two"] } else { ["Eight", "Nine"] };
        let baseline = "select count(*) from source where origin = 'chat' and baseline_at is null";
        assert_eq!(fixture.count(baseline).await, 1);
        fixture.poll(Verdict::Baseline(entries(&listed, now)), Vec::new(), now).await;
        if n == 0 {
            let mut tx = fixture.store.begin_update(UpdateId(100), now).await.unwrap().unwrap();
            tx.unsubscribe_from(place, source_id).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    assert_eq!(followed[0], followed[1], "it is the same page");
    assert!(
        fixture.claim(start() + TimeDelta::days(31)).await.iter().all(|c| title(c) == "I see …")
    );
}

/// A counter whose hundredth day is that of the start.
pub(crate) fn hundredth() -> CounterSeen {
    CounterSeen {
        days: 100,
        as_of_on: start().date_naive(),
        dated_by_page: true,
        text: "100 days have passed since the storm".into(),
        template: "{days} days have passed since the storm".into(),
    }
}

#[tokio::test]
async fn an_unsubscribed_chat_gets_no_milestones() {
    let mut fixture = Fixture::new().await;
    fixture.poll(Verdict::Baseline(Vec::new()), vec![hundredth()], start()).await;
    for id in [ANNA, 12] {
        fixture.subscribe(Place::of(id), start()).await;
    }
    while let Tick::Some(_) = fixture.store.run_counter_schedule(start()).await.unwrap() {}
    assert_eq!(fixture.count("select count(*) from delivery where milestone_id > 0").await, 2);
    let mut tx = fixture.store.begin_update(UpdateId(100), start()).await.unwrap().unwrap();
    tx.unsubscribe_from(Place::of(ANNA), fixture.source_id).await.unwrap();
    tx.commit().await.unwrap();
    let claimed = fixture.claim(start()).await;
    assert_eq!(claimed.iter().map(|c| c.place).collect::<Vec<_>>(), [Place::of(12)]);
}

/// Sets when a place gets its daily counters, and returns how many it got by then.
async fn daily_received(fixture: &Fixture, minute: u16, update: i64, now: DateTime<Utc>) -> usize {
    let mut tx = fixture.store.begin_update(UpdateId(update), now).await.unwrap().unwrap();
    tx.set_daily(Place::of(ANNA), Some(minute)).await.unwrap();
    tx.commit().await.unwrap();
    let at = start().date_naive().and_hms_opt(u32::from(minute) / 60 - 2, 0, 0).unwrap().and_utc();
    while let Tick::Some(_) = fixture.store.run_counter_schedule(at).await.unwrap() {}
    let claimed = fixture.claim(at).await;
    for claimed in &claimed {
        fixture.settle(claimed, Settlement::Sent(MessageId(1)), at).await;
    }
    claimed.iter().filter(|c| matches!(c.content, Payload::Daily(_))).count()
}

#[tokio::test]
async fn a_changed_time_of_the_daily_counters_applies_today() {
    let mut fixture = Fixture::new().await;
    // A day without a milestone.
    let counter = CounterSeen { days: 111, ..hundredth() };
    fixture.poll(Verdict::Baseline(Vec::new()), vec![counter], start()).await;
    fixture.subscribe(Place::of(ANNA), start()).await;
    // It is eleven in Athens.
    assert_eq!(daily_received(&fixture, 12 * 60, 101, start()).await, 1);
    assert_eq!(daily_received(&fixture, 20 * 60, 102, start() + TimeDelta::hours(2)).await, 1);
}

#[tokio::test]
async fn a_clock_that_was_far_ahead_silences_no_counters() {
    let mut fixture = Fixture::new().await;
    let year = TimeDelta::days(365);
    fixture.poll(Verdict::Baseline(Vec::new()), vec![hundredth()], start() + year).await;
    fixture.subscribe(Place::of(ANNA), start() + year).await;
    let mut tx = fixture.store.begin_update(UpdateId(100), start() + year).await.unwrap().unwrap();
    tx.set_daily(Place::of(ANNA), Some(20 * 60)).await.unwrap();
    tx.commit().await.unwrap();
    while let Tick::Some(_) = fixture.store.run_counter_schedule(start() + year).await.unwrap() {}
    fixture.store.shift_due_times(year, start()).await.unwrap();
    let next = loop {
        match fixture.store.run_counter_schedule(start()).await.unwrap() {
            Tick::Some(_) => {}
            Tick::Nothing(at) => break at.unwrap(),
        }
    };
    assert_eq!(next, "2026-11-02T18:00:00Z".parse::<DateTime<Utc>>().unwrap(), "eight in Athens");
    assert_eq!(
        fixture.count("select count(*) from source where milestones_on > '2026-11-02'").await,
        0
    );
}
