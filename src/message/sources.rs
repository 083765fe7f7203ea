//! Lists of sources: to subscribe, with clocks and contacts; and the preview of a page to be added.

use super::{
    html::{Html, TEXT_UNITS_MAX, cut},
    operator::moment,
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{
        Action, Button, Candidate, Message, PollStatus, SourceOverview, Zone,
        callback::{SubscriptionChange, Target, WatchAnswer},
    },
    lang::Lang,
};
use chrono::{DateTime, Utc};

/// Sources on one page of the list, so that their buttons fit on a screen.
pub const PAGE_SOURCES: usize = 8;
/// The longest title of an entry, and the longest name on a button, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 140;
const NAME_UNITS_MAX: usize = 36;
/// The most entries in the preview of a page.
const SHOWN_MAX: usize = 5;
/// The most sources that are named as held below other messages.
const HELD_MAX: usize = 3;
/// The most subscriptions with a button to unsubscribe.
const UNSUBSCRIBE_MAX: usize = 40;
/// The most rows of clocks or contacts of a source.
const ROWS_MAX: usize = 60;
/// The longest row, in UTF-16 units.
const ROW_UNITS_MAX: usize = 261;

/// Returns a page of the list of sources to choose from, each with its newest entry and its status.
pub fn sources(
    sources: &[SourceOverview],
    page: usize,
    target: Target,
    zone: Zone,
    lang: Lang,
) -> Message {
    let phrases = lang.phrases();
    if sources.is_empty() {
        return Message::new(Html::new().text(phrases.no_sources).into_string());
    }
    let pages = sources.len().div_ceil(PAGE_SOURCES);
    let page = page.min(pages - 1);
    let shown = sources.chunks(PAGE_SOURCES).nth(page).unwrap_or_default();
    let mut html = Html::new().text(phrases.choose_sources);
    let mut buttons = Vec::new();
    for source in shown {
        html = html.text("\n\n").with(self::overview(source, zone, lang));
        let mark = if source.is_subscribed { "✅ " } else { "◻️ " };
        let text = format!("{mark}{}", cut(&source.title, NAME_UNITS_MAX));
        let change = match source.is_subscribed {
            true => SubscriptionChange::Unsubscribe,
            false => SubscriptionChange::Subscribe,
        };
        let action = Action::Subscribe(target, source.source_id, change);
        buttons.push(vec![Button::new(text, &action)]);
    }
    let to = |page: usize| Action::Sources(target, u32::try_from(page).unwrap_or(0));
    let before = (page > 0).then(|| Button::new("◀", &to(page - 1)));
    let after = (page + 1 < pages).then(|| Button::new("▶", &to(page + 1)));
    let turn: Vec<Button> = before.into_iter().chain(after).collect();
    if !turn.is_empty() {
        buttons.push(turn);
    }
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Returns the subscribed sources with held lists, and since when; `None` if there are none.
pub fn held(sources: &[SourceOverview], zone: Zone, lang: Lang) -> Option<Html> {
    let phrases = lang.phrases();
    let mut html: Option<Html> = None;
    for source in sources.iter().filter(|source| source.is_subscribed).take(HELD_MAX) {
        let Some(at) = source.held_since_at else { continue };
        let words = (phrases.being_checked)(&moment(at, zone, lang));
        let line = format!("{}{}{words}", cut(&source.title, NAME_UNITS_MAX), phrases.colon);
        html = Some(match html {
            Some(html) => html.text("\n").italic(&line),
            None => Html::new().italic(&line),
        });
    }
    html
}

/// Returns a source with its newest entry and its status.
fn overview(source: &SourceOverview, zone: Zone, lang: Lang) -> Html {
    let phrases = lang.phrases();
    let name = Html::new().bold(&cut(&source.title, SOURCE_UNITS_MAX));
    let mut html = Html::new().link(Some(&source.url), name);
    if let Some(newest) = &source.newest {
        let day = lang.day(newest.date_on.unwrap_or(newest.seen_at.date_naive()));
        let title = Html::new().text(&cut(&newest.title, TITLE_UNITS_MAX));
        html = html.text("\n").text(&day).text(" · ").link(newest.link.as_deref(), title);
    }
    let read_at = source.read_at.map(|at| moment(at, zone, lang));
    let held = source.held_since_at.map(|at| (phrases.being_checked)(&moment(at, zone, lang)));
    if let Some(held) = held {
        return html.text("\n").italic(&held);
    }
    let health = match (source.reason, read_at) {
        (reason, Some(at)) if reason.is_healthy() => (phrases.read_at)(&at),
        (PollStatus::New, _) => phrases.not_read_yet.to_owned(),
        (_, Some(at)) => (phrases.unavailable_since)(&at),
        (_, None) => phrases.unavailable.to_owned(),
    };
    html.text("\n").italic(&health)
}

/// Returns the preview of a page that a user wants to add, with the question whether its entries
/// are right. `candidate` is the target of the subscription and the ID of the watch candidate.
pub fn page_preview(
    title: &str,
    url: &str,
    entries: &[Candidate],
    candidate: (Target, i64),
    lang: Lang,
) -> Message {
    let (target, candidate_id) = candidate;
    let phrases = lang.phrases();
    let name = Html::new().bold(&cut(title, SOURCE_UNITS_MAX));
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let mut html = Html::new()
        .link(Some(url), name)
        .text("\n\n")
        .text(&(phrases.page_lists)(count))
        .text("\n");
    for entry in entries.iter().take(SHOWN_MAX) {
        let day = entry.date_on.map(|on| format!("{} · ", lang.day(on))).unwrap_or_default();
        let text = Html::new().text(&cut(&entry.title, TITLE_UNITS_MAX));
        let link = entry.link.as_ref().map(url::Url::as_str);
        html = html.text("\n").text(&day).link(link, text);
    }
    if entries.len() > SHOWN_MAX {
        html = html.text("\n…");
    }
    html = html.text("\n\n").text(phrases.is_it_right);
    let buttons = vec![vec![
        Button::new(phrases.subscribe, &Action::Watch(target, candidate_id, WatchAnswer::Right)),
        Button::new(phrases.is_wrong, &Action::Watch(target, candidate_id, WatchAnswer::Wrong)),
    ]];
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Adds the subscriptions of a place to a message, each as a button that unsubscribes.
pub fn unsubscribe_list(message: Message, sources: &[SourceOverview], target: Target) -> Message {
    let subscribed = sources.iter().filter(|source| source.is_subscribed).take(UNSUBSCRIBE_MAX);
    let button = |source: &SourceOverview| {
        let text = format!("✕ {}", cut(&source.title, NAME_UNITS_MAX));
        let action = Action::Subscribe(target, source.source_id, SubscriptionChange::Unsubscribe);
        vec![Button::new(text, &action)]
    };
    message.with_buttons(subscribed.map(button).collect())
}

/// Returns the current time in the cities whose clocks the pages show.
pub fn clocks(sources: &[SourceOverview], now: DateTime<Utc>, lang: Lang) -> Message {
    let rows = |source: &SourceOverview| -> Vec<String> {
        let row =
            |(place, offset): &(String, i32)| format!("{place}: {}", time_in(place, *offset, now));
        source.notes.clocks.iter().map(row).collect()
    };
    rows_by_source(sources, rows, lang.phrases().no_clocks)
}

/// Returns the time in a place: by the zone that is named after it if its offset from UTC is near
/// the one that the page showed, else by that offset.
fn time_in(place: &str, offset_minutes: i32, now: DateTime<Utc>) -> String {
    use chrono::Offset;
    let zone = crate::domain::zone::named(place);
    // Daylight saving time may have changed the offset by an hour since.
    let near = |zone: &chrono_tz::Tz| {
        let minutes = now.with_timezone(zone).offset().fix().local_minus_utc() / 60;
        (minutes - offset_minutes).abs() <= 60
    };
    let time = match zone.filter(near) {
        Some(zone) => now.with_timezone(&zone).naive_local(),
        None => now.naive_utc() + chrono::TimeDelta::minutes(offset_minutes.into()),
    };
    time.format("%H:%M").to_string()
}

/// Returns the contacts of the institutions, as their pages show them.
pub fn contacts(sources: &[SourceOverview], lang: Lang) -> Message {
    rows_by_source(sources, |source| source.notes.contacts.clone(), lang.phrases().no_contacts)
}

/// Rows of each source below its title, or `none` if no source has any.
fn rows_by_source(
    sources: &[SourceOverview],
    rows: impl Fn(&SourceOverview) -> Vec<String>,
    none: &str,
) -> Message {
    let mut html = Html::new();
    for source in sources {
        let rows = rows(source);
        if rows.is_empty() {
            continue;
        }
        let name = Html::new().bold(&cut(&source.title, SOURCE_UNITS_MAX));
        let rows: Vec<String> =
            rows.iter().take(ROWS_MAX).map(|row| cut(row, ROW_UNITS_MAX)).collect();
        let piece = Html::new().link(Some(&source.url), name).text("\n").text(&rows.join("\n"));
        if html.units() + piece.units() + 2 > TEXT_UNITS_MAX {
            break;
        }
        html = if html.units() > 0 { html.text("\n\n") } else { html }.with(piece);
    }
    if html.units() == 0 {
        html = html.text(none);
    }
    Message::new(html.into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_has_its_own_time_in_winter_too() {
        let at = |text: &str| text.parse().unwrap();
        let (summer, winter) = (at("2026-07-15T12:00:00Z"), at("2026-12-15T12:00:00Z"));
        assert_eq!(time_in("London", 60, summer), "13:00");
        assert_eq!(time_in("London", 60, winter), "12:00");
        assert_eq!(time_in("Port Lumen", 180, winter), "15:00");
        // A London elsewhere.
        assert_eq!(time_in("London", -240, summer), "08:00");
    }
}
