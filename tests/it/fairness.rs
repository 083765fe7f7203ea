//! What is due for many must not hold up what has come for one.

use crate::doors::{FakeBackends, PAGE, RULES, TestWorld, epoch, milliseconds, seconds, source};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    deliver::{self, Dispatcher, Step},
    domain::{ChatKind, Frequency, Place, SettingsOverrides, Zone},
    lang::Lang,
    poll::Poller,
    store::{Access, Store},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Who wants a digest at nine, and who wants all at once.
const MANY: std::ops::RangeInclusive<i64> = 1000..=1599;
const ONE: i64 = 11;

#[tokio::test]
async fn a_new_statement_does_not_wait_behind_a_backlog_of_digests() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}/fairness.db", folder.path().display());
    let mut outside = TestWorld::calm(0);
    for id in MANY.chain([ONE]) {
        outside.world.add_user(id, "Reader", "en");
    }
    outside.site.is_still = true;
    let doors = FakeBackends(Arc::new(Mutex::new(outside)));
    let store = Store::open(&address, Access::Run).await.unwrap();
    let source = source(PAGE, Duration::from_secs(1));
    store.sync_sources(std::slice::from_ref(&source), epoch()).await.unwrap();
    let poller = Poller::new(store.clone(), doors.clone(), &[source], 10);
    let mut tx = store.begin_update(1, epoch()).await.unwrap().unwrap();
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
        for due in poller.due(doors.now()).await.unwrap() {
            poller.poll(&due, || doors.now(), 0.0).await.unwrap();
        }
    };
    poll().await;
    // In the evening before there is something to tell in the morning.
    for hours in [12, 11] {
        doors.lock().now = nine - TimeDelta::hours(hours);
        let now = doors.now();
        doors.lock().site.publish(now);
        poll().await;
        work(&mut dispatcher, &doors, now + TimeDelta::minutes(5)).await;
    }
    let before = doors.lock().arrivals.len();
    assert_eq!(before, 2, "who wants it at once has it");
    doors.lock().now = nine;
    work(&mut dispatcher, &doors, nine + seconds(2)).await;
    let published_at = doors.now();
    doors.lock().site.publish(published_at);
    poll().await;
    work(&mut dispatcher, &doors, nine + TimeDelta::minutes(2)).await;

    let outside = doors.lock();
    let mut digests = outside.arrivals[before..].iter().filter(|a| a.chat != ONE);
    assert_eq!(digests.clone().count(), MANY.count());
    let told = outside.arrivals[before..].iter().find(|a| a.chat == ONE).unwrap();
    assert!(told.at - published_at < seconds(3), "it came after {}", told.at - published_at);
    assert!(digests.any(|a| a.at > told.at + seconds(5)), "there was a backlog");
}

/// Sends what is due, one message at a time, until then.
async fn work(dispatcher: &mut Dispatcher, doors: &FakeBackends, until: DateTime<Utc>) {
    while doors.now() < until {
        let now = doors.now();
        match dispatcher.step(now).await.unwrap() {
            Step::Send(jobs) => {
                for job in jobs {
                    let at = job.send_at().max(doors.now());
                    doors.lock().now = at;
                    let outcome = deliver::send(doors, &job).await;
                    let now = doors.now() + milliseconds(5);
                    doors.lock().now = now;
                    dispatcher.settle(&[(job, outcome)], now).await.unwrap();
                }
            }
            Step::IdleUntil(at) => doors.lock().now = at.min(until),
        }
    }
}
