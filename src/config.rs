//! Settings: the environment, `.env` and `communique.toml`, checked at once.
//!
//! Promises: every fault is reported, all of them together, each with the setting and the remedy;
//! the token is never shown, not even by `{:?}`.
//! Leaves out: opening what the settings name.

use crate::{
    domain::{
        AccessPolicy, Counter, DateOrder, DeliveryConfig, FeedUse, PageRules, Source, SourceName,
        WatchPermission, counter::PLACEHOLDER, text::normalize_whitespace, web_url::has_userinfo,
    },
    extract,
    fetch::FetchPolicy,
};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use ipnet::IpNet;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

const API_URL: &str = "https://api.telegram.org/";
const DATABASE_URL: &str = "sqlite://communique.db";
const CONFIG_FILE: &str = "communique.toml";
const LOG_FILTER: &str = "info";
/// Intervals between polls.
const EVERY: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(7 * 86_400);
/// Messages a second over all chats.
const PER_SECOND: RangeInclusive<f64> = 0.1..=1000.0;
const PER_SECOND_DEFAULT: f64 = 30.0;
/// The same where broadcasts are paid for.
const PAID_PER_SECOND_DEFAULT: f64 = 1000.0;
/// New entries at once that are still told one by one.
const DIGEST_ABOVE: RangeInclusive<usize> = 1..=1000;
const DIGEST_ABOVE_DEFAULT: usize = 10;
/// How long it is kept what became of each message.
const KEEP: RangeInclusive<Duration> =
    Duration::from_secs(86_400)..=Duration::from_secs(10 * 366 * 86_400);
const KEEP_DEFAULT: Duration = Duration::from_secs(30 * 86_400);
/// How long a list may be held that stays as it is.
const HOLD_FOR: RangeInclusive<Duration> =
    Duration::from_secs(600)..=Duration::from_secs(90 * 86_400);
/// Subscriptions of a place, and pages that people may have watched.
const CHAT_NUMBERS: RangeInclusive<usize> = 1..=10_000;
/// Sources, and counters of each: what still makes a readable message.
const SOURCES_MAX: usize = 1000;
const COUNTERS_MAX: usize = 100;
/// The longest title and counter text, in characters.
const TEXT_CHARS_MAX: usize = 300;
/// The most entries that a list may be asked to have.
const ENTRIES_MIN_MAX: usize = 1000;
/// Networks and ports that may be allowed.
const NETWORKS_MAX: usize = 100;
/// The longest contact, in bytes.
const CONTACT_BYTES_MAX: usize = 200;

/// The built-in configuration, for when there is no file: the embassy's page.
const BUILT_IN: &str = r#"
[[source]]
name = "embassy"
title = "Embassy of Russia in the UK"
url = "https://www.rusemb.org.uk/"
every = "5m"
zone = "Europe/Moscow"
"#;

/// What `communique.toml` says, valid.
#[derive(Clone, Debug)]
pub struct FileConfig {
    /// What is watched.
    pub sources: Vec<Source>,
    /// How fast and in what manner messages go.
    pub rules: DeliveryConfig,
    /// How long it is kept what became of each message.
    pub keep: Duration,
    /// Whom the servers that are read may write to.
    pub contact: Option<String>,
    /// What may be reached beyond the public internet.
    pub reach: FetchPolicy,
    /// Where the numbers for a monitoring system are served, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// What people may do.
    pub policy: AccessPolicy,
}

/// All settings, valid.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot's token.
    pub token: Token,
    /// Where the Bot API is.
    pub api_url: Url,
    /// Where the database is.
    pub database_url: String,
    /// What the file says.
    pub watch: FileConfig,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Plain,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// Returns the format of a word, or `None`.
    fn parse(word: &str) -> Option<Self> {
        match word {
            "plain" => Some(LogFormat::Plain),
            "json" => Some(LogFormat::Json),
            _ => None,
        }
    }
}

/// What is logged and how.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// The levels, in the form of `RUST_LOG`.
    pub filter: String,
    /// The form of the lines.
    pub format: LogFormat,
    /// The stream that journald reads, as systemd names it in `JOURNAL_STREAM`.
    pub journal_stream: Option<String>,
}

/// The token of the bot: whoever has it is the bot.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a token; nothing if it could not be part of an address.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (number, secret) = text.split_once(':')?;
        let good = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let is_token = !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
            && !secret.is_empty()
            && secret.chars().all(good);
        is_token.then(|| Token(text.to_owned()))
    }

    /// The token itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The faults of a configuration, all of them, in one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// A single fault.
    pub fn of(fault: String) -> Self {
        ConfigError(vec![fault])
    }
}

/// The environment with `.env` below it, read once.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    faults: Vec<String>,
    /// The `.env` that was read, if the token is in it.
    secret_file: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of the process, and `.env` of this folder or one above it. What is
    /// set in the environment goes before what the file says.
    pub fn read() -> Self {
        let mut environment = Environment::default();
        let path = dotenv_path();
        match path.as_ref().map(dotenvy::from_path_iter).transpose() {
            Ok(pairs) => {
                for pair in pairs.into_iter().flatten() {
                    match pair {
                        Ok((name, value)) => {
                            if name == "TELOXIDE_TOKEN" && !value.trim().is_empty() {
                                environment.secret_file.clone_from(&path);
                            }
                            environment.values.insert(name, value);
                        }
                        // The error would show the line, and the line may be the token's.
                        Err(_) => environment.faults.push(
                            ".env has a line that is not NAME=value: mend it, or put the value in quotes"
                                .to_owned(),
                        ),
                    }
                }
            }
            Err(error) if error.not_found() => {}
            Err(_) => {
                environment.faults.push(".env cannot be read: check its permissions".to_owned())
            }
        }
        environment.values.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        environment
    }

    /// The files with the token that other users of this machine may read.
    pub fn exposed(&self) -> Vec<PathBuf> {
        let of_token = match self.value("TELOXIDE_TOKEN") {
            Some(_) => None,
            None => self.value("TELOXIDE_TOKEN_FILE").map(PathBuf::from),
        };
        let files = self.secret_file.iter().cloned().chain(of_token);
        files.filter(|path| is_exposed(path)).collect()
    }

    /// A variable that is set to something.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// What is logged and how.
    ///
    /// # Errors
    /// Returns the values that `LOG_FORMAT` may have if it has another.
    pub fn log_config(&self) -> Result<LogConfig, ConfigError> {
        let format = match self.value("LOG_FORMAT") {
            None => LogFormat::Plain,
            Some(word) => LogFormat::parse(word).ok_or_else(|| {
                ConfigError::of(format!("LOG_FORMAT is {word:?}: write plain or json"))
            })?,
        };
        let filter = self.value("RUST_LOG").unwrap_or(LOG_FILTER).to_owned();
        let journal_stream = self.value("JOURNAL_STREAM").map(str::to_owned);
        Ok(LogConfig { filter, format, journal_stream })
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        self.value("DATABASE_URL").unwrap_or(DATABASE_URL).to_owned()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        let values = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Environment { values, ..Environment::default() }
    }
}

/// The `.env` of this folder, or of the nearest one above it that has one.
fn dotenv_path() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join(".env")).find(|path| path.is_file())
}

/// Whether others than its user may read a file.
fn is_exposed(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
}

impl Config {
    /// Reads and checks everything that `run` needs.
    pub fn load(environment: &Environment) -> Result<Self, ConfigError> {
        let mut faults = environment.faults.clone();
        faults.extend(environment.log_config().err().into_iter().flat_map(|error| error.0));
        let token = token(environment).map_err(|fault| faults.push(fault)).ok();
        let api_url = environment.value("TELOXIDE_API_URL").unwrap_or(API_URL);
        let api_url =
            web_address(api_url).map_err(|why| faults.push(format!("TELOXIDE_API_URL {why}"))).ok();
        let file = file(environment).and_then(|(name, text)| parse(&name, &text));
        let file = file.map_err(|mut more| faults.append(&mut more)).ok();
        match (token, api_url, file) {
            (Some(token), Some(api_url), Some(watch)) if faults.is_empty() => {
                Ok(Config { token, api_url, database_url: environment.database_url(), watch })
            }
            _ => Err(ConfigError(faults)),
        }
    }

    /// Reads and checks the file only, for commands that need no token.
    pub fn load_file(environment: &Environment) -> Result<FileConfig, ConfigError> {
        file(environment).and_then(|(name, text)| parse(&name, &text)).map_err(ConfigError)
    }
}

fn token(environment: &Environment) -> Result<Token, String> {
    let of_file;
    let text = match (environment.value("TELOXIDE_TOKEN"), environment.value("TELOXIDE_TOKEN_FILE"))
    {
        (Some(token), _) => token,
        (None, Some(path)) => {
            of_file = std::fs::read_to_string(path).map_err(|error| {
                format!("TELOXIDE_TOKEN_FILE is {path:?}, which cannot be read ({error}): check the path and its permissions")
            })?;
            &of_file
        }
        (None, None) => {
            return Err("TELOXIDE_TOKEN is not set: get a token from @BotFather and write it into .env, or try `communique demo`, which needs none".to_owned());
        }
    };
    let name = match environment.value("TELOXIDE_TOKEN") {
        Some(_) => "TELOXIDE_TOKEN is not a token",
        None => "TELOXIDE_TOKEN_FILE names a file that holds no token",
    };
    Token::parse(text)
        .ok_or_else(|| format!("{name}: copy it whole from @BotFather, like 123456:ABC-def"))
}

/// The configuration file's name and text.
fn file(environment: &Environment) -> Result<(String, String), Vec<String>> {
    let set = environment.value("COMMUNIQUE_CONFIG");
    let path = set.unwrap_or(CONFIG_FILE);
    if set.is_none() && !Path::new(path).exists() {
        return Ok(("the built-in configuration".to_owned(), BUILT_IN.to_owned()));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((path.to_owned(), text)),
        Err(error) => Err(vec![format!(
            "COMMUNIQUE_CONFIG is {path:?}, which cannot be read ({error}): check the path and its permissions"
        )]),
    }
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    delivery: DeliveryTable,
    #[serde(default)]
    web: WebTable,
    #[serde(default)]
    metrics: MetricsTable,
    #[serde(default)]
    chat: ChatTable,
    #[serde(default)]
    poll: PollTable,
    #[serde(default)]
    source: Vec<SourceTable>,
    #[serde(default)]
    counter: Vec<CounterTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveryTable {
    per_second: Option<f64>,
    #[serde(default)]
    allow_paid_broadcast: bool,
    paid_per_second: Option<f64>,
    digest_above: Option<usize>,
    keep: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebTable {
    contact: Option<String>,
    #[serde(default)]
    allowed_networks: Vec<String>,
    #[serde(default)]
    allowed_ports: Vec<u16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricsTable {
    listen: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PollTable {
    hold_for: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChatTable {
    watch: Option<String>,
    owner: Option<i64>,
    #[serde(default)]
    admins: Vec<i64>,
    subscriptions_max: Option<usize>,
    watched_max: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: String,
    title: Option<String>,
    url: String,
    every: Option<String>,
    zone: Option<String>,
    robots: Option<bool>,
    default: Option<bool>,
    #[serde(default)]
    page: PageTable,
}

/// What is said of a page that resists; see [`Hints`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageTable {
    entry: Option<String>,
    title: Option<String>,
    link: Option<String>,
    date: Option<String>,
    lead: Option<String>,
    within: Option<String>,
    exclude: Option<String>,
    date_format: Option<String>,
    date_order: Option<String>,
    lang: Option<String>,
    feed: Option<toml::Value>,
    min_entries: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CounterTable {
    source: String,
    since: toml::Value,
    text: String,
}

/// Checks a whole file, or tells all of its faults.
fn parse(name: &str, text: &str) -> Result<FileConfig, Vec<String>> {
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
        let line = before.matches('\n').count() + 1;
        let what = error.message().lines().next().unwrap_or_default().to_owned();
        // The value may be a secret, and stands in the line that is named.
        let text = text.lines().nth(line - 1).unwrap_or_default();
        let key =
            text.split_once('=').map(|(key, _)| key.trim()).filter(|_| what.starts_with("invalid"));
        let of = key.map(|key| format!("{key} has an ")).unwrap_or_default();
        vec![format!("{name}, line {line}: {of}{what}{}", hint(key, &what))]
    })?;
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{name}: {what}"));
    let free = file.delivery.per_second.unwrap_or(PER_SECOND_DEFAULT);
    if !PER_SECOND.contains(&free) {
        fault(format!(
            "delivery.per_second is {free}: write a number from 0.1 to 1000, 30 is Telegram's limit"
        ));
    }
    let paid = file.delivery.allow_paid_broadcast;
    let paid_per_second = file.delivery.paid_per_second;
    if let Some(rate) = paid_per_second.filter(|rate| !paid || !PER_SECOND.contains(rate)) {
        fault(format!(
            "delivery.paid_per_second is {rate}: write a number from 0.1 to 1000, and allow_paid_broadcast = true, since Telegram takes 0.1 Star for each message above 30 a second"
        ));
    }
    let per_second = if paid { paid_per_second.unwrap_or(PAID_PER_SECOND_DEFAULT) } else { free };
    let digest_above = file.delivery.digest_above.unwrap_or(DIGEST_ABOVE_DEFAULT);
    if !DIGEST_ABOVE.contains(&digest_above) {
        fault(format!(
            "delivery.digest_above is {digest_above}: write how many new entries at once are still told one by one, 1 to 1000"
        ));
    }
    let keep_text = file.delivery.keep.as_deref();
    let keep = match keep_text {
        None => Some(KEEP_DEFAULT),
        Some(text) => humantime::parse_duration(text).ok().filter(|keep| KEEP.contains(keep)),
    };
    if keep.is_none() {
        let text = keep_text.unwrap_or_default();
        fault(format!(
            "delivery.keep is {text:?}: write a time from \"1day\" to \"10years\", such as \"30days\""
        ));
    }
    let contact =
        file.web.contact.map(|contact| normalize_whitespace(&contact)).filter(|c| !c.is_empty());
    if contact.as_deref().is_some_and(|contact| !is_contact(contact)) {
        fault(
            "web.contact is not an address: write one that servers may see, like \
             \"https://press.example/bot\" or \"mailto:desk@press.example\""
                .to_owned(),
        );
    }
    let mut networks = Vec::new();
    for text in &file.web.allowed_networks {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        match text.parse().or_else(|_| address()) {
            Ok(network) => networks.push(network),
            Err(_) => fault(format!(
                "web.allowed_networks has {text:?}: write networks that pages may lead to, like \"10.0.0.0/8\""
            )),
        }
    }
    if networks.len() > NETWORKS_MAX || file.web.allowed_ports.len() > NETWORKS_MAX {
        fault(format!(
            "web.allowed_networks and web.allowed_ports are too long: {NETWORKS_MAX} each are the limit"
        ));
    }
    if file.web.allowed_ports.contains(&0) {
        fault("web.allowed_ports has 0, which is no port: leave it out".to_owned());
    }
    let reach = FetchPolicy { networks, ports: file.web.allowed_ports };
    let listen = file.metrics.listen.as_deref();
    let metrics = listen.and_then(|listen| listen.parse().ok());
    if metrics.is_none()
        && let Some(listen) = listen
    {
        fault(format!(
            "metrics.listen is {listen:?}: write an address of this machine with a port, like \"127.0.0.1:9464\""
        ));
    }
    let hold_for = hold_for(&file.poll, &mut fault);
    let policy = policy(file.chat, hold_for, &mut fault);
    if file.source.is_empty() {
        fault("nothing is watched: add a [[source]] with name and url".to_owned());
    }
    if file.source.len() > SOURCES_MAX {
        fault(format!("{} sources are too many: {SOURCES_MAX} are the limit", file.source.len()));
    }
    let mut sources = Vec::new();
    let mut names = BTreeSet::new();
    for table in file.source {
        if !names.insert(table.name.clone()) {
            fault(format!("two sources are named {:?}: give each its own name", table.name));
        }
        match source(table) {
            Ok(source) => sources.push(source),
            Err(more) => more.into_iter().for_each(&mut fault),
        }
    }
    for table in file.counter {
        let Some(source) = sources.iter_mut().find(|s| s.name.as_str() == table.source) else {
            if !names.contains(&table.source) {
                fault(format!(
                    "a counter is for source {:?}: there is no source of that name",
                    table.source
                ));
            }
            continue;
        };
        match counter(&table) {
            Ok(_) if source.counters.len() >= COUNTERS_MAX => {
                fault(format!(
                    "source {:?} has too many counters: {COUNTERS_MAX} are the limit",
                    table.source
                ));
            }
            Ok(counter) => source.counters.push(counter),
            Err(what) => fault(format!("a counter of source {:?}: {what}", table.source)),
        }
    }
    match keep {
        Some(keep) if faults.is_empty() => {
            let rules = DeliveryConfig { per_second, paid, digest_above };
            Ok(FileConfig { sources, rules, keep, contact, reach, metrics, policy })
        }
        _ => Err(faults),
    }
}

/// How long a list is held that stays as it is.
fn hold_for(table: &PollTable, fault: &mut impl FnMut(String)) -> TimeDelta {
    let Some(text) = &table.hold_for else { return AccessPolicy::default().hold_for };
    let parsed = humantime::parse_duration(text).ok().filter(|time| HOLD_FOR.contains(time));
    if parsed.is_none() {
        fault(format!(
            "poll.hold_for is {text:?}: write a time from \"10m\" to \"90days\", such as \"1day\""
        ));
    }
    TimeDelta::from_std(parsed.unwrap_or_default()).unwrap_or_default()
}

/// What people may do.
fn policy(table: ChatTable, hold_for: TimeDelta, fault: &mut impl FnMut(String)) -> AccessPolicy {
    let watch = match table.watch.as_deref() {
        None => WatchPermission::default(),
        Some("everyone") => WatchPermission::Everyone,
        Some("admins") => WatchPermission::Admins,
        Some("owner") => WatchPermission::Owner,
        Some("off") => WatchPermission::Off,
        Some(other) => {
            fault(format!(
                "chat.watch is {other:?}: write who may have a page watched, \"everyone\", \"admins\", \"owner\" or \"off\""
            ));
            WatchPermission::Off
        }
    };
    let is_of_nobody = match watch {
        WatchPermission::Owner => table.watch.is_some() && table.owner.is_none(),
        WatchPermission::Admins => table.owner.is_none() && table.admins.is_empty(),
        WatchPermission::Everyone | WatchPermission::Off => false,
    };
    if is_of_nobody {
        fault("chat.watch names people that chat.owner and chat.admins do not: write their numbers, as @userinfobot tells them".to_owned());
    }
    if table.owner.iter().chain(&table.admins).any(|id| *id <= 0) {
        fault("chat.owner and chat.admins are numbers of people, which are above 0".to_owned());
    }
    let default = AccessPolicy::default();
    let mut number = |name: &str, value: Option<usize>, default: usize| {
        let value = value.unwrap_or(default);
        if !CHAT_NUMBERS.contains(&value) {
            fault(format!("chat.{name} is {value}: write a number from 1 to 10000"));
        }
        value
    };
    AccessPolicy {
        watch,
        owner: table.owner,
        subscriptions_max: number(
            "subscriptions_max",
            table.subscriptions_max,
            default.subscriptions_max,
        ),
        watched_max: number("watched_max", table.watched_max, default.watched_max),
        admins: table.admins,
        hold_for,
    }
}

/// What to write instead, where the parser says only what is wrong.
fn hint(key: Option<&str>, what: &str) -> &'static str {
    match what.rsplit_once("expected ") {
        Some((_, "a sequence")) if key.is_some() => ": write brackets around it, like [8080, 8443]",
        Some((_, "a sequence")) => ": write two brackets, [[source]] and [[counter]]",
        Some((_, "u16")) => ": write a port, 1 to 65535, without quotes",
        Some((_, "f64" | "usize")) if what.contains("`-") => ": write a number above 0",
        Some((_, "f64" | "usize")) => ": write a number without quotes",
        Some((_, "i64")) => ": write a number that Telegram gives, like 5 or -1001234567890",
        Some((_, "a boolean")) => ": write true or false, without quotes",
        Some((_, "a string")) => match key {
            Some("every" | "keep" | "hold_for") => ": write it in quotes, like \"5m\"",
            _ => ": write it in quotes",
        },
        _ => "",
    }
}

fn source(table: SourceTable) -> Result<Source, Vec<String>> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("source {:?}: {what}", table.name));
    let name = SourceName::parse(&table.name);
    if name.is_none() {
        fault("its name must be 1 to 32 of a-z, 0-9, _ and -".to_owned());
    }
    let url = public_address(&table.url).map_err(|why| fault(format!("url {why}"))).ok();
    let title = normalize_whitespace(table.title.as_deref().unwrap_or_default());
    let title = match &url {
        Some(url) if title.is_empty() => url.host_str().unwrap_or_default().to_owned(),
        _ => title,
    };
    if title.chars().count() > TEXT_CHARS_MAX {
        fault(format!("its title is longer than {TEXT_CHARS_MAX} characters"));
    }
    let every = match table.every.as_deref() {
        None => Some(Source::INTERVAL_DEFAULT),
        Some(text) => humantime::parse_duration(text).ok().filter(|every| EVERY.contains(every)),
    };
    if every.is_none() {
        let text = table.every.as_deref().unwrap_or_default();
        fault(format!(
            "every is {text:?}: write an interval from \"1s\" to \"7d\", such as \"5m\""
        ));
    }
    let zone_name = table.zone.as_deref().unwrap_or("UTC");
    let zone: Option<Tz> = zone_name.parse().ok();
    if zone.is_none() {
        fault(format!("zone is {zone_name:?}: write a name like \"Europe/Moscow\""));
    }
    let hints = hints(table.page);
    let hints =
        hints.map_err(|more| more.into_iter().for_each(|what| fault(format!("page.{what}"))));
    match (name, url, every, zone, hints) {
        (Some(name), Some(url), Some(every), Some(zone), Ok(hints)) if faults.is_empty() => {
            Ok(Source {
                interval: every,
                zone,
                is_default: table.default.unwrap_or(true),
                respects_robots: table.robots.unwrap_or(true),
                page_rules: hints,
                ..Source::new(name, title, url)
            })
        }
        _ => Err(faults),
    }
}

fn hints(table: PageTable) -> Result<PageRules, Vec<String>> {
    let mut faults = Vec::new();
    let order = table.date_order.as_deref().map(|word| {
        DateOrder::parse(word)
            .ok_or_else(|| format!("date_order is {word:?}: write \"dmy\", \"mdy\" or \"ymd\""))
    });
    let feed = match &table.feed {
        None | Some(toml::Value::Boolean(true)) => Ok(FeedUse::IfFresh),
        Some(toml::Value::Boolean(false)) => Ok(FeedUse::Never),
        Some(toml::Value::String(text)) => {
            public_address(text).map(FeedUse::Given).map_err(|why| match why.starts_with("is ") {
                true => format!("feed {why}, or false"),
                false => format!("feed {why}"),
            })
        }
        Some(other) => Err(format!("feed is {other}: write the address of a feed, or false")),
    };
    let entries_min = table.min_entries.unwrap_or_default();
    if entries_min > ENTRIES_MIN_MAX {
        faults.push(format!("min_entries is {entries_min}: {ENTRIES_MIN_MAX} are the limit"));
    }
    let hints = PageRules {
        entry: table.entry,
        title: table.title,
        link: table.link,
        date: table.date,
        lead: table.lead,
        within: table.within,
        exclude: table.exclude,
        date_format: table.date_format,
        date_order: order.transpose().map_err(|fault| faults.push(fault)).ok().flatten(),
        lang: table.lang,
        feed: feed.map_err(|fault| faults.push(fault)).unwrap_or_default(),
        entries_min,
    };
    faults.extend(extract::problems(&hints));
    if faults.is_empty() { Ok(hints) } else { Err(faults) }
}

fn counter(table: &CounterTable) -> Result<Counter, String> {
    // A date may be written with quotes or without.
    let since = match &table.since {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let since_on: NaiveDate = since
        .parse()
        .map_err(|_| format!("since is {since}: write the day it counts from, like 2018-03-04"))?;
    let words = normalize_whitespace(&table.text);
    if words.matches(PLACEHOLDER).count() != 1 {
        return Err(format!("text is {words:?}: write {PLACEHOLDER} once, where the number goes"));
    }
    if words.chars().count() > TEXT_CHARS_MAX {
        return Err(format!("its text is longer than {TEXT_CHARS_MAX} characters"));
    }
    Ok(Counter { since_on, template: words })
}

/// Whether a text can stand in a header between brackets.
fn is_contact(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !"()\\\"".contains(c);
    text.len() <= CONTACT_BYTES_MAX && text.chars().all(fits)
}

/// An address of the web with a host.
fn web_address(text: &str) -> Result<Url, String> {
    let parsed = Url::parse(text.trim()).ok();
    let fits = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let Some(url) = parsed.filter(fits) else {
        // What is before an @ may be a password.
        let shown = text.rsplit('@').next().unwrap_or_default();
        return Err(format!(
            "is {shown:?}: write a whole address, like https://ministry.example/news"
        ));
    };
    Ok(url)
}

/// The same of a source, which is shown to whoever asks: without a password, which is not repeated here.
fn public_address(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    match has_userinfo(&url) {
        false => Ok(url),
        true => Err(
            "has a name or a password before the host: leave them out, since every chat is shown \
            the address, and have a proxy add them"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse("c.toml", text).unwrap_err()
    }

    #[test]
    fn the_built_in_configuration_is_valid() {
        let FileConfig { sources, rules, .. } = parse("built-in", BUILT_IN).unwrap();
        assert_eq!((sources.len(), rules.per_second), (1, PER_SECOND_DEFAULT));
    }

    #[test]
    fn a_full_file_is_read_with_its_defaults() {
        let text = r#"
            [delivery]
            per_second = 5
            [web]
            contact = "mailto:desk@press.example"
            allowed_networks = ["10.0.0.0/8", "192.168.1.5"]
            allowed_ports = [8080]
            [metrics]
            listen = "127.0.0.1:9464"
            [chat]
            watch = "admins"
            admins = [5]
            [poll]
            hold_for = "2days"
            [[source]]
            name = "court"
            url = "https://court.example/rulings"
            default = false
            [source.page]
            entry = "table.rulings tr"
            date_order = "mdy"
            feed = false
            min_entries = 5
            [[counter]]
            source = "court"
            since = 2018-03-04
            text = "{days} days without a ruling"
            [[counter]]
            source = "court"
            since = "2020-01-01"
            text = "{days} days"
        "#;
        let FileConfig { sources, rules, keep, contact, reach, metrics, policy } =
            parse("c.toml", text).unwrap();
        assert_eq!(metrics, Some(([127, 0, 0, 1], 9464).into()));
        assert_eq!(contact.as_deref(), Some("mailto:desk@press.example"));
        let networks = ["10.0.0.0/8", "192.168.1.5/32"].map(|network| network.parse().unwrap());
        assert_eq!(reach, FetchPolicy { networks: networks.to_vec(), ports: vec![8080] });
        assert!(policy.may_watch(Some(5)) && !policy.may_watch(Some(6)));
        assert_eq!(policy.hold_for, TimeDelta::days(2));
        let court = &sources[0];
        assert!(!court.is_default);
        let expected =
            DeliveryConfig { per_second: 5.0, paid: false, digest_above: DIGEST_ABOVE_DEFAULT };
        assert_eq!(rules, expected);
        assert_eq!((keep, court.title.as_str()), (KEEP_DEFAULT, "court.example"));
        assert_eq!((court.interval, court.zone), (Source::INTERVAL_DEFAULT, Tz::UTC));
        assert_eq!(court.counters.len(), 2);
        let expected = PageRules {
            entry: Some("table.rulings tr".to_owned()),
            date_order: Some(DateOrder::MonthFirst),
            feed: FeedUse::Never,
            entries_min: 5,
            ..PageRules::default()
        };
        assert_eq!(court.page_rules, expected);
        assert_eq!(court.counters[0].since_on.to_string(), "2018-03-04");
    }

    #[test]
    fn paid_broadcasts_have_a_rate_of_their_own() {
        let text =
            |more: &str| format!("[delivery]\nallow_paid_broadcast = true\n{more}{BUILT_IN}");
        let rate = |more| parse("c.toml", &text(more)).unwrap().rules;
        assert_eq!((rate("").per_second, rate("").paid), (1000.0, true));
        assert_eq!(rate("per_second = 20\npaid_per_second = 200\n").per_second, 200.0);
        let unpaid = format!("[delivery]\npaid_per_second = 200\n{BUILT_IN}");
        assert!(problems(&unpaid)[0].contains("0.1 Star"));
    }

    #[test]
    fn every_fault_is_told_with_its_remedy_and_all_at_once() {
        let text = r#"
            delivery.per_second = 0
            delivery.digest_above = 0
            delivery.keep = "forever"
            web.contact = "call me (please)"
            web.allowed_networks = ["10.0.0.0/8", "the office"]
            metrics.listen = "9464"
            poll.hold_for = "a while"
            chat.watch = "owner"
            chat.watched_max = 0
            [[source]]
            name = "The Court"
            url = "court.example"
            every = "0s"
            zone = "Mars/Olympus"
            [source.page]
            title = "h3"
            within = "div >> ["
            date_order = "american"
            feed = 7
            [[counter]]
            source = "nobody"
            since = 2018-03-04
            text = "{days}"
        "#;
        let faults = problems(text);
        assert_eq!(faults.len(), 18, "{faults:#?}");
        for (fault, remedy) in faults.iter().zip([
            "from 0.1 to 1000",
            "one by one, 1 to 1000",
            "such as \"30days\"",
            "like \"https://press.example/bot\"",
            "like \"10.0.0.0/8\"",
            "like \"127.0.0.1:9464\"",
            "from \"10m\" to \"90days\"",
            "chat.owner and chat.admins do not: write their numbers",
            "chat.watched_max is 0: write a number",
            "1 to 32 of a-z",
            "whole address",
            "from \"1s\" to \"7d\"",
            "like \"Europe/Moscow\"",
            "page.date_order is \"american\": write \"dmy\"",
            "address of a feed, or false",
            "page.within is \"div >> [\": write a CSS selector",
            "page.title starts from an entry: write entry as well",
            "no source of that name",
        ]) {
            assert!(fault.starts_with("c.toml: ") && fault.contains(remedy), "{fault}");
        }
    }

    #[test]
    fn slips_of_the_pen_are_told_with_their_line() {
        assert_eq!(
            problems("\n\n[[source]]\nnmae = 'x'\n"),
            [
                "c.toml, line 4: unknown field `nmae`, expected one of `name`, `title`, `url`, `every`, `zone`, `robots`, `default`, `page`"
            ]
        );
        assert!(problems("[source]\nname='x'")[0].contains("write two brackets"));
        assert!(problems("[delivery]\nper_second = '30'")[0].contains("without quotes"));
        assert!(problems("[[source]]\nname='a'\nurl='u'\nevery = 5")[0].ends_with("like \"5m\""));
        let slip = |line: &str| problems(&format!("[web]\n{line}")).remove(0);
        assert!(
            slip("allowed_ports = 8080").ends_with("write brackets around it, like [8080, 8443]")
        );
        assert!(slip("allowed_ports = 8080").contains("line 2: allowed_ports has an invalid type"));
        assert!(slip("allowed_ports = ['8080']").contains("a port, 1 to 65535"));
        assert!(slip("allowed_ports = [70000]").contains("a port, 1 to 65535"));
        assert!(slip("allowed_ports = [0]").contains("0, which is no port"));
        assert!(slip("allowed_networks = [10]").ends_with("write it in quotes"));
        assert!(problems("[delivery]\ndigest_above = -1")[0].ends_with("write a number above 0"));
        let secret = problems("[[source]]\nname='a'\nurl='desk:secret@court.example'");
        assert!(secret[0].contains("write a whole address") && !secret[0].contains("secret"));
        let secret = problems("[[source]]\nname='a'\nurl='https://desk:secret@court.example/'");
        assert!(
            secret[0].contains("url has a name or a password") && !secret[0].contains("secret@")
        );
        assert!(problems("[[source]").first().unwrap().starts_with("c.toml, line 1: "));
        let counter = |since: &str, text: &str| {
            format!(
                "[[source]]\nname='a'\nurl='https://a.example'\n[[counter]]\nsource='a'\nsince={since}\ntext='{text}'"
            )
        };
        assert!(problems(&counter("2018-02-30", "{days}"))[0].starts_with("c.toml, line 6: "));
        assert!(problems(&counter("'soon'", "{days}"))[0].contains("like 2018-03-04"));
        assert!(problems(&counter("2018-03-04", "days"))[0].contains("write {days} once"));
        let twice = "[[source]]\nname='a'\nurl='https://a.example'\n".repeat(2);
        assert!(problems(&twice)[0].contains("two sources are named"));
        assert!(problems("")[0].contains("nothing is watched"));
    }

    #[test]
    fn the_token_is_asked_for_and_never_shown() {
        let missing = Config::load(&Environment::from([])).unwrap_err().to_string();
        assert!(missing.contains("@BotFather"), "{missing}");
        let bad = Config::load(&Environment::from([("TELOXIDE_TOKEN", "se cret/x")])).unwrap_err();
        assert!(!bad.to_string().contains("cret"), "{bad}");
        let good = Config::load(&Environment::from([("TELOXIDE_TOKEN", " 1:secret\n")])).unwrap();
        assert_eq!(good.token.reveal(), "1:secret");
        assert!(!format!("{good:?}").contains("secret"));
        let file = Environment::from([("TELOXIDE_TOKEN_FILE", "/nowhere/token")]);
        assert!(Config::load(&file).unwrap_err().to_string().contains("TELOXIDE_TOKEN_FILE"));
    }

    #[test]
    fn the_format_of_the_log_is_plain_or_json() {
        let format = |value| Environment::from([("LOG_FORMAT", value)]).log_config();
        assert_eq!(format("").unwrap().format, LogFormat::Plain);
        assert_eq!(format("plain").unwrap().format, LogFormat::Plain);
        assert_eq!(format("json").unwrap().format, LogFormat::Json);
        let error = format("xml").unwrap_err().to_string();
        assert_eq!(error, "LOG_FORMAT is \"xml\": write plain or json");
        let all = Config::load(&Environment::from([("LOG_FORMAT", "xml")])).unwrap_err();
        assert!(all.to_string().contains("TELOXIDE_TOKEN"), "all problems together: {all}");
        assert!(all.to_string().contains("LOG_FORMAT"), "all problems together: {all}");
    }

    #[test]
    fn a_configuration_file_that_is_named_must_be_there() {
        let environment =
            Environment::from([("TELOXIDE_TOKEN", "1:a"), ("COMMUNIQUE_CONFIG", "/nowhere.toml")]);
        let error = Config::load(&environment).unwrap_err().to_string();
        assert!(error.contains("/nowhere.toml") && error.contains("check the path"), "{error}");
    }
}
