//! The lanes of the outbox.

/// A queue of deliveries. Each place has one of each. A reply waits for no other lane; an immediate
/// delivery waits for a deferred statement of its place that is due, so that statements keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[repr(i64)]
pub(crate) enum Lane {
    /// Replies to commands and buttons, and notices to the operator.
    Reply = 0,
    /// Statements that are sent as soon as they are detected.
    Immediate = 1,
    /// What waits for a time that the chat chose, and everything about counters.
    Deferred = 2,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Queries of other files write these numbers.
    #[test]
    fn the_numbers_in_the_database_stay() {
        assert_eq!(
            [Lane::Reply, Lane::Immediate, Lane::Deferred].map(|lane| lane as i64),
            [0, 1, 2]
        );
    }
}
