//! Dates in structured data: attributes of elements, and JSON-LD.
//!
//! Guarantees: a date only where one is given. Printed dates, which readers see, take precedence over
//! them.
//! Out of scope: what they date (`list/structure`).

use super::urls::absolute;
use crate::extract::date;
use chrono::NaiveDate;
use scraper::{Html, Node, node::Element};
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Attributes whose name says that they are a date.
const ATTRIBUTES: [&str; 5] =
    ["datetime", "isodate", "data-date", "data-datetime", "data-published"];
/// The most values of a JSON-LD script, and the longest script, in bytes.
const VALUES_MAX: usize = 20_000;
const SCRIPT_BYTES_MAX: usize = 1024 * 1024;

/// Returns the date in the attributes of an element: `time[datetime]`, microdata (`itemprop`),
/// microformats (`abbr`).
pub(crate) fn day(element: &Element) -> Option<NaiveDate> {
    // Cells of a calendar carry their own day, not that of what they link to.
    let is_cell = matches!(element.name(), "td" | "th");
    let by_name = |name: &&str| date::parse_machine_date(element.attr(name)?);
    let by_name = ATTRIBUTES.iter().find_map(by_name).filter(|_| !is_cell);
    by_name.or_else(|| {
        let property = element.attr("itemprop").unwrap_or_default();
        let is_dated = property.starts_with("date") && property != "dateModified";
        if is_dated {
            return date::parse_machine_date(element.attr("content")?);
        }
        let is_format = |class: &str| matches!(class, "published" | "dtstart" | "dt-published");
        let is_marked = element.name() == "abbr" || element.classes().any(is_format);
        is_marked.then(|| date::parse_machine_date(element.attr("title")?)).flatten()
    })
}

/// Returns the dates that JSON-LD gives to addresses.
pub(crate) fn linked_data(html: &Html, base: Option<&Url>) -> HashMap<Url, NaiveDate> {
    let mut days = HashMap::new();
    for node in html.tree.nodes() {
        let Node::Element(element) = node.value() else { continue };
        let kind = element.attr("type").unwrap_or_default();
        if element.name() != "script" || !kind.eq_ignore_ascii_case("application/ld+json") {
            continue;
        }
        let text: String = node
            .children()
            .filter_map(|child| Some(&**child.value().as_text()?))
            .take(1)
            .filter(|text| text.len() <= SCRIPT_BYTES_MAX)
            .collect();
        let Ok(value) = serde_json::from_str::<Value>(text.trim()) else { continue };
        let mut open = vec![&value];
        let mut seen = 0;
        while let Some(value) = open.pop() {
            seen += 1;
            if seen > VALUES_MAX {
                break;
            }
            match value {
                Value::Array(values) => open.extend(values),
                Value::Object(fields) => {
                    open.extend(fields.values());
                    if let Some((url, on)) = dated(fields, base) {
                        days.insert(url, on);
                    }
                }
                _ => {}
            }
        }
    }
    days
}

fn dated(fields: &serde_json::Map<String, Value>, base: Option<&Url>) -> Option<(Url, NaiveDate)> {
    let on = date::parse_machine_date(fields.get("datePublished")?.as_str()?)?;
    let own = |name: &str| match fields.get(name)? {
        Value::String(text) => Some(text.as_str()),
        Value::Object(inner) => inner.get("@id")?.as_str(),
        _ => None,
    };
    let address = own("url").or_else(|| own("mainEntityOfPage")).or_else(|| own("@id"))?;
    let mut url = absolute(address, base)?;
    url.set_fragment(None);
    Some((url, on))
}
