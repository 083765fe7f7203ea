//! `communique check`: reads a page or feed once and says what is in it.

mod report;

use crate::{
    app,
    config::{Config, ConfigError, Environment, FileConfig},
    domain::{Extraction, FeedUse, Source, SourceName, web_url::has_userinfo},
    extract::{self, Document},
    fetch::{
        Address, Body, Cut, Fetched, HeadTailBuffer, HttpWeb, READ_BYTES_MAX, Request,
        UrlProvenance, Web,
    },
    poll::{choose_feed, cut_note},
};
use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::Args;
use std::io::{BufRead as _, BufReader, Read as _};
use url::Url;

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
    let watch = Config::load_file(environment)?;
    let address = Url::parse(&arguments.target).ok();
    let address = address.filter(|url| matches!(url.scheme(), "http" | "https"));
    if [&address, &arguments.url].into_iter().flatten().any(has_userinfo) {
        let fault = "the address has a name or a password before the host: leave them out, since it is shown";
        return Err(ConfigError::of(fault.to_owned()).into());
    }
    let source = source(arguments.url.as_ref().or(address.as_ref()), &watch)?;
    let online = match &address {
        Some(_) => Some(
            HttpWeb::new(watch.contact.as_deref(), &watch.reach)
                .context("the web client cannot be set up")?
                .with_clock(app::now),
        ),
        None => None,
    };
    let first = match arguments.as_user {
        true => Address::of_user(source.url.clone()),
        false => Address::of_source(&source),
    };
    let request = |address: Address| Request {
        respects_robots: source.respects_robots && !arguments.no_robots,
        ..Request::new(address)
    };
    let input = match (&online, &address) {
        (Some(web), Some(url)) => {
            // With --url the document is one of the page's.
            let is_first = *url == source.url;
            let named = || match arguments.as_user {
                true => Address::of_user(url.clone()),
                false => Address::of_operator(url.clone()),
            };
            fetch(web, &request(if is_first { first.clone() } else { named() })).await?
        }
        _ => open(&arguments.target)?,
    };
    let url = arguments.url.as_ref().or(input.url.as_ref());
    let document = Document {
        bytes: &input.bytes,
        seam: input.cut.map(|cut| cut.seam),
        content_type: input.content_type.as_deref(),
        url,
        zone: source.zone,
        now: app::now(),
        hints: &source.page_rules,
    };
    let mut reading = extract::read(&document);
    reading.notes.extend(input.cut.as_ref().map(cut_note));
    let notes = match &online {
        Some(web) => {
            let request = |url: Url| request(first.leads_to(url, UrlProvenance::Page));
            follow_feeds(web, &source, &mut reading, request).await
        }
        None if reading.feeds.is_empty() => Vec::new(),
        None => {
            vec!["not looked at, since a file was read".to_owned()]
        }
    };
    let mut shown = if arguments.json {
        format!("{:#}\n", self::report::json(&reading, &notes))
    } else {
        let is_found = !reading.entries.is_empty();
        let block = url.filter(|_| is_found).map(|url| {
            self::report::source_block(url, &source, &reading, &extract::derive(&document))
        });
        self::report::text(&reading, &notes, url.is_some()) + block.as_deref().unwrap_or_default()
    };
    if arguments.explain {
        shown.push_str(&self::report::lists(&extract::explain(&document)));
    }
    Ok(super::print(&shown)?)
}

/// Reads a feed in the page's stead, as `run` would; why or why not, for each that was looked at.
async fn follow_feeds(
    web: &HttpWeb,
    source: &Source,
    reading: &mut Extraction,
    request: impl Fn(Url) -> Request,
) -> Vec<String> {
    match &source.page_rules.feed {
        _ if reading.kind.is_feed() => return Vec::new(),
        FeedUse::Never => return vec!["not read: page.feed is false".to_owned()],
        FeedUse::Given(url) => reading.feeds = vec![url.clone()],
        FeedUse::IfFresh => {}
    }
    let (feed, notes) = choose_feed(web, source, reading, request, app::now).await;
    if let Some(feed) = feed.and_then(|feed| feed.extraction) {
        let Extraction { kind, entries, next, .. } = feed;
        (reading.kind, reading.entries, reading.next) = (kind, entries, next);
        reading.challenge = None;
    }
    notes
}

/// The source that is configured for an address. One that is not is read in the zone and with the
/// manners of another of its host.
fn source(url: Option<&Url>, watch: &FileConfig) -> anyhow::Result<Source> {
    let sources = &watch.sources;
    if let Some(own) = sources.iter().find(|source| Some(&source.url) == url) {
        return Ok(own.clone());
    }
    let near = url.and_then(|url| sources.iter().find(|source| source.url.host() == url.host()));
    let host = url.and_then(Url::host_str).unwrap_or("source");
    let host = host.strip_prefix("www.").unwrap_or(host);
    let name: String =
        host.split('.').next().unwrap_or_default().chars().take(SourceName::LENGTH_MAX).collect();
    let name = SourceName::parse(&name).or_else(|| SourceName::parse("source"));
    let name = name.context("the source has no name")?;
    let url = url.map_or_else(|| Url::parse("https://page.invalid/"), |url| Ok(url.clone()))?;
    Ok(Source {
        zone: near.map_or(Tz::UTC, |near| near.zone),
        respects_robots: near.is_none_or(|near| near.respects_robots),
        ..Source::new(name, host.to_owned(), url)
    })
}

struct Input {
    bytes: Vec<u8>,
    cut: Option<Cut>,
    content_type: Option<String>,
    url: Option<Url>,
}

async fn fetch(web: &HttpWeb, request: &Request) -> anyhow::Result<Input> {
    match web.fetch(request).await {
        Fetched::Body(body) => {
            let Body { bytes, cut, content_type, url, .. } = *body;
            Ok(Input { bytes, cut, content_type, url: Some(url) })
        }
        Fetched::Unchanged(_) => bail!("the server says that nothing changed, which was not asked"),
        Fetched::Failed(failure) => bail!("{}: {}", request.address.url(), failure.note),
    }
}

fn open(path: &str) -> anyhow::Result<Input> {
    let file = std::fs::File::open(path).with_context(|| {
        format!("{path:?} cannot be read: write the path of a file, or an address that starts with https://")
    })?;
    // As much of it as is read of a document of the web.
    let mut ends = HeadTailBuffer::default();
    let mut file = BufReader::new(file.take(READ_BYTES_MAX));
    loop {
        let piece = file.fill_buf().with_context(|| format!("{path:?} cannot be read"))?;
        let length = piece.len();
        if length == 0 {
            break;
        }
        ends.push(piece);
        file.consume(length);
    }
    let is_whole = ends.total() < READ_BYTES_MAX;
    let (bytes, cut) = ends.finish(is_whole);
    Ok(Input { bytes, cut, content_type: None, url: None })
}
