//! The lists in the data of scripts: what a page that a script fills in has instead of a list.
//!
//! A list is found by its form: alike objects in an array or an object, each with a text that may be
//! a title, a day, and an address or a slug. Values come from `scripts`, objects from `groups`,
//! their fields from `columns` and `roles`, addresses from `addresses`.
//!
//! Guarantees: no framework, site or variable is known by name; texts are without markup; bounded
//! work, whatever the scripts hold.
//! Out of scope: scripts are not run, and nothing is fetched.

mod addresses;
mod columns;
mod days;
mod flattened;
mod groups;
mod roles;
mod scripts;
mod value;

#[cfg(test)]
mod tests;

use self::{
    addresses::Site,
    columns::columns,
    days::Calendar,
    groups::{Group, Groups},
    roles::Roles,
    value::{Budget, Data},
};
use super::{features::Features, wording::has_letters};
use crate::{
    domain::Candidate,
    extract::{
        date::Style,
        document::Document,
        feed::{Place, of_html},
        layout::Page,
        limits::{LEAD_CHARS_MAX, TITLE_CHARS_MAX},
    },
};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};
use url::Url;

/// The fewest letters of a title.
const TITLE_LETTERS_MIN: usize = 3;
/// The most groups of objects whose fields are looked at.
const GROUPS_MAX: usize = 2000;

/// A list in the data of a script.
#[derive(Debug)]
pub(super) struct DataList {
    /// Where it is in the data: "props.pageProps.news".
    pub path: String,
    pub entries: Vec<Candidate>,
    pub features: Features,
}

/// Finds the lists in the data of a page, the best first.
pub(super) fn find(page: &Page, document: &Document<'_>, style: Style<'_>) -> Vec<DataList> {
    let values = self::scripts::values(&page.scripts, &Budget::default());
    let groups = Groups::new(&values);
    let links = page.lines.iter().flat_map(|line| line.links.iter().map(|(_, link)| link));
    let site = Site::new(page.base.as_ref().or(document.url), links, &values);
    let calendar = Calendar { zone: document.zone, now: document.now, style };
    let mut found: Vec<(usize, DataList)> = groups
        .all()
        .take(GROUPS_MAX)
        .filter_map(|group| {
            let (entries, features) = list(&group, &site, calendar)?;
            let path = groups.path(group.place);
            Some((group.place, DataList { path, entries, features }))
        })
        .collect();
    let places: Vec<usize> = found.iter().map(|(place, _)| *place).collect();
    for (place, list) in &mut found {
        if places.iter().any(|other| groups.is_inside(*place, *other)) {
            list.features.apart = 0.0;
        }
    }
    found.sort_by(|a, b| b.1.features.score().total_cmp(&a.1.features.score()));
    found.into_iter().map(|(_, list)| list).collect()
}

/// Returns the entries of a group of objects, with their score; `None` if they are no list.
fn list(
    group: &Group<'_>,
    site: &Site<'_>,
    calendar: Calendar<'_>,
) -> Option<(Vec<Candidate>, Features)> {
    let columns = columns(&group.records);
    let roles = Roles::new(&columns, site, calendar)?;
    let days: HashMap<usize, NaiveDate> = roles
        .day
        .cells
        .iter()
        .filter_map(|(n, value)| Some((*n, calendar.day(value)?.0)))
        .collect();
    let leads: HashMap<usize, &Data> =
        roles.lead.iter().flat_map(|lead| &lead.cells).copied().collect();
    let mut seen: HashSet<(NaiveDate, Option<&Url>, String)> = HashSet::new();
    let mut entries = Vec::new();
    for (n, value) in &roles.title.cells {
        let (Some(title), Some(on)) = (text(value, TITLE_CHARS_MAX), days.get(n)) else { continue };
        let link = roles.addresses.get(n);
        if !has_letters(&title, TITLE_LETTERS_MIN) || !seen.insert((*on, link, title.clone())) {
            continue;
        }
        let lead = leads.get(n).and_then(|value| text(value, LEAD_CHARS_MAX));
        entries.push(Candidate {
            date_on: Some(*on),
            lead: lead.filter(|lead| *lead != title),
            title,
            link: link.cloned(),
            links: Vec::new(),
            guid: None,
        });
    }
    let titles: HashSet<&str> = entries.iter().map(|entry| entry.title.as_str()).collect();
    if entries.len() < 2 || titles.len() * 2 < entries.len() {
        return None;
    }
    let share = (entries.len() as f64 / group.records.len() as f64).min(1.0);
    let features = Features { share, ..Features::of(&entries) };
    Some((entries, features))
}

/// Returns a text without its markup, in one line; `None` if nothing is left.
fn text(value: &Data, chars_max: usize) -> Option<String> {
    let shown = of_html(value.as_text()?, Place::Body).text;
    (!shown.is_empty()).then(|| shown.chars().take(chars_max).collect())
}
