//! What a page shows besides its list: counters, contacts, clocks, and whether it is a challenge or an
//! error page.

pub(crate) mod challenge;
pub(crate) mod contacts;
mod counter_phrases;
pub(crate) mod day_counters;
mod day_words;
pub(crate) mod error_page;
pub(crate) mod info;
