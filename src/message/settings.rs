//! The pages of the settings: the effective values, and buttons that change them.
//!
//! Out of scope: which setting does what (`domain::setting`), and storing them.

use super::{
    html::{Html, cut},
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{
        Action, Button, DetailLevel, EffectiveSettings, Frequency, Message, QuietHours, Setting,
        SettingsOverrides, SourceId, SourceOverview, Zone,
        callback::{Keyboard, SettingsPage, Target},
        filter::Filter,
        local_time::{self, clock},
        setting::ClearFilter,
    },
    lang::Lang,
};
use chrono::{DateTime, Utc, Weekday};
use chrono_tz::Tz;

/// The longest name on a button, and the longest words that are shown, in UTF-16 units.
const NAME_UNITS_MAX: usize = 36;
const WORDS_UNITS_MAX: usize = 300;
/// Sources with a button for settings of their own.
const SOURCES_MAX: usize = 40;
/// Entries that a preview of a filter lists.
const PREVIEW_MAX: usize = 5;
/// The zones that have a button. Every other one is typed.
const ZONES: [Tz; 20] = [
    Tz::UTC,
    Tz::Europe__London,
    Tz::Europe__Berlin,
    Tz::Europe__Paris,
    Tz::Europe__Madrid,
    Tz::Europe__Kyiv,
    Tz::Europe__Istanbul,
    Tz::Europe__Moscow,
    Tz::Asia__Tbilisi,
    Tz::Asia__Dubai,
    Tz::Asia__Yekaterinburg,
    Tz::Asia__Kolkata,
    Tz::Asia__Almaty,
    Tz::Asia__Shanghai,
    Tz::Asia__Tokyo,
    Tz::Australia__Sydney,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Los_Angeles,
    Tz::America__Sao_Paulo,
];
/// The hours of a day that have a button.
const HOURS: [u16; 16] = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
/// The quiet hours that have a button, from and to.
const NIGHTS: [(u16, u16); 4] = [(21, 7), (22, 7), (22, 8), (23, 9)];
/// The days of the week, as they are numbered.
const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// The settings of a place, or of one source in it, with what their pages need.
#[derive(Clone, Copy, Debug)]
pub struct SettingsView<'a> {
    /// The place, if it is not the one where the message is shown.
    pub target: Target,
    /// The source whose settings they are, with its title; `None` for those of the chat.
    pub source: Option<(SourceId, &'a str)>,
    /// The overrides of the source, or of the chat.
    pub overrides: &'a SettingsOverrides,
    /// The effective settings.
    pub settings: &'a EffectiveSettings,
    /// The minute of the daily counter message.
    pub daily: Option<u16>,
    /// The sources of the place.
    pub sources: &'a [SourceOverview],
    /// The language of the message.
    pub lang: Lang,
    /// The language of the chat whose settings they are.
    pub chat_lang: Lang,
    /// The commands that take a channel first, for the forms that are shown.
    pub channel_commands: &'a [&'static str],
    /// The current time.
    pub now: DateTime<Utc>,
}

/// Returns a page of the settings.
pub fn settings(view: SettingsView<'_>, page: SettingsPage) -> Message {
    let phrases = view.lang.phrases();
    let (text, mut buttons) = match page {
        SettingsPage::Main => return main(view),
        SettingsPage::Lang => (phrases.which_lang.to_owned(), langs(view)),
        SettingsPage::Zone => {
            let local = view.now.with_timezone(&view.settings.zone).format("%H:%M").to_string();
            let text = (phrases.which_zone)(&view.settings.zone.to_string(), &local);
            (view.typed(&text), zones(view))
        }
        SettingsPage::Frequency => (phrases.which_frequency.to_owned(), frequencies(view)),
        SettingsPage::Daily => (view.typed(phrases.which_hour), daily_hours(view)),
        SettingsPage::Weekly => (phrases.which_weekday.to_owned(), weekdays(view)),
        SettingsPage::QuietHours => (view.typed(phrases.which_quiet), nights(view)),
        SettingsPage::Detail => (phrases.which_summary.to_owned(), detail_levels(view)),
        SettingsPage::Words => (words_text(view), words(view)),
        SettingsPage::Counters => (phrases.which_daily.to_owned(), counter_hours(view)),
        SettingsPage::Sources => (phrases.which_own.to_owned(), sources(view)),
    };
    let back = match page {
        SettingsPage::Daily | SettingsPage::Weekly => SettingsPage::Frequency,
        _ => SettingsPage::Main,
    };
    buttons.push(vec![view.link(phrases.back, back)]);
    Message::new(Html::new().text(&text).into_string()).with_buttons(buttons)
}

impl SettingsView<'_> {
    fn source_id(&self) -> Option<SourceId> {
        self.source.map(|(id, _)| id)
    }

    /// Returns a text with its commands as they are typed here about this place.
    fn typed(&self, text: &str) -> String {
        super::with_channel(text, self.target, self.channel_commands)
    }

    /// Returns a button that leads to a page.
    fn link(&self, text: &str, page: SettingsPage) -> Button {
        Button::new(text, &Action::Settings(self.target, self.source_id(), page))
    }

    /// Returns a button that changes a setting, with a tick if that is the current value.
    fn choice(&self, text: &str, setting: Setting, is_current: bool) -> Button {
        let text = if is_current { format!("✓ {text}") } else { text.to_owned() };
        Button::new(text, &Action::Set(self.target, self.source_id(), setting))
    }

    /// Returns the row of a source that inherits a setting from the chat, with a tick if it does.
    fn inherit(&self, setting: Setting, is_current: bool) -> Keyboard {
        match self.source {
            Some(_) => vec![vec![self.choice(self.lang.phrases().as_chat, setting, is_current)]],
            None => Vec::new(),
        }
    }
}

/// A setting on the main page: a line of the text, and a button.
struct SettingRow {
    label: &'static str,
    value: String,
    button: Button,
}

/// Returns the settings in the order in which they are shown.
fn setting_rows(view: SettingsView<'_>) -> Vec<SettingRow> {
    let SettingsView { settings, overrides, lang, .. } = view;
    let phrases = lang.phrases();
    let (frequency, quiet) = (settings.frequency, settings.quiet_hours);
    let page =
        |label, value: String, page| SettingRow { label, value, button: view.link(label, page) };
    let inheritable = |label, value: String, is_overridden: bool, to| {
        page(label, inherited(view, value, is_overridden), to)
    };
    let toggle =
        |label, is_on: bool, overridden: Option<bool>, set: fn(Option<bool>) -> Setting| {
            // For a source a switch alternates between the opposite of the chat's value and
            // inheriting.
            let next =
                if view.source.is_some() && overridden.is_some() { None } else { Some(!is_on) };
            let value = if is_on { phrases.on } else { phrases.off };
            SettingRow {
                label,
                value: inherited(view, value.to_owned(), overridden.is_some()),
                button: view.choice(label, set(next), is_on),
            }
        };
    let mut rows = Vec::new();
    if view.source.is_none() {
        let chat_lang = view.chat_lang.name().to_owned();
        rows.push(page(phrases.language, chat_lang, SettingsPage::Lang));
        rows.push(page(phrases.zone, settings.zone.to_string(), SettingsPage::Zone));
    }
    rows.extend([
        inheritable(
            phrases.frequency,
            frequency_words(frequency, lang),
            overrides.frequency.is_some(),
            SettingsPage::Frequency,
        ),
        inheritable(
            phrases.quiet,
            quiet_hours(quiet, lang),
            overrides.quiet_hours.is_some(),
            SettingsPage::QuietHours,
        ),
        inheritable(
            phrases.summary,
            detail(settings.detail, lang).to_owned(),
            overrides.detail.is_some(),
            SettingsPage::Detail,
        ),
        inheritable(
            phrases.words,
            filter_words(&settings.filter, lang),
            overrides.filter.is_some(),
            SettingsPage::Words,
        ),
        toggle(phrases.counters_below, settings.counters, overrides.counters, Setting::Counters),
        toggle(phrases.preview, settings.preview, overrides.preview, Setting::Preview),
        toggle(phrases.milestones, settings.milestones, overrides.milestones, Setting::Milestones),
    ]);
    if view.source.is_none() {
        let daily = view.daily.map_or(phrases.off.to_owned(), |m| (phrases.daily_at)(&clock(m)));
        rows.push(page(phrases.daily_counters, daily, SettingsPage::Counters));
    }
    rows
}

/// Returns the words for a value, with a note if a source inherits it.
fn inherited(view: SettingsView<'_>, value: String, is_overridden: bool) -> String {
    match view.source {
        Some(_) if !is_overridden => format!("{value} ({})", view.lang.phrases().as_chat),
        _ => value,
    }
}

/// Returns all settings with their values.
fn main(view: SettingsView<'_>) -> Message {
    let phrases = view.lang.phrases();
    let head = match view.source {
        Some((_, title)) => cut(title, SOURCE_UNITS_MAX),
        None if view.target.is_some() => phrases.settings_of_channel.to_owned(),
        None => phrases.settings.to_owned(),
    };
    let rows = setting_rows(view);
    let mut html = Html::new().bold(&head).text("\n");
    for row in &rows {
        html = html.text("\n").text(row.label).text(phrases.colon).bold(&row.value);
    }
    let mut buttons = in_rows(&rows.into_iter().map(|row| row.button).collect::<Vec<_>>(), 2);
    if view.source.is_some() {
        let all = Action::Settings(view.target, None, SettingsPage::Sources);
        buttons.push(vec![Button::new(phrases.back, &all)]);
    } else if view.sources.iter().any(|source| source.is_subscribed) {
        buttons.push(vec![view.link(phrases.each_source, SettingsPage::Sources)]);
    }
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Returns a frequency in words.
fn frequency_words(frequency: Frequency, lang: Lang) -> String {
    let phrases = lang.phrases();
    match frequency {
        Frequency::Immediate => phrases.at_once.to_owned(),
        Frequency::Hourly => phrases.hourly.to_owned(),
        Frequency::Daily(minute) => (phrases.daily_at)(&clock(minute)),
        Frequency::Weekly(day, minute) => {
            let day = WEEK[usize::from(day % 7)];
            (phrases.weekly_at)(&lang.weekday(day), &clock(minute))
        }
    }
}

/// Returns a filter in one line.
pub fn filter_words(filter: &Filter, lang: Lang) -> String {
    let phrases = lang.phrases();
    let with = (phrases.only_with)(&cut(&filter.with.to_string(), 60));
    let without = (phrases.only_without)(&cut(&filter.without.to_string(), 60));
    match (filter.with.is_empty(), filter.without.is_empty()) {
        (true, true) => phrases.all_entries.to_owned(),
        (false, true) => with,
        (true, false) => without,
        (false, false) => format!("{with}, {without}"),
    }
}

fn quiet_hours(quiet: QuietHours, lang: Lang) -> String {
    let phrases = lang.phrases();
    let hours = |from, to| format!("{}–{}", clock(from), clock(to));
    match quiet {
        QuietHours::Off => phrases.none.to_owned(),
        QuietHours::Deferred(from, to) => (phrases.quiet_deferred)(&hours(from, to)),
        QuietHours::Silent(from, to) => (phrases.quiet_silent)(&hours(from, to)),
    }
}

fn detail(summary: DetailLevel, lang: Lang) -> &'static str {
    let phrases = lang.phrases();
    match summary {
        DetailLevel::Title => phrases.summary_title,
        DetailLevel::Lead => phrases.summary_lead,
        DetailLevel::Long => phrases.summary_long,
    }
}

fn in_rows(buttons: &[Button], in_a_row: usize) -> Keyboard {
    buttons.chunks(in_a_row).map(<[Button]>::to_vec).collect()
}

fn langs(view: SettingsView<'_>) -> Keyboard {
    let button = |lang: Lang| view.choice(lang.name(), Setting::Lang(lang), lang == view.chat_lang);
    in_rows(&Lang::ALL.map(button), 2)
}

fn zones(view: SettingsView<'_>) -> Keyboard {
    let button = |zone: Tz| {
        let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        let zone = Zone::Named(zone);
        view.choice(&city, Setting::Zone(zone), zone == view.settings.zone)
    };
    in_rows(&ZONES.map(button), 2)
}

fn frequencies(view: SettingsView<'_>) -> Keyboard {
    let phrases = view.lang.phrases();
    let current = view.settings.frequency;
    let set = |text: &str, frequency: Frequency| {
        view.choice(text, Setting::Frequency(Some(frequency)), current == frequency)
    };
    let mut rows = vec![
        vec![set(phrases.at_once, Frequency::Immediate), set(phrases.hourly, Frequency::Hourly)],
        vec![
            view.link(phrases.daily, SettingsPage::Daily),
            view.link(phrases.weekly, SettingsPage::Weekly),
        ],
    ];
    rows.extend(view.inherit(Setting::Frequency(None), view.overrides.frequency.is_none()));
    rows
}

fn daily_hours(view: SettingsView<'_>) -> Keyboard {
    let button = |hour: u16| {
        let setting = Setting::Frequency(Some(Frequency::Daily(hour * 60)));
        view.choice(&clock(hour * 60), setting, false)
    };
    in_rows(&HOURS.map(button), 4)
}

fn weekdays(view: SettingsView<'_>) -> Keyboard {
    // A button sets the day together with the hour that was set before, or 9:00.
    let minute = match view.settings.frequency {
        Frequency::Daily(minute) | Frequency::Weekly(_, minute) => minute,
        Frequency::Immediate | Frequency::Hourly => 9 * 60,
    };
    let button = |day: Weekday| {
        let frequency =
            Frequency::Weekly(u8::try_from(day.num_days_from_monday()).unwrap_or(0), minute);
        let text = format!("{} {}", view.lang.weekday(day), clock(minute));
        view.choice(
            &text,
            Setting::Frequency(Some(frequency)),
            view.settings.frequency == frequency,
        )
    };
    in_rows(&WEEK.map(button), 2)
}

fn nights(view: SettingsView<'_>) -> Keyboard {
    let phrases = view.lang.phrases();
    let current = view.settings.quiet_hours;
    let set = |text: &str, quiet: QuietHours| {
        view.choice(text, Setting::QuietHours(Some(quiet)), current == quiet)
    };
    let mut rows = vec![vec![set(phrases.none, QuietHours::Off)]];
    for (from, to) in NIGHTS {
        let hours = format!("{}–{}", clock(from * 60), clock(to * 60));
        rows.push(vec![
            set(&(phrases.quiet_deferred)(&hours), QuietHours::Deferred(from * 60, to * 60)),
            set(&(phrases.quiet_silent)(&hours), QuietHours::Silent(from * 60, to * 60)),
        ]);
    }
    rows.extend(view.inherit(Setting::QuietHours(None), view.overrides.quiet_hours.is_none()));
    rows
}

fn detail_levels(view: SettingsView<'_>) -> Keyboard {
    let set = |level: DetailLevel| {
        let text = detail(level, view.lang);
        vec![view.choice(text, Setting::Detail(Some(level)), view.settings.detail == level)]
    };
    let mut rows = [DetailLevel::Title, DetailLevel::Lead, DetailLevel::Long].map(set).to_vec();
    rows.extend(view.inherit(Setting::Detail(None), view.overrides.detail.is_none()));
    rows
}

fn words_text(view: SettingsView<'_>) -> String {
    let phrases = view.lang.phrases();
    let filter = &view.settings.filter;
    let mut text = String::new();
    for (list, say) in [(&filter.with, phrases.only_with), (&filter.without, phrases.only_without)]
    {
        if !list.is_empty() {
            text += &say(&cut(&list.to_string(), WORDS_UNITS_MAX));
            text += "\n";
        }
    }
    let usage = view.typed(phrases.words_usage);
    format!("{text}{}{usage}", if text.is_empty() { "" } else { "\n" })
}

fn words(view: SettingsView<'_>) -> Keyboard {
    let phrases = view.lang.phrases();
    if view.overrides.filter.is_some() {
        vec![vec![view.choice(phrases.all_entries, Setting::Filter(ClearFilter), false)]]
    } else {
        Vec::new()
    }
}

fn counter_hours(view: SettingsView<'_>) -> Keyboard {
    let phrases = view.lang.phrases();
    let off = view.choice(phrases.off, Setting::DailyCounters(None), view.daily.is_none());
    let mut rows = vec![vec![off]];
    let button = |hour: u16| {
        let minute = hour * 60;
        let is_current = view.daily == Some(minute);
        view.choice(&clock(minute), Setting::DailyCounters(Some(minute)), is_current)
    };
    rows.extend(in_rows(&HOURS.map(button), 4));
    rows
}

fn sources(view: SettingsView<'_>) -> Keyboard {
    let mine = view.sources.iter().filter(|source| source.is_subscribed).take(SOURCES_MAX);
    let button = |source: &SourceOverview| {
        let mark = if source.has_settings { "⚙️ " } else { "" };
        let text = format!("{mark}{}", cut(&source.title, NAME_UNITS_MAX));
        vec![Button::new(
            text,
            &Action::Settings(view.target, Some(source.source_id), SettingsPage::Main),
        )]
    };
    mine.map(button).collect()
}

/// Returns what a filter would have let through of the newest entries.
pub fn filter_preview(opening: &str, passed: &[&str], looked_at: usize, lang: Lang) -> Message {
    let phrases = lang.phrases();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut html = Html::new().text(opening);
    if looked_at > 0 {
        let would = (phrases.would_have_come)(count(passed.len()), count(looked_at));
        let would = match passed {
            [] => format!("{}.", would.trim_end_matches([':', ' ', '\u{a0}', '\u{202f}'])),
            _ => would,
        };
        html = html.text("\n\n").text(&would);
    }
    for title in passed.iter().take(PREVIEW_MAX) {
        html = html.text("\n• ").text(&cut(title, 120));
    }
    if passed.len() > PREVIEW_MAX {
        html = html.text("\n…");
    }
    Message::new(html.into_string())
}

/// Returns the local time in a zone.
pub fn local_time(zone: Zone, now: DateTime<Utc>) -> String {
    clock(local_time::minute_of_day(zone, now))
}
