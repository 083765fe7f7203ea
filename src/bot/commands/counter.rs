//! `/counter`: the days that the counters count today, those of the sources and the custom ones.
//!
//! Grammar: `/counter`, `/counter add DATE WORDS` with a date as 2020-01-31, 31.01.2020 or in the words of
//! a language ("31 January 2020"), `/counter remove [N]` (or `delete`), `/counter daily TIME` or `/counter daily off`.

use crate::{
    bot::{
        context::Context,
        reply::{CallbackReply, CommandReply},
    },
    domain::{
        DateOrder, Message,
        local_time::{self, clock, parse_clock},
        text::normalize_whitespace,
    },
    extract::date,
    message,
    store::{CUSTOM_COUNTERS_MAX, Result, UpdateTx},
};
use chrono::{Datelike, NaiveDate};

/// The longest words of a counter, in characters.
const WORDS_CHARS_MAX: usize = 200;
/// The years in which a counter may begin.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// What to do with the counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Show all of them.
    Show,
    /// Add a custom counter.
    Add {
        /// The day that it counts from or to.
        since_on: NaiveDate,
        /// Its words, without line breaks.
        words: String,
    },
    /// List the custom counters with buttons that remove them.
    List,
    /// Remove the custom counter of this index; `None` if the number is none.
    Remove(Option<usize>),
    /// Set the minute of the daily counter message; `None` turns it off.
    Daily(Option<u16>),
    /// Something else.
    Invalid,
}

pub(in crate::bot) fn parse(text: &str) -> Argument {
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match verb.to_lowercase().as_str() {
        "" => Argument::Show,
        "add" => parse_add(rest).unwrap_or(Argument::Invalid),
        "remove" | "delete" if rest.is_empty() => Argument::List,
        "remove" | "delete" => {
            Argument::Remove(rest.parse::<usize>().ok().and_then(|n| n.checked_sub(1)))
        }
        "daily" if rest.to_lowercase() == "off" => Argument::Daily(None),
        "daily" => {
            parse_clock(rest).map_or(Argument::Invalid, |minute| Argument::Daily(Some(minute)))
        }
        _ => Argument::Invalid,
    }
}

fn parse_add(text: &str) -> Option<Argument> {
    let (since_on, words) = parse_date(text)?;
    let words = normalize_whitespace(words);
    let since_on = Some(since_on).filter(|on| YEARS.contains(&on.year()))?;
    let is_valid = !words.is_empty() && words.chars().count() <= WORDS_CHARS_MAX;
    is_valid.then_some(Argument::Add { since_on, words })
}

/// Returns the day of the date that a text starts with, and the rest of the text. A date that means
/// another day in America is none.
fn parse_date(text: &str) -> Option<(NaiveDate, &str)> {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let form = |form| NaiveDate::parse_from_str(first, form).ok();
    if let Some(on) = form("%Y-%m-%d").or_else(|| form("%d.%m.%Y")) {
        return Some((on, rest));
    }
    let leading = |order: DateOrder| date::leading(text, order.into());
    let (on, end) = leading(DateOrder::DayFirst)?;
    let is_plain = leading(DateOrder::MonthFirst).is_some_and(|(other, _)| other == on);
    let rest = text.get(end..)?;
    let is_end = is_plain && !rest.starts_with(char::is_alphanumeric);
    is_end.then(|| {
        (on, rest.trim_start_matches(|c: char| c.is_whitespace() || ".,:;–—-".contains(c)))
    })
}

/// Whether it changes the counters, or tries to.
pub(in crate::bot) fn changes_place(argument: &Argument) -> bool {
    *argument != Argument::Show
}

pub(in crate::bot) async fn run(
    tx: &mut UpdateTx,
    context: Context<'_>,
    argument: Argument,
) -> Result<CommandReply> {
    let message = match argument {
        Argument::Show => show(tx, context).await?,
        Argument::Add { since_on, words } => add(tx, context, since_on, &words).await?,
        Argument::List => list(tx, context, None).await?,
        Argument::Remove(index) => remove(tx, context, index).await?,
        Argument::Daily(minute) => set_daily(tx, context, minute).await?,
        Argument::Invalid => context.usage(context.lang.phrases().counter_usage),
    };
    Ok(message.into())
}

/// Returns all counters of the place.
pub(in crate::bot) async fn show(tx: &mut UpdateTx, context: Context<'_>) -> Result<Message> {
    let now = tx.now();
    let sources = tx.counters(context.target).await?;
    let custom = tx.custom_counters(context.target).await?;
    let zone = tx.zone(context.target).await?;
    Ok(message::counters(&sources, &custom, zone, now, context.lang))
}

async fn add(
    tx: &mut UpdateTx,
    context: Context<'_>,
    since_on: NaiveDate,
    words: &str,
) -> Result<Message> {
    let phrases = context.lang.phrases();
    tx.ensure_chat(context.target.chat, context.target_kind, context.lang).await?;
    if !tx.add_counter(context.target, since_on, words).await? {
        let words = (phrases.too_many_counters)(CUSTOM_COUNTERS_MAX as i64);
        return Ok(message::plain(&context.too_many(tx, words).await?));
    }
    list(tx, context, Some(phrases.counter_added)).await
}

async fn remove(tx: &mut UpdateTx, context: Context<'_>, index: Option<usize>) -> Result<Message> {
    let phrases = context.lang.phrases();
    let custom = tx.custom_counters(context.target).await?;
    let Some(counter) = index.and_then(|index| custom.get(index)) else {
        return list(tx, context, Some(phrases.counter_unknown)).await;
    };
    tx.remove_counter(context.target, counter.id).await?;
    list(tx, context, Some(phrases.counter_removed)).await
}

/// Removes a custom counter by its button.
pub(in crate::bot) async fn remove_by_id(
    tx: &mut UpdateTx,
    context: Context<'_>,
    id: i64,
) -> Result<CallbackReply> {
    let phrases = context.lang.phrases();
    let is_removed = tx.remove_counter(context.target, id).await?;
    let words = if is_removed { phrases.counter_removed } else { phrases.counter_unknown };
    Ok(CallbackReply::edit(list(tx, context, None).await?).with_toast(words))
}

/// Returns the custom counters with buttons that remove them.
async fn list(tx: &mut UpdateTx, context: Context<'_>, opening: Option<&str>) -> Result<Message> {
    let custom = tx.custom_counters(context.target).await?;
    let zone = tx.zone(context.target).await?;
    let today_on = local_time::day(zone, tx.now());
    let target = context.button_target();
    Ok(message::custom_counter_list(&custom, today_on, opening, target, context.lang))
}

async fn set_daily(
    tx: &mut UpdateTx,
    context: Context<'_>,
    minute: Option<u16>,
) -> Result<Message> {
    let phrases = context.lang.phrases();
    tx.ensure_chat(context.target.chat, context.target_kind, context.lang).await?;
    tx.set_daily(context.target, minute).await?;
    let when = minute.map_or(phrases.off.to_owned(), |m| (phrases.daily_at)(&clock(m)));
    Ok(message::plain(&[phrases.daily_counters, phrases.colon, &when].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let on = "2020-01-31".parse().unwrap();
        for date in [
            "2020-01-31",
            "31.01.2020",
            "31/01/2020",
            "31 January 2020",
            "January 31, 2020",
            "31 января 2020 г.",
            "31 січня 2020 року",
            "31. Januar 2020",
            "31 janvier 2020",
            "31 de enero de 2020",
            "٣١/٠١/٢٠٢٠",
            "२०२०-०१-३१",
        ] {
            assert_eq!(parse_date(&format!("{date} the talks")), Some((on, "the talks")), "{date}");
        }
        for text in ["2020-02-30 a", "tomorrow", "03/04/2020 a", "31 January a", "2020", ""] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
