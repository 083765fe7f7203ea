//! All integration tests, in one binary: linking is what takes time.

mod architecture;
mod binary;
mod browser;
mod chat;
mod doors;
mod fairness;
mod faults;
mod files;
mod fuzz;
mod harness;
mod hostile;
mod kills;
mod layouts;
mod outage;
mod pacing;
mod polls;
mod reader;
mod refusals;
mod restore;
mod scenarios;
mod simulation;
mod store;
mod telegram;
mod told;
mod web;
mod year;
