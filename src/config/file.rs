//! `communique.toml`: its text, and the tables in it.
//!
//! Guarantees: an error names the line and the key, and does not repeat the value, which may be a
//! secret. Out of scope: whether the values make sense (`validate`).

use super::env::Environment;
use serde::Deserialize;
use std::path::Path;

const CONFIG_FILE: &str = "communique.toml";

/// The built-in configuration, for when there is no file.
pub(super) const BUILT_IN: &str = r#"
[[source]]
name = "embassy"
title = "Embassy of Russia in the UK"
url = "https://www.rusemb.org.uk/"
every = "5m"
zone = "Europe/Moscow"
"#;

/// The text of the file.
#[derive(Debug)]
pub(super) struct FileText {
    /// What messages call it.
    pub(super) name: String,
    pub(super) text: String,
}

impl FileText {
    /// Reads the file, or returns the built-in configuration if there is none.
    ///
    /// # Errors
    /// Returns what to do if the file cannot be read, or is named and missing.
    pub(super) fn read(environment: &Environment) -> Result<Self, String> {
        let set = environment.value("COMMUNIQUE_CONFIG");
        let path = set.unwrap_or(CONFIG_FILE);
        if set.is_none() && !Path::new(path).exists() {
            let (name, text) = ("the built-in configuration".to_owned(), BUILT_IN.to_owned());
            return Ok(FileText { name, text });
        }
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(FileText { name: path.to_owned(), text }),
            Err(error) => Err(format!(
                "COMMUNIQUE_CONFIG is {path:?}, which cannot be read ({error}): check the path and its permissions"
            )),
        }
    }

    /// Parses the tables.
    ///
    /// # Errors
    /// Returns the first problem, with its line and what to write instead.
    pub(super) fn parse(&self) -> Result<File, String> {
        let FileText { name, text } = self;
        toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
            let line = before.matches('\n').count() + 1;
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            // The line that is named contains the value, which may be a secret.
            let text = text.lines().nth(line - 1).unwrap_or_default();
            let key = text
                .split_once('=')
                .map(|(key, _)| key.trim())
                .filter(|_| what.starts_with("invalid"));
            let of = key.map(|key| format!("{key} has an ")).unwrap_or_default();
            format!("{name}, line {line}: {of}{what}{}", hint(key, &what))
        })
    }
}

/// The tables of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) delivery: DeliveryTable,
    #[serde(default)]
    pub(super) web: WebTable,
    #[serde(default)]
    pub(super) metrics: MetricsTable,
    #[serde(default)]
    pub(super) chat: ChatTable,
    #[serde(default)]
    pub(super) poll: PollTable,
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    #[serde(default)]
    pub(super) counter: Vec<CounterTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryTable {
    pub(super) per_second: Option<f64>,
    #[serde(default)]
    pub(super) allow_paid_broadcast: bool,
    pub(super) paid_per_second: Option<f64>,
    pub(super) digest_above: Option<usize>,
    pub(super) keep: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebTable {
    pub(super) contact: Option<String>,
    #[serde(default)]
    pub(super) allowed_networks: Vec<String>,
    #[serde(default)]
    pub(super) allowed_ports: Vec<u16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricsTable {
    pub(super) listen: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PollTable {
    pub(super) hold_for: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatTable {
    pub(super) watch: Option<String>,
    pub(super) owner: Option<i64>,
    #[serde(default)]
    pub(super) admins: Vec<i64>,
    pub(super) subscriptions_max: Option<usize>,
    pub(super) watched_max: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) url: String,
    pub(super) every: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) robots: Option<bool>,
    pub(super) default: Option<bool>,
    #[serde(default)]
    pub(super) page: PageTable,
}

/// The page rules of a source; see [`PageRules`](crate::domain::PageRules).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageTable {
    pub(super) entry: Option<String>,
    pub(super) title: Option<String>,
    pub(super) link: Option<String>,
    pub(super) date: Option<String>,
    pub(super) lead: Option<String>,
    pub(super) within: Option<String>,
    pub(super) exclude: Option<String>,
    pub(super) date_format: Option<String>,
    pub(super) date_order: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) feed: Option<toml::Value>,
    pub(super) min_entries: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CounterTable {
    pub(super) source: String,
    pub(super) since: toml::Value,
    pub(super) text: String,
}

/// Returns what to write instead, where the parser says only what is wrong.
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
