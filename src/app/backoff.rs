//! Backoff after failures of Telegram or the database.
//!
//! Guarantees: waits double up to a limit. The first failure of a series is logged, and the
//! recovery. A damaged database is not waited for.

use super::error_chain::ErrorChain;
use crate::store::StoreError;
use std::{error::Error, time::Duration};
use tokio::time::Instant;

/// The wait after the first failure.
pub(super) const BACKOFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait.
const BACKOFF_MAX: Duration = Duration::from_secs(15);

/// Waits after the failures of one operation.
#[derive(Debug)]
pub(super) struct Backoff {
    operation: &'static str,
    next: Duration,
    failing: Option<Failing>,
}

/// A series of failures.
#[derive(Debug)]
struct Failing {
    since: Instant,
    attempts: u32,
}

impl Backoff {
    /// Creates the backoff of an operation, which the log names so: "sending".
    pub(super) fn new(operation: &'static str) -> Self {
        Backoff { operation, next: BACKOFF_MIN, failing: None }
    }

    /// Waits after a failure.
    pub(super) async fn wait(&mut self, error: &(dyn Error + Sync)) {
        self.log(&ErrorChain(error));
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(BACKOFF_MAX);
    }

    /// Counts and logs a failure.
    fn log(&mut self, error: &ErrorChain<'_>) {
        let operation = self.operation;
        match &mut self.failing {
            None => {
                tracing::warn!(%error, "{operation} failed, retrying");
                self.failing = Some(Failing { since: Instant::now(), attempts: 1 });
            }
            Some(Failing { attempts, .. }) => {
                *attempts += 1;
                tracing::debug!(%error, attempt = *attempts, "{operation} failed again, retrying");
            }
        }
    }

    /// Waits after a failure of the database.
    ///
    /// # Errors
    /// Returns the error if the file is damaged: what is written to it from now on may be lost, so
    /// nothing is written.
    pub(super) async fn wait_for_database(&mut self, error: StoreError) -> Result<(), StoreError> {
        if error.is_damaged() {
            return Err(error);
        }
        self.wait(&error).await;
        Ok(())
    }

    /// Ends a series of failures: the operation succeeded.
    pub(super) fn reset(&mut self) {
        if let Some(Failing { since, attempts }) = self.failing.take() {
            let seconds = Duration::from_secs(since.elapsed().as_secs().max(1));
            let after = humantime::format_duration(seconds);
            tracing::info!(%after, attempts, "{} works again", self.operation);
        }
        self.next = BACKOFF_MIN;
    }
}
