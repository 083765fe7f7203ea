//! Extraction: bytes → the entries, counters and contacts of a page or feed. Pure; never an error,
//! never a panic.
//!
//! A document is decoded (`charset`), recognized (`sniff`) and laid out in lines and blocks (`html`,
//! `plain_text`, `layout`). Entries are looked for in two ways, as lines "DATE – TITLE" and by the
//! structure, and one list is chosen (`list`). A page that a script fills in has its list in the data
//! of the script. Counters, contacts, clocks and links to further pages are lines (`page`). A feed has
//! a parser of its own (`feed`), and so has the full text (`article`).
//!
//! Guarantees: nothing is invented (without a printed date there is no date, without a link no link);
//! bounded work, whatever the bytes are.
//! Out of scope: fetching (`fetch`), and which entries are new (`detect`).

mod article;
mod charset;
pub mod date;
mod date_order;
mod derive;
mod document;
mod feed;
mod html;
mod layout;
mod limits;
mod list;
mod newest;
mod page;
mod pattern;
mod plain_text;
mod prepared;
mod read;
mod selectors;
mod sniff;
mod unmatched;

pub use self::{
    date_order::OrderCertainty,
    derive::{derive, order_certainty},
    document::{BODY_BYTES_MAX, Document},
    list::{choose::CandidateList, features::Features},
    read::read,
    selectors::problems,
    unmatched::{UnmatchedRule, unmatched},
};

use self::prepared::{Content, Prepared};
use crate::domain::Article;

/// Returns the main text of a page, or `None` if there is none.
pub fn article(document: &Document<'_>) -> Option<Article> {
    self::article::find(&document.text(), document)
}

/// Returns the candidate lists of a page, the best first. A feed has none.
pub fn explain(document: &Document<'_>) -> Vec<CandidateList> {
    match Prepared::new(document).content {
        Content::Feed => Vec::new(),
        Content::Lines(_, page) => self::list::choose::explain(&page, document),
    }
}

/// Returns the words with which a page says that it is an error page. Only for pages without entries.
pub fn error_page(document: &Document<'_>) -> Option<String> {
    match Prepared::new(document).content {
        Content::Feed => None,
        Content::Lines(_, page) => self::page::error_page::find(&page),
    }
}
