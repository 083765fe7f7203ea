//! Starts the workers and stops them together.
//!
//! Guarantees: the first worker that ends ends all, and its error names it. A shutdown takes less
//! than ten seconds.

use crate::{bot::FatalError, store::StoreError};
use anyhow::Context;
use std::{future::Future, time::Duration};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// How long all workers may take to end at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(9_500);

/// How a worker ended, with its name.
type Ended = (&'static str, anyhow::Result<()>);

/// The workers that run.
#[derive(Debug, Default)]
pub(crate) struct Supervisor {
    workers: JoinSet<Ended>,
    stop: CancellationToken,
}

impl Supervisor {
    /// Starts a worker that may be dropped at any point.
    pub(crate) fn spawn(
        &mut self,
        name: &'static str,
        work: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        let stop = self.stop.clone();
        self.workers.spawn(async move {
            let outcome = tokio::select! {
                outcome = work => outcome,
                () = stop.cancelled() => Ok(()),
            };
            (name, outcome)
        });
    }

    /// Starts a worker that finishes what it has begun when the token that it gets is cancelled.
    pub(crate) fn spawn_draining<F>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(CancellationToken) -> F,
    ) where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let work = work(self.stop.clone());
        self.workers.spawn(async move { (name, work.await) });
    }

    /// Runs until `shutdown` is ready or a worker ends, then stops all.
    ///
    /// # Errors
    /// Returns the error of the worker that ended first.
    pub(crate) async fn run(mut self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let first = tokio::select! {
            ended = self.workers.join_next() => ended,
            () = shutdown => None,
        };
        tracing::info!("stopping");
        self.stop.cancel();
        let rest = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, rest).await.is_err() {
            tracing::warn!("some work did not end in time; it goes on at the next start");
        }
        first.map_or(Ok(()), outcome)
    }
}

/// Returns how the process ends after its first worker ended.
fn outcome(first: Result<Ended, JoinError>) -> anyhow::Result<()> {
    match first {
        // These say by themselves what to do, and choose the exit status.
        Ok((_, Err(error))) if error.is::<FatalError>() || error.is::<StoreError>() => Err(error),
        Ok((name, outcome)) => outcome.with_context(|| format!("the {name} worker ended")),
        Err(error) => Err(error).context("a worker panicked, which is a bug: please report it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_worker_unless_it_says_by_itself_what_to_do() {
        assert!(outcome(Ok(("jobs", Ok(())))).is_ok());
        let error = outcome(Ok(("jobs", Err(anyhow::anyhow!("no"))))).unwrap_err();
        assert_eq!(error.to_string(), "the jobs worker ended");
        let error = outcome(Ok(("updates", Err(FatalError::Token.into())))).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(FatalError::Token)));
        assert_eq!(error.to_string(), FatalError::Token.to_string());
    }
}
