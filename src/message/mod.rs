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
mod help;
pub mod html;
mod inline;
mod latest;
pub mod operator;
pub mod settings;
mod sources;
mod split;
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
    PAGE_SOURCES, clocks, contacts, held, page_preview, sources, unsubscribe_list,
};
pub use self::statement::statement;
pub use self::welcome::{channel, greeting, restorable, restored};
