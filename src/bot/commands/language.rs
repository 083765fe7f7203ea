//! `/language`: sets the language of the chat.
//!
//! Grammar: `/language`, `/language CODE` as `uk`, `/language NAME` as `Українська`.

use super::settings;
use crate::{
    bot::{argument::Choice, context::Context, reply::CommandReply},
    domain::{Setting, callback::SettingsPage},
    lang::Lang,
    store::{Result, UpdateTx},
};

pub(in crate::bot) type Argument = Choice<Lang>;

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Choice::parse(text, |text| {
        let wanted = text.to_lowercase();
        Lang::ALL
            .into_iter()
            .find(|lang| lang.code() == wanted || lang.name().to_lowercase() == wanted)
    })
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    settings::choose(tx, context, argument.map(Setting::Lang), SettingsPage::Lang).await
}
