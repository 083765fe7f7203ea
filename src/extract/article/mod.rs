//! Readability: the full text of an entry from its page, without navigation.
//!
//! Guarantees: work and depth are bounded before readability sees the page (`prune`); questions and
//! answers are distinguished where the text names the speakers.
//! Out of scope: fetching the page, and splitting the text into messages (`message`).

pub(crate) mod prune;

use super::{
    date,
    document::Document,
    html,
    selectors::Selectors,
    sniff::{Shape, sniff},
};
use crate::domain::{Article, Paragraph, ParagraphKind, entry::fold, text::normalize_whitespace};
use dom_smoothie::{Config, Readability};
use ego_tree::NodeRef;
use scraper::Node;
use std::collections::BTreeMap;

/// The longest text that is kept, in characters, and its paragraphs.
const CHARS_MAX: usize = 400_000;
const PARAGRAPHS_MAX: usize = 5000;
/// The most nodes of a page.
const NODES_MAX: usize = 150_000;
/// Text that is shorter is not a main text.
const CHARS_MIN: usize = 80;
/// Where no main text is found, lines that are longer are taken for paragraphs.
const LINE_CHARS_MIN: usize = 60;
/// The longest name of a speaker, in characters and words.
const SPEAKER_CHARS_MAX: usize = 60;
const SPEAKER_WORDS_MAX: usize = 6;

/// Labels of questions.
const QUESTIONS: [&str; 14] = [
    "question",
    "q",
    "вопрос",
    "запитання",
    "питання",
    "frage",
    "pregunta",
    "domanda",
    "pergunta",
    "vraag",
    "pytanie",
    "soru",
    "otázka",
    "întrebare",
];
/// Labels of answers.
const ANSWERS: [&str; 14] = [
    "answer",
    "a",
    "ответ",
    "відповідь",
    "antwort",
    "réponse",
    "respuesta",
    "risposta",
    "resposta",
    "antwoord",
    "odpowiedź",
    "cevap",
    "odpověď",
    "răspuns",
];

/// Finds the full text in a decoded document.
pub(crate) fn find(source: &str, document: &Document<'_>) -> Option<Article> {
    let (title, paragraphs) = match sniff(source, document.content_type) {
        Shape::Feed => return None,
        Shape::Text => (None, of_text(source)),
        Shape::Markup => of_page(source, document),
    };
    let paragraphs = clean(paragraphs, title.as_deref());
    let chars: usize = paragraphs.iter().map(|p| p.text.chars().count()).sum();
    (chars >= CHARS_MIN).then(|| Article { title, paragraphs: split_speakers(paragraphs) })
}

fn paragraph(kind: ParagraphKind, text: &str) -> Option<Paragraph> {
    let text = prune::with_stand_ins(&normalize_whitespace(text));
    (!text.is_empty()).then_some(Paragraph { kind, speaker: None, text })
}

/// Returns the paragraphs of plain text, which are separated by empty lines.
fn of_text(source: &str) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    let mut part = String::new();
    for line in source.lines().chain([""]) {
        if line.trim().is_empty() {
            paragraphs.extend(paragraph(ParagraphKind::Text, &part));
            part.clear();
        } else {
            part.push_str(line);
            part.push(' ');
        }
    }
    paragraphs
}

fn of_page(source: &str, document: &Document<'_>) -> (Option<String>, Vec<Paragraph>) {
    // Parsed within bounds, pruned and serialized again, so that its cost is bounded.
    let mut html = html::parse_within(source, NODES_MAX);
    prune::prune(&mut html.tree);
    let page = html.html();
    let url = document.url.map(url::Url::as_str);
    let config = Config { char_threshold: 200, ..Config::default() };
    let found = Readability::new(page, url, Some(config)).and_then(|mut page| page.parse());
    let (title, paragraphs) = match found {
        Ok(found) => {
            let title = prune::with_stand_ins(&normalize_whitespace(&found.title));
            let tree = html::parse(&found.content);
            let mut walker = Walker::default();
            walker.walk(tree.tree.root(), ParagraphKind::Text);
            walker.flush(ParagraphKind::Text);
            (Some(title).filter(|title| !title.is_empty()), walker.paragraphs)
        }
        Err(_) => (None, Vec::new()),
    };
    if paragraphs.iter().map(|p| p.text.len()).sum::<usize>() >= CHARS_MIN {
        return (title, paragraphs);
    }
    let page = html::lines_of(&html, document.url, &Selectors::new(document.page_rules));
    let long = page.lines.iter().filter(|line| line.text.chars().count() >= LINE_CHARS_MIN);
    (title, long.filter_map(|line| paragraph(ParagraphKind::Text, &line.text)).collect())
}

/// Collects the paragraphs of a cleaned page.
#[derive(Default)]
struct Walker {
    paragraphs: Vec<Paragraph>,
    text: String,
}

impl Walker {
    fn flush(&mut self, kind: ParagraphKind) {
        let text = std::mem::take(&mut self.text);
        if self.paragraphs.len() < PARAGRAPHS_MAX {
            self.paragraphs.extend(paragraph(kind, &text));
        }
    }

    /// Collects the text below a node. The tree is no deeper than `html::parse` lets it be.
    fn walk(&mut self, node: NodeRef<'_, Node>, kind: ParagraphKind) {
        for child in node.children() {
            match child.value() {
                Node::Text(text) => self.text.push_str(text),
                Node::Element(element) => match element.name() {
                    "script" | "style" | "noscript" | "svg" | "figure" | "button" | "form" => {}
                    // Lines that end like sentences are paragraphs; others go on in the next line.
                    "br" if ends_a_sentence(&self.text) => self.flush(kind),
                    "br" => self.text.push(' '),
                    "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                        self.block(child, kind, ParagraphKind::Heading);
                    }
                    "li" | "dd" => self.block(child, kind, ParagraphKind::Item),
                    "blockquote" => self.block(child, kind, ParagraphKind::Quote),
                    "p" | "div" | "section" | "article" | "main" | "ul" | "ol" | "dl" | "dt"
                    | "table" | "tr" | "td" | "th" | "tbody" | "header" | "footer" | "pre"
                    | "hr" => {
                        self.block(child, kind, kind);
                    }
                    _ => self.walk(child, kind),
                },
                _ => self.walk(child, kind),
            }
        }
    }

    fn block(&mut self, node: NodeRef<'_, Node>, outer: ParagraphKind, inner: ParagraphKind) {
        self.flush(outer);
        self.walk(node, inner);
        self.flush(inner);
    }
}

fn ends_a_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', '…', '"', '”', '»', ':', ';'])
}

/// Drops paragraphs that are not part of the text: the title again, a date alone, labels of buttons.
fn clean(paragraphs: Vec<Paragraph>, title: Option<&str>) -> Vec<Paragraph> {
    const BUTTONS: [&str; 14] = [
        "share",
        "print",
        "print version",
        "email",
        "facebook",
        "twitter",
        "x",
        "telegram",
        "whatsapp",
        "поделиться",
        "печать",
        "версия для печати",
        "teilen",
        "drucken",
    ];
    let title = title.map(fold);
    let is_chrome = |paragraph: &Paragraph| {
        let folded = fold(&paragraph.text);
        folded.is_empty()
            || BUTTONS.contains(&folded.as_str())
            || date::whole(&paragraph.text, date::DateOrder::DayFirst.into()).is_some()
    };
    let is_title = |paragraph: &Paragraph| Some(fold(&paragraph.text)) == title;
    let mut chars = 0;
    let mut kept: Vec<Paragraph> = Vec::new();
    for paragraph in paragraphs {
        if is_chrome(&paragraph) || (kept.len() < 3 && is_title(&paragraph)) {
            continue;
        }
        chars += paragraph.text.chars().count();
        if chars > CHARS_MAX || kept.len() == PARAGRAPHS_MAX {
            break;
        }
        kept.push(paragraph);
    }
    kept
}

/// Marks questions and answers where paragraphs name the speaker.
fn split_speakers(mut paragraphs: Vec<Paragraph>) -> Vec<Paragraph> {
    let labels: Vec<Option<(String, usize)>> = paragraphs.iter().map(|p| label(&p.text)).collect();
    let is_of = |words: &[&str], name: &str| words.contains(&name.to_lowercase().as_str());
    let has_questions = labels.iter().flatten().any(|(name, _)| is_of(&QUESTIONS, name));
    if !has_questions {
        return paragraphs;
    }
    let mut often: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in labels.iter().flatten() {
        *often.entry(name).or_default() += 1;
    }
    let mut is_asked = false;
    for (paragraph, label) in paragraphs.iter_mut().zip(&labels) {
        let Some((name, end)) = label else {
            is_asked &= paragraph.kind == ParagraphKind::Question;
            continue;
        };
        let is_question = is_of(&QUESTIONS, name);
        let is_answer = is_of(&ANSWERS, name) || is_asked || often.get(name.as_str()) > Some(&1);
        if !is_question && !is_answer {
            continue;
        }
        is_asked = is_question;
        paragraph.kind = if is_question { ParagraphKind::Question } else { ParagraphKind::Answer };
        paragraph.speaker = Some(name.clone());
        paragraph.text = paragraph.text[*end..].trim().to_owned();
    }
    paragraphs.retain(|paragraph| !paragraph.text.is_empty());
    paragraphs
}

/// Returns the name of a speaker that a paragraph begins with, before a colon, and where the speech
/// begins.
fn label(text: &str) -> Option<(String, usize)> {
    let at = text.find(':')?;
    let (name, rest) = (text[..at].trim(), &text[at + 1..]);
    let words = name.split_whitespace().count();
    let begins = name.chars().next().is_some_and(char::is_uppercase);
    let is_name = begins
        && name.chars().count() <= SPEAKER_CHARS_MAX
        && (1..=SPEAKER_WORDS_MAX).contains(&words)
        && !name.contains(['?', '!', '"', '«', '“', '(', ','])
        && !rest.starts_with("//");
    is_name.then(|| (name.to_owned(), at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PageRules;
    use ParagraphKind::{Answer, Heading, Item, Question, Quote, Text};

    fn read(bytes: &[u8]) -> Option<Article> {
        crate::extract::article(&Document {
            seam: None,
            bytes,
            content_type: None,
            url: Some(&"https://m.example/statement/7".parse().unwrap()),
            zone: chrono_tz::UTC,
            now: "2020-07-15T10:00:00Z".parse().unwrap(),
            page_rules: &PageRules::default(),
        })
    }

    fn kinds(article: &Article) -> Vec<(ParagraphKind, Option<&str>, &str)> {
        let first = |text: &'_ str| text.find(' ').unwrap_or(text.len());
        let of = |p: &Paragraph| (p.kind, p.speaker.clone(), p.text[..first(&p.text)].to_owned());
        let leak = |text: String| &*Box::leak(text.into_boxed_str());
        article.paragraphs.iter().map(of).map(|(k, s, t)| (k, s.map(leak), leak(t))).collect()
    }

    /// Generates a paragraph that begins with a word and is long enough to be one.
    fn p(word: &str) -> String {
        format!(
            "<p>{word} of the harbour was lit again, as it had been lit for two hundred years, and the ships came home, one after the other.</p>"
        )
    }

    fn page(text: &str) -> String {
        format!(
            "<html><head><title>On the lamp</title></head><body><nav><ul><li><a href='/a'>Main page</a></li>\
             <li><a href='/b'>Ministry</a></li></ul></nav><div class='side'><a href='/x'>Other news of the day</a></div>\
             <div class='content'><h1>On the lamp</h1><p>15.07.2020</p>{text}<p>Share</p></div>\
             <footer>(c) Ministry of Lighthouses <a href='/map'>Site map</a></footer></body></html>"
        )
    }

    #[test]
    fn the_text_is_found_and_what_stands_around_it_is_not() {
        let html = page(&format!(
            "{}<h2>The second part of it</h2>{}<ul><li>First lamp of all, the oldest</li><li>Second lamp</li></ul>\
             <blockquote>Never was a light so missed by so many.</blockquote>{}",
            p("Lamp"),
            p("Tower"),
            p("Keeper")
        ));
        let article = read(html.as_bytes()).unwrap();
        assert_eq!(
            kinds(&article),
            [
                (Text, None, "Lamp"),
                (Heading, None, "The"),
                (Text, None, "Tower"),
                (Item, None, "First"),
                (Item, None, "Second"),
                (Quote, None, "Never"),
                (Text, None, "Keeper"),
            ]
        );
    }

    #[test]
    fn questions_and_answers_are_marked() {
        let html = page(
            "<p><b>Question:</b> Minister, will the lamp of Cape Sorrow be lit again this year, or the next?</p>\
             <p><b>A. Keeper:</b> It will be lit when the oil is there, and the oil comes by ship every month.</p>\
             <p>When the ship comes nobody knows: it has been late before, in years worse than this one.</p>\
             <p>Question: And who pays for it, if I may ask, since the Board says it will not?</p>\
             <p>A. Keeper: Anyone who needs it, which is everybody who has ever been at sea at night.</p>",
        );
        let article = read(html.as_bytes()).unwrap();
        assert_eq!(
            kinds(&article),
            [
                (Question, Some("Question"), "Minister,"),
                (Answer, Some("A. Keeper"), "It"),
                (Text, None, "When"),
                (Question, Some("Question"), "And"),
                (Answer, Some("A. Keeper"), "Anyone"),
            ]
        );
        let plain = page(&format!(
            "{}<p>Note: the office is closed on Monday, as it is on every other day of the week.</p>",
            p("Lamp")
        ));
        let article = read(plain.as_bytes()).unwrap();
        assert!(article.paragraphs.iter().all(|p| p.kind == Text), "{article:?}");
    }

    #[test]
    fn lines_and_other_encodings_have_paragraphs() {
        let text = "Вопрос: Когда зажгут маяк на мысе Печали, о котором столько говорят в порту?<br><br>\
            Ответ: Его зажгут, когда придёт масло, а масло приходит морем каждый месяц.<br><br>\
            Так было двести лет, и так будет ещё двести, если позволит Портовый совет.";
        let html = page(&format!("<div>{text}</div>"));
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&html);
        let article = read(&bytes).unwrap();
        assert_eq!(
            kinds(&article),
            [
                (Question, Some("Вопрос"), "Когда"),
                (Answer, Some("Ответ"), "Его"),
                (Text, None, "Так")
            ]
        );
        let plain = "The lamp was lit again,\nas it had been.\n\nThe ships came home, one after the other, before the morning.\n";
        assert_eq!(
            kinds(&read(plain.as_bytes()).unwrap()),
            [(Text, None, "The"), (Text, None, "The")]
        );
    }

    #[test]
    fn a_page_without_a_text_has_none_whatever_its_bytes() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"<html><body><p>Not found.</p></body></html>"), None);
        assert_eq!(read(b"%PDF-1.7 \x00\xff\xfe"), None);
        for hostile in
            ["<div>".repeat(100_000), "<p><b x=i>".repeat(20_000), "<table><tr><td>".repeat(20_000)]
        {
            read(hostile.as_bytes());
        }
        let long = page(&(0..9000).map(|n| p(&format!("Lamp{n}"))).collect::<String>());
        let article = read(long.as_bytes()).unwrap();
        let chars: usize = article.paragraphs.iter().map(|p| p.text.chars().count()).sum();
        assert!(chars <= CHARS_MAX && article.paragraphs.len() <= PARAGRAPHS_MAX, "{chars}");
    }
}
