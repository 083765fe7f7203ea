//! What the operator said of a page, made ready for reading it.
//!
//! Promises: a selector or format that cannot be read is told by the name of its setting, before it
//! is used; while reading, it is as if it had not been said.

use super::date;
use crate::domain::PageRules;
use scraper::Selector;

/// The selectors of [`Hints`].
#[derive(Debug, Default)]
pub(crate) struct Selectors {
    pub entry: Option<Selector>,
    pub title: Option<Selector>,
    pub link: Option<Selector>,
    pub date: Option<Selector>,
    pub lead: Option<Selector>,
    pub within: Option<Selector>,
    pub exclude: Option<Selector>,
}

impl Selectors {
    pub(super) fn new(hints: &PageRules) -> Self {
        let [entry, title, link, date, lead, within, exclude] =
            named(hints).map(|(_, text)| Selector::parse(text?).ok());
        Selectors { entry, title, link, date, lead, within, exclude }
    }
}

fn named(hints: &PageRules) -> [(&'static str, Option<&str>); 7] {
    [
        ("entry", hints.entry.as_deref()),
        ("title", hints.title.as_deref()),
        ("link", hints.link.as_deref()),
        ("date", hints.date.as_deref()),
        ("lead", hints.lead.as_deref()),
        ("within", hints.within.as_deref()),
        ("exclude", hints.exclude.as_deref()),
    ]
}

/// What is wrong with hints, each with the setting and the remedy.
pub fn problems(hints: &PageRules) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in named(hints) {
        if let Some(text) = text
            && Selector::parse(text).is_err()
        {
            faults.push(format!("{name} is {text:?}: write a CSS selector, like \"ul.news > li\""));
        }
    }
    for (name, text) in &named(hints)[1..5] {
        if text.is_some() && hints.entry.is_none() {
            faults.push(format!(
                "{name} starts from an entry: write entry as well (`communique check` prints the one it derived)"
            ));
        }
    }
    if let Some(format) = &hints.date_format
        && !date::is_format(format)
    {
        faults.push(format!(
            "date_format is {format:?}: write where day, month and year stand, like \"%d.%m.%Y\" or \"%-d %B %Y\""
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_by_its_name() {
        let hints = PageRules {
            title: Some("h3".to_owned()),
            within: Some("ul >> li[".to_owned()),
            date_format: Some("%H:%M".to_owned()),
            ..PageRules::default()
        };
        let faults = problems(&hints);
        assert_eq!(faults.len(), 3, "{faults:#?}");
        for (fault, start) in faults.iter().zip(["within is", "title starts", "date_format is"]) {
            assert!(fault.starts_with(start), "{fault}");
        }
        let hints = PageRules {
            entry: Some("ul.news > li:not(.ad)".to_owned()),
            date_format: Some("%-d %B %Y".to_owned()),
            ..PageRules::default()
        };
        assert_eq!(crate::extract::selectors::problems(&hints), Vec::<String>::new());
    }
}
