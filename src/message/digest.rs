//! The digest: many entries in one message.

use super::{
    html::{Html, RAW_BYTES_MAX, TEXT_UNITS_MAX, cut},
    statement::{COUNTER_UNITS_MAX, COUNTERS_MAX, SOURCE_UNITS_MAX, sentences},
};
use crate::{
    domain::{Counter, Entry},
    lang::Lang,
};
use chrono::NaiveDate;

/// The longest title in a line, and the length to which titles are cut at most, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 150;
const TITLE_UNITS_MIN: usize = 40;
/// The space for the day and its separators in a line, in UTF-16 units.
const DAY_UNITS_MAX: usize = 40;
/// The most entries that are shown.
const ENTRIES_MAX: usize = 20;
/// The space for the head and the line about entries left out, in UTF-16 units.
const HEAD_UNITS_MAX: usize = SOURCE_UNITS_MAX + 200;
/// The space for links in the raw message, in bytes; the rest is for texts whose every character is
/// escaped.
const LINKS_BYTES_MAX: usize = RAW_BYTES_MAX - 20_000;

/// Returns the digest of entries of a source, given oldest first: one line each, with the title as
/// a link. At most `ENTRIES_MAX` of the newest are shown, in the order of publication; for older
/// ones there is a link to the source. The counters are those of `today_on`.
pub fn digest(
    source_title: &str,
    source_url: &str,
    entries: &[Entry],
    counters: &[Counter],
    today_on: NaiveDate,
    lang: Lang,
) -> String {
    let sentences = sentences(counters, today_on);
    let below = COUNTERS_MAX.min(sentences.len()) * (COUNTER_UNITS_MAX + 1);
    let shown = &entries[entries.len().saturating_sub(ENTRIES_MAX)..];
    let room = TEXT_UNITS_MAX - HEAD_UNITS_MAX - below;
    let title_max = (room / shown.len().max(1)).saturating_sub(DAY_UNITS_MAX);
    let title_max = title_max.clamp(TITLE_UNITS_MIN, TITLE_UNITS_MAX);
    let link_max = LINKS_BYTES_MAX / shown.len().max(1);
    let line = |entry: &Entry| {
        let day = lang.day(entry.date_on.unwrap_or(entry.seen_at.date_naive()));
        let title = Html::new().text(&cut(&entry.title, title_max));
        let fits = |link: &&str| Html::new().text(link).raw_bytes() <= link_max;
        let link = entry.link.as_deref().filter(fits);
        Html::new().text("\n").text(&day).text(" · ").link(link, title)
    };
    let phrases = lang.phrases();
    let mut html = Html::new()
        .bold(&cut(source_title, SOURCE_UNITS_MAX))
        .text(" · ")
        .text(&(phrases.new_statements)(count(entries.len())))
        .text("\n");
    let left_out = entries.len() - shown.len();
    if left_out > 0 {
        let earlier = Html::new().text(&(phrases.earlier_ones)(count(left_out)));
        html = html.text("\n").link(Some(source_url), earlier);
    }
    html = shown.iter().map(line).fold(html, Html::with);
    if !sentences.is_empty() {
        html = html.text("\n\n").quote(Html::new().text(&sentences.join("\n")));
    }
    html.into_string()
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::html::{units, without_markup};
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
                    template: format!("{{days}} {w}"),
                })
                .collect();
            let link = format!("https://e.example/{path}");
            let entries: Vec<Entry> = (0..count).map(|n| entry(n as u32, &title, &link)).collect();
            let today_on = "2020-07-15".parse().unwrap();
            let html = digest(&title, "https://e.example/", &entries, &counters, today_on, Lang::Ru);
            prop_assert!(html.len() <= RAW_BYTES_MAX, "{}", html.len());
            // Without markup, addresses are beside the titles, so the length is that without
            // markup.
            let shown = regex::Regex::new("<[^>]*>").unwrap().replace_all(&html, "").into_owned();
            prop_assert!(units(&without_markup(&shown)) <= TEXT_UNITS_MAX);
        }
    }
}
