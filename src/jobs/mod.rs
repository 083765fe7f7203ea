//! Background jobs: fetch a full text, or check a page that a user wants to watch, then reply.
//!
//! Guarantees: everyone who asked gets a reply, also if nothing could be fetched. An address that a
//! user gave never leads into a private network. A panic while extracting is contained.
//! Out of scope: waiting and concurrency (`app`), the queue of jobs (`store`).

mod check_page;
mod fetch_article;
mod outcome;
mod runner;

pub use self::runner::JobRunner;
