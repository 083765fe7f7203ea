//! The message of a new entry.

use super::html::{Html, TEXT_UNITS_MAX, cut};
use crate::{
    domain::{Counter, DetailLevel, EffectiveSettings, Entry},
    lang::Lang,
};
use chrono::NaiveDate;

/// The longest title of a source, title and lead, in UTF-16 units. Together they stay below
/// [`TEXT_UNITS_MAX`].
pub(super) const SOURCE_UNITS_MAX: usize = 100;
const TITLE_UNITS_MAX: usize = 600;
const LEAD_UNITS_MAX: usize = 1000;
/// The most counters in one message, and the longest of them, in UTF-16 units.
pub(super) const COUNTERS_MAX: usize = 6;
pub(super) const COUNTER_UNITS_MAX: usize = 300;
/// The space for the date and the separators, in UTF-16 units.
const AROUND_UNITS_MAX: usize = 120;

/// Returns the message of an entry: source and day, the title as a link, as much of the lead as the
/// settings say, and the counters of the source on `today_on` if the settings include them.
pub fn statement(
    source_title: &str,
    entry: &Entry,
    counters: &[Counter],
    today_on: NaiveDate,
    settings: &EffectiveSettings,
    lang: Lang,
) -> String {
    let sentences = if settings.counters { sentences(counters, today_on) } else { Vec::new() };
    let below = Html::new().text(&sentences.join("\n"));
    let lead_max = match settings.detail {
        DetailLevel::Title => 0,
        DetailLevel::Lead => LEAD_UNITS_MAX,
        DetailLevel::Long => {
            TEXT_UNITS_MAX - SOURCE_UNITS_MAX - TITLE_UNITS_MAX - AROUND_UNITS_MAX - below.units()
        }
    };
    let mut html = self::entry(source_title, entry, [TITLE_UNITS_MAX, lead_max], lang);
    if !sentences.is_empty() {
        html = html.text("\n\n").quote(below);
    }
    html.into_string()
}

/// Returns the head, title and lead of an entry. `units_max` are the limits of title and lead.
pub(super) fn entry(source_title: &str, entry: &Entry, units_max: [usize; 2], lang: Lang) -> Html {
    let [title_max, lead_max] = units_max;
    let day = match entry.date_on {
        Some(date_on) => lang.day(date_on),
        None => (lang.phrases().undated)(&lang.day(entry.seen_at.date_naive())),
    };
    let title = Html::new().bold(&cut(&entry.title, title_max));
    let html = Html::new()
        .bold(&cut(source_title, SOURCE_UNITS_MAX))
        .text(" · ")
        .text(&day)
        .text("\n\n")
        .link(entry.link.as_deref(), title);
    // A page may give the title again as the lead.
    match entry.lead.as_deref().filter(|lead| *lead != entry.title) {
        Some(lead) if lead_max > 0 => html.text("\n\n").text(&cut(lead, lead_max)),
        _ => html,
    }
}

/// Returns the sentences of counters whose count has begun.
pub(super) fn sentences(counters: &[Counter], today_on: NaiveDate) -> Vec<String> {
    let sentences = counters.iter().filter_map(|counter| counter.sentence(today_on));
    sentences.take(COUNTERS_MAX).map(|s| cut(&s, COUNTER_UNITS_MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{SettingsOverrides, Zone},
        message::html::{RAW_BYTES_MAX, units, without_markup},
    };
    use proptest::prelude::*;

    fn entry_with(title: &str, lead: Option<&str>) -> Entry {
        Entry {
            date_on: "2020-07-14".parse().ok(),
            seen_at: "2020-07-15T10:00:00Z".parse().unwrap(),
            title: title.to_owned(),
            link: Some("https://embassy.example/fnapr/6900".to_owned()),
            lead: lead.map(str::to_owned),
        }
    }

    fn counter(words: &str) -> Counter {
        Counter { since_on: "2018-03-04".parse().unwrap(), template: words.to_owned() }
    }

    fn settings(summary: DetailLevel) -> EffectiveSettings {
        let chosen = SettingsOverrides { detail: Some(summary), ..SettingsOverrides::default() };
        EffectiveSettings::of(&chosen, &SettingsOverrides::default(), Zone::UTC)
    }

    fn push_all(title: &str, entry: &Entry, counters: &[Counter], lang: Lang) -> String {
        statement(title, entry, counters, today(), &settings(DetailLevel::Lead), lang)
    }

    fn today() -> NaiveDate {
        "2020-07-15".parse().unwrap()
    }

    #[test]
    fn a_push_names_source_and_day_links_the_title_and_counts_the_days() {
        let counters = [counter("{days} days have passed since A & B"), counter("{days} more")];
        let html =
            push_all("The <Embassy>", &entry_with("On \"it\"", Some("Lead.")), &counters, Lang::En);
        assert_eq!(
            html,
            "<b>The &lt;Embassy&gt;</b> · 14 July 2020\n\n\
             <a href=\"https://embassy.example/fnapr/6900\"><b>On \"it\"</b></a>\n\n\
             Lead.\n\n\
             <blockquote>864 days have passed since A &amp; B\n864 more</blockquote>"
        );
    }

    #[test]
    fn an_entry_without_a_date_says_when_it_was_first_seen() {
        let undated = Entry { date_on: None, ..entry_with("T", Some("T")) };
        let html = push_all("E", &undated, &[], Lang::En);
        assert_eq!(
            html,
            "<b>E</b> · no date given, first seen 15 July 2020\n\n\
             <a href=\"https://embassy.example/fnapr/6900\"><b>T</b></a>"
        );
    }

    #[test]
    fn a_chat_gets_as_much_of_an_entry_as_it_chose() {
        let lead = "A sentence of the lead. ".repeat(100);
        let entry = entry_with("T", Some(lead.trim()));
        let counters = [counter("{days} days")];
        let all = |chosen: EffectiveSettings| {
            statement("E", &entry, &counters, today(), &chosen, Lang::En)
        };
        let [title, short, long] = [DetailLevel::Title, DetailLevel::Lead, DetailLevel::Long]
            .map(|summary| all(settings(summary)));
        assert!(!title.contains("sentence") && title.contains("864 days"));
        assert!(short.contains("lead. …"), "{short}");
        assert!(long.contains(lead.trim()), "{long}");
        let without = all(EffectiveSettings { counters: false, ..settings(DetailLevel::Title) });
        assert!(!without.contains("864"), "{without}");
    }

    proptest! {
        #[test]
        fn a_push_is_within_the_limits_whatever_the_source_says(
            title in "[<>&\"😀a ]{1,900}",
            lead in "\\PC{0,1500}",
            words in proptest::collection::vec("\\PC{0,400}", 0..9),
        ) {
            let counters: Vec<_> = words.iter().map(|w| counter(&format!("{{days}} {w}"))).collect();
            let lead = lead.repeat(5);
            for summary in [DetailLevel::Title, DetailLevel::Lead, DetailLevel::Long] {
                let entry = entry_with(&title, Some(&lead));
                let html = statement(&title, &entry, &counters, today(), &settings(summary), Lang::Ru);
                prop_assert!(html.len() <= RAW_BYTES_MAX);
                let link = " https://embassy.example/fnapr/6900";
                prop_assert!(units(&without_markup(&html)) <= TEXT_UNITS_MAX + units(link));
            }
        }
    }
}
