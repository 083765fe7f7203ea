//! The log: lines on standard error, in plain form for people or as JSON for programs.
//!
//! Guarantees: the token is in no line, whatever a library logs. Under journald, which has a time
//! for each line, the plain form has none.
//! Out of scope: where the settings of the log come from (`config`).

use crate::config::{LogConfig, LogFormat, Token};
use chrono::{DateTime, SecondsFormat, Utc};
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::{fd::AsFd, unix::fs::MetadataExt},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{MakeWriter, time::ChronoUtc},
};

/// Replaces the token in the log.
const REDACTED: &str = "<token>";
/// The levels, as `RUST_LOG` names them.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Starts the log.
///
/// # Errors
/// Returns what to write instead if the filter cannot be parsed.
pub fn start(config: &LogConfig, token: Option<&Token>) -> Result<(), String> {
    let LogConfig { filter, format, journal_stream } = config;
    let parsed = parse_filter(filter).ok_or_else(|| {
        format!(
            "RUST_LOG is {filter:?}: write a level ({}), or levels like warn,communique=debug",
            LEVELS.join(", ")
        )
    })?;
    let secret = token.map(|token| token.reveal().to_owned());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(Redacting { secret })
        .with_ansi(io::stderr().is_terminal())
        .with_timer(ChronoUtc::new("%Y-%m-%dT%H:%M:%SZ".to_owned()));
    // A second log (of a demo inside a test) keeps the first.
    let _ = match format {
        LogFormat::Json => tracing::subscriber::set_global_default(
            builder.json().flatten_event(true).with_span_list(false).finish(),
        ),
        LogFormat::Plain if is_stderr(journal_stream.as_deref()) => {
            tracing::subscriber::set_global_default(
                builder.with_target(false).without_time().finish(),
            )
        }
        LogFormat::Plain => {
            tracing::subscriber::set_global_default(builder.with_target(false).finish())
        }
    };
    Ok(())
}

/// Writes the error that ends the process at `now`, as one line of the format.
///
/// It is not redacted, because no such error contains the token: `config` does not repeat what it
/// read as one, and `telegram` leaves out the addresses of requests.
pub fn write_fatal(format: LogFormat, error: &str, now: DateTime<Utc>) {
    let line = match format {
        LogFormat::Plain => format!("communique: {error}"),
        LogFormat::Json => {
            let timestamp = now.to_rfc3339_opts(SecondsFormat::Secs, true);
            let line = serde_json::json!({
                "timestamp": timestamp,
                "level": "ERROR",
                "message": error,
            });
            line.to_string()
        }
    };
    // Nothing is left to do if standard error is gone as well.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Returns the filter, or `None` if it cannot be parsed.
///
/// A word alone has to be a level: the parser would take any other for a module, and log nothing.
/// Statements of SQL are logged only if the filter names sqlx.
fn parse_filter(filter: &str) -> Option<EnvFilter> {
    let is = |word: &str, level: &&str| level.eq_ignore_ascii_case(word.trim());
    let is_level = |word: &str| LEVELS.iter().any(|level| is(word, level));
    let is_clear = filter.split(',').all(|part| part.contains('=') || is_level(part));
    let shows_sql =
        filter.split(',').any(|part| ["debug", "trace"].iter().any(|level| is(part, level)));
    let quiet = if shows_sql && !filter.contains("sqlx") { ",sqlx=info" } else { "" };
    EnvFilter::try_new(format!("{filter}{quiet}")).ok().filter(|_| is_clear)
}

/// Whether standard error is this stream, which systemd names as `DEVICE:INODE`.
fn is_stderr(stream: Option<&str>) -> bool {
    let Some(stream) = stream else { return false };
    let descriptor = io::stderr().as_fd().try_clone_to_owned();
    let file = descriptor.and_then(|descriptor| File::from(descriptor).metadata());
    file.is_ok_and(|file| stream == format!("{}:{}", file.dev(), file.ino()))
}

/// Writes to standard error, with the token replaced.
#[derive(Clone, Debug)]
struct Redacting {
    secret: Option<String>,
}

impl Redacting {
    fn redact(&self, line: &[u8]) -> String {
        let text = String::from_utf8_lossy(line);
        match &self.secret {
            Some(secret) => text.replace(secret, REDACTED),
            None => text.into_owned(),
        }
    }
}

impl<'a> MakeWriter<'a> for Redacting {
    type Writer = Redacting;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

impl Write for Redacting {
    // Called once for each line, with the whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(self.redact(line).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_filter_is_levels_and_sql_is_logged_only_on_request() {
        let parsed = |filter: &str| parse_filter(filter).map(|parsed| parsed.to_string());
        for bad in ["verbose", "=x=", "communique"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
        let has_sqlx = |filter: &str| parsed(filter).unwrap().contains("sqlx=info");
        assert!(has_sqlx("debug") && has_sqlx("TRACE") && has_sqlx("warn,debug"));
        assert!(!has_sqlx("info") && !has_sqlx("warn,communique=debug"));
        assert!(parsed("debug,sqlx=debug").unwrap().contains("sqlx=debug"));
    }

    /// Keeps what would be written to standard error.
    #[derive(Clone)]
    struct Memory(Redacting, Arc<Mutex<String>>);

    impl Write for Memory {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.1.lock().unwrap().push_str(&self.0.redact(line));
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_token_is_in_no_message_field_or_span_of_either_form() {
        let secret = "7000000001:AAF7-g0gYncWnm5IyfZlpPRqRRv6kNAGlao";
        let lines = Arc::new(Mutex::new(String::new()));
        let memory = Memory(Redacting { secret: Some(secret.to_owned()) }, lines.clone());
        let log = || {
            let _span = tracing::error_span!("poll", source = secret).entered();
            tracing::error!(error = %format!("https://api/bot{secret}/getMe"), "{secret} failed");
        };
        let (plain, json) = (memory.clone(), memory);
        let plain = tracing_subscriber::fmt().with_writer(move || plain.clone()).finish();
        tracing::subscriber::with_default(plain, log);
        let json = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(move || json.clone())
            .finish();
        tracing::subscriber::with_default(json, log);
        let lines = lines.lock().unwrap();
        assert!(lines.contains("poll") && !lines.contains("AAF7"), "{lines}");
        let line: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!(line["error"], "https://api/bot<token>/getMe");
        assert_eq!(line["message"], "<token> failed");
        assert_eq!(line["span"]["source"], "<token>");
    }
}
