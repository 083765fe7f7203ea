//! Polling: a source that is due is fetched, extracted, compared with what is known, and recorded.
//!
//! Guarantees: whatever a poll results in is recorded with the time of the next one, in one
//! transaction. A feed that is read in place of a page falls back to the page in the same poll. If
//! more entries were published than a page shows, its next pages are read, a few.
//! Out of scope: waiting and concurrency (`app`), reading documents (`extract`), what is new
//! (`detect`).

mod context;
mod document;
mod feed_choice;
mod hold;
pub mod interval;
mod pagination;
mod poller;
mod result;
mod source_reader;

pub use self::document::{Expected, cut_note, fetch_document};
pub use self::feed_choice::choose_feed;
pub use self::poller::{Polled, Poller};
pub use self::result::{Edits, PageInfo, PollResult};

pub(crate) use self::context::PollContext;
