//! Buttons below a message, and what a press of one asks for.
//!
//! Promises: what a button carries is at most 64 bytes, begins with the version of its form, and is
//! read back whole or not at all: a button of another version is no action, never a wrong one.
//! Leaves out: who may do what it asks for (`bot`); a press can be made up by anybody.

use super::{
    ChatId, ChatKind, EntryRef, HoldDecision, HoldRef, Place, ThreadId, Zone,
    settings::{DetailLevel, Frequency, QuietHours},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The most bytes that a button may carry.
pub const DATA_BYTES_MAX: usize = 64;
/// The version of the form. Another one when the meaning of something changes.
const VERSION: &str = "1";

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What is on it.
    pub text: String,
    /// What a press does.
    pub press: ButtonKind,
}

/// What a press does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// The bot is told this.
    Callback(String),
    /// An address is opened.
    Url(String),
}

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

impl Button {
    /// A button that asks the bot for something.
    pub fn new(text: impl Into<String>, action: &Action) -> Self {
        Button { text: text.into(), press: ButtonKind::Callback(action.encode()) }
    }

    /// A button that opens an address.
    pub fn open(text: impl Into<String>, address: impl Into<String>) -> Self {
        Button { text: text.into(), press: ButtonKind::Url(address.into()) }
    }
}

/// The place whose settings a button is about; `None`: the one where it stands.
pub type Target = Option<Place>;

/// Where a page of the archive begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// With the newest.
    First,
    /// With what is older than this entry, by its day and number.
    OlderThan(NaiveDate, i64),
    /// With what is newer than it.
    NewerThan(NaiveDate, i64),
}

/// Which entries an archive shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// Of this source; `None`: of all that concern the place.
    pub source_id: Option<i64>,
    /// Of this month, given as its first day.
    pub month_on: Option<NaiveDate>,
    /// Which page of them.
    pub cursor: Cursor,
}

/// A page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPage {
    /// All of them.
    Main,
    /// The languages.
    Lang,
    /// The time zones.
    Zone,
    /// When messages come.
    Frequency,
    /// The hours of the daily message.
    Daily,
    /// The days and hours of the weekly one.
    Weekly,
    /// When nothing rings.
    QuietHours,
    /// How much is shown.
    Detail,
    /// The words.
    Words,
    /// The daily message of the counters.
    Counters,
    /// The sources, each with settings of its own.
    Sources,
}

/// A setting and its new value; `None`: as the chat has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// The language, by its code.
    Lang(String),
    /// The time zone.
    Zone(Zone),
    /// When messages come.
    Frequency(Option<Frequency>),
    /// When none ring.
    QuietHours(Option<QuietHours>),
    /// How much is shown.
    Detail(Option<DetailLevel>),
    /// The page's counters below messages.
    Counters(Option<bool>),
    /// A preview of the page.
    Preview(Option<bool>),
    /// Milestones of counters.
    Milestones(Option<bool>),
    /// The minute of the day of the daily message of counters; `None`: there is none.
    DailyCounters(Option<u16>),
    /// No words decide.
    NoWords,
}

/// What a press asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A part of a whole statement, from 0.
    Read(EntryRef, u32),
    /// The newest entry.
    Latest,
    /// The counters.
    Counters,
    /// The sources to choose among: a page of them, from 0.
    Sources(Target, u32),
    /// To subscribe a source or to end that.
    Subscribe(Target, i64, bool),
    /// A page of the archive.
    Archive(ArchiveQuery),
    /// The sources that an archive can be of.
    ArchiveSources,
    /// The months of a year (`None`: of the newest) that an archive can be of.
    ArchiveMonths(Option<i64>, Option<i32>),
    /// Further hits of the search whose words the message shows.
    Search(Cursor),
    /// A page of the settings: of the chat, or of a source in it.
    Settings(Target, Option<i64>, SettingsPage),
    /// A new value of a setting, the same.
    Set(Target, Option<i64>, Setting),
    /// To subscribe the page that was looked at under this number, or to say that it is not right.
    Watch(Target, i64, bool),
    /// To remove a counter of the chat's own.
    RemoveCounter(Target, i64),
    /// What is to become of a list that is held.
    Hold(HoldRef, HoldDecision),
    /// To bring back what `/stop` ended.
    Restore(Target),
}

impl Action {
    /// What the button carries.
    pub fn encode(&self) -> String {
        let number = |n: &Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let parts = match self {
            Action::Read(handle, part) => format!("r:{handle}:{part}"),
            Action::Latest => "l".to_owned(),
            Action::Counters => "c".to_owned(),
            Action::Sources(target, page) => format!("so:{}:{page}", to_text(*target)),
            Action::Subscribe(target, source_id, is_on) => {
                format!("sb:{}:{source_id}:{}", to_text(*target), u8::from(*is_on))
            }
            Action::Archive(view) => format!("a:{}", view_text(view)),
            Action::ArchiveSources => "as".to_owned(),
            Action::ArchiveMonths(source_id, year) => {
                format!("am:{}:{}", number(source_id), number(&year.map(i64::from)))
            }
            Action::Search(cursor) => format!("q:{}", cursor_text(*cursor)),
            Action::Settings(target, source_id, page) => {
                format!("p:{}:{}:{}", to_text(*target), number(source_id), page.code())
            }
            Action::Set(target, source_id, setting) => {
                format!("v:{}:{}:{}", to_text(*target), number(source_id), setting.code())
            }
            Action::Watch(target, probe_id, is_right) => {
                format!("w:{}:{probe_id}:{}", to_text(*target), u8::from(*is_right))
            }
            Action::RemoveCounter(target, id) => format!("rc:{}:{id}", to_text(*target)),
            Action::Hold(hold, decision) => {
                format!("h:{}:{}:{}", hold.source_id, hold.since_s, decision.as_str())
            }
            Action::Restore(target) => format!("re:{}", to_text(*target)),
        };
        let data = format!("{VERSION}:{parts}");
        debug_assert!(data.len() <= DATA_BYTES_MAX, "{data}");
        data
    }

    /// What a button of this version asks for; `None`: it is of another one, or made up.
    pub fn decode(data: &str) -> Option<Self> {
        let mut parts = data.splitn(5, ':');
        if parts.next()? != VERSION || data.len() > DATA_BYTES_MAX {
            return None;
        }
        let name = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        let action = match (name, &rest[..]) {
            ("r", [entry, part]) => Action::Read(entry.parse().ok()?, part.parse().ok()?),
            ("l", []) => Action::Latest,
            ("c", []) => Action::Counters,
            ("so", [target, page]) => Action::Sources(of_text(target)?, page.parse().ok()?),
            ("sb", [target, source, is_on]) => {
                Action::Subscribe(of_text(target)?, source.parse().ok()?, flag(is_on)?)
            }
            ("a", [source, month, cursor]) => Action::Archive(ArchiveQuery {
                source_id: optional(source)?,
                month_on: match *month {
                    "" => None,
                    month => Some(format!("{month}-01").parse().ok()?),
                },
                cursor: cursor_of(cursor)?,
            }),
            ("as", []) => Action::ArchiveSources,
            ("am", [source, year]) => {
                let year = optional(year)?.map(i32::try_from).transpose().ok()?;
                Action::ArchiveMonths(optional(source)?, year)
            }
            ("q", [cursor]) => Action::Search(cursor_of(cursor)?),
            ("p", [target, source, page]) => {
                Action::Settings(of_text(target)?, optional(source)?, SettingsPage::of_code(page)?)
            }
            ("v", [target, source, setting]) => {
                Action::Set(of_text(target)?, optional(source)?, Setting::of_code(setting)?)
            }
            ("w", [target, probe, is_right]) => {
                Action::Watch(of_text(target)?, probe.parse().ok()?, flag(is_right)?)
            }
            ("h", [source, since, decision]) => {
                let hold =
                    HoldRef { source_id: source.parse().ok()?, since_s: since.parse().ok()? };
                Action::Hold(hold, HoldDecision::parse(decision)?)
            }
            ("rc", [target, id]) => Action::RemoveCounter(of_text(target)?, id.parse().ok()?),
            ("re", [target]) => Action::Restore(of_text(target)?),
            _ => return None,
        };
        Some(action)
    }

    /// The place that it is about, if that is not the one where the button stands.
    pub fn target(&self) -> Target {
        match self {
            Action::Sources(target, _)
            | Action::Subscribe(target, ..)
            | Action::Settings(target, ..)
            | Action::Set(target, ..)
            | Action::Watch(target, ..)
            | Action::RemoveCounter(target, _)
            | Action::Restore(target) => *target,
            _ => None,
        }
    }

    /// Whether only admins may do it, in a chat of this sort: what changes what the place gets; and in a
    /// channel, where a press changes what all see, the ways there.
    pub fn needs_rights(&self, kind: ChatKind) -> bool {
        match kind {
            ChatKind::Private => false,
            ChatKind::Group => self.changes(),
            ChatKind::Channel => {
                self.changes() || matches!(self, Action::Settings(..) | Action::Sources(..))
            }
        }
    }

    fn changes(&self) -> bool {
        matches!(
            self,
            Action::Subscribe(..)
                | Action::Set(..)
                | Action::Watch(..)
                | Action::RemoveCounter(..)
                | Action::Restore(_)
        )
    }
}

fn to_text(target: Target) -> String {
    target.map(|place| place.to_string()).unwrap_or_default()
}

fn of_text(text: &str) -> Option<Target> {
    if text.is_empty() {
        return Some(None);
    }
    let (chat, thread) = match text.split_once('/') {
        Some((chat, thread)) => (chat, Some(ThreadId(thread.parse().ok()?))),
        None => (text, None),
    };
    Some(Some(Place { chat: ChatId(chat.parse().ok()?), thread }))
}

fn optional(text: &str) -> Option<Option<i64>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn view_text(view: &ArchiveQuery) -> String {
    let source = view.source_id.map(|id| id.to_string()).unwrap_or_default();
    let month = view.month_on.map(|on| on.format("%Y-%m").to_string()).unwrap_or_default();
    format!("{source}:{month}:{}", cursor_text(view.cursor))
}

fn cursor_text(cursor: Cursor) -> String {
    match cursor {
        Cursor::First => String::new(),
        Cursor::OlderThan(on, id) => format!("<{on}.{id}"),
        Cursor::NewerThan(on, id) => format!(">{on}.{id}"),
    }
}

fn cursor_of(text: &str) -> Option<Cursor> {
    if text.is_empty() {
        return Some(Cursor::First);
    }
    let (on, id) = text.get(1..)?.split_once('.')?;
    let (on, id) = (on.parse().ok()?, id.parse().ok()?);
    match &text[..1] {
        "<" => Some(Cursor::OlderThan(on, id)),
        ">" => Some(Cursor::NewerThan(on, id)),
        _ => None,
    }
}

impl SettingsPage {
    const ALL: [(SettingsPage, &'static str); 11] = [
        (SettingsPage::Main, "m"),
        (SettingsPage::Lang, "l"),
        (SettingsPage::Zone, "z"),
        (SettingsPage::Frequency, "r"),
        (SettingsPage::Daily, "d"),
        (SettingsPage::Weekly, "k"),
        (SettingsPage::QuietHours, "q"),
        (SettingsPage::Detail, "y"),
        (SettingsPage::Words, "w"),
        (SettingsPage::Counters, "c"),
        (SettingsPage::Sources, "s"),
    ];

    fn code(self) -> &'static str {
        Self::ALL.iter().find(|(page, _)| *page == self).map_or("m", |(_, code)| code)
    }

    fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(page, _)| *page)
    }
}

/// A value that was not chosen.
const UNSET: &str = "-";

impl Setting {
    fn code(&self) -> String {
        let flag = |name: &str, value: &Option<bool>| match value {
            Some(is_on) => format!("{name}{}", u8::from(*is_on)),
            None => format!("{name}{UNSET}"),
        };
        match self {
            Setting::Lang(code) => format!("l{code}"),
            Setting::Zone(zone) => format!("z{}", zone.name()),
            Setting::Frequency(None) => format!("r{UNSET}"),
            Setting::Frequency(Some(Frequency::AtOnce)) => "ra".to_owned(),
            Setting::Frequency(Some(Frequency::Hourly)) => "rh".to_owned(),
            Setting::Frequency(Some(Frequency::Daily(minute))) => format!("rd{minute}"),
            Setting::Frequency(Some(Frequency::Weekly(day, minute))) => format!("rw{day}.{minute}"),
            Setting::QuietHours(None) => format!("q{UNSET}"),
            Setting::QuietHours(Some(QuietHours::Off)) => "q0".to_owned(),
            Setting::QuietHours(Some(QuietHours::Deferred(from, to))) => format!("qd{from}.{to}"),
            Setting::QuietHours(Some(QuietHours::Silent(from, to))) => format!("qs{from}.{to}"),
            Setting::Detail(None) => format!("y{UNSET}"),
            Setting::Detail(Some(DetailLevel::Title)) => "yt".to_owned(),
            Setting::Detail(Some(DetailLevel::Lead)) => "yl".to_owned(),
            Setting::Detail(Some(DetailLevel::Long)) => "yg".to_owned(),
            Setting::Counters(value) => flag("c", value),
            Setting::Preview(value) => flag("p", value),
            Setting::Milestones(value) => flag("m", value),
            Setting::DailyCounters(None) => format!("d{UNSET}"),
            Setting::DailyCounters(Some(minute)) => format!("d{minute}"),
            Setting::NoWords => "w".to_owned(),
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        let mut chars = code.chars();
        let name = chars.next()?;
        let value = chars.as_str();
        let minute =
            |text: &str| text.parse().ok().filter(|m: &u16| *m < super::local_time::MINUTES);
        let pair = |text: &str| {
            let (from, to) = text.split_once('.')?;
            Some((minute(from)?, minute(to)?))
        };
        let switch = || if value == UNSET { Some(None) } else { flag(value).map(Some) };
        let setting = match (name, value) {
            ('l', code) => Setting::Lang(code.to_owned()),
            ('z', name) => Setting::Zone(name.parse().ok()?),
            ('r', UNSET) => Setting::Frequency(None),
            ('r', "a") => Setting::Frequency(Some(Frequency::AtOnce)),
            ('r', "h") => Setting::Frequency(Some(Frequency::Hourly)),
            ('r', value) if value.starts_with('d') => {
                Setting::Frequency(Some(Frequency::Daily(minute(&value[1..])?)))
            }
            ('r', value) if value.starts_with('w') => {
                let (day, at) = value[1..].split_once('.')?;
                let day = day.parse().ok().filter(|day: &u8| *day < 7)?;
                Setting::Frequency(Some(Frequency::Weekly(day, minute(at)?)))
            }
            ('q', UNSET) => Setting::QuietHours(None),
            ('q', "0") => Setting::QuietHours(Some(QuietHours::Off)),
            ('q', value) if value.starts_with('d') => {
                let (from, to) = pair(&value[1..])?;
                Setting::QuietHours(Some(QuietHours::Deferred(from, to)))
            }
            ('q', value) if value.starts_with('s') => {
                let (from, to) = pair(&value[1..])?;
                Setting::QuietHours(Some(QuietHours::Silent(from, to)))
            }
            ('y', UNSET) => Setting::Detail(None),
            ('y', "t") => Setting::Detail(Some(DetailLevel::Title)),
            ('y', "l") => Setting::Detail(Some(DetailLevel::Lead)),
            ('y', "g") => Setting::Detail(Some(DetailLevel::Long)),
            ('c', _) => Setting::Counters(switch()?),
            ('p', _) => Setting::Preview(switch()?),
            ('m', _) => Setting::Milestones(switch()?),
            ('d', UNSET) => Setting::DailyCounters(None),
            ('d', value) => Setting::DailyCounters(Some(minute(value)?)),
            ('w', "") => Setting::NoWords,
            _ => return None,
        };
        Some(setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn actions() -> Vec<Action> {
        let on = "2026-07-15".parse().unwrap();
        let channel = Some(Place::of(-1_009_999_999_999));
        let topic =
            Some(Place { chat: ChatId(-1_009_999_999_999), thread: Some(ThreadId(i32::MAX)) });
        let mut actions = vec![
            Action::Read(EntryRef { entry_id: 17, secret: 0 }, 0),
            Action::Read(EntryRef { entry_id: i64::MAX, secret: u32::MAX }, 9999),
            Action::Latest,
            Action::Counters,
            Action::Sources(None, 0),
            Action::Sources(channel, 99),
            Action::Subscribe(topic, 999_999, true),
            Action::Archive(ArchiveQuery {
                source_id: None,
                month_on: None,
                cursor: Cursor::First,
            }),
            Action::Archive(ArchiveQuery {
                source_id: Some(999_999),
                month_on: Some("2026-07-01".parse().unwrap()),
                cursor: Cursor::OlderThan(on, 999_999_999_999),
            }),
            Action::ArchiveSources,
            Action::ArchiveMonths(Some(7), Some(2026)),
            Action::ArchiveMonths(None, None),
            Action::Search(Cursor::NewerThan(on, 7)),
            Action::Watch(None, 12, false),
            Action::Watch(topic, 999_999_999, true),
            Action::RemoveCounter(channel, 4),
            Action::Restore(None),
            Action::Restore(topic),
        ];
        for (page, _) in SettingsPage::ALL {
            actions.push(Action::Settings(topic, Some(999_999), page));
        }
        let settings = [
            Setting::Lang("uk".to_owned()),
            Setting::Zone(Zone::Named(chrono_tz::America::Argentina::Buenos_Aires)),
            Setting::Frequency(None),
            Setting::Frequency(Some(Frequency::AtOnce)),
            Setting::Frequency(Some(Frequency::Hourly)),
            Setting::Frequency(Some(Frequency::Daily(1439))),
            Setting::Frequency(Some(Frequency::Weekly(6, 1439))),
            Setting::QuietHours(None),
            Setting::QuietHours(Some(QuietHours::Off)),
            Setting::QuietHours(Some(QuietHours::Deferred(1320, 420))),
            Setting::QuietHours(Some(QuietHours::Silent(0, 1439))),
            Setting::Detail(None),
            Setting::Detail(Some(DetailLevel::Title)),
            Setting::Detail(Some(DetailLevel::Lead)),
            Setting::Detail(Some(DetailLevel::Long)),
            Setting::Counters(None),
            Setting::Preview(Some(true)),
            Setting::Milestones(Some(false)),
            Setting::DailyCounters(None),
            Setting::DailyCounters(Some(540)),
            Setting::NoWords,
        ];
        actions.extend(settings.map(|setting| Action::Set(channel, Some(999_999), setting)));
        actions
    }

    #[test]
    fn every_action_fits_on_a_button_and_is_read_back() {
        for action in actions() {
            let data = action.encode();
            assert!(data.len() <= DATA_BYTES_MAX, "{data}");
            assert_eq!(Action::decode(&data), Some(action), "{data}");
        }
    }

    #[test]
    fn what_is_of_another_version_or_made_up_is_no_action() {
        let made_up = [
            "",
            "1",
            "1:",
            "2:l",
            "1:l:x",
            "1:r:x:1",
            "1:re",
            "1:re:x",
            "1:re:1:1",
            "1:v:::rd1440",
            "1:a::13:",
            "1:q:é1.2",
            "1:v:::rdé",
        ];
        for data in made_up {
            assert_eq!(Action::decode(data), None, "{data}");
        }
    }

    proptest! {
        #[test]
        fn no_data_breaks_the_reader(data in "1?:?[a-z]{0,2}:\\PC{0,40}", raw in "\\PC{0,70}") {
            Action::decode(&data);
            Action::decode(&raw);
        }
    }
}
