//! Counters of pages, in the words of the page; custom counters of a place; and milestones.

use super::{
    html::{Html, TEXT_UNITS_MAX, cut},
    statement::{COUNTER_UNITS_MAX, COUNTERS_MAX, SOURCE_UNITS_MAX},
};
use crate::{
    domain::{
        Action, Button, Counter, CustomCounter, Message, Milestone, SourceCounters, Zone,
        callback::Target,
    },
    lang::Lang,
};
use chrono::{DateTime, NaiveDate, Utc};

/// The space for custom counters in a message, in UTF-16 units.
const OWN_UNITS_MAX: usize = 2000;
/// The space for what a line has besides the words of a counter, and the least for the words, in UTF-16
/// units.
const AROUND_UNITS_MAX: usize = 75;
const WORDS_UNITS_MIN: usize = 24;
/// The space for the head of their list, in UTF-16 units.
const HEAD_UNITS_MAX: usize = 400;

/// Returns the counters of each source today in the zone of the source, and the custom counters
/// today in the zone of the place.
pub fn counters(
    sources: &[SourceCounters],
    own: &[CustomCounter],
    zone: Zone,
    now: DateTime<Utc>,
    lang: Lang,
) -> Message {
    let today_on = now.with_timezone(&zone).date_naive();
    let own = custom_counters(own, today_on, OWN_UNITS_MAX, lang);
    let pages = page_counters(sources, now, TEXT_UNITS_MAX - own.units() - 2, lang);
    let html = match (pages.units(), own.units()) {
        (0, 0) => Html::new().text(lang.phrases().no_counters),
        (_, 0) => pages,
        (0, _) => own,
        _ => pages.text("\n\n").with(own),
    };
    Message::new(html.into_string())
}

/// Returns the counters of pages, as many as fit into `room` UTF-16 units.
fn page_counters(sources: &[SourceCounters], now: DateTime<Utc>, room: usize, lang: Lang) -> Html {
    let mut html = Html::new();
    for source in sources {
        let today_on = now.with_timezone(&source.zone).date_naive();
        let sentences = source.counters.iter().filter_map(|counter| counter.sentence(today_on));
        let sentences: Vec<String> =
            sentences.take(COUNTERS_MAX).map(|s| cut(&s, COUNTER_UNITS_MAX)).collect();
        if sentences.is_empty() {
            continue;
        }
        let piece = Html::new()
            .link(Some(&source.url), Html::new().bold(&cut(&source.title, SOURCE_UNITS_MAX)))
            .text(" · ")
            .text(&lang.day(today_on))
            .text("\n")
            .quote(Html::new().text(&sentences.join("\n")));
        if html.units() + 2 + piece.units() > room {
            break;
        }
        if html.units() > 0 {
            html = html.text("\n\n");
        }
        html = html.with(piece);
    }
    html
}

/// Returns the custom counters on a day, numbered; empty if there are none. Each is cut so that all
/// fit into `room` UTF-16 units.
fn custom_counters(counters: &[CustomCounter], on: NaiveDate, room: usize, lang: Lang) -> Html {
    let mut html = Html::new();
    let words_max = (room / counters.len().max(1)).saturating_sub(AROUND_UNITS_MAX);
    for (n, counter) in counters.iter().enumerate() {
        let line = counter_line(counter, on, words_max.max(WORDS_UNITS_MIN), lang);
        html = html.text(&format!("\n{}. ", n + 1)).with(line);
    }
    match html.units() {
        0 => html,
        _ => Html::new().bold(lang.phrases().own_counters).with(html),
    }
}

/// Formats "1,234 days · since the talks began (31 January 2020)".
fn counter_line(counter: &CustomCounter, on: NaiveDate, words_max: usize, lang: Lang) -> Html {
    let phrases = lang.phrases();
    let days = (on - counter.since_on).num_days();
    let count = match days {
        0 => phrases.today.to_owned(),
        1.. => (phrases.days)(days),
        _ => (phrases.in_days)(-days),
    };
    let day = lang.day(counter.since_on);
    Html::new()
        .bold(&count)
        .text(" · ")
        .text(&cut(&counter.words, words_max.min(COUNTER_UNITS_MAX)))
        .text(&format!(" ({day})"))
}

/// Returns the custom counters of a place, each with a button that removes it. `opening` is put
/// above them.
pub fn custom_counter_list(
    counters: &[CustomCounter],
    on: NaiveDate,
    opening: Option<&str>,
    target: Target,
    lang: Lang,
) -> Message {
    let phrases = lang.phrases();
    let list = custom_counters(counters, on, TEXT_UNITS_MAX - HEAD_UNITS_MAX, lang);
    let mut html = Html::new();
    if let Some(opening) = opening {
        html = html.text(opening);
    }
    if list.units() > 0 {
        html = if html.units() > 0 { html.text("\n\n") } else { html }.with(list);
    } else if html.units() == 0 {
        html = html.text(phrases.no_own_counters);
    }
    let button = |(n, counter): (usize, &CustomCounter)| {
        Button::new(format!("✕ {}", n + 1), &Action::RemoveCounter(target, counter.id))
    };
    let buttons: Vec<Button> = counters.iter().enumerate().map(button).collect();
    let rows = buttons.chunks(5).map(<[Button]>::to_vec).collect();
    Message::new(html.into_string()).with_buttons(rows)
}

/// Returns the daily counter message: the milestones of custom counters, and all counters unless
/// `milestones_only`.
pub fn daily(
    sources: &[SourceCounters],
    own_counters: &[CustomCounter],
    on: NaiveDate,
    milestones_only: bool,
    now: DateTime<Utc>,
    lang: Lang,
) -> String {
    let mut html = Html::new();
    for counter in own_counters {
        let Some(milestone) = counter.milestone(on) else { continue };
        let line = Html::new()
            .text("🔔 ")
            .bold(&milestone_text(milestone, lang))
            .text(" ")
            .text(&cut(&counter.words, COUNTER_UNITS_MAX))
            .text("\n");
        if html.units() + line.units() < OWN_UNITS_MAX / 2 {
            html = html.with(line);
        }
    }
    if milestones_only {
        return html.into_string();
    }
    if html.units() > 0 {
        html = html.text("\n");
    }
    let list = custom_counters(own_counters, on, OWN_UNITS_MAX, lang);
    let room = TEXT_UNITS_MAX - html.units() - list.units() - 2;
    let pages = page_counters(sources, now, room, lang);
    let gap = if pages.units() > 0 && list.units() > 0 { "\n\n" } else { "" };
    html.with(pages).text(gap).with(list).into_string()
}

/// Returns the message of a milestone of a counter of a page, in the words of the page.
pub fn milestone(
    source_title: &str,
    source_url: &str,
    counter: &Counter,
    on: NaiveDate,
    milestone: Milestone,
    lang: Lang,
) -> String {
    let sentence = cut(&counter.sentence(on).unwrap_or_default(), COUNTER_UNITS_MAX);
    Html::new()
        .link(Some(source_url), Html::new().bold(&cut(source_title, SOURCE_UNITS_MAX)))
        .text(" · ")
        .text(&lang.day(on))
        .text("\n\n🔔 ")
        .bold(&milestone_text(milestone, lang))
        .text("\n")
        .quote(Html::new().text(&sentence))
        .into_string()
}

/// Returns the text of a milestone.
fn milestone_text(milestone: Milestone, lang: Lang) -> String {
    let phrases = lang.phrases();
    match milestone {
        Milestone::Days(days) => (phrases.days_today)(days),
        Milestone::Years(years) => (phrases.years_today)(years.into()),
        Milestone::Today => phrases.is_today.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::html::{units, without_markup};
    use chrono_tz::Tz;

    fn source(title: &str, zone: Tz) -> SourceCounters {
        SourceCounters {
            title: title.to_owned(),
            url: format!("https://{}.example/", title.to_lowercase()),
            zone,
            counters: vec![Counter {
                since_on: "2018-03-04".parse().unwrap(),
                template: "{days} days have passed".to_owned(),
            }],
        }
    }

    fn custom_counter(since: &str, words: &str) -> CustomCounter {
        CustomCounter { id: 1, since_on: since.parse().unwrap(), words: words.to_owned() }
    }

    #[test]
    fn counters_go_by_the_day_of_their_own_source() {
        let now = "2020-07-14T21:30:00Z".parse().unwrap();
        let none = SourceCounters { counters: Vec::new(), ..source("None", Tz::UTC) };
        let sources =
            [source("M", chrono_tz::Europe::Moscow), source("L", chrono_tz::Europe::London), none];
        assert_eq!(
            counters(&sources, &[], Zone::UTC, now, Lang::En).html,
            "<a href=\"https://m.example/\"><b>M</b></a> · 15 July 2020\n\
             <blockquote>864 days have passed</blockquote>\n\n\
             <a href=\"https://l.example/\"><b>L</b></a> · 14 July 2020\n\
             <blockquote>863 days have passed</blockquote>"
        );
        let nothing = counters(&[], &[], Zone::UTC, now, Lang::En);
        assert_eq!(nothing.html, Lang::En.phrases().no_counters);
    }

    #[test]
    fn own_counters_count_up_and_down() {
        let now = "2020-07-15T12:00:00Z".parse().unwrap();
        let own = [
            custom_counter("2018-03-04", "since <it>"),
            custom_counter("2020-07-15", "the hearing"),
            custom_counter("2020-07-27", "the next one"),
        ];
        let html = counters(&[], &own, Zone::UTC, now, Lang::En).html;
        assert_eq!(
            html,
            "<b>Counters of this chat</b>\n\
             1. <b>864 days</b> · since &lt;it&gt; (4 March 2018)\n\
             2. <b>today</b> · the hearing (15 July 2020)\n\
             3. <b>in 12 days</b> · the next one (27 July 2020)"
        );
        let html = counters(&[], &own, Zone::UTC, now, Lang::Ru).html;
        assert!(html.contains("<b>864 дня</b>") && html.contains("<b>через 12 дней</b>"), "{html}");
    }

    #[test]
    fn however_many_there_are_they_fit_into_a_message() {
        let now = "2020-07-15T12:00:00Z".parse().unwrap();
        let long = "Слово <и> ".repeat(60);
        let own: Vec<_> = (0..20).map(|_| custom_counter("2019-07-15", &long)).collect();
        let mut one = source("M", Tz::UTC);
        one.counters =
            vec![Counter { template: format!("{{days}} {long}"), ..one.counters[0].clone() }; 9];
        let sources = vec![one; 12];
        for lang in Lang::ALL {
            let on = "2020-07-15".parse().unwrap();
            for html in [
                counters(&sources, &own, Zone::UTC, now, lang).html,
                daily(&sources, &own, on, false, now, lang),
                custom_counter_list(&own, on, Some("Added."), None, lang).html,
            ] {
                assert!(units(&without_markup(&html)) <= TEXT_UNITS_MAX);
                assert!(html.contains("\n20. "), "{html}");
            }
        }
    }
}
