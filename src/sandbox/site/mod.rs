//! The sample institution, in the layout of an embassy's page: a date line, two clocks, a telephone
//! line, two day counters, a long featured interview, and below it the dated list.

mod site;
mod statement;
mod statement_page;

pub use self::{
    site::{Fault, Response, Site, ZONE},
    statement::{Statement, TITLE},
};
