//! Composes messages: a notification or a reply → the text that is sent, with its buttons. Pure.
//!
//! Guarantees: every message is within Telegram's limits whatever the source publishes, and names its
//! source. Link previews are off by default: the message has the source's own summary, which a preview
//! would repeat.
//! Out of scope: the phrases (`lang`) and the sending (`telegram`).

mod archive;
mod article;
pub mod buttons;
mod counters;
mod digest;
pub mod html;
pub mod operator;
mod reply;
pub mod settings;
mod sources;
mod split;
mod statement;

pub use self::archive::{archive, archive_months, archive_sources, search_results};
pub use self::article::{article, no_text, without_text};
pub use self::counters::{counters, custom_counter_list, daily, milestone};
pub use self::digest::digest;
pub use self::reply::{
    advice, channel, forms, greeting, headed, help, in_channel, inline_result, latest, plain,
    restorable, restored, with_channel,
};
pub use self::sources::{
    PAGE_SOURCES, clocks, contacts, held, page_preview as found_page, sources, unsubscribe_list,
};
pub use self::statement::statement;
