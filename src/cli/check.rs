//! `communique check`: reads a page or feed once and says what is in it.

use crate::{
    app,
    config::{Config, Environment, Watch},
    domain::{Candidate, CounterSeen, Hints, Kind, Reading, Source, SourceName},
    extract::{self, BODY_BYTES_MAX, Document, Seen},
    lang::Lang,
    render::html::cut,
    web::{Body, Fetched, GivenBy, HttpWeb, Request, Web},
};
use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::Args;
use serde_json::{Map, Value, json};
use std::{
    fmt::{self, Write as _},
    io::{Read, Write},
};
use url::Url;

/// Titles and leads in the read-back are cut to this, in characters.
const SHOWN_CHARS_MAX: usize = 100;
/// Feeds of a page that are shown.
const FEEDS_SHOWN_MAX: usize = 3;
/// Lists that are explained.
const EXPLAINED_MAX: usize = 10;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Print one JSON object instead of a text for people.
    #[arg(long)]
    json: bool,
    /// Show as well which lists were seen, and how each scored.
    #[arg(long, conflicts_with = "json")]
    explain: bool,
    /// Read the address even where the site's robots.txt asks programs not to: it is your site.
    #[arg(long)]
    no_robots: bool,
    /// Refuse addresses inside a network, as for those that users of chats give.
    #[arg(long)]
    as_user: bool,
    /// The address that relative links of a FILE start from.
    #[arg(long, value_name = "ADDRESS")]
    url: Option<Url>,
    /// The file, or the http or https address, that is read.
    #[arg(value_name = "FILE|ADDRESS")]
    target: String,
}

pub(super) async fn check(
    arguments: &CheckArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let watch = Config::load_watch(environment).ok();
    let fetched = match Url::parse(&arguments.target) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            fetch(url, arguments, watch.as_ref()).await?
        }
        _ => open(&arguments.target)?,
    };
    let url = arguments.url.as_ref().or(fetched.url.as_ref());
    let own = watch.as_ref().and_then(|watch| watch.sources.iter().find(|s| Some(&s.url) == url));
    let document = Document {
        bytes: &fetched.bytes,
        content_type: fetched.content_type.as_deref(),
        url,
        zone: source(url, watch.as_ref()).map_or(Tz::UTC, |source| source.zone),
        now: app::now(),
        hints: own.map_or(Hints::NONE, |source| &source.hints),
    };
    let reading = extract::read(&document);
    let mut shown = if arguments.json {
        format!("{:#}\n", as_json(&reading))
    } else {
        let block = url.filter(|_| !reading.entries.is_empty()).map(source_block);
        ReadBack { reading: &reading, has_address: url.is_some() }.to_string()
            + block.as_deref().unwrap_or_default()
    };
    if arguments.explain {
        shown.push_str(&explained(&extract::explain(&document)));
    }
    // Whoever reads only the beginning (`| head`) has what he wants.
    match std::io::stdout().write_all(shown.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

struct Input {
    bytes: Vec<u8>,
    content_type: Option<String>,
    url: Option<Url>,
}

async fn fetch(
    url: Url,
    arguments: &CheckArguments,
    watch: Option<&Watch>,
) -> anyhow::Result<Input> {
    let contact = watch.and_then(|watch| watch.contact.as_deref());
    let web = HttpWeb::new(contact).context("the web client cannot be set up")?;
    let heeds_robots = source(Some(&url), watch).is_none_or(|source| source.heeds_robots);
    let mut request = Request::new(url);
    request.heeds_robots = heeds_robots && !arguments.no_robots;
    if arguments.as_user {
        request.given_by = GivenBy::User;
    }
    match web.fetch(&request).await {
        Fetched::Body(body) => {
            let Body { bytes, content_type, url, .. } = *body;
            Ok(Input { bytes, content_type, url: Some(url) })
        }
        Fetched::Unchanged(_) => bail!("the server says that nothing changed, which was not asked"),
        Fetched::Failed(failure) => bail!("{}: {}", request.url, failure.note),
    }
}

fn open(path: &str) -> anyhow::Result<Input> {
    let file = std::fs::File::open(path).with_context(|| {
        format!("{path:?} cannot be read: write the path of a file, or an address that starts with https://")
    })?;
    let mut bytes = Vec::new();
    file.take(BODY_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{path:?} cannot be read"))?;
    if bytes.len() > BODY_BYTES_MAX {
        bail!("{path:?} is larger than {} MB, the most that is read", BODY_BYTES_MAX >> 20);
    }
    Ok(Input { bytes, content_type: None, url: None })
}

/// The source that is configured for an address, or for another one of its host.
fn source<'a>(url: Option<&Url>, watch: Option<&'a Watch>) -> Option<&'a Source> {
    let (url, sources) = (url?, &watch?.sources);
    let is_same = |source: &&Source| source.url == *url;
    let is_near = |source: &&Source| source.url.host() == url.host();
    sources.iter().find(is_same).or_else(|| sources.iter().find(is_near))
}

fn as_json(reading: &Reading) -> Value {
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
        "archive": reading.archive.as_ref().map(address),
        "feeds": reading.feeds.iter().map(address).collect::<Vec<_>>(),
    })
}

/// The text for people: enough to judge at a glance whether the page was understood.
struct ReadBack<'a> {
    reading: &'a Reading,
    has_address: bool,
}

impl fmt::Display for ReadBack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { entries, counters, .. } = self.reading;
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
        writeln!(f, "I see no dated entries.")?;
        if let Some(what) = &self.reading.challenge {
            writeln!(f, "It looks like {what}, not like the page itself.")?;
        }
        Ok(())
    }

    fn notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { page_date, clocks, phones, archive, .. } = self.reading;
        let mut notes = Vec::new();
        if let Some(on) = page_date {
            notes.push(format!("The page's day:   {}", Lang::En.day(*on)));
        }
        if !clocks.is_empty() {
            let clocks: Vec<String> =
                clocks.iter().map(|clock| format!("{} {}", clock.place, clock.time)).collect();
            notes.push(format!("Its clocks:       {}", clocks.join(", ")));
        }
        if !phones.is_empty() {
            notes.push(format!("Its telephone:    {}", phones.join(", ")));
        }
        let which = if self.reading.entries.is_empty() {
            "read in its stead, since the page has no list"
        } else {
            "not read, since the page has the list itself"
        };
        for feed in self.reading.feeds.iter().take(FEEDS_SHOWN_MAX) {
            notes.push(format!("A feed it names:  {feed} ({which})"));
        }
        if let Some(archive) = archive {
            notes.push(format!("Older entries at: {archive}"));
        }
        if !notes.is_empty() {
            writeln!(f, "\n{}", notes.join("\n"))?;
        }
        Ok(())
    }
}

/// The settings that watch an address, ready to be pasted into communique.toml.
fn source_block(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let name: String = host.split('.').next().unwrap_or_default().chars().take(32).collect();
    let name = SourceName::parse(&name).map_or("source".to_owned(), |name| name.to_string());
    format!(
        "\nTo watch it, write into communique.toml:\n\n[[source]]\nname = \"{name}\"\ntitle = \"{host}\"\n\
         url = \"{url}\"\nevery = \"5m\"\nzone = \"UTC\"  # whose days its dates are, like \"Europe/London\"\n"
    )
}

/// The lists that were seen, and which one was chosen.
fn explained(lists: &[Seen]) -> String {
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

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Html => "an HTML page",
        Kind::Text => "plain text",
        Kind::Rss => "an RSS feed",
        Kind::Atom => "an Atom feed",
        Kind::JsonFeed => "a JSON Feed",
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
