//! The configuration: the environment, `.env` and `communique.toml`, read and checked at once.
//!
//! Guarantees: all problems are reported together, each with the setting and what to write instead.
//! Out of scope: opening what the settings name.

mod address;
mod env;
mod error;
mod file;
mod validate;

pub use self::{
    env::{Environment, LogConfig, LogFormat, Token},
    error::ConfigError,
    validate::FileConfig,
};

use self::{address::web_address, file::FileText};
use url::Url;

const API_URL: &str = "https://api.telegram.org/";

/// The whole configuration, valid.
#[derive(Clone, Debug)]
pub struct Config {
    /// The token of the bot.
    pub token: Token,
    /// The address of the Bot API.
    pub api_url: Url,
    /// The address of the database.
    pub database_url: String,
    /// What the file says.
    pub watch: FileConfig,
}

impl Config {
    /// Reads and checks everything that `run` needs.
    ///
    /// # Errors
    /// Returns all problems.
    pub fn load(environment: &Environment) -> Result<Self, ConfigError> {
        let mut problems = environment.problems();
        let token = environment.token().map_err(|problem| problems.push(problem)).ok();
        let api_url = environment.value("TELOXIDE_API_URL").unwrap_or(API_URL);
        let api_url = web_address(api_url)
            .map_err(|why| problems.push(format!("TELOXIDE_API_URL {why}")))
            .ok();
        let file = read_file(environment).map_err(|mut more| problems.append(&mut more)).ok();
        match (token, api_url, file) {
            (Some(token), Some(api_url), Some(watch)) if problems.is_empty() => {
                Ok(Config { token, api_url, database_url: environment.database_url(), watch })
            }
            _ => Err(ConfigError(problems)),
        }
    }

    /// Reads and checks the file only, for commands that need no token.
    ///
    /// # Errors
    /// Returns all problems.
    pub fn load_file(environment: &Environment) -> Result<FileConfig, ConfigError> {
        read_file(environment).map_err(ConfigError)
    }
}

/// Reads and checks the file.
fn read_file(environment: &Environment) -> Result<FileConfig, Vec<String>> {
    let file = FileText::read(environment).map_err(|problem| vec![problem])?;
    let tables = file.parse().map_err(|problem| vec![problem])?;
    self::validate::validate(tables)
        .map_err(|problems| problems.iter().map(|what| format!("{}: {what}", file.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let swapped = Environment::from([("TELOXIDE_TOKEN_FILE", "1:secret")]);
        assert!(!Config::load(&swapped).unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn all_problems_are_reported_together() {
        let environment =
            Environment::from([("LOG_FORMAT", "xml"), ("TELOXIDE_API_URL", "telegram")]);
        let all = Config::load(&environment).unwrap_err().to_string();
        for name in ["LOG_FORMAT", "TELOXIDE_TOKEN", "TELOXIDE_API_URL"] {
            assert!(all.contains(name), "{all}");
        }
    }

    #[test]
    fn a_configuration_file_that_is_named_must_be_there() {
        let environment =
            Environment::from([("TELOXIDE_TOKEN", "1:a"), ("COMMUNIQUE_CONFIG", "/nowhere.toml")]);
        let error = Config::load(&environment).unwrap_err().to_string();
        assert!(error.contains("/nowhere.toml") && error.contains("check the path"), "{error}");
    }
}
