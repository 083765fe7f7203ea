//! The newest entries, as `/latest` shows them.
//!
//! Guarantees: up to ten entries fit into one message, each with its title and link, whatever they
//! contain.

use super::{
    buttons,
    html::{Html, RAW_BYTES_MAX, TEXT_UNITS_MAX},
    statement::{SOURCE_UNITS_MAX, entry},
};
use crate::{
    domain::{ChatKind, EntryWithSource, Message},
    lang::Lang,
};

/// The longest title, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 240;
/// What source, date and blank lines of an entry take at most, in UTF-16 units.
const HEAD_UNITS_MAX: usize = SOURCE_UNITS_MAX + 70;
/// A shorter lead says too little, in UTF-16 units.
const LEAD_UNITS_MIN: usize = 60;
/// The longest lead, in UTF-16 units.
const LEAD_UNITS_MAX: usize = 1000;

/// Returns the newest entries one below the other, with `held` below them. The leads share the
/// space that is left; a single entry has a button for its full text.
pub fn latest(
    entries: &[EntryWithSource],
    held: Option<Html>,
    kind: ChatKind,
    username: &str,
    lang: Lang,
) -> Message {
    let below = held.map(|held| Html::new().text("\n\n").with(held)).unwrap_or_default();
    let Some(first) = entries.first() else {
        let html = Html::new().text(lang.phrases().nothing_yet).with(below);
        return Message::new(html.into_string());
    };
    let share = (TEXT_UNITS_MAX - below.units()) / entries.len();
    let lead_max = share.saturating_sub(HEAD_UNITS_MAX + TITLE_UNITS_MAX).min(LEAD_UNITS_MAX);
    let lead_max = if lead_max < LEAD_UNITS_MIN { 0 } else { lead_max };
    let html = list(entries, lead_max, lang);
    // Only text that consists of escaped characters gets this long.
    let is_long = html.raw_bytes() + below.raw_bytes() > RAW_BYTES_MAX;
    let html = if is_long { list(entries, 0, lang) } else { html };
    let button = (entries.len() == 1)
        .then(|| buttons::read(kind, Some(username), first.entry_ref, lang))
        .flatten();
    let rows = button.map(|button| vec![vec![button]]).unwrap_or_default();
    Message::new(html.with(below).into_string()).with_buttons(rows)
}

fn list(entries: &[EntryWithSource], lead_max: usize, lang: Lang) -> Html {
    let mut html = Html::new();
    for (n, listed) in entries.iter().enumerate() {
        if n > 0 {
            html = html.text("\n\n\n");
        }
        let units_max = [TITLE_UNITS_MAX, lead_max];
        html = html.with(entry(&listed.source_title, &listed.entry, units_max, lang));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Entry, EntryId, EntryRef},
        message::html::{units, without_markup},
    };

    #[test]
    fn ten_long_entries_fit_into_one_message_each_with_its_parts() {
        for long in ["Слово <и> дело. ", "&"].map(|text| text.repeat(1000)) {
            let entry = Entry {
                date_on: None,
                seen_at: chrono::DateTime::UNIX_EPOCH,
                title: long.clone(),
                link: Some(format!("https://e.example/{}", "&".repeat(200))),
                lead: Some(format!("Иное. {long}")),
            };
            for count in 1..=10 {
                let one = EntryWithSource {
                    entry_ref: EntryRef { entry_id: EntryId(1), secret: 0 },
                    source_title: long.clone(),
                    entry: entry.clone(),
                };
                let listed = vec![one; count];
                for lang in Lang::ALL {
                    let html = latest(&listed, None, ChatKind::Private, "a_bot", lang).html;
                    assert!(html.len() <= RAW_BYTES_MAX, "{count}: {}", html.len());
                    assert_eq!(html.matches("<a href").count(), count);
                    let shown = without_markup(&html).replace(&"&".repeat(200), "");
                    assert!(units(&shown) <= TEXT_UNITS_MAX);
                }
            }
        }
    }
}
