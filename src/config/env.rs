//! The environment and `.env`: the token, the database, the log.
//!
//! Guarantees: the token is never shown, not even by `{:?}`. A line of `.env` that cannot be parsed
//! is not shown either, since it may be the token's.

use super::error::ConfigError;
use std::{
    collections::BTreeMap,
    fmt,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const DATABASE_URL: &str = "sqlite://communique.db";
const LOG_FILTER: &str = "info";

/// The token of the bot: anyone who has it can act as the bot.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Returns a token, or `None` if it does not have the form `NUMBER:SECRET`.
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

    /// Returns the token itself, for requests to Telegram.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
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

/// The environment, with `.env` below it.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    /// What is wrong with `.env`.
    problems: Vec<String>,
    /// The `.env` that was read, if it contains the token.
    secret_file: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of the process, and `.env` of the working directory or of the nearest
    /// parent that has one. The environment takes precedence.
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
                        Err(_) => environment.problems.push(
                            ".env has a line that is not NAME=value: mend it, or put the value in quotes"
                                .to_owned(),
                        ),
                    }
                }
            }
            Err(error) if error.not_found() => {}
            Err(_) => {
                environment.problems.push(".env cannot be read: check its permissions".to_owned());
            }
        }
        environment.values.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        environment
    }

    /// Returns the files with the token that other users of this machine can read.
    pub fn exposed(&self) -> Vec<PathBuf> {
        let of_token = match self.value("TELOXIDE_TOKEN") {
            Some(_) => None,
            None => self.value("TELOXIDE_TOKEN_FILE").map(PathBuf::from),
        };
        let files = self.secret_file.iter().cloned().chain(of_token);
        files.filter(|path| is_exposed(path)).collect()
    }

    /// Returns the value of a variable; `None` if it is unset or empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns what is logged and how.
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

    /// Returns what is wrong with the environment itself: `.env` and the format of the log.
    pub(super) fn problems(&self) -> Vec<String> {
        let format = self.log_config().err();
        self.problems.iter().cloned().chain(format.into_iter().flat_map(|error| error.0)).collect()
    }

    /// Returns the token of the bot.
    ///
    /// # Errors
    /// Returns what to do if there is none, or if it does not have the form of a token.
    pub(super) fn token(&self) -> Result<Token, String> {
        match (self.value("TELOXIDE_TOKEN"), self.value("TELOXIDE_TOKEN_FILE")) {
            (Some(token), _) => parse_token(token, "TELOXIDE_TOKEN is not a token"),
            // The path is not shown: the log does not redact a token that it does not know.
            (None, Some(path)) if Token::parse(path).is_some() => {
                Err("TELOXIDE_TOKEN_FILE is a token: write it as TELOXIDE_TOKEN, or into a file, and name that".to_owned())
            }
            (None, Some(path)) => {
                let token = std::fs::read_to_string(path).map_err(|error| {
                    format!("TELOXIDE_TOKEN_FILE is {path:?}, which cannot be read ({error}): check the path and its permissions")
                })?;
                parse_token(&token, "TELOXIDE_TOKEN_FILE names a file that holds no token")
            }
            (None, None) => {
                Err("TELOXIDE_TOKEN is not set: get a token from @BotFather and write it into .env, or try `communique demo`, which needs none".to_owned())
            }
        }
    }

    /// Returns the address of the database.
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

/// Returns the `.env` of the working directory, or of the nearest parent that has one.
fn dotenv_path() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join(".env")).find(|path| path.is_file())
}

/// Whether other users than its owner can read a file.
fn is_exposed(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
}

fn parse_token(text: &str, problem: &str) -> Result<Token, String> {
    Token::parse(text)
        .ok_or_else(|| format!("{problem}: copy it whole from @BotFather, like 123456:ABC-def"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_of_the_log_is_plain_or_json() {
        let format = |value| Environment::from([("LOG_FORMAT", value)]).log_config();
        assert_eq!(format("").unwrap().format, LogFormat::Plain);
        assert_eq!(format("plain").unwrap().format, LogFormat::Plain);
        assert_eq!(format("json").unwrap().format, LogFormat::Json);
        let error = format("xml").unwrap_err().to_string();
        assert_eq!(error, "LOG_FORMAT is \"xml\": write plain or json");
    }
}
