//! English.

use super::Phrases;

pub(super) static PHRASES: Phrases = Phrases {
    subscribed: "Subscribed. Every new statement will be posted here, from:",
    subscribed_already: "This chat is subscribed already, and will go on getting every new statement from:",
    next_steps: "/latest shows the newest statement, /counter the days elapsed. /stop ends the subscription.",
    stopped: "Unsubscribed. Nothing is kept about this chat. /start subscribes again.",
    stopped_topic: "This topic is unsubscribed, others of this chat are not. /start subscribes it again.",
    not_subscribed: "This chat is not subscribed. /start subscribes it.",
    admins_only: "Only admins of this group can subscribe or unsubscribe it. /latest and /counter are for everyone.",
    admins_unknown: "Telegram did not say whether you are an admin of this group. Please try again in a minute.",
    nothing_yet: "No statement has been read yet. New ones will be posted here by themselves.",
    latest_usage: "How many? A number from 1 to 10, such as /latest 5",
    no_counters: "The pages that are being watched show no day counters.",
    help: "Statements of institutions, posted here as they are published.",
    not_understood: "Sorry, that is not one of the commands:",
    introduction: "Hello! An admin can send /start, and every new statement will be posted here. Until then this bot is silent.",
    new_statements: |n| format!("{n} new statement{}", if n == 1 { "" } else { "s" }),
    earlier_ones: |n| format!("{n} earlier one{}", if n == 1 { "" } else { "s" }),
    undated: |seen| format!("no date given, first seen {seen}"),
    menu: &[
        ("start", "subscribe to new statements"),
        ("latest", "the newest statement, or the newest five: /latest 5"),
        ("counter", "days elapsed, as the pages count them"),
        ("stop", "unsubscribe and be forgotten"),
        ("help", "what this bot does"),
    ],
    day: |day, month, year| {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        format!("{day} {} {year}", MONTHS[month % 12])
    },
};
