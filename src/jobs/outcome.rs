//! What a job results in: what is stored, and the reply.

use crate::{domain::Message, store::JobResult};

/// What a job results in.
pub(super) struct JobOutcome {
    /// What is stored.
    pub(super) result: JobResult,
    /// Builds the reply, given the number of the watch candidate that is stored.
    pub(super) reply: Box<dyn FnOnce(i64) -> Message + Send>,
}

impl JobOutcome {
    /// Creates an outcome that stores this result and replies with this message.
    pub(super) fn new(result: JobResult, message: Message) -> Self {
        JobOutcome { result, reply: Box::new(move |_| message) }
    }

    /// Creates an outcome that stores nothing.
    pub(super) fn reply(message: Message) -> Self {
        JobOutcome::new(JobResult::Nothing, message)
    }
}
