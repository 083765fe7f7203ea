//! The full text of an entry, in as many messages as it needs.
//!
//! Guarantees: the same text is split at the same places, whatever the language: between paragraphs, or
//! between sentences of a paragraph that is longer than a message. Markup is closed in each part.

use super::{
    html::{Html, TEXT_UNITS_MAX},
    split::{cut, split, units},
    statement::SOURCE_UNITS_MAX,
};
use crate::{
    domain::{Action, Article, Button, EntryWithSource, Message, NoText, Paragraph, ParagraphKind},
    lang::Lang,
};

/// The longest title above the text, and the space for what else surrounds it, in UTF-16 units.
const TITLE_UNITS_MAX: usize = 300;
const AROUND_UNITS_MAX: usize = 150;
/// The longest part of a text in one message, in UTF-16 units.
const PART_UNITS_MAX: usize =
    TEXT_UNITS_MAX - SOURCE_UNITS_MAX - TITLE_UNITS_MAX - AROUND_UNITS_MAX;
/// The longest part of a text in one message, in raw bytes: where many characters are escaped, less fits.
const PART_BYTES_MAX: usize = 28_000;
/// A part that is longer than this is collapsed, in UTF-16 units.
const FOLDED_ABOVE: usize = 1200;
/// The longest name of a speaker, in UTF-16 units.
const SPEAKER_UNITS_MAX: usize = 80;

/// Returns a part of a full text, from 0, with a button for the next one; `None` if there is no
/// such part.
pub fn article(
    listed: &EntryWithSource,
    article: &Article,
    part: usize,
    lang: Lang,
) -> Option<Message> {
    let parts = parts(article);
    let body = parts.get(part)?.clone();
    let phrases = lang.phrases();
    let title = Html::new().bold(&cut(&listed.entry.title, TITLE_UNITS_MAX));
    let mut html = Html::new().bold(&cut(&listed.source_title, SOURCE_UNITS_MAX));
    html = match listed.entry.date_on {
        Some(date_on) => html.text(" · ").text(&lang.day(date_on)),
        None => html,
    };
    html = html.text("\n\n").link(listed.entry.link.as_deref(), title);
    if parts.len() > 1 {
        html = html.text(&format!(" ({}/{})", part + 1, parts.len()));
    }
    html = html.text("\n\n");
    html = if body.units() > FOLDED_ABOVE { html.folded_quote(body) } else { html.with(body) };
    let mut buttons = Vec::new();
    if part + 1 < parts.len() {
        let text = format!("{} ({}/{})", phrases.continue_reading, part + 2, parts.len());
        let next = u32::try_from(part + 1).unwrap_or(u32::MAX);
        buttons.push(vec![Button::new(text, &Action::Read(listed.entry_ref, next))]);
    }
    if let Some(link) = web_link(listed) {
        buttons.push(vec![Button::open(phrases.open_page, link)]);
    }
    Some(Message { html: html.into_string(), buttons })
}

/// Returns the message of an entry whose full text is not available: what is stored, the reason,
/// and the link.
pub fn without_text(listed: &EntryWithSource, why: &str, lang: Lang) -> Message {
    let html = super::statement::entry(&listed.source_title, &listed.entry, [600, 1500], lang)
        .text("\n\n")
        .italic(why);
    let button = |link| vec![vec![Button::open(lang.phrases().open_page, link)]];
    Message { html: html.into_string(), buttons: web_link(listed).map(button).unwrap_or_default() }
}

/// Returns the message of an entry without a full text after its page was fetched.
pub fn no_text(listed: &EntryWithSource, why: NoText, lang: Lang) -> Message {
    let phrases = lang.phrases();
    let why = match why {
        NoText::Unreadable => phrases.page_unreadable,
        NoText::NotFound => phrases.no_whole_text,
    };
    without_text(listed, why, lang)
}

fn web_link(listed: &EntryWithSource) -> Option<&str> {
    let is_web = |link: &&str| link.starts_with("http://") || link.starts_with("https://");
    listed.entry.link.as_deref().filter(is_web)
}

/// Returns the parts of a text; at least one.
fn parts(article: &Article) -> Vec<Html> {
    let mut parts = Vec::new();
    let mut part = Html::new();
    for piece in article.paragraphs.iter().flat_map(pieces) {
        let gap = if part.units() > 0 { 2 } else { 0 };
        let fits = part.units() + gap + piece.units() <= PART_UNITS_MAX
            && part.raw_bytes() + piece.raw_bytes() <= PART_BYTES_MAX;
        if !fits {
            parts.push(std::mem::take(&mut part));
        }
        if part.units() > 0 {
            part = part.text("\n\n");
        }
        part = part.with(piece);
    }
    parts.push(part);
    parts
}

/// Returns a paragraph in pieces that fit into a message.
fn pieces(paragraph: &Paragraph) -> Vec<Html> {
    let name = paragraph.speaker.as_deref().map(|name| cut(name, SPEAKER_UNITS_MAX));
    // An escaped character takes up to five bytes; six leave a margin.
    let room = (PART_UNITS_MAX - SPEAKER_UNITS_MAX - 10).min(PART_BYTES_MAX / 6);
    let mut pieces = Vec::new();
    for (n, text) in split(&paragraph.text, room).into_iter().enumerate() {
        let label = name.as_deref().filter(|_| n == 0);
        pieces.push(match (paragraph.kind, label) {
            (ParagraphKind::Question, Some(name)) => Html::new().bold(&format!("{name}: {text}")),
            (ParagraphKind::Question | ParagraphKind::Heading, _) => Html::new().bold(text),
            (ParagraphKind::Item, _) if n == 0 => Html::new().text("• ").text(text),
            (ParagraphKind::Quote, _) => Html::new().italic(text),
            (_, Some(name)) => Html::new().bold(&format!("{name}:")).text(" ").text(text),
            (_, None) => Html::new().text(text),
        });
    }
    debug_assert!(
        pieces.iter().all(|piece| piece.units() <= PART_UNITS_MAX),
        "{}",
        units(&paragraph.text)
    );
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Entry, EntryId, EntryRef},
        message::html::{RAW_BYTES_MAX, without_markup},
    };
    use proptest::prelude::*;

    fn listed(title: &str) -> EntryWithSource {
        EntryWithSource {
            entry_ref: EntryRef { entry_id: EntryId(7), secret: 0 },
            source_title: "E".to_owned(),
            entry: Entry {
                date_on: "2020-07-15".parse().ok(),
                seen_at: "2020-07-15T10:00:00Z".parse().unwrap(),
                title: title.to_owned(),
                link: Some("https://e.example/7".to_owned()),
                lead: None,
            },
        }
    }

    fn paragraph(kind: ParagraphKind, speaker: Option<&str>, text: &str) -> Paragraph {
        Paragraph { kind, speaker: speaker.map(str::to_owned), text: text.to_owned() }
    }

    #[test]
    fn questions_stand_apart_from_answers() {
        let interview = Article {
            title: None,
            paragraphs: vec![
                paragraph(ParagraphKind::Question, Some("Question"), "Why <so>?"),
                paragraph(ParagraphKind::Answer, Some("A. Keeper"), "Because."),
                paragraph(ParagraphKind::Text, None, "It is late."),
            ],
        };
        let message = article(&listed("Interview"), &interview, 0, Lang::En).unwrap();
        assert_eq!(
            message.html,
            "<b>E</b> · 15 July 2020\n\n<a href=\"https://e.example/7\"><b>Interview</b></a>\n\n\
             <b>Question: Why &lt;so&gt;?</b>\n\n<b>A. Keeper:</b> Because.\n\nIt is late."
        );
        assert_eq!(message.buttons.len(), 1, "{:?}", message.buttons);
        assert_eq!(article(&listed("Interview"), &interview, 1, Lang::En), None);
    }

    #[test]
    fn a_very_long_statement_comes_in_parts_and_nothing_of_it_is_lost() {
        let text = "A sentence that is not short, so that it fills the part. ".repeat(400);
        let paragraphs =
            (0..13).map(|_| paragraph(ParagraphKind::Text, None, text.trim())).collect();
        let long = Article { title: None, paragraphs };
        let letters = |text: &str| text.matches("sentence").count();
        let mut found = 0;
        let mut part = 0;
        while let Some(message) = article(&listed("T"), &long, part, Lang::Ru) {
            assert!(message.html.contains("<blockquote expandable>") || part > 60);
            found += letters(&message.html);
            part += 1;
        }
        assert_eq!(found, 13 * 400);
        assert!((80..110).contains(&part), "{part} parts");
    }

    proptest! {
        #[test]
        fn each_part_is_within_the_limits_whatever_the_page_says(
            title in "[<>&\"😀a ]{1,900}",
            texts in proptest::collection::vec("(\\PC{0,80}|[<&]{1,40}){0,200}", 1..6),
            speaker in "[<&a]{1,200}",
        ) {
            let kinds = [ParagraphKind::Question, ParagraphKind::Answer, ParagraphKind::Item,
                ParagraphKind::Heading, ParagraphKind::Quote, ParagraphKind::Text];
            let paragraphs = texts.iter().enumerate().map(|(n, text)| {
                paragraph(kinds[n % 6], (n % 2 == 0).then_some(speaker.as_str()), text)
            }).collect();
            let all = Article { title: None, paragraphs };
            let listed = listed(&title);
            let mut part = 0;
            while let Some(message) = article(&listed, &all, part, Lang::En) {
                prop_assert!(message.html.len() <= RAW_BYTES_MAX);
                let shown = without_markup(&message.html.replace("<a href=\"https://e.example/7\">", ""));
                prop_assert!(units(&shown) <= TEXT_UNITS_MAX);
                part += 1;
            }
            prop_assert!(part > 0);
        }
    }
}
