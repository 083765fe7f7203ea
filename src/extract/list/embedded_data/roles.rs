//! Which fields of alike objects are the title, the day, the address and the lead of entries.
//!
//! Guarantees: the kind of the values decides; names of fields only weigh.
//! Out of scope: whether the objects are a list of statements (`score`).

use super::{
    addresses::{Site, is_address, is_medium, is_slug},
    columns::Column,
    days::{Calendar, Form},
    value::Data,
};
use crate::extract::list::{
    sortedness::sortedness,
    wording::{has_letters, is_title},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// The longest title, on average, in bytes.
const TITLE_BYTES_MAX: usize = 300;
/// The shortest lead, on average, in bytes, where its name does not say that it is one.
const LEAD_BYTES_MIN: usize = 40;

const TITLES: [&str; 3] = ["title", "headline", "heading"];
const NAMES: [&str; 3] = ["name", "subject", "label"];
/// What is no title of the entry, though it is named like one.
const NO_TITLES: [&str; 9] =
    ["seo", "meta", "sub", "author", "image", "categor", "tag", "opengraph", "og_"];
const LEADS: [&str; 11] = [
    "summary",
    "descri",
    "excerpt",
    "abstract",
    "lead",
    "teaser",
    "intro",
    "snippet",
    "standfirst",
    "dek",
    "subtitle",
];
const NO_LEADS: [&str; 8] =
    ["alt", "caption", "image", "author", "keyword", "seo", "tag", "categor"];
const ADDRESSES: [&str; 6] = ["url", "link", "href", "path", "permalink", "canonical"];
const SLUGS: [&str; 3] = ["slug", "alias", "handle"];
const PUBLISHED: [&str; 6] = ["publ", "post", "release", "issue", "date", "display"];
const OTHER_DAYS: [&str; 14] = [
    "modif", "updat", "edit", "expir", "valid", "end", "deadline", "due", "clos", "creat", "start",
    "birth", "sync", "build",
];

/// The fields of entries.
pub(super) struct Roles<'c, 'd> {
    pub title: &'c Column<'d>,
    pub day: &'c Column<'d>,
    pub lead: Option<&'c Column<'d>>,
    /// The addresses, by the number of the object.
    pub addresses: HashMap<usize, Url>,
}

impl<'c, 'd> Roles<'c, 'd> {
    /// Finds the fields; `None` without a title, a day, or an address or slug.
    pub(super) fn new(
        columns: &'c [Column<'d>],
        site: &Site<'_>,
        calendar: Calendar<'_>,
    ) -> Option<Self> {
        let days: Vec<(&Column<'_>, f64)> = columns
            .iter()
            .filter_map(|column| Some((column, day_weight(column, calendar)?)))
            .collect();
        let day = best(days.iter().copied())?;
        let is_day = |column: &Column<'_>| days.iter().any(|(other, _)| other.path == column.path);
        let texts = || columns.iter().filter(|column| !is_day(column));
        let title = best(texts().filter_map(|column| Some((column, title_weight(column)?))))?;
        let others = texts().filter(|column| column.path != title.path);
        let lead = best(others.filter_map(|column| Some((column, lead_weight(column)?))));
        let addresses = addresses(columns, title, site)?;
        Some(Roles { title, day, lead, addresses })
    }
}

/// Returns the heaviest column, the first of equal ones.
fn best<'c, 'd>(columns: impl Iterator<Item = (&'c Column<'d>, f64)>) -> Option<&'c Column<'d>> {
    let heavier = |best: (&'c Column<'d>, f64), next: (&'c Column<'d>, f64)| {
        if next.1 > best.1 { next } else { best }
    };
    columns.reduce(heavier).map(|(column, _)| column)
}

fn day_weight(column: &Column<'_>, calendar: Calendar<'_>) -> Option<f64> {
    let (days, form) = column.days(calendar)?;
    let by_form = match form {
        Form::Timestamp => 1.0,
        Form::Printed => 0.95,
        // Numbers of one day are more often numbers of other things.
        Form::Number if days.iter().collect::<HashSet<_>>().len() > 1 => 0.8,
        Form::Number => return None,
    };
    let by_name = match (column.is_named(&PUBLISHED), column.is_named(&OTHER_DAYS)) {
        (true, false) => 1.2,
        (_, true) => 0.7,
        (false, false) => 1.0,
    };
    let presence = column.cells.len() as f64;
    Some(by_form * by_name * presence * column.nearness() * (0.7 + 0.3 * sortedness(&days)))
}

/// Returns whether a text is one that people read.
fn is_prose(text: &str) -> bool {
    let is_of_words = text.trim().contains(char::is_whitespace) || !text.is_ascii();
    is_of_words && !is_address(text) && has_letters(text, 2)
}

fn title_weight(column: &Column<'_>) -> Option<f64> {
    let prose = column.share(is_prose);
    let is_own = !column.is_named(&NO_TITLES);
    let by_name = match column.name() {
        _ if !is_own => 0.0,
        name if TITLES.contains(&name) => 1.5,
        _ if column.is_named(&TITLES) => 1.2,
        _ if column.is_named(&NAMES) => 0.6,
        _ => 0.0,
    };
    let bytes = mean_bytes(column);
    let may_be_one =
        prose >= 0.5 || by_name >= 1.0 && column.share(|text| !is_address(text)) >= 0.8;
    if !may_be_one || bytes > TITLE_BYTES_MAX {
        return None;
    }
    let titled = column.share(is_title);
    let fits = if bytes <= 160 { 0.5 } else { 0.0 };
    Some((2.0 * column.distinctness() + by_name + titled + fits) * column.nearness())
}

fn lead_weight(column: &Column<'_>) -> Option<f64> {
    let by_name = match (column.is_named(&LEADS), column.is_named(&NO_LEADS)) {
        (true, false) => 1.5,
        (_, true) => 0.3,
        (false, false) => 1.0,
    };
    let bytes = mean_bytes(column);
    let may_be_one = by_name > 1.0 || bytes >= LEAD_BYTES_MIN;
    if !may_be_one || column.share(is_prose) < 0.5 || column.distinctness() < 0.5 {
        return None;
    }
    let length = (bytes as f64 / 100.0).clamp(0.3, 1.0);
    Some(by_name * length * column.distinctness() * column.nearness())
}

fn mean_bytes(column: &Column<'_>) -> usize {
    let total: usize = column.texts().map(str::len).sum();
    total / column.texts().count().max(1)
}

/// Returns the addresses of the objects; `None` if they have neither addresses nor slugs.
fn addresses(
    columns: &[Column<'_>],
    title: &Column<'_>,
    site: &Site<'_>,
) -> Option<HashMap<usize, Url>> {
    let weighed = columns.iter().filter_map(|column| Some((column, address_weight(column, site)?)));
    let given = best(weighed);
    let mut found: HashMap<usize, Url> = given
        .into_iter()
        .flat_map(|column| &column.cells)
        .filter_map(|(n, value)| Some((*n, site.given(value.as_text()?)?)))
        .collect();
    let may_be_slugs = |column: &&Column<'_>| {
        let is_one = |value: &Data| value.as_text().map_or(value.as_whole().is_some(), is_slug);
        column.distinctness() >= 0.8 && column.cells.iter().all(|(_, value)| is_one(value))
    };
    let slugs: Vec<&Column<'_>> = columns.iter().filter(may_be_slugs).collect();
    let proved = slugs.iter().map(|slugs| site.proved(slugs)).max_by_key(HashMap::len);
    let proved = proved.unwrap_or_default();
    // What the page links to is surer than an address of another host, or of an interface.
    let is_sure = given.and_then(|column| address_weight(column, site)).unwrap_or_default() >= 0.5;
    for (n, link) in proved {
        if is_sure {
            found.entry(n).or_insert(link);
        } else {
            found.insert(n, link);
        }
    }
    let own = slugs.iter().find(|slugs| slugs.is_named(&SLUGS));
    let own = own.or_else(|| slugs.iter().find(|slugs| is_made_of(slugs, title)));
    for (n, value) in own.into_iter().flat_map(|slugs| &slugs.cells) {
        if let Some(link) = site.below(value)
            && !found.contains_key(n)
        {
            found.insert(*n, link);
        }
    }
    (own.is_some() || !found.is_empty()).then_some(found)
}

fn address_weight(column: &Column<'_>, site: &Site<'_>) -> Option<f64> {
    let own_host = site.url.and_then(Url::host_str);
    let is_own = |text: &str| site.given(text).is_some_and(|url| url.host_str() == own_host);
    let is_page = |text: &str| is_address(text) && !is_medium(text);
    let is_interface = |text: &str| {
        ["/api/", "jsonapi", "/wp-json/", "//api."].iter().any(|part| text.contains(part))
    };
    let pages = column.share(is_page);
    if pages < 0.5 || column.distinctness() < 0.5 {
        return None;
    }
    let own = if own_host.is_none() || column.share(is_own) >= 0.5 { 1.0 } else { 0.5 };
    let interface = if column.share(is_interface) >= 0.5 { 0.4 } else { 1.0 };
    let named = if column.is_named(&ADDRESSES) { 1.1 } else { 1.0 };
    Some(pages * column.distinctness() * own * interface * named * column.nearness())
}

/// Returns whether the words of slugs are those of the titles.
fn is_made_of(slugs: &Column<'_>, title: &Column<'_>) -> bool {
    let titles: HashMap<usize, String> = title
        .cells
        .iter()
        .filter_map(|(n, value)| Some((*n, value.as_text()?.to_lowercase())))
        .collect();
    let is_made = |(n, value): &&(usize, &Data)| {
        let (Some(slug), Some(title)) = (value.as_text(), titles.get(n)) else { return false };
        let words = || slug.split(['-', '_', '/']).filter(|word| !word.is_empty());
        let shared = words().filter(|word| title.contains(*word)).count();
        words().count() > 1 && shared * 2 >= words().count()
    };
    slugs.cells.iter().filter(is_made).count() * 2 >= slugs.cells.len()
}
