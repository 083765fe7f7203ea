//! Settings: when and how a chat receives entries.
//!
//! Guarantees: an override that is not set is inherited from the chat, and then from the defaults.
//! When a deferred message goes is computed by [`Frequency::due_at`] and
//! [`EffectiveSettings::timing`], from when its entry was detected and from the settings alone, so
//! a restart, an outage or a changed setting cannot move it to a wrong time.
//! Out of scope: filters (`filter`), what a button changes (`setting`), and storage (`store`).

use super::{Zone, filter::Filter, local_time};
use chrono::{DateTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// When entries are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// As soon as an entry is detected.
    #[default]
    #[serde(rename = "at_once")]
    Immediate,
    /// Those of an hour together, at the full hour.
    Hourly,
    /// Those of a day together, at this minute of the day.
    Daily(u16),
    /// Those of a week together, on this day (0 is Monday) at this minute of the day.
    Weekly(u8, u16),
}

impl Frequency {
    /// Returns when an entry is due that was detected at a time; `None` is immediately.
    pub fn due_at(self, detected_at: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
        match self {
            Frequency::Immediate => None,
            Frequency::Hourly => Some(local_time::next_hourly(zone, detected_at)),
            Frequency::Daily(minute) => Some(local_time::next_daily(zone, minute, detected_at)),
            Frequency::Weekly(day, minute) => {
                let day = Weekday::try_from(day % 7).unwrap_or(Weekday::Mon);
                Some(local_time::next_weekly(zone, day, minute, detected_at))
            }
        }
    }

    /// Whether the chat chose the time itself, so that quiet hours do not defer it.
    fn has_chosen_time(self) -> bool {
        matches!(self, Frequency::Daily(_) | Frequency::Weekly(..))
    }
}

/// The time of day in which messages wait or arrive without sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuietHours {
    /// There are none.
    #[default]
    Off,
    /// Between these minutes of the day messages wait for the end.
    Deferred(u16, u16),
    /// Between these minutes of the day messages are sent without sound.
    Silent(u16, u16),
}

impl QuietHours {
    /// Returns the minutes of the day, from and to.
    pub fn hours(self) -> Option<(u16, u16)> {
        match self {
            QuietHours::Off => None,
            QuietHours::Deferred(from, to) | QuietHours::Silent(from, to) => Some((from, to)),
        }
    }

    /// Returns when they are over, if they apply now.
    fn over_at(self, now: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
        let (from, to) = self.hours()?;
        let minute = local_time::minute_of_day(zone, now);
        let is_quiet =
            if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to };
        is_quiet.then(|| local_time::next_daily(zone, to, now))
    }
}

/// How much of an entry is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DetailLevel {
    /// The title.
    Title,
    /// The title and the beginning of the lead.
    #[default]
    Lead,
    /// The title and as much of the lead as a message holds.
    Long,
}

/// Settings overrides as they are stored. `None` inherits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsOverrides {
    /// The time zone. Only chats have one, not sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// When entries are sent.
    #[serde(rename = "rhythm", skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// The quiet hours.
    #[serde(rename = "quiet", skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// How much of an entry is shown.
    #[serde(rename = "summary", skip_serializing_if = "Option::is_none")]
    pub detail: Option<DetailLevel>,
    /// Whether messages end with the counters of their page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counters: Option<bool>,
    /// Whether messages have a link preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<bool>,
    /// Whether milestones of counters are announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestones: Option<bool>,
    /// The words with or without which entries are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

impl SettingsOverrides {
    /// Whether all settings are inherited.
    pub fn is_empty(&self) -> bool {
        *self == SettingsOverrides::default()
    }
}

/// The effective settings of a source in a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSettings {
    /// The time zone.
    pub zone: Zone,
    /// When entries are sent.
    pub frequency: Frequency,
    /// The quiet hours.
    pub quiet_hours: QuietHours,
    /// How much of an entry is shown.
    pub detail: DetailLevel,
    /// Whether messages end with the counters of their page.
    pub counters: bool,
    /// Whether messages have a link preview.
    pub preview: bool,
    /// Whether milestones of counters are announced.
    pub milestones: bool,
    /// The words with or without which entries are sent.
    pub filter: Filter,
}

/// When a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Now.
    Now {
        /// Whether it is sent without sound.
        is_silent: bool,
    },
    /// At this time.
    Later(DateTime<Utc>),
}

impl EffectiveSettings {
    /// Returns the effective settings, given the overrides of the chat and of the source in it, and
    /// the zone of a chat without one.
    pub fn of(chat: &SettingsOverrides, source: &SettingsOverrides, zone_default: Zone) -> Self {
        EffectiveSettings {
            zone: chat.zone.unwrap_or(zone_default),
            frequency: source.frequency.or(chat.frequency).unwrap_or_default(),
            quiet_hours: source.quiet_hours.or(chat.quiet_hours).unwrap_or_default(),
            detail: source.detail.or(chat.detail).unwrap_or_default(),
            counters: source.counters.or(chat.counters).unwrap_or(true),
            preview: source.preview.or(chat.preview).unwrap_or(false),
            milestones: source.milestones.or(chat.milestones).unwrap_or(true),
            filter: source.filter.clone().or_else(|| chat.filter.clone()).unwrap_or_default(),
        }
    }

    /// Returns when an entry is sent that was detected at a time. What is due at a time that the
    /// chat chose is sent in quiet hours too, without sound.
    pub fn timing(&self, detected_at: DateTime<Utc>, now: DateTime<Utc>) -> Timing {
        if let Some(due_at) = self.frequency.due_at(detected_at, self.zone)
            && due_at > now
        {
            return Timing::Later(due_at);
        }
        self.apply_quiet_hours(self.frequency.has_chosen_time(), now)
    }

    /// Returns when a message is sent that is due immediately.
    pub fn immediate_timing(&self, now: DateTime<Utc>) -> Timing {
        self.apply_quiet_hours(false, now)
    }

    fn apply_quiet_hours(&self, has_chosen_time: bool, now: DateTime<Utc>) -> Timing {
        match (self.quiet_hours, self.quiet_hours.over_at(now, self.zone)) {
            (QuietHours::Deferred(..), Some(over_at)) if !has_chosen_time => Timing::Later(over_at),
            (_, over_at) => Timing::Now { is_silent: over_at.is_some() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn settings(frequency: Frequency, quiet: QuietHours) -> EffectiveSettings {
        let overrides = SettingsOverrides {
            frequency: Some(frequency),
            quiet_hours: Some(quiet),
            ..SettingsOverrides::default()
        };
        EffectiveSettings::of(
            &overrides,
            &SettingsOverrides::default(),
            Zone::Named(chrono_tz::Europe::London),
        )
    }

    #[test]
    fn overrides_of_a_source_precede_those_of_its_chat() {
        let chat = SettingsOverrides {
            frequency: Some(Frequency::Hourly),
            detail: Some(DetailLevel::Long),
            ..SettingsOverrides::default()
        };
        let source = SettingsOverrides {
            frequency: Some(Frequency::Daily(480)),
            ..SettingsOverrides::default()
        };
        let settings = EffectiveSettings::of(&chat, &source, Zone::UTC);
        assert_eq!(
            (settings.frequency, settings.detail),
            (Frequency::Daily(480), DetailLevel::Long)
        );
        assert!(settings.counters && !settings.preview && settings.quiet_hours == QuietHours::Off);
    }

    #[test]
    fn overrides_are_stored_without_what_is_inherited() {
        let overrides = SettingsOverrides {
            quiet_hours: Some(QuietHours::Silent(1320, 420)),
            ..SettingsOverrides::default()
        };
        let stored = serde_json::to_string(&overrides).unwrap();
        assert_eq!(stored, r#"{"quiet":{"silent":[1320,420]}}"#);
        assert_eq!(serde_json::from_str::<SettingsOverrides>(&stored).unwrap(), overrides);
        // What a later version stored is ignored.
        let later: SettingsOverrides =
            serde_json::from_str(r#"{"voice":"low","preview":true}"#).unwrap();
        assert_eq!(later.preview, Some(true));
    }

    #[test]
    fn a_message_is_sent_at_the_chosen_time() {
        let now = |is_silent| Timing::Now { is_silent };
        let later = |text| Timing::Later(at(text));
        let night = |make: fn(u16, u16) -> QuietHours| make(22 * 60, 7 * 60);
        let (deferred, silent) = (night(QuietHours::Deferred), night(QuietHours::Silent));
        let cases = [
            // frequency, quiet hours, detected, now, timing (London is an hour ahead of UTC in
            // July)
            (Frequency::Immediate, QuietHours::Off, "T02:00", "T02:00", now(false)),
            (Frequency::Immediate, deferred, "T02:00", "T02:00", later("2026-07-15T06:00:00Z")),
            (Frequency::Immediate, deferred, "T02:00", "T06:00", now(false)),
            (Frequency::Immediate, deferred, "T21:30", "T21:30", later("2026-07-16T06:00:00Z")),
            (Frequency::Immediate, silent, "T02:00", "T02:00", now(true)),
            (Frequency::Hourly, QuietHours::Off, "T12:10", "T12:10", later("2026-07-15T13:00:00Z")),
            (Frequency::Hourly, QuietHours::Off, "T12:10", "T13:00", now(false)),
            (Frequency::Hourly, deferred, "T02:10", "T03:00", later("2026-07-15T06:00:00Z")),
            (
                Frequency::Daily(480),
                QuietHours::Off,
                "T06:59",
                "T06:59",
                later("2026-07-15T07:00:00Z"),
            ),
            (Frequency::Daily(480), QuietHours::Off, "T06:59", "T11:00", now(false)),
            (Frequency::Daily(300), deferred, "T03:00", "T04:00", now(true)),
            (
                Frequency::Weekly(0, 480),
                QuietHours::Off,
                "T06:59",
                "T07:00",
                later("2026-07-20T07:00:00Z"),
            ),
        ];
        for (frequency, quiet, detected, now, timing) in cases {
            let of_day = |time: &str| at(&format!("2026-07-15{time}:00Z"));
            let found = settings(frequency, quiet).timing(of_day(detected), of_day(now));
            assert_eq!(found, timing, "{frequency:?} {quiet:?} {detected} {now}");
        }
    }
}
