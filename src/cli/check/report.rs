//! What `check` prints: a text for people, an object for programs, a table for `communique.toml`.
//!
//! Guarantees: the text is enough to judge at a glance whether the page was understood.
//! Out of scope: extraction (`extract`), fetching the document (`check`).

use super::findings::{Findings, Problem};
use crate::{
    domain::{
        Candidate, CounterSeen, DocumentKind, Extraction, FeedUse, PageRules, Source, SourceName,
    },
    extract::{CandidateList, OrderCertainty, UnmatchedRule},
    lang::Lang,
    message::html::cut,
};
use serde_json::{Map, Value, json};
use std::fmt::{self, Write as _};
use url::Url;

/// The longest title or lead that is shown, in characters.
const SHOWN_CHARS_MAX: usize = 100;
/// The longest title that is taken from a page, in characters.
const TITLE_CHARS_MAX: usize = 80;
/// Lists that are explained.
const EXPLAINED_MAX: usize = 10;
/// How many of them are shown with their features.
const COMPARED: usize = 2;
/// The indentation below an entry.
const INDENT: &str = "                  ";

/// Returns an extraction for programs; the keys are a contract.
pub(super) fn json(extraction: &Extraction, notes: &[String], findings: &Findings) -> Value {
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
    let clocks: Map<String, Value> = extraction
        .clocks
        .iter()
        .map(|clock| (clock.place.clone(), Value::from(clock.time.clone())))
        .collect();
    let unmatched = |rule: &UnmatchedRule| {
        json!({
            "key": rule.key,
            "selector": rule.selector,
            "entries_without": rule.without.len(),
        })
    };
    json!({
        "kind": extraction.kind.as_str(),
        "entries": extraction.entries.iter().map(entry).collect::<Vec<_>>(),
        "counters": extraction.counters.iter().map(counter).collect::<Vec<_>>(),
        "page_date": extraction.page_date.map(|on| on.to_string()),
        "clocks": clocks,
        "phones": extraction.phones,
        "contacts": extraction.contacts,
        "archive": extraction.archive.as_ref().map(address),
        "next": extraction.next.as_ref().map(address),
        "feeds": extraction.feeds.iter().map(address).collect::<Vec<_>>(),
        "notes": extraction.notes.iter().chain(notes).collect::<Vec<_>>(),
        "source": findings.source.as_ref().map(SourceName::as_str),
        "problem": findings.problem.as_ref().map(Problem::as_str),
        "date_order": findings.order_certainty.map(OrderCertainty::as_str),
        "unmatched": findings.unmatched.iter().map(unmatched).collect::<Vec<_>>(),
    })
}

/// Returns an extraction for people, with the notes on its feeds.
pub(super) fn text(
    extraction: &Extraction,
    notes: &[String],
    findings: &Findings,
    has_address: bool,
) -> String {
    Summary { extraction, notes, findings, has_address }.to_string()
}

/// The text for people: enough to judge at a glance whether the page was understood.
struct Summary<'a> {
    extraction: &'a Extraction,
    notes: &'a [String],
    findings: &'a Findings,
    has_address: bool,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = kind_name(self.extraction.kind);
        match &self.findings.source {
            Some(name) => writeln!(f, "Read as {kind}, with the settings of source {name}.")?,
            None => writeln!(f, "Read as {kind}, with the settings of no source.")?,
        }
        self.unmatched(f)?;
        self.heading(f)?;
        self.entries(f)?;
        self.counters(f)?;
        self.notes(f)
    }
}

impl Summary<'_> {
    /// How many entries there are, or why there are none.
    fn heading(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = &self.extraction.entries;
        let newest_on = entries.iter().filter_map(|entry| entry.date_on).max();
        match (entries.len(), newest_on) {
            (0, _) => self.no_entries(f),
            (n, None) => writeln!(f, "I see {}, without dates:", count(n, "entry", "entries")),
            (n, Some(on)) => {
                let these = count(n, "entry", "entries");
                writeln!(f, "I see {these}, newest {}:", Lang::En.day(on))
            }
        }
    }

    fn no_entries(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.extraction.is_empty_list {
            return writeln!(f, "It lists nothing yet; its first entry will be news.");
        }
        writeln!(f, "I see no dated entries.")?;
        if let Some(Problem::ErrorPage(words)) = &self.findings.problem {
            writeln!(f, "It looks like an error page: {}", cut(words, SHOWN_CHARS_MAX))?;
        } else if let Some(what) = &self.extraction.challenge {
            writeln!(f, "It looks like {what}, not like the page itself.")?;
        }
        Ok(())
    }

    /// The selectors that match nothing, and what would be found without them.
    fn unmatched(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for UnmatchedRule { key, selector, without } in &self.findings.unmatched {
            let entries = count(without.len(), "entry", "entries");
            writeln!(
                f,
                "page.{key} = {} matches nothing. Without it I see {entries}.",
                quoted(selector)
            )?;
            if let Some(first) = without.first().filter(|_| self.extraction.entries.is_empty()) {
                writeln!(f, "{INDENT}first: {}", cut(&first.title, SHOWN_CHARS_MAX))?;
            }
        }
        Ok(())
    }

    fn entries(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = &self.extraction.entries;
        for (n, entry) in entries.iter().enumerate() {
            let date = entry.date_on.map_or("no date".to_owned(), |on| on.to_string());
            writeln!(f, "{:>4}  {date:<10}  {}", n + 1, cut(&entry.title, SHOWN_CHARS_MAX))?;
            match &entry.link {
                Some(link) => writeln!(f, "{INDENT}{link}")?,
                None => writeln!(f, "{INDENT}(no link)")?,
            }
            if let Some(lead) = &entry.lead {
                writeln!(f, "{INDENT}{}", cut(lead, SHOWN_CHARS_MAX))?;
            }
        }
        let links_missing = !entries.is_empty() && entries.iter().all(|entry| entry.link.is_none());
        if links_missing && !self.has_address {
            writeln!(f, "Relative links need the page's address: add --url ADDRESS.")?;
        }
        Ok(())
    }

    fn counters(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counters = &self.extraction.counters;
        match counters.len() {
            0 => {}
            1 => writeln!(f, "\nThis counter:")?,
            n => writeln!(f, "\nThese {n} counters:")?,
        }
        for counter in counters {
            let since = counter.since_on().map_or_else(|| "?".to_owned(), |on| Lang::En.day(on));
            let as_of = Lang::En.day(counter.as_of_on);
            writeln!(f, "      {} days on {as_of}, so since {since}:", counter.days)?;
            writeln!(f, "      {}", counter.text)?;
        }
        Ok(())
    }

    /// What there is beside the list.
    fn notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extraction { page_date, clocks, contacts, archive, next, .. } = self.extraction;
        let mut notes = Vec::new();
        notes.extend(page_date.map(|on| format!("The page's day:   {}", Lang::En.day(on))));
        if !clocks.is_empty() {
            let clocks: Vec<String> =
                clocks.iter().map(|clock| format!("{} {}", clock.place, clock.time)).collect();
            notes.push(format!("Its clocks:       {}", clocks.join(", ")));
        }
        if !contacts.is_empty() {
            let contacts = contacts.join(&format!("\n{INDENT}"));
            notes.push(format!("Its contacts:     {contacts}"));
        }
        notes.extend(self.extraction.notes.iter().map(|note| format!("Note:             {note}")));
        notes.extend(self.notes.iter().map(|note| format!("Its feed:         {note}")));
        notes.extend(archive.iter().map(|archive| format!("Older entries at: {archive}")));
        notes.extend(next.iter().map(|next| format!("Its next page:    {next}")));
        if !notes.is_empty() {
            writeln!(f, "\n{}", notes.join("\n"))?;
        }
        Ok(())
    }
}

/// Returns the table of `communique.toml` for an address. Page rules that were derived are comments:
/// they do nothing unless the operator uncomments them.
pub(super) fn source_block(
    url: &Url,
    source: &Source,
    extraction: &Extraction,
    derived: &PageRules,
) -> String {
    let title = extraction.title.as_deref().map(|title| cut(title, TITLE_CHARS_MAX));
    let mut block = format!(
        "\nTo watch it, write into communique.toml:\n\n[[source]]\nname = {}\ntitle = {}\nurl = {}\n\
         every = \"5m\"\nzone = {}  # whose days its dates are, like \"Europe/London\"\n",
        quoted(source.name.as_str()),
        quoted(title.as_deref().unwrap_or(&source.title)),
        quoted(url.as_str()),
        quoted(source.zone.name()),
    );
    let rules = rule_lines(derived, &source.page_rules);
    if rules.is_empty() {
        return block;
    }
    let is_configured = rules.iter().any(|rule| rule.is_configured);
    if !is_configured {
        block.push_str(
            "\n# This is found by itself. Should it go wrong one day, take the # away:\n",
        );
    }
    block.push_str(if is_configured { "[source.page]\n" } else { "#[source.page]\n" });
    for RuleLine { is_configured, key, value } in rules {
        let mark = if is_configured { "" } else { "#" };
        // Writing to a string does not fail.
        let _ = writeln!(block, "{mark}{key} = {value}");
    }
    block
}

/// A line of `[source.page]`.
struct RuleLine {
    /// Whether the operator set it; otherwise it was derived.
    is_configured: bool,
    key: &'static str,
    value: String,
}

/// Returns the lines of the rules that were derived, and of those that only the operator can set.
fn rule_lines(derived: &PageRules, configured: &PageRules) -> Vec<RuleLine> {
    let texts = [
        ("entry", &derived.entry, &configured.entry),
        ("title", &derived.title, &configured.title),
        ("link", &derived.link, &configured.link),
        ("date", &derived.date, &configured.date),
        ("lead", &derived.lead, &configured.lead),
        ("within", &derived.within, &configured.within),
        ("exclude", &derived.exclude, &configured.exclude),
        ("date_format", &derived.date_format, &configured.date_format),
        ("lang", &derived.lang, &configured.lang),
    ];
    let mut lines: Vec<RuleLine> = Vec::new();
    for (key, value, configured) in texts {
        let is_configured = configured.is_some();
        let value = value.as_deref().map(quoted);
        lines.extend(value.map(|value| RuleLine { is_configured, key, value }));
    }
    lines.extend(derived.date_order.map(|order| RuleLine {
        is_configured: configured.date_order.is_some(),
        key: "date_order",
        value: quoted(order.as_str()),
    }));
    let feed = match &configured.feed {
        FeedUse::IfFresh => None,
        FeedUse::Given(url) => Some(quoted(url.as_str())),
        FeedUse::Never => Some("false".to_owned()),
    };
    lines.extend(feed.map(|value| RuleLine { is_configured: true, key: "feed", value }));
    if configured.entries_min > 0 {
        let value = configured.entries_min.to_string();
        lines.push(RuleLine { is_configured: true, key: "min_entries", value });
    }
    lines
}

/// Returns a text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Returns the lists that were found, and which one was chosen; of the first two, why.
pub(super) fn lists(lists: &[CandidateList]) -> String {
    let mut text = String::from("\nLists seen, the chosen one first:\n");
    if lists.is_empty() {
        text.push_str("      none\n");
    }
    for (n, list) in lists.iter().take(EXPLAINED_MAX).enumerate() {
        let mark = if list.is_chosen { '*' } else { ' ' };
        let score = format!("{:5.2}", list.features.score());
        let entries = count(list.entries.len(), "entry", "entries");
        let title = list.entries.first().map_or("", |entry| &entry.title);
        // Writing to a string does not fail.
        let _ = writeln!(text, "    {mark} {score}  {entries}, set as: {}", list.how);
        let _ = writeln!(text, "             first: {}", cut(title, SHOWN_CHARS_MAX));
        // What decides between the chosen list and its best rival.
        if n < COMPARED {
            let _ = writeln!(text, "             {}", list.features);
        }
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
