//! communique polls the pages and feeds on which institutions publish statements, and delivers every
//! new dated entry to the Telegram chats that subscribed.
//!
//! Data flows one way, from a page to a message:
//!
//! 1. [`poll`] finds the sources that are due and runs each poll to its record in the database;
//! 2. [`fetch`] gets the document: redirects, robots.txt, limits, the SSRF guard;
//! 3. [`extract`] turns its bytes into an [`Extraction`](domain::Extraction): entries, counters,
//!    feeds;
//! 4. [`detect`] compares the entries with the known ones: which are new, or is the list suspicious?
//! 5. [`store`] records the poll, and enqueues notifications in the outbox, in one transaction;
//! 6. [`deliver`] claims deliveries, composes them with [`message`] and [`lang`], sends them at the
//!    rate of Telegram, and settles the outcomes;
//! 7. [`telegram`] makes the requests;
//! 8. [`bot`] handles updates: commands, buttons, permissions; its replies are deliveries too;
//! 9. [`jobs`] fetches what a reply needs: a full text, a page to watch;
//! 10. [`app`] runs all that as workers, and reads the clock.
//!
//! [`domain`] has the values that all of them use, [`config`] the configuration, [`telemetry`] logs
//! and metrics, [`cli`] the commands. [`sandbox`] is a Bot API and a sample institution on loopback,
//! for [`demo`] and for tests. ARCHITECTURE.md says which module may use which.

pub mod domain;

pub mod config;
pub mod telemetry;

pub mod fetch;

pub mod extract;

pub mod detect;

pub mod store;

pub mod poll;

pub mod lang;
pub mod message;
pub mod telegram;

pub mod deliver;

pub mod bot;
pub mod jobs;

pub mod app;

pub mod cli;
pub mod demo;
pub mod sandbox;
