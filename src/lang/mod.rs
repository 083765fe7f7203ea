//! The words that the bot itself says, in each language it speaks.
//!
//! Promises: a language that lacks a phrase does not compile; days, numbers and plurals are as the
//! language has them (`locale`). Plain text: markup is `render`'s.
//! Leaves out: what sources say, which is never translated.
//! To add a language: a file beside `en`, a variant, and the arms that the compiler asks for.

mod city;
mod de;
mod en;
mod es;
mod fr;
mod locale;
mod menu;
mod ru;
mod uk;

pub use self::menu::MenuPhrases;
pub use crate::domain::Lang;

use chrono::{NaiveDate, Weekday};

/// All that the bot says in one language.
#[derive(Debug)]
pub struct Phrases {
    /// After `/start`, before the names of the sources.
    pub subscribed: &'static str,
    /// The same, said to a place that was subscribed already.
    pub subscribed_already: &'static str,
    /// After `/start` where there is nothing to subscribe to by itself.
    pub no_sources_chosen: &'static str,
    /// What can be done next, in a private chat.
    pub next_steps: &'static str,
    /// The same in a group, and by whom.
    pub next_steps_group: &'static str,
    /// The same in a channel.
    pub next_steps_channel: &'static str,
    /// When the bot is added to a group.
    pub introduction: &'static str,
    /// To whoever made the bot an admin of a channel.
    pub channel_invitation: &'static str,
    /// Above what is said in a private chat of a channel.
    pub in_channel: &'static str,
    /// The same; given how it is named.
    pub in_named_channel: fn(&str) -> String,
    /// Above the ways to the settings of the channel of this name or number.
    pub channel_menu: fn(&str) -> String,
    /// `/channel` without a channel.
    pub channel_usage: &'static str,
    /// A channel that is none, or where one of the two is no admin.
    pub channel_unknown: &'static str,
    /// The heading of the settings of a channel.
    pub settings_of_channel: &'static str,
    /// After `/stop`.
    pub stopped: &'static str,
    /// After `/stop` in one topic of a chat where others stay subscribed.
    pub stopped_topic: &'static str,
    /// The same as `stopped`, where what the chat had can be restored for ten minutes.
    pub stopped_kept: &'static str,
    /// The same of one topic.
    pub stopped_topic_kept: &'static str,
    /// After `/stop` for a channel, said elsewhere; given how it is named.
    pub stopped_channel: fn(&str) -> String,
    /// The same, where what the channel had can be restored for ten minutes.
    pub stopped_channel_kept: fn(&str) -> String,
    /// After a second `/stop`: what could be restored is deleted.
    pub deleted: &'static str,
    /// The same of a channel, said elsewhere; given how it is named.
    pub channel_deleted: fn(&str) -> String,
    /// On the button that brings back what `/stop` ended.
    pub restore: &'static str,
    /// After that, before the names of the sources.
    pub restored: &'static str,
    /// To whoever pressed it where nothing was ended; at most 200 characters.
    pub nothing_to_restore: &'static str,
    /// To whoever pressed it too late.
    pub restored_too_late: &'static str,
    /// To whoever wants more than fits, where what can be restored counts as well.
    pub restorable_counts: &'static str,
    /// `/stop` with words that are no source, before what can be sent.
    pub stop_usage: &'static str,
    /// What `/stop` alone does, after "to unsubscribe".
    pub stop_all: &'static str,
    /// What it does with the name of a source, the same.
    pub stop_source: &'static str,
    /// What it does with a channel.
    pub stop_channel: &'static str,
    /// What stands for the name of a source there.
    pub stop_example: &'static str,
    /// After a source was ended, before the command that subscribes to it again.
    pub get_back: &'static str,
    /// After the last source was ended.
    pub last_source: &'static str,
    /// The same, before the command that ends everything.
    pub delete_rest: &'static str,
    /// `/stop` with a source that is not subscribed to; given its title.
    pub not_subscribed_to: fn(&str) -> String,
    /// Where nothing is subscribed.
    pub not_subscribed: &'static str,
    /// The same of a channel, said elsewhere; given how it is named.
    pub channel_not_subscribed: fn(&str) -> String,
    /// The same, before the command that chooses its sources.
    pub choose_for_channel: &'static str,
    /// A source that the chat did not choose.
    pub source_not_chosen: &'static str,
    /// To members of a group who may not do what they asked for; at most 200 characters.
    pub admins_only: &'static str,
    /// When it could not be found out whether they may; at most 200 characters.
    pub admins_unknown: &'static str,
    /// To whoever presses too much.
    pub slow_down: &'static str,
    /// To a button of another version; at most 200 characters.
    pub button_old: &'static str,
    /// After a setting was changed.
    pub saved: &'static str,
    /// Above the commands, on `/help`.
    pub help: &'static str,
    /// Above the commands, after words that are no command.
    pub not_understood: &'static str,
    /// After a misspelt command; given the one that was meant, without the slash.
    pub did_you_mean: fn(&str) -> String,
    /// On the button for the newest entry.
    pub latest: &'static str,
    /// On the button for the counters.
    pub counters: &'static str,
    /// On the button for the sources.
    pub sources: &'static str,
    /// On the button for the settings, and their heading.
    pub settings: &'static str,
    /// On the button that shows a whole statement.
    pub read: &'static str,
    /// On the button that shows its next part, before the number.
    pub go_on: &'static str,
    /// On the button that opens its page.
    pub open_page: &'static str,
    /// On the button that leads back.
    pub back: &'static str,
    /// `/latest` before anything was read.
    pub nothing_yet: &'static str,
    /// `/latest` with a number that is out of bounds, or with the name of no source.
    pub latest_usage: &'static str,
    /// A source that is not there.
    pub unknown_source: &'static str,
    /// Above a digest: how many there are.
    pub new_statements: fn(i64) -> String,
    /// In a digest: how many are left out, which are older.
    pub earlier_ones: fn(i64) -> String,
    /// In place of the day of an entry that has none; given the day it was first seen.
    pub undated: fn(&str) -> String,
    /// The heading of the archive.
    pub archive: &'static str,
    /// A page of it without entries.
    pub nothing_here: &'static str,
    /// On the button for the months.
    pub months: &'static str,
    /// On the button for all of them.
    pub all_months: &'static str,
    /// On the button for the sources that an archive can be of.
    pub one_source: &'static str,
    /// On the button for all of them.
    pub all_sources: &'static str,
    /// Above the sources to choose among.
    pub which_source: &'static str,
    /// Above the months.
    pub which_month: &'static str,
    /// `/search` without words.
    pub search_usage: &'static str,
    /// That a search had too many words.
    pub search_cut: &'static str,
    /// A search without hits.
    pub nothing_found: &'static str,
    /// To a button below a search that is too old; at most 200 characters.
    pub search_again: &'static str,
    /// To whoever pressed the button for a statement that has to be fetched first.
    pub fetching: &'static str,
    /// `/read` with a number that is out of bounds.
    pub read_usage: &'static str,
    /// A statement that is not there, or has no such part.
    pub statement_gone: &'static str,
    /// A statement without a page of its own.
    pub no_own_page: &'static str,
    /// A page on which no text is found.
    pub no_whole_text: &'static str,
    /// A page that cannot be read.
    pub page_unreadable: &'static str,
    /// To whoever asked for too much that has to be fetched.
    pub busy: &'static str,
    /// `/counter` where there are none.
    pub no_counters: &'static str,
    /// Above the counters of a place's own.
    pub own_counters: &'static str,
    /// Where there are none of these.
    pub no_own_counters: &'static str,
    /// `/counter` with words that are none of its own.
    pub counter_usage: &'static str,
    /// After a counter was added.
    pub counter_added: &'static str,
    /// After one was removed; at most 200 characters.
    pub counter_removed: &'static str,
    /// One that is not there; at most 200 characters.
    pub counter_unknown: &'static str,
    /// Where there are as many as may be.
    pub too_many_counters: fn(i64) -> String,
    /// So many days have passed.
    pub days: fn(i64) -> String,
    /// So many days are to come.
    pub in_days: fn(i64) -> String,
    /// None are.
    pub today: &'static str,
    /// A round number of days, before the words of a counter.
    pub days_today: fn(i64) -> String,
    /// The same of years.
    pub years_today: fn(i64) -> String,
    /// The day that was counted down to.
    pub is_today: &'static str,
    /// `/time` where no page has clocks.
    pub no_clocks: &'static str,
    /// `/contact` where none says how it is reached.
    pub no_contacts: &'static str,
    /// Above the sources to choose among.
    pub choose_sources: &'static str,
    /// Where there are none.
    pub no_sources: &'static str,
    /// Below a source: when it was last read.
    pub read_at: fn(&str) -> String,
    /// Below a source that was not read yet.
    pub not_read_yet: &'static str,
    /// Below one that cannot be read.
    pub unwell: &'static str,
    /// The same; given when it was last read.
    pub unwell_since: fn(&str) -> String,
    /// After a source was chosen, for whoever pressed the button.
    pub subscribed_to: &'static str,
    /// After that was ended.
    pub unsubscribed_from: &'static str,
    /// Where as many are chosen as may be; at most 200 characters.
    pub too_many_sources: fn(i64) -> String,
    /// `/watch` to whom the operator does not let.
    pub watch_off: &'static str,
    /// `/watch` without an address.
    pub watch_usage: &'static str,
    /// While the page is read; given its host.
    pub watch_reading: fn(&str) -> String,
    /// How many dated entries are seen on it.
    pub page_lists: fn(i64) -> String,
    /// Whether that is right.
    pub is_it_right: &'static str,
    /// On the button that says so.
    pub subscribe: &'static str,
    /// On the other.
    pub is_wrong: &'static str,
    /// After a page was subscribed to.
    pub watch_done: &'static str,
    /// After it was said to be wrong.
    pub watch_wrong: &'static str,
    /// Where no more pages can be watched.
    pub watch_full: &'static str,
    /// A page without dated entries.
    pub page_without_list: &'static str,
    /// A page whose site does not want to be read by programs.
    pub page_forbids: &'static str,
    /// A page that cannot be reached.
    pub page_unreachable: &'static str,
    /// Above the subscriptions to end.
    pub which_to_drop: &'static str,
    /// After one was ended; given its title.
    pub unwatched: fn(&str) -> String,
    /// What stands between a name and its value.
    pub colon: &'static str,
    /// The name of a setting: the language.
    pub language: &'static str,
    /// The time zone.
    pub zone: &'static str,
    /// When messages come.
    pub rhythm: &'static str,
    /// When none ring.
    pub quiet: &'static str,
    /// How much of an entry is shown.
    pub summary: &'static str,
    /// The words that decide.
    pub words: &'static str,
    /// The page's counters below messages.
    pub counters_below: &'static str,
    /// A preview of the page.
    pub preview: &'static str,
    /// Milestones of counters.
    pub milestones: &'static str,
    /// The daily message of counters.
    pub daily_counters: &'static str,
    /// On the button for the settings of each source.
    pub each_source: &'static str,
    /// A setting that is on.
    pub on: &'static str,
    /// One that is off.
    pub off: &'static str,
    /// No quiet hours.
    pub none: &'static str,
    /// Of one source: as the chat has it.
    pub as_chat: &'static str,
    /// Messages come at once.
    pub at_once: &'static str,
    /// They come at the full hour.
    pub hourly: &'static str,
    /// They come once a day.
    pub daily: &'static str,
    /// They come once a week.
    pub weekly: &'static str,
    /// Once a day; given the time.
    pub daily_at: fn(&str) -> String,
    /// Once a week; given the day of the week and the time.
    pub weekly_at: fn(&str, &str) -> String,
    /// Quiet hours in which messages wait; given the hours.
    pub quiet_deferred: fn(&str) -> String,
    /// Quiet hours in which they come without a sound; given the hours.
    pub quiet_silent: fn(&str) -> String,
    /// The title only.
    pub summary_title: &'static str,
    /// The title and the beginning.
    pub summary_lead: &'static str,
    /// As much as fits.
    pub summary_long: &'static str,
    /// No words decide.
    pub all_entries: &'static str,
    /// Only entries with these words.
    pub only_with: fn(&str) -> String,
    /// No entries with these words.
    pub only_without: fn(&str) -> String,
    /// Above the languages.
    pub which_lang: &'static str,
    /// Above the zones; given the one that holds and the time there.
    pub which_zone: fn(&str, &str) -> String,
    /// Above the rhythms.
    pub which_rhythm: &'static str,
    /// Above the hours.
    pub which_hour: &'static str,
    /// Above the days of the week.
    pub which_weekday: &'static str,
    /// Above the quiet hours.
    pub which_quiet: &'static str,
    /// Above the lengths.
    pub which_summary: &'static str,
    /// Above the hours of the daily message of counters.
    pub which_daily: &'static str,
    /// Above the sources that can have settings of their own.
    pub which_own: &'static str,
    /// How words are chosen.
    pub words_usage: &'static str,
    /// How many of the newest entries a filter would have let through, and of how many.
    pub would_have_come: fn(i64, i64) -> String,
    /// `/zone` with a name that is none.
    pub zone_usage: &'static str,
    /// The same with a name that is like others; given these.
    pub zone_near: fn(&str) -> String,
    /// After a zone was chosen; given its name and the time there.
    pub zone_set: fn(&str, &str) -> String,
    /// `/privacy`.
    pub privacy: &'static str,
    /// Below it, after `/stop`; given the time until which all can be restored.
    pub privacy_kept: fn(&str) -> String,
    /// Below the file of `/export`.
    pub export: &'static str,
    /// `/export` where nothing is kept.
    pub nothing_kept: &'static str,
    /// To subscribers: since when new entries of a source are being checked.
    pub being_checked: fn(&str) -> String,
    /// To the operator: that a list is held.
    pub held: &'static str,
    /// Why: none of so many entries is known.
    pub held_none_known: fn(i64) -> String,
    /// Why: so many are unknown, of so many.
    pub held_many_unknown: fn(i64, i64) -> String,
    /// Why: so many are unknown, and so many came within a day before them.
    pub held_too_many: fn(i64, i64) -> String,
    /// How many of the held entries would be posted.
    pub held_would_post: fn(i64) -> String,
    /// Below the first entries of a list: how many more there are.
    pub and_more: fn(i64) -> String,
    /// When a held list is adopted if nobody decides.
    pub held_until: fn(&str) -> String,
    /// To post what is held.
    pub post_them: &'static str,
    /// To store it without posting.
    pub store_silently: &'static str,
    /// To decide later.
    pub keep_waiting: &'static str,
    /// What was decided: to post.
    pub held_posting: &'static str,
    /// To store.
    pub held_storing: &'static str,
    /// To wait; given until when.
    pub held_waiting: fn(&str) -> String,
    /// That there is nothing to decide any more.
    pub held_over: &'static str,
    /// That a held list was adopted because nobody decided; given how many entries were stored.
    pub held_adopted: fn(i64) -> String,
    /// That the known list is back.
    pub held_released: &'static str,
    /// How many entries of the held list are gone without having been posted.
    pub held_unposted: fn(i64) -> String,
    /// That a source cannot be read; given since when.
    pub failing: fn(&str) -> String,
    /// That its server says it is gone for good.
    pub gone: &'static str,
    /// That it can be read again; given since when it could not.
    pub recovered: fn(&str) -> String,
    /// What the commands in the menu do.
    pub menu: MenuPhrases,
}

impl Lang {
    /// What the bot says in it.
    pub fn phrases(self) -> &'static Phrases {
        match self {
            Lang::En => &self::en::PHRASES,
            Lang::Ru => &self::ru::PHRASES,
            Lang::Uk => &self::uk::PHRASES,
            Lang::De => &self::de::PHRASES,
            Lang::Fr => &self::fr::PHRASES,
            Lang::Es => &self::es::PHRASES,
        }
    }

    /// A day as it is written in it.
    pub fn day(self, on: NaiveDate) -> String {
        self::locale::day(self, on)
    }

    /// The month of a day, with the year.
    pub fn month(self, on: NaiveDate) -> String {
        self::locale::month(self, on)
    }

    /// A day of the week.
    pub fn weekday(self, day: Weekday) -> String {
        self::locale::weekday(self, day)
    }

    /// The names of cities, and of countries with one time zone, in it, with their zones. Made anew at
    /// each call.
    pub fn zone_names(self) -> Vec<(String, chrono_tz::Tz)> {
        self::city::names(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_for_a_moment_is_short() {
        for lang in Lang::ALL {
            let p = lang.phrases();
            let short = [
                p.admins_only,
                p.admins_unknown,
                p.slow_down,
                p.button_old,
                p.saved,
                p.search_again,
                p.fetching,
                p.counter_removed,
                p.counter_unknown,
                p.not_subscribed,
                p.subscribed_to,
                p.unsubscribed_from,
                p.unknown_source,
                p.nothing_to_restore,
            ];
            for words in short {
                assert!(words.chars().count() <= 200, "{words}");
            }
            let too_many = (p.too_many_sources)(10_000) + " " + p.restorable_counts;
            assert!(too_many.chars().count() <= 200, "{too_many}");
        }
    }
}
