//! The outbox: deliveries and notifications, written in the transaction of their cause.
//!
//! Guarantees: nothing is sent that is not a row here. A delivery is claimed, sent and settled, and a
//! crash at any point leaves a row that says what to do next.
//! Out of scope: sending (`deliver`).

pub(crate) mod claim;
pub(crate) mod enqueue;
pub(crate) mod fanout;
pub(crate) mod inspect;
pub(crate) mod lane;
mod merge;
pub(crate) mod payload;
mod prune;
pub(crate) mod queue;
mod recover;
mod settle;
pub(crate) mod status;
