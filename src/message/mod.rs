//! Messages: a notification or a reply → the text that is sent, with its buttons. Pure.
//!
//! Promises: every message is within Telegram's limits whatever the source says, and names its
//! source. A link preview is shown only where a chat wants it: the message carries the source's own
//! summary, and a preview would repeat it, slowly, with a picture that nobody chose.
//! Leaves out: the words (`lang`) and the sending (`telegram`).

mod archive;
mod article;
pub mod buttons;
mod counters;
mod digest;
mod help;
pub mod html;
mod inline;
mod latest;
pub mod operator;
pub mod settings;
mod sources;
mod statement;
mod welcome;

pub use self::archive::{archive, archive_months, archive_sources, search_results};
pub use self::article::{article, no_text, without_text};
pub use self::counters::{counters, custom_counter_list, daily, milestone};
pub use self::digest::digest;
pub use self::help::{advice, forms, headed, help, in_channel, plain, with_channel};
pub use self::inline::inline_result;
pub use self::latest::latest;
pub use self::sources::{
    PAGE_SOURCES, clocks, contacts, held, page_preview as found_page, sources, unsubscribe_list,
};
pub use self::statement::statement;
pub use self::welcome::{channel, greeting, restorable, restored};
