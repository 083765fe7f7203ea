//! Buttons below a message, and the codec of their callback data.
//!
//! Guarantees: encoded data is at most 64 bytes and begins with a version. It is decoded whole or
//! not at all, so a button of another version is no action and never a wrong one.
//! Out of scope: whether a user may do what a button says (`bot`). Any client can make up callback
//! data.

use super::{
    ChatKind, EntryRef, HoldDecision, HoldRef, Place, SourceId,
    archive::{ArchiveQuery, Cursor},
    callback_field::{Field, Reader, Writer, field_enum},
    setting::Setting,
};
use serde::{Deserialize, Serialize};

/// The most bytes of callback data that Telegram accepts.
pub const DATA_BYTES_MAX: usize = 64;
/// The version of the encoding. It changes when the meaning of a code changes.
const VERSION: &str = "1";

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The label.
    pub text: String,
    /// What pressing it does.
    pub press: ButtonKind,
}

/// What pressing a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// Sends this callback data to the bot.
    Callback(String),
    /// Opens an address.
    Url(String),
}

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

impl Button {
    /// Returns a button that sends an action to the bot.
    pub fn new(text: impl Into<String>, action: &Action) -> Self {
        Button { text: text.into(), press: ButtonKind::Callback(action.encode()) }
    }

    /// Returns a button that opens an address.
    pub fn open(text: impl Into<String>, address: impl Into<String>) -> Self {
        Button { text: text.into(), press: ButtonKind::Url(address.into()) }
    }
}

/// The place that a button acts on; `None` is the place of the message that it belongs to.
pub type Target = Option<Place>;

field_enum! {
    /// A page of the settings.
    pub enum SettingsPage {
        /// All settings with their values.
        Main = "m",
        /// The languages.
        Lang = "l",
        /// The time zones.
        Zone = "z",
        /// The frequencies.
        Frequency = "r",
        /// The hours of the daily message.
        Daily = "d",
        /// The days of the weekly message.
        Weekly = "k",
        /// The quiet hours.
        QuietHours = "q",
        /// The detail levels.
        Detail = "y",
        /// The filter.
        Words = "w",
        /// The hours of the daily counter message.
        Counters = "c",
        /// The sources, each with settings of its own.
        Sources = "s",
    }
}

field_enum! {
    /// What a button in the list of sources does.
    pub enum SubscriptionChange {
        /// Ends the subscription.
        Unsubscribe = "0",
        /// Subscribes to the source.
        Subscribe = "1",
    }
}

field_enum! {
    /// A user's answer to the preview of a page that they want to add.
    pub enum WatchAnswer {
        /// The list is misread.
        Wrong = "0",
        /// The list is right: subscribe to the page.
        Right = "1",
    }
}

/// What a button asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Show a part of a full text, counted from 0.
    Read(EntryRef, u32),
    /// Show the newest entry.
    Latest,
    /// Show the counters.
    Counters,
    /// Show a page of the sources, counted from 0.
    Sources(Target, u32),
    /// Change the subscription to a source.
    Subscribe(Target, SourceId, SubscriptionChange),
    /// Show a page of the archive.
    Archive(ArchiveQuery),
    /// Show the sources that an archive can be limited to.
    ArchiveSources,
    /// Show the months that an archive can be limited to, of a source and a year. Without a year it
    /// is the newest one.
    ArchiveMonths(Option<SourceId>, Option<i32>),
    /// Show further hits of the search whose words the message contains.
    Search(Cursor),
    /// Show a page of the settings of the chat, or of a source in it.
    Settings(Target, Option<SourceId>, SettingsPage),
    /// Change a setting of the chat, or of a source in it.
    Set(Target, Option<SourceId>, Setting),
    /// Accept or reject a watch candidate.
    Watch(Target, i64, WatchAnswer),
    /// Remove a custom counter.
    RemoveCounter(Target, i64),
    /// Decide about a held list.
    Hold(HoldRef, HoldDecision),
    /// Restore what `/stop` removed.
    Restore(Target),
}

impl Action {
    /// Returns the callback data of a button for this action.
    pub fn encode(&self) -> String {
        let writer = |name| Writer::new(VERSION).text(name);
        let writer = match self {
            Action::Read(entry, part) => writer("r").text(entry).text(part),
            Action::Latest => writer("l"),
            Action::Counters => writer("c"),
            Action::Sources(target, page) => writer("so").field(target).text(page),
            Action::Subscribe(target, source_id, change) => {
                writer("sb").field(target).text(source_id).field(change)
            }
            Action::Archive(query) => {
                writer("a").field(&query.source_id).month(query.month_on).field(&query.cursor)
            }
            Action::ArchiveSources => writer("as"),
            Action::ArchiveMonths(source_id, year) => writer("am").field(source_id).field(year),
            Action::Search(cursor) => writer("q").field(cursor),
            Action::Settings(target, source_id, page) => {
                writer("p").field(target).field(source_id).field(page)
            }
            Action::Set(target, source_id, setting) => {
                writer("v").field(target).field(source_id).field(setting)
            }
            Action::Watch(target, candidate_id, answer) => {
                writer("w").field(target).text(candidate_id).field(answer)
            }
            Action::RemoveCounter(target, id) => writer("rc").field(target).text(id),
            Action::Hold(hold, decision) => {
                writer("h").text(hold.source_id).text(hold.since_s).field(decision)
            }
            Action::Restore(target) => writer("re").field(target),
        };
        let data = writer.finish();
        debug_assert!(data.len() <= DATA_BYTES_MAX, "{data}");
        data
    }

    /// Returns the action of callback data, or `None` if the data is of another version or made up.
    pub fn decode(data: &str) -> Option<Self> {
        if data.len() > DATA_BYTES_MAX {
            return None;
        }
        let mut reader = Reader::new(data);
        if reader.text()? != VERSION {
            return None;
        }
        let action = Self::read(&mut reader)?;
        reader.end()?;
        Some(action)
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(match reader.text()? {
            "r" => Action::Read(reader.parse()?, reader.parse()?),
            "l" => Action::Latest,
            "c" => Action::Counters,
            "so" => Action::Sources(reader.field()?, reader.parse()?),
            "sb" => Action::Subscribe(reader.field()?, reader.parse()?, reader.field()?),
            "a" => Action::Archive(ArchiveQuery {
                source_id: reader.field()?,
                month_on: reader.month()?,
                cursor: reader.field()?,
            }),
            "as" => Action::ArchiveSources,
            "am" => Action::ArchiveMonths(reader.field()?, reader.field()?),
            "q" => Action::Search(reader.field()?),
            "p" => Action::Settings(reader.field()?, reader.field()?, reader.field()?),
            "v" => Action::Set(reader.field()?, reader.field()?, reader.field()?),
            "w" => Action::Watch(reader.field()?, reader.parse()?, reader.field()?),
            "h" => {
                let hold = HoldRef { source_id: reader.parse()?, since_s: reader.parse()? };
                Action::Hold(hold, reader.field()?)
            }
            "rc" => Action::RemoveCounter(reader.field()?, reader.parse()?),
            "re" => Action::Restore(reader.field()?),
            _ => return None,
        })
    }

    /// Returns the place that the action is about, if that is not the place of the message.
    pub fn target(&self) -> Target {
        match self {
            Action::Sources(target, _)
            | Action::Subscribe(target, ..)
            | Action::Settings(target, ..)
            | Action::Set(target, ..)
            | Action::Watch(target, ..)
            | Action::RemoveCounter(target, _)
            | Action::Restore(target) => *target,
            Action::Read(..)
            | Action::Latest
            | Action::Counters
            | Action::Archive(_)
            | Action::ArchiveSources
            | Action::ArchiveMonths(..)
            | Action::Search(_)
            | Action::Hold(..) => None,
        }
    }

    /// Whether only admins may do it in a chat of this kind. In groups that is what changes the
    /// subscriptions or settings; in channels also what leads there, since an edited message
    /// changes for all readers.
    pub fn requires_admin(&self, kind: ChatKind) -> bool {
        match kind {
            ChatKind::Private => false,
            ChatKind::Group => self.changes_place(),
            ChatKind::Channel => {
                self.changes_place() || matches!(self, Action::Settings(..) | Action::Sources(..))
            }
        }
    }

    fn changes_place(&self) -> bool {
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

impl Field for HoldDecision {
    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        HoldDecision::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ChatId, DetailLevel, EntryId, Frequency, Lang, QuietHours, ThreadId, Zone,
        setting::ClearFilter,
    };
    use proptest::prelude::*;

    fn actions() -> Vec<Action> {
        let on = "2026-07-15".parse().unwrap();
        let channel = Some(Place::of(-1_009_999_999_999));
        let topic =
            Some(Place { chat: ChatId(-1_009_999_999_999), thread: Some(ThreadId(i32::MAX)) });
        let mut actions = vec![
            Action::Read(EntryRef { entry_id: EntryId(17), secret: 0 }, 0),
            Action::Read(EntryRef { entry_id: EntryId(i64::MAX), secret: u32::MAX }, 9999),
            Action::Latest,
            Action::Counters,
            Action::Sources(None, 0),
            Action::Sources(channel, 99),
            Action::Archive(ArchiveQuery {
                source_id: None,
                month_on: None,
                cursor: Cursor::First,
            }),
            Action::Archive(ArchiveQuery {
                source_id: Some(SourceId(999_999)),
                month_on: Some("2026-07-01".parse().unwrap()),
                cursor: Cursor::OlderThan(on, EntryId(999_999_999_999)),
            }),
            Action::ArchiveSources,
            Action::ArchiveMonths(Some(SourceId(7)), Some(2026)),
            Action::ArchiveMonths(None, None),
            Action::Search(Cursor::NewerThan(on, EntryId(7))),
            Action::Watch(None, 12, WatchAnswer::Wrong),
            Action::RemoveCounter(channel, 4),
            Action::Restore(None),
            Action::Restore(topic),
        ];
        for change in SubscriptionChange::ALL {
            actions.push(Action::Subscribe(topic, SourceId(999_999), *change));
        }
        for answer in WatchAnswer::ALL {
            actions.push(Action::Watch(topic, 999_999_999, *answer));
        }
        for page in SettingsPage::ALL {
            actions.push(Action::Settings(topic, Some(SourceId(999_999)), *page));
        }
        let settings = [
            Setting::Lang(Lang::Uk),
            Setting::Zone(Zone::Named(chrono_tz::America::Argentina::Buenos_Aires)),
            Setting::Frequency(None),
            Setting::Frequency(Some(Frequency::Immediate)),
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
            Setting::Filter(ClearFilter),
        ];
        actions
            .extend(settings.map(|setting| Action::Set(channel, Some(SourceId(999_999)), setting)));
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

    /// Buttons in old messages carry these codes, so they must not change.
    #[test]
    fn codes_are_frozen() {
        let on = "2026-07-15".parse().unwrap();
        let topic = Some(Place { chat: ChatId(-1001), thread: Some(ThreadId(7)) });
        let archive = ArchiveQuery {
            source_id: Some(SourceId(3)),
            month_on: Some("2026-07-01".parse().unwrap()),
            cursor: Cursor::OlderThan(on, EntryId(9)),
        };
        let hold = HoldRef { source_id: SourceId(3), since_s: 1_784_000_000 };
        let cases = [
            (Action::Read(EntryRef { entry_id: EntryId(17), secret: 5 }, 2), "1:r:17-5:2"),
            (Action::Latest, "1:l"),
            (Action::Counters, "1:c"),
            (Action::Sources(None, 0), "1:so::0"),
            (
                Action::Subscribe(topic, SourceId(3), SubscriptionChange::Subscribe),
                "1:sb:-1001/7:3:1",
            ),
            (Action::Subscribe(None, SourceId(3), SubscriptionChange::Unsubscribe), "1:sb::3:0"),
            (Action::Archive(archive), "1:a:3:2026-07:<2026-07-15.9"),
            (Action::ArchiveSources, "1:as"),
            (Action::ArchiveMonths(None, Some(2026)), "1:am::2026"),
            (Action::Search(Cursor::NewerThan(on, EntryId(9))), "1:q:>2026-07-15.9"),
            (Action::Settings(None, Some(SourceId(3)), SettingsPage::QuietHours), "1:p::3:q"),
            (Action::Watch(None, 12, WatchAnswer::Right), "1:w::12:1"),
            (Action::RemoveCounter(topic, 4), "1:rc:-1001/7:4"),
            (Action::Hold(hold, HoldDecision::Post), "1:h:3:1784000000:post"),
            (Action::Restore(None), "1:re:"),
        ];
        for (action, data) in cases {
            assert_eq!(action.encode(), data);
        }
        let settings = [
            (Setting::Lang(Lang::Uk), "luk"),
            (Setting::Zone(Zone::of_minutes(330).unwrap()), "zUTC+05:30"),
            (Setting::Frequency(None), "r-"),
            (Setting::Frequency(Some(Frequency::Immediate)), "ra"),
            (Setting::Frequency(Some(Frequency::Hourly)), "rh"),
            (Setting::Frequency(Some(Frequency::Daily(540))), "rd540"),
            (Setting::Frequency(Some(Frequency::Weekly(6, 540))), "rw6.540"),
            (Setting::QuietHours(Some(QuietHours::Off)), "q0"),
            (Setting::QuietHours(Some(QuietHours::Deferred(1320, 420))), "qd1320.420"),
            (Setting::QuietHours(Some(QuietHours::Silent(1320, 420))), "qs1320.420"),
            (Setting::Detail(Some(DetailLevel::Title)), "yt"),
            (Setting::Detail(Some(DetailLevel::Lead)), "yl"),
            (Setting::Detail(Some(DetailLevel::Long)), "yg"),
            (Setting::Counters(Some(true)), "c1"),
            (Setting::Preview(Some(false)), "p0"),
            (Setting::Milestones(None), "m-"),
            (Setting::DailyCounters(None), "d-"),
            (Setting::DailyCounters(Some(540)), "d540"),
            (Setting::Filter(ClearFilter), "w"),
        ];
        for (setting, code) in settings {
            let data = format!("1:v:::{code}");
            assert_eq!(Action::Set(None, None, setting).encode(), data);
            assert_eq!(Action::decode(&data), Some(Action::Set(None, None, setting)));
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
