//! Dates in structured data: attributes of elements, and JSON-LD.
//!
//! Guarantees: a date only where one is given. Printed dates, which readers see, take precedence over
//! them.
//! Out of scope: what they date (`list/structure`).

use super::urls::absolute;
use crate::extract::date::{self, DateOrder, Style};
use chrono::NaiveDate;
use scraper::{Html, Node, node::Element};
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Attributes whose name says that they are a date.
const ATTRIBUTES: [&str; 5] =
    ["datetime", "isodate", "data-date", "data-datetime", "data-published"];
/// Attributes in which an element says what its text means.
const SAYING: [&str; 2] = ["title", "aria-label"];
/// The longest of them that is parsed, in bytes, and the most letters in it beside the date: "AM CET".
const SAID_BYTES_MAX: usize = 120;
const CLOCK_LETTERS_MAX: usize = 6;
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

/// Returns the date that an inline element with a short text explains itself with: the "9 November
/// 2026, 07:13" of "3 days ago". Numbers whose order is unknown are none.
pub(crate) fn said_day(element: &Element, lang: &str) -> Option<NaiveDate> {
    let texts = SAYING.iter().filter_map(|name| element.attr(name));
    texts.filter(|text| text.len() <= SAID_BYTES_MAX).find_map(|text| only_date(text, lang))
}

/// Returns the date of a text that says nothing else than when.
fn only_date(text: &str, lang: &str) -> Option<NaiveDate> {
    let found =
        |order: DateOrder| date::all(text, Style { lang: Some(lang), ..Style::from(order) });
    let days = found(DateOrder::DayFirst);
    let [(range, on)] = &days[..] else { return None };
    let rest = text[..range.start].chars().chain(text[range.end..].chars());
    let is_alone = rest.filter(|c| c.is_alphabetic()).count() <= CLOCK_LETTERS_MAX;
    (is_alone && found(DateOrder::MonthFirst) == days).then_some(*on)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_attribute_says_is_a_date_if_it_is_nothing_else() {
        let cases = [
            ("pt-BR", "9 de novembro de 2026, 07:13", "2026-11-09"),
            ("", "2026-11-09 07:13", "2026-11-09"),
            ("", "2026-11-09T07:13:00+02:00", "2026-11-09"),
            ("en", "Monday, November 9, 2026 at 7:13 AM", "2026-11-09"),
            ("en", "07:13, 9 November 2026", "2026-11-09"),
            ("de", "9. November 2026 um 07:13 Uhr", "2026-11-09"),
            ("ja", "2026年11月9日 07:13", "2026-11-09"),
            ("en", "09/11/2026 07:13", ""),
            ("en", "23/11/2026 07:13", "2026-11-23"),
            ("en", "Registration until 9 November 2026", ""),
            ("en", "9 November 2026 to 10 November 2026", ""),
            ("en", "3 days ago", ""),
            ("", "", ""),
        ];
        for (lang, text, expected) in cases {
            let on = only_date(text, lang).map(|on| on.to_string()).unwrap_or_default();
            assert_eq!(on, expected, "{lang}: {text}");
        }
    }
}
