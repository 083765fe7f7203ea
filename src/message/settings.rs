//! The pages of the settings: what holds, and buttons for what may hold instead.

use super::{
    html::{Html, cut},
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{
        Action, Button, DetailLevel, EffectiveSettings, Frequency, Message, QuietHours,
        SettingsOverrides, SourceOverview, Zone,
        callback::{Keyboard, Setting, SettingsPage, Target},
        filter::Filter,
        local_time::{self, clock},
    },
    lang::Lang,
};
use chrono::{DateTime, Utc, Weekday};
use chrono_tz::Tz;

/// The longest name on a button, and the longest words that are shown, in UTF-16 units.
const NAME_UNITS_MAX: usize = 36;
const WORDS_UNITS_MAX: usize = 300;
/// Sources that have a button for settings of their own.
const SOURCES_MAX: usize = 40;
/// The zones that have a button; every other is typed.
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
const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// What the settings of a place are about.
#[derive(Clone, Copy, Debug)]
pub struct SettingsView<'a> {
    /// The place, if it is not the one where the message stands.
    pub target: Target,
    /// The source whose settings they are; else they are those of the chat.
    pub source: Option<(i64, &'a str)>,
    /// What was chosen for it; of a chat, for the chat.
    pub chosen: &'a SettingsOverrides,
    /// What holds.
    pub settings: &'a EffectiveSettings,
    /// The minute of the daily message of counters.
    pub daily: Option<u16>,
    /// The sources of the place.
    pub cards: &'a [SourceOverview],
    /// The language of the message.
    pub lang: Lang,
    /// The language of the chat that it is about.
    pub chat_lang: Lang,
    /// The time.
    pub now: DateTime<Utc>,
}

/// A page of the settings.
pub fn settings(scene: SettingsView<'_>, page: SettingsPage) -> Message {
    let phrases = scene.lang.phrases();
    let (text, mut buttons) = match page {
        SettingsPage::Main => return main(scene),
        SettingsPage::Lang => (phrases.which_lang.to_owned(), langs(scene)),
        SettingsPage::Zone => {
            let local = scene.now.with_timezone(&scene.settings.zone).format("%H:%M").to_string();
            let text = (phrases.which_zone)(&scene.settings.zone.to_string(), &local);
            (super::with_channel(&text, scene.target), zones(scene))
        }
        SettingsPage::Frequency => (phrases.which_rhythm.to_owned(), frequencies(scene)),
        SettingsPage::Daily => (
            super::with_channel(phrases.which_hour, scene.target),
            hours(scene, |minute| Setting::Frequency(Some(Frequency::Daily(minute)))),
        ),
        SettingsPage::Weekly => (phrases.which_weekday.to_owned(), weekdays(scene)),
        SettingsPage::QuietHours => {
            (super::with_channel(phrases.which_quiet, scene.target), nights(scene))
        }
        SettingsPage::Detail => (phrases.which_summary.to_owned(), detail_levels(scene)),
        SettingsPage::Words => (words_text(scene), words(scene)),
        SettingsPage::Counters => (phrases.which_daily.to_owned(), daily(scene)),
        SettingsPage::Sources => (phrases.which_own.to_owned(), sources(scene)),
    };
    let back = if page == SettingsPage::Daily || page == SettingsPage::Weekly {
        SettingsPage::Frequency
    } else {
        SettingsPage::Main
    };
    buttons.push(vec![scene.to(phrases.back, back)]);
    Message::new(Html::new().text(&text).into_string()).with_buttons(buttons)
}

impl SettingsView<'_> {
    fn source_id(&self) -> Option<i64> {
        self.source.map(|(id, _)| id)
    }

    /// A button that leads to a page.
    fn to(&self, text: &str, page: SettingsPage) -> Button {
        Button::new(text, &Action::Settings(self.target, self.source_id(), page))
    }

    /// A button that sets something; a tick is on it where it is so.
    fn set(&self, text: &str, setting: Setting, is_so: bool) -> Button {
        let text = if is_so { format!("✓ {text}") } else { text.to_owned() };
        Button::new(text, &Action::Set(self.target, self.source_id(), setting))
    }

    /// The row that takes back a choice for one source.
    fn unset(&self, setting: Setting, is_so: bool) -> Keyboard {
        match self.source {
            Some(_) => vec![vec![self.set(self.lang.phrases().as_chat, setting, is_so)]],
            None => Vec::new(),
        }
    }
}

fn main(scene: SettingsView<'_>) -> Message {
    let SettingsView { settings, lang, chosen, .. } = scene;
    let phrases = lang.phrases();
    let own = |text: String, is_chosen: bool| match scene.source {
        Some(_) if !is_chosen => format!("{text} ({})", phrases.as_chat),
        _ => text,
    };
    let switch = |is_on: bool| if is_on { phrases.on } else { phrases.off };
    let words = filter_words(&settings.filter, lang);
    let mut rows = vec![
        (phrases.rhythm, own(frequency(settings.frequency, lang), chosen.frequency.is_some())),
        (phrases.quiet, own(quiet_hours(settings.quiet_hours, lang), chosen.quiet_hours.is_some())),
        (phrases.summary, own(detail(settings.detail, lang).to_owned(), chosen.detail.is_some())),
        (phrases.words, own(words, chosen.filter.is_some())),
        (
            phrases.counters_below,
            own(switch(settings.counters).to_owned(), chosen.counters.is_some()),
        ),
        (phrases.preview, own(switch(settings.preview).to_owned(), chosen.preview.is_some())),
        (
            phrases.milestones,
            own(switch(settings.milestones).to_owned(), chosen.milestones.is_some()),
        ),
    ];
    let is_chat = scene.source.is_none();
    if is_chat {
        let daily = scene.daily.map_or(phrases.off.to_owned(), |m| (phrases.daily_at)(&clock(m)));
        rows.push((phrases.daily_counters, daily));
        rows.insert(0, (phrases.zone, settings.zone.to_string()));
        rows.insert(0, (phrases.language, scene.chat_lang.name().to_owned()));
    }
    let head = match scene.source {
        Some((_, title)) => cut(title, SOURCE_UNITS_MAX),
        None if scene.target.is_some() => phrases.settings_of_channel.to_owned(),
        None => phrases.settings.to_owned(),
    };
    let mut html = Html::new().bold(&head).text("\n");
    for (name, value) in rows {
        html = html.text("\n").text(name).text(phrases.colon).bold(&value);
    }
    // For one source a choice is the other way round, or none: as the chat has it.
    let toggle = |chosen: Option<bool>, holds: bool| match (scene.source, chosen) {
        (Some(_), Some(_)) => None,
        _ => Some(!holds),
    };
    let mut buttons = vec![
        vec![
            scene.to(phrases.rhythm, SettingsPage::Frequency),
            scene.to(phrases.quiet, SettingsPage::QuietHours),
        ],
        vec![
            scene.to(phrases.summary, SettingsPage::Detail),
            scene.to(phrases.words, SettingsPage::Words),
        ],
        vec![
            scene.set(
                phrases.counters_below,
                Setting::Counters(toggle(chosen.counters, settings.counters)),
                settings.counters,
            ),
            scene.set(
                phrases.preview,
                Setting::Preview(toggle(chosen.preview, settings.preview)),
                settings.preview,
            ),
        ],
        vec![scene.set(
            phrases.milestones,
            Setting::Milestones(toggle(chosen.milestones, settings.milestones)),
            settings.milestones,
        )],
    ];
    if is_chat {
        buttons.insert(
            0,
            vec![
                scene.to(phrases.language, SettingsPage::Lang),
                scene.to(phrases.zone, SettingsPage::Zone),
            ],
        );
        if let Some(row) = buttons.last_mut() {
            row.push(scene.to(phrases.daily_counters, SettingsPage::Counters));
        }
        if scene.cards.iter().any(|card| card.is_subscribed) {
            buttons.push(vec![scene.to(phrases.each_source, SettingsPage::Sources)]);
        }
    } else {
        let all = Action::Settings(scene.target, None, SettingsPage::Sources);
        buttons.push(vec![Button::new(phrases.back, &all)]);
    }
    Message::new(html.into_string()).with_buttons(buttons)
}

/// When messages come, in words.
pub fn frequency(rhythm: Frequency, lang: Lang) -> String {
    let phrases = lang.phrases();
    match rhythm {
        Frequency::AtOnce => phrases.at_once.to_owned(),
        Frequency::Hourly => phrases.hourly.to_owned(),
        Frequency::Daily(minute) => (phrases.daily_at)(&clock(minute)),
        Frequency::Weekly(day, minute) => {
            let day = WEEK[usize::from(day % 7)];
            (phrases.weekly_at)(&lang.weekday(day), &clock(minute))
        }
    }
}

/// The words that decide, in a line.
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

fn in_rows(buttons: Vec<Button>, in_a_row: usize) -> Keyboard {
    buttons.chunks(in_a_row).map(<[Button]>::to_vec).collect()
}

fn langs(scene: SettingsView<'_>) -> Keyboard {
    let button = |lang: Lang| {
        scene.set(lang.name(), Setting::Lang(lang.code().to_owned()), lang == scene.chat_lang)
    };
    in_rows(Lang::ALL.map(button).to_vec(), 2)
}

fn zones(scene: SettingsView<'_>) -> Keyboard {
    let button = |zone: Tz| {
        let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        let zone = Zone::Named(zone);
        scene.set(&city, Setting::Zone(zone), zone == scene.settings.zone)
    };
    in_rows(ZONES.map(button).to_vec(), 2)
}

fn frequencies(scene: SettingsView<'_>) -> Keyboard {
    let phrases = scene.lang.phrases();
    let holds = scene.settings.frequency;
    let set = |text: &str, rhythm: Frequency| {
        scene.set(text, Setting::Frequency(Some(rhythm)), holds == rhythm)
    };
    let mut rows = vec![
        vec![set(phrases.at_once, Frequency::AtOnce), set(phrases.hourly, Frequency::Hourly)],
        vec![
            scene.to(phrases.daily, SettingsPage::Daily),
            scene.to(phrases.weekly, SettingsPage::Weekly),
        ],
    ];
    rows.extend(scene.unset(Setting::Frequency(None), scene.chosen.frequency.is_none()));
    rows
}

fn hours(scene: SettingsView<'_>, setting: impl Fn(u16) -> Setting) -> Keyboard {
    let button = |hour: u16| scene.set(&clock(hour * 60), setting(hour * 60), false);
    in_rows(HOURS.map(button).to_vec(), 4)
}

fn weekdays(scene: SettingsView<'_>) -> Keyboard {
    // The day is chosen, and with it the hour that the chat named before, or the morning.
    let minute = match scene.settings.frequency {
        Frequency::Daily(minute) | Frequency::Weekly(_, minute) => minute,
        Frequency::AtOnce | Frequency::Hourly => 9 * 60,
    };
    let button = |day: Weekday| {
        let rhythm =
            Frequency::Weekly(u8::try_from(day.num_days_from_monday()).unwrap_or(0), minute);
        let text = format!("{} {}", scene.lang.weekday(day), clock(minute));
        scene.set(&text, Setting::Frequency(Some(rhythm)), scene.settings.frequency == rhythm)
    };
    in_rows(WEEK.map(button).to_vec(), 2)
}

fn nights(scene: SettingsView<'_>) -> Keyboard {
    let phrases = scene.lang.phrases();
    let holds = scene.settings.quiet_hours;
    let set = |text: &str, quiet: QuietHours| {
        scene.set(text, Setting::QuietHours(Some(quiet)), holds == quiet)
    };
    let mut rows = vec![vec![set(phrases.none, QuietHours::Off)]];
    for (from, to) in NIGHTS {
        let hours = format!("{}–{}", clock(from * 60), clock(to * 60));
        rows.push(vec![
            set(&(phrases.quiet_deferred)(&hours), QuietHours::Deferred(from * 60, to * 60)),
            set(&(phrases.quiet_silent)(&hours), QuietHours::Silent(from * 60, to * 60)),
        ]);
    }
    rows.extend(scene.unset(Setting::QuietHours(None), scene.chosen.quiet_hours.is_none()));
    rows
}

fn detail_levels(scene: SettingsView<'_>) -> Keyboard {
    let set = |is: DetailLevel| {
        let text = detail(is, scene.lang);
        vec![scene.set(text, Setting::Detail(Some(is)), scene.settings.detail == is)]
    };
    let mut rows = [DetailLevel::Title, DetailLevel::Lead, DetailLevel::Long].map(set).to_vec();
    rows.extend(scene.unset(Setting::Detail(None), scene.chosen.detail.is_none()));
    rows
}

fn words_text(scene: SettingsView<'_>) -> String {
    let phrases = scene.lang.phrases();
    let filter = &scene.settings.filter;
    let mut text = String::new();
    for (list, say) in [(&filter.with, phrases.only_with), (&filter.without, phrases.only_without)]
    {
        if !list.is_empty() {
            text += &say(&cut(&list.to_string(), WORDS_UNITS_MAX));
            text += "\n";
        }
    }
    let usage = super::with_channel(phrases.words_usage, scene.target);
    format!("{text}{}{usage}", if text.is_empty() { "" } else { "\n" })
}

fn words(scene: SettingsView<'_>) -> Keyboard {
    let phrases = scene.lang.phrases();
    let has_any = scene.chosen.filter.is_some();
    if has_any {
        vec![vec![scene.set(phrases.all_entries, Setting::NoWords, false)]]
    } else {
        Vec::new()
    }
}

fn daily(scene: SettingsView<'_>) -> Keyboard {
    let phrases = scene.lang.phrases();
    let off = scene.set(phrases.off, Setting::DailyCounters(None), scene.daily.is_none());
    let mut rows = vec![vec![off]];
    let button = |hour: u16| {
        let minute = hour * 60;
        let is_so = scene.daily == Some(minute);
        scene.set(&clock(minute), Setting::DailyCounters(Some(minute)), is_so)
    };
    rows.extend(in_rows(HOURS.map(button).to_vec(), 4));
    rows
}

fn sources(scene: SettingsView<'_>) -> Keyboard {
    let mine = scene.cards.iter().filter(|card| card.is_subscribed).take(SOURCES_MAX);
    let button = |card: &SourceOverview| {
        let mark = if card.has_settings { "⚙️ " } else { "" };
        let text = format!("{mark}{}", cut(&card.title, NAME_UNITS_MAX));
        vec![Button::new(
            text,
            &Action::Settings(scene.target, Some(card.source_id), SettingsPage::Main),
        )]
    };
    mine.map(button).collect()
}

/// What a filter would have done with the newest entries.
pub fn filter_preview(opening: &str, passed: &[&str], looked_at: usize, lang: Lang) -> Message {
    let phrases = lang.phrases();
    const SHOWN_MAX: usize = 5;
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
    for title in passed.iter().take(SHOWN_MAX) {
        html = html.text("\n• ").text(&cut(title, 120));
    }
    if passed.len() > SHOWN_MAX {
        html = html.text("\n…");
    }
    Message::new(html.into_string())
}

/// What the clocks of a zone show.
pub fn local_time(zone: Zone, now: DateTime<Utc>) -> String {
    clock(local_time::minute_of_day(zone, now))
}
