//! Messages: a notification or a reply → the text that is sent. Pure.
//!
//! Promises: every message is within Telegram's limits whatever the source says, and names its
//! source. A link preview is never asked for: the message carries the source's own summary, and a
//! preview would repeat it, slowly, with a picture that nobody chose.
//! Leaves out: the words (`lang`) and the sending (`telegram`).

mod digest;
pub mod html;
mod push;
mod reply;

pub use digest::digest;
pub use push::push;
pub use reply::{Listing, counters, greeting, help, latest};
