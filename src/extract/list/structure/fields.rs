//! The fields of a record: its link, title and lead, and what the operator's selectors found.

use super::{
    super::wording::{has_letters, is_document, is_generic, is_title, strip_a11y_note},
    columns::Common,
    index::PageIndex,
    segment::Record,
    texts::Text,
};
use crate::{
    domain::Candidate,
    extract::{
        date,
        layout::RuleMatch,
        limits::{LEAD_CHARS_MAX, TITLE_CHARS_MAX},
    },
};
use chrono::NaiveDate;
use url::Url;

/// The most further links of an entry.
const LINKS_MAX: usize = 20;
/// The most lines of one entry that are considered.
const RECORD_LINES_MAX: usize = 500;

impl PageIndex<'_> {
    /// Replaces the parts of an entry that the selectors of the page rules found.
    pub(super) fn apply_rule(&self, entry: &mut Candidate, found: &RuleMatch) {
        if let Some(title) = &found.title {
            entry.title = title.chars().take(TITLE_CHARS_MAX).collect();
        }
        if let Some(lead) = &found.lead {
            entry.lead = Some(lead.chars().take(LEAD_CHARS_MAX).collect());
        }
        if let Some(link) = found.link.as_ref().filter(|link| entry.link.as_ref() != Some(link)) {
            let before = entry.link.replace(link.clone());
            entry.links.retain(|other| other != link);
            entry.links.splice(0..0, before);
        }
        let printed = || {
            let text = found.date.as_deref()?;
            let absolute = date::all(text, self.style).into_iter().next();
            Some(absolute.or_else(|| date::relative(text, self.style))?.1)
        };
        entry.date_on = printed().or(found.on).or(entry.date_on);
    }

    /// Reads the fields of a record, of a list that has this in common.
    pub(super) fn entry(
        &self,
        record: &Record,
        on: Option<NaiveDate>,
        common: &Common,
    ) -> Candidate {
        let lines = &self.page.lines[record.lines.clone()];
        let lines = &lines[..lines.len().min(RECORD_LINES_MAX)];
        let dated = self.own_date(record, common.date_position.as_deref());
        let texts = self.texts(record, dated);
        let title = common.title(&texts);
        let link = self.choose_link(record, title, common).cloned();
        let lead = title.map(|title| self.lead(&texts, title, link.as_ref(), common));
        let any = || texts.iter().find(|text| !text.text.is_empty()).map(|text| text.text.clone());
        let title = match title {
            Some(title) => common.printed(title, &self.page.lines[title.line].text).to_owned(),
            None => any().unwrap_or_default(),
        };
        let mut others: Vec<Url> = Vec::new();
        for (_, url) in lines.iter().flat_map(|line| &line.links) {
            if Some(url) != link.as_ref() && !others.contains(url) && others.len() < LINKS_MAX {
                others.push(url.clone());
            }
        }
        let lead = lead.filter(|lead| !lead.is_empty());
        Candidate {
            date_on: on,
            title: strip_a11y_note(&title).chars().take(TITLE_CHARS_MAX).collect(),
            link,
            links: others,
            lead: lead.map(|lead| lead.chars().take(LEAD_CHARS_MAX).collect()),
            guid: None,
        }
    }

    /// Returns the link of a record: that of its title, else the first of those that rank highest.
    /// One that other records have too leads elsewhere, one with a title leads to the statement,
    /// and a page goes before its document.
    pub(super) fn choose_link<'l>(
        &'l self,
        record: &Record,
        title: Option<&Text<'l>>,
        common: &Common,
    ) -> Option<&'l Url> {
        if let Some(link) = title.and_then(|title| title.link) {
            return Some(link);
        }
        let title_line = title.map(|title| title.line);
        let mut best = None;
        for n in record.lines.clone().take(RECORD_LINES_MAX) {
            let line = &self.page.lines[n];
            for (range, url) in &line.links {
                let text = &line.text[range.clone()];
                let is_named = has_letters(text, 1) && !is_generic(text) && !common.has_text(text);
                let rank = (
                    !common.has_link(url),
                    Some(n) == title_line && is_named,
                    is_named && is_title(text),
                    self.page.is_own(url),
                    !is_document(url),
                    is_named,
                    !text.is_empty(),
                );
                if best.is_none_or(|(other, _)| rank > other) {
                    best = Some((rank, url));
                }
            }
        }
        best.map(|(_, url)| url)
    }
}
