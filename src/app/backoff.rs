//! Waiting after failures: once told at the start, once at the end.
//!
//! Promises: waits double up to a limit; a database that is damaged is not waited for.

use crate::store::StoreError;
use std::{error::Error, time::Duration};
use tokio::time::Instant;

/// Waits after failures: the first, and the longest.
pub const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(15);

/// Waits that double while something keeps failing; says so once at the start and once at the end.
#[derive(Debug)]
pub struct Backoff {
    what: &'static str,
    next: Duration,
    since: Option<Instant>,
}

impl Backoff {
    /// Says with these words what fails.
    pub fn new(what: &'static str) -> Self {
        Backoff { what, next: BACKOFF_MIN, since: None }
    }

    /// Waits, and tells the first failure.
    pub async fn wait(&mut self, error: &(dyn Error + Sync)) {
        if self.since.is_none() {
            tracing::warn!("{}, trying again: {}", self.what, ErrorChain(error));
            self.since = Some(Instant::now());
        }
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(BACKOFF_MAX);
    }

    /// The same for a failure of the database.
    ///
    /// # Errors
    /// When the file is damaged: what is written to it from now on may be lost, so nothing is.
    pub async fn wait_for_database(&mut self, error: StoreError) -> Result<(), StoreError> {
        if error.is_damaged() {
            return Err(error);
        }
        self.wait(&error).await;
        Ok(())
    }

    /// It works again.
    pub fn reset(&mut self) {
        if let Some(since) = self.since.take() {
            let seconds = Duration::from_secs(since.elapsed().as_secs().max(1));
            tracing::info!(
                "all is well again after {} ({})",
                humantime::format_duration(seconds),
                self.what
            );
        }
        self.next = BACKOFF_MIN;
    }
}

/// An error with its causes, in one line.
pub struct ErrorChain<'a>(pub &'a dyn Error);

impl std::fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut told = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            // Some libraries tell their cause themselves.
            if !told.ends_with(&words) {
                told = format!("{told}: {words}");
            }
            cause = inner.source();
        }
        f.write_str(&told)
    }
}
