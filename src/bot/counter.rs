//! `/counter`: the days elapsed as of today, by the counters of each source and those of the place;
//! `/counter add DATE words`, `/counter remove N`, `/counter daily TIME`.

use super::Ask;
use crate::{
    domain::{
        Message,
        calendar::{self, clock, parse_clock},
        line::normalize_whitespace,
    },
    render,
    store::{CUSTOM_COUNTERS_MAX, Result, UpdateTx},
};
use chrono::{Datelike, NaiveDate};

/// The longest words of a counter, in characters.
const WORDS_CHARS_MAX: usize = 200;
/// The years in which a counter may begin.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

pub(super) async fn command(inbox: &mut UpdateTx, ask: Ask<'_>, argument: &str) -> Result<Message> {
    let (verb, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    match verb.to_lowercase().as_str() {
        "" => show(inbox, ask).await,
        "add" => add(inbox, ask, rest.trim()).await,
        "remove" | "delete" => remove(inbox, ask, rest.trim()).await,
        "daily" => daily(inbox, ask, rest.trim()).await,
        _ => Ok(ask.usage(ask.lang.phrases().counter_usage)),
    }
}

pub(super) async fn show(inbox: &mut UpdateTx, ask: Ask<'_>) -> Result<Message> {
    let now = inbox.now();
    let sources = inbox.counters(ask.target).await?;
    let own = inbox.custom_counters(ask.target).await?;
    let zone = inbox.zone(ask.target).await?;
    Ok(render::counters(&sources, &own, zone, now, ask.lang))
}

async fn add(inbox: &mut UpdateTx, ask: Ask<'_>, text: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let (date, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let words = normalize_whitespace(words);
    let since_on = date_of(date).filter(|on| YEARS.contains(&on.year()));
    let is_good = !words.is_empty() && words.chars().count() <= WORDS_CHARS_MAX;
    let Some(since_on) = since_on.filter(|_| is_good) else {
        return Ok(ask.usage(phrases.counter_usage));
    };
    inbox.ensure_chat(ask.target.chat, ask.target_kind, ask.lang).await?;
    if !inbox.add_counter(ask.target, since_on, &words).await? {
        let words = (phrases.too_many_counters)(CUSTOM_COUNTERS_MAX as i64);
        return Ok(render::plain(&ask.too_many(inbox, words).await?));
    }
    removable(inbox, ask, Some(phrases.counter_added)).await
}

/// A day as people write it: 2020-01-31 or 31.01.2020.
fn date_of(text: &str) -> Option<NaiveDate> {
    let form = |form| NaiveDate::parse_from_str(text, form).ok();
    form("%Y-%m-%d").or_else(|| form("%d.%m.%Y"))
}

async fn remove(inbox: &mut UpdateTx, ask: Ask<'_>, text: &str) -> Result<Message> {
    let own = inbox.custom_counters(ask.target).await?;
    if text.is_empty() {
        return removable(inbox, ask, None).await;
    }
    let number = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let Some(counter) = number.and_then(|n| own.get(n)) else {
        let words = ask.lang.phrases().counter_unknown;
        return removable(inbox, ask, Some(words)).await;
    };
    inbox.remove_counter(ask.target, counter.id).await?;
    removable(inbox, ask, Some(ask.lang.phrases().counter_removed)).await
}

/// The place's own counters with the buttons that remove them.
pub(super) async fn removable(
    inbox: &mut UpdateTx,
    ask: Ask<'_>,
    opening: Option<&str>,
) -> Result<Message> {
    let own = inbox.custom_counters(ask.target).await?;
    let zone = inbox.zone(ask.target).await?;
    let today_on = calendar::day(zone, inbox.now());
    Ok(render::removable(&own, today_on, opening, ask.button_target(), ask.lang))
}

async fn daily(inbox: &mut UpdateTx, ask: Ask<'_>, text: &str) -> Result<Message> {
    let phrases = ask.lang.phrases();
    let minute = match (text.to_lowercase().as_str(), parse_clock(text)) {
        ("off", _) => None,
        (_, Some(minute)) => Some(minute),
        _ => return Ok(ask.usage(phrases.counter_usage)),
    };
    inbox.ensure_chat(ask.target.chat, ask.target_kind, ask.lang).await?;
    inbox.set_daily(ask.target, minute).await?;
    let when = minute.map_or(phrases.off.to_owned(), |m| (phrases.daily_at)(&clock(m)));
    Ok(render::plain(&[phrases.daily_counters, phrases.colon, &when].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let day = |text: &str| text.parse().ok();
        assert_eq!(date_of("2020-01-31"), day("2020-01-31"));
        assert_eq!(date_of("31.01.2020"), day("2020-01-31"));
        assert_eq!(["2020-02-30", "tomorrow", "31/01/2020", ""].map(date_of), [None; 4]);
    }
}
