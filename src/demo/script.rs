//! The script of the demo: what its users do, and what the bot must reply.
//!
//! Guarantees: each step waits for its effect, and fails after `PATIENCE`.

#![expect(clippy::print_stdout, reason = "the script is played in the terminal")]

use super::state::{
    ANNA, BORIS, CARLA, CHANNEL, DemoState, FORUM, NEWSROOM, READINESS_PROBE, STATEMENTS,
};
use crate::{
    app,
    sandbox::{Role, SITE_TITLE, Sent, SiteFault},
};
use anyhow::Result;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a step may take, including the waits that Telegram asks for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nothing must be sent where nothing is due: some polls of the source.
const SILENCE: Duration = Duration::from_millis(2500);
/// How often a condition is checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);
/// The width of the printed conversation, in characters.
const WIDTH: usize = 72;

/// The chats that subscribe.
const ALL: [i64; 4] = [ANNA, BORIS, NEWSROOM, CHANNEL];

/// A step of the script did not have its effect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScriptFailed(String);

/// Prepares the demo: its chats subscribe, and a first statement is published.
pub(super) async fn open(demo: &DemoState) {
    while !demo.api.world().menus.contains_key("") {
        sleep(CHECK_INTERVAL).await;
    }
    demo.set_role(NEWSROOM, Role::Member);
    demo.set_role(FORUM, Role::Member);
    demo.set_role(CHANNEL, Role::Admin);
    demo.say_in(FORUM, Some(STATEMENTS), ANNA, "/start");
    for (chat, from) in [(ANNA, ANNA), (BORIS, BORIS), (NEWSROOM, ANNA)] {
        demo.say(chat, from, "/start");
    }
    // The page has to be polled once before anything on it can be new.
    while !has_counters(demo).await {
        sleep(CHECK_INTERVAL).await;
    }
    demo.publish();
}

/// Whether the page was polled: the bot is asked for its counters.
async fn has_counters(demo: &DemoState) -> bool {
    let before = demo.api.world().posts_in(READINESS_PROBE).len();
    demo.say(READINESS_PROBE, READINESS_PROBE, "/counter");
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        sleep(Duration::from_millis(200)).await;
        if let Some(answer) = demo.api.world().posts_in(READINESS_PROBE).get(before) {
            return answer.marked.text.contains("days have passed");
        }
    }
    false
}

/// Plays a session and prints it.
pub(super) async fn play(demo: &DemoState) -> Result<()> {
    let mut session = Session { demo, shown: 0 };
    session.heading("The bot starts, and shows its commands");
    session.until("the menu is set", |o| o.api.world().menus.contains_key("")).await?;
    while !has_counters(demo).await {
        sleep(CHECK_INTERVAL).await;
    }
    session.shown = demo.api.world().sent.len();

    session.heading("Anna subscribes, and asks");
    session.ask(ANNA, ANNA, "/start", "Subscribed.").await?;
    session.ask(ANNA, ANNA, "/counter", "days have passed since").await?;
    session.ask(ANNA, ANNA, "/latest 2", SITE_TITLE).await?;
    session.ask(ANNA, ANNA, "/latest many", "How many, or of which").await?;
    session.ask(ANNA, ANNA, "Hello?", "not one of the commands").await?;
    session.ask(BORIS, BORIS, "/start", "Подписка оформлена").await?;

    session.heading("A group is subscribed by its admins, a channel by making the bot one");
    demo.set_role(NEWSROOM, Role::Member);
    session.answers(&[NEWSROOM], "an admin sends /start").await?;
    session.ask(NEWSROOM, CARLA, "/start", "Only admins").await?;
    session.ask(NEWSROOM, ANNA, "/start", "Subscribed.").await?;
    demo.set_role(CHANNEL, Role::Admin);
    session.answers(&[CHANNEL], "Subscribed.").await?;

    session.heading("A statement is published");
    let title = demo.publish();
    session.answers(&ALL, &title).await?;

    session.heading("Another, while the page shows a challenge: it comes when the page is back");
    demo.site().fault = SiteFault::Challenge;
    let title = demo.publish();
    session.silence("behind a challenge").await?;
    demo.site().fault = SiteFault::None;
    session.answers(&ALL, &title).await?;

    session.heading("Another, while Telegram says \"too many requests\"");
    demo.api.world().flood_wait = Some(2);
    let title = demo.publish();
    session.silence("while Telegram says 429").await?;
    demo.api.world().flood_wait = None;
    session.answers(&ALL, &title).await?;

    session.heading("Another, while Telegram is down");
    demo.api.set_up(false);
    let title = demo.publish();
    session.silence("while Telegram is down").await?;
    demo.api.set_up(true);
    session.answers(&ALL, &title).await?;

    session.heading("Борис blocks the bot, Anna leaves: the next statement goes to the others");
    demo.api.world().set_role(BORIS, BORIS, Role::Kicked, app::now());
    session.ask(ANNA, ANNA, "/stop", "Unsubscribed.").await?;
    let title = demo.publish();
    session.answers(&[NEWSROOM, CHANNEL], &title).await?;
    session.silence("after all have it").await?;
    // Four statements to four chats, and one to two.
    session.check_notifications(18)
}

struct Session<'a> {
    demo: &'a DemoState,
    /// How many messages were printed.
    shown: usize,
}

impl Session<'_> {
    /// Prints the title of the next part.
    fn heading(&self, title: &str) {
        println!("── {title}\n");
    }

    /// A user writes, and the bot replies with a text that contains these words.
    async fn ask(&mut self, chat: i64, from: i64, text: &str, words: &str) -> Result<()> {
        self.demo.say(chat, from, text);
        self.answers(&[chat], words).await
    }

    /// Waits for a message with these words in each of the chats.
    async fn answers(&mut self, chats: &[i64], words: &str) -> Result<()> {
        let from = self.shown;
        let are_there = |o: &DemoState| {
            let telegram = o.api.world();
            let has = |chat: &i64| telegram.sent[from..].iter().any(|s| is_answer(s, *chat, words));
            chats.iter().all(has)
        };
        self.until(&format!("{words:?} came to {chats:?}"), are_there).await
    }

    /// Waits for a condition, and prints what was sent meanwhile.
    async fn until(&mut self, what: &str, is_so: impl Fn(&DemoState) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self.demo) {
            if Instant::now() > deadline {
                self.show();
                return Err(ScriptFailed(format!("waited in vain until {what}")).into());
            }
            sleep(CHECK_INTERVAL).await;
        }
        self.show();
        Ok(())
    }

    /// Checks that nothing is sent for a while.
    async fn silence(&mut self, when: &str) -> Result<()> {
        let before = self.demo.api.world().posts().count();
        sleep(SILENCE).await;
        let after = self.demo.api.world().posts().count();
        if after != before {
            self.show();
            return Err(
                ScriptFailed(format!("{} messages were sent {when}", after - before)).into()
            );
        }
        println!("(nothing is sent {when})\n");
        Ok(())
    }

    /// Prints the messages since the last call.
    fn show(&mut self) {
        let telegram = self.demo.api.world();
        for sent in &telegram.sent[self.shown..] {
            let name = |id| telegram.users.get(&id).map_or("?", |user| &user.name);
            let who = sent.from.map_or("communique", name);
            let place = telegram.chats.get(&sent.chat).map_or("?", |chat| &chat.title);
            let head = if place == who { who.to_owned() } else { format!("{who} → {place}") };
            println!("{head}");
            for line in sent.marked.text.lines() {
                for line in wrap(line) {
                    println!("    {line}");
                }
            }
            println!();
        }
        self.shown = telegram.sent.len();
    }

    /// Checks that this many notifications were sent, each of them once to its chat.
    fn check_notifications(&self, due: usize) -> Result<()> {
        let telegram = self.demo.api.world();
        // Notifications differ from replies: they have a linked title below the head, and counters below
        // that.
        let is_notification = |sent: &&Sent| {
            let has =
                |kind: &str| sent.marked.entities.iter().any(|e| e.kind == kind && e.offset > 0);
            has("text_link") && has("blockquote")
        };
        let notifications: Vec<(i64, &str)> = telegram
            .posts()
            .filter(is_notification)
            .map(|s| (s.chat, s.marked.text.as_str()))
            .collect();
        let different: BTreeSet<_> = notifications.iter().collect();
        if notifications.len() != due || different.len() != due {
            let (all, different) = (notifications.len(), different.len());
            let what =
                format!("{all} pushes came, {different} of them different, and {due} were due");
            return Err(ScriptFailed(what).into());
        }
        println!("── All went well: {due} pushes were due, and each came exactly once.");
        Ok(())
    }
}

fn is_answer(sent: &Sent, chat: i64, words: &str) -> bool {
    sent.chat == chat && sent.from.is_none() && sent.marked.text.contains(words)
}

/// Breaks a line between words.
fn wrap(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let is_full = lines
            .last()
            .is_some_and(|l| !l.is_empty() && l.chars().count() + 1 + word.chars().count() > WIDTH);
        if is_full {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}
