//! The events of a run: what users, the institution, Telegram and the machine do, drawn from the
//! seed.

use super::trace::{SimEvent, Trace, hold_of, is_question};
use crate::{
    habits,
    support::{
        CHANNEL, FORUM, GROUP, GROUP_UPGRADED, OWNER, PEOPLE, TOPIC, TestWorld, failing, refused,
        seconds, silent,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use communique::{
    domain::{Action, ButtonKind, HoldDecision},
    sandbox::{Role, SiteFault},
};
use std::collections::BTreeMap;

/// Draws an event, and lets the owner decide now and then.
pub(crate) fn happen(world: &mut TestWorld, trace: &mut Trace) {
    let now = world.now;
    let mut events = Vec::new();
    match world.rng.u32(0..100) {
        0..25 => events.extend(publish(world)),
        25..30 => events.extend(restore(world)),
        30..60 => events.push(write_in_private(world)),
        60..75 => events.extend(write_in_group(world)),
        75..80 => events.push(toggle_block(world)),
        80..84 => events.push(toggle_channel(world)),
        84..86 => {
            let group = draw_group(world);
            events.push(set_role(world, group, Role::Kicked));
        }
        86..88 if world.telegram.chats[&GROUP].migrated_to.is_none() => {
            // Telegram notifies the bot before a user can write in the supergroup.
            world.telegram.upgrade(GROUP, GROUP_UPGRADED, true, now);
            events.push(SimEvent::Upgraded);
        }
        88..90 if world.has_faults => events.push(begin_outage(world, now)),
        90..94 if world.has_faults && world.was_read => events.push(break_site(world)),
        96..98 => events.push(change_list(world)),
        94..96 if world.has_faults => {
            let until = now + seconds(world.rng.i64(10..600));
            world.full_until = Some(until);
            events.push(SimEvent::Full(until));
        }
        99 if world.has_faults && world.rng.bool() => {
            world.telegram.is_revoked = true;
            events.push(SimEvent::Revoked);
        }
        98 if world.has_faults => {
            let by = world.rng.i64(-3600..=3600);
            world.skew += seconds(by);
            events.push(SimEvent::ClockSet(by));
        }
        _ => {}
    }
    events.extend(decide(world));
    trace.events.extend(events.into_iter().map(|event| (now, event)));
}

/// A user writes to the bot.
fn write_in_private(world: &mut TestWorld) -> SimEvent {
    let person = world.rng.i64(PEOPLE);
    let text = [
        "/start",
        "/start",
        "/start",
        "/stop",
        "/latest 3",
        "/counter",
        "hello",
        "/zone Tokyo",
        "/stop x",
    ][world.rng.usize(0..9)];
    say(world, person, None, person, text)
}

/// An admin or a member writes in a group or in a topic of the forum. The bot is added first if it
/// is not in there.
fn write_in_group(world: &mut TestWorld) -> Vec<SimEvent> {
    let mut events = Vec::new();
    let group = draw_group(world);
    let by = if world.rng.u32(0..4) == 0 { 12 } else { 11 };
    let is_topic = group == FORUM && world.rng.bool();
    let text = [
        "/start",
        "/start",
        "/start@communique_demo_bot",
        "/stop",
        "/latest",
        "/start@other_bot",
        "/counter daily 23:00",
    ][world.rng.usize(0..7)];
    if matches!(world.telegram.chats[&group].bot, Role::Left | Role::Kicked) {
        events.push(set_role(world, group, Role::Member));
    }
    events.push(say(world, group, is_topic.then_some(TOPIC), by, text));
    events
}

/// A user blocks the bot, or unblocks it.
fn toggle_block(world: &mut TestWorld) -> SimEvent {
    let person = world.rng.i64(PEOPLE);
    let role = match world.telegram.chats[&person].bot {
        Role::Kicked => Role::Member,
        _ => Role::Kicked,
    };
    set_role(world, person, role)
}

/// The bot becomes an admin of the channel, or leaves it.
fn toggle_channel(world: &mut TestWorld) -> SimEvent {
    let role = match world.telegram.chats[&CHANNEL].bot {
        Role::Admin => Role::Left,
        _ => Role::Admin,
    };
    set_role(world, CHANNEL, role)
}

/// Telegram goes down for a while, in one of three ways.
fn begin_outage(world: &mut TestWorld, now: DateTime<Utc>) -> SimEvent {
    let length = world.rng.i64(10..600);
    let until = now + seconds(length);
    world.down_until = Some(until);
    world.down_as = [refused(), silent(), failing()][world.rng.usize(0..3)].clone();
    SimEvent::Down(until)
}

/// The page gets a fault, or is repaired.
fn break_site(world: &mut TestWorld) -> SimEvent {
    let faults = [
        SiteFault::None,
        SiteFault::None,
        SiteFault::Challenge,
        SiteFault::Down,
        SiteFault::Empty,
        SiteFault::Truncated,
        SiteFault::Redesigned,
    ];
    world.site.fault = faults[world.rng.usize(0..faults.len())];
    SimEvent::Site(world.site.fault)
}

/// A list with habits changes in one of them; another one edits a statement.
fn change_list(world: &mut TestWorld) -> SimEvent {
    let Some(mut habits) = world.habits.take() else {
        world.site.edit();
        return SimEvent::Edited;
    };
    let has_faults = world.has_faults;
    let what = habits::change(&mut habits, &world.site, &mut world.rng, has_faults);
    world.habits = Some(habits);
    SimEvent::List(what)
}

/// The owner answers the last question, sooner or later.
fn decide(world: &mut TestWorld) -> Option<SimEvent> {
    if !world.owner_answers || world.rng.u32(0..5) > 0 {
        return None;
    }
    let last = world.arrivals.iter().rev().find(|arrival| is_question(arrival))?.clone();
    if world.answered >= last.at + TimeDelta::zero() {
        return None;
    }
    let decision =
        [HoldDecision::Post, HoldDecision::Store, HoldDecision::Store, HoldDecision::Wait]
            [world.rng.usize(0..4)];
    let data = hold_of(&last, decision)?;
    world.answered = last.at;
    let now = world.now;
    world.telegram.press_stale(OWNER, OWNER, last.message_id, &data, now);
    Some(SimEvent::Decided { decision, asked_at: last.at })
}

/// Publishes a statement, unless the page would drop one that was never seen: gaps are not tested
/// here.
fn publish(world: &mut TestWorld) -> Option<SimEvent> {
    let most = world.habits.as_ref().map_or(5, |habits| habits.window / 2);
    if world.unread as usize >= most {
        // The window may move on during an outage: what could not be read is not required.
        let moves_on = world.habits.is_some() && world.has_faults && world.rng.bool();
        if !moves_on {
            return None;
        }
    }
    world.unread += 1;
    let now = world.now;
    let statement = world.site.publish(now);
    // What the first poll finds is the baseline.
    world.was_read.then_some(SimEvent::Published(statement.number))
}

fn say(world: &mut TestWorld, chat: i64, thread: Option<i64>, by: i64, text: &str) -> SimEvent {
    let now = world.now;
    world.telegram.say(chat, by, text, thread, now);
    SimEvent::Said { chat, thread, by, text: text.to_owned() }
}

/// A user presses *Restore*, where that is the last message.
fn restore(world: &mut TestWorld) -> Option<SimEvent> {
    let mut last = BTreeMap::new();
    for arrival in &world.arrivals {
        last.insert((arrival.chat, arrival.thread), arrival);
    }
    let found = last.into_values().find_map(|arrival| {
        let ButtonKind::Callback(data) = &arrival.outgoing.buttons.first()?.first()?.press else {
            return None;
        };
        let is_restore = matches!(Action::decode(data), Some(Action::Restore(_)));
        is_restore.then(|| (arrival.chat, arrival.thread, arrival.message_id, data.clone()))
    });
    let (chat, thread, message_id, data) = found?;
    // All groups are Anna's.
    let (by, now) = (if chat > 0 { chat } else { 11 }, world.now);
    world.telegram.press_stale(chat, by, message_id, &data, now);
    Some(SimEvent::Restored { chat, thread })
}

fn set_role(world: &mut TestWorld, chat: i64, role: Role) -> SimEvent {
    let now = world.now;
    world.telegram.set_role(chat, 11, role, now);
    SimEvent::Role { chat, role }
}

/// The forum, or the group under its current ID.
fn draw_group(world: &mut TestWorld) -> i64 {
    if world.rng.bool() { FORUM } else { current_group(world) }
}

fn current_group(world: &TestWorld) -> i64 {
    world.telegram.chats[&GROUP].migrated_to.unwrap_or(GROUP)
}
