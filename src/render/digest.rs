//! The message of many entries at once, after an outage.

use super::{
    html::{Html, RAW_BYTES_MAX, TEXT_UNITS_MAX, cut},
    push::{COUNTER_UNITS_MAX, COUNTERS_MAX, SOURCE_UNITS_MAX, sentences},
};
use crate::{
    domain::{Counter, Entry},
    lang::Lang,
};
use chrono::NaiveDate;

/// The longest title in a line, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 150;
/// Entries that are shown.
const ENTRIES_MAX: usize = 20;
/// What the counters may take, and the head with the line for what is left out, in UTF-16 units; in
/// raw bytes a unit takes five at most, and as much again is kept free for addresses.
const AROUND_UNITS_MAX: usize = COUNTERS_MAX * (COUNTER_UNITS_MAX + 1) + SOURCE_UNITS_MAX + 200;

/// The message of many entries of a source, given oldest first: each a line that is its link. The
/// newest are shown, as many as fit, in the order of publication; for the others there is a link to
/// the source. The counters are of `today_on`.
pub fn digest(
    source_title: &str,
    source_url: &str,
    entries: &[Entry],
    counters: &[Counter],
    today_on: NaiveDate,
    lang: Lang,
) -> String {
    let sentences = sentences(counters, today_on);
    let around = if sentences.is_empty() { SOURCE_UNITS_MAX + 200 } else { AROUND_UNITS_MAX };
    let (mut units, mut bytes) = (around, around * 5 + 2000);
    let mut lines: Vec<Html> = Vec::new();
    for entry in entries.iter().rev().take(ENTRIES_MAX) {
        let day = lang.day(entry.date_on.unwrap_or(entry.seen_at.date_naive()));
        let title = Html::new().text(&cut(&entry.title, TITLE_UNITS_MAX));
        let line = Html::new().text("\n").text(&day).text(" · ").link(entry.link.as_deref(), title);
        units += line.units();
        bytes += line.raw_bytes();
        if units > TEXT_UNITS_MAX || bytes > RAW_BYTES_MAX {
            break;
        }
        lines.push(line);
    }
    let phrases = lang.phrases();
    let mut html = Html::new()
        .bold(&cut(source_title, SOURCE_UNITS_MAX))
        .text(" · ")
        .text(&(phrases.new_statements)(entries.len()))
        .text("\n");
    let left_out = entries.len() - lines.len();
    if left_out > 0 {
        let earlier = Html::new().text(&(phrases.earlier_ones)(left_out));
        html = html.text("\n").link(Some(source_url), earlier);
    }
    html = lines.into_iter().rev().fold(html, Html::with);
    if !sentences.is_empty() {
        html = html.text("\n\n").quote(Html::new().text(&sentences.join("\n")));
    }
    html.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::html::{units, without_markup};
    use proptest::prelude::*;

    fn entry(n: u32, title: &str, link: &str) -> Entry {
        Entry {
            date_on: NaiveDate::from_ymd_opt(2020, 7, n % 28 + 1),
            seen_at: "2020-07-15T10:00:00Z".parse().unwrap(),
            title: title.to_owned(),
            link: Some(link.to_owned()),
            lead: Some("A lead is not shown.".to_owned()),
        }
    }

    #[test]
    fn a_digest_names_the_source_and_lists_in_the_order_of_publication() {
        let entries =
            [entry(0, "Fog & ice", "https://e.example/1"), entry(1, "Sun", "https://e.example/2")];
        let today_on = "2020-07-15".parse().unwrap();
        let html = digest("E", "https://e.example/", &entries, &[], today_on, Lang::Ru);
        assert_eq!(
            html,
            "<b>E</b> · 2 новых заявления\n\n\
             1 июля 2020 г. · <a href=\"https://e.example/1\">Fog &amp; ice</a>\n\
             2 июля 2020 г. · <a href=\"https://e.example/2\">Sun</a>"
        );
        let many: Vec<Entry> = (0..23).map(|n| entry(n, "Fog", "https://e.example/1")).collect();
        let html = digest("E", "https://e.example/", &many, &[], today_on, Lang::En);
        assert!(
            html.starts_with(
                "<b>E</b> · 23 new statements\n\n<a href=\"https://e.example/\">3 earlier ones</a>\n4 July 2020 · "
            ),
            "{html}"
        );
        assert_eq!(html.matches("Fog").count(), 20);
    }

    proptest! {
        #[test]
        fn a_digest_is_within_the_limits_whatever_the_source_says(
            title in "[<>&\"😀a ]{1,900}",
            path in "[a-z&\"%]{0,1200}",
            words in proptest::collection::vec("[<&😀]{0,400}", 0..9),
            count in 2usize..60,
        ) {
            let counters: Vec<Counter> = words
                .iter()
                .map(|w| Counter {
                    since_on: "2018-03-04".parse().unwrap(),
                    words: format!("{{days}} {w}"),
                })
                .collect();
            let link = format!("https://e.example/{path}");
            let entries: Vec<Entry> = (0..count).map(|n| entry(n as u32, &title, &link)).collect();
            let today_on = "2020-07-15".parse().unwrap();
            let html = digest(&title, "https://e.example/", &entries, &counters, today_on, Lang::Ru);
            prop_assert!(html.len() <= RAW_BYTES_MAX, "{}", html.len());
            // Without markup addresses stand beside the titles, so it is counted without them.
            let shown = regex::Regex::new("<[^>]*>").unwrap().replace_all(&html, "").into_owned();
            prop_assert!(units(&without_markup(&shown)) <= TEXT_UNITS_MAX);
        }
    }
}
