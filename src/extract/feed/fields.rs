//! What the fields of RSS and Atom mean.
//!
//! Guarantees: a title, a lead, an address are taken from the field that the format names for it,
//! else from the next best one; text is text and HTML is HTML, as the format says.

use super::{
    address::{address, base_address},
    chars::{Entities, decode},
    raw::{LINKS_MAX, RawEntry, RawFeed, note_of_left_out},
    scan::{Field, Item, Scanned, Space},
    text::{Place, Shown, of_html},
};
use crate::domain::{DocumentKind, text::normalize_whitespace, web_url::is_http};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::time::Duration;
use url::Url;

/// How much of a field is read, in bytes: far more than is shown of it.
const FIELD_BYTES_MAX: usize = 256 * 1024;
/// Dates that are tried of one entry.
const DATES_MAX: usize = 8;

/// Reads a scanned feed. `url` is where it came from.
pub(super) fn read(scanned: &Scanned<'_>, url: Option<&Url>) -> RawFeed {
    let is_atom = scanned.root.as_ref().is_some_and(|root| root.name == "feed");
    let around = [&scanned.root, &scanned.channel];
    let xml = |name: &str| around.iter().rev().find_map(|field| field.as_ref()?.attribute(name));
    let reader = Reader { entities: &scanned.entities, is_atom };
    let all = |space, name| scanned.fields.iter().filter(move |field| field.is(space, name));
    let first = |space, name| all(space, name).find_map(|field| reader.plain(field));

    let own = url.cloned();
    let written = xml("xml:base").and_then(|base| base_address(base, own.as_ref()));
    let home = || {
        let links = all(Space::Core, "link").filter(|link| is_alternate(link));
        let mut hrefs = links.filter_map(|link| reader.href(link));
        hrefs.find_map(|href| base_address(&href, own.as_ref()))
    };
    // Addresses of Atom start from the document, those of RSS from the site.
    let base = written.or_else(|| if is_atom { own.clone() } else { home() });
    let base = base.or_else(|| own.clone()).or_else(home);

    let next = scanned.fields.iter().find(|field| {
        matches!(field.space, Space::Core | Space::Atom)
            && field.name == "link"
            && field.attribute("rel") == Some("next")
    });
    let minutes: Option<u64> = first(Space::Core, "ttl").and_then(|ttl| ttl.parse().ok());
    RawFeed {
        kind: if is_atom { DocumentKind::Atom } else { DocumentKind::Rss },
        title: all(Space::Core, "title")
            .map(|field| reader.title(field).text)
            .find(|text| !text.is_empty()),
        lang: first(Space::Core, "language")
            .or_else(|| first(Space::DublinCore, "language"))
            .or_else(|| xml("xml:lang").map(str::to_owned)),
        next: next.and_then(|link| address(link.attribute("href")?, base.as_ref())),
        fresh_for: minutes.map(|minutes| {
            Duration::from_secs(60).saturating_mul(u32::try_from(minutes).unwrap_or(u32::MAX))
        }),
        entries: scanned.items.iter().map(|item| reader.entry(item, base.as_ref())).collect(),
        is_whole: scanned.is_whole,
        notes: scanned
            .is_cut
            .then(|| "an entry that is not there whole is left out".to_owned())
            .into_iter()
            .chain(note_of_left_out(scanned.left_out))
            .collect(),
    }
}

/// Returns whether a link of Atom is the entry's own page (`alternate`).
fn is_alternate(link: &Field<'_>) -> bool {
    link.attribute("rel").is_none_or(|rel| {
        let rel = rel.rsplit('/').next().unwrap_or_default();
        rel.is_empty() || rel.eq_ignore_ascii_case("alternate")
    })
}

/// Returns whether a text of Atom is in base64: 0.3 declares it with `mode`, 1.0 implies it by a
/// non-text media type.
fn is_base64(mode: Option<&str>, stated: &str) -> bool {
    let is_file = stated.split_once('/').is_some_and(|(kind, rest)| {
        kind != "text" && !["xml", "json", "html"].iter().any(|text| rest.contains(text))
    });
    mode.map_or(is_file, |mode| mode.eq_ignore_ascii_case("base64"))
}

/// The content of a field.
enum Content {
    Text(String),
    Html(String),
}

struct Reader<'e> {
    entities: &'e Entities,
    is_atom: bool,
}

impl Reader<'_> {
    /// Returns the content of a field: text with its references replaced, or markup verbatim.
    fn content(&self, field: &Field<'_>) -> Content {
        let inner = &field.inner[..field.inner.floor_char_boundary(FIELD_BYTES_MAX)];
        if !inner.contains('<') {
            return Content::Text(decode(inner, self.entities).into_owned());
        }
        // Pieces of text, and CDATA verbatim.
        let mut pieces: Vec<(&str, bool)> = Vec::new();
        let mut has_tags = false;
        let last_comment_end = inner.rfind("-->").unwrap_or(0);
        let mut rest = inner;
        while let Some(at) = rest.find('<') {
            let (before, from) = rest.split_at(at);
            pieces.push((before, false));
            rest = if let Some(section) = from.strip_prefix("<![CDATA[") {
                let end = section.find("]]>").unwrap_or(section.len());
                pieces.push((&section[..end], true));
                section[end..].strip_prefix("]]>").unwrap_or_default()
            } else if let Some(end) = from
                .strip_prefix("<!--")
                .filter(|_| inner.len() - from.len() + 4 <= last_comment_end)
                .and_then(|comment| comment.find("-->"))
            {
                &from[end + 7..]
            } else {
                has_tags |= from[1..].starts_with(|c: char| c.is_alphabetic() || c == '/');
                pieces.push(("<", has_tags));
                &from[1..]
            };
        }
        pieces.push((rest, false));
        if has_tags {
            return Content::Html(pieces.into_iter().map(|(piece, _)| piece).collect());
        }
        let mut text = String::with_capacity(inner.len());
        for (piece, is_verbatim) in pieces {
            match is_verbatim {
                true => text.push_str(piece),
                false => text.push_str(&decode(piece, self.entities)),
            }
        }
        Content::Text(text)
    }

    /// Returns a value that is neither text nor HTML: a date, an identifier, an address.
    fn plain(&self, field: &Field<'_>) -> Option<String> {
        let (Content::Text(text) | Content::Html(text)) = self.content(field);
        let text = normalize_whitespace(&text);
        (!text.is_empty()).then_some(text)
    }

    /// Returns the address that a link names, as RSS or as Atom writes it.
    fn href(&self, link: &Field<'_>) -> Option<String> {
        let attribute = link.attribute("href").map(str::to_owned);
        attribute.filter(|text| !text.is_empty()).or_else(|| self.plain(link))
    }

    fn title(&self, field: &Field<'_>) -> Shown {
        self.shown(field, Place::Title)
    }

    /// Returns a text of a field, by the type that its format gives it.
    fn shown(&self, field: &Field<'_>, place: Place) -> Shown {
        let is_construct = self.is_atom && field.space == Space::Core || field.space == Space::Atom;
        let stated = field.attribute("type").unwrap_or_default().to_ascii_lowercase();
        if is_construct && is_base64(field.attribute("mode"), &stated) {
            return self.decoded(field, place);
        }
        match self.content(field) {
            Content::Html(html) => of_html(&html, place),
            Content::Text(text) => {
                let is_html = if is_construct || field.space == Space::Media && !stated.is_empty() {
                    stated.contains("html")
                } else {
                    true
                };
                match is_html {
                    // Where the format says that it is HTML, tags are tags.
                    true if is_construct => of_html(&text, Place::Body),
                    true => of_html(&text, place),
                    false => Shown { text: normalize_whitespace(&text), picture: None },
                }
            }
        }
    }

    /// Returns what a field in base64 shows.
    fn decoded(&self, field: &Field<'_>, place: Place) -> Shown {
        let (Content::Text(text) | Content::Html(text)) = self.content(field);
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = BASE64_STANDARD.decode(text).ok();
        let html = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        html.map(|html| of_html(&html, place)).unwrap_or_default()
    }

    fn entry(&self, item: &Item<'_>, base: Option<&Url>) -> RawEntry {
        let own = item.element.attribute("xml:base").and_then(|own| base_address(own, base));
        let base = own.as_ref().or(base);
        let all = |space, name| item.fields.iter().filter(move |field| field.is(space, name));
        let values = |names: &[(Space, &'static str)]| -> Vec<String> {
            let named =
                |(space, name): &(Space, &'static str)| all(*space, *name).collect::<Vec<_>>();
            let fields = names.iter().flat_map(named);
            fields.filter_map(|field| self.plain(field)).take(DATES_MAX).collect()
        };

        let mut titles = TITLES.iter().flat_map(|(space, name)| all(*space, name));
        let mut picture = None;
        let title = titles.find_map(|field| {
            let shown = self.title(field);
            picture = picture.take().or(shown.picture);
            Some(shown.text).filter(|text| !text.is_empty())
        });
        let leads = if self.is_atom { &ATOM_LEADS[..] } else { &RSS_LEADS[..] };
        let mut leads = leads.iter().flat_map(|(space, name)| all(*space, name));
        let lead = leads.find_map(|field| {
            // Content with `src` is in another document.
            let is_elsewhere = field.attribute("src").is_some_and(|src| !src.is_empty());
            let shown = self.shown(field, Place::Body);
            picture = picture.take().or(shown.picture);
            Some(shown.text).filter(|text| !text.is_empty() && !is_elsewhere)
        });
        let (link, links) = self.links(item, base);
        RawEntry {
            title,
            lead,
            picture,
            link,
            links,
            id: values(&IDS).into_iter().next(),
            dates: values(if self.is_atom { &ATOM_DATES } else { &RSS_DATES }),
        }
    }

    /// Returns the address that a person would open, and the others.
    fn links(&self, item: &Item<'_>, base: Option<&Url>) -> (Option<Url>, Vec<Url>) {
        let resolve = |field: &Field<'_>, href: &str| {
            let own = field.attribute("xml:base").and_then(|own| base_address(own, base));
            address(href, own.as_ref().or(base))
        };
        let all = |space, name| item.fields.iter().filter(move |field| field.is(space, name));
        let links = || all(Space::Core, "link").chain(all(Space::Atom, "link"));
        let of_rel = |rel: &str| -> Vec<Url> {
            let named = links().filter(|link| link.attribute("rel") == Some(rel));
            let found = named.filter_map(|link| resolve(link, link.attribute("href")?));
            found.take(LINKS_MAX).collect()
        };
        let is_page = |link: &&Field<'_>| link.attribute("type").is_none_or(|t| t.contains("html"));
        let alternates = || links().filter(|link| is_alternate(link));
        let main = alternates().filter(is_page).chain(alternates());
        let main = main.filter_map(|link| resolve(link, &self.href(link)?)).next();
        let at = |space, name, attribute: &str| -> Vec<Url> {
            all(space, name)
                .filter_map(|field| resolve(field, field.attribute(attribute)?))
                .take(LINKS_MAX)
                .collect()
        };
        let of_feedburner = || {
            all(Space::FeedBurner, "origlink").find_map(|field| resolve(field, &self.plain(field)?))
        };
        let mut others = at(Space::Core, "enclosure", "url");
        others.extend(of_rel("enclosure"));
        others.extend(at(Space::Media, "content", "url"));
        let permalink = || all(Space::Core, "guid").find_map(|guid| self.permalink(guid));
        let id = || {
            let id = all(Space::Core, "id").find_map(|id| Url::parse(&self.plain(id)?).ok())?;
            // An identifier may be an address that leads nowhere; one of the same site rarely is.
            let is_own = |other: &Url| other.host() == id.host();
            let is_near = others.iter().chain(base).any(is_own);
            (is_near && is_http(&id)).then_some(id)
        };
        let about = || item.element.attribute("about").and_then(|about| address(about, base));
        let content = || at(Space::Core, "content", "src").into_iter().next();
        let link = main
            .or_else(of_feedburner)
            .or_else(permalink)
            .or_else(about)
            .or_else(content)
            .or_else(id)
            .or_else(|| others.first().cloned())
            .or_else(|| of_rel("related").into_iter().next())
            .or_else(|| of_rel("self").into_iter().next());
        others.extend(of_rel("related"));
        let mut seen: Vec<Url> = link.iter().cloned().collect();
        others.retain(|other| {
            let is_new = !seen.contains(other);
            seen.push(other.clone());
            is_new
        });
        others.truncate(LINKS_MAX);
        (link, others)
    }

    /// Returns the `guid` as an address, unless `isPermaLink="false"`.
    fn permalink(&self, guid: &Field<'_>) -> Option<Url> {
        let says_no = |field: &Field<'_>| {
            field.attribute("ispermalink").is_some_and(|is| is.eq_ignore_ascii_case("false"))
        };
        let url = Url::parse(&self.plain(guid).filter(|_| !says_no(guid))?).ok()?;
        is_http(&url).then_some(url)
    }
}

const TITLES: [(Space, &str); 5] = [
    (Space::Core, "title"),
    (Space::Atom, "title"),
    (Space::Media, "title"),
    (Space::Itunes, "title"),
    (Space::DublinCore, "title"),
];
const RSS_LEADS: [(Space, &str); 13] = [
    (Space::Core, "description"),
    (Space::Core, "summary"),
    (Space::Atom, "summary"),
    (Space::Itunes, "summary"),
    (Space::Media, "description"),
    (Space::DublinCore, "description"),
    (Space::Content, "encoded"),
    (Space::Core, "content"),
    (Space::Core, "body"),
    (Space::Core, "fullitem"),
    (Space::Atom, "content"),
    (Space::Itunes, "subtitle"),
    (Space::Other, "encoded"),
];
const ATOM_LEADS: [(Space, &str); 5] = [
    (Space::Core, "summary"),
    (Space::Core, "content"),
    (Space::Media, "description"),
    (Space::DublinCore, "description"),
    (Space::Core, "description"),
];
const IDS: [(Space, &str); 4] = [
    (Space::Core, "guid"),
    (Space::Core, "id"),
    (Space::Atom, "id"),
    (Space::DublinCore, "identifier"),
];
/// When an entry was published, then when it was last changed; and last, a date field of an unknown
/// namespace.
const RSS_DATES: [(Space, &str); 21] = [
    (Space::Core, "pubdate"),
    (Space::DublinCore, "date"),
    (Space::DublinCore, "issued"),
    (Space::DublinCore, "created"),
    (Space::DublinCore, "available"),
    (Space::Core, "date"),
    (Space::Core, "published"),
    (Space::Atom, "published"),
    (Space::Core, "issued"),
    (Space::Atom, "issued"),
    (Space::Core, "created"),
    (Space::Atom, "created"),
    (Space::Core, "lastbuilddate"),
    (Space::Core, "updated"),
    (Space::Atom, "updated"),
    (Space::DublinCore, "modified"),
    (Space::Atom, "modified"),
    (Space::Core, "modified"),
    (Space::Other, "pubdate"),
    (Space::Other, "published"),
    (Space::Other, "date"),
];
const ATOM_DATES: [(Space, &str); 10] = [
    (Space::Core, "published"),
    (Space::Core, "issued"),
    (Space::Core, "created"),
    (Space::Core, "pubdate"),
    (Space::DublinCore, "date"),
    (Space::DublinCore, "issued"),
    (Space::DublinCore, "created"),
    (Space::Core, "date"),
    (Space::Core, "updated"),
    (Space::Core, "modified"),
];
