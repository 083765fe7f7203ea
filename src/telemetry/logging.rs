//! The log: lines on standard error, without secrets.
//!
//! Promises: whatever a library writes, the token is not in it.

use crate::config::Token;
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::{
    EnvFilter,
    fmt::{MakeWriter, time::ChronoUtc},
};

/// What stands in the log in place of the token.
const REDACTED: &str = "<token>";

/// Starts the log. `filter` is in the form of `RUST_LOG`.
///
/// # Errors
/// When the filter makes no sense; says what to write.
pub fn start(filter: &str, token: Option<&Token>) -> Result<(), String> {
    // A word alone is a level; otherwise it would be taken for the name of a library, and nothing logged.
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word.trim()));
    let is_clear = filter.split(',').all(|part| part.contains('=') || is_level(part));
    let parsed = EnvFilter::try_new(filter).ok().filter(|_| is_clear);
    let parsed = parsed.ok_or_else(|| {
        format!(
            "RUST_LOG is {filter:?}: write a level ({}), or levels like warn,communique=debug",
            LEVELS.join(", ")
        )
    })?;
    let secret = token.map(|token| token.reveal().to_owned());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(Redacting { secret })
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_timer(ChronoUtc::new("%Y-%m-%dT%H:%M:%SZ".to_owned()))
        .finish();
    // A second log (of a demo inside a test) keeps the first.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

#[derive(Clone, Debug)]
struct Redacting {
    secret: Option<String>,
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
        let text = String::from_utf8_lossy(line);
        let text = match &self.secret {
            Some(secret) => text.replace(secret, REDACTED),
            None => text.into_owned(),
        };
        io::stderr().write_all(text.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
