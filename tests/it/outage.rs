//! A day and more without Telegram, in virtual time: no delivery is given up, and what has
//! accumulated arrives in order, or as one message.

use crate::support::{
    FakeBackends, PAGE, RULES, TestWorld, failing, milliseconds, refused, seconds, silent, source,
};
use chrono::{DateTime, Utc};
use communique::{
    deliver::{self, Dispatcher, SendAttempt, Step},
    domain::{ChatKind, DeliveryConfig, Place, SendOutcome, UpdateId},
    lang::Lang,
    poll::Poller,
    store::{Access, Store},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const CHATS: std::ops::RangeInclusive<i64> = 11..=15;
/// Longer than a day, so that no limit of a day helps.
const OUTAGE_S: i64 = 26 * 3600;
const STATEMENTS: i64 = 30;

/// Returns what arrived in each chat, and the number of failed sends.
async fn outage(down_as: SendOutcome, digest_above: usize) -> (Vec<Vec<String>>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}/outage.db", folder.path().display());
    let mut world = TestWorld::without_faults(0);
    CHATS.for_each(|id| world.telegram.add_user(id, "Reader", "en"));
    world.site.is_still = true;
    let fakes = FakeBackends(Arc::new(Mutex::new(world)));
    let start_at = fakes.now();
    let store = Store::open(&address, Access::Run).await.unwrap();
    let source = source(PAGE, Duration::from_secs(300));
    store.sync_sources(std::slice::from_ref(&source), start_at).await.unwrap();
    let poller = Poller::new(store.clone(), fakes.clone(), &[source], digest_above);
    for (n, id) in CHATS.enumerate() {
        let mut tx = store.begin_update(UpdateId(n as i64 + 1), start_at).await.unwrap().unwrap();
        tx.subscribe(Place::of(id), ChatKind::Private, Lang::En).await.unwrap();
        tx.commit().await.unwrap();
    }
    let rules = DeliveryConfig { digest_above, ..RULES };
    let mut dispatcher = Dispatcher::start(store.clone(), rules, start_at).await.unwrap();
    let (mut next_step_at, mut next_poll_at) = (start_at, start_at);
    let mut next_statement_at = start_at + seconds(600);
    let mut flying: Vec<(DateTime<Utc>, SendAttempt, SendOutcome)> = Vec::new();
    let (mut published, mut in_vain) = (0, 0);
    loop {
        let next_at = flying.iter().map(|(at, ..)| *at).chain([next_step_at, next_poll_at]).min();
        let now = next_at.unwrap().max(fakes.now());
        fakes.lock().now = now;
        if now >= next_statement_at && published < STATEMENTS {
            fakes.lock().site.publish(now);
            published += 1;
            next_statement_at += seconds(OUTAGE_S / (STATEMENTS + 1));
            fakes.lock().down_until = Some(start_at + seconds(OUTAGE_S));
            fakes.lock().down_as = down_as.clone();
        }
        if let Some(n) = flying.iter().position(|(at, ..)| *at <= now) {
            let (_, job, outcome) = flying.swap_remove(n);
            in_vain += usize::from(!matches!(outcome, SendOutcome::Sent(_)));
            dispatcher.settle(&[(job, outcome)], now).await.unwrap();
            next_step_at = now;
        } else if next_poll_at <= now {
            for due in poller.due(now).await.unwrap() {
                poller.poll(&due, || now, 0.5).await.unwrap();
            }
            next_poll_at = now + poller.wait(now, &Default::default()).await.unwrap();
            next_poll_at = next_poll_at.max(now + seconds(1));
            next_step_at = now;
        } else {
            match dispatcher.step(now).await.unwrap() {
                Step::IdleUntil(at) => next_step_at = at,
                Step::Send(jobs) => {
                    for job in jobs {
                        let outcome = deliver::send(&fakes, &job).await;
                        let wait = if outcome == silent() { seconds(60) } else { milliseconds(80) };
                        flying.push((now + wait, job, outcome));
                    }
                }
            }
        }
        let is_over = now > start_at + seconds(OUTAGE_S + 7200);
        if is_over && store.open_deliveries().await.unwrap() == 0 {
            break;
        }
        assert!(now < start_at + seconds(2 * OUTAGE_S), "it does not come to rest");
    }
    let arrivals = std::mem::take(&mut fakes.lock().arrivals);
    let texts = |chat| arrivals.iter().filter(|a| a.chat == chat).map(|a| a.text.clone()).collect();
    (CHATS.map(texts).collect(), in_vain)
}

#[tokio::test]
async fn after_a_day_without_telegram_one_digest_lists_what_was_missed() {
    for down_as in [refused(), silent(), failing()] {
        let case = format!("{down_as:?}");
        let (chats, in_vain) = outage(down_as, 10).await;
        println!("{case}: {in_vain} sends in vain in a day");
        assert!(in_vain < 8000, "{case}: {in_vain} sends in vain");
        for texts in chats {
            assert_eq!(texts.len(), 1, "{case}: {texts:#?}");
            assert!(texts[0].contains(&format!("{STATEMENTS} new statements")), "{}", texts[0]);
        }
    }
}

#[tokio::test]
async fn without_digests_everything_that_was_missed_arrives_in_order() {
    for down_as in [refused(), silent(), failing()] {
        let case = format!("{down_as:?}");
        for texts in outage(down_as, 1000).await.0 {
            let number = |text: &String| -> u64 {
                let (_, rest) = text.split_once("/statement/").unwrap();
                rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
            };
            let numbers: Vec<u64> = texts.iter().map(number).collect();
            assert_eq!(numbers.len() as i64, STATEMENTS, "{case}");
            assert!(numbers.is_sorted(), "{case}: {numbers:?}");
        }
    }
}
