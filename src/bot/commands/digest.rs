//! `/digest`: sends the entries of a day as one message at a time of the day.
//!
//! Grammar: `/digest`, `/digest off`, `/digest TIME` as `8:30`.

use super::settings;
use crate::{
    bot::{argument::Choice, context::Context, reply::CommandReply},
    domain::{Frequency, Setting, callback::SettingsPage, local_time::parse_clock},
    store::{Result, UpdateTx},
};

pub(in crate::bot) type Argument = Choice<Frequency>;

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Choice::parse(text, |text| match text.to_lowercase().as_str() {
        "off" => Some(Frequency::Immediate),
        _ => parse_clock(text).map(Frequency::Daily),
    })
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let setting = argument.map(|frequency| Setting::Frequency(Some(frequency)));
    settings::choose(tx, context, setting, SettingsPage::Daily).await
}
