//! The demo's script: what its people say and do, and what must come of it.

use super::{ANNA, BORIS, CARLA, CHANNEL, DemoState, FORUM, NEWSROOM, READINESS_PROBE, STATEMENTS};
use crate::{
    app,
    sandbox::{Role, SITE_TITLE, Sent, SiteFault},
};
use anyhow::Result;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// How long anything may take. Telegram's "wait" faults are part of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nothing must come, where nothing is to come: some polls of the source.
const SILENCE: Duration = Duration::from_millis(2500);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The width at which the conversation is broken, in characters.
const WIDTH: usize = 72;

/// Something did not come as it should.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScriptFailed(String);

/// The opening of the demo: its chats subscribe, and a first statement is published.
pub(super) async fn open(outside: &DemoState) {
    while !outside.api.world().menus.contains_key("") {
        sleep(LOOK_AGAIN).await;
    }
    outside.set_role(NEWSROOM, Role::Member);
    outside.set_role(FORUM, Role::Member);
    outside.set_role(CHANNEL, Role::Admin);
    outside.say_in(FORUM, Some(STATEMENTS), ANNA, "/start");
    for (chat, from) in [(ANNA, ANNA), (BORIS, BORIS), (NEWSROOM, ANNA)] {
        outside.say(chat, from, "/start");
    }
    // The page has to be read once before anything on it can be new.
    while !has_counters(outside).await {
        sleep(LOOK_AGAIN).await;
    }
    outside.publish();
}

/// Whether the page was read: asked as a reader would.
async fn has_counters(outside: &DemoState) -> bool {
    let asked = outside.api.world().posts_in(READINESS_PROBE).len();
    outside.say(READINESS_PROBE, READINESS_PROBE, "/counter");
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        sleep(Duration::from_millis(200)).await;
        if let Some(answer) = outside.api.world().posts_in(READINESS_PROBE).get(asked) {
            return answer.marked.text.contains("days have passed");
        }
    }
    false
}

/// Plays a session and prints it as it goes.
pub(super) async fn play(outside: &DemoState) -> Result<()> {
    let mut play = Play { outside, shown: 0 };
    play.scene("The bot starts, and shows its commands");
    play.until("the menu is set", |o| o.api.world().menus.contains_key("")).await?;
    while !has_counters(outside).await {
        sleep(LOOK_AGAIN).await;
    }
    play.shown = outside.api.world().sent.len();

    play.scene("Anna subscribes, and asks");
    play.ask(ANNA, ANNA, "/start", "Subscribed.").await?;
    play.ask(ANNA, ANNA, "/counter", "days have passed since").await?;
    play.ask(ANNA, ANNA, "/latest 2", SITE_TITLE).await?;
    play.ask(ANNA, ANNA, "/latest many", "How many, or of which").await?;
    play.ask(ANNA, ANNA, "Hello?", "not one of the commands").await?;
    play.ask(BORIS, BORIS, "/start", "Подписка оформлена").await?;

    play.scene("A group is subscribed by its admins, a channel by making the bot one");
    outside.set_role(NEWSROOM, Role::Member);
    play.answers(&[NEWSROOM], "an admin sends /start").await?;
    play.ask(NEWSROOM, CARLA, "/start", "Only admins").await?;
    play.ask(NEWSROOM, ANNA, "/start", "Subscribed.").await?;
    outside.set_role(CHANNEL, Role::Admin);
    play.answers(&[CHANNEL], "Subscribed.").await?;

    const ALL: [i64; 4] = [ANNA, BORIS, NEWSROOM, CHANNEL];
    play.scene("A statement is published");
    let title = outside.publish();
    play.answers(&ALL, &title).await?;

    play.scene("Another, while the page shows a challenge: it comes when the page is back");
    outside.site().fault = SiteFault::Challenge;
    let title = outside.publish();
    play.silence("behind a challenge").await?;
    outside.site().fault = SiteFault::None;
    play.answers(&ALL, &title).await?;

    play.scene("Another, while Telegram says \"too many requests\"");
    outside.api.world().flood_wait = Some(2);
    let title = outside.publish();
    play.silence("while Telegram says 429").await?;
    outside.api.world().flood_wait = None;
    play.answers(&ALL, &title).await?;

    play.scene("Another, while Telegram is down");
    outside.api.set_up(false);
    let title = outside.publish();
    play.silence("while Telegram is down").await?;
    outside.api.set_up(true);
    play.answers(&ALL, &title).await?;

    play.scene("Борис blocks the bot, Anna leaves: the next statement goes to the others");
    outside.api.world().set_role(BORIS, BORIS, Role::Kicked, app::now());
    play.ask(ANNA, ANNA, "/stop", "Unsubscribed.").await?;
    let title = outside.publish();
    play.answers(&[NEWSROOM, CHANNEL], &title).await?;
    play.silence("after all have it").await?;
    // Four statements to four chats, and one to two.
    play.verdict(18)
}

struct Play<'a> {
    outside: &'a DemoState,
    /// Messages that were printed.
    shown: usize,
}

impl Play<'_> {
    fn scene(&self, title: &str) {
        println!("── {title}\n");
    }

    /// Somebody writes, and the bot answers with these words among others.
    async fn ask(&mut self, chat: i64, from: i64, text: &str, words: &str) -> Result<()> {
        self.outside.say(chat, from, text);
        self.answers(&[chat], words).await
    }

    /// The bot says these words, among others, in each of the chats.
    async fn answers(&mut self, chats: &[i64], words: &str) -> Result<()> {
        let from = self.shown;
        let are_there = |o: &DemoState| {
            let world = o.api.world();
            let has = |chat: &i64| world.sent[from..].iter().any(|s| is_answer(s, *chat, words));
            chats.iter().all(has)
        };
        self.until(&format!("{words:?} came to {chats:?}"), are_there).await
    }

    /// Waits for something, and shows what was said until then.
    async fn until(&mut self, what: &str, is_so: impl Fn(&DemoState) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self.outside) {
            if Instant::now() > deadline {
                self.show();
                return Err(ScriptFailed(format!("waited in vain until {what}")).into());
            }
            sleep(LOOK_AGAIN).await;
        }
        self.show();
        Ok(())
    }

    /// Nothing is sent for a while.
    async fn silence(&mut self, when: &str) -> Result<()> {
        let before = self.outside.api.world().posts().count();
        sleep(SILENCE).await;
        let after = self.outside.api.world().posts().count();
        if after != before {
            self.show();
            return Err(
                ScriptFailed(format!("{} messages were sent {when}", after - before)).into()
            );
        }
        println!("(nothing is sent {when})\n");
        Ok(())
    }

    /// Prints what was said since the last time.
    fn show(&mut self) {
        let world = self.outside.api.world();
        for sent in &world.sent[self.shown..] {
            let name = |id| world.users.get(&id).map_or("?", |user| &user.name);
            let who = sent.from.map_or("communique", name);
            let place = world.chats.get(&sent.chat).map_or("?", |chat| &chat.title);
            let head = if place == who { who.to_owned() } else { format!("{who} → {place}") };
            println!("{head}");
            for line in sent.marked.text.lines() {
                for line in wrap(line) {
                    println!("    {line}");
                }
            }
            println!();
        }
        self.shown = world.sent.len();
    }

    /// So many pushes came, each of them once to its chat.
    fn verdict(&self, due: usize) -> Result<()> {
        let world = self.outside.api.world();
        // What pushes have and answers have not: a linked title below the head, and the days
        // counted below that.
        let is_push = |sent: &&Sent| {
            let has =
                |kind: &str| sent.marked.entities.iter().any(|e| e.kind == kind && e.offset > 0);
            has("text_link") && has("blockquote")
        };
        let pushes: Vec<(i64, &str)> =
            world.posts().filter(is_push).map(|s| (s.chat, s.marked.text.as_str())).collect();
        let different: BTreeSet<_> = pushes.iter().collect();
        if pushes.len() != due || different.len() != due {
            let (all, different) = (pushes.len(), different.len());
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

/// A line, broken between words.
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
