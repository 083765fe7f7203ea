//! What a chat chose: when and how it hears of entries.
//!
//! Promises: a choice that was not made is that of the chat, and then the default; when a message is
//! due follows from when the entry was noticed and from the choices alone, so that a restart, an
//! outage or a change of the choices moves it to the right time.
//! Leaves out: the words of filters (`words`), and keeping any of it (`store`).

use super::{Zone, filter::Filter, local_time};
use chrono::{DateTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// When messages come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// As soon as something is noticed.
    #[default]
    AtOnce,
    /// All of an hour together, at the full hour.
    Hourly,
    /// All of a day together, at this minute of the day.
    Daily(u16),
    /// All of a week together, on this day (0: Monday) at this minute of it.
    Weekly(u8, u16),
}

impl Frequency {
    /// When something is told that was noticed then; `None`: at once.
    pub fn due_at(self, noticed_at: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
        match self {
            Frequency::AtOnce => None,
            Frequency::Hourly => Some(local_time::next_hourly(zone, noticed_at)),
            Frequency::Daily(minute) => Some(local_time::next_daily(zone, minute, noticed_at)),
            Frequency::Weekly(day, minute) => {
                let day = Weekday::try_from(day % 7).unwrap_or(Weekday::Mon);
                Some(local_time::next_weekly(zone, day, minute, noticed_at))
            }
        }
    }

    /// Whether its time was named by the chat itself, so that it holds in quiet hours as well.
    fn names_a_time(self) -> bool {
        matches!(self, Frequency::Daily(_) | Frequency::Weekly(..))
    }
}

/// Hours in which nothing rings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuietHours {
    /// None.
    #[default]
    Off,
    /// What comes between these minutes of the day waits for their end.
    Deferred(u16, u16),
    /// What comes then comes without a sound.
    Silent(u16, u16),
}

impl QuietHours {
    /// The minutes of the day, from and to.
    pub fn hours(self) -> Option<(u16, u16)> {
        match self {
            QuietHours::Off => None,
            QuietHours::Deferred(from, to) | QuietHours::Silent(from, to) => Some((from, to)),
        }
    }

    /// When it is over, if it is quiet now.
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
    /// Its title.
    Title,
    /// The title and the beginning of the lead.
    #[default]
    Lead,
    /// The title and as much of the lead as a message holds.
    Long,
}

/// Choices as they are kept. What is `None` was not chosen here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsOverrides {
    /// The time zone; of a whole chat only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// When messages come.
    #[serde(rename = "rhythm", skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// When none ring.
    #[serde(rename = "quiet", skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// How much is shown.
    #[serde(rename = "summary", skip_serializing_if = "Option::is_none")]
    pub detail: Option<DetailLevel>,
    /// Whether the page's counters stand below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counters: Option<bool>,
    /// Whether a preview of the linked page is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<bool>,
    /// Whether milestones of counters are announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestones: Option<bool>,
    /// Only entries with, and none with, these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

impl SettingsOverrides {
    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        *self == SettingsOverrides::default()
    }
}

/// What holds.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSettings {
    /// The time zone.
    pub zone: Zone,
    /// When messages come.
    pub frequency: Frequency,
    /// When none ring.
    pub quiet_hours: QuietHours,
    /// How much is shown.
    pub detail: DetailLevel,
    /// Whether the page's counters stand below.
    pub counters: bool,
    /// Whether a preview of the linked page is shown.
    pub preview: bool,
    /// Whether milestones of counters are announced.
    pub milestones: bool,
    /// Only entries with, and none with, these words.
    pub filter: Filter,
}

/// What is to be done with a message now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It goes.
    Now {
        /// Without a sound.
        is_silent: bool,
    },
    /// It waits until then.
    Later(DateTime<Utc>),
}

impl EffectiveSettings {
    /// What holds for a source in a chat, given what was chosen for the chat and for this source in
    /// it, and the zone of a chat that chose none.
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

    /// When what was noticed then is told. A time that the chat named holds in quiet hours too, where
    /// it comes without a sound.
    pub fn timing(&self, noticed_at: DateTime<Utc>, now: DateTime<Utc>) -> Timing {
        if let Some(due_at) = self.frequency.due_at(noticed_at, self.zone)
            && due_at > now
        {
            return Timing::Later(due_at);
        }
        self.apply_quiet_hours(self.frequency.names_a_time(), now)
    }

    /// Whether what is told at once may ring now.
    pub fn immediate_timing(&self, now: DateTime<Utc>) -> Timing {
        self.apply_quiet_hours(false, now)
    }

    fn apply_quiet_hours(&self, is_named: bool, now: DateTime<Utc>) -> Timing {
        match (self.quiet_hours, self.quiet_hours.over_at(now, self.zone)) {
            (QuietHours::Deferred(..), Some(over_at)) if !is_named => Timing::Later(over_at),
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

    fn settings(rhythm: Frequency, quiet: QuietHours) -> EffectiveSettings {
        let chosen = SettingsOverrides {
            frequency: Some(rhythm),
            quiet_hours: Some(quiet),
            ..SettingsOverrides::default()
        };
        EffectiveSettings::of(
            &chosen,
            &SettingsOverrides::default(),
            Zone::Named(chrono_tz::Europe::London),
        )
    }

    #[test]
    fn what_a_source_is_given_goes_before_what_the_chat_is() {
        let chat = SettingsOverrides {
            frequency: Some(Frequency::Hourly),
            detail: Some(DetailLevel::Long),
            ..SettingsOverrides::default()
        };
        let source = SettingsOverrides {
            frequency: Some(Frequency::Daily(480)),
            ..SettingsOverrides::default()
        };
        let holds = EffectiveSettings::of(&chat, &source, Zone::UTC);
        assert_eq!((holds.frequency, holds.detail), (Frequency::Daily(480), DetailLevel::Long));
        assert!(holds.counters && !holds.preview && holds.quiet_hours == QuietHours::Off);
    }

    #[test]
    fn choices_are_kept_as_short_as_they_are() {
        let chosen = SettingsOverrides {
            quiet_hours: Some(QuietHours::Silent(1320, 420)),
            ..SettingsOverrides::default()
        };
        let kept = serde_json::to_string(&chosen).unwrap();
        assert_eq!(kept, r#"{"quiet":{"silent":[1320,420]}}"#);
        assert_eq!(serde_json::from_str::<SettingsOverrides>(&kept).unwrap(), chosen);
        // What a later version kept is passed over.
        let later: SettingsOverrides =
            serde_json::from_str(r#"{"voice":"low","preview":true}"#).unwrap();
        assert_eq!(later.preview, Some(true));
    }

    #[test]
    fn a_message_goes_at_the_time_that_was_chosen() {
        let now = |is_silent| Timing::Now { is_silent };
        let later = |text| Timing::Later(at(text));
        let night = |make: fn(u16, u16) -> QuietHours| make(22 * 60, 7 * 60);
        let (deferred, silent) = (night(QuietHours::Deferred), night(QuietHours::Silent));
        let cases = [
            // rhythm, quiet, noticed, now, turn (London is an hour ahead of UTC in July)
            (Frequency::AtOnce, QuietHours::Off, "T02:00", "T02:00", now(false)),
            (Frequency::AtOnce, deferred, "T02:00", "T02:00", later("2026-07-15T06:00:00Z")),
            (Frequency::AtOnce, deferred, "T02:00", "T06:00", now(false)),
            (Frequency::AtOnce, deferred, "T21:30", "T21:30", later("2026-07-16T06:00:00Z")),
            (Frequency::AtOnce, silent, "T02:00", "T02:00", now(true)),
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
        for (rhythm, quiet, noticed, now, turn) in cases {
            let of_day = |time: &str| at(&format!("2026-07-15{time}:00Z"));
            let found = settings(rhythm, quiet).timing(of_day(noticed), of_day(now));
            assert_eq!(found, turn, "{rhythm:?} {quiet:?} {noticed} {now}");
        }
    }
}
