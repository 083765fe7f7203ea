//! `/counter`: the days elapsed as of today, by the counters of each source and those of the place;
//! `/counter add DATE words`, `/counter remove N`, `/counter daily TIME`.

use crate::bot::Context;
use crate::{
    domain::{
        Message,
        local_time::{self, clock, parse_clock},
        text::normalize_whitespace,
    },
    message,
    store::{CUSTOM_COUNTERS_MAX, Result, UpdateTx},
};
use chrono::{Datelike, NaiveDate};

/// The longest words of a counter, in characters.
const WORDS_CHARS_MAX: usize = 200;
/// The years in which a counter may begin.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

pub(crate) async fn command(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    argument: &str,
) -> Result<Message> {
    let (verb, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    match verb.to_lowercase().as_str() {
        "" => show(tx, ask).await,
        "add" => add(tx, ask, rest.trim()).await,
        "remove" | "delete" => remove(tx, ask, rest.trim()).await,
        "daily" => daily(tx, ask, rest.trim()).await,
        _ => Ok(ask.usage(ask.lang.phrases().counter_usage)),
    }
}

pub(crate) async fn show(tx: &mut UpdateTx, ask: Context<'_>) -> Result<Message> {
    let now = tx.now();
    let sources = tx.counters(ask.target).await?;
    let own = tx.custom_counters(ask.target).await?;
    let zone = tx.zone(ask.target).await?;
    Ok(message::counters(&sources, &own, zone, now, ask.lang))
}

async fn add(tx: &mut UpdateTx, ask: Context<'_>, text: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let (date, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let words = normalize_whitespace(words);
    let since_on = parse_date(date).filter(|on| YEARS.contains(&on.year()));
    let is_good = !words.is_empty() && words.chars().count() <= WORDS_CHARS_MAX;
    let Some(since_on) = since_on.filter(|_| is_good) else {
        return Ok(ask.usage(phrases.counter_usage));
    };
    tx.ensure_chat(ask.target.chat, ask.target_kind, ask.lang).await?;
    if !tx.add_counter(ask.target, since_on, &words).await? {
        let words = (phrases.too_many_counters)(CUSTOM_COUNTERS_MAX as i64);
        return Ok(message::plain(&ask.too_many(tx, words).await?));
    }
    custom_counter_list(tx, ask, Some(phrases.counter_added)).await
}

/// A day as people write it: 2020-01-31 or 31.01.2020.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let form = |form| NaiveDate::parse_from_str(text, form).ok();
    form("%Y-%m-%d").or_else(|| form("%d.%m.%Y"))
}

async fn remove(tx: &mut UpdateTx, ask: Context<'_>, text: &str) -> Result<Message> {
    let own = tx.custom_counters(ask.target).await?;
    if text.is_empty() {
        return custom_counter_list(tx, ask, None).await;
    }
    let number = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let Some(counter) = number.and_then(|n| own.get(n)) else {
        let words = ask.lang.phrases().counter_unknown;
        return custom_counter_list(tx, ask, Some(words)).await;
    };
    tx.remove_counter(ask.target, counter.id).await?;
    custom_counter_list(tx, ask, Some(ask.lang.phrases().counter_removed)).await
}

/// The place's own counters with the buttons that remove them.
pub(crate) async fn custom_counter_list(
    tx: &mut UpdateTx,
    ask: Context<'_>,
    opening: Option<&str>,
) -> Result<Message> {
    let own = tx.custom_counters(ask.target).await?;
    let zone = tx.zone(ask.target).await?;
    let today_on = local_time::day(zone, tx.now());
    Ok(message::custom_counter_list(&own, today_on, opening, ask.button_target(), ask.lang))
}

async fn daily(tx: &mut UpdateTx, ask: Context<'_>, text: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let minute = match (text.to_lowercase().as_str(), parse_clock(text)) {
        ("off", _) => None,
        (_, Some(minute)) => Some(minute),
        _ => return Ok(ask.usage(phrases.counter_usage)),
    };
    tx.ensure_chat(ask.target.chat, ask.target_kind, ask.lang).await?;
    tx.set_daily(ask.target, minute).await?;
    let when = minute.map_or(phrases.off.to_owned(), |m| (phrases.daily_at)(&clock(m)));
    Ok(message::plain(&[phrases.daily_counters, phrases.colon, &when].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let day = |text: &str| text.parse().ok();
        assert_eq!(parse_date("2020-01-31"), day("2020-01-31"));
        assert_eq!(parse_date("31.01.2020"), day("2020-01-31"));
        assert_eq!(["2020-02-30", "tomorrow", "31/01/2020", ""].map(parse_date), [None; 4]);
    }
}
