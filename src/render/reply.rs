//! The messages that answer commands, as far as they show entries and counters.

use super::{
    html::{Html, RAW_BYTES_MAX, TEXT_UNITS_MAX, cut},
    push::{COUNTER_UNITS_MAX, COUNTERS_MAX, SOURCE_UNITS_MAX, entry},
};
use crate::{
    domain::{Counter, Entry},
    lang::Lang,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The longest title in a listing, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 240;
/// What head, date and blank lines of a listed entry take, in UTF-16 units, at most.
const HEAD_UNITS_MAX: usize = SOURCE_UNITS_MAX + 70;
/// A lead shorter than this says too little to be worth its room.
const LEAD_UNITS_MIN: usize = 60;
/// Sources named in one message.
const SOURCES_MAX: usize = 10;

/// An entry to be listed, and who said it.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// The institution's name.
    pub source_title: &'a str,
    /// The entry.
    pub entry: &'a Entry,
}

/// The newest entries, one below the other; leads get what room there is.
pub fn latest(listings: &[Listing<'_>], lang: Lang) -> String {
    if listings.is_empty() {
        return Html::new().text(lang.phrases().nothing_yet).into_string();
    }
    let share = TEXT_UNITS_MAX / listings.len();
    let lead_max = share.saturating_sub(HEAD_UNITS_MAX + TITLE_UNITS_MAX).min(1000);
    let lead_max = if lead_max < LEAD_UNITS_MIN { 0 } else { lead_max };
    let html = list(listings, lead_max, lang);
    // Only text that is nothing but signs to be escaped comes to this.
    let html = if html.raw_bytes() > RAW_BYTES_MAX { list(listings, 0, lang) } else { html };
    html.into_string()
}

fn list(listings: &[Listing<'_>], lead_max: usize, lang: Lang) -> Html {
    let mut html = Html::new();
    for (n, listing) in listings.iter().enumerate() {
        if n > 0 {
            html = html.text("\n\n\n");
        }
        let units_max = [TITLE_UNITS_MAX, lead_max];
        html = html.with(entry(listing.source_title, listing.entry, units_max, lang));
    }
    html
}

/// The counters of each source as they stand today in the source's own zone.
pub fn counters<'a>(
    sources: impl IntoIterator<Item = (&'a str, &'a str, Tz, &'a [Counter])>,
    now: DateTime<Utc>,
    lang: Lang,
) -> String {
    let mut html = Html::new();
    for (title, url, zone, counters) in sources {
        let today_on = now.with_timezone(&zone).date_naive();
        let sentences: Vec<String> =
            counters.iter().filter_map(|counter| counter.sentence(today_on)).collect();
        if sentences.is_empty() {
            continue;
        }
        let room = TEXT_UNITS_MAX - html.units();
        if room < SOURCE_UNITS_MAX + 40 + COUNTERS_MAX * (COUNTER_UNITS_MAX + 1) {
            break;
        }
        if html.units() > 0 {
            html = html.text("\n\n");
        }
        let quoted = sentences.iter().take(COUNTERS_MAX).map(|s| cut(s, COUNTER_UNITS_MAX));
        let quoted: Vec<String> = quoted.collect();
        html = html
            .link(Some(url), Html::new().bold(&cut(title, SOURCE_UNITS_MAX)))
            .text(" · ")
            .text(&lang.day(today_on))
            .text("\n")
            .quote(Html::new().text(&quoted.join("\n")));
    }
    if html.units() == 0 {
        html = html.text(lang.phrases().no_counters);
    }
    html.into_string()
}

/// The answer to `/start`: what is subscribed now, and what can be done next.
pub fn greeting(titles: &[String], is_new: bool, lang: Lang) -> String {
    let phrases = lang.phrases();
    let opening = if is_new { phrases.subscribed } else { phrases.subscribed_already };
    Html::new()
        .text(opening)
        .text("\n")
        .with(names(titles))
        .text("\n\n")
        .text(phrases.next_steps)
        .into_string()
}

/// The answer to `/help`, and to what is not understood: an opening, and the commands.
pub fn help(opening: &str, lang: Lang) -> String {
    let mut html = Html::new().text(opening).text("\n");
    for (command, description) in lang.phrases().menu {
        html = html.text(&format!("\n/{command} — {description}"));
    }
    html.into_string()
}

/// Names of sources, one to a line.
fn names(titles: &[String]) -> Html {
    let mut html = Html::new();
    for (n, title) in titles.iter().take(SOURCES_MAX).enumerate() {
        html = html.text(if n > 0 { "\n• " } else { "• " }).bold(&cut(title, SOURCE_UNITS_MAX));
    }
    if titles.len() > SOURCES_MAX {
        html = html.text(&format!("\n… +{}", titles.len() - SOURCES_MAX));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::html::{units, without_markup};

    #[test]
    fn ten_long_entries_fit_into_one_message_each_with_its_parts() {
        for long in ["Слово <и> дело. ", "&"].map(|text| text.repeat(1000)) {
            let entry = Entry {
                date_on: None,
                seen_at: DateTime::UNIX_EPOCH,
                title: long.clone(),
                link: Some(format!("https://e.example/{}", "&".repeat(200))),
                lead: Some(format!("Иное. {long}")),
            };
            for count in 1..=10 {
                let listings = vec![Listing { source_title: &long, entry: &entry }; count];
                for lang in Lang::ALL {
                    let html = latest(&listings, lang);
                    assert!(html.len() <= RAW_BYTES_MAX, "{count}: {}", html.len());
                    assert_eq!(html.matches("<a href").count(), count);
                    let shown = without_markup(&html).replace(&"&".repeat(200), "");
                    assert!(units(&shown) <= TEXT_UNITS_MAX);
                }
            }
        }
    }

    #[test]
    fn counters_go_by_the_day_of_their_own_source() {
        let counter = [Counter {
            since_on: "2018-03-04".parse().unwrap(),
            words: "{days} days have passed".to_owned(),
        }];
        let now = "2020-07-14T21:30:00Z".parse().unwrap();
        let sources = [
            ("M", "https://m.example/", chrono_tz::Europe::Moscow, &counter[..]),
            ("L", "https://l.example/", chrono_tz::Europe::London, &counter[..]),
            ("None", "https://n.example/", chrono_tz::UTC, &[][..]),
        ];
        assert_eq!(
            counters(sources, now, Lang::En),
            "<a href=\"https://m.example/\"><b>M</b></a> · 15 July 2020\n\
             <blockquote>864 days have passed</blockquote>\n\n\
             <a href=\"https://l.example/\"><b>L</b></a> · 14 July 2020\n\
             <blockquote>863 days have passed</blockquote>"
        );
        assert_eq!(counters([], now, Lang::En), Lang::En.phrases().no_counters);
    }
}
