//! What is due for many chats does not delay what has come for one.

use crate::support::{FakeBackends, PAGE, RULES, TestWorld, epoch, milliseconds, seconds, source};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    deliver::{self, Dispatcher, Step},
    domain::{ChatKind, Frequency, Place, SettingsOverrides, UpdateId, Zone},
    lang::Lang,
    poll::Poller,
    store::{Access, Store},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// The chats with a digest at nine, and the one that receives entries immediately.
const MANY: std::ops::RangeInclusive<i64> = 1000..=1599;
const ONE: i64 = 11;

#[tokio::test]
async fn a_new_statement_does_not_wait_behind_a_backlog_of_digests() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}/fairness.db", folder.path().display());
    let mut world = TestWorld::without_faults(0);
    for id in MANY.chain([ONE]) {
        world.telegram.add_user(id, "Reader", "en");
    }
    world.site.is_still = true;
    let fakes = FakeBackends(Arc::new(Mutex::new(world)));
    let store = Store::open(&address, Access::Run).await.unwrap();
    let source = source(PAGE, Duration::from_secs(1));
    store.sync_sources(std::slice::from_ref(&source), epoch()).await.unwrap();
    let poller = Poller::new(store.clone(), fakes.clone(), &[source], 10);
    let mut tx = store.begin_update(UpdateId(1), epoch()).await.unwrap().unwrap();
    for id in MANY.chain([ONE]) {
        let place = Place::of(id);
        tx.subscribe(place, ChatKind::Private, Lang::En).await.unwrap();
        let frequency = (id != ONE).then_some(Frequency::Daily(9 * 60));
        let choices =
            SettingsOverrides { frequency, zone: Some(Zone::UTC), ..SettingsOverrides::default() };
        tx.set_settings(place, None, &choices).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut dispatcher = Dispatcher::start(store.clone(), RULES, epoch()).await.unwrap();

    let nine = (epoch() + TimeDelta::days(1)).date_naive().and_hms_opt(9, 0, 0).unwrap().and_utc();
    let poll = || async {
        for due in poller.due(fakes.now()).await.unwrap() {
            poller.poll(&due, || fakes.now(), 0.0).await.unwrap();
        }
    };
    poll().await;
    // The evening before, entries are published for the morning.
    for hours in [12, 11] {
        fakes.lock().now = nine - TimeDelta::hours(hours);
        let now = fakes.now();
        fakes.lock().site.publish(now);
        poll().await;
        work(&mut dispatcher, &fakes, now + TimeDelta::minutes(5)).await;
    }
    let before = fakes.lock().arrivals.len();
    assert_eq!(before, 2, "who wants it at once has it");
    fakes.lock().now = nine;
    work(&mut dispatcher, &fakes, nine + seconds(2)).await;
    let published_at = fakes.now();
    fakes.lock().site.publish(published_at);
    poll().await;
    work(&mut dispatcher, &fakes, nine + TimeDelta::minutes(2)).await;

    let world = fakes.lock();
    let mut digests = world.arrivals[before..].iter().filter(|a| a.chat != ONE);
    assert_eq!(digests.clone().count(), MANY.count());
    let received = world.arrivals[before..].iter().find(|a| a.chat == ONE).unwrap();
    assert!(
        received.at - published_at < seconds(3),
        "it came after {}",
        received.at - published_at
    );
    assert!(digests.any(|a| a.at > received.at + seconds(5)), "there was a backlog");
}

/// Sends what is due until then, one message at a time.
async fn work(dispatcher: &mut Dispatcher, fakes: &FakeBackends, until: DateTime<Utc>) {
    while fakes.now() < until {
        let now = fakes.now();
        match dispatcher.step(now).await.unwrap() {
            Step::Send(jobs) => {
                for job in jobs {
                    let at = job.send_at().max(fakes.now());
                    fakes.lock().now = at;
                    let outcome = deliver::send(fakes, &job).await;
                    let now = fakes.now() + milliseconds(5);
                    fakes.lock().now = now;
                    dispatcher.settle(&[(job, outcome)], now).await.unwrap();
                }
            }
            Step::IdleUntil(at) => fakes.lock().now = at.min(until),
        }
    }
}
