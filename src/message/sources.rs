//! Sources as people see them: to choose among, and what a page that somebody wants watched shows.

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

/// Sources on one page, so that their buttons fit on a screen.
pub const PAGE_SOURCES: usize = 8;
/// The longest title of an entry, and the longest name on a button, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 140;
const NAME_UNITS_MAX: usize = 36;
/// Entries of a page that is shown before it is subscribed to.
const SHOWN_MAX: usize = 5;
/// Sources of which it is said below other things that their new entries are being checked.
const HELD_MAX: usize = 3;
/// Subscriptions that have a button to end them.
const UNSUBSCRIBE_MAX: usize = 40;
/// Rows of clocks or contacts in a message.
const ROWS_MAX: usize = 60;
/// The longest of them, in UTF-16 units: a contact with the name above it.
const ROW_UNITS_MAX: usize = 261;

/// The sources that a place can choose among, a page of them, each with its newest entry and its health.
pub fn sources(
    cards: &[SourceOverview],
    page: usize,
    target: Target,
    zone: Zone,
    lang: Lang,
) -> Message {
    let phrases = lang.phrases();
    if cards.is_empty() {
        return Message::new(Html::new().text(phrases.no_sources).into_string());
    }
    let pages = cards.len().div_ceil(PAGE_SOURCES);
    let page = page.min(pages - 1);
    let shown = cards.chunks(PAGE_SOURCES).nth(page).unwrap_or_default();
    let mut html = Html::new().text(phrases.choose_sources);
    let mut buttons = Vec::new();
    for card in shown {
        html = html.text("\n\n").with(self::overview(card, zone, lang));
        let mark = if card.is_subscribed { "✅ " } else { "◻️ " };
        let text = format!("{mark}{}", cut(&card.title, NAME_UNITS_MAX));
        let change = match card.is_subscribed {
            true => SubscriptionChange::Unsubscribe,
            false => SubscriptionChange::Subscribe,
        };
        let action = Action::Subscribe(target, card.source_id, change);
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

/// Of which of these sources new entries are being checked, and since when; nothing where there are none.
pub fn held(cards: &[SourceOverview], zone: Zone, lang: Lang) -> Option<Html> {
    let phrases = lang.phrases();
    let mut html: Option<Html> = None;
    for card in cards.iter().filter(|card| card.is_subscribed).take(HELD_MAX) {
        let Some(at) = card.held_since_at else { continue };
        let words = (phrases.being_checked)(&moment(at, zone, lang));
        let line = format!("{}{}{words}", cut(&card.title, NAME_UNITS_MAX), phrases.colon);
        html = Some(match html {
            Some(html) => html.text("\n").italic(&line),
            None => Html::new().italic(&line),
        });
    }
    html
}

fn overview(card: &SourceOverview, zone: Zone, lang: Lang) -> Html {
    let phrases = lang.phrases();
    let name = Html::new().bold(&cut(&card.title, SOURCE_UNITS_MAX));
    let mut html = Html::new().link(Some(&card.url), name);
    if let Some(newest) = &card.newest {
        let day = lang.day(newest.date_on.unwrap_or(newest.seen_at.date_naive()));
        let title = Html::new().text(&cut(&newest.title, TITLE_UNITS_MAX));
        html = html.text("\n").text(&day).text(" · ").link(newest.link.as_deref(), title);
    }
    let read_at = card.read_at.map(|at| moment(at, zone, lang));
    let held = card.held_since_at.map(|at| (phrases.being_checked)(&moment(at, zone, lang)));
    if let Some(held) = held {
        return html.text("\n").italic(&held);
    }
    let health = match (card.reason, read_at) {
        (reason, Some(at)) if reason.is_healthy() => (phrases.read_at)(&at),
        (PollStatus::New, _) => phrases.not_read_yet.to_owned(),
        (_, Some(at)) => (phrases.unwell_since)(&at),
        (_, None) => phrases.unwell.to_owned(),
    };
    html.text("\n").italic(&health)
}

/// What is read on a page that somebody wants watched, and the question whether it is right.
/// `probe` is the number of what was found, and the place that it is about.
pub fn page_preview(
    title: &str,
    url: &str,
    entries: &[Candidate],
    probe: (Target, i64),
    lang: Lang,
) -> Message {
    let (target, probe_id) = probe;
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
        Button::new(phrases.subscribe, &Action::Watch(target, probe_id, WatchAnswer::Right)),
        Button::new(phrases.is_wrong, &Action::Watch(target, probe_id, WatchAnswer::Wrong)),
    ]];
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Below a message the subscriptions of a place, each with a button that ends it.
pub fn unsubscribe_list(message: Message, cards: &[SourceOverview], target: Target) -> Message {
    let mine = cards.iter().filter(|card| card.is_subscribed).take(UNSUBSCRIBE_MAX);
    let button = |card: &SourceOverview| {
        let text = format!("✕ {}", cut(&card.title, NAME_UNITS_MAX));
        let action = Action::Subscribe(target, card.source_id, SubscriptionChange::Unsubscribe);
        vec![Button::new(text, &action)]
    };
    message.with_buttons(mine.map(button).collect())
}

/// The time in the cities whose clocks the pages show.
pub fn clocks(cards: &[SourceOverview], now: DateTime<Utc>, lang: Lang) -> Message {
    let rows = |card: &SourceOverview| -> Vec<String> {
        let row =
            |(place, offset): &(String, i32)| format!("{place}: {}", time_in(place, *offset, now));
        card.notes.clocks.iter().map(row).collect()
    };
    notes(cards, rows, lang.phrases().no_clocks)
}

/// The time in a place: by the zone that is named after it, where that had the distance from UTC that the
/// page showed; else by that distance.
fn time_in(place: &str, offset_minutes: i32, now: DateTime<Utc>) -> String {
    use chrono::Offset;
    let zone = crate::domain::zone::named(place);
    // Half a year on, the distance may be another one by an hour, which the zone knows.
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

/// How the institutions are reached, as their pages show it.
pub fn contacts(cards: &[SourceOverview], lang: Lang) -> Message {
    notes(cards, |card| card.notes.contacts.clone(), lang.phrases().no_contacts)
}

fn notes(
    cards: &[SourceOverview],
    rows: impl Fn(&SourceOverview) -> Vec<String>,
    none: &str,
) -> Message {
    let mut html = Html::new();
    for card in cards {
        let rows = rows(card);
        if rows.is_empty() {
            continue;
        }
        let name = Html::new().bold(&cut(&card.title, SOURCE_UNITS_MAX));
        let rows: Vec<String> =
            rows.iter().take(ROWS_MAX).map(|row| cut(row, ROW_UNITS_MAX)).collect();
        let piece = Html::new().link(Some(&card.url), name).text("\n").text(&rows.join("\n"));
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
