//! `communique check`: reads a page or feed once and shows what is detected in it.

mod findings;
mod input;
mod report;

use self::{findings::Findings, input::Input};
use super::output::print;
use crate::domain::web_url::{is_http, without_www};
use crate::{
    app,
    config::{Config, ConfigError, Environment, FileConfig},
    domain::{Extraction, FeedUse, Source, SourceName, web_url::has_userinfo},
    extract::{self, Document},
    fetch::{Address, HttpWeb, Request},
    poll::{choose_feed, cut_note},
};
use anyhow::Context;
use chrono_tz::Tz;
use clap::Args;
use std::path::Path;
use url::Url;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// Also show which lists were found, and their scores.
    #[arg(long, conflicts_with = "json")]
    explain: bool,
    /// Read the address even if robots.txt disallows it: for your own site.
    #[arg(long)]
    no_robots: bool,
    /// Refuse addresses inside a network, as for users of the bot.
    #[arg(long)]
    as_user: bool,
    /// The address of the page that a FILE is a copy of, to resolve relative links.
    #[arg(long, value_name = "ADDRESS")]
    url: Option<Url>,
    /// The file, the http or https address, or the configured source to read.
    #[arg(value_name = "FILE|ADDRESS|NAME")]
    target: String,
}

/// Reads the page and prints what is detected. Returns whether there are entries.
///
/// # Errors
/// If the arguments or the configuration are wrong, or no document comes.
pub(super) async fn check(
    arguments: &CheckArguments,
    environment: &Environment,
) -> anyhow::Result<bool> {
    let config = Config::load_file(environment)?;
    let check = Check::new(arguments, &config)?;
    let web = match &check.address {
        Some(_) => Some(
            HttpWeb::new(config.contact.as_deref(), &config.reach)
                .context("the web client cannot be set up")?
                .with_clock(app::now),
        ),
        None => None,
    };
    let input = check.read(web.as_ref()).await?;
    let document = Document {
        bytes: &input.bytes,
        seam: input.cut.map(|cut| cut.seam),
        content_type: input.content_type.as_deref(),
        url: arguments.url.as_ref().or(input.url.as_ref()),
        zone: check.source.zone,
        now: app::now(),
        page_rules: &check.source.page_rules,
    };
    let mut extraction = extract::read(&document);
    extraction.notes.extend(input.cut.as_ref().map(cut_note));
    let notes = check.follow_feeds(web.as_ref(), &mut extraction).await;
    print(&check.report(&document, &extraction, &notes))?;
    Ok(!extraction.entries.is_empty())
}

/// What is checked, and how.
struct Check<'a> {
    arguments: &'a CheckArguments,
    /// The address of the target, unless that is a file.
    address: Option<Url>,
    source: Source,
    /// Whether the source is configured.
    is_configured: bool,
}

impl<'a> Check<'a> {
    /// # Errors
    /// If an address has a password, or the target is neither a file nor an address nor a source.
    fn new(arguments: &'a CheckArguments, config: &FileConfig) -> anyhow::Result<Self> {
        let address = Url::parse(&arguments.target).ok();
        let address = address.filter(is_http);
        if [&address, &arguments.url].into_iter().flatten().any(has_userinfo) {
            let problem = "the address has a name or a password before the host: leave them out, since it is shown";
            return Err(ConfigError::of(problem.to_owned()).into());
        }
        let named = match &address {
            None => named(&arguments.target, config)?,
            Some(_) => None,
        };
        if let Some(source) = named {
            let address = Some(source.url.clone());
            return Ok(Check { arguments, address, source, is_configured: true });
        }
        let url = arguments.url.as_ref().or(address.as_ref());
        let is_configured = config.sources.iter().any(|source| Some(&source.url) == url);
        let source = source(url, config)?;
        Ok(Check { arguments, address, source, is_configured })
    }

    /// Returns the address of the page, with its provenance.
    fn page_address(&self) -> Address {
        match self.arguments.as_user {
            true => Address::of_user(self.source.url.clone()),
            false => Address::of_source(&self.source),
        }
    }

    fn request(&self, address: Address) -> Request {
        Request {
            respects_robots: self.source.respects_robots && !self.arguments.no_robots,
            ..Request::new(address)
        }
    }

    /// Fetches the address, or reads the file.
    async fn read(&self, web: Option<&HttpWeb>) -> anyhow::Result<Input> {
        let (Some(web), Some(url)) = (web, &self.address) else {
            return self::input::open(&self.arguments.target);
        };
        let address = match self.arguments.as_user {
            _ if *url == self.source.url => self.page_address(),
            // With --url the target is another document of the page.
            true => Address::of_user(url.clone()),
            false => Address::of_operator(url.clone()),
        };
        self::input::fetch(web, &self.request(address)).await
    }

    /// Reads a feed in place of the page, as `run` would. Returns why or why not, for each that was
    /// tried.
    async fn follow_feeds(
        &self,
        web: Option<&HttpWeb>,
        extraction: &mut Extraction,
    ) -> Vec<String> {
        let Some(web) = web else {
            let note = "not looked at, since a file was read".to_owned();
            return if extraction.feeds.is_empty() { Vec::new() } else { vec![note] };
        };
        match &self.source.page_rules.feed {
            _ if extraction.kind.is_feed() => return Vec::new(),
            FeedUse::Never => return vec!["not read: page.feed is false".to_owned()],
            FeedUse::Given(url) => extraction.feeds = vec![url.clone()],
            FeedUse::IfFresh => {}
        }
        let page = self.page_address();
        let request = |url: Url| self.request(page.leads_to(url));
        let (feed, notes) = choose_feed(web, &self.source, extraction, request, app::now).await;
        if let Some(feed) = feed.and_then(|feed| feed.extraction) {
            let Extraction { kind, entries, next, .. } = feed;
            (extraction.kind, extraction.entries, extraction.next) = (kind, entries, next);
            extraction.challenge = None;
        }
        notes
    }

    /// Returns what is printed.
    fn report(&self, document: &Document<'_>, extraction: &Extraction, notes: &[String]) -> String {
        let url = document.url;
        let source = self.is_configured.then(|| self.source.name.clone());
        let findings = Findings::new(source, document, extraction);
        let mut shown = if self.arguments.json {
            format!("{:#}\n", self::report::json(extraction, notes, &findings))
        } else {
            let mut text = self::report::text(extraction, notes, &findings, url.is_some());
            if let Some(url) = url.filter(|_| !extraction.entries.is_empty()) {
                let derived = extract::derive(document);
                let block = self::report::source_block(url, &self.source, extraction, &derived);
                text.push_str(&block);
            }
            text
        };
        if self.arguments.explain {
            shown.push_str(&self::report::lists(&extract::explain(document)));
        }
        shown
    }
}

/// Returns the configured source that a target names, unless the target is a file.
///
/// # Errors
/// If the target has the form of a name, and is neither a source nor a file.
fn named(target: &str, config: &FileConfig) -> anyhow::Result<Option<Source>> {
    let Some(name) = SourceName::parse(target).filter(|_| !Path::new(target).exists()) else {
        return Ok(None);
    };
    if let Some(source) = config.sources.iter().find(|source| source.name == name) {
        return Ok(Some(source.clone()));
    }
    let names: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
    let sources = match &names[..] {
        [] => "no source is configured".to_owned(),
        names => format!("the configured sources are {}", names.join(", ")),
    };
    let problem = format!(
        "{target:?} is no file, no address and no source: {sources}; an address starts with https://"
    );
    Err(ConfigError::of(problem).into())
}

/// Returns the source that is configured for an address. One that is not configured is read in the
/// zone of another source of its host, and respects robots.txt as that does.
fn source(url: Option<&Url>, config: &FileConfig) -> anyhow::Result<Source> {
    let sources = &config.sources;
    if let Some(own) = sources.iter().find(|source| Some(&source.url) == url) {
        return Ok(own.clone());
    }
    let near = url.and_then(|url| sources.iter().find(|source| source.url.host() == url.host()));
    let host = url.and_then(Url::host_str).unwrap_or("source");
    let host = without_www(host);
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
