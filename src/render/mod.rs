//! Messages: a notification or a reply → the text that is sent, with its buttons. Pure.
//!
//! Promises: every message is within Telegram's limits whatever the source says, and names its
//! source. A link preview is shown only where a chat wants it: the message carries the source's own
//! summary, and a preview would repeat it, slowly, with a picture that nobody chose.
//! Leaves out: the words (`lang`) and the sending (`telegram`).

mod article;
pub mod buttons;
mod counters;
mod digest;
pub mod html;
mod listing;
pub mod operator;
mod push;
mod reply;
pub mod settings;
mod sources;

pub use article::{article, no_text, without_text};
pub use counters::{counters, custom_counter_list, daily, milestone};
pub use digest::digest;
pub use listing::{archive, archive_months, archive_sources, search_results};
pub use push::statement;
pub use reply::{
    advice, channel, forms, greeting, headed, help, in_channel, inline_result, latest, plain,
    restorable, restored, with_channel,
};
pub use sources::{
    PAGE_SOURCES, clocks, contacts, held, page_preview as found_page, sources, unsubscribe_list,
};
