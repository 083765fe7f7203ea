//! The settings that a user can change, one row each: its code in callback data, the type of its
//! value, and what it changes in the settings overrides.
//!
//! Guarantees: a setting is written and read by its row alone. Two rows with the same code do not
//! compile.
//!
//! To add a setting: a row here, and `SettingValue` for its type; a field in `SettingsOverrides`
//! and `EffectiveSettings` (`domain::settings`); its buttons in `message::settings`; and their
//! phrases in `lang`. What is not stored as an override needs an arm in `bot::commands::settings`.
//! Out of scope: labels (`message::settings`), and storing the overrides (`store`).

use super::{
    Lang, SettingsOverrides, Zone,
    callback_field::Field,
    local_time::MINUTES,
    settings::{DetailLevel, Frequency, QuietHours},
};

/// An override that is not set.
const UNSET: &str = "-";

/// Defines [`Setting`] with its codec and its effect. A row is
/// `Name(type of the value) = code, effect on the overrides`.
macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident($value:ty) = $code:literal, $apply:expr;)+) => {
        /// A setting with its new value.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Setting { $($(#[$doc])* $name($value),)+ }

        impl Setting {
            /// Writes the new value into overrides. What the store keeps elsewhere, the language
            /// and the daily counter message, changes nothing here.
            pub fn apply(self, overrides: &mut SettingsOverrides) {
                match self {
                    $(Setting::$name(value) => {
                        let apply: fn(&mut SettingsOverrides, $value) = $apply;
                        apply(overrides, value);
                    })+
                }
            }
        }

        impl Field for Setting {
            fn write(&self) -> String {
                match self {
                    $(Setting::$name(value) => format!("{}{}", $code, value.write_value()),)+
                }
            }

            fn read(text: &str) -> Option<Self> {
                let mut chars = text.chars();
                let code = chars.next()?;
                let value = chars.as_str();
                Some(match code {
                    $($code => Setting::$name(SettingValue::read_value(value)?),)+
                    _ => return None,
                })
            }
        }
    };
}

settings! {
    /// The language of the chat.
    Lang(Lang) = 'l', |_, _| {};
    /// The time zone of the chat.
    Zone(Zone) = 'z', |overrides, zone| overrides.zone = Some(zone);
    /// When entries are sent; `None` inherits.
    Frequency(Option<Frequency>) = 'r', |overrides, value| overrides.frequency = value;
    /// The quiet hours; `None` inherits.
    QuietHours(Option<QuietHours>) = 'q', |overrides, value| overrides.quiet_hours = value;
    /// How much of an entry is shown; `None` inherits.
    Detail(Option<DetailLevel>) = 'y', |overrides, value| overrides.detail = value;
    /// Whether messages end with the counters of their page; `None` inherits.
    Counters(Option<bool>) = 'c', |overrides, value| overrides.counters = value;
    /// Whether messages have a link preview; `None` inherits.
    Preview(Option<bool>) = 'p', |overrides, value| overrides.preview = value;
    /// Whether milestones of counters are announced; `None` inherits.
    Milestones(Option<bool>) = 'm', |overrides, value| overrides.milestones = value;
    /// The minute of the day of the daily counter message; `None` turns it off.
    DailyCounters(Option<Minute>) = 'd', |_, _| {};
    /// Removes the filter. A new one is typed, as `/words`.
    Filter(ClearFilter) = 'w', |overrides, ClearFilter| overrides.filter = None;
}

/// A minute of the day.
type Minute = u16;

/// The only value of a filter that fits on a button: none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearFilter;

/// A value of a setting as it follows the code.
trait SettingValue: Sized {
    fn write_value(&self) -> String;
    fn read_value(text: &str) -> Option<Self>;
}

impl<T: SettingValue> SettingValue for Option<T> {
    fn write_value(&self) -> String {
        self.as_ref().map_or_else(|| UNSET.to_owned(), SettingValue::write_value)
    }

    fn read_value(text: &str) -> Option<Self> {
        if text == UNSET { Some(None) } else { T::read_value(text).map(Some) }
    }
}

impl SettingValue for Lang {
    fn write_value(&self) -> String {
        self.code().to_owned()
    }

    // An unknown code is English, as everywhere.
    fn read_value(text: &str) -> Option<Self> {
        Some(Lang::parse(text))
    }
}

impl SettingValue for Zone {
    fn write_value(&self) -> String {
        self.name()
    }

    fn read_value(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl SettingValue for bool {
    fn write_value(&self) -> String {
        u8::from(*self).to_string()
    }

    fn read_value(text: &str) -> Option<Self> {
        match text {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }
}

impl SettingValue for Minute {
    fn write_value(&self) -> String {
        self.to_string()
    }

    fn read_value(text: &str) -> Option<Self> {
        text.parse().ok().filter(|minute| *minute < MINUTES)
    }
}

/// From and to, in minutes of the day.
impl SettingValue for (Minute, Minute) {
    fn write_value(&self) -> String {
        format!("{}.{}", self.0, self.1)
    }

    fn read_value(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('.')?;
        Some((Minute::read_value(from)?, Minute::read_value(to)?))
    }
}

impl SettingValue for Frequency {
    fn write_value(&self) -> String {
        match self {
            Frequency::Immediate => "a".to_owned(),
            Frequency::Hourly => "h".to_owned(),
            Frequency::Daily(minute) => format!("d{minute}"),
            Frequency::Weekly(day, minute) => format!("w{day}.{minute}"),
        }
    }

    fn read_value(text: &str) -> Option<Self> {
        match text {
            "a" => return Some(Frequency::Immediate),
            "h" => return Some(Frequency::Hourly),
            _ => {}
        }
        if let Some(minute) = text.strip_prefix('d') {
            return Minute::read_value(minute).map(Frequency::Daily);
        }
        let (day, minute) = text.strip_prefix('w')?.split_once('.')?;
        let day = day.parse().ok().filter(|day: &u8| *day < 7)?;
        Some(Frequency::Weekly(day, Minute::read_value(minute)?))
    }
}

impl SettingValue for QuietHours {
    fn write_value(&self) -> String {
        match *self {
            QuietHours::Off => "0".to_owned(),
            QuietHours::Deferred(from, to) => format!("d{}", (from, to).write_value()),
            QuietHours::Silent(from, to) => format!("s{}", (from, to).write_value()),
        }
    }

    fn read_value(text: &str) -> Option<Self> {
        if text == "0" {
            return Some(QuietHours::Off);
        }
        if let Some(hours) = text.strip_prefix('d') {
            let (from, to) = SettingValue::read_value(hours)?;
            return Some(QuietHours::Deferred(from, to));
        }
        let (from, to) = SettingValue::read_value(text.strip_prefix('s')?)?;
        Some(QuietHours::Silent(from, to))
    }
}

impl SettingValue for DetailLevel {
    fn write_value(&self) -> String {
        match self {
            DetailLevel::Title => "t",
            DetailLevel::Lead => "l",
            DetailLevel::Long => "g",
        }
        .to_owned()
    }

    fn read_value(text: &str) -> Option<Self> {
        match text {
            "t" => Some(DetailLevel::Title),
            "l" => Some(DetailLevel::Lead),
            "g" => Some(DetailLevel::Long),
            _ => None,
        }
    }
}

impl SettingValue for ClearFilter {
    fn write_value(&self) -> String {
        String::new()
    }

    fn read_value(text: &str) -> Option<Self> {
        text.is_empty().then_some(ClearFilter)
    }
}
