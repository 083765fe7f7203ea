//! What `check` prints: a text for people, an object for programs, the settings to be pasted.
//!
//! Promises: the text is enough to judge at a glance whether the page was understood.
//! Leaves out: reading (`extract`), and how to come by the document (`check`).

use crate::{
    domain::{Candidate, CounterSeen, DocumentKind, Extraction, FeedUse, PageRules, Source},
    extract::CandidateList,
    lang::Lang,
    message::html::cut,
};
use serde_json::{Map, Value, json};
use std::fmt::{self, Write as _};
use url::Url;

/// Titles and leads in the read-back are cut to this, in characters.
const SHOWN_CHARS_MAX: usize = 100;
/// The longest title that is taken from a page, in characters.
const TITLE_CHARS_MAX: usize = 80;
/// Lists that are explained.
const EXPLAINED_MAX: usize = 10;

/// A reading for programs; the keys are a contract.
pub(super) fn json(reading: &Extraction, notes: &[String]) -> Value {
    let address = |url: &Url| Value::from(url.as_str());
    let entry = |entry: &Candidate| {
        json!({
            "date": entry.date_on.map(|on| on.to_string()),
            "title": entry.title,
            "link": entry.link.as_ref().map(address),
            "links": entry.links.iter().map(address).collect::<Vec<_>>(),
            "lead": entry.lead,
        })
    };
    let counter = |counter: &CounterSeen| {
        json!({
            "days": counter.days,
            "as_of": counter.as_of_on.to_string(),
            "since": counter.since_on().map(|on| on.to_string()),
            "text": counter.text,
        })
    };
    let clocks: Map<String, Value> = reading
        .clocks
        .iter()
        .map(|clock| (clock.place.clone(), Value::from(clock.time.clone())))
        .collect();
    json!({
        "kind": reading.kind.as_str(),
        "entries": reading.entries.iter().map(entry).collect::<Vec<_>>(),
        "counters": reading.counters.iter().map(counter).collect::<Vec<_>>(),
        "page_date": reading.page_date.map(|on| on.to_string()),
        "clocks": clocks,
        "phones": reading.phones,
        "contacts": reading.contacts,
        "archive": reading.archive.as_ref().map(address),
        "next": reading.next.as_ref().map(address),
        "feeds": reading.feeds.iter().map(address).collect::<Vec<_>>(),
        "notes": reading.notes.iter().chain(notes).collect::<Vec<_>>(),
    })
}

/// A reading for people, with what there is to say of its feeds.
pub(super) fn text(reading: &Extraction, notes: &[String], has_address: bool) -> String {
    ReadBack { reading, notes, has_address }.to_string()
}

/// The text for people: enough to judge at a glance whether the page was understood.
struct ReadBack<'a> {
    reading: &'a Extraction,
    notes: &'a [String],
    has_address: bool,
}

impl fmt::Display for ReadBack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extraction { entries, counters, .. } = self.reading;
        let day = |on| Lang::En.day(on);
        writeln!(f, "Read as {}.", kind_name(self.reading.kind))?;
        let newest = entries.iter().filter_map(|entry| entry.date_on).max();
        match (entries.len(), newest) {
            (0, _) => self.nothing(f)?,
            (n, None) => writeln!(f, "I see {}, without dates:", count(n, "entry", "entries"))?,
            (n, Some(on)) => {
                let these = count(n, "entry", "entries");
                writeln!(f, "I see {these}, newest {}:", day(on))?;
            }
        }
        for (n, entry) in entries.iter().enumerate() {
            let date = entry.date_on.map_or("no date".to_owned(), |on| on.to_string());
            writeln!(f, "{:>4}  {date:<10}  {}", n + 1, cut(&entry.title, SHOWN_CHARS_MAX))?;
            let mut detail = String::new();
            match &entry.link {
                Some(link) => write!(detail, "{link}")?,
                None => write!(detail, "(no link)")?,
            }
            writeln!(f, "                  {detail}")?;
            if let Some(lead) = &entry.lead {
                writeln!(f, "                  {}", cut(lead, SHOWN_CHARS_MAX))?;
            }
        }
        let links_missing = !entries.is_empty() && entries.iter().all(|entry| entry.link.is_none());
        if links_missing && !self.has_address {
            writeln!(f, "Relative links need the page's address: add --url ADDRESS.")?;
        }
        if !counters.is_empty() {
            match counters.len() {
                1 => writeln!(f, "\nThis counter:")?,
                n => writeln!(f, "\nThese {n} counters:")?,
            }
        }
        for counter in counters {
            let since = counter.since_on().map_or_else(|| "?".to_owned(), day);
            writeln!(
                f,
                "      {} days on {}, so since {since}:",
                counter.days,
                day(counter.as_of_on)
            )?;
            writeln!(f, "      {}", counter.text)?;
        }
        self.notes(f)
    }
}

impl ReadBack<'_> {
    fn nothing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reading.is_empty_list {
            return writeln!(f, "It lists nothing yet; its first entry will be news.");
        }
        writeln!(f, "I see no dated entries.")?;
        if let Some(what) = &self.reading.challenge {
            writeln!(f, "It looks like {what}, not like the page itself.")?;
        }
        Ok(())
    }

    fn notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extraction { page_date, clocks, contacts, archive, .. } = self.reading;
        let mut notes = Vec::new();
        if let Some(on) = page_date {
            notes.push(format!("The page's day:   {}", Lang::En.day(*on)));
        }
        if !clocks.is_empty() {
            let clocks: Vec<String> =
                clocks.iter().map(|clock| format!("{} {}", clock.place, clock.time)).collect();
            notes.push(format!("Its clocks:       {}", clocks.join(", ")));
        }
        if !contacts.is_empty() {
            notes.push(format!("Its contacts:     {}", contacts.join("\n                  ")));
        }
        notes.extend(self.reading.notes.iter().map(|note| format!("Not read of it:   {note}")));
        notes.extend(self.notes.iter().map(|note| format!("Its feed:         {note}")));
        if let Some(archive) = archive {
            notes.push(format!("Older entries at: {archive}"));
        }
        if let Some(next) = &self.reading.next {
            notes.push(format!("Its next page:    {next}"));
        }
        if !notes.is_empty() {
            writeln!(f, "\n{}", notes.join("\n"))?;
        }
        Ok(())
    }
}

/// The settings that watch an address, ready to be pasted into communique.toml. What is derived
/// stands there to be used should it ever have to be told, and does nothing until then.
pub(super) fn source_block(
    url: &Url,
    source: &Source,
    reading: &Extraction,
    hints: &PageRules,
) -> String {
    let title = reading.title.as_deref().map(|title| cut(title, TITLE_CHARS_MAX));
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let mut block = format!(
        "\nTo watch it, write into communique.toml:\n\n[[source]]\nname = {}\ntitle = {}\nurl = {}\n\
         every = \"5m\"\nzone = {}  # whose days its dates are, like \"Europe/London\"\n",
        quoted(source.name.as_str()),
        quoted(title.as_deref().unwrap_or(&source.title)),
        quoted(url.as_str()),
        quoted(source.zone.name()),
    );
    let own = &source.page_rules;
    let mut lines: Vec<(bool, &str, String)> = Vec::new();
    let texts = [
        ("entry", &hints.entry, &own.entry),
        ("title", &hints.title, &own.title),
        ("link", &hints.link, &own.link),
        ("date", &hints.date, &own.date),
        ("lead", &hints.lead, &own.lead),
        ("within", &hints.within, &own.within),
        ("exclude", &hints.exclude, &own.exclude),
        ("date_format", &hints.date_format, &own.date_format),
        ("lang", &hints.lang, &own.lang),
    ];
    for (name, value, own) in texts {
        lines.extend(value.as_deref().map(|value| (own.is_some(), name, quoted(value))));
    }
    let order = hints.date_order.map(|order| quoted(order.as_str()));
    lines.extend(order.map(|order| (own.date_order.is_some(), "date_order", order)));
    match &own.feed {
        FeedUse::IfFresh => {}
        FeedUse::Given(url) => lines.push((true, "feed", quoted(url.as_str()))),
        FeedUse::Never => lines.push((true, "feed", "false".to_owned())),
    }
    if own.entries_min > 0 {
        lines.push((true, "min_entries", own.entries_min.to_string()));
    }
    if lines.is_empty() {
        return block;
    }
    let is_told = lines.iter().any(|(is_told, ..)| *is_told);
    if !is_told {
        block.push_str(
            "\n# This is found by itself. Should it go wrong one day, take the # away:\n",
        );
    }
    block.push_str(if is_told { "[source.page]\n" } else { "#[source.page]\n" });
    for (is_told, name, value) in lines {
        let mark = if is_told { "" } else { "#" };
        // Writing to a string does not fail.
        let _ = writeln!(block, "{mark}{name} = {value}");
    }
    block
}

/// The lists that were seen, and which one was chosen.
pub(super) fn lists(lists: &[CandidateList]) -> String {
    let mut text = String::from("\nLists seen, the chosen one first:\n");
    if lists.is_empty() {
        text.push_str("      none\n");
    }
    for list in lists.iter().take(EXPLAINED_MAX) {
        let mark = if list.is_chosen { '*' } else { ' ' };
        let score = list.score.map_or("    -".to_owned(), |score| format!("{score:5.2}"));
        let entries = count(list.entries.len(), "entry", "entries");
        let title = list.entries.first().map_or("", |entry| &entry.title);
        // Writing to a string does not fail.
        let _ = writeln!(text, "    {mark} {score}  {entries}, set as: {}", list.how);
        let _ = writeln!(text, "             first: {}", cut(title, SHOWN_CHARS_MAX));
    }
    text
}

fn kind_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Html => "an HTML page",
        DocumentKind::Text => "plain text",
        DocumentKind::Rss => "an RSS feed",
        DocumentKind::Atom => "an Atom feed",
        DocumentKind::JsonFeed => "a JSON Feed",
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
