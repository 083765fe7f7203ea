//! The entry point: prepares a document and runs the feed or the page extractor.

use super::{
    charset::SEAM,
    document::Document,
    feed,
    layout::Page,
    list::{self, choose::Chosen},
    newest::keep_newest,
    page,
    prepared::{Content, Prepared},
};
use crate::domain::{DocumentKind, Extraction};

/// Extracts all of [`Extraction`]; empty if nothing is found.
pub fn read(document: &Document<'_>) -> Extraction {
    let Prepared { source, content } = Prepared::new(document);
    let mut extraction = match &content {
        // What looked like a feed and could not be parsed counts as text.
        Content::Feed => {
            feed::read(&source, document).unwrap_or_else(|| Extraction::empty(DocumentKind::Text))
        }
        Content::Lines(kind, page) => extract_page(*kind, page, document),
    };
    // An entry that contains `SEAM` was glued from text before and after the part left out of a
    // large document: drop it.
    extraction.entries.retain(|entry| {
        !entry.title.contains(SEAM) && !entry.lead.as_ref().is_some_and(|lead| lead.contains(SEAM))
    });
    keep_newest(&mut extraction);
    if extraction.entries.is_empty() {
        extraction.challenge = page::challenge::find(&source).map(str::to_owned);
    }
    extraction
}

/// Extracts all that the lines of a page show.
fn extract_page(kind: DocumentKind, page: &Page, document: &Document<'_>) -> Extraction {
    let Chosen { entries, first_line, note } = list::choose::entries(page, document);
    let info = page::info::find(page, first_line);
    let contacts = page::contacts::find(page);
    let as_of = info.page_date.map_or((document.today_on(), false), |on| (on, true));
    Extraction {
        kind,
        counters: page::day_counters::find(page, as_of),
        page_date: info.page_date,
        clocks: info.clocks,
        phones: contacts.phones,
        contacts: contacts.lines,
        archive: info.archive,
        next: page.next.clone().or(info.next),
        title: page.title.clone(),
        lang: Some(page.lang.clone()).filter(|lang| !lang.is_empty()),
        feeds: page.feeds.clone(),
        entries,
        fresh_for: None,
        challenge: None,
        is_empty_list: false,
        notes: note.into_iter().collect(),
    }
}
