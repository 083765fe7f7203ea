//! Pages of entries: the archive, and the results of a search.

use super::{
    html::{Html, LINK_BYTES_MAX, RAW_BYTES_MAX, TEXT_UNITS_MAX, cut, units},
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{
        Action, ArchiveYear, Button, EntryPage, EntryWithSource, Message, SourceId, SourceOverview,
        archive::{ArchiveQuery, Cursor},
        callback::Keyboard,
        search_query::Query,
    },
    lang::Lang,
};
use std::ops::Range;

/// The longest title in a list, and the longest excerpt below it, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 150;
const EXCERPT_UNITS_MAX: usize = 120;
/// The longest line of a list, in UTF-16 units, and in bytes with its markup.
const LINE_UNITS_MAX: usize = TITLE_UNITS_MAX + 100;
const LINE_BYTES_MAX: usize = LINK_BYTES_MAX + 6 * LINE_UNITS_MAX;
/// The longest query that is shown, in UTF-16 units.
const QUERY_UNITS_MAX: usize = 256;
/// The most sources on one keyboard.
const SOURCES_MAX: usize = 40;
/// The longest name on a button, in UTF-16 units.
const NAME_UNITS_MAX: usize = 40;

/// Returns a page of the archive, with buttons for newer and older entries, other sources and other
/// months. `source` is the title of the source, if all entries are of one.
pub fn archive(
    listing: &EntryPage,
    view: ArchiveQuery,
    source: Option<&str>,
    lang: Lang,
) -> Message {
    let phrases = lang.phrases();
    let mut head = Html::new().bold(&cut(source.unwrap_or(phrases.archive), SOURCE_UNITS_MAX));
    if let Some(on) = view.month_on {
        head = head.text(" · ").text(&lang.month(on));
    }
    let mut html = head.text("\n");
    for listed in &listing.entries {
        let title = cut(&listed.entry.title, TITLE_UNITS_MAX);
        let title = Html::new().text(&title);
        html = html.text("\n").with(entry_line(listed, title, source.is_none(), lang));
    }
    if listing.entries.is_empty() {
        html = html.text("\n").text(phrases.nothing_here);
    }
    let to = |cursor| Action::Archive(ArchiveQuery { cursor, ..view });
    let mut buttons = page_buttons(listing, to);
    let months = match view.month_on {
        Some(_) => Button::new(
            phrases.all_months,
            &Action::Archive(ArchiveQuery { month_on: None, cursor: Cursor::First, ..view }),
        ),
        None => Button::new(phrases.months, &Action::ArchiveMonths(view.source_id, None)),
    };
    buttons.push(vec![Button::new(phrases.one_source, &Action::ArchiveSources), months]);
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Returns a line of a list: the day, the title as a link, and the source where the heading does
/// not name it.
fn entry_line(listed: &EntryWithSource, title: Html, names_source: bool, lang: Lang) -> Html {
    let entry = &listed.entry;
    let day = lang.day(entry.date_on.unwrap_or(entry.seen_at.date_naive()));
    let line = Html::new().text(&day).text(" · ").link(entry.link.as_deref(), title);
    if names_source { line.text(" · ").italic(&cut(&listed.source_title, 60)) } else { line }
}

/// Returns the buttons for the newer and the older page.
fn page_buttons(listing: &EntryPage, to: impl Fn(Cursor) -> Action) -> Keyboard {
    let newer = listing.newer.map(|cursor| Button::new("◀", &to(cursor)));
    let older = listing.older.map(|cursor| Button::new("▶", &to(cursor)));
    let row: Vec<Button> = newer.into_iter().chain(older).collect();
    if row.is_empty() { Vec::new() } else { vec![row] }
}

/// Returns the sources to choose from for the archive.
pub fn archive_sources(sources: &[SourceOverview], lang: Lang) -> Message {
    let phrases = lang.phrases();
    let view = |source_id| ArchiveQuery { source_id, month_on: None, cursor: Cursor::First };
    let mut buttons = vec![vec![Button::new(phrases.all_sources, &Action::Archive(view(None)))]];
    for source in sources.iter().take(SOURCES_MAX) {
        let name = cut(&source.title, NAME_UNITS_MAX);
        buttons.push(vec![Button::new(name, &Action::Archive(view(Some(source.source_id))))]);
    }
    Message::new(Html::new().text(phrases.which_source).into_string()).with_buttons(buttons)
}

/// Returns the months of a year to choose from for the archive.
pub fn archive_months(year: &ArchiveYear, source_id: Option<SourceId>, lang: Lang) -> Message {
    let phrases = lang.phrases();
    let month = |on: &chrono::NaiveDate| {
        let view = ArchiveQuery { source_id, month_on: Some(*on), cursor: Cursor::First };
        Button::new(lang.month(*on), &Action::Archive(view))
    };
    let months: Vec<Button> = year.months.iter().rev().map(month).collect();
    let mut buttons: Keyboard = months.chunks(2).map(<[Button]>::to_vec).collect();
    let to =
        |year: i32| Button::new(year.to_string(), &Action::ArchiveMonths(source_id, Some(year)));
    let turn: Vec<Button> = year.after.into_iter().chain(year.before).map(to).collect();
    if !turn.is_empty() {
        buttons.push(turn);
    }
    let all = ArchiveQuery { source_id, month_on: None, cursor: Cursor::First };
    buttons.push(vec![Button::new(phrases.all_months, &Action::Archive(all))]);
    let text = if year.months.is_empty() { phrases.nothing_here } else { phrases.which_month };
    Message::new(Html::new().text(text).into_string()).with_buttons(buttons)
}

/// Returns the results of a search, with the hits in bold. The query is in monospace, from where
/// the buttons read it back. `passages` has for each entry the text with hits outside of the title.
/// `names_sources` says whether the entries may be of several sources.
pub fn search_results(
    listing: &EntryPage,
    passages: &[Option<String>],
    query: &Query,
    names_sources: bool,
    lang: Lang,
) -> Message {
    let phrases = lang.phrases();
    let mut html =
        Html::new().text("🔎 ").code(&cut(&query.to_string(), QUERY_UNITS_MAX)).text("\n");
    if query.is_cut() {
        html = html.italic(phrases.search_cut).text("\n");
    }
    if listing.entries.is_empty() {
        html = html.text("\n").text(phrases.nothing_found);
    }
    let passages = passages.iter().map(Option::as_deref).chain(std::iter::repeat(None));
    // Space is reserved for the lines that follow.
    let lines = listing.entries.len().saturating_sub(1);
    let mut room = (
        TEXT_UNITS_MAX.saturating_sub(lines * LINE_UNITS_MAX),
        RAW_BYTES_MAX.saturating_sub(lines * LINE_BYTES_MAX),
    );
    for (listed, passage) in listing.entries.iter().zip(passages) {
        let title = cut(&listed.entry.title, TITLE_UNITS_MAX);
        let title = Html::new().marked(&title, &query.hits(&title));
        let piece = Html::new().text("\n").with(entry_line(listed, title, names_sources, lang));
        let excerpt = passage.and_then(|passage| excerpt(passage, query));
        let fits = |piece: &Html| {
            html.units() + piece.units() <= room.0 && html.raw_bytes() + piece.raw_bytes() <= room.1
        };
        // The line of an entry is always there, its excerpt if there is space.
        let whole = excerpt.map(|excerpt| piece.clone().text("\n").with(excerpt)).filter(fits);
        html = html.with(whole.unwrap_or(piece));
        room = (room.0 + LINE_UNITS_MAX, room.1 + LINE_BYTES_MAX);
    }
    let buttons = page_buttons(listing, Action::Search);
    Message::new(html.into_string()).with_buttons(buttons)
}

/// Returns the part of a passage around its first hit.
fn excerpt(passage: &str, query: &Query) -> Option<Html> {
    let part = query.excerpt(passage, EXCERPT_UNITS_MAX);
    let hits: Vec<Range<usize>> = query.hits(part);
    let is_short = units(part) <= EXCERPT_UNITS_MAX * 2;
    let before = if passage.starts_with(part) { "   " } else { "   … " };
    let after = if passage.ends_with(part) { "" } else { " …" };
    (!hits.is_empty() && is_short).then(|| Html::new().text(before).marked(part, &hits).text(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Entry, EntryId, EntryRef},
        message::html::without_markup,
    };

    #[test]
    fn each_hit_is_named_however_long_all_of_it_is() {
        let query = Query::parse("fog").unwrap();
        let entry = |n: usize| Entry {
            date_on: "2026-09-30".parse().ok(),
            seen_at: "2026-09-30T10:00:00Z".parse().unwrap(),
            title: format!("{n} {}", "<&> \"слово\" ".repeat(40)),
            link: Some(format!("https://lights.example/{}", "a".repeat(1000))),
            lead: None,
        };
        let listed = |n| EntryWithSource {
            entry_ref: EntryRef { entry_id: EntryId(7), secret: 0 },
            source_title: "<&> ".repeat(60),
            entry: entry(n),
        };
        let listing = EntryPage { entries: (0..10).map(listed).collect(), ..EntryPage::default() };
        let passages = vec![Some(format!("{0} fog {0}", "<&> ".repeat(90))); 10];
        for lang in Lang::ALL {
            let html = search_results(&listing, &passages, &query, true, lang).html;
            assert!(html.len() <= RAW_BYTES_MAX && units(&without_markup(&html)) <= TEXT_UNITS_MAX);
            assert!(
                (0..10).all(|n| html.contains(&format!("{n} &lt;&amp;&gt; \"слово"))),
                "{html}"
            );
            assert!(html.contains("<b>fog</b>"), "{html}");
        }
    }
}
