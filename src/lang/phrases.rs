//! The phrases of the bot: one field for each, which every language fills in.

use super::MenuPhrases;

/// The phrases of one language. Functions are given what their comments name, as text that is ready to
/// be shown.
#[derive(Debug)]
pub struct Phrases {
    /// After `/start`, before the titles of the sources.
    pub subscribed: &'static str,
    /// After `/start` in a place that is subscribed already, before the titles of the sources.
    pub subscribed_already: &'static str,
    /// After `/start` where there are no default sources.
    pub no_sources_chosen: &'static str,
    /// What to do next, in a private chat.
    pub next_steps: &'static str,
    /// What to do next in a group, and who may.
    pub next_steps_group: &'static str,
    /// What to do next in a channel.
    pub next_steps_channel: &'static str,
    /// After the bot was added to a group.
    pub introduction: &'static str,
    /// To the user who made the bot an admin of a channel.
    pub channel_invitation: &'static str,
    /// Above replies in a private chat that are about a channel.
    pub in_channel: &'static str,
    /// Above replies that are about a channel. Given its name.
    pub in_named_channel: fn(&str) -> String,
    /// Above the buttons to the settings of a channel. Given its name or ID.
    pub channel_menu: fn(&str) -> String,
    /// `/channel` without a channel.
    pub channel_usage: &'static str,
    /// For a chat that is not a channel, or where the bot or the user is not an admin.
    pub channel_unknown: &'static str,
    /// The heading of the settings of a channel.
    pub settings_of_channel: &'static str,
    /// After `/stop`.
    pub stopped: &'static str,
    /// After `/stop` in one topic of a chat where others stay subscribed.
    pub stopped_topic: &'static str,
    /// After `/stop`, while what the chat had can be restored for ten minutes.
    pub stopped_kept: &'static str,
    /// After `/stop` in one topic, while it can be restored.
    pub stopped_topic_kept: &'static str,
    /// After `/stop` for a channel, in another chat. Given the name of the channel.
    pub stopped_channel: fn(&str) -> String,
    /// After `/stop` for a channel, while it can be restored. Given the name of the channel.
    pub stopped_channel_kept: fn(&str) -> String,
    /// After a second `/stop`: what could be restored is deleted.
    pub deleted: &'static str,
    /// After a second `/stop` for a channel, in another chat. Given the name of the channel.
    pub channel_deleted: fn(&str) -> String,
    /// On the button that undoes `/stop`.
    pub restore: &'static str,
    /// After the undo, before the titles of the sources.
    pub restored: &'static str,
    /// To the user who pressed it when there is nothing to restore; at most 200 characters.
    pub nothing_to_restore: &'static str,
    /// To the user who pressed it too late.
    pub restored_too_late: &'static str,
    /// Where a limit is reached to which restorable subscriptions count as well.
    pub restorable_counts: &'static str,
    /// After `/stop` with an unknown source, before the commands that can be sent.
    pub stop_usage: &'static str,
    /// What `/stop` alone does, after "to unsubscribe".
    pub stop_all: &'static str,
    /// What `/stop` with a source does, after "to unsubscribe".
    pub stop_source: &'static str,
    /// What `/stop` with a channel does.
    pub stop_channel: &'static str,
    /// The placeholder for the name of a source.
    pub stop_example: &'static str,
    /// After unsubscribing from a source, before the command that subscribes again.
    pub get_back: &'static str,
    /// After unsubscribing from the last source.
    pub last_source: &'static str,
    /// After unsubscribing from the last source, before the command that deletes everything.
    pub delete_rest: &'static str,
    /// `/stop` with a source that is not subscribed to. Given its title.
    pub not_subscribed_to: fn(&str) -> String,
    /// Where there is no subscription.
    pub not_subscribed: &'static str,
    /// Where a channel has no subscription, in another chat. Given the name of the channel.
    pub channel_not_subscribed: fn(&str) -> String,
    /// Where a channel has no subscription, before the command that chooses its sources.
    pub choose_for_channel: &'static str,
    /// For a source that the chat is not subscribed to.
    pub source_not_chosen: &'static str,
    /// To members of a group who may not do what they requested; at most 200 characters.
    pub admins_only: &'static str,
    /// When it is unknown whether a user is an admin; at most 200 characters.
    pub admins_unknown: &'static str,
    /// To a user who exceeds the rate limit.
    pub slow_down: &'static str,
    /// To a press of a button of another version; at most 200 characters.
    pub button_old: &'static str,
    /// After a setting was changed.
    pub saved: &'static str,
    /// Above the commands, on `/help`.
    pub help: &'static str,
    /// Above the commands, after text that is no command.
    pub not_understood: &'static str,
    /// After a misspelt command. Given the likely command, without the slash.
    pub did_you_mean: fn(&str) -> String,
    /// On the button for the newest entry.
    pub latest: &'static str,
    /// On the button for the counters.
    pub counters: &'static str,
    /// On the button for the sources.
    pub sources: &'static str,
    /// On the button for the settings, and their heading.
    pub settings: &'static str,
    /// On the button that shows a full text.
    pub read: &'static str,
    /// On the button that shows the next part of a full text, before the number.
    pub continue_reading: &'static str,
    /// On the button that opens the page of an entry.
    pub open_page: &'static str,
    /// On the button that leads back.
    pub back: &'static str,
    /// `/latest` before any entry is known.
    pub nothing_yet: &'static str,
    /// `/latest` with a number out of range or an unknown source.
    pub latest_usage: &'static str,
    /// For a source that does not exist.
    pub unknown_source: &'static str,
    /// Above a digest. Given the number of entries.
    pub new_statements: fn(i64) -> String,
    /// In a digest. Given the number of older entries that are left out.
    pub earlier_ones: fn(i64) -> String,
    /// In place of the day of an entry without one. Given the day on which it was first seen.
    pub undated: fn(&str) -> String,
    /// The heading of the archive.
    pub archive: &'static str,
    /// A page of the archive without entries.
    pub nothing_here: &'static str,
    /// On the button for the months.
    pub months: &'static str,
    /// On the button for all months.
    pub all_months: &'static str,
    /// On the button that chooses a source for the archive.
    pub one_source: &'static str,
    /// On the button for all sources.
    pub all_sources: &'static str,
    /// Above the sources to choose from.
    pub which_source: &'static str,
    /// Above the months to choose from.
    pub which_month: &'static str,
    /// `/search` without words.
    pub search_usage: &'static str,
    /// When a search has too many words.
    pub search_cut: &'static str,
    /// A search without hits.
    pub nothing_found: &'static str,
    /// To a press of a button below an outdated search; at most 200 characters.
    pub search_again: &'static str,
    /// To the user who requested a full text that has to be fetched first.
    pub fetching: &'static str,
    /// `/read` with a number out of range.
    pub read_usage: &'static str,
    /// For an entry, or a part of a full text, that does not exist.
    pub statement_gone: &'static str,
    /// For an entry without a page of its own.
    pub no_own_page: &'static str,
    /// For a page without a full text.
    pub no_whole_text: &'static str,
    /// For a page that cannot be read.
    pub page_unreadable: &'static str,
    /// To a user who has too many pending jobs.
    pub busy: &'static str,
    /// `/counter` where there are none.
    pub no_counters: &'static str,
    /// Above the custom counters of a place.
    pub own_counters: &'static str,
    /// Where a place has no custom counters.
    pub no_own_counters: &'static str,
    /// `/counter` with an argument that is not understood.
    pub counter_usage: &'static str,
    /// After a counter was added.
    pub counter_added: &'static str,
    /// After a counter was removed; at most 200 characters.
    pub counter_removed: &'static str,
    /// For a counter that does not exist; at most 200 characters.
    pub counter_unknown: &'static str,
    /// Where a place has as many custom counters as it may have. Given the limit.
    pub too_many_counters: fn(i64) -> String,
    /// How many days have passed. Given the number.
    pub days: fn(i64) -> String,
    /// How many days remain. Given the number.
    pub in_days: fn(i64) -> String,
    /// When no days remain.
    pub today: &'static str,
    /// A milestone, before the words of a counter. Given the number of days.
    pub days_today: fn(i64) -> String,
    /// A milestone, before the words of a counter. Given the number of years.
    pub years_today: fn(i64) -> String,
    /// On the day that is counted down to.
    pub is_today: &'static str,
    /// `/time` where no page has clocks.
    pub no_clocks: &'static str,
    /// `/contact` where no page has contacts.
    pub no_contacts: &'static str,
    /// Above the sources to choose from.
    pub choose_sources: &'static str,
    /// Where there are no sources.
    pub no_sources: &'static str,
    /// Below a source. Given when it was last read.
    pub read_at: fn(&str) -> String,
    /// Below a source that was not read yet.
    pub not_read_yet: &'static str,
    /// Below a source that cannot be read.
    pub unavailable: &'static str,
    /// Below a source that cannot be read. Given when it was last read.
    pub unavailable_since: fn(&str) -> String,
    /// To the user who subscribed to a source with a button.
    pub subscribed_to: &'static str,
    /// To the user who unsubscribed from a source with a button.
    pub unsubscribed_from: &'static str,
    /// Where a place has as many subscriptions as it may have; at most 200 characters. Given the
    /// limit.
    pub too_many_sources: fn(i64) -> String,
    /// `/watch` where the operator does not permit it.
    pub watch_off: &'static str,
    /// `/watch` without an address.
    pub watch_usage: &'static str,
    /// While the page is fetched. Given its host.
    pub watch_reading: fn(&str) -> String,
    /// How many dated entries a page has. Given the number.
    pub page_lists: fn(i64) -> String,
    /// The question whether these are the right entries.
    pub is_it_right: &'static str,
    /// On the button that confirms.
    pub subscribe: &'static str,
    /// On the button that denies.
    pub is_wrong: &'static str,
    /// After a page was added.
    pub watch_done: &'static str,
    /// After the user said that the entries are wrong.
    pub watch_wrong: &'static str,
    /// Where no more pages can be added.
    pub watch_full: &'static str,
    /// A page without dated entries.
    pub page_without_list: &'static str,
    /// For a page whose robots.txt forbids fetching it.
    pub page_forbids: &'static str,
    /// A page that cannot be reached.
    pub page_unreachable: &'static str,
    /// Above the subscriptions to choose from.
    pub which_to_drop: &'static str,
    /// After unsubscribing from a source. Given its title.
    pub unwatched: fn(&str) -> String,
    /// Between a name and its value.
    pub colon: &'static str,
    /// The name of a setting: the language.
    pub language: &'static str,
    /// The name of a setting: the time zone.
    pub zone: &'static str,
    /// The name of a setting: the frequency.
    pub frequency: &'static str,
    /// The name of a setting: the quiet hours.
    pub quiet: &'static str,
    /// The name of a setting: the detail level.
    pub summary: &'static str,
    /// The name of a setting: the filter.
    pub words: &'static str,
    /// The name of a setting: counters of the page below messages.
    pub counters_below: &'static str,
    /// The name of a setting: link previews.
    pub preview: &'static str,
    /// The name of a setting: milestones of counters.
    pub milestones: &'static str,
    /// The name of a setting: the daily counter message.
    pub daily_counters: &'static str,
    /// On the button for the settings of each source.
    pub each_source: &'static str,
    /// A setting that is on.
    pub on: &'static str,
    /// A setting that is off.
    pub off: &'static str,
    /// No quiet hours.
    pub none: &'static str,
    /// For a setting of one source: inherited from the chat.
    pub as_chat: &'static str,
    /// A frequency: immediately.
    pub at_once: &'static str,
    /// A frequency: at the full hour.
    pub hourly: &'static str,
    /// A frequency: once a day.
    pub daily: &'static str,
    /// A frequency: once a week.
    pub weekly: &'static str,
    /// A frequency: once a day. Given the time.
    pub daily_at: fn(&str) -> String,
    /// A frequency: once a week. Given the weekday and the time.
    pub weekly_at: fn(&str, &str) -> String,
    /// Quiet hours in which messages wait. Given the hours.
    pub quiet_deferred: fn(&str) -> String,
    /// Quiet hours in which messages arrive without sound. Given the hours.
    pub quiet_silent: fn(&str) -> String,
    /// A detail level: the title only.
    pub summary_title: &'static str,
    /// A detail level: the title and the beginning of the lead.
    pub summary_lead: &'static str,
    /// A detail level: as much as fits.
    pub summary_long: &'static str,
    /// Without a filter.
    pub all_entries: &'static str,
    /// A filter: only entries with these words. Given the words.
    pub only_with: fn(&str) -> String,
    /// A filter: no entries with these words. Given the words.
    pub only_without: fn(&str) -> String,
    /// Above the languages to choose from.
    pub which_lang: &'static str,
    /// Above the time zones to choose from. Given the current zone and the time there.
    pub which_zone: fn(&str, &str) -> String,
    /// Above the frequencies to choose from.
    pub which_frequency: &'static str,
    /// Above the hours to choose from.
    pub which_hour: &'static str,
    /// Above the weekdays to choose from.
    pub which_weekday: &'static str,
    /// Above the quiet hours to choose from.
    pub which_quiet: &'static str,
    /// Above the detail levels to choose from.
    pub which_summary: &'static str,
    /// Above the hours of the daily counter message to choose from.
    pub which_daily: &'static str,
    /// Above the sources that can have settings of their own.
    pub which_own: &'static str,
    /// How to set a filter.
    pub words_usage: &'static str,
    /// How many of the newest entries a filter passes. Given their number, and the number of
    /// entries it was applied to.
    pub would_have_come: fn(i64, i64) -> String,
    /// `/zone` with an unknown name.
    pub zone_usage: &'static str,
    /// `/zone` with an unknown name. Given similar names.
    pub zone_near: fn(&str) -> String,
    /// After a zone was chosen. Given its name and the time there.
    pub zone_set: fn(&str, &str) -> String,
    /// `/privacy`.
    pub privacy: &'static str,
    /// Below `/privacy`, after `/stop`. Given the time until which everything can be restored.
    pub privacy_kept: fn(&str) -> String,
    /// The caption of the file of `/export`.
    pub export: &'static str,
    /// `/export` where nothing is stored.
    pub nothing_kept: &'static str,
    /// To subscribers of a source with a held list. Given since when it is held.
    pub being_checked: fn(&str) -> String,
    /// To the operator: a list is held.
    pub held: &'static str,
    /// Why: no entry is known. Given the number of entries.
    pub held_none_known: fn(i64) -> String,
    /// Why: many entries are unknown. Given their number, and the number of entries.
    pub held_many_unknown: fn(i64, i64) -> String,
    /// Why: too many unknown entries. Given their number, and the number that was added within a
    /// day before.
    pub held_too_many: fn(i64, i64) -> String,
    /// How many of the held entries would be posted. Given the number.
    pub held_would_post: fn(i64) -> String,
    /// Below the first entries of a list. Given how many more there are.
    pub and_more: fn(i64) -> String,
    /// When a held list is adopted without a decision. Given the time.
    pub held_until: fn(&str) -> String,
    /// On the button that posts the held entries.
    pub post_them: &'static str,
    /// On the button that stores the held entries without posting.
    pub store_silently: &'static str,
    /// On the button that postpones the decision.
    pub keep_waiting: &'static str,
    /// After the decision to post.
    pub held_posting: &'static str,
    /// After the decision to store.
    pub held_storing: &'static str,
    /// After the decision to wait. Given until when.
    pub held_waiting: fn(&str) -> String,
    /// When there is nothing to decide any more.
    pub held_over: &'static str,
    /// When a held list was adopted without a decision. Given the number of stored entries.
    pub held_adopted: fn(i64) -> String,
    /// When the known list is back.
    pub held_released: &'static str,
    /// How many held entries are gone without having been posted. Given the number.
    pub held_unposted: fn(i64) -> String,
    /// When a source cannot be read. Given since when.
    pub failing: fn(&str) -> String,
    /// When a server reports that a source is gone for good.
    pub gone: &'static str,
    /// When a source can be read again. Given since when it could not.
    pub recovered: fn(&str) -> String,
    /// What the commands in the menu do.
    pub menu: MenuPhrases,
}
