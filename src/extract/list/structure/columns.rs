//! What the records of a list have in common: at which place they have their title and their lead,
//! and what their texts begin and end with.
//!
//! Of the texts of a record none is a title by itself: a category, a byline and a title look alike.
//! Beside those of other records they differ. A title is another one in each record, is linked, is
//! a heading. So the place of the title is chosen for the list as a whole; a record that has
//! nothing there has its title at the best place that it has.
//!
//! Guarantees: no name of a site, class or language decides; the work is linear in the texts.
//! Out of scope: what one record has at these places (`fields`).

use super::{
    super::wording::{
        has_letters, is_generic, is_number, is_sentence, is_title, letters, strip_a11y_note,
    },
    index::PageIndex,
    segment::Record,
    texts::{Part, Place, Text},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// More letters do not make a text more of a title.
const TITLE_LETTERS_ENOUGH: usize = 24;
/// How much of a text is compared with those of other records, in characters.
const WORDS_CHARS_MAX: usize = 100;
/// The share of the texts at a place that begin or end with their record's date, if that is how the
/// list is set. If it is less, the dates are those of titles: "Questions of 24 February".
const DATED_SHARE_MIN: f64 = 0.7;
/// The average letters of a lead; if its texts are no sentences, less is a name or a number.
const LEAD_LETTERS_MIN: usize = 30;
/// The fewest records that show what is common to them.
const COMMON_RECORDS_MIN: usize = 3;
/// How many texts of a record may be repeated below.
const ECHOED_MAX: usize = 12;
/// The longest label before a title, in bytes: "Title:".
const LABEL_BYTES_MAX: usize = 40;
/// The fewest letters of a sentence; less is a name, "Bright, J.".
const SENTENCE_LETTERS_MIN: usize = 12;

/// What the records of a list have in common.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// The position of the date.
    pub(super) date_position: Option<String>,
    /// How much each place is one of titles.
    titles: HashMap<Place, f64>,
    /// What the titles at a place begin with, label and colon, and end with, in brackets.
    affixes: HashMap<Place, (String, String)>,
    /// Places of titles whose dates are their own.
    dated_titles: HashSet<Place>,
    /// Whether each place is one of leads; without a number: all places with these elements.
    leads: HashMap<(Part, u64, Option<usize>), bool>,
    /// Texts and addresses that many records have.
    texts: HashSet<String>,
    links: HashSet<Url>,
}

/// The evidence for a place as that of the titles.
#[derive(Debug, Default)]
struct Evidence<'a> {
    texts: HashSet<&'a str>,
    /// The texts without digits: the numbers of documents differ and say nothing.
    words: HashSet<String>,
    links: HashSet<&'a Url>,
    count: f64,
    letters: usize,
    headings: f64,
    titles: f64,
    sentences: f64,
    numbers: f64,
    /// How many end with another text above: "Read more about TITLE".
    echoes: f64,
    /// How many stand beside a link or the date.
    beside: f64,
    /// How many had the date of their record at an edge.
    cut: f64,
    /// How many texts of their records come before.
    rank: f64,
}

impl Evidence<'_> {
    /// Weighs the evidence of a place in a list of so many records.
    fn score(&self, part: Part, records: usize) -> f64 {
        let share = |n: f64| n / self.count.max(1.0);
        let size = self.letters as f64 / self.count.max(1.0) / TITLE_LETTERS_ENOUGH as f64;
        let kind = match part {
            Part::Line => 1.0,
            // A number before a title is none of its words.
            Part::Rest => 1.05,
            Part::Link => 1.0 + 1.4 * share(self.links.len() as f64),
            // What is not shown is the title only if nothing else is.
            Part::Picture => 0.7,
        };
        (self.count / records as f64).min(1.0)
            * (0.1 + 0.85 * share(self.texts.len() as f64) + 0.15 * share(self.words.len() as f64))
            * (0.3 + 0.7 * size)
            * (0.85 + 0.15 * share(self.titles))
            * (1.0 + share(self.headings))
            * (0.85 + 0.15 * share(self.beside))
            * (1.0 - 0.4 * share(self.sentences))
            * (1.0 - 0.6 * share(self.numbers))
            * (1.0 - 0.6 * share(self.echoes))
            * (1.0 - 0.01 * share(self.rank).min(20.0))
            * kind
    }
}

/// The evidence for a place as one of leads.
#[derive(Debug, Default)]
struct LeadEvidence {
    texts: HashSet<String>,
    count: usize,
    letters: usize,
    sentences: usize,
    /// How many are headings below the title, in its link.
    subtitles: usize,
    repeats: usize,
}

impl LeadEvidence {
    fn is_lead(&self) -> bool {
        let is_long = self.letters >= LEAD_LETTERS_MIN * self.count;
        let is_text = is_long || self.sentences * 2 >= self.count || self.subtitles == self.count;
        is_text && self.texts.len() * 2 > self.count && self.repeats * 2 <= self.count
    }
}

impl PageIndex<'_> {
    /// Returns what the records of a list have in common.
    pub(super) fn common(&self, records: &[&Record]) -> Common {
        let mut common = Common { date_position: self.date_position(records), ..Common::default() };
        let dated = |record: &Record| self.own_date(record, common.date_position.as_deref());
        let all: Vec<Vec<Text<'_>>> =
            records.iter().map(|record| self.texts(record, dated(record))).collect();
        common.count_repeated(&all);
        common.weigh_titles(&all);
        let mut leads: HashMap<(Part, u64, Option<usize>), LeadEvidence> = HashMap::new();
        for (record, texts) in records.iter().zip(&all) {
            let Some(title) = common.title(texts) else { continue };
            let link = self.choose_link(record, Some(title), &common);
            for lead in self.lead_texts(texts, title, link, &common) {
                let Place { part, path, number } = lead.place;
                for number in [Some(number), None] {
                    let evidence = leads.entry((part, path, number)).or_default();
                    evidence.count += 1;
                    evidence.letters += letters(&lead.text, LEAD_LETTERS_MIN * 4);
                    evidence.sentences += usize::from(
                        is_sentence(&lead.text) && has_letters(&lead.text, SENTENCE_LETTERS_MIN),
                    );
                    evidence.subtitles += usize::from(lead.is_subtitle);
                    evidence.repeats += usize::from(lead.text == title.text);
                    evidence.texts.insert(lead.skeleton.clone());
                }
            }
        }
        let is_known = |number: Option<usize>, evidence: &LeadEvidence| {
            number.is_none() || evidence.count * 3 >= records.len()
        };
        common.leads = leads
            .into_iter()
            .filter(|((.., number), evidence)| is_known(*number, evidence))
            .map(|(place, evidence)| (place, evidence.is_lead()))
            .collect();
        common
    }
}

impl Common {
    fn count_repeated(&mut self, all: &[Vec<Text<'_>>]) {
        let mut texts: HashMap<&str, usize> = HashMap::new();
        let mut links: HashMap<&Url, usize> = HashMap::new();
        for record in all {
            // Texts that differ only by the date that was cut off are not the same.
            let texts_of = record.iter().filter(|text| !text.is_cut);
            let own: HashSet<&str> = texts_of.map(|text| text.text.as_str()).collect();
            own.into_iter().for_each(|text| *texts.entry(text).or_default() += 1);
            let own: HashSet<&Url> = record.iter().filter_map(|text| text.link).collect();
            own.into_iter().for_each(|link| *links.entry(link).or_default() += 1);
        }
        let is_many = |n: &usize| *n >= COMMON_RECORDS_MIN && n * 3 > all.len();
        self.texts =
            texts.into_iter().filter(|(_, n)| is_many(n)).map(|(t, _)| t.to_owned()).collect();
        self.links =
            links.into_iter().filter(|(_, n)| is_many(n)).map(|(l, _)| l.clone()).collect();
    }

    fn weigh_titles(&mut self, all: &[Vec<Text<'_>>]) {
        let mut places: HashMap<&Place, (Evidence<'_>, Vec<&str>)> = HashMap::new();
        for record in all {
            for (rank, text) in record.iter().filter(|text| is_candidate(text)).enumerate() {
                let (evidence, texts) = places.entry(&text.place).or_default();
                texts.push(&text.text);
                evidence.texts.insert(&text.text);
                let words = text.text.chars().filter(|c| !c.is_numeric()).take(WORDS_CHARS_MAX);
                evidence.words.insert(words.collect());
                evidence.links.extend(text.link);
                evidence.count += 1.0;
                evidence.letters += letters(&text.text, TITLE_LETTERS_ENOUGH);
                evidence.headings += f64::from(u8::from(text.is_heading));
                evidence.titles += f64::from(u8::from(is_title(&text.text)));
                evidence.numbers += f64::from(u8::from(is_number(&text.text)));
                evidence.echoes += f64::from(u8::from(is_echo(text, record)));
                evidence.beside += f64::from(u8::from(text.is_beside));
                evidence.cut += f64::from(u8::from(text.is_cut));
                let is_long = has_letters(&text.text, TITLE_LETTERS_ENOUGH);
                evidence.sentences += f64::from(u8::from(is_long && is_sentence(&text.text)));
                evidence.rank += rank as f64;
            }
        }
        for (place, (evidence, texts)) in places {
            self.titles.insert(*place, evidence.score(place.part, all.len()));
            if evidence.cut < evidence.count * DATED_SHARE_MIN {
                self.dated_titles.insert(*place);
            }
            if let Some(affixes) = affixes(&texts) {
                self.affixes.insert(*place, affixes);
            }
        }
    }

    /// Returns the text of a record that is its title: the one at the best place for titles.
    pub(super) fn title<'t, 'a>(&self, texts: &'t [Text<'a>]) -> Option<&'t Text<'a>> {
        let score = |text: &Text<'_>| {
            let place = self.titles.get(&text.place).copied().unwrap_or_default();
            let is_common = self.texts.contains(&text.text);
            place * if is_common { 0.4 } else { 1.0 }
        };
        let mut best: Option<(&Text<'_>, f64)> = None;
        let candidates = || texts.iter().filter(|text| is_candidate(text));
        // Documents of the same names in all records: the first of them stands for all.
        if candidates().all(|text| self.texts.contains(&text.text)) {
            return candidates().next();
        }
        for text in candidates() {
            let score = score(text);
            if best.is_none_or(|(_, other)| score > other) {
                best = Some((text, score));
            }
        }
        best.map(|(text, _)| text)
    }

    /// Returns a title, without the label and the note that all titles at its place have. `line` is
    /// the text of its line.
    pub(super) fn printed<'t>(&self, title: &'t Text<'_>, line: &'t str) -> &'t str {
        let whole = line.get(title.range.clone()).filter(|_| title.is_cut);
        let whole = whole.filter(|_| self.dated_titles.contains(&title.place));
        let text = whole.map_or(title.text.as_str(), strip_a11y_note);
        let Some((before, after)) = self.affixes.get(&title.place) else { return text };
        let text = text.strip_prefix(before.as_str()).unwrap_or(text);
        text.strip_suffix(after.as_str()).unwrap_or(text).trim()
    }

    /// Returns whether a text of a record is at a place of leads.
    pub(super) fn is_lead(&self, place: &Place) -> bool {
        let of = |number: Option<usize>| self.leads.get(&(place.part, place.path, number));
        of(Some(place.number)).or_else(|| of(None)).copied().unwrap_or(false)
    }

    /// Returns whether many records have this text.
    pub(super) fn has_text(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    /// Returns whether many records lead to this address.
    pub(super) fn has_link(&self, link: &Url) -> bool {
        self.links.contains(link)
    }
}

/// Returns whether a text repeats one of the texts above, with words before it.
fn is_echo(text: &Text<'_>, record: &[Text<'_>]) -> bool {
    let above = record.iter().take(ECHOED_MAX).take_while(|above| above.line < text.line);
    let mut above = above.filter(|above| above.place.part != Part::Picture && is_candidate(above));
    above.any(|above| text.text.len() > above.text.len() && text.text.ends_with(&above.text))
}

/// Returns whether a text may be a title at all.
fn is_candidate(text: &Text<'_>) -> bool {
    has_letters(&text.text, 1) && !is_generic(&text.text)
}

/// Returns the label with a colon that all texts begin with, and the note in brackets that all end
/// with.
fn affixes(texts: &[&str]) -> Option<(String, String)> {
    let first = texts.first().filter(|_| texts.len() >= COMMON_RECORDS_MIN)?;
    let colon = first.char_indices().find(|(_, c)| matches!(c, ':' | '：'));
    let label = colon.map(|(at, c)| at + c.len_utf8()).filter(|end| *end < LABEL_BYTES_MAX);
    let label = label.map_or("", |end| &first[..end]);
    let label = if texts.iter().all(|text| text.starts_with(label) && text.len() > label.len()) {
        label
    } else {
        ""
    };
    let note =
        if first.ends_with(')') { first.rfind('(').map_or("", |at| &first[at..]) } else { "" };
    let note =
        if texts.iter().all(|text| text.ends_with(note) && text.len() > note.len() + label.len()) {
            note
        } else {
            ""
        };
    (!label.is_empty() || !note.is_empty()).then(|| (label.to_owned(), note.to_owned()))
}
