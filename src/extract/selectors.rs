//! The selectors of page rules, parsed.
//!
//! Guarantees: `problems` names every selector or format that is invalid; extraction treats it as unset.

use super::date;
use crate::domain::PageRules;
use scraper::Selector;

/// The selectors of [`PageRules`].
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
    pub(super) fn new(rules: &PageRules) -> Self {
        let [entry, title, link, date, lead, within, exclude] =
            named(rules).map(|(_, text)| Selector::parse(text?).ok());
        Selectors { entry, title, link, date, lead, within, exclude }
    }
}

pub(super) fn named(rules: &PageRules) -> [(&'static str, Option<&str>); 7] {
    [
        ("entry", rules.entry.as_deref()),
        ("title", rules.title.as_deref()),
        ("link", rules.link.as_deref()),
        ("date", rules.date.as_deref()),
        ("lead", rules.lead.as_deref()),
        ("within", rules.within.as_deref()),
        ("exclude", rules.exclude.as_deref()),
    ]
}

/// Returns what is wrong with page rules: each problem with its setting and the remedy.
pub fn problems(rules: &PageRules) -> Vec<String> {
    let mut problems_found = Vec::new();
    for (name, text) in named(rules) {
        if let Some(text) = text
            && Selector::parse(text).is_err()
        {
            problems_found
                .push(format!("{name} is {text:?}: write a CSS selector, like \"ul.news > li\""));
        }
    }
    for (name, text) in &named(rules)[1..5] {
        if text.is_some() && rules.entry.is_none() {
            problems_found.push(format!(
                "{name} starts from an entry: write entry as well (`communique check` prints the one it derived)"
            ));
        }
    }
    if let Some(format) = &rules.date_format
        && !date::is_format(format)
    {
        problems_found.push(format!(
            "date_format is {format:?}: write where day, month and year stand, like \"%d.%m.%Y\" or \"%-d %B %Y\""
        ));
    }
    problems_found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_rules_are_reported_by_name() {
        let rules = PageRules {
            title: Some("h3".to_owned()),
            within: Some("ul >> li[".to_owned()),
            date_format: Some("%H:%M".to_owned()),
            ..PageRules::default()
        };
        let problems_found = problems(&rules);
        assert_eq!(problems_found.len(), 3, "{problems_found:#?}");
        for (problem, start) in
            problems_found.iter().zip(["within is", "title starts", "date_format is"])
        {
            assert!(problem.starts_with(start), "{problem}");
        }
        let rules = PageRules {
            entry: Some("ul.news > li:not(.ad)".to_owned()),
            date_format: Some("%-d %B %Y".to_owned()),
            ..PageRules::default()
        };
        assert_eq!(crate::extract::selectors::problems(&rules), Vec::<String>::new());
    }
}
