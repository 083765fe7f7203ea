//! What a page says about itself: its day, its clocks, the links to its archive and its next page.
//!
//! Guarantees: everything is as printed; a line counts only if it has no other content.

use crate::domain::Clock;
use crate::extract::pattern::compile;
use crate::extract::{
    date::{self, DateOrder},
    layout::{Line, Page},
};
use chrono::NaiveDate;
use regex::Regex;
use std::sync::LazyLock;
use url::Url;

/// The most clocks of a page.
const CLOCKS_MAX: usize = 10;

/// "Moscow: 20:03", "New York 13:03": a name of capitalized words, and a time.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    const NAME: &str = r"\p{Lu}[\p{L}.'’-]*";
    let time = r"((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)";
    compile(&format!(r"^({NAME}(?: {NAME}){{0,2}})\s*[:–-]?\s+{time}$"))
});

/// What a page says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PageInfo {
    pub page_date: Option<NaiveDate>,
    pub clocks: Vec<Clock>,
    pub archive: Option<Url>,
    pub next: Option<Url>,
}

/// Finds what a page says about itself. A day from line `first_entry` on belongs to an entry, unless it
/// is near the clocks of the page.
pub(crate) fn find(page: &Page, first_entry: usize) -> PageInfo {
    let mut info = PageInfo::default();
    for (n, line) in page.lines.iter().enumerate() {
        let text = line.text.as_str();
        // The day is above everything else; further down, a date alone belongs to an entry.
        if info.page_date.is_none() && line.links.is_empty() && is_of_page(page, n, first_entry) {
            info.page_date = date::whole(text, DateOrder::DayFirst.into());
        }
        if let Some(found) = CLOCK.captures(text)
            && info.clocks.len() < CLOCKS_MAX
        {
            let part = |n: usize| found.get(n).map(|m| m.as_str().to_owned()).unwrap_or_default();
            info.clocks.push(Clock { place: part(1), time: part(2) });
        }
        if info.archive.is_none() && is_archive_name(text) && line.is_all_links() {
            info.archive = line.links.first().map(|(_, link)| link.clone());
        }
    }
    let mut links = page.lines.iter().flat_map(|line| line.links.iter().map(move |l| (line, l)));
    let next = links.find(|(line, (range, _))| is_next_name(&line.text[range.clone()]));
    info.next = next.map(|(_, (_, link))| link.clone());
    info
}

/// Lines at the top of a page that may have its day.
const TOP_LINES: usize = 40;

fn is_of_page(page: &Page, n: usize, first_entry: usize) -> bool {
    let has_clock = |line: &Line| CLOCK.is_match(&line.text);
    let from = n.saturating_sub(3);
    n < TOP_LINES.min(first_entry)
        || page.lines[from..(n + 4).min(page.lines.len())].iter().any(has_clock)
}

/// Returns whether a text is the name of a list of all entries.
pub(crate) fn is_archive_name(text: &str) -> bool {
    const NAMES: [&str; 18] = [
        "all messages",
        "all news",
        "all statements",
        "all press releases",
        "all entries",
        "all publications",
        "archive",
        "archives",
        "news archive",
        "older news",
        "more news",
        "view all",
        "see all",
        "show all",
        "все сообщения",
        "все новости",
        "все заявления",
        "архив",
    ];
    let text = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    NAMES.contains(&text.as_str())
}

/// Returns whether a text is the name of the next page of a list.
fn is_next_name(text: &str) -> bool {
    const NAMES: [&str; 26] = [
        "next",
        "next page",
        "older",
        "older posts",
        "older entries",
        "older news",
        "older statements",
        "следующая",
        "следующая страница",
        "вперед",
        "вперёд",
        "наступна",
        "suivant",
        "suivante",
        "page suivante",
        "weiter",
        "nächste",
        "nächste seite",
        "siguiente",
        "successiva",
        "seguinte",
        "następna",
        "sonraki",
        "下一页",
        "次へ",
        "التالي",
    ];
    // The longest name, with arrows around it.
    if text.len() > 60 {
        return false;
    }
    let name = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_compiles() {
        LazyLock::force(&CLOCK);
    }

    #[test]
    fn day_and_clocks_are_as_printed() {
        let text = "15 July 2020\nMoscow: 20:03\nNew York 13:03\nThe session began at 10:00\n20:03";
        let info = find(&crate::extract::plain_text::lines(text), usize::MAX);
        assert_eq!(info.page_date, "2020-07-15".parse().ok());
        let clocks: Vec<_> =
            info.clocks.iter().map(|c| (c.place.as_str(), c.time.as_str())).collect();
        assert_eq!(clocks, [("Moscow", "20:03"), ("New York", "13:03")]);
    }
}
