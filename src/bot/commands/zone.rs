//! `/zone`: sets the time zone of the chat.
//!
//! Grammar: `/zone`, `/zone PLACE`: a city in any language of the bot, an IANA name, or an offset
//! from UTC (`domain::zone`).

use super::settings;
use crate::{
    bot::{argument::Choice, context::Context, reply::CommandReply},
    domain::{Setting, callback::SettingsPage, zone},
    lang::Lang,
    message,
    store::{Result, UpdateTx},
};

/// The words that name a zone. Which zone that is depends on the language of the chat.
pub(in crate::bot) type Argument = Choice<String>;

pub(in crate::bot) fn parse(text: &str) -> Argument {
    Choice::parse(text, |text| Some(text.to_owned()))
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let phrases = context.lang.phrases();
    let Choice::Set(name) = argument else {
        let shown = settings::show(tx, context, None, SettingsPage::Zone).await?;
        return Ok(shown.unwrap_or_else(|| context.usage(phrases.zone_usage)).into());
    };
    // A user may write in another language than that of the chat.
    let others = || Lang::ALL.into_iter().filter(|lang| *lang != context.lang);
    let langs = || std::iter::once(context.lang).chain(others());
    let zone = match zone::parse_typed(&name, |n| langs().nth(n).map(Lang::zone_names)) {
        Ok(zone) => zone,
        Err(near) if near.is_empty() => return Ok(context.usage(phrases.zone_usage).into()),
        Err(near) => {
            return Ok(message::plain(&(phrases.zone_near)(&near.join(", "))).into());
        }
    };
    settings::set(tx, context, None, Setting::Zone(zone)).await?;
    let local = message::settings::local_time(zone, tx.now());
    Ok(message::plain(&(phrases.zone_set)(&zone.to_string(), &local)).into())
}
