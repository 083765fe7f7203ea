//! The fields of a record: its link, title and lead, and what the operator's selectors found.

use super::{
    super::wording::{
        has_letters, is_document, is_generic, is_label, is_title, strip_a11y_note, strip_read_more,
    },
    index::PageIndex,
    segment::Record,
};
use crate::{
    domain::Candidate,
    extract::{
        date,
        layout::{Line, RuleMatch},
        limits::{LEAD_CHARS_MAX, TITLE_CHARS_MAX},
    },
};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};
use url::Url;

/// The fewest letters of a summary; less is a name or a number in a cell.
const LEAD_LETTERS_MIN: usize = 30;
/// The most further links of an entry.
const LINKS_MAX: usize = 20;
/// The most lines of one entry that are considered.
const RECORD_LINES_MAX: usize = 500;

impl<'a> PageIndex<'a> {
    /// Texts that many records of a list have: names of columns and buttons, never a title.
    pub(super) fn common(&self, records: &[&Record]) -> BTreeSet<&'a str> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for record in records {
            let lines = &self.page.lines[record.lines.clone()];
            let links = lines.iter().flat_map(|l| l.links.iter().map(|(r, _)| &l.text[r.clone()]));
            let texts: BTreeSet<&str> =
                lines.iter().map(|l| l.text.as_str()).chain(links).collect();
            texts.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
        }
        let is_common = |n: usize| n > 2 && n * 3 > records.len();
        counts.into_iter().filter(|(_, n)| is_common(*n)).map(|(text, _)| text).collect()
    }

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

    /// Reads the fields of a record. Texts in `common` are never its title.
    pub(super) fn entry(
        &self,
        record: &Record,
        on: Option<NaiveDate>,
        common: &BTreeSet<&str>,
    ) -> Candidate {
        let lines = &self.page.lines[record.lines.clone()];
        let lines = &lines[..lines.len().min(RECORD_LINES_MAX)];
        let links: Vec<(&str, &Url)> = lines
            .iter()
            .flat_map(|line| line.links.iter().map(|(range, url)| (&line.text[range.clone()], url)))
            .collect();
        let texts: Vec<String> =
            (0..lines.len()).map(|n| self.without_date(record.lines.start + n, on)).collect();
        let main = self.choose_link(&links, common);
        let title = choose_title(&texts, main.map(|(text, _)| text), common);
        let link = main.map(|(_, url)| url.clone());
        let lead = self.collect_lead(lines, &texts, &title, link.as_ref());
        let mut others: Vec<Url> = Vec::new();
        for (_, url) in links {
            if Some(url) != link.as_ref() && !others.contains(url) && others.len() < LINKS_MAX {
                others.push(url.clone());
            }
        }
        Candidate {
            date_on: on,
            title: strip_a11y_note(&title).chars().take(TITLE_CHARS_MAX).collect(),
            link,
            links: others,
            lead: (!lead.is_empty()).then(|| lead.chars().take(LEAD_CHARS_MAX).collect()),
            guid: None,
        }
    }

    /// Returns the text of a line without the day of its entry, which is cut off only at the edges.
    fn without_date(&self, line: usize, on: Option<NaiveDate>) -> String {
        let mut text = self.page.lines[line].text.clone();
        for dated in self.dates_in(&(line..line + 1)).iter().rev() {
            let is_edge = dated.range.start <= 12 || dated.range.end + 2 >= text.len();
            if Some(dated.on) == on && is_edge {
                text.replace_range(dated.range.clone(), "");
            }
        }
        text.trim_matches(|c: char| c.is_whitespace() || "-–—:,|·•".contains(c)).to_owned()
    }

    /// Returns the link of a record with its text: the first of those that rank highest. One with a
    /// title leads to the statement, and a page goes before its document.
    fn choose_link<'l>(
        &self,
        links: &[(&'l str, &'l Url)],
        common: &BTreeSet<&str>,
    ) -> Option<(&'l str, &'l Url)> {
        let rank = |(text, url): &(&str, &Url)| {
            let is_own = self.page.is_own(url);
            let is_title = is_title(text) && !common.contains(text);
            let is_named = has_letters(text, 1) && !is_generic(text) && !common.contains(text);
            (is_title, is_own, !is_document(url), is_named, !text.is_empty())
        };
        let mut best: Option<(&str, &Url)> = None;
        for link in links {
            if best.is_none_or(|best| rank(link) > rank(&best)) {
                best = Some(*link);
            }
        }
        best
    }

    /// Returns the summary of a record: its longer texts, except those that are its title, lead
    /// elsewhere or are navigation.
    fn collect_lead(
        &self,
        lines: &[Line],
        texts: &[String],
        title: &str,
        link: Option<&Url>,
    ) -> String {
        // The whole of an entry may be a link, its summary too.
        let leads_elsewhere =
            |line: &Line| line.is_all_links() && line.links.iter().any(|l| Some(&l.1) != link);
        let parts = texts.iter().zip(lines).filter(|(text, line)| {
            let is_navigation = self.page.blocks[line.block].is_navigation;
            !leads_elsewhere(line)
                && !is_navigation
                && has_letters(text, LEAD_LETTERS_MIN)
                && *text != title
        });
        // Text before the title in its line says where and when, not what.
        let parts =
            parts.map(|(text, _)| text.split_once(title).map_or(text.as_str(), |(_, rest)| rest));
        let parts = parts.map(strip_read_more).filter(|text| has_letters(text, LEAD_LETTERS_MIN));
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// Returns the title of a record: the text of its link if that is a title, else the first text that
/// is one, else whatever text there is.
fn choose_title(texts: &[String], link_text: Option<&str>, common: &BTreeSet<&str>) -> String {
    let is_title = |text: &str| is_title(text) && !common.contains(text);
    let linked = link_text.filter(|text| is_title(text)).map(|text| {
        // A date that the link starts with is beside the title, not part of it.
        let own =
            texts.iter().find(|own| own.len() < text.len() + 4 && text.contains(own.as_str()));
        own.filter(|own| is_title(own)).cloned().unwrap_or_else(|| text.to_owned())
    });
    let plain = || texts.iter().find(|text| is_title(text) && !is_label(text)).cloned();
    let rest = || link_text.map(str::to_owned).filter(|text| !text.is_empty());
    let any = || texts.iter().find(|text| !text.is_empty()).cloned();
    linked.or_else(plain).or_else(rest).or_else(any).unwrap_or_default()
}
