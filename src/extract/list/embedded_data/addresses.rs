//! The addresses of entries: as the data give them, or as the links of the page show.
//!
//! Guarantees: an address is in the data or in a link of the page. The one exception: where the data
//! name the path of the page as theirs, their slugs are below it.

use super::{columns::Column, value::Data};
use crate::domain::web_url::is_http;
use std::collections::HashMap;
use url::Url;

/// What the addresses of a page start from.
pub(super) struct Site<'a> {
    /// The address of the page.
    pub url: Option<&'a Url>,
    /// The links of the page by the last part of their path, and by the values of their query.
    links: HashMap<&'a str, Vec<&'a Url>>,
    /// Whether the data are those of the path of the page.
    is_route: bool,
}

impl<'a> Site<'a> {
    /// Creates the site of a page with these links, whose scripts hold these values.
    pub(super) fn new(
        url: Option<&'a Url>,
        page_links: impl Iterator<Item = &'a Url>,
        values: &[Data],
    ) -> Self {
        let mut links: HashMap<&str, Vec<&Url>> = HashMap::new();
        for link in page_links {
            let query = link.query().unwrap_or_default().split('&');
            let values = query.filter_map(|pair| Some(pair.split_once('=')?.1));
            for end in values.chain([last_part(link.path())]).filter(|end| !end.is_empty()) {
                let of_end = links.entry(end).or_default();
                if !of_end.contains(&link) && of_end.len() < 10 {
                    of_end.push(link);
                }
            }
        }
        let is_route = url.is_some_and(|url| values.iter().any(|value| names_path(value, url)));
        Site { url, links, is_route }
    }

    /// Returns the address that a text of the data gives.
    pub(super) fn given(&self, text: &str) -> Option<Url> {
        let text = text.trim();
        if !is_address(text) {
            return None;
        }
        let url = match self.url {
            Some(base) => base.join(text),
            None => Url::parse(text),
        };
        url.ok().filter(is_http)
    }

    /// Returns the links of the page that end in the slugs of a column, by the number of the object.
    pub(super) fn proved(&self, slugs: &Column<'_>) -> HashMap<usize, Url> {
        let found: Vec<(usize, Vec<(&Url, String)>)> =
            slugs.cells.iter().map(|(n, value)| (*n, self.ending_in(&slug(value)))).collect();
        // Of several links with one end, that which is like the others.
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for (_, before) in found.iter().flat_map(|(_, links)| links) {
            *counts.entry(before).or_default() += 1;
        }
        let best = |links: &[(&Url, String)]| {
            let by_count = |(_, before): &&(&Url, String)| {
                (counts.get(before.as_str()).copied(), usize::MAX - before.len())
            };
            links.iter().max_by_key(by_count).map(|(link, _)| (*link).clone())
        };
        found.iter().filter_map(|(n, links)| Some((*n, best(links)?))).collect()
    }

    /// Returns the links that end in a slug, each with what precedes it.
    fn ending_in(&self, slug: &str) -> Vec<(&'a Url, String)> {
        let links = self.links.get(last_part(slug)).into_iter().flatten();
        let before = |link: &&'a Url| {
            let before = link.path().trim_end_matches('/').strip_suffix(slug);
            match before {
                Some(before) if before.ends_with('/') => Some((*link, before.to_owned())),
                // A parameter of the query has the slug.
                _ => link.query().map(|_| (*link, link.path().to_owned())),
            }
        };
        links.filter_map(before).collect()
    }

    /// Returns the address below the page, if the data are those of its path.
    pub(super) fn below(&self, value: &Data) -> Option<Url> {
        let slug = slug(value);
        if !self.is_route || slug.is_empty() || slug.contains(['/', '?', '#', ':']) {
            return None;
        }
        let mut url = self.url?.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut().ok()?.pop_if_empty().push(&slug);
        Some(url)
    }
}

/// Returns a slug as it stands in addresses.
fn slug(value: &Data) -> String {
    match value {
        Data::Text(text) => {
            let text = text.trim().trim_matches('/');
            let Ok(mut url) = Url::parse("https://page.invalid/") else { return String::new() };
            url.set_path(text);
            url.path().trim_start_matches('/').to_owned()
        }
        value => value.as_whole().map(|n| n.to_string()).unwrap_or_default(),
    }
}

fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Returns whether data are those of the path of an address: a field of the whole names it. A menu
/// further inside may name it as well.
fn names_path(value: &Data, url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    match value {
        Data::Object(fields) if !path.is_empty() => {
            let texts = fields.iter().filter_map(|(_, value)| value.as_text());
            texts.map(|text| text.trim_end_matches('/')).any(|text| text == path)
        }
        _ => false,
    }
}

/// Returns whether a text is an address: an absolute one, or a path from the root of the site.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    let is_absolute = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    (is_absolute || text.len() > 1 && text.starts_with('/')) && !text.contains(char::is_whitespace)
}

/// Returns whether an address is of a picture, a film or a part of the page's design.
pub(super) fn is_medium(text: &str) -> bool {
    const ENDS: [&str; 12] = [
        ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".ico", ".mp4", ".mp3", ".js",
        ".css",
    ];
    let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    ENDS.iter().any(|end| path.ends_with(end))
}

/// Returns whether a text may be the end of an address: one word, or words with hyphens.
pub(super) fn is_slug(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "-_./%".contains(c);
    !text.is_empty() && text.len() <= 300 && text.chars().all(is_part)
}
