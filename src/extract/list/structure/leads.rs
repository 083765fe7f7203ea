//! The lead of a record: the texts below its title that are at places of leads.
//!
//! Guarantees: a lead is as printed, without the date of its record and "Read more"; however short
//! it is, it counts where the others of its list do.
//! Out of scope: which places are those of leads (`columns`).

use super::{
    super::wording::{is_generic, strip_read_more},
    columns::Common,
    index::PageIndex,
    texts::{Part, Place, Text, without_date},
};
use url::Url;

/// How much of a text is compared with others.
const SKELETON_CHARS_MAX: usize = 200;

/// A text of a record that may be its lead.
#[derive(Debug)]
pub(super) struct Lead {
    pub(super) place: Place,
    pub(super) text: String,
    /// The text without what differs in any list: numbers and dates.
    pub(super) skeleton: String,
    /// Whether it is a heading in the link of the title.
    pub(super) is_subtitle: bool,
}

impl PageIndex<'_> {
    /// Returns the lead of a record; empty if it has none.
    pub(super) fn lead(
        &self,
        texts: &[Text<'_>],
        title: &Text<'_>,
        link: Option<&Url>,
        common: &Common,
    ) -> String {
        let leads = self.lead_texts(texts, title, link, common).into_iter();
        let leads =
            leads.filter(|lead| common.is_lead(&lead.place) && !common.has_text(&lead.text));
        leads.map(|lead| lead.text).collect::<Vec<_>>().join(" ")
    }

    /// Returns the texts of a record that may be its lead: those below its title, and the rest of
    /// its line, except what leads elsewhere.
    pub(super) fn lead_texts(
        &self,
        texts: &[Text<'_>],
        title: &Text<'_>,
        link: Option<&Url>,
        common: &Common,
    ) -> Vec<Lead> {
        let below = texts.iter().filter(|text| {
            text.place.part == Part::Line
                && (text.line, text.range.end) > (title.line, title.range.end)
        });
        let lead = |text: &Text<'_>| {
            let n = text.line;
            let line = &self.page.lines[text.line];
            let leads_elsewhere = || line.links.iter().any(|(_, url)| Some(url) != link);
            let is_linked = line.is_all_links();
            let is_heading = text.is_heading;
            // "Continue reading TITLE" is all link, to the statement.
            let names_title = || text.text != title.text && text.text.contains(&title.text);
            if is_linked && (leads_elsewhere() || names_title()) {
                return None;
            }
            // "By AUTHOR on DATE. Tags: …"
            let has_date = !self.dates_in(&(n..n + 1)).is_empty();
            if has_date && !text.is_cut && !line.links.is_empty() && leads_elsewhere() {
                return None;
            }
            let mut text_of = text.text.as_str();
            let mut place = text.place;
            if text.line == title.line {
                place.part = Part::Rest;
                text_of = line.text.get(title.range.end..)?;
            }
            // A link at the end that the other records have too, or that names the title.
            let last = line.links.last().map(|(range, _)| &line.text[range.clone()]);
            let last = last.filter(|last| !last.is_empty() && !is_linked).filter(|last| {
                common.has_text(last) || is_generic(last) || last.contains(&title.text)
            });
            if let Some(last) = last {
                text_of = text_of.strip_suffix(last).unwrap_or(text_of).trim_end();
            }
            let text = strip_read_more(text_of);
            let text = without_date(text, &(0..text.len()), None);
            let skeleton = self.skeleton(n, &text);
            let is_subtitle = is_linked && is_heading;
            let lead = Lead { place, text, skeleton, is_subtitle };
            lead.text.contains(char::is_alphabetic).then_some(lead)
        };
        below.filter_map(lead).collect()
    }

    /// Returns what a text of a line has beside numbers and dates.
    fn skeleton(&self, line: usize, text: &str) -> String {
        let whole = &self.page.lines[line].text;
        let mut dates = Vec::new();
        for dated in self.dates_in(&(line..line + 1)) {
            dates.extend(whole.get(dated.range.clone()).filter(|date| !date.is_empty()));
        }
        let text: String = text.chars().take(SKELETON_CHARS_MAX).collect();
        let text = dates.iter().take(3).fold(text, |text, date| text.replace(date, ""));
        text.chars().filter(|c| !c.is_numeric()).collect()
    }
}
