//! English.

use super::{phrases::Phrases, plural::Forms};
use crate::domain::Lang;

pub(super) static PHRASES: Phrases = Phrases {
    subscribed: "Subscribed. Every new statement will be posted here, from:",
    subscribed_already: "This chat is subscribed already, and will go on getting every new statement from:",
    no_sources_chosen: "This chat gets nothing yet. Choose its sources:",
    next_steps: "/latest shows the newest statement, /counter the days elapsed, /settings when and how messages arrive. /stop ends it all.",
    next_steps_group: "Everyone can use /latest, /search and /counter; admins decide what comes here with /sources and /settings. /stop ends it.",
    next_steps_channel: "Its admins choose what comes here, and when, in a private chat with this bot: /channel.",
    introduction: "Hello! I post the statements of institutions as they are published. To get them here, an admin sends /start, in the topic of your choice if there are topics. Until then I keep quiet.",
    channel_invitation: "You have made me an admin of a channel. Choose here what is posted there:",
    in_channel: "In the channel:",
    in_named_channel: |a| format!("In the channel {a}:"),
    channel_menu: |id| {
        format!(
            "What the channel gets:\n\nCommands for it are sent here, for example:\n/words {id} with tariff, light dues\n/zone {id} Europe/Rome\n/counter {id} add 2020-01-31 since the talks began\n/watch {id} https://www.example.org/news"
        )
    },
    channel_usage: "Which channel? Send /channel @name, or forward one of its posts to me. I have to be an admin there, and so do you.",
    channel_unknown: "That is not a channel where both of us are admins. Add me as an admin who may post, then try again.",
    settings_of_channel: "Channel settings",
    stopped: "Unsubscribed. Nothing is kept about this chat. /start subscribes again.",
    stopped_topic: "This topic is unsubscribed; the other topics of this chat are not affected. /start subscribes it again.",
    stopped_kept: "Unsubscribed. The sources, settings and counters of this chat can be restored for ten minutes; then they are deleted. Send the command again to delete them at once.",
    stopped_topic_kept: "This topic is unsubscribed; the other topics of this chat are not affected. Its sources, settings and counters can be restored for ten minutes; then they are deleted. Send the command again to delete them at once.",
    stopped_channel: |a| format!("{a} is unsubscribed. Nothing is kept about it."),
    stopped_channel_kept: |a| {
        format!(
            "{a} is unsubscribed. Its sources, settings and counters can be restored for ten minutes; then they are deleted. Send the command again to delete them at once."
        )
    },
    deleted: "Deleted. There is nothing to restore any more. /start subscribes again.",
    channel_deleted: |a| format!("Deleted. There is nothing to restore for {a} any more."),
    restore: "Restore",
    restored: "Restored. Everything is as it was before /stop.",
    nothing_to_restore: "There is nothing to restore here any more.",
    restored_too_late: "It is too late to restore this: it has been deleted.",
    restorable_counts: "What can still be restored counts too.",
    stop_usage: "Nothing has been changed. To unsubscribe, send:",
    stop_all: "from everything",
    stop_source: "from one source",
    stop_channel: "a channel",
    stop_example: "NAME",
    get_back: "To get it back",
    last_source: "That was the last source: no statements come here any more.",
    delete_rest: "To delete everything else that is kept",
    not_subscribed_to: |a| {
        format!("Nothing has been changed: there is no subscription to {a} here.")
    },
    not_subscribed: "This chat is not subscribed. /start subscribes it.",
    channel_not_subscribed: |a| format!("{a} is not subscribed."),
    choose_for_channel: "To choose its sources",
    source_not_chosen: "This chat is not subscribed to that source. /sources shows all of them.",
    admins_only: "Only admins can change what comes here. /latest, /search and /counter are for everyone.",
    admins_unknown: "Telegram did not say whether you are an admin here. Please try again in a minute.",
    slow_down: "One moment, please: that was a lot at once.",
    button_old: "This button is from an earlier version of the bot. Please send the command again.",
    saved: "Saved",
    help: "Statements of institutions, posted here as they are published.",
    not_understood: "Sorry, that is not one of the commands:",
    did_you_mean: |a| format!("There is no such command. Did you mean /{a}?"),
    latest: "Latest",
    counters: "Counters",
    sources: "Choose sources",
    settings: "Settings",
    read: "Read it here",
    continue_reading: "Continue",
    open_page: "Open the page",
    back: "‹ Back",
    nothing_yet: "No statement has been read yet. New ones will be posted here by themselves.",
    latest_usage: "How many, or of which source? For example /latest 5 or, with a name from /sources, /latest 3 embassy",
    unknown_source: "There is no source with that name here. /sources shows all of them.",
    new_statements: |n| Forms::two("{n} new statement", "{n} new statements").format(Lang::En, n),
    earlier_ones: |n| Forms::two("{n} earlier one", "{n} earlier ones").format(Lang::En, n),
    undated: |a| format!("no date given, first seen {a}"),
    archive: "All statements",
    nothing_here: "There is nothing here.",
    months: "By month",
    all_months: "All months",
    one_source: "By source",
    all_sources: "All sources",
    which_source: "Statements of which source?",
    which_month: "Of which month?",
    search_usage: "What are you looking for? For example:\n/search light dues\n/search \"light dues\" tariff*\n/search fog -horn",
    search_cut: "That was too much for one search: only its first words were looked for.",
    nothing_found: "Nothing was found. Fewer words find more, and so does the beginning of one: light*",
    search_again: "This search is too old to continue. Please send it again.",
    fetching: "Fetching the statement …",
    read_usage: "Which one? /read is the newest, /read 2 the one before, and so on to 50.",
    statement_gone: "There is no such statement, or no such part of it.",
    no_own_page: "This statement has no page of its own; this is all that is known of it.",
    no_whole_text: "I found no full text on its page; it may be a file or a video.",
    page_unreadable: "Its page cannot be read at the moment.",
    busy: "I am still fetching what you asked for before. One moment, please.",
    no_counters: "The pages watched here show no day counters. /counter add 2020-01-31 … adds one of your own.",
    own_counters: "Counters of this chat",
    no_own_counters: "This chat has no counters of its own. /counter add 2020-01-31 … adds one.",
    counter_usage: "For example:\n/counter add 2020-01-31 since the talks began\n/counter remove 2\n/counter daily 9:00 – all counters every day, /counter daily off – not any more",
    counter_added: "Added. Its round numbers and anniversaries will be announced here.",
    counter_removed: "Removed.",
    counter_unknown: "There is no counter with that number.",
    too_many_counters: |n| {
        Forms::two(
            "No more than {n} counter fits. Remove it first: /counter remove",
            "No more than {n} counters fit. Remove one first: /counter remove",
        )
        .format(Lang::En, n)
    },
    days: |n| Forms::two("{n} day", "{n} days").format(Lang::En, n),
    in_days: |n| Forms::two("in {n} day", "in {n} days").format(Lang::En, n),
    today: "today",
    days_today: |n| Forms::two("{n} day today", "{n} days today").format(Lang::En, n),
    years_today: |n| Forms::two("{n} year today", "{n} years today").format(Lang::En, n),
    is_today: "Today",
    no_clocks: "The pages watched here show no clocks.",
    no_contacts: "The pages watched here show neither a telephone number nor an address.",
    choose_sources: "Tap a source to subscribe to it or to unsubscribe.",
    no_sources: "There are no sources to choose from.",
    read_at: |a| format!("last read {a}"),
    not_read_yet: "not read yet",
    unavailable: "cannot be read at the moment",
    unavailable_since: |a| format!("cannot be read at the moment, last read {a}"),
    subscribed_to: "Subscribed",
    unsubscribed_from: "Unsubscribed",
    too_many_sources: |n| {
        Forms::two(
            "No more than {n} source can be chosen here. End it first: /unwatch",
            "No more than {n} sources can be chosen here. End one first: /unwatch",
        )
        .format(Lang::En, n)
    },
    watch_off: "The operator of this bot does not allow other pages to be added. /sources shows what there is.",
    watch_usage: "Send the address of a page that lists dated statements: /watch https://www.example.org/news",
    watch_reading: |a| format!("Reading {a} …"),
    page_lists: |n| {
        Forms::two("I see {n} dated entry there:", "I see {n} dated entries there:")
            .format(Lang::En, n)
    },
    is_it_right: "Is that the list?",
    subscribe: "Subscribe",
    is_wrong: "That's wrong",
    watch_done: "Subscribed. What is on the page now counts as known; anything new will be posted here. /unwatch ends it.",
    watch_wrong: "Thank you. I have not subscribed to it, and the operator of this bot can see why. Another page of that site may work better.",
    watch_full: "This bot cannot watch any more pages. /sources shows what there is.",
    page_without_list: "I found no list of dated entries on that page. The page that lists news or statements works best.",
    page_forbids: "That site does not want to be read by programs.",
    page_unreachable: "That page cannot be reached. Is the address right?",
    which_to_drop: "Unsubscribe from which one?",
    unwatched: |a| format!("Unsubscribed from {a}."),
    colon: ": ",
    language: "Language",
    zone: "Time zone",
    frequency: "Messages",
    quiet: "Quiet hours",
    summary: "Length",
    words: "Words",
    counters_below: "Counters below",
    preview: "Link preview",
    milestones: "Milestones",
    daily_counters: "Daily counters",
    each_source: "Each source separately ›",
    on: "on",
    off: "off",
    none: "none",
    as_chat: "as in the chat",
    at_once: "at once",
    hourly: "every hour",
    daily: "once a day ›",
    weekly: "once a week ›",
    daily_at: |a| format!("every day at {a}"),
    weekly_at: |a, b| format!("{a}, {b}"),
    quiet_deferred: |a| format!("{a}, messages wait"),
    quiet_silent: |a| format!("{a}, no sound"),
    summary_title: "title only",
    summary_lead: "title and lead",
    summary_long: "as long as fits",
    all_entries: "all statements",
    only_with: |a| format!("only with: {a}"),
    only_without: |a| format!("not with: {a}"),
    which_lang: "Which language should I use here? The sources' own words are not translated.",
    which_zone: |a, b| {
        format!(
            "Times here are those of {a}, where it is {b} now. For another zone: /zone Rome, /zone UTC+3"
        )
    },
    which_frequency: "When should new statements arrive?",
    which_hour: "At what time? Another time: /digest 8:30",
    which_weekday: "On which day? The time is that of the daily message.",
    which_quiet: "When should I keep quiet? Messages can wait until the hours are over, or arrive without a sound. Other hours: /quiet 22:30-7:15",
    which_summary: "How much of each statement should I show?",
    which_daily: "At what time should I post all counters every day?",
    which_own: "What is set for a source overrides the settings of the chat.",
    words_usage: "To get only some statements, or to leave some out, send for example:\n/words with tariff, light dues\n/words without fog*\n/words off\nWith the name of a source first, it applies to that one only: /words embassy with visa",
    would_have_come: |n, of| {
        Forms::two(
            "Of the newest {of} statements {n} would have come:",
            "Of the newest {of} statements {n} would have come:",
        )
        .format(Lang::En, n)
        .replace("{of}", &of.to_string())
    },
    zone_usage: "Which time zone? A city, the distance from UTC or a name: /zone Rome, /zone UTC+3, /zone Europe/Rome",
    zone_near: |a| format!("There is no such time zone. Did you mean {a}?"),
    zone_set: |a, b| format!("Times here are now those of {a}, where it is {b}."),
    privacy: "What is kept about this chat: its number and type, its language, its subscriptions and settings, its own counters, for a week the addresses of pages it asked about, and for some weeks which messages it was sent. No names and no searches; of your messages only a command, while it waits for its answer.\n\nIt is on the computer of the operator of this bot, and nowhere else. /export gives it to you as a file. /stop deletes it: at once or, if there is anything to restore, after ten minutes.",
    privacy_kept: |a| {
        format!(
            "This chat was unsubscribed with /stop. What it had is kept until {a}, so that it can be restored, and is then deleted. Send the command again to delete it at once."
        )
    },
    export: "All that is kept about this chat.",
    nothing_kept: "Nothing is kept about this chat.",
    being_checked: |a| format!("new entries are being checked since {a}"),
    held: "New entries are on hold: this does not look like the list I know.",
    held_none_known: |n| {
        Forms::two(
            "It shows {n} entry, which I do not know.",
            "It shows {n} entries, and I know none of them.",
        )
        .format(Lang::En, n)
    },
    held_many_unknown: |n, of| {
        Forms::two(
            "I do not know {n} of its {of} entries, and it has a date of the past.",
            "I do not know {n} of its {of} entries, and some of them have dates of the past.",
        )
        .format(Lang::En, n)
        .replace("{of}", &of.to_string())
    },
    held_too_many: |n, of| {
        Forms::two(
            "It shows {n} new entry, and {of} came within a day before: more than any institution publishes.",
            "It shows {n} new entries, and {of} came within a day before: more than any institution publishes.",
        )
        .format(Lang::En, n)
        .replace("{of}", &of.to_string())
    },
    held_would_post: |n| {
        Forms::two("{n} would be posted.", "{n} would be posted.").format(Lang::En, n)
    },
    and_more: |n| Forms::two("… and {n} more", "… and {n} more").format(Lang::En, n),
    held_until: |a| {
        format!(
            "If nobody answers and the list stays as it is, I adopt it on {a}: it is stored silently, and what comes later is posted."
        )
    },
    post_them: "Post them",
    store_silently: "Store silently",
    keep_waiting: "Keep waiting",
    held_posting: "They will be posted within a minute.",
    held_storing: "They will be stored without being posted. What comes later is posted as ever.",
    held_waiting: |a| format!("Still on hold. Without another answer the list is adopted on {a}."),
    held_over: "There is nothing to decide here any more.",
    held_adopted: |n| {
        Forms::two(
            "Nobody answered, so the list is adopted: {n} entry was stored silently. What comes from now on is posted.",
            "Nobody answered, so the list is adopted: {n} entries were stored silently. What comes from now on is posted.",
        )
        .format(Lang::En, n)
    },
    held_released: "The list I know is back. There is nothing to decide any more.",
    held_unposted: |n| {
        Forms::two(
            "{n} entry of the list on hold is no longer on the page and was not posted.",
            "{n} entries of the list on hold are no longer on the page and were not posted.",
        )
        .format(Lang::En, n)
    },
    failing: |a| {
        format!("I have not been able to read it since {a}. Its subscribers get nothing meanwhile.")
    },
    gone: "Its server says that this page is gone for good (410). Look for its new address and write it into communique.toml.",
    recovered: |a| format!("I can read it again. I could not since {a}."),
    menu: super::menu::MenuPhrases {
        start: "subscribe to new statements",
        latest: "the newest statement, or five: /latest 5",
        archive: "all statements, page by page",
        search: "look for words: /search light dues",
        read: "the whole text of a statement",
        counter: "days elapsed, as the pages count them",
        time: "the time where the institutions are",
        contact: "how to reach them",
        sources: "choose what comes here",
        watch: "have another page watched",
        settings: "language, hours, length, words",
        channel: "what a channel of yours gets",
        privacy: "what is kept, and what is not",
        export: "the same as a file",
        stop: "unsubscribe and be forgotten",
        help: "what this bot does",
    },
};
