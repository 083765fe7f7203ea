//! All integration tests, in one binary, because linking takes most of the time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints what it measured"
)]

mod architecture;
mod binary;
mod browser;
mod chat;
mod fairness;
mod faults;
mod files;
mod fuzz;
mod habits;
mod held;
mod hostile;
mod kills;
mod layouts;
mod lists;
mod lists_choice;
mod lists_dates;
mod lists_years;
mod news;
mod outage;
mod pacing;
mod page_rules;
mod polls;
mod reader;
mod rebinding;
mod refusals;
mod restore;
mod scenarios;
mod simulation;
mod slow;
mod store;
mod support;
mod telegram;
mod updates;
mod web;
mod year;
