//! `/quiet`: sets the quiet hours of the chat.
//!
//! Grammar: `/quiet`, `/quiet off`, `/quiet FROM-TO [silent]` as `22:30-7:15` or `22:30 7:15`.
//! Messages wait for the end of quiet hours; with `silent` they are sent without a sound.

use super::settings;
use crate::{
    bot::{argument::Choice, context::Context, reply::CommandReply},
    domain::{QuietHours, Setting, callback::SettingsPage, local_time::parse_clock},
    store::{Result, UpdateTx},
};

pub(in crate::bot) type Argument = Choice<QuietHours>;

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Choice::parse(text, parse_quiet_hours)
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let setting = argument.map(|quiet| Setting::QuietHours(Some(quiet)));
    settings::choose(tx, context, setting, SettingsPage::QuietHours).await
}

/// Returns the quiet hours of `22-7`, `22:30–7:15`, `22:30 7:15 silent` or `off`.
fn parse_quiet_hours(text: &str) -> Option<QuietHours> {
    let text = text.to_lowercase();
    if text == "off" {
        return Some(QuietHours::Off);
    }
    let mut words = text.split(|c: char| c.is_whitespace() || "-–—".contains(c));
    let mut next = || words.by_ref().find(|word| !word.is_empty());
    let (from, to) = (parse_clock(next()?)?, parse_clock(next()?)?);
    match (next(), next()) {
        _ if from == to => None,
        (None, None) => Some(QuietHours::Deferred(from, to)),
        (Some("silent"), None) => Some(QuietHours::Silent(from, to)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_read_as_people_write_them() {
        let night = Some(QuietHours::Deferred(22 * 60 + 30, 7 * 60 + 15));
        for text in ["22:30-7:15", "22:30 – 07:15", "22:30 7:15"] {
            assert_eq!(parse_quiet_hours(text), night, "{text}");
        }
        assert_eq!(parse_quiet_hours("22:30-7:15 silent"), Some(QuietHours::Silent(1350, 435)));
        assert_eq!(parse_quiet_hours("OFF"), Some(QuietHours::Off));
        for text in ["", "22:30", "7-7", "25:00-7:00", "22:30-7:15 loud", "22:30-7:15 silent x"] {
            assert_eq!(parse_quiet_hours(text), None, "{text}");
        }
    }
}
