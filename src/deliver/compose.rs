//! Composing: a payload becomes the message that is sent.
//!
//! Guarantees: a message that Telegram refused is composed as plain text without anything that may be
//! refused.
//! Out of scope: the text of each kind of message (`message`).

use crate::{
    domain::{Keyboard, Message, Outgoing, SendOptions, local_time},
    message::{self, html},
    store::{Claimed, DailyCounters, MilestoneNotice, Payload, Statement},
};
use chrono::{DateTime, Utc};

/// Composes the message of a delivery at this moment.
pub(super) fn outgoing(claimed: &Claimed, is_paid: bool, now: DateTime<Utc>) -> Outgoing {
    let silent = claimed.is_silent;
    let (message, preview) = match &claimed.content {
        Payload::Reply(reply) => (reply.message.clone(), false),
        Payload::Statement(statement) => {
            (statement_message(statement, now), statement.settings.preview)
        }
        Payload::Milestone(milestone) => (milestone_message(milestone), false),
        Payload::Daily(daily) => (daily_message(daily, now), false),
    };
    let (edit_id, reply_id, file) = match &claimed.content {
        Payload::Reply(reply) => (reply.edit_id, reply.reply_id, reply.file.clone()),
        _ => (None, None, None),
    };
    let place = claimed.place;
    if claimed.tries.is_plain {
        // Addresses then follow their texts, and take space of their own.
        let text = html::cut(&html::without_markup(&message.html), html::TEXT_UNITS_MAX);
        let options = SendOptions { plain: true, silent, ..SendOptions::default() };
        let (buttons, edit_id, reply_id) = (Keyboard::new(), None, None);
        return Outgoing { place, text, buttons, edit_id, reply_id, file, options };
    }
    let paid = is_paid && !matches!(claimed.content, Payload::Reply(_));
    let options = SendOptions { plain: false, paid, silent, preview };
    let Message { html: text, buttons } = message;
    Outgoing { place, text, buttons, edit_id, reply_id, file, options }
}

fn milestone_message(notice: &MilestoneNotice) -> Message {
    let MilestoneNotice { lang, source_title, source_url, counter, on, milestone } = notice;
    Message::new(message::milestone(source_title, source_url, counter, *on, *milestone, *lang))
}

fn daily_message(daily: &DailyCounters, now: DateTime<Utc>) -> Message {
    let DailyCounters { lang, on, sources, own, milestones_only } = daily;
    Message::new(message::daily(sources, own, *on, *milestones_only, now, *lang))
}

fn statement_message(statement: &Statement, now: DateTime<Utc>) -> Message {
    let Statement { lang, kind, username, settings, listed, digest, source } = statement;
    let today_on = local_time::day(source.zone, now);
    if !digest.is_empty() {
        let counters = if settings.counters { source.counters.as_slice() } else { &[] };
        let html = message::digest(&source.title, &source.url, digest, counters, today_on, *lang);
        return Message::new(html);
    }
    let entry = &listed.entry;
    let html =
        message::statement(&source.title, entry, &source.counters, today_on, settings, *lang);
    let read = entry
        .link
        .as_ref()
        .and_then(|_| message::buttons::read(*kind, username.as_deref(), listed.entry_ref, *lang));
    let buttons: Keyboard = read.map(|read| vec![vec![read]]).unwrap_or_default();
    Message::new(html).with_buttons(buttons)
}
