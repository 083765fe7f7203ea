//! What `/stop` removes and keeps for ten minutes: it has no effect meanwhile, is restored
//! completely, and is deleted in time.

use crate::store::{ANNA, Fixture, GROUP, again, entries, hundredth, open, source, start, title};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    detect::Verdict,
    domain::{
        ChatId, ChatKind, CounterSeen, DetailLevel, Frequency, Message, MessageId, Place, Reply,
        SettingsOverrides, Settlement, Source, SourceId, SourceName, ThreadId, UpdateId, Zone,
    },
    lang::Lang,
    store::{JobResult, Payload, RESTORABLE_FOR, SubscribeResult, Tick, Unsubscribed, UpdateTx},
};

const PLACE: Place = Place { chat: ChatId(ANNA), thread: None };
const TOPIC: Place = Place { chat: ChatId(GROUP), thread: Some(ThreadId(7)) };

/// Counts all rows about a chat.
const TRACES: &str = "select (select count(*) from chat) + (select count(*) from subscription)
    + (select count(*) from custom_counter) + (select count(*) from counter_schedule)
    + (select count(*) from pending_removal) + (select count(*) from removed_subscription)
    + (select count(*) from removed_counter) + (select count(*) from removed_delivery)
    + (select count(*) from delivery where lane > 0) + (select count(*) from watch_candidate)";

fn minutes(n: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(n)
}

impl Fixture {
    /// The transaction of the next update.
    async fn update(&mut self, now: DateTime<Utc>) -> UpdateTx {
        self.updates += 1;
        self.store.begin_update(UpdateId(self.updates), now).await.unwrap().unwrap()
    }

    async fn stop(&mut self, place: Place, now: DateTime<Utc>) -> Unsubscribed {
        let mut tx = self.update(now).await;
        let stopped = tx.unsubscribe(place).await.unwrap();
        tx.commit().await.unwrap();
        stopped
    }

    async fn restore(&mut self, place: Place, now: DateTime<Utc>) -> bool {
        let mut tx = self.update(now).await;
        let is_restored = tx.restore(place).await.unwrap();
        tx.commit().await.unwrap();
        is_restored
    }

    /// Subscribes Anna, who has a custom counter.
    async fn begin(&mut self) {
        self.begin_in(PLACE).await;
    }

    async fn begin_in(&mut self, place: Place) {
        self.subscribe(place, start()).await;
        let mut tx = self.update(start()).await;
        let on = "2020-01-31".parse().unwrap();
        assert!(tx.add_counter(place, on, "since the talks").await.unwrap());
        tx.commit().await.unwrap();
    }

    /// Sends everything that is due. Returns the titles, in order.
    async fn send_all(&self, now: DateTime<Utc>) -> Vec<String> {
        let mut titles = Vec::new();
        loop {
            let claimed = self.claim(now).await;
            if claimed.is_empty() {
                return titles;
            }
            for claimed in &claimed {
                match &claimed.content {
                    Payload::Statement(push) if !push.digest.is_empty() => {
                        titles.extend(push.digest.iter().map(|entry| entry.title.clone()));
                    }
                    Payload::Daily(_) => titles.push("daily".to_owned()),
                    Payload::Milestone(_) => titles.push("milestone".to_owned()),
                    _ => titles.push(title(claimed).to_owned()),
                }
                self.settle(claimed, Settlement::Sent(MessageId(1)), now).await;
            }
        }
    }

    /// Runs the counter schedule until nothing is due.
    async fn run_schedule(&self, now: DateTime<Utc>) {
        while let Tick::Some(_) = self.store.run_counter_schedule(now).await.unwrap() {}
    }

    /// Adds a second source, which `/start` alone does not subscribe.
    async fn watch_harbour(&self) -> SourceId {
        let harbour = Source {
            name: SourceName::parse("harbour").unwrap(),
            url: "https://harbour.example/".parse().unwrap(),
            is_default: false,
            ..source()
        };
        self.store.sync_sources(&[source(), harbour], start()).await.unwrap();
        let polls = self.store.due_polls(start()).await.unwrap();
        polls.iter().map(|due| due.source_id).max().unwrap()
    }
}

#[tokio::test]
async fn a_restored_chat_gets_everything_it_missed_once_and_in_order() {
    let mut fixture = Fixture::new().await;
    fixture.begin().await;
    // When she stops, one is in flight, one waits, and one is not created yet; one comes while she
    // is gone.
    fixture.publish(&["First", "Second"], start()).await;
    let first = fixture.claim(start()).await.remove(0);
    fixture.publish(&["Third"], start()).await;
    assert_eq!(fixture.stop(PLACE, start()).await, Unsubscribed::Kept);
    fixture.settle(&first, Settlement::Sent(MessageId(1)), start()).await;
    assert_eq!(fixture.publish(&["Fourth"], minutes(1)).await, 0, "nobody is subscribed");
    assert!(fixture.send_all(minutes(2)).await.is_empty());
    assert_eq!(fixture.store.open_deliveries().await.unwrap(), 0);
    assert!(fixture.restore(PLACE, minutes(5)).await);
    fixture.publish(&["Fifth"], minutes(5)).await;
    assert_eq!(fixture.send_all(minutes(5)).await, ["Second", "Third", "Fourth", "Fifth"]);
    assert!(!fixture.restore(PLACE, minutes(5)).await, "once");
    assert!(fixture.send_all(minutes(20)).await.is_empty());
    let mut tx = fixture.update(minutes(5)).await;
    assert_eq!(tx.custom_counters(PLACE).await.unwrap().len(), 1);
    assert_eq!(tx.titles(PLACE).await.unwrap().len(), 1);
    drop(tx);
    let kept =
        "select (select count(*) from pending_removal) + (select count(*) from removed_counter)";
    assert_eq!(fixture.count(kept).await, 0);
}

#[tokio::test]
async fn a_restore_brings_nothing_from_before_the_subscription() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(Place::of(1), start()).await;
    // A broadcast that has not reached every place yet.
    fixture.publish(&["Early"], start()).await;
    fixture.begin().await;
    fixture.stop(PLACE, start()).await;
    fixture.restore(PLACE, minutes(1)).await;
    let received: Vec<_> = fixture.claim(minutes(1)).await.iter().map(|c| c.place).collect();
    assert_eq!(received, [Place::of(1)]);
}

#[tokio::test]
async fn a_delivery_that_fails_while_its_place_is_stopped_waits_for_it() {
    for is_crash in [false, true] {
        let mut fixture = Fixture::new().await;
        fixture.begin().await;
        fixture.publish(&["First", "Second"], start()).await;
        let first = fixture.claim(start()).await.remove(0);
        fixture.stop(PLACE, start()).await;
        if is_crash {
            fixture.store.recover(start()).await.unwrap();
        } else {
            fixture.settle(&first, again(1), start()).await;
        }
        assert!(fixture.send_all(minutes(4)).await.is_empty(), "crash: {is_crash}");
        assert_eq!(fixture.count("select count(*) from removed_delivery").await, 2);
        assert!(fixture.restore(PLACE, minutes(5)).await);
        let again = fixture.claim(minutes(5)).await.remove(0);
        assert_eq!((title(&again), again.tries.attempt), ("First", 2));
        assert_eq!(again.tries.unanswered, u32::from(is_crash), "it may have arrived");
        fixture.settle(&again, Settlement::Sent(MessageId(1)), minutes(5)).await;
        assert_eq!(fixture.send_all(minutes(5)).await, ["Second"]);
    }
}

#[tokio::test]
async fn a_digest_in_flight_arrives_or_waits_with_all_its_entries() {
    for is_sent in [true, false] {
        let mut fixture = Fixture::new().await;
        fixture.begin().await;
        for n in 1..=12 {
            fixture.publish(&[&format!("Statement {n}")], start()).await;
        }
        let digest = fixture.claim(start()).await.remove(0);
        fixture.stop(PLACE, start()).await;
        let settlement = if is_sent { Settlement::Sent(MessageId(1)) } else { again(0) };
        fixture.settle(&digest, settlement, start()).await;
        assert!(fixture.send_all(minutes(1)).await.is_empty());
        fixture.restore(PLACE, minutes(2)).await;
        let received = fixture.send_all(minutes(2)).await;
        assert_eq!(received.len(), if is_sent { 0 } else { 12 }, "sent: {is_sent}");
    }
}

#[tokio::test]
async fn removed_subscriptions_are_deleted_in_time() {
    let mut fixture = Fixture::new().await;
    fixture.begin().await;
    fixture.publish(&["First", "Second"], start()).await;
    let first = fixture.claim(start()).await.remove(0);
    fixture.stop(PLACE, start()).await;
    // It never arrives, and the place that did not get it must not miss it later either.
    fixture.settle(&first, again(3600), start()).await;
    let end_at = start() + RESTORABLE_FOR;
    let before = end_at - TimeDelta::milliseconds(1);
    assert_eq!(fixture.store.delete_removed(before).await.unwrap(), Some(end_at));
    assert!(fixture.count(TRACES).await > 0);
    // The process was not running at the time.
    fixture.store.close().await;
    let folder = std::mem::replace(&mut fixture.folder, tempfile::tempdir().unwrap());
    drop(std::mem::replace(&mut fixture.store, open(&fixture.folder).await));
    fixture.store = open(&folder).await;
    fixture.folder = folder;
    assert_eq!(fixture.store.delete_removed(minutes(600)).await.unwrap(), None);
    assert_eq!(fixture.count(TRACES).await, 0);
    assert!(fixture.send_all(minutes(700)).await.is_empty());
}

#[tokio::test]
async fn nothing_is_restored_after_its_deletion_was_due() {
    let mut fixture = Fixture::new().await;
    fixture.begin().await;
    fixture.stop(PLACE, start()).await;
    assert!(!fixture.restore(PLACE, start() + RESTORABLE_FOR).await);
    assert_eq!(fixture.count(TRACES).await, 0, "it is gone, whichever came first");
    // A chat that stops again after that time has another ten minutes.
    fixture.begin().await;
    fixture.stop(PLACE, start()).await;
    fixture.begin().await;
    assert_eq!(fixture.stop(PLACE, minutes(30)).await, Unsubscribed::Kept);
    assert_eq!(fixture.store.delete_removed(minutes(39)).await.unwrap(), Some(minutes(40)));
    let only = "select count(*) from removed_counter";
    assert_eq!(fixture.count(only).await, 1, "of the first time nothing is left");
}

type Case =
    (Option<SettingsOverrides>, Option<SettingsOverrides>, Option<Lang>, bool, bool, Unsubscribed);

#[tokio::test]
async fn only_what_start_would_not_bring_back_is_kept() {
    let choices = |choices: &SettingsOverrides| Some(choices.clone());
    let long =
        SettingsOverrides { detail: Some(DetailLevel::Long), ..SettingsOverrides::default() };
    // Chosen, but equal to the defaults.
    let usual = SettingsOverrides {
        detail: Some(DetailLevel::Lead),
        preview: Some(false),
        ..SettingsOverrides::default()
    };
    // Overrides of the chat and of the source; the language; a counter; a daily message.
    let cases: [Case; 9] = [
        (None, None, None, false, false, Unsubscribed::Left),
        (choices(&usual), None, None, false, false, Unsubscribed::Left),
        (None, choices(&usual), None, false, false, Unsubscribed::Left),
        (None, None, Some(Lang::En), false, false, Unsubscribed::Left),
        (choices(&long), None, None, false, false, Unsubscribed::Kept),
        (None, choices(&long), None, false, false, Unsubscribed::Kept),
        (None, None, Some(Lang::De), false, false, Unsubscribed::Kept),
        (None, None, None, true, false, Unsubscribed::Kept),
        (None, None, None, false, true, Unsubscribed::Kept),
    ];
    for (of_chat, of_source, lang, has_counter, is_daily, expected) in cases {
        let mut fixture = Fixture::new().await;
        fixture.subscribe(PLACE, start()).await;
        let source_id = fixture.source_id;
        let mut tx = fixture.update(start()).await;
        for (id, choices) in [(None, &of_chat), (Some(source_id), &of_source)] {
            if let Some(choices) = choices {
                tx.set_settings(PLACE, id, choices).await.unwrap();
            }
        }
        if let Some(lang) = lang {
            tx.set_lang(PLACE.chat, lang).await.unwrap();
        }
        if has_counter {
            tx.add_counter(PLACE, start().date_naive(), "x").await.unwrap();
        }
        if is_daily {
            tx.set_daily(PLACE, Some(540)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let case = format!("{of_chat:?} {of_source:?} {lang:?} {has_counter} {is_daily}");
        assert_eq!(fixture.stop(PLACE, start()).await, expected, "{case}");
        if expected == Unsubscribed::Left {
            assert_eq!(fixture.count(TRACES).await, 0, "{case}");
            continue;
        }
        assert!(fixture.restore(PLACE, minutes(1)).await, "{case}");
        let mut tx = fixture.update(minutes(1)).await;
        let chat = tx.chat(PLACE.chat).await.unwrap().unwrap();
        assert_eq!(chat.settings, of_chat.unwrap_or_default(), "{case}");
        assert_eq!(chat.lang, lang.unwrap_or(Lang::En), "{case}");
        let own = tx.source_settings(PLACE, source_id).await.unwrap();
        assert_eq!(own, Some(of_source.unwrap_or_default()), "{case}");
        assert_eq!(tx.custom_counters(PLACE).await.unwrap().len(), usize::from(has_counter));
        assert_eq!(tx.daily_minute(PLACE).await.unwrap(), is_daily.then_some(540));
    }
}

#[tokio::test]
async fn a_choice_of_sources_other_than_the_default_is_kept() {
    let (default, other) = (true, false);
    for (chosen, expected) in [
        (vec![default], Unsubscribed::Left),
        (vec![other], Unsubscribed::Kept),
        (vec![default, other], Unsubscribed::Kept),
        (vec![], Unsubscribed::Left),
    ] {
        let mut fixture = Fixture::new().await;
        let harbour_id = fixture.watch_harbour().await;
        let ids: Vec<SourceId> = chosen
            .iter()
            .map(|is_default| if *is_default { fixture.source_id } else { harbour_id })
            .collect();
        let mut tx = fixture.update(start()).await;
        tx.ensure_chat(PLACE.chat, ChatKind::Private, Lang::En).await.unwrap();
        for id in &ids {
            tx.subscribe_to(PLACE, ChatKind::Private, Lang::En, *id, 30).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(fixture.stop(PLACE, start()).await, expected, "{chosen:?}");
        fixture.restore(PLACE, minutes(1)).await;
        let mut tx = fixture.update(minutes(1)).await;
        let titles = tx.titles(PLACE).await.unwrap().len();
        assert_eq!(titles, if expected == Unsubscribed::Kept { ids.len() } else { 0 });
    }
}

#[tokio::test]
async fn a_double_tap_is_one_stop_and_a_later_stop_deletes() {
    let mut fixture = Fixture::new().await;
    fixture.begin().await;
    let second = |n| start() + TimeDelta::seconds(n);
    assert_eq!(fixture.stop(PLACE, second(0)).await, Unsubscribed::Kept);
    assert_eq!(fixture.stop(PLACE, second(1)).await, Unsubscribed::Kept);
    assert_eq!(fixture.stop(PLACE, second(6)).await, Unsubscribed::Deleted);
    assert_eq!(fixture.count(TRACES).await, 0);
    assert_eq!(fixture.stop(PLACE, second(7)).await, Unsubscribed::WasNot);
}

#[tokio::test]
async fn a_second_stop_keeps_what_was_chosen_since_the_first() {
    let mut fixture = Fixture::new().await;
    let harbour_id = fixture.watch_harbour().await;
    fixture.begin().await;
    fixture.publish(&["First"], start()).await;
    fixture.stop(PLACE, start()).await;
    fixture.publish(&["Second"], minutes(1)).await;
    let mut tx = fixture.update(minutes(2)).await;
    for id in [harbour_id, fixture.source_id] {
        let chosen = tx.subscribe_to(PLACE, ChatKind::Private, Lang::En, id, 30).await.unwrap();
        assert_eq!(chosen, SubscribeResult::Yes);
    }
    let long =
        SettingsOverrides { detail: Some(DetailLevel::Long), ..SettingsOverrides::default() };
    tx.set_settings(PLACE, Some(fixture.source_id), &long).await.unwrap();
    tx.add_counter(PLACE, start().date_naive(), "since then").await.unwrap();
    tx.commit().await.unwrap();
    fixture.publish(&["Third"], minutes(3)).await;
    assert_eq!(fixture.send_all(minutes(3)).await, ["Third"], "what is chosen anew comes");
    assert_eq!(fixture.stop(PLACE, minutes(8)).await, Unsubscribed::Kept);
    // Ten minutes from then on, for everything.
    assert!(fixture.restore(PLACE, minutes(17)).await);
    let mut tx = fixture.update(minutes(17)).await;
    assert_eq!(tx.titles(PLACE).await.unwrap().len(), 2);
    let counters = tx.custom_counters(PLACE).await.unwrap();
    let words: Vec<&str> = counters.iter().map(|counter| counter.words.as_str()).collect();
    assert_eq!(words, ["since the talks", "since then"]);
    assert_eq!(tx.source_settings(PLACE, fixture.source_id).await.unwrap(), Some(long));
    drop(tx);
    let mut received = fixture.send_all(minutes(17)).await;
    received.sort();
    assert_eq!(received, ["First", "Second"]);
}

#[tokio::test]
async fn removed_subscriptions_and_counters_count_toward_the_limits() {
    let mut fixture = Fixture::new().await;
    let harbour_id = fixture.watch_harbour().await;
    fixture.begin().await;
    fixture.stop(PLACE, start()).await;
    let mut tx = fixture.update(start()).await;
    let (kind, lang) = (ChatKind::Private, Lang::En);
    let many = tx.subscribe_to(PLACE, kind, lang, harbour_id, 1).await.unwrap();
    assert_eq!(many, SubscribeResult::TooMany);
    let same = tx.subscribe_to(PLACE, kind, lang, fixture.source_id, 1).await.unwrap();
    assert_eq!(same, SubscribeResult::Yes, "its room is its own");
    let mut count = 0;
    while tx.add_counter(PLACE, start().date_naive(), "x").await.unwrap() {
        count += 1;
    }
    assert_eq!(count, 19);
}

#[tokio::test]
async fn one_topic_stops_and_the_others_go_on() {
    let mut fixture = Fixture::new().await;
    let whole = Place::of(GROUP);
    let long =
        SettingsOverrides { detail: Some(DetailLevel::Long), ..SettingsOverrides::default() };
    fixture.begin_in(whole).await;
    fixture.subscribe(TOPIC, start()).await;
    let mut tx = fixture.update(start()).await;
    tx.set_settings(whole, None, &long).await.unwrap();
    tx.commit().await.unwrap();
    // The settings of the chat still apply to the other topic: nothing would be lost with this one.
    assert_eq!(fixture.stop(TOPIC, start()).await, Unsubscribed::LeftTopic);
    fixture.subscribe(TOPIC, start()).await;
    assert_eq!(fixture.stop(whole, start()).await, Unsubscribed::KeptTopic);
    fixture.publish(&["First"], minutes(1)).await;
    let claimed = fixture.claim(minutes(1)).await;
    assert_eq!(claimed.iter().map(|c| c.place).collect::<Vec<_>>(), [TOPIC]);
    fixture.settle(&claimed[0], Settlement::Sent(MessageId(1)), minutes(1)).await;
    // With the last topic, the settings of the chat would be lost as well.
    assert_eq!(fixture.stop(TOPIC, minutes(2)).await, Unsubscribed::Kept);
    assert_eq!(fixture.store.delete_removed(minutes(10)).await.unwrap(), Some(minutes(12)));
    assert!(fixture.restore(TOPIC, minutes(11)).await);
    assert!(!fixture.restore(whole, minutes(11)).await);
    let mut tx = fixture.update(minutes(11)).await;
    assert_eq!(tx.chat(ChatId(GROUP)).await.unwrap().unwrap().settings, long);
    assert!(tx.custom_counters(whole).await.unwrap().is_empty());
    drop(tx);
    assert!(fixture.send_all(minutes(11)).await.is_empty(), "the topic had it");
}

#[tokio::test]
async fn removed_subscriptions_move_with_their_group_and_are_deleted_with_their_chat() {
    let moved = ChatId(-1_000_000_000_021);
    let mut fixture = Fixture::new().await;
    fixture.begin_in(TOPIC).await;
    fixture.publish(&["First"], start()).await;
    fixture.stop(TOPIC, start()).await;
    let mut tx = fixture.update(minutes(1)).await;
    tx.migrate(TOPIC.chat, moved).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!fixture.restore(TOPIC, minutes(2)).await);
    assert!(fixture.restore(Place { chat: moved, ..TOPIC }, minutes(2)).await);
    let claimed = fixture.claim(minutes(2)).await;
    assert_eq!((claimed[0].place.chat, title(&claimed[0])), (moved, "First"));

    for is_topic in [false, true] {
        let mut fixture = Fixture::new().await;
        fixture.begin_in(TOPIC).await;
        fixture.publish(&["First"], start()).await;
        let claimed = fixture.claim(start()).await.remove(0);
        fixture.stop(TOPIC, start()).await;
        let gone = match is_topic {
            true => Settlement::ForgetPlace("the topic was deleted".into()),
            false => Settlement::ForgetChat("the bot was kicked".into()),
        };
        fixture.settle(&claimed, gone, minutes(1)).await;
        assert!(!fixture.restore(TOPIC, minutes(1)).await);
        let dead = "select count(*) from delivery where state = 'dead'";
        assert_eq!(
            fixture.count(TRACES).await,
            fixture.count(dead).await,
            "all but why it is dead"
        );
    }
}

#[tokio::test]
async fn counters_that_were_due_meanwhile_are_sent_after_a_restore() {
    let mut fixture = Fixture::new().await;
    // It is five to nine in Athens: milestones are sent at nine, and so are her counters.
    let early = "2026-11-02T06:55:00Z".parse::<DateTime<Utc>>().unwrap();
    let at = |minutes| early + TimeDelta::minutes(minutes);
    fixture.poll(Verdict::Baseline(Vec::new()), vec![hundredth()], early).await;
    for place in [PLACE, Place::of(12)] {
        fixture.subscribe(place, early).await;
    }
    let mut tx = fixture.update(early).await;
    tx.set_daily(PLACE, Some(9 * 60)).await.unwrap();
    tx.commit().await.unwrap();
    fixture.run_schedule(early).await;
    fixture.stop(PLACE, early).await;
    fixture.run_schedule(at(6)).await;
    assert_eq!(fixture.send_all(at(6)).await, ["milestone"], "to the other one");
    assert!(fixture.restore(PLACE, at(8)).await);
    fixture.run_schedule(at(8)).await;
    let mut received = fixture.send_all(at(8)).await;
    received.sort();
    assert_eq!(received, ["daily", "milestone"]);
    fixture.run_schedule(at(9)).await;
    assert!(fixture.send_all(at(9)).await.is_empty());
    // Sent before, stopped and restored, it is not sent again.
    fixture.stop(PLACE, at(10)).await;
    fixture.restore(PLACE, at(11)).await;
    fixture.run_schedule(at(11)).await;
    assert!(fixture.send_all(at(11)).await.is_empty());
    let tomorrow = at(0) + TimeDelta::days(1) + TimeDelta::minutes(6);
    fixture.run_schedule(tomorrow).await;
    assert_eq!(fixture.send_all(tomorrow).await, ["daily"]);
}

#[tokio::test]
async fn deferred_deliveries_stay_deferred_after_a_restore() {
    let mut fixture = Fixture::new().await;
    fixture.subscribe(PLACE, start()).await;
    let mut tx = fixture.update(start()).await;
    let hourly =
        SettingsOverrides { frequency: Some(Frequency::Hourly), ..SettingsOverrides::default() };
    tx.set_settings(PLACE, None, &hourly).await.unwrap();
    tx.commit().await.unwrap();
    fixture.publish(&["First"], minutes(1)).await;
    assert!(fixture.send_all(minutes(1)).await.is_empty());
    fixture.stop(PLACE, minutes(2)).await;
    fixture.publish(&["Second"], minutes(3)).await;
    fixture.restore(PLACE, minutes(4)).await;
    assert!(fixture.send_all(minutes(59)).await.is_empty());
    assert_eq!(fixture.send_all(minutes(60)).await, ["First", "Second"]);
}

#[tokio::test]
async fn a_source_whose_only_subscriber_may_return_keeps_its_baseline() {
    let mut fixture = Fixture::new().await;
    let url = "https://elsewhere.example/news".parse().unwrap();
    let mut probes = Vec::new();
    for chat in [ANNA, 12] {
        let mut tx = fixture.update(start()).await;
        tx.enqueue_page_job(Place::of(chat), None, None, Lang::En, &url).await.unwrap();
        tx.commit().await.unwrap();
        let job = fixture.store.claim_job(start()).await.unwrap().job().unwrap();
        let done = JobResult::Page(url.clone(), "Elsewhere".to_owned());
        let answer = |id| {
            probes.push(id);
            Reply::new(Place::of(chat), Message::new("I see …"))
        };
        fixture.store.finish_job(&job, &done, answer, start()).await.unwrap();
    }
    let mut tx = fixture.update(start()).await;
    let source_id = tx.accept_watch_candidate(probes[0], PLACE, 1).await.unwrap().unwrap();
    tx.subscribe_to(PLACE, ChatKind::Private, Lang::En, source_id, 30).await.unwrap();
    tx.commit().await.unwrap();
    fixture.source_id = source_id;
    fixture.poll(Verdict::Baseline(entries(&["One"], start())), Vec::new(), start()).await;
    fixture.send_all(start()).await;
    assert_eq!(fixture.stop(PLACE, start()).await, Unsubscribed::Kept);
    let is_read = async |fixture: &Fixture| {
        let due = fixture.store.due_polls(minutes(60)).await.unwrap();
        due.iter().any(|due| due.source_id == source_id)
    };
    assert!(!is_read(&fixture).await, "nobody reads it now");
    // Another user has added it: what is on it by now may be what she missed.
    let mut tx = fixture.update(minutes(1)).await;
    let other = Place::of(12);
    assert_eq!(tx.accept_watch_candidate(probes[1], other, 1).await.unwrap(), Some(source_id));
    tx.subscribe_to(other, ChatKind::Private, Lang::En, source_id, 30).await.unwrap();
    tx.commit().await.unwrap();
    let baseline = "select count(*) from source where origin = 'chat' and baseline_at is null";
    assert_eq!(fixture.count(baseline).await, 0);
    fixture.publish(&["Two"], minutes(2)).await;
    fixture.restore(PLACE, minutes(3)).await;
    assert_eq!(fixture.send_all(minutes(3)).await, ["Two", "Two"], "to both");
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nothing_longer() {
    let mut fixture = Fixture::new().await;
    fixture.begin().await;
    fixture.stop(PLACE, minutes(600)).await;
    fixture.store.shift_due_times(TimeDelta::hours(10), start()).await.unwrap();
    assert_eq!(
        fixture.store.delete_removed(start()).await.unwrap(),
        Some(start() + RESTORABLE_FOR)
    );
}

#[tokio::test]
async fn an_export_lists_what_can_be_restored_and_until_when() {
    let mut fixture = Fixture::new().await;
    fixture.begin().await;
    let mut tx = fixture.update(start()).await;
    assert_eq!(tx.export(PLACE.chat).await.unwrap().unwrap().get("can_be_restored"), None);
    drop(tx);
    fixture.publish(&["First"], start()).await;
    fixture.stop(PLACE, start()).await;
    let mut tx = fixture.update(minutes(1)).await;
    let kept = tx.export(PLACE.chat).await.unwrap().unwrap();
    assert_eq!(kept["subscriptions"], serde_json::json!([]));
    let restorable = &kept["can_be_restored"][0];
    assert_eq!(restorable["until"], "2026-11-02T09:10:00Z");
    assert_eq!(restorable["subscriptions"][0]["source"], "lights");
    assert_eq!(restorable["counters"][0]["text"], "since the talks");
    assert_eq!(restorable["waiting"], 1);
}

#[tokio::test]
async fn a_counter_keeps_its_number_and_the_daily_message_its_time() {
    let mut fixture = Fixture::new().await;
    let counter = CounterSeen { days: 111, ..hundredth() };
    fixture.poll(Verdict::Baseline(Vec::new()), vec![counter], start()).await;
    fixture.begin().await;
    let mut tx = fixture.update(start()).await;
    let id = tx.custom_counters(PLACE).await.unwrap()[0].id;
    tx.set_daily(PLACE, Some(20 * 60)).await.unwrap();
    tx.commit().await.unwrap();
    fixture.stop(PLACE, start()).await;
    // The zone has changed when she comes back.
    let mut tx = fixture.update(minutes(1)).await;
    let tokyo = SettingsOverrides {
        zone: Some(Zone::Named(chrono_tz::Asia::Tokyo)),
        ..SettingsOverrides::default()
    };
    tx.set_settings(PLACE, None, &tokyo).await.unwrap();
    tx.commit().await.unwrap();
    fixture.restore(PLACE, minutes(2)).await;
    let mut tx = fixture.update(minutes(2)).await;
    assert_eq!(tx.custom_counters(PLACE).await.unwrap()[0].id, id, "its button works");
    drop(tx);
    let eight = "2026-11-02T11:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let next = fixture.count("select next_at from counter_schedule").await;
    assert_eq!(next, eight.timestamp_millis(), "eight in Tokyo");
}
