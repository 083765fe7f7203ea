//! What a page shows besides its list: counters, contacts, clocks, and whether it is a challenge or an
//! error page.

pub(crate) mod challenge;
pub(crate) mod contacts;
pub(crate) mod day_counters;
pub(crate) mod error_page;
pub(crate) mod info;
